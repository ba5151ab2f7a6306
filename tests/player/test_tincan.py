"""Tin Can content at its door: the launch address, the endpoint bound to it, and results from statements."""

import io
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from lrs.models import Document, Statement
from registrations import services
from registrations.links import LaunchLink
from registrations.models import Answer, CallLog, LaunchRecord, Question, Registration
from registrations.reports import summing
from registrations.services import ReplacedError
from standards.structure import Learner, Outcome
from tests import make
from tests.standards.xapi.packages import package_zip

pytestmark = pytest.mark.django_db
HOST = "127.0.0.1:8000"
ONLY = "https://example.com/tincan/single"
SEVERAL = "https://example.com/tincan/several"
UUID = "12345678-1234-5678-1234-567812345678"


class Content:
    """What the content of a launch does: it reads its address and speaks to the endpoint named there."""

    def __init__(self, client: Any, registration: Registration | None, key: str = "") -> None:
        """Of a launch that has started, or of a preview's with that key."""
        self.client = client
        if registration is not None:
            self.registration = registration
            self.played = make.launch(registration)
        else:
            services.start(key)
            self.played = make.Played(key, ONLY, 0)
        self.address = self.shown()["href"]
        given = {name: values[0] for name, values in parse_qs(urlsplit(self.address).query).items()}
        self.endpoint = urlsplit(given["endpoint"]).path
        self.auth = given["auth"]
        self.actor = json.loads(given["actor"])
        self.given = given

    def shown(self) -> dict[str, Any]:
        return self.client.get(f"/play/{self.played.key}/state", HTTP_HOST=HOST).json()["launch"]

    def ask(self, method: str, resource: str, body: Any = None, query: Any = None, auth: str | None = None, **headers):
        address = self.endpoint + resource
        if query:
            address += "?" + "&".join(f"{name}={value}" for name, value in query.items())
        data = body if isinstance(body, (str, bytes)) else json.dumps(body) if body is not None else ""
        auth = self.auth if auth is None else auth
        all_headers = {"Authorization": auth, "X-Experience-API-Version": "1.0.3", **headers}
        return self.client.generic(method, address, data, "application/json", headers=all_headers, HTTP_HOST=HOST)

    def statement(self, verb: str, activity: str = "", **rest: Any) -> dict[str, Any]:
        return {
            "actor": self.actor,
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
            "object": {"id": activity or self.given["activity_id"]},
            "context": {"registration": self.given["registration"]},
            **rest,
        }

    def say(self, *statements: dict[str, Any]) -> list[str]:
        response = self.ask("POST", "statements", list(statements))
        assert response.status_code == 200, response.content
        return response.json()

    def outcome(self) -> tuple[str, str, float | None]:
        self.registration.refresh_from_db()
        return self.registration.completion, self.registration.success, self.registration.score


@pytest.fixture
def single(client) -> Content:
    return Content(client, make.registration(make.course_of_zip(package_zip("single"))))


@pytest.fixture
def several(client) -> Content:
    return Content(client, make.registration(make.course_of_zip(package_zip("several"))))


# --- the address ------------------------------------------------------------------------------------------------------


def test_launch_address_has_all_that_content_looks_for(single, settings):
    instance = single.registration.instances.get()

    assert urlsplit(single.address).path == "index.html"
    assert single.given == {
        "endpoint": f"{settings.CONTENT_ORIGIN}/play/{single.played.key}/tincan/",
        "auth": single.auth,
        "actor": json.dumps(single.actor, separators=(",", ":")),
        "registration": str(instance.xapi_registration),
        "activity_id": ONLY,
        "activity_platform": settings.CONSOLE_ORIGIN,
    }
    assert single.actor == {
        "objectType": "Agent",
        "account": {"homePage": f"{settings.CONSOLE_ORIGIN}/", "name": "ada"},
    }
    assert single.auth.startswith("Basic ")


def test_parameters_of_the_package_and_its_fragment_stay(several):
    parts = urlsplit(several.address)

    assert (parts.path, parts.query.split("&")[0], parts.fragment) == ("lessons/first.html", "part=1", "top")
    assert several.given["activity_id"] == f"{SEVERAL}/1"


