"""Realm, Membership, BillingPlan, what realms use and pay, Application, Credential, PensKey, AuditEntry."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

APP_ID_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def make_slug() -> str:
    """An address for a realm that cannot be guessed from another's."""
    return get_random_string(10, "abcdefghijkmnpqrstuvwxyz23456789")


def make_app_id() -> str:
    return get_random_string(10, APP_ID_ALPHABET)


def make_proof() -> str:
    return get_random_string(40)


class BillingPlan(models.Model):
    """What a realm may use in a period and what it costs a month. None: no limit."""

    name = models.CharField(max_length=100, unique=True)
    monthly_cost = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="USD")
    registration_limit = models.PositiveIntegerField("registrations a period", null=True, blank=True)
    active_limit = models.PositiveIntegerField(
        "active registrations", null=True, blank=True, help_text="Of a trial: counted until they are cleared."
    )
    overage_price = models.DecimalField(
        "price of a registration past the limit",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Empty: the limit is strict. Otherwise the owners of a realm decide whether they pay for more.",
    )
    storage_limit = models.PositiveBigIntegerField("bytes of storage", null=True, blank=True)
    course_limit = models.PositiveIntegerField("courses", null=True, blank=True)
    is_default = models.BooleanField(default=False, help_text="The plan of a realm that signs up.")
    is_offered = models.BooleanField(default=True, help_text="Owners of realms may choose it.")

    class Meta:
        verbose_name, verbose_name_plural = _("plan"), _("plans")
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="one_default_plan")
        ]

    def __str__(self) -> str:
        return self.name


class RealmQuerySet(models.QuerySet["Realm"]):
    def of(self, user: models.Model) -> "RealmQuerySet":
        """The realms the person belongs to, by name, each with the person's `role`."""
        mine = self.filter(memberships__user=user, purged=None)
        return mine.annotate(role=models.F("memberships__role")).order_by("name", "pk")


class Realm(models.Model):
    """A billing account: it has a plan of its own or is linked to another realm that has one."""

    slug = models.CharField(max_length=20, unique=True, default=make_slug, editable=False)
    name = models.CharField(max_length=200)
    plan = models.ForeignKey(BillingPlan, on_delete=models.PROTECT, null=True, blank=True)
    billing_realm = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="linked")
    plan_since = models.DateTimeField(auto_now_add=True)  # periods are counted from here
    pays_overage = models.BooleanField(default=False)  # where the plan allows it; otherwise the limit is strict
    billing_address = models.TextField(max_length=500, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    closed = models.DateTimeField(null=True, blank=True)
    purge_due = models.DateTimeField(null=True, blank=True, db_index=True)  # until then a closed realm can be restored
    purged = models.DateTimeField(null=True, blank=True)  # only its name and what it was charged are left
    # The person whose sign-up made it: at most one such realm each, however often the sign-up is repeated.
    default_of = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="default_realm"
    )

    # Ids of the applications that the request is limited to, where it is: set by realms.access, read by `within`.
    limited_to: frozenset[int] | None = None

    objects: ClassVar = RealmQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("realm"), _("realms")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(plan__isnull=False, billing_realm__isnull=True)
                | models.Q(plan__isnull=True, billing_realm__isnull=False),
                name="own_plan_or_linked_realm",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def within(self, application: str = "application") -> models.Q:
        """What lies in the realm, and where the request is limited to applications, in those: by the path to it."""
        if self.limited_to is None:
            return models.Q(**{f"{application}__realm": self})
        return models.Q(**{f"{application}__realm": self, f"{application}__in": self.limited_to})

    @property
    def effective_plan(self) -> BillingPlan:
        """Its own plan, or that of the realm it is linked to."""
        plan = self.plan or (self.billing_realm.plan if self.billing_realm else None)
        if plan is None:
            raise BillingPlan.DoesNotExist(f"Realm {self.pk} has no plan")
        return plan

    @property
    def payer(self) -> "Realm":
        """The realm whose plan it uses."""
        return self.billing_realm or self


