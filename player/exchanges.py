"""What content and the server say to each other, in the debug log of its launch."""

import json
from datetime import UTC, datetime

from django.http import HttpResponse

from lrs.resources import Call
from lrs.wire import media_type_of
from registrations import services

LOGGED = 20_000  # characters of a request or answer that are kept


def keep_exchange(key: str, activity: str, resource: str, call: Call, response: HttpResponse) -> None:
    """Keep an exchange; attachments are not part of it."""
    is_text = media_type_of(call.content_type) != "multipart/mixed"
    sent = call.body.decode("utf-8", "replace") if is_text else f"{len(call.body)} bytes of {call.content_type}"
    is_read = not response.get("Content-Type", "").startswith("multipart/")
    answered = response.content.decode("utf-8", "replace") if is_read else ""
    arguments = [json.dumps(dict(call.parameters), ensure_ascii=False), sent]
    failed = response.status_code >= 400
    code, diagnostic = (response.status_code, _message(answered)) if failed else (0, "")
    keep(key, activity, f"{call.method} {resource}", arguments, answered, code, diagnostic)


def keep(
    key: str, activity: str, method: str, arguments: list[str], result: str = "", code: int = 0, diagnostic: str = ""
) -> None:
    """Keep a message to the server and its answer in the debug log of the launch."""
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "activity": activity,
        "method": method[:40],
        "arguments": [_shown(argument) for argument in arguments],
        "result": _shown(result),
        "code": code,
        "diagnostic": diagnostic[:500],
        "warning": "",
    }
    services.log_exchange(key, entry)


def _shown(text: str) -> str:
    return text[:LOGGED].replace("\0", "\ufffd")


def _message(answered: str) -> str:
    try:
        return str(json.loads(answered)["message"])
    except (ValueError, KeyError, TypeError):
        return ""
