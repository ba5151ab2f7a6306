"""The door: an HTTP request of any client becomes a call of a resource, and its answer a response.

Versions (1.0.3 Communication 3.3), alternate request syntax (1.3), CORS, HEAD (1.1), errors (3.2). No cookie, no CSRF:
who asks is told by the Authorization header alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.datastructures import CaseInsensitiveMapping

from standards.xapi.errors import StatementError
from standards.xapi.versions import V1_0_3, Version, version_of

from . import resources, services
from .access import AccessError, Caller
from .documents import DocumentError
from .models import stored_text
from .queries import MoreError
from .resources import RESOURCES, Answer, Call, ParameterError
from .services import ConflictError
from .wire import WireError

VERSION_HEADER = "X-Experience-API-Version"
THROUGH_HEADER = "X-Experience-API-Consistent-Through"
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
FORM_HEADERS = ("Authorization", VERSION_HEADER, "Content-Type", "Content-Length", "If-Match", "If-None-Match")
MOST_PARAMETERS = 60
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": f"ETag, Last-Modified, Content-Length, {VERSION_HEADER}, {THROUGH_HEADER}",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": (
        f"Accept, Accept-Language, Authorization, Content-Type, If-Match, If-None-Match, {VERSION_HEADER}"
    ),
    "Access-Control-Max-Age": "7200",
}

Around = Callable[[Call, str, Callable[[Call], Answer]], Answer]  # a call, its resource, and what answers it
Authenticate = Callable[[str], Caller]  # the value of an Authorization header -> who that is; raises AccessError


class RequestRefusedError(Exception):
    """A request that is no call of a resource."""

    def __init__(self, message: str, rule: str, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.rule, self.status = message, rule, status


@dataclass
class _Asked:
    """What is asked, once the alternate request syntax is undone."""

    method: str
    parameters: dict[str, str]
    headers: Mapping[str, str]
    body: bytes | None = field(default=None, repr=False)  # None: still to be read


def answer(
    request: HttpRequest,
    resource: str,
    caller: Caller | Authenticate,
    default: Version = V1_0_3,
    challenge: str = "",
    around: Around | None = None,
) -> HttpResponse:
    """Answer a request to one of RESOURCES. `default` is the version the endpoint answers in where none is asked for;
    `challenge` goes with a 401 as WWW-Authenticate; `around` may answer in a resource's place, or call it."""
    if request.method == "OPTIONS":
        return _with_headers(HttpResponse(status=204, headers=PREFLIGHT), default, "")
    version = version_of(request.headers.get(VERSION_HEADER, "")) or default
    through = ""
    try:
        asked = _asked(request, default)
        version = _version(asked, resource, default) or default
        given = _answer(request, asked, resource, caller, version, around)
        through = given.through
        response = _response(given)
    except Exception as error:
        refused = _refused(error)
        if refused is None:
            raise
        response = refused
        if response.status_code == 401 and challenge:
            response.headers["WWW-Authenticate"] = challenge
    if request.method == "HEAD":
        length = len(response.content)
        response.content = b""
        response.headers["Content-Length"] = str(length)
    return _with_headers(response, version, through)


def _answer(
    request: HttpRequest,
    asked: _Asked,
    resource: str,
    caller: Caller | Authenticate,
    version: Version,
    around: Around | None,
) -> Answer:
    if resource == "about":
        return resources.about(asked.method)
    who = caller if isinstance(caller, Caller) else caller(asked.headers.get("Authorization", ""))
    handler = RESOURCES.get(resource)
    if handler is None:
        raise RequestRefusedError("There is no such resource", "Communication 2", status=404)
    if asked.method in ("GET", "HEAD") and not who.may_read:
        raise AccessError("This credential may not read", status=403)
    if asked.method in ("PUT", "POST", "DELETE") and not who.may_write:
        raise AccessError("This credential may not write", status=403)
    body = asked.body if asked.body is not None else _body(request, resource)
    call = Call(asked.method, asked.parameters, asked.headers, body, version, request.path, who)
    return around(call, resource, handler) if around else handler(call)


# --- what is asked ----------------------------------------------------------------------------------------------------


def _asked(request: HttpRequest, default: Version) -> _Asked:
    method = request.method or ""
    parameters = _parameters(request.META.get("QUERY_STRING", ""))
    if method == "POST" and "method" in parameters and _speaks_1(request, default):
        return _alternate(request, parameters)
    return _Asked(method, parameters, request.headers)


def _speaks_1(request: HttpRequest, default: Version) -> bool:
    """2.0 has no alternate request syntax."""
    asked = request.headers.get(VERSION_HEADER)
    return (version_of(asked) if asked else default) is V1_0_3


