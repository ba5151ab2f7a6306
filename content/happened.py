"""Tells customers' systems what happened to courses. Called in the transaction that makes it true."""

from collections.abc import Mapping
from typing import Any

from webhooks import events
from webhooks.services import tell

from .models import Course, CourseVersion


def note_imported(version: CourseVersion) -> None:
    """A course or a new version of it is there, however it came."""
    tell(events.COURSE_IMPORTED, version.course.application_id, lambda: _told(version.course, version))


def note_deleted(course: Course) -> None:
    tell(events.COURSE_DELETED, course.application_id, lambda: _told(course, course.current_version))


def _told(course: Course, version: CourseVersion | None) -> Mapping[str, Any]:
    return {
        "id": course.course_id,
        "title": course.title,
        "version": None if version is None else version.number,
        "standard": course.standard,
    }
