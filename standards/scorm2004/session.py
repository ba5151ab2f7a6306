"""One registration through its sequencing sessions: requests, reports, and what is kept between them.

`State.memory` holds `tracking` (the sequencing engine's), `system` (shared objectives and data that outlive the
registration), `finished` (the SCO has called Terminate), `resumed` (its attempt was suspended before) and `now`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..durations import format_duration
from ..errors import RequestError
from ..structure import Activity, ActivityState, CourseStructure, Given, Outcome, Report, Request, State
from ..words import to_learner
from . import runtime
from .sequencing.engine import LookAhead, Result, end_experience, overall_sequencing
from .sequencing.navigation import navigation_request
from .sequencing.rollup import overall_rollup
from .sequencing.trace import EXCEPTIONS, Refused
from .sequencing.tracking import Node, ObjectiveProgress, Run, Tracking, tree_of

ENDED = {"suspendAll": "suspended", "abandonAll": "abandoned", "abandon": "abandoned"}
ABANDONING = ("abandon", "abandonAll")
LEAVING = ("exit", "exitAll", "abandon", "abandonAll", "suspendAll")
NOTHING_LEFT = to_learner("There is nothing to show at present.")
CHOOSE = to_learner("Choose an activity to go on.")
FINISHED = to_learner("This activity is finished. Go on or leave with the controls.")
UNGUIDED = ("start", "resumeAll", "exit", "abandon")  # what may end with nothing delivered and nothing wrong

_TARGETED = re.compile(r"\{target=(.*)\}(choice|jump)", re.DOTALL)


# --- between sessions -------------------------------------------------------------------------------------------------


def open_run(course: CourseStructure, state: State, now: str = "") -> Run:
    """The engine's view of a state."""
    memory = state.memory
    system = memory.get("system") or {}
    stored = dict(memory.get("tracking") or {})
    stored["system_objectives"] = system.get("objectives", {})
    stored["system_data"] = system.get("data", {})
    run = Run(tree_of(course.organization), Tracking.from_json(stored), now or memory.get("now", ""), [])
    run.tracking.seed = run.tracking.seed or now
    return run


def _remember(state: State, run: Run, **more: Any) -> dict[str, Any]:
    stored = run.tracking.to_json()
    system = {"objectives": stored.pop("system_objectives", {}), "data": stored.pop("system_data", {})}
    kept = {name: value for name, value in state.memory.items() if name != "system"}
    kept |= {"tracking": stored, "now": run.now, **more}
    if any(system.values()) or "system" in state.memory:
        kept["system"] = {name: value for name, value in system.items() if value}
    return kept


# --- navigation -------------------------------------------------------------------------------------------------------


def navigate(course: CourseStructure, state: State, request: Request, now: str, settings: Mapping[str, str]) -> State:
    """The state after a navigation request; see `standards.registry.Standard`."""
    run = open_run(course, state, now)
    name, target = wanted(state, request, settings)
    if name == "jump" and not has_jump(course):
        return replace(state, message=EXCEPTIONS["NB.2.1-13"], trace=())
    if not name:
        return replace(state, message=FINISHED, trace=())
    if name == "start":
        state = replace(state, memory={**state.memory, "review": _is_over(state, settings)})
        return _flow(course, _start(run, state, settings), now, settings)
    if run.current is None and name in LEAVING and not state.ended:
        return _end_idle(run, state, name)
    return _request(run, state, name, target, settings)


def has_jump(course: CourseStructure) -> bool:
    """The jump request came with the 4th Edition (SN 4th Ed. 5.6.4)."""
    return course.standard == "SCORM20044THEDITION"


def _is_over(state: State, settings: Mapping[str, str]) -> bool:
    """PlayerLaunchCompletedRegsAsNoCredit: whether what is launched now is a review."""
    if settings.get("PlayerLaunchCompletedRegsAsNoCredit", "NO") != "YES":
        return False
    return state.outcome.completion == "completed" and state.outcome.success != "failed"


def _flow(course: CourseStructure, state: State, now: str, settings: Mapping[str, str]) -> State:
    """PlayerAlwaysFlowToFirstSco: where nothing was delivered, the first activity that may be chosen."""
    if state.current or state.ended or settings.get("PlayerAlwaysFlowToFirstSco", "NO") != "YES":
        return state
    ahead = LookAhead(open_run(course, state, now))
    first = next((leaf for leaf in course.leaves if not ahead.refusal("choice", leaf.identifier)), None)
    if first is None:
        return state
    return _request(open_run(course, state, now), state, "choice", first.identifier, settings)


