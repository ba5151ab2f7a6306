"""Sequencing by clause of the SN book: what each process does to a small course."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from standards.scorm2004.sequencing.engine import sequence
from standards.scorm2004.sequencing.tracking import Tracking, Tree
from standards.structure import Activity, CompletionThreshold, CourseStructure, DataMap, Objective

from .courses import Playing, cluster, course, link, primary, rollup_rule, rule, sco


def play(played: CourseStructure, *requests: str) -> list[str]:
    """What each request shows; "choice:a" and "jump:a" name a target."""
    playing = Playing(played)
    return [playing.request(*request.split(":")) for request in ("start", *requests)]


THREE = (sco("a"), sco("b"), sco("c"))
NO_FLOW = cluster("off", sco("o1"), sco("o2"), flow=False)
FLOWING = (
    # clause, course, requests after start, what is shown after each
    ("SB.2.7", course(*THREE), ["continue", "continue"], ["a", "b", "c"]),
    ("SB.2.8", course(*THREE), ["continue", "previous"], ["a", "b", "a"]),
    ("NB.2.1-6 before the first nothing comes", course(*THREE), ["previous"], ["a", "nothing"]),
    ("SB.2.1 the end of the tree ends the course", course(sco("a"), sco("b")), ["continue"] * 2, ["a", "b", "exited"]),
    ("NB.2.1-5 forward only", course(*THREE, forward_only=True), ["continue", "previous"], ["a", "b", "b"]),
    (
        "SB.2.2 skip",
        course(sco("a"), sco("b", pre_conditions=(rule("skip", "always"),)), sco("c")),
        ["continue", "previous"],
        ["a", "c", "a"],
    ),
    (
        "SB.2.2-2 disabled stops flow, and the session stays open",
        course(sco("a"), sco("b", pre_conditions=(rule("disabled", "always"),)), sco("c")),
        ["continue"],
        ["a", "nothing"],
    ),
    ("SB.2.2-1 a cluster without flow stops flow", course(sco("a"), NO_FLOW), ["continue"], ["a", "nothing"]),
    (
        "SB.2.1 a forward-only cluster is entered at its beginning, even backwards",
        course(cluster("m", sco("m1"), sco("m2"), flow=True, forward_only=True), sco("b")),
        ["continue", "continue", "previous"],
        ["m1", "m2", "b", "m1"],
    ),
    ("SB.2.11 exit leaves the session open", course(*THREE), ["exit", "choice:c"], ["a", "nothing", "c"]),
    ("TB.2.3 exitAll", course(*THREE), ["exitAll", "start"], ["a", "exited", "a"]),
    ("TB.2.3 suspendAll", course(*THREE), ["continue", "suspendAll", "start"], ["a", "b", "suspended", "b"]),
    ("TB.2.3 abandonAll", course(*THREE), ["continue", "abandonAll", "start"], ["a", "b", "abandoned", "a"]),
    ("TB.2.3 abandon", course(*THREE), ["abandon", "continue"], ["a", "nothing", "b"]),
    ("SB.2.13 jump needs no control mode", course(*THREE, choice=False), ["jump:c"], ["a", "c"]),
    ("NB.2.1-11 jump to what is not there", course(*THREE), ["jump:nowhere"], ["a", "a"]),
    (
        "TB.2.2 retry",
        course(sco("a", post_conditions=(rule("retry", "not satisfied"),), objective_set_by_content=True)),
        ["continue"],
        ["a", "exited"],  # nothing is known of "satisfied": unknown is not true
    ),
    ("TB.2.2 retry always", course(sco("a", post_conditions=(rule("retry", "always"),))), ["continue"], ["a", "a"]),
    (
        "TB.2.2 previous",
        course(sco("a"), sco("b", post_conditions=(rule("previous", "always"),))),
        ["continue", "continue"],
        ["a", "b", "a"],
    ),
    (
        "TB.2.2 continue",
        course(sco("a"), sco("b", post_conditions=(rule("continue", "always"),)), sco("c")),
        ["continue", "previous"],
        ["a", "b", "c"],
    ),
    (
        "TB.2.2 exitAll",
        course(sco("a", post_conditions=(rule("exitAll", "always"),)), sco("b")),
        ["continue"],
        ["a", "exited"],
    ),
    (
        "TB.2.2 retryAll",
        course(sco("a"), sco("b", post_conditions=(rule("retryAll", "always"),))),
        ["continue", "continue"],
        ["a", "b", "a"],
    ),
    (
        "TB.2.2 exitParent, then the parent's own rule",
        course(
            sco("a"),
            cluster(
                "m",
                sco("m1", post_conditions=(rule("exitParent", "always"),)),
                sco("m2"),
                flow=True,
                post_conditions=(rule("previous", "always"),),
            ),
        ),
        ["continue", "continue"],
        ["a", "m1", "a"],
    ),
    (
        "TB.2.1 an exit rule ends the cluster: continue goes on behind it",
        course(cluster("m", sco("m1"), sco("m2"), flow=True, exit_conditions=(rule("exit", "always"),)), sco("b")),
        ["continue"],
        ["m1", "b"],
    ),
    (
        "UP.1 the attempt limit",
        course(sco("a"), sco("b", attempt_limit=1)),
        ["continue", "previous", "continue"],
        ["a", "b", "a", "nothing"],
    ),
    (
        "DB.1.1-1 a cluster cannot be jumped to",
        course(sco("a"), cluster("m", sco("m1"), flow=True)),
        ["jump:m"],
        ["a", "nothing"],
    ),
    ("a course of one activity starts with it", course(sco("a"), flow=False), ["exitAll"], ["a", "exited"]),
    ("a course without flow waits for a choice", course(*THREE, flow=False), ["choice:b"], ["nothing", "b"]),
    (
        "a course with nothing to show is blocked",
        course(sco("a", pre_conditions=(rule("disabled", "always"),)), sco("b", attempt_limit=0), choice=False),
        [],
        ["blocked"],
    ),
)


@pytest.mark.parametrize(("played", "requests", "shown"), [row[1:] for row in FLOWING], ids=[row[0] for row in FLOWING])
def test_flow(played: CourseStructure, requests: list[str], shown: list[str]) -> None:
    assert play(played, *requests) == shown


TWO_MODULES = (
    cluster("m", sco("m1"), sco("m2"), flow=True),
    cluster("n", sco("n1"), sco("n2"), flow=True),
    cluster("o", sco("o1"), flow=True),
)


def module(identifier: str, **sequencing: Any) -> Activity:
    return next(
        cluster(each.identifier, *each.children, **{"flow": True} | sequencing)
        for each in TWO_MODULES
        if each.identifier == identifier
    )


EVERYTHING = {"root", "m", "m1", "m2", "n", "n1", "n2", "o", "o1"}
CHOOSING = (
    # clause, course, requests after start, what the menu lets choose then
    ("SB.2.9", course(*TWO_MODULES), [], EVERYTHING),
    (
        "NB.2.1-10 choice off in a cluster",
        course(TWO_MODULES[0], module("n", choice=False)),
        [],
        {"root", "m", "m1", "m2", "n"},
    ),
    ("no choice at all: the course alone is none either", course(*THREE, choice=False), [], set()),
    ("NB.2.1-8 choice exit", course(module("m", choice_exit=False), *TWO_MODULES[1:]), [], {"m", "m1", "m2"}),
    (
        "SB.2.9-3 hidden from choice, and all below it",
        course(TWO_MODULES[0], module("n", pre_conditions=(rule("hiddenFromChoice", "always"),))),
        [],
        {"root", "m", "m1", "m2"},
    ),
    (
        "SB.2.4-1 stop forward traversal",
        course(sco("a"), sco("b", pre_conditions=(rule("stopForwardTraversal", "always"),)), sco("c")),
        [],
        {"root", "a", "b"},
    ),
    ("SB.2.4-2 forward only", course(*THREE, forward_only=True), ["continue"], {"root", "b", "c"}),
    (
        "SB.2.9-6 prevent activation: the cluster, not what is in it",
        course(TWO_MODULES[0], module("n", prevent_activation=True)),
        [],
        {"root", "m", "m1", "m2", "n"},
    ),
    (
        "SB.2.9-8 constrain choice: only the module that follows",
        course(module("m", constrain_choice=True), *TWO_MODULES[1:]),
        [],
        EVERYTHING - {"o", "o1"},
    ),
    (
        "DB.1.1-3 disabled",
        course(sco("a"), sco("b", pre_conditions=(rule("disabled", "always"),))),
        [],
        {"root", "a"},
    ),
    (
        "SB.2.9-9 a cluster without flow cannot be entered by choosing it",
        course(sco("a"), NO_FLOW),
        [],
        {"root", "a", "o1", "o2"},
    ),
)


@pytest.mark.parametrize(
    ("played", "requests", "enabled"), [row[1:] for row in CHOOSING], ids=[row[0] for row in CHOOSING]
)
def test_choice(played: CourseStructure, requests: list[str], enabled: set[str]) -> None:
    playing = Playing(played)
    for request in ("start", *requests):
        playing.request(request)

    assert playing.enabled() == enabled


def test_a_disabled_item_says_why() -> None:
    playing = Playing(course(TWO_MODULES[0], module("n", choice=False)))
    playing.request("start")

    why = {item.identifier: item.why_not for item in playing.shown().menu if not item.enabled}

    words = "Choosing an activity is not allowed in this part of the course."
    assert why == {"n1": words, "n2": words}


# --- rollup -----------------------------------------------------------------------------------------------------------


def rolled_up(played: CourseStructure, *reports: dict[str, str]) -> tuple[str, str, float | None]:
    """Completion, success and score of the whole after its activities, one by one, have reported."""
    playing = Playing(played)
    playing.request("start")
    for report in reports:
        playing.report(**report)
        playing.request("continue")
    outcome = playing.state.outcome
    return outcome.completion, outcome.success, outcome.score


PASSED = {"cmi__success_status": "passed", "cmi__completion_status": "completed"}
FAILED = {"cmi__success_status": "failed", "cmi__completion_status": "completed"}
HALF = {"cmi__score__scaled": "0.5", "cmi__progress_measure": "0.5"}
FULL = {"cmi__score__scaled": "1", "cmi__progress_measure": "1"}
BY_MEASURE = (primary(satisfied_by_measure=True, min_normalized_measure=0.7),)


def weighed(identifier: str, weight: float, **sequencing: Any) -> Activity:
    amount = CompletionThreshold(by_measure=True, minimum=1.0, progress_weight=weight)
    return replace(sco(identifier, objective_measure_weight=weight, **sequencing), completion_threshold=amount)


def completed_by_measure(played: CourseStructure, minimum: float) -> CourseStructure:
    root = replace(played.root, completion_threshold=CompletionThreshold(by_measure=True, minimum=minimum))
    return replace(played, organizations=(replace(played.organization, root=root),))


ROLLUP = (
    # clause, course, reports, outcome of the whole
    ("RB.1.2.c all satisfied", course(sco("a"), sco("b")), [PASSED, PASSED], ("completed", "passed", None)),
    ("RB.1.2.c one failed", course(sco("a"), sco("b")), [PASSED, FAILED], ("completed", "failed", None)),
    ("RB.1.2.c not all known", course(sco("a"), sco("b")), [PASSED], ("unknown", "unknown", None)),
    (
        "RB.1.2.b any",
        course(sco("a"), sco("b"), rollup_rules=(rollup_rule("satisfied", "satisfied", child_set="any"),)),
        [PASSED],
        ("unknown", "passed", None),
    ),
    (
        "RB.1.4 at least count",
        course(
            *THREE,
            rollup_rules=(rollup_rule("completed", "completed", child_set="atLeastCount", minimum_count=2),),
        ),
        [PASSED, PASSED],
        ("completed", "unknown", None),
    ),
    (
        "RB.1.4 at least percent",
        course(
            *THREE,
            rollup_rules=(rollup_rule("satisfied", "satisfied", child_set="atLeastPercent", minimum_percent=0.6),),
        ),
        [PASSED, PASSED],
        ("unknown", "passed", None),
    ),
    (
        "RB.1.4.2 what does not contribute",
        course(sco("a"), sco("b", rollup_objective_satisfied=False, rollup_progress_completion=False)),
        [PASSED],
        ("completed", "passed", None),
    ),
    (
        "RB.1.4.2 required if attempted",
        course(sco("a"), sco("b", required_for_satisfied="ifAttempted", required_for_completed="ifAttempted")),
        [PASSED],
        ("completed", "passed", None),
    ),
    (
        "an untracked child does not count",
        course(sco("a"), sco("b", tracked=False)),
        [PASSED],
        ("completed", "passed", None),
    ),
    (
        "RB.1.1.a weighted measure, RB.1.2.a satisfied by it",
        course(weighed("a", 1.0), weighed("b", 3.0), objectives=BY_MEASURE),
        [HALF, FULL],
        ("incomplete", "passed", 0.875),
    ),
    (
        "RB.1.1.a a child without a measure counts as zero",
        course(sco("a"), sco("b"), objectives=BY_MEASURE),
        [FULL],
        ("unknown", "failed", 0.5),
    ),
    (
        "RB.1.1.b, RB.1.3.a completed by measure",
        completed_by_measure(course(weighed("a", 1.0), weighed("b", 3.0)), 0.8),
        [HALF, FULL],
        ("completed", "passed", 0.875),
    ),
)


@pytest.mark.parametrize(("played", "reports", "outcome"), [row[1:] for row in ROLLUP], ids=[row[0] for row in ROLLUP])
def test_rollup(played: CourseStructure, reports: list[dict[str, str]], outcome: tuple[str, str, float | None]) -> None:
    assert rolled_up(played, *reports) == outcome


# --- conditions, limits, chance, what is shared -----------------------------------------------------------------------


def test_a_time_limit_closes_an_activity() -> None:
    """UP.1: an activity whose end time has passed is not delivered."""
    playing = Playing(course(sco("a"), sco("b", end_time_limit="2026-01-05T12:00:00Z")))
    playing.request("start")

    assert playing.request("continue", now="2026-01-05T11:59:00+00:00") == "b"
    playing.request("previous")
    assert playing.request("continue", now="2026-01-05T12:01:00+00:00") == "nothing"


def test_experienced_time_counts_against_its_limit() -> None:
    playing = Playing(course(sco("a", activity_experienced_duration_limit=60.0), sco("b")))
    playing.request("start")
    playing.report(cmi__session_time="PT1M")
    playing.request("continue")

    assert "a" not in playing.enabled()


@pytest.mark.parametrize("timing", ["once", "onEachNewAttempt"])
def test_selection_and_order_are_drawn_from_the_state(timing: str) -> None:
    """SR.1, SR.2: the same state draws the same; `once` keeps it, `onEachNewAttempt` draws again."""
    leaves = [sco(f"s{number}") for number in range(12)]
    played = course(
        *leaves, selection_timing=timing, selection_count=5, randomization_timing=timing, reorder_children=True
    )

    def walk(playing: Playing) -> list[str]:
        shown = [playing.request("start")]
        while not playing.state.ended:
            shown.append(playing.request("continue"))
        return shown

    first, again = Playing(played), Playing(played)
    walks = [walk(first), walk(first)]

    assert [walk(again), walk(again)] == walks
    assert {len(set(each[:-1])) for each in walks} == {5}
    assert (walks[0] == walks[1]) == (timing == "once")


@pytest.mark.parametrize(("to_system", "found"), [(True, "passed"), (False, None)])
def test_shared_objectives_outlive_the_attempt_only_when_global_to_the_system(
    to_system: bool, found: str | None
) -> None:
    """CAM 3.4.1.5: else they last for one experience of the course."""
    writing = primary("o", maps=(link("gate", write_satisfied_status=True),))
    reading = primary("o", maps=(link("gate"),))
    played = course(sco("a", objectives=(writing,)), sco("b", objectives=(reading,)), to_system=to_system, flow=False)
    playing = Playing(played)
    playing.request("start")
    playing.request("choice", "a")
    playing.report(cmi__success_status="passed")
    playing.request("choice", "b")
    assert playing.values()["cmi.objectives.0.success_status"] == "passed"

    playing.request("exitAll")
    playing.request("start")
    playing.request("choice", "b")

    assert playing.values().get("cmi.objectives.0.success_status") == found


def stored(to_system: bool, **access: bool) -> CourseStructure:
    leaves = [replace(sco(name), data_stores=(DataMap("store", **access),)) for name in ("a", "b")]
    return course(*leaves, to_system=to_system)


def test_data_stores_carry_values_from_one_sco_to_the_next() -> None:
    playing = Playing(stored(to_system=True))
    playing.request("start")
    assert playing.values()["adl.data.0.id"] == "store"
    assert "adl.data.0.store" not in playing.values()

    playing.report(adl__data__0__store="kept")
    playing.request("continue")

    assert playing.values()["adl.data.0.store"] == "kept"


@pytest.mark.parametrize(("to_system", "found"), [(True, "kept"), (False, None)])
def test_data_stores_of_one_attempt_end_with_it(to_system: bool, found: str | None) -> None:
    playing = Playing(stored(to_system))
    playing.request("start")
    playing.report(adl__data__0__store="kept")
    playing.request("exitAll")
    playing.request("start")

    assert playing.values().get("adl.data.0.store") == found


def test_what_a_store_does_not_allow_is_neither_given_nor_taken() -> None:
    reading, writing = Playing(stored(to_system=True, write=False)), Playing(stored(to_system=True, read=False))
    for playing in (reading, writing):
        playing.request("start")
        playing.report(adl__data__0__store="kept")
        playing.request("continue")

    assert reading.shown().access == {"adl.data.0.store": "r"}
    assert writing.shown().access == {"adl.data.0.store": "w"}
    assert "adl.data.0.store" not in reading.values()
    assert "adl.data.0.store" not in writing.values()


# --- the engine by itself ---------------------------------------------------------------------------------------------


def test_the_trace_names_process_rule_values_and_result() -> None:
    tree = Tree(course(sco("a"), sco("b", pre_conditions=(rule("skip", "always"),))).organization)

    tracking, result, trace = sequence(tree, {}, "start", now="2026-01-05T10:00:00+00:00", seed="1")
    _, result, trace = sequence(tree, tracking, "continue", now="2026-01-05T10:00:00+00:00")

    told = list(_walk(trace))
    assert result.end_session
    assert {"step": "UP.2.1", "rule": "if all of always then skip", "values": [True], "result": True} in told
    assert [entry["process"] for entry in trace] == ["OP.1"]
    assert {"NB.2.1", "TB.2.3", "UP.4", "RB.1.5", "SB.2.7", "SB.2.2"} <= {entry.get("process") for entry in told}


def _walk(entries: Any) -> Any:
    for entry in entries:
        yield entry
        yield from _walk(entry.get("steps", ()))


EXCEPTIONS: tuple[tuple[str, Callable[[Playing], Any], str, str], ...] = (
    ("NB.2.1-1", lambda playing: playing.request("start"), "resumeAll", ""),
    ("NB.2.1-4", lambda playing: playing.request("choice", "o1"), "continue", ""),
    ("NB.2.1-7", lambda playing: playing.request("start"), "forward", ""),
    ("NB.2.1-11", lambda playing: playing.request("start"), "choice", "nowhere"),
    ("NB.2.1-13", lambda playing: playing.request("start"), "sing", ""),
)


@pytest.mark.parametrize(("code", "before", "request_name", "target"), EXCEPTIONS, ids=[row[0] for row in EXCEPTIONS])
def test_a_request_that_is_not_valid_changes_nothing(
    code: str, before: Callable[[Playing], Any], request_name: str, target: str
) -> None:
    playing = Playing(course(sco("a"), NO_FLOW))
    playing.request("start")
    before(playing)
    kept = playing.state

    playing.request(request_name, target)

    assert replace(playing.state, message="", trace=()) == replace(kept, message="", trace=())
    assert playing.state.message
    assert playing.state.trace[-1]["exception"] == code


def test_a_state_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 99"):
        Tracking.from_json({"version": 99})


def test_a_thousand_skipped_activities_are_passed() -> None:
    """SB.2.2 goes from each to the next; none of them may cost stack."""
    skipped = [sco(f"s{number}", pre_conditions=(rule("skip", "always"),)) for number in range(1000)]
    playing = Playing(course(*skipped, sco("last")))

    assert playing.request("start") == "last"
    playing.report()
    assert playing.request("previous") == "nothing" or playing.state.current == "last"


LATER = "2026-01-05T11:00:00+00:00"  # an hour after NOW


def test_an_attempt_that_was_long_ago_bars_no_new_one() -> None:
    """Its limit is that of an attempt (SN 3.5.3), and what says how long a test may take (RTE 4.2.13)."""
    playing = Playing(course(sco("a", attempt_absolute_duration_limit=600.0), sco("b")))
    playing.request("start")
    playing.report(cmi__session_time="PT20M")
    playing.request("continue", now=LATER)
    playing.report()

    assert playing.request("previous", now=LATER) == "a"


def test_an_attempt_that_took_too_long_is_known_to_rules() -> None:
    """timeLimitExceeded asks how long the attempt took, not how long ago it was (UP.2.1)."""
    timed = {"attempt_absolute_duration_limit": 600.0, "post_conditions": (rule("exitAll", "timeLimitExceeded"),)}
    shown = {}
    for minutes in ("05", "15"):
        playing = Playing(course(sco("a", **timed), sco("b")))
        playing.request("start")
        playing.report()
        shown[minutes] = playing.request("continue", now=f"2026-01-05T10:{minutes}:00+00:00")

    assert shown == {"05": "b", "15": "exited"}


@pytest.mark.parametrize(
    ("limits", "shown"),
    [
        ({"begin_time_limit": "2026-01-05T09:59:59Z"}, "a"),
        ({"begin_time_limit": "2026-01-05T10:00:01"}, "b"),
        ({"begin_time_limit": "2026-01-05T11:00:01+01:00"}, "b"),
        ({"end_time_limit": "2026-01-05T10:00:01"}, "a"),
        ({"end_time_limit": "2026-01-05T09:59:59"}, "b"),
        ({"begin_time_limit": "tomorrow", "end_time_limit": "25:00"}, "a"),  # of a course imported long ago
    ],
)
def test_the_time_range_of_an_activity(limits: dict[str, str], shown: str) -> None:
    """UP.1 steps 4 and 5; what cannot be read limits nothing."""
    away = rule("skip", "outsideAvailableTimeRange")
    playing = Playing(course(sco("a", pre_conditions=(away,), **limits), sco("b")))

    assert playing.request("start") == shown


def test_the_durations_of_an_activity_bar_it() -> None:
    playing = Playing(course(sco("a", activity_absolute_duration_limit=600.0), sco("b")))
    playing.request("start")
    playing.report()
    playing.request("continue", now="2026-01-05T10:05:00+00:00")
    assert "a" in playing.enabled()

    playing.report()

    assert playing.request("choice", "a", now=LATER) != "a"


@pytest.mark.parametrize(
    ("edition", "shown"),
    [("SCORM20042NDEDITION", "a"), ("SCORM20043RDEDITION", "a"), ("SCORM20044THEDITION", "c")],
)
def test_jump_came_with_the_fourth_edition(edition: str, shown: str) -> None:
    held = replace(course(sco("a"), sco("b"), sco("c"), choice=False), standard=edition)
    playing = Playing(held)
    playing.request("start")
    assert playing.shown().valid["jump.c"] is (shown == "c")
    playing.report(adl__nav__request="{target=c}jump")

    assert playing.request("", by_learner=False) == shown


# --- measures, considerations and what is shared, clause by clause ----------------------------------------------------


def status_of(playing: Playing, target: str) -> bool | None:
    """The satisfaction of a shared objective."""
    return playing.state.memory.get("system", {}).get("objectives", {}).get(target, {}).get("satisfied")


@pytest.mark.parametrize(("if_active", "while_active"), [(True, True), (False, None)])
def test_a_measure_satisfies_at_once_only_if_active_measures_count(if_active: bool, while_active: bool | None) -> None:
    """RB.1.2.a: with measureSatisfactionIfActive off a cluster's status is known, and shared, once it has ended."""
    gate = link("gate", write_satisfied_status=True, read_satisfied_status=False, read_normalized_measure=False)
    by_measure = primary("o", satisfied_by_measure=True, min_normalized_measure=0.5, maps=(gate,))
    played = course(
        cluster(
            "m", sco("m1"), sco("m2"), flow=True, objectives=(by_measure,), measure_satisfaction_if_active=if_active
        ),
        sco("n"),
    )
    playing = Playing(played)
    playing.request("start")
    playing.report(cmi__score__scaled="1")
    playing.request("continue")

    assert status_of(playing, "gate") is while_active
    playing.report(cmi__score__scaled="1")
    playing.request("continue")
    assert (playing.state.current, status_of(playing, "gate")) == ("n", True)


