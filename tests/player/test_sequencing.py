"""The sequencing debugger beside the player (GET /play/<key>/sequencing)."""

from typing import Any

import pytest

from registrations import services
from registrations.debugger import LINES
from registrations.links import LaunchLink
from registrations.models import Registration
from standards.structure import Learner, Request
from tests import make, media
from tests.standards.aicc import packages as aicc
from tests.standards.cmi5 import build as cmi5

pytestmark = pytest.mark.django_db


def ask(client, key: str, **wanted: str) -> tuple[int, dict[str, Any]]:
    response = client.get(f"/play/{key}/sequencing", wanted, HTTP_HOST="127.0.0.1:8000")
    return response.status_code, response.json() if response.content else {}


def test_the_tree_the_activity_and_the_latest_request_are_told(client):
    played = make.launch(make.registration(make.course("scorm2004_multi")))
    played.go("choice", "nowhere")

    status, told = ask(client, played.key)

    assert status == 200
    assert [(line["title"], line["depth"]) for line in told["tree"]] == [
        ("Rivers, mountains, test", 0), ("Before you start", 1), ("Lessons", 1), ("Rivers", 2),
        ("Mountains", 2), ("Test", 1),
    ]  # fmt: skip
    assert [line["identifier"] for line in told["tree"] if line["current"]] == ["I0"] == [played.activity]
    assert told["tree"][1]["tracked"]["active"] is True
    assert ["Activity Attempt Count", "1"] in told["activity"]["tracking"]
    assert [each["refused"] for each in told["requests"]] == [True, False]
    assert told["told"]["number"] == told["requests"][0]["number"]
    assert [step["number"] for step in told["told"]["steps"]][:1] == ["NB.2.1"]
    assert told["told"]["steps"][0]["exception"].startswith("NB.2.1-11")


def test_an_earlier_request_and_another_activity_can_be_asked_for(client):
    played = make.launch(make.registration(make.course("scorm2004_multi")))
    played.go("continue")
    first = ask(client, played.key)[1]["requests"][-1]

    told = ask(client, played.key, request=str(first["number"]), activity="I3")[1]

    assert told["told"]["words"] == "Start → delivered Before you start"
    assert told["activity"]["title"] == "Test"
    assert told["activity"]["objectives"][0]["identifier"] == "test"
    places = [step["place"] for step in told["told"]["steps"]]
    assert len(set(places)) == len(places) > 10


@pytest.mark.parametrize("wanted", [{"request": "x"}, {"request": "-1"}, {"page": "9" * 400}, {"activity": "\0" * 9}])
def test_what_is_not_there_is_answered_with_what_is(client, wanted):
    played = make.launch(make.registration(make.course("scorm2004_multi")))

    status, told = ask(client, played.key, **wanted)

    assert (status, told["page"], told["told"]["words"]) == (200, 1, "Start → delivered Before you start")


def test_nothing_comes_back_until_something_changes(client):
    played = make.launch(make.registration(make.course("scorm2004_multi")))
    seen = ask(client, played.key)[1]["marker"]

    assert ask(client, played.key, seen=seen) == (204, {})
    assert ask(client, played.key, seen=seen, activity="I3")[0] == 200
    played.go("continue")
    assert ask(client, played.key, seen=seen)[0] == 200


def test_a_learner_is_told_nothing_and_a_stranger_finds_nothing(client):
    registration = make.registration(make.course("scorm2004_multi"))
    played = make.launch(registration)
    Registration.objects.filter(pk=registration.pk).update(is_sandbox=False)

    assert ask(client, played.key)[0] == 403
    assert ask(client, "nobody")[0] == 404
    assert client.post(f"/play/{played.key}/sequencing", HTTP_HOST="127.0.0.1:8000").status_code == 405


def test_a_preview_is_told_too(client):
    version = make.course("scorm2004_multi").current_version
    key = services.begin_launch(LaunchLink(version_id=version.pk, learner=Learner("preview")), services.Visitor()).key
    services.start(key)
    seen = ask(client, key)[1]["marker"]
    services.navigate(key, 1, None, Request("continue"))

    status, told = ask(client, key, seen=seen)

    assert (status, told["current"], len(told["requests"])) == (200, "Rivers", 2)
    assert ask(client, key, seen=told["marker"])[0] == 204


def test_what_settings_take_away_has_a_reason(client):
    registration = make.registration(make.course("scorm2004_multi"))
    services.configure_registration(registration, {"PlayerEnableChoiceNav": "NO"})
    played = make.launch(registration)

    told = ask(client, played.key, activity="I3")[1]

    assert {line["why_not"] for line in told["tree"]} == {"Activities cannot be chosen in the menu of this course."}
    assert told["activity"]["why_not_words"] == "Activities cannot be chosen in the menu of this course."


def test_a_root_that_settings_take_away_has_a_reason(client):
    registration = make.registration(make.course("scorm2004_multi"))
    settings = {"PlayerForceDisableRootChoice": "YES", "PlayerInvalidMenuItemAction": "HIDE"}
    services.configure_registration(registration, settings)
    played = make.launch(registration)

    root = ask(client, played.key)[1]["tree"][0]

    assert (root["identifier"], root["listed"]) == ("ORG", True)
    assert root["why_not"] == "The course itself cannot be chosen in its menu."


def test_a_course_without_sequencing_tells_outcomes_and_prerequisites(client):
    played = make.launch(make.registration(make.course("scorm12_prerequisites")))

    told = ask(client, played.key)[1]

    assert (told["sequenced"], told["shared_objectives"]) == (False, [])
    assert all(line["tracked"] is None and line["outcome"]["completion"] for line in told["tree"])
    assert "Its prerequisites are not met yet." in {line["why_not"] for line in told["tree"]}


@pytest.mark.parametrize(
    ("archive", "name"),
    [(aicc.course_zip, "course.zip"), (cmi5.course_zip, "course.zip"), (media.pdf, "handbook.pdf")],
    ids=["AICC", "cmi5", "a medium"],
)
def test_every_other_standard_has_its_tree_told(client, archive, name):
    course = make.course_of_zip(archive(), file_name=name)
    played = make.launch(make.registration(course))

    status, told = ask(client, played.key)

    assert (status, told["sequenced"], told["told"]["refused"]) == (200, False, False)
    assert len(told["tree"]) == told["activities"] == len(course.current_version.read_structure().activities)


def test_a_look_costs_few_queries_however_long_the_history(client, django_assert_max_num_queries):
    played = make.launch(make.registration(make.course("scorm2004_multi")))
    for _ in range(5):
        played.go("choice", "nowhere")

    with django_assert_max_num_queries(9):
        ask(client, played.key)
    assert LINES == 100  # of the tree in one answer
