"""Deciding what an instance came to, in place of what content reported; why it is so: docs/decisions/0027.

An override is in force until it is taken back, whatever content reports meanwhile: that is kept in the columns of the
instance and shown beside it. A new instance begins without one.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from standards.errors import RequestError

from .instances import show_outcome
from .models import Completion, Instance, Override, Registration, Success

CHOICES: Mapping[str, list[str]] = {"completion": Completion.values, "success": Success.values}
REASON_LENGTH = 1000


class OverrideError(RequestError):
    """An override that cannot be made, in words for the person who wants it."""

    status = 409


@transaction.atomic
def override(registration: Registration, decided: Mapping[str, Any], reason: str, by: str) -> Override:
    """Let the newest instance count as decided: any of completion, success and score (scaled, -1 to 1).

    One that is in force already is taken back by it. Raises OverrideError.
    """
    decided = _checked(decided)
    if not reason.strip():
        raise OverrideError(gettext("Say why, so that others can follow it later."))
    instance = _locked(registration)
    held = instance.overrides.filter(revoked__isnull=True).first()
    completed_at = held.completed_at if held else instance.registration.completed_at
    _take_back(instance, by)
    made = Override.objects.create(
        instance=instance,
        decided=decided,
        reported={name: getattr(instance, name) for name in ("completion", "success", "score")},
        completed_at=completed_at,
        reason=reason.strip()[:REASON_LENGTH],
        by=by,
    )
    _put(instance, decided)
    return made


@transaction.atomic
def revoke(registration: Registration, by: str) -> Override:
    """Let the newest instance count as content reported it again. Raises OverrideError."""
    instance = _locked(registration)
    held = _take_back(instance, by)
    if held is None:
        raise OverrideError(gettext("Nothing is overridden any more."))
    _put(instance, {}, held)
    return held


def _checked(decided: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {name: value for name, value in decided.items() if value not in ("", None)}
    if not chosen or set(chosen) - {*CHOICES, "score"}:
        raise OverrideError(gettext("Choose a completion, a success or a score."))
    for name, values in CHOICES.items():
        if name in chosen and chosen[name] not in values:
            raise OverrideError(gettext("There is no such status."))
    if "score" in chosen:
        chosen["score"] = float(chosen["score"])
        if not -1 <= chosen["score"] <= 1:
            raise OverrideError(gettext("A score is between -100 and 100 percent."))
    return chosen


def _locked(registration: Registration) -> Instance:
    """The newest instance under its lock and the registration's, in the order in which a report takes them."""
    newest = registration.instances.order_by("-number").values_list("pk", flat=True).first()
    related = "version__course__application"
    instances = Instance.objects.select_for_update(of=("self",)).select_related(related).defer("version__structure")
    instance = instances.filter(pk=newest or 0).first()
    held = Registration.objects.select_for_update().filter(pk=registration.pk).first()
    if instance is None or held is None:
        raise OverrideError(gettext("This registration was deleted or reset meanwhile."))
    if instance.pk != held.instances.order_by("-number").values_list("pk", flat=True).first():
        raise OverrideError(gettext("A new instance has begun meanwhile. Look at it first."))
    instance.registration = held
    return instance


def _take_back(instance: Instance, by: str) -> Override | None:
    held = instance.overrides.filter(revoked__isnull=True).first()
    if held is not None:
        held.revoked, held.revoked_by = timezone.now(), by
        held.save(update_fields=["revoked", "revoked_by"])
    return held


def _put(instance: Instance, decided: dict[str, Any], former: Override | None = None) -> None:
    instance.override = decided
    instance.save(update_fields=["override"])
    show_outcome(instance, instance.shown_outcome, former.completed_at if former else None)
