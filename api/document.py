"""The OpenAPI document of what is built, from the code that answers."""

import re
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from ninja import NinjaAPI
from pydantic.alias_generators import to_camel

from .addresses import PREFIX
from .parts import api
from .scopes import SCOPES

TOKEN_URL = "/api/v2/oauth/authenticate/application/token"  # noqa: S105 -- an address
BASIC = "User: the application ID; password: one of its secret keys."


@cache
def document() -> dict[str, Any]:
    return described(api, PREFIX)


def described(of: NinjaAPI, prefix: str) -> dict[str, Any]:
    """The document of what answers below an address."""
    made: dict[str, Any] = _without_null(
        orjson.loads(orjson.dumps(dict(of.get_openapi_schema(path_prefix="")), option=orjson.OPT_NON_STR_KEYS))
    )
    made["paths"] = {_camel(path): _operations(found) for path, found in made["paths"].items()}
    made["servers"] = [{"url": f"{settings.CONSOLE_ORIGIN}{prefix}"}]
    made["components"]["securitySchemes"] = {
        "APP_NORMAL": {"type": "http", "scheme": "basic", "description": BASIC},
        "APP_MANAGEMENT": {
            "type": "http",
            "scheme": "basic",
            "description": f"{BASIC} Of the realm's App Management application.",
        },
        "OAUTH": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": TOKEN_URL, "scopes": {scope: scope for scope in SCOPES}}},
        },
    }
    return made


@cache
def as_bytes() -> bytes:
    return orjson.dumps(document())


def _camel(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: f"{{{to_camel(match[1])}}}", path)


def _operations(found: dict[str, Any]) -> dict[str, Any]:
    for operation in found.values():
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                parameter["name"] = to_camel(parameter["name"])
            elif parameter["in"] == "query" and parameter["schema"].get("type") == "array":
                parameter |= {"style": "form", "explode": False}
    return found


def _without_null(part: Any) -> Any:
    """Nothing here is null: what has no value is absent. Titles made of names say nothing."""
    if isinstance(part, list):
        return [_without_null(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {
        name: _without_null(each)
        for name, each in part.items()
        if not (name == "title" and isinstance(each, str) and ("type" in part or "anyOf" in part or "$ref" in part))
    }
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        del kept["anyOf"]
        kept = {**rest[0], **kept} if len(rest) == 1 else {**kept, "anyOf": rest}
    return kept
