"""The document as a page: what there is to read about each operation and schema."""

from dataclasses import dataclass, field
from functools import cache
from http.client import responses
from typing import Any

from django.conf import settings

from .document import document

CREDENTIALS = {
    "APP_NORMAL": "an application's ID and secret key",
    "APP_MANAGEMENT": "those of the App Management application",
    "OAUTH": "a bearer token",
}
Json = dict[str, Any]


@dataclass(frozen=True)
class Type:
    """A type in words; `schema` where it is one that the page describes."""

    words: str
    schema: str = ""


@dataclass(frozen=True)
class Entry:
    """A parameter or property."""

    name: str
    type: Type
    place: str = ""  # path | query | header
    is_required: bool = False
    default: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    status: str
    words: str
    type: Type | None


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    about: str
    is_deprecated: bool
    credentials: str
    scopes: tuple[str, ...]
    parameters: tuple[Entry, ...]
    body_kind: str
    body: Type | None
    body_entries: tuple[Entry, ...]
    answers: tuple[Answer, ...]
    example: str


@dataclass(frozen=True)
class Chapter:
    name: str
    operations: list[Operation] = field(default_factory=list)


@cache
def chapters() -> list[Chapter]:
    """The operations by section."""
    found: dict[str, Chapter] = {}
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            name = operation["tags"][0]
            chapter = found.setdefault(name, Chapter(_spaced(name)))
            chapter.operations.append(_operation(path, method.upper(), operation))
    return list(found.values())


@cache
def schemas() -> list[tuple[str, str, tuple[Entry, ...]]]:
    """Name, description and properties of each."""
    described = document()["components"]["schemas"]
    return [(name, described[name].get("description", ""), _properties(described[name])) for name in sorted(described)]


def _spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() and place else letter for place, letter in enumerate(name))


def _operation(path: str, method: str, operation: Json) -> Operation:
    contents = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(contents), "")
    body: Json | None = contents[kind]["schema"] if kind else None
    kinds = [CREDENTIALS[name] for each in operation["security"] for name in each]
    return Operation(
        name=operation["operationId"],
        method=method,
        path=path,
        about=operation.get("description") or operation["summary"],
        is_deprecated=operation.get("deprecated", False),
        credentials=" or ".join(kinds),
        scopes=tuple(operation["x-any-of-scopes"]),
        parameters=tuple(_parameter(each) for each in operation.get("parameters", ())),
        body_kind=kind,
        body=_type(body) if body else None,
        body_entries=_properties(body) if body and "properties" in body else (),
        answers=tuple(_answer(status, answer) for status, answer in operation["responses"].items()),
        example=_example(path, method, kind),
    )


def _parameter(parameter: Json) -> Entry:
    return _entry(parameter["name"], parameter["schema"], parameter["required"], parameter["in"])


def _properties(schema: Json) -> tuple[Entry, ...]:
    required = schema.get("required", ())
    return tuple(_entry(name, each, name in required) for name, each in schema.get("properties", {}).items())


def _entry(name: str, schema: Json, is_required: bool, place: str = "") -> Entry:
    default = schema.get("default", "")
    said = str(default).lower() if isinstance(default, bool) else str(default or "")
    return Entry(name, _type(schema), place, is_required, said, tuple(schema.get("enum", ())))


def _type(schema: Json) -> Type:
    if len(schema.get("allOf", ())) == 1:
        schema = schema["allOf"][0]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Type(name, name)
    if schema.get("type") == "array":
        of = _type(schema["items"])
        return Type(f"list of {of.words}", of.schema)
    return Type(schema.get("format") or schema.get("type", "any"))


def _answer(status: str, answer: Json) -> Answer:
    schema = next((each["schema"] for each in answer.get("content", {}).values()), None)
    return Answer(status, responses.get(int(status), ""), _type(schema) if schema else None)


def _example(path: str, method: str, kind: str) -> str:
    sends = {
        "multipart/form-data": " -F file=@FILE",
        "application/json": " -H 'Content-Type: application/json' -d '{…}'",
        "application/x-www-form-urlencoded": " -d scope=read",
    }
    how = "" if method == "GET" else f" -X {method}"
    return f"curl -u APP_ID:SECRET{how}{sends.get(kind, '')} '{settings.CONSOLE_ORIGIN}/api/v2{path}'"
