"""Compares what the API answered with what a conformance case expects, by value where the spelling is free."""

import re
from datetime import datetime
from typing import Any

from standards.durations import duration_seconds

LANGUAGE = re.compile(r"^\{lang=([^}]*)\}")
FLAG = re.compile(r"^\{(case_matters|order_matters)=(true|false)\}")


def matches(kind: str, expected: Any, answer: str, cut_at: int | None = None) -> bool:
    """`kind` is the step's `compare`; an expected text that may be cut is compared by what is left of it."""
    if kind == "ignore":
        return True
    if kind == "request_valid":
        return answer in ("true", "false", "unknown")
    if kind == "shorter_than_255":
        return len(answer) <= 255
    if expected is None:
        return True
    if cut_at is not None and len(expected) > cut_at and answer == expected[:cut_at]:
        return True
    return _by_value(kind, expected, answer)


def _by_value(kind: str, expected: str, answer: str) -> bool:
    name, _, of_type = kind.partition(" ")
    if name == "interaction":
        part, _, of_type = of_type.partition(" ")
        return _patterns(expected, of_type) == _patterns(answer, of_type)
    try:
        return READERS[name](expected) == READERS[name](answer)
    except ValueError:
        return False


def _real(text: str) -> float:
    return round(float(text), 6)


def _duration(text: str) -> float:
    return round(duration_seconds(text), 1)


def _datetime(text: str) -> datetime:
    parts = re.match(r"(\d{4})-?(\d\d)?-?(\d\d)?(T.*)?$", text)
    if not parts:
        raise ValueError(text)
    year, month, day, time = parts.groups()
    read = datetime.fromisoformat(f"{year}-{month or '01'}-{day or '01'}{time or ''}")
    return read.replace(tzinfo=None) if read.tzinfo is None else read


def _language(text: str) -> str:
    return text.lower()


def _lang_string(text: str) -> tuple[str, str]:
    found = LANGUAGE.match(text)
    return (found[1].lower() if found else "en", text[found.end() :] if found else text)


def _result(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _children(text: str) -> set[str]:
    return set(text.split(","))


READERS: dict[str, Any] = {
    "exact": str,
    "real": _real,
    "duration": _duration,
    "datetime": _datetime,
    "language": _language,
    "lang_string": _lang_string,
    "result": _result,
    "children": _children,
}


def _patterns(text: str, of_type: str) -> Any:
    """The parts of an interaction's response or pattern; flags at their default do not count."""
    flags = {"case_matters": "false", "order_matters": "true"}
    while found := FLAG.match(text):
        flags[found[1]] = found[2]
        text = text[found.end() :]
    parts: list[Any] = [_part(part, of_type) for part in text.split("[,]")]
    unordered = of_type in ("choice", "matching") or flags["order_matters"] == "false"
    return flags, sorted(parts, key=str) if unordered else parts


def _part(text: str, of_type: str) -> Any:
    if of_type in ("fill-in", "long-fill-in"):
        return _lang_string(text)
    if of_type == "numeric":
        return [_result(end) for end in text.split("[:]")]
    return [_result(piece) if of_type == "performance" else piece for piece in text.split("[.]")]
