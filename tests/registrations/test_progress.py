"""What reports and requests change in the tables, whatever their order, number and window."""

import pytest

from registrations import services
from registrations.models import ActivityProgress, CallLog, LaunchRecord, LearnerMemory
from registrations.sessions import open_session
from standards.errors import RequestError
from standards.structure import Outcome, Report
from tests import make

pytestmark = pytest.mark.django_db


def test_a_finished_sco_completes_the_registration():
    registration = make.registration()
    played = make.launch(registration)

    played.report(lesson_status="passed", score__raw="80", session_time="0000:01:30")
    played.report(finished=True)

    registration.refresh_from_db()
    assert registration.read_outcome() == Outcome("completed", "passed", 0.8, 90.0)
    assert registration.completed_at is not None


def test_a_report_that_changes_no_outcome_is_one_lookup_and_one_write(django_assert_num_queries):
    played = make.launch(make.registration())
    played.report(lesson_status="incomplete")

    with django_assert_num_queries(2):
        played.report(lesson_location="page 2")

    progress = ActivityProgress.objects.get(instance__launches__key=played.key, activity=played.activity)
    assert progress.values["cmi.core.lesson_location"] == "page 2"


def test_a_number_that_is_stored_changes_nothing():
    played = make.launch(make.registration())
    played.report(lesson_status="incomplete", lesson_location="new")
    played.number -= 1

    stored = played.report(lesson_location="old")

    progress = ActivityProgress.objects.get(instance__launches__key=played.key, activity=played.activity)
    assert (stored.number, progress.values["cmi.core.lesson_location"]) == (1, "new")


def test_a_repeated_request_answers_with_what_is_shown_and_moves_nothing():
    played = make.launch(make.registration(make.course("scorm12_two_scos")))
    assert played.go("continue").activity == "I2"
    played.number -= 1

    shown = played.go("previous")

    assert shown.activity == "I2"


def test_a_second_window_takes_over_and_the_first_is_told():
    registration = make.registration()
    first = make.launch(registration)
    second = make.launch(registration)

    with pytest.raises(services.ReplacedError):
        first.report(lesson_status="passed")
    second.report(lesson_status="incomplete")

    registration.refresh_from_db()
    assert registration.completion == "incomplete"
    assert LaunchRecord.objects.get(key=first.key).how_ended == "replaced"


def test_closing_the_window_suspends_and_the_next_launch_resumes():
    registration = make.registration(make.course("scorm12_two_scos"))
    first = make.launch(registration)
    first.go("continue")
    first.report(leaving=True, lesson_status="incomplete", lesson_location="p7", exit="suspend")

    second = make.launch(registration)

    assert (first.activity, second.activity) == ("I2", "I2")
    shown = open_session_outside_transaction(second.key)
    assert (shown.values["cmi.core.lesson_location"], shown.values["cmi.core.entry"]) == ("p7", "resume")


def open_session_outside_transaction(key):
    from django.db import transaction  # noqa: PLC0415

    with transaction.atomic():
        return open_session(key).show()


def test_a_report_that_comes_after_its_activity_was_left_still_counts():
    registration = make.registration()
    played = make.launch(registration)
    played.report(leaving=True, lesson_status="incomplete")

    played.report(suspend_data="", lesson_status="completed")

    registration.refresh_from_db()
    assert registration.completion == "completed"


def test_a_report_about_an_activity_that_was_never_shown_is_refused():
    played = make.launch(make.registration())

    with pytest.raises(RequestError):
        services.record_progress(played.key, 1, Report("nowhere", {"cmi.core.lesson_status": "passed"}))


def test_a_new_version_is_for_new_attempts_only():
    realm = make.realm()
    course = make.course("scorm12_single", realm, course_id="c")
    registration = make.registration(course)
    make.launch(registration).report(lesson_status="incomplete")
    course = make.course("scorm12_two_scos", realm, course_id="c", may_create_version=True)

    make.launch(registration)
    assert [instance.version.number for instance in registration.instances.all()] == [0]
    services.restart(registration)
    make.launch(registration)

    assert [instance.version.number for instance in registration.instances.all()] == [1, 0]


def test_reset_forgets_everything():
    registration = make.registration()
    played = make.launch(registration)
    played.report(lesson_status="passed")
    services.store_log(played.key, 1, [{"method": "LMSInitialize"}])

    services.reset(registration)

    registration.refresh_from_db()
    assert registration.read_outcome() == Outcome()
    assert registration.first_access is None
    assert not CallLog.objects.exists()
    assert not ActivityProgress.objects.exists()


def test_a_log_batch_is_kept_once():
    played = make.launch(make.registration())

    numbers = [services.store_log(played.key, number, [{"method": "LMSCommit"}]) for number in (1, 1, 2)]

    assert (numbers, CallLog.objects.count()) == ([1, 1, 2], 2)


def test_a_preview_keeps_nothing_but_its_launch():
    course = make.course("scorm12_two_scos")
    link = services.LaunchLink(version_id=course.current_version_id)
    key = services.begin_launch(link, services.Visitor()).key
    _, shown = services.start(key)
    played = make.Played(key, shown.activity, 0)

    played.report(lesson_status="completed")
    played.go("continue")

    assert played.activity == "I2"
    assert not ActivityProgress.objects.exists()
    assert not course.registrations.exists()


def test_one_sandbox_registration_a_learner_however_often_it_is_opened():
    course = make.course()

    assert make.registration(course).pk == make.registration(course).pk
    assert make.registration(course, "bob").pk != make.registration(course).pk


@pytest.mark.parametrize("package", ["scorm12_single", "scorm2004_single"])
def test_a_course_can_be_deleted_with_all_that_goes_with_it(package):
    course = make.course(package)
    played = make.launch(make.registration(course))
    services.store_log(played.key, 1, [{"method": "Initialize"}])

    course.delete()

    assert not LaunchRecord.objects.exists()
    assert not LearnerMemory.objects.exclude(memory={}).exists()
