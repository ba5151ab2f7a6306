"""Progress made elsewhere: a RegistrationSchema (`initialRegistrationState`) as the state an instance begins with."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from standards.durations import duration_seconds, format_duration, format_timespan, timespan_seconds
from standards.registry import begins_with
from standards.structure import Activity, ActivityState, CourseStructure, Given, Outcome, State

from .errors import RegistrationError
from .results import COMPLETED, SATISFIED, TYPES
from .sessions import is_too_much

Document = Mapping[str, Any]
FIELD = "initialRegistrationState"
KINDS = {word: kind for kind, word in TYPES.items()}
KNOWN = {word: known for known, word in COMPLETED.items()}
PASSED = {word: known for known, word in SATISFIED.items()}
LONGEST_SECONDS = 10.0**9

# RuntimeSchema -> element of the data model (SCORM 2004 RTE 4.2, SCORM 1.2 RTE 3.4); `exit` and `entry` are of sessions
ELEMENTS_2004 = {
    "completionStatus": "cmi.completion_status",
    "location": "cmi.location",
    "progressMeasure": "cmi.progress_measure",
    "scoreScaled": "cmi.score.scaled",
    "scoreRaw": "cmi.score.raw",
    "scoreMin": "cmi.score.min",
    "scoreMax": "cmi.score.max",
    "suspendData": "cmi.suspend_data",
}
ELEMENTS_12 = {
    "completionStatus": "cmi.core.lesson_status",
    "location": "cmi.core.lesson_location",
    "scoreRaw": "cmi.core.score.raw",
    "scoreMin": "cmi.core.score.min",
    "scoreMax": "cmi.core.score.max",
    "suspendData": "cmi.suspend_data",
}
PREFERENCES_2004 = {
    "audioLevel": "cmi.learner_preference.audio_level",
    "language": "cmi.learner_preference.language",
    "deliverySpeed": "cmi.learner_preference.delivery_speed",
    "audioCaptioning": "cmi.learner_preference.audio_captioning",
}
PREFERENCES_12 = {
    "audioLevel": "cmi.student_preference.audio",
    "language": "cmi.student_preference.language",
    "deliverySpeed": "cmi.student_preference.speed",
    "audioCaptioning": "cmi.student_preference.text",
}


def seeded(course: CourseStructure, state: State, document: Document, settings: Mapping[str, str], now: str) -> State:
    """The state of a new registration with the progress of the document. Raises RegistrationError.

    What is said of activities is rolled up by the standard; what is said of the whole goes before that. Where nothing
    is said of activities, a whole that is over means that all of them are.
    """
    whole = _outcome(document, "registration", FIELD, document.get("totalSecondsTracked"))
    is_2004 = course.standard.startswith("SCORM2004")
    activities = dict(_activities(course, document))
    suspended = str(document.get("suspendedActivityId") or "")
    if suspended and course.activity(suspended) is None:
        raise _unknown(f"{FIELD}.suspendedActivityId", suspended)
    given = Given(
        activities or _spread(course, whole),
        dict(_shared_objectives(document)) if is_2004 else {},
        dict(_shared_data(document)) if is_2004 else {},
        suspended,
    )
    after = begins_with()[course.standard](course, state, given, settings, now)
    return replace(after, outcome=_over(after.outcome, whole))


def _over(rolled: Outcome, whole: Outcome) -> Outcome:
    return Outcome(
        rolled.completion if whole.completion == "unknown" else whole.completion,
        rolled.success if whole.success == "unknown" else whole.success,
        rolled.score if whole.score is None else whole.score,
        whole.seconds or rolled.seconds,
    )


def _spread(course: CourseStructure, whole: Outcome) -> dict[str, ActivityState]:
    """What the whole says of its activities: one that is begun has begun the first, the time is spent there."""
    if whole == Outcome():
        return {}
    leaves = list(course.leaves)
    is_over = len(leaves) == 1 or whole.completion == "completed" or whole.success != "unknown"
    first = replace(whole, success=whole.success if is_over else "unknown")
    others = {leaf.identifier: ActivityState({}, replace(whole, seconds=0.0), 1) for leaf in leaves[1:]}
    return {leaves[0].identifier: ActivityState({}, first, 1), **(others if is_over else {})}


# --- activities -------------------------------------------------------------------------------------------------------


def _activities(course: CourseStructure, document: Document) -> Iterator[tuple[str, ActivityState]]:
    """The leaves that the document tells of."""
    top = document.get("activityDetails")
    waiting: list[tuple[Document, str]] = [(top, f"{FIELD}.activityDetails")] if top else []
    while waiting:
        each, at = waiting.pop()
        name = each.get("id") or (course.root.identifier if each is top else "")
        activity = course.activity(name)
        if activity is None:
            raise _unknown(f"{at}.id", name)
        waiting += [(child, f"{at}.children[{place}]") for place, child in enumerate(each.get("children") or ())]
        if activity.kind != "aggregation" and (held := _held(course, activity, each, at)) is not None:
            yield name, held


def _held(course: CourseStructure, activity: Activity, told: Document, at: str) -> ActivityState | None:
    """None where nothing happened."""
    outcome = _outcome(told, "activity", at, _seconds(told.get("timeTracked"), f"{at}.timeTracked"))
    attempts, runtime = told.get("attempts") or 0, told.get("runtime") or {}
    if attempts < 0 or attempts > 2**31 - 1:
        raise RegistrationError(f"{at}.attempts: it is from 0 to {2**31 - 1}.")
    values: dict[str, str] = {}
    if course.standard in ("XAPI", "CMI5"):
        pass  # what they are told is in the record store
    elif course.standard.startswith("SCORM2004"):
        values = _values_2004(activity, told, f"{at}.runtime")
    else:
        values = _values_12(runtime, f"{at}.runtime")
    if is_too_much(values):
        raise RegistrationError(f"{at}.runtime: it is more than is kept of one activity.")
    if outcome == Outcome() and not attempts and not values:
        return None
    return ActivityState(values, outcome, max(1, attempts), bool(told.get("suspended")))


def _values_2004(activity: Activity, told: Document, at: str) -> dict[str, str]:
    runtime = told.get("runtime") or {}
    values = _named(runtime, ELEMENTS_2004) | _named(runtime.get("learnerPreference") or {}, PREFERENCES_2004)
    if (success := _word(runtime.get("runtimeSuccessStatus"))) != "unknown":
        values["cmi.success_status"] = success
    if runtime.get("totalTime"):
        values["cmi.total_time"] = format_duration(_seconds(runtime["totalTime"], f"{at}.totalTime") or 0.0)
    objectives = runtime.get("runtimeObjectives") or [_as_runtime(each) for each in told.get("objectives") or ()]
    defined = [each.identifier for each in activity.sequencing.objectives if each.identifier]
    for place, each in enumerate(_in_order(objectives, defined)):
        if each:
            values |= _objective_2004(f"cmi.objectives.{place}", each)
    for place, each in enumerate(runtime.get("runtimeInteractions") or ()):
        values |= _interaction(f"cmi.interactions.{place}", each, ("learner_response", "timestamp"), "long-fill-in")
    for place, each in enumerate(runtime.get("learnerComments") or ()):
        named = {"value": "comment", "location": "location", "dateTime": "timestamp"}
        values |= _named(each, {name: f"cmi.comments_from_learner.{place}.{word}" for name, word in named.items()})
    return values


def _values_12(runtime: Document, at: str) -> dict[str, str]:
    values = _named(runtime, ELEMENTS_12) | _named(runtime.get("learnerPreference") or {}, PREFERENCES_12)
    if (success := _word(runtime.get("runtimeSuccessStatus"))) != "unknown":
        values["cmi.core.lesson_status"] = success  # one status for both
    if runtime.get("totalTime"):
        values["cmi.core.total_time"] = format_timespan(_seconds(runtime["totalTime"], f"{at}.totalTime") or 0.0)
    for place, each in enumerate(runtime.get("runtimeObjectives") or ()):
        named = {"id": "id", "scoreRaw": "score.raw", "scoreMin": "score.min", "scoreMax": "score.max"}
        values |= _named(each, {name: f"cmi.objectives.{place}.{word}" for name, word in named.items()})
        status = _word(each.get("runtimeObjectiveSuccessStatus"))
        status = _word(each.get("runtimeObjectiveCompletionStatus")) if status == "unknown" else status
        if status != "unknown":
            values[f"cmi.objectives.{place}.status"] = status
    for place, each in enumerate(runtime.get("runtimeInteractions") or ()):
        values |= _interaction(f"cmi.interactions.{place}", each, ("student_response", "time"), "fill-in")
    if comments := [each["value"] for each in runtime.get("learnerComments") or () if each.get("value")]:
        values["cmi.comments"] = "".join(comments)
    return values


def _interaction(at: str, told: Document, words: tuple[str, str], long: str) -> dict[str, str]:
    response, time = words
    named = {
        "id": "id",
        "timestamp": time,
        "weighting": "weighting",
        "learnerResponse": response,
        "result": "result",
        "latency": "latency",
        "description": "description",
    }
    values = _named(told, {name: f"{at}.{word}" for name, word in named.items()})
    kind = KINDS.get(told.get("type", ""), "other" if told.get("type") else "")
    if kind:
        values[f"{at}.type"] = long if kind == "long-fill-in" else kind
    for place, pattern in enumerate(told.get("correctResponses") or ()):
        values[f"{at}.correct_responses.{place}.pattern"] = pattern
    for place, name in enumerate(told.get("objectives") or ()):
        values[f"{at}.objectives.{place}.id"] = name
    return values


def _objective_2004(at: str, told: Document) -> dict[str, str]:
    named = {
        "id": "id",
        "scoreScaled": "score.scaled",
        "scoreRaw": "score.raw",
        "scoreMin": "score.min",
        "scoreMax": "score.max",
        "progressMeasure": "progress_measure",
        "description": "description",
    }
    values = _named(told, {name: f"{at}.{word}" for name, word in named.items()})
    if (success := _word(told.get("runtimeObjectiveSuccessStatus"))) != "unknown":
        values[f"{at}.success_status"] = success
    if (completion := _word(told.get("runtimeObjectiveCompletionStatus"))) in ("completed", "incomplete"):
        values[f"{at}.completion_status"] = completion
    return values


def _as_runtime(told: Document) -> Document:
    """An ObjectiveSchema as a RuntimeObjectiveSchema."""
    numbers = ("scoreRaw", "scoreMin", "scoreMax", "progressMeasure")
    found: dict[str, Any] = {name: f"{told[name]:g}" for name in numbers if told.get(name) is not None}
    scaled = (told.get("score") or {}).get("scaled")
    if scaled is not None:
        found["scoreScaled"] = f"{scaled / 100:g}"
    return found | {
        "id": told.get("id", ""),
        "runtimeObjectiveSuccessStatus": told.get("objectiveSuccess"),
        "runtimeObjectiveCompletionStatus": told.get("objectiveCompletion"),
    }


def _in_order(objectives: Sequence[Document], defined: Sequence[str]) -> list[Document]:
    """Those that the sequencing definition names at its places, then the others (RTE 4.2.17.1); {}: nothing is told."""
    named = {each["id"]: each for each in objectives if each.get("id")}
    return [*(named.pop(name, {}) for name in defined), *named.values()]


def _named(told: Document, elements: Mapping[str, str]) -> dict[str, str]:
    return {element: str(told[name]) for name, element in elements.items() if told.get(name) not in (None, "")}


def _word(status: str | None) -> str:
    return (status or "unknown").replace("_", " ").lower()


# --- what is shared ---------------------------------------------------------------------------------------------------


def _shared_objectives(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, each in enumerate(document.get("globalObjectives") or ()):
        at = f"{FIELD}.globalObjectives[{place}]"
        if not each.get("id"):
            raise RegistrationError(f"{at}.id: it is missing.")
        yield (
            each["id"],
            {
                "satisfied": PASSED[each.get("objectiveSuccess", "UNKNOWN")],
                "completed": KNOWN[each.get("objectiveCompletion", "UNKNOWN")],
                "measure": _scaled(each, at),
                "progress": each.get("progressMeasure"),
                "raw": each.get("scoreRaw"),
                "minimum": each.get("scoreMin"),
                "maximum": each.get("scoreMax"),
            },
        )


def _shared_data(document: Document) -> Iterator[tuple[str, str]]:
    for place, each in enumerate(document.get("sharedData") or ()):
        if not each.get("id"):
            raise RegistrationError(f"{FIELD}.sharedData[{place}].id: it is missing.")
        yield each["id"], each.get("value") or ""


# --- numbers ----------------------------------------------------------------------------------------------------------


def _outcome(told: Document, kind: str, at: str, seconds: float | None) -> Outcome:
    completion, success = _word(told.get(f"{kind}Completion")), _word(told.get(f"{kind}Success"))
    if seconds is not None and not 0 <= seconds <= LONGEST_SECONDS:
        raise RegistrationError(f"{at}.totalSecondsTracked: it is from 0 to {LONGEST_SECONDS:g} seconds.")
    return Outcome(completion, success, _scaled(told, at), seconds or 0.0)  # type: ignore[arg-type]


def _scaled(told: Document, at: str) -> float | None:
    """score.scaled of 0 to 100 as -1 to 1."""
    scaled = (told.get("score") or {}).get("scaled")
    if scaled is None:
        return None
    if not math.isfinite(scaled) or not -100 <= scaled <= 100:
        raise RegistrationError(f"{at}.score.scaled: it is from -100 to 100.")
    return scaled / 100


def _seconds(text: str | None, at: str) -> float | None:
    """Of a timespan of SCORM 1.2 (`0000:01:30.00`), or an ISO 8601 duration."""
    if not text:
        return None
    for read in (timespan_seconds, duration_seconds):
        try:
            return read(text)
        except ValueError:
            continue
    raise RegistrationError(f"{at}: it must be a time such as 0000:01:30.00 or PT1M30S.")


def _unknown(at: str, name: str) -> RegistrationError:
    return RegistrationError(f"{at}: there is no activity “{str(name)[:255]}” in this course.")
