"""Where the learner goes in a course of SCORM 1.1, SCORM 1.2 or AICC, and what a report changes.

None of the three has sequencing: the learner goes where prerequisites allow, and what the books leave to the LMS is
decided by the settings of the configuration table. `launch` is told what the content of its standard finds.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from .durations import format_timespan
from .errors import RequestError
from .lesson_data import DONE, EXIT, MODE, RAW, STATUS, TOTAL_TIME, accept, close_session, evaluate
from .menu import ENDINGS, menu, neighbour
from .prerequisites import is_satisfied
from .rollup import roll_up
from .structure import (
    Activity,
    ActivityState,
    CourseStructure,
    Given,
    Launch,
    Outcome,
    Report,
    Request,
    State,
)
from .words import to_learner

Settings = Mapping[str, str]
Values = Callable[[Activity, ActivityState], Mapping[str, str]]  # the whole data model the content finds
NOT_YET = to_learner("Its prerequisites are not met yet.")
FINISHED = to_learner("This part is finished. Choose where to go on.")
FINISHED_ALONE = to_learner("This activity is finished. Leave with the controls.")
LEAVE_NOW = to_learner("The activity is finished. Do you want to leave the course?")
CHOOSE = to_learner("Choose an activity to go on.")
WAYS = {"suspend": "Suspend", "time-out": "Timeout", "logout": "Logout"}  # cmi.core.exit in the names of settings


def navigate(course: CourseStructure, state: State, request: Request, now: str, settings: Settings) -> State:
    """The state after a request; see `standards.registry.Standard`. Nothing here depends on the clock."""
    name, target = request.name, request.target
    if not request.by_learner:
        action = exit_action(course, state, settings)
        name = _request_of(action, state)
        if not name:
            return _stay(course, state, action)
    if name in ("start", "resumeAll"):
        return _start(course, state, settings, target)
    if name == "exit" and len(course.leaves) > 1:
        return replace(_leave(course, state, settings), ended="", message=CHOOSE)
    if name in ENDINGS:
        closed = _leave(course, state, settings, abandon=name.startswith("abandon"))
        memory = {**closed.memory, "suspended": state.current if name == "suspendAll" else ""}
        return replace(closed, current="", ended=ENDINGS[name], message="", memory=memory)
    left = _leave(course, state, settings)  # what the item came to may open the next
    here = replace(left, current=state.current)
    wanted = course.activity(target) if name == "choice" else _neighbour(course, here, 1 if name == "continue" else -1)
    if wanted is None or _why_not(course, left, wanted):
        message = _why_not(course, left, wanted) if wanted else to_learner("There is nothing there to go to.")
        return replace(state, message=message)
    return _deliver(left, wanted, settings)


def exit_action(course: CourseStructure, state: State, settings: Settings) -> str:
    """What follows LMSFinish when the learner asked for nothing: one of sixteen settings decides.

    Of an activity in the middle its own status counts, of the last one what the course has come to.
    """
    held = state.activities.get(state.current, ActivityState())
    way = WAYS.get(held.values.get(EXIT, ""), "Normal")
    if way == "Logout" and settings.get("PlayerLogoutCausesPlayerExit", "YES") != "YES":
        way = "Normal"
    if _neighbour(course, state, 1) is None:
        place, done = "FinalScoCourse", state.outcome.completion == "completed" and state.outcome.success != "failed"
    else:
        place, done = "IntermediateSco", held.values.get(STATUS) in DONE
    standing = "Satisfied" if done else "NotSatisfied"
    return settings.get(f"Player{place}{standing}{way}ExitAction") or _usual_action(place, standing, way)


def _usual_action(place: str, standing: str, way: str) -> str:
    if place == "FinalScoCourse":
        return "EXIT_COURSE"
    if way == "Logout":
        return "EXIT_COURSE_AFTER_CONFIRM"
    return "GO_TO_NEXT_SCO" if (standing, way) == ("Satisfied", "Normal") else "DISPLAY_MESSAGE"


def _request_of(action: str, state: State) -> str:
    """The navigation request an exit action amounts to; "" where the learner stays."""
    if action == "EXIT_COURSE":
        held = state.activities.get(state.current, ActivityState())
        return "suspendAll" if held.values.get(EXIT) == "suspend" else "exitAll"
    return "continue" if action == "GO_TO_NEXT_SCO" else ""


def _stay(course: CourseStructure, state: State, action: str) -> State:
    asks = action == "EXIT_COURSE_AFTER_CONFIRM"
    finished = FINISHED if len(course.leaves) > 1 else FINISHED_ALONE
    message = {"DISPLAY_MESSAGE": finished, "EXIT_COURSE_AFTER_CONFIRM": LEAVE_NOW}.get(action, "")
    return replace(state, message=message, memory={**state.memory, "asks_to_leave": asks})


def _start(course: CourseStructure, state: State, settings: Settings, target: str) -> State:
    """Resume where it was suspended, else the first item that is not done, else the first.

    `target`: the item that the launch names, whatever its prerequisites.
    """
    state = _leave(course, state, settings)  # a window that was lost without a word
    begun = replace(state, ended="", message="", memory={**state.memory, "review": _is_over(state, settings)})
    open_ones = [leaf for leaf in course.leaves if not _why_not(course, begun, leaf)]
    named = next((leaf for leaf in course.leaves if target and leaf.identifier == target), None)
    if named is not None:
        return _deliver(begun, named, settings)
    suspended = str(state.memory.get("suspended", ""))
    if not suspended and len(course.leaves) > 1 and settings.get("PlayerAlwaysFlowToFirstSco", "YES") != "YES":
        return replace(begun, current="", message=CHOOSE)
    wanted = (
        next((leaf for leaf in open_ones if leaf.identifier == suspended), None)
        or next((leaf for leaf in open_ones if _status(begun, leaf.identifier) not in ("completed", "passed")), None)
        or next(iter(open_ones), None)
    )
    if wanted is None:
        return replace(begun, current="", message=to_learner("No item of this course can be started."))
    return _deliver(begun, wanted, settings)


def _is_over(state: State, settings: Settings) -> bool:
    """Whether what is launched now is a review: the registration is completed and must not fall back."""
    if settings.get("PlayerLaunchCompletedRegsAsNoCredit", "YES") != "YES":
        return False
    return state.outcome.completion == "completed" and state.outcome.success != "failed"


def _deliver(state: State, activity: Activity, settings: Settings) -> State:
    held = state.activities.get(activity.identifier, ActivityState())
    kept = _kept_data(state, held, settings)
    values = {**kept, **_preferences(state, settings), MODE: "review" if state.memory.get("review") else "normal"}
    held = replace(held, values=values, attempts=held.attempts + 1, shown_seconds=0.0)
    activities = {**state.activities, activity.identifier: held}
    memory = {**state.memory, "suspended": "", "finished": False, "asks_to_leave": False, "last": activity.identifier}
    return replace(state, activities=activities, current=activity.identifier, ended="", message="", memory=memory)


def _kept_data(state: State, held: ActivityState, settings: Settings) -> Mapping[str, str]:
    """PlayerResetRunTimeData: without sequencing each launch of an item that was not suspended is a new attempt."""
    mode = settings.get("PlayerResetRunTimeData", "NEVER")
    if mode == "NEVER" or held.suspended or state.memory.get("review"):
        return held.values
    return {name: value for name, value in held.values.items() if name == TOTAL_TIME}


def _preferences(state: State, settings: Settings) -> dict[str, str]:
    """PlayerStudentPrefsGlobalToCourse: what the learner preferred in the item shown before."""
    if settings.get("PlayerStudentPrefsGlobalToCourse") != "YES":
        return {}
    before = state.activities.get(str(state.memory.get("last", "")), ActivityState())
    return {name: value for name, value in before.values.items() if name.startswith("cmi.student_preference.")}


def _leave(course: CourseStructure, state: State, settings: Settings, abandon: bool = False) -> State:
    """The state once the current item's session is over; nothing changes where it is over already."""
    activity = course.activity(state.current) if state.current else None
    if activity is None or state.memory.get("finished"):
        return replace(state, current="")
    # A SCO that went away without LMSFinish has not ended by its own will: nothing is decided for it.
    # PlayerRollupRuntimeAtScoUnload takes it for an end all the same.
    over = activity.kind == "asset" or settings.get("PlayerRollupRuntimeAtScoUnload") == "YES"
    return replace(_finish(course, state, activity, settings, over and not abandon), current="")


