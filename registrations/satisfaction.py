"""What the registration page shows of a cmi5 course: which AUs are satisfied and how, which session is open."""

from dataclasses import dataclass
from typing import Any

from standards.cmi5.rollup import WAIVED, is_satisfied
from standards.cmi5.session import open_session_of
from standards.cmi5.vocabulary import REASONS
from standards.structure import Activity, ActivityState, CourseStructure, State

MOVE_ON = {
    "NotApplicable": "needs nothing",
    "Passed": "passed",
    "Completed": "completed",
    "CompletedAndPassed": "completed and passed",
    "CompletedOrPassed": "completed or passed",
}


@dataclass(frozen=True)
class Unit:
    """An AU, its moveOn in words, and whether it is met."""

    activity: Activity
    move_on: str
    is_satisfied: bool
    waived: str  # the reason, "" where it was not


def satisfaction(course: CourseStructure, state: State) -> dict[str, Any] | None:
    """None for courses of other standards."""
    if course.standard != "CMI5":
        return None
    units = [_unit(leaf, state.activities.get(leaf.identifier, ActivityState())) for leaf in course.leaves]
    session = open_session_of(state)
    return {
        "units": units,
        "met": sum(unit.is_satisfied for unit in units),
        "can_be_waived": [unit for unit in units if not unit.waived],
        "reasons": REASONS,
        "session": session,
        "session_activity": course.activity(session["activity"]) if session else None,
    }


def _unit(leaf: Activity, held: ActivityState) -> Unit:
    waived = held.values.get(WAIVED, "")
    return Unit(leaf, MOVE_ON.get(leaf.move_on, leaf.move_on), is_satisfied(leaf, held), waived)
