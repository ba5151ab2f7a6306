"""HACP messages at the same time lose nothing, and ask a bounded number of queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registrations.reading import interactions
from tests.lrs.test_at_once import all_at_once, on_postgresql
from tests.player.test_hacp import OK, Unit, launched, registration_of, single, values
from tests.standards.aicc.packages import zip_of

WORKERS, EACH = 4, 5


@on_postgresql
def test_interactions_sent_at_once_are_all_kept():
    registration = single()
    _, unit = launched(Client(), registration)
    answers: list[str] = []

    def send(worker: int) -> None:
        other = Unit(Client(), unit.url, unit.sid)
        for number in range(EACH):
            rows = f"interaction_id,student_response\nQ{worker}-{number},a\n"
            answers.extend([other.send("PutInteractions", rows), other.put(f"Lesson_Location={worker}")])

    wrong = all_at_once(*(lambda worker=worker: send(worker) for worker in range(WORKERS)))

    assert (wrong, set(answers)) == ([], {OK})
    kept = {each["id"] for each in interactions(values(registration))}
    assert kept == {f"Q{worker}-{number}" for worker in range(WORKERS) for number in range(EACH)}


def course_of(units: int) -> bytes:
    names = [f"A{number}" for number in range(1, units + 1)]
    au = "system_id,file_name\n" + "".join(f"{name},a.html\n" for name in names)
    crs = "[Course]\nCourse_ID=C\nCourse_Title=Course\n"
    return zip_of({"c.crs": crs, "c.au": au, "c.cst": f"block,member\nroot,{','.join(names)}\n", "a.html": "<p>"})


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["GetParam", "PutParam", "PutInteractions"])
def test_a_message_asks_as_many_queries_of_a_large_course_as_of_a_small_one(client, command):
    data = {"PutParam": "[Core]\nLesson_Status=I", "PutInteractions": "interaction_id\nQ1\n"}.get(command, "")
    counts = []
    for units in (2, 40):
        _, unit = launched(client, registration_of(course_of(units)))
        unit.put("Lesson_Status=I", "Lesson_Location=1")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert unit.send(command, data).startswith("error=0")
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 25
