"""Time zones by the names of the IANA time zone database."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings

AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_named(name: str) -> ZoneInfo:
    """The zone of that name; the site's where there is none, as when a later release of the database drops it."""
    return ZoneInfo(name if name in known_zones() else settings.TIME_ZONE)


def zone_choices(chosen: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """Places by area, each with how far its clock is from UTC now, and the one chosen wherever it is filed."""
    now = datetime.now(UTC)
    areas: dict[str, list[tuple[str, str]]] = {area: [] for area in AREAS}
    for name in sorted(known_zones()):
        area, _, place = name.partition("/")
        if area in areas:
            areas[area].append((name, _words(place, name, now)))
    filed = {name for places in areas.values() for name, _ in places}
    other = [(name, _words(name, name, now)) for name in dict.fromkeys(("UTC", chosen)) if name and name not in filed]
    return [("UTC", other), *areas.items()]


def _words(place: str, name: str, now: datetime) -> str:
    offset = now.astimezone(ZoneInfo(name)).strftime("%z")
    return f"{place.replace('_', ' ').replace('/', ', ')} ({offset[:3]}:{offset[3:]})"
