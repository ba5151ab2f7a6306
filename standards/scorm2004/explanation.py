"""Sequencing told to a person: what is defined, what is tracked, and how a request was decided.

Nothing here decides anything. The words are an author's: those of the manifest and the sequencing book.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..durations import format_duration
from ..structure import (
    Activity,
    ActivityState,
    CourseStructure,
    Objective,
    RollupRule,
    Sequencing,
    SequencingRule,
    State,
)
from . import runtime
from .sequencing.engine import LookAhead
from .sequencing.rules import condition_words
from .sequencing.trace import EXCEPTIONS
from .sequencing.tracking import MAPPED, Node, ObjectiveProgress, Run
from .session import open_run

Trace = Iterable[Mapping[str, Any]]

BY_RULE = ("retry", "continue", "previous")  # sequencing requests a post-condition rule can put in the place of another
REQUIRED = {
    "required_for_satisfied": "satisfied",
    "required_for_not_satisfied": "not satisfied",
    "required_for_completed": "completed",
    "required_for_incomplete": "incomplete",
}
LIMITS = {
    "attempt_absolute_duration_limit": "an attempt, wall-clock",
    "attempt_experienced_duration_limit": "an attempt, experienced",
    "activity_absolute_duration_limit": "the activity, wall-clock",
    "activity_experienced_duration_limit": "the activity, experienced",
}
SETS = {"all": "all children", "any": "any child", "none": "no child"}


# --- how a request was decided ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """The gist of a trace."""

    name: str = ""  # the navigation request that was carried out: the content's own may have taken another's place
    target: str = ""
    exception: str = ""  # the book's code
    by_rule: str = ""  # sequencing request of a post-condition rule that took the place of what was requested

    @property
    def words(self) -> str:
        """What the exception says."""
        return EXCEPTIONS.get(self.exception, "")


def decision(trace: Trace) -> Decision:
    """The gist of how a request was decided; empty where there is no trace."""
    last = next((entry for entry in reversed(list(trace)) if "process" in entry), None)
    if last is None:
        return Decision()
    given = [value for value in last.get("given", ()) if isinstance(value, str)] + ["", ""]
    result = last.get("result")
    exception = last.get("exception") or (result.get("exception", "") if isinstance(result, Mapping) else "")
    return Decision(given[0], given[1], exception, _by_rule(last.get("steps", ())))


def _by_rule(steps: Trace) -> str:
    found = (step.get("result") for step in steps if step.get("process") == "TB.2.3")
    return next((result for result in found if result in BY_RULE), "")


def why_not(course: CourseStructure, state: State, identifier: str, now: str = "") -> tuple[str, list[dict[str, Any]]]:
    """Why an activity cannot be chosen at present: the book's exception, "" where it can, and how that was found."""
    if state.ended:
        return "", []
    run = open_run(course, state, now)
    current = run.tree.nodes.get(state.current)
    if current is not None:  # what the content has reported so far counts
        held = state.activities.get(current.id, ActivityState())
        runtime.transfer(run, current, held.values)
        run.progress(current).suspended = held.values.get(runtime.EXIT) == "suspend"
    trace: list[dict[str, Any]] = []
    run.trace = trace
    ahead = LookAhead(run)
    leaving, trace[:] = list(trace), ()
    code = ahead.refusal("choice", identifier)
    return code, [*leaving, *trace] if ahead.trouble or ahead.instead else trace


# --- what is tracked --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """One line of the tracked tree."""

    active: bool = False
    suspended: bool = False
    attempts: int = 0
    completed: bool | None = None
    satisfied: bool | None = None
    measure: float | None = None
    left_out: bool = False  # not among its parent's available children: selection has not drawn it


