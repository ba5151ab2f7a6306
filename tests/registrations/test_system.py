"""What is global to the system: shared objectives and data of one learner over all registrations of an application.

SCORM 2004 4th Ed. SN 3.10.2 (objectivesGlobalToSystem), CAM 3.4.1.4 (sharedDataGlobalToSystem).
"""

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from content.models import Course
from registrations.models import LearnerMemory
from registrations.sessions import open_session, save
from standards.structure import State
from tests import make
from tests.at_once import all_at_once

MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<manifest identifier="M" version="1" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"
 xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss"
 xmlns:adlseq="http://www.adlnet.org/xsd/adlseq_v1p3">
 <metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
 <organizations default="O"><organization identifier="O" adlseq:objectivesGlobalToSystem="{to_system}"
  adlcp:sharedDataGlobalToSystem="{to_system}"><title>Shares</title>
  <item identifier="I" identifierref="R"><title>One</title>
   <adlcp:data><adlcp:map targetID="org.example.notes"/></adlcp:data>
   <imsss:sequencing><imsss:objectives><imsss:primaryObjective objectiveID="{objective}"><imsss:mapInfo
    targetObjectiveID="org.example.{objective}" readSatisfiedStatus="true" writeSatisfiedStatus="true"/>
   </imsss:primaryObjective></imsss:objectives></imsss:sequencing></item>
  <imsss:sequencing><imsss:controlMode choice="true" flow="true"/></imsss:sequencing></organization></organizations>
 <resources><resource identifier="R" type="webcontent" adlcp:scormType="sco" href="a.html"><file href="a.html"/>
 </resource></resources></manifest>"""

pytestmark = pytest.mark.django_db


def sharing(objective: str, realm: Any, to_system: str = "true") -> Course:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("imsmanifest.xml", MANIFEST.format(objective=objective, to_system=to_system))
        archive.writestr("a.html", "<p>a</p>")
    return make.course_of_zip(held.getvalue(), realm)


def passed(session: Any, objective: str, **data: str) -> State:
    """The state with an objective passed and some data stored, both global to the system."""
    system = session.state.memory.get("system", {})
    objectives = system.get("objectives", {}) | {f"org.example.{objective}": {"satisfied": True}}
    memory = {**session.state.memory, "system": {"objectives": objectives, "data": system.get("data", {}) | data}}
    return replace(session.state, memory=memory)


def memory() -> dict[str, Any]:
    return LearnerMemory.objects.get(learner_id="ada").memory


def test_what_one_registration_came_to_the_next_one_finds():
    realm = make.realm(make.user("olga@example.com"))
    first = make.launch(make.registration(sharing("done", realm)))
    first.go("exitAll", cmi__success_status="passed", adl__data__0__store="a note")

    second = make.launch(make.registration(sharing("done", realm)))

    values = open_session(second.key, locked=False).show().values
    assert values["cmi.objectives.0.success_status"] == "passed"
    assert values["adl.data.0.store"] == "a note"


def test_what_is_not_global_stays_with_its_registration():
    realm = make.realm(make.user("olga@example.com"))
    first = make.launch(make.registration(sharing("done", realm, "false")))
    first.go("exitAll", cmi__success_status="passed", adl__data__0__store="a note")

    second = make.launch(make.registration(sharing("done", realm, "false")))

    values = open_session(second.key, locked=False).show().values
    assert "cmi.objectives.0.success_status" not in values
    assert "adl.data.0.store" not in values


@pytest.mark.parametrize("other", ["bob", "realm"])
def test_another_learner_and_another_application_find_nothing(other):
    realm = make.realm(make.user("olga@example.com"))
    make.launch(make.registration(sharing("done", realm))).go("exitAll", cmi__success_status="passed")

    elsewhere = realm if other == "bob" else make.realm(make.user("otto@example.com"))
    found = make.launch(make.registration(sharing("done", elsewhere), "bob" if other == "bob" else "ada"))

    assert "cmi.objectives.0.success_status" not in open_session(found.key, locked=False).show().values


def test_registrations_played_side_by_side_keep_what_each_of_them_shares():
    realm = make.realm(make.user("olga@example.com"))
    keys = [make.launch(make.registration(sharing(name, realm))).key for name in ("first", "second")]
    one, two = (open_session(key, locked=False) for key in keys)  # both before either has written

    save(one, passed(one, "first", a="1", both="one"))
    save(two, passed(two, "second", b="2", both="two"))

    assert memory() == {
        "objectives": {"org.example.first": {"satisfied": True}, "org.example.second": {"satisfied": True}},
        "data": {"a": "1", "b": "2", "both": "two"},
    }


def test_what_is_taken_back_is_gone_and_the_rest_stays():
    realm = make.realm(make.user("olga@example.com"))
    played = make.launch(make.registration(sharing("first", realm)))
    session = open_session(played.key, locked=False)
    save(session, passed(session, "first", a="1"))
    late = open_session(played.key, locked=False)
    other = open_session(make.launch(make.registration(sharing("second", realm))).key, locked=False)
    save(other, passed(other, "second"))

    save(late, replace(late.state, memory={**late.state.memory, "system": {"data": {"a": "1"}}}))

    assert memory() == {"objectives": {"org.example.second": {"satisfied": True}}, "data": {"a": "1"}}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where writers cannot wait")
def test_registrations_that_end_at_the_same_moment_lose_nothing():
    realm = make.realm(make.user("olga@example.com"))
    names = [f"objective{number}" for number in range(4)]
    played = [make.launch(make.registration(sharing(name, realm))) for name in names]

    wrong = all_at_once(*(lambda each=each: each.go("exitAll", cmi__success_status="passed") for each in played))

    assert wrong == []
    assert set(memory()["objectives"]) == {f"org.example.{name}" for name in names}
