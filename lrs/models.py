"""Store, Statement, Mention, Activity, Attachment, Document, Credential, BearerToken.

Why the store is laid out so: docs/decisions/0016.
"""

import hashlib
import hmac
import secrets
import uuid
from datetime import UTC, datetime
from typing import ClassVar

from django.conf import settings
from django.db import connection, models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from realms.models import APP_ID_ALPHABET, Application
from realms.models import Credential as SecretKey

MICROSECOND = 1_000_000


def moment_of(stored: int) -> datetime:
    """The time that a statement's `stored` column stands for."""
    return datetime.fromtimestamp(stored // MICROSECOND, UTC).replace(microsecond=stored % MICROSECOND)


def stored_text(stored: int) -> str:
    """The `stored` property: to the microsecond, because statements are told apart and paged by it."""
    return moment_of(stored).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def stored_of(moment: datetime) -> int:
    """Microseconds since 1970."""
    return int(moment.timestamp()) * MICROSECOND + moment.microsecond


def key_of(kind: str, value: str) -> int:
    """64 bits that stand for a value in an index, as every database keeps them: signed."""
    digest = hashlib.blake2b(value.encode(), digest_size=8, person=kind.encode()).digest()
    return int.from_bytes(digest, "big", signed=True)


class StoreManager(models.Manager["Store"]):
    def id_of(self, application_id: int, is_sandbox: bool) -> int:
        """The id of an application's store, made when it is first asked for."""
        with connection.cursor() as cursor:  # at each request: see lrs.access
            cursor.execute(
                "SELECT id FROM lrs_store WHERE application_id = %s AND is_sandbox = %s", [application_id, is_sandbox]
            )
            found = cursor.fetchone()
        return found[0] if found else self.get_or_create(application_id=application_id, is_sandbox=is_sandbox)[0].pk


class Store(models.Model):
    """An application's learning record store: the real one, or the sandbox's."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="stores")
    is_sandbox = models.BooleanField(default=False)
    last_stored = models.BigIntegerField(default=0)  # of its latest statement; each write of statements moves it on

    objects: ClassVar = StoreManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "is_sandbox"], name="two_stores_an_application")]

    def __str__(self) -> str:
        return f"{'sandbox' if self.is_sandbox else 'store'} of {self.application_id}"


class Statement(models.Model):
    """A statement. `stored` goes up from one to the next of a store: it orders, pages and names them."""

    pk = models.CompositePrimaryKey("store_id", "stored")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="statements", db_index=False)
    stored = models.BigIntegerField()  # microseconds since 1970
    uuid = models.UUIDField()
    is_voided = models.BooleanField(default=False)
    # Of the launch whose endpoint it came by; its own context may name none. NULL: it came by the open store.
    registration = models.UUIDField(null=True, blank=True)
    body = models.TextField()  # JSON as it came, with what we added at its end

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "uuid"], name="one_statement_an_id")]
        indexes = [
            models.Index(
                fields=["store", "registration", "stored"],
                condition=models.Q(registration__isnull=False),
                name="statements_of_launches",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Mention(models.Model):
    """That a statement is found under something: an agent, a verb, an activity, a registration.

    `via` is the statement that mentions it: itself, or one it refers to (1.0.3 Communication 2.1.3: a StatementRef is
    found by what its target is found by).
    """

    pk = models.CompositePrimaryKey("store_id", "key", "stored", "via")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.BigIntegerField()  # key_of(kind, value)
    stored = models.BigIntegerField()
    via = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.key} in {self.stored}"


class Voiding(models.Model):
    """That a statement which came by a launch was voided: what was made of it has still to follow.

    Written with the voiding, gone once it is done. The player does it (settings.VOIDED_TASK), since the store knows
    nothing of registrations.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    registration = models.UUIDField(db_index=True)
    statement = models.UUIDField()
    created = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return str(self.statement)


class Activity(models.Model):
    """What statements have said an activity is: the canonical definition."""

    pk = models.CompositePrimaryKey("store_id", "key")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.BigIntegerField()  # key_of("activity", iri)
    iri = models.TextField()
    definition = models.TextField()  # JSON

    def __str__(self) -> str:
        return self.iri


class Attachment(models.Model):
    """The content of attachments, once for each hash of a store."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    sha2 = models.CharField(max_length=128)
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "sha2"], name="one_attachment_a_hash")]

    def __str__(self) -> str:
        return self.sha2


class DocumentKind(models.IntegerChoices):
    STATE = 1, _("State")
    AGENT_PROFILE = 2, _("Agent profile")
    ACTIVITY_PROFILE = 3, _("Activity profile")


class Document(models.Model):
    """A document of the State, Agent Profile or Activity Profile Resource."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="documents", db_index=False)
    kind = models.PositiveSmallIntegerField(choices=DocumentKind)
    key = models.UUIDField()  # of everything that names it
    scope = models.BigIntegerField()  # key_of what it is about: the activity, the agent
    agent = models.BigIntegerField(null=True, blank=True)  # key_of("agent", …) of whom it is about
    registration = models.UUIDField(null=True, blank=True)
    name = models.TextField()  # stateId or profileId
    content = models.BinaryField()
    content_type = models.CharField(max_length=255)
    etag = models.CharField(max_length=40)  # SHA-1 of the content, in hexadecimal
    updated = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="one_document_a_name")]
        indexes = [
            models.Index(fields=["store", "scope", "updated"], name="documents_of_a_scope"),
            models.Index(fields=["store", "agent"], name="documents_about_an_agent"),
        ]

    def __str__(self) -> str:
        return self.name


