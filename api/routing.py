"""Finds the operation of a request.

Servers hand the path over decoded, so `%2F` within an id is a slash like any other. Every operation whose path fits is
a candidate, the one with most fixed words first; one that knows no such id gives way to the next. So the courses `a`,
`a/b` and `a/tags` all have addresses, and `/api/v2//courses` is `/api/v2/courses`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse

from . import errors
from .access import authenticate
from .addresses import PREFIX
from .description import operations
from .errors import ApiError
from .idempotency import once
from .parts import SECTIONS, api
from .wire import refuse_nul

Answer = Callable[..., HttpResponse]
# Ids that we make: no slash is in them. All others are the caller's.
OURS = ("version_id", "instance_id", "setting_id", "import_job_id", "child_app_id", "credential_id")
NOT_YET = "The operation {} is part of the API but not built in this version."


@dataclass(frozen=True)
class Route:
    """A path with its names in braces, and what answers there."""

    template: str
    pattern: re.Pattern[str]
    answer: Answer
    methods: tuple[str, ...] = ()  # none: `answer` decides

    @property
    def rank(self) -> tuple[int, list[bool]]:
        words = self.template.split("/")
        return -sum("{" not in word for word in words), ["{" in word for word in words]


@cache
def routes() -> dict[str, list[Route]]:
    """By the first word of the path: every operation, the most exact path first, what is built before what is not."""
    built = {(method, path) for section in SECTIONS for method, path, _ in section.declared}
    found: dict[str, Route] = {}
    for pattern in api.urls[0]:
        template = re.sub(r"<(\w+)>", r"{\1}", f"/{pattern.pattern}")
        if template != "/" and pattern.callback:  # that is ninja's own page
            found.setdefault(template, Route(template, _pattern(template), pattern.callback))
    later = [
        Route(template, _pattern(template), _later(name), (method,))
        for _, method, template, name in operations()
        if (method, template) not in built
    ]
    by_word: dict[str, list[Route]] = {}
    for route in sorted([*found.values(), *later], key=lambda route: route.rank):
        by_word.setdefault(route.template.split("/")[1], []).append(route)
    return by_word


def _pattern(template: str) -> re.Pattern[str]:
    def part(match: re.Match[str]) -> str:
        return f"(?P<{match[1]}>{'[^/]+' if match[1] in OURS else '.+'})"

    return re.compile(re.sub(r"\{(\w+)\}", part, template), re.DOTALL)


def _later(name: str) -> Answer:
    def answer(request: HttpRequest, **values: Any) -> HttpResponse:
        authenticate(request)
        raise ApiError(501, NOT_YET.format(name))

    return answer


def answer(request: HttpRequest) -> HttpResponse:
    """Answer a request to the API, whatever it is."""
    try:
        refuse_nul("path", request.path_info)
        response = once(request, _answer) if request.method == "POST" else _answer(request)
    except Exception as error:
        response = errors.answer_to(error)
    return finish(request, response)


def finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """With the headers that every answer has."""
    if rate := getattr(request, "rate", None):
        for name, value in rate.headers().items():
            response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))
    return response


def _answer(request: HttpRequest) -> HttpResponse:
    allowed: list[str] = []
    unknown = None
    for route, values in _candidates(request.path_info.removeprefix(PREFIX)):
        if route.methods and request.method not in route.methods:
            allowed += route.methods
            continue
        response = route.answer(request, **values)
        if response.status_code == 405:
            allowed += response.headers["Allow"].split(", ")
        elif response.status_code == 404:
            unknown = unknown or response
        else:
            return response
    if unknown is not None:
        return unknown
    authenticate(request)
    if allowed:
        methods = ", ".join(sorted(set(allowed)))
        raise ApiError(405, f"{request.method} is not possible here; possible: {methods}.", {"Allow": methods})
    raise ApiError(404, f"There is no operation at {request.path_info[:300]}.")


def _candidates(path: str) -> Iterator[tuple[Route, dict[str, str]]]:
    tried = set()
    single = re.sub("/+", "/", path)
    for form in (re.sub("^/+", "/", path), single, single.rstrip("/")):
        for route in routes().get(form[1:].partition("/")[0], ()):
            match = route.pattern.fullmatch(form)
            key = (route.template, route.methods, tuple(match.groups()) if match else ())
            if match and key not in tried:
                tried.add(key)
                yield route, match.groupdict()
