"""Registrations: what each operation answers, refuses and leaves alone."""

import io
import re
import uuid
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from content.models import Course
from content.versions import make_current
from player import guards
from realms import plans
from realms.models import AuditEntry, BillingPlan, CountedRegistration
from registrations import results, services
from registrations.models import Instance, LaunchRecord, LearnerTag, Registration
from standards.structure import Learner
from tests import make
from tests.api.calling import Api, api, course, message
from tests.at_once import all_at_once
from tests.make import Played
from tests.packages import package_zip
from tests.receiver import receiver
from tests.standards.aicc.packages import AU, CRS, CST, zip_of
from tests.standards.aicc.packages import course_zip as aicc_zip
from tests.standards.cmi5.build import course_zip as cmi5_zip
from tests.standards.xapi.packages import package_zip as tin_can_zip
from webhooks import events
from webhooks.models import Delivery
from webhooks.services import add_endpoint

pytestmark = pytest.mark.django_db
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ADA = {"id": "ada", "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com"}


def created(mine: Api, registration_id: str = "r1", course_id: str = "golf", **more: Any) -> Registration:
    """A registration made by the API."""
    learner = more.pop("learner", ADA)
    query = more.pop("query", "")
    body = {"registrationId": registration_id, "courseId": course_id, "learner": learner, **more}
    answer = mine.post(f"/registrations{query}", body)
    assert answer.status_code == 204, answer.content
    return Registration.objects.get(application=mine.application, registration_id=registration_id)


def played(of: Registration, **values: str) -> Played:
    """A launch of it in which content has reported this and ended."""
    launch = make.launch(of)
    launch.report(finished=True, **values)
    return launch


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["id"] for each in answer.json()["registrations"]]


# --- making -----------------------------------------------------------------------------------------------------------


def test_a_new_registration_is_told_whole():
    mine = api()
    golf = course(mine)
    name = str(uuid.uuid4())

    one = created(mine, xapiRegistrationId=name, registrationTags=["b", " a "])
    found = mine.get("/registrations/r1").json()

    assert MOMENT.fullmatch(found.pop("updated"))
    assert MOMENT.fullmatch(found.pop("createdDate"))
    root = golf.current_version.read_structure().root
    assert found == {
        "id": "r1",
        "instance": 0,
        "xapiRegistrationId": name,
        "registrationCompletion": "UNKNOWN",
        "registrationCompletionAmount": 0.0,
        "registrationSuccess": "UNKNOWN",
        "totalSecondsTracked": 0.0,
        "course": {"id": "golf", "title": golf.title, "version": 0},
        "learner": ADA,
        "tags": ["a", "b"],
        "activityDetails": {
            "id": root.identifier,
            "title": root.title or golf.title,
            "attempts": 0,
            "activityCompletion": "UNKNOWN",
            "activitySuccess": "UNKNOWN",
            "timeTracked": "0000:00:00",
            "completionAmount": {"scaled": 0.0},
            "suspended": False,
        },
    }
    assert (one.is_sandbox, one.course_id) == (False, golf.pk)
    assert (mine.call("HEAD", "/registrations/r1").status_code, mine.call("HEAD", "/registrations/r2").status_code) == (
        200,
        404,
    )
    assert mine.call("HEAD", "/registrations/r1").content == b""


@pytest.mark.parametrize(
    "registration_id",
    ["a/b c", "a", "a/tags", "a//b", "/a", "x/instances/0", "postBackTest", "ä+%@?#", "..", "a\nb", "x" * 255],
)
def test_an_id_may_be_anything(registration_id: str):
    mine = api()
    course(mine)
    created(mine, "other")
    created(mine, registration_id)
    address = f"/registrations/{quote(registration_id, safe='')}"

    found = mine.get(address)
    tags = mine.put(f"{address}/tags", {"tags": ["x"]})

    assert (found.status_code, tags.status_code) == (200, 204)
    assert found.json()["id"] == registration_id
    assert mine.get(f"{address}/tags").json() == {"tags": ["x"]}
    assert mine.get(f"{address}/instances/0").json()["id"] == registration_id
    assert mine.delete(address).status_code == 204
    assert ids(mine.get("/registrations")) == ["other"]


def test_numbers_do_for_ids():
    mine = api()
    course(mine, "7")

    body = {"registrationId": 12, "courseId": 7, "learner": {"id": 42, "firstName": "Ada"}}
    answer = mine.post("/registrations", body)

    assert answer.status_code == 204, answer.content
    found = mine.get("/registrations/12").json()
    assert (found["course"]["id"], found["learner"]["id"]) == ("7", "42")
    assert mine.post("/learner/42/updateInfo", {"id": 42, "lastName": "Lovelace"}).status_code == 204


def test_a_course_version_can_be_named():
    mine = api()
    course(mine)
    course(mine, archive="scorm2004_single", may_create_version=True)

    created(mine, "old", query="?courseVersion=0")
    created(mine, "new")

    assert mine.get("/registrations/old").json()["course"]["version"] == 0
    assert mine.get("/registrations/new").json()["course"]["version"] == 1


def test_what_is_set_and_tagged_at_once():
    mine = api()
    golf = course(mine)
    post_back = {
        "url": "https://lms.example.com/results",
        "authType": "HTTPBASIC",
        "userName": "lms",
        "password": "geheim",
        "resultsFormat": "FULL",
        "legacy": False,
    }
    settings = {"settings": [{"settingId": "PlayerShowNavBar", "value": "NO", "explicit": True}]}

    one = created(mine, postBack=post_back, initialSettings=settings, learnerTags=["new"], courseTags=["busy"])

    assert one.settings == {
        "PlayerShowNavBar": "NO",
        "ApiRollupRegistrationPostBackUrl": post_back["url"],
        "ApiRollupRegistrationPostBackAuthType": "httpbasic",
        "ApiRollupRegistrationPostBackAuthUser": "lms",
        "ApiRollupRegistrationPostBackAuthPassword": "geheim",
        "ApiRollupRegistrationPostBackFormat": "full",
        "ApiRollupRegistrationPostBackIsJson": "True",
    }
    assert list(golf.tags.values_list("name", flat=True)) == ["busy"]
    assert list(LearnerTag.objects.values_list("application", "learner_id", "name")) == [
        (mine.application.pk, "ada", "new")
    ]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"courseId": None}, 400, "courseId: it is missing."),
        ({"courseId": "none"}, 404, "Course ID 'none' does not exist in this application."),
        ({"registrationId": ""}, 400, "registrationId: it has fewer than 1 characters."),
        ({"registrationId": "x" * 256}, 400, "registrationId: it has more than 255 characters."),
        ({"learner": {}}, 400, "learner.id: it is missing."),
        ({"learner": "ada"}, 400, "learner: it must be an object."),
        ({"learner": {"id": "ada", "email": "x" * 256}}, 400, "learner.email: it has more than 255 characters."),
        ({"xapiRegistrationId": "x"}, 400, "xapiRegistrationId: it must be a UUID."),
        ({"postBack": {"url": "ftp://x"}}, 400, "postBack.url: "),
        ({"postBack": {"authType": "NONE"}}, 400, "postBack.authType: it must be one of UNDEFINED, FORM, HTTPBASIC."),
        ({"initialSettings": {"settings": [{"settingId": "No", "value": ""}]}}, 400, "There is no setting No."),
        ({"registrationTags": ["x" * 101]}, 400, "registrationTags: a tag has at most 100 characters"),
        ({"learnerTags": [str(number) for number in range(51)]}, 400, "learnerTags: there are at most 50 tags."),
        ({"courseTags": ["x" * 101]}, 400, "courseTags: a tag has at most 100 characters"),
        (
            {"initialRegistrationState": {"activityDetails": {"id": "none"}}},
            400,
            "initialRegistrationState.activityDetails.id: there is no activity “none” in this course.",
        ),
        (
            {"initialRegistrationState": {"score": {"scaled": 101}}},
            400,
            "initialRegistrationState.score.scaled: it is from -100 to 100.",
        ),
        (
            {"initialRegistrationState": {"registrationSuccess": "WON"}},
            400,
            "initialRegistrationState.registrationSuccess: it must be one of UNKNOWN, PASSED, FAILED.",
        ),
        (
            {"initialRegistrationState": {"activityDetails": {"children": [{"id": "I1", "timeTracked": "long"}]}}},
            400,
            "initialRegistrationState.activityDetails.children[0].",
        ),
    ],
)
def test_a_registration_that_cannot_be_is_not_made(body: dict, status: int, words: str):
    mine = api()
    course(mine)

    found = mine.post("/registrations", {"registrationId": "r1", "courseId": "golf", "learner": ADA, **body})

    assert found.status_code == status
    assert found.json()["message"].startswith(words)
    assert (Registration.objects.count(), LearnerTag.objects.count()) == (0, 0)


