"""What holds for every tree and every sequence of requests (SN 4)."""

import json
import random
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from standards import scorm2004
from standards.scorm2004.sequencing.rollup import overall_rollup
from standards.scorm2004.sequencing.tracking import Tracking, Tree
from standards.scorm2004.session import open_run
from standards.structure import (
    Activity,
    CompletionThreshold,
    CourseStructure,
    Objective,
    ObjectiveMap,
    Organization,
    Report,
    Request,
    RollupRule,
    RuleCondition,
    Sequencing,
    SequencingRule,
    State,
)

from .courses import LEARNER, NOW, without_trace

TARGETS = ("shared-1", "shared-2")
CONDITIONS = (
    "satisfied",
    "objectiveStatusKnown",
    "objectiveMeasureKnown",
    "objectiveMeasureGreaterThan",
    "completed",
    "activityProgressKnown",
    "attempted",
    "attemptLimitExceeded",
    "always",
)
PRE = ("skip", "disabled", "hiddenFromChoice", "stopForwardTraversal")
POST = ("exitParent", "exitAll", "retry", "retryAll", "continue", "previous")
ROLLUP = ("satisfied", "notSatisfied", "completed", "incomplete")
TIMINGS = ("never", "once", "onEachNewAttempt")
NAMES = ("start", "continue", "previous", "exit", "exitAll", "suspendAll", "abandon", "abandonAll", "choice", "jump")

conditions = some.lists(
    some.builds(RuleCondition, some.sampled_from(CONDITIONS), some.booleans(), some.sampled_from(("", "o1"))),
    max_size=2,
).map(tuple)


def rules(actions: tuple[str, ...]) -> some.SearchStrategy[tuple[SequencingRule, ...]]:
    one = some.builds(SequencingRule, some.sampled_from(actions), conditions, some.sampled_from(("all", "any")))
    return some.lists(one, max_size=1).map(tuple)


maps = some.lists(
    some.builds(
        ObjectiveMap, some.sampled_from(TARGETS), some.booleans(), some.booleans(), some.booleans(), some.booleans()
    ),
    max_size=1,
).map(tuple)
objectives = some.tuples(
    some.builds(Objective, some.just("o1"), some.just(True), some.booleans(), some.just(0.5), maps),
    some.builds(Objective, some.just("o2"), some.just(False), some.booleans(), some.just(0.5), maps),
)
sequencings = some.builds(
    Sequencing,
    choice=some.booleans(),
    choice_exit=some.booleans(),
    flow=some.sampled_from((True, True, False)),
    forward_only=some.booleans(),
    prevent_activation=some.booleans(),
    constrain_choice=some.booleans(),
    use_current_attempt_objective_info=some.booleans(),
    pre_conditions=rules(PRE),
    exit_conditions=rules(("exit",)),
    post_conditions=rules(POST),
    attempt_limit=some.sampled_from((None, None, 1, 2)),
    rollup_rules=some.lists(
        some.builds(
            RollupRule,
            some.sampled_from(ROLLUP),
            conditions,
            child_set=some.sampled_from(("all", "any", "none", "atLeastCount", "atLeastPercent")),
            minimum_count=some.integers(0, 2),
            minimum_percent=some.sampled_from((0.0, 0.5, 1.0)),
        ),
        max_size=2,
    ).map(tuple),
    objectives=objectives,
    selection_timing=some.sampled_from(TIMINGS),
    selection_count=some.integers(1, 2),
    randomization_timing=some.sampled_from(TIMINGS),
    reorder_children=some.booleans(),
    tracked=some.sampled_from((True, True, True, False)),
)


@some.composite
def courses(draw: Any) -> CourseStructure:
    """A tree of up to three levels below the root."""
    numbers = iter(range(1000))

    def activity(depth: int) -> Activity:
        identifier = f"a{next(numbers)}"
        width = draw(some.integers(0, 3)) if depth < 3 else 0
        children = tuple(activity(depth + 1) for _ in range(width))
        threshold = CompletionThreshold(draw(some.booleans()), 0.5, 0.5) if draw(some.booleans()) else None
        kind = "aggregation" if children else draw(some.sampled_from(("sco", "asset")))
        return Activity(
            identifier,
            kind=kind,  # type: ignore[arg-type]
            children=children,
            completion_threshold=threshold,
            sequencing=draw(sequencings),
        )

    children = tuple(activity(1) for _ in range(draw(some.integers(1, 3))))
    root = Activity("root", children=children, sequencing=draw(sequencings))
    to_system = draw(some.booleans())
    return CourseStructure("SCORM20044THEDITION", "Course", (Organization(root, to_system, to_system),))


