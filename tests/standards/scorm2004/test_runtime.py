"""What a SCO finds, what it comes to and what becomes of it when it is left (RTE 4.2, SN 5.6.4)."""

from dataclasses import replace
from typing import Any

import pytest

from standards import scorm2004
from standards.errors import RequestError
from standards.structure import Activity, ActivityState, CompletionThreshold, Report, Sequencing

from .courses import LEARNER, NOW, Playing, course, link, primary, sco

TWO = course(sco("a"), sco("b"))

FULL = Activity(
    "full",
    "Full",
    "sco",
    "sco.html?x=1",
    data_from_lms="hello",
    time_limit_action="exit,message",
    completion_threshold=CompletionThreshold(by_measure=True, minimum=0.75),
    sequencing=Sequencing(
        attempt_absolute_duration_limit=5400.0,
        objectives=(
            primary("main", satisfied_by_measure=True, min_normalized_measure=0.6, maps=(link("shared"),)),
            replace(primary("other"), primary=False),
        ),
    ),
)


def test_the_whole_data_model_at_the_first_launch() -> None:
    playing = Playing(course(FULL))
    playing.request("start")

    shown = playing.shown()

    assert (shown.activity, shown.kind, shown.href, shown.api) == ("full", "sco", "sco.html?x=1", "scorm2004")
    assert dict(shown.values) == {
        "cmi.learner_id": "learner-1",
        "cmi.learner_name": LEARNER.name,
        "cmi.entry": "ab-initio",
        "cmi.mode": "normal",
        "cmi.credit": "credit",
        "cmi.total_time": "PT0S",
        "cmi.launch_data": "hello",
        "cmi.time_limit_action": "exit,message",
        "cmi.max_time_allowed": "PT1H30M",
        "cmi.scaled_passing_score": "0.6",
        "cmi.completion_threshold": "0.75",
        "cmi.learner_preference.audio_level": "1",
        "cmi.learner_preference.language": "",
        "cmi.learner_preference.delivery_speed": "1",
        "cmi.learner_preference.audio_captioning": "0",
        "cmi.objectives.0.id": "main",
        "cmi.objectives.1.id": "other",
    }


LEFT = (
    # how the SCO and the learner leave it; entry, location and total time when it is shown again
    ("suspend", "continue", "resume", "p1", "PT1M"),
    ("normal", "continue", "ab-initio", None, "PT0S"),
    ("", "continue", "ab-initio", None, "PT0S"),
    ("normal", "suspendAll", "resume", "p1", "PT1M"),
    ("", "suspendAll", "resume", "p1", "PT1M"),
    ("suspend", "exitAll", "resume", "p1", "PT1M"),
    ("normal", "exitAll", "ab-initio", None, "PT0S"),
    ("normal", "abandonAll", "ab-initio", None, "PT0S"),
    ("suspend", "abandonAll", "ab-initio", None, "PT0S"),
    ("time-out", "continue", "ab-initio", None, "PT0S"),
    ("logout", "suspendAll", "ab-initio", None, "PT0S"),
)


@pytest.mark.parametrize(("exit_", "request_name", "entry", "location", "total"), LEFT)
def test_what_is_found_again(exit_: str, request_name: str, entry: str, location: str | None, total: str) -> None:
    playing = Playing(TWO)
    playing.request("start")
    playing.report(cmi__exit=exit_, cmi__location="p1", cmi__session_time="PT1M")

    playing.request(request_name)
    playing.request("start" if playing.state.ended else "previous")

    values = playing.values()
    assert playing.state.current == "a"
    assert (values["cmi.entry"], values.get("cmi.location"), values["cmi.total_time"]) == (entry, location, total)
    assert not {"cmi.exit", "cmi.session_time", "adl.nav.request"} & set(values)


def test_a_review_is_neither_a_new_attempt_nor_a_resumed_one() -> None:
    """RTE 4.2.9: cmi.entry is "" for a SCO that was completed and is shown again for review."""
    playing = Playing(course(sco("a")), {"PlayerLaunchCompletedRegsAsNoCredit": "YES"})
    playing.request("start")
    playing.report(cmi__completion_status="completed", cmi__success_status="passed", cmi__location="p7")
    playing.request("exitAll")

    playing.request("start")

    found = [playing.values()[name] for name in ("cmi.entry", "cmi.mode", "cmi.credit", "cmi.location")]
    assert found == ["", "review", "no-credit", "p7"]


