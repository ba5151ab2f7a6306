"""Courses: list, look at, name, tag, configure, delete; and their versions."""

import uuid
from typing import ClassVar, Literal

from django.db import transaction
from django.http import HttpResponse
from ninja import Query

from content import services, versions
from content.errors import ContentError
from content.levels import course_levels, is_single, version_levels
from content.models import Course, CourseVersion
from lrs.access import caller_of
from lrs.queries import Query as StatementsOf
from player.actors import actor_of
from realms import audit
from realms.configuration import documents
from realms.configuration.levels import COURSE, VERSION
from registrations.models import Instance
from standards.structure import Learner

from . import statements
from .access import ApiRequest
from .auditing import record, record_settings
from .configuration import ConfigurationQuery, SettingListSchema, SettingsPostSchema, after_post, listed
from .course_documents import CourseSchema, Extras, course_schemas, version_schemas, xapi_activity_id
from .errors import NotFound, naming
from .paging import TaggedQuery, resume
from .sections import Section
from .tags import BatchTagsSchema, TagListSchema
from .wire import End, Flag, Moment, Number, Wire

courses = Section("Course", "course")


class CourseListSchema(Wire):
    courses: list[CourseSchema]
    more: str | None = None


class CourseListNonPagedSchema(Wire):
    courses: list[CourseSchema]


class TitleSchema(Wire):
    title: str


class DetailQuery(Wire):
    include_registration_count: Flag = False
    include_course_metadata: Flag = False


class CourseQuery(TaggedQuery):
    columns: ClassVar = {
        "created": "created",
        "updated": "updated",
        "title": "title",
        "course_id": "course_id",
        "tags": "tags__name",
    }

    filter_by: Literal["course_id", "title", "tags"] = "course_id"
    order_by: Literal["created_asc", "created_desc", "updated_asc", "updated_desc", "title_asc", "title_desc"] = (
        "created_desc"
    )
    include_registration_count: Flag = False
    include_course_metadata: Flag = False


class VersionQuery(DetailQuery):
    since: Moment | None = None
    until: End | None = None


class CourseStatementQuery(statements.StatementQuery):
    learner_id: str | None = None


# --- finding ----------------------------------------------------------------------------------------------------------


def course_of(request: ApiRequest, course_id: str) -> Course:
    """The course of the application that asks. Raises NotFound."""
    found = Course.objects.filter(application=request.application, course_id=course_id).prefetch_related("tags")
    course = found.select_related("current_version").defer("current_version__structure").first()
    if course is None:
        raise NotFound("Course", course_id)
    course.application = request.application
    return course


def version_of(request: ApiRequest, course_id: str, number: int | None) -> CourseVersion:
    """A version of the course, or without a number the one that is played. Raises NotFound."""
    course = course_of(request, course_id)
    if number is None:
        version = course.current_version
    else:
        version = course.versions.filter(number=number).defer("structure").first()
    if version is None:
        raise NotFound("Course", course_id if number is None else f"{course_id} version {number}")
    version.course = course
    return version


# --- courses ----------------------------------------------------------------------------------------------------------


@courses.get("/courses", "getCourses", CourseListSchema)
def get_courses(request: ApiRequest, query: Query[CourseQuery], response: HttpResponse) -> CourseListSchema:
    """The courses of the application, a page at a time."""
    asked = resume("getCourses", request.caller, query)
    rows = Course.objects.filter(application=request.application).select_related("current_version", "application")
    page = asked.page(rows.defer("current_version__structure").prefetch_related("tags"))
    page.count_in(response)
    extras = Extras(asked.query.include_registration_count, asked.query.include_course_metadata)
    return CourseListSchema(courses=course_schemas(page.rows, extras), more=page.more)


@courses.get("/courses/{course_id}", "getCourse", CourseSchema)
def get_course(request: ApiRequest, course_id: str, query: Query[DetailQuery]) -> CourseSchema:
    """A course as it is played now, with its activities."""
    extras = Extras(query.include_registration_count, query.include_course_metadata, activities=True)
    return course_schemas([course_of(request, course_id)], extras)[0]


@courses.delete("/courses/{course_id}", "deleteCourse")
def delete_course(request: ApiRequest, course_id: str) -> None:
    """Delete a course with its versions, files and registrations."""
    _delete(request, course_of(request, course_id))


def _delete(request: ApiRequest, course: Course) -> None:
    gone = audit.Target.of(course)
    services.delete_course(course)
    record(request, "course.delete", gone)