class Tracked:
    """The tracking model of a state, read activity by activity."""

    def __init__(self, course: CourseStructure, state: State) -> None:
        self.run: Run = open_run(course, state)
        self.run.trace = None

    def standing(self, identifier: str) -> Standing:
        node, run = self.run.tree.nodes[identifier], self.run
        if identifier not in run.tracking.activities and not any(objective.maps for objective in node.objectives):
            return Standing(left_out=self._is_left_out(node))
        progress = run.progress(node)
        return Standing(
            progress.active,
            progress.suspended,
            progress.attempts,
            run.is_completed(node, node.primary),
            run.is_satisfied(node, node.primary),
            run.measure(node, node.primary),
            self._is_left_out(node),
        )

    def _is_left_out(self, node: Node) -> bool:
        return node.parent is not None and node not in self.run.available(node.parent)

    def values(self, identifier: str) -> dict[str, Any]:
        """Every tracking value of an activity under the book's own names (SN 4.2.1)."""
        node, run = self.run.tree.nodes[identifier], self.run
        progress = run.progress(node)
        return {
            "Activity is Active": progress.active,
            "Activity is Suspended": progress.suspended,
            "Available Children": [child.id for child in run.available(node)],
            "Activity Progress Status": progress.attempts > 0,
            "Activity Attempt Count": progress.attempts,
            "Activity Experienced Duration": format_duration(progress.seconds),
            "Attempt Experienced Duration": format_duration(progress.attempt_seconds),
            "First attempt began": progress.began or None,
            "Latest attempt began": progress.attempt_began or None,
            "Attempt Progress Status": run.is_completed(node, node.primary) is not None,
            "Attempt Completion Status": run.is_completed(node, node.primary),
            "Attempt Completion Amount": run.amount(node),
            "Completion set by the content": progress.completion_by_content,
            "Success set by the content": progress.success_by_content,
            "Objectives of an earlier attempt": progress.stale_objectives,
            "Progress of an earlier attempt": progress.stale_progress,
        }

    def objectives(self, identifier: str) -> list[dict[str, Any]]:
        """The objectives of an activity: what counts, what is kept locally, and the maps between them and shared."""
        node = self.run.tree.nodes[identifier]
        return [self._objective(node, objective) for objective in node.objectives]

    def _objective(self, node: Node, objective: Objective) -> dict[str, Any]:
        run = self.run
        counts = {element: run.read(node, objective, element) for element in MAPPED}
        counts |= {"satisfied": run.is_satisfied(node, objective), "completed": run.is_completed(node, objective)}
        local = run.progress(node).objectives.get("" if objective is node.primary else objective.identifier)
        return {
            "identifier": objective.identifier,
            "primary": objective.primary,
            "counts": counts,
            "local": _elements(local or ObjectiveProgress()),
            "maps": [
                {
                    "target": link.target,
                    "reads": [element for element, (read, _) in MAPPED.items() if getattr(link, read)],
                    "writes": [element for element, (_, write) in MAPPED.items() if getattr(link, write)],
                }
                for link in objective.maps
            ],
        }

    def shared_objectives(self) -> list[dict[str, Any]]:
        """Shared global objectives; `scope` says how long they last."""
        tracking, used = self.run.tracking, self._named_objectives()
        lasting = [("attempt", tracking.objectives), ("system", tracking.system_objectives)]
        here = "system" if self.run.tree.organization.objectives_global_to_system else "attempt"
        found = [
            {"identifier": name, "scope": scope, "used": name in used, "values": _elements(kept)}
            for scope, objectives in lasting
            for name, kept in objectives.items()
        ]
        known = {entry["identifier"] for entry in found if entry["scope"] == here}
        unset = [
            {"identifier": name, "scope": here, "used": True, "values": _elements(ObjectiveProgress())}
            for name in used
            if name not in known
        ]
        return sorted([*found, *unset], key=lambda entry: (not entry["used"], entry["identifier"]))

    def _named_objectives(self) -> set[str]:
        nodes = self.run.tree.nodes.values()
        return {link.target for node in nodes for objective in node.objectives for link in objective.maps}

    def data_stores(self) -> list[dict[str, Any]]:
        """The adl.data stores with their values; None where nothing was written yet."""
        tracking = self.run.tracking
        here = "system" if self.run.tree.organization.shared_data_global_to_system else "attempt"
        named = {link.target for node in self.run.tree.nodes.values() for link in node.activity.data_stores}
        held = [("attempt", tracking.data), ("system", tracking.system_data)]
        found = [
            {"identifier": name, "scope": scope, "used": name in named, "value": value}
            for scope, stores in held
            for name, value in stores.items()
        ]
        known = {entry["identifier"] for entry in found if entry["scope"] == here}
        unset = [
            {"identifier": name, "scope": here, "used": True, "value": None} for name in named if name not in known
        ]
        return sorted([*found, *unset], key=lambda entry: (not entry["used"], entry["identifier"]))

    @property
    def suspended(self) -> str:
        """Suspended Activity."""
        return self.run.tracking.suspended


