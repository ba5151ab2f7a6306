"""Settling what a period cost: the invoice, and the seam to whoever collects the money."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import BillingPeriod, CountedRegistration, Invoice, Realm, Role
from .payers import current_period, lock
from .usage import by_realm, period_now


class PaymentGateway(Protocol):
    """Collects what an invoice asks for. The class is named by settings.PAYMENT_GATEWAY."""

    words: str | Promise  # on the invoice: how it is paid

    def collect(self, invoice: Invoice) -> None:
        """Called after the invoice is committed, outside any transaction, again if it raises.

        One that takes the money calls `note_payment`.
        """


class PayByInvoice:
    """No gateway: the invoice is sent to the owners, and the staff of the site notes what has come in."""

    words = _("Please pay the amount by bank transfer and give the number of this invoice.")

    def collect(self, invoice: Invoice) -> None:
        """Nothing to call: the mail about the invoice asks for the payment."""


def gateway() -> PaymentGateway:
    return import_string(settings.PAYMENT_GATEWAY)()


@dataclass(frozen=True)
class Line:
    """A position of an invoice; amounts as decimal strings, as JSON keeps them."""

    text: str
    quantity: int
    price: str
    amount: str


def due() -> list[int]:
    """The realms with a period that is over and not settled, or one that ought to have begun."""
    now = timezone.now()
    over = BillingPeriod.objects.filter(is_settled=False, end__lte=now).values("realm")
    running = BillingPeriod.objects.filter(end__gt=now).values("realm")
    not_begun = Q(plan__monthly_cost__gt=0, closed=None) & ~Q(pk__in=running)
    return list(Realm.objects.filter(Q(pk__in=over) | not_begun).order_by("pk").values_list("pk", flat=True))


def settle(realm_id: int) -> None:
    """Begin the period that is due and make an invoice of each that is over. Twice ends as once."""
    with transaction.atomic():
        realm = lock([realm_id])[realm_id]
        if realm.plan is not None and realm.plan.monthly_cost and not realm.closed:
            current_period(realm, timezone.now())
        over = BillingPeriod.objects.filter(realm=realm, is_settled=False, end__lte=timezone.now())
        for period in over.select_related("plan").order_by("start"):
            _settle(realm, period)
            period.is_settled = True
            period.save(update_fields=["is_settled"])


def _settle(realm: Realm, period: BillingPeriod) -> None:
    with translation.override(_language_of(realm)):
        lines = lines_of(period)
    total = sum((Decimal(line.amount) for line in lines), Decimal())
    if not total:
        return
    counted = by_realm(CountedRegistration.objects.filter(period=period))
    invoice = Invoice.objects.create(
        realm=realm,
        period=period,
        sequence=(Invoice.objects.aggregate(last=Max("sequence"))["last"] or 0) + 1,
        issued=timezone.now(),
        billed_to=f"{realm.name}\n{realm.billing_address}".strip(),
        plan_name=period.plan.name,
        currency=period.plan.currency,
        lines=[asdict(line) for line in lines],
        realms=[{"name": each.name, "registrations": many} for each, many in counted],
        registrations=period.registrations,
        total=total,
    )
    hand_over = import_string(settings.INVOICE_TASK)
    transaction.on_commit(partial(hand_over.delay, invoice.pk), robust=True)


def _language_of(realm: Realm) -> str:
    """In which its invoices are written and stay: that of the first of its owners."""
    owner = realm.memberships.filter(role=Role.OWNER).select_related("user").order_by("pk").first()
    return owner.user.spoken_language if owner else settings.LANGUAGE_CODE


def so_far(realm: Realm) -> list[Line]:
    """What the running period of the realm costs by now; nothing where another pays or it is closed."""
    if realm.plan is None or realm.closed:
        return []
    period = period_now(realm)
    return lines_of(period or BillingPeriod(realm=realm, plan=realm.plan))


def lines_of(period: BillingPeriod) -> list[Line]:
    """What the period costs: the plan's month, and registrations past its limit where they have a price."""
    plan = period.plan
    lines = [_line(gettext("Plan %(name)s") % {"name": plan.name}, 1, plan.monthly_cost)] if plan.monthly_cost else []
    over = period.registrations - plan.registration_limit if plan.registration_limit is not None else 0
    if over > 0 and plan.overage_price:
        text = gettext("Registrations past the %(limit)s of the plan") % {"limit": plan.registration_limit}
        lines.append(_line(text, over, plan.overage_price))
    return lines


def _line(text: str, quantity: int, price: Decimal) -> Line:
    return Line(text, quantity, f"{price:.2f}", f"{quantity * price:.2f}")


def collect(invoice: Invoice) -> None:
    """Ask the gateway for the money, unless it is there."""
    if invoice.paid is None:
        gateway().collect(invoice)


def note_payment(invoice: Invoice, note: str = "") -> bool:
    """Note that the invoice is paid; False where it was noted before."""
    unpaid = Invoice.objects.filter(pk=invoice.pk, paid=None)
    return bool(unpaid.update(paid=timezone.now(), payment_note=note[:200]))