def test_total_time_adds_up_sessions_and_the_outcome_attempts() -> None:
    playing = Playing(TWO)
    playing.request("start")
    for seconds in ("PT10S", "PT20S"):  # the session's length so far, said twice in each session
        playing.report(finished=False, cmi__session_time="PT5S")
        playing.report(cmi__session_time=seconds, cmi__exit="suspend")
        playing.request("suspendAll")
        playing.request("start")
    assert playing.values()["cmi.total_time"] == "PT30S"

    playing.report(cmi__session_time="PT1S", cmi__exit="normal")
    playing.request("continue")
    playing.request("previous")

    assert playing.values()["cmi.total_time"] == "PT0S"
    assert playing.state.activities["a"].outcome.seconds == 31.0
    assert playing.state.outcome.seconds == 31.0


def test_a_session_that_reports_no_time_counts_the_seconds_it_was_shown() -> None:
    playing = Playing(TWO)
    playing.request("start")
    playing.report(finished=False, seconds=4.0)
    playing.report(seconds=3.0)
    playing.request("suspendAll")
    playing.request("start")

    assert playing.values()["cmi.total_time"] == "PT7S"
    assert playing.state.activities["a"].outcome.seconds == 7.0


def test_a_session_that_was_cut_off_goes_on() -> None:
    """No Terminate, no request: the next start delivers the same attempt with all that was stored."""
    playing = Playing(TWO)
    playing.request("start")
    playing.report(finished=False, cmi__location="p7")

    assert playing.request("start") == "a"
    values = playing.values()
    assert (values["cmi.entry"], values["cmi.location"]) == ("resume", "p7")
    assert playing.state.activities["a"].attempts == 1


NAVIGATION = (
    # what the SCO asks for, whether it has terminated, the learner's request; what is shown
    ("continue", True, "", "b"),
    ("continue", False, "", "a"),
    ("{target=b}choice", True, "", "b"),
    ("{target=b}jump", True, "", "b"),
    ("_none_", True, "", "a"),
    ("exitAll", True, "", "exited"),
    ("suspendAll", True, "", "suspended"),
    ("abandonAll", True, "", "abandoned"),
    ("suspendAll", True, "continue", "b"),  # the learner's wins
    ("{target=nowhere}choice", True, "", "a"),
)


@pytest.mark.parametrize(("asked", "finished", "by_learner", "shown"), NAVIGATION)
def test_the_sco_asks_and_the_learner_wins(asked: str, finished: bool, by_learner: str, shown: str) -> None:
    playing = Playing(TWO)
    playing.request("start")
    playing.report(finished, adl__nav__request=asked)

    assert playing.request(by_learner, by_learner=bool(by_learner)) == shown


@pytest.mark.parametrize("exit_", ["time-out", "logout"])
def test_time_out_and_logout_end_the_course_whatever_is_requested(exit_: str) -> None:
    """RTE 4.2.8."""
    playing = Playing(TWO)
    playing.request("start")
    playing.report(cmi__exit=exit_, adl__nav__request="continue")

    assert playing.request("", by_learner=False) == "exited"


EVALUATED: tuple[tuple[dict[str, Any], dict[str, str], tuple[str, str, float | None]], ...] = (
    # threshold and passing score, values; completion, success, score
    ({}, {}, ("unknown", "unknown", None)),
    ({}, {"cmi.completion_status": "completed", "cmi.success_status": "failed"}, ("completed", "failed", None)),
    ({}, {"cmi.completion_status": "not attempted"}, ("incomplete", "unknown", None)),
    ({"minimum": 0.5}, {"cmi.progress_measure": "0.5"}, ("completed", "unknown", None)),
    (
        {"minimum": 0.5},
        {"cmi.progress_measure": "0.4", "cmi.completion_status": "completed"},
        ("incomplete", "unknown", None),
    ),
    ({"minimum": 0.5}, {"cmi.completion_status": "completed"}, ("unknown", "unknown", None)),
    ({"passing": 0.5}, {"cmi.score.scaled": "0.5"}, ("unknown", "passed", 0.5)),
    ({"passing": 0.5}, {"cmi.score.scaled": "0.4", "cmi.success_status": "passed"}, ("unknown", "failed", 0.4)),
    ({"passing": 0.5}, {"cmi.success_status": "passed"}, ("unknown", "unknown", None)),
    (
        {},
        {"cmi.objectives.0.success_status": "passed", "cmi.objectives.0.score.scaled": "1"},
        ("unknown", "passed", 1.0),
    ),
)


