"""SCORM 1.2: where the learner goes, what a report changes, what a course comes to."""

import pytest

from standards import scorm12
from standards.errors import RequestError
from standards.prerequisites import identifiers, is_satisfied
from standards.structure import (
    Activity,
    CourseStructure,
    Learner,
    Organization,
    Outcome,
    Report,
    Request,
    State,
)

NOW = "2026-01-01T00:00:00+00:00"
LEARNER = Learner("l1", "Ada", "Lovelace")
STATUSES = {"A": "completed", "B": "passed", "C": "failed", "D": "incomplete"}


def course(*items: Activity) -> CourseStructure:
    return CourseStructure("SCORM12", "Course", (Organization(Activity("ORG", "Course", children=items)),))


def sco(identifier: str, **fields) -> Activity:
    return Activity(identifier, identifier.title(), "sco", f"{identifier}.html", **fields)


def go(structure: CourseStructure, state: State, name: str, target: str = "", **settings: str) -> State:
    return scorm12.navigate(structure, state, Request(name, target), NOW, settings)


def report(
    structure: CourseStructure, state: State, finished: bool = False, seconds: float = 0.0, **values: str
) -> State:
    flat = {f"cmi.core.{name.replace('__', '.')}": value for name, value in values.items()}
    return scorm12.record(structure, state, Report(state.current, flat, finished, seconds), {})


@pytest.mark.parametrize(
    ("expression", "met"),
    [
        ("", True),
        ("A", True),
        ("B", True),
        ("C", False),
        ("unknown", False),
        ("A&B", True),
        ("A & C", False),
        ("C|A", True),
        ("~C", True),
        ("~A", False),
        ("~(A&C)", True),
        ('C="failed"', True),
        ("C=f", True),
        ("C<>passed", True),
        ("2*{A,B,C}", True),
        ("3*{A,B,C}", False),
        ("A&(C|B)", True),
        ("(C|D)&A", False),
        ("A|B&C", True),
        ("A AND C", False),
        ("(A AND C) OR B", True),
        ("NOT C", True),
        ('C OR "AND"', False),
    ],
)
def test_aicc_script(expression, met):
    assert is_satisfied(expression, lambda name: STATUSES.get(name, "not attempted")) is met


@pytest.mark.parametrize("expression", ["A&", "(A", "A B", "x*{A}", "&A", "2*{A", "A=", "}"])
def test_an_expression_that_cannot_be_read_is_refused(expression):
    with pytest.raises(ValueError, match="prerequisites"):
        is_satisfied(expression, lambda name: "")


def test_identifiers_are_all_that_an_expression_names():
    assert identifiers('A|~B&(C="passed"|2*{D,E})') == {"A", "B", "C", "D", "E"}


def test_the_first_launch_finds_the_initial_data_model():
    structure = course(
        sco("one", data_from_lms="x=1", mastery_score=80, max_time_allowed=90, time_limit_action="exit,message")
    )

    shown = scorm12.launch(structure, go(structure, State(), "start"), LEARNER, {})

    assert (shown.activity, shown.href, shown.api) == ("one", "one.html", "scorm12")
    assert shown.values == {
        "cmi.core.student_id": "l1",
        "cmi.core.student_name": "Lovelace, Ada",
        "cmi.core.credit": "credit",
        "cmi.core.lesson_mode": "normal",
        "cmi.core.entry": "ab-initio",
        "cmi.core.lesson_status": "not attempted",
        "cmi.core.total_time": "0000:00:00.00",
        "cmi.launch_data": "x=1",
        "cmi.student_data.mastery_score": "80",
        "cmi.student_data.max_time_allowed": "0000:01:30",
        "cmi.student_data.time_limit_action": "exit,message",
    }


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"lesson_status": "passed", "score__raw": "90"}, Outcome("completed", "passed", 0.9)),
        ({"lesson_status": "completed"}, Outcome("completed", "unknown")),
        ({"lesson_status": "failed", "score__raw": "30"}, Outcome("unknown", "failed", 0.3)),
        ({"lesson_status": "incomplete"}, Outcome("incomplete", "unknown")),
        ({"lesson_status": "browsed"}, Outcome("incomplete", "unknown")),
        ({"lesson_status": "passed", "score__raw": "8", "score__max": "10"}, Outcome("completed", "passed", 0.8)),
        (
            {"lesson_status": "passed", "score__raw": "60", "score__min": "20", "score__max": "100"},
            Outcome("completed", "passed", 0.5),
        ),
    ],
)
def test_a_report_decides_the_outcome(values, outcome):
    structure = course(sco("one"))

    state = report(structure, go(structure, State(), "start"), **values)

    assert state.outcome == outcome


