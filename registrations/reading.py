"""Reads a run-time data model, kept flat as it was set, into rows for a page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

INDEXED = re.compile(r"^(.+?)\.(\d+)\.(.+)$")


@dataclass
class Row:
    """One entry of a collection such as cmi.interactions, its elements by name and the collections below it."""

    number: int
    values: dict[str, str] = field(default_factory=dict)
    below: dict[str, list["Row"]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """`values[name]` or `below[name]`, "" where there is neither: templates ask by name."""
        return self.values.get(name, self.below.get(name, ""))


def collection(values: Mapping[str, str], name: str) -> list[Row]:
    """The entries of a collection in order: `collection(values, "cmi.objectives")`."""
    prefix = f"{name}."
    rows: dict[int, Row] = {}
    for element, value in values.items():
        if not element.startswith(prefix):
            continue
        number, separator, rest = element.removeprefix(prefix).partition(".")
        if separator and _is_index(number):
            rows.setdefault(int(number), Row(int(number))).values[rest] = value
    for row in rows.values():
        _nest(row)
    return [rows[number] for number in sorted(rows)]


def _is_index(part: str) -> bool:
    return part.isascii() and part.isdigit()  # "²" is a digit too, and no number


def _nest(row: Row) -> None:
    nested = {match[1] for element in row.values if (match := INDEXED.match(element))}
    row.below = {name: collection(row.values, name) for name in sorted(nested)}


def interactions(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Interactions of either standard in one shape (SCORM 1.2 RTE 3.4.7, SCORM 2004 RTE 4.2.10)."""
    return [
        {
            "id": row["id"],
            "type": row["type"],
            "description": row["description"],
            "response": row["learner_response"] or row["student_response"],
            "correct": [pattern["pattern"] for pattern in row["correct_responses"] or ()],
            "result": row["result"],
            "weighting": row["weighting"],
            "latency": row["latency"],
            "at": row["timestamp"] or _date_and_time(row),
            "objectives": [objective["id"] for objective in row["objectives"] or ()],
        }
        for row in collection(values, "cmi.interactions")
    ]


def _date_and_time(row: Row) -> str:
    """AICC keeps the day beside the time of the day (CMI001 5, Interactions)."""
    return f"{row['date']} {row['time']}".strip()


def objectives(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Objectives of either standard in one shape (SCORM 1.2 RTE 3.4.5, SCORM 2004 RTE 4.2.17)."""
    return [
        {
            "id": row["id"],
            "description": row["description"],
            "completion": row["completion_status"],
            "success": row["success_status"],
            "status": row["status"],
            "score": row["score.scaled"] or row["score.raw"],
            "progress": row["progress_measure"],
        }
        for row in collection(values, "cmi.objectives")
    ]


def comments(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the learner wrote: SCORM 2004 and AICC keep a list, SCORM 1.2 and AICC one text (RTE 3.4.6, CMI001 5)."""
    rows = [
        {"text": row["comment"], "location": row["location"], "at": row["timestamp"]}
        for row in collection(values, "cmi.comments_from_learner")
    ]
    rows += [
        {"text": row["content"], "location": row["location"], "at": _date_and_time(row)}
        for row in collection(values, "cmi.evaluation.comments")
    ]
    if text := values.get("cmi.comments"):
        rows.append({"text": text, "location": "", "at": ""})
    return rows


def tries(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each time the learner tried within one AU (CMI001 5, Student_Data: Try_Score, Try_Status, Try_Time)."""
    return [
        {"number": row.number + 1, "status": row["status"], "score": row["score.raw"], "time": row["time"]}
        for row in collection(values, "cmi.student_data.tries")
    ]


def path(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The places the learner went to within an AU (CMI001 5, Path)."""
    return [
        {
            "location": row["location_id"],
            "status": row["status"],
            "why_left": row["why_left"],
            "time": row["time_in_element"],
            "at": _date_and_time(row),
        }
        for row in collection(values, "cmi.paths")
    ]


def elements(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """The whole data model, indices in number order."""
    return sorted(
        values.items(), key=lambda item: [(int(p), "") if _is_index(p) else (-1, p) for p in item[0].split(".")]
    )
