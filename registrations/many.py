"""What is done to many registrations at once: begun by a person, done by a task in pieces, each by itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from realms import audit
from realms.models import Realm

from . import finding, services, tags
from .errors import RegistrationError
from .links import LinkError
from .models import BulkChange, Registration

MOST_CHOSEN = 500  # by hand
NAMED = audit.LIST_AT_MOST  # registrations that the audit log names, the first
PIECE = 100  # registrations between two notes of how far it has come
CLAIM = timedelta(minutes=5)  # in which no other worker takes it, counted from the last piece
KEPT = timedelta(days=7)  # after its end
TASK = "registrations.tasks.change_many"


def to_json(search: finding.Search) -> dict[str, Any]:
    held = asdict(search)
    return held | {name: held[name].isoformat() if held[name] else None for name in ("since", "until")}


def _search(held: Mapping[str, Any]) -> finding.Search:
    moments = {name: datetime.fromisoformat(held[name]) if held[name] else None for name in ("since", "until")}
    courses = None if held["courses"] is None else tuple(held["courses"])
    return finding.Search(**{**held, **moments, "applications": tuple(held["applications"]), "courses": courses})


def count(chosen: Mapping[str, Any]) -> finding.Total:
    """`chosen` as BulkChange has it."""
    return finding.count(_search(chosen["search"])) if "search" in chosen else finding.Total(len(chosen["pks"]))


@transaction.atomic
def begin(realm: Realm, verb: str, chosen: Mapping[str, Any], names: Iterable[str], by: str) -> BulkChange:
    """Let a task do it. Raises RegistrationError where tags are wanted and none are given, or one cannot be."""
    wanted = tags.clean(names) if verb in ("tag", "untag") else []
    if verb in ("tag", "untag") and not wanted:
        raise RegistrationError(gettext("Write at least one tag."))
    change = BulkChange.objects.create(
        realm=realm, verb=verb, chosen=dict(chosen), tags=wanted, by=by, total=count(chosen).count, due=timezone.now()
    )
    transaction.on_commit(partial(import_string(TASK).delay, change.pk), robust=True)
    return change


def run(pk: int) -> None:
    """Go on where the last run stopped. A registration that cannot be changed is counted and holds up no other."""
    now = timezone.now()
    if not BulkChange.objects.filter(pk=pk, due__lte=now).update(due=now + CLAIM):
        return
    change = BulkChange.objects.get(pk=pk)
    for pks, place in _pieces(change):
        done = [registration for registration in pks if _done(change, registration)]
        change.done, change.failed, change.place = change.done + len(done), change.failed + len(pks) - len(done), place
        change.changed = (change.changed + done)[:NAMED]
        change.due = timezone.now() + CLAIM
        change.save(update_fields=["done", "failed", "changed", "place", "due"])
    change.due, change.finished, change.chosen = None, timezone.now(), {}  # names may have been searched for
    with transaction.atomic():
        change.save(update_fields=["due", "finished", "chosen"])
        details = {"done": change.verb, "count": change.done, "failed": change.failed, "registrations": change.changed}
        audit.record(change.by, "registration.bulk_over", realm=change.realm, target=change, details=details)


def remove_old() -> None:
    """Changes that nobody asks for any more."""
    BulkChange.objects.filter(finished__lt=timezone.now() - KEPT).delete()


def _pieces(change: BulkChange) -> Iterator[tuple[list[int], str]]:
    """What was there when it was begun, and where each piece ends."""
    if "search" in change.chosen:
        yield from finding.chunks(_search(change.chosen["search"]), PIECE, change.place, until=change.created)
        return
    pks = change.chosen["pks"]
    for start in range(int(change.place or 0), len(pks), PIECE):
        yield pks[start : start + PIECE], str(start + PIECE)


def _done(change: BulkChange, pk: int) -> bool:
    """Do it to one registration; whether it could be."""
    registration = Registration.objects.in_realm(change.realm).filter(pk=pk).first()
    if registration is None:
        return False  # deleted meanwhile
    try:
        _CHANGES[change.verb](registration, change.tags)
    except (RegistrationError, LinkError, Registration.DoesNotExist):
        return False
    return True


_CHANGES: Mapping[str, Callable[[Registration, list[str]], object]] = {
    "tag": lambda registration, names: tags.add_tags([registration], names),
    "untag": lambda registration, names: tags.remove_tags(registration, names),
    "reset": lambda registration, names: services.reset(registration),
    "delete": lambda registration, names: services.delete_registration(registration),
}
