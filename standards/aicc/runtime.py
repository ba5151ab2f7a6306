"""The run-time data of an assignable unit (AU): what content finds, and what a report makes of it (CMI001 section 5).

It is kept under the names of AICC's API, cmi.core.lesson_status and so on, whether content speaks HACP or the API.
"""

from collections.abc import Mapping
from dataclasses import replace

from .. import lesson_data, lessons
from ..lesson_data import STATUS
from ..structure import Activity, ActivityState, CourseStructure, Launch, Learner, Report, State

Settings = Mapping[str, str]


def accept(activity: Activity, held: ActivityState, report: Report, settings: Settings) -> ActivityState:
    """An AU's state after a report; see `standards.registry.Standard`."""
    return lesson_data.accept(activity, held, _attempted(report), settings)


def record(course: CourseStructure, state: State, report: Report, settings: Settings) -> State:
    """The state after a report; see `standards.registry.Standard`."""
    return lessons.record(course, state, _attempted(report), settings)


STATUSES = ("passed", "completed", "failed", "incomplete", "browsed", "not attempted")


def status_word(text: str) -> str:
    """A word of the vocabulary by its first letter, in any case; "" for what is none (CMI001 5, Lesson_Status)."""
    letter = text.strip().lower()[:1]
    return next((word for word in STATUSES if letter and word[0] == letter), "")


def _attempted(report: Report) -> Report:
    """The status in the vocabulary's own words. An AU that says "not attempted" of itself has been attempted: that word
    is the system's alone."""
    if STATUS not in report.values:
        return report
    values = dict(report.values)
    word = status_word(values.pop(STATUS))
    if word:
        values[STATUS] = "incomplete" if word == "not attempted" else word
    return replace(report, values=values)


def launch(course: CourseStructure, state: State, learner: Learner, settings: Settings) -> Launch:
    """What the player shows; see `standards.registry.Standard`."""
    find = lambda activity, held: initial_values(course, activity, held, learner)  # noqa: E731
    return lessons.launch(course, state, "aicc", find)


def initial_values(
    course: CourseStructure, activity: Activity, held: ActivityState, learner: Learner
) -> dict[str, str]:
    """The whole data model content finds: SCORM 1.2's, with what AICC alone has."""
    values = lesson_data.initial_values(activity, held, learner)
    values["cmi.evaluation.course_id"] = course.identifier
    values["cmi.student_data.attempt_number"] = str(max(1, held.attempts))
    if learner.first_name or learner.last_name:
        values["cmi.student_demographics.familiar_name"] = learner.first_name or learner.last_name
    return values