def wanted(state: State, request: Request, settings: Mapping[str, str]) -> tuple[str, str]:
    """The request that counts, and its target: a time-out or logout before the learner's, that before the SCO's own.

    What a SCO asks for counts once it has terminated (RTE 4.2.8, SN 5.6.4).
    """
    values = state.activities.get(state.current, ActivityState()).values
    finished = bool(state.current and state.memory.get("finished"))
    logs_out = settings.get("PlayerLogoutCausesPlayerExit", "YES") == "YES"
    leaves = ("time-out", "logout") if logs_out else ("time-out",)
    if finished and values.get(runtime.EXIT) in leaves and request.name not in ("start", "resumeAll"):
        return "exitAll", ""
    if request.by_learner:
        return request.name, request.target.strip()
    asked = values.get(runtime.NAVIGATION, "_none_") if finished else "_none_"
    if asked == "_none_":
        return "", ""
    targeted = _TARGETED.fullmatch(asked)
    return (targeted[2], targeted[1].strip()) if targeted else (asked, "")


def _start(run: Run, state: State, settings: Mapping[str, str]) -> State:
    """Begin, or go on where the learner left off."""
    if state.current:
        # the session before was cut off: its learner attempt goes on, unless the SCO has ended the course
        name, _ = wanted(state, Request("suspendAll"), settings)
        state = _request(run, state, name, "", settings)
    elif run.current is not None:
        if _can_move(run):
            return replace(state, ended="", message=state.message or CHOOSE)
        overall_sequencing(run, "exitAll")
        end_experience(run)
    return _request(run, state, "resumeAll" if run.suspended else "start", "", settings)


def _end_idle(run: Run, state: State, name: str) -> State:
    """Leave a session in which nothing has been delivered yet."""
    ended = "suspended" if run.suspended is not None else ENDED.get(name, "exited")
    return replace(state, ended=ended, message="", trace=(), memory=_remember(state, run))


def _request(run: Run, state: State, name: str, target: str, settings: Mapping[str, str]) -> State:
    """One navigation request from a delivered activity, or from none."""
    left = run.current if state.current else None
    if left is not None:
        probe = Run(run.tree, run.tracking, run.now, [])  # before anything is learnt of what the SCO reported
        try:
            navigation_request(probe, name, target)
        except Refused as refusal:
            return replace(state, message=EXCEPTIONS[refusal.code], trace=tuple(probe.trace or ()))
        _leave(run, left, state.activities.get(left.id, ActivityState()), name, settings)
    result = overall_sequencing(run, name, target)
    if result.refused:
        return replace(state, message=result.words, trace=tuple(run.trace or ()))
    return _settle(run, state, left, name, result, settings)


def _leave(run: Run, node: Node, held: ActivityState, name: str, settings: Mapping[str, str]) -> None:
    """Before the attempt ends sequencing learns what the SCO reported; of an abandoned one it learns nothing."""
    seconds = runtime.session_seconds(held.values, held.shown_seconds)
    for above in node.ancestors():
        run.progress(above).attempt_seconds += seconds
        run.progress(above).seconds += seconds
    if name in ABANDONING:
        return
    runtime.transfer(run, node, held.values, settings)
    run.progress(node).suspended = held.values.get(runtime.EXIT) == "suspend"  # RTE 4.2.8


def _settle(run: Run, state: State, left: Node | None, name: str, result: Result, settings: Mapping[str, str]) -> State:
    """The next state: what was left is closed, what is delivered is opened, every outcome is up to date."""
    activities = dict(state.activities)
    review, more = bool(state.memory.get("review")), _kept_of(left, state, settings)
    if left is not None:
        suspended = run.progress(left).suspended
        activities[left.id] = runtime.close_session(activities.get(left.id, ActivityState()), suspended)
    if not review:
        _write_outcomes(run, activities)
    outcome = _standing(state, _whole(run, activities), settings)
    if result.end_session:
        end_experience(run)
    delivered = run.tree.nodes.get(result.delivered)
    if delivered is not None:
        held = activities.get(delivered.id, ActivityState())
        activities[delivered.id] = runtime.open_session(
            run,
            delivered,
            held,
            result.resumed,
            _is_fresh(delivered, more, settings),
            review,
            more.get("preferences"),
        )
    ended = ""
    if result.end_session:
        ended = "blocked" if name == "start" else ENDED.get(name, "exited")
    elif delivered is None and not _can_move(run):
        ended = "blocked"
    message = result.words
    if ended == "blocked":
        message = message or NOTHING_LEFT
    elif delivered is None and not ended and name in UNGUIDED:
        message = CHOOSE
    return replace(
        state,
        activities=activities,
        current=result.delivered,
        ended=ended,
        message=message,
        outcome=outcome,
        memory=_remember(state, run, finished=False, resumed=result.resumed, **more),
        trace=tuple(run.trace or ()),
    )


