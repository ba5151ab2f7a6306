"""Sessions of SCORM and AICC content as statements of the xAPI SCORM Profile, from the report to the store."""

import json
from typing import Any

import pytest

from lrs.models import Statement
from player import stating
from player.tasks import sweep
from registrations import instances, services
from registrations.links import LaunchLink
from registrations.models import Outgoing, Registration
from standards.structure import Learner
from tests import make
from tests.standards.aicc.packages import course_zip

pytestmark = pytest.mark.django_db

ANSWER: dict[str, Any] = {
    "cmi__interactions__0__id": "q 1/ü",
    "cmi__interactions__0__type": "choice",
    "cmi__interactions__0__student_response": "a,b",
    "cmi__interactions__0__correct_responses__0__pattern": "{a,c}",
}
JUDGED: dict[str, Any] = {"cmi__interactions__0__result": "wrong", "cmi__interactions__0__latency": "00:00:07.50"}


def told(registration: Registration) -> list[dict[str, Any]]:
    """The statements of a registration in the store, once all is handed over."""
    for instance in registration.instances.order_by("number"):
        stating.deliver(instance.pk)
    assert not Outgoing.objects.exists()
    bodies = [json.loads(body) for body in Statement.objects.order_by("stored").values_list("body", flat=True)]
    numbers = {str(each.xapi_registration) for each in registration.instances.all()}
    return [body for body in bodies if body["context"]["registration"] in numbers]


def verbs(registration: Registration) -> list[str]:
    return [body["verb"]["id"].rpartition("/")[2] for body in told(registration)]


def test_a_session_of_scorm_1_2():
    registration = make.registration()
    played = make.launch(registration)

    played.report(lesson_status="incomplete", **ANSWER)
    played.report(score__raw="80", score__min="0", score__max="100", **JUDGED)
    played.report(lesson_status="passed", session_time="00:01:30", finished=True)

    statements = told(registration)
    assert [each["verb"]["id"].rpartition("/")[2] for each in statements] == [
        "initialized", "scored", "responded", "completed", "passed", "terminated",
    ]  # fmt: skip
    assert {each["actor"]["account"]["name"] for each in statements} == {"ada"}
    answered, last = statements[2], statements[-1]
    assert answered["object"]["id"].endswith("/interactions/q%201%2F%C3%BC")
    assert answered["object"]["definition"]["correctResponsesPattern"] == ["a[,]c"]
    assert answered["result"] == {"response": "a[,]b", "success": False, "duration": "PT7.50S"}
    assert answered["context"]["contextActivities"]["parent"][0]["id"] == last["object"]["id"]
    assert last["result"] == {
        "score": {"scaled": 0.8, "raw": 80.0, "min": 0.0, "max": 100.0},
        "completion": True, "success": True, "duration": "PT90S",
    }  # fmt: skip


def test_a_suspended_attempt_is_resumed_as_the_same_attempt():
    registration = make.registration()
    make.launch(registration).report(lesson_status="incomplete", exit="suspend", finished=True)
    make.launch(registration).report(lesson_status="completed", exit="", finished=True)
    make.launch(registration)

    statements = told(registration)

    assert verbs(registration) == ["initialized", "suspended", "resumed", "completed", "terminated", "initialized"]
    attempts = [each["context"]["contextActivities"]["grouping"][1]["id"] for each in statements]
    assert len(set(attempts[:5])) == 1
    assert attempts[5] != attempts[0]


def test_a_session_of_scorm_2004():
    registration = make.registration(make.course("scorm2004_single"))
    played = make.launch(registration)
    answer: dict[str, Any] = {
        name.replace("student", "learner"): value.replace(",", "[,]") for name, value in ANSWER.items()
    }
    played.report(**answer, cmi__interactions__0__result="correct", cmi__interactions__0__latency="PT2S")
    played.report(
        cmi__completion_status="completed", cmi__success_status="failed", cmi__score__scaled="-0.25",
        cmi__exit="suspend", finished=True,
    )  # fmt: skip
    played.go("suspendAll")
    make.launch(registration)

    statements = told(registration)

    assert verbs(registration) == [
        "initialized", "scored", "completed", "failed", "responded", "suspended", "resumed",
    ]  # fmt: skip
    assert statements[4]["result"] == {"response": "a[,]b", "success": True, "duration": "PT2S"}
    assert statements[3]["result"] == {"success": False, "score": {"scaled": -0.25}}


def test_objectives_and_comments_are_told_at_the_end_and_what_is_new_of_them_in_the_next_session():
    registration = make.registration()
    objective = {"cmi__objectives__0__id": "rules", "cmi__objectives__0__status": "failed"}
    scored = {"cmi__objectives__0__score__raw": "40", "cmi__objectives__1__id": "untouched"}
    make.launch(registration).report(exit="suspend", finished=True, cmi__comments="<1>hard</1>", **objective, **scored)
    passed = {"cmi__objectives__0__status": "passed"}
    make.launch(registration).report(exit="suspend", finished=True, **objective | passed)

    statements = told(registration)

    assert verbs(registration) == ["initialized", "failed", "commented", "suspended", "resumed", "passed", "suspended"]
    assert statements[1]["object"]["id"].endswith("/objectives/rules")
    assert statements[1]["object"]["definition"]["type"] == "http://adlnet.gov/expapi/activities/objective"
    assert statements[1]["context"]["contextActivities"]["parent"][0]["id"] == statements[0]["object"]["id"]
    assert statements[1]["result"] == {"score": {"raw": 40.0}, "success": False}
    assert statements[2]["result"] == {"response": "<1>hard</1>"}
    assert statements[5]["result"] == {"score": {"raw": 40.0}, "success": True}