def test_null_is_as_good_as_absent():
    mine = api()
    course(mine)
    nothing = dict.fromkeys(("xapiRegistrationId", "learnerTags", "registrationTags", "postBack", "initialSettings"))

    made = created(mine, learner={"id": "ada", "email": None}, **nothing)
    link = {"redirectOnExitUrl": "", "expiry": None, "tracking": None, "additionalvalues": None, "launchAuth": None}

    assert made.learner_id == "ada"
    assert mine.post("/registrations/r1/launchLink", link).status_code == 200
    refused = mine.post("/registrations", {"courseId": "golf", "learner": None, "registrationId": None})
    assert message(refused) == (400, "learner: it is missing.; registrationId: it is missing.")


def test_an_id_is_given_once():
    mine, other = api(), api()
    course(mine)
    course(other)
    name = str(uuid.uuid4())
    created(mine, xapiRegistrationId=name)
    body = {"registrationId": "r1", "courseId": "golf", "learner": {"id": "bob"}}

    again = mine.post("/registrations", body)
    same_name = mine.post("/registrations", {**body, "registrationId": "r2", "xapiRegistrationId": name})

    assert message(again) == (400, "Registration ID 'r1' exists already in this application.")
    assert message(same_name) == (400, f"xapiRegistrationId: '{name}' is in use already.")
    assert mine.get("/registrations/r1").json()["learner"]["id"] == "ada"
    created(other)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where writers cannot wait")
@pytest.mark.django_db(transaction=True)
def test_of_many_that_make_one_id_at_once_one_does():
    mine = api()
    course(mine)
    found: list[int] = []

    def make_one() -> None:
        body = {"registrationId": "r1", "courseId": "golf", "learner": ADA, "registrationTags": ["a"]}
        found.append(Api(mine.application, mine.authorization).post("/registrations", body).status_code)

    assert all_at_once(*[make_one] * 6) == []

    assert sorted(found) == [204, 400, 400, 400, 400, 400]
    assert (Registration.objects.count(), Instance.objects.count()) == (1, 1)


def test_a_course_without_a_version_takes_nobody():
    mine = api()
    course(mine)
    Course.objects.update(current_version=None)

    found = mine.post("/registrations", {"registrationId": "r1", "courseId": "golf", "learner": ADA})

    assert message(found) == (404, "Course ID 'golf' does not exist in this application.")


def test_those_who_want_to_know_hear_of_a_new_registration(django_capture_on_commit_callbacks):
    mine = api()
    course(mine)
    add_endpoint(mine.application, "Ours", "https://lms.example.com/hook", [events.REGISTRATION_CREATED])

    created(mine)

    (delivery,) = Delivery.objects.all()
    assert delivery.event == "registration.created"
    assert '"id":"r1"' in delivery.body.replace(" ", "")


# --- progress made elsewhere ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", ["scorm12_single", "scorm12_two_scos", "scorm2004_single", "scorm2004_multi"])
def test_a_registration_can_begin_with_progress(package: str):
    mine = api()
    golf = course(mine, "golf", package)
    leaves = golf.current_version.read_structure().leaves
    children = [
        {
            "id": leaf.identifier,
            "attempts": 2,
            "activityCompletion": "COMPLETED",
            "activitySuccess": "PASSED",
            "score": {"scaled": 80},
            "timeTracked": "0000:01:00.00",
        }
        for leaf in leaves
    ]
    state = {
        "registrationCompletion": "COMPLETED",
        "registrationSuccess": "PASSED",
        "score": {"scaled": 90},
        "totalSecondsTracked": 125.5,
        "firstAccessDate": "2020-01-01T00:00:00Z",
        "lastAccessDate": "2020-02-01T00:00:00Z",
        "completedDate": "2020-02-01T00:00:00Z",
        "activityDetails": {"children": children},
    }

    created(mine, initialRegistrationState=state)
    found = mine.get("/registrations/r1?includeChildResults=true").json()

    wanted = {name: value for name, value in state.items() if name not in ("activityDetails",)}
    wanted |= {name: found[name] for name in wanted if name.endswith("Date")}
    assert {name: found[name] for name in wanted} == wanted
    assert found["firstAccessDate"] == "2020-01-01T00:00:00.000Z"
    assert found["completedDate"] == "2020-02-01T00:00:00.000Z"
    told = {each["id"]: each for each in leaves_of(found["activityDetails"])}
    for leaf in leaves:
        each = told[leaf.identifier]
        assert (each["activityCompletion"], each["activitySuccess"]) == ("COMPLETED", "PASSED")
        assert (each["score"], each["timeTracked"], each["attempts"]) == ({"scaled": 80.0}, "0000:01:00", 2)


def leaves_of(told: dict) -> list[dict]:
    below = [leaf for child in told["children"] for leaf in leaves_of(child)]
    return below or [told]


@pytest.mark.parametrize("package", ["scorm12_single", "scorm2004_single"])
def test_run_time_data_of_elsewhere_comes_out_as_it_went_in_and_is_found_by_the_content(package: str):
    mine = api()
    golf = course(mine, "golf", package)
    leaf = golf.current_version.read_structure().leaves[0].identifier
    runtime = {
        "completionStatus": "incomplete",
        "location": "page 7",
        "scoreRaw": "50",
        "scoreMin": "0",
        "scoreMax": "100",
        "totalTime": "0000:01:30" if package == "scorm12_single" else "PT1M30S",
        "suspendData": "a=1;b=2",
        "learnerPreference": {"language": "de", "audioLevel": 1.5},
        "runtimeInteractions": [
            {"id": "q1", "type": "Choice", "learnerResponse": "b", "result": "correct", "correctResponses": ["b"]}
        ],
        "runtimeObjectives": [{"id": "o1", "scoreRaw": "5", "runtimeObjectiveCompletionStatus": "INCOMPLETE"}],
    }
    state = {"suspendedActivityId": leaf, "activityDetails": {"children": [{"id": leaf, "runtime": runtime}]}}

    one = created(mine, initialRegistrationState=state)
    query = "includeChildResults=true&includeInteractionsAndObjectives=true&includeRuntime=true"
    (told,) = leaves_of(mine.get(f"/registrations/r1?{query}").json()["activityDetails"])
    launch = make.launch(one)
    shown = services.look(launch.key).show()

    assert contains(told["runtime"], runtime)
    assert shown.values["cmi.suspend_data"] == "a=1;b=2"
    assert "page 7" in (shown.values.get("cmi.location"), shown.values.get("cmi.core.lesson_location"))


