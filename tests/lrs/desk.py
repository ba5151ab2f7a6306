"""A client of an application's store, as tests use it."""

import base64
import json
import uuid
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from realms.models import Application
from realms.services import add_credential
from tests import make

CONTENT, CONSOLE = urlsplit(settings.CONTENT_ORIGIN).netloc, urlsplit(settings.CONSOLE_ORIGIN).netloc
ADA = {"objectType": "Agent", "mbox": "mailto:ada@example.com"}
BOB = {"objectType": "Agent", "account": {"homePage": "https://example.com", "name": "bob"}}
DONE, TRIED = "http://adlnet.gov/expapi/verbs/completed", "http://adlnet.gov/expapi/verbs/attempted"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"
LESSON, COURSE = "https://example.com/lesson", "https://example.com/course"


def statement(**properties: Any) -> dict[str, Any]:
    """Ada completed the lesson, with what is given instead or beside."""
    return {"actor": ADA, "verb": {"id": DONE}, "object": {"id": LESSON}, **properties}


def refers(target: str, verb: str = TRIED, **properties: Any) -> dict[str, Any]:
    return statement(verb={"id": verb}, object={"objectType": "StatementRef", "id": target}, **properties)


def voids(target: str, **properties: Any) -> dict[str, Any]:
    return refers(target, VOIDED, **properties)


def new_id() -> str:
    return str(uuid.uuid4())


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


class Lrs:
    """Requests to a store; `authorization` is the header, the application's own key unless another is given."""

    def __init__(
        self,
        application: Application | None = None,
        authorization: str | None = None,
        version: str = "1.0.3",
        below: str = "",
        host: str = CONTENT,
    ) -> None:
        self.application = application or make.application()
        app_id = self.application.app_id
        self.authorization = basic(app_id, add_credential(self.application)) if authorization is None else authorization
        self.root = f"/lrs/{app_id}/{below}"
        self.version = version
        self.client = Client(headers={"host": host})

    def ask(
        self, method: str, resource: str, body: Any = b"", content_type: str = "application/json", **options: Any
    ) -> HttpResponse:
        """`headers` and `parameters` as options; a body that is no bytes is sent as JSON."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"X-Experience-API-Version": self.version, "Authorization": self.authorization}
        headers |= options.get("headers", {})
        query = urlencode(options.get("parameters", {}))
        address = resource if resource.startswith("/") else self.root + resource
        return self.client.generic(
            method,
            address + (f"?{query}" if query else ""),
            sent,
            content_type=content_type,
            headers={name: value for name, value in headers.items() if value is not None},
        )

    def post(self, body: Any, **options: Any) -> HttpResponse:
        return self.ask("POST", "statements", body, **options)

    def stored(self, *statements: dict[str, Any]) -> list[str]:
        """The ids of statements that must be taken, sent as one batch."""
        answer = self.post(list(statements))
        assert answer.status_code == 200, answer.content
        return answer.json()

    def put(self, id: str, body: Any, **options: Any) -> HttpResponse:
        return self.ask("PUT", "statements", body, parameters={"statementId": id}, **options)

    def get(self, **parameters: Any) -> HttpResponse:
        return self.ask("GET", "statements", parameters=_texts(parameters))

    def found(self, **parameters: Any) -> list[str]:
        """The ids of the statements that a query finds, newest first."""
        answer = self.get(**parameters)
        assert answer.status_code == 200, answer.content
        return [each["id"] for each in answer.json()["statements"]]

    def one(self, id: str, **parameters: Any) -> dict[str, Any]:
        answer = self.get(statementId=id, **parameters)
        assert answer.status_code == 200, answer.content
        return answer.json()


def _texts(parameters: dict[str, Any]) -> dict[str, str]:
    """Agents as JSON, true and false in small letters."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}


def multipart(*parts: tuple[dict[str, str], bytes], boundary: str = "limit") -> tuple[bytes, str]:
    """A body and its Content-Type."""
    body = b""
    for headers, content in parts:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body += f"--{boundary}\r\n{head}\r\n".encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f'multipart/mixed; boundary="{boundary}"'
