"""The verbs on accounts: sign up, create one from the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from realms import people
from realms.models import Application, Invitation, Realm
from realms.services import add_credential, open_default_realm

from .models import User
from .tasks import send_welcome

FIRST_KEY = "First Secret Key"


class AccountError(Exception):
    """An account that cannot be made, in words for the person who asked for it."""


@dataclass(frozen=True)
class NewAccount:
    """A provisioned account: its realm and a new secret key for each application, to be shown now or never."""

    user: User
    realm: Realm
    keys: tuple[tuple[Application, str], ...]


@transaction.atomic
def sign_up(make_user: Callable[[], User]) -> User:
    """Make the person, their default realm and its applications together, or nothing.

    The welcome mail goes out after the commit, once: a person who has a default realm already gets neither again.
    No secret key is made here, because nobody would see it: keys are made, and shown, on the Applications page.
    """
    user = make_user()
    if open_default_realm(user) is not None:
        send_welcome.delay_on_commit(user.pk)
    return user


@transaction.atomic
def sign_up_invited(request: Any, make_user: Callable[[], User], invitation: Invitation) -> User:
    """Make the person and the membership the invitation is about. They get no realm of their own: they can open one.

    Raises realms.people.InvitationError.
    """
    user = make_user()
    people.accept(request, invitation, user)
    return user


def create_account(email: str, password: str, first_name: str, last_name: str) -> NewAccount:
    """Provision what a sign-up would, with the address taken as verified and a first key for each application.

    Raises AccountError if the address or the password will not do or the address has an account.
    """
    try:
        validate_email(email)
        person = User(email=email.lower(), first_name=first_name, last_name=last_name)
        validate_password(password, person)
    except ValidationError as error:
        raise AccountError(" ".join(error.messages)) from error
    try:
        with transaction.atomic():
            user = sign_up(lambda: _verified_user(person, password))
            realm = Realm.objects.get(default_of=user)
            applications = realm.applications.order_by("pk")
            keys = tuple((application, add_credential(application, FIRST_KEY)) for application in applications)
    except IntegrityError as error:
        if not User.objects.filter(email=email.lower()).exists():
            raise
        raise AccountError(_("There is an account for %(email)s already.") % {"email": email}) from error
    return NewAccount(user, realm, keys)


def want_tips(user: User, wants: bool) -> None:
    User.objects.filter(pk=user.pk).update(wants_tips=wants)


def hide_steps(user: User, hides: bool) -> None:
    User.objects.filter(pk=user.pk).update(hides_steps=hides)


def note_zone(user: User, time_zone: str) -> None:
    """Keep the zone that a browser says it is in; one that is known already stays."""
    User.objects.filter(pk=user.pk, time_zone="").update(time_zone=time_zone)


def _verified_user(person: User, password: str) -> User:
    user = User.objects.create_user(person.email, password, first_name=person.first_name, last_name=person.last_name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