def _kept_of(left: Node | None, state: State, settings: Mapping[str, str]) -> dict[str, Any]:
    """What settings want remembered of the activities left: preferences, and with which exit each was left."""
    values = {} if left is None else state.activities.get(left.id, ActivityState()).values
    more: dict[str, Any] = {}
    if settings.get("PlayerStudentPrefsGlobalToCourse") == "YES":
        preferred = {name: value for name, value in values.items() if name in runtime.PREFERENCES}
        more["preferences"] = state.memory.get("preferences", {}) | preferred
    if settings.get("PlayerResetRunTimeData") == "WHEN_EXIT_IS_NOT_SUSPEND":
        exits = {} if left is None else {left.id: values.get(runtime.EXIT, "")}
        more["exits"] = state.memory.get("exits", {}) | exits
    return more


def _is_fresh(node: Node, kept: Mapping[str, Any], settings: Mapping[str, str]) -> bool | None:
    """PlayerResetRunTimeData: whether the activity starts without data; None: as its attempt does."""
    mode = settings.get("PlayerResetRunTimeData")
    if mode == "WHEN_EXIT_IS_NOT_SUSPEND":
        return kept.get("exits", {}).get(node.id) != "suspend"
    return False if mode == "NEVER" else None


def _can_move(run: Run) -> bool:
    """Whether a session without a delivered activity still has somewhere to go."""
    ahead = LookAhead(Run(run.tree, run.tracking.copy(), run.now))
    if not (ahead.refusal("continue") and ahead.refusal("previous")):
        return True
    return any(not ahead.refusal("choice", identifier) for identifier in run.tree.nodes)


# --- reports ----------------------------------------------------------------------------------------------------------


def record(course: CourseStructure, state: State, report: Report, settings: Mapping[str, str]) -> State:
    """The state after a report, rolled up; see `standards.registry.Standard`.

    Sequencing itself learns of the values only when the attempt ends: an abandoned one leaves no trace (SN 4.4.6).
    """
    activity = course.activity(report.activity)
    if activity is None or report.activity != state.current:
        raise RequestError(f"{report.activity} is not the activity being shown.")
    held = runtime.accept(activity, state.activities.get(report.activity, ActivityState()), report, settings)
    finished = bool(state.memory.get("finished")) or report.finished
    run = open_run(course, state)
    node = run.tree.nodes[report.activity]
    runtime.transfer(run, node, held.values, settings)
    overall_rollup(run, node)
    activities = {**state.activities, report.activity: held}
    if not state.memory.get("review"):
        _write_outcomes(run, activities, but=node)
    outcome = _standing(state, _whole(run, activities), settings)
    return replace(
        state,
        activities=activities,
        outcome=outcome,
        memory={**state.memory, "finished": finished},
        message="",
        trace=(),
    )


# --- progress made elsewhere, and taking back -------------------------------------------------------------------------


def begin_with(course: CourseStructure, state: State, given: Given, settings: Mapping[str, str], now: str) -> State:
    """The state with what is given of activities, as sequencing learns of it when attempts end, rolled up.

    See `standards.registry.begins_with`.
    """
    run = open_run(course, state, now)
    activities = dict(state.activities)
    for name, known in given.objectives.items():
        run.shared[name] = ObjectiveProgress(**known)
    run.stores.update(given.data)
    for leaf in course.leaves:
        held, node = given.activities.get(leaf.identifier), run.tree.nodes[leaf.identifier]
        if held is not None:
            activities[leaf.identifier] = held = _filled(leaf, held, settings)
            _attempted(run, node, held)
            runtime.transfer(run, node, held.values, settings)
    for leaf in course.leaves:
        if leaf.identifier in given.activities:
            overall_rollup(run, run.tree.nodes[leaf.identifier])
    suspended = run.tree.nodes.get(given.suspended)
    if suspended is not None and suspended.is_leaf and run.progress(suspended).attempts:
        run.suspended = suspended
        for above in suspended.ancestors():
            run.progress(above).suspended = True
    _write_outcomes(run, activities)
    outcome = _whole(run, activities)
    return replace(state, activities=activities, outcome=outcome, memory=_remember(state, run))