reports = some.fixed_dictionaries(
    {},
    optional={
        "cmi.success_status": some.sampled_from(("passed", "failed", "unknown")),
        "cmi.completion_status": some.sampled_from(("completed", "incomplete", "not attempted", "unknown")),
        "cmi.score.scaled": some.sampled_from(("-1", "0.4", "0.6")),
        "cmi.progress_measure": some.sampled_from(("0.1", "0.9")),
        "cmi.objectives.1.success_status": some.sampled_from(("passed", "failed")),
        "cmi.exit": some.sampled_from(("suspend", "normal", "logout", "time-out", "")),
        "adl.nav.request": some.sampled_from(("continue", "previous", "{target=a1}choice", "suspendAll", "_none_")),
    },
)
steps = some.lists(
    some.tuples(some.sampled_from(NAMES), some.integers(0, 12), reports, some.booleans()), min_size=1, max_size=12
)


def play(course: CourseStructure, script: list[Any]) -> State:
    state = scorm2004.navigate(course, State(), Request("start"), NOW, {})
    for name, number, values, by_learner in script:
        if state.current:
            state = scorm2004.record(course, state, Report(state.current, values, finished=True), {})
        if state.ended:
            name = "start"
        state = scorm2004.navigate(course, state, Request(name, f"a{number}", by_learner), NOW, {})
        check(course, state)
    return state


def check(course: CourseStructure, state: State) -> None:
    run = open_run(course, state)
    active = [node for node in run.tree.nodes.values() if run.progress(node).active]
    if state.current:
        current = run.tree.nodes[state.current]
        assert current.is_leaf
        # exactly the path to the current activity is active (SN 4.2.1.5)
        assert set(active) == set(current.ancestors())
        assert run.current is current
        assert run.suspended is None
        assert not state.ended
    else:
        assert not any(node.is_leaf for node in active)
    if run.suspended is not None:
        assert all(run.progress(node).suspended for node in run.suspended.ancestors())
        assert state.ended == "suspended" or run.current is None
    assert State.from_json(state.to_json()) == state
    shown = scorm2004.launch(course, state, LEARNER, {})
    assert shown.activity == state.current


@settings(max_examples=150, deadline=None)
@given(courses(), steps)
def test_every_state_is_consistent_and_replays_the_same(course: CourseStructure, script: list[Any]) -> None:
    first = play(course, script)
    second = play(course, script)

    assert without_trace(first) == without_trace(second)


@settings(max_examples=100, deadline=None)
@given(courses(), steps)
def test_looking_changes_nothing_and_tells_the_truth(course: CourseStructure, script: list[Any]) -> None:
    """A choice the menu offers is carried out; one it does not offer delivers nothing (SN 5.6.5)."""
    state = play(course, script)
    if state.ended:
        return
    before = state.to_json()
    shown = scorm2004.launch(course, state, LEARNER, {})

    assert state.to_json() == before
    for item in shown.menu:
        after = scorm2004.navigate(course, state, Request("choice", item.identifier), NOW, {})
        over = state.memory.get("finished") and state.current and _exits(state)
        if item.enabled:
            assert after.current or after.ended
        elif shown.valid[f"choice.{item.identifier}"] or over:
            continue  # nothing to choose between; or the SCO has ended the course itself
        else:
            assert not after.current or after.current == state.current


def _exits(state: State) -> bool:
    return state.activities[state.current].values.get("cmi.exit") in ("logout", "time-out")


@given(courses())
def test_tracking_round_trips_through_json(course: CourseStructure) -> None:
    state = scorm2004.navigate(course, State(), Request("start"), NOW, {})
    stored = state.memory["tracking"]

    assert Tracking.from_json(stored).to_json() == stored
    assert set(stored["activities"]) <= set(Tree(course.organization).nodes) if "activities" in stored else True


