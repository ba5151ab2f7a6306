"""The pages about courses in use and registrations: what they show, filter, download and change."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from content.models import Course
from realms.models import Realm
from registrations import services
from registrations.models import CallLog, Instance, LaunchRecord, Registration
from standards.structure import Outcome
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make.user("olga@example.com", first_name="Olga", last_name="Owner")


@pytest.fixture
def realm(owner: User) -> Realm:
    return make.realm(owner)


@pytest.fixture
def console(client: Client, owner: User, realm: Realm) -> Client:
    client.force_login(owner)
    return client


def url(name: str, realm: Realm, *ids: int) -> str:
    return reverse(f"registrations:{name}", args=[realm.slug, *ids])


def words(response: Any) -> str:
    """The page as it is written, blanks made one."""
    return " ".join(unescape(response.content.decode()).split())


def facts(page: str) -> str:
    """Its words without tags."""
    out, depth = [], 0
    for letter in page:
        depth += letter == "<"
        if not depth:
            out.append(letter)
        elif letter == ">":
            depth -= 1
            out.append(" ")
    return " ".join("".join(out).split())


SCORM12 = {
    "cmi.core.lesson_status": "failed",
    "cmi.core.score.raw": "40",
    "cmi.core.lesson_location": "page 7",
    "cmi.comments": "Hard to read on a <phone>",
    "cmi.objectives.0.id": "obj-grip",
    "cmi.objectives.0.status": "passed",
    "cmi.objectives.0.score.raw": "75",
    "cmi.interactions.0.id": "q-holes",
    "cmi.interactions.0.type": "choice",
    "cmi.interactions.0.student_response": "b",
    "cmi.interactions.0.correct_responses.0.pattern": "c",
    "cmi.interactions.0.result": "wrong",
    "cmi.interactions.0.latency": "0000:00:09",
    "cmi.interactions.0.time": "10:00:30",
}
SCORM2004 = {
    "cmi.completion_status": "completed",
    "cmi.success_status": "failed",
    "cmi.score.scaled": "0.4",
    "cmi.location": "page 7",
    "cmi.comments_from_learner.0.comment": "Hard to read on a <phone>",
    "cmi.comments_from_learner.0.location": "page 3",
    "cmi.objectives.0.id": "obj-grip",
    "cmi.objectives.0.success_status": "passed",
    "cmi.objectives.0.completion_status": "completed",
    "cmi.objectives.0.score.scaled": "0.75",
    "cmi.objectives.0.description": "Hold the club",
    "cmi.interactions.0.id": "q-holes",
    "cmi.interactions.0.type": "choice",
    "cmi.interactions.0.description": "How many holes?",
    "cmi.interactions.0.learner_response": "b",
    "cmi.interactions.0.correct_responses.0.pattern": "c",
    "cmi.interactions.0.correct_responses.1.pattern": "d",
    "cmi.interactions.0.result": "incorrect",
    "cmi.interactions.0.latency": "PT9S",
    "cmi.interactions.0.timestamp": "2026-05-04T10:00:30Z",
}


def call(method: str = "LMSSetValue", *arguments: str, activity: str = "I1", **fields: Any) -> dict[str, Any]:
    entry = {"at": "2026-05-04T10:00:00.123Z", "activity": activity, "method": method, "arguments": list(arguments)}
    return entry | {"result": "true", "code": 0, "diagnostic": "", "warning": ""} | fields


def logged(registration: Registration, *batches: list[dict[str, Any]]) -> make.Played:
    """A launch with these batches in its debug log."""
    played = make.launch(registration)
    for number, entries in enumerate(batches, 1):
        services.store_log(played.key, number, entries)
    return played


# --- course -----------------------------------------------------------------------------------------------------------


def test_a_new_course_shows_its_structure_report_and_version_and_that_nobody_tested_it(console: Client, realm: Realm):
    course = make.course("scorm12_two_scos", of=realm)

    page = facts(words(console.get(url("course", realm, course.pk))))

    assert "Not tested yet" in page
    assert "Launch in the sandbox" in page
    for activity in course.current_version.read_structure().leaves:
        assert activity.title in page
        assert activity.href in page
    assert "Versions" in page
    assert "scorm12_two_scos.zip" in page
    assert "SCORM 1.2" in page
    assert course.course_id in page
    assert "Deletes the course with its versions (1), files, sandbox registrations (0)" in page


def test_the_course_shows_what_the_sandbox_came_to(console: Client, owner: User, realm: Realm):
    course = make.course(of=realm)
    registration = make.registration(course, owner.email)
    played = make.launch(registration)
    played.report(lesson_status="passed", score__raw="80", session_time="0000:01:30")
    played.report(finished=True)

    page = facts(words(console.get(url("course", realm, course.pk))))

    assert "Completed Passed 80 % 1 min 30 s" in page.partition("Sandbox never charged")[2]
    assert "Completed Passed 80 % 1 min 30 s" in page.partition("to launch")[2].partition("Import report")[0]
    assert "Resume in the sandbox" in page


def test_htmx_gets_the_sandbox_alone(console: Client, realm: Realm):
    course = make.course(of=realm)
    registration = make.registration(course)

    fragment = words(
        console.get(url("course", realm, course.pk), headers={"HX-Request": "true", "HX-Target": "sandbox"})
    )

    assert f'data-registration="{registration.pk}"' in fragment
    assert "<html" not in fragment


def test_a_learner_on_an_older_version_is_told(console: Client, owner: User, realm: Realm):
    course = make.course(of=realm)
    make.launch(make.registration(course, owner.email))
    make.course("scorm12_two_scos", of=realm, course_id=course.course_id, may_create_version=True)

    page = facts(words(console.get(url("course", realm, course.pk))))

    assert "Your sandbox registration is on an older version. Restart it to play version 1." in page


def test_a_course_without_content_can_be_looked_at_but_not_launched(console: Client, realm: Realm):
    course = Course.objects.create(
        application=make.internal_application(realm), course_id="empty", title="Empty", standard="SCORM12"
    )

    page = console.get(url("course", realm, course.pk))
    preview = console.post(url("preview", realm, course.pk), follow=True)
    launch = console.post(url("launch", realm, course.pk), follow=True)

    assert page.status_code == 200
    assert 'id="launch" disabled' in words(page)
    assert "This course has no content yet." in words(preview)
    assert "This course has no content yet." in words(launch)


def test_launching_twice_makes_one_registration_and_leads_to_the_content_origin(console: Client, realm: Realm):
    course = make.course(of=realm)

    answers = [console.post(url("launch", realm, course.pk)) for _ in range(2)]

    registration = course.registrations.get()
    assert (registration.learner_id, registration.learner.name) == ("olga@example.com", "Owner, Olga")
    assert registration.is_sandbox
    for answer in answers:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(f"{settings.CONTENT_ORIGIN}/launch/")
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_preview_makes_no_registration(console: Client, realm: Realm):
    course = make.course(of=realm)

    answer = console.post(url("preview", realm, course.pk))

    assert answer.headers["Location"].startswith(f"{settings.CONTENT_ORIGIN}/launch/")
    assert (course.registrations.count(), LaunchRecord.objects.count()) == (0, 0)


# --- registration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("package", "values", "outcome"),
    [
        ("scorm12_single", SCORM12, "Completion Unknown Success Failed Score 40 %"),
        ("scorm2004_single", SCORM2004, "Completion Completed Success Failed Score 40 %"),
    ],
    ids=["SCORM 1.2", "SCORM 2004"],
)
def test_a_registration_shows_all_that_was_reported(
    console: Client, realm: Realm, package: str, values: dict[str, str], outcome: str
):
    registration = make.registration(make.course(package, of=realm))
    make.launch(registration).report(**values)

    response = console.get(url("registration", realm, registration.pk))

    page = words(response)
    text = facts(page)
    assert outcome in text
    assert "Hard to read on a <phone>" in page
    assert "<phone>" not in response.content.decode()
    interactions = text.partition("Interactions 1")[2].partition("Objectives 1")[0]
    for shown in ("q-holes", "choice", "b", "c", "9", ":00:30"):
        assert shown in interactions
    assert ("wrong" if package == "scorm12_single" else "incorrect") in interactions
    objectives = text.partition("Objectives 1")[2].partition("Comments")[0]
    assert "obj-grip" in objectives
    assert "passed" in objectives
    assert "75" in objectives
    run_time = text.partition("Run-time data")[2]
    for name, value in values.items():
        assert f"{name} {value}" in (run_time if "<" not in value else f"{name} {value}")
    assert "Launches 1" in text


def test_a_registration_that_was_never_launched_says_so(console: Client, realm: Realm):
    registration = make.registration(make.course(of=realm))

    page = facts(words(console.get(url("registration", realm, registration.pk))))

    assert "Nothing reported yet" in page
    assert "Not launched yet" in page
    assert "First launch never" in page


def test_the_activity_that_is_asked_for_is_shown_or_else_the_open_one(console: Client, realm: Realm):
    registration = make.registration(make.course("scorm12_two_scos", of=realm))
    played = make.launch(registration)
    played.report(lesson_location="in the first")
    played.go("continue")
    played.report(lesson_location="in the second")
    address = url("registration", realm, registration.pk)

    pages = {wanted: words(console.get(address, {"activity": wanted})) for wanted in ("I1", "I2", "no-such-activity")}

    shown = {wanted: ["in the first" in page, "in the second" in page] for wanted, page in pages.items()}
    assert shown == {"I1": [True, False], "I2": [False, True], "no-such-activity": [False, True]}
    assert "open now" in pages["I1"]


def test_htmx_gets_the_progress_alone(console: Client, realm: Realm):
    registration = make.registration(make.course(of=realm))

    headers = {"HX-Request": "true", "HX-Target": "progress"}
    fragment = words(console.get(url("registration", realm, registration.pk), headers=headers))

    assert 'id="activities-title"' in fragment
    assert "<html" not in fragment


def test_restart_keeps_what_was_done_as_an_older_instance(console: Client, realm: Realm):
    registration = make.registration(make.course(of=realm))
    make.launch(registration).report(lesson_status="passed", lesson_location="of the first run")
    address = url("registration", realm, registration.pk)

    answer = console.post(url("restart", realm, registration.pk), follow=True)

    registration.refresh_from_db()
    assert registration.read_outcome() == Outcome()
    assert answer.redirect_chain == [(address, 302)]
    assert "The next launch begins anew on the current version." in words(answer)
    assert "of the first run" not in words(answer)
    assert "Instance 1 · version 0" in words(answer)
    assert "of the first run" in words(console.get(address, {"instance": "0"}))


def test_reset_forgets_everything(console: Client, realm: Realm):
    registration = make.registration(make.course(of=realm))
    logged(registration, [call()]).report(lesson_status="passed", lesson_location="of the first run")

    answer = console.post(url("reset", realm, registration.pk), follow=True)

    registration.refresh_from_db()
    assert (registration.read_outcome(), registration.first_access, registration.completed_at) == (
        Outcome(),
        None,
        None,
    )
    assert "All progress of this registration was removed." in words(answer)
    assert (registration.instances.count(), LaunchRecord.objects.count(), CallLog.objects.count()) == (1, 0, 0)


def test_delete_leads_back_to_the_course(console: Client, realm: Realm):
    registration = make.registration(make.course(of=realm))
    logged(registration, [call()])

    answer = console.post(url("delete", realm, registration.pk), follow=True)

    assert answer.redirect_chain == [(url("course", realm, registration.course_id), 302)]
    assert "The registration was deleted." in words(answer)
    kept = [model.objects.count() for model in (Registration, Instance, LaunchRecord, CallLog)]
    assert kept == [0, 0, 0, 0]


@pytest.mark.parametrize("verb", ["restart", "reset", "delete", "launch", "preview"])
def test_no_link_can_change_anything(console: Client, realm: Realm, verb: str):
    registration = make.registration(make.course(of=realm))
    pk = registration.course_id if verb in ("launch", "preview") else registration.pk

    assert console.get(url(verb, realm, pk)).status_code == 405
    assert Instance.objects.count() == 1


# --- list -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(realm: Realm) -> dict[str, Registration]:
    """Ada has passed a course, Bob is in the middle of another, Eve has not begun it."""
    golf, rowing = make.course(of=realm), make.course("scorm12_two_scos", of=realm)
    Course.objects.filter(pk=golf.pk).update(title="Golf")
    Course.objects.filter(pk=rowing.pk).update(title="Rowing")
    found = {
        "ada": make.registration(golf, "ada"),
        "bob": make.registration(rowing, "bob"),
        "eve": make.registration(rowing, "eve"),
    }
    make.launch(found["ada"]).report(lesson_status="passed")
    make.launch(found["bob"]).report(lesson_status="incomplete")
    Registration.objects.filter(pk=found["eve"].pk).update(is_sandbox=False, learner_last_name="Adamson")
    return found


LIST_FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({}, {"ada", "bob", "eve"}),
    ({"q": "BOB"}, {"bob"}),  # the learner's id
    ({"q": "adamson"}, {"eve"}),  # the last name
    ({"course": "golf"}, {"ada"}),
    ({"course": "chess"}, set()),
    ({"q": "Ada lovelace"}, {"ada", "bob"}),
    ({"q": "sandbox-"}, {"ada", "bob", "eve"}),
    ({"q": "100%"}, set()),
    ({"kind": "sandbox"}, {"ada", "bob"}),
    ({"kind": "real"}, {"eve"}),
    ({"completion": "completed"}, {"ada"}),
    ({"completion": "incomplete"}, {"bob"}),
    ({"success": "passed"}, {"ada"}),
    ({"success": "unknown", "kind": "sandbox"}, {"bob"}),
    ({"completion": "nonsense", "order": "drop table"}, {"ada", "bob", "eve"}),
]


@pytest.mark.parametrize(("asked", "expected"), LIST_FILTERS)
def test_the_list_is_narrowed(
    console: Client, realm: Realm, three: dict[str, Registration], asked: dict[str, str], expected: set[str]
):
    page = words(console.get(url("list", realm), asked))

    found = {name for name, each in three.items() if url("registration", realm, each.pk) in page}
    assert found == expected
    assert ("No registration matches" in page) is (not expected)


@pytest.mark.parametrize(
    ("order", "expected"),
    [("learner", ["eve", "ada", "bob"]), ("-created", ["eve", "bob", "ada"]), ("created", ["ada", "bob", "eve"])],
)
def test_the_list_is_ordered(
    console: Client, realm: Realm, three: dict[str, Registration], order: str, expected: list[str]
):
    page = words(console.get(url("list", realm), {"order": order}))

    assert sorted(three, key=lambda name: page.index(url("registration", realm, three[name].pk))) == expected


def test_the_list_comes_page_by_page(console: Client, realm: Realm, monkeypatch: pytest.MonkeyPatch, three: dict):
    monkeypatch.setattr("registrations.finding.PAGE", 2)

    first = words(console.get(url("list", realm), {"order": "created"}))
    following = re.search(r'href="(\?[^"]*after=[^"]*)" [^>]*rel="next"', first)
    assert following is not None
    pages = [first, words(console.get(url("list", realm) + following[1]))]

    shown = [[name for name, each in three.items() if url("registration", realm, each.pk) in page] for page in pages]
    assert shown == [["ada", "bob"], ["eve"]]
    assert "3 registrations" in pages[0]
    assert "order=created" in following[1], "the other page keeps the order"
    assert 'rel="prev"' in pages[1]


# --- debug log --------------------------------------------------------------------------------------------------------

CALLS = [
    [
        call("LMSInitialize", ""),
        call("LMSGetValue", "cmi.core.student_name", result="Lovelace, Ada"),
        call("LMSSetValue", "cmi.core.lesson_status", "excellent", result="false", code=405, diagnostic="no such word"),
    ],
    [
        call("LMSSetValue", "cmi.suspend_data", "Größe=<b>42</b>", activity="I2"),
        call("LMSCommit", "", activity="I2", warning="The value is longer than 4096 characters."),
        call("LMSGetLastError", result="0", code="0", activity="I2"),
    ],
]
LOG_FILTERS: list[tuple[dict[str, str], list[int]]] = [
    ({}, [0, 1, 2, 3, 4, 5]),
    ({"activity": "I2"}, [3, 4, 5]),
    ({"activity": "I9"}, []),
    ({"method": "LMSSetValue"}, [2, 3]),
    ({"method": "LMSSetValue", "activity": "I1"}, [2]),
    ({"errors": "1"}, [2, 4]),
    ({"errors": "0"}, [0, 1, 2, 3, 4, 5]),
    ({"q": "LOVELACE"}, [1]),
    ({"q": "größe"}, [3]),
    ({"q": "cmi."}, [1, 2, 3]),
    ({"q": "no such word"}, [2]),
]


@pytest.mark.parametrize(("asked", "expected"), LOG_FILTERS)
def test_the_log_is_filtered_alike_on_the_page_and_in_the_download(
    console: Client, realm: Realm, asked: dict[str, str], expected: list[int]
):
    registration = make.registration(make.course("scorm12_two_scos", of=realm))
    logged(registration, *CALLS)

    page = words(console.get(url("log", realm, registration.pk), asked))
    download = console.get(url("download_log", realm, registration.pk), asked)

    lines = [json.loads(line) for line in download.getvalue().decode().splitlines()]
    every = [entry for batch in CALLS for entry in batch]
    assert lines == [{**every[number], "launch": 1} for number in expected]
    assert page.count('<th scope="row"><code>') == len(expected)
    assert ("No calls to show" in page) is (not expected)
    assert download.headers["Content-Type"] == "application/x-ndjson"
    assert f'filename="debug-log-{registration.pk}.jsonl"' in download.headers["Content-Disposition"]


def test_the_log_shows_a_call_with_its_arguments_answer_and_error(console: Client, realm: Realm):
    registration = make.registration(make.course("scorm12_two_scos", of=realm))
    logged(registration, *CALLS)

    response = console.get(url("log", realm, registration.pk))

    page = facts(words(response).partition("<tbody>")[2].replace("&lt;", "<"))
    assert "10:00:00.123 I1 LMSSetValue cmi.core.lesson_status excellent false 405 no such word" in page
    assert "LMSCommit true The value is longer than 4096 characters." in page
    assert "<b>42</b>" not in response.content.decode()
    assert words(response).count('class="is-error"') == 1
    assert words(response).count('class="is-warning"') == 1


def test_the_log_comes_page_by_page_across_launches(console: Client, realm: Realm, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("registrations.views.LOG_PAGE", 2)
    registration = make.registration(make.course(of=realm))
    logged(registration, [call("LMSSetValue", "a", str(number)) for number in (0, 1)], [call("LMSSetValue", "a", "2")])
    logged(registration, [call("LMSSetValue", "a", str(number)) for number in (3, 4)])
    address = url("log", realm, registration.pk)

    pages = [words(console.get(address, {"from": start, "q": "lmsset"})) for start in (0, 2, 4, 6)]

    shown = [[n for n in range(5) if f"<code>a</code> <code>{n}</code>" in page] for page in pages]
    assert shown == [[0, 1], [2, 3], [4], []]
    assert ["Later calls" in page for page in pages] == [True, True, False, False]
    assert ["Earlier calls" in page for page in pages] == [False, True, True, True]
    assert "from=2&q=lmsset" in pages[0]


def test_the_log_of_an_older_instance_is_its_own(console: Client, realm: Realm):
    registration = make.registration(make.course(of=realm))
    logged(registration, [call("LMSSetValue", "of", "the first run")])
    services.restart(registration)
    logged(registration, [call("LMSSetValue", "of", "the second run")])
    address = url("log", realm, registration.pk)

    newest, older = words(console.get(address)), words(console.get(address, {"instance": "0"}))

    assert ["the first run" in newest, "the second run" in newest] == [False, True]
    assert ["the first run" in older, "the second run" in older] == [True, False]


# --- any page ---------------------------------------------------------------------------------------------------------

BAD_QUERIES = [
    *({"instance": value} for value in ("abc", "-1", "²", "٣", "1e3", "9" * 5000, "", "\0")),
    *({"from": value} for value in ("-1", "x", "²", "9" * 30, "999999999", "1.5")),
    *({"page": value} for value in ("x", "-1", "0", "999999", "9" * 30)),
    *(
        {name: value}
        for name in ("q", "activity", "method", "order", "kind")
        for value in ("\0", "é" * 3000, "%", "'\"<")
    ),
]


@pytest.mark.parametrize("name", ["course", "registration", "list", "log", "download_log"])
@pytest.mark.parametrize("htmx", [False, True])
def test_no_query_breaks_a_page(console: Client, realm: Realm, name: str, htmx: bool):
    registration = make.registration(make.course(of=realm))
    logged(registration, CALLS[0])
    ids = {"course": [registration.course_id], "list": []}.get(name, [registration.pk])
    targets = {"course": "sandbox", "registration": "progress", "list": "registrations", "log": "log"}
    headers = {"HX-Request": "true", "HX-Target": targets.get(name, "")} if htmx else {}

    statuses = {
        str(bad)[:40]: console.get(url(name, realm, *ids), bad, headers=headers).status_code for bad in BAD_QUERIES
    }

    assert set(statuses.values()) == {200}, statuses


@pytest.mark.parametrize("name", ["registration", "log", "download_log"])
def test_an_instance_that_is_not_there_is_not_found(console: Client, realm: Realm, name: str):
    registration = make.registration(make.course(of=realm))

    assert console.get(url(name, realm, registration.pk), {"instance": "999"}).status_code == 404


def test_pages_ask_as_many_queries_for_three_rows_as_for_one(
    console: Client,
    realm: Realm,
    owner: User,
    django_assert_num_queries: Callable,
    django_assert_max_num_queries: Callable,
):
    course = make.course(of=realm, user_id=owner.pk)
    mine = make.registration(course, owner.email)
    addresses = [
        url("course", realm, course.pk),
        url("list", realm),
        url("registration", realm, mine.pk),
        url("log", realm, mine.pk),
        url("download_log", realm, mine.pk),
    ]
    logged(mine, [call()])
    console.get(addresses[0])  # what a process keeps is kept
    once = {}
    for address in addresses:
        with django_assert_max_num_queries(25) as asked:
            console.get(address).getvalue()
        once[address] = len(asked)

    for learner in ("ada", "bob"):
        make.launch(make.registration(course, learner)).report(lesson_status="passed")
        logged(mine, [call()], [call()])
        make.course(of=realm, course_id=course.course_id, may_create_version=True, user_id=make.colleague(realm).pk)
        services.restart(mine)
    services.restart(mine)
    logged(mine, [call()], [call()], [call()])
    for address in addresses:
        console.get(address).getvalue()
    for address in addresses:
        with django_assert_num_queries(once[address]):
            console.get(address).getvalue()
