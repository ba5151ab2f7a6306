"""Mails to the owners of a realm about its plan, links, invoices and end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from realms.billing import gateway
from realms.models import BillingPeriod, Invoice, LinkRequest, Membership, Realm, Role
from realms.usage import active_count
from webhooks.events import USAGE_THRESHOLD
from webhooks.services import tell_realm

from .mail import on_console, speaking_to
from .models import User


@dataclass(frozen=True)
class Notice:
    """A mail: what it says and the page where the next step is."""

    subject: str
    paragraphs: Sequence[str]
    page: str  # name of the URL, of a page in the realm
    action: str


TASK = "accounts.tasks.send_notice"  # by name: it calls this module
Words = Callable[[], Notice]  # asked once for each owner, in the language and time zone of that person


def send_usage(period: BillingPeriod, percent: int) -> None:
    """Tell the owners of the realm that pays how much of its plan is used, and what comes after."""
    plan, realm = period.plan, period.realm

    def words() -> Notice:
        said = _of_trial(period, percent) if plan.active_limit is not None else _of_period(period)
        subject = _("%(percent)d %% of the plan of %(realm)s is used") % {"percent": percent, "realm": realm}
        goes_on = _("Whoever has started goes on as before.")
        return Notice(subject, (said[0], f"{said[1]} {goes_on}"), "realms:usage", _("See the usage"))

    _send(realm, words)


def _of_trial(period: BillingPeriod, percent: int) -> tuple[str, str]:
    names = {"used": active_count(period.realm), "limit": period.plan.active_limit, "plan": period.plan}
    if percent >= 100:
        after = _("Now nobody new can start a course until you clear them or change to another plan.")
    else:
        after = _("Once all are used, nobody new can start a course until you clear them or change to another plan.")
    return _("%(used)d of the %(limit)d active registrations of the plan %(plan)s are used.") % names, after


def _of_period(period: BillingPeriod) -> tuple[str, str]:
    plan, until = period.plan, _day(period.end)
    names = {
        "used": intcomma(period.registrations),
        "limit": intcomma(plan.registration_limit or 0),
        "plan": plan,
        "until": until,
    }
    used = _("%(used)s of %(limit)s registrations of the plan %(plan)s are used until %(until)s.") % names
    if plan.overage_price is not None and period.realm.pays_overage:
        price = f"{plan.overage_price} {plan.currency}"
        return used, _("Each registration past the limit costs %(price)s.") % {"price": price}
    after = _("Past the limit nobody new can start a course until %(until)s, or until you change to a larger plan.")
    return used, after % {"until": until}


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


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
    names = {"number": invoice.number, "amount": f"{invoice.total} {invoice.currency}"}
    names |= {"realm": str(invoice.realm), "plan": invoice.plan_name}

    def words() -> Notice:
        said = _("The invoice %(number)s for %(realm)s is ready: %(amount)s for the plan %(plan)s.") % names
        how = _("It is paid. Thank you.") if invoice.paid else str(gateway().words)
        subject = _("Invoice %(number)s: %(amount)s") % names
        return Notice(subject, (said, how), "realms:invoices", _("See the invoice"))

    _send(invoice.realm, words)


def send(what: str, *about: int) -> None:
    """Send one of NOTICES about the rows of these ids; nothing where they are gone."""
    NOTICES[what](*about)


def _link_asked(request_id: int) -> None:
    request = LinkRequest.objects.select_related("realm", "payer", "asked_by").filter(pk=request_id).first()
    if request is None or request.state != LinkRequest.State.WAITING:
        return
    asked = request

    def words() -> Notice:
        names = {"who": _name(asked.asked_by), "realm": asked.realm, "payer": asked.payer}
        said = (
            _("%(who)s asks that the realm %(realm)s may use the plan of %(payer)s.") % names,
            _("If you accept, what it uses counts against your plan and is on your invoices."),
        )
        subject = _("%(realm)s asks to use your plan") % names
        return Notice(subject, said, "realms:linked", _("Answer the request"))

    _send(asked.payer, words)


def _link_answered(request_id: int) -> None:
    request = LinkRequest.objects.select_related("realm", "payer").filter(pk=request_id).first()
    if request is None:
        return
    names = {"realm": request.realm, "payer": request.payer}
    is_accepted = request.state == LinkRequest.State.ACCEPTED

    def words() -> Notice:
        if is_accepted:
            subject = _("%(payer)s accepts your request")
            said = _("The realm %(realm)s uses the plan of %(payer)s from now on. Its own plan has ended.")
        else:
            subject = _("%(payer)s refuses your request")
            said = _("The owners of %(payer)s have refused that %(realm)s uses their plan.")
        return Notice(subject % names, (said % names,), "realms:account", _("Open the account"))

    _send(request.realm, words)


def _unlinked(realm_id: int, payer_id: int) -> None:
    for realm, payer in zip(Realm.objects.filter(pk=realm_id), Realm.objects.filter(pk=payer_id), strict=False):
        _send(realm, partial(_about_unlinked, realm, payer, "realms:account"))
        _send(payer, partial(_about_unlinked, realm, payer, "realms:linked"))


def _about_unlinked(realm: Realm, payer: Realm, page: str) -> Notice:
    names = {"realm": realm, "payer": payer, "plan": realm.effective_plan}
    subject = _("%(realm)s is not linked to %(payer)s any more") % names
    said = _("The realm %(realm)s has a plan of its own from now on: %(plan)s.") % names
    action = _("Open the account") if page == "realms:account" else _("See the linked realms")
    return Notice(subject, (said,), page, action)


def _transferred(realm_id: int) -> None:
    for realm in Realm.objects.filter(pk=realm_id):
        _send(realm, partial(_about_transferred, {"realm": realm}))


def _about_transferred(names: dict[str, Realm]) -> Notice:
    said = _("The ownership of the realm %(realm)s was handed over. You are an owner of it now.") % names
    return Notice(_("You own %(realm)s") % names, (said,), "realms:account", _("Open the account"))


def _closed(realm_id: int) -> None:
    for realm in Realm.objects.filter(pk=realm_id, purge_due__isnull=False):
        _send(realm, partial(_about_closed, realm))


def _about_closed(realm: Realm) -> Notice:
    assert realm.purge_due is not None
    names = {"realm": realm, "day": _day(realm.purge_due)}
    restored = _("Until %(day)s an owner can restore it with all its courses and results.") % names
    said = (
        _("The realm %(realm)s is closed: nothing in it is launched or imported any more.") % names,
        f"{restored} {_('After that everything is deleted.')}",
    )
    return Notice(_("%(realm)s is closed") % names, said, "realms:closed", _("Restore it"))


def _restored(realm_id: int) -> None:
    for realm in Realm.objects.filter(pk=realm_id, closed=None):
        _send(realm, partial(_about_restored, {"realm": realm}))


def _about_restored(names: dict[str, Realm]) -> Notice:
    said = _("The realm %(realm)s is open again with all it had.") % names
    return Notice(_("%(realm)s is restored") % names, (said,), "registrations:dashboard", _("Open it"))


NOTICES: dict[str, Callable[..., None]] = {
    "link_asked": _link_asked,
    "link_answered": _link_answered,
    "unlinked": _unlinked,
    "transferred": _transferred,
    "closed": _closed,
    "restored": _restored,
}


def _name(person: User | None) -> str:
    return (person.get_full_name() or person.email) if person else _("Somebody")


def _send(realm: Realm, words: Words) -> None:
    """One mail to each owner, each by a task of its own: one that fails is tried again and repeats no other."""
    owners = Membership.objects.filter(realm=realm, role=Role.OWNER, user__is_active=True)
    for membership in owners.select_related("user").order_by("pk"):
        user = membership.user
        with speaking_to(user):
            notice = words()
            url = on_console(reverse(notice.page, args=[realm.slug]))
            said = {"user": user, "notice": notice, "url": url}
            text, html = (render_to_string(f"emails/notice.{kind}", said) for kind in ("txt", "html"))
        import_string(TASK).delay(user.pk, " ".join(notice.subject.split()), text, html)


def send_one(user: User, subject: str, text: str, html: str) -> None:
    message = EmailMultiAlternatives(subject, text, to=[user.email])
    message.attach_alternative(html, "text/html")
    message.send()