@settings(max_examples=60, deadline=None)
@given(courses(), steps, some.integers(0, 100))
def test_rollup_does_not_depend_on_its_order(course: CourseStructure, script: list[Any], seed: int) -> None:
    """RB.1.5 from whichever leaf first; without shared objectives, of which the last writer wins."""
    course = replace(course, organizations=(replace(course.organization, root=unmapped(course.root)),))
    state = play(course, script)
    order = [leaf.identifier for leaf in course.leaves]
    shuffled = random.Random(seed).sample(order, len(order))

    assert statuses_after_rollup(course, state, order) == statuses_after_rollup(course, state, shuffled)


@settings(max_examples=60, deadline=None)
@given(courses(), steps, some.integers(0, 100))
def test_rollup_does_not_depend_on_its_order_where_one_activity_writes(
    course: CourseStructure, script: list[Any], seed: int
) -> None:
    """RB.1.5 with shared objectives, each written by one activity and read by those that come after it (SN 4.6.3)."""
    root = read_later(written_once(course.root, set()), set())
    course = replace(course, organizations=(replace(course.organization, root=root),))
    state = play(course, script)
    order = [leaf.identifier for leaf in course.leaves]
    shuffled = random.Random(seed).sample(order, len(order))

    assert statuses_after_rollup(course, state, order) == statuses_after_rollup(course, state, shuffled)


def written_once(activity: Activity, taken: set[str]) -> Activity:
    """The same tree in which each shared objective is written by the first that would, in the order of the tree."""
    objectives = []
    for objective in activity.sequencing.objectives:
        maps = []
        for each in objective.maps:
            writes = (each.write_satisfied_status or each.write_normalized_measure) and each.target not in taken
            if writes:
                taken.add(each.target)
            maps.append(each if writes else replace(each, write_satisfied_status=False, write_normalized_measure=False))
        objectives.append(replace(objective, maps=tuple(maps)))
    sequencing = replace(activity.sequencing, objectives=tuple(objectives), rollup_rules=())
    children = tuple(written_once(child, taken) for child in activity.children)
    return replace(activity, sequencing=sequencing, children=children)


def read_later(activity: Activity, ended: set[str]) -> Activity:
    """The same tree in which a shared objective is read only after the whole activity that writes it."""
    own = {
        each.target
        for objective in activity.sequencing.objectives
        for each in objective.maps
        if each.write_satisfied_status or each.write_normalized_measure
    }
    objectives = tuple(
        replace(
            objective,
            maps=tuple(
                each
                if each.target in ended
                else replace(each, read_satisfied_status=False, read_normalized_measure=False)
                for each in objective.maps
            ),
        )
        for objective in activity.sequencing.objectives
    )
    children = tuple([read_later(child, ended) for child in activity.children])
    ended |= own
    return replace(activity, sequencing=replace(activity.sequencing, objectives=objectives), children=children)


@settings(max_examples=100, deadline=None)
@given(courses(), steps)
def test_what_is_kept_between_requests_says_all_there_is(course: CourseStructure, script: list[Any]) -> None:
    """A state that went through JSON and text goes on as the one that did not."""
    state = play(course, script)
    stored = State.from_json(json.loads(json.dumps(state.to_json())))
    name = "start" if state.ended else "continue"
    tracking = state.memory["tracking"]

    assert stored == state
    assert Tracking.from_json(tracking).to_json() == tracking
    assert scorm2004.launch(course, stored, LEARNER, {}) == scorm2004.launch(course, state, LEARNER, {})
    went, goes = (scorm2004.navigate(course, each, Request(name), NOW, {}) for each in (state, stored))
    assert went == goes


def unmapped(activity: Activity) -> Activity:
    """The same tree without shared objectives."""
    objectives = tuple(replace(objective, maps=()) for objective in activity.sequencing.objectives)
    sequencing = replace(activity.sequencing, objectives=objectives)
    return replace(activity, sequencing=sequencing, children=tuple(map(unmapped, activity.children)))


def statuses_after_rollup(course: CourseStructure, state: State, order: list[str]) -> dict[str, Any]:
    run = open_run(course, state)
    for identifier in order:
        overall_rollup(run, run.tree.nodes[identifier])
    return {
        node.id: (
            run.is_satisfied(node, node.primary),
            run.is_completed(node, node.primary),
            run.measure(node, node.primary),
        )
        for node in run.tree.nodes.values()
    }
