"""The verbs on the applications of a realm and on their secret keys."""

from typing import Any

from django.db import transaction

from .models import Application, Credential, Realm
from .services import add_credential

NAME_LENGTH, KEY_NAME_LENGTH = 255, 100
AT_MOST = 1000  # applications of a realm
KEYS_AT_MOST = 100  # of an application


class ApplicationError(ValueError):
    """What an application or key cannot be, in words for the person who can act."""


class ApplicationNotEmpty(ApplicationError):
    """It holds courses, registrations or statements, which would go with it."""


@transaction.atomic
def open_application(realm: Realm, name: str, is_management: bool = False) -> Application:
    """A new, empty application. Raises ApplicationError."""
    Realm.objects.select_for_update(no_key=True).get(pk=realm.pk)  # two at once are counted
    applications = Application.objects.filter(realm=realm)
    if applications.count() >= AT_MOST:
        raise ApplicationError(f"A realm has at most {AT_MOST} applications.")
    if is_management and applications.filter(is_management=True).exists():
        raise ApplicationError("The realm has an App Management application already.")
    return Application.objects.create(realm=realm, name=clean_name(name), is_management=is_management)


def change_application(application: Application, name: str | None = None, allow_delete: bool | None = None) -> None:
    """Rename it; say whether the API may delete anything in it. None: as it is. Raises ApplicationError."""
    if name is not None:
        application.name = clean_name(name)
    if allow_delete is not None:
        application.allow_delete = allow_delete
    application.save(update_fields=["name", "allow_delete", "updated"])


@transaction.atomic
def delete_application(application: Application) -> None:
    """Delete one that holds nothing, with its keys. Raises ApplicationError, ApplicationNotEmpty."""
    refuse_unless_empty(application)
    application.delete()


def refuse_unless_empty(application: Application) -> None:
    """Within a transaction, to whose end nothing comes into it. Raises ApplicationError, ApplicationNotEmpty."""
    locked: Any = Application.objects.select_for_update().get(pk=application.pk)
    if locked.is_internal:
        raise ApplicationError("The site's own application of a realm cannot be deleted.")
    held = {
        "courses": locked.courses.exists(),
        "imports under way": locked.import_jobs.unfinished().exists(),
        "registrations": locked.registrations.exists(),
        "statements": locked.stores.filter(statements__isnull=False).exists(),
    }
    if full := [name for name, is_held in held.items() if is_held]:
        raise ApplicationNotEmpty(f"{locked.name} ({locked.app_id}) is not empty: it has {' and '.join(full)}.")


def add_key(application: Application, name: str, is_enabled: bool = True) -> tuple[Credential, str]:
    """A new secret key and the secret itself, of which only a hash is kept. Raises ApplicationError."""
    with transaction.atomic():
        Application.objects.select_for_update(no_key=True).get(pk=application.pk)
        if application.credentials.count() >= KEYS_AT_MOST:
            raise ApplicationError(f"An application has at most {KEYS_AT_MOST} secret keys.")
        secret = add_credential(application, clean_name(name, KEY_NAME_LENGTH), is_enabled)
        return application.credentials.order_by("-pk")[0], secret


def change_key(credential: Credential, name: str | None = None, is_enabled: bool | None = None) -> None:
    """Rename it, disable it, enable it; at once. None: as it is. Raises ApplicationError."""
    if name is not None:
        credential.name = clean_name(name, KEY_NAME_LENGTH)
    if is_enabled is not None:
        credential.is_enabled = is_enabled
    credential.save(update_fields=["name", "is_enabled", "updated"])


def clean_name(name: str, length: int = NAME_LENGTH) -> str:
    """Raises ApplicationError."""
    cleaned = " ".join(name.replace("\0", "").split())
    if not cleaned or len(cleaned) > length:
        raise ApplicationError(f"A name has from 1 to {length} characters.")
    return cleaned
