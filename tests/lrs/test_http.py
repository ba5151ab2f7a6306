"""The door: versions, alternate request syntax, CORS, HEAD, and bodies of every bad kind (1.0.3 Communication 1, 3)."""

import json
from urllib.parse import urlencode

import pytest

from lrs.models import Statement
from tests.lrs.desk import ADA, CONSOLE, CONTENT, LESSON, Lrs, new_id, statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def lrs() -> Lrs:
    return Lrs()


# --- versions (3.3) ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("below", "asked", "status", "answered"),
    [
        ("", "1.0.3", 200, "1.0.3"),
        ("", "1.0", 200, "1.0.3"),
        ("", "2.0.0", 200, "2.0.0"),
        ("", None, 400, "1.0.3"),
        ("", "0.95", 400, "1.0.3"),
        ("v2/", "1.0.3", 200, "1.0.3"),
        ("v2/", "2.0", 200, "2.0.0"),
        ("v2/", None, 400, "2.0.0"),
        ("v2/", "3.0", 400, "2.0.0"),
        ("sandbox/", "1.0.3", 200, "1.0.3"),
        ("sandbox/v2/", None, 400, "2.0.0"),
    ],
)
@pytest.mark.parametrize("host", [CONTENT, CONSOLE])
def test_the_version_asked_for_or_the_endpoints_own(
    host: str, below: str, asked: str | None, status: int, answered: str
):
    lrs = Lrs(version=asked, below=below, host=host)

    answer = lrs.get()

    assert answer.status_code == status
    assert answer.headers["X-Experience-API-Version"] == answered
    assert answer.headers["X-Experience-API-Consistent-Through"].endswith("Z")
    assert dict(answer.cookies) == {}


def test_about_is_for_everybody():
    answer = Lrs(authorization="", version=None).ask("GET", "about")

    assert answer.status_code == 200
    assert answer.json()["version"] == ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0"]


# --- alternate request syntax (1.3) -----------------------------------------------------------------------------------


def form(lrs: Lrs, method: str, resource: str = "statements", **fields: str):
    headers = {"X-Experience-API-Version": None, "Authorization": None}
    fields = {"Authorization": lrs.authorization, "X-Experience-API-Version": lrs.version} | fields
    return lrs.ask(
        "POST",
        resource,
        urlencode(fields).encode(),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
        parameters={"method": method},
    )


def test_a_form_stands_for_any_method(lrs: Lrs):
    id = new_id()
    place = {"activityId": LESSON, "agent": json.dumps(ADA), "stateId": "s"}

    assert form(lrs, "PUT", statementId=id, content=json.dumps(statement(), ensure_ascii=False)).status_code == 204
    assert form(lrs, "GET", limit="1").json()["statements"][0]["id"] == id
    kind = {"Content-Type": "text/plain"}
    assert form(lrs, "PUT", "activities/state", content="ünï", **place, **kind).status_code == 204
    found = form(lrs, "GET", "activities/state", **place)
    assert (found.content.decode(), found.headers["Content-Type"]) == ("ünï", "text/plain")
    assert form(lrs, "DELETE", "activities/state", **place, **{"If-Match": '"0"'}).status_code == 412


BAD_FORMS = {
    "no content": lambda lrs: form(lrs, "PUT", statementId=new_id()),
    "an unknown method": lambda lrs: form(lrs, "PATCH", content="{}"),
    "a wrong version": lambda lrs: form(lrs, "GET", **{"X-Experience-API-Version": "0.8"}),
    "parameters in the query": lambda lrs: lrs.ask("POST", "statements?method=GET&limit=1"),
    "a PUT": lambda lrs: lrs.ask("PUT", "statements?method=GET"),
}


@pytest.mark.parametrize("case", BAD_FORMS)
def test_a_form_that_is_wrong_is_refused(lrs: Lrs, case: str):
    assert BAD_FORMS[case](lrs).status_code == 400


def test_2_0_has_no_forms():
    lrs = Lrs(version="2.0.0", below="v2/")

    assert form(lrs, "GET").status_code == 400
    assert lrs.ask("POST", "statements?method=GET", b"limit=1").json()["path"] == "method"


# --- CORS, HEAD, methods ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [CONTENT, CONSOLE])
def test_content_of_any_origin_may_ask(host: str):
    lrs = Lrs(host=host)
    origin = {"Origin": "https://content.example", "Access-Control-Request-Method": "PUT"}

    preflight = lrs.ask(
        "OPTIONS", "statements", headers=origin | {"Authorization": None, "X-Experience-API-Version": None}
    )
    answer = lrs.ask("GET", "statements", headers=origin)
    refused = lrs.ask("GET", "statements", headers=origin | {"Authorization": None})

    assert preflight.status_code == 204
    assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    for name in ("Authorization", "If-Match", "X-Experience-API-Version"):
        assert name in preflight.headers["Access-Control-Allow-Headers"]
    for each in (preflight, answer, refused):
        assert each.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in each.headers
        assert "ETag" in each.headers["Access-Control-Expose-Headers"]