def contains(found: Any, wanted: Any) -> bool:
    """Whether everything wanted is found, whatever else is."""
    if isinstance(wanted, dict):
        return all(name in found and contains(found[name], value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(contains, found, wanted))
    return found == wanted


@pytest.mark.parametrize("package", ["scorm12_two_scos", "scorm2004_multi"])
def test_a_whole_that_is_over_means_that_all_of_it_is(package: str):
    mine = api()
    course(mine, "golf", package)

    one = created(mine, initialRegistrationState={"registrationCompletion": "COMPLETED", "totalSecondsTracked": 60})
    found = mine.get("/registrations/r1?includeChildResults=true").json()

    assert found["registrationCompletion"] == "COMPLETED"
    assert {each["activityCompletion"] for each in leaves_of(found["activityDetails"])} == {"COMPLETED"}
    assert found["totalSecondsTracked"] == 60.0
    make.launch(one)
    assert mine.get("/registrations/r1").json()["registrationCompletion"] == "COMPLETED"


def test_shared_objectives_and_data_of_elsewhere():
    mine = api()
    course(mine, "golf", "scorm2004_multi")
    state = {
        "globalObjectives": [{"id": "shared", "objectiveSuccess": "PASSED", "score": {"scaled": 70}}],
        "sharedData": [{"id": "store", "value": "kept"}],
    }

    created(mine, initialRegistrationState=state)

    instance = Instance.objects.get()
    held = services.read_state(instance).memory
    known = {**held["tracking"].get("objectives", {}), **held.get("system", {}).get("objectives", {})}
    assert known["shared"] == {"satisfied": True, "measure": 0.7}
    refused = mine.post(
        "/registrations",
        {
            "registrationId": "r2",
            "courseId": "golf",
            "learner": ADA,
            "initialRegistrationState": {"globalObjectives": [{"objectiveSuccess": "PASSED"}]},
        },
    )
    assert message(refused) == (400, "initialRegistrationState.globalObjectives[0].id: it is missing.")


# --- lists ------------------------------------------------------------------------------------------------------------


def many(mine: Api, count: int) -> None:
    """Registrations whose ids are numbers, each made a minute after the other."""
    golf = course(mine)
    now = timezone.now()
    made = Registration.objects.bulk_create(
        Registration(
            application=mine.application,
            course=golf,
            registration_id=f"{number:03}",
            learner_id=f"learner{number % 3}",
            learner_first_name=f"First {count - number:03}",
            learner_last_name=f"Last {count - number:03}",
        )
        for number in range(count)
    )
    Instance.objects.bulk_create(Instance(registration=each, version=golf.current_version) for each in made)
    for number, each in enumerate(made):
        moment = now - timedelta(minutes=count - number)
        Registration.objects.filter(pk=each.pk).update(created=moment, updated=now - timedelta(minutes=number + 1))


def pages(mine: Api, query: str) -> list[list[str]]:
    """The ids of each page."""
    answer = mine.get(f"/registrations?{query}")
    found = [ids(answer)]
    while more := answer.json().get("more"):
        answer = mine.get(f"/registrations?more={quote(more)}")
        found.append(ids(answer))
    return found


def test_pages_of_registrations_in_every_order():
    mine = api()
    many(mine, 230)
    up = [f"{number:03}" for number in range(230)]
    orders = {
        "created_asc": up,
        "created_desc": up[::-1],
        "updated_asc": up[::-1],
        "updated_desc": up,
        "learner_first_name_asc": up[::-1],
        "learner_first_name_desc": up,
        "learner_last_name_asc": up[::-1],
        "learner_last_name_desc": up,
        "course_title_asc": up,  # all of one course: in the order they were made
        "course_title_desc": up[::-1],
    }

    for order, wanted in orders.items():
        found = pages(mine, f"orderBy={order}")
        assert [len(page) for page in found] == [100, 100, 30]
        assert sum(found, []) == wanted
    assert sum(pages(mine, ""), []) == up[::-1]


def test_courses_come_in_the_order_of_their_titles():
    mine = api()
    for title in ("b", "a", "c"):
        golf = course(mine, title)
        Course.objects.filter(pk=golf.pk).update(title=title)
        created(mine, title, title)

    assert ids(mine.get("/registrations?orderBy=course_title_asc")) == ["a", "b", "c"]
    assert ids(mine.get("/registrations?orderBy=course_title_desc")) == ["c", "b", "a"]


def test_the_total_is_told_on_the_first_page_alone():
    mine = api()
    many(mine, 120)

    first = mine.get("/registrations?includeTotalCount=True&filter=1")
    second = mine.get("/registrations?includeTotalCount=True")
    last = mine.get(f"/registrations?more={quote(second.json()['more'])}")

    assert int(first.headers["X-Total-Count"]) == sum("1" in f"{number:03}" for number in range(120))
    assert second.headers["X-Total-Count"] == "120"
    assert ("X-Total-Count" in last.headers, "more" in last.json()) == (False, False)


def test_filters():
    mine = api()
    golf, chess = course(mine, "golf"), course(mine, "chess")
    Course.objects.filter(pk=chess.pk).update(title="The game of kings")
    created(mine, "One", registrationTags=["sport", "green"])
    created(mine, "two", "chess", registrationTags=["sport"])
    created(mine, "three", "chess", learner={"id": "bob", "firstName": "Bob", "lastName": "Byron"})
    Registration.objects.filter(registration_id="three").update(
        created="2020-01-01T00:00Z", updated="2021-01-01T00:00Z"
    )

    def listed(query: str) -> set[str]:
        return set(ids(mine.get(f"/registrations?{query}")))

    assert listed("filter=ON") == {"One"}
    assert listed("filter=KINGS&filterBy=course_title") == {"two", "three"}
    assert (
        listed("filter=bo&filterBy=learner_first_name") == listed("filter=yro&filterBy=learner_last_name") == {"three"}
    )
    assert listed("filter=spo&filterBy=tags") == {"One", "two"}
    assert listed("tags=green,none") == listed("tags=green%2Cnone") == {"One"}
    assert listed("courseId=chess") == {"two", "three"}
    assert listed("courseId=Chess") == listed("courseId=") == set()
    assert listed("learnerId=bob") == {"three"}
    assert listed("learnerId=ada&courseId=chess&tags=sport") == {"two"}
    assert listed("until=2020-01-01") == {"three"}
    assert listed("since=2020-01-01T00:00:01Z") == {"One", "two"}
    assert listed("until=2021-01-01&datetimeFilter=updated") == {"three"}
    assert golf.title


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "orderBy=size_asc",
            "orderBy: it must be one of created_asc, created_desc, updated_asc, updated_desc, course_title_asc, "
            "course_title_desc, learner_first_name_asc, learner_first_name_desc, learner_last_name_asc, "
            "learner_last_name_desc.",
        ),
        (
            "filterBy=owner",
            "filterBy: it must be one of registration_id, course_title, learner_first_name, learner_last_name, tags.",
        ),
        ("datetimeFilter=seen", "datetimeFilter: it must be one of created, updated."),
        ("includeRuntime=perhaps", "includeRuntime: it must be true or false."),
        ("more=nonsense", "more: it is not a token that this list gave out. Begin anew without it."),
    ],
)
def test_values_that_are_none_are_refused_with_those_that_are(query: str, words: str):
    assert message(api().get(f"/registrations?{query}")) == (400, words)


def test_those_of_the_sandbox_are_not_of_the_api():
    mine = api()
    golf = course(mine)
    test = services.open_sandbox(golf, Learner("ada", "Ada", "Lovelace"))
    created(mine)

    assert ids(mine.get("/registrations?includeTotalCount=true")) == ["r1"]
    assert mine.get(f"/registrations/{test.registration_id}").status_code == 404
    assert mine.delete(f"/registrations/{test.registration_id}").status_code == 404
    batch = {"ids": [test.registration_id], "tags": ["x"]}
    assert mine.put("/registrations/tags", batch).status_code == 404


