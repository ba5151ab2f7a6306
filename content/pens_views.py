"""The door authoring tools push packages through: no session, no cookie, a key of the application's in the message."""

from allauth.core.internal import ratelimit
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from .pens import BAD_CREDENTIALS, TOO_OFTEN, UNPARSABLE, PensError, answer, collect

LARGEST = 128 * 1024  # bytes of a message; vendor-data and addresses percent-encoded have room in it
RATES = {"pens": "60/m/ip", "pens_failed": "10/m/ip"}  # the second as for passwords


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("system-password", "package-url-password")
def pens(request: HttpRequest) -> HttpResponse:
    """Answer a PENS message. Errors of PENS are answered with 200, as its clients read the body alone."""
    if not (_may(request, "pens") and _may(request, "pens_failed", dry_run=True)):
        return _text(answer(TOO_OFTEN, "too many messages; try again in a minute"), 429)
    if int(request.META.get("CONTENT_LENGTH") or 0) + len(request.META.get("QUERY_STRING", "")) > LARGEST:
        return _text(answer(UNPARSABLE, f"the message is larger than {LARGEST} bytes"), 413)
    try:
        job = collect(_parameters(request))
    except PensError as error:
        if error.code == BAD_CREDENTIALS:
            _may(request, "pens_failed")
        return _text(answer(error.code, str(error)))
    return _text(answer(0, "collect command received and understood", job.pk))


def _may(request: HttpRequest, action: str, dry_run: bool = False) -> bool:
    usage = ratelimit.consume(request, app="content", action=action, config=RATES, limit_get=True, dry_run=dry_run)
    return usage is not None


def _parameters(request: HttpRequest) -> dict[str, list[str]]:
    """Of the query and of the form together: a target URL may have a query of its own (Appendix A 1, note)."""
    try:
        found = {name: request.GET.getlist(name) for name in request.GET}
        for name in request.POST:
            found[name] = found.get(name, []) + request.POST.getlist(name)
    except (SuspiciousOperation, MultiPartParserError) as error:
        raise PensError(UNPARSABLE, "unable to parse PENS command") from error
    return found


def _text(body: str, status: int = 200) -> HttpResponse:
    return HttpResponse(body, content_type="text/plain; charset=utf-8", status=status)
