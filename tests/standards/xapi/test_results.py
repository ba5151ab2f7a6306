"""What a Tin Can course comes to by its statements, and where the learner goes in it."""

import itertools

import pytest

from standards.errors import RequestError
from standards.structure import ActivityState, Learner, Outcome, Report, Request, State
from standards.xapi import accept, launch, navigate, parse, record, record_statement

from .packages import opened, package_zip, tincan

ROOT, FIRST, SECOND = (f"https://example.com/tincan/several{ending}" for ending in ("", "/1", "/2"))
LEARNER = Learner("ana")
EARLY, LATE = "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"
SINGLE = parse(opened(package_zip("single")))
SEVERAL = parse(opened(package_zip("several")))
ONLY = SINGLE.root.identifier
EQUALS = parse(
    tincan("".join(f'<activity id="urn:{name}"><name>A</name><launch>index.html</launch></activity>' for name in "ab"))
)


def go(course, state, name, target="", by_learner=True):
    return navigate(course, state, Request(name, target, by_learner), "2026-01-01T00:00:00Z", {})


def said(activity, verb, timestamp="2026-01-01T00:00:00Z", **result):
    known = "" if ":" in verb else "http://adlnet.gov/expapi/verbs/"
    statement = {"verb": {"id": known + verb}, "object": {"id": activity}, "timestamp": timestamp}
    return statement | ({"result": result} if result else {})


def after(course, *statements, state=None):
    state = go(course, State(), "start") if state is None else state
    for statement in statements:
        state = record_statement(course, state, statement)
    return state


def outcome(*statements):
    return after(SINGLE, *(said(ONLY, *args, **result) for args, result in statements)).outcome


def one(verb, *args, **result):
    return (verb, *args), result


# --- one activity -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], Outcome()),
        ([one("attempted")], Outcome("incomplete")),
        ([one("completed")], Outcome("completed")),
        ([one("passed")], Outcome("completed", "passed")),
        ([one("mastered")], Outcome("completed", "passed")),
        ([one("failed")], Outcome("completed", "failed")),
        ([one("failed", completion=False)], Outcome("incomplete", "failed")),
        ([one("completed", completion=False)], Outcome("incomplete")),
        ([one("passed", success=False)], Outcome("completed", "failed")),
        ([one("https://example.com/passed")], Outcome("incomplete")),
        ([one("https://example.com/did", completion=True, success=True)], Outcome("completed", "passed")),
        ([one("scored", score={"scaled": 0.25})], Outcome("incomplete", score=0.25)),
        ([one("scored", score={"scaled": -0.5, "raw": 50})], Outcome("incomplete", score=-0.5)),
        ([one("scored", score={"raw": 50})], Outcome("incomplete", score=0.5)),
        ([one("scored", score={"raw": 15, "min": 10, "max": 20})], Outcome("incomplete", score=0.5)),
        ([one("scored", score={"raw": 500})], Outcome("incomplete", score=1.0)),
        ([one("scored", score={"max": 500})], Outcome("incomplete")),
        ([one("scored", score={})], Outcome("incomplete")),
        ([one("completed", duration="PT1M30.5S")], Outcome("completed", seconds=90.5)),
        ([one("a:b", duration="PT10S"), one("completed", duration="PT30S")], Outcome("completed", seconds=30.0)),
        ([one("completed", duration="PT30S"), one("a:b", duration="PT10S")], Outcome("completed", seconds=30.0)),
        ([one("completed", duration="P900Y")], Outcome("completed")),
        ([one("completed", duration="P4W")], Outcome("completed", seconds=28 * 86400.0)),
        # what is completed stays so; of success and score the latest says
        ([one("completed"), one("resumed", completion=False)], Outcome("completed")),
        (
            [one("failed", EARLY), one("passed", LATE)],
            Outcome("completed", "passed"),
        ),
        (
            [one("passed", LATE), one("failed", EARLY)],
            Outcome("completed", "passed"),
        ),
        (
            [one("passed", "2026-01-01T11:00:00+02:00"), one("failed", EARLY)],
            Outcome("completed", "failed"),
        ),
        ([one("passed", score={"scaled": 0.9}), one("failed", score={"raw": 30})], Outcome("completed", "failed", 0.3)),
        ([one("passed", "nonsense"), one("failed", "nonsense")], Outcome("completed", "failed")),
    ],
)
def test_what_statements_make_of_the_only_activity(statements, expected):
    assert outcome(*statements) == expected


