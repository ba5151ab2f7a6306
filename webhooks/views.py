"""Console pages: the endpoints of a realm's applications, and what was sent to each."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from realms.models import Application
from realms.pages import Pages

from . import services
from .forms import EndpointForm
from .models import Delivery, Endpoint

PAGE = 50
STATES = ("waiting", "delivered", "failed")


def _endpoint(request: RealmRequest, pk: int) -> Endpoint:
    """An endpoint of the realm the request is in; 404 for any other."""
    found = Endpoint.objects.in_realm(request.realm)
    return get_object_or_404(found.select_related("application"), pk=pk)


def _delivery(request: RealmRequest, pk: int) -> Delivery:
    found = Delivery.objects.filter(request.realm.within("endpoint__application"))
    return get_object_or_404(found.select_related("endpoint__application"), pk=pk)


def _applications(request: RealmRequest) -> QuerySet[Application]:
    """Those that hold something to tell of."""
    return request.applications.filter(is_management=False)


def _record(request: RealmRequest, action: str, endpoint: Endpoint, **details: Any) -> None:
    audit.record(
        request, action, realm=request.realm, application=endpoint.application, target=endpoint, details=details
    )


@require_GET
@realm_member(needs=Right.APPLICATIONS)
def endpoints(request: RealmRequest) -> HttpResponse:
    """Every endpoint of the realm, with how the latest delivery went."""
    found = Endpoint.objects.in_realm(request.realm).select_related("application").with_latest()
    return render(request, "webhooks/endpoints.html", {"endpoints": found.order_by("application__name", "name", "pk")})


@require_http_methods(["GET", "POST"])
@never_cache
@realm_member(needs=Right.APPLICATIONS)
def add(request: RealmRequest) -> HttpResponse:
    """Make an endpoint; its signing secret is in this answer and never again."""
    form = EndpointForm(
        request.POST or None, applications=_applications(request), chosen=request.GET.get("application", "")
    )
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            made = services.add_endpoint(form.application, wanted["name"], wanted["url"], wanted["events"])
        except services.WebhookError as error:
            form.add_error("url" if error.field == "url" else None, str(error))
        else:
            _record(request, "webhook.create", made, url=made.url, events=made.events)
            return _endpoint_page(request, made, secret=made.secret)
    return render(request, "webhooks/form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@realm_member(needs=Right.APPLICATIONS)
def endpoint(request: RealmRequest, pk: int) -> HttpResponse:
    """An endpoint and what was sent to it; asked by htmx, only that."""
    return _endpoint_page(request, _endpoint(request, pk))


def _endpoint_page(request: RealmRequest, shown: Endpoint, secret: str = "") -> HttpResponse:
    state = request.GET.get("state", "")
    rows = Delivery.objects.filter(endpoint=shown).in_state(state if state in STATES else "").order_by("-pk")
    page = Pages(rows.defer("body"), PAGE).get_page(request.GET.get("page"))
    context = {
        "endpoint": shown,
        "page": page,
        "state": state,
        "states": [
            ("waiting", _("Waiting")),
            ("delivered", _("Delivered")),
            ("failed", pgettext("of a job", "Failed")),
        ],
        "secret": secret,
        "told": shown.told(),
    }
    fragment = request.headers.get("HX-Target") == "deliveries"
    return render(request, f"webhooks/{'_deliveries' if fragment else 'endpoint'}.html", context)


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.APPLICATIONS)
def change(request: RealmRequest, pk: int) -> HttpResponse:
    """Another name, address or choice of events; the secret stays."""
    found = _endpoint(request, pk)
    before = {"name": found.name, "url": found.url, "events": found.events}
    form = EndpointForm(request.POST or None, endpoint=found)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            services.change_endpoint(found, wanted["name"], wanted["url"], wanted["events"])
        except services.WebhookError as error:
            form.add_error("url" if error.field == "url" else None, str(error))
        else:
            after = {"name": found.name, "url": found.url, "events": found.events}
            _record(request, "webhook.change", found, **audit.changes(before, after))
            messages.success(request, _("The endpoint is changed."))
            return redirect("webhooks:endpoint", request.realm.slug, found.pk)
        found.refresh_from_db()
    context = {"form": form, "endpoint": found}
    return render(request, "webhooks/form.html", context, status=422 if form.errors else 200)


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def set_enabled(request: RealmRequest, pk: int) -> HttpResponse:
    found, is_enabled = _endpoint(request, pk), request.POST.get("enabled") == "1"
    services.set_enabled(found, is_enabled)
    _record(request, "webhook.enable" if is_enabled else "webhook.disable", found)
    said = _("{name} is told of events again.") if is_enabled else _("{name} is told of nothing any more.")
    messages.success(request, said.format(name=found.name))
    return redirect("webhooks:endpoint", request.realm.slug, found.pk)


@require_POST
@never_cache
@realm_member(needs=Right.APPLICATIONS)
def roll_secret(request: RealmRequest, pk: int) -> HttpResponse:
    """Make a new signing secret and show it in this answer and never again."""
    found = _endpoint(request, pk)
    secret = services.roll_secret(found)
    _record(request, "webhook.secret", found)
    return _endpoint_page(request, found, secret=secret)


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def send_test(request: RealmRequest, pk: int) -> HttpResponse:
    found = _endpoint(request, pk)
    if found.is_enabled:
        services.send_test(found)
        messages.success(request, _("A test message is on its way."))
    else:
        messages.error(request, _("The endpoint is disabled. Enable it to send a test message."))
    return redirect("webhooks:endpoint", request.realm.slug, found.pk)


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def delete(request: RealmRequest, pk: int) -> HttpResponse:
    found = _endpoint(request, pk)
    application, gone = found.application, audit.Target.of(found)
    found.delete()
    audit.record(request, "webhook.delete", realm=request.realm, application=application, target=gone)
    messages.success(request, _("{name} is deleted with its deliveries.").format(name=found.name))
    return redirect("webhooks:endpoints", request.realm.slug)


# --- deliveries -------------------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.APPLICATIONS)
def delivery(request: RealmRequest, pk: int) -> HttpResponse:
    """What was sent, and what was answered at each attempt."""
    found = _delivery(request, pk)
    return render(request, "webhooks/delivery.html", {"delivery": found, "endpoint": found.endpoint})


@require_POST
@realm_member(needs=Right.APPLICATIONS)
def send_again(request: RealmRequest, pk: int) -> HttpResponse:
    """Send the same message once more, at once."""
    found = _delivery(request, pk)
    if found.endpoint.is_enabled:
        services.send_again(found)
        _record(request, "webhook.again", found.endpoint, message=found.message_id, event=found.event)
        messages.success(request, _("The message is on its way again."))
    else:
        messages.error(request, _("The endpoint is disabled. Enable it to send the message again."))
    return redirect("webhooks:delivery", request.realm.slug, found.pk)
