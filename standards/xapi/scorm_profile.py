"""Sessions of SCORM and AICC content as statements of the xAPI SCORM Profile (https://w3id.org/xapi/scorm).

`after_request` and `after_report` note in a state what has happened, as events; `statement_of` words an event. What has
been noted is remembered in the state, and not taken from a comparison with the state before: reports that change no
outcome are stored without passing here, and what they bring is noted with the next that does.
"""

import hashlib
import math
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from ..durations import duration_seconds, timespan_seconds
from ..structure import Activity, ActivityState, CourseStructure, Request, State

Json = Mapping[str, Any]
Event = dict[str, Any]

PROFILE = "https://w3id.org/xapi/scorm"
VERBS = "http://adlnet.gov/expapi/verbs/"
TYPES = "http://adlnet.gov/expapi/activities/"
EVENTS = "events"  # State.memory key of what waits to be stated
STATED = "stated"  # State.memory key of what has been noted
NOTHING: Json = {"number": 0, "open": None, "activities": {}}
_NAMESPACE = uuid.UUID("0e4f2bb6-2a3c-5d7e-8c57-3e1d0f8a9b64")
_LANGUAGE = re.compile(r"^\{lang=[^}]{0,250}\}")  # of a localized string (SCORM 2004 4th Ed. RTE 4.1.1.6)
_ENTRY = re.compile(r"(\d{1,6})\.(.+)", re.DOTALL)

# --- what has happened ------------------------------------------------------------------------------------------------


def after_request(state: State, before: State, request: Request, now: str) -> State:
    """The state after a navigation request, with what it ended and began noted (profile 5.0)."""
    notes = _Notes(state, now)
    delivered = _is_delivered(before, state, request)
    left = notes.open
    if left is not None and (delivered or state.current != left["activity"]):
        again = delivered and state.current == left["activity"]
        held = (before if again else state).activities.get(left["activity"], ActivityState())
        suspended = _is_resumed(state) if again else _is_suspended(held)
        notes.results(held)
        notes.interactions(held, is_over=True)
        notes.objectives_and_comments(held)
        notes.close(held, suspended)
    if delivered:
        notes.begin(state.current, state.activities.get(state.current, ActivityState()), _is_resumed(state))
    return notes.state()


def after_report(state: State, activity: str, now: str) -> State:
    """The state after a report, with what came of it noted; the session is over once the content has ended it."""
    notes = _Notes(state, now)
    if notes.open is not None and notes.open["activity"] == activity:
        held = state.activities.get(activity, ActivityState())
        is_over = bool(state.memory.get("finished")) and state.current == activity
        notes.results(held)
        notes.interactions(held, is_over)
        if is_over:
            notes.objectives_and_comments(held)
            notes.close(held, _is_suspended(held))
    return notes.state()


def _is_delivered(before: State, after: State, request: Request) -> bool:
    """Whether a session of an activity began: of another one, or of the same one anew."""
    if not after.current:
        return False
    if request.name in ("start", "resumeAll") or after.current != before.current:
        return True
    attempts = [state.activities.get(after.current, ActivityState()).attempts for state in (before, after)]
    return attempts[0] != attempts[1] or bool(before.memory.get("finished") and not after.memory.get("finished"))


def _is_resumed(state: State) -> bool:
    """cmi.entry is resume."""
    held = state.activities.get(state.current, ActivityState())
    return bool(state.memory.get("resumed")) or held.suspended


def _is_suspended(held: ActivityState) -> bool:
    return held.suspended or "suspend" in (held.values.get("cmi.exit"), held.values.get("cmi.core.exit"))


