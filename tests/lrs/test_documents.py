"""State and profiles over HTTP: names, merging, preconditions (1.0.3 Communication 2.2 to 2.7, 3.1; 2.0 4.1.4)."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse

from lrs.models import Document
from tests.lrs.desk import ADA, BOB, LESSON, Lrs, new_id, statement

pytestmark = pytest.mark.django_db

AGENT = json.dumps(ADA)
PLACES = {
    "activities/state": {"activityId": LESSON, "agent": AGENT, "stateId": "bookmark"},
    "activities/profile": {"activityId": LESSON, "profileId": "settings"},
    "agents/profile": {"agent": AGENT, "profileId": "settings"},
}
ANY = {"headers": {"If-None-Match": "*"}}


@pytest.fixture
def lrs() -> Lrs:
    return Lrs()


def ask(lrs: Lrs, method: str, resource: str, body: object = b"", **options: object) -> HttpResponse:
    changed = options.pop("changed", {})
    parameters = {name: value for name, value in (PLACES[resource] | changed).items() if value is not None}
    return lrs.ask(method, resource, body, parameters=parameters, **options)


@pytest.mark.parametrize("resource", PLACES)
def test_a_document_comes_back_byte_for_byte_with_its_type_and_tag(lrs: Lrs, resource: str):
    content = b"\0\xff any bytes"

    assert ask(lrs, "PUT", resource, content, content_type="image/x-odd; a=b", **ANY).status_code == 204
    answer = ask(lrs, "GET", resource)

    assert answer.content == content
    assert answer.headers["Content-Type"] == "image/x-odd; a=b"
    assert answer.headers["ETag"] == f'"{hashlib.sha1(content).hexdigest()}"'
    assert answer.headers["Last-Modified"]
    head = ask(lrs, "HEAD", resource)
    assert (head.content, head.headers["Content-Length"], head.headers["ETag"]) == (b"", "12", answer.headers["ETag"])


@pytest.mark.parametrize("resource", PLACES)
def test_a_post_merges_one_level_deep(lrs: Lrs, resource: str):
    assert ask(lrs, "POST", resource, {"a": {"x": 1}, "b": 2}).status_code == 204
    assert ask(lrs, "POST", resource, {"a": {"y": "ü"}, "c": 3}).status_code == 204

    assert ask(lrs, "GET", resource).json() == {"a": {"y": "ü"}, "b": 2, "c": 3}


REFUSED = {
    "no JSON to merge": (b"text", "text/plain"),
    "JSON that is none": (b"{", "application/json"),
    "no object": (b"[1]", "application/json"),
    "a key twice": (b'{"a":1,"a":2}', "application/json"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("resource", PLACES)
def test_what_cannot_be_merged_changes_nothing(lrs: Lrs, resource: str, case: str):
    ask(lrs, "POST", resource, {"a": 1})

    body, content_type = REFUSED[case]
    refused = ask(lrs, "POST", resource, body, content_type=content_type)

    assert refused.status_code == 400
    assert refused.json()["message"]
    assert ask(lrs, "GET", resource).json() == {"a": 1}


@pytest.mark.parametrize("resource", PLACES)
def test_json_is_not_merged_into_what_is_none(lrs: Lrs, resource: str):
    ask(lrs, "PUT", resource, b"text", content_type="text/plain", **ANY)

    assert ask(lrs, "POST", resource, {"a": 1}).status_code == 400
    assert ask(lrs, "GET", resource).content == b"text"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize("resource", PLACES)
def test_if_match_names_the_document_that_is_there(lrs: Lrs, resource: str, method: str):
    ask(lrs, "POST", resource, {"a": 1})
    etag = ask(lrs, "GET", resource).headers["ETag"]

    wrong = ask(lrs, method, resource, {"a": 2}, headers={"If-Match": '"0000"'})
    untouched = ask(lrs, "GET", resource).json()
    right = ask(lrs, method, resource, {"a": 2}, headers={"If-Match": etag})

    assert (wrong.status_code, untouched, right.status_code) == (412, {"a": 1}, 204)
    after = ask(lrs, "GET", resource)
    assert after.status_code == 404 if method == "DELETE" else after.json() == {"a": 2}
    assert ask(lrs, method, resource, {"a": 3}, headers={"If-Match": etag}).status_code == 412


@pytest.mark.parametrize("resource", PLACES)
def test_if_none_match_makes_a_document_once(lrs: Lrs, resource: str):
    statuses = [ask(lrs, "PUT", resource, {"a": number}, **ANY).status_code for number in (1, 2)]

    assert statuses == [204, 412]
    assert ask(lrs, "GET", resource).json() == {"a": 1}


@pytest.mark.parametrize(
    ("version", "resource", "new", "again"),
    [
        ("1.0.3", "activities/state", 204, 204),
        ("1.0.3", "activities/profile", 400, 409),
        ("1.0.3", "agents/profile", 400, 409),
        ("2.0.0", "activities/state", 204, 409),
        ("2.0.0", "activities/profile", 204, 409),
        ("2.0.0", "agents/profile", 204, 409),
    ],
)
def test_a_put_that_states_no_condition(version: str, resource: str, new: int, again: int):
    lrs = Lrs(version=version)

    first = ask(lrs, "PUT", resource, {"a": 1})
    ask(lrs, "POST", resource, {"a": 1})
    second = ask(lrs, "PUT", resource, {"a": 2})

    assert (first.status_code, second.status_code) == (new, again)
    assert ask(lrs, "GET", resource).json() == ({"a": 2} if again == 204 else {"a": 1})


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("resource", PLACES)
def test_what_was_written_says_its_etag_so_that_it_can_be_replaced_at_once(lrs: Lrs, resource: str, method: str):
    written = ask(lrs, method, resource, {"a": 1}, **ANY)

    again = ask(lrs, "PUT", resource, {"a": 2}, headers={"If-Match": written.headers["ETag"]})

    assert (written.status_code, again.status_code) == (204, 204)
    assert ask(lrs, "GET", resource).headers["ETag"] == again.headers["ETag"] != written.headers["ETag"]


@pytest.mark.parametrize("resource", PLACES)
def test_names_are_listed_since_a_time(lrs: Lrs, resource: str):
    name = "stateId" if resource == "activities/state" else "profileId"
    for each in ("one", "two"):
        ask(lrs, "POST", resource, {"a": 1}, changed={name: each})
    Document.objects.filter(name="one").update(updated=datetime.now(UTC) - timedelta(days=2))
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat().replace("+00:00", "Z")

    every = ask(lrs, "GET", resource, changed={name: None})
    late = ask(lrs, "GET", resource, changed={name: None, "since": yesterday})

    assert (every.json(), late.json()) == (["one", "two"], ["two"])
    assert every.headers["Last-Modified"]


def test_state_is_kept_by_registration_and_deleted_as_one(lrs: Lrs):
    one, two = new_id(), new_id()
    for registration in (None, one, two):
        ask(lrs, "POST", "activities/state", {"of": registration}, changed={"registration": registration})

    found = [
        ask(lrs, "GET", "activities/state", changed={"registration": registration}).json()["of"]
        for registration in (None, one.upper(), two)
    ]
    ask(lrs, "DELETE", "activities/state", changed={"stateId": None, "registration": one})
    left = [
        ask(lrs, "GET", "activities/state", changed={"registration": registration}).status_code
        for registration in (None, one, two)
    ]
    ask(lrs, "DELETE", "activities/state", changed={"stateId": None})

    assert found == [None, one, two]
    assert left == [200, 404, 200]
    assert Document.objects.count() == 0


@pytest.mark.parametrize("resource", PLACES)
def test_documents_are_told_apart_by_all_that_names_them(lrs: Lrs, resource: str):
    ask(lrs, "POST", resource, {"a": 1})
    others = [{name: json.dumps(BOB) if name == "agent" else "https://else.example/x"} for name in PLACES[resource]]

    assert {ask(lrs, "GET", resource, changed=changed).status_code for changed in others} == {404}
    assert {ask(lrs, "GET", other).status_code for other in set(PLACES) - {resource}} == {404}


@pytest.mark.parametrize("resource", PLACES)
def test_deleting_what_is_not_there_is_no_fault(lrs: Lrs, resource: str):
    assert ask(lrs, "DELETE", resource).status_code == 204


@pytest.mark.parametrize("resource", PLACES)
def test_a_parameter_that_is_missing_or_not_known_is_named(lrs: Lrs, resource: str):
    for name in PLACES[resource]:
        assert ask(lrs, "PUT", resource, {}, changed={name: None}).json()["path"] == name
    assert ask(lrs, "PUT", resource, {}, changed={"x": "y"}).json()["path"] == "x"


def test_a_document_that_is_too_large_is_refused(lrs: Lrs, settings):
    settings.DOCUMENT_MAX_BYTES = 100

    refused = ask(lrs, "POST", "activities/state", b"x" * 101, content_type="text/plain")

    assert refused.status_code == 413
    assert Document.objects.count() == 0


# --- agents and activities --------------------------------------------------------------------------------------------


def test_a_person_has_the_names_statements_give(lrs: Lrs):
    lrs.stored(statement(actor=ADA | {"name": "Ada"}), statement(actor=ADA | {"name": "A. Lovelace"}))

    person = lrs.ask("GET", "agents", parameters={"agent": AGENT}).json()

    assert person == {"objectType": "Person", "name": ["A. Lovelace", "Ada"], "mbox": ["mailto:ada@example.com"]}


def test_an_activity_is_what_statements_said_of_it_together(lrs: Lrs):
    lrs.stored(statement(object={"id": LESSON, "definition": {"name": {"en": "Lesson"}, "type": "x:old"}}))
    lrs.stored(
        statement(object={"id": LESSON, "definition": {"name": {"de": "Lektion"}, "type": "x:new"}}), statement()
    )

    known = lrs.ask("GET", "activities", parameters={"activityId": LESSON}).json()
    unknown = lrs.ask("GET", "activities", parameters={"activityId": "x:y"}).json()

    definition = {"name": {"en": "Lesson", "de": "Lektion"}, "type": "x:new"}
    assert known == {"objectType": "Activity", "id": LESSON, "definition": definition}
    assert unknown == {"objectType": "Activity", "id": "x:y"}
