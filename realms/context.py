"""What every console page shows of realms: the one it is in and the others to switch to."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import Realm


def realm(request: HttpRequest) -> dict[str, Any]:
    """`realm`: the one in the address, if any; `my_realms`: all the person belongs to (a query only when used).

    `menu_realm`: the one whose menu a page outside any realm shows: the last one visited, else the first.
    `console_application`: where the console works for the person; None outside a realm.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"realm": None, "my_realms": (), "menu_realm": None, "mailbox_is_open": settings.MAILBOX}
    my_realms = SimpleLazyObject(lambda: list(Realm.objects.of(user)))
    here = getattr(request, "realm", None)
    return {
        "realm": here,
        "console_application": getattr(request, "application", None) if here else None,
        "my_realms": my_realms,
        "menu_realm": here or SimpleLazyObject(lambda: _last_visited(request, my_realms)),
    }


def _last_visited(request: HttpRequest, my_realms: Any) -> Realm | None:
    slug = request.session.get("realm")
    visited = [realm for realm in my_realms if realm.slug == slug]
    return (visited or list(my_realms) or [None])[0]
