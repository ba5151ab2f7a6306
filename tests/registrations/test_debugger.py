"""The sequencing debugger: what it keeps of requests, what its pages say, and what they cost."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from realms.models import Realm
from registrations import services
from registrations.debugger import Debugger
from registrations.history import KEPT, KEPT_OF_LEARNERS, TRACE_BYTES, cut, deflate, inflate
from registrations.links import LaunchLink
from registrations.models import Registration, RequestRecord
from registrations.sessions import at_present, open_session
from standards.structure import Learner, Request
from tests import make

from .test_pages import facts, words

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


def address(realm: Realm, registration: Registration, name: str = "sequencing") -> str:
    return reverse(f"registrations:{name}", args=[realm.slug, registration.pk])


def told(registration: Registration) -> list[str]:
    """The history in words, oldest first."""
    instance = registration.instances.select_related("version__course", "registration").get()
    return [each.words for each in Debugger.of_instance(instance).history()][::-1]


def test_each_request_is_told_in_a_line():
    registration = make.registration(make.course("scorm2004_multi"))
    played = make.launch(registration)

    played.go("choice", "nowhere")
    played.go("continue", cmi__completion_status="completed")
    played.go("suspendAll")

    lines = told(registration)
    assert len(lines) == 4
    first = played_title(registration, 0)
    assert lines[0] == f"Start → delivered {first}"
    assert lines[1] == "Choice of nowhere refused: NB.2.1-11, the course has no such activity at present"
    assert lines[2] == f"Continue → delivered {played_title(registration, 1)}"
    assert lines[3] == "Suspend all → session suspended"


def played_title(registration: Registration, place: int) -> str:
    structure = registration.instances.get().version.read_structure()
    return structure.leaves[place].title


def test_what_the_content_asks_for_is_told_as_such():
    registration = make.registration(make.course("scorm2004_multi"))
    played = make.launch(registration)

    played.report(finished=True, cmi__completion_status="completed")
    played.number += 1
    services.navigate(played.key, played.number, None, services.Request("content", by_learner=False))

    assert told(registration) == [f"Start → delivered {played_title(registration, 0)}"]  # it asked for nothing


def test_every_process_is_in_the_trace():
    registration = make.registration(make.course("scorm2004_multi"))
    make.launch(registration)

    trace = inflate(RequestRecord.objects.get(instance__registration=registration))

    assert trace[0]["process"] == "OP.1"
    assert [step["process"] for step in trace[0]["steps"]] == ["NB.2.1", "SB.2.12", "DB.1.1", "DB.2"]


def test_the_history_has_an_end(monkeypatch):
    monkeypatch.setattr("registrations.history.KEPT", 3)
    registration = make.registration(make.course("scorm2004_multi"))
    played = make.launch(registration)

    for number in range(5):
        played.go("choice", f"nowhere {number}")

    kept = RequestRecord.objects.filter(instance__registration=registration).order_by("pk")
    assert [record.target for record in kept] == ["nowhere 2", "nowhere 3", "nowhere 4"]
    assert KEPT_OF_LEARNERS < KEPT


def test_a_huge_trace_loses_its_depth_and_keeps_its_size():
    entry: dict[str, Any] = {"process": "SB.2.2", "steps": []}
    deep = [{"process": "OP.1", "steps": [{"process": "SB.2.12", "steps": [entry, {**entry, "steps": [entry]}]}]}]
    wide = [
        {"process": "OP.1", "steps": [{"step": f"{number * 7919 % 100003} x {number}"} for number in range(60_000)]}
    ]

    assert cut(deep, 2)[0]["steps"][0]["steps"][0]["step"] == "cut"
    assert inflate(RequestRecord(trace=deflate(deep))) == deep
    assert len(deflate(wide)) <= TRACE_BYTES
    assert deflate(()) == b""


def test_a_preview_keeps_its_requests_with_its_launch():
    course = make.course("scorm2004_multi")
    link = LaunchLink(version_id=course.current_version_id, learner=Learner("ada"))
    launch = services.begin_launch(link, services.Visitor())

    services.start(launch.key)

    assert launch.requests.get().delivered
    launch.delete()
    assert not RequestRecord.objects.filter(launch_id=launch.pk).exists()


def test_the_page_shows_tree_definition_tracking_trace_and_history(console, realm):
    registration = make.registration(make.course("scorm2004_multi", realm))
    played = make.launch(registration)
    played.go("choice", "nowhere")
    root = registration.instances.get().version.read_structure().root.identifier

    page = facts(words(console.get(address(realm, registration), {"activity": root})))

    for text in ("Activity Attempt Count 1", "Definition", "Control modes", "Attempt Completion Status unknown"):
        assert text in page
    assert "Choice of nowhere refused: NB.2.1-11, the course has no such activity at present" in page
    assert "NB.2.1 Navigation Request Process" in page
    first = RequestRecord.objects.filter(instance__registration=registration).earliest("pk")
    earlier = facts(words(console.get(address(realm, registration), {"request": first.pk})))
    assert "OP.1 Overall Sequencing Process" in earlier
    assert "follow the latest request" in earlier


def test_every_activity_can_be_looked_at_and_none_that_is_not_there_breaks_the_page(console, realm):
    registration = make.registration(make.course("scorm2004_multi", realm))
    make.launch(registration)
    structure = registration.instances.get().version.read_structure()

    for identifier in [*structure.activities, "nowhere", "\0", "x" * 5000]:
        answer = console.get(address(realm, registration), {"activity": identifier, "request": "x", "page": "-3"})
        assert answer.status_code == 200


def test_a_disabled_item_says_why_with_the_steps_that_found_it(console, realm):
    registration = make.registration(make.course("scorm12_prerequisites", realm))
    make.launch(registration)
    structure = registration.instances.get().version.read_structure()
    blocked = next(leaf for leaf in structure.leaves if leaf.prerequisites)

    page = facts(words(console.get(address(realm, registration), {"activity": blocked.identifier})))

    assert "Why can't it be chosen? Its prerequisites are not met yet." in page
    assert f"Prerequisites {blocked.prerequisites}" in page


def test_the_page_asks_again_and_hears_nothing_until_something_changes(console, realm):
    registration = make.registration(make.course("scorm2004_multi", realm))
    played = make.launch(registration)
    first = console.get(address(realm, registration))
    seen = first.context["marker"]
    again = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "sequencing"}

    unchanged = console.get(address(realm, registration), {"seen": seen}, **again)
    played.report(cmi__location="p2")
    quiet = console.get(address(realm, registration), {"seen": seen}, **again)
    played.go("continue")
    changed = console.get(address(realm, registration), {"seen": seen}, **again)

    assert (unchanged.status_code, quiet.status_code, changed.status_code) == (204, 204, 200)
    assert "seen=" not in changed.content.decode()
    assert "<html" not in changed.content.decode()


def test_the_download_holds_everything(console, realm):
    registration = make.registration(make.course("scorm2004_multi", realm))
    played = make.launch(registration)
    played.go("continue", cmi__completion_status="completed")

    answer = console.get(address(realm, registration, "download_sequencing"))
    held = json.loads(b"".join(answer.streaming_content))

    assert answer.headers["Content-Disposition"] == f'attachment; filename="sequencing-{registration.pk}.json"'
    assert [each["request"] for each in held["requests"]] == ["start", "continue"]
    assert held["requests"][1]["trace"][0]["process"] == "OP.1"
    assert set(held["state"]["activities"]) == set(registration.instances.get().version.read_structure().activities)


def test_a_course_without_sequencing_has_a_download_too(console, realm):
    registration = make.registration(make.course("scorm12_two_scos", realm))
    make.launch(registration)

    answer = console.get(address(realm, registration, "download_sequencing"))
    held = json.loads(b"".join(answer.streaming_content))

    assert held["requests"][0]["summary"].startswith("Start → delivered")


def test_a_registration_that_was_never_launched(console, realm):
    registration = make.registration(make.course("scorm2004_multi", realm))

    page = facts(words(console.get(address(realm, registration))))

    assert "No request yet" in page


@pytest.mark.parametrize("requests", [1, 3])
def test_the_page_costs_the_same_however_long_the_history(console, realm, requests, django_assert_num_queries):
    registration = make.registration(make.course("scorm2004_multi", realm))
    played = make.launch(registration)
    for _ in range(requests):
        played.go("choice", "nowhere")
    console.get(address(realm, registration))

    with django_assert_num_queries(QUERIES):
        console.get(address(realm, registration))


QUERIES = 14


def big_course(realm: Realm) -> Any:
    """A real package of 1,000 items."""
    items = "".join(
        f'<item identifier="C{c}"><title>Chapter {c}</title>'
        + "".join(
            f'<item identifier="I{c}-{n}" identifierref="R"><title>Item {c}.{n}</title></item>' for n in range(19)
        )
        + "</item>"
        for c in range(50)
    )
    return make.course_of_zip(make_zip(MANIFEST.format(items=items)), realm)


MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<manifest identifier="M" version="1" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"
 xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
 <metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
 <organizations default="O"><organization identifier="O"><title>Big</title>{items}
  <imsss:sequencing><imsss:controlMode choice="true" flow="true"/></imsss:sequencing></organization></organizations>
 <resources><resource identifier="R" type="webcontent" adlcp:scormType="sco" href="a.html"><file href="a.html"/>
 </resource></resources></manifest>"""


