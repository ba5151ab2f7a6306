"""The page of a realm's people and the verbs on it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import people, sign_on
from .access import RealmRequest, Right, also_closed, realm_member
from .models import Application, Invitation, Membership, Role
from .pages import Pages
from .people_forms import ApplicationRolesForm, InviteForm, RoleForm

PAGE = 50
APPLICATIONS_SHOWN = 100


@require_GET
@realm_member(needs=Right.PEOPLE)
def people_page(request: RealmRequest) -> HttpResponse:
    """The members, and the invitations that wait for an answer."""
    return _page(request, InviteForm(request.membership, _applications(request)))


def _applications(request: RealmRequest) -> QuerySet[Application]:
    """Where a further role can be given: the keys of the management application open all others."""
    return request.applications.filter(is_management=False)


def _page(request: RealmRequest, form: InviteForm) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    role = request.GET.get("role", "")
    found = Membership.objects.filter(realm=request.realm).select_related("user")
    for word in words.split():
        found = found.filter(
            Q(user__email__icontains=word) | Q(user__first_name__icontains=word) | Q(user__last_name__icontains=word)
        )
    if role in Role.values:
        found = found.filter(role=role)
    found = found.prefetch_related("application_roles__application").order_by("user__email", "pk")
    waiting = Invitation.objects.filter(realm=request.realm, accepted=None, revoked=None)
    page = {
        "form": form,
        "words": words,
        "role": role if role in Role.values else "",
        "roles": Role.choices,
        "page": Pages(found, PAGE).get_page(request.GET.get("page")),
        "is_filtered": bool(words or role in Role.values),
        "invitations": waiting.select_related("invited_by", "application").order_by("-sent", "-pk")[
            : people.AT_MOST_OPEN
        ],
        "days": settings.INVITATION_DAYS,
    }
    if request.headers.get("HX-Target") == "members":
        return render(request, "realms/_members.html", page)
    return render(request, "realms/people.html", page, status=422 if form.errors else 200)


@require_POST
@realm_member(needs=Right.PEOPLE)
def invite(request: RealmRequest) -> HttpResponse:
    form = InviteForm(request.membership, _applications(request), request.POST)
    if form.is_valid():
        words = form.cleaned_data
        try:
            many = people.invite(request, request.membership, words["emails"], words["role"], form.also())
        except people.PeopleError as error:
            form.add_error("emails", str(error))
        else:
            said = ngettext("The invitation is on its way.", "%(count)d invitations are on their way.", many)
            messages.success(request, said % {"count": many})
            return redirect("realms:people", request.realm.slug)
    return _page(request, form)


@require_POST
@realm_member(needs=Right.PEOPLE)
def resend_invitation(request: RealmRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Invitation, realm=request.realm, pk=pk)
    words = _("The invitation to %(email)s is on its way again. Older links do not work any more.")
    return _done(request, lambda: people.resend(request, request.membership, found), words % {"email": found.email})


@require_POST
@realm_member(needs=Right.PEOPLE)
def revoke_invitation(request: RealmRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Invitation, realm=request.realm, pk=pk)
    words = _("The invitation to %(email)s is revoked.") % {"email": found.email}
    return _done(request, lambda: people.revoke(request, request.membership, found), words)


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.PEOPLE)
def person(request: RealmRequest, pk: int) -> HttpResponse:
    """A member: their roles. POST changes the one in the realm."""
    member = _member(request, pk)
    form = RoleForm(request.membership, request.POST or None, initial={"role": member.role})
    if request.method == "POST" and form.is_valid():
        try:
            people.change_role(request, request.membership, member, form.cleaned_data["role"])
        except people.PeopleError as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, _("The role is changed. It holds from the next click on."))
            return redirect("realms:people", request.realm.slug)
    return _person_page(request, member, form)


def _person_page(request: RealmRequest, member: Membership, form: RoleForm) -> HttpResponse:
    held = {each.application_id: each.role for each in member.application_roles.all()}
    applications = list(_applications(request)[:APPLICATIONS_SHOWN])
    page = {
        "member": member,
        "form": form,
        "applications": ApplicationRolesForm(applications, held),
        "is_self": member.pk == request.membership.pk,
        "is_out_of_reach": member.role == Role.OWNER and request.membership.role != Role.OWNER,
        "has_everything": member.role in (Role.OWNER, Role.ADMINISTRATOR),
    }
    return render(request, "realms/person.html", page, status=422 if form.errors else 200)


@require_POST
@realm_member(needs=Right.PEOPLE)
def set_application_roles(request: RealmRequest, pk: int) -> HttpResponse:
    member = _member(request, pk)
    applications = list(_applications(request)[:APPLICATIONS_SHOWN])
    form = ApplicationRolesForm(applications, {}, request.POST)
    if not form.is_valid():
        messages.error(request, _("This is no role in an application."))
        return redirect("realms:person", request.realm.slug, pk)

    def change() -> None:
        with transaction.atomic():
            for name, application in form.by_field.items():
                if name in request.POST:
                    role = form.cleaned_data[name]
                    people.set_application_role(request, request.membership, member, application, role)

    return _done(request, change, _("The roles are saved. They hold from the next click on."))


@require_POST
@realm_member(needs=Right.PEOPLE)
def remove(request: RealmRequest, pk: int) -> HttpResponse:
    member = _member(request, pk)
    words = _("%(email)s is no member of %(realm)s any more.") % {"email": member.user.email, "realm": request.realm}
    answer = _done(request, lambda: people.remove(request, request.membership, member), words)
    way_in = sign_on.of_address(member.user.email)
    if way_in is not None and way_in.realm_id == request.realm.pk and not Membership.objects.filter(pk=pk).exists():
        back = _("%(email)s comes back by single sign-on, unless your identity provider keeps them out.")
        messages.warning(request, back % {"email": member.user.email})
    return answer


@require_POST
@realm_member(needs=Right.BELONG)
@also_closed
def leave(request: RealmRequest) -> HttpResponse:
    try:
        people.leave(request, request.membership)
    except people.PeopleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("You are no member of %(realm)s any more.") % {"realm": request.realm})
    return redirect("realms:switch")


def _member(request: RealmRequest, pk: int) -> Membership:
    found = Membership.objects.filter(realm=request.realm).select_related("user", "realm")
    return get_object_or_404(found, pk=pk)


def _done(request: RealmRequest, verb: Callable[[], Any], words: str) -> HttpResponse:
    """Do it and say so, or say why not."""
    try:
        verb()
    except people.PeopleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return redirect("realms:people", request.realm.slug)
