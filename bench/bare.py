"""The yardstick of a report: a view of Django with one lookup and one UPDATE, no middleware; beside the product.

`application` answers /bare/… itself and leaves everything else to the product, so that both run in one process.
"""

import json
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, JsonResponse
from django.urls import path

from config.wsgi import application as product
from registrations.models import ActivityProgress


def store(request: HttpRequest, pk: int) -> JsonResponse:
    row = ActivityProgress.objects.get(pk=pk)
    ActivityProgress.objects.filter(pk=row.pk).update(values=json.loads(request.body)["values"])
    return JsonResponse({"stored": row.pk})


urlpatterns = [path("bare/<int:pk>", store)]


class BareRequest(WSGIRequest):
    urlconf = "bench.bare"


class BareHandler(WSGIHandler):
    request_class = BareRequest

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware = self._template_response_middleware = self._exception_middleware = []
        self._middleware_chain = convert_exception_to_response(self._get_response)


bare = BareHandler()


def application(environ: dict[str, Any], start_response: Any) -> Any:
    return (bare if environ["PATH_INFO"].startswith("/bare/") else product)(environ, start_response)
