"""One attempt at a delivery of any kind: claimed by one worker, logged, and put off by a back-off where it failed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.core.cache import cache
from django.utils import timezone

from realms import web

from .models import DeliveryColumns

SECONDS = 20.0  # for one attempt in all
CLAIM = timedelta(minutes=2)  # how long one worker has a delivery to itself; an attempt is over long before
REST = 30  # seconds in which a server that let one attempt run out of time is not asked again for this tenant
ANSWER_SHOWN = 1_000  # characters
ATTEMPTS_SHOWN = 20  # the newest
KEPT = timedelta(days=30)
RESTING = "This server let an attempt run out of time a moment ago; it is asked again in half a minute."
AT_ONCE = 500

Row = TypeVar("Row", bound=DeliveryColumns)


@dataclass(frozen=True)
class Message:
    """What is sent."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Attempt:
    """How an attempt went; status 0: no answer came."""

    at: datetime
    status: int = 0
    seconds: float = 0.0
    answer: str = ""
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "answer": self.answer,
            "error": self.error,
        }


def claim(model: type[Row], pk: int, now: datetime) -> Row | None:
    """The delivery, where it is due and no other worker has it; it is due again should this one die."""
    rows: Any = model._default_manager
    due = rows.filter(pk=pk, due__lte=now).values_list("due", flat=True).first()
    if due is None or not rows.filter(pk=pk, due=due).update(due=now + CLAIM):
        return None
    return rows.filter(pk=pk).first()


def attempt(message: Message, tenant: int, now: datetime) -> Attempt | None:
    """Send it once. None where the server let another of this tenant's attempts run out of time a moment ago."""
    resting = f"webhooks-rest:{tenant}:{urlsplit(message.url).netloc.lower()[:200]}"
    if cache.get(resting):
        return None
    try:
        answer = web.post(message.url, message.body, message.headers, SECONDS)
    except web.WebError as error:
        if (timezone.now() - now).total_seconds() > SECONDS / 2:
            cache.set(resting, 1, REST)  # a server that hangs holds up a worker once in a while, not all of them always
        return Attempt(now, error=str(error)[:500])
    text = answer.body.decode(errors="replace").replace("\0", "�")[:ANSWER_SHOWN]
    return Attempt(now, answer.status, answer.seconds, text)


def put_off(row: DeliveryColumns, now: datetime) -> datetime:
    """Try again once its server had its rest; that is no attempt."""
    due = now + timedelta(seconds=REST * (1 + random.random()))
    type(row)._default_manager.filter(pk=row.pk).update(due=due)
    return due


def logged(row: DeliveryColumns, made: Attempt) -> list[dict[str, Any]]:
    return [*row.log, made.to_json()][-ATTEMPTS_SHOWN:]


def note_failure(row: DeliveryColumns, made: Attempt, wait: timedelta | None) -> datetime | None:
    """Keep the attempt and when the next is due; None gives it up."""
    due = None if wait is None else timezone.now() + wait
    type(row)._default_manager.filter(pk=row.pk).update(due=due, attempts=row.attempts + 1, log=logged(row, made))
    return due


def due_now(model: type[DeliveryColumns], now: datetime) -> list[int]:
    """What a lost queue, a dead worker or a back-off left to be sent, the longest due first."""
    rows: Any = model._default_manager
    return list(rows.filter(due__lte=now).order_by("due").values_list("pk", flat=True)[:AT_ONCE])


def remove_old(model: type[DeliveryColumns], now: datetime) -> None:
    """Forget deliveries that are over and older than the log goes back."""
    rows: Any = model._default_manager
    while old := list(rows.filter(created__lt=now - KEPT, due__isnull=True).values_list("pk", flat=True)[:AT_ONCE]):
        rows.filter(pk__in=old).delete()


def exponential(attempts: int, first: timedelta, longest: timedelta) -> timedelta:
    """How long to wait after so many failed attempts: doubled each time, less a share that chance decides."""
    return jittered(min(first * 2 ** min(attempts - 1, 40), longest))


def jittered(wait: timedelta) -> timedelta:
    """Up to a half less, so that what failed together does not come back together."""
    return wait * (1 - random.random() / 2)
