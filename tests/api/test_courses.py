"""Courses: what each operation answers, refuses and leaves alone."""

import re
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from content import services
from content.models import Course, CourseVersion
from registrations.links import Wish, preview_url
from registrations.models import LaunchRecord, Registration
from registrations.services import open_sandbox
from standards.structure import Learner
from tests.api.calling import Api, api, course, message, multipart
from tests.at_once import all_at_once
from webhooks import events
from webhooks.models import Delivery
from webhooks.services import add_endpoint

pytestmark = pytest.mark.django_db
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["id"] for each in answer.json()["courses"]]


# --- one course -------------------------------------------------------------------------------------------------------


def test_a_course_with_its_activities():
    mine = api()
    golf = course(mine, "golf", "scorm12_two_scos", tags=("b", "a"))

    found = mine.get("/courses/golf").json()

    root = golf.current_version.read_structure().root
    assert MOMENT.fullmatch(found.pop("created"))
    assert MOMENT.fullmatch(found.pop("updated"))
    assert found.pop("xapiActivityId").endswith(f"/courses/{mine.application.app_id}/{golf.pk}")
    top = found.pop("rootActivity")
    assert found == {
        "id": "golf",
        "title": golf.title,
        "version": 0,
        "activityId": root.identifier,
        "courseLearningStandard": "SCORM12",
        "tags": ["a", "b"],
        "dispatched": False,
    }
    assert (top["activityType"], len(top["children"])) == ("AGGREGATION", 2)
    assert top["children"][0] == {
        "externalIdentifier": root.children[0].identifier,
        "itemIdentifier": root.children[0].identifier,
        "resourceIdentifier": root.children[0].resource,
        "activityType": "SCO",
        "href": root.children[0].href,
        "title": root.children[0].title,
        "children": [],
    }


def test_counts_and_metadata_come_on_demand():
    mine = api()
    golf = course(mine)
    open_sandbox(golf, Learner("ada", "Ada", "Lovelace"))

    found = mine.get("/courses/golf?includeRegistrationCount=True&includeCourseMetadata=true").json()

    assert found["registrationCount"] == 0  # those of the sandbox do not count
    assert found["metadata"]["title"] == golf.title
    assert "metadata" not in mine.get("/courses/golf?includeCourseMetadata=False").json()


@pytest.mark.parametrize(
    "course_id", ["a/b c", "a", "a/tags", "a//b", "/a", "x/versions/0", "importJobs/1", "ä+%@?#", "a\nb", "..", "a%2Fb"]
)
def test_an_id_may_be_anything(course_id: str):
    mine = api()
    course(mine, "other")
    course(mine, course_id)
    address = f"/courses/{quote(course_id, safe='')}"

    found = mine.get(address)
    tags = mine.put(f"{address}/tags", {"tags": ["x"]})

    assert (found.status_code, tags.status_code) == (200, 204)
    assert found.json()["id"] == course_id
    assert mine.get(f"{address}/tags").json() == {"tags": ["x"]}
    assert mine.get(f"{address}/versions/0").json()["id"] == course_id
    assert mine.delete(address).status_code == 204
    assert list(Course.objects.filter(application=mine.application).values_list("course_id", flat=True)) == ["other"]


