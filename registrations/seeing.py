"""Which registrations a member sees and may change: all with the right to results, of the sandbox with that to test."""

from django.db.models import Q
from django.shortcuts import get_object_or_404

from realms.access import RealmRequest, Right, refuse

from .models import Registration


def seen_by(request: RealmRequest) -> Q:
    """The registrations of the realm that the person may look at."""
    everyones, sandbox = (_in(request, right) for right in (Right.RESULTS_SEE, Right.CONTENT_TEST))
    return everyones | sandbox & Q(is_sandbox=True)


def _in(request: RealmRequest, right: Right) -> Q:
    of_realm, limit = Q(application__realm=request.realm), request.member.applications_with(right)
    return of_realm if limit is None else of_realm & Q(application__in=limit)


def may_of(request: RealmRequest, registration: Registration, right: Right) -> bool:
    """Whether the person has the right for this registration; who may test has every right for those of the sandbox."""
    application = registration.application_id
    is_test = registration.is_sandbox and request.member.may(Right.CONTENT_TEST, application)
    return is_test or request.member.may(right, application)


def need_of(request: RealmRequest, registration: Registration, right: Right) -> None:
    """Raises PermissionDenied where the person has not the right for this registration."""
    if not may_of(request, registration, right):
        refuse(request.member)


def registration_of(request: RealmRequest, pk: int, right: Right = Right.BELONG) -> Registration:
    """A registration that the person sees, 404 for any other; 403 where they have not the right for it."""
    found = Registration.objects.filter(seen_by(request)).select_related("application", "course__application")
    registration = get_object_or_404(found, pk=pk)
    need_of(request, registration, right)
    request.member.look_at(registration.application_id)
    return registration