class PlanRecord(models.Model):
    """A plan, or a link to another realm's, that a realm had or has: the history of its plans."""

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="plan_records")
    plan = models.ForeignKey(BillingPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="records")
    payer = models.ForeignKey(Realm, on_delete=models.CASCADE, null=True, blank=True, related_name="link_records")
    began = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["realm"], condition=models.Q(ended=None), name="one_plan_at_a_time"),
            models.CheckConstraint(
                condition=models.Q(plan__isnull=False, payer__isnull=True)
                | models.Q(plan__isnull=True, payer__isnull=False),
                name="record_of_plan_or_link",
            ),
        ]
        ordering = ["-began", "-pk"]

    def __str__(self) -> str:
        return str(self.plan or f"linked to {self.payer}")


class BillingPeriod(models.Model):
    """A month of a realm that pays: how much was counted in it, for itself and the realms linked to it."""

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="periods")
    plan = models.ForeignKey(BillingPlan, on_delete=models.PROTECT, related_name="periods")
    start = models.DateTimeField()
    end = models.DateTimeField()  # the next one's start
    registrations = models.PositiveIntegerField(default=0)  # counted, never lowered
    told = models.PositiveSmallIntegerField(default=0)  # the highest percentage that owners had a mail about
    is_settled = models.BooleanField(default=False)  # over, and its invoice made where there is anything to pay

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["realm", "start"], name="one_period_a_start"),
            models.CheckConstraint(condition=models.Q(end__gte=models.F("start")), name="period_ends_after_start"),
        ]
        indexes = [models.Index(fields=["end"], condition=models.Q(is_settled=False), name="periods_to_settle")]
        ordering = ["-start"]

    def __str__(self) -> str:
        return f"{self.realm} from {self.start:%Y-%m-%d}"


class Reason(models.TextChoices):
    """By which way the first launch of a registration came."""

    API = "api", "API"
    CONSOLE = "console", _("Console")
    DISPATCH = "dispatch", "Dispatch"
    INVITATION = "invitation", "Invitation"


class CountedRegistration(models.Model):
    """The usage ledger: a registration that was counted. It stays when the registration, course or realm goes."""

    period = models.ForeignKey(BillingPeriod, on_delete=models.CASCADE, related_name="counted")
    payer = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="+")
    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="counted")
    app_id = models.CharField(max_length=20)
    registration = models.BigIntegerField(unique=True)  # primary key of the registration, which may be gone
    registration_id = models.CharField(max_length=255)
    course_id = models.CharField(max_length=255)
    reason = models.CharField(max_length=10, choices=Reason)
    counted = models.DateTimeField()
    cleared = models.DateTimeField(null=True, blank=True)  # since then it takes no place of a trial

    class Meta:
        indexes = [
            models.Index(fields=["period", "counted"]),
            models.Index(fields=["realm", "counted"]),
            models.Index(fields=["payer"], condition=models.Q(cleared=None), name="active_registrations"),
        ]

    def __str__(self) -> str:
        return self.registration_id