def test_other_objectives_than_the_one_rolled_up_are_satisfied_at_once() -> None:
    """RB.1.2.a concerns the objective that contributes to rollup; a measure decides the others whenever it is known."""
    other = Objective("other", satisfied_by_measure=True, min_normalized_measure=0.5)
    played = course(
        sco(
            "a",
            objectives=(primary(), other),
            measure_satisfaction_if_active=False,
            post_conditions=(rule("retry", "not satisfied", referenced_objective="other"),),
        ),
        sco("b"),
    )
    playing = Playing(played)
    playing.request("start")
    playing.report(cmi__objectives__0__score__scaled="0.4")
    shown = [playing.request("continue")]
    playing.report(cmi__objectives__0__score__scaled="0.6")

    assert [*shown, playing.request("continue")] == ["a", "b"]


def writing(target: str) -> tuple[Objective]:
    read_nothing = {"read_satisfied_status": False, "read_normalized_measure": False}
    return (primary("w", maps=(link(target, write_satisfied_status=True, **read_nothing),)),)


def reading(identifier: str, target: str) -> Activity:
    return sco(identifier, objectives=(primary("r", maps=(link(target),)),))


def test_what_rollup_shares_again_reaches_its_readers_again() -> None:
    """SN 4.6.3: a cluster whose status changes twice in one rollup tells those who read it twice."""
    follows = (rollup_rule("satisfied", "satisfied"), rollup_rule("notSatisfied", "not satisfied"))
    agrees = (  # satisfied where its two children are alike: false for a moment when one changes before the other
        rollup_rule("notSatisfied", "objectiveStatusKnown"),
        rollup_rule("satisfied", "satisfied"),
        rollup_rule("satisfied", "satisfied", child_set="none"),
    )
    played = course(
        cluster("x", reading("x1", "one"), reading("x2", "two"), objectives=writing("three"), rollup_rules=agrees),
        cluster("z", reading("z1", "three"), objectives=writing("four"), rollup_rules=follows),
        cluster("y", reading("y1", "one"), objectives=writing("two"), rollup_rules=follows),
        sco("a", objectives=writing("one")),
        flow=False,
    )
    playing = Playing(played)
    playing.request("start")
    for success, shared in (("failed", False), ("passed", True), ("failed", False)):
        playing.request("choice", "a")
        playing.report(cmi__success_status=success)
        playing.request("exit")
        found = [status_of(playing, target) for target in ("one", "two", "three", "four")]
        assert found == [shared, shared, True, True]


