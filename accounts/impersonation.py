"""Staff acting as a person: with a reason that is kept, a banner on every page, and an end."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.translation import gettext as _

from realms import audit
from realms.models import Realm

from .models import Impersonation, User

NUMBER = "impersonation"  # session key, beside audit.IMPERSONATOR
LASTS = timedelta(hours=1)
RIGHT = "accounts.impersonate"


class ImpersonationError(Exception):
    """Why staff may not act as somebody, in words for them."""


@transaction.atomic
def start(request: HttpRequest, user: User, reason: str) -> Impersonation:
    """Go on as that person. Raises ImpersonationError for staff, for an account that is off, and without a reason."""
    staff = request.user
    reason = " ".join(reason.split())
    if not isinstance(staff, User) or not staff.is_staff or not staff.has_perm(RIGHT) or NUMBER in request.session:
        raise ImpersonationError(_("You may not act as somebody else."))
    if user.is_staff or user.is_superuser or user.pk == staff.pk:
        raise ImpersonationError(_("Nobody can act as a member of the staff."))
    if not user.is_active:
        raise ImpersonationError(_("This account is switched off."))
    if not reason:
        raise ImpersonationError(_("Say why: the reason is kept, and owners see it in their audit log."))
    made = Impersonation.objects.create(
        staff=staff, user=user, reason=reason[:300], address=audit.visitor_address(request)
    )
    _become(request, user)
    request.session[audit.IMPERSONATOR] = staff.pk
    request.session[NUMBER] = made.pk
    request.session.set_expiry(int(LASTS.total_seconds()))
    _record(request, user, "staff.impersonate", made)
    return made


@transaction.atomic
def stop(request: HttpRequest) -> User | None:
    """End it; the staff member goes on as themselves, where they still are of the staff."""
    made = running(request)
    number, staff_id = request.session.get(NUMBER, 0), request.session.get(audit.IMPERSONATOR, 0)
    if made is not None:
        _record(request, made.user, "staff.stop", made)
    Impersonation.objects.filter(pk=number, ended=None).update(ended=timezone.now())
    staff = User.objects.filter(pk=staff_id, is_active=True, is_staff=True).first()
    if made is not None and staff is not None:
        _become(request, staff)
        return staff
    request.session.flush()
    return None


def running(request: HttpRequest) -> Impersonation | None:
    """The one of this session, as long as it may last and who began it is of the staff."""
    pk = request.session.get(NUMBER)
    if pk is None:
        return None
    since = timezone.now() - LASTS
    held = Impersonation.objects.select_related("user", "staff").filter(pk=pk, ended=None, began__gt=since)
    return held.filter(staff__is_active=True, staff__is_staff=True).first()


def _become(request: HttpRequest, user: User) -> None:
    """As signing in, but that it is no sign-in of the person: their last one and their sessions stay as they are."""
    request.session.flush()
    request.session[SESSION_KEY] = str(user.pk)
    request.session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    request.user = user
    rotate_token(request)


def _record(request: HttpRequest, user: User, action: str, made: Impersonation) -> None:
    about: dict[str, Any] = {"target": user, "details": {"reason": made.reason, "staff": made.staff.email}}
    for realm in Realm.objects.of(user):
        audit.record(request, action, realm=realm, **about)
