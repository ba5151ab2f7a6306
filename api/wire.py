"""How values travel: camelCase names, times to the millisecond in UTC, comma-separated lists, JSON without nulls."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import orjson
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel

from .errors import ApiError

MAX_ID = 255  # characters of an id that a caller chooses
MAX_INT = 2**31 - 1


class Wire(BaseModel):
    """A schema: snake_case here, camelCase there. Null is absent; what is not known is ignored.

    A number does for a text: many a system has numbers for ids, and sends them as such.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        """Many a client writes null for what it leaves out."""
        if isinstance(value, dict) and None in value.values():
            return {name: each for name, each in value.items() if each is not None}
        return value


def moment_text(moment: datetime) -> str:
    """`2024-05-31T12:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def read_moment(value: Any) -> datetime:
    """ISO 8601; without a zone it is UTC. A `+` that was sent bare in a query arrives as a space."""
    if isinstance(value, datetime):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > 6 and text[-6] == " " and text[-3] == ":":
        text = f"{text[:-6]}+{text[-5:]}"
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("it must be a time as ISO 8601 writes it, such as 2024-05-31T12:00:00.000Z.") from None


Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    PlainSerializer(moment_text),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _read_end(value: Any) -> datetime:
    """A moment to the end of its millisecond: answers tell no more than that, and rows have microseconds."""
    moment = read_moment(value)
    return moment if moment.microsecond % 1000 else moment + timedelta(microseconds=999)


End = Annotated[
    datetime,
    BeforeValidator(_read_end),
    PlainSerializer(moment_text),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _split(value: Any) -> Any:
    """`tags=a,b`, `tags=a%2Cb` and `tags=a&tags=b` are the same."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        words = (part.strip() for each in value for part in (each.split(",") if isinstance(each, str) else [each]))
        return [word for word in words if word]
    return value


def _read_flag(value: Any) -> Any:
    """Python writes `False`, JavaScript `false`, and PHP writes false as nothing: `name=`."""
    return False if value == "" else value


Flag = Annotated[bool, BeforeValidator(_read_flag)]  # of a query
Words = Annotated[list[str], Field(max_length=500), BeforeValidator(_split)]  # of a query
Id = Annotated[str, Field(min_length=1, max_length=MAX_ID)]  # chosen by the caller
Number = Annotated[int, Field(ge=0, le=MAX_INT)]  # of a version or an instance


class MessageSchema(Wire):
    """Every error."""

    message: str


class StringResultSchema(Wire):
    """StringResultSchema."""

    result: str


class Renderer(BaseRenderer):
    """JSON by orjson."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


class WireParser(Parser):
    """Reads bodies and queries; no database keeps NUL, and JSON's lone surrogates are no text."""

    def parse_body(self, request: HttpRequest) -> Any:
        return read_body(request)

    def parse_querydict(self, data: MultiValueDict, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        found = super().parse_querydict(data, list_fields, request)
        for name, value in found.items():
            refuse_nul(name, value)
        return found


JSON_TYPES = ("application/json", "text/json", "")


def read_body(request: HttpRequest) -> Any:
    """The JSON of a body. Raises ApiError."""
    if request.content_type not in JSON_TYPES:
        raise ApiError(415, f"The body must be application/json, not {str(request.content_type)[:100]}.")
    try:
        document = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise ApiError(400, f"The body is no JSON: {error}") from None
    refuse_nul("body", document)
    return document


def refuse_nul(name: str, value: Any) -> None:
    if any("\0" in text for text in _texts(value)):
        raise ApiError(400, f"{name}: a text has the character NUL.")


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            yield from each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
