"""What settings change once a course is played: each by its result, whatever page or call set it."""

import io
import zipfile

import pytest

from registrations.models import CallLog, LaunchRecord
from registrations.services import configure_registration, store_log
from standards.lessons import FINISHED
from tests import make
from tests.packages import package_zip

pytestmark = pytest.mark.django_db


def with_file(archive, name, change):
    """The archive with a text file of it changed."""
    held, made = zipfile.ZipFile(io.BytesIO(archive)), io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for each in held.namelist():
            out.writestr(each, change(held.read(each).decode()).encode() if each == name else held.read(each))
    return made.getvalue()


def played(package, **settings):
    """A launch of a new registration with these settings of its own."""
    registration = make.registration(make.course(package), "ada")
    configure_registration(registration, settings)
    return registration, make.launch(registration)


def again(registration):
    return make.launch(registration)


def outcome(registration):
    registration.refresh_from_db()
    return registration.completion, registration.success, registration.score


def values(launch):
    record = LaunchRecord.objects.get(key=launch.key)
    return {row.activity: row.values for row in record.instance.activities.all()}[launch.activity]


# --- what follows when content ends (SCORM 1.2) -----------------------------------------------------------------------

NEXT, STAY, LEAVE = "GO_TO_NEXT_SCO", "DISPLAY_MESSAGE", "EXIT_COURSE"


@pytest.mark.parametrize("way", [("", "Normal"), ("suspend", "Suspend"), ("time-out", "Timeout"), ("logout", "Logout")])
@pytest.mark.parametrize("standing", [("passed", "Satisfied"), ("failed", "NotSatisfied")])
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("EXIT_COURSE", ("", True, "", False)),
        (
            "EXIT_COURSE_AFTER_CONFIRM",
            ("I1", False, "The activity is finished. Do you want to leave the course?", True),
        ),
        ("GO_TO_NEXT_SCO", ("I2", False, "", False)),
        ("DISPLAY_MESSAGE", ("I1", False, FINISHED, False)),
        ("DO_NOTHING", ("I1", False, "", False)),
    ],
)
def test_each_exit_action_of_an_item_in_the_middle(way, standing, action, expected):
    name = f"PlayerIntermediateSco{standing[1]}{way[1]}ExitAction"
    _, launch = played("scorm12_two_scos", **{name: action})

    launch.report(finished=True, lesson_status=standing[0], exit=way[0])
    shown = launch.go("content", by_learner=False)

    assert (shown.activity, bool(shown.ended), shown.message, shown.asks_to_leave) == expected


@pytest.mark.parametrize(
    ("status", "name", "action", "expected"),
    [
        ("passed", "PlayerFinalScoCourseSatisfiedNormalExitAction", "EXIT_COURSE", ("", "exited")),
        ("passed", "PlayerFinalScoCourseSatisfiedNormalExitAction", "DO_NOTHING", ("I1", "")),
        ("passed", "PlayerFinalScoCourseNotSatisfiedNormalExitAction", "DO_NOTHING", ("", "exited")),
        ("failed", "PlayerFinalScoCourseNotSatisfiedNormalExitAction", "DO_NOTHING", ("I1", "")),
        ("failed", "PlayerFinalScoCourseSatisfiedNormalExitAction", "DO_NOTHING", ("", "exited")),
    ],
)
def test_of_the_last_item_what_the_course_came_to_decides(status, name, action, expected):
    _, launch = played("scorm12_single", **{name: action})

    launch.report(finished=True, lesson_status=status)
    shown = launch.go("content", by_learner=False)

    assert (shown.activity, shown.ended) == expected


@pytest.mark.parametrize(("value", "asks"), [("YES", True), ("NO", False)])
def test_a_logout_that_does_not_leave_is_a_normal_exit(value, asks):
    _, launch = played("scorm12_two_scos", PlayerLogoutCausesPlayerExit=value)

    launch.report(finished=True, lesson_status="passed", exit="logout")
    shown = launch.go("content", by_learner=False)

    assert (shown.asks_to_leave, shown.activity) == (asks, "I1" if asks else "I2")