def test_each_activity_has_an_address_of_its_own(several):
    several.played.go("choice", f"{SEVERAL}/2")

    assert parse_qs(urlsplit(several.shown()["href"]).query)["activity_id"] == [f"{SEVERAL}/2"]


# --- results ----------------------------------------------------------------------------------------------------------


def test_statements_become_the_result_and_are_in_the_store(single):
    score = {"scaled": 0.8, "raw": 80, "min": 0, "max": 100}
    ids = single.say(
        single.statement("attempted"),
        single.statement("passed", result={"success": True, "score": score, "duration": "PT90S"}),
    )

    assert single.outcome() == ("completed", "passed", 0.8)
    assert single.registration.total_seconds == 90.0
    assert Statement.objects.filter(store__is_sandbox=True).count() == 2
    read = single.ask("GET", "statements", query={"statementId": ids[1]}).json()
    assert (read["id"], read["result"]["score"], read["version"]) == (ids[1], score, "1.0.0")
    assert {entry["id"] for entry in single.ask("GET", "statements").json()["statements"]} == set(ids)
    assert single.shown()["outcome"]["success"] == "passed"


def test_a_put_counts_as_a_post_does(single):
    answer = single.ask("PUT", "statements", single.statement("completed"), {"statementId": UUID})

    assert (answer.status_code, single.outcome()) == (204, ("completed", "unknown", None))


def test_alternate_request_syntax_counts_too(single):
    form = {
        "statementId": UUID,
        "Authorization": single.auth,
        "X-Experience-API-Version": "1.0.1",
        "Content-Type": "application/json",
        "content": json.dumps(single.statement("completed")),
    }
    kind = "application/x-www-form-urlencoded"
    answer = single.client.post(f"{single.endpoint}statements?method=PUT", urlencode(form), kind, HTTP_HOST=HOST)

    assert (answer.status_code, single.outcome()[0]) == (204, "completed")


def test_several_activities_add_up_to_the_course(several):
    several.say(several.statement("completed", f"{SEVERAL}/1"))
    assert several.outcome() == ("incomplete", "unknown", None)

    several.say(several.statement("completed", f"{SEVERAL}/2"))

    assert several.outcome() == ("completed", "unknown", None)


def test_what_is_sent_again_changes_nothing(single):
    statement = single.statement("passed", id=UUID, timestamp="2026-01-01T00:00:00Z", result={"duration": "PT50S"})
    single.say(statement)
    single.played.go("exitAll")
    again = Content(single.client, single.registration)

    assert again.say(statement) == [UUID]

    assert again.outcome() == ("completed", "passed", None)
    assert again.registration.total_seconds == 50.0
    assert Statement.objects.count() == 1


def test_another_statement_of_the_same_id_is_a_conflict_and_changes_nothing(single):
    single.say(single.statement("attempted", id=UUID))

    answer = single.ask("POST", "statements", single.statement("passed", id=UUID))

    assert (answer.status_code, single.outcome()) == (409, ("incomplete", "unknown", None))


def test_a_batch_with_one_bad_statement_is_refused_whole(single):
    bad = single.statement("passed", result={"score": {"scaled": 2}})

    answer = single.ask("POST", "statements", [single.statement("completed"), bad])

    assert (answer.status_code, answer.json()["path"]) == (400, "statements[1].result.score.scaled")
    assert (single.outcome(), Statement.objects.count()) == (("unknown", "unknown", None), 0)


@pytest.mark.parametrize(
    "change",
    [
        {"object": {"id": "https://example.com/slide/1"}},
        {"object": {"objectType": "StatementRef", "id": UUID}},
        {"actor": {"mbox": "mailto:somebody@example.com"}},
    ],
    ids=["another activity", "a statement", "another actor"],
)
def test_statements_about_others_are_stored_and_change_no_result(single, change):
    single.say(single.statement("passed") | change)

    assert (single.outcome(), Statement.objects.count()) == (("unknown", "unknown", None), 1)


def test_statements_without_registration_or_time_count(single):
    statement = single.statement("completed")
    del statement["context"]

    single.say(statement)

    assert single.outcome() == ("completed", "unknown", None)


def test_statements_count_after_the_session_is_over(single):
    single.played.go("exitAll")

    single.say(single.statement("completed"))

    assert single.outcome()[0] == "completed"
    assert LaunchRecord.objects.get(key=single.played.key).how_ended == "exited"