def test_an_id_with_nul_is_refused_in_words():
    assert message(api().get("/courses/a%00b")) == (400, "path: a text has the character NUL.")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/courses/golf"),
        ("DELETE", "/courses/golf"),
        ("PUT", "/courses/golf/title"),
        ("GET", "/courses/golf/tags"),
        ("PUT", "/courses/golf/tags"),
        ("DELETE", "/courses/golf/tags"),
        ("GET", "/courses/golf/configuration"),
        ("POST", "/courses/golf/configuration"),
        ("DELETE", "/courses/golf/configuration/PlayerShowNavBar"),
        ("GET", "/courses/golf/versions"),
        ("GET", "/courses/golf/versions/0"),
        ("DELETE", "/courses/golf/versions/0"),
        ("GET", "/courses/golf/versions/0/configuration"),
        ("POST", "/courses/golf/versions/0/configuration"),
        ("DELETE", "/courses/golf/versions/0/configuration/PlayerShowNavBar"),
        ("POST", "/courses/golf/preview"),
        ("POST", "/courses/golf/versions/0/preview"),
        ("GET", "/courses/golf/asset?relativePath=imsmanifest.xml"),
        ("GET", "/courses/golf/versions/0/asset?relativePath=imsmanifest.xml"),
        ("GET", "/courses/golf/asset/list"),
        ("GET", "/courses/golf/versions/0/asset/list"),
        ("POST", "/courses/golf/asset"),
        ("POST", "/courses/golf/asset/upload"),
        ("DELETE", "/courses/golf/asset?relativePath=imsmanifest.xml"),
        ("GET", "/courses/golf/zip"),
        ("GET", "/courses/golf/versions/0/zip"),
        ("GET", "/courses/golf/xAPIStatements"),
        ("GET", "/courses/golf/versions/0/xAPIStatements"),
    ],
)
def test_courses_of_other_applications_are_not_there(method: str, path: str):
    other, mine = api(), api()
    course(other)
    body = {"title": "x", "tags": [], "settings": [], "fetchUrl": "https://example.com/x", "destination": "x"}

    found = mine.call(method, path, **(multipart(b"x") if path.endswith("upload") else {"body": body}))

    assert message(found) == (404, "Course ID 'golf' does not exist in this application.")
    assert other.get("/courses/golf").status_code == 200


def test_a_title_stays_with_later_versions():
    mine = api()
    course(mine)

    assert mine.put("/courses/golf/title", {"title": "Golf for all"}).status_code == 204
    course(mine, may_create_version=True)

    assert mine.get("/courses/golf").json()["title"] == "Golf for all"
    assert message(mine.put("/courses/golf/title", {"title": " "})) == (
        400,
        "title: A title has from 1 to 500 characters.",
    )
    assert message(mine.put("/courses/golf/title", {})) == (400, "title: it is missing.")
    assert message(mine.put("/courses/golf/title", {"title": "a\0b"})) == (400, "body: a text has the character NUL.")


def test_deleting_a_course_takes_all_of_it():
    mine = api()
    open_sandbox(course(mine), Learner("ada", "Ada", "Lovelace"))

    assert mine.delete("/courses/golf", {}).status_code == 204

    assert mine.get("/courses/golf").status_code == 404
    assert mine.delete("/courses/golf").status_code == 404


def test_where_deleting_is_not_permitted_nothing_goes():
    mine = api()
    course(mine)
    mine.application.allow_delete = False
    mine.application.save()

    assert mine.delete("/courses/golf").status_code == 403
    assert mine.get("/courses/golf").status_code == 200


# --- lists ------------------------------------------------------------------------------------------------------------


def many(mine: Api, count: int) -> None:
    """Courses whose ids are numbers, each made a minute after the other."""
    golf = course(mine, "seed")
    now = timezone.now()
    made = Course.objects.bulk_create(
        Course(
            application=mine.application,
            course_id=f"{number:03}",
            title=f"Title {count - number:03}",
            standard=golf.standard,
            current_version=golf.current_version,
        )
        for number in range(count)
    )
    for number, each in enumerate(made):
        moment = now - timedelta(minutes=count - number)
        Course.objects.filter(pk=each.pk).update(created=moment, updated=now - timedelta(minutes=number + 1))
    golf.delete()


def pages(mine: Api, query: str) -> list[list[str]]:
    """The ids of each page."""
    answer = mine.get(f"/courses?{query}")
    found = [ids(answer)]
    while more := answer.json().get("more"):
        answer = mine.get(f"/courses?more={quote(more)}")
        found.append(ids(answer))
    return found


def test_pages_of_courses_in_every_order():
    mine = api()
    many(mine, 230)
    up = [f"{number:03}" for number in range(230)]
    orders = {
        "created_asc": up,
        "created_desc": up[::-1],
        "updated_asc": up[::-1],
        "updated_desc": up,
        "title_asc": up[::-1],
        "title_desc": up,
    }

    for order, wanted in orders.items():
        found = pages(mine, f"orderBy={order}")
        assert [len(page) for page in found] == [100, 100, 30]
        assert sum(found, []) == wanted
    assert sum(pages(mine, ""), []) == up[::-1]


