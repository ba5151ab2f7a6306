"""The activity tree and the tracking model (SN 4.2): what every process reads and writes.

A status of the book ("Objective Progress Status" with "Objective Satisfied Status") is one value here: None says that
the progress status is False, that is, nothing is known.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from ...structure import Activity, CompletionThreshold, Objective, ObjectiveMap, Organization

VERSION = 1
UNTHRESHOLDED = CompletionThreshold()
DIGITS = 7  # of a real(10,7), which measures are (RTE 4.1.1.5)


# --- the tree ---------------------------------------------------------------------------------------------------------


class Node:
    """An activity at its place in the tree; compared by identity."""

    __slots__ = ("activity", "children", "id", "index", "maps", "objectives", "parent", "primary", "sequencing")

    def __init__(self, activity: Activity, parent: "Node | None", index: int) -> None:
        self.activity = activity
        self.parent = parent
        self.index = index  # place in a pre-order walk
        self.id = activity.identifier
        self.sequencing = activity.sequencing
        self.children: list[Node] = []
        declared = activity.sequencing.objectives
        self.primary = next((objective for objective in declared if objective.primary), Objective(primary=True))
        self.objectives = [self.primary, *(objective for objective in declared if not objective.primary)]

    @property
    def is_leaf(self) -> bool:
        return not self.children

    @property
    def threshold(self) -> CompletionThreshold:
        return self.activity.completion_threshold or UNTHRESHOLDED

    def objective(self, identifier: str) -> Objective | None:
        """The local objective of that name; the primary one when no name is given (SN 3.4.2)."""
        if not identifier:
            return self.primary
        return next((objective for objective in self.objectives if objective.identifier == identifier), None)

    def ancestors(self) -> "Iterator[Node]":
        """This activity, its parent, and so on up to the root."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent


