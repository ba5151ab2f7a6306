"""Rows that learners' reports write, locked before what they belong to is deleted.

Always in the order of a report (registrations.sessions): instances, launches, activities, registrations. Two that lock
in different orders would wait for each other, and the database ends one of them with an error.
"""

from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from .models import Course, CourseVersion


def lock_played(versions: QuerySet[CourseVersion], course: Course | None = None) -> None:
    """Wait until no report, launch or log is being written about the versions; hold them off until the transaction
    ends. `course`: its registrations too."""
    instance = _of(CourseVersion, "instances")
    launch, activity = _of(instance, "launches"), _of(instance, "activities")
    which = versions.values("pk")
    _lock(instance._default_manager.filter(version__in=which))
    _lock(launch._default_manager.filter(version__in=which))
    _lock(activity._default_manager.filter(instance__version__in=which))
    if course is not None:
        _lock(course.registrations.all())


def hold_in_place(course: Course) -> bool:
    """Whether the course is still in its application, where it then stays until the transaction ends.

    Those who make something of a course in its application need not wait for one another for that, only for a move.
    """
    if connection.features.has_select_for_update:
        share = "SELECT id, application_id FROM content_course WHERE id = %s FOR KEY SHARE"
        rows = [each.application_id for each in Course.objects.raw(share, [course.pk])]
    else:
        rows = list(Course.objects.filter(pk=course.pk).values_list("application_id", flat=True))
    return rows == [course.application_id]


def _lock(rows: QuerySet[Any]) -> None:
    list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _of(model: type[Model], name: str) -> type[Model]:
    """The model of a reverse relation: those rooms are above this one."""
    related = model._meta.get_field(name).related_model
    assert isinstance(related, type)
    return related