@pytest.mark.parametrize("depth", ["", "?includeChildResults=1&includeInteractionsAndObjectives=1&includeRuntime=1"])
def test_a_list_asks_as_many_questions_for_many_as_for_one(depth: str):
    mine = api()
    course(mine)
    course(mine, "multi", "scorm2004_multi")

    def questions() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert mine.get(f"/registrations{depth}").status_code == 200
        return len(queries.captured_queries)

    played(created(mine, "r1", registrationTags=["a"]), lesson_status="passed")
    created(mine, "r2", "multi")
    questions()
    few = questions()
    for number in range(3, 6):
        played(created(mine, f"r{number}", registrationTags=["a", "b"]), lesson_status="passed")
        make.launch(created(mine, f"m{number}", "multi", learner={"id": f"l{number}"}))

    assert (few, questions()) == (7, 7)  # key, registrations, courses, instances, tags, activities, system-wide data


def test_a_list_reads_the_structures_of_many_courses_at_once(django_assert_num_queries):
    mine = api()
    for name in ("one", "two", "three"):
        course(mine, name)
        created(mine, name, name)
    results._STRUCTURES.clear()

    with django_assert_num_queries(8):  # the seven, and the structures
        assert len(ids(mine.get("/registrations"))) == 3


# --- results ----------------------------------------------------------------------------------------------------------


def test_results_come_as_deep_as_they_are_asked_for(django_assert_num_queries):
    mine = api()
    course(mine, "golf", "scorm12_two_scos")
    one = created(mine)
    played(
        one,
        lesson_status="passed",
        score__raw="80",
        lesson_location="7",
        cmi__comments="too short",
        cmi__interactions__0__id="q1",
        cmi__interactions__0__type="choice",
        cmi__interactions__0__student_response="b",
        cmi__objectives__0__id="o1",
        cmi__objectives__0__status="passed",
    )

    with django_assert_num_queries(6):  # key, registration, instance, activities, what the system keeps, tags
        plain = mine.get("/registrations/r1").json()
    children = mine.get("/registrations/r1?includeChildResults=True").json()
    details = mine.get("/registrations/r1?includeChildResults=True&includeInteractionsAndObjectives=True").json()
    runtime = mine.get("/registrations/r1?includeChildResults=true&includeRuntime=true").json()

    assert (plain["registrationCompletion"], plain["registrationSuccess"]) == ("INCOMPLETE", "UNKNOWN")
    assert MOMENT.fullmatch(plain["firstAccessDate"])
    assert "children" not in plain["activityDetails"]
    amounts = (plain["registrationCompletionAmount"], plain["activityDetails"]["completionAmount"])
    assert amounts == (0.5, {"scaled": 50.0})  # one SCO of two is over
    first = children["activityDetails"]["children"][0]
    assert (first["activityCompletion"], first["activitySuccess"], first["score"]) == (
        "COMPLETED",
        "PASSED",
        {"scaled": 80.0},
    )
    assert ("runtime" in first, "objectives" in first, "staticProperties" in first) == (False, False, False)
    first = details["activityDetails"]["children"][0]
    assert [each["id"] for each in first["objectives"]] == ["o1"]
    assert set(first["runtime"]) == {"runtimeInteractions", "runtimeObjectives"}
    assert first["runtime"]["runtimeInteractions"][0]["learnerResponse"] == "b"
    first = runtime["activityDetails"]["children"][0]
    assert (first["runtime"]["location"], first["runtime"]["completionStatus"]) == ("7", "passed")
    assert first["runtime"]["learnerComments"] == [{"value": "too short"}]
    assert "runtimeInteractions" not in first["runtime"]
    assert first["staticProperties"]["scaledPassingScoreUsed"] in (True, False)
    (listed,) = mine.get("/registrations?includeChildResults=True&includeRuntime=true").json()["registrations"]
    assert listed == runtime


def test_an_item_that_is_played_and_has_others_below_counts_as_one_of_them():
    nested = """<manifest identifier="M"><organizations default="O"><organization identifier="O"><title>All</title>
        <item identifier="I1" identifierref="R"><title>Both</title>
        <item identifier="I2" identifierref="R"><title>Below</title></item></item></organization></organizations>
        <resources><resource identifier="R" type="webcontent" adlcp:scormtype="sco" href="a.html"
        xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><file href="a.html"/></resource></resources>
        </manifest>"""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("imsmanifest.xml", nested)
        package.writestr("a.html", "<p>Hello</p>")
    mine = api()
    course(mine, "golf", archive.getvalue())

    played(created(mine), lesson_status="passed")

    assert mine.get("/registrations/r1").json()["registrationCompletionAmount"] == 0.5


# --- instances --------------------------------------------------------------------------------------------------------


def test_instances_count_from_0_and_the_newest_is_meant():
    mine = api()
    course(mine)
    one = created(mine)
    played(one, lesson_status="passed")
    course(mine, archive="scorm2004_single", may_create_version=True)

    assert mine.post("/registrations/r1/instances").status_code == 204

    listed = mine.get("/registrations/r1/instances?includeChildResults=true").json()["registrations"]
    assert [(each["instance"], each["course"]["version"], each["registrationCompletion"]) for each in listed] == [
        (0, 0, "COMPLETED"),
        (1, 1, "UNKNOWN"),
    ]
    assert listed[0]["activityDetails"]["children"]
    assert mine.get("/registrations/r1").json()["instance"] == 1
    assert mine.get("/registrations/r1/instances/0").json()["registrationSuccess"] == "PASSED"
    assert ids(mine.get("/registrations/r1/instances?until=2020-01-01")) == []
    assert ids(mine.get("/registrations/r1/instances?since=2020-01-01")) == ["r1", "r1"]
    assert message(mine.get("/registrations/r1/instances/2")) == (
        404,
        "Registration ID 'r1 instance 2' does not exist in this application.",
    )
    assert message(mine.get("/registrations/r1/instances/first")) == (400, "instanceId: it must be a whole number.")


def test_an_instance_has_dates_of_its_own():
    mine = api()
    course(mine)
    one = created(mine)
    played(one, lesson_status="passed")
    alone = mine.get("/registrations/r1/instances/0").json()
    mine.post("/registrations/r1/instances")
    untouched = mine.get("/registrations/r1/instances").json()["registrations"][1]
    played(one, lesson_status="incomplete")

    older, newest = mine.get("/registrations/r1/instances").json()["registrations"]

    dates = ("firstAccessDate", "lastAccessDate", "completedDate")
    whole = mine.get("/registrations/r1").json()
    assert [MOMENT.fullmatch(older[name]) is not None for name in dates] == [True, True, True]
    assert older["firstAccessDate"] == alone["firstAccessDate"] == whole["firstAccessDate"]
    assert older["lastAccessDate"] <= alone["lastAccessDate"]
    assert [name in untouched for name in dates] == [False, False, False]
    assert newest["firstAccessDate"] >= older["completedDate"]
    assert "completedDate" not in newest
    assert mine.get("/registrations/r1/instances/0").json() == older


def test_pages_of_instances():
    mine = api()
    golf = course(mine)
    one = created(mine)
    Instance.objects.bulk_create(
        Instance(registration=one, number=number, version=golf.current_version) for number in range(1, 130)
    )

    first = mine.get("/registrations/r1/instances").json()
    last = mine.get(f"/registrations/r1/instances?more={quote(first['more'])}").json()

    found = [each["instance"] for each in first["registrations"] + last["registrations"]]
    assert (len(first["registrations"]), found, "more" in last) == (100, list(range(130)), False)
    created(mine, "r2")
    assert mine.get(f"/registrations/r2/instances?more={quote(first['more'])}").status_code == 400


def test_deleting_instances_until_the_registration_is_gone():
    mine = api()
    course(mine)
    one = created(mine)
    played(one, lesson_status="passed")
    mine.post("/registrations/r1/instances")

    assert mine.delete("/registrations/r1/instances/1").status_code == 204
    found = mine.get("/registrations/r1").json()
    one.refresh_from_db()
    assert (found["instance"], found["registrationCompletion"], one.completion) == (0, "COMPLETED", "completed")
    assert MOMENT.fullmatch(found["completedDate"])
    assert mine.delete("/registrations/r1/instances/0").status_code == 204
    assert mine.get("/registrations/r1").status_code == 404
    assert mine.delete("/registrations/r1/instances/0").status_code == 404


