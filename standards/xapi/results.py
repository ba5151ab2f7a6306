"""What statements make of the activities of a Tin Can course.

The format says nothing of results, so this is decided here, and docs/decisions/0018 says why:

- A statement counts for the activity of the package that is its object, by the same id, whether or not it is the one
  being shown. Statements about other things (slides, questions) say nothing of the course.
- `result.completion` and `result.success` are the content's own words; where they are missing the verb speaks:
  completed, passed, mastered and failed. Whoever passed or failed has been through: that completes as well, unless
  `result.completion` says otherwise.
- What is completed stays completed. Success and score are those of the latest statement, by its timestamp, that has
  any: a learner may try again.
- Time is the longest `result.duration` of a launch, added over launches; content that reports none is credited the
  seconds it was shown. Content repeats the duration of its session with each statement, so adding would count it twice.
- What a voided statement said is no longer said: completion, success, score, verb and response are built again from the
  statements that stand. The time stays, as it was spent.
- The root decides over its children wherever it has a word of its own: completion, success and score each. Where it has
  none, its launchable children do: all completed, all passed or one failed, the mean of their scores.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..durations import session_seconds
from ..scores import share
from ..structure import Activity, ActivityState, Completion, CourseStructure, Given, Outcome, State, Success
from .errors import StatementError
from .values import format_timestamp, read_timestamp
from .versions import V1_0_3

VERBS = "http://adlnet.gov/expapi/verbs/"
_COMPLETING = {"completed", "passed", "mastered", "failed"}
_SUCCESS = {"passed": "true", "mastered": "true", "failed": "false"}

# What is kept in ActivityState.values, flat: the last words of the content by their names in the statement.
VERB, COMPLETION, SUCCESS, RESPONSE = "verb", "result.completion", "result.success", "result.response"
SCORE = ("result.score.scaled", "result.score.raw", "result.score.min", "result.score.max")
DECIDED = "decided"  # timestamp of the statement that success and score are from
TOTAL, SESSION = "total_seconds", "session_seconds"  # of earlier launches; the longest duration of this one
BEFORE = "previous_seconds"  # what the launch before this one has in TOTAL
_TIMES = (TOTAL, SESSION, BEFORE)
GIVEN = "given"  # State.memory key of what activities began with: activity -> values
_LONGEST_RESPONSE = 4000  # characters


def record_statement(
    course: CourseStructure, state: State, statement: Mapping[str, Any], is_late: bool = False
) -> State:
    """The state after a statement the LRS has stored; the same where it is about no activity of the course.

    Each statement is given once: a repeated one is the LRS's to find. `is_late`: it is of an earlier launch than the
    one that is played, whose time its duration does not count for.
    """
    target = statement["object"]
    activity = course.activity(target["id"]) if target.get("objectType", "Activity") == "Activity" else None
    if activity is None:
        return state
    held = state.activities.get(activity.identifier, ActivityState())
    values = _said(held.values, statement) | _timed(held.values, statement, is_late)
    held = counted(replace(held, values=values))
    return rolled_up(course, replace(state, activities={**state.activities, activity.identifier: held}))


def rebuilt(course: CourseStructure, state: State, statements: Iterable[Mapping[str, Any]]) -> State:
    """The state by the statements that stand, in the order they came, after one that counted was voided.

    What the registration began with stays, and so does the time.
    """
    given = state.memory.get(GIVEN, {})
    said: dict[str, dict[str, str]] = {identifier: dict(given.get(identifier, {})) for identifier in state.activities}
    for statement in statements:
        target = statement["object"]
        activity = course.activity(target["id"]) if target.get("objectType", "Activity") == "Activity" else None
        if activity is not None:
            said[activity.identifier] = _said(said.get(activity.identifier, {}), statement)
    activities = {}
    for identifier, values in said.items():
        held = state.activities.get(identifier, ActivityState())
        times = {name: held.values[name] for name in _TIMES if name in held.values}
        activities[identifier] = counted(replace(held, values=values | times))
    return rolled_up(course, replace(state, activities=activities))


def _timed(held: Mapping[str, str], statement: Mapping[str, Any], is_late: bool) -> dict[str, str]:
    """What the duration of a statement makes of the time."""
    seconds = _duration(statement.get("result", {}))
    if not seconds:
        return {}
    return _late(held, seconds) if is_late else _longest(held, SESSION, seconds)


def _said(held: Mapping[str, str], statement: Mapping[str, Any]) -> dict[str, str]:
    """The values after a statement, but for the time."""
    values = dict(held)
    result = statement.get("result", {})
    verb = _verb(statement)
    values[VERB] = statement["verb"]["id"]
    if values.get(COMPLETION) != "true" and (completion := _completion(verb, result)) is not None:
        values[COMPLETION] = str(completion).lower()
    if isinstance(response := result.get("response"), str):
        values[RESPONSE] = response[:_LONGEST_RESPONSE].replace("\0", "\ufffd")
    success, score = _success(verb, result), result.get("score") or {}
    if (success or score) and (moment := _moment(statement)) >= values.get(DECIDED, ""):
        values[DECIDED] = moment
        if success:
            values[SUCCESS] = success
        if score:
            values |= dict.fromkeys(SCORE, "") | {f"result.score.{name}": str(score[name]) for name in score}
    return {name: value for name, value in values.items() if value}


def _longest(values: Mapping[str, str], name: str, seconds: float) -> dict[str, str]:
    return {name: f"{max(seconds, _number(values.get(name)) or 0.0):.2f}"}


def _late(values: Mapping[str, str], seconds: float) -> dict[str, str]:
    """What a longer duration of the launch before adds to what is counted of it already."""
    more = max(0.0, seconds - (_number(values.get(BEFORE)) or 0.0))
    total = (_number(values.get(TOTAL)) or 0.0) + more
    return {TOTAL: f"{total:.2f}"} | _longest(values, BEFORE, seconds)


def _verb(statement: Mapping[str, Any]) -> str:
    """The last word of one of ADL's verbs, "" for others, which have meanings of their own."""
    identifier = statement["verb"]["id"]
    return identifier[len(VERBS) :] if identifier.startswith(VERBS) else ""


