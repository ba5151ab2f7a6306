"""User: someone who signs in to the console. Tip: a mail of their first days. Impersonation."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .zones import zone_named


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address; there is no user name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Somebody of the staff, made from the terminal: their address needs no mail to be believed."""
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        addresses = apps.get_model("account", "EmailAddress")._default_manager
        addresses.create(user=user, email=user.email, verified=True, primary=True)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """Signs in with an e-mail address. Learners are not users."""

    email = models.EmailField(unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)  # staff of the whole site, not of a realm
    date_joined = models.DateTimeField(default=timezone.now, db_index=True)
    language = models.CharField(_("language"), max_length=10, blank=True)  # "": what the browser asks for
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)  # "": not known yet

    wants_tips = models.BooleanField(_("tips by mail"), default=True)
    hides_steps = models.BooleanField(_("first steps hidden"), default=False)  # the checklist of the dashboard

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name, verbose_name_plural = _("person"), _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_an_address")]
        permissions = [("impersonate", "Can act as somebody else")]

    def __str__(self) -> str:
        return self.email

    @property
    def spoken_language(self) -> str:
        """The language of mails to the person."""
        return self.language or settings.LANGUAGE_CODE

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.time_zone)

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email


class Tip(models.Model):
    """A mail of the first days that a person was sent, or would have been: at most one of a kind."""

    class Kind(models.TextChoices):
        NO_COURSE = "no_course", _("no course after two days")
        FIRST_IMPORT = "first_import", _("first import")
        FIRST_RESULT = "first_result", _("first result")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tips")
    kind = models.CharField(max_length=20, choices=Kind)
    sent = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_tip_of_a_kind")]


class Impersonation(models.Model):
    """Somebody of the staff acted as a person: why, and from when to when. Never changed but for its end."""

    staff = models.ForeignKey(User, on_delete=models.PROTECT, related_name="impersonations")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="impersonated")
    reason = models.CharField(max_length=300)
    address = models.GenericIPAddressField(null=True)
    began = models.DateTimeField(auto_now_add=True, db_index=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("impersonation"), _("impersonations")
        ordering = ["-began"]

    def __str__(self) -> str:
        return f"{self.staff} as {self.user}"