def test_an_item_that_ends_without_a_status_is_completed():
    structure = course(sco("one"))

    state = report(structure, go(structure, State(), "start"), finished=True)

    assert state.outcome.completion == "completed"


def test_an_item_that_is_suspended_without_a_status_is_incomplete():
    structure = course(sco("one"))

    state = report(structure, go(structure, State(), "start"), finished=True, exit="suspend")

    assert state.outcome.completion == "incomplete"


@pytest.mark.parametrize(("raw", "success"), [("80", "passed"), ("79.9", "failed")])
def test_a_mastery_score_decides_at_the_end_of_the_session(raw, success):
    structure = course(sco("one", mastery_score=80))
    state = report(structure, go(structure, State(), "start"), lesson_status="completed", score__raw=raw)
    assert state.outcome.success == "unknown"

    state = report(structure, state, finished=True)

    assert state.outcome.success == success


@pytest.mark.parametrize(
    ("exits", "status", "success"),
    [("suspend", "incomplete", "unknown"), ("suspend", "completed", "failed"), ("", "incomplete", "failed")],
)
def test_nobody_has_failed_what_is_suspended_as_incomplete(exits, status, success):
    structure = course(sco("one", mastery_score=80))
    state = go(structure, State(), "start")

    state = report(structure, state, finished=True, lesson_status=status, score__raw="10", exit=exits)

    assert state.outcome.success == success
    assert state.activities["one"].values["cmi.core.lesson_status"] == (status if success == "unknown" else success)


def test_session_time_is_added_once_however_often_it_is_reported():
    structure = course(sco("one"))
    state = go(structure, State(), "start")
    for time in ("0000:00:10", "0000:00:20", "0000:00:30"):
        state = report(structure, state, session_time=time, exit="suspend")

    state = report(structure, state, finished=True)
    state = go(structure, report(structure, state, finished=True), "suspendAll")
    again = scorm12.launch(structure, go(structure, state, "start"), LEARNER, {})

    assert (state.outcome.seconds, again.values["cmi.core.total_time"]) == (30.0, "0000:00:30")
    assert again.values["cmi.core.entry"] == "resume"
    assert "cmi.core.session_time" not in again.values
    assert "cmi.core.exit" not in again.values


def test_content_that_reports_no_time_is_credited_the_time_it_was_shown():
    structure = course(sco("one"))
    state = report(structure, go(structure, State(), "start"), seconds=12.5, lesson_status="incomplete")

    state = report(structure, state, finished=True, seconds=5)

    assert state.outcome.seconds == 17.5


def test_a_course_of_two_is_completed_when_both_are():
    structure = course(sco("one"), sco("two"))
    state = report(structure, go(structure, State(), "start"), finished=True, lesson_status="passed", score__raw="100")
    assert state.outcome.completion == "incomplete"

    state = go(structure, state, "continue")
    state = report(structure, state, finished=True, lesson_status="completed", score__raw="50")

    assert state.outcome == Outcome("completed", "passed", 0.75)


def test_a_failed_part_fails_the_course():
    structure = course(sco("one"), sco("two"))
    state = report(structure, go(structure, State(), "start"), finished=True, lesson_status="failed")
    state = report(structure, go(structure, state, "continue"), finished=True, lesson_status="passed")

    assert (state.outcome.completion, state.outcome.success) == ("incomplete", "failed")