class _Notes:
    """What is noted of an instance: its open session, and of each activity what has been said of it."""

    def __init__(self, state: State, now: str) -> None:
        self.before, self.now = state, now
        held: Json = state.memory.get(STATED) or {}
        self.number: int = held.get("number", 0)
        self.open: dict[str, Any] | None = held.get("open")
        self.activities: dict[str, dict[str, Any]] = dict(held.get("activities", {}))
        self.events: list[Event] = []

    def state(self) -> State:
        """The state with the notes; the one given where there is nothing new."""
        memory = self.before.memory
        stated = {"number": self.number, "open": self.open, "activities": self.activities}
        if stated == (memory.get(STATED) or NOTHING):
            return self.before
        events = {EVENTS: [*memory.get(EVENTS, ()), *self.events]} if self.events else {}
        return replace(self.before, memory={**memory, STATED: stated, **events})

    def begin(self, activity: str, held: ActivityState, resumed: bool) -> None:
        """A new attempt, or the one that was suspended (profile 6.0 Entry)."""
        known = self.activities.get(activity)
        resumed = resumed and known is not None
        attempt = known["attempt"] + (0 if resumed else 1) if known else 1
        kept = {str(number) for number, _ in _interactions(held.values)}
        said = {number: digest for number, digest in (known or {}).get("said", {}).items() if number in kept}
        told = {place: digest for place, digest in (known or {}).get("told", {}).items() if place in _told(held.values)}
        outcome = held.outcome
        self.activities[activity] = {
            "attempt": attempt,
            "completion": outcome.completion,
            "success": outcome.success,
            "score": outcome.score,
            "said": said,
            "told": told,
        }
        self.open = {"activity": activity, "seconds": outcome.seconds}
        self._note("resumed" if resumed else "initialized", activity)

    def results(self, held: ActivityState) -> None:
        """Score, completion and success where they are others than were said."""
        assert self.open is not None
        name, outcome = self.open["activity"], held.outcome
        known = self.activities[name]
        said = (known["score"], known["completion"], known["success"])
        if said == (outcome.score, outcome.completion, outcome.success):
            return
        now = {"score": outcome.score, "completion": outcome.completion, "success": outcome.success}
        self.activities[name] = {**known, **now}
        if outcome.score is not None and outcome.score != said[0]:
            self._note("scored", name, {"score": _score(held)})
        if outcome.completion == "completed" != said[1]:
            self._note("completed", name, {"completion": True})
        if outcome.success in ("passed", "failed") and outcome.success != said[2]:
            self._note(outcome.success, name, {"success": outcome.success == "passed", **_scored(held)})

    def interactions(self, held: ActivityState, is_over: bool) -> None:
        """Each that is complete, once; one that is answered anew again. What is not judged waits for the end."""
        assert self.open is not None
        name = self.open["activity"]
        known = self.activities[name]
        said = dict(known["said"])
        for number, record in _interactions(held.values):
            response = record.get("learner_response", record.get("student_response"))
            result = record.get("result")
            if not record.get("id") or (response is None and not result):
                continue
            if not is_over and (response is None or not result):
                continue
            digest = _digest(record["id"], record.get("type", ""), response or "", result or "")
            if said.get(str(number)) != digest:
                said[str(number)] = digest
                self._note("responded", name, interaction=record)
        self.activities[name] = {**known, "said": said}

    def objectives_and_comments(self, held: ActivityState) -> None:
        """What the session leaves of them, where it is other than was said (profile 6.0 Objectives, Comments)."""
        assert self.open is not None
        name = self.open["activity"]
        known = self.activities[name]
        told = dict(known.get("told", {}))
        for place, record in _told(held.values).items():
            digest = _digest(*(f"{element}={value}" for element, value in sorted(record.items())))
            if told.get(place) == digest:
                continue
            told[place] = digest
            if comment := record.get("comment"):
                self._note("commented", name, {"response": comment})
            elif verb := _verb_of_objective(record):
                self._note(verb, name, objective=record)
        self.activities[name] = {**known, "told": told}

    def close(self, held: ActivityState, suspended: bool) -> None:
        """The session is over, with what the activity has come to and the time it took (profile 6.0 Exit)."""
        assert self.open is not None
        outcome = held.outcome
        result: Event = {"duration": _duration(outcome.seconds - self.open["seconds"]), **_scored(held)}
        if outcome.completion != "unknown":
            result["completion"] = outcome.completion == "completed"
        if outcome.success != "unknown":
            result["success"] = outcome.success == "passed"
        name, self.open = self.open["activity"], None
        self._note("suspended" if suspended else "terminated", name, result)

    def _note(self, verb: str, activity: str, result: Json | None = None, **about: Json) -> None:
        """`about`: the interaction or the objective that it is about, as a record of its elements."""
        self.number += 1
        event: Event = {
            "profile": PROFILE,
            "number": self.number,
            "verb": verb,
            "activity": activity,
            "attempt": self.activities[activity]["attempt"],
            "at": self.now,
        }
        if result:
            event["result"] = dict(result)
        self.events.append(event | {kind: dict(record) for kind, record in about.items()})


