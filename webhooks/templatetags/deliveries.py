"""Deliveries in words: what was sent, what was answered."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def answer_words(attempt: Mapping[str, Any]) -> str:
    """`200 OK`; why no answer came; "" before the first attempt."""
    if not attempt:
        return ""
    status = attempt.get("status", 0)
    if not status:
        return str(attempt.get("error") or _("no answer"))
    known = {each.value for each in HTTPStatus}
    return f"{status} {HTTPStatus(status).phrase}" if status in known else str(status)


@register.filter
def answer_state(attempt: Mapping[str, Any]) -> str:
    """As components/status.html knows states."""
    return "complete" if 200 <= attempt.get("status", 0) < 300 else "error"


@register.filter
def newest_first(log: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return list(log)[::-1]


@register.filter
def as_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@register.filter
def indented(text: str) -> str:
    """JSON, a property a line; a form, a field a line; anything else as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        pass
    fields = parse_qsl(text, keep_blank_values=True) if text.startswith("data=") else []
    return "\n".join(f"{name} = {indented(value) if value[:1] == '{' else value}" for name, value in fields) or text
