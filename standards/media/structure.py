"""The structure every medium has: one activity."""

import uuid

from ..structure import Activity, CourseStructure, Organization

MEDIA = uuid.UUID("6b1a3f0e-54c9-4f0c-9d0c-1f6f2b7b1c55")  # the namespace of our names for files
TYPE = "http://adlnet.gov/expapi/activities/media"


def course_of(medium: str, title: str, identifier: str, href: str) -> CourseStructure:
    root = Activity(identifier, title, kind="sco", href=href, activity_type=TYPE)
    return CourseStructure(
        standard="XAPI", title=title, organizations=(Organization(root),), identifier=identifier, medium=medium
    )
