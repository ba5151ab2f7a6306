"""Reads settings from the environment; what it does not understand stops the start with one clear line."""

import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """The value of `name`, or the contents of the file that `name_FILE` names (for secrets), or the default."""
    if (path := os.environ.get(f"{name}_FILE")) is not None:
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    """`True` or `False`, in any case; also `1` and `0`."""
    value = text(name, str(default)).strip().lower()
    if value not in ("true", "false", "1", "0"):
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}")
    return value in ("true", "1")


def number(name: str, default: int, minimum: int = 0, maximum: int | None = None) -> int:
    """A whole number of at least `minimum` and at most `maximum`."""
    value = text(name, str(default)).strip()
    if not value.isdecimal() or int(value) < minimum or (maximum is not None and int(value) > maximum):
        limits = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
        raise ImproperlyConfigured(f"{name} must be a whole number {limits}, not {value!r}")
    return int(value)


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of the allowed words."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def origin(name: str, default: str) -> str:
    """A web origin: scheme, host and optional port, nothing behind."""
    value = text(name, default).rstrip("/")
    if not re.fullmatch(r"https?://([\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?", value):
        raise ImproperlyConfigured(f"{name} must be an origin such as https://example.org, not {value!r}")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Comma-separated values."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
