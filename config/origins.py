"""Keeps the two origins apart: the console with its session, the content origin with no cookie at all."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.middleware.security import SecurityMiddleware
from django.urls import set_urlconf
from django.utils import timezone, translation

from api import addresses as api
from player.guards import COOKIE as GUARD

GetResponse = Callable[[HttpRequest], HttpResponse]


class ContentHandler(BaseHandler):
    """Answers requests to the content origin with no middleware of the console's: no session, no cookie, no CSRF form.

    What runs there is named by an unguessable path that opens one launch.
    """

    _view_middleware: list = []
    _template_response_middleware: list = []
    _exception_middleware: list = []

    def __init__(self) -> None:
        self._middleware_chain: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        translation.activate(translation.get_language_from_request(request))
        request.urlconf = settings.CONTENT_URLCONF
        set_urlconf(settings.CONTENT_URLCONF)
        response: HttpResponse = self._middleware_chain(request)
        if not request.path_info.startswith("/files/"):  # packages run under wrong names too (player/files.py)
            response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        if settings.CONTENT_ORIGIN.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}")
        # Any site may frame the player, as systems do that launch from here: there is no cookie to ride on. That of a
        # guarded launch opens files, is read by nothing else, and lies at their path (player/guards.py).
        for name in [name for name in response.cookies if not name.startswith(GUARD)]:
            del response.cookies[name]
        return response


class ApiHandler(ContentHandler):
    """Answers the operations of the API with no session, cookie or CSRF form: each request proves who sends it."""

    def __init__(self) -> None:
        super().__init__()
        self._secured: Any = SecurityMiddleware(self._middleware_chain)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        set_urlconf(None)
        response: HttpResponse = self._secured(request)
        response.cookies.clear()
        return response


class OriginMiddleware:
    """Sends a request to the console or to the content origin by its host; static files and health answer on both."""

    def __init__(self, get_response: GetResponse) -> None:
        self.console = get_response
        self.api = ApiHandler()
        self.content = ContentHandler()
        self.content_host = urlsplit(settings.CONTENT_ORIGIN).hostname

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A thread that has answered a person would go on in their words; the API speaks English to every system.
        translation.activate(settings.LANGUAGE_CODE)
        timezone.deactivate()
        is_content = self._is_content(request)
        if not is_content and api.is_operation(request.path_info):
            return self.api(request)
        if "\0" in request.path_info:
            raise BadRequest("NUL is no character of an address")  # and PostgreSQL takes it in no look-up
        if not is_content:
            return self.console(request)
        if request.path_info.startswith(settings.STATIC_URL):
            response = self.console(request)
            if response.status_code < 400:
                return response
            return self.content(request)  # no page of the console's here, nor a cookie with it
        if request.headers.get("Service-Worker") and not request.path_info.startswith("/files/"):
            return HttpResponseNotFound()
        return self.content(request)

    def _is_content(self, request: HttpRequest) -> bool:
        """By name alone: cookies know no ports, so a page of the console on any port of this host would leave one."""
        return urlsplit(f"//{request.get_host()}").hostname.rstrip(".") == self.content_host  # type: ignore[union-attr]
