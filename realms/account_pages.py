"""A realm's account, for its owners: plan, use, invoices, linked realms, handing over and closing."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import audit, billing, links, ownership, plans, usage
from .access import RealmRequest, Right, also_closed, realm_member, realm_owner
from .account_forms import AddressForm, AskForm, NameAgainForm, NewRealmForm, PlanForm, TransferForm
from .models import (
    Application,
    BillingPeriod,
    BillingPlan,
    CountedRegistration,
    Invoice,
    LinkRequest,
    Membership,
    Realm,
    Role,
)
from .pages import Pages
from .periods import Period
from .sheets import clock, csv_response, timed

ROWS = 25  # of the ledger on a page


@require_http_methods(["GET", "POST"])
@login_required
def create(request: HttpRequest) -> HttpResponse:
    """Make a further realm."""
    form = NewRealmForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = ownership.open_another(request.user, form.cleaned_data["name"], form.cleaned_data["payer"])
        except ownership.RealmError as error:
            form.add_error(None, str(error))
        else:
            audit.record(request, "realm.open", realm=made, target=made)
            messages.success(request, gettext("The realm %(made)s is ready.") % {"made": made})
            return redirect("registrations:dashboard", made.slug)
    return render(request, "realms/create.html", {"form": form}, status=_status(form))


@require_GET
@realm_owner
def account(request: RealmRequest) -> HttpResponse:
    """What the realm has, uses and pays, at a glance."""
    payer = request.realm.payer
    page = {
        "plan": request.realm.effective_plan,
        "use": usage.use_of(request.realm),
        "payer": payer,
        "members": Membership.objects.filter(realm=request.realm, role__in=(Role.OWNER, Role.ADMINISTRATOR))
        .select_related("user")
        .order_by("created", "pk"),
        "records": request.realm.plan_records.select_related("plan", "payer", "changed_by"),
        "form": AddressForm(instance=request.realm),
    }
    return render(request, "realms/account.html", page)


@require_POST
@realm_owner
def set_address(request: RealmRequest) -> HttpResponse:
    before = request.realm.billing_address
    form = AddressForm(request.POST, instance=request.realm)
    if form.is_valid():
        form.save()
        changed = {"billing_address": [before, request.realm.billing_address]}
        audit.record(request, "account.address", realm=request.realm, target=request.realm, details=changed)
        messages.success(request, gettext("The billing address is saved. It is on all invoices from now on."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("realms:account", request.realm.slug)


# --- plan -------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@realm_owner
def plan(request: RealmRequest) -> HttpResponse:
    """The plans to choose from, with what changing to each would mean now."""
    realm = request.realm
    if request.method == "POST":
        form = PlanForm(request.POST)
        if not form.is_valid():
            messages.error(request, gettext("Choose one of the plans that are offered."))
            return redirect("realms:plan", realm.slug)
        chosen = form.cleaned_data["plan"]
        words = gettext("Your plan is %(chosen)s now.") % {"chosen": chosen}
        if chosen.overage_price is not None and chosen.registration_limit is not None:
            words += " " + gettext(
                "Past its limit nobody new can start a course, unless you choose below to pay for more."
            )
        return _done(
            request,
            lambda: plans.change_plan(realm.pk, chosen, request.user),
            words,
            told=("account.plan", realm, {"plan": [str(realm.effective_plan), str(chosen)]}),
        )
    offered = BillingPlan.objects.filter(is_offered=True).order_by("currency", "monthly_cost", "name")
    use = usage.use_of(realm)
    page = {
        "use": use,
        "current": realm.effective_plan,
        "offers": [
            {"plan": each, "means": plans.consequence(realm, each, use.registrations), "dialog": f"plan-{each.pk}"}
            for each in offered
        ],
        "to_pay": billing.so_far(realm),
    }
    return render(request, "realms/plan.html", page)


@require_POST
@realm_owner
def set_overage(request: RealmRequest) -> HttpResponse:
    pays = request.POST.get("pays") == "1"
    words = (
        gettext("Registrations past the limit are paid for.")
        if pays
        else gettext("Registrations past the limit are refused.")
    )
    told: Told = ("account.overage", request.realm, {"pays": [request.realm.pays_overage, pays]})
    return _done(request, lambda: plans.choose_overage(request.realm.pk, pays), words, told=told)


Told = tuple[str, Realm, dict[str, Any]]  # action, target and details of the audit log


def _done(
    request: RealmRequest,
    verb: Callable[[], Any],
    words: str,
    back: str = "realms:plan",
    *,
    told: Told,
    other: Realm | None = None,
) -> HttpResponse:
    """Do it, say so and write it down, or say why not. `other`: a realm whose own log tells of it too."""
    try:
        verb()
    except (plans.PlanError, ownership.RealmError) as error:
        messages.error(request, str(error))
    else:
        action, target, details = told
        audit.record(request, action, realm=request.realm, target=target, details=details)
        if other is not None:
            audit.record(request, action, realm=other, target=request.realm, details=details)
        messages.success(request, words)
    return redirect(back, request.realm.slug)


# --- usage ------------------------------------------------------------------------------------------------------------


@require_GET
@realm_owner
def usage_page(request: RealmRequest) -> HttpResponse:
    """What was counted in a period: chart, forecast, by realm and application, and every row."""
    realm, now = request.realm, timezone.now()
    period = _period(request)
    use = usage.use_of(realm)
    span = Period(period.start, period.end) if period else use.span
    rows = _rows(realm, period)
    is_running = span.end > now
    by_day = usage.by_day(rows, span)
    counted = sum(by_day)
    expected = usage.forecast(counted, span, now)
    page = {
        "use": use,
        "span": span,
        "period": period,
        "is_running": is_running,
        "periods": BillingPeriod.objects.filter(realm=realm.payer).select_related("plan")[:36],
        "counted": counted,
        "expected": expected if is_running else None,
        "chart": _chart(by_day, span, expected if is_running else None),
        "by_realm": usage.by_realm(rows) if realm.billing_realm_id is None else [],
        "by_application": _by_application(rows),
        "page": Pages(rows, ROWS).get_page(request.GET.get("page")),
    }
    return render(request, "realms/usage.html", page)


@require_GET
@realm_owner
def usage_csv(request: RealmRequest) -> HttpResponseBase:
    """The ledger as a file: of one period, or with ?period=all of all."""
    every = request.GET.get("period") == "all"
    rows = usage.ledger(request.realm) if every else _rows(request.realm, _period(request))
    names = _names(rows)

    def lines() -> Iterator[tuple[str, ...]]:
        for row in rows.iterator(chunk_size=2000):
            name = names.get(row.app_id, "")
            when = clock(row.counted)
            yield (when, row.registration_id, row.course_id, row.app_id, name, row.realm.name, row.get_reason_display())

    header = (
        timed(gettext("Counted")),
        gettext("Registration"),
        gettext("Course"),
        gettext("App ID"),
        gettext("Application"),
        gettext("Realm"),
        gettext("Launched by"),
    )
    return csv_response(f"usage-{request.realm.slug}.csv", header, lines())


def _period(request: RealmRequest) -> BillingPeriod | None:
    """The one asked for, else the running one; None where that has no row yet. 404 for another realm's."""
    payer = request.realm.payer
    wanted = request.GET.get("period", "")
    if not wanted or wanted == "all":
        return usage.period_now(payer)
    if not wanted.isascii() or not wanted.isdigit() or len(wanted) > 18:
        raise Http404
    return get_object_or_404(BillingPeriod.objects.select_related("plan"), realm=payer, pk=int(wanted))


