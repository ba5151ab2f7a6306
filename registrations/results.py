"""What a registration came to, as the public API and postbacks write it: RegistrationSchema.

What has no value is absent. `score.scaled` is 0 to 100.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from content.models import CourseVersion
from standards.durations import format_duration, format_timespan
from standards.scorm2004.explanation import Tracked
from standards.structure import Activity, ActivityState, CourseStructure, Outcome, State

from . import reading
from .dates import Dates, dates_of_registration
from .models import ActivityProgress, Instance, LearnerMemory, Registration, RegistrationTag
from .states import SYSTEM, read_state

Document = dict[str, Any]

TYPES = {
    "true-false": "TrueFalse",
    "choice": "Choice",
    "fill-in": "FillIn",
    "long-fill-in": "LongFillIn",
    "likert": "Likert",
    "matching": "Matching",
    "performance": "Performance",
    "sequencing": "Sequencing",
    "numeric": "Numeric",
}


@dataclass(frozen=True)
class Depth:
    """How much is told beside the outcome."""

    activity: bool = True  # the top one
    children: bool = False
    details: bool = False  # objectives and interactions
    runtime: bool = False

    @property
    def needs_state(self) -> bool:
        return self.activity or self.children or self.details or self.runtime


NO_VALUES: dict[str, str] = {}
NO_DATES: Mapping[int, Dates] = {}
DETAILS = ("runtimeInteractions", "runtimeObjectives")  # of run-time data, where the rest of it is not wanted
FORMATS: Mapping[str, Depth] = {
    "course": Depth(activity=False),
    "activity": Depth(children=True),
    "full": Depth(children=True, details=True, runtime=True),
}


def moment(at: datetime | None) -> str | None:
    """2024-05-31T12:00:00.000Z"""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def present(**values: Any) -> Document:
    """What has a value."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def score_of(scaled: float | None) -> Document | None:
    return None if scaled is None else {"scaled": round(scaled * 100, 6)}


def results(instance: Instance, depth: Depth = Depth(), dates: Dates | None = None) -> Document:
    """RegistrationSchema of the instance; `instance.registration.course` and `instance.version` are at hand.

    `dates`: of the instance alone, where it does not stand for its registration.
    """
    state = read_state(instance) if depth.needs_state else State()
    tags = list(instance.registration.tags.values_list("name", flat=True))
    structure = instance.version.read_structure() if depth.needs_state else None
    return _document(instance, tags, state, depth, structure, dates)


def results_of(instances: Sequence[Instance], depth: Depth, dates: Mapping[int, Dates] = NO_DATES) -> list[Document]:
    """The same of many, by as many queries as of one."""
    tags: dict[int, list[str]] = {}
    rows = RegistrationTag.objects.filter(registration__in={each.registration_id for each in instances})
    for registration_id, name in rows.values_list("registration_id", "name"):
        tags.setdefault(registration_id, []).append(name)
    states = _states(instances, depth) if depth.needs_state else {}
    structures = _structures([each.version for each in instances]) if depth.needs_state else {}
    return [
        _document(
            each,
            tags.get(each.registration_id, []),
            states.get(each.pk, State()),
            depth,
            structures.get(each.version_id),
            dates.get(each.pk),
        )
        for each in instances
    ]


_STRUCTURES: dict[tuple[UUID, int], CourseStructure] = {}  # by key and revision of a version
STRUCTURES_KEPT = 500


def _structures(versions: Sequence[CourseVersion]) -> dict[int, CourseStructure]:
    """Those of the versions, by primary key: what this process has not read yet, by one query."""
    wanted = {version.pk: (version.key, version.revision) for version in versions}
    found = {pk: held for pk, key in wanted.items() if (held := _STRUCTURES.get(key)) is not None}
    missing = wanted.keys() - found.keys()
    if missing:
        if len(_STRUCTURES) + len(missing) > STRUCTURES_KEPT:
            _STRUCTURES.clear()
        for pk, stored in CourseVersion.objects.filter(pk__in=missing).values_list("pk", "structure"):
            found[pk] = _STRUCTURES[wanted[pk]] = CourseStructure.from_json(stored)
    return found


