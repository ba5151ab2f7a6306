"""What tests arrange with: each function makes one thing, with what it needs, and the given fields."""

from itertools import count
from typing import Any

from accounts.models import User
from realms.models import Application, Membership, Realm, Role
from realms.services import open_default_realm

PASSWORD = "correct horse battery staple"
_numbers = count(1)


def user(email: str = "", **fields: Any) -> User:
    """A person with PASSWORD and no realm."""
    number = next(_numbers)
    names = {"first_name": "Olga", "last_name": f"Owner {number}"}
    return User.objects.create_user(email or f"person{number}@example.com", PASSWORD, **(names | fields))


def realm(owner: User | None = None) -> Realm:
    """A realm as a sign-up makes it, with its two applications."""
    opened = open_default_realm(owner or user())
    assert opened is not None, "this person has a default realm already"
    return opened


def colleague(of: Realm, **fields: Any) -> User:
    """An administrator of the realm."""
    person = user(**fields)
    Membership.objects.create(realm=of, user=person, role=Role.ADMINISTRATOR)
    return person


def application(of: Realm | None = None, **fields: Any) -> Application:
    """Another, empty application in the realm."""
    names = {"name": f"Application {next(_numbers)}"}
    return Application.objects.create(realm=of or realm(), **(names | fields))


def internal_application(of: Realm | None = None) -> Application:
    """The realm's `SCORM Cloud` application, where the console works."""
    return (of or realm()).applications.get(is_internal=True)