# --- rollup (SCORM 1.2) -----------------------------------------------------------------------------------------------


def through_both(launch, first, second):
    launch.report(finished=True, **first)
    launch.go("choice", "I2")
    launch.report(finished=True, **second)


PASSED, FAILED = {"lesson_status": "passed", "score__raw": "90"}, {"lesson_status": "failed", "score__raw": "30"}
DONE = {"lesson_status": "completed"}


@pytest.mark.parametrize(
    ("settings", "first", "second", "expected"),
    [
        ({}, DONE, DONE, ("completed", "unknown")),
        ({"PlayerApplyRollupStatusToSuccess": "YES"}, DONE, DONE, ("completed", "passed")),
        (
            {
                "PlayerApplyRollupStatusToSuccess": "YES",
                "PlayerStatusRollupModeValue": "COMPLETE_WHEN_ALL_UNITS_ARE_PASSED",
            },
            DONE,
            DONE,
            ("incomplete", "failed"),
        ),
        (
            {
                "PlayerStatusRollupModeValue": "COMPLETE_WHEN_THRESHOLD_SCORE_IS_MET",
                "PlayerStatusRollupModeThresholdScore": "60",
            },
            PASSED,
            FAILED,
            ("completed", "failed"),
        ),
        (
            {
                "PlayerStatusRollupModeValue": "COMPLETE_WHEN_THRESHOLD_SCORE_IS_MET",
                "PlayerStatusRollupModeThresholdScore": "61",
            },
            PASSED,
            FAILED,
            ("incomplete", "failed"),
        ),
        ({"PlayerCompletionStatOfFailedSuccessStat": "completed"}, PASSED, FAILED, ("incomplete", "failed")),
        (
            {
                "PlayerCompletionStatOfFailedSuccessStat": "completed",
                "PlayerStatusRollupModeValue": "COMPLETE_WHEN_ALL_UNITS_COMPLETE",
            },
            PASSED,
            FAILED,
            ("completed", "failed"),
        ),
    ],
)
def test_a_course_of_two_items_comes_to_what_the_settings_say(settings, first, second, expected):
    registration, launch = played("scorm12_two_scos", **settings)

    through_both(launch, first, second)

    assert outcome(registration)[:2] == expected


@pytest.mark.parametrize(
    ("settings", "score"),
    [
        ({}, 0.6),
        ({"PlayerScoreRollupModeValue": "SCORE_PROVIDED_BY_COURSE"}, 0.9),
        ({"PlayerScoreRollupModeValue": "LAST_SCO_SCORE"}, 0.3),
        (
            {"PlayerScoreRollupModeValue": "FIXED_AVERAGE", "PlayerScoreRollupModeNumberOfScoringObjects": "4"},
            0.3,
        ),
    ],
)
def test_the_score_of_a_course_of_two_items(settings, score):
    registration, launch = played("scorm12_two_scos", **settings)

    through_both(launch, PASSED, FAILED)

    assert outcome(registration)[2] == pytest.approx(score)


@pytest.mark.parametrize(
    ("mode", "second", "score"),
    [
        ("AVERAGE_SCORE_OF_ALL_UNITS", DONE, 0.45),
        ("AVERAGE_SCORE_OF_ALL_UNITS_WITH_SCORES", DONE, 0.9),
        ("AVERAGE_SCORE_OF_ALL_UNITS", DONE | {"score__raw": "0"}, 0.45),
        ("AVERAGE_SCORE_OF_ALL_UNITS_WITH_SCORES", DONE | {"score__raw": "0"}, 0.45),
        ("AVERAGE_SCORE_OF_ALL_UNITS_WITH_NONZERO_SCORES", DONE | {"score__raw": "0"}, 0.9),
        ("LAST_SCO_SCORE", DONE | {"score__raw": "0"}, 0.0),
    ],
)
def test_the_score_of_a_course_where_an_item_has_none_or_nothing(mode, second, score):
    registration, launch = played("scorm12_two_scos", PlayerScoreRollupModeValue=mode)

    through_both(launch, PASSED, second)

    assert outcome(registration)[2] == pytest.approx(score)


