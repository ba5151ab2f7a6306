"""The player's JSON: read with every field checked, since content shares the page that sends it."""

import dataclasses
from typing import Any

from standards.structure import Launch, Report, Request

REQUESTS = ("previous", "continue", "choice", "exit", "exitAll", "suspendAll", "abandon", "abandonAll", "content")
LOG_FIELDS = ("at", "activity", "method", "arguments", "result", "code", "diagnostic", "warning", "element")
MAX_ELEMENTS = 20_000
MAX_ENTRIES = 2_000


class BadCallError(Exception):
    """A call that is not as the player makes it; `status` is the HTTP status to answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def read_number(body: dict[str, Any]) -> int:
    number = body.get("number")
    if type(number) is not int or not 0 < number < 2**31:
        raise BadCallError("number must be a whole number above 0")
    return number


def read_report(body: dict[str, Any]) -> Report:
    values, activity, seconds = body.get("values", {}), body.get("activity", ""), body.get("seconds", 0)
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise BadCallError("values must be an object of strings")
    if len(values) > MAX_ELEMENTS:
        raise BadCallError(f"values may hold {MAX_ELEMENTS} elements", status=413)
    if not isinstance(activity, str) or not activity:
        raise BadCallError("activity must be an identifier")
    if not isinstance(seconds, int | float) or not 0 <= seconds < 10**8:
        raise BadCallError("seconds must be a number of at least 0")
    # NUL is no character of any value, and PostgreSQL does not take it
    values = {name: value.replace("\0", "") for name, value in values.items()}
    return Report(activity, values, bool(body.get("finished")), float(seconds))


def read_request(body: dict[str, Any]) -> Request:
    request = body.get("request")
    if not isinstance(request, dict) or request.get("name") not in REQUESTS:
        raise BadCallError(f"request.name must be one of {', '.join(REQUESTS)}")
    return Request(request["name"], str(request.get("target") or ""), bool(body.get("by_learner", True)))


def read_entries(body: dict[str, Any]) -> list[dict[str, Any]]:
    entries = body.get("entries")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadCallError("entries must be a list of objects")
    if len(entries) > MAX_ENTRIES:
        raise BadCallError(f"A batch may hold {MAX_ENTRIES} entries", status=413)
    return [{name: _logged(entry[name]) for name in LOG_FIELDS if name in entry} for entry in entries]


def _logged(value: Any) -> Any:
    if isinstance(value, list):
        return [str(part).replace("\0", "") for part in value[:3]]
    return value.replace("\0", "") if isinstance(value, str) else value if isinstance(value, int) else str(value)


def launch_json(launch: Launch) -> dict[str, Any]:
    """The whole launch with every field, for a reader that knows no defaults."""
    return dataclasses.asdict(launch)
