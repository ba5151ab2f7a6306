"""The verbs on learners, who are no objects: what is said of one holds for all registrations of that id."""

from collections.abc import Collection, Iterable
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from realms.models import Application

from .models import Erasure, LearnerTag, Registration
from .personal import drop_exports

TAG_LENGTH, TAGS_AT_MOST = 100, 50
NAMED = ("learner.tags", "learner.update", "learner.export", "learner.download")  # what the audit log tells by the id


class LearnerError(ValueError):
    """What a learner cannot be given, in words for the person who can act."""


def known(application: Application, learner_ids: Collection[str]) -> set[str]:
    """Those of the ids that a registration, a tag or the record store of the application names."""
    of = {"application": application, "learner_id__in": set(learner_ids)}
    rows = (model.objects.filter(**of).order_by() for model in (Registration, LearnerTag))
    here = {each for found in rows for each in found.values_list("learner_id", flat=True).distinct()}
    is_stated = import_string(settings.STATED_LEARNER)
    return here | {each for each in set(learner_ids) - here if is_stated(application, each)}


# --- tags -------------------------------------------------------------------------------------------------------------


def tags_of(application: Application, learner_id: str) -> list[str]:
    rows = LearnerTag.objects.filter(application=application, learner_id=learner_id)
    return list(rows.order_by("name").values_list("name", flat=True))


@transaction.atomic
def add_tags(application: Application, learner_ids: Iterable[str], names: Iterable[str]) -> None:
    """Put each of the tags on each of the learners, beside those they have. Raises LearnerError."""
    wanted = _clean_tags(names)
    learners = sorted(set(learner_ids))
    rows = [LearnerTag(application=application, learner_id=each, name=name) for each in learners for name in wanted]
    LearnerTag.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    held = LearnerTag.objects.filter(application=application, learner_id__in=learners).order_by()
    counts: dict[str, int] = {}
    for learner_id in held.values_list("learner_id", flat=True):
        counts[learner_id] = counts.get(learner_id, 0) + 1
    if too_many := next((each for each, count in counts.items() if count > TAGS_AT_MOST), None):
        raise LearnerError(f"A learner has at most {TAGS_AT_MOST} tags; {too_many[:100]} would have more.")


def remove_tags(application: Application, learner_id: str, names: Iterable[str]) -> None:
    """Take these tags off the learner; those that are not there are no matter."""
    wanted = [" ".join(name.split()) for name in names]
    LearnerTag.objects.filter(application=application, learner_id=learner_id, name__in=wanted).delete()


def _clean_tags(names: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(cleaned for name in names if (cleaned := " ".join(name.replace("\0", "").split()))))
    if too_long := next((name for name in wanted if len(name) > TAG_LENGTH), None):
        raise LearnerError(f"A tag has at most {TAG_LENGTH} characters; “{too_long[:30]}…” is longer.")
    if len(wanted) > TAGS_AT_MOST:
        raise LearnerError(f"A learner has at most {TAGS_AT_MOST} tags.")
    return wanted


# --- names and address ------------------------------------------------------------------------------------------------


@transaction.atomic
def update(
    application: Application,
    learner_id: str,
    first_name: str | None = None,
    last_name: str | None = None,
    email: str | None = None,
) -> int:
    """Write names and address on every registration of the learner; how many those are. None: as it is."""
    said = {"learner_first_name": first_name, "learner_last_name": last_name, "learner_email": email}
    changes = {name: value for name, value in said.items() if value is not None}
    rows = Registration.objects.filter(application=application, learner_id=learner_id)
    # in one order, so that two who rewrite the same learner do not wait for each other for ever
    found = list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    if changes:
        rows.update(**changes, updated=timezone.now())
    return len(found)


# --- deleting ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_to_forget(application: Application, learner_id: str, asked_by: str) -> None:
    """Have all personal data of the learner in the application deleted, by a task; asking twice is asking once.

    The task is the player's (settings.FORGET_TASK), which knows the record store as well.
    """
    rows = Registration.objects.filter(application=application, learner_id=learner_id).exclude(learner_email="")
    emails = sorted(set(rows.order_by().values_list("learner_email", flat=True)))
    now = timezone.now()
    erasure, is_new = Erasure.objects.get_or_create(
        application=application,
        learner_id=learner_id,
        defaults={"emails": emails, "asked_by": asked_by, "asked": now, "due": now},
    )
    if not is_new:  # what came since the first time goes as well
        erasure.emails, erasure.asked = sorted({*erasure.emails, *emails}), now
        erasure.save(update_fields=["emails", "asked"])
    drop_exports(application.realm, learner_id)
    task = import_string(settings.FORGET_TASK)
    transaction.on_commit(partial(task.delay, erasure.pk), robust=True)