def test_statements_of_a_window_that_was_replaced_count(single):
    make.launch(single.registration)
    with pytest.raises(ReplacedError):
        single.played.report(seconds=1.0)

    single.say(single.statement("completed"))

    assert single.outcome()[0] == "completed"


def test_a_launch_left_without_saving_takes_nothing_more(single):
    single.played.go("abandonAll")

    answer = single.ask("POST", "statements", single.statement("completed"))

    assert (answer.status_code, single.outcome()[0], Statement.objects.count()) == (403, "unknown", 0)


def test_time_of_the_page_counts_where_the_content_tells_none(single):
    single.played.report(seconds=12.0)
    single.played.go("exitAll")

    single.registration.refresh_from_db()
    assert single.registration.total_seconds == 12.0


# --- documents --------------------------------------------------------------------------------------------------------


def test_content_keeps_its_place(single):
    query = {"activityId": ONLY, "agent": json.dumps(single.actor), "stateId": "place"}
    query["registration"] = single.given["registration"]
    kept = single.ask("PUT", "activities/state", "page 3", query)
    single.played.go("exitAll")
    again = Content(single.client, single.registration)

    read = again.ask("GET", "activities/state", query=query)

    assert (kept.status_code, read.status_code, read.content) == (204, 200, b"page 3")


def test_what_content_lists_and_clears_is_of_its_own_registration(single):
    everywhere = {"activityId": ONLY, "agent": json.dumps(single.actor)}
    first = {**everywhere, "registration": single.given["registration"]}
    single.ask("PUT", "activities/state", "page 3", {**first, "stateId": "place"})
    services.restart(single.registration)
    again = Content(single.client, single.registration)
    own = {**everywhere, "registration": again.given["registration"]}
    again.ask("PUT", "activities/state", "page 1", {**own, "stateId": "own"})

    listed = again.ask("GET", "activities/state", query=everywhere).json()
    cleared = again.ask("DELETE", "activities/state", query=everywhere).status_code

    assert (listed, cleared, own["registration"] != first["registration"]) == (["own"], 204, True)
    assert list(Document.objects.values_list("name", flat=True)) == ["place"]


# --- who may ----------------------------------------------------------------------------------------------------------


def test_without_the_right_authorization_there_is_nothing_and_no_challenge(single, client):
    other = Content(client, make.registration(make.course_of_zip(package_zip("several"), of=None)))

    for auth in ("", "Basic xyz", "Bearer x", other.auth):
        answer = single.ask("POST", "statements", single.statement("passed"), auth=auth)
        assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, False)
    assert single.outcome()[0] == "unknown"
    assert single.client.get(f"{single.endpoint}about", HTTP_HOST=HOST).status_code == 200


def test_a_launch_that_is_gone_is_refused(single):
    LaunchRecord.objects.all().delete()

    assert single.ask("GET", "statements").status_code == 401


def test_a_launch_sees_and_writes_its_own_registration_only(single, client):
    other = Content(client, make.registration(single.registration.course, learner="bo"))
    single.say(single.statement("attempted"))

    seen = other.ask("GET", "statements").json()["statements"]
    foreign = other.ask("POST", "statements", other.statement("passed", context={"registration": UUID}))
    place = {"activityId": ONLY, "agent": json.dumps(single.actor), "stateId": "place"}

    assert (seen, foreign.status_code) == ([], 403)
    assert other.ask("GET", "activities/state", query=place).status_code == 403


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("resource", ["", "nothing", "statements/more", "../xapi/statements"])
def test_other_resources_are_not_there(single, method, resource):
    assert single.ask(method, resource).status_code in (404, 405)


def test_other_origins_may_ask_but_send_no_cookie(single):
    answer = single.client.options(
        f"{single.endpoint}statements", HTTP_HOST=HOST, headers={"Origin": "https://elsewhere.example"}
    )

    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "body", ["", "{", "[1]", '{"a":1,"a":2}', "\ud800".encode("utf-8", "surrogatepass"), "[" * 5000]
)
def test_what_is_no_json_is_refused(single, body):
    assert single.ask("POST", "statements", body).status_code == 400


# --- the log, previews, cost ------------------------------------------------------------------------------------------