def _states(instances: Sequence[Instance], depth: Depth) -> dict[int, State]:
    """What `sessions.read_state` reads, for many. Run-time data, which may be large, where it is told."""
    activities: dict[int, dict[str, ActivityState]] = {}
    needs_values = depth.details or depth.runtime
    rows = ActivityProgress.objects.filter(instance__in=instances)
    for row in rows if needs_values else rows.defer("values"):
        if not needs_values:
            row.values = NO_VALUES
        activities.setdefault(row.instance_id, {})[row.activity] = row.read_state()
    learners = {each.registration.learner_id for each in instances}
    applications = {each.registration.application_id for each in instances}
    memories = {
        (memory.application_id, memory.learner_id, memory.is_sandbox): memory.memory
        for memory in LearnerMemory.objects.filter(application__in=applications, learner_id__in=learners)
    }
    found = {}
    for each in instances:
        of = each.registration
        state = State.from_json(each.state)
        system = memories.get((of.application_id, of.learner_id, of.is_sandbox))
        memory = {**state.memory, SYSTEM: system} if system else state.memory
        held = activities.get(each.pk, {})
        found[each.pk] = State(held, state.current, state.ended, state.message, each.read_outcome(), memory)
    return found


def _document(
    instance: Instance,
    tags: list[str],
    state: State,
    depth: Depth,
    structure: CourseStructure | None,
    dates: Dates | None,
) -> Document:
    of = instance.registration
    dates = dates or dates_of_registration(of)
    outcome = instance.shown_outcome
    document = present(
        id=of.registration_id,
        instance=instance.number,
        xapiRegistrationId=str(instance.xapi_registration),
        updated=moment(of.updated),
        registrationCompletion=outcome.completion.upper(),
        registrationSuccess=outcome.success.upper(),
        score=score_of(outcome.score),
        totalSecondsTracked=round(outcome.seconds, 2),
        firstAccessDate=moment(dates.first_access),
        lastAccessDate=moment(dates.last_access),
        completedDate=moment(dates.completed) if outcome.completion == "completed" else None,
        createdDate=moment(of.created),
        course=present(id=of.course.course_id, title=of.course.title, version=instance.version.number),
        learner=present(
            id=of.learner_id, email=of.learner_email, firstName=of.learner_first_name, lastName=of.learner_last_name
        ),
        tags=tags,
    )
    if depth.needs_state:
        document |= _Told(structure or instance.version.read_structure(), state, depth, outcome).document()
    return document


