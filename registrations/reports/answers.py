"""Reads the interactions of run-time data, of either standard, as answers to questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registrations.reading import interactions
from standards.durations import duration_seconds, timespan_seconds

LONGEST_RESPONSE = 500  # kept; an essay is not counted by its words
LONGEST_TEXT = 4000
PREFIX = "cmi.interactions."
RIGHT = {"correct": True, "true": True, "right": True}
WRONG = {"incorrect": False, "wrong": False, "false": False}  # SCORM 2004 says incorrect, SCORM 1.2 wrong
MOST_SECONDS = 1e9


@dataclass(frozen=True)
class Given:
    """An answer, and what is told of its question."""

    number: int
    identifier: str
    kind: str
    description: str
    correct: str
    response: str
    result: str
    is_correct: bool | None
    latency: float | None
    weighting: float | None


def read(values: Mapping[str, str]) -> list[Given]:
    """Each interaction that has an id and was answered or judged."""
    reported = {name: value for name, value in values.items() if name.startswith(PREFIX)}
    found = []
    for number, row in enumerate(interactions(reported)):
        identifier, response, result = row["id"], row["response"], row["result"]
        if not identifier or not (response or result):
            continue
        found.append(
            Given(
                number,
                _clean(identifier, LONGEST_TEXT),
                _clean(row["type"], 30),
                _clean(row["description"], LONGEST_TEXT),
                _clean("\n".join(pattern for pattern in row["correct"] if pattern), LONGEST_TEXT),
                _clean(response, LONGEST_RESPONSE),
                _clean(result, 30),
                {**RIGHT, **WRONG}.get(result.strip().lower()),
                _seconds(row["latency"]),
                _number(row["weighting"]),
            )
        )
    return found


def stated(statement: Mapping[str, Any]) -> Given | None:
    """What a statement that somebody answered tells (xAPI 1.0.3 Data 2.4.4.1, interaction activities)."""
    about, result = statement.get("object"), statement.get("result") or {}
    if not isinstance(about, Mapping) or not isinstance(result, Mapping):
        return None
    definition = about.get("definition") or {}
    identifier, response, success = about.get("id"), result.get("response"), result.get("success")
    if not identifier or about.get("objectType", "Activity") != "Activity" or (not response and success is None):
        return None
    patterns = definition.get("correctResponsesPattern") or []
    return Given(
        0,
        _clean(str(identifier), LONGEST_TEXT),
        _clean(str(definition.get("interactionType", "")), 30),
        _clean(_words(definition.get("description")) or _words(definition.get("name")), LONGEST_TEXT),
        _clean("\n".join(str(pattern) for pattern in patterns if pattern), LONGEST_TEXT),
        _clean(str(response or ""), LONGEST_RESPONSE),
        {"True": "correct", "False": "incorrect"}.get(str(success), ""),
        success if isinstance(success, bool) else None,
        _seconds(str(result.get("duration", ""))),
        None,
    )


def _words(language_map: Any) -> str:
    """Of a language map: English, else what stands first."""
    if not isinstance(language_map, Mapping) or not language_map:
        return ""
    english = next((words for tag, words in language_map.items() if str(tag).lower().startswith("en")), None)
    return str(english if english is not None else next(iter(language_map.values())))


def _clean(text: str, longest: int) -> str:
    return text.replace("\0", "")[:longest]


def _seconds(text: str) -> float | None:
    for read_it in (duration_seconds, timespan_seconds):
        try:
            return min(read_it(text), MOST_SECONDS)
        except ValueError:
            continue
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None
