"""Asks the cells, and where they do not tell apart what is wanted, the facts."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Case, Count, ExpressionWrapper, F, IntegerField, Min, Q, QuerySet, Sum, Value, When

from registrations.models import ApplicationCell, CourseCell
from registrations.report_models import (
    COHORT,
    EVENTS,
    EVER,
    SCORE_NAMES,
    SCORE_UNITS,
    SECOND_UNITS,
    TIME_NAMES,
)

from . import paths
from .scope import Scope
from .slots import A_DAY, Piece, day_numbered, day_of, numbered, pieces, whole_months

Numbers = Mapping[str, int]
LISTED = COHORT[: COHORT.index("seconds_sum") + 1]  # what lists of courses and applications tell


# --- what became of registrations -------------------------------------------------------------------------------------


def cohort(scope: Scope) -> Numbers:
    """COHORT of all registrations created in the time."""
    if scope.is_of_applications:
        sums = _cells(scope).aggregate(**{name: Sum(name) for name in COHORT})
        return {name: value or 0 for name, value in sums.items()}
    return _folded(scope.cohort())


def _cells(scope: Scope) -> QuerySet[ApplicationCell]:
    cells = ApplicationCell.objects.filter(application__in=scope.applications, is_sandbox__in=scope.kinds)
    return cells.filter(slot__gte=scope.start, slot__lt=scope.end).order_by()


def _folded(facts: QuerySet[Any]) -> Numbers:
    """COHORT of facts: few groups come back, whatever their number."""
    names = ("completion", "success", "score_bin", "time_bin", "is_launched")
    groups = facts.values_list(*names).annotate(Count("pk"), Sum("score"), Sum("seconds"))
    found: Counter[str] = Counter()
    for completion, success, score_bin, time_bin, is_launched, many, score, seconds in groups:
        found["registrations"] += many
        found["launched"] += many if is_launched else 0
        found[completion] += many
        found[success] += many
        if score_bin is not None:
            found.update({"scored": many, "score_sum": score, SCORE_NAMES[score_bin]: many})
        if time_bin is not None:
            found.update({"timed": many, "seconds_sum": seconds, TIME_NAMES[time_bin]: many})
    return {name: found[name] for name in COHORT}


def completion_rate(numbers: Mapping[str, int]) -> float | None:
    return _part(numbers["completed"], numbers["registrations"])


def pass_rate(numbers: Mapping[str, int]) -> float | None:
    """Of those that were passed or failed."""
    return _part(numbers["passed"], numbers["passed"] + numbers["failed"])


def mean_score(numbers: Mapping[str, int]) -> float | None:
    """Scaled."""
    return _part(numbers["score_sum"], numbers["scored"] * SCORE_UNITS)


def mean_seconds(numbers: Mapping[str, int]) -> float | None:
    """Of those that took any time."""
    return _part(numbers["seconds_sum"], numbers["timed"] * SECOND_UNITS)


def _part(value: float, whole: float) -> float | None:
    return value / whole if whole else None


# --- courses and applications -----------------------------------------------------------------------------------------


def by_course(scope: Scope) -> dict[int, Numbers]:
    """LISTED of each course that anybody was registered for in the time."""
    if not scope.is_of_courses:
        return _grouped(scope.cohort(), "course")
    cells = CourseCell.objects.filter(application__in=scope.applications, is_sandbox__in=scope.kinds).order_by()
    if scope.course_tags:
        cells = cells.filter(course__in=scope.tagged_courses())
    if scope.first is None:
        return _summed(cells.filter(month=EVER), "course")
    months, edges = whole_months(scope.start, scope.end)
    found = _summed(cells.filter(month__gte=months.start, month__lt=months.stop), "course") if months else {}
    left_over = Q(pk=None)
    for start, end in edges:
        left_over |= Q(created__gte=start, created__lt=end)
    if edges:
        for course, numbers in _grouped(scope.facts().filter(left_over), "course").items():
            held = found.get(course)
            found[course] = {name: numbers[name] + held[name] for name in LISTED} if held else numbers
    return found


def by_application(scope: Scope) -> dict[int, Numbers]:
    """The same of each application."""
    if scope.is_of_applications:
        return _summed(_cells(scope), "application")
    return _grouped(scope.cohort(), "application")


def by_learner(facts: QuerySet[Any]) -> dict[str, Numbers]:
    """The same of each learner of these facts."""
    return _grouped(facts, "learner_id")


def _summed(cells: QuerySet[Any], name: str) -> dict[Any, Numbers]:
    rows = cells.values_list(name).annotate(**{f"{each}_": Sum(each) for each in LISTED})
    return {key: dict(zip(LISTED, values, strict=True)) for key, *values in rows if values[0]}


def _grouped(facts: QuerySet[Any], name: str) -> dict[Any, Numbers]:
    rows = facts.values_list(name).annotate(
        registrations=Count("pk"),
        launched=Count("pk", filter=Q(is_launched=True)),
        completed=Count("pk", filter=Q(completion="completed")),
        incomplete=Count("pk", filter=Q(completion="incomplete")),
        passed=Count("pk", filter=Q(success="passed")),
        failed=Count("pk", filter=Q(success="failed")),
        scored=Count("score"),
        score_sum=Sum("score"),
        timed=Count("time_bin"),
        seconds_sum=Sum("seconds"),
    )
    return {key: {each: n or 0 for each, n in zip(LISTED, values, strict=True)} for key, *values in rows}


# --- day by day -------------------------------------------------------------------------------------------------------

Days = dict[str, Counter[int]]  # of registrations, launches, completions: number of the day -> how many


def by_day(scope: Scope) -> tuple[date, date, Days]:
    """The first and last day, and what happened on each: registrations, launches, completions."""
    start = scope.start
    if scope.first is None:
        start = _earliest(scope)
    stretches = pieces(start, scope.end, scope.zone)
    days = _days_of_cells(scope, stretches) if scope.is_of_applications else _days_of_facts(scope, stretches)
    return scope.first or day_of(start, scope.zone), scope.last, days


def _earliest(scope: Scope) -> int:
    if scope.is_of_applications:
        found = _cells(scope).aggregate(first=Min("slot"))["first"]
    else:
        found = scope.facts().aggregate(first=Min("created"))["first"]
    return scope.end - A_DAY if found is None else min(found, scope.end - A_DAY)


def _day(name: str, stretches: list[Piece]) -> ExpressionWrapper:
    """The number of the day that the slot in a column lies in."""
    offset: Any = Value(stretches[-1].offset if stretches else 0)
    if len(stretches) > 1:
        whens = [When(**{f"{name}__lt": piece.end}, then=Value(piece.offset)) for piece in stretches[:-1]]
        offset = Case(*whens, default=offset, output_field=IntegerField())
    return ExpressionWrapper((F(name) + offset) / Value(A_DAY), output_field=IntegerField())


def _days_of_cells(scope: Scope, stretches: list[Piece]) -> Days:
    names = ("registrations", *EVENTS)
    rows = _cells(scope).annotate(day=_day("slot", stretches)).values_list("day")
    days: Days = {name: Counter() for name in names}
    for day, *values in rows.annotate(**{f"{name}_": Sum(name) for name in names}):
        for name, value in zip(names, values, strict=True):
            days[name][day] = value
    return days


def _days_of_facts(scope: Scope, stretches: list[Piece]) -> Days:
    days: Days = {"launches": _days_of_launches(scope, stretches)}
    for name, column in (("registrations", "created"), ("completions", "completed")):
        facts = scope.facts().filter(**{f"{column}__gte": scope.start, f"{column}__lt": scope.end})
        rows = facts.annotate(day=_day(column, stretches)).values_list("day").annotate(many=Count("pk"))
        days[name] = Counter(dict(rows))
    return days


def _days_of_launches(scope: Scope, stretches: list[Piece]) -> Counter[int]:
    found: Counter[int] = Counter()
    ends = [piece.end for piece in stretches]
    facts = scope.facts().filter(last_launch__gte=scope.start, first_launch__lt=scope.end)
    for launches in facts.values_list("launches", flat=True).iterator(chunk_size=5000):
        for slot, many in paths.read(launches):
            if scope.start <= slot < scope.end:
                found[stretches[bisect_right(ends, slot)].day(slot)] += many
    return found


def in_steps(first: date, last: date, days: Mapping[str, Mapping[int, int]]) -> tuple[str, list[date], dict[str, Any]]:
    """The days as steps that a chart has room for: the kind (day, week, month), when each begins, numbers by name."""
    many = (last - first).days + 1
    step = "day" if many <= 92 else "week" if many <= 731 else "month"
    begins: dict[date, int] = {}
    places = []
    for number in range(numbered(first), numbered(last) + 1):
        place = begins.setdefault(_begin(number, step), len(begins))
        places.append(place)
    values = {name: [0] * len(begins) for name in days}
    for name, counted in days.items():
        for offset, place in enumerate(places):
            values[name][place] += counted.get(numbered(first) + offset, 0)
    return step, list(begins), values


def _begin(number: int, step: str) -> date:
    day = day_numbered(number)
    if step == "week":
        return day_numbered(number - day.weekday())
    return day.replace(day=1) if step == "month" else day


# --- funnel -----------------------------------------------------------------------------------------------------------


def walked(scope: Scope) -> Iterable[tuple[dict[int, int], str, bool, int]]:
    """How registrations went through their course: (activity number -> bits, completion, launched, how many)."""
    rows = scope.cohort().values_list("path", "completion", "is_launched").annotate(many=Count("pk"))
    for path, completion, is_launched, many in rows:
        yield dict(paths.read(path)), completion, is_launched, many


# --- questions --------------------------------------------------------------------------------------------------------


def by_question(scope: Scope, questions: Any) -> dict[int, dict[str, Any]]:
    """What answers to each of the questions came to."""
    answers = scope.answers().filter(question__in=questions)
    judged = Q(is_correct__isnull=False, score__isnull=False)
    rows: Any = answers.values("question").annotate(
        times=Count("pk"),
        judged=Count("is_correct"),
        right=Count("pk", filter=Q(is_correct=True)),
        timed=Count("latency"),
        seconds=Sum("latency"),
        pairs=Count("pk", filter=judged),
        pairs_right=Count("pk", filter=judged & Q(is_correct=True)),
        score_sum=Sum("score", filter=judged),
        score_square=Sum(F("score") * F("score"), filter=judged),
        score_right=Sum("score", filter=judged & Q(is_correct=True)),
    )
    return {row["question"]: row for row in rows}


LEAST_PAIRS = 10


def discrimination(row: Mapping[str, Any]) -> float | None:
    """How far answering it right goes with a high score: the point-biserial correlation, -1 to 1.

    None for fewer than LEAST_PAIRS judged answers with a score, and where all answered or scored alike.
    """
    many, right = row["pairs"], row["pairs_right"]
    if many < LEAST_PAIRS or right in (0, many):
        return None
    spread = many * row["score_square"] - row["score_sum"] ** 2
    if spread <= 1e-9 * many * many:
        return None
    together = many * (row["score_right"] or 0) - right * row["score_sum"]
    return float(together / (right * (many - right) * spread) ** 0.5)
