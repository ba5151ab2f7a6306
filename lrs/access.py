"""Who speaks to a store: authentication at each request, and what the caller may do."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from realms.models import Application
from realms.models import Credential as SecretKey

from .models import BearerToken, Credential, Permission, Store, digests_of

USED_EVERY = timedelta(minutes=5)  # "last used" is no finer, so that reading does not write
REALM = 'Basic realm="LRS", charset="UTF-8"'


class AccessError(Exception):
    """Refused: `status` is 401 where it is not known who asks, 403 where it is not allowed."""

    def __init__(self, message: str, status: int = 401) -> None:
        super().__init__(message)
        self.message, self.status = message, status


@dataclass(frozen=True)
class Caller:
    """Who asks, of which store. `registration` and `actor` bound a launch's caller to what is its own."""

    application: int
    is_sandbox: bool
    store: int
    authority: Mapping[str, Any]  # an agent as JSON: what the caller's statements are stored under
    permission: Permission = Permission.DEFAULT
    registration: UUID | None = None
    actor: Mapping[str, Any] | None = None

    @property
    def may_read(self) -> bool:
        return self.permission != Permission.WRITEONLY

    @property
    def may_write(self) -> bool:
        return self.permission != Permission.READONLY

    @property
    def reads_own_only(self) -> bool:
        return self.permission == Permission.USER


def authority(name: str, account: str) -> dict[str, Any]:
    """The agent that statements of an account here are stored under."""
    return {
        "objectType": "Agent",
        "name": name,
        "account": {"homePage": f"{settings.CONSOLE_ORIGIN}/", "name": account},
    }


def caller_of(
    application: Application,
    is_sandbox: bool = False,
    permission: Permission = Permission.DEFAULT,
    registration: UUID | None = None,
    actor: Mapping[str, Any] | None = None,
) -> Caller:
    """A caller for the application itself, or, with bounds, for content that was launched."""
    store = Store.objects.id_of(application.pk, is_sandbox)
    who = authority(application.name, application.app_id)
    return Caller(application.pk, is_sandbox, store, who, permission, registration, actor)


def authenticate(header: str, app_id: str, is_sandbox: bool) -> Caller:
    """The caller that an Authorization header proves. Raises AccessError.

    A wrong secret, a disabled key and an application that does not exist are told apart by nothing.
    """
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        found = _by_token(value.strip(), app_id)
    elif scheme.lower() == "basic":
        found = _by_name(*_name_and_secret(value), app_id)
    else:
        raise AccessError("Authenticate with Basic or Bearer authentication")
    if found is None:
        raise AccessError("The credentials are not right, or not for this application")
    application, permission, who = found
    return Caller(application, is_sandbox, Store.objects.id_of(application, is_sandbox), who, permission)


def _name_and_secret(value: str) -> tuple[str, str]:
    try:
        name, colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise AccessError("The Authorization header is not understood") from None
    if not colon or "\0" in name + secret:
        raise AccessError("The Authorization header is not understood")
    return name, secret


Found = tuple[int, Permission, dict[str, Any]]


def _by_name(name: str, secret: str, app_id: str) -> Found | None:
    if name == app_id:
        return _by_secret_key(secret, app_id)
    return _by_activity_provider(name, secret, app_id)


def _by_secret_key(secret: str, app_id: str) -> Found | None:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    keys = SecretKey.objects.filter(key_hash=digest, is_enabled=True, **_in_open_realm(app_id))
    row = keys.values_list("pk", "last_used", "application_id", "application__name").first()
    if row is None:
        return None
    pk, last_used, application, name = row
    _note_use(last_used, lambda: SecretKey.objects.filter(pk=pk))
    return application, Permission.DEFAULT, authority(name, app_id)


def _by_activity_provider(name: str, secret: str, app_id: str) -> Found | None:
    providers = Credential.objects.filter(key=name, is_enabled=True, **_in_open_realm(app_id))
    row = providers.values_list("pk", "digest", "last_used", "application_id", "permission", "name").first()
    digests = digests_of(secret)
    if row is None or not any(hmac.compare_digest(digest, row[1]) for digest in digests):
        return None
    pk, _, last_used, application, permission, title = row
    _note_use(last_used, lambda: Credential.objects.filter(pk=pk))
    return application, Permission(permission), authority(title, name)


def _by_token(token: str, app_id: str) -> Found | None:
    digest = hashlib.sha256(token.encode()).hexdigest()
    tokens = BearerToken.objects.filter(digest=digest, expires__gt=timezone.now(), **_in_open_realm(app_id))
    row = tokens.values_list("application_id", "application__name", "scope").first()
    if row is None:
        return None
    return row[0], _permission_of(row[2]), authority(row[1], app_id)


def _in_open_realm(app_id: str) -> dict[str, Any]:
    """A closed realm takes no statements of others and gives none out; content that is open still reports."""
    return {"application__app_id": app_id, "application__realm__closed": None}


def _permission_of(scope: str) -> Permission:
    """What the words of a scope allow; xAPI's own words too (1.0.3 Communication 4.0)."""
    words = set(scope.lower().split())
    if words & {"all", "admin"} or {"read", "write"} <= words:
        return Permission.DEFAULT
    may_read = words & {"read", "all/read", "statements/read", "statements/read/mine"}
    may_write = words & {"write", "statements/write", "define", "state", "profile"}
    if may_read and may_write:
        return (
            Permission.USER
            if "statements/read/mine" in words and not words & {"read", "all/read"}
            else Permission.DEFAULT
        )
    if may_write:
        return Permission.WRITEONLY
    if may_read:
        return Permission.READONLY
    raise AccessError("The token's scope allows nothing here", status=403)


def _note_use(last_used: datetime | None, rows: Callable[[], QuerySet]) -> None:
    now = timezone.now()
    if last_used is None or now - last_used > USED_EVERY:
        rows().update(last_used=now)