@courses.put("/courses/{course_id}/title", "setCourseTitle")
def set_course_title(request: ApiRequest, course_id: str, body: TitleSchema) -> None:
    """Give the course a title; later versions keep it."""
    course = course_of(request, course_id)
    before = course.title
    with naming("title", ContentError):
        services.rename_course(course, body.title)
    record(request, "course.rename", course, title=[before, course.title])


# --- tags -------------------------------------------------------------------------------------------------------------


@courses.get("/courses/{course_id}/tags", "getCourseTags", TagListSchema)
def get_course_tags(request: ApiRequest, course_id: str) -> TagListSchema:
    return TagListSchema(tags=[tag.name for tag in course_of(request, course_id).tags.all()])


@courses.put("/courses/{course_id}/tags", "putCourseTags")
def put_course_tags(request: ApiRequest, course_id: str, body: TagListSchema) -> None:
    """Add tags to those the course has."""
    course = course_of(request, course_id)
    with naming("tags", ContentError):
        services.add_tags(course, body.tags)
    record(request, "course.tags", course, added=body.tags)


@courses.delete("/courses/{course_id}/tags", "deleteCourseTags")
def delete_course_tags(request: ApiRequest, course_id: str, body: TagListSchema | None = None) -> None:
    """Take tags off the course; those it does not have are no matter."""
    course, names = course_of(request, course_id), body.tags if body else []
    services.remove_tags(course, names)
    record(request, "course.tags", course, removed=names)


@courses.put("/courses/tags", "putCourseTagsBatch", errors=(404,))
def put_course_tags_batch(request: ApiRequest, body: BatchTagsSchema) -> None:
    """Add each of the tags to each of the courses, or to none where there is one that does not exist."""
    ids = sorted(set(body.ids))
    found = {
        course.course_id: course for course in Course.objects.filter(application=request.application, course_id__in=ids)
    }
    for course_id in ids:
        if course_id not in found:
            raise NotFound("Course", course_id)
    with transaction.atomic(), naming("tags", ContentError):
        for course_id in ids:
            services.add_tags(found[course_id], body.tags)
        record(request, "course.tags", courses=len(found), added=body.tags)


# --- configuration ----------------------------------------------------------------------------------------------------


@courses.get("/courses/{course_id}/configuration", "getCourseConfiguration", SettingListSchema)
def get_course_configuration(
    request: ApiRequest, course_id: str, query: Query[ConfigurationQuery]
) -> SettingListSchema:
    """The settings as they count for the course, each with where its value comes from."""
    course = course_of(request, course_id)
    return listed(course_levels(course), query, course.standard, is_single(course.current_version_id))


@courses.post("/courses/{course_id}/configuration", "setCourseConfiguration")
@transaction.atomic
def set_course_configuration(request: ApiRequest, course_id: str, body: SettingsPostSchema) -> None:
    """Set settings of the course; those not named stay."""
    course = _locked(course_of(request, course_id))
    _configure(request, course, after_post(course.settings, body, COURSE))


@courses.delete("/courses/{course_id}/configuration/{setting_id}", "deleteCourseConfigurationSetting")
@transaction.atomic
def delete_course_configuration_setting(request: ApiRequest, course_id: str, setting_id: str) -> None:
    """Let the course inherit a setting again."""
    course = _locked(course_of(request, course_id))
    _configure(request, course, documents.without(course.settings, setting_id))


def _configure(request: ApiRequest, course: Course, explicit: dict[str, str]) -> None:
    before = course.settings
    services.configure_course(course, explicit)
    record_settings(request, "course.settings", course, before, explicit)


def _locked(course: Course) -> Course:
    """The course for this transaction alone: two that set settings at once keep both."""
    return Course.objects.select_for_update(no_key=True).get(pk=course.pk)


@courses.get(
    "/courses/{course_id}/versions/{version_id}/configuration", "getCourseVersionConfiguration", SettingListSchema
)
def get_course_version_configuration(
    request: ApiRequest, course_id: str, version_id: Number, query: Query[ConfigurationQuery]
) -> SettingListSchema:
    """The settings as they count for one version."""
    version = version_of(request, course_id, version_id)
    return listed(version_levels(version), query, version.standard, is_single(version.pk))


@courses.post("/courses/{course_id}/versions/{version_id}/configuration", "setCourseVersionConfiguration")
@transaction.atomic
def set_course_version_configuration(
    request: ApiRequest, course_id: str, version_id: Number, body: SettingsPostSchema
) -> None:
    """Set settings of one version, which go before those of the course."""
    version = _locked_version(version_of(request, course_id, version_id))
    _configure_version(request, version, after_post(version.settings, body, VERSION))


