"""The player's menu and its way through the activities, for standards that leave the order to the learner."""

from collections.abc import Callable

from .structure import Activity, ActivityState, CourseStructure, MenuItem, State

WhyNot = Callable[[Activity], str]  # why an activity cannot be launched, in words; "" when it can

ENDINGS = {
    "exit": "exited",
    "exitAll": "exited",
    "suspendAll": "suspended",
    "abandon": "abandoned",
    "abandonAll": "abandoned",
}


def menu(state: State, activity: Activity, why_not: WhyNot, depth: int = 0) -> list[MenuItem]:
    """The visible tree; an invisible activity hides itself, what is below it stays (SCORM 1.2 CAM 2.3.2.5)."""
    launchable = activity.kind != "aggregation"
    reason = why_not(activity) if launchable else ""
    outcome = state.activities.get(activity.identifier, ActivityState()).outcome
    item = MenuItem(
        identifier=activity.identifier,
        title=activity.title or activity.identifier,
        depth=depth,
        enabled=launchable and not reason,
        why_not=reason,
        current=activity.identifier == state.current,
        launchable=launchable,
        completion=outcome.completion,
        success=outcome.success,
    )
    below = [line for child in activity.children for line in menu(state, child, why_not, depth + activity.visible)]
    return [item, *below] if activity.visible else below


def neighbour(course: CourseStructure, state: State, step: int, why_not: WhyNot) -> Activity | None:
    """The next (1) or previous (-1) activity that can be launched."""
    leaves = [leaf.identifier for leaf in course.leaves]
    at = leaves.index(state.current) if state.current in leaves else (-1 if step > 0 else len(leaves))
    ordered = course.leaves[at + 1 :] if step > 0 else tuple(reversed(course.leaves[:at]))
    return next((leaf for leaf in ordered if not why_not(leaf)), None)
