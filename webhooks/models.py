"""Endpoint, Delivery, and what a delivery of any kind is made of."""

import base64
import binascii
import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from realms.models import Application, Realm

from .events import EVENTS

SECRET_BYTES = 32
PREFIX = "whsec_"


def make_secret() -> str:
    """A signing secret as Standard Webhooks writes it: 24 to 64 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secret_bytes(secret: str) -> bytes:
    """What is signed with. Raises ValueError for what is no such secret."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("this is no signing secret") from error


class DeliveryColumns(models.Model):
    """One message to one address, and how each attempt at it went.

    `due` is None once it is over: delivered, or given up.
    """

    url = models.CharField(max_length=2000)
    due = models.DateTimeField(null=True, blank=True)
    delivered = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    # [{at, status, seconds, answer, error}], the newest last; status 0: no answer came
    log = models.JSONField(default=list, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    @property
    def state(self) -> str:
        """waiting | delivered | failed"""
        if self.due is not None:
            return "waiting"
        return "delivered" if self.delivered else "failed"

    @property
    def last(self) -> dict[str, Any]:
        """The latest attempt; {} before the first."""
        return self.log[-1] if self.log else {}


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def in_realm(self, realm: Realm) -> "EndpointQuerySet":
        return self.filter(realm.within())

    def with_latest(self) -> "EndpointQuerySet":
        """Each with when its newest delivery was made, is due and was delivered."""
        newest = Delivery.objects.filter(endpoint=models.OuterRef("pk")).order_by("-pk")
        return self.annotate(
            latest=models.Subquery(newest.values("created")[:1]),
            latest_due=models.Subquery(newest.values("due")[:1]),
            latest_delivered=models.Subquery(newest.values("delivered")[:1]),
        )


class Endpoint(models.Model):
    """An address that is told of an application's events."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="endpoints")
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)  # names of events.EVENTS
    # Not a hash: each message is signed with it. `previous` signs as well until its time is up.
    secret = models.CharField(max_length=100, default=make_secret, editable=False)
    previous_secret = models.CharField(max_length=100, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, blank=True)
    is_enabled = models.BooleanField(default=True)
    turned_off = models.CharField(max_length=200, blank=True)  # why, where the site itself did it
    created = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def told(self) -> list[tuple[str, str]]:
        """The events it is told of, each with words for it."""
        return [(name, str(EVENTS[name])) for name in self.events if name in EVENTS]

    def signing_secrets(self, now: datetime) -> list[str]:
        """The newest first; while one is being rolled receivers may know either."""
        is_rolling = self.previous_secret and self.previous_until is not None and now < self.previous_until
        return [self.secret, self.previous_secret] if is_rolling else [self.secret]


def make_message_id() -> str:
    return f"msg_{secrets.token_urlsafe(18)}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def in_state(self, state: str) -> "DeliveryQuerySet":
        """Those that are waiting, delivered or failed; "" lets all through."""
        over = models.Q(due=None)
        wanted = {
            "waiting": ~over,
            "delivered": over & models.Q(delivered__isnull=False),
            "failed": over & models.Q(delivered=None),
        }
        return self.filter(wanted[state]) if state else self


class Delivery(DeliveryColumns):
    """An event on its way to an endpoint."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=40, default=make_message_id, editable=False)  # the same at each attempt
    event = models.CharField(max_length=50)
    body = models.TextField()  # JSON

    objects: ClassVar = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due"], condition=models.Q(due__isnull=False), name="deliveries_due"),
            models.Index(fields=["endpoint", "-id"], name="deliveries_of_endpoint"),
            models.Index(fields=["created"], name="deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"