def _rows(realm: Realm, period: BillingPeriod | None) -> Any:
    return usage.ledger(realm).filter(period=period) if period else CountedRegistration.objects.none()


def _by_application(rows: Any) -> list[tuple[str, str, int]]:
    """(name, App ID, how many), most first; an application that is deleted is told by its App ID alone."""
    counted = dict(rows.order_by().values_list("app_id").annotate(Count("pk")))
    names = dict(Application.objects.filter(app_id__in=counted).values_list("app_id", "name"))
    return sorted(
        ((names.get(app_id, gettext("Deleted application")), app_id, many) for app_id, many in counted.items()),
        key=lambda each: (-each[2], each[0]),
    )


def _names(rows: Any) -> dict[str, str]:
    used = rows.order_by().values("app_id").distinct()
    return dict(Application.objects.filter(app_id__in=used).values_list("app_id", "name"))


def _chart(by_day: list[int], span: Period, expected: int | None) -> dict[str, Any]:
    """Counted so far on each day, and while the period runs the way to what is expected."""
    days, today = span.days, timezone.now().date()
    so_far, total = [], 0
    for many in by_day:
        total += many
        so_far.append(total)
    chart: dict[str, Any] = {"kind": "line", "labels": [date_format(day, "j M") for day in days]}
    if expected is None:
        return chart | {"series": [{"name": gettext("Counted"), "values": so_far}]}
    past = sum(day <= today for day in days)
    left = len(days) - past
    way = [round(total + (expected - total) * step / left) for step in range(1, left + 1)]
    return chart | {
        "series": [
            {"name": gettext("Counted"), "values": so_far[:past] + [None] * left},
            {"name": gettext("Expected"), "values": [None] * (past - 1) + [total, *way]},
        ]
    }