class Tree:
    """The activity tree of one organization."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.nodes: dict[str, Node] = {}
        self.readers: dict[str, list[Node]] = {}  # shared global objective -> activities that read it
        self.root = self._grow(organization.root, None)
        self._open_single_activity()

    def _open_single_activity(self) -> None:
        """A course of one activity that leaves the control modes alone starts with it: there is nothing to choose."""
        root = self.root
        alone = len(root.children) == 1 and root.children[0].is_leaf
        if alone and root.sequencing.choice and not root.sequencing.flow:
            root.sequencing = replace(root.sequencing, choice=False, flow=True)

    def _grow(self, activity: Activity, parent: Node | None) -> Node:
        node = Node(activity, parent, len(self.nodes))
        self.nodes[node.id] = node
        for target in {link.target for objective in node.objectives for link in objective.maps if reads(link)}:
            self.readers.setdefault(target, []).append(node)
        node.children = [self._grow(child, node) for child in activity.children]
        return node


_TREES: dict[int, Tree] = {}  # by id of their organization, which each of them keeps alive
MOST_TREES = 32


def tree_of(organization: Organization) -> Tree:
    """The activity tree of an organization, grown once while it is in use: nothing changes a tree."""
    found = _TREES.get(id(organization))
    if found is None or found.organization is not organization:
        if len(_TREES) >= MOST_TREES:
            _TREES.clear()
        found = _TREES[id(organization)] = Tree(organization)
    return found


def reads(link: ObjectiveMap) -> bool:
    return (
        link.read_satisfied_status
        or link.read_normalized_measure
        or link.read_raw_score
        or link.read_min_score
        or link.read_max_score
        or link.read_completion_status
        or link.read_progress_measure
    )


# --- the tracking model -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class ObjectiveProgress:
    """Objective Progress Information (SN 4.2.1.2), local or shared; the primary one's completion is the attempt's."""

    satisfied: bool | None = None
    measure: float | None = None
    completed: bool | None = None
    progress: float | None = None  # Attempt Completion Amount
    raw: float | None = None
    minimum: float | None = None
    maximum: float | None = None


# element of ObjectiveProgress -> the attributes of a map that let it be read and written
MAPPED = {
    "satisfied": ("read_satisfied_status", "write_satisfied_status"),
    "measure": ("read_normalized_measure", "write_normalized_measure"),
    "completed": ("read_completion_status", "write_completion_status"),
    "progress": ("read_progress_measure", "write_progress_measure"),
    "raw": ("read_raw_score", "write_raw_score"),
    "minimum": ("read_min_score", "write_min_score"),
    "maximum": ("read_max_score", "write_max_score"),
}
ABOUT_COMPLETION = ("completed", "progress")
SHARED_FIRST = ("satisfied", "measure")


@dataclass(slots=True)
class ActivityProgress:
    """Activity State, Activity and Attempt Progress Information of one activity (SN 4.2.1)."""

    active: bool = False  # Activity is Active
    suspended: bool = False  # Activity is Suspended
    attempts: int = 0  # Activity Attempt Count; Activity Progress Status is False at 0
    available: list[str] | None = None  # Available Children; None: all of them, in the manifest's order
    objectives: dict[str, ObjectiveProgress] = field(default_factory=dict)
    stale_objectives: bool = False  # recorded before the parent's current attempt (Use Current Attempt Objective Info)
    stale_progress: bool = False  # the same for Use Current Attempt Progress Info
    success_by_content: bool = False  # the content itself spoke, were it to say "unknown"
    completion_by_content: bool = False
    attempt_began: str = ""  # ISO 8601 UTC
    attempt_ended: str = ""  # "" while the attempt goes on, suspended or not
    began: str = ""  # of the first attempt
    attempt_seconds: float = 0.0  # Attempt Experienced Duration
    seconds: float = 0.0  # Activity Experienced Duration

    def copy(self) -> "ActivityProgress":
        return replace(
            self,
            objectives={key: replace(value) for key, value in self.objectives.items()},
            available=None if self.available is None else list(self.available),
        )


@dataclass(slots=True)
class Tracking:
    """Everything a sequencing session remembers (SN 4.2): goes to and from JSON with a version."""

    activities: dict[str, ActivityProgress] = field(default_factory=dict)
    current: str = ""  # Current Activity
    suspended: str = ""  # Suspended Activity
    objectives: dict[str, ObjectiveProgress] = field(default_factory=dict)  # shared, for one attempt on the course
    system_objectives: dict[str, ObjectiveProgress] = field(default_factory=dict)  # shared, for the learner's lifetime
    data: dict[str, str] = field(default_factory=dict)  # adl.data stores, for one attempt on the course
    system_data: dict[str, str] = field(default_factory=dict)
    seed: str = ""  # of selection and randomisation
    draws: int = 0  # how often the seed has been used

    def copy(self) -> "Tracking":
        return replace(
            self,
            activities={key: value.copy() for key, value in self.activities.items()},
            objectives={key: replace(value) for key, value in self.objectives.items()},
            system_objectives={key: replace(value) for key, value in self.system_objectives.items()},
            data=dict(self.data),
            system_data=dict(self.system_data),
        )

    def to_json(self) -> dict[str, Any]:
        return {"version": VERSION, **_plain(self)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Tracking":
        """Raises ValueError for a version this code does not know."""
        version = stored.get("version", VERSION)
        if version != VERSION:
            raise ValueError(f"Sequencing state of version {version} cannot be read; this is version {VERSION}.")
        known = {name: value for name, value in stored.items() if name != "version"}
        known["activities"] = {key: _activity(value) for key, value in stored.get("activities", {}).items()}
        for name in ("objectives", "system_objectives"):
            known[name] = {key: ObjectiveProgress(**value) for key, value in stored.get(name, {}).items()}
        for name in ("data", "system_data"):
            known[name] = dict(stored.get(name, {}))
        return cls(**known)


def _activity(stored: Mapping[str, Any]) -> ActivityProgress:
    objectives = {key: ObjectiveProgress(**value) for key, value in stored.get("objectives", {}).items()}
    available = stored.get("available")
    return ActivityProgress(
        **{**stored, "objectives": objectives, "available": None if available is None else list(available)}
    )


_FIELDS = {
    kind: [(item.name, item.default) for item in fields(kind)]
    for kind in (ObjectiveProgress, ActivityProgress, Tracking)
}


def _plain(value: Any) -> Any:
    """Only what differs from the default, so that an untouched course costs nothing to keep."""
    if isinstance(value, dict):
        return {key: plain for key, entry in value.items() if (plain := _plain(entry)) != {}}
    if (known := _FIELDS.get(type(value))) is None:
        return list(value) if isinstance(value, list) else value
    changed = {name: entry for name, default in known if (entry := getattr(value, name)) != default and entry != {}}
    return {name: plain for name, entry in changed.items() if (plain := _plain(entry)) != {}}


# --- one run over them ------------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Run:
    """One pass of the processes over a tree and its tracking model, which it changes in place."""

    tree: Tree
    tracking: Tracking
    now: str = ""  # ISO 8601 UTC
    trace: list[dict[str, Any]] | None = None  # steps so far of the process under way; None: keep no trace
    tentative: bool = False  # a look-ahead: a sequencing request must not end attempts
    written: set[str] = field(default_factory=set)  # shared objectives written since the last rollup
    offered: dict[Node, str] | None = None  # SB.2.9 steps 2 and 3 as found so far, in a run that changes no more

    # activity state

    def progress(self, node: Node) -> ActivityProgress:
        found = self.tracking.activities.get(node.id)
        if found is None:
            found = self.tracking.activities[node.id] = ActivityProgress()
        return found

    @property
    def current(self) -> Node | None:
        return self.tree.nodes.get(self.tracking.current)

    @current.setter
    def current(self, node: Node | None) -> None:
        self.tracking.current = node.id if node else ""

    @property
    def suspended(self) -> Node | None:
        return self.tree.nodes.get(self.tracking.suspended)

    @suspended.setter
    def suspended(self, node: Node | None) -> None:
        self.tracking.suspended = node.id if node else ""

    def available(self, node: Node) -> list[Node]:
        """Available Children (SN 4.2.1.6)."""
        chosen = self.progress(node).available
        if chosen is None:
            return node.children
        return [self.tree.nodes[identifier] for identifier in chosen if identifier in self.tree.nodes]

    def draw(self) -> random.Random:
        """A source of chance that gives the same for the same state."""
        self.tracking.draws += 1
        return random.Random(f"{self.tracking.seed}/{self.tracking.draws}")

    # objectives

    @property
    def shared(self) -> dict[str, ObjectiveProgress]:
        """The shared global objectives of this course (SN 3.10.2, objectivesGlobalToSystem)."""
        to_system = self.tree.organization.objectives_global_to_system
        return self.tracking.system_objectives if to_system else self.tracking.objectives

    @property
    def stores(self) -> dict[str, str]:
        """The values of the adl.data stores (sharedDataGlobalToSystem)."""
        to_system = self.tree.organization.shared_data_global_to_system
        return self.tracking.system_data if to_system else self.tracking.data

    def local(self, node: Node, objective: Objective) -> ObjectiveProgress:
        kept = self.progress(node).objectives
        key = "" if objective is node.primary else objective.identifier
        found = kept.get(key)
        if found is None:
            found = kept[key] = ObjectiveProgress()
        return found

    def read(self, node: Node, objective: Objective, element: str, in_rollup: bool = False) -> Any:
        """What is known of an element of an objective, seen through its maps (SN 3.10.2).

        A read map puts the shared objective's satisfaction and measure in the place of the local ones; of the other
        elements the local value counts while the shared one is unknown. Rollup leaves out what was recorded locally
        before the parent's current attempt (SN 3.3.3, 3.3.4).
        """
        attribute = MAPPED[element][0]
        for link in objective.maps:
            if getattr(link, attribute):
                shared = self.shared.get(link.target)
                value = None if shared is None else getattr(shared, element)
                if value is not None or element in SHARED_FIRST:
                    return value
        progress = self.progress(node)
        stale = progress.stale_progress if element in ABOUT_COMPLETION else progress.stale_objectives
        return None if in_rollup and stale else getattr(self.local(node, objective), element)

    def write(self, node: Node, objective: Objective, element: str, value: Any, explicit: bool = False) -> None:
        """Keep a value locally and in every shared objective a write map names (SN 3.10.2).

        "Unknown" reaches shared objectives only where it takes back a known value or the content says so itself.
        """
        if value is not None:
            self._forget_stale(node, element)
        local = self.local(node, objective)
        taken_back = getattr(local, element) is not None
        setattr(local, element, value)
        if value is None and not (taken_back or explicit):
            return
        attribute = MAPPED[element][1]
        for link in objective.maps:
            if getattr(link, attribute):
                shared = self.shared.setdefault(link.target, ObjectiveProgress())
                if getattr(shared, element) != value:
                    setattr(shared, element, value)
                    self.written.add(link.target)

    def _forget_stale(self, node: Node, element: str) -> None:
        """What is recorded now begins the record of the parent's current attempt."""
        progress = self.progress(node)
        of_completion = element in ABOUT_COMPLETION
        if not (progress.stale_progress if of_completion else progress.stale_objectives):
            return
        for kept in progress.objectives.values():
            for name in MAPPED:
                if (name in ABOUT_COMPLETION) == of_completion:
                    setattr(kept, name, None)
        if of_completion:
            progress.stale_progress = False
        else:
            progress.stale_objectives = False

    def is_satisfied(self, node: Node, objective: Objective, in_rollup: bool = False) -> bool | None:
        """Objective Satisfied Status; its measure decides where the objective is satisfied by measure (SN 3.10)."""
        if not node.sequencing.tracked:
            return None
        return None if self._is_held_back(node, objective) else self.status(node, objective, in_rollup)

    def _is_held_back(self, node: Node, objective: Objective) -> bool:
        """Whether the measure of the rolled-up objective decides only once the activity has ended (RB.1.2.a)."""
        waits = objective.satisfied_by_measure and not node.sequencing.measure_satisfaction_if_active
        return waits and objective is node.primary and self.progress(node).active

    def status(self, node: Node, objective: Objective, in_rollup: bool = False) -> bool | None:
        """The same whether the activity is tracked or not."""
        if not objective.satisfied_by_measure:
            value: bool | None = self.read(node, objective, "satisfied", in_rollup)
            return value
        measure: float | None = self.read(node, objective, "measure", in_rollup)
        return None if measure is None else measure >= objective.min_normalized_measure

    def measure(self, node: Node, objective: Objective, in_rollup: bool = False) -> float | None:
        """Objective Normalized Measure."""
        if not node.sequencing.tracked:
            return None
        value: float | None = self.read(node, objective, "measure", in_rollup)
        return value

    def is_completed(self, node: Node, objective: Objective, in_rollup: bool = False) -> bool | None:
        """Attempt Completion Status, or an objective's own; the amount decides where it is completed by measure."""
        if not node.sequencing.tracked:
            return None
        if objective is node.primary and node.threshold.by_measure:
            amount = self.amount(node, in_rollup)
            return None if amount is None else amount >= node.threshold.minimum
        value: bool | None = self.read(node, objective, "completed", in_rollup)
        return value

    def amount(self, node: Node, in_rollup: bool = False) -> float | None:
        """Attempt Completion Amount."""
        if not node.sequencing.tracked:
            return None
        value: float | None = self.read(node, node.primary, "progress", in_rollup)
        return value

    def set_satisfied(self, node: Node, objective: Objective, value: bool | None, explicit: bool = False) -> None:
        """Has no effect on an objective satisfied by measure: its measure alone decides."""
        if node.sequencing.tracked and not objective.satisfied_by_measure:
            self.write(node, objective, "satisfied", value, explicit)

    def set_measure(self, node: Node, objective: Objective, value: float | None) -> None:
        if not node.sequencing.tracked:
            return
        self.write(node, objective, "measure", None if value is None else round(value, DIGITS))
        self.settle_measure(node, objective)

    def settle_measure(self, node: Node, objective: Objective) -> None:
        """Record, and share, the status that an objective satisfied by measure has come to."""
        if node.sequencing.tracked and objective.satisfied_by_measure and not self._is_held_back(node, objective):
            measure = self.measure(node, objective)
            satisfied = None if measure is None else measure >= objective.min_normalized_measure
            self.write(node, objective, "satisfied", satisfied)

    def set_completed(self, node: Node, objective: Objective, value: bool | None, explicit: bool = False) -> None:
        """Has no effect on an activity completed by measure: its amount alone decides (CAM 3.4.1.15)."""
        by_measure = objective is node.primary and node.threshold.by_measure
        if node.sequencing.tracked and not by_measure:
            self.write(node, objective, "completed", value, explicit)

    def set_amount(self, node: Node, objective: Objective, value: float | None) -> None:
        if not node.sequencing.tracked:
            return
        self.write(node, objective, "progress", None if value is None else round(value, DIGITS))
        if objective is node.primary:
            self.settle_amount(node)

    def settle_amount(self, node: Node) -> None:
        """Record, and share, the completion that an activity completed by measure has come to."""
        if node.sequencing.tracked and node.threshold.by_measure:
            amount = self.amount(node)
            completed = None if amount is None else amount >= node.threshold.minimum
            self.write(node, node.primary, "completed", completed)

    # time

    def seconds_since(self, moment: str, until: str = "") -> float:
        """Wall-clock seconds from a moment until another, else until now; 0 where either is not known."""
        until = until or self.now
        if not (moment and until):
            return 0.0
        return (instant(until) - instant(moment)).total_seconds()

    # trace

    def note(self, step: str, **values: Any) -> None:
        """Say in the trace what a step found."""
        if self.trace is not None:
            self.trace.append({"step": step, **{name: describe(value) for name, value in values.items()}})


