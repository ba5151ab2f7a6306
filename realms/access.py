"""The one door into a realm, and the one table of what each role may in it.

Whoever does not belong to the realm gets 404; a member whose role does not allow what a view needs gets 403.
"""

import enum
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, Concatenate, overload

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from .models import Application, Membership, Realm, Role
from .sign_on import came_by


class Right(enum.StrEnum):
    """What a view can need."""

    BELONG = "belong"  # any member: their own registrations, leaving
    CONTENT_SEE = "content.see"  # the library, courses, versions, files, imports
    CONTENT_CHANGE = "content.change"  # add, rename, tag, set up, repair, delete
    CONTENT_TEST = "content.test"  # launch in the sandbox and see what was reported there
    RESULTS_SEE = "results.see"  # registrations, learners, statements, reports
    RESULTS_RESET = "results.reset"  # reset, begin anew, end an open session
    RESULTS_CHANGE = "results.change"  # make, set up, waive, override, delete
    APPLICATIONS = "applications"  # applications, their settings and keys
    APPLICATIONS_OPEN = "applications.open"  # new applications
    PEOPLE = "people"  # invite, change roles, remove
    AUDIT = "audit"  # the audit log
    REALM = "realm"  # the realm's name and how its people sign in
    ACCOUNT = "account"  # plan, usage, invoices, linked realms, closing


_AUTHOR = frozenset({Right.BELONG, Right.CONTENT_SEE, Right.CONTENT_CHANGE, Right.CONTENT_TEST})
_SUPPORT = frozenset({Right.BELONG, Right.CONTENT_SEE, Right.RESULTS_SEE, Right.RESULTS_RESET})
RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMINISTRATOR: frozenset(Right) - {Right.ACCOUNT, Right.REALM},
    Role.AUTHOR: _AUTHOR,
    Role.SUPPORT: _SUPPORT,
    Role.LEARNER: frozenset({Right.BELONG}),
}
# A role in an application gives none of these: they are about the realm as a whole.
OF_THE_REALM = frozenset({Right.APPLICATIONS_OPEN, Right.PEOPLE, Right.AUDIT, Right.REALM, Right.ACCOUNT})


class Member:
    """What a person may in a realm: by the role there, and more in applications where they have another."""

    def __init__(self, membership: Membership) -> None:
        self.membership = membership
        self.everywhere = RIGHTS.get(membership.role, frozenset())
        self._looked_at: int | None = None

    @cached_property
    def in_applications(self) -> dict[int, frozenset[Right]]:
        """Application id -> rights beyond those of the realm."""
        if self.membership.role in (Role.OWNER, Role.ADMINISTRATOR):
            return {}
        rows = self.membership.application_roles.values_list("application_id", "role")
        return {pk: RIGHTS.get(role, frozenset()) - OF_THE_REALM for pk, role in rows}

    def may(self, right: str, application: Application | int | None = None) -> bool:
        """Whether the person has it in the application; without one, anywhere in the realm."""
        if right in self.everywhere:
            return True
        if application is None:
            return any(right in rights for rights in self.in_applications.values())
        pk = application if isinstance(application, int) else application.pk
        return right in self.in_applications.get(pk, frozenset())

    def applications_with(self, right: Right) -> frozenset[int] | None:
        """The ids of the applications the right is limited to; None: it holds in the whole realm."""
        if right in self.everywhere:
            return None
        return frozenset(pk for pk, rights in self.in_applications.items() if right in rights)

    def look_at(self, application_id: int) -> None:
        """Let `rights` be those in this application from now on: the page is about something of it."""
        self._looked_at = application_id

    @property
    def rights(self) -> frozenset[str]:
        """For templates: what the person may here."""
        if self._looked_at is not None:
            return frozenset(self.everywhere | self.in_applications.get(self._looked_at, frozenset()))
        return self.anywhere

    @property
    def anywhere(self) -> frozenset[str]:
        """What the person may somewhere in the realm."""
        return frozenset(self.everywhere.union(*self.in_applications.values()))


class RealmRequest(HttpRequest):
    """A request inside a realm, as views behind `realm_member` get it."""

    realm: Realm  # its `limited_to` keeps lookups to the applications where the person has the needed right
    membership: Membership
    member: Member
    application: Application  # where the console works for the person: the internal one unless they chose
    applications: QuerySet[Application]  # where the person has the needed right, the internal one first


RealmView = Callable[Concatenate[RealmRequest, ...], HttpResponseBase]


