"""OAuth 2 bearer tokens: signed and not stored. They end with their time, or with the secret key they were made by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core import signing
from django.utils import timezone

from realms.models import Application, Credential

from .errors import BadValue, NotAuthenticated
from .scopes import SCOPES

SALT = "api.token"


@dataclass(frozen=True)
class Token:
    """What a token says: primary keys, scopes, and the second it ends."""

    application: int
    credential: int
    scopes: frozenset[str]
    expires: int


def make_token(application: Application, credential: Credential, scopes: Iterable[str], expires: datetime) -> str:
    """A token for the application, as good as the secret key it is asked for with. Raises BadValue."""
    wanted = check_scopes(scopes)
    if expires <= timezone.now():
        raise BadValue("expiry", "it has passed already.")
    said = {"a": application.pk, "c": credential.pk, "s": " ".join(wanted), "e": int(expires.timestamp()) + 1}
    return signing.dumps(said, salt=SALT)


def check_scopes(scopes: Iterable[str], field: str = "scopes") -> list[str]:
    """The scopes, each once. Raises BadValue for one that does not exist, with those that do."""
    wanted = list(dict.fromkeys(scopes))
    if unknown := next((scope for scope in wanted if scope not in SCOPES), None):
        raise BadValue(field, f"there is no scope “{unknown[:100]}”; allowed: {', '.join(SCOPES)}.")
    if not wanted:
        raise BadValue(field, f"at least one is needed; allowed: {', '.join(SCOPES)}.")
    return wanted


def read_token(text: str) -> Token:
    """Raises NotAuthenticated for what was not made here, or is over."""
    try:
        said = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        raise NotAuthenticated("The bearer token is not one that was given out here.") from None
    if datetime.now(UTC).timestamp() >= said["e"]:
        raise NotAuthenticated("The bearer token has expired.")
    return Token(said["a"], said["c"], frozenset(said["s"].split()), said["e"])
