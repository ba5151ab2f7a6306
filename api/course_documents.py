"""Courses and versions as the API writes them: CourseSchema, and what is in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db.models import Count, Q

from content.models import Course, CourseVersion
from realms.configuration.setting import SCORM
from registrations.models import Registration
from standards.cmi5.statements import Names
from standards.structure import Activity, CourseStructure, Metadata

from .wire import Moment, Wire

Standard = Literal[
    "UNKNOWN",
    "SCORM11",
    "SCORM12",
    "SCORM20042NDEDITION",
    "SCORM20043RDEDITION",
    "SCORM20044THEDITION",
    "AICC",
    "XAPI",
    "CMI5",
    "LTI13",
]


class MetadataSchema(Wire):
    title: str | None = None
    title_language: str | None = None
    description: str | None = None
    description_language: str | None = None
    duration: str | None = None
    typical_time: str | None = None
    keywords: list[str] | None = None


class CourseActivitySchema(Wire):
    external_identifier: str | None = None
    item_identifier: str | None = None
    resource_identifier: str | None = None
    activity_type: Literal["UNKNOWN", "AGGREGATION", "SCO", "ASSET", "OBJECTIVE"] | None = None
    href: str | None = None
    scaled_passing_score: str | None = None
    title: str | None = None
    children: "list[CourseActivitySchema] | None" = None


class CourseSchema(Wire):
    """A course as it is played now, or one of its versions."""

    id: str | None = None
    title: str | None = None
    xapi_activity_id: str | None = None
    created: Moment | None = None
    updated: Moment | None = None
    version: int | None = None
    registration_count: int | None = None
    activity_id: str | None = None
    course_learning_standard: Standard | None = None
    tags: list[str] | None = None
    dispatched: bool | None = None
    metadata: MetadataSchema | None = None
    root_activity: CourseActivitySchema | None = None


@dataclass(frozen=True)
class Extras:
    """What is told on demand."""

    registration_count: bool = False
    metadata: bool = False
    activities: bool = False


def course_schemas(courses: Sequence[Course], extras: Extras) -> list[CourseSchema]:
    """Of each course its current version. The same number of queries for one as for many; `tags` are prefetched."""
    current = {course.current_version_id: course.standard for course in courses if course.current_version_id}
    structures = _structures(current, extras)
    counts = _counts(courses) if extras.registration_count else {}
    return [
        _schema(
            course,
            course.current_version,
            structures.get(course.current_version_id or 0),
            extras,
            counts.get(course.pk, 0),
            course.updated,
        )
        for course in courses
    ]


def version_schemas(versions: Sequence[CourseVersion], extras: Extras) -> list[CourseSchema]:
    """Of versions; `course.application` is at hand."""
    counts = _version_counts(versions) if extras.registration_count else {}
    structures = _structures({version.pk: version.standard for version in versions}, extras)
    return [
        _schema(version.course, version, structures.get(version.pk), extras, counts.get(version.pk, 0), version.created)
        for version in versions
    ]


def _schema(
    course: Course,
    version: CourseVersion | None,
    structure: CourseStructure | None,
    extras: Extras,
    count: int,
    updated: Any,
) -> CourseSchema:
    is_current = version is None or course.current_version_id == version.pk
    made = CourseSchema(
        id=course.course_id,
        title=course.title if is_current or version is None else version.title,
        xapi_activity_id=xapi_activity_id(course, structure),
        created=course.created if version is None or version.number == 0 else version.created,
        updated=updated,
        version=version.number if version is not None else None,
        course_learning_standard=version.standard if version is not None else course.standard,  # type: ignore[arg-type]
        tags=[tag.name for tag in course.tags.all()],
        dispatched=False,
    )
    if extras.registration_count:
        made.registration_count = count
    if structure is not None:
        made.activity_id = structure.root.identifier
        if extras.metadata:
            made.metadata = metadata_schema(structure)
        if extras.activities:
            made.root_activity = activity_schema(structure.root, structure.title)
    return made


def xapi_activity_id(course: Course, structure: CourseStructure | None) -> str | None:
    """The activity under which statements of the course are found; as player.stating names it."""
    if course.standard in SCORM:
        return f"{settings.CONSOLE_ORIGIN}/courses/{course.application.app_id}/{course.pk}"
    if structure is None:
        return None
    if course.standard == "CMI5":
        return Names(f"{course.application_id}/{course.pk}", "", {}).activity_id(structure.root.identifier)
    return structure.root.identifier


def activity_schema(activity: Activity, title: str) -> CourseActivitySchema:
    """CourseActivitySchema of an activity and all below it."""
    score = activity.scaled_mastery_score
    if score is None and activity.mastery_score is not None:
        score = activity.mastery_score / 100
    return CourseActivitySchema(
        external_identifier=activity.identifier,
        item_identifier=activity.identifier,
        resource_identifier=activity.resource or None,
        activity_type=activity.kind.upper(),  # type: ignore[arg-type]
        href=activity.href or None,
        scaled_passing_score=None if score is None else f"{score:g}",
        title=activity.title or title,
        children=[activity_schema(child, child.title) for child in activity.children],
    )


def metadata_schema(structure: CourseStructure) -> MetadataSchema:
    about: Metadata = structure.metadata
    title, title_language = _first(about.title)
    description, description_language = _first(about.description)
    return MetadataSchema(
        title=title or structure.title or None,
        title_language=title_language,
        description=description,
        description_language=description_language,
        duration=about.duration or None,
        typical_time=about.typical_learning_time or None,
        keywords=list(about.keywords),
    )


def _first(texts: Mapping[str, str]) -> tuple[str | None, str | None]:
    """One text and its language, English first."""
    if not texts:
        return None, None
    language = next((each for each in texts if each.lower().startswith("en")), next(iter(texts)))
    return texts[language], language or None


def _structures(standards: Mapping[int, str], extras: Extras) -> dict[int, CourseStructure]:
    """Those of the versions that are needed: SCORM's activity ids need none."""
    wanted = [pk for pk, standard in standards.items() if extras.metadata or extras.activities or standard not in SCORM]
    rows = CourseVersion.objects.filter(pk__in=wanted).values_list("pk", "structure") if wanted else ()
    return {pk: CourseStructure.from_json(structure) for pk, structure in rows}


def _counts(courses: Iterable[Course]) -> dict[int, int]:
    """Registrations of each course, without those of the sandbox."""
    real = Registration.objects.filter(course__in=[course.pk for course in courses], is_sandbox=False)
    rows = real.values("course_id").annotate(count=Count("pk")).order_by()
    return {row["course_id"]: row["count"] for row in rows}


def _version_counts(versions: Iterable[CourseVersion]) -> dict[int, int]:
    """Registrations that have an instance on each version."""
    real = Q(instances__registration__is_sandbox=False)
    rows = CourseVersion.objects.filter(pk__in=[version.pk for version in versions])
    counted = rows.annotate(count=Count("instances__registration", filter=real, distinct=True))
    return dict(counted.values_list("pk", "count"))
