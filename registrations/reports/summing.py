"""Sums up what changed: interactions as rows of answers, registrations as facts, facts as the numbers of cells.

Whatever writes to a registration or an activity unsets its `is_summed`; here it is set, together with what is counted
of it, in one transaction and only if nothing has changed since it was read. So a run that dies loses nothing and one
that runs twice, or beside another, counts nothing twice.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.utils import timezone

from registrations.models import (
    ActivityProgress,
    Answer,
    ApplicationCell,
    CourseActivity,
    CourseCell,
    Instance,
    LaunchRecord,
    Question,
    Registration,
    RegistrationFact,
    SummingState,
)
from registrations.report_models import (
    COHORT,
    COUNTS,
    EVER,
    SCORE_BINS,
    SCORE_NAMES,
    SCORE_UNITS,
    SECOND_UNITS,
    TIME_BOUNDS,
    TIME_NAMES,
)

from . import answers, asked, paths
from .slots import month_of, slot_of
from .stated import answer_columns

BATCH = 500  # registrations
ACTIVITIES = 200  # whose run-time data, which may be large, are read at a time
ANSWERS = 5_000  # past so many no more activities are read
MOST_WAITING = 1_000
LONGEST_PAUSE = 0.2  # seconds between two batches: others want to write too


def run(seconds: float = 20.0) -> bool:
    """Sum up batch after batch, for about so long; whether something is left."""
    until = time.monotonic() + seconds
    for batch in (_sum_activities, _sum_registrations, _forget_deleted):
        while done := batch():
            if time.monotonic() > until:
                return True
            time.sleep(min(done.seconds, LONGEST_PAUSE))
    SummingState.objects.update_or_create(pk=1, defaults={"finished": timezone.now()})
    return False


def begin_anew() -> None:
    """Forget all that was summed up, so that the next runs count everything from its rows."""
    with transaction.atomic():
        _hold()
        for model in (ApplicationCell, CourseCell, RegistrationFact, CourseActivity):
            model.objects.all().delete()
        Answer.objects.filter(statement=None).delete()  # what statements have told is read from nowhere else
        Registration.objects.filter(is_summed=True).update(is_summed=False)
        ActivityProgress.objects.filter(is_summed=True).update(is_summed=False)
        SummingState.objects.update(finished=None)


def waiting(applications: Iterable[int]) -> int:
    """How many registrations of these applications changed since they were summed up; counted up to MOST_WAITING."""
    return Registration.objects.filter(application__in=applications, is_summed=False)[:MOST_WAITING].count()


def finished() -> datetime | None:
    """When nothing was left to sum up last."""
    return SummingState.objects.filter(pk=1).values_list("finished", flat=True).first()


@dataclass(frozen=True)
class Done:
    """A batch that changed something, and how long others waited for it."""

    seconds: float


def _hold() -> None:
    """Let one batch write at a time."""
    SummingState.objects.get_or_create(pk=1)
    list(SummingState.objects.select_for_update().filter(pk=1))


# --- interactions -----------------------------------------------------------------------------------------------------


def _sum_activities() -> Done | None:
    rows = ActivityProgress.objects.filter(is_summed=False).select_related("instance__registration")
    rows = rows.only(
        *("activity", "values", "revision", "score"),
        *(f"instance__registration__{name}" for name in ("course", "is_sandbox", "created")),
    )
    read: list[tuple[ActivityProgress, list[answers.Given]]] = []
    for row in rows[:ACTIVITIES].iterator(chunk_size=5):
        read.append((row, answers.read(row.values)))
        row.values = {}
        if sum(len(given) for _, given in read) > ANSWERS:
            break
    if not read:
        return None
    began = time.monotonic()
    with transaction.atomic():
        _hold()
        revisions = dict(_locked(ActivityProgress, [row.pk for row, _ in read]).values_list("pk", "revision"))
        same = [(row, given) for row, given in read if revisions.get(row.pk) == row.revision]
        _replace_answers(same)
        ActivityProgress.objects.filter(pk__in=[row.pk for row, _ in same]).update(is_summed=True)
    return Done(time.monotonic() - began) if same else None


def _replace_answers(read: Sequence[tuple[ActivityProgress, Sequence[answers.Given]]]) -> None:
    held = Answer.objects.filter(progress__in=[row.pk for row, _ in read])
    held.filter(statement=None).delete()
    stated = set(held.values_list("progress", flat=True))  # what statements have told stays
    told = {}
    for row, given in read:
        for each in given:
            question = asked.question_of(row.instance.registration.course_id, row.activity, each)
            told[question.course_id, question.key] = question
    known = asked.made(told)
    asked.keep_told(known, told)
    Answer.objects.bulk_create([_answer(row, each, known) for row, given in read for each in given], batch_size=500)
    for row, _ in read:
        if row.pk in stated:
            Answer.objects.filter(progress=row).update(score=row.score)


def _answer(row: ActivityProgress, given: answers.Given, known: Mapping[asked.Place, Question]) -> Answer:
    registration = row.instance.registration
    return Answer(
        question=known[registration.course_id, asked.hash_of(row.activity, given.identifier)], progress=row,
        registration=registration, is_sandbox=registration.is_sandbox, created=slot_of(registration.created),
        score=row.score, **answer_columns(given),
    )  # fmt: skip


# --- registrations ----------------------------------------------------------------------------------------------------


class Fact(NamedTuple):
    """A registration as it is counted: the columns of RegistrationFact."""

    registration_id: int
    application_id: int
    course_id: int
    learner_id: str
    is_sandbox: bool
    created: int
    completed: int | None
    completion: str
    success: str
    score: int | None
    score_bin: int | None
    seconds: int
    time_bin: int | None
    is_launched: bool
    first_launch: int | None
    last_launch: int | None
    launches: str
    path: str


FACT = Fact._fields


def _sum_registrations() -> Done | None:
    read = list(Registration.objects.filter(is_summed=False)[:BATCH])
    if not read:
        return None
    facts = list(_facts(read))
    seen = {row.pk: row.updated for row in read}
    began = time.monotonic()
    with transaction.atomic():
        _hold()
        updated = dict(_locked(Registration, seen).values_list("pk", "updated"))
        held = {row.registration_id: row for row in _locked(RegistrationFact, seen, "registration_id")}
        # A fact that is there and cannot be locked belongs to a registration that is being deleted.
        known = set(RegistrationFact.objects.filter(registration__in=seen).values_list("registration_id", flat=True))
        same = {pk for pk, moment in updated.items() if moment == seen[pk] and (pk in held or pk not in known)}
        facts = [fact for fact in facts if fact.registration_id in same]
        changes = _Changes()
        for fact in facts:
            before = held.get(fact.registration_id)
            if before is not None:
                changes.add(before, -1)
            changes.add(fact, 1)
        _put_facts(facts)
        changes.write()
        Registration.objects.filter(pk__in=same).update(is_summed=True)
    return Done(time.monotonic() - began) if same else None


def _locked(model: Any, keys: Iterable[int], name: str = "pk") -> Any:
    """Those rows that nobody else holds: whoever deletes or reports is never waited for, nor made to wait long."""
    return model.objects.filter(**{f"{name}__in": list(keys)}).order_by("pk").select_for_update(
        skip_locked=True, no_key=True, of=("self",)
    )  # fmt: skip


def _facts(registrations: Sequence[Registration]) -> Iterator[Fact]:
    launches = _launches([row.pk for row in registrations])
    walked = _paths({row.pk: row.course_id for row in registrations})
    for row in registrations:
        launched: Mapping[int, int] = launches.get(row.pk, {})
        seconds = round(row.total_seconds * SECOND_UNITS)
        yield Fact(
            row.pk, row.application_id, row.course_id, row.learner_id, row.is_sandbox, slot_of(row.created),
            None if row.completed_at is None else slot_of(row.completed_at), row.completion, row.success,
            None if row.score is None else round(row.score * SCORE_UNITS),
            None if row.score is None else score_bin(row.score), seconds, time_bin(row.total_seconds),
            row.first_access is not None or bool(launched), min(launched, default=None), max(launched, default=None),
            paths.write(launched), walked.get(row.pk, ""),
        )  # fmt: skip


def score_bin(score: float) -> int:
    """0 below 0, then 1 to 10 for each tenth; 1 itself is in the last."""
    return 0 if score < 0 else 1 + min(int(round(score * SCORE_UNITS) * 10 // SCORE_UNITS), SCORE_BINS - 2)


def time_bin(seconds: float) -> int | None:
    if round(seconds * SECOND_UNITS) <= 0:
        return None
    return sum(seconds >= bound for bound in TIME_BOUNDS)


def _launches(registrations: Sequence[int]) -> dict[int, Counter[int]]:
    """The launches that delivered something, of all instances: registration -> slot -> number."""
    rows = LaunchRecord.objects.filter(instance__registration__in=registrations, started__isnull=False)
    found: dict[int, Counter[int]] = defaultdict(Counter)
    pairs: Any = rows.order_by().values_list("instance__registration", "started")
    for registration, started in pairs:
        found[registration][slot_of(started)] += 1
    return found


def _paths(courses: Mapping[int, int]) -> dict[int, str]:
    """How far each registration came in its newest instance; `courses`: the course of each."""
    newest: dict[int, int] = {}
    instances = Instance.objects.filter(registration__in=list(courses)).order_by("registration", "-number")
    pairs: Any = instances.values_list("registration", "pk")
    for registration, instance in pairs:
        newest.setdefault(registration, instance)
    begun = models.Q(attempts__gt=0) | models.Q(total_seconds__gt=0)
    begun |= ~models.Q(completion="unknown") | ~models.Q(success="unknown")
    rows: list[Any] = list(
        ActivityProgress.objects.filter(begun, instance__in=newest.values()).values_list(
            "instance__registration", "activity", "completion", "success"
        )
    )
    numbers = _activity_numbers({(courses[registration], activity) for registration, activity, *_ in rows})
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for registration, activity, completion, success in rows:
        number = numbers[courses[registration], activity]
        found[registration][number] = paths.bits(completion, success)
    return {registration: paths.write(walked) for registration, walked in found.items()}


def _activity_numbers(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Course and identifier of each activity -> its short number, made where there is none yet."""
    keys = {(course, asked.hash_of(activity)): activity for course, activity in wanted}
    held = {(row.course_id, row.key): row.pk for row in asked.rows_of(CourseActivity, keys)}
    missing = [
        CourseActivity(course_id=course, key=key, identifier=activity)
        for (course, key), activity in keys.items()
        if (course, key) not in held
    ]
    if missing:
        CourseActivity.objects.bulk_create(missing, ignore_conflicts=True, batch_size=200)
        held = {(row.course_id, row.key): row.pk for row in asked.rows_of(CourseActivity, keys)}
    return {(course, activity): held[course, key] for (course, key), activity in keys.items()}


