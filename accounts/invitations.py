"""Where the link of an invitation leads: join, sign in or sign up, whichever the person needs."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from realms import people
from realms.models import Invitation, Membership

from .models import User

SESSION = "invitation"  # key: the token of the one that a sign-up answers
GONE = 410


@require_GET
@never_cache
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites whom to what, with the one step that is next."""
    try:
        found = people.read_token(token)
        if found.accepted and _is_member(request, found):
            return redirect("registrations:dashboard", found.realm.slug)
        people.refuse_unless_open(found)
    except people.InvitationError as error:
        return _refused(request, error)
    return render(request, "accounts/invitation.html", _page(request, found, token))


def _page(request: HttpRequest, found: Invitation, token: str) -> dict[str, Any]:
    is_signed_in = request.user.is_authenticated
    here = urlencode({"next": reverse("accounts:invitation", args=[token])})
    return {
        "invitation": found,
        "token": token,
        "is_theirs": is_signed_in and _is_address_of(request.user, found.email),
        "is_member": is_signed_in and _is_member(request, found),
        "has_account": not is_signed_in and _has_account(found.email),
        "sign_in_url": f"{reverse('account_login')}?{here}",
        "back": reverse("accounts:invitation", args=[token]),
    }


@require_POST
@never_cache
@login_not_required
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Join as the person who is signed in; only whoever the invitation was sent to."""
    try:
        found = people.read_token(token)
        if not request.user.is_authenticated or not _is_address_of(request.user, found.email):
            return redirect("accounts:invitation", token)
        membership = people.accept(request, found, request.user)
    except people.InvitationError as error:
        return _refused(request, error)
    _note_verified(request.user, found.email)
    messages.success(request, _("You are a member of %(realm)s now.") % {"realm": membership.realm})
    return redirect("registrations:dashboard", membership.realm.slug)


@require_POST
@never_cache
@login_not_required
def sign_up(request: HttpRequest, token: str) -> HttpResponse:
    """Go on to the sign-up with the address filled in: the link has shown that it is theirs."""
    try:
        found = people.read_token(token)
        people.refuse_unless_open(found)
    except people.InvitationError as error:
        return _refused(request, error)
    request.session[SESSION] = token
    get_adapter().stash_verified_email(request, found.email)
    here = urlencode({"next": reverse("accounts:invitation", args=[token])})
    return redirect(f"{reverse('account_signup')}?{here}")


def answered_by(request: HttpRequest, email: str) -> Invitation | None:
    """The invitation that a sign-up with this address answers, if it came by the link of one that is open."""
    token = request.session.get(SESSION)
    if not token:
        return None
    try:
        found = people.read_token(token)
        people.refuse_unless_open(found)
    except people.InvitationError:
        return None
    return found if found.email == email.lower() else None


def _refused(request: HttpRequest, error: people.InvitationError) -> HttpResponse:
    return render(request, "accounts/invitation_refused.html", {"message": str(error)}, status=GONE)


def _has_account(email: str) -> bool:
    return User.objects.filter(email=email).exists() or EmailAddress.objects.filter(email=email, verified=True).exists()


def _is_address_of(user: Any, email: str) -> bool:
    return user.email.lower() == email or EmailAddress.objects.filter(user=user, email=email, verified=True).exists()


def _is_member(request: HttpRequest, found: Invitation) -> bool:
    return request.user.is_authenticated and Membership.objects.filter(realm=found.realm, user=request.user).exists()


def _note_verified(user: Any, email: str) -> None:
    """The link went to the address: whoever followed it reads what is sent there."""
    if EmailAddress.objects.filter(email=email, verified=True).exclude(user=user).exists():
        return
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True}, create_defaults={"verified": True, "primary": True}
    )
