"""Reports, requests and console verbs on one registration at the same time: none is lost, none ends in an error."""

import pytest
from django.db import connection

from registrations import services
from registrations.models import ActivityProgress, Registration
from standards.structure import Report, Request
from tests import make
from tests.at_once import all_at_once

ROUNDS = 25

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where writers cannot wait"
    ),
]


def test_what_is_acknowledged_is_kept_while_the_session_moves():
    played = make.launch(make.registration(make.course("scorm2004_multi")))
    acknowledged: dict[str, str] = {}

    def report() -> None:
        for number in range(1000, 1000 + ROUNDS):
            values = {f"cmi.interactions.{number}.id": str(number)}
            if services.record_progress(played.key, number, Report(played.activity, values)).number == number:
                acknowledged.update(values)

    def start() -> None:
        for _ in range(ROUNDS):
            services.start(played.key)

    def write() -> None:  # as the slow way does, under numbers that are stored already
        for _ in range(ROUNDS):
            services.navigate(played.key, 1, None, Request("continue"))

    wrong = all_at_once(report, start, write)

    held = ActivityProgress.objects.get(activity=played.activity).values
    assert wrong == []
    assert {name: held.get(name) for name in acknowledged} == acknowledged
    assert len(acknowledged) == ROUNDS


@pytest.mark.parametrize("verb", [services.reset, services.restart, services.delete_registration])
def test_a_console_verb_meets_reports(verb):
    registrations = [make.registration(learner=f"learner {number}") for number in range(4)]
    launches = [make.launch(registration) for registration in registrations]

    def report() -> None:
        for number, played in enumerate(launches * ROUNDS, start=100):
            try:
                values = {"cmi.core.lesson_status": "passed", "cmi.suspend_data": str(number)}
                services.record_progress(played.key, number, Report(played.activity, values, finished=number % 3 == 0))
            except (services.ReplacedError, services.LaunchRecord.DoesNotExist, services.RequestError):
                pass

    def console() -> None:
        for registration in registrations:
            verb(registration)

    assert all_at_once(report, report, console) == []
    left = set(Registration.objects.values_list("pk", flat=True))
    assert left == (
        set() if verb is services.delete_registration else {registration.pk for registration in registrations}
    )
