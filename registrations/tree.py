"""The activity tree of an instance with what each activity came to, as lines for a page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from standards.durations import format_timespan
from standards.structure import Activity, ActivityState, CourseStructure

SECRET = ("au_password",)  # what an AU proves itself with is shown nowhere
NAMES = {"id": "ID", "au": "AU", "aus": "AUs", "cst": "CST", "ort": "ORT", "completion": "completion requirements"}


@dataclass(frozen=True)
class Line:
    """One activity of the tree."""

    activity: Activity
    depth: int
    state: ActivityState
    facts: tuple[tuple[str, str], ...] = ()  # of AICC: what its files say beside the rest, by name


def lines(course: CourseStructure, states: Mapping[str, ActivityState]) -> list[Line]:
    """Every activity that is played, in order, with its depth and state."""
    titles = {objective.identifier: objective.title.get("", "") for objective in course.objectives}
    return list(_lines(course.root, 0, states, titles if course.standard == "AICC" else None))


def _lines(
    activity: Activity, depth: int, states: Mapping[str, ActivityState], titles: Mapping[str, str] | None
) -> Iterator[Line]:
    facts = tuple(_facts(activity, titles)) if titles is not None else ()
    yield Line(activity, depth, states.get(activity.identifier, ActivityState()), facts)
    for child in activity.children:
        yield from _lines(child, depth + 1, states, titles)


def _facts(activity: Activity, titles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Prerequisites, objectives and values of an AU, and the fields of its files; `web_launch` and the like by name."""
    if activity.prerequisites:
        yield "Prerequisites", activity.prerequisites
    if activity.objectives:
        named = (f"{name} ({titles[name]})" if titles.get(name) else name for name in activity.objectives)
        yield "Objectives", "; ".join(named)
    if activity.mastery_score is not None:
        yield gettext("Mastery score"), f"{activity.mastery_score:g}"
    if activity.max_time_allowed is not None:
        yield gettext("Max time allowed"), format_timespan(activity.max_time_allowed)
    if activity.time_limit_action:
        yield gettext("Time limit action"), activity.time_limit_action
    for name, value in activity.details.items():
        if name not in SECRET:
            yield _label(name), value


def _label(name: str) -> str:
    words = " ".join(NAMES.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]