def test_objectives_and_comments_of_scorm_2004():
    registration = make.registration(make.course("scorm2004_single"))
    played = make.launch(registration)
    played.report(
        cmi__objectives__0__id="o", cmi__objectives__0__score__scaled="0.5",
        cmi__objectives__0__completion_status="completed", cmi__objectives__0__description="Know it",
        cmi__comments_from_learner__0__comment="{lang=en}good", cmi__exit="suspend", finished=True,
    )  # fmt: skip
    played.go("suspendAll")

    statements = told(registration)

    about = next(each for each in statements if "/objectives/" in each["object"]["id"])
    assert about["verb"]["id"].endswith("/completed")
    assert about["result"] == {"score": {"scaled": 0.5}, "completion": True}
    assert about["object"]["definition"]["name"] == {"und": "Know it"}
    assert [each["result"]["response"] for each in statements if each["verb"]["id"].endswith("commented")] == ["good"]


def test_a_session_of_aicc():
    registration = make.registration(make.course_of_zip(course_zip()))
    played = make.launch(registration)
    played.report(lesson_status="incomplete", exit="suspend", **ANSWER, **JUDGED)
    played.report(lesson_status="completed", exit="suspend", session_time="00:00:10", finished=True)

    assert verbs(registration) == ["initialized", "responded", "completed", "suspended"]


def test_what_is_handed_over_twice_is_there_once():
    registration = make.registration()
    make.launch(registration).report(lesson_status="completed", finished=True)
    kept = list(Outgoing.objects.all())
    first = told(registration)

    Outgoing.objects.bulk_create(kept)  # as after a task that died with its transaction half seen

    assert told(registration) == first


def test_a_statement_that_the_store_refuses_holds_up_no_other(caplog: pytest.LogCaptureFixture):
    registration = make.registration()
    played = make.launch(registration)
    row = Outgoing.objects.get()
    row.event = {**row.event, "at": "no time"}
    row.save()
    played.report(lesson_status="completed", finished=True)

    assert verbs(registration) == ["completed", "terminated"]
    assert "is left out" in caplog.text


def test_the_sweep_delivers_what_the_queue_lost(monkeypatch: pytest.MonkeyPatch):
    registration = make.registration()
    make.launch(registration)
    monkeypatch.setattr(stating, "PATIENCE", -stating.PATIENCE)

    sweep()

    assert not Outgoing.objects.exists()
    assert verbs(registration) == ["initialized"]


@pytest.mark.parametrize(("value", "is_sandbox", "expected"), [
    ("ALL", True, ["initialized"]), ("ALL", False, ["initialized"]),
    ("SANDBOX", True, ["initialized"]), ("SANDBOX", False, []),
    ("NONE", True, []), ("NONE", False, []),
])  # fmt: skip
def test_the_setting_says_whose_sessions_are_told(value: str, is_sandbox: bool, expected: list[str]):
    registration = make.registration()
    Registration.objects.filter(pk=registration.pk).update(is_sandbox=is_sandbox)
    registration.refresh_from_db()
    services.configure_registration(registration, {"PlayerSessionStatements": value})

    make.launch(registration)

    assert verbs(registration) == expected
    stores = set(Statement.objects.values_list("store__is_sandbox", flat=True))
    assert stores == ({is_sandbox} if expected else set())


def test_a_preview_is_not_told():
    course = make.course()
    link = LaunchLink(version_id=course.current_version_id, learner=Learner("visitor"))
    services.start(services.begin_launch(link, services.Visitor()).key)

    assert not Outgoing.objects.exists()


@pytest.mark.parametrize("learner", ["a b", "ä@ß", "'\"<>", "x" * 255, "{}", "mailto:me", "\U0001f600"])
def test_any_learner_id_is_the_name_of_an_account(learner: str):
    registration = make.registration(learner=learner)
    make.launch(registration)

    assert [each["actor"]["account"]["name"] for each in told(registration)] == [learner]


def test_what_content_made_up_is_told_as_far_as_it_can_be():
    registration = make.registration()
    played = make.launch(registration)
    hostile: dict[str, Any] = {
        "cmi__interactions__0__id": "]['\"", "cmi__interactions__0__type": "nonsense",
        "cmi__interactions__0__student_response": "", "cmi__interactions__0__result": "1e999",
        "cmi__interactions__0__latency": "soon", "cmi__interactions__1__result": "correct",
    }  # fmt: skip
    played.report(score__raw="300", score__min="9", score__max="1", finished=True, lesson_status="failed", **hostile)

    statements = told(registration)

    assert verbs(registration) == ["initialized", "scored", "completed", "passed", "responded", "terminated"]
    assert statements[1]["result"] == {"score": {"scaled": 1.0, "raw": 300.0}}
    assert statements[4]["result"] == {"response": ""}
    assert statements[4]["object"]["definition"]["interactionType"] == "other"


def test_an_answer_is_told_once_and_a_new_one_again():
    registration = make.registration()
    played = make.launch(registration)
    for status in ("incomplete", "completed"):
        played.report(lesson_status=status, **ANSWER, **JUDGED)
    played.report(cmi__interactions__0__student_response="a,c", cmi__interactions__0__result="correct", finished=True)

    assert verbs(registration) == ["initialized", "responded", "completed", "responded", "terminated"]


def test_another_instance_has_statements_of_its_own():
    registration = make.registration()
    make.launch(registration)
    services.restart(registration)
    make.launch(registration)

    statements = told(registration)

    assert len({each["id"] for each in statements}) == len(statements) == 2
    assert instances.instance_named(statements[1]["context"]["registration"]) == registration.instances.first()
