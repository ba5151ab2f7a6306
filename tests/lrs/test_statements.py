"""Statements over HTTP: stored as they came, once, whole batches or nothing (1.0.3 Communication 2.1, Data 2)."""

import hashlib
import json
import re

import pytest
from django.utils.http import parse_http_date

from lrs.models import Attachment, Mention, Statement
from tests.lrs.desk import ADA, BOB, LESSON, Lrs, multipart, new_id, refers, statement, voids

pytestmark = pytest.mark.django_db


@pytest.fixture
def lrs() -> Lrs:
    return Lrs()


@pytest.fixture
def lrs2() -> Lrs:
    return Lrs(version="2.0.0", below="v2/")


def test_a_statement_is_kept_as_it_came_with_what_the_store_adds(lrs: Lrs):
    sent = statement(
        result={"score": {"raw": 1.50, "max": 2}, "extensions": {"https://x.example/ü": [1, None, "日本"]}}
    )

    (id,) = lrs.stored(sent)
    kept = lrs.one(id)

    added = {name: kept.pop(name) for name in ("id", "stored", "timestamp", "authority", "version")}
    assert kept == sent
    assert added["id"] == id
    assert added["version"] == "1.0.0"
    assert added["timestamp"] == added["stored"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", added["stored"])
    assert added["authority"] == {
        "objectType": "Agent",
        "name": lrs.application.name,
        "account": {"homePage": "http://localhost:8000/", "name": lrs.application.app_id},
    }


def test_the_text_of_a_statement_is_not_changed(lrs: Lrs):
    text = '{"actor" : {"mbox":"mailto:ada@example.com"},\n"verb":{"id":"x:y"}, "object":{"id":"x:z"},"timestamp":'
    body = f'{text}"2024-01-01T00:00:00Z","result":{{"score":{{"raw":1.10}}}} }}'.encode()

    (id,) = lrs.post(body).json()

    assert Statement.objects.get(uuid=id).body.startswith(body.decode()[:-2])


def test_stored_and_authority_are_never_the_clients(lrs: Lrs):
    (id,) = lrs.stored(statement(stored="2001-01-01T00:00:00Z", authority=BOB, timestamp="2001-01-01T00:00:00+02:00"))

    kept = lrs.one(id)

    assert not kept["stored"].startswith("2001")
    assert kept["authority"]["account"]["name"] == lrs.application.app_id
    assert kept["timestamp"] == "2001-01-01T00:00:00+02:00"


def test_2_0_keeps_times_in_utc(lrs2: Lrs):
    (id,) = lrs2.stored(statement(timestamp="2024-05-04T12:00:00.25-05:00"))

    kept = lrs2.one(id)

    assert kept["timestamp"] == "2024-05-04T17:00:00.250000Z"
    assert kept["version"] == "2.0.0"


def test_a_single_context_activity_becomes_a_list(lrs: Lrs):
    (id,) = lrs.stored(statement(context={"contextActivities": {"parent": {"id": LESSON}}}))

    assert lrs.one(id)["context"] == {"contextActivities": {"parent": [{"id": LESSON}]}}


def test_the_order_of_a_batch_is_the_order_of_stored(lrs: Lrs):
    ids = lrs.stored(*(statement() for _ in range(5)))

    assert lrs.found(ascending=True) == ids
    assert lrs.found() == ids[::-1]
    stored = list(Statement.objects.order_by("stored").values_list("stored", flat=True))
    assert stored == sorted(set(stored))


def test_put_needs_the_id_of_the_address(lrs: Lrs):
    id = new_id()

    assert lrs.put(id, statement()).status_code == 204
    assert lrs.put(id.upper(), statement(id=id)).status_code == 204  # the same again
    refused = lrs.put(new_id(), statement(id=id))

    assert lrs.found() == [id]
    assert (refused.status_code, refused.json()["path"]) == (400, "id")
    assert lrs.ask("PUT", "statements", statement()).json()["path"] == "statementId"
    assert lrs.put(new_id(), [statement()]).status_code == 400


def test_the_same_statement_again_changes_nothing(lrs: Lrs):
    sent = statement(id=new_id(), timestamp="2024-01-01T00:00:00Z")
    lrs.stored(sent)
    before = lrs.one(sent["id"])

    again = lrs.stored(sent, statement())  # a batch may hold it beside others

    assert again[0] == sent["id"]
    assert lrs.one(sent["id"]) == before
    assert Statement.objects.count() == 2


def test_another_statement_under_the_same_id_is_a_conflict_and_stores_nothing(lrs: Lrs):
    sent = statement(id=new_id())
    lrs.stored(sent)

    refused = lrs.post([statement(), statement(id=sent["id"], actor=BOB)])

    assert refused.status_code == 409
    assert refused.json()["path"] == "id"
    assert lrs.found() == [sent["id"]]


def test_one_wrong_statement_refuses_the_batch_and_is_named(lrs: Lrs):
    refused = lrs.post([statement(), statement(actor={"mbox": "ada@example.com"})])

    assert refused.status_code == 400
    assert refused.json()["path"] == "statements[1].actor.mbox"
    assert refused.json()["rule"].startswith("xAPI Data 2.4.2")
    assert lrs.found() == []


def test_an_id_twice_in_a_batch_is_refused(lrs: Lrs):
    id = new_id()

    assert lrs.post([statement(id=id), statement(id=id.upper())]).status_code == 400
    assert Statement.objects.count() == 0


def test_an_empty_batch_stores_nothing(lrs: Lrs):
    assert lrs.post([]).json() == []


def test_a_batch_of_thousands_is_stored_in_few_queries(lrs: Lrs, django_assert_max_num_queries):
    with django_assert_max_num_queries(150):
        ids = lrs.stored(*(statement(id=new_id()) for _ in range(2000)))

    assert Statement.objects.count() == len(ids) == 2000
    assert lrs.post([statement()] * 5001).status_code == 413


# --- voiding (Data 2.3.2) ---------------------------------------------------------------------------------------------


def test_a_voided_statement_is_found_as_voided_alone(lrs: Lrs):
    (id,) = lrs.stored(statement())

    (voiding,) = lrs.stored(voids(id))

    assert lrs.found() == [voiding]
    assert lrs.get(statementId=id).status_code == 404
    assert lrs.get(voidedStatementId=id).json()["id"] == id
    assert lrs.get(voidedStatementId=voiding).status_code == 404


def test_a_statement_voided_before_it_comes_is_voided(lrs: Lrs):
    id = new_id()
    (voiding,) = lrs.stored(voids(id))

    lrs.stored(statement(id=id))

    assert lrs.found() == [voiding]
    assert lrs.get(voidedStatementId=id).status_code == 200


def test_a_statement_is_voided_in_its_own_batch(lrs: Lrs):
    id = new_id()

    _, voiding = lrs.stored(statement(id=id), voids(id))

    assert lrs.found() == [voiding]


def test_what_voids_cannot_be_voided(lrs: Lrs):
    (id,) = lrs.stored(statement())
    (voiding,) = lrs.stored(voids(id))
    early = new_id()
    lrs.stored(voids(early))

    refused = lrs.post(voids(voiding))
    lrs.stored(voids(new_id(), id=early))  # the target of the earlier one voids, too

    assert (refused.status_code, refused.json()["path"]) == (400, "object.id")
    assert lrs.get(statementId=voiding).status_code == 200
    assert lrs.get(statementId=early).status_code == 200


# --- attachments (Data 2.4.11, Communication 1.5.2) -------------------------------------------------------------------

CONTENT = b"a photo\r\n--not the boundary\r\n\0\xff"
SHA2 = hashlib.sha256(CONTENT).hexdigest()


def attachment(**properties: object) -> dict:
    return {
        "usageType": "https://example.com/photo",
        "display": {"en": "A photo"},
        "contentType": "image/jpeg",
        "length": len(CONTENT),
        "sha2": SHA2,
        **properties,
    }


def with_parts(*parts: tuple[dict[str, str], bytes], **properties: object) -> tuple[bytes, str]:
    sent = json.dumps(statement(attachments=[attachment(**properties)])).encode()
    return multipart(({"Content-Type": "application/json"}, sent), *parts)


PART = ({"Content-Type": "image/jpeg", "Content-Transfer-Encoding": "binary", "X-Experience-API-Hash": SHA2}, CONTENT)


def test_an_attachment_comes_back_byte_for_byte(lrs: Lrs):
    body, content_type = with_parts(PART)
    (id,) = lrs.post(body, content_type=content_type).json()

    answer = lrs.get(attachments=True)

    boundary = answer.headers["Content-Type"].partition("boundary=")[2]
    _, first, second, end = answer.content.split(f"--{boundary}".encode())
    assert json.loads(first.partition(b"\r\n\r\n")[2])["statements"][0]["id"] == id
    head, _, content = second.partition(b"\r\n\r\n")
    assert content == CONTENT + b"\r\n"
    assert f"X-Experience-API-Hash: {SHA2}".encode() in head
    assert end == b"--\r\n"
    assert lrs.get(statementId=id, attachments=False).headers["Content-Type"] == "application/json"


def test_the_same_content_is_kept_once(lrs: Lrs):
    body, content_type = with_parts(PART)

    for _ in range(2):
        assert lrs.post(body, content_type=content_type).status_code == 200

    assert Attachment.objects.count() == 1


def test_an_attachment_elsewhere_needs_no_content(lrs: Lrs):
    assert lrs.post(statement(attachments=[attachment(fileUrl="https://example.com/photo.jpg")])).status_code == 200


OTHER = {"X-Experience-API-Hash": hashlib.sha256(b"another").hexdigest(), "Content-Transfer-Encoding": "binary"}
BAD_PARTS = {
    "no content": (),
    "another hash": ((OTHER, b"another"),),
    "a part too many": (PART, (OTHER, b"another")),
    "content of another hash": ((PART[0], CONTENT + b"."),),
    "no hash": (({"Content-Transfer-Encoding": "binary"}, CONTENT),),
    "no hash at all": (({"Content-Transfer-Encoding": "binary", "X-Experience-API-Hash": "x"}, CONTENT),),
    "base64": ((PART[0] | {"Content-Transfer-Encoding": "base64"}, CONTENT),),
}


@pytest.mark.parametrize("case", BAD_PARTS)
def test_parts_that_do_not_fit_the_statement_are_refused(lrs: Lrs, case: str):
    body, content_type = with_parts(*BAD_PARTS[case])

    refused = lrs.post(body, content_type=content_type)

    assert refused.status_code == 400
    assert refused.json()["message"]
    assert (Statement.objects.count(), Attachment.objects.count()) == (0, 0)


BAD_BODIES = {
    "no boundary in the header": lambda body: (body, "multipart/mixed"),
    "another boundary": lambda body: (body, "multipart/mixed; boundary=other"),
    "an end that is missing": lambda body: (body.replace(b"--limit--", b""), 'multipart/mixed; boundary="limit"'),
    "no part": lambda body: (b"--limit--\r\n", "multipart/mixed; boundary=limit"),
    "no empty line": lambda body: (b"--limit\r\nX: y\r\n--limit--", "multipart/mixed; boundary=limit"),
    "form data": lambda body: (body, 'multipart/form-data; boundary="limit"'),
    "text": lambda body: (body, "text/plain"),
}


@pytest.mark.parametrize("case", BAD_BODIES)
def test_bodies_that_are_no_multipart_are_refused(lrs: Lrs, case: str):
    body, content_type = BAD_BODIES[case](with_parts(PART)[0])

    refused = lrs.post(body, content_type=content_type)

    assert refused.status_code == 400
    assert Statement.objects.count() == 0


# --- what was asked for -----------------------------------------------------------------------------------------------


def test_one_statement_says_when_it_was_stored(lrs: Lrs):
    (id,) = lrs.stored(statement())

    answer = lrs.get(statementId=id)

    modified = parse_http_date(answer.headers["Last-Modified"])
    assert modified == Statement.objects.get(uuid=id).stored // 1_000_000


def test_statements_in_the_three_formats(lrs: Lrs):
    named = {"id": LESSON, "definition": {"name": {"en": "Lesson", "de": "Lektion"}}}
    lrs.stored(statement(object=named))
    (id,) = lrs.stored(statement(actor=ADA | {"name": "Ada"}))
    german = {"headers": {"Accept-Language": "de"}, "parameters": {"statementId": id, "format": "canonical"}}

    exact, ids = lrs.one(id), lrs.one(id, format="ids")
    canonical = lrs.ask("GET", "statements", **german).json()

    assert (exact["actor"]["name"], exact["object"]) == ("Ada", {"id": LESSON})
    assert (ids["actor"], ids["object"]) == (ADA, {"id": LESSON})
    assert canonical["object"]["definition"] == {"name": {"de": "Lektion"}}


def test_a_page_leads_to_the_next_until_all_were_seen(lrs: Lrs):
    ids = lrs.stored(*(statement() for _ in range(5)))
    seen, answer = [], lrs.get(limit=2, agent=ADA)

    while True:
        page = answer.json()
        seen += [each["id"] for each in page["statements"]]
        if not page["more"]:
            break
        lrs.stored(statement())  # what comes meanwhile is on no later page
        answer = lrs.ask("GET", page["more"])

    assert seen == ids[::-1]


def test_an_address_of_more_is_of_its_store_and_not_to_be_changed(lrs: Lrs):
    lrs.stored(statement(), statement())
    more = lrs.get(limit=1).json()["more"]
    other = Lrs()

    assert lrs.ask("GET", more[:-1] + ("a" if more[-1] != "a" else "b")).status_code == 400
    assert other.ask("GET", more.replace(lrs.root, other.root)).status_code == 400
    assert lrs.ask("GET", f"{more}&limit=2").status_code == 400


def test_mentions_go_with_the_application(lrs: Lrs):
    (id,) = lrs.stored(statement())
    lrs.stored(refers(id))

    lrs.application.delete()

    assert (Statement.objects.count(), Mention.objects.count()) == (0, 0)