# --- cells ------------------------------------------------------------------------------------------------------------

Numbers = Counter[str]


class _Changes:
    """What is added to cells."""

    def __init__(self) -> None:
        self.applications: dict[tuple[int, bool, int], Numbers] = defaultdict(Counter)
        self.courses: dict[tuple[int, int, bool, int], Numbers] = defaultdict(Counter)

    def add(self, fact: Any, sign: int) -> None:
        """`fact`: a Fact or a RegistrationFact."""
        application, course, is_sandbox = fact.application_id, fact.course_id, fact.is_sandbox
        counted = cohort_counts(fact)
        places = [self.applications[application, is_sandbox, fact.created]]
        places += [self.courses[application, course, is_sandbox, month] for month in (month_of(fact.created), EVER)]
        for place in places:
            for name, value in counted.items():
                place[name] += sign * value
        if fact.completed is not None:
            self.applications[application, is_sandbox, fact.completed]["completions"] += sign
        for slot, number in paths.read(fact.launches):
            self.applications[application, is_sandbox, slot]["launches"] += sign * number

    def write(self) -> None:
        _add_to_cells(ApplicationCell, ("application_id", "is_sandbox", "slot"), (0, 1, 2), self.applications, COUNTS)
        _add_to_cells(
            CourseCell, ("application_id", "course_id", "is_sandbox", "month"), (1, 2, 3), self.courses, COHORT
        )


