"""The special data types of a statement: identifiers, languages, times (1.0.3 Data 4.0; 2.0 4.2.7).

Each `check_` raises StatementError without a path, for the object around to name.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from .errors import StatementError
from .versions import Version

Check = Callable[[object], None]
_SHOWN = 60  # characters of a wrong value that a message quotes
_LONGEST_TAG = 255

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20\x7f-\xa0<>\"{}|\\^`\u2028\u2029\ud800-\udfff]+")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")
_MBOX = re.compile(r"mailto:[^\x00-\x20\x7f@<>,;?\ud800-\udfff]+@[^\x00-\x20\x7f@<>,;?\ud800-\udfff]+")
_SHA1 = re.compile(r"[0-9A-Fa-f]{40}")
_SHA2 = re.compile(r"(?:[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128})")
_MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+\-]+/[A-Za-z0-9!#$&^_.+\-]+"
    r"(?:[ \t]*;[ \t]*[A-Za-z0-9!#$%&'*+.^_`|~\-]+=(?:[A-Za-z0-9!#$%&'*+.^_`|~:/\-]+|\"(?:[^\"\\]|\\.)*\"))*[ \t]*"
)
_LANGUAGE = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"  # language and its extensions
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"  # script, region
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
    r"((?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*)"  # extensions, each under a singleton of its own
    r"(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+)",
    re.IGNORECASE | re.ASCII,
)
_SINGLETON = re.compile(r"-([a-z0-9])(?=-)", re.IGNORECASE | re.ASCII)
_GRANDFATHERED = re.compile(  # tags older than the grammar (RFC 5646 2.1)
    r"art-lojban|cel-gaulish|en-gb-oed|no-(?:bok|nyn)|sgn-(?:be-fr|be-nl|ch-de)"
    r"|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)"
    r"|zh-(?:guoyu|hakka|min|min-nan|xiang)"
)
_AMOUNT = r"[0-9]+(?:[.,][0-9]+)?"
_DURATION = re.compile(
    r"P(?![^.,]*[.,][0-9]+[A-Z].)"  # only the smallest unit may have a fraction (ISO 8601 4.4.3.2)
    rf"(?:{_AMOUNT}W|(?=[0-9]|T[0-9])(?:{_AMOUNT}Y)?(?:{_AMOUNT}M)?(?:{_AMOUNT}D)?"
    rf"(?:T(?=[0-9])(?:{_AMOUNT}H)?(?:{_AMOUNT}M)?(?:{_AMOUNT}S)?)?)"
)
_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}):([0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_ISO8601 = re.compile(
    r"([0-9]{4}-?(?:[0-9]{2}-?[0-9]{2}|W[0-9]{2}-?[0-9]))T([0-9]{2}(?::?[0-9]{2})?)(?::?([0-9]{2}))?([.,][0-9]+)?"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_UNKNOWN_OFFSETS = ("-00", "-0000", "-00:00")


def shown(value: object) -> str:
    """The value as a message may quote it."""
    text = repr(value) if isinstance(value, str) else type(value).__name__
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _matching(pattern: re.Pattern[str], words: str, clause: str) -> Check:
    matches = pattern.fullmatch

    def check(value: object) -> None:
        if not isinstance(value, str) or matches(value) is None:
            raise StatementError("", f"must be {words}, not {shown(value)}", clause)

    return check


check_iri = _matching(_IRI, "an IRI with its scheme", "Data 2.2, 4.3")
check_irl = _matching(_IRI, "an IRL with its scheme", "Data 2.2, 4.3")
check_uuid = _matching(_UUID, "a UUID in its standard form", "Data 4.4")
check_mbox = _matching(_MBOX, "of the form mailto:address@host", "Data 2.4.2.3")
check_sha1 = _matching(_SHA1, "the 40 hexadecimal digits of a SHA-1 hash", "Data 2.4.2.3")
check_sha2 = _matching(_SHA2, "the hexadecimal digits of a SHA-2 hash", "Data 2.4.11")
check_media_type = _matching(_MEDIA_TYPE, "an Internet media type", "Data 2.4.11")
check_duration = _matching(_DURATION, "an ISO 8601 duration such as PT1H30M", "Data 4.6")


def check_string(value: object) -> None:
    if not isinstance(value, str):
        raise StatementError("", f"must be a string, not {shown(value)}", "Data 2.2")


def check_boolean(value: object) -> None:
    if not isinstance(value, bool):
        raise StatementError("", f"must be true or false, not {shown(value)}", "Data 2.2")


@lru_cache(maxsize=2048)
def is_language_tag(tag: str) -> bool:
    """Whether the sequence of subtags is one RFC 5646 allows; registered or not."""
    if len(tag) > _LONGEST_TAG:
        return False
    match = _LANGUAGE.fullmatch(tag)
    if match is None:
        return _GRANDFATHERED.fullmatch(tag.lower()) is not None
    singletons = [found.lower() for found in _SINGLETON.findall(match.group(1) or "")]
    return len(singletons) == len(set(singletons))


def check_language(value: object) -> None:
    if not isinstance(value, str) or len(value) > _LONGEST_TAG or not is_language_tag(value):
        raise StatementError("", f"must be a language tag of RFC 5646, not {shown(value)}", "Data 4.2")


def check_timestamp(value: object, version: Version) -> None:
    read_timestamp(value, version)


def read_timestamp(value: object, version: Version) -> datetime:
    """The point in time, in UTC; one without a time zone is taken for UTC. Raises StatementError without a path.

    The offset -00:00, which says that the zone is not known, is refused in each of its spellings (RFC 3339 4.3 is no
    part of ISO 8601). What is finer than a microsecond is cut off.
    """
    match = (_RFC3339 if version.zone_required else _ISO8601).fullmatch(value) if isinstance(value, str) else None
    if match is None or match.group(5) in _UNKNOWN_OFFSETS:
        wanted = "an RFC 3339 time with its zone" if version.zone_required else "an ISO 8601 date with time"
        raise StatementError("", f"must be {wanted}, not {shown(value)}", "Data 4.5")
    day, minutes, seconds, fraction, zone = match.groups()
    try:
        return _instant(day, minutes, seconds, fraction or "", (zone or "Z").upper())
    except (ValueError, OverflowError):
        raise StatementError("", f"must be a time that exists, not {shown(value)}", "Data 4.5") from None


def _instant(day: str, minutes: str, seconds: str | None, fraction: str, zone: str) -> datetime:
    if fraction and seconds is None:  # ISO 8601 4.2.2.4 allows it of minutes and hours; nobody writes it
        raise ValueError("a fraction of a minute or an hour")
    if seconds == "60":  # a leap second, which datetime does not know
        seconds, fraction = "59", ".999999"
    digits = fraction[1:7].ljust(6, "0")
    compact = minutes if ":" in minutes or len(minutes) == 2 else f"{minutes[:2]}:{minutes[2:]}"
    hours = compact if ":" in compact else f"{compact}:00"
    return datetime.fromisoformat(f"{day}T{hours}:{seconds or '00'}.{digits}{zone}").astimezone(UTC)


def format_timestamp(moment: datetime) -> str:
    """As the LRS writes times of its own: UTC, milliseconds (1.0.3 Data 4.5)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
