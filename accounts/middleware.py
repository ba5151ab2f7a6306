"""Answers in the words and the time of whoever asks, and keeps the sessions list without a write a request."""

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from . import impersonation

EVERY_SECONDS = 300


class PersonMiddleware:
    """Activates the language and the time zone that the person has chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            if request.user.language:
                translation.activate(request.user.language)
                request.LANGUAGE_CODE = translation.get_language()
            timezone.activate(request.user.zone)  # until the next request: what streams is written later
        return self.get_response(request)


class ImpersonationMiddleware:
    """Tells pages that somebody of the staff acts as the person, ends it in time, and keeps their sign-in untouched."""

    CLOSED = "/accounts/"  # passwords, addresses, second factors, sessions

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if impersonation.NUMBER not in request.session:
            return self.get_response(request)
        held = impersonation.running(request)
        if held is None:
            impersonation.stop(request)
            return redirect("account_login")
        request.impersonation = held  # type: ignore[attr-defined]
        if request.path_info.startswith(self.CLOSED):
            return render(request, "accounts/not_while_acting.html", status=403)
        return self.get_response(request)


class SessionActivityMiddleware:
    """Notes when and from where a session was last seen, once in EVERY_SECONDS.

    allauth's own notes it at every request: a page that polls would take the database's write lock all the time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        is_theirs = impersonation.NUMBER not in request.session
        if (
            key
            and is_theirs
            and request.user.is_authenticated
            and cache.add(f"session-seen-{key}", True, EVERY_SECONDS)
        ):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)
