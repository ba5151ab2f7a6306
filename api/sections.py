"""The API and how its operations are declared: one Section for each part of the description.

courses = Section("Course", "course")

@courses.get("/courses/{course_id}", "getCourse", CourseSchema)
def get_course(request: ApiRequest, course_id: str, query: Query[CourseQuery]) -> CourseSchema: …
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http.response import HttpResponseBase
from ninja import NinjaAPI, Router
from ninja.responses import Status

from .access import Caller, authenticate, refuse_unless_for, refuse_unless_in_scope
from .errors import ApiError, register
from .scopes import any_of
from .wire import MessageSchema, Renderer, WireParser

V = TypeVar("V", bound=Callable[..., Any])
VERB_OF = {"GET": "read", "HEAD": "read", "POST": "write", "PUT": "write", "DELETE": "delete"}
NO_TOKEN: tuple[str, ...] = ()  # an operation for secret keys alone


class Access:
    """Lets a caller into one operation: credentials, kind of application, scope, and the right to delete."""

    def __init__(self, kinds: tuple[bool, ...], scopes: tuple[str, ...], deletes: bool, accepts: str) -> None:
        self.kinds, self.scopes, self.deletes, self.accepts = kinds, scopes, deletes, accepts

    def __call__(self, request: Any) -> Caller:
        caller = authenticate(request)
        if len(self.kinds) == 1:
            refuse_unless_for(caller, *self.kinds)
        if not self.scopes and caller.scopes is not None:
            raise ApiError(403, "This operation takes an application ID and a secret key, and no token.")
        refuse_unless_in_scope(caller, self.scopes)
        if self.deletes and not caller.application.allow_delete:
            raise ApiError(403, "Deleting is not permitted in this application (allowDelete is false).")
        if self.accepts and request.content_type not in (self.accepts, ""):
            raise ApiError(415, f"The body must be {self.accepts}.")
        return caller


class Section:
    """The operations under one tag of the description, whose scopes are named after `resource`."""

    def __init__(self, tag: str, resource: str) -> None:
        self.tag, self.resource = tag, resource
        self.router = Router()
        self.declared: list[tuple[str, str, str]] = []  # method, path, operationId

    def get(self, path: str, name: str, answers: Any = None, **more: Any) -> Callable[[V], V]:
        return self.operation("GET", path, name, answers, **more)

    def head(self, path: str, name: str, answers: Any = None, **more: Any) -> Callable[[V], V]:
        return self.operation("HEAD", path, name, answers, **more)

    def post(self, path: str, name: str, answers: Any = None, **more: Any) -> Callable[[V], V]:
        return self.operation("POST", path, name, answers, **more)

    def put(self, path: str, name: str, answers: Any = None, **more: Any) -> Callable[[V], V]:
        return self.operation("PUT", path, name, answers, **more)

    def delete(self, path: str, name: str, answers: Any = None, **more: Any) -> Callable[[V], V]:
        return self.operation("DELETE", path, name, answers, **more)

    def operation(
        self,
        method: str,
        path: str,
        name: str,
        answers: Any = None,
        *,
        verb: str = "",
        scopes: tuple[str, ...] | None = None,
        kinds: tuple[bool, ...] = (False,),
        errors: tuple[int, ...] = (),
        extra: dict[str, Any] | None = None,
        accepts: str = "",
        status: int = 200,
        deprecated: bool = False,
    ) -> Callable[[V], V]:
        """Declare an operation. `answers`: its schema, None for 204 without a body, `bytes` for a file.

        `verb` where its scope is not that of the method, or `scopes` whole; `kinds`: (False,) for applications, (True,)
        for the management application, both for either; `errors`: statuses beyond those that every operation has;
        `accepts`: the type of a body that is no JSON.
        """
        needed = any_of(verb or VERB_OF[method], self.resource) if scopes is None else scopes
        statuses = {400, 401, 403, 429, *errors}
        if "{" in path:
            statuses.add(404)
        if method in ("POST", "PUT", "DELETE"):
            statuses |= {413, 415}
        done: dict[int, Any] = {204: None} if answers is None else {status: None if answers is bytes else answers}
        security: list[dict[str, list[str]]] = [
            {"APP_MANAGEMENT" if is_management else "APP_NORMAL": []} for is_management in kinds
        ]
        if needed:
            security.append({"OAUTH": [next((scope for scope in needed if ":" in scope), needed[0])]})

        def declare(view: V) -> V:
            @wraps(view)
            def with_status(*args: Any, **values: Any) -> Any:
                result = view(*args, **values)
                return result if isinstance(result, HttpResponseBase) else Status(next(iter(done)), result)

            self.declared.append((method, path, name))
            self.router.api_operation(
                [method],
                path,
                auth=Access(kinds, needed, method == "DELETE", accepts),
                response={**done, frozenset(sorted(statuses)): MessageSchema},
                operation_id=name,
                summary=_summary(name),
                tags=[self.tag],
                by_alias=True,
                exclude_none=True,
                deprecated=deprecated or None,
                openapi_extra={"security": security, "x-any-of-scopes": list(needed), **(extra or {})},
            )(with_status)
            return view

        return declare


def _summary(name: str) -> str:
    """`getCourseTags` -> `Get course tags`."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words[:1].upper() + words[1:]


api = NinjaAPI(
    title="SCORM Cloud API",
    version="2.0",
    description="Courses, registrations and results of an application. The application ID and a secret key open it.",
    openapi_url=None,
    docs_url=None,
    renderer=Renderer(),
    parser=WireParser(),
    urls_namespace="api",
)
register(api)
