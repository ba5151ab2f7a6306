"""The verbs on endpoints and deliveries: tell an event, send a test, send again, roll a secret."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from realms import web
from realms.models import Application, Realm

from .events import EVENTS, TEST
from .models import Delivery, Endpoint, make_secret
from .tasks import deliver
from .worker import as_json

AT_MOST = 20  # endpoints of an application
ROLLING = timedelta(hours=24)  # in which the secret before signs as well


class WebhookError(ValueError):
    """What an endpoint cannot be, in words for the person who can act; `field` that is wrong."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def tell(event: str, application: Application | int, payload: Callable[[], Mapping[str, Any]]) -> int:
    """Tell the application's endpoints that want to know; to how many it goes.

    Called in the transaction that makes it true; it is sent after the commit and never if that fails. `payload` is
    called where somebody wants to know, and makes what is sent as `data`.
    """
    application_id = application if isinstance(application, int) else application.pk
    wanting = [
        each for each in Endpoint.objects.filter(application_id=application_id, is_enabled=True) if event in each.events
    ]
    if wanting:
        body = _body(event, payload())
        for endpoint in wanting:
            _owe(endpoint, event, body)
    return len(wanting)


def tell_realm(event: str, realm: Realm, payload: Callable[[], Mapping[str, Any]]) -> int:
    """The same to the endpoints of all applications of a realm."""
    applications = Application.objects.filter(realm=realm, endpoints__is_enabled=True).distinct()
    return sum(tell(event, application, payload) for application in applications)


def send_test(endpoint: Endpoint) -> Delivery:
    """A message that says nothing but that it is a test; also to an endpoint that chose no such event."""
    said = {"message": "This is a test.", "endpoint": endpoint.name}
    return _owe(endpoint, TEST, _body(TEST, said))


def send_again(delivery: Delivery) -> None:
    """Send the same message once more, now: one that waits is not waited for, one that is over begins anew."""
    if delivery.due is None:
        Delivery.objects.filter(pk=delivery.pk).update(attempts=0, delivered=None)
    Delivery.objects.filter(pk=delivery.pk).update(due=timezone.now())
    _queue(delivery.pk)


def forget(application_id: int, words: Iterable[str]) -> None:
    """Delete the application's messages, sent or not, that have any of these in their JSON."""
    for each in words:
        Delivery.objects.filter(endpoint__application=application_id, body__contains=each).delete()


def _body(event: str, data: Mapping[str, Any]) -> str:
    return as_json({"type": event, "timestamp": timezone.now().isoformat(), "data": data})


def _owe(endpoint: Endpoint, event: str, body: str) -> Delivery:
    delivery = Delivery.objects.create(
        endpoint=endpoint,
        url=endpoint.url,
        event=event,
        body=body,
        due=timezone.now(),
    )
    _queue(delivery.pk)
    return delivery


def _queue(pk: int) -> None:
    """Enqueue once the row is there for all to see; where the broker is away, `tasks.sweep` finds the row."""
    transaction.on_commit(partial(deliver.delay, pk), robust=True)


# --- endpoints --------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_endpoint(application: Application, name: str, url: str, events: Iterable[str]) -> Endpoint:
    """Raises WebhookError."""
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)  # two at once are counted
    if application.endpoints.count() >= AT_MOST:
        raise WebhookError(f"An application has at most {AT_MOST} endpoints.")
    return Endpoint.objects.create(application=application, name=name, url=_checked(url), events=_known(events))


def change_endpoint(endpoint: Endpoint, name: str, url: str, events: Iterable[str]) -> None:
    """Raises WebhookError. What waits goes to the new address."""
    endpoint.name, endpoint.url, endpoint.events = name, _checked(url), _known(events)
    endpoint.save(update_fields=["name", "url", "events"])


def set_enabled(endpoint: Endpoint, is_enabled: bool) -> None:
    """What happens meanwhile is told to nobody; what waits when it is disabled is given up when its time comes."""
    endpoint.is_enabled, endpoint.turned_off = is_enabled, ""
    endpoint.save(update_fields=["is_enabled", "turned_off"])


def roll_secret(endpoint: Endpoint) -> str:
    """A new signing secret; the one before signs beside it for a day."""
    endpoint.previous_secret, endpoint.previous_until = endpoint.secret, timezone.now() + ROLLING
    endpoint.secret = make_secret()
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    return endpoint.secret


def _checked(url: str) -> str:
    try:
        return web.check(url)
    except web.WebError as error:
        raise WebhookError(str(error), "url") from error


def _known(events: Iterable[str]) -> list[str]:
    chosen = set(events)
    if unknown := chosen - set(EVENTS):
        raise WebhookError(f"There is no event {min(unknown)[:100]}.")
    if not chosen:
        raise WebhookError("Choose at least one event.")
    return [event for event in EVENTS if event in chosen]
