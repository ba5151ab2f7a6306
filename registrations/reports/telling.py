"""Puts figures into words: the tiles and tables of reports."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from registrations.models import CourseActivity, Question
from registrations.report_models import SCORE_NAMES, TIME_NAMES
from registrations.vocabulary import word_of_standard
from standards.structure import Activity, CourseStructure

from . import figures, paths
from .figures import Numbers
from .scope import Scope
from .tables import INDEX, NUMBER, PERCENT, SECONDS, TEXT, Column, Label, Table, Tile, day_label, show

MOST_RESPONSES = 25  # on a page; the CSV has them all
MOST_QUESTIONS = 200  # the same
SCORES = (
    gettext_lazy("below 0 %"),
    *(format_lazy(gettext_lazy("{low} to {high} %"), low=low, high=low + 10) for low in range(0, 100, 10)),
)
TIMES = (
    gettext_lazy("under 1 min"),
    gettext_lazy("1 to 5 min"),
    gettext_lazy("5 to 15 min"),
    gettext_lazy("15 to 30 min"),
    gettext_lazy("30 to 60 min"),
    gettext_lazy("1 to 2 h"),
    gettext_lazy("2 to 4 h"),
    gettext_lazy("over 4 h"),
)


def tiles(numbers: Numbers, days: figures.Days) -> list[Tile]:
    launches, completions = (sum(days[name].values()) for name in ("launches", "completions"))
    judged = numbers["passed"] + numbers["failed"]
    return [
        Tile(_("Registrations"), show(numbers["registrations"], NUMBER)),
        Tile(_("Launches"), show(launches, NUMBER)),
        Tile(_("Completions"), show(completions, NUMBER)),
        Tile(_("Completion rate"), show(figures.completion_rate(numbers), PERCENT)),
        Tile(_("Pass rate"), show(figures.pass_rate(numbers), PERCENT), _of_results(judged)),
        Tile(_("Mean score"), show(figures.mean_score(numbers), PERCENT), _of_scores(numbers["scored"])),
        Tile(_("Mean time"), _roughly(figures.mean_seconds(numbers))),
    ]


def _roughly(seconds: float | None) -> str:
    """A time without the seconds that no longer matter."""
    if seconds is None or not 600 <= seconds < 3600:
        return show(seconds, SECONDS)
    return _("%(minutes)s min") % {"minutes": round(seconds / 60)}


def _of_results(many: int) -> str:
    return ngettext("of %(many)s result", "of %(many)s results", many) % {"many": show(many, NUMBER)}


def _of_scores(many: int) -> str:
    return ngettext("of %(many)s score", "of %(many)s scores", many) % {"many": show(many, NUMBER)}


def of_judged(many: int) -> str:
    return ngettext("of %(many)s judged", "of %(many)s judged", many) % {"many": show(many, NUMBER)}


def timeline(scope: Scope, found: tuple[Any, Any, figures.Days]) -> Table:
    step, begins, values = figures.in_steps(*found)
    names = ("registrations", "launches", "completions")
    titles = {
        "day": _("Registrations, launches and completions by day"),
        "week": _("Registrations, launches and completions by week"),
        "month": _("Registrations, launches and completions by month"),
    }
    heads = {"day": _("Day"), "week": _("Week from"), "month": _("Month")}
    return Table(
        "timeline",
        titles[step],
        [
            Column(heads[step], TEXT),
            Column(_("Registrations"), drawn=True),
            Column(_("Launches"), drawn=True),
            Column(_("Completions"), drawn=True),
        ],
        [
            (day_label(day, step), *(values[name][place] for name in names))
            for place, day in enumerate(begins)
        ],
        chart="line",
    )  # fmt: skip


def outcomes(numbers: Numbers) -> Table:
    """Completion and success; shares are of all registrations."""
    whole = numbers["registrations"]
    begun = numbers["completed"] + numbers["incomplete"]
    lines = [
        (_("Completed"), numbers["completed"]),
        (_("Incomplete"), numbers["incomplete"]),
        (_("Completion unknown"), max(0, numbers["launched"] - begun)),
        (_("Never launched"), max(0, whole - max(numbers["launched"], begun))),
        (_("Passed"), numbers["passed"]),
        (_("Failed"), numbers["failed"]),
        (_("Neither passed nor failed"), whole - numbers["passed"] - numbers["failed"]),
    ]
    return Table(
        "outcomes",
        _("Completion and success"),
        [Column(_("Outcome"), TEXT), Column(_("Registrations"), drawn=True), Column(_("Share"), PERCENT)],
        [(Label(words), many, many / whole if whole else None) for words, many in lines],
        chart="bar",
        across=True,
    )


def scores(numbers: Numbers) -> Table:
    """Of registrations with a score. The bin below 0 is told only where there is any."""
    bins = [(Label(str(words)), numbers[name]) for words, name in zip(SCORES, SCORE_NAMES, strict=True)]
    return _distribution("scores", _("Scores"), _("Score"), bins if bins[0][1] else bins[1:], numbers["scored"])


def times(numbers: Numbers) -> Table:
    """Of registrations that took any time."""
    bins = [(Label(str(words)), numbers[name]) for words, name in zip(TIMES, TIME_NAMES, strict=True)]
    return _distribution("times", _("Time spent"), _("Time"), bins, numbers["timed"])


def _distribution(key: str, title: str, head: str, bins: Sequence[tuple[Label, int]], whole: int) -> Table:
    columns = [Column(head, TEXT), Column(_("Registrations"), drawn=True), Column(_("Share"), PERCENT)]
    rows = [(label, many, many / whole if whole else None) for label, many in bins]
    return Table(key, title, columns, rows, chart="bar")


LISTED = (
    ("registrations", gettext_lazy("Registrations"), NUMBER, lambda each: each["registrations"]),
    ("launched", gettext_lazy("Launched"), NUMBER, lambda each: each["launched"]),
    ("completed", gettext_lazy("Completed"), NUMBER, lambda each: each["completed"]),
    ("completion", gettext_lazy("Completion rate"), PERCENT, figures.completion_rate),
    ("passed", gettext_lazy("Passed"), NUMBER, lambda each: each["passed"]),
    ("failed", gettext_lazy("Failed"), NUMBER, lambda each: each["failed"]),
    ("pass", gettext_lazy("Pass rate"), PERCENT, figures.pass_rate),
    ("score", gettext_lazy("Mean score"), PERCENT, figures.mean_score),
    ("time", gettext_lazy("Mean time"), SECONDS, figures.mean_seconds),
)
ORDERS = {name: measure for name, _words, _unit, measure in LISTED}


def listing(key: str, title: str, head: str, rows: Iterable[tuple[Label, Numbers]]) -> Table:
    """Courses or applications with what became of their registrations."""
    columns = [Column(head, TEXT), *(Column(words, unit) for _name, words, unit, _measure in LISTED)]
    return Table(key, title, columns, [(label, *(measure(each) for *_rest, measure in LISTED)) for label, each in rows])


# --- funnel -----------------------------------------------------------------------------------------------------------


def funnel(scope: Scope, structure: CourseStructure | None) -> Table:
    """How many began, completed and passed each activity, and at which they stopped.

    One stops at the last activity of the tree that was begun, where the course was launched and is not completed.
    """
    assert scope.course is not None
    known = CourseActivity.objects.filter(course=scope.course)
    numbers = {identifier: pk for pk, identifier in known.values_list("pk", "identifier")}
    played = [each for each in structure.root.walk() if each.kind != "aggregation"] if structure else []
    order = {numbers[each.identifier]: place for place, each in enumerate(played) if each.identifier in numbers}
    counted: dict[int, list[int]] = {pk: [0, 0, 0, 0, 0] for pk in numbers.values()}
    for walked, completion, is_launched, many in figures.walked(scope):
        for number, bits in walked.items():
            places = counted.get(number, [0] * 5)
            for place, bit in enumerate((paths.BEGUN, paths.COMPLETED, paths.PASSED, paths.FAILED)):
                places[place] += many if bits & bit else 0
        if is_launched and completion != "completed" and (begun := [each for each in walked if each in order]):
            counted[max(begun, key=order.__getitem__)][4] += many
    rows = _tree(structure, numbers, counted)
    inside = set(structure.activities) if structure else set()
    rows += [
        (Label(identifier, note=_("not in the current version")), *counted[pk])
        for identifier, pk in numbers.items()
        if identifier not in inside and any(counted[pk])
    ]
    return Table(
        "funnel",
        _("Activities: how far learners come"),
        [
            Column(_("Activity"), TEXT),
            Column(_("Begun"), drawn=True),
            Column(_("Completed"), drawn=True),
            Column(_("Passed"), drawn=True),
            Column(_("Failed")),
            Column(_("Stopped here")),
        ],
        rows,
        chart="bar",
        is_open=True,
    )


def _tree(structure: CourseStructure | None, numbers: Mapping[str, int], counted: Mapping[int, list[int]]) -> list[Any]:
    if structure is None:
        return []
    found: list[Any] = []

    def walk(activity: Activity, depth: int) -> None:
        number = numbers.get(activity.identifier)
        title = activity.title or structure.title or activity.identifier
        if activity.kind != "aggregation":
            found.append((Label(title, depth=depth), *(counted[number] if number else [0] * 5)))
        elif depth or number:  # a cluster is told where it is tracked itself, else as a heading
            found.append((Label(title, depth=depth), *(counted[number] if number else [None] * 5)))
        for child in activity.children:
            walk(child, depth + 1)

    walk(structure.root, 0)
    return found


# --- questions --------------------------------------------------------------------------------------------------------


def questions(rows: Sequence[tuple[Question, Label, Mapping[str, Any] | None]]) -> Table:
    return Table(
        "questions",
        _("Questions"),
        [
            Column(_("Question"), TEXT),
            Column(_("Type"), TEXT),
            Column(_("Answers")),
            Column(_("Judged")),
            Column(_("Correct"), PERCENT, drawn=True),
            Column(_("Mean latency"), SECONDS),
            Column(_("Discrimination"), INDEX),
        ],
        [(label, word_of_standard(question.kind or "–"), *measures(row)) for question, label, row in rows],
        chart="bar",
        maximum=100,
        is_open=True,
        shown_rows=MOST_QUESTIONS,
        note=_(
            "Correct is the share of the judged answers that were right: the difficulty index. Discrimination tells,"
            " from −1 to 1, how far a right answer goes with a high score in its activity; below 0.2 a question tells"
            " strong from weak learners poorly. It needs at least 10 judged answers with a score."
        ),
    )  # fmt: skip


def measures(row: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """Answers, judged, correct share, mean latency, discrimination."""
    if row is None:
        return (0, 0, None, None, None)
    correct = row["right"] / row["judged"] if row["judged"] else None
    latency = row["seconds"] / row["timed"] if row["timed"] else None
    return (row["times"], row["judged"], correct, latency, figures.discrimination(row))


def responses(rows: Sequence[tuple[str, bool | None, int]]) -> Table:
    """The responses to a question, most frequent first; a page shows the first of them."""
    whole = sum(many for *_rest, many in rows)
    judged = {True: _("correct"), False: _("incorrect"), None: "–"}
    return Table(
        "responses",
        _("Responses"),
        [
            Column(_("Response"), TEXT),
            Column(_("Judged as"), TEXT),
            Column(_("Answers"), drawn=True),
            Column(_("Share"), PERCENT),
        ],
        [
            (Label(response or _("(no response)")), judged[is_correct], many, many / whole)
            for response, is_correct, many in rows
        ],
        chart="bar",
        across=True,
        is_open=True,
        shown_rows=MOST_RESPONSES,
        drawn_rows=10,
        note=_("The %(shown)s most frequent of %(all)s responses; the CSV has them all.")
        % {"shown": MOST_RESPONSES, "all": len(rows)}
        if len(rows) > MOST_RESPONSES
        else "",
    )