# --- reset and delete -------------------------------------------------------------------------------------------------


def test_a_reset_forgets_progress_and_moves_to_the_version_that_is_played():
    mine = api()
    golf = course(mine)
    one = created(mine, registrationTags=["a"])
    played(one, lesson_status="passed")
    first = golf.current_version
    course(mine, archive="scorm2004_single", may_create_version=True)

    assert mine.delete("/registrations/r1/progress", {}).status_code == 204

    found = mine.get("/registrations/r1").json()
    assert (found["instance"], found["course"]["version"], found["registrationCompletion"]) == (0, 1, "UNKNOWN")
    assert ("firstAccessDate" in found, found["tags"]) == (False, ["a"])
    assert mine.get("/registrations/r1/launchHistory").json() == {"launchHistory": []}
    make_current(first, None)
    mine.delete("/registrations/r1/progress")
    assert mine.get("/registrations/r1").json()["course"]["version"] == 0


def test_a_deleted_registration_is_gone_with_all_of_it():
    mine = api()
    course(mine)
    played(created(mine), lesson_status="passed")

    assert mine.delete("/registrations/r1", {}).status_code == 204

    assert mine.get("/registrations/r1").status_code == 404
    assert mine.delete("/registrations/r1").status_code == 404
    assert (Instance.objects.count(), LaunchRecord.objects.count()) == (0, 0)
    created(mine)


def test_where_deleting_is_not_permitted_nothing_goes():
    mine = api()
    course(mine)
    created(mine, registrationTags=["a"])
    mine.application.allow_delete = False
    mine.application.save()

    for path in ("", "/progress", "/globalData", "/instances/0", "/tags", "/configuration/PlayerShowNavBar"):
        assert message(mine.delete(f"/registrations/r1{path}", {"tags": ["a"]})) == (
            403,
            "Deleting is not permitted in this application (allowDelete is false).",
        )
    assert mine.get("/registrations/r1").json()["tags"] == ["a"]


def test_global_objectives_are_forgotten_and_progress_stays():
    mine = api()
    course(mine, "golf", package_zip("scorm2004_multi"))
    one = created(mine)
    state = services.read_state(one.instances.get())
    shared = {"shared": {"satisfied": True}, "of-another-course": {"satisfied": True}}
    services.keep_memory(one, state.memory.get("system") or {}, {"objectives": shared})
    make.launch(one).report(cmi__completion_status="completed")
    named = mine.get("/registrations/r1?includeInteractionsAndObjectives=true").json()["globalObjectives"]

    assert mine.delete("/registrations/r1/globalData").status_code == 204

    held = services.read_state(one.instances.get()).memory.get("system") or {}
    used = {each["id"] for each in named}
    assert set(held.get("objectives", {})) == set(shared) - used
    assert mine.get("/registrations/r1").json()["firstAccessDate"]


# --- tags -------------------------------------------------------------------------------------------------------------


def test_tags_are_added_and_taken_off():
    mine = api()
    course(mine)
    created(mine, registrationTags=["a"])

    assert mine.put("/registrations/r1/tags", {"tags": ["b", "a", " c  d "]}).status_code == 204
    assert mine.get("/registrations/r1/tags").json() == {"tags": ["a", "b", "c d"]}
    assert mine.delete("/registrations/r1/tags", {"tags": ["a", "unknown"]}).status_code == 204
    assert mine.delete("/registrations/r1/tags", {}).status_code == 204
    assert mine.delete("/registrations/r1/tags").status_code == 204
    assert mine.get("/registrations/r1/tags").json() == {"tags": ["b", "c d"]}
    too_many = mine.put("/registrations/r1/tags", {"tags": [str(number) for number in range(50)]})
    assert message(too_many) == (400, "tags: a registration has at most 50 tags.")
    assert mine.get("/registrations/r1/tags").json() == {"tags": ["b", "c d"]}


def test_a_batch_of_tags_is_put_on_all_or_on_none(django_assert_num_queries):
    mine = api()
    course(mine)
    for name in ("one", "two", "three"):
        created(mine, name)

    refused = mine.put("/registrations/tags", {"ids": ["one", "none"], "tags": ["a"]})
    with django_assert_num_queries(9):
        done = mine.put("/registrations/tags", {"ids": ["one", "two", "three", "one"], "tags": ["a", "b"]})

    assert message(refused) == (404, "Registration ID 'none' does not exist in this application.")
    assert done.status_code == 204
    for name in ("one", "two", "three"):
        assert mine.get(f"/registrations/{name}/tags").json() == {"tags": ["a", "b"]}


# --- configuration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/registrations/r1", "/registrations/r1/instances/0"])
def test_settings_are_set_listed_and_let_go(path: str):
    mine = api()
    course(mine)
    created(mine)

    def setting(name: str, query: str = "") -> dict:
        listed = mine.get(f"{path}/configuration{query}").json()["settingItems"]
        return next(each for each in listed if each["id"] == name)

    before = setting("PlayerShowNavBar")
    posted = {"settings": [{"settingId": "PlayerShowNavBar", "value": "NO", "explicit": True}]}
    assert mine.post(f"{path}/configuration", posted).status_code == 204
    also = {"settings": [{"settingId": "PlayerShowTitleBar", "value": "NO"}]}
    assert mine.post(f"{path}/configuration", also).status_code == 204

    assert setting("PlayerShowNavBar") == {
        "id": "PlayerShowNavBar",
        "effectiveValue": "NO",
        "effectiveValueSource": "registration",
        "explicitValue": "NO",
    }
    assert setting("PlayerShowNavBar", "?includeMetadata=True")["metadata"]["validValues"]
    assert mine.delete(f"{path}/configuration/PlayerShowNavBar").status_code == 204
    assert setting("PlayerShowNavBar") == before
    assert setting("PlayerShowTitleBar")["explicitValue"] == "NO"
    wrong = {"settings": [{"settingId": "PlayerShowNavBar", "value": "maybe"}]}
    assert message(mine.post(f"{path}/configuration", wrong))[1].startswith("PlayerShowNavBar cannot be “maybe”")
    assert message(mine.delete(f"{path}/configuration/Nothing")) == (400, "There is no setting Nothing.")


# --- launches ---------------------------------------------------------------------------------------------------------


def test_the_history_of_launches():
    mine = api()
    course(mine)
    one = created(mine)
    first = played(one, lesson_status="failed", score__raw="20")
    services.store_log(first.key, 1, [{"method": "LMSInitialize", "at": "2024-01-01T00:00:00.000Z", "code": 0}])
    first.go("exitAll")
    played(one, lesson_status="passed", score__raw="90", session_time="0000:01:00.00")

    plain = mine.get("/registrations/r1/launchHistory").json()["launchHistory"]
    logged = mine.get("/registrations/r1/instances/0/launchHistory?includeHistoryLog=True").json()["launchHistory"]

    launches = LaunchRecord.objects.filter(instance__registration=one).order_by("pk")
    assert [each["launchHistoryId"] for each in plain] == [str(each.pk) for each in launches]
    assert [(each["id"], each["instance"]) for each in plain] == [("r1", 0)] * 2
    assert [(each["successStatus"], each["score"]) for each in plain] == [
        ("FAILED", {"scaled": 20.0}),
        ("PASSED", {"scaled": 90.0}),
    ]
    assert [each["totalSecondsTracked"] for each in plain] == [0.0, 60.0]
    assert all(MOMENT.fullmatch(each[name]) for each in plain for name in ("launchTime", "lastRuntimeUpdate"))
    assert (MOMENT.fullmatch(plain[0]["exitTime"]) is not None, "exitTime" in plain[1]) == (True, False)
    assert "historyLog" not in plain[0]
    assert '"method": "LMSInitialize"' in logged[0]["historyLog"]
    assert logged[1]["historyLog"] == ""