class LinkRequest(models.Model):
    """A realm asks to use the plan of another."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="link_requests")
    payer = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="requests_to_link")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    answered = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["realm"], condition=models.Q(state="waiting"), name="one_waiting_request_a_realm"
            )
        ]
        ordering = ["-created", "-pk"]

    def __str__(self) -> str:
        return f"{self.realm} asks {self.payer}"


class Invoice(models.Model):
    """What a realm is charged for a period, as it was when it was made: later changes of plans change nothing here."""

    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="invoices")
    period = models.OneToOneField(BillingPeriod, on_delete=models.PROTECT, related_name="invoice")
    sequence = models.PositiveIntegerField(unique=True)  # without gaps
    issued = models.DateTimeField()
    billed_to = models.TextField(blank=True)  # name and address
    plan_name = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    lines = models.JSONField()  # [{text, quantity, price, amount}], amounts as strings
    realms = models.JSONField()  # [{name, registrations}]: who used what
    registrations = models.PositiveIntegerField()
    total = models.DecimalField(max_digits=12, decimal_places=2)
    paid = models.DateTimeField(null=True, blank=True)
    payment_note = models.CharField(max_length=200, blank=True)  # of the gateway or of who noted the payment

    class Meta:
        verbose_name, verbose_name_plural = _("invoice"), _("invoices")
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.issued:%Y}-{self.sequence:06}"


class Role(models.TextChoices):
    """What each may is in realms.access."""

    OWNER = "owner", _("Owner")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUTHOR = "author", _("Author")
    SUPPORT = "support", _("Support")
    LEARNER = "learner", _("Learner")


class Membership(models.Model):
    """A person's role in a realm; `application_roles` add to it in single applications."""

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    # Where the console works for this person in this realm; none: in the realm's internal application.
    console_application = models.ForeignKey(
        "Application", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("member"), _("members")
        constraints = [models.UniqueConstraint(fields=["realm", "user"], name="one_role_in_a_realm")]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} of {self.realm}"


