"""What the registration pages need beyond the console's tags."""

import json
from typing import Any

from django import template
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime

from realms.words import told_by_player
from registrations.vocabulary import word_of_standard

register = template.Library()
DEEPEST = 4  # the stylesheet indents this far


@register.filter
def depth(value: int) -> int:
    """The depth a line of the tree is drawn at."""
    return min(value, DEEPEST)


@register.filter
def said(value: str) -> str:
    """A word of the standards in the language of the page."""
    return word_of_standard(value)


register.filter("told_by_player", told_by_player)


@register.filter
def clock(at: str) -> str:
    """The time of day of an ISO 8601 time in the zone of the page, to the millisecond."""
    try:
        moment = parse_datetime(str(at))
        if moment is not None and moment.tzinfo is not None:
            return f"{localtime(moment):%H:%M:%S.%f}"[:-3]
    except (ValueError, OverflowError):
        pass  # a browser may have written anything
    return str(at)[11:23]


@register.filter
def as_json(value: Any) -> str:
    """The value as people read JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)