@pytest.mark.parametrize(("thresholds", "values", "outcome"), EVALUATED)
def test_status_against_thresholds(
    thresholds: dict[str, float], values: dict[str, str], outcome: tuple[str, str, float | None]
) -> None:
    """RTE 4.2.4.1, 4.2.22.1; what is said of the primary objective is said of the SCO (RTE 4.2.17)."""
    passing = thresholds.get("passing")
    main = primary("main", satisfied_by_measure=passing is not None, min_normalized_measure=passing or 1.0)
    activity = replace(sco("a"), sequencing=Sequencing(objectives=(main,)))
    if "minimum" in thresholds:
        activity = replace(activity, completion_threshold=CompletionThreshold(True, thresholds["minimum"]))

    found = scorm2004.accept(activity, ActivityState(), Report("a", values), {}).outcome

    assert (found.completion, found.success, found.score) == outcome


CONTENT = (
    # who decides; completion and success once the SCO that said nothing is left
    ({}, ("completed", "passed")),
    ({"completion_set_by_content": True}, ("unknown", "passed")),
    ({"objective_set_by_content": True}, ("completed", "unknown")),
)


@pytest.mark.parametrize(("delivery", "outcome"), CONTENT)
def test_what_the_content_leaves_open(delivery: dict[str, bool], outcome: tuple[str, str]) -> None:
    """UP.4 step 1.1.1."""
    playing = Playing(course(sco("a", **delivery), sco("b")))
    playing.request("start")
    playing.report()
    playing.request("continue")

    left = playing.state.activities["a"].outcome
    assert (left.completion, left.success) == outcome


def test_an_asset_is_completed_by_leaving_it() -> None:
    asset = Activity("page", "Page", "asset", "page.html")
    playing = Playing(course(asset, sco("b")))
    playing.request("start")
    shown = playing.shown()
    playing.request("continue")

    assert (shown.activity, shown.kind) == ("page", "asset")
    assert playing.state.activities["page"].outcome.completion == "completed"


def test_an_abandoned_attempt_leaves_no_trace_in_sequencing() -> None:
    gate = primary("o", maps=(link("gate", write_satisfied_status=True),))
    playing = Playing(course(sco("a", objectives=(gate,)), sco("b")))
    playing.request("start")
    playing.report(cmi__success_status="passed")

    playing.request("abandonAll")

    assert "gate" not in playing.state.memory.get("system", {}).get("objectives", {})


def test_a_new_attempt_does_not_take_the_result_away_unless_settings_say_so() -> None:
    outcomes = {}
    for allowed in ("NO", "YES"):
        playing = Playing(TWO, {"PlayerAllowCompleteStatusChange": allowed})
        playing.request("start")
        for _ in range(2):
            playing.report(cmi__completion_status="completed", cmi__success_status="passed")
            playing.request("continue")
        assert playing.state.outcome.completion == "completed"
        playing.request("start")
        outcomes[allowed] = (playing.state.outcome.completion, playing.state.outcome.success)

    assert outcomes == {"NO": ("completed", "passed"), "YES": ("unknown", "unknown")}


def test_a_report_about_another_activity_is_refused() -> None:
    playing = Playing(TWO)
    playing.request("start")

    with pytest.raises(RequestError):
        scorm2004.record(TWO, playing.state, Report("b"), {})


def test_a_report_that_changes_no_outcome_is_accepted_as_it_is_recorded() -> None:
    """`accept` alone and `record` keep the same of the activity (registry.Standard)."""
    playing = Playing(TWO)
    playing.request("start")
    report = Report("a", {"cmi.location": "p2", "cmi.session_time": "PT3S"}, seconds=3.0)
    held = playing.state.activities["a"]

    accepted = scorm2004.accept(TWO.leaves[0], held, report, {})

    assert accepted == scorm2004.record(TWO, playing.state, report, {}).activities["a"]


def test_leaving_before_anything_was_chosen_ends_the_session() -> None:
    playing = Playing(course(sco("a"), sco("b"), flow=False))
    shown = [playing.request("start"), playing.request("exitAll")]

    assert shown == ["nothing", "exited"]
    assert playing.request("start", now=NOW) == "nothing"
    assert playing.state.message == "Choose an activity to go on."


def test_what_an_activity_came_to_stays_once_the_course_is_left() -> None:
    """Its success is read through a shared objective, which ends with the attempt on the course."""
    through = link("shared", write_satisfied_status=True, write_normalized_measure=True)
    shared = sco("a", objectives=(primary("main", maps=(through,)),))
    playing = Playing(course(shared, sco("b"), to_system=False))
    playing.request("start")
    playing.report(cmi__completion_status="completed", cmi__success_status="passed")

    playing.request("exitAll")

    outcome = playing.state.activities["a"].outcome
    assert (outcome.completion, outcome.success) == ("completed", "passed")