class _Told:
    """What is told of a state; `whole` is what the registration shows, which a person may have decided."""

    def __init__(self, course: CourseStructure, state: State, depth: Depth, whole: Outcome) -> None:
        self.course = course
        self.state, self.depth, self.whole = state, depth, whole
        is_tracked = self.course.standard.startswith("SCORM2004")
        self.tracked = Tracked(self.course, state) if is_tracked else None

    def document(self) -> Document:
        suspended = self.tracked.suspended if self.tracked else str(self.state.memory.get("suspended") or "")
        told = present(
            registrationCompletionAmount=self._amount_of_all,
            suspendedActivityId=suspended,
            activityDetails=self.activity(self.course.root),
        )
        if self.depth.details:
            told |= {"globalObjectives": self._shared_objectives(), "sharedData": self._shared_data()}
        return told

    def activity(self, activity: Activity) -> Document:
        """ActivityResultSchema."""
        held = self.state.activities.get(activity.identifier, ActivityState())
        outcome = self._outcome(activity, held)
        amount = self._amount_of_all if self._is_top(activity) else self._amount(activity)
        document = present(
            id=activity.identifier,
            title=activity.title or self.course.title,
            attempts=self._attempts(activity, held),
            activityCompletion=outcome.completion.upper(),
            activitySuccess=outcome.success.upper(),
            score=score_of(outcome.score),
            timeTracked=format_timespan(outcome.seconds),
            completionAmount=None if amount is None else {"scaled": round(amount * 100, 6)},
            suspended=self._is_suspended(activity, held),
        )
        if self.depth.children:
            document["children"] = [self.activity(child) for child in activity.children]
        if self.depth.details:
            document["objectives"] = self._objectives(activity, held)
        if self.depth.runtime:
            document["staticProperties"] = static_properties(activity)
        if not activity.children and held.values and (self.depth.runtime or self.depth.details):
            told = runtime(held, self.depth.details)
            document["runtime"] = told if self.depth.runtime else {name: told[name] for name in DETAILS}
        return document

    def _outcome(self, activity: Activity, held: ActivityState) -> Outcome:
        """Of the whole where it is the top one and the standard keeps nothing of it by itself."""
        is_kept = activity.identifier in self.state.activities
        return self.state.outcome if self._is_top(activity) and not is_kept else held.outcome

    def _is_top(self, activity: Activity) -> bool:
        return activity.identifier == self.course.root.identifier

    def _attempts(self, activity: Activity, held: ActivityState) -> int:
        if self.tracked is not None:
            return int(self.tracked.values(activity.identifier)["Activity Attempt Count"])
        below = [self._attempts(child, self._held(child)) for child in activity.children]
        return max([held.attempts, *below])

    def _held(self, activity: Activity) -> ActivityState:
        return self.state.activities.get(activity.identifier, ActivityState())

    def _is_suspended(self, activity: Activity, held: ActivityState) -> bool:
        if self.tracked is not None:
            return bool(self.tracked.values(activity.identifier)["Activity is Suspended"])
        return held.suspended or any(self._is_suspended(child, self._held(child)) for child in activity.children)

    @cached_property
    def _amount_of_all(self) -> float:
        measured = self._measured(self.course.root)
        if measured is None:
            return 1.0 if self.whole.completion == "completed" else self._share(self.course.root)
        return measured

    def _amount(self, activity: Activity) -> float | None:
        """How much of it is done, 0 to 1: as the standard measures it, else the share of what it contains."""
        measured = self._measured(activity)
        return self._share(activity) if measured is None and activity.children else measured

    def _share(self, activity: Activity) -> float:
        """An item may be played and have others below it: it counts as one of them."""
        done = [self._share_of_leaf(leaf) for leaf in activity.walk() if leaf.kind != "aggregation"]
        return sum(done) / len(done) if done else 0.0

    def _share_of_leaf(self, leaf: Activity) -> float:
        outcome = self._outcome(leaf, self._held(leaf))
        if outcome.completion == "completed" or outcome.success == "passed":
            return 1.0
        return min(1.0, max(0.0, self._measured(leaf) or 0.0))

    def _measured(self, activity: Activity) -> float | None:
        if self.tracked is not None:
            amount = self.tracked.values(activity.identifier)["Attempt Completion Amount"]
            return None if amount is None else float(amount)
        return _number(self._held(activity).values.get("cmi.progress_measure"))

    def _objectives(self, activity: Activity, held: ActivityState) -> list[Document]:
        """ObjectiveSchema of each: in SCORM 2004 what is tracked, else what the content reported."""
        if self.tracked is None:
            return [_reported(row) for row in reading.objectives(held.values)]
        return [
            _objective(entry["identifier"], entry["counts"], entry["primary"])
            for entry in self.tracked.objectives(activity.identifier)
        ]

    def _shared_objectives(self) -> list[Document]:
        if self.tracked is None:
            return []
        found = [entry for entry in self.tracked.shared_objectives() if entry["used"]]
        return [_objective(entry["identifier"], entry["values"], False) for entry in found]

    def _shared_data(self) -> list[Document]:
        if self.tracked is None:
            return []
        return [
            present(id=entry["identifier"], value=entry["value"])
            for entry in self.tracked.data_stores()
            if entry["used"]
        ]