def test_the_history_is_that_of_the_newest_instance():
    mine = api()
    course(mine)
    played(created(mine), lesson_status="passed")
    mine.post("/registrations/r1/instances")

    assert mine.get("/registrations/r1/launchHistory").json() == {"launchHistory": []}
    assert len(mine.get("/registrations/r1/instances/0/launchHistory").json()["launchHistory"]) == 1


# --- statements -------------------------------------------------------------------------------------------------------


def test_statements_of_a_registration_and_of_its_instances(django_capture_on_commit_callbacks):
    mine = api()
    course(mine)
    one, other = created(mine), created(mine, "r2")
    for each in (one, other):
        services.configure_registration(each, {"PlayerSessionStatements": "ALL"})
        with django_capture_on_commit_callbacks(execute=True):
            played(each, lesson_status="passed").go("exitAll")
    mine.post("/registrations/r1/instances")

    first = mine.get("/registrations/r1/instances/0/xAPIStatements").json()["statements"]

    name = str(one.instances.get(number=0).xapi_registration)
    assert {each["context"]["registration"] for each in first} == {name}
    assert {each["verb"]["id"].rpartition("/")[2] for each in first} >= {"passed"}
    assert mine.get("/registrations/r1/xAPIStatements").json() == {"statements": []}
    assert mine.get("/registrations/r2/xAPIStatements").json()["statements"] != []
    assert mine.get("/registrations/r2/xAPIStatements?until=2020-01-01").json() == {"statements": []}
    assert mine.get("/registrations/r2/xAPIStatements?more=x").status_code == 400


# --- postbacks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["FORM", "HTTPBASIC", "UNDEFINED", "httpbasic"])
def test_a_test_of_a_postback_is_sent_once(way: str, settings):
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    mine = api()
    with receiver() as system:
        body = {"url": system.url("/results"), "authType": way, "userName": "lms", "password": "x"}
        done = mine.post("/registrations/postBackTest", {**body, "resultsFormat": "full" if way.islower() else "FULL"})
        system.statuses = [500]
        failed = mine.post("/registrations/postBackTest", body)

    assert done.status_code == 204
    assert message(failed) == (400, "url: the address answered 500.")
    assert len(system.got) == 2
    posted = system.got[0]
    assert posted.path == "/results"
    assert ("Authorization" in posted.headers) is (way.upper() == "HTTPBASIC")
    assert (b"data=" in posted.body) is (way.upper() != "HTTPBASIC")
    assert b"test-registration" in posted.body
    assert b"activityDetails" in posted.body
    assert b"activityDetails" not in system.got[1].body


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "url: it is missing."),
        ({"url": ""}, "url: it is missing."),
        ({"url": "file:///etc/passwd"}, "url: "),
        ({"url": "http://127.0.0.1:1/"}, "url: "),
        ({"url": "https://example.com/", "resultsFormat": "ALL"}, "resultsFormat: it must be one of UNDEFINED, COURSE"),
    ],
)
def test_a_test_that_cannot_be_sent_is_refused(body: dict, words: str):
    found = api().post("/registrations/postBackTest", body)

    assert found.status_code == 400
    assert found.json()["message"].startswith(words)


# --- the audit log ----------------------------------------------------------------------------------------------------


def test_what_an_application_does_is_written_down_without_secrets():
    mine = api()
    course(mine)
    created(mine)
    password = [{"settingId": "ApiRollupRegistrationPostBackAuthPassword", "value": "geheim"}]

    mine.put("/registrations/r1/tags", {"tags": ["a"]})
    mine.post("/registrations/r1/configuration", {"settings": password})
    mine.post("/registrations/r1/instances")
    mine.delete("/registrations/r1/instances/1")
    mine.delete("/registrations/r1/progress")
    mine.delete("/registrations/r1")

    written = list(AuditEntry.objects.filter(realm=mine.application.realm).order_by("pk"))
    assert [each.action for each in written] == [
        "registration.create",
        "registration.tags",
        "registration.settings",
        "registration.restart",
        "registration.delete_instance",
        "registration.reset",
        "registration.delete",
    ]
    assert {(each.app_id, each.target_text) for each in written} == {(mine.application.app_id, "r1")}
    assert "geheim" not in str([each.details for each in written])


# --- tenants and scopes -----------------------------------------------------------------------------------------------

OPERATIONS = [
    ("HEAD", ""),
    ("GET", ""),
    ("DELETE", ""),
    ("DELETE", "/progress"),
    ("DELETE", "/globalData"),
    ("GET", "/tags"),
    ("PUT", "/tags"),
    ("DELETE", "/tags"),
    ("GET", "/configuration"),
    ("POST", "/configuration"),
    ("DELETE", "/configuration/PlayerShowNavBar"),
    ("GET", "/launchHistory"),
    ("GET", "/xAPIStatements"),
    ("GET", "/instances"),
    ("POST", "/instances"),
    ("GET", "/instances/0"),
    ("DELETE", "/instances/0"),
    ("GET", "/instances/0/configuration"),
    ("POST", "/instances/0/configuration"),
    ("DELETE", "/instances/0/configuration/PlayerShowNavBar"),
    ("GET", "/instances/0/launchHistory"),
    ("GET", "/instances/0/xAPIStatements"),
]
BODY = {"tags": ["x"], "settings": [], "redirectOnExitUrl": ""}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_registrations_of_other_applications_are_not_there(method: str, path: str):
    other = api()
    mine = api(other.application.realm)
    course(other)
    created(other)

    found = mine.call(method, f"/registrations/r1{path}", BODY)

    assert found.status_code == 404
    if method != "HEAD":
        assert message(found)[1] == "Registration ID 'r1' does not exist in this application."
    assert mine.put("/registrations/tags", {"ids": ["r1"], "tags": ["x"]}).status_code == 404
    assert ids(mine.get("/registrations")) == []
    assert other.get("/registrations/r1").json()["tags"] == []


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_scopes_of_each_operation(method: str, path: str):
    mine = api()
    course(mine)
    created(mine)
    verb = {"GET": "read", "HEAD": "read", "DELETE": "delete"}.get(method, "write")
    others = {"read", "write", "delete"} - {verb}

    refused = mine.with_token(*(f"{each}:registration" for each in others), f"{verb}:course")
    allowed = mine.with_token(f"{verb}:registration")

    assert refused.call(method, f"/registrations/r1{path}", BODY).status_code == 403
    assert allowed.call(method, f"/registrations/r1{path}", BODY).status_code < 300


# --- launch links -----------------------------------------------------------------------------------------------------

HERE = {"Host": "127.0.0.1", "User-Agent": "Mozilla/5.0 (Test)"}


def followed(mine: Api, client: Client | None = None, **wish: Any) -> tuple[Client, LaunchRecord, str]:
    """A learner who has followed a link of r1; the launch, and the page the link led to."""
    answer = mine.post("/registrations/r1/launchLink", {"redirectOnExitUrl": "", **wish})
    assert answer.status_code == 200, answer.content
    content = client or Client(headers=HERE)
    page = content.get(content.get(urlsplit(answer.json()["launchLink"]).path).headers["Location"])
    return content, LaunchRecord.objects.latest("pk"), page


def started(content: Client, record: LaunchRecord) -> dict:
    return content.post(f"/play/{record.key}/start", {}, content_type="application/json").json()["launch"]


