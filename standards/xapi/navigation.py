"""Where the learner goes in a Tin Can course. Its content speaks to the LRS alone and says nothing of the way."""

from collections.abc import Mapping
from dataclasses import replace

from ..errors import RequestError
from ..menu import ENDINGS, menu, neighbour
from ..structure import Activity, ActivityState, CourseStructure, Launch, Learner, Report, Request, State
from ..words import to_learner
from .results import counted, next_launch, rolled_up

Settings = Mapping[str, str]
FINISHED = to_learner("This part is finished. Choose where to go on.")
NOTHING = to_learner("There is nothing there to go to.")


def navigate(course: CourseStructure, state: State, request: Request, now: str, settings: Settings) -> State:
    """The state after a request; see `standards.registry.Standard`. Nothing here depends on the clock."""
    name = request.name
    if not request.by_learner:  # its window was closed: the only activity ends the session
        if len(course.leaves) > 1:
            return replace(state, message=FINISHED)
        name = "exitAll"
    if name in ("start", "resumeAll"):
        return _deliver(course, state, _first(course, state, request.target))
    if name in ENDINGS:
        suspended = state.current if name == "suspendAll" else ""
        memory = {**state.memory, "suspended": suspended}
        left = replace(state, current="", ended=ENDINGS[name], message="", memory=memory)
        return rolled_up(course, left)  # the time of reports that were stored for the activity alone
    wanted = course.activity(request.target) if name == "choice" else _beside(course, state, name)
    if wanted is None or _why_not(wanted):
        return replace(state, message=_why_not(wanted) if wanted else NOTHING)
    return _deliver(course, state, wanted)


def _first(course: CourseStructure, state: State, wish: str) -> Activity:
    """The one wished for, else where it was suspended, else the first that is not completed, else the first."""
    for identifier in (wish, str(state.memory.get("suspended", ""))):
        named = course.activity(identifier) if identifier else None
        if named is not None and not _why_not(named):
            return named
    open_ones = (leaf for leaf in course.leaves if _held(state, leaf).outcome.completion != "completed")
    return next(open_ones, course.leaves[0])


def _held(state: State, activity: Activity) -> ActivityState:
    return state.activities.get(activity.identifier, ActivityState())


def _beside(course: CourseStructure, state: State, name: str) -> Activity | None:
    steps = {"continue": 1, "previous": -1}
    return neighbour(course, state, steps[name], _why_not) if name in steps else None


def _why_not(activity: Activity) -> str:
    return "" if activity.href else to_learner("It has no content of its own.")


def _deliver(course: CourseStructure, state: State, activity: Activity) -> State:
    held = counted(next_launch(_held(state, activity)))
    delivered = replace(
        state,
        activities={**state.activities, activity.identifier: held},
        current=activity.identifier,
        ended="",
        message="",
        memory={**state.memory, "suspended": ""},
    )
    return rolled_up(course, delivered)


def accept(activity: Activity, held: ActivityState, report: Report, settings: Settings) -> ActivityState:
    """An activity's state after a report of the player, which knows how long it is shown and nothing else."""
    return counted(replace(held, shown_seconds=held.shown_seconds + report.seconds))


def record(course: CourseStructure, state: State, report: Report, settings: Settings) -> State:
    """The state after a report of the player; see `standards.registry.Standard`. Results come by `record_statement`."""
    activity = course.activity(report.activity)
    if activity is None or report.activity != state.current:
        raise RequestError(f"{report.activity} is not the activity being shown")
    held = accept(activity, _held(state, activity), report, settings)
    return rolled_up(course, replace(state, activities={**state.activities, activity.identifier: held}))


def launch(course: CourseStructure, state: State, learner: Learner, settings: Settings) -> Launch:
    """What the player shows; see `standards.registry.Standard`."""
    activity = course.activity(state.current) if state.current else None
    several = len(course.leaves) > 1
    lines = tuple(menu(state, course.root, _why_not))
    valid = {
        "continue": several and neighbour(course, state, 1, _why_not) is not None,
        "previous": several and neighbour(course, state, -1, _why_not) is not None,
        "exitAll": True,
        "suspendAll": activity is not None,
    }
    valid |= {f"choice.{line.identifier}": line.enabled for line in lines}
    shown = Launch(
        title=course.title, valid=valid, menu=lines, ended=state.ended, message=state.message, outcome=state.outcome
    )
    if activity is None:
        return shown
    return replace(
        shown,
        activity=activity.identifier,
        title=activity.title,
        kind=activity.kind,
        href=activity.href,
        api="xapi",
        hidden=() if several else ("continue", "previous"),
    )