def test_the_total_is_told_on_the_first_page_alone():
    mine = api()
    many(mine, 120)

    first = mine.get("/courses?includeTotalCount=True&filter=1")
    second = mine.get("/courses?includeTotalCount=True")
    last = mine.get(f"/courses?more={quote(second.json()['more'])}")

    assert int(first.headers["X-Total-Count"]) == sum("1" in f"{number:03}" for number in range(120))
    assert second.headers["X-Total-Count"] == "120"
    assert "X-Total-Count" not in last.headers
    assert "more" not in last.json()
    assert "X-Total-Count" not in mine.get("/courses").headers


def test_more_keeps_the_filters_and_belongs_to_its_list():
    mine = api()
    many(mine, 120)

    more = mine.get("/courses?filter=t&filterBy=title&orderBy=title_asc").json()["more"]

    assert len(ids(mine.get(f"/courses?more={quote(more)}"))) == 20
    refused = (400, "more: it is not a token that this list gave out. Begin anew without it.")
    assert message(mine.get("/courses?more=nonsense")) == refused
    assert message(mine.get(f"/courses?more={quote(more)}x")) == refused
    assert message(api(mine.application.realm).get(f"/courses?more={quote(more)}")) == refused


def test_filters():
    mine = api()
    course(mine, "Golf", tags=("sport", "green"))
    course(mine, "tennis", tags=("sport",))
    course(mine, "chess")
    Course.objects.filter(course_id="chess").update(title="The game of kings")
    Course.objects.filter(course_id="chess").update(created="2020-01-01T00:00Z", updated="2021-01-01T00:00Z")

    def listed(query: str) -> set[str]:
        return set(ids(mine.get(f"/courses?{query}")))

    assert listed("filter=gol") == {"Golf"}
    assert listed("filter=KINGS&filterBy=title") == {"chess"}
    assert listed("filter=spo&filterBy=tags") == {"Golf", "tennis"}
    Course.objects.filter(course_id="tennis").update(title="Für ÄLTERE")
    assert listed(f"filter={quote('ältere')}&filterBy=title") == {"tennis"}
    assert listed(f"filter={quote('FÜR')}&filterBy=title") == {"tennis"}
    assert listed("tags=green,none") == listed("tags=green%2Cnone") == listed("tags=none&tags=green") == {"Golf"}
    assert listed("tags=none") == set()
    assert listed("until=2021-01-01T00:00:00.000Z") == {"chess"}
    assert listed("until=2021-01-01T02:00:00%2B02:00") == listed("until=2021-01-01T02:00:00+02:00") == {"chess"}
    assert listed("since=2021-01-01T00:00:00Z") == {"Golf", "tennis", "chess"}
    assert listed("since=2021-01-01T00:00:01Z") == {"Golf", "tennis"}
    assert listed("until=2020-01-01&datetimeFilter=created") == {"chess"}
    assert listed("until=2020-01-01") == set()
    assert listed("unknown=1") == {"Golf", "tennis", "chess"}


def test_a_time_that_was_read_is_an_end_that_counts():
    """Times are told to the millisecond, and rows have microseconds."""
    mine = api()
    golf = course(mine)
    moment = timezone.now().replace(microsecond=123_456)
    Course.objects.filter(pk=golf.pk).update(created=moment, updated=moment)
    golf.versions.update(created=moment)
    told = mine.get("/courses/golf").json()["created"]
    just_before = told.replace(".123Z", ".122Z")

    assert ids(mine.get(f"/courses?datetimeFilter=created&since={told}&until={told}")) == ["golf"]
    assert ids(mine.get(f"/courses?since={told}&until={told}")) == ["golf"]
    assert ids(mine.get(f"/courses?until={just_before}")) == []
    assert ids(mine.get(f"/courses/golf/versions?since={told}&until={told}")) == ["golf"]
    assert ids(mine.get(f"/courses/golf/versions?until={just_before}")) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            "orderBy=size_asc",
            "orderBy: it must be one of created_asc, created_desc, updated_asc, updated_desc, title_asc",
        ),
        ("filterBy=owner", "filterBy: it must be one of course_id, title, tags."),
        ("datetimeFilter=seen", "datetimeFilter: it must be one of created, updated."),
        ("includeTotalCount=perhaps", "includeTotalCount: it must be true or false."),
        ("since=yesterday", "since: it must be a time as ISO 8601 writes it"),
        ("until=0001-01-01T00:00:00%2B14:00", "until: it must be a time as ISO 8601 writes it"),
        ("filter=a%00b", "filter: a text has the character NUL."),
    ],
)
def test_values_that_are_none_are_refused_with_those_that_are(query: str, words: str):
    found = api().get(f"/courses?{query}")

    assert found.status_code == 400
    assert found.json()["message"].startswith(words)