def _interactions(values: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    return _records(values, "cmi.interactions.")


def _records(values: Mapping[str, str], collection: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The entries of a collection in order, their elements by name."""
    found: dict[int, dict[str, str]] = {}
    for name, value in values.items():
        if name.startswith(collection) and (match := _ENTRY.fullmatch(name, len(collection))):
            found.setdefault(int(match[1]), {})[match[2]] = value
    yield from sorted(found.items())


def _told(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The objectives and the learner's comments by the place they are kept at; of comments the text alone."""
    told = {
        f"objective {record['id']}": record for _, record in _records(values, "cmi.objectives.") if record.get("id")
    }
    for collection, element in (("cmi.comments_from_learner.", "comment"), ("cmi.evaluation.comments.", "content")):
        for number, record in _records(values, collection):
            if text := _LANGUAGE.sub("", record.get(element, "")):
                told[f"comment {number}"] = {"comment": text}
    if grown := values.get("cmi.comments"):  # of SCORM 1.2 and AICC: one text that grows
        told["comments"] = {"comment": grown}
    return told


def _verb_of_objective(record: Mapping[str, str]) -> str:
    """Success says more than completion, and that more than a score; "" where nothing came of the objective."""
    said = {record.get(name) for name in ("success_status", "completion_status", "status")}
    for verb in ("passed", "failed", "completed"):
        if verb in said:
            return verb
    return "scored" if _score_of_objective(record) else ""


def _score_of_objective(record: Mapping[str, str]) -> dict[str, float]:
    """As xAPI takes it: scaled within -1 and 1, raw within its range."""
    scaled = _real(record.get("score.scaled", ""))
    score = {"scaled": scaled} if scaled is not None and -1 <= scaled <= 1 else {}
    return score | _raw({part: _real(record.get(f"score.{part}", "")) for part in ("raw", "min", "max")})


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def _scored(held: ActivityState) -> Event:
    return {} if held.outcome.score is None else {"score": _score(held)}


def _score(held: ActivityState) -> dict[str, float]:
    """The scaled score; the raw one and its range where they make sense together (xAPI 1.0.3 Data 2.4.5.1)."""
    assert held.outcome.score is not None
    score = {"scaled": round(max(-1.0, min(1.0, held.outcome.score)), 7)}
    return score | _raw({part: _real(_either(held.values, f"score.{part}")) for part in ("raw", "min", "max")})


def _raw(parts: Mapping[str, float | None]) -> dict[str, float]:
    raw, low, high = (parts[name] for name in ("raw", "min", "max"))
    if low is not None and high is not None and low >= high:
        low = high = None
    if raw is None or (low is not None and raw < low) or (high is not None and raw > high):
        return {}
    named = {"raw": raw, "min": low, "max": high}
    return {name: value for name, value in named.items() if value is not None}


def _either(values: Mapping[str, str], element: str) -> str:
    """An element of SCORM 2004, or of SCORM 1.2 and AICC."""
    return values.get(f"cmi.{element}") or values.get(f"cmi.core.{element}") or ""


def _real(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _duration(seconds: float) -> str:
    """To the hundredth (profile 6.0 Session Time)."""
    return f"PT{max(0.0, seconds):.2f}".removesuffix(".00") + "S"


# --- in words ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Names:
    """Who and what the statements of a registration are about; `course` is the IRI of the course."""

    course: str
    registration: str
    actor: Json

    def activity_id(self, identifier: str) -> str:
        """<courseIRI>/<sco path> (profile 3.2 Activity IRI)."""
        return f"{self.course}/{_path(identifier)}"

    def attempt_id(self, event: Json) -> str:
        """Unique, and the same for all statements of an attempt (profile 5.0)."""
        name = f"{self.registration}\0{event['activity']}\0{event['attempt']}"
        return f"{self.activity_id(event['activity'])}?attemptId={uuid.uuid5(_NAMESPACE, name)}"

    def statement_id(self, event: Json) -> str:
        """The same however often an event is handed over."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.registration}\0{event['number']}"))


def _path(identifier: str) -> str:
    return quote(identifier.encode("utf-8", "replace"), safe="")


def statement_of(event: Json, course: CourseStructure, names: Names) -> dict[str, Any]:
    """The statement of an event."""
    node = course.activity(event["activity"]) or Activity(event["activity"])
    lesson = _activity(names.activity_id(node.identifier), "lesson", node.title)
    attempt = _activity(names.attempt_id(event), "attempt", f"Attempt of {node.title}" if node.title else "")
    about = {"grouping": [_activity(names.course, "course", course.title), attempt], "category": [PROFILE_ACTIVITY]}
    statement: dict[str, Any] = {
        "id": names.statement_id(event),
        "actor": dict(names.actor),
        "verb": {"id": VERBS + event["verb"], "display": {"en-US": event["verb"]}},
        "object": lesson,
        "context": {"registration": names.registration, "contextActivities": about},
        "timestamp": event["at"].replace("+00:00", "Z"),
    }
    result = event.get("result")
    if record := event.get("interaction"):
        statement["object"] = _interaction(names, node, record)
        about["parent"] = [lesson]
        result = _interaction_result(record)
    elif record := event.get("objective"):
        statement["object"] = _activity(
            f"{names.activity_id(node.identifier)}/objectives/{_path(record['id'])}",
            "objective",
            record.get("description", "") or record["id"],
        )
        about["parent"] = [lesson]
        result = _objective_result(record)
    if result:
        statement["result"] = result
    return statement


def _objective_result(record: Mapping[str, str]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if score := _score_of_objective(record):
        result["score"] = score
    said = {record.get(name) for name in ("success_status", "completion_status", "status")}
    if said & {"passed", "failed"}:
        result["success"] = "passed" in said
    if said & {"completed", "incomplete"}:
        result["completion"] = "completed" in said
    return result


PROFILE_ACTIVITY: Json = {"id": PROFILE, "definition": {"type": f"{TYPES}profile"}}


def _activity(identifier: str, kind: str, title: str) -> dict[str, Any]:
    definition: dict[str, Any] = {"type": TYPES + kind}
    if title:
        definition["name"] = {"und": title}
    return {"objectType": "Activity", "id": identifier, "definition": definition}


# --- interactions -----------------------------------------------------------------------------------------------------

INTERACTION_TYPES = (
    "true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing", "likert", "numeric",
    "other",
)  # fmt: skip
OTHER_WORDS = {"multiple-choice": "choice", "truefalse": "true-false"}
SUCCESS = {"correct": True, "incorrect": False, "wrong": False}
LISTS = ("choice", "sequencing", "matching")


def _interaction(names: Names, node: Activity, record: Mapping[str, str]) -> dict[str, Any]:
    """<scoIRI>/interactions/<interaction path>, as xAPI defines interactions (profile 6.0 Interactions)."""
    kind = _kind(record)
    identifier = f"{names.activity_id(node.identifier)}/interactions/{_path(record['id'])}"
    definition: dict[str, Any] = {
        "type": f"{TYPES}cmi.interaction",
        "interactionType": kind,
        "name": {"und": record["id"]},
    }
    if record.get("description"):
        definition["description"] = {"und": record["description"]}
    patterns = [
        value
        for name, value in sorted(record.items(), key=_place)
        if name.startswith("correct_responses.") and name.endswith(".pattern") and value
    ]
    if patterns:
        definition["correctResponsesPattern"] = [_pattern(kind, value, _is_older(record)) for value in patterns]
    return {"objectType": "Activity", "id": identifier, "definition": definition}


def _place(element: tuple[str, str]) -> int:
    number = element[0].split(".")[1:2]
    return int(number[0]) if number and number[0].isdecimal() and len(number[0]) < 7 else 0


def _kind(record: Mapping[str, str]) -> str:
    kind = record.get("type", "").strip().lower().replace("_", "-")
    kind = OTHER_WORDS.get(kind, kind)
    return kind if kind in INTERACTION_TYPES else "other"


def _is_older(record: Mapping[str, str]) -> bool:
    """SCORM 1.2 and AICC have other separators than SCORM 2004, whose formats xAPI took over."""
    return "student_response" in record or ("learner_response" not in record and "time" in record)


def _pattern(kind: str, value: str, is_older: bool) -> str:
    """A response or correct pattern in the format of xAPI (1.0.3 Data, Appendix C).

    SCORM 1.2 RTE 3.4.4 separates by commas, in braces or not, and pairs by full stops.
    """
    if kind == "true-false":
        return {"t": "true", "1": "true", "f": "false", "0": "false"}.get(value.strip().lower()[:1], value)
    if not is_older or kind not in LISTS:
        return value
    inner = value.strip().removeprefix("{").removesuffix("}")
    parts = [part.strip() for part in inner.split(",")]
    if kind == "matching":
        parts = ["[.]".join(part.split(".", 1)) for part in parts]
    return "[,]".join(parts)


def _interaction_result(record: Mapping[str, str]) -> dict[str, Any]:
    """Response, success where it was judged, a score where the result is a number, and the time it took."""
    result: dict[str, Any] = {}
    response = record.get("learner_response", record.get("student_response"))
    if response is not None:
        result["response"] = _pattern(_kind(record), response, _is_older(record))
    judged = record.get("result", "").strip().lower()
    if judged in SUCCESS:
        result["success"] = SUCCESS[judged]
    elif (number := _real(judged)) is not None:
        result["score"] = {"raw": number}
    if (seconds := _seconds(record.get("latency", ""))) is not None:
        result["duration"] = _duration(seconds)
    return result


def _seconds(text: str) -> float | None:
    for read in (duration_seconds, timespan_seconds):
        try:
            return read(text)
        except ValueError:
            continue
    return None
