"""Realm, Membership, BillingPlan, Application, Credential, PensKey."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.crypto import get_random_string

APP_ID_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def make_slug() -> str:
    """An address for a realm that cannot be guessed from another's."""
    return get_random_string(10, "abcdefghijkmnpqrstuvwxyz23456789")


def make_app_id() -> str:
    return get_random_string(10, APP_ID_ALPHABET)


class BillingPlan(models.Model):
    """What a realm may use in a period and what it costs a month. None: no limit."""

    name = models.CharField(max_length=100, unique=True)
    monthly_cost = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    registration_limit = models.PositiveIntegerField(null=True, blank=True)
    storage_limit = models.PositiveBigIntegerField(null=True, blank=True)  # bytes
    is_default = models.BooleanField(default=False)  # of a realm that signs up

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="one_default_plan")
        ]

    def __str__(self) -> str:
        return self.name


class RealmQuerySet(models.QuerySet["Realm"]):
    def of(self, user: models.Model) -> "RealmQuerySet":
        """The realms the person belongs to, by name."""
        return self.filter(memberships__user=user).order_by("name", "pk")


class Realm(models.Model):
    """A billing account: it has a plan of its own or is linked to another realm that has one."""

    slug = models.CharField(max_length=20, unique=True, default=make_slug, editable=False)
    name = models.CharField(max_length=200)
    plan = models.ForeignKey(BillingPlan, on_delete=models.PROTECT, null=True, blank=True)
    billing_realm = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    plan_since = models.DateTimeField(auto_now_add=True)  # periods are counted from here
    created = models.DateTimeField(auto_now_add=True)
    # The person whose sign-up made it: at most one such realm each, however often the sign-up is repeated.
    default_of = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="default_realm"
    )

    objects: ClassVar = RealmQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(plan__isnull=False, billing_realm__isnull=True)
                | models.Q(plan__isnull=True, billing_realm__isnull=False),
                name="own_plan_or_linked_realm",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def effective_plan(self) -> BillingPlan:
        """Its own plan, or that of the realm it is linked to."""
        plan = self.plan or (self.billing_realm.plan if self.billing_realm else None)
        if plan is None:
            raise BillingPlan.DoesNotExist(f"Realm {self.pk} has no plan")
        return plan


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMINISTRATOR = "administrator", "Administrator"


class Membership(models.Model):
    """A person's role in a realm."""

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["realm", "user"], name="one_role_in_a_realm")]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} of {self.realm}"


class Application(models.Model):
    """A logically separate container in a realm; the API works inside one."""

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="applications")
    app_id = models.CharField(max_length=20, unique=True, default=make_app_id, editable=False)
    name = models.CharField(max_length=255)
    is_internal = models.BooleanField(default=False)  # the site's own: uploads and the sandbox go there
    settings = models.JSONField(default=dict, blank=True)  # explicit values of realms.configuration, id -> value
    standard_settings = models.JSONField(default=dict, blank=True)  # configuration.levels.standard_key -> the same
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["realm"], condition=models.Q(is_internal=True), name="one_internal_application"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """A secret key of an application, stored as a hash (sha256: the key is 32 random bytes, nothing to guess)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(max_length=4, editable=False)  # to tell keys apart on screen
    is_enabled = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} (…{self.ending})"


class PensKey(models.Model):
    """The password under which authoring tools push packages into an application by PENS; hashed as secret keys are."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="pens_key")
    key_hash = models.CharField(max_length=64, editable=False)
    ending = models.CharField(max_length=4, editable=False)
    created = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"PENS key (…{self.ending})"


def make_secret() -> str:
    """A new secret key, shown once."""
    return secrets.token_urlsafe(32)
