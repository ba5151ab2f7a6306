"""Linking a realm to the plan of another: ask, accept, refuse, withdraw, unlink.

Whoever is linked to has a plan of its own and is linked to nobody, so there are neither chains nor circles. Both rows
are held while that is looked at and written; on PostgreSQL a trigger holds to it too.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from . import usage
from .models import BillingPlan, CountedRegistration, LinkRequest, Realm
from .payers import lock
from .plans import PlanError, end_period, keep_record, take_up, tell_owners


@transaction.atomic
def ask(realm: Realm, payer: Realm, by: Any) -> LinkRequest:
    """Ask the owners of another realm to let this one use their plan. Raises PlanError."""
    locked = lock([realm.pk, payer.pk])
    _refuse(locked[realm.pk], locked[payer.pk])
    try:
        with transaction.atomic():
            request = LinkRequest.objects.create(realm=realm, payer=payer, asked_by=by)
    except IntegrityError as error:
        raise PlanError(
            gettext("A request is waiting for an answer already. Withdraw it to ask another realm.")
        ) from error
    tell_owners("link_asked", request.pk)
    return request


@transaction.atomic
def answer(request: LinkRequest, accept: bool, by: Any) -> LinkRequest:
    """Accept or refuse it. Raises PlanError, also where it was withdrawn or answered meanwhile."""
    locked = lock([request.realm_id, request.payer_id])
    held = LinkRequest.objects.select_for_update(of=("self",)).filter(pk=request.pk).first()
    if held is None or held.state != LinkRequest.State.WAITING:
        raise PlanError(gettext("This request is not waiting for an answer any more."))
    if accept:
        link(locked[request.realm_id], locked[request.payer_id], by)
    _close(held, LinkRequest.State.ACCEPTED if accept else LinkRequest.State.REFUSED)
    tell_owners("link_answered", held.pk)
    return held


@transaction.atomic
def withdraw(request: LinkRequest) -> None:
    """Take the request back. Raises PlanError where it was answered meanwhile."""
    held = LinkRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if held.state != LinkRequest.State.WAITING:
        raise PlanError(gettext("This request has been answered already."))
    _close(held, LinkRequest.State.WITHDRAWN)


def _close(request: LinkRequest, state: LinkRequest.State) -> None:
    request.state, request.answered = state, timezone.now()
    request.save(update_fields=["state", "answered"])


@transaction.atomic
def link(realm: Realm, payer: Realm, by: Any) -> None:
    """Let the realm use the plan of the other from now on; its own ends and is charged. Raises PlanError."""
    locked = lock([realm.pk, payer.pk])
    realm, payer = locked[realm.pk], locked[payer.pk]
    _refuse(realm, payer)
    now = timezone.now()
    end_period(realm, now)
    realm.plan, realm.billing_realm, realm.pays_overage = None, payer, False
    realm.save(update_fields=["plan", "billing_realm", "pays_overage"])
    keep_record(realm, now, by)


@transaction.atomic
def unlink(realm: Realm, by: Any) -> Realm:
    """Give a linked realm the default plan of its own.

    What was counted stays with the realm that paid for it, but takes no place of its trial any more.
    """
    payer_id = Realm.objects.values_list("billing_realm_id", flat=True).get(pk=realm.pk)
    locked = lock({realm.pk, payer_id or realm.pk})[realm.pk]
    if locked.billing_realm_id is None:
        raise PlanError(gettext("%(locked)s is not linked to another realm.") % {"locked": locked})
    now = timezone.now()
    locked.plan, locked.billing_realm = BillingPlan.objects.get(is_default=True), None
    take_up(locked, now)
    locked.save(update_fields=["plan", "billing_realm", "plan_since"])
    keep_record(locked, now, by)
    usage.clear(CountedRegistration.objects.filter(realm=locked, payer=payer_id))
    tell_owners("unlinked", locked.pk, payer_id)
    return locked


def _refuse(realm: Realm, payer: Realm) -> None:
    """Raise PlanError where the one cannot use the plan of the other. Both are locked."""
    if realm.pk == payer.pk:
        raise PlanError(gettext("A realm cannot be linked to itself."))
    if realm.closed or payer.closed:
        raise PlanError(gettext("A realm that is closed cannot be linked."))
    if realm.billing_realm_id:
        raise PlanError(gettext("%(realm)s is linked to another realm already. Unlink it first.") % {"realm": realm})
    if payer.billing_realm_id:
        raise PlanError(
            gettext("%(payer)s uses the plan of another realm itself, and can share none.") % {"payer": payer}
        )
    if realm.linked.exists():
        raise PlanError(gettext("Other realms use the plan of %(realm)s. Unlink them first.") % {"realm": realm})