def test_prerequisites_open_with_what_the_left_item_came_to():
    structure = course(sco("one"), sco("two", prerequisites="one"))
    state = go(structure, State(), "start")
    assert go(structure, state, "choice", "two").current == "one"
    shown = scorm12.launch(structure, state, LEARNER, {})
    assert [(line.identifier, line.enabled) for line in shown.menu] == [("ORG", False), ("one", True), ("two", False)]

    state = go(structure, report(structure, state, lesson_status="completed"), "continue")

    assert state.current == "two"


@pytest.mark.parametrize("prerequisites", ["gone", "one & gone", "(one"])
def test_prerequisites_that_nobody_can_meet_block_nobody(prerequisites):
    structure = course(sco("one"), sco("two", prerequisites=prerequisites))

    assert go(structure, go(structure, State(), "start"), "choice", "two").current == "two"


def test_lms_finish_goes_on_to_the_next_item_and_leaves_after_the_last():
    structure = course(sco("one"), sco("two"))
    by_content = Request("content", by_learner=False)
    state = report(structure, go(structure, State(), "start"), finished=True, lesson_status="completed")
    state = scorm12.navigate(structure, state, by_content, NOW, {})
    assert state.current == "two"

    state = report(structure, state, finished=True, lesson_status="completed")
    state = scorm12.navigate(structure, state, by_content, NOW, {})

    assert (state.current, state.ended) == ("", "exited")


def test_lms_finish_of_an_item_that_is_not_done_stays():
    structure = course(sco("one"), sco("two"))
    state = report(structure, go(structure, State(), "start"), finished=True, lesson_status="incomplete")

    state = scorm12.navigate(structure, state, Request("content", by_learner=False), NOW, {})

    assert (state.current, bool(state.message)) == ("one", True)


def test_suspending_and_starting_again_returns_to_the_same_item():
    structure = course(sco("one"), sco("two"), sco("three"))
    state = go(structure, go(structure, State(), "start"), "choice", "two")
    state = report(structure, state, lesson_location="page 4", suspend_data="", exit="suspend")

    state = go(structure, go(structure, state, "suspendAll"), "start")
    shown = scorm12.launch(structure, state, LEARNER, {})

    assert (shown.activity, shown.values["cmi.core.lesson_location"]) == ("two", "page 4")
    assert shown.values["cmi.core.entry"] == "resume"


def test_a_completed_course_launched_again_is_a_review_and_keeps_its_result():
    structure = course(sco("one"))
    state = report(structure, go(structure, State(), "start"), finished=True, lesson_status="passed", score__raw="90")
    state = go(structure, go(structure, state, "exitAll"), "start")
    shown = scorm12.launch(structure, state, LEARNER, {})
    assert (shown.values["cmi.core.credit"], shown.values["cmi.core.lesson_mode"]) == ("no-credit", "review")

    state = report(structure, state, finished=True, lesson_status="incomplete", score__raw="1", lesson_location="p2")

    assert state.outcome == Outcome("completed", "passed", 0.9)
    assert state.activities["one"].values["cmi.core.lesson_location"] == "p2"


def test_a_report_about_another_item_is_refused():
    structure = course(sco("one"), sco("two"))

    with pytest.raises(RequestError):
        scorm12.record(structure, go(structure, State(), "start"), Report("two"), {})


def test_an_asset_is_completed_by_being_left():
    structure = course(Activity("page", "Page", "asset", "page.html"))

    state = go(structure, go(structure, State(), "start"), "exitAll")

    assert (state.outcome.completion, state.ended) == ("completed", "exited")


def test_a_state_survives_json():
    structure = course(sco("one"), sco("two"))
    state = report(structure, go(structure, State(), "start"), lesson_status="incomplete", session_time="0000:00:05")

    assert State.from_json(state.to_json()) == state