def test_statements_about_something_else_say_nothing():
    before = go(SINGLE, State(), "start")
    others = [
        said("https://example.com/slide", "completed"),
        {**said(ONLY, "completed"), "object": {"objectType": "StatementRef", "id": ONLY}},
        {**said(ONLY, "completed"), "object": {"objectType": "Agent", "openid": ONLY}},
    ]

    assert all(record_statement(SINGLE, before, statement) is before for statement in others)


def test_the_words_of_the_content_are_kept():
    state = after(
        SINGLE, said(ONLY, "passed", success=True, response="a\0b", score={"scaled": 0.8, "raw": 8, "max": 10})
    )

    assert state.activities[ONLY].values == {
        "verb": "http://adlnet.gov/expapi/verbs/passed",
        "result.completion": "true",
        "result.success": "true",
        "result.response": "a\ufffdb",
        "result.score.scaled": "0.8",
        "result.score.raw": "8",
        "result.score.max": "10",
        "decided": "2026-01-01T00:00:00.000Z",
    }


def test_time_is_the_longest_duration_of_a_launch_else_what_was_shown_and_adds_up_over_launches():
    state = go(SINGLE, State(), "start")
    state = record(SINGLE, state, Report(ONLY, seconds=40.0), {})
    assert state.outcome.seconds == 40.0

    state = record_statement(SINGLE, state, said(ONLY, "suspended", duration="PT25S"))
    assert state.outcome.seconds == 25.0

    state = go(SINGLE, go(SINGLE, state, "suspendAll"), "start")
    late = record_statement(SINGLE, state, said(ONLY, "completed", duration="PT5S"))
    state = record(SINGLE, state, Report(ONLY, seconds=10.0), {})
    assert (state.outcome.seconds, late.outcome.seconds) == (35.0, 30.0)
    assert (state.activities[ONLY].attempts, state.outcome.completion) == (2, "incomplete")


def test_a_statement_that_comes_after_the_next_launch_began_counts_for_its_own():
    state = go(SINGLE, State(), "start")
    state = record_statement(SINGLE, state, said(ONLY, "progressed", duration="PT20S"))
    state = go(SINGLE, go(SINGLE, state, "suspendAll"), "start")
    state = record_statement(SINGLE, state, said(ONLY, "progressed", duration="PT10S"))

    totals = []
    for duration in ("PT50S", "PT30S", "PT50S"):
        state = record_statement(SINGLE, state, said(ONLY, "terminated", duration=duration), is_late=True)
        totals.append(state.outcome.seconds)

    assert totals == [60.0, 60.0, 60.0]


def test_a_report_of_the_player_adds_time_alone():
    held = accept(SINGLE.root, ActivityState(), Report(ONLY, {"cmi.core.lesson_status": "passed"}, seconds=3.0), {})

    assert held == ActivityState(outcome=Outcome(seconds=3.0), shown_seconds=3.0)


# --- several ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], Outcome()),
        ([said(FIRST, "completed")], Outcome("incomplete")),
        ([said(FIRST, "completed"), said(SECOND, "completed")], Outcome("completed")),
        ([said(FIRST, "passed"), said(SECOND, "passed")], Outcome("completed", "passed")),
        ([said(FIRST, "passed"), said(SECOND, "failed")], Outcome("completed", "failed")),
        ([said(FIRST, "passed"), said(SECOND, "completed")], Outcome("completed")),
        (
            [said(FIRST, "scored", score={"scaled": 0.5}), said(SECOND, "scored", score={"scaled": 1})],
            Outcome("incomplete", score=0.75),
        ),
        ([said(ROOT, "completed")], Outcome("completed")),
        ([said(ROOT, "completed"), said(FIRST, "failed")], Outcome("completed", "failed")),
        ([said(ROOT, "passed", score={"scaled": 0.9}), said(FIRST, "failed")], Outcome("completed", "passed", 0.9)),
        (
            [said(FIRST, "completed"), said(SECOND, "completed"), said(ROOT, "terminated", completion=False)],
            Outcome("incomplete"),
        ),
        ([said(ROOT + "/quiz", "completed")], Outcome()),
        (
            [said(FIRST, "completed", duration="PT10S"), said(SECOND, "attempted", duration="PT20S")],
            Outcome("incomplete", seconds=30.0),
        ),
    ],
)
def test_the_root_decides_where_it_speaks_and_its_lessons_where_it_does_not(statements, expected):
    for order in itertools.permutations(statements):
        state = after(SEVERAL, *order)

        assert (state.outcome, state.activities[ROOT].outcome) == (expected, expected)


