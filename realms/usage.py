"""What realms use of their plans: the ledger of counted registrations, its limits, and the figures read from it.

A registration counts once, at its first launch. Sandbox registrations and previews are never brought here.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Count, DateField, F, Func, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext, gettext_lazy

from .models import BillingPeriod, BillingPlan, CountedRegistration, Membership, Realm, Reason, Role
from .payers import current_period, is_strict, lock, lock_payer
from .periods import Period, forecast, period_of

THRESHOLDS = (50, 80, 100)  # percent of a limit at which owners get a mail


class UsageError(Exception):
    """A launch that the realm's account does not allow. Its words are for owners; `to_learner` is for a learner."""

    to_learner: object = ""  # a text, or one that waits for the language


class LimitReached(UsageError):
    """The plan's registrations are used up."""

    to_learner = gettext_lazy(
        "This course cannot be started at the moment: whoever offers it has used up the registrations of their plan."
        " Nothing is wrong with your course or your device. Please tell the people who gave you this link."
    )


class RealmClosed(UsageError):
    """The realm is closed."""

    to_learner = gettext_lazy("This course is not offered any more: whoever offered it has closed their account.")


@dataclass(frozen=True)
class Counted:
    """What the ledger keeps of a registration: values, since the registration itself may be deleted."""

    pk: int
    registration_id: str
    course_id: str
    app_id: str
    realm_id: int


# --- counting ---------------------------------------------------------------------------------------------------------


def is_counted(registration: int) -> bool:
    """Whether the registration of this primary key was counted: then every launch of it is free."""
    return CountedRegistration.objects.filter(registration=registration).exists()


def refuse_closed(realm: Realm) -> None:
    """Raise RealmClosed where it is closed, or the realm whose plan it uses."""
    for each in (realm, realm.billing_realm):
        if each is not None and each.closed:
            raise RealmClosed(gettext("The realm %(each)s is closed.") % {"each": each})


def refuse_more(realm: Realm) -> None:
    """Raise UsageError where one more registration could not be counted now.

    Looked at without a lock, to say so early; `count` decides.
    """
    refuse_closed(realm)
    refused = _refusal(realm.effective_plan, realm.payer, period_now(realm.payer))
    if refused:
        raise LimitReached(refused)


@transaction.atomic
def count(one: Counted, reason: str = Reason.API) -> bool:
    """Count a registration that is launched for the first time; False where it was counted already.

    Raises UsageError. In the caller's transaction: a launch that fails counts nothing.
    """
    if is_counted(one.pk):
        return False
    payer = lock_payer(one.realm_id)
    refuse_closed(payer)
    if payer.pk != one.realm_id:
        refuse_closed(Realm.objects.get(pk=one.realm_id))
    if is_counted(one.pk):  # another launch of it came first
        return False
    now = timezone.now()
    period = current_period(payer, now)
    if refused := _refusal(period.plan, payer, period):
        raise LimitReached(refused)
    CountedRegistration.objects.create(
        period=period,
        payer=payer,
        realm_id=one.realm_id,
        app_id=one.app_id,
        registration=one.pk,
        registration_id=one.registration_id,
        course_id=one.course_id,
        reason=reason,
        counted=now,
    )
    period.registrations += 1
    period.save(update_fields=["registrations"])
    if (percent := due_threshold(period)) > period.told:
        tell = import_string(settings.USAGE_TASK)
        transaction.on_commit(partial(tell.delay, period.pk, percent), robust=True)
    return True


def _refusal(plan: BillingPlan, payer: Realm, period: BillingPeriod | None) -> str:
    """Why not one more, in words for owners; "" where there is room."""
    limit = plan.registration_limit
    if limit is not None and period and period.registrations >= limit and is_strict(plan, payer.pays_overage):
        until = date_format(timezone.localtime(period.end), "DATE_FORMAT")
        return gettext(
            "The plan %(plan)s has %(limit)s registrations a period and all of them are used until "
            "%(until)s. Change to a larger plan or let registrations past the limit be paid for."
        ) % {"plan": plan, "limit": limit, "until": until}
    if plan.active_limit is not None and active_count(payer) >= plan.active_limit:
        return gettext(
            "The plan %(plan)s has %(active_limit)s active registrations and all of them are used. Clear "
            "the existing registrations or change to a larger plan."
        ) % {"plan": plan, "active_limit": plan.active_limit}
    return ""


def active_count(payer: Realm) -> int:
    """The registrations that take a place of a trial: counted and not cleared since."""
    return CountedRegistration.objects.filter(payer=payer, cleared=None).count()


@transaction.atomic
def clear(rows: QuerySet[CountedRegistration]) -> None:
    """Free the places of a trial that these rows take. The ledger keeps them."""
    held = rows.filter(cleared=None)
    payers = lock(held.order_by().values_list("payer", flat=True).distinct())
    held.update(cleared=timezone.now())
    for payer in payers.values():
        lower_told(payer)


def forget(registrations: list[int]) -> None:
    """Take the ids that customers gave to these counted registrations off the ledger, by primary key."""
    for pk in registrations:
        CountedRegistration.objects.filter(registration=pk).update(registration_id=f"deleted-{pk}")


def due_threshold(period: BillingPeriod) -> int:
    """The highest of THRESHOLDS that the period's use has reached; 0 for none."""
    shares = [
        100 * used // limit
        for used, limit in (
            (period.registrations, period.plan.registration_limit),
            (active_count(period.realm), period.plan.active_limit) if period.plan.active_limit else (0, None),
        )
        if limit
    ]
    return max((each for each in THRESHOLDS for share in shares if share >= each), default=0)