# --- invoices ---------------------------------------------------------------------------------------------------------


@require_GET
@realm_owner
@also_closed
def invoices(request: RealmRequest) -> HttpResponse:
    """What the realm was charged, and what the running period costs by now."""
    page = {
        "page": Pages(request.realm.invoices.all(), ROWS).get_page(request.GET.get("page")),
        "span": usage.span_now(request.realm),
        "currency": request.realm.effective_plan.currency,
        "lines": billing.so_far(request.realm),
    }
    return render(request, "realms/invoices.html", page)


@require_GET
@realm_owner
@also_closed
def invoice(request: RealmRequest, sequence: int) -> HttpResponse:
    """An invoice to be printed."""
    found = get_object_or_404(request.realm.invoices.select_related("period"), sequence=sequence)
    return render(request, "realms/invoice.html", _of_invoice(found))


def _of_invoice(found: Invoice) -> dict[str, Any]:
    return {"invoice": found, "issuer": settings.INVOICE_ISSUER, "how": billing.gateway().words}


# --- links ------------------------------------------------------------------------------------------------------------


@require_GET
@realm_owner
def linked(request: RealmRequest) -> HttpResponse:
    """The realms that use this one's plan and those that ask to; or the plan this one uses, and asking for one."""
    return _linked_page(request, AskForm())


@require_POST
@realm_owner
def ask_to_link(request: RealmRequest) -> HttpResponse:
    form = AskForm(request.POST)
    if form.is_valid():
        payer = Realm.objects.filter(slug=form.cleaned_data["realm_id"].strip().lower(), closed=None).first()
        try:
            if payer is None:
                raise plans.PlanError(gettext("There is no realm with this ID."))
            links.ask(request.realm, payer, request.user)
            audit.record(request, "account.link_ask", realm=request.realm, target=payer)
        except plans.PlanError as error:
            form.add_error("realm_id", str(error))
        else:
            messages.success(
                request, gettext("The owners of the other realm are asked. You get a mail once they answer.")
            )
            return redirect("realms:linked", request.realm.slug)
    return _linked_page(request, form)


def _linked_page(request: RealmRequest, form: AskForm) -> HttpResponse:
    realm = request.realm
    waiting = LinkRequest.objects.filter(state=LinkRequest.State.WAITING).select_related("realm", "payer", "asked_by")
    period = usage.period_now(realm)
    used = dict(usage.by_realm(_rows(realm, period))) if realm.billing_realm_id is None else {}
    page = {
        "form": form,
        "linked": [(each, used.get(each, 0)) for each in realm.linked.order_by("name", "pk")],
        "own": used.get(realm, 0),
        "requests": waiting.filter(payer=realm),
        "request_of_ours": waiting.filter(realm=realm).first(),
    }
    return render(request, "realms/linked.html", page, status=_status(form))


