"""Where a person lands, their own settings, and in the embedded set-up the mails the site sent."""

from ipaddress import ip_address
from typing import Any

from csp.decorators import csp, csp_replace
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from realms.models import Realm

from . import impersonation, services
from . import mailbox as box
from .forms import GuessForm, LanguageForm, NameForm

# What a mail's HTML may do in the console's origin: nothing but show itself.
MAIL_POLICY: dict[str, Any] = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "sandbox": ["allow-popups", "allow-top-navigation-by-user-activation"],
}


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Leads to the dashboard of the realm last visited, else of the first."""
    mine = list(Realm.objects.of(request.user))  # type: ignore[arg-type]
    if not mine:
        return redirect("realms:switch")
    last = request.session.get("realm")
    slug = next((realm.slug for realm in mine if realm.slug == last), mine[0].slug)
    return redirect("registrations:dashboard", slug)


@require_http_methods(["GET", "POST"])
@login_required
def settings_page(request: HttpRequest) -> HttpResponse:
    """The person's name; the other settings are allauth's pages beside it."""
    form = NameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your name is saved."))
        return redirect("accounts:settings")
    return render(request, "accounts/settings.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def language(request: HttpRequest) -> HttpResponse:
    """The person's language and time zone."""
    form = LanguageForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        with translation.override(user.language or translation.get_language_from_request(request)):
            messages.success(request, _("Your language and time zone are saved."))
        return redirect("accounts:language")
    return render(request, "accounts/language.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@login_required
def guess_zone(request: HttpRequest) -> HttpResponse:
    """The zone of the person's browser, taken where none is known yet."""
    form = GuessForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"message": form.errors["time_zone"][0]}, status=422)
    services.note_zone(request.user, form.cleaned_data["time_zone"])  # type: ignore[arg-type]
    return HttpResponse(status=204)


@require_POST
@login_required
def stop_acting(request: HttpRequest) -> HttpResponse:
    """The end of acting as a person: back to the page it began on."""
    if not hasattr(request, "impersonation"):
        raise Http404
    pk = request.impersonation.user_id
    staff = impersonation.stop(request)
    return redirect("admin:accounts_user_change", pk) if staff else redirect("account_login")


def _only_on_this_machine(request: HttpRequest) -> None:
    """Mails hold links that open accounts: they are shown in the embedded set-up only, and to this machine only."""
    address = request.META.get("REMOTE_ADDR") or "127.0.0.1"  # none: a unix socket of this machine
    is_forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP"))
    if not settings.MAILBOX or is_forwarded or not ip_address(address).is_loopback:
        raise Http404


@require_GET
@login_not_required
def mailbox(request: HttpRequest) -> HttpResponse:
    """The mails the site sent, newest first."""
    _only_on_this_machine(request)
    return render(request, "accounts/mailbox.html", {"mails": box.mails()})


@require_GET
@login_not_required
@csp_replace({"frame-src": ["'self'"]})  # type: ignore[arg-type]
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its text, its HTML in a frame of its own, and the message as a file."""
    _only_on_this_machine(request)
    found = box.find(name)
    if found is None:
        raise Http404
    if "download" in request.GET:
        headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
        return HttpResponse(found.path.read_bytes(), content_type="message/rfc822", headers=headers)
    return render(request, "accounts/mail.html", {"mail": found})


@require_GET
@login_not_required
@xframe_options_sameorigin
@csp(MAIL_POLICY)  # type: ignore[arg-type]
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML of a mail, sandboxed."""
    _only_on_this_machine(request)
    found = box.find(name)
    if found is None or not found.html:
        raise Http404
    return HttpResponse(found.html)