def make_zip(manifest: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("imsmanifest.xml", manifest)
        archive.writestr("a.html", "<p>a</p>")
    return held.getvalue()


def test_a_tree_of_a_thousand_activities_stays_light(console, realm):
    registration = make.registration(big_course(realm))
    make.launch(registration)

    answer = console.get(address(realm, registration), {"activity": "I30-3"})

    assert len(answer.content) < 200_000
    assert answer.context["page"].number == 7
    assert "Item 30.3" in answer.content.decode()


def test_time_limits_go_by_the_clock_and_not_by_the_latest_request():
    timed = MANIFEST.replace(
        "{items}",
        '<item identifier="A" identifierref="R"><title>A</title></item>'
        '<item identifier="B" identifierref="R"><title>B</title><imsss:sequencing><imsss:limitConditions '
        'attemptLimit="9"/></imsss:sequencing></item>',
    )
    played = make.launch(make.registration(make.course_of_zip(make_zip(timed))))
    session = open_session(played.key, locked=False)
    long_ago = {**session.state.memory, "now": "2001-01-01T00:00:00+00:00"}

    seen = at_present(replace(session.state, memory=long_ago)).memory["now"]

    assert seen > "2026"
    assert session.show().valid["choice.B"]


def test_a_preview_is_explained_as_an_instance_is():
    version = make.course("scorm2004_multi").current_version
    link = LaunchLink(version_id=version.pk, learner=Learner("preview"))
    key = services.begin_launch(link, services.Visitor()).key
    session, shown = services.start(key)
    services.navigate(key, 1, None, Request("choice", "nowhere"))

    found = Debugger.of_session(open_session(key, locked=False))

    assert [each.is_refused for each in found.history()] == [True, False]
    assert found.state.current == shown.activity
    assert list(found.menu) == [item.identifier for item in session.show().menu]
