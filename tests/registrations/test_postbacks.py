"""Results reach customers' systems: in each format, soon after they changed, again after a failure."""

import base64
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from realms.configuration.postbacks import AUTH, FORMAT, IS_JSON, PASSWORD, URL, USER
from registrations import happened, postbacks, results, tasks
from registrations.models import Instance, Postback, Registration
from tests import make
from tests.receiver import Receiver, receiver
from webhooks import events, services
from webhooks.models import Endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(settings) -> Iterator[Receiver]:
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    with receiver() as running:
        yield running


def wanted(system: Receiver, package: str = "scorm12_single", **chosen: str) -> Registration:
    """A registration of a customer's system that wants results posted; nothing of it is launched yet."""
    one = make.registration(make.course(package))
    one.is_sandbox, one.settings = False, {URL: system.url("/results"), **chosen}
    one.save()
    return one


def document(system: Receiver) -> dict:
    """What was posted last, by form."""
    return json.loads(parse_qs(system.got[-1].body.decode())["data"][0])


def make_due() -> None:
    Postback.objects.filter(due__isnull=False).update(due=timezone.now())


# --- what is posted ---------------------------------------------------------------------------------------------------


def test_a_result_is_posted_at_once_as_a_form(system, django_capture_on_commit_callbacks):
    one = wanted(system, **{USER: "lms", PASSWORD: "a&b=c"})
    played = make.launch(one)

    with django_capture_on_commit_callbacks(execute=True):
        played.report(lesson_status="passed", score__raw="80", finished=True)

    (posted,) = system.got
    fields = parse_qs(posted.body.decode())
    assert (posted.path, fields["userName"], fields["password"]) == ("/results", ["lms"], ["a&b=c"])
    said = document(system)
    assert (said["id"], said["instance"], said["course"]["version"]) == (one.registration_id, 0, 0)
    assert (said["registrationCompletion"], said["registrationSuccess"]) == ("COMPLETED", "PASSED")
    assert said["score"] == {"scaled": 80}
    assert said["learner"] == {"id": "ada", "firstName": "Ada", "lastName": "Lovelace"}
    assert "activityDetails" not in said
    row = Postback.objects.get()
    assert (row.state, row.last["status"], "a%26b" in row.body) == ("delivered", 200, False)


def test_by_http_basic_the_body_is_the_document(system, django_capture_on_commit_callbacks):
    played = make.launch(wanted(system, **{AUTH: "httpbasic", USER: "lms", PASSWORD: "geheim", FORMAT: "activity"}))

    with django_capture_on_commit_callbacks(execute=True):
        played.report(lesson_status="failed", finished=True)

    (posted,) = system.got
    assert base64.b64decode(posted.headers["Authorization"].removeprefix("Basic ")) == b"lms:geheim"
    said = json.loads(posted.body)
    assert said["registrationSuccess"] == "FAILED"
    assert [child["activitySuccess"] for child in said["activityDetails"]["children"]] == ["FAILED"]
    assert "runtime" not in said["activityDetails"]["children"][0]


def test_the_full_format_has_run_time_data(system, django_capture_on_commit_callbacks):
    played = make.launch(wanted(system, **{FORMAT: "full"}))

    with django_capture_on_commit_callbacks(execute=True):
        played.report(
            lesson_status="passed",
            cmi__interactions__0__id="q1",
            cmi__interactions__0__type="choice",
            cmi__interactions__0__student_response="b",
            finished=True,
        )

    runtime = document(system)["activityDetails"]["children"][0]["runtime"]
    assert (runtime["completionStatus"], runtime["runtimeSuccessStatus"]) == ("passed", "PASSED")
    assert [(each["id"], each["type"], each["learnerResponse"]) for each in runtime["runtimeInteractions"]] == [
        ("q1", "Choice", "b")
    ]


def test_results_can_be_xml(system, django_capture_on_commit_callbacks):
    played = make.launch(wanted(system, **{AUTH: "httpbasic", IS_JSON: "False"}))

    with django_capture_on_commit_callbacks(execute=True):
        played.report(lesson_status="passed", score__raw="90", finished=True)

    report = ElementTree.fromstring(system.got[0].body)
    assert (report.tag, report.findtext("complete"), report.findtext("success")) == (
        *("registrationreport", "complete", "passed"),
    )
    assert (report.get("format"), report.findtext("score")) == ("course", "90")


@pytest.mark.parametrize("package", ["scorm12_single", "scorm2004_multi"])
def test_results_of_many_say_what_results_of_one_say(package):
    one = make.registration(make.course(package))
    make.launch(one)
    instance = results.newest_instances(
        [Registration.objects.select_related("course").get(pk=one.pk)], with_state=True
    )[0]

    assert results.results_of([instance], results.FORMATS["full"]) == [
        results.results(Instance.objects.get(pk=instance.pk), results.FORMATS["full"])
    ]


# --- when -------------------------------------------------------------------------------------------------------------


def test_what_changes_no_result_is_gathered_and_told_once(system, django_capture_on_commit_callbacks):
    played = make.launch(wanted(system))

    for place in ("1", "2", "3"):
        played.report(lesson_status="incomplete", lesson_location=place)

    row = Postback.objects.get()
    assert (row.state, row.attempts, system.got) == ("waiting", 0, [])
    make_due()
    tasks.sweep()
    assert len(system.got) == 1
    assert document(system)["registrationCompletion"] == "INCOMPLETE"