SHARED_ELEMENTS = (
    # map field, element of the SCO, value, element of cmi.objectives in the next SCO
    ("satisfied_status", "cmi.success_status", "passed", "success_status"),
    ("normalized_measure", "cmi.score.scaled", "0.25", "score.scaled"),
    ("completion_status", "cmi.completion_status", "completed", "completion_status"),
    ("progress_measure", "cmi.progress_measure", "0.75", "progress_measure"),
    ("raw_score", "cmi.score.raw", "7", "score.raw"),
    ("min_score", "cmi.score.min", "1", "score.min"),
    ("max_score", "cmi.score.max", "9", "score.max"),
)
ALL_READS_OFF = {f"read_{name}": False for name, *_ in SHARED_ELEMENTS}


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize(
    ("name", "element", "value", "found"), SHARED_ELEMENTS, ids=[row[0] for row in SHARED_ELEMENTS]
)
def test_each_element_is_shared_by_its_own_pair_of_maps(
    name: str, element: str, value: str, found: str, writes: bool, reads: bool
) -> None:
    """SN 3.10.2, 4th Ed.: what is written under one name is found under it, and nothing else is."""
    writer = primary("w", maps=(link("shared", **(ALL_READS_OFF | {f"write_{name}": writes})),))
    reader = primary("r", maps=(link("shared", **(ALL_READS_OFF | {f"read_{name}": reads})),))
    playing = Playing(course(sco("a", objectives=(writer,)), sco("b", objectives=(reader,))))
    playing.request("start")
    playing.report(**{element.replace(".", "__"): value})
    playing.request("continue")

    shared = {key: text for key, text in playing.values().items() if key.startswith("cmi.objectives.0.")}

    at = {"cmi.objectives.0.id": "r"}
    assert shared == (at | {f"cmi.objectives.0.{found}": value} if writes and reads else at)


