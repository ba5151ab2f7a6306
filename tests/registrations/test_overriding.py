"""Overrides: what a person decides counts, what content reports is kept beside it."""

from typing import Any

import pytest
from django.db import connection

from content.models import Course
from registrations import services
from registrations.links import LaunchLink
from registrations.models import Override, Registration
from registrations.overriding import OverrideError, override, revoke
from registrations.results import FORMATS, newest_instances, results, results_of
from standards.structure import Outcome
from tests import make
from tests.at_once import all_at_once

pytestmark = pytest.mark.django_db
AT_ONCE = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer")
BY = "olga@example.com"
FAILED = {"cmi__completion_status": "completed", "cmi__success_status": "failed"}


@pytest.fixture
def failed() -> Registration:
    """A registration whose content reported that the learner failed."""
    registration = make.registration(make.course("scorm2004_single"))
    make.launch(registration).report(finished=True, **FAILED, cmi__score__scaled="0.4", cmi__session_time="PT1M")
    registration.refresh_from_db()
    return registration


def shown(registration: Registration) -> tuple[Any, ...]:
    registration.refresh_from_db()
    return registration.completion, registration.success, registration.score


def told(registration: Registration) -> dict[str, Any]:
    return results(newest_instances([registration])[0], FORMATS["course"])


def test_what_is_decided_counts_and_what_was_reported_is_kept(failed: Registration):
    made = override(failed, {"success": "passed", "score": 0.8}, "The test was faulty", BY)

    assert shown(failed) == ("completed", "passed", 0.8)
    assert failed.total_seconds == 60
    document = told(failed)
    assert (document["registrationSuccess"], document["score"]) == ("PASSED", {"scaled": 80.0})
    instance = failed.instances.get()
    assert instance.read_outcome() == Outcome("completed", "failed", 0.4, 60)
    assert (made.reported, made.reason, made.by) == (
        {"completion": "completed", "success": "failed", "score": 0.4},
        "The test was faulty",
        BY,
    )
    assert results_of([instance], FORMATS["course"])[0]["registrationSuccess"] == "PASSED"


def test_a_later_report_does_not_undo_it_and_is_there_when_it_is_taken_back(failed: Registration):
    override(failed, {"success": "passed"}, "Agreed with the team", BY)

    make.launch(failed).report(finished=True, **FAILED, cmi__score__scaled="0.55")

    assert shown(failed) == ("completed", "passed", 0.55)
    revoke(failed, "otto@example.com")
    assert shown(failed) == ("completed", "failed", 0.55)
    row = Override.objects.get()
    assert (row.revoked_by, row.revoked is not None) == ("otto@example.com", True)


def test_the_day_of_completion_comes_with_it_and_goes_with_it():
    registration = make.registration()
    make.launch(registration).report(lesson_status="incomplete")

    override(registration, {"completion": "completed"}, "Done on paper", BY)
    registration.refresh_from_db()
    assert registration.completed_at is not None

    revoke(registration, BY)
    registration.refresh_from_db()
    assert (registration.completion, registration.completed_at) == ("incomplete", None)


def test_a_day_of_completion_that_was_overridden_comes_back(failed: Registration):
    day = failed.completed_at
    assert day is not None

    override(failed, {"completion": "incomplete"}, "Has to do it again", BY)
    override(failed, {"completion": "incomplete", "success": "unknown"}, "Success too", BY)
    assert shown(failed)[:2] == ("incomplete", "unknown")
    revoke(failed, BY)

    failed.refresh_from_db()
    assert failed.completed_at == day
    assert Override.objects.filter(revoked__isnull=True).count() == 0


def test_a_new_instance_begins_without_it(failed: Registration):
    override(failed, {"success": "passed"}, "Agreed", BY)

    services.restart(failed)

    assert shown(failed) == ("unknown", "unknown", None)
    older = failed.instances.last()
    assert older is not None
    assert older.shown_outcome.success == "passed"


def test_the_rule_for_moving_on_goes_by_what_counts(failed: Registration):
    course = failed.course
    course.settings = {"WhenToRestartRegistration": "WHEN_EXISTING_REG_IS_SATISFIED"}
    course.save()

    override(failed, {"success": "passed"}, "Agreed", BY)
    services.begin_launch(LaunchLink(registration_id=failed.pk), services.Visitor())

    assert failed.instances.count() == 2


@pytest.mark.parametrize(
    ("decided", "reason"),
    [
        ({}, "Nothing chosen"),
        ({"completion": "", "success": "", "score": None}, "Nothing chosen either"),
        ({"success": "won"}, "No such status"),
        ({"score": 1.01}, "Too much"),
        ({"score": float("nan")}, "No number"),
        ({"suspend_data": "x"}, "Not to be overridden"),
        ({"success": "passed"}, "  "),
    ],
)
def test_what_cannot_be_decided_is_refused(failed: Registration, decided: dict[str, Any], reason: str):
    with pytest.raises(OverrideError):
        override(failed, decided, reason, BY)

    assert shown(failed) == ("completed", "failed", 0.4)
    assert not Override.objects.exists()


def test_taking_back_what_is_not_there_is_refused(failed: Registration):
    with pytest.raises(OverrideError):
        revoke(failed, BY)


def test_customers_systems_hear_of_it():
    registration = _real(make.course())
    registration.settings = {"ApiRollupRegistrationPostBackUrl": "https://example.com/results"}
    registration.save()

    override(registration, {"completion": "completed", "success": "passed"}, "Done on paper", BY)

    assert registration.postbacks.count() == 1


def _real(course: Course) -> Registration:
    registration = make.registration(course)
    registration.is_sandbox = False
    registration.save()
    return registration


@AT_ONCE
@pytest.mark.django_db(transaction=True)
def test_of_a_report_and_a_decision_at_once_neither_undoes_the_other():
    registration = make.registration()
    played = make.launch(registration)

    wrong = all_at_once(
        lambda: override(registration, {"success": "passed"}, "Agreed", BY),
        lambda: played.report(lesson_status="failed", score__raw="30"),
    )

    assert wrong == []
    assert shown(registration) == ("unknown", "passed", 0.3)
    assert registration.instances.get().read_outcome().success == "failed"


@AT_ONCE
@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_is_in_force():
    registration = make.registration()

    wrong = all_at_once(*[lambda: override(registration, {"success": "passed"}, "Agreed", BY)] * 3)

    assert wrong == []
    assert Override.objects.filter(revoked__isnull=True).count() == 1