def _completion(verb: str, result: Mapping[str, Any]) -> bool | None:
    said = result.get("completion")
    return said if isinstance(said, bool) else True if verb in _COMPLETING else None


def _success(verb: str, result: Mapping[str, Any]) -> str:
    said = result.get("success")
    return str(said).lower() if isinstance(said, bool) else _SUCCESS.get(verb, "")


def _duration(result: Mapping[str, Any]) -> float:
    return session_seconds(result.get("duration", ""))


def _moment(statement: Mapping[str, Any]) -> str:
    """The time of the statement in a form that sorts; "" where it has none that can be read."""
    try:
        return format_timestamp(read_timestamp(statement.get("timestamp") or statement.get("stored"), V1_0_3))
    except StatementError:
        return ""


def begin_with(course: CourseStructure, state: State, given: Given, settings: Mapping[str, str], now: str) -> State:
    """The state with what is given of activities, rolled up; see `standards.registry.begins_with`."""
    activities = dict(state.activities)
    begun: dict[str, dict[str, str]] = {}
    for leaf in course.leaves:
        if (held := given.activities.get(leaf.identifier)) is not None:
            values = {**held.values, **_of_outcome(held.outcome)}
            activities[leaf.identifier] = counted(replace(held, values=values))
            begun[leaf.identifier] = {name: value for name, value in values.items() if name not in _TIMES}
    memory = {**state.memory, **({GIVEN: begun} if begun else {})}
    memory |= {"suspended": given.suspended} if given.suspended else {}
    return rolled_up(course, replace(state, activities=activities, memory=memory))


