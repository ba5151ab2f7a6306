"""What every console page shows of realms: the one it is in and the others to switch to."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .access import Member
from .models import Membership, Realm


def realm(request: HttpRequest) -> dict[str, Any]:
    """`realm`: the one in the address, if any; `my_realms`: all the person belongs to (a query only when used).

    `menu_realm`: the one whose menu a page outside any realm shows: the last one visited, else the first.
    `console_application`: where the console works for the person; None outside a realm.
    `rights`: what the person may in this realm or where the page is; `menu_rights`: somewhere in the menu's realm.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        nothing: dict[str, Any] = {"realm": None, "my_realms": (), "menu_realm": None, "rights": frozenset()}
        return nothing | {"mailbox_is_open": settings.MAILBOX}
    my_realms = SimpleLazyObject(lambda: list(Realm.objects.of(user)))
    here = getattr(request, "realm", None)
    menu_realm = here or SimpleLazyObject(lambda: _last_visited(request, my_realms))
    return {
        "realm": here,
        "console_application": getattr(request, "application", None) if here else None,
        "my_realms": my_realms,
        "menu_realm": menu_realm,
        "menu_rights": SimpleLazyObject(lambda: _rights(request, user, menu_realm)),
        "rights": member.rights if (member := getattr(request, "member", None)) else frozenset(),
    }


def _rights(request: HttpRequest, user: Any, realm: Any) -> frozenset[str]:
    """What the person may somewhere in the realm whose menu is shown."""
    member = getattr(request, "member", None)
    if member is None and realm:
        member = Member(Membership.objects.get(realm=realm.pk, user=user))
    return member.anywhere if member else frozenset()


def _last_visited(request: HttpRequest, my_realms: Any) -> Realm | None:
    slug = request.session.get("realm")
    visited = [realm for realm in my_realms if realm.slug == slug]
    return (visited or list(my_realms) or [None])[0]