CONSIDERED = (
    # required for satisfied, requests and reports of the second SCO, success of the whole
    ("always", (), "unknown"),
    ("ifAttempted", (), "passed"),
    ("ifAttempted", ({"cmi__success_status": "unknown"},), "unknown"),
    ("ifNotSuspended", (), "passed"),
    ("ifNotSuspended", ({"cmi__exit": "suspend"},), "passed"),
    ("ifNotSuspended", ({"cmi__success_status": "unknown"},), "unknown"),
    ("ifNotSkipped", (), "unknown"),
)


@pytest.mark.parametrize(("required", "reports", "success"), CONSIDERED)
def test_which_children_a_rollup_requires(required: str, reports: tuple[dict[str, str], ...], success: str) -> None:
    """RB.1.4.2 with one child that is satisfied and one of which nothing is known."""
    other = sco("b", required_for_satisfied=required, objective_set_by_content=True)
    playing = Playing(course(sco("a"), other, flow=False))
    playing.request("start")
    for report in reports:
        playing.request("choice", "b")
        playing.report(**report)
    playing.request("choice", "a")
    playing.report(**PASSED)
    playing.request("exitAll")

    assert playing.state.outcome.success == success


def test_a_skipped_child_is_not_required() -> None:
    """RB.1.4.2 ifNotSkipped."""
    skipped = sco("b", required_for_satisfied="ifNotSkipped", pre_conditions=(rule("skip", "always"),))

    assert rolled_up(course(sco("a"), skipped), PASSED)[1] == "passed"


