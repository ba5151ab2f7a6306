"""The door of the API, its document, and the page that shows it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import realm
from .document import as_bytes
from .reference import chapters, schemas
from .routing import answer


def operation(request: HttpRequest) -> HttpResponse:
    return answer(request)


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """OpenAPI, made from the code that answers."""
    return HttpResponse(as_bytes(), content_type="application/json")


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Every operation and schema, to read."""
    shown = {"chapters": chapters(), "schemas": schemas(), "base": f"{settings.CONSOLE_ORIGIN}/api/v2"}
    return render(request, "api/reference.html", shown)


def realm_operation(request: HttpRequest) -> HttpResponse:
    return realm.answer(request)


@require_safe
def realm_document(request: HttpRequest) -> HttpResponse:
    """OpenAPI of the realm endpoints."""
    return HttpResponse(realm.document_as_bytes(), content_type="application/json")
