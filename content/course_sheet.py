"""The list of courses that an export has: a line for each, in the words and the time of whoever asked for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from realms.sheets import clock, csv_bytes, timed

from .models import Course


@contextmanager
def read_by(person: Any) -> Iterator[None]:
    """Words and times inside are for that person; for the site where the account is gone."""
    language, zone = (person.spoken_language, person.zone) if person else (settings.LANGUAGE_CODE, None)
    with translation.override(language), timezone.override(zone):
        yield


def header() -> list[str]:
    return [
        _("Title"),
        _("Course id"),
        _("App ID"),
        _("Application"),
        _("Standard"),
        _("Version"),
        _("Bytes"),
        _("Files"),
        pgettext("of an import", "Warnings"),
        _("Tags"),
        _("Registrations"),
        timed(_("Created")),
        timed(_("Changed")),
        _("File in the archive"),
    ]


def line_of(course: Course, registrations: int) -> list[Any]:
    """A line without its last cell, the name in the archive."""
    version = course.current_version
    about: tuple[Any, ...] = ("", 0, 0, 0)
    if version is not None:
        size = version.archive_size + version.changed_size
        about = (version.number, size, version.file_count, version.warning_count)
    return [
        course.title,
        course.course_id,
        course.application.app_id,
        course.application.name,
        course.get_standard_display(),
        *about,
        ", ".join(tag.name for tag in course.tags.all()),
        registrations,
        *(clock(at) for at in (course.created, course.updated)),
    ]


def sheet(person: Any, lines: list[list[Any]]) -> bytes:
    """The file."""
    with read_by(person):
        return csv_bytes(header(), lines)
