"""The settings of a course and of its versions, with the levels above them."""

from realms.configuration.levels import APPLICATION, COURSE, STANDARD, VERSION, Level, standard_key
from realms.models import Application

from .models import Course, CourseVersion, structure_of


def is_single(version_id: int | None) -> bool | None:
    """Whether the version has one activity to launch; None where there is no version."""
    if version_id is None:
        return None
    revision = CourseVersion.objects.values_list("revision", flat=True).get(pk=version_id)
    return len(structure_of(version_id, revision).leaves) == 1


def application_levels(application: Application, standard: str, single: bool | None) -> list[Level]:
    """The application, and what it says for such courses."""
    of_standard = {} if single is None else application.standard_settings.get(standard_key(standard, single), {})
    return [Level(APPLICATION, application.settings), Level(STANDARD, of_standard)]


def course_levels(course: Course) -> list[Level]:
    """The course and all above, for its current version."""
    above = application_levels(course.application, course.standard, is_single(course.current_version_id))
    return [*above, Level(COURSE, course.settings)]


def version_levels(version: CourseVersion) -> list[Level]:
    """The version and all above."""
    above = application_levels(version.course.application, version.standard, len(version.read_structure().leaves) == 1)
    return [*above, Level(COURSE, version.course.settings), Level(VERSION, version.settings)]
