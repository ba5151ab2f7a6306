"""What every console page shows of realms: the one it is in and the others to switch to."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import Realm


def realm(request: HttpRequest) -> dict[str, Any]:
    """`realm`: the one in the address, if any; `my_realms`: all the person belongs to (a query only when used)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"realm": None, "my_realms": ()}
    return {
        "realm": getattr(request, "realm", None),
        "my_realms": SimpleLazyObject(lambda: list(Realm.objects.of(user))),
    }
