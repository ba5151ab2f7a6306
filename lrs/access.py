"""Who speaks to a store: authentication at each request, and what the caller may do."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Flag, auto
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from realms.models import Application
from realms.models import Credential as SecretKey

from .models import AuthType, BearerToken, Credential, Permission, Store, digests_of

USED_EVERY = timedelta(minutes=5)  # "last used" is no finer, so that reading does not write
WRONG = "The credentials are not right, or not for this application"
REALM = 'Basic realm="LRS", charset="UTF-8"'


class AccessError(Exception):
    """Refused: `status` is 401 where it is not known who asks, 403 where it is not allowed."""

    def __init__(self, message: str, status: int = 401) -> None:
        super().__init__(message)
        self.message, self.status = message, status


class Rights(Flag):
    """What a caller may do. Documents know no owner: reading its own statements opens them too."""

    WRITE = auto()
    READ_OWN = auto()
    READ_ALL = auto()


READ = Rights.READ_OWN | Rights.READ_ALL
ALL = READ | Rights.WRITE
RIGHTS = {
    Permission.DEFAULT: ALL,
    Permission.ROOT: ALL,
    Permission.USER: Rights.WRITE | Rights.READ_OWN,
    Permission.READONLY: READ,
    Permission.WRITEONLY: Rights.WRITE,
}
# xAPI's own words (1.0.3 Communication 4.0, table of scopes), and the two short ones.
SCOPES = {
    "all": ALL,
    "all/read": READ,
    "read": READ,
    "write": Rights.WRITE,
    "statements/read": READ,
    "statements/read/mine": Rights.READ_OWN,
    "statements/write": Rights.WRITE,
    "define": Rights.WRITE,
    "state": Rights.WRITE | Rights.READ_OWN,
    "profile": Rights.WRITE | Rights.READ_OWN,
}


@dataclass(frozen=True)
class Caller:
    """Who asks, of which store. `registration` and `actor` bound a launch's caller to what is its own."""

    application: int
    is_sandbox: bool
    store: int
    authority: Mapping[str, Any]  # an agent as JSON: what the caller's statements are stored under
    rights: Rights = ALL
    registration: UUID | None = None
    actor: Mapping[str, Any] | None = None

    @property
    def may_read(self) -> bool:
        return bool(self.rights & READ)

    @property
    def may_write(self) -> bool:
        return Rights.WRITE in self.rights

    @property
    def reads_own_only(self) -> bool:
        return Rights.READ_ALL not in self.rights


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
    registration: UUID | None = None,
    actor: Mapping[str, Any] | None = None,
) -> Caller:
    """A caller for the application itself, or, with bounds, for content that was launched."""
    store = Store.objects.id_of(application.pk, is_sandbox)
    who = authority(application.name, application.app_id)
    return Caller(application.pk, is_sandbox, store, who, registration=registration, actor=actor)


def authenticate(header: str, app_id: str, is_sandbox: bool) -> Caller:
    """The caller that an Authorization header proves. Raises AccessError.

    A wrong secret, a disabled key and an application that does not exist are told apart by nothing.
    """
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        found = _by_token(value.strip(), app_id)
    elif scheme.lower() == "basic":
        found = client_of(*name_and_secret(value), app_id, is_sandbox)
        if found is not None and found.needs_token:
            raise AccessError("This credential opens a store by bearer tokens: ask oauth/token of the store for one")
    else:
        raise AccessError("Authenticate with Basic or Bearer authentication")
    if found is None:
        raise AccessError(WRONG)
    store = found.store or Store.objects.id_of(found.application, is_sandbox)
    return Caller(found.application, is_sandbox, store, found.authority, found.rights)


@dataclass(frozen=True)
class Client:
    """What proved itself: an application by one of its secret keys, or one of its activity providers; primary keys."""

    application: int
    rights: Rights
    authority: dict[str, Any]
    secret_key: int | None = None
    provider: int | None = None
    needs_token: bool = False  # the name and secret open no store themselves
    store: int | None = None  # that was asked for, where it is there and was read along


