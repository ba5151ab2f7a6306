"""Who is let in, and what every operation does alike."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from api.description import operations
from api.errors import answer_to
from api.parts import SECTIONS
from api.sections import api as ninja
from realms.models import Credential
from tests import make
from tests.api.calling import BASE, Api, api, basic, message

pytestmark = pytest.mark.django_db


def test_ping_greets_the_application():
    mine = api()

    found = mine.get("/ping")

    assert found.status_code == 200
    assert found.json()["apiMessage"] == f"Hello {mine.application.name} ({mine.application.app_id})"
    assert found.json()["currentTime"].endswith("Z")
    assert "Set-Cookie" not in found.headers


def test_about_tells_version_and_application():
    mine = api()

    assert mine.get("/about").json() == {"version": ninja.version, "distribution": mine.application.name}


@pytest.mark.parametrize("path", ["//ping", "///ping", "/ping/", "//ping//"])
def test_slashes_may_be_double(path: str):
    assert api().get(path).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Basic AGI6Yw==", "Bearer", "Bearer x:y:z", "Digest a=b"],
)
def test_without_right_credentials_nobody_is_let_in(header: str):
    found = Client().get(f"{BASE}/ping", headers={"Authorization": header, "Host": "localhost"})

    assert found.status_code == 401
    assert set(found.json()) == {"message", "error"}
    assert found.json()["error"] == "Authorization Required."
    assert found.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_key_opens_its_own_application_alone():
    mine, other = api(), api()

    found = Api(mine.application, basic(mine.application.app_id, other.secret)).get("/ping")

    assert found.status_code == 401


def test_a_key_that_is_disabled_opens_nothing_from_then_on():
    mine = api()
    token = mine.with_token("read")
    assert token.get("/ping").status_code == 200

    Credential.objects.filter(application=mine.application).update(is_enabled=False)

    assert mine.get("/ping").status_code == 401
    assert message(token.get("/ping")) == (401, "The secret key that the bearer token was made by is no longer active.")


def test_the_application_of_a_closed_realm_is_not_let_in():
    mine = api()
    mine.application.realm.closed = timezone.now()
    mine.application.realm.save()

    assert mine.get("/ping").status_code == 401


def test_the_use_of_a_key_is_noted():
    mine = api()
    assert mine.credential.last_used is None

    mine.get("/ping")

    assert timezone.now() - mine.credential.last_used < timedelta(minutes=1)


def test_requests_of_an_application_are_limited(settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    mine, other = api(), api()

    answers = [mine.get("/ping") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert [each.headers["X-RateLimit-Remaining"] for each in answers] == ["1", "0", "0"]
    assert {each.headers["X-RateLimit-Limit"] for each in answers} == {"2"}
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert "More than 2 requests a minute" in answers[2].json()["message"]
    assert other.get("/ping").status_code == 200


def test_a_database_that_is_busy_is_told_as_such_and_may_be_asked_again():
    found = answer_to(OperationalError("database is locked"))

    assert (found.status_code, found.headers["Retry-After"]) == (503, "1")
    assert "locked" not in found.content.decode()


def test_what_is_no_operation_is_not_found():
    assert message(api().get("/nothing")) == (404, "There is no operation at /api/v2/nothing.")
    assert Client().get(f"{BASE}/nothing", headers={"Host": "localhost"}).status_code == 401


def test_a_method_that_is_not_there_is_refused_with_those_that_are():
    found = api().post("/ping")

    assert message(found) == (405, "POST is not possible here; possible: GET.")
    assert found.headers["Allow"] == "GET"


def test_no_operation_of_the_description_fails_for_not_being_built():
    mine = api(make.realm())
    found = {}
    for _, method, template, name in operations():
        path = template.replace("{version_id}", "0").replace("{instance_id}", "0")
        for word in ("course_id", "registration_id", "learner_id"):
            path = path.replace(f"{{{word}}}", "nothing")
        found[name] = mine.call(method, path).status_code

    assert {name: status for name, status in found.items() if status >= 500 and status != 501} == {}
    assert {name for name, status in found.items() if status == 405} == set()


@pytest.mark.parametrize(
    ("text", "is_on"), [("True", True), ("true", True), ("1", True), ("False", False), ("", False)]
)
def test_flags_of_queries_as_clients_of_all_languages_send_them(text: str, is_on: bool):
    mine = api()

    found = mine.get(f"/courses?includeTotalCount={text}&includeRegistrationCount={text}")

    assert (found.status_code, "X-Total-Count" in found.headers) == (200, is_on)


@pytest.mark.parametrize(
    ("method", "path", "body", "name"),
    [
        ("GET", "/dispatch/dispatches", None, "getDispatches"),
        (
            "POST",
            "/courses/importJobs/noUpload?courseId=x",
            {"connectorReferenceRequest": {"connectorId": "x"}},
            "connectorReferenceRequest",
        ),
    ],
)
def test_what_is_not_built_is_counted_and_no_failure_in_the_log(
    method: str, path: str, body: Any, name: str, caplog: pytest.LogCaptureFixture, settings
):
    settings.API_REQUESTS_PER_MINUTE = 10
    mine = api()

    with caplog.at_level(logging.INFO):
        found = mine.call(method, path, body)

    assert (found.status_code, found.headers["X-RateLimit-Remaining"]) == (501, "9")
    assert name in found.json()["message"]
    told = [record for record in caplog.records if record.name.startswith(("django", "api"))]
    assert [(record.levelname, record.getMessage()) for record in told] == [("INFO", found.json()["message"])]


def test_the_document_and_the_reference_need_no_credentials():
    client = Client()

    document = client.get(f"{BASE}/openapi.json", headers={"Host": "localhost"})
    page = client.get(f"{BASE}/reference", headers={"Host": "localhost"})

    assert document.json()["paths"]["/ping"]["get"]["operationId"] == "pingAppId"
    assert page.status_code == 200
    for _, _, name in (each for section in SECTIONS for each in section.declared):
        assert f'id="{name}"' in page.content.decode()


def test_the_api_is_not_on_the_content_origin():
    mine = api()

    assert mine.get("/ping", headers={"Host": "127.0.0.1"}).status_code == 404
