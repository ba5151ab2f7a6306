"""What allauth asks of single sign-on: which providers there are, and who comes in by them."""

from hashlib import sha256
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from realms import audit, people, sign_on
from realms.models import SignOn

from .models import User

PROVIDERS = {SignOn.Protocol.OIDC: "openid_connect", SignOn.Protocol.SAML: "saml"}


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Each realm with single sign-on is a provider of its own, named by the realm's slug; nobody signs up by one."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The one of the realm that is named by `provider`, or of SAML by `client_id`; there is no list of all."""
        slug = client_id if provider == "saml" else provider
        found = sign_on.usable().filter(realm__slug=slug or "").first()
        if found is None or (provider == "saml" and found.protocol != SignOn.Protocol.SAML):
            return []
        return [app_of(found)]

    def get_requests_session(self) -> Any:
        return sign_on.session()

    def is_email_verified(self, provider: Any, email: str) -> bool:
        return True  # of a proven domain: see pre_social_login, which everybody passes

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let the person in as a member, or answer why not. Everybody has an account after it."""
        try:
            _let_in(request, sociallogin)
        except sign_on.SignOnError as error:
            page = render(request, "accounts/sign_on_refused.html", {"message": str(error)}, status=403)
            raise ImmediateHttpResponse(page) from error


def app_of(found: SignOn) -> SocialApp:
    """The realm's provider as allauth has them; it is never saved."""
    slug = found.realm.slug
    app = SocialApp(provider=PROVIDERS[SignOn.Protocol(found.protocol)], provider_id=slug, name=found.realm.name)
    if found.protocol == SignOn.Protocol.SAML:
        app.client_id = slug
        app.settings = {
            "idp": _idp(found),
            "attribute_mapping": ATTRIBUTES,
            "advanced": {"allow_single_label_domains": True},
        }
    else:
        app.client_id, app.secret = found.client_id, sign_on.reveal(found.secret)
        app.settings = {"server_url": found.issuer.rstrip("/"), "oauth_pkce_enabled": True}
    return app


def _idp(found: SignOn) -> dict[str, str]:
    """allauth takes one certificate, or metadata from an address that it reads itself and keeps in the cache for a
    time. Several come to it by that cache: what is put there is used at once, and the address leads nowhere."""
    certificates = found.certificate.split()
    if len(certificates) < 2:
        return {"entity_id": found.entity_id, "sso_url": found.sign_in_url, "x509cert": found.certificate}
    digest = sha256(f"{found.sign_in_url} {found.certificate}".encode()).hexdigest()
    address = f"kept:{digest}"
    told = {
        "entityId": found.entity_id,
        "singleSignOnService": {"url": found.sign_in_url},
        "x509certMulti": {"signing": certificates},
    }
    cache.set(f"saml.metadata.{address}.{found.entity_id}", {"idp": told}, 60)
    return {"entity_id": found.entity_id, "metadata_url": address}


_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
ATTRIBUTES = {
    "email": ["email", "mail", "urn:oid:0.9.2342.19200300.100.1.3", f"{_CLAIMS}emailaddress"],
    "first_name": ["firstName", "givenName", "urn:oid:2.5.4.42", f"{_CLAIMS}givenname"],
    "last_name": ["lastName", "sn", "urn:oid:2.5.4.4", f"{_CLAIMS}surname"],
}


def _let_in(request: HttpRequest, login: SocialLogin) -> None:
    """Raises SignOnError."""
    if login.state.get("process") != AuthProcess.LOGIN:  # a provider is never tied to whoever is signed in
        raise sign_on.SignOnError(_("Sign in by the link of your realm."))
    found = sign_on.usable().filter(realm__slug=login.account.provider).first()
    if found is None:
        raise sign_on.SignOnError(_("This realm has no single sign-on any more."))
    email = login.email_addresses[0].email.strip().lower() if login.email_addresses else ""
    sign_on.refuse_address(found, email)
    told = login.account.extra_data.get("userinfo") or login.account.extra_data.get("id_token") or {}
    if told.get("email_verified") is False:
        raise sign_on.SignOnError(_("Your identity provider says that %(email)s is not verified.") % {"email": email})
    with transaction.atomic():
        if not login.is_existing:
            login.connect(request, _account(login, email))
        user = login.user
        if not _is_address_of(user, email):
            words = _("Your identity provider says %(email)s now, but your account has another address.")
            raise sign_on.SignOnError(words % {"email": email})
        if not user.is_active:
            raise sign_on.SignOnError(_("This account is closed."))
        membership, is_new = people.join(found.realm, user, found.default_role)
        if is_new:
            details = {"role": membership.role, "by": found.get_protocol_display()}
            audit.record(user, "people.join", realm=found.realm, target=email, details=details)


def _is_address_of(user: User, email: str) -> bool:
    return user.email.lower() == email or EmailAddress.objects.filter(user=user, email=email, verified=True).exists()


def _account(login: SocialLogin, email: str) -> User:
    """The account of the address, made where there is none. One that nobody had verified may be somebody else's try:
    whoever made it is kept out of it from now on."""
    verified = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    if verified is not None:
        return verified.user
    user = User.objects.select_for_update().filter(email=email).first()
    if user is None:
        names = {"first_name": login.user.first_name[:150], "last_name": login.user.last_name[:150]}
        user = User.objects.create_user(email, **names)
    else:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        for session in UserSession.objects.filter(user=user):
            session.end()
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user
