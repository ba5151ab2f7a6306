"""What is refused, and the one place where an error of a room below becomes a status and `{"message": …}`."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.core.files.uploadhandler import StopUpload
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from content.errors import ContentError, CourseExists, DiskFull, OverPlan, TooManyFetches
from content.versions import FileMissing
from lrs.providers import ProviderError
from realms import web
from realms.applications import ApplicationError, ApplicationNotEmpty, DeletingDisabled
from realms.configuration.levels import SettingError
from realms.usage import UsageError
from registrations.errors import CourseGone, RegistrationError, RegistrationExists
from registrations.learners import LearnerError
from registrations.links import LinkError
from standards.errors import PackageError

log = logging.getLogger(__name__)
WORDS: dict[type[Exception], str] = {
    ObjectDoesNotExist: "What the path names was deleted a moment ago.",
    RequestDataTooBig: "The body is larger than is allowed.",
    TooManyFilesSent: "The body has more files than are allowed.",
}
BUSY = "The database does not answer at the moment, or not in time. Nothing that was asked for was done; try again."
INTERNAL = "Something went wrong on our side. Nothing that was asked for was done."


class ApiError(Exception):
    """A request that is not answered as asked; the message names the field or id."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.headers, self.more = status, message, headers or {}, more


class NotAuthenticated(ApiError):
    """401: nobody is let in by what was sent. Both keys: clients look for one or the other."""

    def __init__(self, message: str) -> None:
        header = {"WWW-Authenticate": 'Basic realm="SCORM Cloud API", charset="UTF-8"'}
        super().__init__(401, message, header, error="Authorization Required.")


class BadValue(ApiError):
    """400: a value of a field cannot be; `field` as it is called on the wire."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(400, f"{field}: {message}")


def check_address(field: str, url: str) -> None:
    """Raises BadValue for an address that may never be asked, without any look-up."""
    try:
        web.check(url)
    except web.WebError as error:
        raise BadValue(field, str(error)) from error


class NotFound(ApiError):
    """404: `NotFound("Course", "golf")`."""

    def __init__(self, what: str, id: object, where: str = "application") -> None:
        super().__init__(404, f"{what} ID '{str(id)[:255]}' does not exist in this {where}.")


STATUS: dict[type[Exception], int] = {
    CourseExists: 409,
    OverPlan: 403,
    FileMissing: 404,
    DiskFull: 503,
    TooManyFetches: 429,
    ContentError: 400,
    PackageError: 400,
    ApplicationNotEmpty: 409,
    DeletingDisabled: 403,
    ApplicationError: 400,
    SettingError: 400,
    LearnerError: 400,
    RegistrationExists: 400,  # 409 for courses alone: clients were written for that
    CourseGone: 404,
    RegistrationError: 400,
    LinkError: 400,
    UsageError: 403,
    ObjectDoesNotExist: 404,  # deleted since it was looked up
    ProviderError: 400,
    web.WebError: 400,
    MultiPartParserError: 400,
    UnreadablePostError: 400,
    RequestDataTooBig: 413,
    TooManyFilesSent: 413,
    StopUpload: 413,
    SuspiciousOperation: 400,
    BadRequest: 400,
}


def _kind(error: Exception) -> type[Exception] | None:
    """What it is in STATUS; None where it should not have come."""
    return next((kind for kind in type(error).__mro__ if kind in STATUS), None)


@contextmanager
def naming(field: str, *kinds: type[Exception]) -> Iterator[None]:
    """What a room below refuses as a bad value is told with the name of the field, which it does not know."""
    try:
        yield
    except kinds as error:
        if STATUS.get(_kind(error) or Exception) != 400:
            raise
        raise BadValue(field, str(error)) from error


def answer(status: int, message: str, headers: Mapping[str, str] | None = None, **more: Any) -> HttpResponse:
    """An error as every operation answers it."""
    response = HttpResponse(orjson.dumps({"message": message, **more}), status=status, content_type="application/json")
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def answer_to(error: Exception) -> HttpResponse:
    """The answer that an exception stands for."""
    if isinstance(error, ApiError):
        return _quiet_if_not_built(answer(error.status, error.message, error.headers, **error.more), error.message)
    if isinstance(error, ValidationError):
        return answer(400, "; ".join(_in_words(each) for each in error.errors[:5]))
    if isinstance(error, HttpError):  # ninja's own, around what was wrong with a body
        cause = error.__cause__
        return answer_to(cause) if isinstance(cause, ApiError) else answer(error.status_code, str(error))
    if isinstance(error, OperationalError):
        log.error("the database did not answer an operation of the API", exc_info=error)
        return answer(503, BUSY, {"Retry-After": "1"})  # which the official clients heed where it is safe to ask again
    if kind := _kind(error):
        return answer(STATUS[kind], WORDS.get(kind) or str(error) or "The request cannot be understood.")
    log.error("an operation of the API failed", exc_info=error)
    return answer(500, INTERNAL)


def _quiet_if_not_built(response: HttpResponse, message: str) -> HttpResponse:
    """Who asks for what is not built is told so: it is no failure, as which Django logs every status from 500 on."""
    if response.status_code == 501:
        log.info(message)
        response._has_been_logged = True  # type: ignore[attr-defined]  # django.utils.log.log_response
    return response


def register(api: NinjaAPI) -> None:
    """Have every exception of an operation answered here."""

    def handle(request: HttpRequest, error: Any) -> HttpResponse:
        return answer_to(error)

    for kind in (Exception, HttpError, ValidationError, ApiError):
        api.add_exception_handler(kind, handle)


def _in_words(error: Mapping[str, Any]) -> str:
    """One complaint about a value: `orderBy: it must be one of created_asc, created_desc.`"""
    source, *path = error["loc"]
    if path and not (source == "path" or len(path) == 1):
        path = path[1:]  # the argument of the operation, which is no name on the wire
    name = _named(source, path)
    return f"{name}: {_WORDS.get(error['type'], _as_it_says)(error)}"


def _named(source: str, path: list[Any]) -> str:
    if source == "body" and len(path) <= 1 and (not path or path[0] in ("body", "document")):
        return "body"
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    if source == "path":
        head, *tail = text.split("_")
        return head + "".join(word.capitalize() for word in tail)
    return text or source


def _as_it_says(error: Mapping[str, Any]) -> str:
    words = re.sub(r"^(Value error, )?((Input|String|List) )?", "", str(error["msg"])).removesuffix(".")
    return f"it {words}." if words.startswith("should") else f"{words}."


def _allowed(error: Mapping[str, Any]) -> str:
    return f"it must be one of {str(error['ctx']['expected']).replace(' or ', ', ').replace(chr(39), '')}."


_WORDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda error: "it is missing.",
    "literal_error": _allowed,
    "enum": _allowed,
    "bool_parsing": lambda error: "it must be true or false.",
    "bool_type": lambda error: "it must be true or false.",
    "int_parsing": lambda error: "it must be a whole number.",
    "int_type": lambda error: "it must be a whole number.",
    "int_parsing_size": lambda error: "it is too large a number.",
    "string_type": lambda error: "it must be a text.",
    "list_type": lambda error: "it must be a list.",
    "model_type": lambda error: "it must be an object.",
    "model_attributes_type": lambda error: "it must be an object.",
    "dict_type": lambda error: "it must be an object.",
    "string_too_long": lambda error: f"it has more than {error['ctx']['max_length']} characters.",
    "too_long": lambda error: f"it has more than {error['ctx']['max_length']} entries.",
    "string_too_short": lambda error: f"it has fewer than {error['ctx']['min_length']} characters.",
}