@overload
def realm_member(view: RealmView) -> Callable[..., HttpResponseBase]: ...
@overload
def realm_member(*, needs: Right) -> Callable[[RealmView], Callable[..., HttpResponseBase]]: ...
def realm_member(view: RealmView | None = None, *, needs: Right | None = None) -> Callable[..., Any]:
    """Let members who may do what the view needs through; the view gets a RealmRequest.

    A view that names no need is for owners and administrators; a test asks each for a name.
    """
    if view is None:
        return lambda decorated: _door(decorated, needs)
    return _door(view, None)


def realm_owner(view: RealmView) -> Callable[..., HttpResponseBase]:
    """As `realm_member`, for owners alone: what is about the account."""
    return _door(view, Right.ACCOUNT)


def also_closed(view: RealmView) -> RealmView:
    """Let the view be reached in a closed realm too, where every other leads to `realms:closed`."""
    view.is_for_closed = True  # type: ignore[attr-defined]
    return view


def _door(view: RealmView, needs: Right | None) -> Callable[..., HttpResponseBase]:
    @login_required
    @wraps(view)
    def inside(request: Any, realm_slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        membership = (
            Membership.objects.filter(realm__slug=realm_slug, user=request.user)
            .select_related("realm__plan", "realm__billing_realm__plan", "realm__sign_on", "console_application")
            .first()
        )
        if membership is None:
            raise Http404
        if membership.realm.closed and not getattr(view, "is_for_closed", False):
            return redirect("realms:closed", realm_slug)
        if _has_to_sign_on(request, membership):
            back = urlencode({"next": request.get_full_path() if request.method == "GET" else f"/r/{realm_slug}/"})
            return redirect(f"{reverse('accounts:sign_on', args=[realm_slug])}?{back}")
        request.membership, request.realm, request.member = membership, membership.realm, Member(membership)
        if request.session.get("realm") != realm_slug:
            request.session["realm"] = realm_slug  # where the person comes back to
        narrow(request, needs or Right.APPLICATIONS)
        return view(request, *args, **kwargs)

    inside.needs = needs  # type: ignore[attr-defined]
    return inside


def _has_to_sign_on(request: HttpRequest, membership: Membership) -> bool:
    """Whether the realm lets the person in by its identity provider alone and this session was begun elsewhere.

    Owners always come in: a provider that fails, or is set up wrong, locks nobody out for good. So does staff that acts
    as a member, who is none of the provider's people.
    """
    if getattr(request, "impersonation", None) is not None:
        return False
    sign_on = getattr(membership.realm, "sign_on", None)
    if sign_on is None or not (sign_on.is_enabled and sign_on.is_enforced) or membership.role == Role.OWNER:
        return False
    return not came_by(request, membership.realm.slug)


def narrow(request: Any, needs: Right) -> None:
    """Keep the request to where the person has the right. Raises PermissionDenied where that is nowhere."""
    member: Member = request.member
    limit = member.applications_with(needs)
    if limit is not None and not limit:
        refuse(member)
    request.realm.limited_to = limit
    request.applications = open_applications(request.realm)
    request.application = _working_application(request)


def _working_application(request: Any) -> Application:
    """Where the person works; `?into=` names another by its App ID for one request, as the forms of a page do that was
    opened before the person chose anew."""
    if asked := request.GET.get("into", ""):
        return get_object_or_404(request.applications, app_id=asked, is_management=False)
    chosen = console_application(request.membership)
    if request.realm.limited_to is None or chosen.pk in request.realm.limited_to:
        return chosen
    return request.applications.first() or chosen


def console_application(membership: Membership) -> Application:
    """Where the library and Add Content work for the person."""
    chosen = membership.console_application
    if chosen is not None and chosen.realm_id == membership.realm_id and not chosen.is_management:
        return chosen
    return Application.objects.get(realm=membership.realm_id, is_internal=True)


def open_applications(realm: Realm) -> QuerySet[Application]:
    """Those of the realm that the request is not kept out of, the internal one first."""
    found = Application.objects.filter(realm=realm)
    if realm.limited_to is not None:
        found = found.filter(pk__in=realm.limited_to)
    return found.order_by("-is_internal", "name", "pk")


def refuse(member: Member) -> None:
    """Raises PermissionDenied, in words for the member."""
    role = member.membership.get_role_display()
    raise PermissionDenied(
        _("Your role in %(realm)s is “%(role)s”, which does not allow this. An owner or administrator can change it.")
        % {"realm": member.membership.realm, "role": role}
    )


def need(request: RealmRequest, right: Right, application: Application | None = None) -> None:
    """Raises PermissionDenied where the person has not this right too, beside the one the view declares."""
    if not request.member.may(right, application):
        refuse(request.member)