def _finish(course: CourseStructure, state: State, activity: Activity, settings: Settings, decide: bool) -> State:
    held = state.activities.get(activity.identifier, ActivityState())
    closed = close_session(activity, held, settings, decide)
    finished = replace(
        state,
        activities={**state.activities, activity.identifier: closed},
        memory={**state.memory, "finished": True},
    )
    return _rolled_up(course, finished, settings)


def _rolled_up(course: CourseStructure, state: State, settings: Settings) -> State:
    activities = roll_up(course.root, state.activities, settings)
    root = activities.get(course.root.identifier, ActivityState())
    return replace(state, activities=activities, outcome=root.outcome)


def record(course: CourseStructure, state: State, report: Report, settings: Settings) -> State:
    """The state after a report; see `standards.registry.Standard`."""
    activity = course.activity(report.activity)
    if activity is None or report.activity != state.current:
        raise RequestError(f"{report.activity} is not the item being shown")
    held = accept(activity, state.activities.get(report.activity, ActivityState()), report, settings)
    state = replace(state, activities={**state.activities, report.activity: held})
    if report.finished and not state.memory.get("finished"):
        return _finish(course, state, activity, settings, decide=True)
    return _rolled_up(course, state, settings)


def begin_with(course: CourseStructure, state: State, given: Given, settings: Settings, now: str) -> State:
    """The state with what is given of items, rolled up; see `standards.registry.begins_with`."""
    activities = dict(state.activities)
    for leaf in course.leaves:
        held = given.activities.get(leaf.identifier)
        if held is not None:
            values = _filled(held)
            activities[leaf.identifier] = replace(held, values=values, outcome=evaluate(values, settings))
    memory = {**state.memory, "suspended": given.suspended} if given.suspended else state.memory
    return _rolled_up(course, replace(state, activities=activities, memory=memory), settings)


