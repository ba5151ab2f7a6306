"""The one door into a realm: whoever does not belong to it gets 404."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from .models import Application, Membership, Realm, Role


class RealmRequest(HttpRequest):
    """A request inside a realm, as views behind `realm_member` get it."""

    realm: Realm
    membership: Membership
    application: Application  # where the console works for the person: the realm's internal one unless they chose


RealmView = Callable[Concatenate[RealmRequest, ...], HttpResponseBase]


def realm_member(view: RealmView) -> Callable[..., HttpResponseBase]:
    """Let members of the realm in the address through; the view gets `request.realm`, `.membership`, `.application`."""

    @login_required
    @wraps(view)
    def inside(request: Any, realm_slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = (
            Membership.objects.filter(realm__slug=realm_slug, user=request.user)
            .select_related("realm__plan", "realm__billing_realm__plan", "console_application")
            .first()
        )
        if membership is None:
            raise Http404
        if membership.realm.closed and not getattr(view, "is_for_closed", False):
            return redirect("realms:closed", realm_slug)
        request.membership = membership
        request.realm = membership.realm
        if request.session.get("realm") != realm_slug:
            request.session["realm"] = realm_slug  # where the person comes back to
        request.application = _working_application(request, membership)
        return view(request, *args, **kwargs)

    return inside


def _working_application(request: HttpRequest, membership: Membership) -> Application:
    """Where the person works; `?into=` names another by its App ID for one request, as the forms of a page do that was
    opened before the person chose anew."""
    if asked := request.GET.get("into", ""):
        return get_object_or_404(Application, realm=membership.realm_id, app_id=asked, is_management=False)
    return console_application(membership)


def console_application(membership: Membership) -> Application:
    """Where the library and Add Content work for the person."""
    chosen = membership.console_application
    if chosen is not None and chosen.realm_id == membership.realm_id and not chosen.is_management:
        return chosen
    return Application.objects.get(realm=membership.realm_id, is_internal=True)


def realm_owner(view: RealmView) -> Callable[..., HttpResponseBase]:
    """As `realm_member`, for owners alone: others find no such page."""

    @wraps(view)
    def owned(request: RealmRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.membership.role != Role.OWNER:
            raise Http404
        return view(request, *args, **kwargs)

    return realm_member(owned)


def also_closed(view: RealmView) -> RealmView:
    """Let the view be reached in a closed realm too, where every other leads to `realms:closed`."""
    view.is_for_closed = True  # type: ignore[attr-defined]
    return view
