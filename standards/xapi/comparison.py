"""Whether two statements are the same one (1.0.3 Data 2.3.1; 2.0 4.2.4.1)."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from .errors import StatementError
from .identity import agent_key
from .statements import SIGNATURE
from .values import read_timestamp
from .versions import V1_0_3

Json = Mapping[str, Any]
_FINER = re.compile(r"([.,][0-9]{2})[0-9]+(?=S$)")
_ASSIGNED = ("id", "authority", "stored", "version")  # by an LRS, whatever was sent


def equivalent(a: Json, b: Json) -> bool:
    """Whether two statements differ in nothing but what may change without their being others.

    That is: what an LRS assigns, the display of verbs, the definitions of activities, how times are written, the order
    of a group's members, single activities for lists of one, signatures and the case of what has none. Everything else
    must be equal as JSON: 1 is 1.0, but not true; a property that is left out is not its default.
    """
    if a.get("id") and b.get("id") and a["id"].lower() != b["id"].lower():
        return False
    left, right = _essence(a), _essence(b)
    if "timestamp" not in left or "timestamp" not in right:  # one may have been assigned
        left.pop("timestamp", None)
        right.pop("timestamp", None)
    return _same(left, right)


def _essence(statement: Json) -> dict[str, Any]:
    """What of a statement cannot change, each value in one spelling."""
    kept = {name: value for name, value in statement.items() if name not in _ASSIGNED}
    for name, convert in _CONVERSIONS.items():
        if name in kept:
            kept[name] = convert(kept[name])
    attachments = [entry for entry in kept.pop("attachments", ()) if entry.get("usageType") != SIGNATURE]
    if attachments:
        kept["attachments"] = [{**entry, "sha2": entry.get("sha2", "").lower()} for entry in attachments]
    return kept


def _agent(agent: Json) -> dict[str, Any]:
    kept: dict[str, Any] = {name: agent[name] for name in ("objectType", "name") if name in agent}
    kept["identifier"] = agent_key(agent)
    if "member" in agent:
        kept["member"] = sorted((_agent(member) for member in agent["member"]), key=_sortable)
    return kept


def _sortable(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _verb(verb: Json) -> str:
    return verb["id"]


def _activity(activity: Json) -> dict[str, Any]:
    return {name: value for name, value in activity.items() if name != "definition"}


def _object(target: Json) -> Any:
    kind = target.get("objectType", "Activity")
    if kind in ("Agent", "Group"):
        return _agent(target)
    if kind == "SubStatement":
        return _essence(target)
    return _reference(target) if kind == "StatementRef" else _activity(target)


def _reference(reference: Json) -> dict[str, Any]:
    return {**reference, "id": reference["id"].lower()}


def _timestamp(text: str) -> object:
    try:
        return read_timestamp(text, V1_0_3)  # its forms include those of 2.0
    except StatementError:
        return text


def _result(result: Json) -> dict[str, Any]:
    """Durations are compared to the hundredth of a second (1.0.3 Data 4.6)."""
    if not isinstance(result.get("duration"), str):
        return dict(result)
    return {**result, "duration": _FINER.sub(r"\1", result["duration"])}


def _context(context: Json) -> dict[str, Any]:
    kept = dict(context)
    for name, convert in _CONTEXT_CONVERSIONS.items():
        if name in kept:
            kept[name] = convert(kept[name])
    return kept


def _context_activities(activities: Json) -> dict[str, Any]:
    return {
        kind: [_activity(entry) for entry in ([entries] if isinstance(entries, Mapping) else entries)]
        for kind, entries in activities.items()
    }


def _context_agents(entries: list[Json]) -> list[dict[str, Any]]:
    return [
        {**entry, **{name: _agent(entry[name]) for name in ("agent", "group") if name in entry}} for entry in entries
    ]


_CONTEXT_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "registration": str.lower,
    "language": str.lower,
    "instructor": _agent,
    "team": _agent,
    "statement": _reference,
    "contextActivities": _context_activities,
    "contextAgents": _context_agents,
    "contextGroups": _context_agents,
}
_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "actor": _agent,
    "result": _result,
    "verb": _verb,
    "object": _object,
    "context": _context,
    "timestamp": _timestamp,
}


def _same(a: Any, b: Any) -> bool:
    """Equality of JSON, where Python would have true equal 1. Not recursive: extensions may be of any depth."""
    waiting = [(a, b)]
    while waiting:
        a, b = waiting.pop()
        if isinstance(a, dict) and isinstance(b, dict):
            if a.keys() != b.keys():
                return False
            waiting.extend((value, b[name]) for name, value in a.items())
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            waiting.extend(zip(a, b, strict=True))
        elif isinstance(a, bool) != isinstance(b, bool) or a != b:
            return False
    return True
