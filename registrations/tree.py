"""The activity tree of an instance with what each activity came to, as lines for a page."""

from collections.abc import Mapping
from dataclasses import dataclass

from standards.structure import Activity, ActivityState, CourseStructure


@dataclass(frozen=True)
class Line:
    """One activity of the tree."""

    activity: Activity
    depth: int
    state: ActivityState


def lines(course: CourseStructure, states: Mapping[str, ActivityState]) -> list[Line]:
    """Every activity that is played, in order, with its depth and state."""
    return list(_lines(course.root, 0, states))


def _lines(activity: Activity, depth: int, states: Mapping[str, ActivityState]) -> list[Line]:
    line = Line(activity, depth, states.get(activity.identifier, ActivityState()))
    return [line] + [below for child in activity.children for below in _lines(child, depth + 1, states)]
