"""Clearing a trial: every registration of learners in a realm is deleted, and the places they took are free again."""

from datetime import datetime

from django.utils import timezone

from realms import usage
from realms.models import Application, CountedRegistration, Realm

from . import services
from .models import Registration
from .tasks import clear_realm

PIECE = 200  # registrations of one run of the task


class ClearingError(Exception):
    """Why nothing is cleared, in words for the owner."""


def registrations_of(realm: Realm) -> int:
    return Registration.objects.filter(application__realm=realm, is_sandbox=False).count()


def protected(realm: Realm) -> list[Application]:
    """The applications where nothing may be deleted: one of them is enough, for all goes or nothing does."""
    return list(realm.applications.filter(allow_delete=False).order_by("name", "pk"))


def begin(realm: Realm) -> None:
    """Have all of them deleted that there are now; what is registered meanwhile stays."""
    clear_realm.delay_on_commit(realm.pk, timezone.now().isoformat())


def run(realm_id: int, until: str) -> bool:
    """Delete a piece; whether that was all. Running it twice ends as running it once."""
    moment = datetime.fromisoformat(until)
    rows = Registration.objects.filter(application__realm=realm_id, is_sandbox=False, created__lte=moment)
    piece = list(rows.order_by("pk")[:PIECE])
    for registration in piece:
        services.delete_registration(registration)
    ledger = CountedRegistration.objects
    usage.clear(ledger.filter(registration__in=[registration.pk for registration in piece]))
    if rows.exists():
        return False
    # Those that were deleted before, one by one, take no place either.
    usage.clear(ledger.filter(realm=realm_id, counted__lte=moment))
    return True
