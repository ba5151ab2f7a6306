"""The player's JSON: read with every field checked, since content shares the page that sends it."""

from typing import Any

from registrations.models import LaunchRecord
from standards.structure import Launch, Report, Request

REQUESTS = ("previous", "continue", "choice", "exit", "exitAll", "suspendAll", "abandon", "abandonAll", "content")
LOG_FIELDS = ("at", "activity", "method", "arguments", "result", "code", "diagnostic", "warning", "element")
MAX_ELEMENTS = 20_000
MAX_ENTRIES = 2_000
MAX_NAME = 255  # characters of an element's name
MAX_TARGET = 4_000  # characters of an activity's identifier, or of a request with one


class BadCallError(Exception):
    """A call that is not as the player makes it; `status` is the HTTP status to answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def queue_name(launch: LaunchRecord) -> str:
    """Of the browser's durable queue (static/player/queue.js): all launches of an instance share one."""
    return f"instance-{launch.instance_id}" if launch.instance_id else f"preview-{launch.key}"


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
    if any(len(name) > MAX_NAME for name in values):
        raise BadCallError(f"The name of an element may have {MAX_NAME} characters")
    values = {_text(name): _text(value) for name, value in values.items()}
    return Report(_text(activity), values, bool(body.get("finished")), float(seconds))


def _text(value: str) -> str:
    """The text as every database takes it: without NUL, and with U+FFFD for half of a surrogate pair."""
    if value.isascii():
        return value.replace("\0", "")
    return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_request(body: dict[str, Any]) -> Request:
    request = body.get("request")
    if not isinstance(request, dict) or request.get("name") not in REQUESTS:
        raise BadCallError(f"request.name must be one of {', '.join(REQUESTS)}")
    target = request.get("target") or ""
    if not isinstance(target, str) or len(target) > MAX_TARGET:
        raise BadCallError("request.target must be an identifier")
    return Request(request["name"], _text(target), bool(body.get("by_learner", True)))


def read_entries(body: dict[str, Any]) -> list[dict[str, Any]]:
    entries = body.get("entries")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadCallError("entries must be a list of objects")
    if len(entries) > MAX_ENTRIES:
        raise BadCallError(f"A batch may hold {MAX_ENTRIES} entries", status=413)
    return [{name: _logged(name, entry[name]) for name in LOG_FIELDS if name in entry} for entry in entries]


def _logged(name: str, value: Any) -> Any:
    if name == "code":
        return _code(value)
    if name == "arguments":
        return [_scalar(part) for part in value[:3]] if isinstance(value, list) else []
    return _scalar(value)


def _code(value: Any) -> int:
    """An error code of a run-time API; 0 for what is none."""
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _scalar(value: Any) -> str:
    return _text(str(value)) if isinstance(value, str | int | float) else ""


def launch_json(launch: Launch) -> dict[str, Any]:
    """The whole launch with every field, for a reader that knows no defaults."""
    # by hand: dataclasses.asdict copies every value, and the menu of a large course has a thousand lines
    held = {**vars(launch), "menu": [vars(item) for item in launch.menu], "outcome": vars(launch.outcome)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in held.items()}