def test_activities_without_a_course_are_rolled_up():
    half = after(EQUALS, said("urn:a", "passed", score={"scaled": 1}))
    whole = after(EQUALS, said("urn:b", "passed", score={"scaled": 0}), state=half)

    assert half.outcome == Outcome("incomplete", "unknown", 1.0)
    assert whole.outcome == whole.activities["tincan"].outcome == Outcome("completed", "passed", 0.5)


# --- the way ----------------------------------------------------------------------------------------------------------


def test_the_only_activity_starts_at_once():
    state = go(SINGLE, State(), "start")

    shown = launch(SINGLE, state, LEARNER, {})

    assert (shown.activity, shown.href, shown.api, shown.kind) == (ONLY, "index.html", "xapi", "sco")
    assert (shown.hidden, shown.values) == (("continue", "previous"), {})
    assert (shown.valid["continue"], shown.valid["suspendAll"], shown.valid["exitAll"]) == (False, True, True)


def test_the_menu_shows_the_course_and_what_can_be_opened():
    shown = launch(SEVERAL, go(SEVERAL, State(), "start"), LEARNER, {})

    assert [(line.identifier, line.depth, line.enabled, line.current) for line in shown.menu] == [
        (ROOT, 0, False, False),
        (FIRST, 1, True, True),
        (SECOND, 1, True, False),
    ]
    assert (shown.href, shown.hidden) == ("lessons/first.html?part=1#top", ())
    assert (shown.valid["continue"], shown.valid["previous"]) == (True, False)


@pytest.mark.parametrize(
    ("requests", "current", "ended"),
    [
        ([("continue",)], SECOND, ""),
        ([("continue",), ("previous",)], FIRST, ""),
        ([("choice", SECOND)], SECOND, ""),
        ([("choice", ROOT)], FIRST, ""),
        ([("choice", "nowhere")], FIRST, ""),
        ([("previous",)], FIRST, ""),
        ([("jump", SECOND)], FIRST, ""),
        ([("exitAll",)], "", "exited"),
        ([("abandonAll",)], "", "abandoned"),
        ([("choice", SECOND), ("suspendAll",)], "", "suspended"),
        ([("choice", SECOND), ("suspendAll",), ("start",)], SECOND, ""),
        ([("choice", SECOND), ("exitAll",), ("start",)], FIRST, ""),
        ([("exitAll",), ("resumeAll",)], FIRST, ""),
        ([("exitAll",), ("start", SECOND)], SECOND, ""),
        ([("suspendAll",), ("start", SECOND)], SECOND, ""),
        ([("exitAll",), ("start", ROOT)], FIRST, ""),
        ([("exitAll",), ("start", "nowhere")], FIRST, ""),
    ],
)
def test_requests(requests, current, ended):
    state = go(SEVERAL, State(), "start")
    for request in requests:
        state = go(SEVERAL, state, *request)

    assert (state.current, state.ended) == (current, ended)
    assert launch(SEVERAL, state, LEARNER, {}).activity == current


def test_a_launch_begins_with_the_first_activity_that_is_not_completed():
    state = go(SEVERAL, after(SEVERAL, said(FIRST, "completed")), "exitAll")
    done = go(SEVERAL, after(SEVERAL, said(FIRST, "completed"), said(SECOND, "passed")), "exitAll")

    assert (go(SEVERAL, state, "start").current, go(SEVERAL, done, "start").current) == (SECOND, FIRST)


def test_a_request_that_cannot_be_followed_says_why():
    state = go(SEVERAL, State(), "start")

    assert "content of its own" in go(SEVERAL, state, "choice", ROOT).message
    assert go(SEVERAL, state, "previous").message
    assert go(SEVERAL, go(SEVERAL, state, "previous"), "continue").message == ""


def test_the_content_going_away_ends_the_session_of_the_only_activity():
    assert go(SINGLE, go(SINGLE, State(), "start"), "continue", by_learner=False).ended == "exited"
    several = go(SEVERAL, go(SEVERAL, State(), "start"), "continue", by_learner=False)
    assert (several.current, bool(several.message)) == (FIRST, True)


def test_a_report_of_another_activity_is_refused():
    with pytest.raises(RequestError):
        record(SEVERAL, go(SEVERAL, State(), "start"), Report(SECOND, seconds=1.0), {})


def test_statements_after_the_session_ended_count():
    state = go(SINGLE, go(SINGLE, State(), "start"), "exitAll")

    late = record_statement(SINGLE, state, said(ONLY, "completed"))

    assert (late.outcome.completion, late.ended, late.current) == ("completed", "exited", "")


def test_states_go_through_json():
    state = after(SEVERAL, said(FIRST, "passed", score={"scaled": 0.5}), said(ROOT, "completed"))

    assert State.from_json(state.to_json()) == state