@pytest.mark.parametrize(("value", "expected"), [("YES", ("completed", "unknown")), ("NO", ("incomplete", "unknown"))])
def test_who_passes_the_pretest_has_completed_the_rest(value, expected):
    registration, launch = played("scorm12_two_scos", PlayerFirstScoIsPretest=value)

    launch.report(finished=True, lesson_status="passed")

    assert outcome(registration)[0] == expected[0]


@pytest.mark.parametrize(("value", "expected"), [("YES", "unknown"), ("NO", "incomplete")])
def test_a_course_of_which_nothing_was_begun(value, expected):
    registration, launch = played("scorm12_two_scos", PlayerRollupEmptySetToUnknown=value)

    launch.report(leaving=True, lesson_location="3")

    assert outcome(registration)[0] == expected


@pytest.mark.parametrize(("value", "expected"), [("NO", "completed"), ("YES", "incomplete")])
def test_a_completed_item_becomes_incomplete_only_where_that_is_allowed(value, expected):
    settings = {"PlayerAllowCompleteStatusChange": value, "PlayerLaunchCompletedRegsAsNoCredit": "NO"}
    registration, launch = played("scorm12_single", **settings)
    launch.report(finished=True, lesson_status="completed")

    again(registration).report(lesson_status="incomplete")

    assert outcome(registration)[0] == expected


@pytest.mark.parametrize(("value", "expected"), [("NO", "unknown"), ("YES", "completed")])
def test_content_that_goes_away_without_a_word(value, expected):
    registration, launch = played("scorm12_single", PlayerRollupRuntimeAtScoUnload=value)

    launch.go("exitAll")

    assert outcome(registration)[0] == expected


# --- run-time data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "exit", "kept"),
    [
        ("NEVER", "", True),
        ("WHEN_EXIT_IS_NOT_SUSPEND", "", False),
        ("WHEN_EXIT_IS_NOT_SUSPEND", "suspend", True),
        ("ON_EACH_NEW_SEQUENCING_ATTEMPT", "", False),
    ],
)
def test_run_time_data_of_an_item_begins_anew_as_asked(value, exit, kept):
    registration, launch = played("scorm12_single", PlayerResetRunTimeData=value)
    launch.report(finished=True, lesson_status="incomplete", lesson_location="7", exit=exit)
    launch.go("exitAll")

    found = values(again(registration))

    assert ("cmi.core.lesson_location" in found) is kept


@pytest.mark.parametrize(("value", "kept"), [("NEVER", True), ("ON_EACH_NEW_SEQUENCING_ATTEMPT", False)])
def test_run_time_data_of_scorm_2004_is_kept_over_attempts_where_asked(value, kept):
    registration, launch = played("scorm2004_single", PlayerResetRunTimeData=value)
    launch.report(finished=True, cmi__location="7")
    launch.go("exitAll")

    assert ("cmi.location" in values(again(registration))) is kept


BY_STANDARD = {  # what passes, what fails
    "scorm12_single": ({"lesson_status": "passed"}, {"lesson_status": "failed"}),
    "scorm2004_single": (
        {"cmi__completion_status": "completed", "cmi__score__scaled": "0.9"},
        {"cmi__completion_status": "completed", "cmi__score__scaled": "0.1"},
    ),
}


@pytest.mark.parametrize("package", BY_STANDARD)
@pytest.mark.parametrize(("value", "expected"), [("YES", "passed"), ("NO", "failed")])
def test_a_completed_course_is_a_review_where_asked(package, value, expected):
    registration, launch = played(package, PlayerLaunchCompletedRegsAsNoCredit=value)
    passes, fails = BY_STANDARD[package]
    launch.report(finished=True, **passes)
    launch.go("exitAll")

    second = again(registration)
    second.report(finished=True, **fails)
    second.go("exitAll")

    assert outcome(registration)[1] == expected


