"""AICC on the console: what its files say on the course page, what HACP reported on the registration page."""

import pytest
from django.test import Client
from django.urls import reverse

from content.comparison import compare_structures
from registrations import reading
from registrations.models import CallLog
from standards import aicc
from tests import make
from tests.player.test_hacp import HOST, call, launched, shown, unit_of
from tests.standards.aicc.packages import FOLDER, course_zip, package, zip_of

from .test_pages import console, facts, owner, realm, words

__all__ = ["console", "owner", "realm"]
pytestmark = pytest.mark.django_db
PASSWORD = "pw-5b1c9e-unseen"


def with_password(password: str = PASSWORD) -> bytes:
    folder = FOLDER / "two_units"
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))}
    files["course.au"] = files["course.au"].replace(b'"secret"', f'"{password}"'.encode())
    return zip_of(files)


def test_the_course_page_shows_the_fields_of_the_files(console, realm):
    course = make.course_of_zip(course_zip(), of=realm)

    page = facts(words(console.get(reverse("registrations:course", args=[realm.slug, course.pk]))))

    for words_shown in (
        "Developer ID dev-1", "System vendor Tests", "Core vendor colour=blue", "Web launch lang=en&x=1",
        "Objectives J1 (Knows the wing)", "Completion requirements J1 -> passed", "Mastery score 70",
        'Prerequisites "A1"', "Time limit action continue,no message", "Course system Hand", "AU · content/unit.html",
    ):  # fmt: skip
        assert words_shown in page


def test_the_registration_page_shows_what_hacp_reported(client: Client, console, realm):
    registration = make.registration(make.course_of_zip(with_password(), of=realm))
    key, first = launched(client, registration)
    first.put("Lesson_Status=C")
    call(client, key, "navigate", number=1, request={"name": "continue"})
    unit = unit_of(client, shown(client, key), PASSWORD)
    unit.send(
        "PutInteractions", "interaction_id,date,time,type_interaction,student_response\nQ1,1999/01/02,10:11,C,b\n"
    )
    unit.send("PutObjectives", "objective_id,score,status\nJ1,90,P\n")
    unit.send("PutComments", "date,location,comment\n1999/01/03,p2,well written\n")
    unit.send("PutPath", "element_location,why_left\npage-7,lesson completed\n")
    unit.send("PutParam", "[Student_Data]\nTry_Score.1=44\nTry_Status.1=F\nTry_Time.1=00:00:09\n")

    address = reverse("registrations:registration", args=[realm.slug, registration.pk])
    page = facts(words(console.get(address, {"activity": "a2"})))

    for words_shown in (
        "Q1 choice b", "1999/01/02 10:11", "J1 passed – 90", "well written p2 1999/01/03",
        "page-7 – lesson completed", "1 failed 44 0000:00:09",
    ):  # fmt: skip
        assert words_shown in page
    assert "Q1 choice b" not in facts(words(console.get(address, {"activity": "A1"})))  # another unit's


def test_the_password_of_a_unit_is_in_no_page_and_no_log(client: Client, console, realm):
    course = make.course_of_zip(with_password(), of=realm)
    registration = make.registration(course)
    key, first = launched(client, registration)
    first.put("Lesson_Status=C")
    call(client, key, "navigate", number=1, request={"name": "continue"})
    unit = unit_of(client, shown(client, key), PASSWORD)
    answers = [unit.send("GetParam"), unit.send("PutParam", "[Core]\nLesson_Status=P")]
    make.course_of_zip(with_password("another-pw-77"), of=realm, course_id=course.course_id, may_create_version=True)
    pages = [
        console.get(reverse("registrations:course", args=[realm.slug, course.pk])),
        *(
            console.get(reverse(f"registrations:{name}", args=[realm.slug, registration.pk]))
            for name in ("registration", "log", "sequencing", "download_sequencing")
        ),
    ]

    text = "".join(
        (b"".join(page.streaming_content) if page.streaming else page.content).decode() for page in pages
    ) + "".join(answers)
    logged = str([batch.entries for batch in CallLog.objects.filter(launch__key=key)])
    state = client.get(f"/play/{key}/state", HTTP_HOST=HOST).content.decode()

    assert answers[0].startswith("error=0")
    assert "PutParam" in logged
    for secret in (PASSWORD, "another-pw-77"):
        assert secret not in text + logged + state


def test_versions_are_compared_without_passwords():
    units = [
        aicc.parse(package(au=f"system_id,file_name,system_vendor,au_password\nA1,a.html,{vendor},{password}\n"))
        for vendor, password in (("Old", PASSWORD), ("New", "another-pw-77"))
    ]

    found = [(each.detail, each.old, each.new) for each in compare_structures(*units)]

    assert found == [("system vendor", "Old", "New"), ("au password", "", "")]


def test_a_number_that_is_none_breaks_no_page():
    values = {"cmi.interactions.².id": "Q", "cmi.interactions.0.id": "Q1", "cmi.x.²": "y"}

    assert [each["id"] for each in reading.interactions(values)] == ["Q1"]
    assert len(reading.elements(values)) == 3
