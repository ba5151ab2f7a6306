"""The way in by single sign-on: find the realm by an e-mail address, then go to its identity provider."""

from typing import Any

from allauth.core.internal import ratelimit
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from realms import sign_on

from .sign_on import app_of

RATES = {"sign_on": "30/m/ip"}


class AddressForm(forms.Form):
    """Whose address it is decides where they sign in."""

    email = forms.EmailField(label=_("E-mail address at work"), widget=forms.EmailInput({"autocomplete": "email"}))


@require_http_methods(["GET", "POST"])
@never_cache
@login_not_required
def find(request: HttpRequest) -> HttpResponse:
    """Ask for the address and lead on to the realm of its domain."""
    form = AddressForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if ratelimit.consume(request, app="accounts", action="sign_on", config=RATES) is None:
            return render(request, "429.html", status=429)
        if form.is_valid():
            found = sign_on.of_address(form.cleaned_data["email"])
            if found is not None:
                return redirect("accounts:sign_on", found.realm.slug)
            form.add_error("email", gettext("No realm has single sign-on for this domain. Sign in with your password."))
        status = 422
    return render(request, "accounts/sign_on_find.html", {"form": form}, status=status)


@require_GET
@never_cache
@login_not_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Lead on to the realm's identity provider; by a link, because the policy lets no form lead off the site."""
    found = sign_on.usable().filter(realm__slug=slug).first()
    if found is None:
        raise Http404
    following = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(following, {request.get_host()}, request.is_secure()):
        following = ""
    app: Any = app_of(found)
    provider = app.get_provider(request)
    url = provider.get_login_url(request) + "?" + urlencode({"next": following or f"/r/{slug}/"})
    return render(request, "accounts/sign_on.html", {"sign_on": found, "url": url})