@pytest.mark.parametrize(("value", "progress"), [("NO", None), ("YES", 0.1333333)])
def test_the_bar_shows_the_progress_measure_where_asked(value, progress):
    """That of the course: of its three activities one has got to 0.4."""
    _, launch = played("scorm2004_multi", PlayerUseMeasureProgressBar=value)

    shown = launch.go("choice", "I2", cmi__progress_measure="0.4")

    assert shown.progress == progress


@pytest.mark.parametrize(("value", "score"), [("NO", None), ("YES", 0.5)])
def test_a_raw_score_counts_where_the_scaled_one_is_missing(value, score):
    registration, launch = played("scorm2004_single", PlayerScaleRawScore=value)
    launch.report(finished=True, cmi__score__raw="15", cmi__score__min="10", cmi__score__max="20")
    launch.go("exitAll")

    assert outcome(registration)[2] == score


@pytest.mark.parametrize(("value", "expected"), [("NO", ["completed", "passed"]), ("YES", ["unknown", "unknown"])])
def test_an_activity_that_reports_nothing_is_not_completed_by_itself_where_asked(value, expected):
    _, launch = played("scorm2004_multi", PlayerForceObjCompSetByContent=value)
    launch.go("choice", "I1")

    launch.report(finished=True, cmi__location="1")
    launch.go("choice", "I2")

    held = LaunchRecord.objects.get(key=launch.key).instance.activities.get(activity="I1")
    assert [held.completion, held.success] == expected


# --- the learner's controls -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "hidden"),
    [
        ({"PlayerShowFinishButton": "NO"}, {"exitAll", "suspendAll"}),
        ({"PlayerEnableFlowNav": "NO"}, {"continue", "previous"}),
        ({"PlayerReturnToLmsAction": "EXIT_ALL"}, {"suspendAll"}),
        ({"PlayerReturnToLmsAction": "LEGACY"}, {"suspendAll"}),
        ({"PlayerReturnToLmsAction": "SUSPEND_ALL"}, {"exitAll"}),
        ({}, {"exit", "abandon"}),
    ],
)
def test_controls_that_are_not_offered_are_hidden(settings, hidden):
    _, launch = played("scorm12_two_scos", **settings)

    assert hidden <= set(launch.report(finished=True, lesson_status="completed").launch.hidden)


def test_what_is_not_offered_cannot_be_asked_for_either():
    _, launch = played("scorm12_two_scos", PlayerEnableFlowNav="NO", PlayerEnableChoiceNav="NO")

    chosen, flowed = launch.go("choice", "I2"), launch.go("continue")

    assert (chosen.activity, chosen.message) == ("I1", "Activities cannot be chosen in the menu of this course.")
    assert flowed.activity == "I1"
    assert not any(item.enabled for item in flowed.menu)


@pytest.mark.parametrize(("exit", "ended"), [("suspend", "suspended"), ("", "exited")])
def test_the_contents_exit_decides_how_the_course_is_left_where_asked(exit, ended):
    _, launch = played("scorm12_single", PlayerReturnToLmsAction="LEGACY")
    launch.report(exit=exit)

    assert launch.go("exitAll").ended == ended


@pytest.mark.parametrize(
    ("value", "expected"),
    [("DISABLE", {"I1": True, "I3": False}), ("HIDE", {"I1": True}), ("SHOW", {"I1": True, "I3": True})],
)
def test_items_that_cannot_be_chosen(value, expected):
    _, launch = played("scorm12_prerequisites", PlayerInvalidMenuItemAction=value)

    menu = launch.report(finished=True, lesson_status="incomplete").launch.menu
    found = {item.identifier: item.enabled for item in menu if item.identifier in ("I1", "I3")}

    assert found == expected


def test_an_activity_is_closed_and_the_course_stays_open():
    _, launch = played("scorm12_two_scos", PlayerShowCloseItem="YES")

    shown = launch.go("exit")

    assert (shown.activity, shown.ended, shown.message) == ("", "", "Choose an activity to go on.")
    assert launch.go("choice", "I2").activity == "I2"


