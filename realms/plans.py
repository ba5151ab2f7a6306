"""Plans of realms: changing the plan, and the history of plans."""

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from .models import BillingPeriod, BillingPlan, Invoice, PlanRecord, Realm
from .payers import current_period, lock
from .periods import period_of
from .tasks import settle
from .usage import lower_told, period_now


class PlanError(Exception):
    """A change of plan or link that cannot be, in words for the owner who asked for it."""


def begins_anew(before: BillingPlan, after: BillingPlan, used: int) -> bool:
    """Whether changing from the one to the other ends the running period, in which so many were counted.

    See docs/decisions: what costs nothing begins no period anew, or its registrations would never end; and what was
    agreed to be paid past a limit is paid, where the new plan has a limit below it and no price for it.
    """
    if before.overage_price and _past(before, used) and after.overage_price is None and _past(after, used):
        return True
    if not before.monthly_cost:
        return bool(after.monthly_cost)
    return before.currency != after.currency or after.monthly_cost < before.monthly_cost


def _past(plan: BillingPlan, used: int) -> int:
    """How many are past the plan's limit."""
    return 0 if plan.registration_limit is None else max(0, used - plan.registration_limit)


def consequence(realm: Realm, after: BillingPlan, used: int) -> str:
    """What changing to the plan would mean now that so many registrations are counted, in words for owners.

    "" for the plan it has or cannot change.
    """
    before = realm.plan
    if before is None or before.pk == after.pk:
        return ""
    said = _when(before, after, used)
    return f"{said} {_at_its_limit(after)}" if realm.pays_overage else said


def _at_its_limit(after: BillingPlan) -> str:
    """For who pays for registrations past the limit of another plan now."""
    if after.registration_limit is None:
        return ""
    if after.overage_price is None:
        return gettext("Past its limit nobody new can start a course.")
    return gettext("Past its limit nobody new can start a course until you choose anew to pay for more.")


def _when(before: BillingPlan, after: BillingPlan, used: int) -> str:
    if not begins_anew(before, after, used):
        return gettext(
            "It holds at once and for the whole running period: its limit and its price take the place of yours."
        )
    if before.monthly_cost:
        return gettext(
            "Your running period ends at once and is charged whole, with what was used past its limit. A "
            "new period begins today."
        )
    return gettext("It holds at once, and your first period begins today.")


@transaction.atomic
def change_plan(realm_id: int, plan: BillingPlan, by: Any = None) -> Realm:
    """Give the realm a plan of its own, at once. `by`: the person who does it. Raises PlanError.

    Whether registrations past its limit are paid for is asked anew: that was said of the price of another.

    A dearer plan takes the place of the present one for the whole running period. From a plan that costs nothing, and
    to a cheaper one, a new period begins: what ran until now is charged whole. See docs/decisions.
    """
    realm = lock([realm_id])[realm_id]
    if realm.billing_realm_id:
        raise PlanError(gettext("%(realm)s uses the plan of another realm. Unlink it first.") % {"realm": realm})
    if realm.closed:
        raise PlanError(gettext("%(realm)s is closed. Restore it first.") % {"realm": realm})
    if realm.plan_id == plan.pk:
        return realm
    now = timezone.now()
    before = realm.plan
    assert before is not None
    running = period_now(realm)
    if begins_anew(before, plan, running.registrations if running else 0):
        end_period(realm, now)
        realm.plan_since = now
    else:
        period = current_period(realm, now)
        period.plan = plan
        period.save(update_fields=["plan"])
        lower_told(realm)
    realm.plan, realm.pays_overage = plan, False
    realm.save(update_fields=["plan", "plan_since", "pays_overage"])
    keep_record(realm, now, by)
    return realm


def keep_record(realm: Realm, now: datetime, by: Any = None) -> None:
    """Add what the realm has from now on to the history of its plans."""
    PlanRecord.objects.filter(realm=realm, ended=None).update(ended=now)
    PlanRecord.objects.create(
        realm=realm, plan_id=realm.plan_id, payer_id=realm.billing_realm_id, began=now, changed_by=by
    )


@transaction.atomic
def choose_overage(realm_id: int, pays: bool) -> None:
    """Let registrations past the limit be paid for, or refused. Raises PlanError.

    What was counted past the limit before stays to be paid.
    """
    realm = lock([realm_id])[realm_id]
    if realm.plan is None:
        raise PlanError(
            gettext("%(realm)s uses the plan of another realm, whose owners decide this.") % {"realm": realm}
        )
    if pays and realm.plan.overage_price is None:
        raise PlanError(gettext("The plan %(plan)s ends at its limit.") % {"plan": realm.plan})
    realm.pays_overage = pays
    realm.save(update_fields=["pays_overage"])


def take_up(realm: Realm, now: datetime) -> None:
    """Begin the plan of a realm that had none running, after it was closed or linked. `realm` is locked.

    What costs nothing goes on where it was cut off: else closing and restoring gave its registrations again.
    """
    last = BillingPeriod.objects.filter(realm=realm, start__gte=realm.plan_since).select_related("plan").first()
    assert realm.plan is not None
    is_free = last is not None and not realm.plan.monthly_cost and not last.plan.monthly_cost
    if last is None or not is_free or Invoice.objects.filter(period=last).exists():
        realm.plan_since = now
        return
    whole = period_of(realm.plan_since, last.start)
    if whole.end > now:
        last.end, last.plan, last.is_settled = whole.end, realm.plan, False
        last.save(update_fields=["end", "plan", "is_settled"])


def end_period(payer: Realm, now: datetime) -> None:
    """End the running period here and now; what it cost is settled after the commit."""
    period = current_period(payer, now)
    period.end = now
    period.save(update_fields=["end"])
    transaction.on_commit(partial(settle.delay, payer.pk), robust=True)


def tell_owners(what: str, *about: int | None) -> None:
    """Have a mail sent to the owners concerned, once the transaction is through. The task is above this app."""
    task = import_string(settings.OWNERS_TASK)
    transaction.on_commit(partial(task.delay, what, *about), robust=True)
