"""What an answer tells of the menu and of what is possible: of a large course only what has changed.

An answer names its `revision`. A player that names the one it shows gets a `change` from there; whoever names none, or
one that is no longer known, gets all of it.
"""

import logging
import re
import secrets
from collections.abc import Mapping
from typing import Any

import redis
from django.core.cache import cache

from standards.structure import Launch, MenuItem

from .wire import launch_json

log = logging.getLogger(__name__)

WHOLE_BELOW = 50  # lines: a menu as short as that is always told whole
KEPT_SECONDS = 6 * 60 * 60
REVISION = re.compile(r"[0-9a-f]{16}")
Lines = dict[str, tuple[Any, ...]]
Valid = dict[str, bool]


def shown_json(key: str, shown: Launch, known: object = "") -> dict[str, Any]:
    """A launch for the player whose key that is. `known` is the revision it says it shows."""
    if len(shown.menu) < WHOLE_BELOW:
        return launch_json(shown) | {"revision": ""}
    lines = {item.identifier: tuple(vars(item).values()) for item in shown.menu}
    valid = dict(shown.valid)
    before = _kept(key, known) if isinstance(known, str) and REVISION.fullmatch(known) else None
    if before == (list(lines), lines, valid):
        return _without(shown) | {"revision": known, "change": {"since": known, "lines": [], "valid": {}}}
    revision = secrets.token_hex(8)
    _keep(key, revision, lines, valid)
    if before is None:
        return launch_json(shown) | {"revision": revision}
    change = {"since": known, **_change(shown.menu, before, lines, valid)}
    return _without(shown) | {"revision": revision, "change": change}


def _without(shown: Launch) -> dict[str, Any]:
    """The launch but for what a change tells."""
    held = {**vars(shown), "menu": (), "valid": {}, "outcome": vars(shown.outcome)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in held.items()}


def _change(
    menu: tuple[MenuItem, ...], before: tuple[list[str], Lines, Valid], lines: Lines, valid: Valid
) -> dict[str, Any]:
    """The lines that are new or different, those that went, the order where it is another, and what is possible now."""
    order, old, was_valid = before
    change: dict[str, Any] = {
        "lines": [vars(item) for item in menu if old.get(item.identifier) != lines[item.identifier]],
        "valid": {name: may for name, may in valid.items() if was_valid.get(name) is not may},
    }
    if (staying := [name for name in order if name in lines]) != list(lines):
        change["order"] = list(lines)
    elif len(staying) < len(order):
        change["left"] = [name for name in order if name not in lines]
    if gone := was_valid.keys() - valid.keys():
        change["gone"] = sorted(gone)
    return change


# --- what a player shows ----------------------------------------------------------------------------------------------


def _place(key: str, revision: str) -> str:
    return f"menu:{key}:{revision}"


def _kept(key: str, revision: str) -> tuple[list[str], Lines, Valid] | None:
    try:
        found: tuple[Lines, Valid] | None = cache.get(_place(key, revision))
    except (redis.RedisError, OSError):  # then all of it is told
        log.warning("menus are told whole: the cache is away", exc_info=True)
        return None
    return None if found is None else (list(found[0]), *found)


def _keep(key: str, revision: str, lines: Mapping[str, tuple[Any, ...]], valid: Mapping[str, bool]) -> None:
    try:
        cache.set(_place(key, revision), (lines, valid), KEPT_SECONDS)
    except (redis.RedisError, OSError):
        log.warning("a menu is not kept: the cache is away", exc_info=True)
