"""Single sign-on of a realm: setting it up, proving whose a domain is, and what allauth is told of it.

Whoever runs an identity provider says who signs in. What it says is believed for addresses in domains alone that are
proven to be the realm's: who holds a domain reads its mail, and could set any password there anyway.
"""

import base64
import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.models import SocialAccount
from cryptography import x509
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import audit, web
from .models import Realm, SignOn, SignOnDomain

PROOF_PATH = "/.well-known/scormcloud.txt"
SECONDS, LARGEST = 15, 2 * 2**20
METHODS_KEY = "account_authentication_methods"  # where allauth keeps in the session how the person signed in


class SignOnError(Exception):
    """What was set up cannot work, in words for the owner."""


def has_saml() -> bool:
    """Whether the libraries that read signed XML are there and fit one another."""
    if importlib.util.find_spec("onelogin") is None or importlib.util.find_spec("xmlsec") is None:
        return False
    try:
        importlib.import_module("xmlsec")
    except ImportError:  # built for another libxml2 than lxml
        return False
    return True


# --- asking providers -------------------------------------------------------------------------------------------------


class _Pinned(requests.adapters.BaseAdapter):
    """Sends requests by realms.web: to checked addresses alone, and reads no more than LARGEST bytes."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            url = web.check(request.url)
            with web.in_words(SECONDS):
                connection = web.connection_to(url, SECONDS)
                try:
                    with web.no_longer_than(SECONDS, connection):
                        connection.request(request.method, web.target(url), request.body, dict(request.headers))
                        return _response(request, connection.getresponse())
                finally:
                    connection.close()
        except web.WebError as error:
            raise requests.ConnectionError(str(error), request=request) from error

    def close(self) -> None:
        """Nothing is kept open."""


def _response(request: Any, answer: Any) -> requests.Response:
    body = answer.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise web.WebError(_("The server's answer is too large."))
    response = requests.Response()
    response.status_code, response.reason = answer.status, answer.reason
    response.headers.update(answer.getheaders())
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response._content, response.url, response.request = body, request.url, request
    return response


def session() -> requests.Session:
    """For requests to addresses that owners of realms name."""
    made = requests.Session()
    made.trust_env = False
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Pinned())
    made.headers["Accept-Encoding"] = "identity"
    made.max_redirects = 3
    return made


def read_page(url: str) -> bytes:
    """What is at the address. Raises SignOnError."""
    _refuse_open(url)
    try:
        with session() as asked:
            answer = asked.get(url)
            answer.raise_for_status()
            return answer.content
    except requests.RequestException as error:
        raise SignOnError(_("%(url)s cannot be read: %(why)s") % {"url": url, "why": error}) from error


def _refuse_open(url: str) -> None:
    """Raise SignOnError for an address that everybody on the way can read and change."""
    parts = urlsplit(url)
    is_allowed = (parts.hostname or "") in settings.ALLOWED_FETCH_HOSTS
    if parts.scheme != "https" and not (parts.scheme == "http" and is_allowed):
        raise SignOnError(_("The address has to begin with https://."))


# --- secrets ----------------------------------------------------------------------------------------------------------


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(b"realms.sign_on" + str(key).encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def hide(secret: str) -> str:
    return _box().encrypt(secret.encode()).decode() if secret else ""


def reveal(hidden: str) -> str:
    """ "" where it was hidden with a key that is gone."""
    try:
        return _box().decrypt(hidden.encode()).decode() if hidden else ""
    except InvalidToken:
        return ""


# --- setting up -------------------------------------------------------------------------------------------------------


def check_oidc(issuer: str) -> dict[str, Any]:
    """The provider's own description of itself. Raises SignOnError where it is none, or of another issuer."""
    try:
        with session() as asked:
            _refuse_open(issuer)
            answer = asked.get(issuer.rstrip("/") + "/.well-known/openid-configuration")
            answer.raise_for_status()
            told = answer.json()
    except (requests.RequestException, ValueError) as error:
        words = _("The provider's description cannot be read at this issuer: %(why)s")
        raise SignOnError(words % {"why": error}) from error
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in names):
        raise SignOnError(_("What is at this issuer is no description of an OpenID provider."))
    if told["issuer"].rstrip("/") != issuer.rstrip("/"):
        raise SignOnError(_("The provider says that its issuer is %(issuer)s.") % {"issuer": told["issuer"]})
    for name in names[1:]:
        _refuse_open(told[name])
    return told