WRITES_ONLY = {"read_satisfied_status": False, "read_normalized_measure": False}


@pytest.mark.parametrize(
    ("tracked", "shared"),
    [(True, {"one": {"satisfied": True}, "two": {"satisfied": True, "measure": 0.3}}), (False, {})],
)
def test_an_objective_is_written_to_every_target_of_a_tracked_activity(tracked: bool, shared: dict[str, Any]) -> None:
    """SN 3.10.2: several maps may write; SN 3.13: what is not tracked writes nothing."""
    maps = (
        link("one", write_satisfied_status=True, **WRITES_ONLY),
        link("two", write_satisfied_status=True, write_normalized_measure=True, **WRITES_ONLY),
    )
    playing = Playing(course(sco("a", tracked=tracked, objectives=(primary("w", maps=maps),)), sco("b")))
    playing.request("start")
    playing.report(cmi__success_status="passed", cmi__score__scaled="0.3")
    playing.request("continue")

    assert playing.state.memory.get("system", {}).get("objectives", {}) == shared


def test_a_shared_measure_satisfies_an_objective_by_its_own_minimum() -> None:
    """SN 3.10: each objective that reads a measure compares it with its own minNormalizedMeasure."""
    writer = primary("w", maps=(link("m", write_normalized_measure=True, **WRITES_ONLY),))
    strict = Objective("strict", satisfied_by_measure=True, min_normalized_measure=0.95, maps=(link("m"),))
    mild = Objective("mild", satisfied_by_measure=True, min_normalized_measure=0.5, maps=(link("m"),))
    playing = Playing(course(sco("a", objectives=(writer,)), sco("b", objectives=(primary(), strict, mild))))
    playing.request("start")
    playing.report(cmi__score__scaled="0.9")
    playing.request("continue")

    found = {key: value for key, value in playing.values().items() if key.startswith("cmi.objectives.")}

    assert found == {
        "cmi.objectives.0.id": "strict",
        "cmi.objectives.0.success_status": "failed",
        "cmi.objectives.0.score.scaled": "0.9",
        "cmi.objectives.1.id": "mild",
        "cmi.objectives.1.success_status": "passed",
        "cmi.objectives.1.score.scaled": "0.9",
    }