def _filled(leaf: Activity, held: ActivityState, settings: Mapping[str, str]) -> ActivityState:
    """The activity with what its outcome says of values that are not given."""
    values, outcome = dict(held.values), held.outcome
    if outcome.completion != "unknown":
        values.setdefault(runtime.COMPLETION, outcome.completion)
    if outcome.success != "unknown":
        values.setdefault(runtime.SUCCESS, outcome.success)
    if outcome.score is not None:
        values.setdefault(runtime.SCALED, runtime.decimal(outcome.score))
    if outcome.seconds:
        values.setdefault(runtime.TOTAL_TIME, format_duration(outcome.seconds))
    evaluated = runtime.evaluate(leaf, runtime.counted(values, settings), outcome.seconds)
    return replace(held, values=values, outcome=evaluated)


def _attempted(run: Run, node: Node, held: ActivityState) -> None:
    """As if so many attempts on it had ended, the last of them now."""
    for above in node.ancestors():
        progress = run.progress(above)
        progress.attempts = max(progress.attempts, held.attempts if above is node else 1, 1)
        progress.seconds += held.outcome.seconds
        progress.attempt_seconds += held.outcome.seconds
        progress.began = progress.began or run.now
        progress.attempt_began = progress.attempt_began or run.now
        progress.attempt_ended = run.now
    run.progress(node).suspended = held.suspended


def without_shared_objectives(course: CourseStructure, state: State) -> State:
    """The state with nothing known of the shared global objectives that the course names; local progress stays."""
    run = open_run(course, state)
    named = {link.target for node in run.tree.nodes.values() for each in node.objectives for link in each.maps}
    for name in named:
        run.tracking.objectives.pop(name, None)
        run.tracking.system_objectives.pop(name, None)
    return replace(state, memory=_remember(state, run))


# --- outcomes ---------------------------------------------------------------------------------------------------------


def _write_outcomes(run: Run, activities: dict[str, ActivityState], but: Node | None = None) -> None:
    """Bring the outcome of every tracked activity that has been attempted up to date."""
    for identifier, progress in run.tracking.activities.items():
        node = run.tree.nodes.get(identifier)
        if node is None or node is but or not node.sequencing.tracked or not progress.attempts:
            continue
        if progress.stale_objectives or progress.stale_progress:
            continue  # an earlier attempt's outcome stands until there is a new one
        held = activities.get(identifier, ActivityState())
        outcome = _outcome(run, node, _seconds(node, activities))
        attempts = held.attempts if node.is_leaf else progress.attempts
        changed = replace(held, outcome=outcome, attempts=attempts, suspended=progress.suspended)
        if changed != held:
            activities[identifier] = changed


def _outcome(run: Run, node: Node, seconds: float) -> Outcome:
    completed, satisfied = run.is_completed(node, node.primary), run.is_satisfied(node, node.primary)
    return Outcome(
        "unknown" if completed is None else "completed" if completed else "incomplete",
        "unknown" if satisfied is None else "passed" if satisfied else "failed",
        run.measure(node, node.primary),
        seconds,
    )


def _whole(run: Run, activities: Mapping[str, ActivityState]) -> Outcome:
    return _outcome(run, run.tree.root, _seconds(run.tree.root, activities))


def _seconds(node: Node, activities: Mapping[str, ActivityState]) -> float:
    """The time of an activity, of a cluster that of all below it."""
    if node.is_leaf:
        return activities.get(node.id, ActivityState()).outcome.seconds
    return sum(_seconds(child, activities) for child in node.children)


def _standing(state: State, now: Outcome, settings: Mapping[str, str]) -> Outcome:
    """The outcome of the whole: a new attempt on the course does not take away what an earlier one achieved.

    `PlayerAllowCompleteStatusChange` lets a completed course become incomplete again.
    """
    before = state.outcome
    if state.memory.get("review"):
        return replace(before, seconds=now.seconds)
    if settings.get("PlayerAllowCompleteStatusChange") == "YES":
        return now
    return Outcome(
        before.completion if before.completion == "completed" or now.completion == "unknown" else now.completion,
        before.success if now.success == "unknown" else now.success,
        before.score if now.score is None else now.score,
        now.seconds,
    )