def test_a_launch_as_it_is_wished_for():
    mine = api()
    golf = course(mine, "golf", "scorm12_two_scos")
    one = created(mine)
    sco = golf.current_version.read_structure().leaves[1].identifier
    wish = {
        "expiry": 30,
        "redirectOnExitUrl": "https://lms.example.com/back?a=b",
        "tracking": True,
        "startSco": sco,
        "culture": "de-DE",
        "cssUrl": "https://lms.example.com/look.css",
        "learnerTags": ["new"],
        "courseTags": ["busy"],
        "registrationTags": ["spring"],
        "additionalvalues": [{"item": "colour", "value": "red & blue"}],
    }

    content, record, page = followed(mine, **wish)
    shown = started(content, record)

    assert (record.instance.registration, record.redirect_url) == (one, wish["redirectOnExitUrl"])
    assert shown["activity"] == sco
    assert "colour=red%20%26%20blue" in shown["href"]
    text = page.content.decode()
    assert '<link rel="stylesheet" href="https://lms.example.com/look.css"' in text
    assert '<html lang="de"' in text
    assert mine.get("/registrations/r1/tags").json() == {"tags": ["spring"]}
    assert mine.get("/courses/golf/tags").json() == {"tags": ["busy"]}
    assert mine.get("/learner/ada/tags").json() == {"tags": ["new"]}
    assert len(mine.get("/registrations/r1/launchHistory").json()["launchHistory"]) == 1


def test_a_link_tags_and_records_nothing_until_it_is_followed():
    mine = api()
    course(mine)
    created(mine)

    link = mine.with_token("read:registration").post(
        "/registrations/r1/launchLink", {"redirectOnExitUrl": "closer", "registrationTags": ["spring"], "expiry": 10}
    )

    assert link.status_code == 200
    assert mine.get("/registrations/r1/tags").json() == {"tags": []}
    assert LaunchRecord.objects.count() == 0


def test_a_first_launch_that_the_plan_does_not_allow_gets_no_link():
    mine = api()
    course(mine)
    launched = created(mine)
    realm = launched.application.realm
    plans.change_plan(realm.pk, BillingPlan.objects.create(name="One", registration_limit=1))
    make.launch(launched)
    created(mine, "r2")

    def link(of: str, **wish: Any) -> HttpResponse:
        return mine.post(f"/registrations/{of}/launchLink", {"redirectOnExitUrl": "", **wish})

    status, words = message(link("r2"))

    assert (status, words[:47]) == (403, "The plan One has 1 registrations a period and a")
    assert [link("r1").status_code, link("r2", tracking=False).status_code] == [200, 200]
    assert CountedRegistration.objects.get().reason == "api"


def test_a_launch_without_tracking_keeps_nothing_and_begins_where_the_learner_is():
    mine = api()
    course(mine)
    one = created(mine)
    launch = make.launch(one)
    launch.report(lesson_status="incomplete", lesson_location="7")
    launch.go("suspendAll")
    before = mine.get("/registrations/r1?includeChildResults=true&includeRuntime=true").json()

    content, record, page = followed(mine, tracking=False)
    shown = started(content, record)
    Played(record.key, shown["activity"], 0).report(lesson_status="passed", finished=True)

    assert record.instance is None
    assert shown["values"]["cmi.core.lesson_location"] == "7"
    assert "Nothing of this launch is kept." in page.content.decode()
    assert page.context["config"]["debug"] is False
    assert mine.get("/registrations/r1?includeChildResults=true&includeRuntime=true").json() == before
    assert len(mine.get("/registrations/r1/launchHistory").json()["launchHistory"]) == 1
    assert content.get(f"/play/{record.key}/sequencing").status_code == 403


def test_a_link_leads_to_the_newest_version_where_the_course_says_so():
    mine = api()
    course(mine)
    created(mine)
    course(mine, archive="scorm2004_multi", may_create_version=True)
    last = Course.objects.get(course_id="golf").current_version.read_structure().leaves[-1].identifier
    refused = mine.post("/registrations/r1/launchLink", {"redirectOnExitUrl": "", "startSco": last})
    Course.objects.update(settings={"WhenToRestartRegistration": "WHEN_NEWER_PACKAGE_VERSION_EXISTS"})

    content, record, _ = followed(mine, startSco=last)

    assert message(refused) == (400, f"startSco: there is no activity “{last}” to launch in this course.")
    assert (started(content, record)["activity"], record.instance.number, record.version.number) == (last, 1, 1)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "redirectOnExitUrl: it is missing."),
        ({"redirectOnExitUrl": "", "expiry": 9}, "expiry: it should be greater than or equal to 10."),
        ({"redirectOnExitUrl": "", "expiry": 301}, "expiry: it should be less than or equal to 300."),
        ({"redirectOnExitUrl": "", "tracking": "perhaps"}, "tracking: it must be true or false."),
        ({"redirectOnExitUrl": "", "startSco": "none"}, "startSco: there is no activity “none”"),
        ({"redirectOnExitUrl": "", "cssUrl": "file:///etc/passwd"}, "cssUrl: "),
        ({"redirectOnExitUrl": "", "culture": "?"}, "culture: it must be the code of a language"),
        ({"redirectOnExitUrl": "", "courseTags": ["x" * 101]}, "courseTags: a tag has at most 100 characters"),
        ({"redirectOnExitUrl": "", "additionalvalues": [{}] * 51}, "additionalvalues: it has more than 50 entries."),
        (
            {"redirectOnExitUrl": "", "launchAuth": {"type": "locks"}},
            "launchAuth.type: it must be one of cookies, vault.",
        ),
        (
            {"redirectOnExitUrl": "", "launchAuth": {"options": {"slidingExpiry": -1}}},
            "launchAuth.options.slidingExpiry: it should be greater than or equal to 0.",
        ),
    ],
)
def test_a_launch_that_cannot_be_is_refused(body: dict, words: str):
    mine = api()
    course(mine)
    created(mine)

    found = mine.post("/registrations/r1/launchLink", body)

    assert found.status_code == 400
    assert found.json()["message"].startswith(words)


def test_a_launch_link_of_another_application_is_not_there():
    other = api()
    course(other)
    created(other)

    found = api(other.application.realm).post("/registrations/r1/launchLink", {"redirectOnExitUrl": ""})

    assert message(found) == (404, "Registration ID 'r1' does not exist in this application.")


# --- who gets the files of a launch -----------------------------------------------------------------------------------


def test_a_vault_has_an_address_of_each_launch_and_no_cookie():
    mine = api()
    golf = course(mine)
    created(mine)
    vault = {"type": "vault"}

    content, record, page = followed(mine, launchAuth=vault)
    _, _, second = followed(mine, launchAuth=vault)
    files = page.context["config"]["filesUrl"]
    found = Client(headers=HERE).get(f"{files}imsmanifest.xml")

    assert files.startswith("/files/of/")
    assert files != second.context["config"]["filesUrl"]
    assert record.key not in files
    assert (found.status_code, found.headers["Cache-Control"]) == (200, "private, no-cache")
    assert content.get(f"{files}{started(content, record)['href']}").status_code == 200
    assert content.get(f"{files}none.html").status_code == 404
    assert content.get(f"{files[:-3]}xx/imsmanifest.xml").status_code == 404
    assert content.get("/files/of/nonsense/imsmanifest.xml").status_code == 404
    assert content.post(f"{files}imsmanifest.xml").status_code == 405
    assert dict(content.cookies) == {}
    assert golf.current_version is not None


def test_a_cookie_opens_the_files_of_its_launch_alone():
    mine = api()
    course(mine)
    created(mine)

    content, _, page = followed(mine, launchAuth={"type": "cookies"})
    files = page.context["config"]["filesUrl"]
    (cookie,) = content.cookies.values()

    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (files, True, "Lax")
    assert content.get(f"{files}imsmanifest.xml").status_code == 200
    without = Client(headers=HERE).get(f"{files}imsmanifest.xml")
    assert (without.status_code, "cookie" in without.content.decode()) == (403, True)
    other, _, _ = followed(mine, launchAuth={"type": "cookies"})
    assert other.get(f"{files}imsmanifest.xml").status_code == 403


