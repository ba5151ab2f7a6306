"""Sessions of a registration: launches, what follows from statements, moveOn and satisfaction (cmi5 9.3, 9.6.1)."""

from dataclasses import replace
from typing import Any

import pytest

from standards.cmi5.rollup import is_satisfied
from standards.cmi5.session import abandon, navigate, register, waive
from standards.durations import session_seconds
from standards.errors import RequestError
from standards.structure import Activity, ActivityState, CourseStructure, Request, State
from tests.standards.cmi5.build import BASE, au, block, course_of
from tests.standards.cmi5.requirements import requirement

BLANK = State()
NOW, LATER = "2026-01-01T12:00:00+00:00", "2026-01-01T12:05:00+00:00"


def events(state: State) -> list[tuple[str, str]]:
    return [(event["verb"], event["activity"].removeprefix(BASE)) for event in state.memory.get("events", ())]


def start(course: CourseStructure, state: State = BLANK, target: str = "", **more: Any) -> State:
    return navigate(course, state, Request("start", f"{BASE}{target}" if target else "", **more), NOW, {})


@requirement("9.6.1.1-3")
def test_what_needs_nothing_is_satisfied_at_registration():
    course = course_of(block("b", au("1"), block("c", au("2"))), au("3"))

    state = register(course, State(), NOW)

    assert events(state) == [("satisfied", "c"), ("satisfied", "b"), ("satisfied", "course")]
    assert [event["kind"] for event in state.memory["events"]] == ["block", "block", "course"]
    assert len({event["session"] for event in state.memory["events"]}) == 1
    assert events(start(course, state))[3:] == [("launched", "1")]  # none is stated twice
    assert state.outcome.completion == "unknown"  # nothing was launched yet


MARKS = {"completed": "cmi5.completed", "passed": "cmi5.passed", "waived": "cmi5.waived"}


@requirement("9.3.3.0-3", "9.3.4.0-4")
@pytest.mark.parametrize(
    ("move_on", "met_by"),
    [
        ("Passed", ["passed", "completed passed"]),
        ("Completed", ["completed", "completed passed"]),
        ("CompletedAndPassed", ["completed passed"]),
        ("CompletedOrPassed", ["completed", "passed", "completed passed"]),
        ("NotApplicable", ["", "completed", "passed", "completed passed"]),
    ],
)
def test_move_on(move_on, met_by):
    activity = Activity("a", kind="sco", move_on=move_on)
    states = ("", "completed", "passed", "completed passed")

    met = [
        said for said in states if is_satisfied(activity, ActivityState({MARKS[verb]: NOW for verb in said.split()}))
    ]

    assert met == [said for said in states if said in met_by]
    assert is_satisfied(activity, ActivityState({"cmi5.waived": "Administrative"}))


@requirement("9.3.6.0-1", "9.3.0.0-10")
def test_another_launch_abandons_the_open_session():
    course = course_of(au("1", 'moveOn="Passed"'), au("2"))
    first = start(course)

    second = navigate(course, first, Request("choice", f"{BASE}2"), LATER, {})
    again = abandon(course, second, LATER)

    assert events(second) == [("launched", "1"), ("abandoned", "1"), ("launched", "2")]
    assert second.memory["past"] == {first.memory["session"]["id"]: "abandoned"}
    assert events(abandon(course, again, LATER)) == events(again)  # only once


@requirement("9.5.4.2-2")
def test_an_abandoned_session_lasted_from_its_launch_to_its_last_statement():
    course = course_of(au("1"))
    silent = start(course)
    session = silent.memory["session"]
    heard = replace(silent, memory={**silent.memory, "session": {**session, "heard": LATER}})

    ended = [abandon(course, state, "2026-01-01T20:00:00+00:00") for state in (silent, heard)]

    assert [session_seconds(state.memory["events"][-1]["duration"]) for state in ended] == [0.0, 300.0]
    assert [state.outcome.seconds for state in ended] == [0.0, 300.0]


@requirement("9.3.7.0-4", "9.3.0.0-11")
def test_an_au_is_waived_once_and_for_a_reason():
    course = course_of(block("b", au("1", 'moveOn="Passed"')))
    state = waive(course, State(), f"{BASE}1", "Tested Out", NOW)

    assert events(state) == [("waived", "1"), ("satisfied", "b"), ("satisfied", "course")]
    assert len({event["session"] for event in state.memory["events"]}) == 1
    assert (state.outcome.completion, state.outcome.success) == ("completed", "passed")
    for activity, reason in ((f"{BASE}1", "again"), (f"{BASE}b", "a block"), ("no", "such")):
        with pytest.raises(RequestError):
            waive(course, state, activity, reason, NOW)
    with pytest.raises(RequestError, match="reason"):
        waive(course, State(), f"{BASE}1", " ", NOW)


@requirement("10.2.2.0-4")
def test_the_launch_mode_is_the_one_wanted():
    course = course_of(au("1"))

    modes = [start(course, mode=mode).memory["session"]["mode"] for mode in ("", "Normal", "Browse", "Review", "Odd")]

    assert modes == ["Normal", "Normal", "Browse", "Review", "Normal"]


def test_the_session_is_the_one_the_link_names_unless_it_was_there():
    course = course_of(au("1"))
    first = start(course, session="one")

    assert first.memory["session"]["id"] == "one"
    second = start(course, first, session="one")
    third = start(course, second, session="one")
    assert "one" not in (second.memory["session"]["id"], third.memory["session"]["id"])


def test_leaving_keeps_the_session_open_and_comes_back_to_the_au():
    course = course_of(au("1", 'moveOn="Completed"'), au("2", 'moveOn="Completed"'))
    state = start(course, target="2")

    left = navigate(course, state, Request("suspendAll"), LATER, {})
    back = start(course, left)

    assert (left.ended, left.current, left.memory["session"].get("ended")) == ("suspended", "", None)
    assert back.current == f"{BASE}2"
    assert navigate(course, state, Request("abandonAll"), LATER, {}).memory["session"]["ended"] == "abandoned"


def test_start_goes_to_the_first_au_that_is_not_satisfied():
    course = course_of(au("0"), au("1", 'moveOn="Completed"'), au("2", 'moveOn="Completed"'))
    done = State(activities={f"{BASE}1": ActivityState({"cmi5.completed": NOW})})

    assert (start(course).current, start(course, done).current) == (f"{BASE}1", f"{BASE}2")


def test_requests_that_lead_nowhere_say_so():
    course = course_of(block("b", au("1")))
    state = start(course)

    for request in (Request("continue"), Request("previous"), Request("choice", f"{BASE}b"), Request("choice", "no")):
        moved = navigate(course, state, request, NOW, {})
        assert (moved.current, moved.message) == (f"{BASE}1", "There is nothing there to go to.")