def test_a_list_asks_as_many_questions_for_many_as_for_one(django_assert_num_queries):
    mine = api()
    course(mine, "one", tags=("a",))
    mine.get("/courses")
    with django_assert_num_queries(5):  # key, courses, tags, counts, structures
        mine.get("/courses?includeRegistrationCount=true&includeCourseMetadata=true")
    course(mine, "two", tags=("a",))
    course(mine, "three", "scorm2004_multi", tags=("a",))

    with django_assert_num_queries(5):
        assert len(ids(mine.get("/courses?includeRegistrationCount=true&includeCourseMetadata=true"))) == 3


# --- tags -------------------------------------------------------------------------------------------------------------


def test_tags_are_added_and_taken_off():
    mine = api()
    course(mine, tags=("a",))

    assert mine.put("/courses/golf/tags", {"tags": ["b", "a", " c  d "]}).status_code == 204
    assert mine.get("/courses/golf/tags").json() == {"tags": ["a", "b", "c d"]}
    assert mine.delete("/courses/golf/tags", {"tags": ["a", "unknown"]}).status_code == 204
    assert mine.get("/courses/golf/tags").json() == {"tags": ["b", "c d"]}
    assert mine.delete("/courses/golf/tags", {}).status_code == 204
    assert mine.get("/courses/golf/tags").json() == {"tags": ["b", "c d"]}


def test_tags_have_limits():
    mine = api()
    course(mine, tags=("a",))

    too_many = mine.put("/courses/golf/tags", {"tags": [str(number) for number in range(50)]})
    too_long = mine.put("/courses/golf/tags", {"tags": ["x" * 101]})

    assert message(too_many) == (400, "tags: A course has at most 50 tags.")
    assert too_long.status_code == 400
    assert mine.get("/courses/golf/tags").json() == {"tags": ["a"]}


def test_a_batch_of_tags_is_put_on_all_or_on_none():
    mine = api()
    course(mine, "one")
    course(mine, "two", tags=("x",))

    refused = mine.put("/courses/tags", {"ids": ["one", "three"], "tags": ["a"]})
    done = mine.put("/courses/tags", {"ids": ["one", "two", "one"], "tags": ["a", "b"]})

    assert message(refused) == (404, "Course ID 'three' does not exist in this application.")
    assert done.status_code == 204
    assert mine.get("/courses/one/tags").json() == {"tags": ["a", "b"]}
    assert mine.get("/courses/two/tags").json() == {"tags": ["a", "b", "x"]}
    many = mine.put("/courses/tags", {"ids": [str(number) for number in range(1001)], "tags": []})
    assert message(many) == (400, "ids: it has more than 1000 entries.")


# --- configuration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/courses/golf", "/courses/golf/versions/0"])
def test_settings_are_set_listed_and_let_go(path: str):
    mine = api()
    course(mine)

    def setting(name: str, query: str = "") -> dict:
        listed = mine.get(f"{path}/configuration{query}").json()["settingItems"]
        return next(each for each in listed if each["id"] == name)

    before = setting("PlayerShowNavBar")
    posted = {"settings": [{"settingId": "PlayerShowNavBar", "value": "NO", "explicit": True}]}
    assert mine.post(f"{path}/configuration", posted).status_code == 204
    also = {"settings": [{"settingId": "PlayerShowTitleBar", "value": "NO"}]}
    assert mine.post(f"{path}/configuration", also).status_code == 204

    assert before["effectiveValueSource"] == "default"
    assert "explicitValue" not in before
    assert setting("PlayerShowNavBar") == {
        "id": "PlayerShowNavBar",
        "effectiveValue": "NO",
        "effectiveValueSource": "course",
        "explicitValue": "NO",
    }
    assert setting("PlayerShowNavBar", "?includeMetadata=True")["metadata"]["validValues"]
    assert mine.delete(f"{path}/configuration/PlayerShowNavBar").status_code == 204
    assert setting("PlayerShowNavBar") == before
    assert setting("PlayerShowTitleBar")["explicitValue"] == "NO"


