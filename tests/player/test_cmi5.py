"""The LMS side of cmi5: what an AU is told, may ask and say, and what a registration comes to by it."""

import json
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from lrs import queries
from lrs.access import caller_of
from lrs.models import Statement
from lrs.queries import Query
from registrations import instances, services
from registrations.links import LaunchLink
from registrations.models import Answer, CallLog, Outgoing, Registration
from standards.cmi5.vocabulary import CMI5, MOVE_ON_CATEGORY, PROGRESS, SESSION_ID, VERB_NAMES
from tests import make
from tests.player.au import HOST, Au, Player
from tests.standards.cmi5.build import au, block, course_zip, structure
from tests.standards.cmi5.requirements import requirement

pytestmark = pytest.mark.django_db
BASE = "https://tests.example/courses/harbour"
PILOT, ROPES, MAP = f"{BASE}/pilot", f"{BASE}/ropes", f"{BASE}/map"


@pytest.fixture
def registration() -> Registration:
    return make.registration(make.course_of_zip(course_zip()))


def said(of: str = "") -> list[tuple[str, str]]:
    """What the store holds, in order: verb and the name of the object or of its publisher's id."""
    bodies = [json.loads(body) for body in Statement.objects.order_by("stored").values_list("body", flat=True)]
    return [
        (
            VERB_NAMES.get(body["verb"]["id"], "?"),
            body["context"]["contextActivities"]["grouping"][0]["id"].rpartition("/")[2],
        )
        for body in bodies
        if of in ("", body["context"]["registration"])
    ]


def bodies(verb: str) -> list[dict[str, Any]]:
    """The statements of a verb as the store holds them."""
    held = [json.loads(body) for body in Statement.objects.order_by("stored").values_list("body", flat=True)]
    return [body for body in held if VERB_NAMES.get(body["verb"]["id"]) == verb]


