"""Every operation of the document, asked for by strangers: with ids of another application, and without credentials."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.document import document
from registrations.registering import NewRegistration, register
from tests import make
from tests.api.calling import Api, api, course, management, message, multipart

pytestmark = pytest.mark.django_db

BODY: dict[str, Any] = {
    "title": "x",
    "name": "x",
    "tags": ["x"],
    "ids": ["golf", "r1", "ada"],
    "settings": [],
    "id": "ada",
    "url": "https://example.com/x",
    "fetchUrl": "https://example.com/x",
    "destination": "x",
    "redirectOnExitUrl": "",
    "courseId": "golf",
    "registrationId": "r2",
    "learner": {"id": "ada"},
    "secret": "s" * 20,
    "isEnabled": True,
    "auth": {"xapiCredentialAuthType": "BASICAUTH"},
    "permissionsLevel": {"xapiCredentialPermissionsLevel": "READONLY"},
}
ANY = {  # ids that nothing has
    "courseId": "golf",
    "versionId": "0",
    "registrationId": "r1",
    "instanceId": "0",
    "learnerId": "ada",
    "settingId": "PlayerShowNavBar",
    "importJobId": "6f2c1f5e-8f0e-4a52-9a0e-0d4f7f8f1a11",
    "xapiCredentialId": "x",
    "childAppId": "ABCDEFGHIJ",
    "credentialId": "1",
}
QUERY = "?relativePath=imsmanifest.xml&userEmail=x@example.com&courseId=golf"


def operations() -> Iterator[tuple[str, str, str, dict]]:
    """operationId, method, path and what is said of it: of everything that is in the document."""
    for path, found in document()["paths"].items():
        for method, operation in found.items():
            yield operation["operationId"], method.upper(), path, operation


ALL = list(operations())
# they name a setting of the caller's own application, and an id that each application chooses for itself
OWN = ("deleteApplicationConfigurationSetting", "setXapiCredential")
NAMING = [each for each in ALL if "{" in each[2] or each[0].endswith("TagsBatch")]


def is_management(operation: dict) -> bool:
    return operation["security"][0].get("APP_MANAGEMENT") == []


def asked(of: Api, method: str, path: str, ids: dict[str, str]) -> Any:
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, path
    body: dict[str, Any] = multipart(b"x", destination="x") if path.endswith("/upload") else {"body": BODY}
    return of.call(method, path + QUERY, **body)


@pytest.fixture
def theirs() -> dict[str, str]:
    """Ids of everything there is in an application of another realm, by the names that paths have for them."""
    owner = api()
    golf = course(owner)
    assert golf.current_version is not None
    register(golf.current_version, NewRegistration("r1", "ada"))
    body = {name: BODY[name] for name in ("name", "secret", "isEnabled", "auth", "permissionsLevel")}
    credential = owner.post("/xapi/credentials", body).json()["result"]
    upload = owner.post("/courses/importJobs/upload?courseId=tennis", **multipart(b"x"))
    return ANY | {
        "importJobId": upload.json()["result"],
        "xapiCredentialId": credential,
        "childAppId": owner.application.app_id,
        "credentialId": str(owner.credential.pk),
    }


@pytest.mark.parametrize(("name", "method", "path", "operation"), NAMING, ids=[each[0] for each in NAMING])
def test_what_another_application_has_does_not_exist(name: str, method: str, path: str, operation: dict, theirs: dict):
    mine = management() if is_management(operation) else api(make.realm())

    found = asked(mine, method, path, theirs)

    if (
        name == "deleteApplicationConfigurationSetting" or name == "setXapiCredential"
    ):  # names a setting of the caller's own
        assert found.status_code == 204
    else:
        assert found.status_code == 404, found.content
        assert method == "HEAD" or "does not exist in this" in message(found)[1]


@pytest.mark.parametrize(("name", "method", "path", "operation"), ALL, ids=[each[0] for each in ALL])
def test_nobody_is_let_in_without_credentials(name: str, method: str, path: str, operation: dict):
    stranger = Api(make.application(), "Basic eDp5")

    found = asked(stranger, method, path, ANY)

    assert found.status_code == 401
    assert method == "HEAD" or found.json()["error"] == "Authorization Required."


def is_for_one_kind(operation: dict) -> bool:
    """Whether applications that manage others may ask it and others not, or the other way round."""
    return len({kind for each in operation["security"] for kind in each} - {"OAUTH"}) == 1


FOR_ONE_KIND = [each for each in ALL if is_for_one_kind(each[3])]


@pytest.mark.parametrize(("name", "method", "path", "operation"), FOR_ONE_KIND, ids=[each[0] for each in FOR_ONE_KIND])
def test_the_other_kind_of_application_is_refused(name: str, method: str, path: str, operation: dict):
    mine = api(make.realm()) if is_management(operation) else management()

    assert asked(mine, method, path, ANY).status_code == 403


@pytest.mark.parametrize(("name", "method", "path", "operation"), ALL, ids=[each[0] for each in ALL])
def test_a_token_of_another_scope_is_refused(name: str, method: str, path: str, operation: dict):
    mine = management() if is_management(operation) else api(make.realm())
    needed = set(operation["x-any-of-scopes"])
    other = {"read:ping", "read:about", "read:dispatch", "write:dispatch", "delete:dispatch"} - needed

    assert asked(mine.with_token(*other), method, path, ANY).status_code == 403