def test_exchanges_are_in_the_debug_log(single):
    single.say(single.statement("completed"))
    single.ask("POST", "statements", single.statement("completed") | {"verb": {"id": "x"}})

    entries = [entry for log in CallLog.objects.order_by("number") for entry in log.entries]

    assert [(entry["method"], entry["code"]) for entry in entries] == [("POST statements", 0), ("POST statements", 400)]
    assert "must be an IRI" in entries[1]["diagnostic"]
    assert json.loads(entries[0]["arguments"][1])[0]["verb"]["id"].endswith("completed")


def test_statements_about_slides_do_not_wait_for_the_registration(single):
    single.say(single.statement("attempted"))

    with CaptureQueriesContext(
        connection,
    ) as about_slides:
        single.say(single.statement("experienced", "https://example.com/slide/1"))
    with CaptureQueriesContext(connection) as about_course:
        single.say(single.statement("completed"))

    assert len(about_slides) < len(about_course) < 60


def test_a_preview_reports_to_the_sandbox_and_to_itself(client):
    course = make.course_of_zip(package_zip("single"))
    link = LaunchLink(version_id=course.current_version_id, learner=Learner("pat", "Pat", "Previewer"))
    preview = Content(client, None, services.begin_launch(link, services.Visitor("127.0.0.1")).key)

    preview.say(preview.statement("passed"))

    assert (preview.shown()["outcome"], Registration.objects.count()) == (
        Outcome("completed", "passed").to_json() | {"score": None, "seconds": 0.0},
        0,
    )
    assert (preview.actor["account"]["name"], Statement.objects.get().store.is_sandbox) == ("pat", True)
    assert len(preview.ask("GET", "statements").json()["statements"]) == 1


def test_the_registration_page_shows_what_the_content_reported(several, client):
    several.say(several.statement("passed", f"{SEVERAL}/1", result={"score": {"scaled": 0.85}}))
    realm = several.registration.course.application.realm
    client.force_login(realm.memberships.get().user)

    page = client.get(reverse("registrations:registration", args=[realm.slug, several.registration.pk]))

    text = " ".join(strip_tags(page.content.decode()).split())
    assert page.status_code == 200
    assert "First lesson" in text
    assert "Two lessons" in text
    assert "Passed" in text
    assert "85" in text


# --- questions for reports --------------------------------------------------------------------------------------------


def asked(content: Content, response: str, is_right: bool, **rest: Any) -> dict[str, Any]:
    about = {
        "id": "https://example.com/tincan/single/q1",
        "definition": {
            "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
            "interactionType": "choice",
            "description": {"de": "Welche?", "en-GB": "Which?"},
            "correctResponsesPattern": ["a"],
        },
    }
    result = {"response": response, "success": is_right, "duration": "PT4.5S"}
    return content.statement("answered", **rest) | {"object": about, "result": result}


def test_answers_are_counted_for_reports_once_and_until_they_are_voided(single):
    first, second = asked(single, "a", True, id=UUID), asked(single, "b", False)
    single.say(first, second)
    single.say(first)
    single.say(single.statement("passed", result={"success": True, "score": {"scaled": 0.9}}))
    summing.run()

    question = Question.objects.get()
    told = (question.identifier, question.kind, question.description, question.correct)
    assert told == ("https://example.com/tincan/single/q1", "choice", "Which?", "a")
    answers = Answer.objects.order_by("pk").values_list("response", "is_correct", "latency", "score")
    assert list(answers) == [("a", True, 4.5, 0.9), ("b", False, 4.5, 0.9)]

    call_command("sum_up", rebuild=True, stdout=io.StringIO())
    assert Answer.objects.count() == 2
    single.say(single.statement("voided") | {"object": {"objectType": "StatementRef", "id": UUID}})
    assert [each.response for each in Answer.objects.all()] == ["b"]


@pytest.mark.parametrize(
    "change",
    [
        {"result": {}},
        {"object": {"objectType": "Agent", "mbox": "mailto:a@example.com"}},
        {"result": {"success": True}},
    ],
)
def test_what_is_no_answer_is_stored_and_not_counted(single, change):
    single.say(asked(single, "a", True) | change)

    assert Answer.objects.count() == (1 if change == {"result": {"success": True}} else 0)
