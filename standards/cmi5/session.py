"""Sessions of a registration: which AU is launched, what its statements change, when one is over (cmi5 9.3).

A session lasts from the launch of an AU until it terminates or is abandoned; a registration has one at a time. State
that outlives a step is in `State.memory`:

session     the newest session: id, activity, mode, launched, verbs (verb -> statement id), initialized, latest, ended …
past        how sessions before it ended, by session id
satisfied   blocks and courses whose satisfied statement was made
events      what has happened that the LMS has to state; whoever saves the state takes them out
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..durations import format_duration, session_seconds
from ..errors import RequestError
from ..menu import ENDINGS, menu, neighbour
from ..structure import Activity, ActivityState, CourseStructure, Given, Launch, Learner, Report, Request, State
from ..words import to_learner
from .errors import Cmi5Violation
from .rollup import COMPLETED, FAILED, PASSED, WAIVED, is_satisfied, outcome_of_au, roll_up, satisfied
from .rules import Terms, check, is_percentage, read_time, verb_of
from .vocabulary import MODES, PROGRESS

Settings = Mapping[str, str]
Json = Mapping[str, Any]

PAST_KEPT = 100  # sessions whose end is remembered

# --- registration -----------------------------------------------------------------------------------------------------


def register(course: CourseStructure, state: State, now: str) -> State:
    """The state of a new registration: moveOn is evaluated at once (9.6.1)."""
    return _settle(course, state, "", now)


def navigate(course: CourseStructure, state: State, request: Request, now: str, settings: Settings) -> State:
    """The state after a request of the player; see `standards.registry.Standard`."""
    name, target = request.name, request.target
    if name == "content":
        name = _content_request(course, state)
        if not name:
            return replace(state, message="")
    if name in ENDINGS:
        left = abandon(course, state, now) if name in ("abandon", "abandonAll") else state
        suspended = state.current if name == "suspendAll" else ""
        memory = {**left.memory, "suspended": suspended}
        return replace(left, current="", ended=ENDINGS[name], message="", memory=memory)
    if name == "start":
        wanted = course.activity(target) if target else _first(course, state)
    elif name == "choice":
        wanted = course.activity(target)
    else:
        wanted = neighbour(course, state, -1 if name == "previous" else 1, _why_not)
    if wanted is None or wanted.kind != "sco":
        return replace(state, message=to_learner("There is nothing there to go to."))
    return _deliver(course, state, wanted, request, now, settings)


def _first(course: CourseStructure, state: State) -> Activity | None:
    """Where it was left, else the first AU that is not satisfied, else the first one not begun, else the first."""
    left = course.activity(str(state.memory.get("suspended", "")) or state.current)
    if left is not None:
        return left
    leaves = course.leaves
    unmet = (leaf for leaf in leaves if not is_satisfied(leaf, state.activities.get(leaf.identifier)))
    fresh = (leaf for leaf in leaves if leaf.identifier not in state.activities)
    return next(unmet, None) or next(fresh, None) or next(iter(leaves), None)


def _content_request(course: CourseStructure, state: State) -> str:
    """What follows the terminated statement when the learner asked for nothing.

    The only or last AU leaves the course; one in the middle that is satisfied goes on to the next; else it stays.
    """
    if not state.memory.get("finished"):
        return ""
    au = course.activity(state.current)
    if au is None or neighbour(course, state, 1, _why_not) is None:
        return "exitAll"
    return "continue" if is_satisfied(au, state.activities.get(au.identifier)) else ""


def _deliver(
    course: CourseStructure, state: State, au: Activity, request: Request, now: str, settings: Settings
) -> State:
    """A new session of the AU. One that is open is abandoned first (9.3.6)."""
    state = abandon(course, state, now)
    held = state.activities.get(au.identifier, ActivityState())
    session_id = _new_session_id(state, request.session)
    mode = request.mode if request.mode in MODES else _mode(state, au, settings)
    session = {"id": session_id, "activity": au.identifier, "mode": mode, "launched": now, "verbs": {}}
    values = {**held.values, "cmi5.session": session_id, "cmi5.launch_mode": mode}
    delivered = replace(held, values=values, attempts=held.attempts + 1, shown_seconds=0.0)
    delivered = replace(delivered, outcome=outcome_of_au(au, delivered))
    event = {
        "verb": "launched",
        "activity": au.identifier,
        "session": session["id"],
        "at": now,
        "mode": session["mode"],
    }
    state = replace(
        state,
        activities={**state.activities, au.identifier: delivered},
        current=au.identifier,
        ended="",
        message="",
        memory={**_past(state), "session": session, "suspended": "", "finished": False},
    )
    return _settle(course, _with_event(state, event), session_id, now)


def _new_session_id(state: State, wanted: str) -> str:
    """The one that is wanted, where no session had it: an address may be followed twice."""
    newest = state.memory.get("session") or {}
    used = wanted == newest.get("id") or wanted in state.memory.get("past", {})
    return str(uuid.uuid4()) if not wanted or used else wanted


def _mode(state: State, au: Activity, settings: Settings) -> str:
    """Review once the course is satisfied and the AU has said all it may say; else what counts is recorded."""
    held = state.activities.get(au.identifier, ActivityState())
    over = PASSED in held.values and COMPLETED in held.values
    if settings.get("PlayerLaunchCompletedRegsAsNoCredit", "YES") != "YES":
        return "Normal"
    return "Review" if over and state.outcome.completion == "completed" else "Normal"


def _past(state: State) -> dict[str, Any]:
    session = state.memory.get("session")
    if not session:
        return dict(state.memory)
    past = {**state.memory.get("past", {}), session["id"]: session.get("ended", "") or "abandoned"}
    return {**state.memory, "past": dict(list(past.items())[-PAST_KEPT:])}


def abandon(course: CourseStructure, state: State, now: str) -> State:
    """The state once the open session, where there is one, is abandoned (9.3.6)."""
    session = open_session_of(state)
    if session is None:
        return state
    seconds = _between(session["launched"], session.get("heard") or session["launched"])
    event = {
        "verb": "abandoned",
        "activity": session["activity"],
        "session": session["id"],
        "at": now,
        "duration": format_duration(seconds),
    }
    ended = {**session, "ended": "abandoned"}
    state = replace(state, memory={**state.memory, "session": ended, "finished": True})
    state = _add_seconds(course, state, session["activity"], seconds)
    return _settle(course, _with_event(state, event), session["id"], now)


def open_session_of(state: State) -> dict[str, Any] | None:
    """The session that an AU may speak in now."""
    session = state.memory.get("session")
    return session if session and not session.get("ended") else None


def waive(course: CourseStructure, state: State, identifier: str, reason: str, now: str) -> State:
    """The state once an AU counts as satisfied by other means (9.3.7). Raises RequestError."""
    au = course.activity(identifier)
    if au is None or au.kind != "sco":
        raise RequestError(f"There is no AU {identifier} in this course")
    held = state.activities.get(identifier, ActivityState())
    if WAIVED in held.values:
        raise RequestError(f"{au.title or identifier} is waived already (cmi5 9.3.7.0-4)")
    if not reason.strip():
        raise RequestError("Waiving an AU needs a reason (cmi5 9.3.7.0-2)")
    session_id = str(uuid.uuid4())
    held = replace(held, values={**held.values, WAIVED: reason.strip()})
    held = replace(held, outcome=outcome_of_au(au, held))
    state = replace(state, activities={**state.activities, identifier: held})
    event = {"verb": "waived", "activity": identifier, "session": session_id, "at": now, "reason": reason.strip()}
    return _settle(course, _with_event(state, event), session_id, now)


# --- what an AU says --------------------------------------------------------------------------------------------------


def terms_of(
    course: CourseStructure, state: State, session: Json, activity_id: str, registration: str, actor: Json
) -> Terms:
    """What the statements of the session are held against now."""
    au = course.activity(session["activity"])
    assert au is not None
    held = state.activities.get(au.identifier, ActivityState()).values
    return Terms(
        au=au,
        activity_id=activity_id,
        session_id=session["id"],
        registration=registration,
        actor=actor,
        mode=session["mode"],
        mastery_score=au.scaled_mastery_score,
        preferences_read=bool(session.get("preferences")),
        verbs=session["verbs"],
        earlier=frozenset(verb for verb, mark in (("completed", COMPLETED), ("passed", PASSED)) if mark in held),
        initialized=session.get("initialized", ""),
        latest=session.get("latest", ""),
    )


def take(course: CourseStructure, state: State, statement: Json, terms: Terms, now: str) -> State:
    """The state after a statement of the open session. Raises Cmi5Violation where it breaks a rule.

    A cmi5 defined statement that was taken before, by its id, changes nothing: the store says whether it is the same.
    """
    session = state.memory["session"]
    if statement.get("id") and str(statement["id"]).lower() in session["verbs"].values():
        return state
    if session.get("ended"):
        requirement = "9.3.6.0-2" if session["ended"] == "abandoned" else "9.3.0.0-5"
        raise Cmi5Violation(requirement, f"The session was {session['ended']}", str(statement.get("id", "")))
    check(statement, terms)
    before = state.activities
    timestamp = str(statement["timestamp"])
    session = {**session, "latest": _later(session.get("latest", ""), timestamp), "heard": now}
    verb = verb_of(statement)
    if verb:
        session["verbs"] = {**session["verbs"], verb: str(statement["id"]).lower()}
    if verb == "initialized":
        session["initialized"] = timestamp
    if verb == "terminated":
        session["ended"] = "terminated"
    state = replace(state, memory={**state.memory, "session": session})
    state = _learn(course, state, terms.au, statement, verb)
    if verb == "terminated":
        state = _add_seconds(course, state, terms.au.identifier, _duration(statement))
        state = replace(state, memory={**state.memory, "finished": True})
    return state if state.activities is before else _settle(course, state, session["id"], now)


def _later(before: str, timestamp: str) -> str:
    earlier, new = read_time(before), read_time(timestamp)
    return before if earlier and new and earlier > new else timestamp


def _learn(course: CourseStructure, state: State, au: Activity, statement: Json, verb: str) -> State:
    """What the statement says of the AU, as values of its data model.

    Progress is of who is under way: not of who only looks (10.2.2), nor after the AU is completed (9.5.5.1).
    """
    held = state.activities.get(au.identifier, ActivityState())
    values = dict(held.values)
    result = statement.get("result") or {}
    if verb in ("completed", "passed", "failed"):
        values[{"completed": COMPLETED, "passed": PASSED, "failed": FAILED}[verb]] = str(statement["timestamp"])
        if verb == "passed":
            values.pop(FAILED, None)
        for name, value in (result.get("score") or {}).items():
            values[f"cmi5.score.{name}"] = f"{value:.15g}"
    progress: Any = (result.get("extensions") or {}).get(PROGRESS)
    is_under_way = state.memory["session"]["mode"] == "Normal" and COMPLETED not in values
    if is_under_way and is_percentage(progress):
        values["cmi5.progress"] = str(int(progress))
    if values == held.values:
        return state
    held = replace(held, values=values)
    held = replace(held, outcome=outcome_of_au(au, held))
    return replace(state, activities={**state.activities, au.identifier: held})


def _duration(statement: Json) -> float:
    return session_seconds(str((statement.get("result") or {}).get("duration", "")))


def _between(start: str, end: str) -> float:
    return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def _add_seconds(course: CourseStructure, state: State, identifier: str, seconds: float) -> State:
    au = course.activity(identifier)
    if au is None:
        return state
    held = state.activities.get(identifier, ActivityState())
    total = float(held.values.get("cmi5.seconds", "0")) + seconds
    held = replace(held, values={**held.values, "cmi5.seconds": f"{round(total, 2):.15g}"})
    held = replace(held, outcome=outcome_of_au(au, held))
    return replace(state, activities={**state.activities, identifier: held})


def begin_with(course: CourseStructure, state: State, given: Given, settings: Settings, now: str) -> State:
    """The state with what is given of AUs, as if their statements had come; see `standards.registry.begins_with`."""
    activities = dict(state.activities)
    for au in course.leaves:
        held = given.activities.get(au.identifier)
        if held is None:
            continue
        values, outcome = dict(held.values), held.outcome
        if outcome.completion == "completed":
            values[COMPLETED] = now
        if outcome.success != "unknown":
            values[PASSED if outcome.success == "passed" else FAILED] = now
        if outcome.score is not None:
            values["cmi5.score.scaled"] = f"{outcome.score:.15g}"
        if outcome.seconds:
            values["cmi5.seconds"] = f"{outcome.seconds:.15g}"
        held = replace(held, values=values)
        activities[au.identifier] = replace(held, outcome=outcome_of_au(au, held))
    memory = {**state.memory, "suspended": given.suspended} if given.suspended else state.memory
    return _settle(course, replace(state, activities=activities, memory=memory), "", now)


# --- what follows -----------------------------------------------------------------------------------------------------


def _with_event(state: State, event: Json) -> State:
    named = {"id": str(uuid.uuid4()), **event}
    return replace(state, memory={**state.memory, "events": [*state.memory.get("events", ()), named]})


def _settle(course: CourseStructure, state: State, session_id: str, now: str) -> State:
    """Rolled up, with one satisfied event for each block and the course that became so (9.3.9)."""
    activities, outcome = roll_up(course.root, state.activities)
    state = replace(state, activities=activities, outcome=outcome)
    known = state.memory.get("satisfied", [])
    new = [node for node in satisfied(course.root, activities) if node.identifier not in known]
    if not new:
        return state
    session_id = session_id or str(uuid.uuid4())
    for node in new:
        kind = "course" if node is course.root else "block"
        event = {"verb": "satisfied", "activity": node.identifier, "kind": kind, "session": session_id, "at": now}
        state = _with_event(state, event)
    return replace(state, memory={**state.memory, "satisfied": [*known, *(node.identifier for node in new)]})


# --- the player's calls -----------------------------------------------------------------------------------------------


def accept(activity: Activity, held: ActivityState, report: Report, settings: Settings) -> ActivityState:
    """The AU reports by statements: the player's page tells only how long it was shown."""
    return replace(held, shown_seconds=held.shown_seconds + report.seconds)


