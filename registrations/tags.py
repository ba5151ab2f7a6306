"""Tags on registrations."""

import logging
from collections.abc import Iterable, Sequence
from functools import partial

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from content import services as content
from content.errors import ContentError

from . import learners
from .errors import RegistrationError
from .links import Options
from .models import Registration, RegistrationTag

log = logging.getLogger(__name__)
LENGTH, AT_MOST = 100, 50


def clean(names: Iterable[str], field: str = "tags") -> list[str]:
    """The tags as they are kept, each once. Raises RegistrationError."""
    wanted = list(dict.fromkeys(cleaned for name in names if (cleaned := " ".join(name.replace("\0", "").split()))))
    if too_long := next((name for name in wanted if len(name) > LENGTH), None):
        raise RegistrationError(f"{field}: a tag has at most {LENGTH} characters; “{too_long[:30]}…” is longer.")
    if len(wanted) > AT_MOST:
        raise RegistrationError(f"{field}: there are at most {AT_MOST} tags.")
    return wanted


@transaction.atomic
def add_tags(registrations: Sequence[Registration], names: Iterable[str]) -> None:
    """Put these tags on each registration beside those it has. Raises RegistrationError: then none gets any."""
    wanted = clean(names)
    if not wanted or not registrations:
        return
    pks = sorted({each.pk for each in registrations})
    here = list(Registration.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk").values_list("pk"))
    rows = [RegistrationTag(registration_id=pk, name=name) for (pk,) in here for name in wanted]
    RegistrationTag.objects.bulk_create(rows, ignore_conflicts=True)
    counted = RegistrationTag.objects.filter(registration__in=pks).values("registration").annotate(count=Count("pk"))
    if counted.order_by().filter(count__gt=AT_MOST).exists():
        raise RegistrationError(f"tags: a registration has at most {AT_MOST} tags.")
    Registration.objects.filter(pk__in=pks).update(updated=timezone.now())


@transaction.atomic
def set_tags(registration: Registration, names: Iterable[str]) -> None:
    """Let the registration have these tags and no others. Raises RegistrationError: then it keeps those it has."""
    wanted = clean(names)
    remove_tags(registration, registration.tags.exclude(name__in=wanted).values_list("name", flat=True))
    add_tags([registration], wanted)


@transaction.atomic
def remove_tags(registration: Registration, names: Iterable[str]) -> None:
    """Take these tags off the registration; those it does not have are no matter."""
    if registration.tags.filter(name__in=[" ".join(name.split()) for name in names]).delete()[0]:
        registration.save(update_fields=["updated"])


def add_by_launch(registration: Registration, options: Options) -> None:
    """Put on what a launch link names. A tag that does not fit any more stops no launch."""
    for words, add in (
        (options.tags, partial(add_tags, [registration], options.tags)),
        (options.learner_tags, partial(_tag_learner, registration, options.learner_tags)),
        (options.course_tags, partial(_tag_course, registration, options.course_tags)),
    ):
        if words:
            try:
                add()
            except (ValueError, ContentError) as error:
                log.info("tags of a launch link are left out: %s", error)


def _tag_learner(registration: Registration, names: Iterable[str]) -> None:
    learners.add_tags(registration.application, [registration.learner_id], names)


def _tag_course(registration: Registration, names: Iterable[str]) -> None:
    content.add_tags(registration.course, names)