@require_POST
@realm_owner
def answer_link(request: RealmRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(LinkRequest, pk=pk, payer=request.realm)
    accept = request.POST.get("accept") == "1"
    words = (
        gettext("%(realm)s uses your plan from now on.") % {"realm": asked.realm}
        if accept
        else gettext("%(realm)s is told that you refuse.") % {"realm": asked.realm}
    )
    told: Told = (f"account.link_{'accept' if accept else 'refuse'}", asked.realm, {})
    verb = lambda: links.answer(asked, accept, request.user)  # noqa: E731
    return _done(request, verb, words, "realms:linked", told=told, other=asked.realm if accept else None)


@require_POST
@realm_owner
def withdraw_link(request: RealmRequest) -> HttpResponse:
    """Take back the request that waits: there is one at most."""
    asked = get_object_or_404(LinkRequest, realm=request.realm, state=LinkRequest.State.WAITING)
    told: Told = ("account.link_withdraw", asked.payer, {})
    return _done(
        request, lambda: links.withdraw(asked), gettext("The request is withdrawn."), "realms:linked", told=told
    )


@require_POST
@realm_owner
def unlink(request: RealmRequest) -> HttpResponse:
    """End a link: of this realm, or with `realm` that of one which uses this one's plan."""
    other = request.POST.get("realm", "").replace("\0", "")
    realm = get_object_or_404(Realm, slug=other, billing_realm=request.realm) if other else request.realm
    return _done(
        request,
        lambda: links.unlink(realm, request.user),
        gettext("%(realm)s is not linked any more.") % {"realm": realm},
        "realms:linked",
        told=("account.unlink", realm if other else realm.payer, {}),
        other=realm if other else realm.billing_realm,
    )


# --- handing over and closing -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@realm_owner
def transfer(request: RealmRequest) -> HttpResponse:
    """Hand the realm over to another member."""
    others = Membership.objects.filter(realm=request.realm, user__is_active=True).exclude(pk=request.membership.pk)
    others = others.select_related("user").order_by("user__last_name", "user__email")
    form = TransferForm(request.realm, others, request.POST or None)
    if request.method == "POST" and form.is_valid():
        to, leaves = form.cleaned_data["to"], form.cleaned_data["then"] == "leave"
        try:
            ownership.transfer(request.realm, to, request.membership, leaves=leaves)
        except ownership.RealmError as error:
            form.add_error(None, str(error))
        else:
            handed = {"to": to.user.email, "leaves": leaves}
            audit.record(request, "realm.transfer", realm=request.realm, target=to.user, details=handed)
            names = {"person": to.user.get_full_name() or to.user.email, "realm": request.realm}
            messages.success(request, gettext("%(person)s owns %(realm)s now.") % names)
            return redirect("realms:switch") if leaves else redirect("registrations:dashboard", request.realm.slug)
    return render(request, "realms/transfer.html", {"form": form, "others": others}, status=_status(form))


@require_http_methods(["GET", "POST"])
@realm_owner
def close(request: RealmRequest) -> HttpResponse:
    """Close the realm, once its name is typed."""
    form = NameAgainForm(request.realm, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ownership.close(request.realm, request.user)
        except ownership.RealmError as error:
            form.add_error(None, str(error))
        else:
            audit.record(request, "realm.close", realm=request.realm, target=request.realm)
            return redirect("realms:closed", request.realm.slug)
    page = {
        "form": form,
        "days": settings.REALM_GRACE_DAYS,
        "linked": request.realm.linked.filter(purged=None).order_by("name", "pk"),
        "to_pay": billing.lines_of(period)
        if (period := usage.period_now(request.realm)) and request.realm.plan
        else [],
    }
    return render(request, "realms/close.html", page, status=_status(form))


@require_GET
@realm_member(needs=Right.BELONG)
@also_closed
def closed(request: RealmRequest) -> HttpResponse:
    """What members of a closed realm see in place of every page; owners restore it here."""
    if request.realm.closed is None:
        return redirect("registrations:dashboard", request.realm.slug)
    page = {
        "is_owner": request.membership.role == Role.OWNER,
        "can_restore": request.realm.purge_due and request.realm.purge_due > timezone.now(),
        "last_invoices": request.realm.invoices.all()[:5] if request.membership.role == Role.OWNER else [],
    }
    return render(request, "realms/closed.html", page)


@require_POST
@realm_owner
@also_closed
def restore(request: RealmRequest) -> HttpResponse:
    return _done(
        request,
        lambda: ownership.restore(request.realm, request.user),
        gettext("%(realm)s is open again, with all it had.") % {"realm": request.realm},
        "realms:closed",
        told=("realm.restore", request.realm, {}),
    )


def _status(form: Form) -> int:
    return 422 if form.errors else 200