def test_head_is_get_without_its_body(lrs: Lrs):
    lrs.stored(statement())

    got, head = lrs.ask("GET", "statements"), lrs.ask("HEAD", "statements")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.content))


@pytest.mark.parametrize(
    ("method", "resource", "status"),
    [
        ("DELETE", "statements", 405),
        ("PATCH", "statements", 405),
        ("POST", "agents?agent={}", 405),
        ("PUT", "activities", 405),
        ("POST", "about", 405),
        ("GET", "elsewhere", 404),
        ("GET", "statements/", 404),
    ],
)
def test_what_a_resource_does_not_do(lrs: Lrs, method: str, resource: str, status: int):
    answer = lrs.ask(method, resource)

    assert answer.status_code == status
    assert set(answer.json()) == {"message", "path", "rule"}
    assert ("Allow" in answer.headers) == (status == 405)


# --- bodies and parameters of every bad kind --------------------------------------------------------------------------

TEXT = json.dumps(statement(result={"response": "X"})).encode()


def deep(levels: int) -> bytes:
    inside = b'{"a":' * levels + b"1" + b"}" * levels
    return TEXT.replace(b'"response": "X"', b'"extensions": {"x:y": ' + inside + b"}")


BAD_BODIES = {
    "nothing": b"",
    "text": b"hello",
    "a number": b"1",
    "null": b"null",
    "a string": b'"x"',
    "nulls": b"[null]",
    "half": TEXT[:-5],
    "two": TEXT + TEXT,
    "a list with a comma too many": b"[" + TEXT + b",]",
    "a list without commas": b"[" + TEXT + TEXT + b"]",
    "a list with something behind": b"[" + TEXT + b"] x",
    "a key twice": TEXT.replace(b'"result"', b'"verb": {"id": "x:y"}, "result"'),
    "a key twice inside": TEXT.replace(b'"response"', b'"response": "Y", "response"'),
    "NaN": TEXT.replace(b'"X"', b"NaN"),
    "infinity": TEXT.replace(b'"response": "X"', b'"score": {"raw": 1e999}'),
    "endless digits": TEXT.replace(b'"response": "X"', b'"score": {"raw": ' + b"9" * 9999 + b"}"),
    "not UTF-8": TEXT.replace(b"X", b"\xff"),
    "UTF-16": TEXT.decode().encode("utf-16"),
    "NUL": TEXT.replace(b"X", b"\0"),
    "NUL as an escape": TEXT.replace(b"X", rb"\u0000"),
    "half of a surrogate pair": TEXT.replace(b"X", rb"\ud83d"),
    "half of a pair as a key": TEXT.replace(b'"response": "X"', rb'"extensions": {"x:\udc00": 1}'),
    "deep": deep(150),
    "very deep": deep(100_000),
    "deep lists": b"[" * 100_000,
}


@pytest.mark.parametrize("case", BAD_BODIES)
def test_a_body_that_is_wrong_is_refused_in_words(lrs: Lrs, case: str):
    refused = lrs.post(BAD_BODIES[case])

    assert refused.status_code == 400
    assert refused.json()["message"]
    assert Statement.objects.count() == 0


@pytest.mark.parametrize("text", [rb"\ud83d\ude00", rb"\\u0000", "日本".encode(), rb"\u00e9"])
def test_a_text_that_only_looks_wrong_is_kept(lrs: Lrs, text: bytes):
    (id,) = lrs.post(TEXT.replace(b"X", text)).json()

    assert lrs.one(id)["result"]["response"] == json.loads(b'"' + text + b'"')


def test_nesting_within_the_limit_is_kept(lrs: Lrs):
    assert lrs.post(deep(90)).status_code == 200


def test_a_body_that_is_too_large_is_refused_unread(lrs: Lrs, settings):
    settings.STATEMENTS_MAX_BYTES = len(TEXT)

    assert lrs.post(TEXT).status_code == 200
    assert lrs.post(TEXT + b" ").status_code == 413


@pytest.mark.parametrize(
    "query", ["limit=1&limit=1", "agent=%ff", "verb=x:%00", "&".join(f"a{number}=1" for number in range(100))]
)
def test_parameters_that_cannot_be_read_are_refused(lrs: Lrs, query: str):
    assert lrs.ask("GET", f"statements?{query}").status_code == 400