@courses.delete(
    "/courses/{course_id}/versions/{version_id}/configuration/{setting_id}", "deleteCourseVersionConfigurationSetting"
)
@transaction.atomic
def delete_course_version_configuration_setting(
    request: ApiRequest, course_id: str, version_id: Number, setting_id: str
) -> None:
    """Let the version inherit a setting again."""
    version = _locked_version(version_of(request, course_id, version_id))
    _configure_version(request, version, documents.without(version.settings, setting_id))


def _configure_version(request: ApiRequest, version: CourseVersion, explicit: dict[str, str]) -> None:
    before = version.settings
    services.configure_version(version, explicit)
    record_settings(request, "version.settings", version, before, explicit)


def _locked_version(version: CourseVersion) -> CourseVersion:
    return CourseVersion.objects.select_for_update(no_key=True).defer("structure").get(pk=version.pk)


# --- versions ---------------------------------------------------------------------------------------------------------


@courses.get("/courses/{course_id}/versions", "getCourseVersions", CourseListNonPagedSchema)
def get_course_versions(request: ApiRequest, course_id: str, query: Query[VersionQuery]) -> CourseListNonPagedSchema:
    """The versions of a course, the first one first."""
    course = course_of(request, course_id)
    rows = course.versions.defer("structure").order_by("number")
    if query.since is not None:
        rows = rows.filter(created__gte=query.since)
    if query.until is not None:
        rows = rows.filter(created__lte=query.until)
    found = list(rows)
    for version in found:
        version.course = course
    extras = Extras(query.include_registration_count, query.include_course_metadata)
    return CourseListNonPagedSchema(courses=version_schemas(found, extras))


@courses.get("/courses/{course_id}/versions/{version_id}", "getCourseVersionInfo", CourseSchema)
def get_course_version_info(
    request: ApiRequest, course_id: str, version_id: Number, query: Query[DetailQuery]
) -> CourseSchema:
    """One version, with its activities."""
    extras = Extras(query.include_registration_count, query.include_course_metadata, activities=True)
    return version_schemas([version_of(request, course_id, version_id)], extras)[0]


@courses.delete("/courses/{course_id}/versions/{version_id}", "deleteCourseVersion")
@transaction.atomic
def delete_course_version(request: ApiRequest, course_id: str, version_id: Number) -> None:
    """Delete a version; the last one takes the course with it. Refused while registrations are on it."""
    version = version_of(request, course_id, version_id)
    course = version.course
    others = course.versions.exclude(pk=version.pk)
    if not others.exists():
        _delete(request, course)
        return
    gone = audit.Target.of(version)
    if course.current_version_id == version.pk:
        versions.make_current(others.order_by("-number")[0], None)
    with naming("versionId", ContentError):
        versions.delete_version(version, None)
    record(request, "version.delete", gone)


# --- statements -------------------------------------------------------------------------------------------------------


@courses.get("/courses/{course_id}/xAPIStatements", "getCourseStatements", statements.XapiStatementResult)
def get_course_statements(request: ApiRequest, course_id: str, query: Query[CourseStatementQuery]) -> HttpResponse:
    """The statements about a course, of all its learners or of one."""
    course = course_of(request, course_id)
    return _statements(request, course, query, f"getCourseStatements {course.pk}")


@courses.get(
    "/courses/{course_id}/versions/{version_id}/xAPIStatements",
    "getCourseVersionStatements",
    statements.XapiStatementResult,
)
def get_course_version_statements(
    request: ApiRequest, course_id: str, version_id: Number, query: Query[CourseStatementQuery]
) -> HttpResponse:
    """Those of registrations on one version."""
    version = version_of(request, course_id, version_id)
    operation = f"getCourseVersionStatements {version.pk}"
    return _statements(request, version.course, query, operation, lambda ids: _on_version(version, ids))


def _statements(
    request: ApiRequest,
    course: Course,
    query: CourseStatementQuery,
    operation: str,
    wanted: statements.Wanted | None = None,
) -> HttpResponse:
    asked = resume(operation, request.caller, query)
    structure = course.current_version.read_structure() if course.current_version is not None else None
    learner = asked.query.learner_id
    found_by = StatementsOf(
        activity=xapi_activity_id(course, structure) or f"urn:uuid:{uuid.UUID(int=0)}",  # nothing is about that
        related_activities=True,
        agent=actor_of(Learner(learner)) if learner else None,
    )
    return statements.answer(asked, caller_of(request.application), found_by, wanted)


def _on_version(version: CourseVersion, ids: object) -> set[str]:
    found = Instance.objects.filter(version=version, xapi_registration__in=list(ids))  # type: ignore[call-overload]
    return {str(each) for each in found.values_list("xapi_registration", flat=True)}