def test_a_sandbox_registration_is_nobodys_business(system, django_capture_on_commit_callbacks):
    one = wanted(system)
    Registration.objects.update(is_sandbox=True)

    with django_capture_on_commit_callbacks(execute=True):
        make.launch(one).report(lesson_status="passed", finished=True)

    assert (system.got, Postback.objects.count()) == ([], 0)


def test_without_an_address_nothing_is_owed():
    one = make.registration()
    Registration.objects.update(is_sandbox=False)

    make.launch(one).report(lesson_status="passed", finished=True)

    assert not Postback.objects.exists()


def test_what_changes_while_it_is_sent_is_sent_after_it(system, django_capture_on_commit_callbacks):
    played = make.launch(wanted(system))
    played.report(lesson_status="incomplete")
    make_due()
    row = Postback.objects.get()
    claimed = postbacks.delivering.claim(Postback, row.pk, timezone.now())

    played.report(lesson_status="passed", finished=True)
    postbacks._done(claimed, postbacks.Attempt(timezone.now(), 200))

    following = Postback.objects.get(due__isnull=False)
    assert following.pk != row.pk
    postbacks.deliver(following.pk)
    assert document(system)["registrationSuccess"] == "PASSED"
    assert not Postback.objects.filter(due__isnull=False).exists()


# --- failures ---------------------------------------------------------------------------------------------------------


def test_what_failed_waits_twice_as_long_each_time_and_is_given_up_in_the_end(system):
    make.launch(wanted(system)).report(lesson_status="passed", finished=True)
    row = Postback.objects.get()
    system.statuses = [500] * postbacks.MAX_ATTEMPTS
    waits = []

    while (wait := postbacks.deliver(row.pk)) is not None:
        waits.append(wait)
        make_due()

    row.refresh_from_db()
    assert (row.state, row.attempts, len(system.got)) == ("failed", 70, 70)
    assert [0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits[:10])] == [True] * 10
    assert all(450 <= wait <= 900 for wait in waits[10:])


@pytest.mark.parametrize(("status", "state"), [(204, "delivered"), (302, "delivered"), (404, "waiting")])
def test_redirects_count_as_taken_and_are_not_followed(system, status, state):
    make.launch(wanted(system)).report(lesson_status="passed", finished=True)
    system.statuses = [status]

    postbacks.deliver(Postback.objects.get().pk)

    assert (Postback.objects.get().state, len(system.got)) == (state, 1)


def test_a_private_address_is_never_asked(system, settings):
    make.launch(wanted(system)).report(lesson_status="passed", finished=True)
    settings.ALLOWED_FETCH_HOSTS = []

    postbacks.deliver(Postback.objects.get().pk)

    assert (system.got, Postback.objects.get().last["status"]) == ([], 0)


def test_one_that_was_given_up_can_be_sent_again(system, django_capture_on_commit_callbacks):
    make.launch(wanted(system)).report(lesson_status="passed", finished=True)
    row = Postback.objects.get()
    Postback.objects.update(due=None)

    with django_capture_on_commit_callbacks(execute=True):
        postbacks.send_again(row)

    assert document(system)["registrationSuccess"] == "PASSED"


def test_a_test_is_posted_once_and_keeps_nothing(system):
    target = postbacks.Target(system.url("/results"))

    made = postbacks.send_test(target, make.application().pk)

    assert (made.status, document(system)["id"], Postback.objects.count()) == (200, "test-registration", 0)


def test_what_goes_wrong_in_telling_costs_the_learner_nothing(system, caplog):
    one = wanted(system)
    Registration.objects.filter(pk=one.pk).update(settings={URL: system.url(), FORMAT: ["broken"]})
    played = make.launch(one)
    Registration.objects.filter(pk=one.pk).update(settings={URL: 5})

    with caplog.at_level(logging.CRITICAL):
        played.report(lesson_status="passed", finished=True)

    one.refresh_from_db()
    assert one.success == "passed"


# --- events -----------------------------------------------------------------------------------------------------------


def test_each_step_of_a_registration_is_an_event(system, django_capture_on_commit_callbacks):
    one = wanted(system)
    Registration.objects.update(settings={})
    services.add_endpoint(one.application, "Ours", system.url("/events"), events.EVENTS)

    with django_capture_on_commit_callbacks(execute=True):
        played = make.launch(one)
        played.report(lesson_status="incomplete")
    with django_capture_on_commit_callbacks(execute=True):
        played.report(lesson_status="passed", finished=True)

    told = [json.loads(posted.body) for posted in system.got]
    assert [said["type"] for said in told] == [
        "registration.launched",
        "registration.completed",
        "registration.passed",
    ]
    assert {said["data"]["id"] for said in told} == {one.registration_id}
    assert "launchTime" in told[0]["data"]["launch"]
    assert Endpoint.objects.get().deliveries.count() == 3


def test_a_report_that_changes_nothing_asks_little_more_for_it(system):
    """Two savepoints, and the open postback looked up and marked."""
    one = wanted(system)
    instance = Instance.objects.select_related("registration", "version__course__application").get(registration=one)
    before = one.read_outcome()
    happened.note_results(instance, before, is_over=False)

    with CaptureQueriesContext(connection) as queries:
        happened.note_results(instance, before, is_over=False)

    assert len(queries) <= 5


def test_old_ones_are_forgotten(system):
    make.launch(wanted(system)).report(lesson_status="passed", finished=True)
    Postback.objects.update(created=timezone.now() - timedelta(days=31), due=None)

    tasks.clean_up()

    assert not Postback.objects.exists()