def name_and_secret(value: str) -> tuple[str, str]:
    try:
        name, colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise AccessError("The Authorization header is not understood") from None
    if not colon or "\0" in name + secret:
        raise AccessError("The Authorization header is not understood")
    return name, secret


def client_of(name: str, secret: str, app_id: str, is_sandbox: bool = False) -> Client | None:
    """Whose name and secret these are, in the application. `is_sandbox`: which of its stores is read along."""
    if name == app_id:
        return _by_secret_key(secret, app_id, is_sandbox)
    return _by_activity_provider(name, secret, app_id)


# What realms.models.CredentialQuerySet.opening lets through. In SQL, since at every request of content and of an LMS
# Django would take several times as long to write it as the database to answer it.
OPENING = """
SELECT held.id, held.last_used IS NULL OR held.last_used < %s, held.application_id, application.name, store.id
  FROM realms_credential held
  JOIN realms_application application ON application.id = held.application_id
  JOIN realms_realm realm ON realm.id = application.realm_id
  LEFT JOIN lrs_store store ON store.application_id = application.id AND store.is_sandbox = %s
 WHERE held.key_hash = %s AND application.app_id = %s AND held.is_enabled AND realm.closed IS NULL
   AND (held.expires IS NULL OR held.expires > %s)
"""


def _by_secret_key(secret: str, app_id: str, is_sandbox: bool) -> Client | None:
    digest, now = hashlib.sha256(secret.encode()).hexdigest(), timezone.now()
    moments = [connection.ops.adapt_datetimefield_value(each) for each in (now - USED_EVERY, now)]
    with connection.cursor() as cursor:
        cursor.execute(OPENING, [moments[0], is_sandbox, digest, app_id, moments[1]])
        row = cursor.fetchone()
    if row is None:
        return None
    pk, is_due, application, name, store = row
    if is_due:
        SecretKey.objects.filter(pk=pk).update(last_used=now)
    return Client(application, ALL, authority(name, app_id), secret_key=pk, store=store)


def _by_activity_provider(name: str, secret: str, app_id: str) -> Client | None:
    providers = Credential.objects.filter(key=name, is_enabled=True, **_in_open_realm(app_id))
    row = providers.values_list("pk", "digest", "last_used", "application_id", "permission", "name", "auth").first()
    digests = digests_of(secret)
    if row is None or not any(hmac.compare_digest(digest, row[1]) for digest in digests):
        return None
    pk, _, last_used, application, permission, title, auth = row
    _note_use(last_used, lambda: Credential.objects.filter(pk=pk))
    rights, needs_token = RIGHTS[Permission(permission)], auth == AuthType.OAUTH
    return Client(application, rights, authority(title, name), provider=pk, needs_token=needs_token)


def _by_token(token: str, app_id: str) -> Client | None:
    """What a token opens: what its scope names, and of that what the client it was given to may do now."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    is_good = Q(secret_key__is_enabled=True) | Q(provider__is_enabled=True)
    held = BearerToken.objects.filter(is_good, digest=digest, expires__gt=timezone.now(), **_in_open_realm(app_id))
    found = held.select_related("application", "provider").first()
    if found is None:
        return None
    rights = rights_of(found.scope)
    if found.provider is None:
        return Client(found.application_id, rights, authority(found.application.name, app_id))
    rights &= RIGHTS[Permission(found.provider.permission)]
    return Client(found.application_id, rights, authority(found.provider.name, found.provider.key))


def _in_open_realm(app_id: str) -> dict[str, Any]:
    """A closed realm takes no statements of others and gives none out; content that is open still reports."""
    return {"application__app_id": app_id, "application__realm__closed": None}


def rights_of(scope: str) -> Rights:
    """What the words of a scope allow together; words that are none of SCOPES allow nothing."""
    return reduce(or_, (SCOPES.get(word, Rights(0)) for word in scope.split()), Rights(0))


def _note_use(last_used: datetime | None, rows: Callable[[], QuerySet]) -> None:
    now = timezone.now()
    if last_used is None or now - last_used > USED_EVERY:
        rows().update(last_used=now)