def _elements(kept: ObjectiveProgress) -> dict[str, Any]:
    return {element: getattr(kept, element) for element in MAPPED}


# --- what is defined --------------------------------------------------------------------------------------------------


def definition(activity: Activity) -> list[tuple[str, list[str]]]:
    """The sequencing definition of an activity in words, by group; the defaults of the book are left out."""
    sequencing = activity.sequencing
    groups = (
        ("Control modes", _controls(activity)),
        ("Before delivery", _rules(sequencing.pre_conditions)),
        ("Exit rules", _rules(sequencing.exit_conditions)),
        ("After the attempt", _rules(sequencing.post_conditions)),
        ("Limits", _limits(sequencing)),
        ("Rollup", _rollup(activity)),
        ("Objectives", [line for objective in sequencing.objectives for line in _objective_words(objective)]),
        ("Selection and randomisation", _chance(sequencing)),
        ("Delivery", _delivery(activity)),
    )
    return [(name, lines) for name, lines in groups if lines]


def _controls(activity: Activity) -> list[str]:
    sequencing = activity.sequencing
    if activity.children:
        modes = [("choice", sequencing.choice), ("flow", sequencing.flow), ("forward only", sequencing.forward_only)]
        lines = [", ".join(f"{name} {'on' if is_on else 'off'}" for name, is_on in modes)]
    else:
        lines = []
    facts = (
        (not sequencing.choice_exit, "may not be left by choosing another activity (choice exit off)"),
        (sequencing.prevent_activation, "cannot be entered by choosing something in it (prevent activation)"),
        (sequencing.constrain_choice, "only what is next to it can be chosen from inside (constrain choice)"),
        (not sequencing.use_current_attempt_objective_info, "objectives of earlier attempts count"),
        (not sequencing.use_current_attempt_progress_info, "progress of earlier attempts counts"),
    )
    return lines + [words for holds, words in facts if holds]


def _rules(rules: Iterable[SequencingRule]) -> list[str]:
    return [f"{rule.action} if {_conditions(rule)}" for rule in rules]


def _conditions(rule: SequencingRule | RollupRule) -> str:
    joined = (" and " if rule.combination == "all" else " or ").join(map(condition_words, rule.conditions))
    return joined or "nothing"


def _limits(sequencing: Sequencing) -> list[str]:
    lines = [] if sequencing.attempt_limit is None else [f"at most {sequencing.attempt_limit} attempts"]
    for name, words in LIMITS.items():
        if (seconds := getattr(sequencing, name)) is not None:
            lines.append(f"{words}: at most {format_duration(seconds)}")
    lines += [f"not before {sequencing.begin_time_limit}"] if sequencing.begin_time_limit else []
    return lines + ([f"not after {sequencing.end_time_limit}"] if sequencing.end_time_limit else [])