def read_metadata(xml: bytes) -> dict[str, str]:
    """entity_id, sign_in_url and certificate of a SAML identity provider; of certificates for signing all there are, a
    line each: while a provider changes over to a new key it names both (saml-metadata-2.0-os 2.4.1.1). Raises
    SignOnError."""
    if not has_saml():
        raise SignOnError(_("This installation lacks python3-saml and xmlsec, which SAML needs."))
    parser = importlib.import_module("onelogin.saml2.idp_metadata_parser").OneLogin_Saml2_IdPMetadataParser
    if len(xml) > LARGEST or b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise SignOnError(_("The metadata is too large or holds declarations that no metadata needs."))
    try:
        told = parser.parse(xml)["idp"]
        certificates = [told["x509cert"]] if told.get("x509cert") else told["x509certMulti"]["signing"]
        if not all(map(facts_of, certificates)):
            raise ValueError
        found = {"entity_id": told["entityId"], "sign_in_url": told["singleSignOnService"]["url"]}
    except Exception as error:  # the library raises what its parsers raise
        raise SignOnError(_("This is no metadata of a SAML identity provider with a signing certificate.")) from error
    if len(found["entity_id"]) > 500 or len(found["sign_in_url"]) > 1000:
        raise SignOnError(_("The metadata is too large or holds declarations that no metadata needs."))
    _refuse_open(found["sign_in_url"])
    return found | {"certificate": "\n".join(dict.fromkeys(certificates))}


@dataclass(frozen=True)
class Facts:
    """What a page tells of a certificate."""

    fingerprint: str  # SHA-256
    ends: datetime

    @property
    def state(self) -> str:
        """As components/status.html shows it; what signs is believed after its end too, as metadata says."""
        return "ended" if self.ends <= timezone.now() else "enabled"


def facts_of(certificate: str) -> Facts | None:
    """None for what is no certificate."""
    try:
        read = x509.load_der_x509_certificate(base64.b64decode(certificate, validate=True))
    except ValueError:
        return None
    digest = read.fingerprint(hashes.SHA256()).hex(":").upper()
    return Facts(digest, read.not_valid_after_utc)


def renew(request: Any, sign_on: SignOn) -> bool:
    """Read the provider's metadata at its address again; whether anything of it is new. Raises SignOnError.

    Only of the same provider: another is set up on the form, with all that is asked there.
    """
    if sign_on.protocol != SignOn.Protocol.SAML or not sign_on.metadata_url:
        raise SignOnError(_("No address of metadata is kept that could be read again."))
    found = read_metadata(read_page(sign_on.metadata_url))
    if found["entity_id"] != sign_on.entity_id:
        words = _("The metadata is of another provider now: %(entity)s. Save it below, if that is right.")
        raise SignOnError(words % {"entity": found["entity_id"]})
    with transaction.atomic():
        Realm.objects.select_for_update(no_key=True).get(pk=sign_on.realm_id)
        held = SignOn.objects.get(pk=sign_on.pk)
        if (held.metadata_url, held.entity_id) != (sign_on.metadata_url, sign_on.entity_id):
            raise SignOnError(_("It was changed meanwhile. Look at it and try again."))
        before = _told(held)
        held.sign_in_url, held.certificate = found["sign_in_url"], found["certificate"]
        details = audit.changes(before, _told(held))
        if details:
            held.save(update_fields=["sign_in_url", "certificate", "updated"])
            audit.record(request, "sign_on.renew", realm=held.realm, target=held.realm, details=details)
    return bool(details)