def cohort_counts(fact: Any) -> Numbers:
    """What a registration adds to the cells of the time it was created in."""
    counted: Numbers = Counter(registrations=1, launched=int(fact.is_launched))
    if fact.completion in ("completed", "incomplete"):
        counted[fact.completion] = 1
    if fact.success in ("passed", "failed"):
        counted[fact.success] = 1
    if fact.score is not None:
        counted.update({"scored": 1, "score_sum": fact.score, SCORE_NAMES[fact.score_bin]: 1})
    if fact.time_bin is not None:
        counted.update({"timed": 1, "seconds_sum": fact.seconds, TIME_NAMES[fact.time_bin]: 1})
    return counted


def _add_to_cells(
    model: Any, keys: Sequence[str], unique: Sequence[int], changes: Mapping[Any, Numbers], names: Sequence[str]
) -> None:
    """Add to the numbers of cells, made where there are none; those that nothing changes are let be."""
    rows = [
        (*key, *(numbers.get(name, 0) for name in COUNTS)) for key, numbers in changes.items() if any(numbers.values())
    ]
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join((*keys, *COUNTS))
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in names)
    _write_many(
        f"INSERT INTO {table} ({columns}) VALUES ({_places(len(keys) + len(COUNTS))})"  # noqa: S608 - names of ours
        f" ON CONFLICT ({', '.join(keys[each] for each in unique)}) DO UPDATE SET {added}",
        sorted(rows),
    )


def _put_facts(facts: Iterable[Fact]) -> None:
    table = connection.ops.quote_name(RegistrationFact._meta.db_table)
    changed = ", ".join(f"{name} = excluded.{name}" for name in FACT[1:])
    _write_many(
        f"INSERT INTO {table} ({', '.join(FACT)}) VALUES ({_places(len(FACT))})"  # noqa: S608 - names of ours
        f" ON CONFLICT (registration_id) DO UPDATE SET {changed}",
        list(facts),
    )


def _places(number: int) -> str:
    return ", ".join(["%s"] * number)


def _write_many(sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


def _forget_deleted() -> Done | None:
    """Take registrations that were deleted out of the cells."""
    began = time.monotonic()
    with transaction.atomic():
        _hold()
        gone = list(RegistrationFact.objects.filter(registration=None).select_for_update(skip_locked=True)[:BATCH])
        changes = _Changes()
        for fact in gone:
            changes.add(fact, -1)
        changes.write()
        RegistrationFact.objects.filter(pk__in=[fact.pk for fact in gone]).delete()
    return Done(time.monotonic() - began) if gone else None