class Permission(models.TextChoices):
    """What an activity provider may do. DEFAULT and ROOT: all; USER: write, and read what it wrote itself."""

    DEFAULT = "DEFAULT", _("Read and write")
    USER = "USER", _("Write, and read its own statements")
    ROOT = "ROOT", _("Everything")
    READONLY = "READONLY", _("Read only")
    WRITEONLY = "WRITEONLY", _("Write only")


class AuthType(models.TextChoices):
    """How an activity provider signs in. OAUTH: its secret gets bearer tokens, and opens nothing itself."""

    BASIC = "BASICAUTH", _("User name and secret")
    OAUTH = "OAUTH", _("Bearer tokens (OAuth 2)")


def make_key() -> str:
    return get_random_string(12, APP_ID_ALPHABET)


def digest_of(secret: str, key: str = "") -> str:
    """HMAC of a secret under the installation's key: quick at each request, of no use to who has the table alone."""
    return hmac.new((key or settings.SECRET_KEY).encode(), secret.encode(), "sha256").hexdigest()


def digests_of(secret: str) -> list[str]:
    """The digests a secret may be stored as: under the key in use, and under those it replaced."""
    return [digest_of(secret, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


class Credential(models.Model):
    """An activity provider: a user name and secret of its own for an application's stores."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="activity_providers")
    name = models.CharField(max_length=255)
    info = models.TextField(blank=True)
    key = models.CharField(max_length=255, default=make_key, editable=False)  # the user name
    digest = models.CharField(max_length=64, editable=False)  # digest_of(secret)
    permission = models.CharField(max_length=10, choices=Permission, default=Permission.DEFAULT)
    auth = models.CharField("signs in by", max_length=10, choices=AuthType, default=AuthType.BASIC)
    is_enabled = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    last_used = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "key"], name="one_provider_a_user_name")]
        indexes = [
            models.Index(fields=["application", "updated"], name="providers_by_change"),
            models.Index(fields=["application", "created"], name="providers_by_age"),
        ]

    def __str__(self) -> str:
        return self.name


class BearerToken(models.Model):
    """An OAuth 2 access token for an application's stores; `scope` as granted: words of access.SCOPES.

    It ends with its time, or with the secret key or activity provider it was given to.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="bearer_tokens")
    secret_key = models.ForeignKey(SecretKey, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    provider = models.ForeignKey(Credential, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)  # sha256: the token cannot be guessed
    scope = models.CharField(max_length=500, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(secret_key__isnull=True, provider__isnull=False)
                | models.Q(secret_key__isnull=False, provider__isnull=True),
                name="a_token_has_one_client",
            )
        ]

    def __str__(self) -> str:
        return f"token of {self.application_id}"


def make_token() -> str:
    """A new bearer token, shown once."""
    return secrets.token_urlsafe(32)


def document_key(kind: DocumentKind, *parts: str) -> uuid.UUID:
    """128 bits that stand for everything that names a document."""
    text = "\0".join([str(int(kind)), *parts])
    return uuid.UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest())