def test_a_suspended_attempt_uses_up_no_attempt_and_asks_for_no_retry() -> None:
    """UP.1 step 2, TB.2.2 step 1: only a new attempt is limited, and only one that has ended is tried again."""
    limited = sco("a", attempt_limit=1, post_conditions=(rule("retry", "always"),))
    playing = Playing(course(limited, sco("b")))
    playing.request("start")
    playing.report(cmi__exit="suspend")

    assert [playing.request("continue"), playing.request("previous")] == ["b", "a"]
    assert playing.values()["cmi.entry"] == "resume"
    playing.report(cmi__exit="")
    assert playing.request("continue") == "nothing"  # tried again, and its one attempt is used up


def test_of_several_rules_the_first_that_holds_acts_and_then_its_parents() -> None:
    """UP.2, TB.2.3 step 3.3: after exitParent the parent decides, whatever was requested."""
    leaf = sco("m1", post_conditions=(rule("retry", "not attempted"), rule("exitParent", "completed")))
    module = cluster("m", leaf, sco("m2"), flow=True, post_conditions=(rule("continue", "always"),))
    playing = Playing(course(sco("a"), module, sco("n")))
    playing.request("start")
    playing.request("continue")
    playing.report(cmi__completion_status="completed")

    assert playing.request("previous") == "n"
