"""The page where owners set up single sign-on."""

import re
from copy import copy
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from . import sign_on as verbs
from .access import RealmRequest, Right, realm_member
from .models import Role, SignOn, SignOnDomain

MOST_DOMAINS = 20
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z")
_URL = {"spellcheck": "false", "autocomplete": "off"}


class SignOnForm(forms.ModelForm):
    """The provider, the domains, and what becomes of who comes in."""

    secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Kept encrypted and never shown. Leave it empty to keep the one there is."),
    )
    metadata = forms.CharField(
        label=_("Metadata of the identity provider"),
        required=False,
        max_length=verbs.LARGEST,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
        help_text=_(
            "The XML itself, where the provider has no address for it or it cannot be read there. It goes before."
        ),
    )
    domains = forms.CharField(
        label=_("E-mail domains"),
        required=False,
        max_length=6000,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text=_("Such as example.com. People with an address in them come in by the provider, nobody else."),
    )

    class Meta:
        model = SignOn
        fields = ("protocol", "issuer", "client_id", "metadata_url", "default_role", "is_enabled", "is_enforced")
        labels = {
            "protocol": _("Protocol"),
            "issuer": _("Issuer"),
            "client_id": _("Client ID"),
            "metadata_url": _("Address of the metadata"),
            "default_role": _("Role of new people"),
            "is_enabled": _("People may sign in by it"),
            "is_enforced": _("Members but owners have to sign in by it"),
        }
        help_texts = {
            "issuer": _("As the provider says it, without /.well-known/…"),
            "default_role": _("Of who comes first by it. Whoever is a member already keeps their role."),
            "is_enforced": _("Owners can always come in with their password, should the provider fail."),
        }
        widgets = {
            "protocol": forms.RadioSelect,
            "issuer": forms.TextInput(_URL),
            "client_id": forms.TextInput(_URL),
            "metadata_url": forms.TextInput(_URL),
        }

    field_order = (
        *("protocol", "issuer", "client_id", "secret", "metadata_url", "metadata", "domains"),
        *("default_role", "is_enabled", "is_enforced"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = copy(self.instance)  # validation writes on the instance
        role, protocol = self.fields["default_role"], self.fields["protocol"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(protocol, forms.ChoiceField)
        role.choices = [(value, label) for value, label in Role.choices if value != Role.OWNER]
        protocol.choices = SignOn.Protocol.choices
        if self.instance.pk and not self.is_bound:
            self.initial["domains"] = "\n".join(self.instance.domains.order_by("name").values_list("name", flat=True))

    def clean_domains(self) -> list[str]:
        names = [word.lstrip("@") for word in re.split(r"[\s,;]+", self.cleaned_data["domains"].lower()) if word]
        if wrong := [name for name in names if not _DOMAIN.fullmatch(name)]:
            raise ValidationError(gettext("These are no domains: %(names)s.") % {"names": ", ".join(wrong[:5])})
        if len(set(names)) > MOST_DOMAINS:
            raise ValidationError(gettext("At most %(count)d domains.") % {"count": MOST_DOMAINS})
        return sorted(set(names))

    def clean(self) -> dict[str, Any]:
        """Ask the provider: what it says of itself is checked before it is kept."""
        words = super().clean() or self.cleaned_data
        if self.errors:
            return words
        if words["protocol"] == SignOn.Protocol.OIDC:
            self._check_oidc(words)
        else:
            self._check_saml(words)
        return words

    def _is_new(self, name: str) -> bool:
        """Whether the provider has to be asked. One that fails must not keep owners from switching it off."""
        switched_on = self.cleaned_data.get("is_enabled") and not self.held.is_enabled
        return bool(switched_on or self.held.protocol != self.cleaned_data["protocol"] or name in self.changed_data)

    def _check_oidc(self, words: dict[str, Any]) -> None:
        for name in ("issuer", "client_id"):
            if not words.get(name):
                self.add_error(name, gettext("This field is required."))
        if not words.get("secret") and not self.instance.secret:
            self.add_error("secret", gettext("This field is required."))
        if not self.errors and self._is_new("issuer"):
            try:
                verbs.check_oidc(words["issuer"])
            except verbs.SignOnError as error:
                self.add_error("issuer", str(error))

    def _check_saml(self, words: dict[str, Any]) -> None:
        url, pasted = words.get("metadata_url") or "", words.get("metadata") or ""
        if self.held.certificate and not pasted and not (url and self._is_new("metadata_url")):
            return  # as it was
        field = "metadata_url" if url and not pasted else "metadata"
        try:
            xml = verbs.read_page(url) if field == "metadata_url" else pasted.encode()
            for name, value in verbs.read_metadata(xml).items():
                setattr(self.instance, name, value)
        except verbs.SignOnError as error:
            self.add_error(field, str(error))


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.REALM)
def sign_on_page(request: RealmRequest) -> HttpResponse:
    """Show and save it."""
    held = SignOn.objects.filter(realm=request.realm).first() or SignOn(realm=request.realm)
    form = SignOnForm(request.POST or None, instance=held)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data
        try:
            verbs.save(request, form.save(commit=False), words["domains"], words["secret"])
        except verbs.SignOnError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, gettext("Single sign-on is saved."))
            return redirect("realms:sign_on", request.realm.slug)
    kept = SignOn.objects.filter(realm=request.realm).first()
    page = {
        "form": form,
        "kept": kept,
        "domains": kept.domains.order_by("name") if kept else [],
        "certificates": verbs.certificates_of(kept) if kept and kept.protocol == SignOn.Protocol.SAML else [],
        "proof_path": verbs.PROOF_PATH,
        "has_saml": verbs.has_saml(),
        "oidc_url": settings.CONSOLE_ORIGIN + reverse("openid_connect_callback", args=[request.realm.slug]),
        "saml": _saml_addresses(request.realm.slug),
        "link": settings.CONSOLE_ORIGIN + reverse("accounts:sign_on", args=[request.realm.slug]),
    }
    return render(request, "realms/sign_on.html", page, status=422 if form.errors else 200)


def _saml_addresses(slug: str) -> dict[str, str]:
    try:
        names = {"acs": "saml_acs", "metadata": "saml_metadata"}
        return {name: settings.CONSOLE_ORIGIN + reverse(view, args=[slug]) for name, view in names.items()}
    except NoReverseMatch:  # without its libraries
        return {}


@require_POST
@realm_member(needs=Right.REALM)
def renew(request: RealmRequest) -> HttpResponse:
    """Read the provider's metadata again, as when it has a new certificate."""
    found = get_object_or_404(SignOn.objects.select_related("realm"), realm=request.realm)
    try:
        is_changed = verbs.renew(request, found)
    except verbs.SignOnError as error:
        messages.error(request, str(error))
    else:
        words = gettext("What is new in the metadata is kept: it holds from the next sign-in on.")
        messages.success(request, words if is_changed else gettext("The metadata is as it was."))
    return redirect("realms:sign_on", request.realm.slug)


@require_POST
@realm_member(needs=Right.REALM)
def prove_domain(request: RealmRequest, pk: int) -> HttpResponse:
    """Look for the proof on the domain's own web server."""
    found = SignOnDomain.objects.filter(sign_on__realm=request.realm).select_related("sign_on__realm")
    domain = get_object_or_404(found, pk=pk)
    try:
        verbs.prove(request, domain)
    except verbs.SignOnError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("%(domain)s is proven to be yours.") % {"domain": domain.name})
    return redirect("realms:sign_on", request.realm.slug)