def refused(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["requirement"]


def course(*children: str) -> Registration:
    return make.registration(make.course_of_zip(structure(*children).encode(), file_name="cmi5.xml"))


# --- launch -----------------------------------------------------------------------------------------------------------


@requirement("9.3.8.0-3", "10.2.2.0-1")
def test_an_au_plays_from_launch_to_result(client, registration):
    unit = Au(Player(client, registration))

    unit.say("initialized", "completed", "passed", "terminated")

    registration.refresh_from_db()
    held = registration.instances.get().activities.get(activity=PILOT)
    verbs = ("launched", "initialized", "completed", "passed", "terminated")
    assert said() == [(verb, "pilot") for verb in verbs]
    assert (held.completion, held.success, held.score, held.total_seconds) == ("completed", "passed", 0.9, 10.0)
    assert (registration.completion, registration.success, registration.score) == ("incomplete", "unknown", 0.9)
    assert not Outgoing.objects.exists()


@requirement(
    "8.1.0.0-3", "8.1.0.0-4", "8.1.0.0-5", "8.1.0.0-8", "8.1.1.0-1", "8.1.2.0-1", "8.1.3.0-1", "8.1.4.0-1",
    "8.1.5.0-1", "8.1.5.0-2", "8.1.5.0-3", "8.1.5.0-4", "8.2.1.0-1", "9.2.0.0-1", "9.6.1.1-2",
)  # fmt: skip
def test_the_launch_has_the_parameters(client, registration):
    player = Player(client, registration)
    again = Player(client, registration)

    href = player.launch["href"]
    unit, second = Au(player, fetched=False), Au(again, fetched=False)
    instance = registration.instances.get()
    origin = f"http://{HOST['HTTP_HOST']}/play/{player.key}"
    assert href.startswith("au/index.html?page=pilot&endpoint=http%3A%2F%2F")
    assert unit.parameters["endpoint"] == f"{origin}/xapi/"
    assert unit.parameters["fetch"].startswith(f"{origin}/fetch/")
    assert unit.actor["account"]["name"] == "ada"
    assert (unit.actor["objectType"], unit.registration) == ("Agent", str(instance.xapi_registration))
    assert unit.activity_id not in (PILOT, "")
    assert (second.registration, second.activity_id) == (unit.registration, unit.activity_id)
    assert (player.launch["own_window"], player.launch["api"]) == (False, "cmi5")


@requirement("8.1.0.0-2")
def test_an_au_of_its_own_window_is_told_so(client, registration):
    assert Player(client, registration, activity=ROPES).launch["own_window"] is True


@requirement(
    "10.1.0.0-1", "10.1.0.0-2", "10.2.1.0-1", "10.2.3.0-1", "10.2.4.0-1", "10.2.5.0-1", "10.2.6.0-1", "10.2.7.0-1",
    "10.2.7.1-1", "9.6.2.3-1", "9.6.3.1-1", "9.6.3.1-2", "10.1.0.0-3", "10.1.0.0-4", "10.1.0.0-5", "10.2.1.0-2",
    "10.2.1.0-3",
)  # fmt: skip
def test_the_launch_data_are_there(client, registration):
    player = Player(client, registration)
    unit = Au(player)

    session = unit.data["contextTemplate"]["extensions"][SESSION_ID]
    assert unit.data == {
        "contextTemplate": {
            "contextActivities": {"grouping": [{"objectType": "Activity", "id": PILOT}]},
            "extensions": {SESSION_ID: session},
        },
        "launchMode": "Normal",
        "launchMethod": "AnyWindow",
        "moveOn": "CompletedAndPassed",
        "masteryScore": 0.75,
        "launchParameters": "tide=high,wind=calm",
        "entitlementKey": {"courseStructure": "quay-7"},
        "returnURL": f"http://{HOST['HTTP_HOST']}/play/{player.key}/return",
    }
    assert uuid.UUID(session)
    assert client.get(urlsplit(unit.data["returnURL"]).path, **HOST).status_code == 200


@requirement(
    "9.3.1.0-1", "9.3.1.0-2", "9.6.2.1-1", "9.6.2.3-2", "9.6.3.1-3", "9.6.3.2-1", "9.6.3.3-1", "9.6.3.4-1",
    "9.6.3.6-1", "9.6.3.7-1",
)  # fmt: skip
def test_launched_is_stated_before_the_au_is_told_where_to_speak(client, registration):
    player = Player(client, registration)
    client.get(f"/play/{player.key}/state", **HOST)

    (body,) = bodies("launched")
    extensions = {name.rpartition("/")[2]: value for name, value in body["context"]["extensions"].items()}
    assert extensions.pop("launchurl").endswith("/au/index.html?page=pilot")
    assert extensions == {
        "sessionid": Au(player).data["contextTemplate"]["extensions"][SESSION_ID],
        "launchmode": "Normal",
        "moveon": "CompletedAndPassed",
        "launchparameters": "tide=high,wind=calm",
        "masteryscore": 0.75,
    }
    assert body["context"]["contextActivities"]["category"] == [{"objectType": "Activity", "id": CMI5}]
    assert body["context"]["contextActivities"]["grouping"] == [{"objectType": "Activity", "id": PILOT}]


# --- the token --------------------------------------------------------------------------------------------------------


@requirement(
    "8.2.1.0-2", "8.2.1.0-3", "8.2.1.0-4", "8.2.2.0-1", "8.2.2.0-2", "8.2.2.0-3", "8.2.3.0-1", "8.2.3.2-1",
)  # fmt: skip
def test_the_token_is_given_once(client, registration):
    unit = Au(Player(client, registration), fetched=False)
    path = urlsplit(unit.parameters["fetch"]).path

    answers = [client.post(path, **HOST) for _ in range(3)]

    assert [(answer.status_code, answer["Content-Type"]) for answer in answers] == [(200, "application/json")] * 3
    assert [list(answer.json()) for answer in answers] == [["auth-token"], *[["error-code", "error-text"]] * 2]
    assert answers[1].json()["error-code"] == "1"
    assert client.get(path, **HOST).status_code == 405
    assert client.options(path, **HOST)["Access-Control-Allow-Origin"] == "*"


def test_a_token_is_for_a_session_that_is_there(client, registration):
    player = Player(client, registration)

    nowhere = client.post(f"/play/{player.key}/fetch/{uuid.uuid4()}", **HOST)
    no_launch = client.post(f"/play/nobody/fetch/{uuid.uuid4()}", **HOST)

    assert [(answer.status_code, answer.json()["error-code"]) for answer in (nowhere, no_launch)] == [(200, "2")] * 2


@requirement("8.1.2.0-5")
def test_without_the_token_nothing_is_answered_and_no_password_is_asked_for(client, registration):
    unit = Au(Player(client, registration))
    other = Au(Player(client, make.registration(registration.course, "bob")))
    about = unit.call("GET", "about", HTTP_AUTHORIZATION="")

    for header in ("", "Basic", "Basic !!", "Basic YTpi", "Bearer x", f"Bearer {unit.token}", f"Basic {other.token}"):
        response = unit.call("GET", "statements", HTTP_AUTHORIZATION=header)
        assert (response.status_code, "WWW-Authenticate" in response) == (401, False)
    assert about.status_code == 200


@requirement("8.1.2.0-2", "8.2.1.0-6", "9.3.8.0-4", "7.1.2.0-1")
def test_after_terminated_nothing_is_taken(client, registration):
    unit = Au(Player(client, registration)).say("initialized")
    late, terminated = unit.statement("looked"), unit.statement("terminated")

    assert unit.send(terminated).status_code == 200

    assert refused(unit.send(late)) == (403, "8.1.2.0-2")
    assert refused(unit.state("x")) == (403, "8.1.2.0-2")
    assert unit.send(terminated).status_code == 200  # sent again, because its answer was lost
    assert [verb for verb, _ in said()] == ["launched", "initialized", "terminated"]


def test_what_was_stored_may_be_sent_again_in_its_session_and_changed_it_may_not(client, registration):
    unit = Au(Player(client, registration)).say("initialized")
    looked = unit.statement("looked")
    assert unit.send(looked).status_code == 200

    again = unit.send(looked)
    changed = unit.send(looked | {"verb": {"id": "https://tests.example/verbs/heard"}})

    assert (again.status_code, changed.status_code) == (200, 409)
    assert len(said()) == 3  # with launched


@requirement("9.3.8.0-4", "9.3.6.0-2")
def test_what_was_stored_is_refused_once_its_session_is_over(client, registration):
    unit = Au(Player(client, registration)).say("initialized")
    looked, batch = unit.statement("looked"), [unit.statement("heard"), unit.statement("terminated")]
    assert (unit.send(looked).status_code, unit.send(batch).status_code) == (200, 200)

    again = unit.send(batch)  # the answer to the end was lost
    late = unit.send(looked)
    changed = unit.send(batch[0] | {"verb": {"id": "https://tests.example/verbs/seen"}})

    assert (again.status_code, refused(late), refused(changed)) == (200, (403, "8.1.2.0-2"), (403, "8.1.2.0-2"))

    other = Au(Player(client, registration)).say("initialized")
    instances.abandon(registration.instances.get())
    assert refused(other.send(looked)) == (403, "9.3.6.0-2")
    assert refused(unit.send(batch)) == (403, "8.1.2.0-2")  # another session has begun meanwhile


def test_a_course_that_was_changed_so_that_it_begins_anew_takes_nothing_more(client, registration):
    player = Player(client, registration)
    unit, late = Au(player), Au(player, fetched=False)
    version = registration.course.current_version
    version.anew_before = timezone.now()
    version.save()

    assert late.fetch()["error-code"] == "3"
    assert unit.send(unit.statement("initialized")).status_code == 403
    assert unit.state("LMS.LaunchData").status_code == 403
    assert [verb for verb, _ in said()] == ["launched"]


@requirement("9.3.6.0-2")
def test_after_another_launch_the_session_is_abandoned(client, registration):
    player = Player(client, registration)
    unit = Au(player).say("initialized")

    player.go("choice", MAP)

    (body,) = bodies("abandoned")
    assert refused(unit.send(unit.statement("completed"))) == (403, "9.3.6.0-2")
    assert body["object"]["id"] == unit.activity_id
    assert body["context"]["extensions"][SESSION_ID] == unit.data["contextTemplate"]["extensions"][SESSION_ID]
    Au(player).say("initialized", "terminated")


@requirement("9.5.4.2-1")
def test_an_abandoned_statement_tells_how_long_the_session_was(client, registration):
    Au(Player(client, registration)).say("initialized")
    Player(client, registration)

    assert bodies("abandoned")[0]["result"]["duration"].startswith("PT")


# --- what an AU may ask -----------------------------------------------------------------------------------------------


@requirement("10.2.1.0-5")
def test_the_launch_data_cannot_be_changed(client, registration):
    unit = Au(Player(client, registration))

    answers = [unit.state("LMS.LaunchData", method, {}) for method in ("PUT", "POST", "DELETE")]

    assert [refused(answer) for answer in answers] == [(403, "10.2.1.0-5")] * 3
    assert unit.state("LMS.LaunchData").json() == unit.data


def test_an_au_keeps_state_and_profiles(client, registration):
    unit = Au(Player(client, registration))
    profile = {"activityId": unit.activity_id, "profileId": "p"}

    assert unit.state("bookmark", "PUT", {"page": 3}).status_code == 204
    assert unit.state("bookmark").json() == {"page": 3}
    assert unit.call("PUT", "activities/profile", profile, {"a": 1}, HTTP_IF_NONE_MATCH="*").status_code == 204
    assert unit.call("GET", "activities", {"activityId": unit.activity_id}).json()["id"] == unit.activity_id
    assert unit.call("GET", "agents", {"agent": json.dumps(unit.actor)}).json()["objectType"] == "Person"


@requirement("11.0.0.0-5")
def test_preferences(client, registration):
    unit = Au(Player(client, registration))
    wanted = {"languagePreference": "de-DE,en", "audioPreference": "off"}

    assert unit.preferences().status_code == 404
    assert refused(unit.preferences("PUT", {"audioPreference": "on"}, HTTP_IF_NONE_MATCH="*")) == (403, "11.0.0.0-5")
    assert unit.preferences("PUT", wanted, HTTP_IF_NONE_MATCH="*").status_code == 204
    assert unit.preferences().json() == wanted


@requirement("11.0.0.0-3")
def test_preferences_are_read_before_the_first_statement(client, registration):
    unit = Au(Player(client, registration), ready=False)

    assert refused(unit.send(unit.statement("initialized"))) == (403, "11.0.0.0-3")
    unit.preferences()
    assert unit.send(unit.statement("initialized")).status_code == 200


@requirement("11.0.0.0-4")
def test_a_profile_of_another_name_is_no_preferences(client, registration):
    unit = Au(Player(client, registration), ready=False)
    other = {"agent": json.dumps(unit.actor), "profileId": "notes"}

    assert unit.call("PUT", "agents/profile", other, {"a": 1}, HTTP_IF_NONE_MATCH="*").status_code == 204
    assert unit.call("GET", "agents/profile", other).json() == {"a": 1}
    assert refused(unit.send(unit.statement("initialized"))) == (403, "11.0.0.0-3")


@requirement("8.1.3.0-3", "8.1.4.0-3")
def test_an_au_sees_its_own_registration_only(client, registration):
    mine, other = Au(Player(client, registration)).say("initialized"), make.registration(registration.course, "bob")
    theirs = Au(Player(client, other)).say("initialized")

    seen = {body["context"]["registration"] for body in mine.call("GET", "statements").json()["statements"]}
    foreign = theirs.call("GET", "statements").json()["statements"][0]["id"]

    assert seen == {mine.registration}
    assert mine.call("GET", "statements", {"statementId": foreign}).status_code == 404
    assert refused(mine.call("GET", "statements", {"registration": theirs.registration})) == (403, "8.1.4.0-3")
    assert refused(mine.state("x", agent=json.dumps(theirs.actor))) == (403, "8.1.3.0-3")


@requirement("4.2.0.0-2")
def test_the_application_reads_what_aus_said_of_all_learners(client, registration):
    Au(Player(client, registration)).say("initialized")
    Au(Player(client, make.registration(registration.course, "bob"))).say("initialized")

    page, _ = queries.find(caller_of(registration.application, is_sandbox=True), Query())

    actors = {json.loads(body)["actor"]["account"]["name"] for _, body in page}
    assert actors == {"ada", "bob"}


# --- what an AU may say -----------------------------------------------------------------------------------------------


def test_a_refusal_names_its_rule_and_keeps_nothing(client, registration):
    unit = Au(Player(client, registration)).say("initialized")
    right, wrong = unit.statement("completed"), unit.statement("passed", timestamp="2026-01-01T14:00:00+01:00")

    response = unit.send([right, wrong])

    assert response.json() | {"message": ""} == {
        "message": "",
        "rule": "cmi5 9.7.0.0-2",
        "requirement": "9.7.0.0-2",
        "statement": wrong["id"],
    }
    assert response.status_code == 403
    assert [verb for verb, _ in said()] == ["launched", "initialized"]
    assert unit.send(right).status_code == 200


@pytest.mark.parametrize("body", ["", "{", "[", "3", "[3]", '{"id":1}', '{"actor":{}}', "[[]]", "null"])
def test_what_is_no_statement_is_refused(client, registration, body):
    unit = Au(Player(client, registration)).say("initialized")

    assert unit.send(body).status_code == 400


def test_statements_of_a_batch_count_in_the_order_of_their_times(client, registration):
    unit = Au(Player(client, registration))
    batch = [unit.statement(verb) for verb in ("initialized", "looked", "completed", "terminated")]

    assert unit.send(batch[::-1]).status_code == 200
    assert [verb for verb, _ in said()][1:] == ["terminated", "completed", "?", "initialized"]


def test_a_statement_by_put_and_again(client, registration):
    unit = Au(Player(client, registration))
    made = unit.statement("initialized")
    name = {"statementId": made["id"]}

    assert [unit.send(made, "PUT", name).status_code for _ in range(2)] == [204, 204]
    assert unit.send({**made, "result": {"response": "another"}}, "PUT", name).status_code == 409


@requirement("9.3.0.0-6", "9.3.0.0-7", "9.3.0.0-8")
def test_a_registration_has_completed_and_passed_once(client, registration):
    Au(Player(client, registration)).say("initialized", "completed", "passed", "terminated")
    unit = Au(Player(client, registration, activity=PILOT, mode="Normal")).say("initialized")

    answers = [refused(unit.send(unit.statement(verb))) for verb in ("completed", "passed", "failed")]

    assert answers == [(403, "9.3.0.0-6"), (403, "9.3.0.0-7"), (403, "9.3.0.0-8")]


@requirement("10.2.2.0-2", "10.2.2.0-3", "10.2.2.0-5")
@pytest.mark.parametrize(("mode", "number"), [("Browse", "10.2.2.0-2"), ("Review", "10.2.2.0-3")])
def test_nothing_counts_while_looking_around(client, registration, mode, number):
    unit = Au(Player(client, registration, mode=mode))
    unit.say("initialized")

    answers = {refused(unit.send(unit.statement(verb))) for verb in ("completed", "passed", "failed")}
    unit.say("looked", "terminated")

    registration.refresh_from_db()
    assert (unit.data["launchMode"], answers) == (mode, {(403, number)})
    assert (registration.completion, registration.success) == ("incomplete", "unknown")


def progress_of(registration: Registration) -> str:
    return registration.instances.get().activities.get(activity=PILOT).values.get("cmi5.progress", "")


def test_progress_is_kept_until_the_au_is_completed(client, registration):
    unit = Au(Player(client, registration)).say("initialized")

    assert unit.send(unit.statement("looked", result={"extensions": {PROGRESS: 40}})).status_code == 200
    assert progress_of(registration) == "40"
    assert refused(unit.send(unit.statement("looked", result={"extensions": {PROGRESS: 140}}))) == (403, "9.5.5.1")

    unit.say("completed")
    assert unit.send(unit.statement("looked", result={"extensions": {PROGRESS: 10}})).status_code == 200
    assert progress_of(registration) == "40"


@pytest.mark.parametrize("mode", ["Browse", "Review"])
def test_who_only_looks_spends_time_and_makes_no_progress(client, registration, mode):
    unit = Au(Player(client, registration, mode=mode)).say("initialized")
    judged = {"success": True, "score": {"scaled": 1}, "extensions": {PROGRESS: 40}}

    assert unit.send(unit.statement("looked", result=judged)).status_code == 200
    unit.say("terminated")

    held = registration.instances.get().activities.get(activity=PILOT)
    assert (progress_of(registration), held.success, held.score, held.total_seconds) == ("", "unknown", None, 10.0)


# --- what follows -----------------------------------------------------------------------------------------------------


@requirement(
    "9.3.9.0-1", "9.3.9.0-2", "9.3.9.0-3", "9.3.9.0-4", "9.3.9.0-5", "9.3.9.0-6", "9.3.9.0-7", "9.3.9.0-8",
    "9.3.9.0-9",
)  # fmt: skip
def test_blocks_and_the_course_are_satisfied_in_the_session_that_did_it(client, registration):
    player = Player(client, registration)
    Au(player).say("initialized", "completed", "passed", "terminated")
    unit = Au(player.go("choice", ROPES))

    unit.say("initialized", "completed")

    block_body, course_body = bodies("satisfied")
    kinds = [body["object"]["definition"]["type"].rpartition("/")[2] for body in (block_body, course_body)]
    ids = {body["object"]["id"] for body in (block_body, course_body)}
    registration.refresh_from_db()
    assert kinds == ["block", "course"]
    assert len(ids) == 2
    assert not ids & {f"{BASE}/arriving", BASE, unit.activity_id}
    assert {body["context"]["extensions"][SESSION_ID] for body in (block_body, course_body)} == {
        unit.data["contextTemplate"]["extensions"][SESSION_ID]
    }
    assert said()[-3:] == [("completed", "ropes"), ("satisfied", "arriving"), ("satisfied", "harbour")]
    assert (registration.completion, registration.success) == ("completed", "passed")
    assert registration.completed_at


def test_what_is_satisfied_at_registration_is_stated_once(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        registration = course(block("b", au("1")))
    assert said() == [("satisfied", "b"), ("satisfied", "course")]

    Player(client, registration)

    assert [verb for verb, _ in said()] == ["satisfied", "satisfied", "launched"]


@requirement("9.3.7.0-1", "9.3.7.0-2", "9.3.7.0-3", "9.5.2.0-1", "9.5.3.0-1", "9.5.5.2-1", "9.6.2.2-1")
def test_waiving_is_stated_with_its_reason(client, django_capture_on_commit_callbacks):
    registration = course(block("b", au("1", 'moveOn="Passed"')), au("2", 'moveOn="Completed"'))
    unit = Au(Player(client, registration, activity="https://tests.example/2")).say("initialized")

    with django_capture_on_commit_callbacks(execute=True):
        instances.waive(registration.instances.get(), "https://tests.example/1", "Tested Out")

    (body,), (satisfied,) = bodies("waived"), bodies("satisfied")
    session = body["context"]["extensions"][SESSION_ID]
    extensions = {name.rpartition("/")[2]: value for name, value in body["result"].pop("extensions").items()}
    categories = {entry["id"] for entry in body["context"]["contextActivities"]["category"]}
    assert (body["result"], extensions) == ({"success": True, "completion": True}, {"reason": "Tested Out"})
    assert categories == {CMI5, MOVE_ON_CATEGORY}
    assert satisfied["context"]["extensions"][SESSION_ID] == session
    assert session != unit.data["contextTemplate"]["extensions"][SESSION_ID]
    unit.say("completed")
    registration.refresh_from_db()
    assert registration.completion == "completed"


def test_a_preview_plays_and_keeps_nothing_of_a_registration(client):
    made = make.course_of_zip(course_zip())
    link = LaunchLink(version_id=made.current_version_id)
    player = Player.__new__(Player)
    player.client, player.number = client, 0
    player.key = services.begin_launch(link, services.Visitor()).key
    player.launch = player._post("start", {})["launch"]

    Au(player).say("initialized", "completed", "passed", "terminated")

    assert not Registration.objects.exists()
    assert not Outgoing.objects.exists()


def test_a_late_terminated_statement_is_taken_after_the_course_was_left(client, registration):
    player = Player(client, registration)
    unit = Au(player).say("initialized")
    player.go("exitAll")

    unit.say("completed", "terminated")

    assert player.launch["ended"] == "exited"
    assert registration.instances.get().activities.get(activity=PILOT).completion == "completed"


def test_the_player_goes_on_by_itself_after_a_satisfied_au(client, registration):
    player = Player(client, registration)
    Au(player).say("initialized", "completed", "passed", "terminated")

    state = client.get(f"/play/{player.key}/state", **HOST).json()
    player.go("content", by_learner=False)

    assert state["finished"] is True
    assert player.launch["activity"] == ROPES


def test_the_mode_of_a_launch_stays_for_the_next_au(client, registration):
    player = Player(client, registration, mode="Browse")

    assert Au(player.go("choice", MAP)).data["launchMode"] == "Browse"


def test_what_an_au_says_and_hears_is_in_the_debug_log(client, registration):
    unit = Au(Player(client, registration)).say("initialized")
    unit.send(unit.statement("initialized"))

    entries = [entry for batch in CallLog.objects.order_by("number") for entry in batch.entries]
    last = entries[-1]
    assert [entry["method"] for entry in entries][:2] == ["GET activities/state", "GET agents/profile"]
    assert (last["method"], last["activity"], last["code"]) == ("POST statements", PILOT, 403)
    assert "9.3.2.0-3" in last["diagnostic"]


def test_the_page_to_return_to_leads_back(client, registration):
    player = Player(client, registration, redirect_url="https://lms.example/done")

    assert "https://lms.example/done" in client.get(f"/play/{player.key}/return", **HOST).content.decode()


def test_answers_an_au_states_are_counted_for_reports(client, registration):
    au = Au(Player(client, registration)).say("initialized")
    about = {"id": "https://example.com/q1", "objectType": "Activity", "definition": {"interactionType": "choice"}}
    verb = {"id": "http://adlnet.gov/expapi/verbs/answered"}
    answered = au.statement("answered") | {"object": about, "verb": verb, "result": {"response": "a"}}

    for _ in range(2):
        assert au.send(answered).status_code == 200

    assert list(Answer.objects.values_list("question__identifier", "response", "is_correct")) == [
        ("https://example.com/q1", "a", None)
    ]
