"""The verbs on activity providers: make one, change it, take it away."""

import unicodedata
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from realms.models import Application

from .models import AuthType, Credential, Permission, digest_of, make_key, make_token

KEY_LENGTH, NAME_LENGTH, INFO_LENGTH, SECRET_LENGTH = 255, 255, 10_000, 1_000
AT_MOST = 1_000  # of an application
HIDDEN = "********"  # where a secret would stand: only a digest of it is kept


class ProviderError(ValueError):
    """What an activity provider cannot be, in words for the person who can act."""


def add_provider(
    application: Application, name: str, permission: str, auth: str = AuthType.BASIC
) -> tuple[Credential, str]:
    """Make one with a secret that is shown once; only a digest of it is kept. Raises ProviderError."""
    secret = make_token()
    return put_provider(application, make_key(), name, secret, permission, auth)[0], secret


@transaction.atomic
def put_provider(
    application: Application,
    key: str,
    name: str,
    secret: str,
    permission: str,
    auth: str = AuthType.BASIC,
    is_enabled: bool = True,
    info: str = "",
) -> tuple[Credential, bool]:
    """The provider of the user name `key`, made or changed, and whether it is new. Raises ProviderError.

    The secret HIDDEN leaves the one there is.
    """
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)  # two at once are counted
    held = Credential.objects.filter(application=application, key=key).first()
    values: dict[str, Any] = {
        "name": _text("name", name, NAME_LENGTH),
        "info": info[:INFO_LENGTH],
        "permission": Permission(permission),
        "auth": AuthType(auth),
        "is_enabled": is_enabled,
    }
    if secret != HIDDEN or held is None:
        values["digest"] = digest_of(_checked_secret(secret))
    if held is None:
        _check_key(key, application)
        if application.activity_providers.count() >= AT_MOST:
            raise ProviderError(
                gettext("An application has at most %(at_most)s xAPI credentials.") % {"at_most": AT_MOST}
            )
        return Credential.objects.create(application=application, key=key, **values), True
    for column, value in values.items():
        setattr(held, column, value)
    held.save()
    return held, False


def enable_provider(provider: Credential, is_enabled: bool) -> None:
    """At once, for its tokens too."""
    provider.is_enabled = is_enabled
    provider.save(update_fields=["is_enabled", "updated"])


def _text(name: str, text: str, length: int) -> str:
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > length:
        raise ProviderError(
            gettext("%(name)s: it has from 1 to %(length)s characters.") % {"name": name, "length": length}
        )
    return cleaned


def _checked_secret(secret: str) -> str:
    if secret == HIDDEN:
        raise ProviderError(f"secret: {HIDDEN} stands for the secret there is, and there is none yet.")
    if not secret or len(secret) > SECRET_LENGTH:
        raise ProviderError(f"secret: it has from 1 to {SECRET_LENGTH} characters.")
    return secret


def _check_key(key: str, application: Application) -> None:
    """A user name of Basic authentication has no colon and no control characters (RFC 7617 2)."""
    if not key or len(key) > KEY_LENGTH:
        raise ProviderError(f"id: it has from 1 to {KEY_LENGTH} characters.")
    if ":" in key or any(unicodedata.category(each) == "Cc" for each in key):
        raise ProviderError("id: it is a user name, which has no colon and no control characters.")
    if key == application.app_id:
        raise ProviderError("id: it is that of the application, which has keys of its own.")
