"""What people and their bulk jobs do to courses that are there: tag, move to another application, take away."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from realms.models import Application

from .errors import ContentError, ResultsKept
from .happened import note_deleted
from .locks import lock_played
from .models import Course, CourseTag, ImportJob, PackageFile

TAG_LENGTH, TAGS_AT_MOST = 100, 50


class MoveRefused(ContentError):
    """A course cannot go to the other application; the words say why."""

    code = "move-refused"


# --- tags -------------------------------------------------------------------------------------------------------------


def clean_tags(names: Iterable[str]) -> list[str]:
    """The tags as they are kept, each once. Raises ContentError."""
    wanted = list(dict.fromkeys(cleaned for name in names if (cleaned := " ".join(name.replace("\0", "").split()))))
    if too_long := next((name for name in wanted if len(name) > TAG_LENGTH), None):
        raise ContentError(
            _("A tag has at most %(tag_length)s characters; “%(too_long)s…” is longer.")
            % {"tag_length": TAG_LENGTH, "too_long": too_long[:30]}
        )
    _refuse_many_tags(len(wanted))
    return wanted


def _refuse_many_tags(count: int) -> None:
    if count > TAGS_AT_MOST:
        raise ContentError(_("A course has at most %(tags_at_most)s tags.") % {"tags_at_most": TAGS_AT_MOST})


@transaction.atomic
def set_tags(course: Course, names: Iterable[str]) -> None:
    """Let the course have these tags and no others. Raises ContentError."""
    wanted = clean_tags(names)
    Course.objects.select_for_update().get(pk=course.pk)
    course.tags.exclude(name__in=wanted).delete()
    CourseTag.objects.bulk_create([CourseTag(course=course, name=name) for name in wanted], ignore_conflicts=True)
    course.save(update_fields=["updated"])


@transaction.atomic
def add_tags(course: Course, names: Iterable[str]) -> None:
    """Put these tags on the course beside those it has. Raises ContentError."""
    wanted = clean_tags(names)
    Course.objects.select_for_update().get(pk=course.pk)
    CourseTag.objects.bulk_create([CourseTag(course=course, name=name) for name in wanted], ignore_conflicts=True)
    _refuse_many_tags(CourseTag.objects.filter(course=course).count())
    course.save(update_fields=["updated"])


@transaction.atomic
def remove_tags(course: Course, names: Iterable[str]) -> None:
    """Take these tags off the course; those it does not have are no matter."""
    if course.tags.filter(name__in=[" ".join(name.split()) for name in names]).delete()[0]:
        course.save(update_fields=["updated"])


# --- moving -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def move_course(course: Course, target: Application) -> bool:
    """Move the course with its versions, files and sandbox registrations; False where it is there already.

    Raises MoveRefused. A course with registrations of learners stays where it is: their ids, results, statements and
    what is charged for them belong to their application, whose key is all that its owner has.
    """
    two = Application.objects.select_for_update(no_key=True).filter(pk__in=[course.application_id, target.pk])
    found = {each.pk for each in two.order_by("pk")}  # always in this order, so that no two wait for each other
    held = Course.objects.filter(pk=course.pk).first()
    if held is None or target.pk not in found:
        raise MoveRefused(_("It has been deleted."))
    if held.application_id == target.pk:
        return False
    if held.application_id not in found:
        raise MoveRefused(_("Somebody else has just moved it."))
    _refuse_move(held, target)
    lock_played(held.versions.all(), held)
    Course.objects.select_for_update().get(pk=held.pk)  # now nobody opens a registration of it
    _refuse_move(held, target)
    held.registrations.update(application=target)  # those of the sandbox: there are no others
    ImportJob.objects.filter(version__course=held).update(application=target)  # their files are the course's own
    Course.objects.filter(pk=held.pk).update(application=target, updated=timezone.now())
    return True


def _refuse_move(course: Course, target: Application) -> None:
    if target.realm_id != course.application.realm_id or target.is_management:
        raise MoveRefused(_("It cannot be moved to this application."))
    if course.registrations.filter(is_sandbox=False).exists():
        raise MoveRefused(_("It has registrations of learners, which belong to their application."))
    if Course.objects.filter(application=target, course_id=course.course_id).exists():
        words = _("The application %(name)s has a course with the id %(id)s already.")
        raise MoveRefused(words % {"name": target.name, "id": course.course_id})
    coming = ImportJob.objects.unfinished().filter(application=course.application_id, course_id=course.course_id)
    if coming.exists():
        raise MoveRefused(_("A new version of it is being imported."))


# --- taking away ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Left:
    """What a course that is gone has left in the storage, to be removed once that is committed."""

    names: list[str]
    archives: list[str]  # whose changed files go too


def take_away(course: Course, *, with_results: bool = True) -> Left:
    """Delete the rows of the course with its versions and registrations, within a transaction.

    `with_results`: also those of learners. Raises ResultsKept, and Course.DoesNotExist where it is gone already.
    """
    # No import adds a version meanwhile, nobody opens a registration. no_key: at its end a report looks after the
    # course and application that its rows name, while it holds rows that are waited for below.
    Application.objects.select_for_update(no_key=True).get(pk=course.application_id)
    Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    lock_played(course.versions.all(), course)
    if not with_results and course.registrations.filter(is_sandbox=False).exists():
        raise ResultsKept(
            _(
                "It has registrations of learners, whose results would go with it. Only who may delete registrations"
                " deletes it: ask an owner or administrator."
            )
        )
    copies = PackageFile.objects.filter(version__course=course).exclude(inflated="")
    archives = list(course.versions.exclude(archive="").values_list("archive", flat=True))
    names = [*archives, *copies.values_list("inflated", flat=True)]
    note_deleted(course)
    course.delete()
    return Left(names, archives)
