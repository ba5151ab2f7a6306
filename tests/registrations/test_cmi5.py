"""cmi5 registrations in the console and by command: waive, abandon, launch links."""

import json
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lrs.models import Statement
from registrations.links import read_link
from registrations.models import Instance, Registration
from tests import make
from tests.player.au import HOST, Au, Player
from tests.standards.cmi5.build import course_zip

pytestmark = pytest.mark.django_db
BASE = "https://tests.example/courses/harbour"
PILOT, ROPES = f"{BASE}/pilot", f"{BASE}/ropes"


@pytest.fixture
def registration() -> Registration:
    owner = make.user("owner@example.com")
    return make.registration(make.course_of_zip(course_zip(), make.realm(owner)))


def page(registration: Registration, rest: str = "") -> str:
    return f"/r/{registration.application.realm.slug}/registrations/{registration.pk}/{rest}"


def verbs() -> list[str]:
    bodies = Statement.objects.order_by("stored").values_list("body", flat=True)
    return [json.loads(body)["verb"]["display"]["en"] for body in bodies]


@pytest.fixture
def console(client, registration) -> Any:
    client.force_login(registration.application.realm.memberships.get().user)
    return client


def test_the_page_shows_what_satisfies_and_waives(console, registration, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = console.post(page(registration, "waive/"), {"activity": PILOT, "reason": "Tested Out"}, follow=True)

    text = answer.content.decode()
    assert "2 of 3" in text
    assert "Waived: Tested Out" in text
    assert verbs() == ["waived"]
    again = console.post(page(registration, "waive/"), {"activity": PILOT, "reason": "x"}, follow=True)
    assert "is waived already" in again.content.decode()


def test_the_page_abandons_the_open_session(console, registration, django_capture_on_commit_callbacks):
    unit = Au(Player(console, registration)).say("initialized")
    session = unit.data["contextTemplate"]["extensions"].popitem()[1]
    assert "A session of" in console.get(page(registration)).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        console.post(page(registration, "abandon/"), {"session": session})

    assert "A session of" not in console.get(page(registration)).content.decode()
    assert verbs() == ["launched", "initialized", "abandoned"]
    assert unit.send(unit.statement("looked")).status_code == 403
    assert (
        "over already"
        in console.post(page(registration, "abandon/"), {"session": session}, follow=True).content.decode()
    )


def test_another_course_has_no_such_card_and_refuses(console, registration):
    other = make.registration(make.course(of=registration.application.realm))

    assert "Satisfaction" not in console.get(page(other)).content.decode()
    answer = console.post(page(other, "waive/"), {"activity": "I1", "reason": "x"}, follow=True)
    assert "Only activities of cmi5 courses" in answer.content.decode()


# --- commands ---------------------------------------------------------------------------------------------------------


def link_of(capsys, course: str, *options: str) -> dict[str, str]:
    call_command("launch_link", course, "--learner", "ada", "--json", *options)
    return json.loads(capsys.readouterr().out)


def test_a_direct_link_leads_straight_to_the_au(client, registration, capsys):
    course = registration.course.course_id
    told = link_of(capsys, course, "--activity", ROPES, "--mode", "Browse", "--direct")

    answer = client.get(told["link"].partition("/launch")[1] + told["link"].partition("/launch")[2], **HOST)

    player = Player.__new__(Player)
    player.client, player.launch = client, {"href": answer["Location"]}
    unit = Au(player).say("initialized")
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"http://{HOST['HTTP_HOST']}/files/")
    assert unit.data["launchMode"] == "Browse"
    assert unit.registration == told["registration"] == str(registration.instances.get().xapi_registration)
    assert unit.data["contextTemplate"]["extensions"].popitem()[1] == told["session"]
    assert client.get(answer["Location"].partition(HOST["HTTP_HOST"])[2], **HOST).status_code == 200

    call_command("abandon", told["session"])
    assert unit.send(unit.statement("looked")).status_code == 403


@pytest.mark.parametrize(("options", "mode"), [((), "Normal"), (("--mode", "Review"), "Review")])
def test_a_link_is_of_normal_mode_unless_told_whatever_was_reached(registration, capsys, options, mode):
    told = link_of(capsys, registration.course.course_id, *options)

    assert read_link(told["link"].rstrip("/").rpartition("/")[2]).mode == mode


def test_a_registration_is_made_and_found_by_its_uuid(registration, capsys):
    course, wanted = registration.course.course_id, str(uuid.uuid4())
    before = link_of(capsys, course)["registration"]

    made = link_of(capsys, course, "--registration", wanted)["registration"]
    older = link_of(capsys, course, "--registration", before)["registration"]

    assert (made, older, link_of(capsys, course)["registration"]) == (wanted, before, wanted)
    assert Instance.objects.count() == 2
    for options in (["--registration", "x"], ["--activity", "x"], ["--mode", "Odd"]):
        with pytest.raises(CommandError):
            link_of(capsys, course, *options)


def test_waive_by_command(registration, capsys, django_capture_on_commit_callbacks):
    told = str(registration.instances.get().xapi_registration)

    with django_capture_on_commit_callbacks(execute=True):
        call_command("waive", told, PILOT, "--reason", "Equivalent AU")
        call_command("waive", registration.registration_id, ROPES, "--reason", "Administrative")

    registration.refresh_from_db()
    assert verbs() == ["waived", "waived", "satisfied", "satisfied"]
    assert (registration.completion, registration.success) == ("completed", "passed")
    for name, activity in ((told, PILOT), (told, "nothing"), ("nobody", PILOT)):
        with pytest.raises(CommandError):
            call_command("waive", name, activity, "--reason", "again")
    with pytest.raises(CommandError):
        call_command("abandon", str(uuid.uuid4()))