def _filled(held: ActivityState) -> dict[str, str]:
    """The values, and from the outcome what they do not say."""
    values, outcome = dict(held.values), held.outcome
    if (word := _word(outcome)) != "not attempted":
        values.setdefault(STATUS, word)
    if outcome.score is not None:
        values.setdefault(RAW, f"{outcome.score * 100:g}")
    if outcome.seconds:
        values.setdefault(TOTAL_TIME, format_timespan(outcome.seconds))
    return values


def launch(course: CourseStructure, state: State, api: str, values: Values) -> Launch:
    """What the player shows; `api` and `values` are those of the standard."""
    activity = course.activity(state.current) if state.current else None
    several = len(course.leaves) > 1
    valid = {
        "continue": several and _can_go(course, state, 1),
        "previous": several and _can_go(course, state, -1),
        "exitAll": True,
        "suspendAll": activity is not None,
    }
    if several:
        valid["exit"] = activity is not None
    lines = tuple(menu(state, course.root, lambda activity: _why_not(course, state, activity)))
    valid |= {f"choice.{item.identifier}": item.enabled for item in lines}
    shared = {"valid": valid, "menu": lines, "ended": state.ended, "message": state.message, "outcome": state.outcome}
    if activity is None:
        return Launch(title=course.title, **shared)  # type: ignore[arg-type]
    held = state.activities.get(activity.identifier, ActivityState())
    return Launch(
        activity=activity.identifier,
        title=activity.title,
        kind=activity.kind,
        href=activity.href,
        api=api,  # for assets too: some are SCOs whose author forgot to say so
        values=values(activity, held),
        hidden=() if several else ("continue", "previous"),
        asks_to_leave=bool(state.memory.get("asks_to_leave")),
        **shared,  # type: ignore[arg-type]
    )


def _why_not(course: CourseStructure, state: State, activity: Activity) -> str:
    """Why an item cannot be launched, in words; "" when it can."""
    if activity.kind == "aggregation":
        return to_learner("It has no content of its own.")
    try:
        met = is_satisfied(activity.prerequisites, lambda identifier: _status_of(course, state, identifier))
    except ValueError:
        return ""  # what cannot be read blocks nobody; the import report tells the author
    return "" if met else NOT_YET


def _status_of(course: CourseStructure, state: State, identifier: str) -> str:
    """The lesson_status that prerequisites ask for. Raises ValueError where the course has no such item."""
    if course.activity(identifier) is None:
        raise ValueError(f"{identifier} is no item of the course")
    return _status(state, identifier)


def _status(state: State, identifier: str) -> str:
    """The lesson_status of an item or, rolled up, of a block."""
    held = state.activities.get(identifier, ActivityState())
    if status := held.values.get(STATUS):
        return status
    return _word(held.outcome)


def _word(outcome: Outcome) -> str:
    if outcome.success != "unknown":
        return outcome.success
    return "not attempted" if outcome.completion == "unknown" else outcome.completion


def _can_go(course: CourseStructure, state: State, step: int) -> bool:
    return _neighbour(course, state, step) is not None


def _neighbour(course: CourseStructure, state: State, step: int) -> Activity | None:
    """The next or previous item that can be launched."""
    return neighbour(course, state, step, lambda activity: _why_not(course, state, activity))