def save(request: Any, sign_on: SignOn, domains: Sequence[str], secret: str = "") -> None:
    """Keep what was set up, checked by `check_oidc` or `read_metadata`. An empty secret keeps the one there is.

    Raises SignOnError where it is to be used and no domain is proven.
    """
    with transaction.atomic():
        Realm.objects.select_for_update(no_key=True).get(pk=sign_on.realm_id)
        before = SignOn.objects.filter(realm=sign_on.realm_id).first()
        held = _told(before) if before else {}
        if secret:
            sign_on.secret = hide(secret)
        sign_on.save()
        if before is not None and _who_speaks(before) != _who_speaks(sign_on):
            # Whoever has a number there is not who had it at the provider before; addresses tell them again.
            SocialAccount.objects.filter(provider=sign_on.realm.slug).delete()
        sign_on.domains.exclude(name__in=domains).delete()
        known = set(sign_on.domains.values_list("name", flat=True))
        for name in domains:
            if name not in known:
                sign_on.domains.create(name=name)
        for domain in sign_on.domains.filter(proven=None, name__in=settings.SSO_TRUSTED_DOMAINS):
            _note_proven(domain)
        if sign_on.is_enabled and not sign_on.domains.filter(proven__isnull=False).exists():
            raise SignOnError(_("Prove first that one of the domains is yours; until then nobody can sign in by it."))
        details = audit.changes(held, _told(sign_on)) | ({"secret": ["…", "…"]} if secret else {})
        audit.record(request, "sign_on.change", realm=sign_on.realm, target=sign_on.realm, details=details)


def _who_speaks(sign_on: SignOn) -> tuple[str, str]:
    is_saml = sign_on.protocol == SignOn.Protocol.SAML
    return sign_on.protocol, sign_on.entity_id if is_saml else sign_on.issuer


def _told(sign_on: SignOn) -> dict[str, Any]:
    names = ("protocol", "issuer", "client_id", "entity_id", "sign_in_url", "default_role", "is_enabled", "is_enforced")
    domains = sorted(sign_on.domains.values_list("name", flat=True))
    told = {name: getattr(sign_on, name) for name in names} | {"domains": ", ".join(domains)}
    return told | {"certificates": ", ".join(facts.fingerprint for facts in certificates_of(sign_on))}


def certificates_of(sign_on: SignOn) -> list[Facts]:
    """Of a SAML provider: what signs that is believed."""
    return [facts for each in sign_on.certificate.split() if (facts := facts_of(each))]


def prove(request: Any, domain: SignOnDomain) -> None:
    """Look for the realm's proof on the domain's own web server. Raises SignOnError."""
    url = f"https://{domain.name}{PROOF_PATH}"
    if domain.name not in settings.SSO_TRUSTED_DOMAINS:
        words = read_page(url).decode("utf-8", "replace").split()
        if domain.sign_on.proof not in words:
            raise SignOnError(_("%(url)s is there, but the text below is not in it.") % {"url": url})
    with transaction.atomic():
        _note_proven(domain)
        audit.record(request, "sign_on.prove", realm=domain.sign_on.realm, target=domain.name)


def _note_proven(domain: SignOnDomain) -> None:
    domain.proven = timezone.now()
    try:
        with transaction.atomic():
            domain.save(update_fields=["proven"])
    except IntegrityError as error:
        raise SignOnError(_("Another realm has proven %(domain)s already.") % {"domain": domain.name}) from error


# --- signing in -------------------------------------------------------------------------------------------------------


def usable() -> Any:
    """Those that somebody can sign in by now."""
    return SignOn.objects.filter(is_enabled=True, realm__closed=None).select_related("realm")


def of_address(email: str) -> SignOn | None:
    """Where the person of an address signs in."""
    domain = email.rpartition("@")[2].lower()
    return usable().filter(domains__name=domain, domains__proven__isnull=False).first() if domain else None


def refuse_address(sign_on: SignOn, email: str) -> None:
    """Raise SignOnError for an address that the provider may not speak for."""
    domain = email.rpartition("@")[2].lower()
    if "@" not in email or not sign_on.domains.filter(name=domain, proven__isnull=False).exists():
        words = _("The address %(email)s is in no domain that %(realm)s has proven to be its own.")
        raise SignOnError(words % {"email": email or "–", "realm": sign_on.realm})


def came_by(request: Any, slug: str) -> bool:
    """Whether the person signed in by this realm's provider in this session."""
    return any(each.get("provider") == slug for each in request.session.get(METHODS_KEY, ()))