class ApplicationRole(models.Model):
    """A further role of a member in one application, which adds to the one in the realm."""

    ROLES = (Role.ADMINISTRATOR, Role.AUTHOR, Role.SUPPORT)

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="application_roles")
    application = models.ForeignKey("Application", on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["membership", "application"], name="one_role_in_an_application")]

    def __str__(self) -> str:
        return f"{self.role} in {self.application}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        """Those that can be accepted now."""
        return self.filter(accepted=None, revoked=None, expires__gt=timezone.now())


class Invitation(models.Model):
    """Somebody asked by e-mail to become a member. Its link carries the nonce, signed: see realms.people."""

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="invitations")
    email = models.CharField(max_length=254)  # in small letters
    role = models.CharField(max_length=20, choices=Role)
    application = models.ForeignKey("Application", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    application_role = models.CharField(max_length=20, choices=Role, blank=True)  # a further role there
    nonce = models.CharField(max_length=32)  # a new one each time it is sent: older links open nothing
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    sent = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    accepted = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    revoked = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["realm", "email"],
                condition=models.Q(accepted=None, revoked=None),
                name="one_waiting_invitation_an_address",
            )
        ]
        indexes = [models.Index(fields=["realm", "-sent"], name="invitations_of_realm")]

    def __str__(self) -> str:
        return self.email

    @property
    def is_expired(self) -> bool:
        return self.expires <= timezone.now()


class SignOn(models.Model):
    """Single sign-on of a realm: at which identity provider its people sign in. See docs/decisions/0033."""

    class Protocol(models.TextChoices):
        OIDC = "oidc", _("OpenID Connect")
        SAML = "saml", _("SAML 2.0")

    realm = models.OneToOneField(Realm, on_delete=models.CASCADE, related_name="sign_on")
    protocol = models.CharField(max_length=4, choices=Protocol, default=Protocol.OIDC)
    issuer = models.CharField(max_length=500, blank=True)  # of OpenID Connect
    client_id = models.CharField(max_length=200, blank=True)
    secret = models.TextField(blank=True, editable=False)  # the client secret, encrypted with the site's key
    metadata_url = models.CharField(max_length=500, blank=True)  # of SAML
    entity_id = models.CharField(max_length=500, blank=True)
    sign_in_url = models.CharField(max_length=1000, blank=True)
    certificate = models.TextField(blank=True)
    default_role = models.CharField(max_length=20, choices=Role, default=Role.LEARNER)  # of whoever comes first by it
    is_enabled = models.BooleanField(default=False)
    is_enforced = models.BooleanField(default=False)  # members but owners come in by it alone
    proof = models.CharField(max_length=64, default=make_proof, editable=False)  # what a domain shows that is ours
    updated = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.get_protocol_display()} of {self.realm}"


class SignOnDomain(models.Model):
    """A domain whose people sign in by a realm's identity provider, once it is proven that it belongs to them."""

    sign_on = models.ForeignKey(SignOn, on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253)  # in small letters
    proven = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sign_on", "name"], name="one_domain_a_sign_on"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(proven__isnull=False), name="one_sign_on_a_proven_domain"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Application(models.Model):
    """A logically separate container in a realm; the API works inside one."""

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="applications")
    app_id = models.CharField(max_length=20, unique=True, default=make_app_id, editable=False)
    name = models.CharField(max_length=255)
    is_internal = models.BooleanField(default=False)  # the site's own: uploads and the sandbox go there
    is_management = models.BooleanField(default=False)  # its keys manage the realm's applications and open none of them
    allow_delete = models.BooleanField(default=True)  # whether the API may delete anything in it
    settings = models.JSONField(default=dict, blank=True)  # explicit values of realms.configuration, id -> value
    standard_settings = models.JSONField(default=dict, blank=True)  # configuration.levels.standard_key -> the same
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["realm"], condition=models.Q(is_internal=True), name="one_internal_application"
            ),
            models.UniqueConstraint(
                fields=["realm"], condition=models.Q(is_management=True), name="one_management_application"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CredentialQuerySet(models.QuerySet["Credential"]):
    def opening(self) -> "CredentialQuerySet":
        """Those that open something now: enabled, not ended, and of a realm that is not closed."""
        live = models.Q(expires=None) | models.Q(expires__gt=timezone.now())
        return self.filter(live, is_enabled=True, application__realm__closed=None)


class Credential(models.Model):
    """A secret key of an application, stored as a hash (sha256: the key is 32 random bytes, nothing to guess)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(max_length=4, editable=False)  # to tell keys apart on screen
    is_enabled = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    last_used = models.DateTimeField(null=True, blank=True)
    expires = models.DateTimeField(null=True, blank=True)  # from then on it opens nothing, as when it was rotated

    objects: ClassVar = CredentialQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} (…{self.ending})"

    @property
    def has_ended(self) -> bool:
        return self.expires is not None and self.expires <= timezone.now()

    @property
    def state(self) -> str:
        """As components/status.html shows it."""
        return "ended" if self.has_ended else "enabled" if self.is_enabled else "disabled"


class PensKey(models.Model):
    """The password under which authoring tools push packages into an application by PENS; hashed as secret keys are."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="pens_key")
    key_hash = models.CharField(max_length=64, editable=False)
    ending = models.CharField(max_length=4, editable=False)
    created = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"PENS key (…{self.ending})"


class AuditEntry(models.Model):
    """A change in a realm: who, what, when, from where. Written by realms.audit and changed by it only to forget.

    It tells all in texts, because people, applications and what was changed may be gone when it is read.
    """

    realm = models.ForeignKey(
        Realm, on_delete=models.CASCADE, null=True, related_name="audit_entries"
    )  # None: the site
    app_id = models.CharField(max_length=20, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    actor = models.CharField(max_length=254, blank=True)  # an e-mail address, "API: name of the key", "System"
    actor_name = models.CharField(max_length=300, blank=True)
    impersonator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    impersonator_email = models.CharField(max_length=254, blank=True)
    action = models.CharField(max_length=50)  # one of realms.audit.ACTIONS
    target_kind = models.CharField(max_length=50, blank=True)  # name of a model
    target_id = models.CharField(max_length=50, blank=True)
    target_text = models.CharField(max_length=300, blank=True)
    details = models.JSONField(default=dict, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("audit entry"), _("audit entries")
        ordering = ["-created", "-pk"]
        indexes = [
            models.Index(fields=["realm", "-created", "-id"], name="audit_of_realm"),
            models.Index(fields=["realm", "actor", "-created", "-id"], name="audit_by_actor"),
            models.Index(fields=["realm", "action", "-created", "-id"], name="audit_by_action"),
            models.Index(fields=["realm", "app_id", "-created", "-id"], name="audit_by_application"),
            models.Index(fields=["target_kind", "target_id", "-created"], name="audit_of_target"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_text}".strip()


def make_secret() -> str:
    """A new secret key, shown once."""
    return secrets.token_urlsafe(32)