def test_files_are_bound_to_the_address_and_the_browser_where_that_is_asked():
    mine = api()
    course(mine)
    created(mine)
    bound = {"type": "vault", "options": {"ipAddress": True, "fingerprint": True}}

    content, record, page = followed(mine, launchAuth=bound)
    path = f"{page.context['config']['filesUrl']}imsmanifest.xml"
    elsewhere = Client(headers=HERE, REMOTE_ADDR="203.0.113.9")
    other = Client(headers=HERE | {"User-Agent": "Mozilla/5.0 (Other)"})
    media_player = Client(headers=HERE | {"User-Agent": "AppleCoreMedia/1.0"})

    assert content.get(path).status_code == 200
    assert media_player.get(path).status_code == 200
    assert [each.get(path).status_code for each in (elsewhere, other)] == [403, 403]
    assert [each.get(f"/play/{record.key}/").status_code for each in (elsewhere, other)] == [403, 403]
    assert "network" in elsewhere.get(path).content.decode()


BOUND = {"type": "vault", "options": {"ipAddress": True, "fingerprint": True}}
STRANGERS = ({"REMOTE_ADDR": "203.0.113.9"}, {"headers": HERE | {"User-Agent": "Mozilla/5.0 (Other)"}})


@pytest.mark.parametrize("stranger", STRANGERS)
def test_reports_are_taken_from_the_address_and_the_browser_that_a_link_bound_them_to(stranger: dict):
    mine = api()
    course(mine)
    created(mine)
    content, record, _ = followed(mine, launchAuth=BOUND)
    elsewhere = Client(**{"headers": HERE, **stranger})
    activity = started(content, record)["activity"]
    base = f"/play/{record.key}"
    reported = {"number": 1, "activity": activity, "values": {"cmi.core.lesson_status": "completed"}, "seconds": 5}
    asked = {**reported, "request": {"name": "suspendAll"}}

    def send(client: Client, name: str, body: dict) -> HttpResponse:
        return client.post(f"{base}/{name}", body, content_type="application/json")

    refused = [
        send(elsewhere, "start", {}),
        send(elsewhere, "report", reported),
        send(elsewhere, "navigate", asked),
        send(elsewhere, "log", {"number": 1, "entries": [{"method": "x"}]}),
        elsewhere.get(f"{base}/state"),
    ]
    before = mine.get("/registrations/r1").json()["registrationCompletion"]
    taken = [send(content, "report", reported), content.get(f"{base}/state")]

    assert [each.status_code for each in refused] == [403] * 5
    assert {each.json()["bound"] for each in refused} == {True}
    assert all("This launch is bound to the" in each.json()["message"] for each in refused)
    assert ([each.status_code for each in taken], before) == ([200, 200], "UNKNOWN")
    assert mine.get("/registrations/r1").json()["registrationCompletion"] == "COMPLETED"


def test_reports_come_from_anywhere_where_no_link_bound_them():
    mine = api()
    course(mine)
    settings = [("LaunchAuthType", "vault"), ("LaunchAuthOptionsIpAddress", "True")]
    explicit = {"settings": [{"settingId": name, "value": value} for name, value in settings]}
    created(mine, initialSettings=explicit)
    content, record, _ = followed(mine)
    started(content, record)

    moved = Client(headers=HERE, REMOTE_ADDR="203.0.113.9").get(f"/play/{record.key}/state")

    assert (
        moved.status_code == 200
    )  # a telephone that changes its network loses files, as settings have it, not results


def aicc(launch: dict, client: Client) -> bool:
    told = dict(parse_qsl(urlsplit(launch["href"]).query))
    message = {"command": "GetParam", "session_id": told["AICC_SID"], "version": "4.0"}
    return client.post(urlsplit(told["AICC_URL"]).path, message).content.startswith(b"error=0")


def tin_can(launch: dict, client: Client) -> bool:
    told = dict(parse_qsl(urlsplit(launch["href"]).query))
    headers = {"Authorization": told["auth"], "X-Experience-API-Version": "1.0.3"}
    found = client.get(f"{urlsplit(told['endpoint']).path}statements", headers=headers)
    assert found.status_code in (200, 403)
    return found.status_code == 200


def cmi5(launch: dict, client: Client) -> bool:
    told = dict(parse_qsl(urlsplit(launch["href"]).query))
    return "auth-token" in client.post(urlsplit(told["fetch"]).path).json()


@pytest.mark.parametrize(
    ("archive", "ask"),
    [(aicc_zip(), aicc), (tin_can_zip("single"), tin_can), (cmi5_zip(), cmi5)],
    ids=["aicc", "tincan", "cmi5"],
)
def test_content_that_reports_by_itself_is_bound_as_the_player_is(archive: bytes, ask: Callable[[dict, Client], bool]):
    mine = api()
    course(mine, "golf", archive)
    created(mine)
    content, record, _ = followed(mine, launchAuth=BOUND)
    launch = started(content, record)

    others = [Client(**{"headers": HERE, **each}) for each in STRANGERS]

    assert [ask(launch, each) for each in (*others, content)] == [False, False, True]


def test_content_on_another_server_may_report_from_there():
    mine = api()
    au = AU.replace("a.html", "https://elsewhere.example.com/a.html")
    course(mine, "golf", zip_of({"c.crs": CRS, "c.au": au, "c.cst": CST}))
    created(mine)
    content, record, _ = followed(mine, launchAuth=BOUND)

    assert aicc(started(content, record), Client(headers=HERE, REMOTE_ADDR="203.0.113.9"))


def test_files_go_out_for_as_long_as_was_asked(monkeypatch):
    mine = api()
    course(mine)
    created(mine)

    content, record, page = followed(mine, launchAuth={"type": "vault", "options": {"expiry": 600}})
    path = f"{page.context['config']['filesUrl']}imsmanifest.xml"
    before = content.get(path).status_code
    monkeypatch.setattr(guards.time, "time", lambda: record.created.timestamp() + 601)

    assert (before, content.get(path).status_code, content.get(f"/play/{record.key}/").status_code) == (200, 403, 403)


def test_files_stop_where_nothing_was_asked_for_too_long():
    mine = api()
    course(mine)
    created(mine)

    content, record, page = followed(mine, launchAuth={"type": "vault", "options": {"slidingExpiry": 600}})
    path = f"{page.context['config']['filesUrl']}imsmanifest.xml"
    before = content.get(path).status_code
    cache.delete(f"guard:{record.pk}")  # what its time-out does

    assert (before, content.get(path).status_code, content.get(f"/play/{record.key}/").status_code) == (200, 403, 403)


def test_settings_say_how_files_are_kept_where_the_link_says_nothing():
    mine = api()
    course(mine)
    vault = [("LaunchAuthType", "vault"), ("LaunchAuthOptionsFingerprint", "True")]
    settings = {"settings": [{"settingId": name, "value": value} for name, value in vault]}
    created(mine, initialSettings=settings)

    content, record, page = followed(mine)
    path = f"{page.context['config']['filesUrl']}imsmanifest.xml"
    _, _, free = followed(mine, launchAuth={"type": "vault", "options": {"fingerprint": False}})

    other = Client(headers=HERE | {"User-Agent": "curl"})
    assert (content.get(path).status_code, other.get(path).status_code) == (200, 403)
    assert other.get(f"{free.context['config']['filesUrl']}imsmanifest.xml").status_code == 200
    assert guards.files_of(record) == page.context["config"]["filesUrl"]


def test_settings_say_how_long_files_go_out(monkeypatch):
    mine = api()
    course(mine)
    vault = {"LaunchAuthType": "vault", "LaunchAuthOptionsExpiry": "600", "LaunchAuthOptionsSlidingExpiry": "60"}
    created(mine, initialSettings={"settings": [{"settingId": name, "value": value} for name, value in vault.items()]})

    content, record, page = followed(mine)
    path = f"{page.context['config']['filesUrl']}imsmanifest.xml"
    before = content.get(path).status_code
    cache.delete(f"guard:{record.pk}")  # what the time-out of the second does
    idle = content.get(path).status_code
    _, later, again = followed(mine)
    monkeypatch.setattr(guards.time, "time", lambda: later.created.timestamp() + 601)
    over = content.get(f"{again.context['config']['filesUrl']}imsmanifest.xml").status_code

    assert (before, idle, over) == (200, 403, 403)