def test_a_value_may_be_a_number_or_a_truth():
    mine = api()
    golf = course(mine)
    values = {"PlayerDesiredWidth": 800, "ApiRollupRegistrationPostBackIsJson": False}

    body = {"settings": [{"settingId": name, "value": value} for name, value in values.items()]}

    assert mine.post("/courses/golf/configuration", body).status_code == 204
    golf.refresh_from_db()
    assert golf.settings == {"PlayerDesiredWidth": "800", "ApiRollupRegistrationPostBackIsJson": "False"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"settings": [{"settingId": "Nothing", "value": "x"}]}, "There is no setting Nothing."),
        ({"settings": [{"settingId": "PlayerShowNavBar", "value": "maybe"}]}, "PlayerShowNavBar cannot be “maybe”"),
        ({"settings": [{"settingId": "PlayerShowNavBar", "value": []}]}, "settings[0].value: it must be a text."),
        ({"settings": [{"settingId": "PlayerShowNavBar", "value": 1}]}, "PlayerShowNavBar cannot be “1”"),
        ({"settings": [{"value": "YES"}]}, "settings[0].settingId: it is missing."),
        ({"settings": "all"}, "settings: it must be a list."),
        ([], "body: it must be an object."),
    ],
)
def test_settings_that_cannot_be_are_refused(body: object, words: str):
    mine = api()
    golf = course(mine)

    found = mine.post("/courses/golf/configuration", body)

    assert found.status_code == 400
    assert found.json()["message"].startswith(words)
    golf.refresh_from_db()
    assert golf.settings == {}
    assert mine.delete("/courses/golf/configuration/Nothing").status_code == 400


# --- versions ---------------------------------------------------------------------------------------------------------


def test_versions_count_from_0():
    mine = api()
    course(mine)
    course(mine, archive="scorm2004_single", may_create_version=True)

    listed = mine.get("/courses/golf/versions").json()["courses"]

    assert [(each["version"], each["courseLearningStandard"]) for each in listed] == [
        (0, "SCORM12"),
        (1, "SCORM20044THEDITION"),
    ]
    assert mine.get("/courses/golf").json()["version"] == 1
    assert mine.get("/courses/golf/versions/0").json()["courseLearningStandard"] == "SCORM12"
    assert mine.get("/courses/golf/versions/0").json()["rootActivity"]["children"]
    assert ids(mine.get("/courses/golf/versions?until=2020-01-01")) == []
    assert mine.get("/courses/golf/versions/2").status_code == 404
    assert message(mine.get("/courses/golf/versions/first")) == (400, "versionId: it must be a whole number.")
    assert mine.get("/courses/golf/versions/99999999999999999999").status_code == 400


def test_deleting_versions_until_the_course_is_gone():
    mine = api()
    course(mine)
    course(mine, archive="scorm2004_single", may_create_version=True)

    assert mine.delete("/courses/golf/versions/1").status_code == 204
    assert mine.get("/courses/golf").json()["version"] == 0
    assert mine.delete("/courses/golf/versions/0").status_code == 204
    assert mine.get("/courses/golf").status_code == 404
    assert CourseVersion.objects.filter(course__application=mine.application).count() == 0


def test_a_version_that_is_played_stays():
    mine = api()
    golf = course(mine)
    open_sandbox(golf, Learner("ada", "Ada", "Lovelace"))
    course(mine, may_create_version=True)

    found = mine.delete("/courses/golf/versions/0")
    open_sandbox(Course.objects.get(course_id="golf"), Learner("bob", "Bob", ""))
    current = mine.delete("/courses/golf/versions/1")

    assert (found.status_code, current.status_code) == (400, 400)
    assert found.json()["message"].startswith("versionId: 1 registration is on this version")
    assert mine.get("/courses/golf").json()["version"] == 1
    assert len(ids(mine.get("/courses/golf/versions"))) == 2


