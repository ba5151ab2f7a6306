"""The one course structure and run-time state that every standard parses to and works on.

Everything here is a frozen dataclass that goes to and from JSON (`to_json`, `from_json`), so that the same values
serve the importer, the live player, a replayed log and a test. Identifiers are the manifest's own, stripped of blanks.
"""

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self

Severity = Literal["error", "warning", "hint"]
Kind = Literal["aggregation", "sco", "asset"]
Completion = Literal["completed", "incomplete", "unknown"]
Success = Literal["passed", "failed", "unknown"]


class Json:
    """`to_json` and `from_json` for the dataclasses of this module; fields at their default are left out."""

    def to_json(self) -> dict[str, Any]:
        return {
            item.name: _plain(value)
            for item in dataclasses.fields(self)  # type: ignore[arg-type]
            if (value := getattr(self, item.name)) != _default(item)
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        hints = _hints(cls)
        return cls(**{name: _typed(hints[name], value) for name, value in data.items() if name in hints})


def _default(item: dataclasses.Field) -> Any:
    return item.default_factory() if item.default_factory is not dataclasses.MISSING else item.default


def _plain(value: Any) -> Any:
    if isinstance(value, Json):
        return value.to_json()
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(cls: type) -> dict[str, Any]:
    if cls not in _HINTS:
        _HINTS[cls] = typing.get_type_hints(cls)
    return _HINTS[cls]


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _typed(next(arg for arg in typing.get_args(hint) if arg is not type(None)), value)
    if origin is tuple:
        return tuple(_typed(typing.get_args(hint)[0], entry) for entry in value)
    if origin in (dict, Mapping):
        entry_hint = typing.get_args(hint)[1]
        return {key: _typed(entry_hint, entry) for key, entry in value.items()}
    if isinstance(hint, type) and issubclass(hint, Json):
        return hint.from_json(value)
    return value


# --- findings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding(Json):
    """Something an author should know about a package; `code` is stable, the words may change."""

    code: str
    message: str  # for the person who can act, names the member or item
    severity: Severity = "warning"
    file: str = ""  # member of the package
    line: int | None = None  # 1-based
    advice: str = ""  # what to do
    clause: str = ""  # the rule it breaks, such as "SCORM 1.2 CAM 2.3.2.1"
    fixable: bool = False  # standards/repair.py can mend it without guessing
    count: int = 1  # how many it stands for: what follows on the first of a code is counted, not listed


# --- structure --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ObjectiveMap(Json):
    """A link from a local objective to a shared global one (SCORM 2004 4th Ed. SN 3.10.2; ADL extensions 3.10.3)."""

    target: str
    read_satisfied_status: bool = True
    read_normalized_measure: bool = True
    write_satisfied_status: bool = False
    write_normalized_measure: bool = False
    read_raw_score: bool = True  # the adlseq attributes exist only where an <adlseq:mapInfo> names the target: the
    read_min_score: bool = True  # parser sets the ten fields below to False for a map without one
    read_max_score: bool = True
    read_completion_status: bool = True
    read_progress_measure: bool = True
    write_raw_score: bool = False
    write_min_score: bool = False
    write_max_score: bool = False
    write_completion_status: bool = False
    write_progress_measure: bool = False


@dataclass(frozen=True)
class Objective(Json):
    """A local objective of an activity (SN 3.10)."""

    identifier: str = ""  # may be empty for the primary one
    primary: bool = False  # contributes to rollup; exactly one in Sequencing.objectives
    satisfied_by_measure: bool = False
    min_normalized_measure: float = 1.0  # -1..1
    maps: tuple[ObjectiveMap, ...] = ()


@dataclass(frozen=True)
class RuleCondition(Json):
    """One condition of a sequencing or rollup rule (SN 3.4, 3.7)."""

    condition: str  # the manifest's word: satisfied, objectiveStatusKnown, completed, attempted, always …
    negated: bool = False  # operator="not"
    referenced_objective: str = ""
    measure_threshold: float = 0.0


@dataclass(frozen=True)
class SequencingRule(Json):
    """A pre-condition, post-condition or exit rule (SN 3.4)."""

    action: str  # the manifest's word: skip, disabled, hiddenFromChoice, stopForwardTraversal, exitParent, retry …
    conditions: tuple[RuleCondition, ...] = ()
    combination: str = "all"  # all | any


@dataclass(frozen=True)
class RollupRule(Json):
    """A rollup rule (SN 3.7)."""

    action: str  # satisfied | notSatisfied | completed | incomplete
    conditions: tuple[RuleCondition, ...] = ()
    combination: str = "any"  # all | any
    child_set: str = "all"  # all | any | none | atLeastCount | atLeastPercent
    minimum_count: int = 0
    minimum_percent: float = 0.0  # 0..1


@dataclass(frozen=True)
class Sequencing(Json):
    """The whole sequencing definition of one activity, defaults as the SN book gives them (SN 3)."""

    choice: bool = True
    choice_exit: bool = True
    flow: bool = False
    forward_only: bool = False
    use_current_attempt_objective_info: bool = True
    use_current_attempt_progress_info: bool = True
    prevent_activation: bool = False  # adlseq:constrainedChoiceConsiderations
    constrain_choice: bool = False
    pre_conditions: tuple[SequencingRule, ...] = ()
    exit_conditions: tuple[SequencingRule, ...] = ()
    post_conditions: tuple[SequencingRule, ...] = ()
    attempt_limit: int | None = None
    attempt_absolute_duration_limit: float | None = None  # seconds
    attempt_experienced_duration_limit: float | None = None  # seconds
    activity_absolute_duration_limit: float | None = None  # seconds
    activity_experienced_duration_limit: float | None = None  # seconds
    begin_time_limit: str = ""  # ISO 8601
    end_time_limit: str = ""  # ISO 8601
    rollup_rules: tuple[RollupRule, ...] = ()
    rollup_objective_satisfied: bool = True
    rollup_progress_completion: bool = True
    objective_measure_weight: float = 1.0
    required_for_satisfied: str = "always"  # always | ifAttempted | ifNotSkipped | ifNotSuspended
    required_for_not_satisfied: str = "always"
    required_for_completed: str = "always"
    required_for_incomplete: str = "always"
    measure_satisfaction_if_active: bool = True
    objectives: tuple[Objective, ...] = ()  # empty: one primary objective with the defaults
    selection_timing: str = "never"  # never | once | onEachNewAttempt
    selection_count: int | None = None
    randomization_timing: str = "never"
    reorder_children: bool = False
    tracked: bool = True
    completion_set_by_content: bool = False
    objective_set_by_content: bool = False


@dataclass(frozen=True)
class DataMap(Json):
    """A data store an activity can reach as adl.data (SCORM 2004 4th Ed. CAM 3.4.1.20)."""

    target: str
    read: bool = True
    write: bool = True


@dataclass(frozen=True)
class CompletionThreshold(Json):
    """adlcp:completionThreshold (SCORM 2004 4th Ed. CAM 3.4.1.15; before it `minimum` alone, as text)."""

    by_measure: bool = False
    minimum: float = 1.0  # 0..1
    progress_weight: float = 1.0  # 0..1


@dataclass(frozen=True)
class Metadata(Json):
    """What LOM metadata says of a thing; texts by language, "" where none is declared."""

    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    duration: str = ""  # ISO 8601, technical.duration
    typical_learning_time: str = ""  # ISO 8601
    location: str = ""  # of an external metadata file


@dataclass(frozen=True)
class Activity(Json):
    """A node of the activity tree: organization, item, AICC block or AU, cmi5 block or AU."""

    identifier: str
    title: str = ""
    kind: Kind = "aggregation"
    href: str = ""  # member of the package with query and fragment (parameters joined to it), or https URL
    resource: str = ""  # its resource's identifier
    children: tuple["Activity", ...] = ()
    visible: bool = True  # isvisible
    parameters: str = ""
    prerequisites: str = ""  # aicc_script (SCORM 1.2 CAM 2.3.2.1)
    mastery_score: float | None = None  # 0..100, SCORM 1.2
    max_time_allowed: float | None = None  # seconds
    time_limit_action: str = ""  # "exit,message" …
    data_from_lms: str = ""
    completion_threshold: CompletionThreshold | None = None
    hidden_controls: tuple[str, ...] = ()  # adlnav:hideLMSUI: previous continue exit exitAll abandon suspendAll …
    data_stores: tuple[DataMap, ...] = ()
    sequencing: Sequencing = Sequencing()
    metadata: Metadata = Metadata()
    scaled_mastery_score: float | None = None  # 0..1, cmi5
    move_on: str = ""  # cmi5: NotApplicable Passed Completed CompletedAndPassed CompletedOrPassed
    launch_method: str = ""  # cmi5: AnyWindow | OwnWindow
    entitlement_key: str = ""  # cmi5
    activity_type: str = ""  # IRI, cmi5
    objectives: tuple[str, ...] = ()  # identifiers of CourseStructure.objectives, cmi5
    extensions: tuple[str, ...] = ()  # elements of other namespaces, as XML
    details: Mapping[str, str] = field(default_factory=dict)  # AICC: the fields of its files by their names, lower case

    def walk(self) -> Iterator["Activity"]:
        """This activity and all below it, in order (pre-order)."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def is_leaf(self) -> bool:
        return not self.children


@dataclass(frozen=True)
class Organization(Json):
    """An organization: the root of an activity tree and what holds for the whole of it."""

    root: Activity
    objectives_global_to_system: bool = True
    shared_data_global_to_system: bool = True


@dataclass(frozen=True)
class CourseObjective(Json):
    """A learning objective that activities refer to (cmi5 13.1.3); texts by language, "" where none is declared."""

    identifier: str
    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resource(Json):
    """A resource of a manifest; `files` are its own members (`CourseStructure.files_of` follows dependencies)."""

    identifier: str
    href: str = ""
    kind: Kind = "asset"
    files: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True)
class CourseStructure(Json):
    """A parsed package. `organizations[default]` is the one that is played."""

    standard: str  # SCORM11 SCORM12 SCORM20042NDEDITION SCORM20043RDEDITION SCORM20044THEDITION AICC XAPI CMI5
    title: str
    organizations: tuple[Organization, ...] = ()
    default: int = 0
    identifier: str = ""  # the manifest's
    version: str = ""  # the manifest's own version attribute
    schema_version: str = ""  # as written: "1.2", "CAM 1.3", "2004 4th Edition"
    base: str = ""  # folder inside the archive that wraps the package, "" or "name/"
    manifest: str = ""  # member
    languages: tuple[str, ...] = ()
    metadata: Metadata = Metadata()
    resources: tuple[Resource, ...] = ()
    objectives: tuple[CourseObjective, ...] = ()
    extensions: tuple[str, ...] = ()  # elements of other namespaces at the top, as XML
    medium: str = ""  # of a file or page that is shown by a page of ours: pdf | video | audio | youtube | page
    findings: tuple[Finding, ...] = ()

    @property
    def organization(self) -> Organization:
        return self.organizations[self.default]

    @property
    def root(self) -> Activity:
        return self.organization.root

    @cached_property
    def activities(self) -> Mapping[str, Activity]:
        """Every activity of the tree that is played, by identifier, in order."""
        return {activity.identifier: activity for activity in self.root.walk()}

    def activity(self, identifier: str) -> Activity | None:
        return self.activities.get(identifier)

    def files_of(self, resource: str) -> tuple[str, ...]:
        """The members a resource needs: its own and those of all it depends on, each once, circles or not."""
        by_identifier = {entry.identifier: entry for entry in self.resources}
        files: dict[str, None] = {}
        seen: set[str] = set()
        waiting = [resource]
        while waiting:
            entry = by_identifier.get(waiting.pop())
            if entry is not None and entry.identifier not in seen:
                seen.add(entry.identifier)
                files.update(dict.fromkeys(entry.files))
                waiting.extend(reversed(entry.dependencies))
        return tuple(files)

    @cached_property
    def leaves(self) -> tuple[Activity, ...]:
        """The activities that can be launched, in order."""
        return tuple(activity for activity in self.root.walk() if activity.kind != "aggregation")


# --- run time ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome(Json):
    """What a registration or one of its activities has come to."""

    completion: Completion = "unknown"
    success: Success = "unknown"
    score: float | None = None  # scaled, -1..1
    seconds: float = 0.0  # tracked in all


@dataclass(frozen=True)
class ActivityState(Json):
    """One activity of one registration instance, over its attempts."""

    values: Mapping[str, str] = field(default_factory=dict)  # run-time data model of the latest attempt, flat, as set
    outcome: Outcome = Outcome()
    attempts: int = 0
    suspended: bool = False  # the latest attempt was left with suspend
    shown_seconds: float = 0.0  # wall-clock, in this session; counted where the content reports no session time


@dataclass(frozen=True)
class Learner(Json):
    """Who is launched; a learner is no table."""

    identifier: str
    first_name: str = ""
    last_name: str = ""

    @property
    def name(self) -> str:
        """ "Last, First", as cmi.core.student_name and cmi.learner_name want it (SCORM 1.2 RTE 3.4.4)."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part)


@dataclass(frozen=True)
class State(Json):
    """All a standard knows of one registration instance. Never mutated: each verb returns the next one."""

    activities: Mapping[str, ActivityState] = field(default_factory=dict)  # by activity identifier
    current: str = ""  # activity delivered to the learner, "" when none
    ended: str = ""  # why no activity is delivered: "" while one is, else suspended | exited | abandoned | blocked
    message: str = ""  # what the player tells the learner, plain words
    outcome: Outcome = Outcome()  # of the whole
    memory: Mapping[str, Any] = field(default_factory=dict)  # the standard's own: tracking, shared objectives, seeds
    trace: tuple[Mapping[str, Any], ...] = ()  # how the latest request was decided; shown by the debugger, not kept


@dataclass(frozen=True)
class Given(Json):
    """What a registration begins with, by whoever made it: progress made elsewhere."""

    activities: Mapping[str, ActivityState] = field(default_factory=dict)  # of leaves, in the standard's data model
    objectives: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # shared ones, by the names of tracking
    data: Mapping[str, str] = field(default_factory=dict)  # adl.data stores
    suspended: str = ""  # the activity that the learner left suspended


@dataclass(frozen=True)
class Report(Json):
    """What the player tells us of the current activity: differences since the last stored report."""

    activity: str
    values: Mapping[str, str] = field(default_factory=dict)  # element -> value, flat, merged over what is kept
    finished: bool = False  # the SCO called Terminate / LMSFinish, or an asset was left
    seconds: float = 0.0  # wall-clock seconds the activity was shown since the last report


@dataclass(frozen=True)
class Request(Json):
    """A request: start resumeAll continue previous choice jump exit exitAll suspendAll abandon abandonAll."""

    name: str
    target: str = ""  # activity identifier for choice and jump
    by_learner: bool = (
        True  # made with the player's controls; wins over the content's own (SCORM 2004 4th Ed. SN 5.6.4)
    )
    session: str = ""  # of a start: the id its session is to have, where it is a new one (cmi5)
    mode: str = ""  # of a start: Normal | Browse | Review (cmi5 10.2.2); "": the standard decides


@dataclass(frozen=True)
class MenuItem(Json):
    """One line of the player's menu."""

    identifier: str
    title: str
    depth: int = 0
    enabled: bool = False  # can be chosen
    why_not: str = ""  # in words, when it cannot
    current: bool = False
    launchable: bool = False
    completion: Completion = "unknown"
    success: Success = "unknown"


@dataclass(frozen=True)
class Launch(Json):
    """What the player shows next. `activity` is "" when the session has ended."""

    activity: str = ""
    title: str = ""
    kind: Kind = "asset"
    href: str = ""  # member with query and fragment, or URL
    api: str = ""  # "scorm12" | "scorm2004" | "aicc" | "cmi5" | "xapi" | "" (asset)
    values: Mapping[str, str] = field(default_factory=dict)  # the whole data model the content finds, flat
    valid: Mapping[str, bool] = field(
        default_factory=dict
    )  # adl.nav.request_valid and the controls: name or name.target
    hidden: tuple[str, ...] = ()  # controls that are not shown
    menu: tuple[MenuItem, ...] = ()
    ended: str = ""
    message: str = ""
    asks_to_leave: bool = False  # the learner is asked whether to leave the course, the message is the question
    progress: float | None = None  # progress measure of the whole, 0..1, where the standard has one
    outcome: Outcome = Outcome()
    access: Mapping[str, str] = field(
        default_factory=dict
    )  # element -> "r", "w" or "", where it is not both (adl.data)
    own_window: bool = False  # must not be shown in a frame (cmi5 13.1.4 launchMethod)