# --- objectives -------------------------------------------------------------------------------------------------------

COMPLETED: Mapping[bool | None, str] = {True: "COMPLETED", False: "INCOMPLETE", None: "UNKNOWN"}
SATISFIED: Mapping[bool | None, str] = {True: "PASSED", False: "FAILED", None: "UNKNOWN"}


def _objective(identifier: str, values: Mapping[str, Any], primary: bool) -> Document:
    return present(
        id=identifier,
        primary=primary,
        score=score_of(values.get("measure")),
        scoreMax=values.get("maximum"),
        scoreMin=values.get("minimum"),
        scoreRaw=values.get("raw"),
        progressMeasure=values.get("progress"),
        objectiveCompletion=COMPLETED[values.get("completed")],
        objectiveSuccess=SATISFIED[values.get("satisfied")],
    )


def _reported(row: Mapping[str, Any]) -> Document:
    """SCORM 1.2 and AICC have one status for both."""
    status = row["status"]
    completion = (row["completion"] or status).replace(" ", "_").upper()
    success = (row["success"] or status).upper()
    score = _number(row["score"])
    return present(
        id=row["id"],
        primary=False,
        scoreRaw=score,
        objectiveCompletion={"PASSED": "COMPLETED", "FAILED": "COMPLETED"}.get(
            completion, completion if completion in COMPLETED.values() else "UNKNOWN"
        ),
        objectiveSuccess=success if success in SATISFIED.values() else "UNKNOWN",
    )


# --- run-time data ----------------------------------------------------------------------------------------------------


def static_properties(activity: Activity) -> Document:
    """StaticPropertiesSchema: what the package says of an activity."""
    threshold, passing = activity.completion_threshold, activity.scaled_mastery_score
    primary = next((each for each in activity.sequencing.objectives if each.primary), None)
    if primary is not None and primary.satisfied_by_measure:
        passing = primary.min_normalized_measure
    if passing is None and activity.mastery_score is not None:
        passing = activity.mastery_score / 100
    limit = activity.max_time_allowed or activity.sequencing.attempt_absolute_duration_limit
    return present(
        completionThreshold=None if threshold is None else f"{threshold.minimum:g}",
        launchData=activity.data_from_lms,
        maxTimeAllowed=None if limit is None else format_duration(limit),
        scaledPassingScore=passing,
        scaledPassingScoreUsed=passing is not None,
        timeLimitAction=activity.time_limit_action,
    )


def runtime(held: ActivityState, with_details: bool) -> Document:
    """RuntimeSchema, from the data model of either standard."""
    values = held.values

    def of(*names: str) -> str | None:
        return next((values[name] for name in names if values.get(name)), None)

    status = of("cmi.completion_status", "cmi.core.lesson_status")
    success = (of("cmi.success_status") or status or "").upper()
    document = present(
        completionStatus=status,
        credit=of("cmi.credit", "cmi.core.credit"),
        entry=of("cmi.entry", "cmi.core.entry"),
        exit=of("cmi.exit", "cmi.core.exit"),
        learnerPreference=_preference(values) or None,
        location=of("cmi.location", "cmi.core.lesson_location"),
        mode=of("cmi.mode", "cmi.core.lesson_mode"),
        progressMeasure=of("cmi.progress_measure"),
        scoreScaled=of("cmi.score.scaled"),
        scoreRaw=of("cmi.score.raw", "cmi.core.score.raw"),
        scoreMin=of("cmi.score.min", "cmi.core.score.min"),
        scoreMax=of("cmi.score.max", "cmi.core.score.max"),
        totalTime=of("cmi.total_time", "cmi.core.total_time"),
        timeTracked=format_timespan(held.outcome.seconds),
        runtimeSuccessStatus=success if success in SATISFIED.values() else "UNKNOWN",
        suspendData=of("cmi.suspend_data"),
        learnerComments=[_comment(row) for row in reading.comments(values)],
        lmsComments=_lms_comments(values),
    )
    if with_details:
        document |= {
            "runtimeInteractions": [_interaction(row) for row in reading.interactions(values)],
            "runtimeObjectives": [_runtime_objective(row) for row in reading.collection(values, "cmi.objectives")],
        }
    return document


