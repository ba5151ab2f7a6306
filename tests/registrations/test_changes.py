"""Pages that change one registration: override, tags, instances, launches as the learner, links, a new registration."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from content.models import Course
from realms import plans, usage
from realms.models import AuditEntry, BillingPlan, CountedRegistration, Realm, Reason
from registrations import services
from registrations.links import LaunchLink, read_link
from registrations.models import LaunchRecord, Registration
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make.user("olga@example.com", first_name="Olga", last_name="Owner")


@pytest.fixture
def realm(owner: User) -> Realm:
    return make.realm(owner)


@pytest.fixture
def course(realm: Realm) -> Course:
    return make.course("scorm2004_single", of=realm)


@pytest.fixture
def ada(course: Course) -> Registration:
    registration = make.registration(course, "ada")
    make.launch(registration).report(
        finished=True, cmi__completion_status="completed", cmi__success_status="failed", cmi__score__scaled="0.4"
    )
    registration.refresh_from_db()
    return registration


@pytest.fixture
def console(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def url(name: str, realm: Realm, *ids: Any) -> str:
    return reverse(f"registrations:{name}", args=[realm.slug, *ids])


def words(response: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# --- override ---------------------------------------------------------------------------------------------------------


def test_an_override_shows_beside_what_was_reported_and_can_be_taken_back(
    console: Client, realm: Realm, ada: Registration
):
    form = {"completion": "", "success": "passed", "percent": "80", "reason": "The test was faulty"}
    page = words(console.post(url("override", realm, ada.pk), form, follow=True))

    assert "By olga@example.com" in page
    assert "The test was faulty" in page
    assert "Success Passed Failed Score 80 % 40 %" in page
    assert "Passed" in words(console.get(url("list", realm)))
    made = AuditEntry.objects.get(action="registration.override")
    assert made.details["success"] == ["failed", "passed"]
    assert made.details["reason"] == "The test was faulty"

    page = words(console.post(url("revoke", realm, ada.pk), follow=True))
    assert "taken back by olga@example.com" in page
    ada.refresh_from_db()
    assert (ada.success, ada.score) == ("failed", 0.4)
    assert actions()[-1] == "registration.revoke_override"


@pytest.mark.parametrize(
    "form",
    [
        {"reason": "nothing chosen"},
        {"success": "passed"},
        {"success": "won", "reason": "x"},
        {"percent": "101", "reason": "x"},
        {"percent": "nan", "reason": "x"},
        {"success": "passed", "reason": "x" * 1001},
    ],
)
def test_an_override_that_says_too_little_or_too_much_is_refused(
    console: Client, realm: Realm, ada: Registration, form: dict[str, str]
):
    answer = console.post(url("override", realm, ada.pk), form)

    assert answer.status_code == 422
    assert "data-error-summary" in answer.content.decode()
    ada.refresh_from_db()
    assert (ada.success, actions()) == ("failed", [])


# --- tags, instances, what is global ----------------------------------------------------------------------------------


def test_tags_are_set_and_found_in_the_list(console: Client, realm: Realm, ada: Registration):
    console.post(url("tags", realm, ada.pk), {"tags": "spring, old"})
    console.post(url("tags", realm, ada.pk), {"tags": " new ,spring,,"})

    assert list(ada.tags.values_list("name", flat=True)) == ["new", "spring"]
    assert "ada" in words(console.get(url("list", realm), {"tag": "new"}))
    assert "No registration matches" in words(console.get(url("list", realm), {"tag": "old"}))
    page = words(console.post(url("tags", realm, ada.pk), {"tags": "x" * 101}, follow=True))
    assert "100 characters" in page
    assert ada.tags.count() == 2


def test_an_instance_is_deleted_and_the_one_before_is_shown(console: Client, realm: Realm, ada: Registration):
    services.restart(ada)
    page = words(console.get(url("registration", realm, ada.pk)))
    assert "Delete instance 1…" in page
    assert console.post(url("delete_instance", realm, ada.pk), {"instance": "x"}).status_code == 404

    page = words(console.post(url("delete_instance", realm, ada.pk), {"instance": "1"}, follow=True))

    assert "Instance 1 was deleted." in page
    ada.refresh_from_db()
    assert (ada.completion, ada.instances.count()) == ("completed", 1)
    page = words(console.post(url("delete_instance", realm, ada.pk), {"instance": "0"}, follow=True))
    assert "This is the only instance" in page
    assert actions() == ["registration.delete_instance"]


def test_global_data_is_reset(console: Client, realm: Realm, ada: Registration):
    page = words(console.post(url("reset_global_data", realm, ada.pk), follow=True))

    assert "are forgotten for this learner" in page
    assert actions() == ["registration.reset_global_data"]


# --- launching --------------------------------------------------------------------------------------------------------


def test_launching_as_the_learner_is_confirmed_and_marked(console: Client, realm: Realm, ada: Registration):
    page = words(console.get(url("launch_as", realm, ada.pk)))
    assert "You play the course as ada." in page
    assert console.post(url("launch_as", realm, ada.pk)).headers["Location"] == url("launch_as", realm, ada.pk)

    answer = console.post(url("launch_as", realm, ada.pk), {"confirmed": "1"})

    link = read_link(urlsplit(answer.headers["Location"]).path.split("/")[2])
    assert (link.registration_id, link.launched_by) == (ada.pk, "olga@example.com")
    record = services.begin_launch(link, services.Visitor("127.0.0.1", "Browser", "https://console.example"))
    services.start(record.key)
    services.store_log(record.key, 1, [{"at": "2026-05-04T10:00:00.1Z", "method": "Initialize", "arguments": [""]}])
    assert LaunchRecord.objects.get(pk=record.pk).launched_by == "olga@example.com"
    page = words(console.get(url("registration", realm, ada.pk)))
    assert "as the learner olga@example.com" in page
    assert "from https://console.example" in page
    assert "Launch 1 was made by olga@example.com as the learner." in words(console.get(url("log", realm, ada.pk)))
    assert actions() == ["registration.launch_as"]


def test_a_first_launch_that_the_plan_does_not_allow_gets_no_link(console: Client, realm: Realm, ada: Registration):
    Registration.objects.update(is_sandbox=False)
    plans.change_plan(realm.pk, BillingPlan.objects.create(name="One", registration_limit=1))
    usage.count(usage.Counted(10**9, "other", "golf", ada.application.app_id, realm.pk))

    link = console.post(url("launch_link", realm, ada.pk), {"seconds": "120"})
    as_learner = console.post(url("launch_as", realm, ada.pk), {"confirmed": "1"}, follow=True)

    assert link.status_code == 422
    for page in (link, as_learner):
        assert "The plan One has 1 registrations a period and all of them are used" in words(page)
    assert actions() == []


@pytest.mark.parametrize("name", ["launch_link", "launch_as"])
def test_what_is_launched_by_the_console_is_counted_so(console: Client, realm: Realm, ada: Registration, name: str):
    Registration.objects.update(is_sandbox=False)
    answer = console.post(url(name, realm, ada.pk), {"seconds": "120", "confirmed": "1"})
    token = re.search(r"/launch/([^/]+)/", answer.headers.get("Location") or unescape(answer.content.decode()))
    assert token is not None

    services.start(services.begin_launch(read_link(token[1]), services.Visitor("127.0.0.1")).key)

    assert CountedRegistration.objects.get().reason == Reason.CONSOLE


def test_a_launch_is_in_the_history_before_content_loads_with_how_long_it_lasted(
    console: Client, realm: Realm, ada: Registration
):
    services.begin_launch(LaunchLink(registration_id=ada.pk), services.Visitor("192.0.2.7", "Firefox", ""))

    page = words(console.get(url("registration", realm, ada.pk)))

    assert "content never loaded" in page
    assert "192.0.2.7 Firefox" in page


def test_a_launch_link_is_made_as_it_is_wanted(console: Client, realm: Realm, ada: Registration):
    form = {"seconds": "120", "exit": "address", "redirect": "https://example.com/done", "culture": "de"}

    page = console.post(url("launch_link", realm, ada.pk), form).content.decode()

    token = re.search(r"/launch/([^/]+)/", unescape(page))
    assert token is not None
    link = read_link(token[1])
    assert (link.registration_id, link.redirect_url, link.options.culture) == (ada.pk, "https://example.com/done", "de")
    assert actions() == ["registration.launch_link"]


@pytest.mark.parametrize(
    "form",
    [
        {"seconds": "99999"},
        {"seconds": "120", "exit": "address"},
        {"seconds": "120", "exit": "address", "redirect": "javascript:alert(1)"},
        {"seconds": "120", "culture": "no language"},
    ],
)
def test_a_launch_link_that_cannot_be_is_refused(
    console: Client, realm: Realm, ada: Registration, form: dict[str, str]
):
    answer = console.post(url("launch_link", realm, ada.pk), form)

    assert answer.status_code == 422
    assert "/launch/ey" not in answer.content.decode()


# --- registering ------------------------------------------------------------------------------------------------------


def test_a_learner_is_registered_from_the_page_of_a_course(console: Client, realm: Realm, course: Course):
    form = {
        "version": str(course.current_version_id),
        "learner_id": "bob",
        "first_name": "Bob",
        "last_name": "Builder",
        "email": "bob@example.com",
        "tags": "spring, 2026",
    }

    page = words(console.post(f"{url('create', realm)}?course={course.pk}", form, follow=True))

    made = Registration.objects.get(learner_id="bob")
    assert "The learner is registered." in page
    assert (made.course_id, made.is_sandbox, made.learner_email) == (course.pk, False, "bob@example.com")
    assert list(made.tags.values_list("name", flat=True)) == ["2026", "spring"]
    assert actions() == ["registration.create"]


def test_a_learner_is_registered_from_the_list_by_the_id_of_the_course(console: Client, realm: Realm, course: Course):
    assert course.course_id in console.get(url("create", realm)).content.decode()

    console.post(url("create", realm), {"course": course.course_id, "learner_id": "bob", "registration_id": "r 1/ü"})

    assert Registration.objects.get(learner_id="bob").registration_id == "r 1/ü"


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"course": "none", "learner_id": "bob"}, "There is no course with this id."),
        ({"learner_id": "bob"}, "required"),
        ({"course": "{course}"}, "required"),
        ({"course": "{course}", "learner_id": "bob", "registration_id": "{taken}"}, "exists already"),
        ({"course": "{course}", "learner_id": "bob", "email": "no address"}, "valid email"),
        ({"course": "{course}", "learner_id": "bob", "tags": "x" * 101}, "100 characters"),
        ({"course": "{course}", "learner_id": "b" * 256}, "255 characters"),
    ],
)
def test_what_cannot_be_registered_is_said_at_the_field(
    console: Client, realm: Realm, course: Course, ada: Registration, form: dict[str, str], message: str
):
    filled = {
        name: value.replace("{course}", course.course_id).replace("{taken}", ada.registration_id)
        for name, value in form.items()
    }

    answer = console.post(url("create", realm), filled)

    assert answer.status_code == 422
    assert message in words(answer)
    assert Registration.objects.count() == 1


def test_a_course_of_another_realm_takes_no_learner(console: Client, realm: Realm):
    foreign = make.course()

    assert console.get(f"{url('create', realm)}?course={foreign.pk}").status_code == 404
    answer = console.post(url("create", realm), {"course": foreign.course_id, "learner_id": "bob"})

    assert answer.status_code == 422
    assert not Registration.objects.exists()