def instant(moment: str) -> datetime:
    """An ISO 8601 time as a moment; one without a zone is taken as UTC."""
    parsed = datetime.fromisoformat(moment)
    return parsed if parsed.tzinfo else datetime.fromisoformat(moment + "+00:00")


def moment_of(text: str) -> datetime | None:
    """A time as an author wrote it; None where it cannot be read."""
    try:
        return instant(text) if text else None
    except ValueError:
        return None


def describe(value: Any) -> Any:
    """A value as the trace shows it: activities by identifier, results in plain JSON."""
    if isinstance(value, Node):
        return value.id
    if isinstance(value, (list, tuple)):
        return [describe(entry) for entry in value]
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: describe(getattr(value, item.name)) for item in fields(value)}
    return value


# --- places in the tree -----------------------------------------------------------------------------------------------


def path(ancestor: Node, descendant: Node) -> list[Node]:
    """From an ancestor down to a descendant, both included."""
    found: list[Node] = []
    for node in descendant.ancestors():
        found.append(node)
        if node is ancestor:
            break
    return found[::-1]


def common_ancestor(first: Node, second: Node) -> Node:
    """The lowest activity that both are, or are below."""
    line = set(first.ancestors())
    return next(node for node in second.ancestors() if node in line)


def is_within(node: Node, ancestor: Node) -> bool:
    """Whether an activity is another one or below it."""
    return any(above is ancestor for above in node.ancestors())