def _preference(values: Mapping[str, str]) -> Document:
    """SCORM 2004 RTE 4.2.14, SCORM 1.2 RTE 3.4.8."""
    either = (
        ("audioLevel", "cmi.learner_preference.audio_level", "cmi.student_preference.audio", float),
        ("language", "cmi.learner_preference.language", "cmi.student_preference.language", str),
        ("deliverySpeed", "cmi.learner_preference.delivery_speed", "cmi.student_preference.speed", float),
        ("audioCaptioning", "cmi.learner_preference.audio_captioning", "cmi.student_preference.text", int),
    )
    found: Document = {}
    for name, element, older, kind in either:
        text = values.get(element) or values.get(older)
        if text and kind is str:
            found[name] = text
        elif text and (number := _number(text)) is not None:
            found[name] = int(number) if kind is int else number
    return found


def _comment(row: Mapping[str, Any]) -> Document:
    return present(value=row["text"], location=row["location"], dateTime=row["at"])


def _lms_comments(values: Mapping[str, str]) -> list[Document]:
    rows = reading.collection(values, "cmi.comments_from_lms")
    found = [present(value=row["comment"], location=row["location"], dateTime=row["timestamp"]) for row in rows]
    if text := values.get("cmi.comments_from_lms"):
        found.append({"value": text})
    return found


def _interaction(row: Mapping[str, Any]) -> Document:
    return present(
        id=row["id"],
        type=TYPES.get(row["type"], "Other"),
        objectives=[name for name in row["objectives"] if name],
        timestamp=row["at"],
        timestampUtc=_utc(row["at"]),
        correctResponses=[pattern for pattern in row["correct"] if pattern],
        weighting=row["weighting"],
        learnerResponse=row["response"],
        result=row["result"],
        latency=row["latency"],
        description=row["description"],
    )


def _utc(text: str) -> str | None:
    """A time with its day, in UTC; SCORM 1.2 knows the time of the day alone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment(at if at.tzinfo else at.replace(tzinfo=UTC)) if "T" in text else None


def _runtime_objective(row: reading.Row) -> Document:
    status = row["status"]
    completion = (row["completion_status"] or status).replace(" ", "_").upper()
    completion = {"PASSED": "COMPLETED", "FAILED": "COMPLETED"}.get(completion, completion)
    success = (row["success_status"] or status).upper()
    known = ("COMPLETED", "INCOMPLETE", "NOT_ATTEMPTED", "BROWSED")
    return present(
        id=row["id"],
        scoreScaled=row["score.scaled"],
        scoreMin=row["score.min"],
        scoreMax=row["score.max"],
        scoreRaw=row["score.raw"],
        runtimeObjectiveSuccessStatus=success if success in SATISFIED.values() else "UNKNOWN",
        runtimeObjectiveCompletionStatus=completion if completion in known else "UNKNOWN",
        progressMeasure=row["progress_measure"],
        description=row["description"],
    )


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None


def newest_instances(registrations: Iterable[Registration], with_state: bool = False) -> list[Instance]:
    """The newest instance of each, in their order, with what `results_of` reads at hand."""
    wanted = {each.pk: each for each in registrations}
    newer = Instance.objects.filter(registration=OuterRef("registration"), number__gt=OuterRef("number"))
    rows = Instance.objects.filter(~Exists(newer), registration__in=wanted)
    rows = rows.select_related("version").defer("version__structure").order_by()
    newest = {row.registration_id: row for row in (rows if with_state else rows.defer("state"))}
    for pk, row in newest.items():
        row.registration = wanted[pk]
    return [newest[pk] for pk in wanted if pk in newest]
