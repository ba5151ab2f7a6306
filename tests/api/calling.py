"""Calls to the API as a customer's system makes them, without a server."""

import base64
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from content.models import Course
from realms.models import Application, Credential, Realm
from realms.services import add_credential
from tests import make
from tests.packages import package_zip

BASE = "/api/v2"


def basic(app_id: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{app_id}:{secret}'.encode()).decode()}"


class Api:
    """An application and its key."""

    def __init__(self, application: Application, authorization: str = "") -> None:
        self.application = application
        self.secret = "" if authorization else add_credential(application, f"Tests {timezone.now()}")
        self.authorization = authorization or basic(application.app_id, self.secret)
        self.client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> HttpResponse:
        """The answer to a request whose body, where there is one, is JSON."""
        more.setdefault("content_type", "application/json")
        headers = {"Authorization": self.authorization, "Host": "localhost", **more.pop("headers", {})}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(method, BASE + path, data, headers=headers, **more)

    def get(self, path: str, **more: Any) -> HttpResponse:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self.call("POST", path, body, **more)

    def put(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self.call("PUT", path, body, **more)

    def delete(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self.call("DELETE", path, body, **more)

    @property
    def credential(self) -> Credential:
        return self.application.credentials.get(ending=self.secret[-4:])

    def with_token(self, *scopes: str) -> "Api":
        """The same application, by a bearer token of these scopes."""
        body = {"permissions": {"scopes": scopes}, "expiry": "2099-01-01T00:00:00Z"}
        found = self.post("/appManagement/token", body)
        assert found.status_code == 200, found.content
        return Api(self.application, f"Bearer {found.json()['result']}")


def api(of: Realm | None = None) -> Api:
    """A caller of a new application."""
    return Api(make.application(of))


def management(of: Realm | None = None) -> Api:
    """A caller of the realm's App Management application."""
    realm = of or make.realm()
    return Api(realm.applications.filter(is_management=True).first() or make.application(realm, is_management=True))


def message(answer: HttpResponse) -> tuple[int, str]:
    """Status and message of an error."""
    return answer.status_code, answer.json()["message"]


def course(of: Api, course_id: str = "golf", archive: bytes | str = "scorm12_single", **wish: Any) -> Course:
    """A course of the caller's application, by the real import; `archive` is one of tests/packages or any bytes."""
    data = archive if isinstance(archive, bytes) else package_zip(archive)
    return make.imported(of.application, data, "package.zip", course_id=course_id, **wish)


def multipart(archive: bytes, name: str = "package.zip", **fields: str) -> dict[str, Any]:
    """Body and type of a request with a file, as `call` takes them."""
    body = b"".join(
        f'--b0undary\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    )
    disposition = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    body += f"--b0undary\r\n{disposition}\r\nContent-Type: application/zip\r\n\r\n".encode()
    body += archive + b"\r\n--b0undary--\r\n"
    return {"body": body, "content_type": "multipart/form-data; boundary=b0undary"}