@pytest.mark.parametrize(
    ("package", "value", "delivered"),
    [
        ("scorm12_two_scos", "YES", "I1"),
        ("scorm12_two_scos", "NO", ""),
    ],
)
def test_the_first_activity_opens_by_itself_where_asked(package, value, delivered):
    assert played(package, PlayerAlwaysFlowToFirstSco=value)[1].activity == delivered


def test_learner_preferences_are_found_in_the_next_activity_where_asked():
    _, launch = played("scorm12_two_scos", PlayerStudentPrefsGlobalToCourse="YES")
    launch.report(finished=True, lesson_status="completed", **{"cmi__student_preference__audio": "7"})
    launch.go("choice", "I2")

    assert values(launch)["cmi.student_preference.audio"] == "7"


def test_all_is_offered_where_nothing_is_looked_ahead():
    _, launch = played("scorm2004_multi", PlayerLookaheadSequencerMode="DISABLED")

    stored = launch.report(finished=True, cmi__completion_status="completed")

    assert all(item.enabled for item in stored.launch.menu)


def test_the_menu_waits_for_the_next_delivery_where_asked():
    _, launch = played("scorm2004_multi", PlayerLookaheadSequencerMode="ENABLED")

    assert launch.report(finished=True, cmi__completion_status="completed").launch is None


def test_a_course_without_flow_opens_its_first_activity_where_asked():
    archive = with_file(package_zip("scorm2004_multi"), "imsmanifest.xml", lambda text: text.replace('flow="true"', ""))
    registration = make.registration(make.course_of_zip(archive))
    first = make.launch(registration)
    registration.refresh_from_db()
    configure_registration(registration, {"PlayerAlwaysFlowToFirstSco": "YES"})

    assert (first.activity, make.launch(registration).activity) == ("", "I0")


@pytest.mark.parametrize(("value", "expected"), [("YES", "failed"), ("NO", "passed")])
def test_the_mastery_score_decides_where_asked(value, expected):
    archive = with_file(
        package_zip("scorm12_single"),
        "imsmanifest.xml",
        lambda text: text.replace("</item>", "<adlcp:masteryscore>80</adlcp:masteryscore></item>", 1),
    )
    registration = make.registration(make.course_of_zip(archive))
    configure_registration(registration, {"PlayerScoreOverridesStatus": value})

    make.launch(registration).report(finished=True, lesson_status="passed", score__raw="50")

    assert outcome(registration)[1] == expected


@pytest.mark.parametrize(("exit", "kept"), [("suspend", True), ("", False)])
def test_an_attempt_goes_on_with_its_data_only_where_its_content_suspended(exit, kept):
    registration, launch = played("scorm2004_single", PlayerResetRunTimeData="WHEN_EXIT_IS_NOT_SUSPEND")
    launch.report(cmi__location="7", cmi__exit=exit)
    launch.go("suspendAll")

    assert ("cmi.location" in values(again(registration))) is kept


# --- time and log -----------------------------------------------------------------------------------------------------


def test_time_that_is_used_up_opens_nothing_and_keeps_all():
    registration, launch = played("scorm12_single", PlayerTimeLimit="2")
    launch.report(finished=True, lesson_status="incomplete", session_time="00:02:00")
    launch.go("suspendAll")

    second = again(registration)

    assert second.activity == ""
    record = LaunchRecord.objects.get(key=second.key)
    assert record.how_ended == "blocked"
    assert outcome(registration)[0] == "incomplete"


@pytest.mark.parametrize(("value", "kept"), [("YES", 1), ("NO", 0)])
def test_the_log_of_calls_is_kept_only_where_asked(value, kept):
    _, launch = played("scorm12_single", PlayerCaptureHistoryDetailed=value)

    store_log(launch.key, 1, [{"method": "LMSInitialize"}])

    assert CallLog.objects.filter(launch__key=launch.key).count() == kept
