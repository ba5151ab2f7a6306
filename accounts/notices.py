"""Mails to the owners of a realm about its plan, links, invoices and end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from realms.billing import gateway
from realms.models import BillingPeriod, Invoice, LinkRequest, Membership, Realm, Role
from realms.usage import active_count
from webhooks.events import USAGE_THRESHOLD
from webhooks.services import tell_realm

from .mail import on_console
from .models import User


@dataclass(frozen=True)
class Notice:
    """A mail: what it says and the page where the next step is."""

    subject: str
    paragraphs: Sequence[str]
    page: str  # name of the URL, of a page in the realm
    action: str


def send_usage(period: BillingPeriod, percent: int) -> None:
    """Tell the owners of the realm that pays how much of its plan is used, and what comes after."""
    plan, realm = period.plan, period.realm
    until = f"{period.end.day} {period.end:%B %Y}"
    if plan.active_limit is not None:
        used = f"{active_count(realm)} of the {plan.active_limit} active registrations of the plan {plan} are used."
        when = "Now" if percent >= 100 else "Once all are used,"
        after = f"{when} nobody new can start a course until you clear them or change to another plan."
    else:
        limit = intcomma(plan.registration_limit or 0)
        used = f"{intcomma(period.registrations)} of {limit} registrations of the plan {plan} are used until {until}."
        if plan.overage_price is not None and realm.pays_overage:
            after = f"Each registration past the limit costs {plan.overage_price} {plan.currency}."
        else:
            after = f"Past the limit nobody new can start a course until {until}, or until you change to a larger plan."
    after += " Whoever has started goes on as before."
    _send(realm, Notice(f"{percent} % of the plan of {realm} is used", (used, after), "realms:usage", "See the usage"))


def tell_systems(period_id: int, percent: int) -> None:
    """The same to the endpoints of the realm that pays, as an event."""
    period = BillingPeriod.objects.select_related("plan", "realm").get(pk=period_id)
    said = {
        "percent": percent,
        "plan": period.plan.name,
        "registrations": period.registrations,
        "registrationLimit": period.plan.registration_limit,
        "activeRegistrationLimit": period.plan.active_limit,
        "periodStart": period.start.isoformat(),
        "periodEnd": period.end.isoformat(),
    }
    tell_realm(USAGE_THRESHOLD, period.realm, lambda: said)


def send_invoice(invoice: Invoice) -> None:
    """Send the owners what they are charged and how it is paid."""
    amount = f"{invoice.total} {invoice.currency}"
    said = f"The invoice {invoice.number} for {invoice.realm} is ready: {amount} for the plan {invoice.plan_name}."
    how = "It is paid. Thank you." if invoice.paid else gateway().words
    _send(
        invoice.realm, Notice(f"Invoice {invoice.number}: {amount}", (said, how), "realms:invoices", "See the invoice")
    )


def send(what: str, *about: int) -> None:
    """Send one of NOTICES about the rows of these ids; nothing where they are gone."""
    NOTICES[what](*about)


def _link_asked(request_id: int) -> None:
    request = LinkRequest.objects.select_related("realm", "payer", "asked_by").filter(pk=request_id).first()
    if request is None or request.state != LinkRequest.State.WAITING:
        return
    said = (
        f"{_name(request.asked_by)} asks that the realm {request.realm} may use the plan of {request.payer}.",
        "If you accept, what it uses counts against your plan and is on your invoices.",
    )
    _send(request.payer, Notice(f"{request.realm} asks to use your plan", said, "realms:linked", "Answer the request"))


def _link_answered(request_id: int) -> None:
    request = LinkRequest.objects.select_related("realm", "payer").filter(pk=request_id).first()
    if request is None:
        return
    is_accepted = request.state == LinkRequest.State.ACCEPTED
    subject = f"{request.payer} {'accepts' if is_accepted else 'refuses'} your request"
    said = (
        f"The realm {request.realm} uses the plan of {request.payer} from now on. Its own plan has ended."
        if is_accepted
        else f"The owners of {request.payer} have refused that {request.realm} uses their plan."
    )
    _send(request.realm, Notice(subject, (said,), "realms:account", "Open the account"))


def _unlinked(realm_id: int, payer_id: int) -> None:
    for realm, payer in zip(Realm.objects.filter(pk=realm_id), Realm.objects.filter(pk=payer_id), strict=False):
        subject = f"{realm} is not linked to {payer} any more"
        said = f"The realm {realm} has a plan of its own from now on: {realm.effective_plan}."
        _send(realm, Notice(subject, (said,), "realms:account", "Open the account"))
        _send(payer, Notice(subject, (said,), "realms:linked", "See the linked realms"))


def _transferred(realm_id: int) -> None:
    for realm in Realm.objects.filter(pk=realm_id):
        said = f"The ownership of the realm {realm} was handed over. You are an owner of it now."
        _send(realm, Notice(f"You own {realm}", (said,), "realms:account", "Open the account"))


def _closed(realm_id: int) -> None:
    for realm in Realm.objects.filter(pk=realm_id, purge_due__isnull=False):
        day = f"{realm.purge_due:%d %B %Y}".lstrip("0")
        said = (
            f"The realm {realm} is closed: nothing in it is launched or imported any more.",
            f"Until {day} an owner can restore it with all its courses and results. After that everything is deleted.",
        )
        _send(realm, Notice(f"{realm} is closed", said, "realms:closed", "Restore it"))


def _restored(realm_id: int) -> None:
    for realm in Realm.objects.filter(pk=realm_id, closed=None):
        said = f"The realm {realm} is open again with all it had."
        _send(realm, Notice(f"{realm} is restored", (said,), "registrations:dashboard", "Open it"))


NOTICES: dict[str, Callable[..., None]] = {
    "link_asked": _link_asked,
    "link_answered": _link_answered,
    "unlinked": _unlinked,
    "transferred": _transferred,
    "closed": _closed,
    "restored": _restored,
}


def _name(person: User | None) -> str:
    return (person.get_full_name() or person.email) if person else "Somebody"


def _send(realm: Realm, notice: Notice) -> None:
    """One mail to each owner: nobody sees the addresses of the others."""
    url = on_console(reverse(notice.page, args=[realm.slug]))
    owners = Membership.objects.filter(realm=realm, role=Role.OWNER, user__is_active=True)
    for membership in owners.select_related("user").order_by("pk"):
        words = {"user": membership.user, "notice": notice, "url": url}
        message = EmailMultiAlternatives(
            " ".join(notice.subject.split()), render_to_string("emails/notice.txt", words), to=[membership.user.email]
        )
        message.attach_alternative(render_to_string("emails/notice.html", words), "text/html")
        message.send()