def lower_told(payer: Realm) -> None:
    """Let owners be told again of what is reached anew: a larger plan or freed places put the use below it.

    Never raised here: what was reached and not told is told by the sweep. `payer` is locked.
    """
    period = period_now(payer)
    if period is not None and (reached := due_threshold(period)) < period.told:
        period.told = reached
        period.save(update_fields=["told"])


def note_told(period_id: int, percent: int) -> bool:
    """Whether owners are to be told that so much is used: True once for each period and percentage."""
    return bool(BillingPeriod.objects.filter(pk=period_id, told__lt=percent).update(told=percent))


def periods_to_tell() -> list[tuple[int, int]]:
    """The running periods in which more is used than owners were told, with the percentage."""
    running = BillingPeriod.objects.filter(end__gt=timezone.now(), told__lt=THRESHOLDS[-1], registrations__gt=0)
    found = ((period, due_threshold(period)) for period in running.select_related("plan", "realm").iterator())
    return [(period.pk, percent) for period, percent in found if percent > period.told]


# --- reading ----------------------------------------------------------------------------------------------------------


def period_now(payer: Realm) -> BillingPeriod | None:
    """The running period if anything made it yet; only read."""
    rows = BillingPeriod.objects.filter(realm=payer, start__gte=payer.plan_since, end__gt=timezone.now())
    return rows.select_related("plan").first()


def span_now(payer: Realm) -> Period:
    """When the running period begins and ends."""
    return period_of(payer.plan_since, timezone.now())


@dataclass(frozen=True)
class Use:
    """How much of a plan is used, together with all realms that share it."""

    plan: BillingPlan
    span: Period
    registrations: int  # counted in the period
    active: int | None  # of a plan with active_limit
    is_strict: bool

    @property
    def limit(self) -> int | None:
        """The limit that a launch meets first: of active registrations or of those a period."""
        return self.plan.registration_limit if self.plan.active_limit is None else self.plan.active_limit

    @property
    def used(self) -> int:
        """What stands against `limit`."""
        return self.registrations if self.active is None else self.active

    @property
    def limit_words(self) -> str:
        return (
            gettext("Registrations of the plan") if self.active is None else gettext("Active registrations of the plan")
        )

    @property
    def percent(self) -> int:
        """Of the limit, at most 100."""
        return min(100, 100 * self.used // self.limit) if self.limit else 0

    @property
    def tone(self) -> str:
        """How a meter shows it."""
        return "bad" if self.percent >= 100 else "warn" if self.percent >= 80 else "good"

    @property
    def runs_out(self) -> bool:
        """Whether the limit is met before the period ends, at the pace so far."""
        limit = self.plan.registration_limit
        return limit is not None and self.expected > limit

    @property
    def expected_cost(self) -> Decimal:
        """Of the registrations past the limit."""
        return self.expected_overage * (self.plan.overage_price or Decimal())

    @property
    def expected(self) -> int:
        """Registrations at the end of the period at the pace so far."""
        return forecast(self.registrations, self.span, timezone.now())

    @property
    def expected_overage(self) -> int:
        """Of those, how many past the limit that will be paid for."""
        limit = self.plan.registration_limit
        return 0 if limit is None or self.is_strict else max(0, self.expected - limit)


def use_of(realm: Realm) -> Use:
    """What the realm's plan has been used for in the running period, by it and all that share the plan."""
    payer, plan = realm.payer, realm.effective_plan
    period = period_now(payer)
    return Use(
        plan,
        Period(period.start, period.end) if period else span_now(payer),
        period.registrations if period else 0,
        None if plan.active_limit is None else active_count(payer),
        is_strict(plan, payer.pays_overage),
    )


def ledger(realm: Realm) -> QuerySet[CountedRegistration]:
    """What a realm may see of the ledger: its own rows, and where it pays also those it pays for."""
    rows = CountedRegistration.objects.select_related("realm").order_by("-counted", "-pk")
    return rows.filter(payer=realm) if realm.billing_realm_id is None else rows.filter(realm=realm)


def by_realm(rows: QuerySet[CountedRegistration]) -> list[tuple[Realm, int]]:
    """How many of the rows each realm has, most first."""
    counted = dict(rows.order_by().values_list("realm").annotate(Count("pk")))
    realms = Realm.objects.in_bulk(counted)
    return sorted(((realms[pk], many) for pk, many in counted.items()), key=lambda each: (-each[1], each[0].name))


def by_day(rows: QuerySet[CountedRegistration], span: Period) -> list[int]:
    """How many were counted on each date of the period (UTC)."""
    day = Func(F("counted"), function="DATE", output_field=DateField())  # TruncDate calls Python in SQLite
    found = rows.filter(counted__gte=span.start, counted__lt=span.end).order_by().annotate(day=day).values("day")
    counted = {row["day"]: row["many"] for row in found.annotate(many=Count("pk"))}
    return [counted.get(day, 0) for day in span.days]


@dataclass(frozen=True)
class AccountInfo:
    """What the API tells of an account (GET /reporting/accountInfo)."""

    owner_email: str
    owner_first_name: str
    owner_last_name: str
    company: str
    account_type: str
    limit: int | None
    is_strict: bool
    created: datetime
    period_start: datetime
    counted: int  # in the running period
    counted_ever: int


def account_info(realm: Realm) -> AccountInfo:
    """The plan and use of the realm; the owner is the one who owns it longest."""
    use = use_of(realm)
    owners = Membership.objects.filter(realm=realm, role=Role.OWNER).select_related("user").order_by("created", "pk")
    owner = owners[0].user if owners else None
    return AccountInfo(
        owner.email if owner else "",
        owner.first_name if owner else "",
        owner.last_name if owner else "",
        realm.name,
        use.plan.name.lower(),
        use.limit,
        use.is_strict,
        realm.created,
        use.span.start,
        use.registrations,
        ledger(realm).count(),
    )