def record(course: CourseStructure, state: State, report: Report, settings: Settings) -> State:
    """The state after a report of the player's page; see `standards.registry.Standard`."""
    activity = course.activity(report.activity)
    if activity is None or report.activity != state.current:
        raise RequestError(f"{report.activity} is not the AU being shown")
    held = accept(activity, state.activities.get(report.activity, ActivityState()), report, settings)
    return replace(state, activities={**state.activities, report.activity: held})


def launch(course: CourseStructure, state: State, learner: Learner, settings: Settings) -> Launch:
    """What the player shows; see `standards.registry.Standard`."""
    au = course.activity(state.current) if state.current else None
    several = len(course.leaves) > 1
    lines = tuple(menu(state, course.root, _why_not))
    valid = {
        "continue": several and neighbour(course, state, 1, _why_not) is not None,
        "previous": several and neighbour(course, state, -1, _why_not) is not None,
        "exitAll": True,
        "suspendAll": au is not None,
    } | {f"choice.{item.identifier}": item.enabled for item in lines}
    shown = Launch(
        title=course.title, valid=valid, menu=lines, ended=state.ended, message=state.message, outcome=state.outcome
    )
    if au is None:
        return shown
    return replace(
        shown,
        activity=au.identifier,
        title=au.title,
        kind="sco",
        href=au.href,
        api="cmi5",
        hidden=() if several else ("continue", "previous"),
        own_window=au.launch_method == "OwnWindow",
    )


def _why_not(activity: Activity) -> str:
    return to_learner("It has no content of its own.") if activity.kind == "aggregation" else ""
