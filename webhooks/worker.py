"""Sends events to endpoints: signed, again and again for some days, in an order of their own."""

import json
import logging
from datetime import datetime, timedelta

from django.utils import timezone

from . import delivering, signatures
from .delivering import Attempt, Message
from .models import Delivery, Endpoint

log = logging.getLogger(__name__)

# After each failed attempt, in seconds: the schedule Standard Webhooks proposes, some three days in all.
WAITS = (5, 5 * 60, 30 * 60, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
GONE = 410
FAILING = "It failed for three days."


def deliver(pk: int) -> float | None:
    """Attempt a delivery that is due; in how many seconds to come back, None where it is over or left to the sweep."""
    now = timezone.now()
    delivery = delivering.claim(Delivery, pk, now)
    if delivery is None:
        return None
    endpoint = delivery.endpoint
    if not endpoint.is_enabled:
        Delivery.objects.filter(pk=pk).update(due=None)
        return None
    if delivery.url != endpoint.url:  # it was changed since: what waits goes to the new one
        Delivery.objects.filter(pk=pk).update(url=endpoint.url)
    made = delivering.attempt(_message(delivery, endpoint, now), endpoint.application_id, now)
    if made is None:
        delivering.put_off(delivery, now)
        return None
    if 200 <= made.status < 300:
        log_ = delivering.logged(delivery, made)
        done = {"due": None, "delivered": timezone.now(), "attempts": delivery.attempts + 1, "log": log_}
        Delivery.objects.filter(pk=pk).update(**done)
        return None
    return _failed(delivery, made)


def _message(delivery: Delivery, endpoint: Endpoint, now: datetime) -> Message:
    body = delivery.body.encode()
    signed = signatures.headers(delivery.message_id, now, body, endpoint.signing_secrets(now))
    return Message(endpoint.url, body, {"Content-Type": "application/json", **signed})


def _failed(delivery: Delivery, made: Attempt) -> float | None:
    is_over = delivery.attempts >= len(WAITS) or made.status == GONE
    wait = None if is_over else delivering.jittered(timedelta(seconds=WAITS[delivery.attempts]))
    delivering.note_failure(delivery, made, wait)
    if is_over:
        _turn_off(delivery, delivery.endpoint, made)
    return wait.total_seconds() if wait is not None else None


def _turn_off(delivery: Delivery, endpoint: Endpoint, made: Attempt) -> None:
    """An endpoint that says it is gone, or took nothing for as long as a delivery is tried, is asked no more."""
    if made.status == GONE:
        why = "It answered 410 Gone."
    elif endpoint.deliveries.filter(delivered__gte=delivery.created).exists():
        return
    else:
        why = FAILING
    if Endpoint.objects.filter(pk=endpoint.pk, is_enabled=True).update(is_enabled=False, turned_off=why):
        log.warning("webhook endpoint %s is turned off: %s", endpoint.pk, why)


def as_json(document: object) -> str:
    return json.dumps(document, ensure_ascii=True, separators=(",", ":"))
