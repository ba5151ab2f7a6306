"""Who asks: a secret key of an application, or a token made by one; and what that may be asked for."""

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from realms.models import Application, Credential
from realms.services import hash_secret

from . import rates
from .errors import ApiError, NotAuthenticated
from .tokens import read_token

USED_EVERY = timedelta(minutes=5)  # "last used" is no finer, so that reading does not write


@dataclass(frozen=True)
class Caller:
    """The application that asks, the key it proved itself by, and the scopes of its token; None: no token, all."""

    application: Application
    credential: Credential
    scopes: frozenset[str] | None = None

    @property
    def is_management(self) -> bool:
        return self.application.is_management


class ApiRequest(HttpRequest):
    """A request as operations get it."""

    caller: Caller

    @property
    def application(self) -> Application:  # for reading code; set with `caller`
        return self.caller.application


def authenticate(request: Any) -> Caller:
    """The caller, put on the request and counted against its application's rate. Raises NotAuthenticated, 429."""
    if (known := getattr(request, "caller", None)) is not None:
        return known
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        caller = _by_token(value.strip())
    elif scheme.lower() == "basic":
        caller = _by_secret_key(*_name_and_secret(value))
    else:
        raise NotAuthenticated("Authenticate with an application ID and a secret key, or with a bearer token.")
    request.caller, request.application = caller, caller.application
    request.rate = rates.count(caller.application)
    _note_use(caller.credential)
    return caller


def refuse_unless_for(caller: Caller, is_management: bool) -> None:
    """Raise 403 where the operation is for applications of the other kind."""
    if is_management and not caller.is_management:
        raise ApiError(403, "This operation needs the credentials of the realm's App Management application.")
    if caller.is_management and not is_management:
        raise ApiError(
            403, "Credentials of the App Management application do not work here: use those of an application."
        )


def refuse_unless_in_scope(caller: Caller, scopes: tuple[str, ...]) -> None:
    """Raise 403 where the token has none of the scopes of which one is needed."""
    if caller.scopes is not None and not caller.scopes & set(scopes):
        raise ApiError(403, f"The token's scope does not allow this; one of these does: {', '.join(scopes)}.")


def _name_and_secret(value: str) -> tuple[str, str]:
    try:
        name, colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise NotAuthenticated("The Authorization header is not understood.") from None
    if not colon or "\0" in name:
        raise NotAuthenticated("The Authorization header is not understood.")
    return name, secret


def _credentials() -> Any:
    """Those that open something now, with what is asked of their realm."""
    related = ("application__realm__plan", "application__realm__billing_realm__plan")
    return Credential.objects.opening().select_related(*related)


def _by_secret_key(app_id: str, secret: str) -> Caller:
    """A wrong secret, a disabled key and an application that does not exist are told apart by nothing."""
    credential = _credentials().filter(key_hash=hash_secret(secret), application__app_id=app_id).first()
    if credential is None:
        raise NotAuthenticated("The application ID and secret key are not right.")
    return Caller(credential.application, credential)


def _by_token(text: str) -> Caller:
    token = read_token(text)
    credential = _credentials().filter(pk=token.credential).first()
    if credential is None:
        raise NotAuthenticated("The secret key that the bearer token was made by is no longer active.")
    application = credential.application
    if application.pk != token.application:  # made by the management application for one it manages
        related = Application.objects.select_related("realm__plan", "realm__billing_realm__plan")
        found = related.filter(pk=token.application, realm=application.realm_id).first()
        if found is None:
            raise NotAuthenticated("The application of the bearer token is gone.")
        application = found
    return Caller(application, credential, token.scopes)


def _note_use(credential: Credential) -> None:
    now = timezone.now()
    if credential.last_used is None or now - credential.last_used > USED_EVERY:
        Credential.objects.filter(pk=credential.pk).update(last_used=now)