# --- previews ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/courses/golf/preview", "/courses/golf/versions/0/preview"])
def test_a_preview_as_it_is_wished_for(path: str):
    mine = api()
    golf = course(mine, "golf", "scorm12_two_scos")
    sco = golf.current_version.read_structure().leaves[1].identifier
    wish = {
        "expiry": 30,
        "redirectOnExitUrl": "https://lms.example.com/back?a=b",
        "startSco": sco,
        "culture": "de-DE",
        "cssUrl": "https://lms.example.com/look.css",
        "additionalvalues": [{"item": "colour", "value": "red & blue"}],
    }

    link = mine.post(path, wish).json()["launchLink"]
    content = Client(headers={"Host": "127.0.0.1"})
    page = content.get(content.get(urlsplit(link).path).headers["Location"]).content.decode()
    record = LaunchRecord.objects.get(version=golf.current_version)
    shown = content.post(f"/play/{record.key}/start", {}, content_type="application/json").json()["launch"]

    assert (record.instance, record.redirect_url, record.activity) == (None, wish["redirectOnExitUrl"], sco)
    assert '<link rel="stylesheet" href="https://lms.example.com/look.css"' in page
    assert shown["activity"] == sco
    assert "colour=red%20%26%20blue" in shown["href"]
    assert Registration.objects.count() == 0


@pytest.mark.parametrize(
    ("redirect", "exit_url", "closes"),
    [
        ("closer", "", True),
        ("blank", "about:blank", False),
        ("message", "", False),
        ("javascript:alert(1)", "", False),
        ("", "", False),
    ],
)
def test_what_leaving_a_preview_does(redirect: str, exit_url: str, closes: bool):
    mine = api()
    course(mine)

    link = mine.post("/courses/golf/preview", {"redirectOnExitUrl": redirect}).json()["launchLink"]
    content = Client(headers={"Host": "127.0.0.1"})
    config = content.get(content.get(urlsplit(link).path).headers["Location"]).context["config"]

    assert (config["exitUrl"], config["closes"]) == (exit_url, closes)


def test_a_link_works_for_as_long_as_was_asked():
    mine = api()
    golf = course(mine)
    link = preview_url(golf.current_version, Learner("ada"), wish=Wish(seconds=-1))

    answer = Client(headers={"Host": "127.0.0.1"}).get(urlsplit(link).path)

    assert answer.status_code == 403
    assert "expired" in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"expiry": 9}, "expiry: it should be greater than or equal to 10."),
        ({"expiry": 301}, "expiry: it should be less than or equal to 300."),
        ({"startSco": "none"}, "startSco: there is no activity “none” to launch in this course."),
        ({"cssUrl": "file:///etc/passwd"}, "cssUrl: "),
        ({"culture": "?"}, "culture: it must be the code of a language"),
        ({"additionalvalues": [{}] * 51}, "additionalvalues: it has more than 50 entries."),
    ],
)
def test_a_preview_that_cannot_be_is_refused(body: dict, words: str):
    mine = api()
    course(mine)

    found = mine.post("/courses/golf/preview", body)

    assert found.status_code == 400
    assert found.json()["message"].startswith(words)


@pytest.mark.parametrize("package", ["scorm12_two_scos", "scorm12_prerequisites", "scorm2004_multi"])
def test_a_launch_begins_with_the_sco_that_is_named(package: str):
    mine = api()
    golf = course(mine, "golf", package)
    last = golf.current_version.read_structure().leaves[-1].identifier

    link = mine.post("/courses/golf/preview", {"startSco": last}).json()["launchLink"]
    content = Client(headers={"Host": "127.0.0.1"})
    content.get(urlsplit(link).path)
    key = LaunchRecord.objects.get(version=golf.current_version).key

    assert content.post(f"/play/{key}/start", {}, content_type="application/json").json()["launch"]["activity"] == last


# --- many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where writers cannot wait")
def test_a_course_that_is_deleted_by_many_at_once_is_deleted_once():
    mine = api()
    golf = course(mine)
    add_endpoint(mine.application, "Ours", "https://lms.example.com/hook", [events.COURSE_DELETED])
    found: list[int] = []

    wrong = all_at_once(*[lambda: found.append(mine.delete("/courses/golf").status_code)] * 4)

    assert (wrong, sorted(found)) == ([], [204, 404, 404, 404])
    assert Delivery.objects.filter(event=events.COURSE_DELETED).count() == 1
    assert not Course.objects.filter(pk=golf.pk).exists()


def test_a_course_that_went_a_moment_ago_is_not_deleted_again():
    mine = api()
    golf = course(mine)
    mine.delete("/courses/golf")

    with pytest.raises(Course.DoesNotExist):
        services.delete_course(golf)