def _of_outcome(outcome: Outcome) -> dict[str, str]:
    """What content would have said to come to it."""
    values = {COMPLETION: "true"} if outcome.completion == "completed" else {}
    if outcome.success != "unknown":
        values[SUCCESS] = "true" if outcome.success == "passed" else "false"
    if outcome.score is not None:
        values[SCORE[0]] = f"{outcome.score:.15g}"
    if outcome != Outcome():
        values[VERB] = f"{VERBS}experienced"
    return values | ({TOTAL: f"{outcome.seconds:.2f}"} if outcome.seconds else {})


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def counted(held: ActivityState) -> ActivityState:
    """The activity with its outcome from what its content said."""
    values = held.values
    completion: Completion = "completed" if values.get(COMPLETION) == "true" else "incomplete"
    if VERB not in values:
        completion = "unknown"
    said: Mapping[str, Success] = {"true": "passed", "false": "failed"}
    success = said.get(values.get(SUCCESS, ""), "unknown")
    return replace(held, outcome=Outcome(completion, success, _scaled(values), seconds(held)))


def seconds(held: ActivityState) -> float:
    """The time tracked: that of earlier launches and of this one so far."""
    session = _number(held.values.get(SESSION))
    return (_number(held.values.get(TOTAL)) or 0.0) + (held.shown_seconds if session is None else session)


def next_launch(held: ActivityState) -> ActivityState:
    """The activity as a new launch of it begins: the time so far is kept, that of the launch counts from nothing."""
    values = {name: value for name, value in held.values.items() if name != SESSION}
    earlier = _number(held.values.get(TOTAL)) or 0.0
    if spent := seconds(held):
        values |= {TOTAL: f"{spent:.2f}", BEFORE: f"{spent - earlier:.2f}"}
    return replace(held, values=values, attempts=held.attempts + 1, shown_seconds=0.0)


def _scaled(values: Mapping[str, str]) -> float | None:
    """score.scaled; else raw as a share of its range, which is 0 to 100 where none is given."""
    scaled, raw, low, high = (_number(values.get(name)) for name in SCORE)
    if scaled is not None or raw is None:
        return scaled
    return share(raw, low, high)


def rolled_up(course: CourseStructure, state: State) -> State:
    """The state with what the whole has come to."""
    outcome = _whole(course.root, state.activities)
    activities = state.activities
    if course.root.kind == "aggregation":
        held = activities.get(course.root.identifier, ActivityState())
        activities = {**activities, course.root.identifier: replace(held, outcome=outcome)}
    return replace(state, activities=activities, outcome=outcome)


def _whole(root: Activity, activities: Mapping[str, ActivityState]) -> Outcome:
    held = activities.get(root.identifier, ActivityState())
    parts = [
        activities.get(child.identifier, ActivityState()).outcome
        for child in root.walk()
        if child is not root and child.kind != "aggregation"
    ]
    own = counted(held).outcome
    below = _combined(parts)
    return Outcome(
        completion=own.completion if COMPLETION in held.values or not parts else below.completion,
        success=own.success if SUCCESS in held.values or not parts else below.success,
        score=own.score if own.score is not None or not parts else below.score,
        seconds=own.seconds + below.seconds,
    )


def _combined(parts: Sequence[Outcome]) -> Outcome:
    if not parts:
        return Outcome()
    scores = [part.score for part in parts if part.score is not None]
    completion: Completion = "unknown"
    if all(part.completion == "completed" for part in parts):
        completion = "completed"
    elif any(part.completion != "unknown" for part in parts):
        completion = "incomplete"
    success: Success = "unknown"
    if any(part.success == "failed" for part in parts):
        success = "failed"
    elif all(part.success == "passed" for part in parts):
        success = "passed"
    return Outcome(completion, success, sum(scores) / len(scores) if scores else None, sum(p.seconds for p in parts))
