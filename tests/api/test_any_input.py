"""Whatever is sent, right or wrong by the document, is answered: never by a failure of ours."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode

from api import realm
from api.addresses import REALM_PREFIX
from api.document import document
from registrations.registering import NewRegistration, register
from tests.api import calling
from tests.api.calling import Api, api, course, management

pytestmark = pytest.mark.django_db
EXAMPLES = 25
OPERATIONS = {
    operation["operationId"]: (path, method)
    for path, found in document()["paths"].items()
    for method, operation in found.items()
}
REALM = json.loads(realm.document_as_bytes())
KNOWN = {
    "courseId": "golf",
    "versionId": 0,
    "settingId": "PlayerShowNavBar",
    "registrationId": "r1",
    "instanceId": 0,
}


def operation_of(path: str, method: str, of: dict[str, Any]) -> Any:
    """The operation as schemathesis knows it, for what is right by the document and for what is wrong."""
    config = schemathesis.Config.from_dict({"generation": {"mode": "all"}})
    return schemathesis.openapi.from_dict(of, config=config)[path][method.upper()]


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_nothing_that_is_sent_makes_an_operation_fail(name: str, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    mine, manager = api(), management()
    golf = course(mine)
    assert golf.current_version is not None
    register(golf.current_version, NewRegistration("r1", "ada"))
    manages = document()["paths"][OPERATIONS[name][0]][OPERATIONS[name][1]]["security"][0].get("APP_MANAGEMENT") == []

    found = answers(manager if manages else mine, operation_of(*OPERATIONS[name], document()))

    assert failures(found) == {}


@pytest.mark.parametrize("path", sorted(REALM["paths"]))
def test_nothing_that_is_sent_makes_a_realm_endpoint_fail(path: str, settings, monkeypatch: pytest.MonkeyPatch):
    settings.API_REQUESTS_PER_MINUTE = 0
    monkeypatch.setattr(calling, "BASE", REALM_PREFIX)

    found = answers(management(), operation_of(path, "get", REALM))

    assert failures(found) == {}
    assert 200 in found


def answers(caller: Api, operation: Any) -> dict[int, Any]:
    """Each status that came, and what was sent for it."""
    found: dict[int, Any] = {}

    @quiet
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def right(case: Any) -> None:
        found.setdefault(send(caller, case), case)

    @quiet
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def wrong(case: Any) -> None:
        found.setdefault(send(caller, case), case)

    right()
    wrong()
    return found


def failures(found: dict[int, Any]) -> dict[int, Any]:
    return {status: case for status, case in found.items() if status >= 500 and status != 501}


quiet = hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def send(caller: Api, case: Any) -> int:
    """The status of the answer; about every other time the path names something that is there."""
    values = {
        name: KNOWN.get(name, value) if len(str(value)) % 2 else value for name, value in case.path_parameters.items()
    }
    path = case.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(str(value).encode("utf-8", "replace").decode(), safe=""))
    query = urlencode(case.query or {}, doseq=True, errors="replace")
    body, kind = b"", case.media_type or "application/json"
    if not isinstance(case.body, schemathesis.core.NotSet):
        if kind == "application/json":
            body = json.dumps(case.body, default=str).encode("utf-8", "replace")
        else:
            body = str(case.body).encode("utf-8", "replace")
            kind += "; boundary=x" if kind.startswith("multipart") else ""
    headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
    return caller.call(case.method, f"{path}?{query}", body, content_type=kind, headers=headers).status_code
