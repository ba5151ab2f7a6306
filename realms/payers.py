"""Who pays for a realm, and in which period: what plans, usage, links and invoices stand on.

All of them that decide by what a realm uses hold the row of the realm that pays: two at the last free place come one
after the other.
"""

from collections.abc import Iterable
from datetime import datetime

from .models import BillingPeriod, BillingPlan, Realm
from .periods import Period, next_period, period_of


def lock(realm_ids: Iterable[int]) -> dict[int, Realm]:
    """The realms by id, locked in one order, so that nobody waits for ever. Call in a transaction.

    no_key: rows that name a realm are made meanwhile.
    """
    found = Realm.objects.select_for_update(of=("self",), no_key=True).select_related("plan")
    return {realm.pk: realm for realm in found.filter(pk__in=set(realm_ids)).order_by("pk")}


def lock_payer(realm_id: int) -> Realm:
    """The realm that pays for this one, locked: no link to or from it changes until the transaction ends."""
    while True:
        links = Realm.objects.filter(pk=realm_id).values_list("billing_realm_id", flat=True)
        payer_id = links.get() or realm_id
        payer = lock([payer_id])[payer_id]
        if (links.get() or realm_id) == payer_id:
            return payer


def is_strict(plan: BillingPlan, pays_overage: bool) -> bool:
    """Whether its registration limit refuses rather than costs."""
    return plan.overage_price is None or not pays_overage


def current_period(payer: Realm, now: datetime) -> BillingPeriod:
    """The period that is running, made where it is not there yet, with those before it that were missed.

    `payer` is locked and has a plan.
    """
    plan = payer.plan
    assert plan is not None
    last = BillingPeriod.objects.filter(realm=payer, start__gte=payer.plan_since).select_related("plan").first()
    if last is not None and now < last.end:
        return last
    span = next_period(payer.plan_since, last.end) if last else period_of(payer.plan_since, payer.plan_since)
    if not plan.monthly_cost:  # months in which nothing was counted and nothing is owed need no rows
        span = period_of(payer.plan_since, max(now, span.start))
    while span.end <= now:
        _make_period(payer, span)
        span = next_period(payer.plan_since, span.end)
    return _make_period(payer, span)


def _make_period(payer: Realm, span: Period) -> BillingPeriod:
    held = {"end": span.end, "plan": payer.plan}
    return BillingPeriod.objects.get_or_create(realm=payer, start=span.start, defaults=held)[0]
