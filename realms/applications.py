"""The verbs on the applications of a realm and on their secret keys, and what an application holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .models import Application, Credential, Membership, Realm
from .services import add_credential

NAME_LENGTH, KEY_NAME_LENGTH = 255, 100
AT_MOST = 1000  # applications of a realm
KEYS_AT_MOST = 100  # of an application
LONGEST_OVERLAP = timedelta(days=365)
MANAGEMENT_NAME = "App Management"


class ApplicationError(ValueError):
    """What an application or key cannot be, in words for the person who can act."""


class ApplicationNotEmpty(ApplicationError):
    """It holds courses, registrations or statements, which would go with it."""


class DeletingDisabled(ApplicationError):
    """Delete operations are switched off in it."""


@transaction.atomic
def open_application(realm: Realm, name: str, is_management: bool = False) -> Application:
    """A new, empty application. Raises ApplicationError."""
    Realm.objects.select_for_update(no_key=True).get(pk=realm.pk)  # two at once are counted
    applications = Application.objects.filter(realm=realm)
    if applications.count() >= AT_MOST:
        raise ApplicationError(_("A realm has at most %(most)d applications.") % {"most": AT_MOST})
    if is_management and applications.filter(is_management=True).exists():
        raise ApplicationError(_("The realm has an App Management application already."))
    return Application.objects.create(realm=realm, name=clean_name(name), is_management=is_management)


def change_application(application: Application, name: str | None = None, allow_delete: bool | None = None) -> None:
    """Rename it; say whether the API may delete anything in it. None: as it is. Raises ApplicationError."""
    if name is not None:
        application.name = clean_name(name)
    if allow_delete is not None:
        application.allow_delete = allow_delete
    changed = {"name": application.name, "allow_delete": application.allow_delete, "updated": timezone.now()}
    if not Application.objects.filter(pk=application.pk).update(**changed):
        raise ApplicationError(_("The application has been deleted."))


@transaction.atomic
def delete_application(application: Application) -> None:
    """Delete one that holds nothing, with its keys. Raises ApplicationError, ApplicationNotEmpty, DeletingDisabled."""
    refuse_unless_empty(application)
    application.delete()


def refuse_unless_empty(application: Application) -> None:
    """Within a transaction, to whose end nothing comes into it. Raises ApplicationError, ApplicationNotEmpty,
    DeletingDisabled."""
    locked = _locked(application)
    if locked.is_internal:
        raise ApplicationError(_("The site's own application of a realm cannot be deleted."))
    if full := [obstacle.name for obstacle in _held(locked)]:
        words = _("%(application)s is not empty: it has %(held)s.")
        held = _(" and ").join(str(name) for name in full)
        raise ApplicationNotEmpty(words % {"application": f"{locked.name} ({locked.app_id})", "held": held})
    if not locked.allow_delete:
        raise DeletingDisabled(_("Delete operations are switched off in %(name)s.") % {"name": locked.name})


@dataclass(frozen=True)
class Obstacle:
    """What an application holds that has to go before it can."""

    kind: str  # courses, imports, registrations or statements
    name: Promise


def obstacles(application: Application) -> list[Obstacle]:
    """What stands in the way of deleting it, as far as can be seen without a lock."""
    return _held(application)


def _held(application: Any) -> list[Obstacle]:
    """By reverse relations: what is held lies in rooms above this one."""
    held = {
        ("courses", gettext_lazy("courses")): application.courses.exists(),
        ("imports", gettext_lazy("imports under way")): application.import_jobs.unfinished().exists(),
        ("registrations", gettext_lazy("registrations")): application.registrations.exists(),
        ("statements", gettext_lazy("statements")): application.stores.filter(statements__isnull=False).exists(),
    }
    return [Obstacle(kind, name) for (kind, name), is_held in held.items() if is_held]


def _locked(application: Application, no_key: bool = False) -> Application:
    """`no_key`: what comes into it meanwhile need not wait. Raises ApplicationError where it has been deleted."""
    locked = Application.objects.select_for_update(no_key=no_key).filter(pk=application.pk).first()
    if locked is None:
        raise ApplicationError(_("The application has been deleted."))
    return locked


def work_in(membership: Membership, application: Application) -> None:
    """Let the console work in this application of the realm for the person. Raises ApplicationError."""
    if application.realm_id != membership.realm_id or application.is_management:
        raise ApplicationError(_("An App Management application holds no content to work in."))
    chosen = None if application.is_internal else application
    Membership.objects.filter(pk=membership.pk).update(console_application=chosen)


# --- what they hold ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holding:
    """How much an application holds and when it was last used."""

    courses: int = 0
    registrations: int = 0  # those of the sandbox too
    storage: int = 0  # bytes
    keys: int = 0
    last_used: datetime | None = None  # by any of its keys


def holdings(applications: Sequence[Application]) -> dict[int, Holding]:
    """What each holds, by primary key; four queries however many there are."""
    found: Any = Application.objects.filter(pk__in=[each.pk for each in applications]).order_by()
    versions = "courses__versions__"
    stored = Sum(F(f"{versions}archive_size") + F(f"{versions}changed_size"))
    courses = dict(found.annotate(n=Count("courses")).values_list("pk", "n"))
    registrations = dict(found.annotate(n=Count("registrations")).values_list("pk", "n"))
    storage = dict(found.annotate(n=stored).values_list("pk", "n"))
    used = found.annotate(n=Count("credentials"), at=Max("credentials__last_used")).values_list("pk", "n", "at")
    return {
        pk: Holding(courses.get(pk, 0), registrations.get(pk, 0), storage.get(pk) or 0, keys, at)
        for pk, keys, at in used
    }


# --- keys -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_key(application: Application, name: str, is_enabled: bool = True) -> tuple[Credential, str]:
    """A new secret key and the secret itself, of which only a hash is kept. Raises ApplicationError."""
    locked = _locked(application, no_key=True)
    if locked.credentials.count() >= KEYS_AT_MOST:
        raise ApplicationError(_("An application has at most %(most)d secret keys.") % {"most": KEYS_AT_MOST})
    secret = add_credential(locked, clean_name(name, KEY_NAME_LENGTH), is_enabled)
    return locked.credentials.order_by("-pk")[0], secret


def change_key(credential: Credential, name: str | None = None, is_enabled: bool | None = None) -> None:
    """Rename it, disable it, enable it; at once. None: as it is. Raises ApplicationError."""
    if name is not None:
        credential.name = clean_name(name, KEY_NAME_LENGTH)
    if is_enabled is not None:
        credential.is_enabled = is_enabled
    _change(credential, name=credential.name, is_enabled=credential.is_enabled)


@transaction.atomic
def rotate_key(credential: Credential, name: str, ends: datetime) -> tuple[Credential, str]:
    """A new key in place of one that goes on until `ends`; the new one and its secret. Raises ApplicationError.

    Of two at once one rotates it and the other is refused, so that no key is made that nobody asked for.
    """
    _locked(credential.application, no_key=True)
    held = Credential.objects.filter(pk=credential.pk).first()
    if held is None:
        raise ApplicationError(_("The secret key has been deleted."))
    if held.state != "enabled":
        raise ApplicationError(_("Only a secret key that is enabled is rotated."))
    if held.expires is not None:
        raise ApplicationError(_("The secret key is being rotated already."))
    now = timezone.now()
    if ends > now + LONGEST_OVERLAP:
        words = ngettext("at most %(days)d day", "at most %(days)d days", LONGEST_OVERLAP.days)
        days = words % {"days": LONGEST_OVERLAP.days}
        raise ApplicationError(_("The old key goes on for %(days)s.") % {"days": days})
    made, secret = add_key(credential.application, name)
    credential.expires = max(ends, now)
    _change(credential, expires=credential.expires)
    return made, secret


def keep_key(credential: Credential) -> None:
    """Take back that a key ends, as long as it has not. Raises ApplicationError."""
    still = Credential.objects.filter(pk=credential.pk, expires__gt=timezone.now())
    if not still.update(expires=None, updated=timezone.now()):
        raise ApplicationError(_("The secret key has ended already."))
    credential.expires = None


def _change(credential: Credential, **columns: Any) -> None:
    """An update, so that a key that was deleted meanwhile does not come back."""
    credential.updated = timezone.now()
    if not Credential.objects.filter(pk=credential.pk).update(**columns, updated=credential.updated):
        raise ApplicationError(_("The secret key has been deleted."))


def clean_name(name: str, length: int = NAME_LENGTH) -> str:
    """Raises ApplicationError."""
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned or len(cleaned) > length:
        raise ApplicationError(_("A name has from 1 to %(most)d characters.") % {"most": length})
    return cleaned