def _rollup(activity: Activity) -> list[str]:
    sequencing = activity.sequencing
    lines = [f"{rule.action} if {_children(rule)}: {_conditions(rule)}" for rule in sequencing.rollup_rules]
    facts = (
        (not sequencing.tracked, "not tracked"),
        (not sequencing.rollup_objective_satisfied, "its success does not count for its parent"),
        (not sequencing.rollup_progress_completion, "its completion does not count for its parent"),
        (not sequencing.measure_satisfaction_if_active, "its measure decides only once it is no longer active"),
    )
    lines += [words for holds, words in facts if holds]
    if sequencing.objective_measure_weight != 1.0:
        lines.append(f"weight of its measure: {sequencing.objective_measure_weight:g}")
    required = ((words, getattr(sequencing, name)) for name, words in REQUIRED.items())
    return lines + [f"counts for {words}: {when}" for words, when in required if when != "always"]


def _children(rule: RollupRule) -> str:
    if rule.child_set == "atLeastCount":
        return f"at least {rule.minimum_count} children"
    if rule.child_set == "atLeastPercent":
        return f"at least {rule.minimum_percent:.0%} of the children"
    return SETS.get(rule.child_set, rule.child_set)


def _objective_words(objective: Objective) -> list[str]:
    name = objective.identifier or "without a name"
    by_measure = f", satisfied by a measure of {objective.min_normalized_measure:g}"
    lines = [f"{name}{', primary' if objective.primary else ''}{by_measure if objective.satisfied_by_measure else ''}"]
    for link in objective.maps:
        reads = [element for element, (read, _) in MAPPED.items() if getattr(link, read)]
        writes = [element for element, (_, write) in MAPPED.items() if getattr(link, write)]
        done = [f"reads {', '.join(reads)} from"] * bool(reads) + [f"writes {', '.join(writes)} to"] * bool(writes)
        lines.append(f"{name} {' and '.join(done) or 'has no access to'} {link.target}")
    return lines


def _chance(sequencing: Sequencing) -> list[str]:
    lines = []
    if sequencing.selection_timing != "never" and sequencing.selection_count is not None:
        lines.append(f"selects {sequencing.selection_count} children {_when(sequencing.selection_timing)}")
    if sequencing.randomization_timing != "never" and sequencing.reorder_children:
        lines.append(f"puts its children in random order {_when(sequencing.randomization_timing)}")
    return lines


def _when(timing: str) -> str:
    return "once" if timing == "once" else "on each new attempt"


def _delivery(activity: Activity) -> list[str]:
    threshold, sequencing = activity.completion_threshold, activity.sequencing
    lines = []
    if threshold is not None and threshold.by_measure:
        lines.append(f"completed by a progress measure of {threshold.minimum:g}")
    if threshold is not None and threshold.progress_weight != 1.0:
        lines.append(f"weight of its progress: {threshold.progress_weight:g}")
    facts = (
        (sequencing.completion_set_by_content, "completion is set by the content alone"),
        (sequencing.objective_set_by_content, "success is set by the content alone"),
        (not activity.visible, "not shown in the menu"),
        (bool(activity.hidden_controls), f"hides {', '.join(activity.hidden_controls)}"),
    )
    lines += [words for holds, words in facts if holds]
    access = {(True, True): "reads and writes", (True, False): "reads", (False, True): "writes"}
    stores = ((access.get((link.read, link.write), "names"), link.target) for link in activity.data_stores)
    return lines + [f"{verb} the data store {target}" for verb, target in stores]


# --- all of it --------------------------------------------------------------------------------------------------------


def as_json(course: CourseStructure, state: State) -> dict[str, Any]:
    """Everything that is tracked and defined, for a download."""
    tracked = Tracked(course, state)
    return {
        "current": state.current,
        "suspended": tracked.suspended,
        "ended": state.ended,
        "activities": {
            node.id: {
                "title": node.activity.title,
                "parent": node.parent.id if node.parent else "",
                "tracking": tracked.values(node.id),
                "objectives": tracked.objectives(node.id),
                "definition": dict(definition(node.activity)),
                "sequencing": node.activity.sequencing.to_json(),
            }
            for node in tracked.run.tree.nodes.values()
        },
        "shared_objectives": tracked.shared_objectives(),
        "data_stores": tracked.data_stores(),
        "values": {name: dict(held.values) for name, held in state.activities.items() if held.values},
    }
