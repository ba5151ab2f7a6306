"""The verbs on realms: open one, make keys."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from .configuration.levels import APPLICATION, STANDARD, check
from .models import Application, BillingPlan, Credential, Membership, PensKey, Realm, Role, make_secret
from .plans import keep_record

INTERNAL_APPLICATION = "SCORM Cloud"


@transaction.atomic
def open_default_realm(user: Any) -> Realm | None:
    """Make the person's default realm on the trial plan, with its two applications. `user` is settings.AUTH_USER_MODEL.

    None if the person has one already: signing up is repeated without harm.
    """
    get_user_model()._default_manager.select_for_update().get(pk=user.pk)  # one at a time for each person
    if Realm.objects.filter(default_of=user).exists():
        return None
    name = user.first_name or user.get_username().partition("@")[0]
    return open_realm(user, f"{name}'s realm"[:200], default_of=user)


@transaction.atomic
def open_realm(user: Any, name: str, default_of: Any = None) -> Realm:
    """Make a realm of the person's on the trial plan, with its two applications."""
    plan = BillingPlan.objects.get(is_default=True)
    realm = Realm.objects.create(name=name, plan=plan, default_of=default_of)
    keep_record(realm, realm.plan_since, user)
    Membership.objects.create(realm=realm, user=user, role=Role.OWNER)
    Application.objects.create(realm=realm, name=INTERNAL_APPLICATION, is_internal=True)
    full_name = user.get_full_name() or user.get_username()
    Application.objects.create(realm=realm, name=f"Initial Application for {full_name}"[:255])
    return realm


def add_credential(application: Application, name: str = "First Secret Key", is_enabled: bool = True) -> str:
    """Make a secret key for the application. Returns the key itself: only its hash is kept."""
    secret = make_secret()
    kept = {"key_hash": hash_secret(secret), "ending": secret[-4:], "is_enabled": is_enabled}
    Credential.objects.create(application=application, name=name, **kept)
    return secret


def make_pens_key(application: Application) -> str:
    """Make the application's PENS key, in place of the one it had. Returns the key itself: only its hash is kept."""
    secret = make_secret()
    kept = {"key_hash": hash_secret(secret), "ending": secret[-4:], "created": timezone.now(), "last_used": None}
    PensKey.objects.update_or_create(application=application, defaults=kept)
    return secret


def application_of_pens_key(app_id: str, secret: str) -> Application | None:
    """The application that the PENS key opens, its use noted; None where the two do not belong together."""
    keys = PensKey.objects.select_related("application__realm").filter(application__realm__closed=None)
    key = keys.filter(application__app_id=app_id).first()
    if key is None or not hmac.compare_digest(key.key_hash, hash_secret(secret)):
        return None
    PensKey.objects.filter(pk=key.pk).update(last_used=timezone.now())
    return key.application


def configure_application(application: Application, explicit: Mapping[str, str], of: str = "") -> None:
    """Let these settings of the application be explicit and no others; `of` is a standard_key, "" for all courses.

    Raises SettingError.
    """
    held = application.standard_settings.get(of, {}) if of else application.settings
    check(explicit, STANDARD if of else APPLICATION, held)
    with transaction.atomic():
        locked = Application.objects.select_for_update().get(pk=application.pk)  # two standards at once keep both
        if of:
            locked.standard_settings = {**locked.standard_settings, of: dict(explicit)}
        else:
            locked.settings = dict(explicit)
        locked.save(update_fields=["settings", "standard_settings"])


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
