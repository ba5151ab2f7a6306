"""The statement viewer and the activity providers' page."""

import json
import re
from datetime import timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lrs import services
from lrs.access import caller_of
from lrs.models import Credential, Statement, moment_of
from lrs.reading import line
from tests import make
from tests.lrs.desk import ADA, BOB, CONSOLE, COURSE, DONE, LESSON, TRIED, Lrs, basic, new_id, statement

pytestmark = pytest.mark.django_db


class Desk:
    """The owner of a realm in the console, and the application that it shows first."""

    def __init__(self) -> None:
        self.owner = make.user()
        self.realm = make.realm(self.owner)
        self.application = make.internal_application(self.realm)
        self.client = Client(headers={"host": CONSOLE})
        self.client.force_login(self.owner)

    def address(self, page: str = "") -> str:
        return f"/r/{self.realm.slug}/statements/{page}"

    def see(self, page: str = "", **parameters: str) -> str:
        answer = self.client.get(self.address(page), parameters)
        assert answer.status_code == 200
        return answer.content.decode()

    def words(self, **parameters: str) -> list[str]:
        """The sentences that are listed."""
        found = re.findall(r'class="statement-words">(.*?)</span>\s', self.see(**parameters), re.S)
        return [" ".join(re.sub(r"<[^>]+>", "", each).split()) for each in found]


@pytest.fixture
def desk() -> Desk:
    return Desk()


