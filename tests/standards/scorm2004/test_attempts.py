"""How attempts begin, are suspended, end and are left, over several sessions (SN 4.2.1, 4.7; RTE 2.1.1, 4.2)."""

from dataclasses import replace

import pytest

from standards.structure import CompletionThreshold

from .courses import Playing, cluster, course, primary, rollup_rule, sco


def test_suspend_all_suspends_whatever_exit_the_sco_has_set() -> None:
    """TB.2.3 step 5 suspends the current activity and all above it."""
    playing = Playing(course(sco("a"), sco("b")))
    playing.request("start")
    playing.report(cmi__exit="normal", cmi__location="p7", cmi__session_time="PT10S")

    ended = playing.request("suspendAll")

    assert (ended, playing.request("start")) == ("suspended", "a")
    values = playing.values()
    assert (values["cmi.entry"], values["cmi.location"], values["cmi.total_time"]) == ("resume", "p7", "PT10S")


def test_an_abandoned_attempt_that_was_resumed_is_over() -> None:
    """TB.2.3 step 6: it is suspended no longer, so what follows is a new attempt (DB.2 step 5)."""
    playing = Playing(course(sco("a"), sco("b"), choice=True))
    playing.request("start")
    playing.report(cmi__exit="suspend", cmi__location="p7")
    playing.request("continue")
    playing.request("choice", "a")
    assert playing.values()["cmi.entry"] == "resume"
    playing.report(cmi__location="p8")

    playing.request("abandon")

    assert playing.request("choice", "a") == "a"
    assert (playing.values()["cmi.entry"], playing.values().get("cmi.location")) == ("ab-initio", None)


@pytest.mark.parametrize(("exit_", "entry"), [("suspend", "resume"), ("normal", "ab-initio"), ("", "ab-initio")])
def test_each_activity_is_found_as_it_was_left(exit_: str, entry: str) -> None:
    """RTE 4.2.8 and 4.2.9, with other activities in between."""
    playing = Playing(course(sco("a"), sco("b"), choice=True))
    playing.request("start")
    playing.report(cmi__exit=exit_)
    playing.request("continue")
    playing.report(cmi__exit="normal")

    playing.request("choice", "a")

    assert playing.values()["cmi.entry"] == entry


def test_what_an_activity_that_limits_attempts_allows() -> None:
    """UP.1: a limit of one lets the suspended attempt go on, and no other begin."""
    playing = Playing(course(sco("a", attempt_limit=1), sco("b"), choice=True))
    playing.request("start")
    playing.report(cmi__exit="suspend")
    playing.request("continue")
    assert "a" in playing.enabled()
    assert playing.request("choice", "a") == "a"
    playing.report(cmi__exit="normal")
    playing.request("continue")

    assert "a" not in playing.enabled()


def drawn(timing: str) -> Playing:
    """Three of eight, in an order of chance."""
    children = (sco(f"s{number}") for number in range(8))
    chance = {
        "selection_timing": timing,
        "selection_count": 3,
        "randomization_timing": timing,
        "reorder_children": True,
    }
    return Playing(course(cluster("c", *children, flow=True, **chance)))


def through(playing: Playing) -> list[str]:
    """What is shown from the start of a session to the end of the course."""
    shown = [playing.request("start")]
    while playing.state.current:
        playing.report()
        shown.append(playing.request("continue"))
    return shown[:-1]


@pytest.mark.parametrize("timing", ["once", "onEachNewAttempt"])
def test_a_draw_lasts_over_a_suspended_session(timing: str) -> None:
    """SR.1 and SR.2 step 2: nothing is drawn anew for an activity that is suspended."""
    suspended, straight = drawn(timing), drawn(timing)
    first = suspended.request("start")
    suspended.report(cmi__exit="suspend")
    assert suspended.request("suspendAll") == "suspended"

    shown = through(suspended)

    assert (shown[0], len(set(shown))) == (first, 3)
    assert shown == through(straight)


@pytest.mark.parametrize(("timing", "differs"), [("never", False), ("once", False), ("onEachNewAttempt", True)])
def test_when_a_new_attempt_draws_anew(timing: str, differs: bool) -> None:
    """SN 3.8.2, 3.8.4: never, before the first attempt, or before each."""
    playing = drawn(timing)
    shown = [through(playing) for _ in range(4)]

    assert {len(each) for each in shown} == {8 if timing == "never" else 3}
    assert (len(set(map(tuple, shown))) > 1) is differs


@pytest.mark.parametrize(
    ("weights", "minimum", "completion"),
    [
        ((1.0, 1.0), 0.5, "completed"),  # (1 + 0) / 2
        ((1.0, 1.0), 0.6, "incomplete"),
        ((0.8, 0.2), 0.6, "completed"),
        ((0.0, 1.0), 0.1, "incomplete"),
        ((0.0, 0.0), 0.1, "unknown"),  # RB.1.1.b: nothing to divide by
    ],
)
def test_completion_by_measure_goes_by_weight(weights: tuple[float, float], minimum: float, completion: str) -> None:
    """RB.1.1.b and RB.1.3.a: an activity without a measure counts as zero."""
    leaves = [
        replace(sco(name), completion_threshold=CompletionThreshold(True, 1.0, weight))
        for name, weight in zip("ab", weights, strict=True)
    ]
    root = course(*leaves)
    whole = replace(root.root, completion_threshold=CompletionThreshold(True, minimum, 1.0))
    playing = Playing(replace(root, organizations=(replace(root.organization, root=whole),)))
    playing.request("start")
    playing.report(cmi__progress_measure="1")
    playing.request("continue")

    assert playing.state.outcome.completion == completion


@pytest.mark.parametrize(("current_only", "success"), [(True, "unknown"), (False, "passed")])
def test_whether_objectives_of_the_earlier_attempt_count(current_only: bool, success: str) -> None:
    """SN 3.3.3 Use Current Attempt Objective Information: what a child earned before its parent's attempt."""
    rolls = {"rollup_rules": (rollup_rule("satisfied", "satisfied", child_set="any"),)}
    inner = cluster(
        "c",
        sco("a", objectives=(primary("o"),), objective_set_by_content=True),
        sco("b", objective_set_by_content=True),
        flow=True,
        choice=True,
        use_current_attempt_objective_info=current_only,
        **rolls,
    )
    playing = Playing(course(inner, sco("z"), choice=True))
    playing.request("start")
    playing.report(cmi__success_status="passed")
    playing.request("choice", "z")
    playing.request("choice", "b")
    playing.request("choice", "z")

    tracked = playing.state.memory["tracking"]["activities"]["c"]
    satisfied = tracked.get("objectives", {}).get("", {}).get("satisfied")
    assert {None: "unknown", True: "passed"}[satisfied] == success