def _alternate(request: HttpRequest, parameters: dict[str, str]) -> _Asked:
    """The method in the query; headers, parameters and content in the form (1.0.3 Communication 1.3)."""
    rule = "Communication 1.3"
    if len(parameters) > 1:
        raise RequestRefusedError("Beside method the query may hold nothing: parameters go into the form", rule)
    method = parameters["method"].upper()
    if method not in METHODS:
        raise RequestRefusedError(f"The method {method[:20]} is none of {', '.join(METHODS)}", rule)
    try:
        form = _parameters(_read(request, settings.STATEMENTS_MAX_BYTES).decode("ascii"))
    except UnicodeDecodeError:
        raise RequestRefusedError("The form must be URL-encoded", rule) from None
    headers = {name.lower(): value for name, value in request.headers.items()} | {"content-type": "application/json"}
    headers |= {name.lower(): form.pop(name) for name in FORM_HEADERS if name in form}
    content = form.pop("content", None)
    if method in ("PUT", "POST") and content is None:
        raise RequestRefusedError("The form has no content", rule)
    return _Asked(method, form, CaseInsensitiveMapping(headers), (content or "").encode())


def _parameters(query: str) -> dict[str, str]:
    """Names and values, each once. Raises RequestRefusedError for what is no UTF-8 or cannot be kept."""
    rule = "Communication 3.2"
    try:
        unquote_to_bytes(query).decode()
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise RequestRefusedError("The parameters cannot be read: too many, or not in UTF-8", rule) from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RequestRefusedError("A parameter is given twice", rule)
    if any("\0" in text for pair in pairs for text in pair):
        raise RequestRefusedError("A parameter holds the character NUL", rule)
    return found


def _version(asked: _Asked, resource: str, default: Version) -> Version | None:
    """The version asked for. Raises RequestRefusedError where there is none, or none that is spoken (3.3)."""
    header = asked.headers.get(VERSION_HEADER)
    version = version_of(header or "")
    if version is None and resource != "about":
        rule = "Communication 3.3"
        if header is None:
            raise RequestRefusedError(f"The header {VERSION_HEADER} is missing, such as {default.name}", rule)
        raise RequestRefusedError(f"{VERSION_HEADER} {header[:40]} is not spoken here; 1.0.3 and 2.0.0 are", rule)
    return version


def _body(request: HttpRequest, resource: str) -> bytes:
    if request.method in ("GET", "HEAD"):
        return b""
    is_statements = resource == "statements"
    return _read(request, settings.STATEMENTS_MAX_BYTES if is_statements else settings.DOCUMENT_MAX_BYTES)


def _read(request: HttpRequest, most: int) -> bytes:
    """The whole body, and not one byte more than may come; a chunked one has no Content-Length."""
    stream: Any = request
    if request.headers.get("Transfer-Encoding", "").lower() == "chunked" and "wsgi.input" in request.META:
        stream = request.META["wsgi.input"]
    elif int(request.headers.get("Content-Length") or 0) > most:
        raise WireError(f"A request may hold {most} bytes", "Communication 3.2", status=413)
    body = stream.read(most + 1)
    if len(body) > most:
        raise WireError(f"A request may hold {most} bytes", "Communication 3.2", status=413)
    return body


# --- what is answered -------------------------------------------------------------------------------------------------


def _response(given: Answer) -> HttpResponse:
    return HttpResponse(given.content, status=given.status, content_type=given.content_type, headers=given.headers)


def _with_headers(response: HttpResponse, version: Version, through: str) -> HttpResponse:
    response.headers[VERSION_HEADER] = version.name
    response.headers[THROUGH_HEADER] = through or stored_text(services.surely_through())
    for name, value in CORS.items():
        response.headers[name] = value
    if response.status_code == 204:
        del response.headers["Content-Type"]
    response.headers.setdefault("Cache-Control", "no-store")
    if response.status_code not in (204, 304):
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response


def _refused(error: Exception) -> HttpResponse | None:
    """The one place where errors become statuses (Communication 3.2); None for what is a fault of ours."""
    told: tuple[int, str, str, str] | None = None
    match error:
        case StatementError():
            told = (400, error.message, error.path, f"xAPI {error.clause}" if error.clause else "")
        case WireError():
            told = (error.status, error.message, error.path, f"xAPI {error.rule}" if error.rule else "")
        case ParameterError():
            told = (400, error.message, error.name, "xAPI Communication 3.2")
        case RequestRefusedError() | DocumentError():
            told = (error.status, error.message, "", f"xAPI {error.rule}")
        case ConflictError():
            told = (409, str(error), "id", "xAPI Communication 2.1")
        case AccessError():
            told = (error.status, error.message, "", "xAPI Communication 4.0")
        case MoreError():
            told = (400, str(error), "more", "xAPI Communication 2.1.3")
        case resources.MissingError():
            told = (404, str(error), "", "xAPI Communication 3.2")
        case resources.MethodError():
            told = (405, str(error), "", "xAPI Communication 3.2")
    if told is None:
        return None
    status, message, path, rule = told
    response = JsonResponse({"message": message, "path": path, "rule": rule}, status=status)
    response._has_been_logged = True  # type: ignore[attr-defined]  # clients' mistakes are told to them, not to the log
    if isinstance(error, resources.MethodError):
        response.headers["Allow"] = ", ".join(error.allowed)
    return response