SENTENCES = {
    "ada@example.com completed https://example.com/lesson": statement(),
    "Ada finished Lesson score 50 %, passed, in 1 min 00 s": statement(
        actor=ADA | {"name": "Ada"},
        verb={"id": DONE, "display": {"de": "beendete", "en-US": "finished"}},
        object={"id": LESSON, "definition": {"name": {"en": "Lesson"}}},
        result={"score": {"scaled": 0.5}, "success": True, "duration": "PT1M"},
    ),
    "a group of bob, ada@example.com attempted bob score 7 of 9, failed, not completed, answer “x”": statement(
        actor={"objectType": "Group", "member": [BOB, ADA]},
        verb={"id": TRIED},
        object=BOB,
        result={"score": {"raw": 7, "max": 9}, "success": False, "completion": False, "response": "x"},
    ),
    "bob attempted “ada@example.com completed x:y”": statement(
        actor=BOB,
        verb={"id": TRIED},
        object={"objectType": "SubStatement", "actor": ADA, "verb": {"id": DONE}, "object": {"id": "x:y"}},
    ),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_statement_as_a_sentence(sentence: str):
    read = line((1, json.dumps(SENTENCES[sentence] | {"id": new_id()})))

    assert f"{read.actor} {read.verb} {read.object} {read.result}".strip() == sentence


def test_a_number_of_any_size_is_shown():
    sent = statement(id=new_id(), result={"score": {"raw": 10**400}})

    assert line((1, json.dumps(sent))).result.startswith("score 1000")


def test_statements_are_listed_newest_first_and_filtered(desk: Desk):
    registration = new_id()
    parent = {"registration": registration, "contextActivities": {"parent": [{"id": COURSE}]}}
    services.add(desk.application, False, [statement(), statement(actor=BOB, verb={"id": TRIED}, context=parent)])
    services.add(desk.application, True, [statement(object={"id": "x:sandbox"})])
    ada, bob = f"ada@example.com completed {LESSON}", f"bob attempted {LESSON}"

    assert desk.words() == [bob, ada]
    assert desk.words(agent="ada@example.com") == [ada]
    assert desk.words(agent="https://example.com bob") == desk.words(agent=json.dumps(BOB)) == [bob]
    assert desk.words(verb="attempted") == desk.words(verb=TRIED) == [bob]
    assert desk.words(activity=COURSE) == []
    assert desk.words(activity=COURSE, related="on") == desk.words(registration=registration) == [bob]
    assert desk.words(since="2020-01-01T00:00") == [bob, ada]
    assert desk.words(until="2020-01-01T00:00") == []
    assert desk.words(store="sandbox") == ["ada@example.com completed x:sandbox"]


def test_the_time_of_a_filter_is_that_of_the_zone_beside_it(desk: Desk):
    services.add(desk.application, False, [statement()])
    stored = Statement.objects.get().stored
    tokyo = ZoneInfo("Asia/Tokyo")
    type(desk.owner).objects.update(time_zone=tokyo.key)
    before, after = (
        f"{(moment_of(stored) + timedelta(minutes=by)).astimezone(tokyo):%Y-%m-%dT%H:%M}" for by in (-2, 2)
    )

    assert "Stored after (Asia/Tokyo)" in desk.see()
    assert (len(desk.words(since=before)), len(desk.words(since=after))) == (1, 0)


@pytest.mark.parametrize("wrong", [{"agent": "{"}, {"agent": "[" * 999}, {"since": "x"}, {"registration": "1"}])
def test_a_filter_that_is_not_understood_is_told_and_left_out(desk: Desk, wrong: dict[str, str]):
    services.add(desk.application, False, [statement()])

    assert "It is left out" in desk.see(**wrong)
    assert len(desk.words(**wrong)) == 1


def test_what_a_statement_says_is_text_on_the_page(desk: Desk):
    services.add(desk.application, False, [statement(actor=ADA | {"name": "<script>alert(1)</script>"})])

    page = desk.see()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_older_statements_are_a_page_away(desk: Desk):
    services.add(desk.application, False, [statement(object={"id": f"x:{number}"}) for number in range(60)])

    first = desk.words()
    more = re.search(r"more=([^&\"]+)", desk.see())
    assert more is not None
    second = desk.words(more=unquote(more[1]))

    assert [len(first), len(second)] == [50, 10]
    assert second[-1].endswith("x:0")
    assert desk.client.get(desk.address(), {"more": "x"}).status_code == 302


def test_the_list_is_sent_again_only_when_something_came(desk: Desk):
    services.add(desk.application, False, [statement()])
    latest = str(Statement.objects.get().stored)
    ask = {"headers": {"HX-Target": "statements"}}

    unchanged = desk.client.get(desk.address(), {"seen": latest}, **ask)
    services.add(desk.application, False, [statement(actor=BOB)])
    changed = desk.client.get(desk.address(), {"seen": latest}, **ask)

    assert (unchanged.status_code, changed.status_code) == (204, 200)
    assert "bob" in changed.content.decode()
    assert "<html" not in changed.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_few_queries(desk: Desk, count: int, django_assert_num_queries):
    services.add(desk.application, False, [statement() for _ in range(count)])
    desk.see()

    with django_assert_num_queries(8):
        desk.see()


# --- import and export ------------------------------------------------------------------------------------------------


def take(desk: Desk, content: bytes, **parameters: str) -> str:
    """Import a file; the message of the page after."""
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    file = SimpleUploadedFile("statements.jsonl", content)
    answer = desk.client.post(desk.address(f"import/?{query}"), {"file": file}, follow=True)
    return " ".join(str(each) for each in answer.context["messages"])


def test_an_export_can_be_imported_elsewhere_and_twice(desk: Desk):
    lrs = Lrs(desk.application)
    lrs.post(json.dumps([statement(), statement(actor=BOB)], indent=1).encode())
    exported = desk.client.get(desk.address("export/")).getvalue()

    messages = [take(desk, exported, store="sandbox") for _ in range(2)]

    assert [json.loads(each)["actor"] for each in exported.splitlines()] == [ADA, BOB]
    assert messages == ["2 statements are in the store."] * 2
    assert len(desk.words(store="sandbox")) == 2
    assert {each["id"] for each in map(json.loads, exported.splitlines())} == set(lrs.found())


GOOD = json.dumps(statement()).encode()
BAD_FILES = {
    "Line 3: actor is missing": b'\n\n{"verb":{"id":"x:y"},"object":{"id":"x:y"}}',
    "Line 2: This is no JSON": GOOD + b"\nhello",
    "Line 2: actor is missing": GOOD + b'\n{"verb":{"id":"x:y"},"object":{"id":"x:y"}}\n' + GOOD,
    "Line 1: The body is not UTF-8": b"\xff",
    "Choose a file": b"",
}


@pytest.mark.parametrize("message", BAD_FILES)
def test_a_file_with_a_wrong_line_is_refused_whole(desk: Desk, message: str):
    assert take(desk, BAD_FILES[message]).startswith(message)
    assert Statement.objects.count() == 0


def test_a_wrong_line_after_hundreds_undoes_them(desk: Desk):
    assert take(desk, GOOD + b"\n" + b"\n".join([GOOD] * 900) + b"\n{}").startswith("Line 902")
    assert Statement.objects.count() == 0


def test_a_file_that_is_too_large_is_refused(desk: Desk, settings):
    settings.STATEMENTS_MAX_BYTES = len(GOOD)

    assert "split it" in take(desk, GOOD + b"\n" + GOOD)
    assert Statement.objects.count() == 0


# --- activity providers -----------------------------------------------------------------------------------------------


def test_a_provider_is_made_shown_once_used_switched_off_and_deleted(desk: Desk):
    wish = {"name": "LMS", "application": desk.application.pk, "permission": "READONLY"}
    page = desk.client.post(desk.address("providers/add/"), wish)
    made = Credential.objects.get()
    secret = re.search(r'id="new-secret"[^>]*value="([^"]+)"', page.content.decode())
    assert secret is not None
    lrs = Lrs(desk.application, basic(made.key, secret[1]))

    first = [lrs.get().status_code, lrs.post(statement()).status_code]
    later = desk.see("providers/")
    desk.client.post(desk.address(f"providers/{made.pk}/"), {"enabled": "0"})
    off = lrs.get().status_code
    desk.client.post(desk.address(f"providers/{made.pk}/delete/"))

    assert first == [200, 403]
    assert "LMS" in later
    assert secret[1] not in later
    assert (off, Credential.objects.count()) == (401, 0)
    assert "no-store" in page.headers["Cache-Control"]


def test_a_provider_is_of_an_application_of_the_realm(desk: Desk):
    other = make.application()
    wish = {"name": "LMS", "application": other.pk, "permission": "DEFAULT"}

    assert desk.client.post(desk.address("providers/add/"), wish).status_code == 422
    assert Credential.objects.count() == 0


def test_statements_of_another_realms_application_are_not_shown(desk: Desk):
    other = make.application()
    services.store(caller_of(other), [statement()])

    assert desk.words(application=other.app_id) == []
    assert desk.client.get(desk.address("export/"), {"application": other.app_id}).getvalue() == b""
    assert other.name not in desk.see(application=other.app_id)
