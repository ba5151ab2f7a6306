"""A figure of a report: a table, drawn as a chart where that says more, and the same as CSV."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format, number_format

from realms.templatetags.console import duration, percent

NUMBER, PERCENT, SECONDS, INDEX, TEXT = "number", "percent", "seconds", "index", "text"
UNITS = {PERCENT: "%", SECONDS: "s"}  # as the header of a CSV names them


@dataclass(frozen=True)
class Column:
    """`drawn`: a series of the chart."""

    name: Any
    unit: str = NUMBER
    drawn: bool = False

    @property
    def csv_name(self) -> str:
        return f"{self.name} ({UNITS[self.unit]})" if self.unit in UNITS else str(self.name)


@dataclass(frozen=True)
class Label:
    """What a row is about, where a CSV or a chart writes it another way or where it leads somewhere."""

    words: str
    csv: str = ""
    url: str = ""
    note: str = ""
    depth: int = 0


@dataclass(frozen=True)
class Table:
    """`rows`: a Label and the value of each further column, which may be another. `chart`: line, bar or none."""

    key: str
    title: Any
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    chart: str = ""
    across: bool = False
    maximum: int | None = None  # of the chart's scale
    note: Any = ""
    shown_rows: int = 0  # of the rows on the page, where a CSV has more; 0: all
    drawn_rows: int = 30
    is_open: bool = False  # the table says more than the chart

    @property
    def is_empty(self) -> bool:
        return not any(value for _, *values in self.rows for value in values if isinstance(value, int | float))

    @property
    def drawing(self) -> dict[str, Any]:
        """What static/js/charts.js draws."""
        drawn = [number for number, column in enumerate(self.columns) if column.drawn]
        rows = self.rows if self.chart == "line" else self.rows[: self.drawn_rows]
        return {
            "kind": self.chart,
            "across": self.across,
            **({"maximum": self.maximum} if self.maximum else {}),
            "labels": [row[0].words for row in rows],
            "series": [
                {
                    "name": str(self.columns[number].name),
                    "values": [_drawn(row[number], self.columns[number].unit) for row in rows],
                }
                for number in drawn
            ],
        }

    @property
    def lines(self) -> list[tuple[Label, list[tuple[Column, str]]]]:
        """The rows as words."""
        rows = self.rows[: self.shown_rows] if self.shown_rows else self.rows
        return [
            (
                row[0],
                [(column, show(value, column.unit)) for column, value in zip(self.columns[1:], row[1:], strict=True)],
            )
            for row in rows
        ]

    def csv_header(self) -> list[str]:
        return [column.csv_name for column in self.columns]

    def csv_rows(self) -> Iterable[list[Any]]:
        for label, *values in self.rows:
            units = (column.unit for column in self.columns[1:])
            yield [label.csv or label.words, *(_written(each, unit) for each, unit in zip(values, units, strict=True))]


def show(value: Any, unit: str) -> str:
    """A value as the page writes it."""
    if value is None:
        return "–"
    if isinstance(value, Label):
        return value.words
    if unit == PERCENT:
        return percent(value)
    if unit == SECONDS:
        return f"{number_format(value, 1)} s" if value < 10 and value != int(value) else duration(value)
    if unit == INDEX:
        return number_format(value, 2)
    return str(value) if unit == TEXT else str(intcomma(value))


def _written(value: Any, unit: str) -> Any:
    """A value as a CSV has it: plain numbers."""
    if value is None:
        return ""
    if isinstance(value, Label):
        return value.csv or value.words
    if unit == PERCENT:
        return round(value * 100, 2)
    return round(value, 4) if isinstance(value, float) else value


def _drawn(value: Any, unit: str) -> Any:
    return round(value * 100, 1) if unit == PERCENT and value is not None else value


def day_cell(day: date) -> Label:
    return Label(date_format(day, "SHORT_DATE_FORMAT"), day.isoformat())


def day_label(day: date, step: str) -> Label:
    if step == "month":
        return Label(date_format(day, "M Y"), day.isoformat())
    return Label(date_format(day, "j M"), day.isoformat(), note=str(day.year))


@dataclass(frozen=True)
class Tile:
    """A number that stands for itself."""

    label: Any
    value: str
    note: str = ""


@dataclass
class Report:
    """All a page tells: in order, what a CSV can be had of by its key."""

    tiles: Sequence[Tile] = ()
    tables: dict[str, Table] = field(default_factory=dict)
    is_empty: bool = False  # nobody was registered, launched or completed anything

    def add(self, *tables: Table) -> "Report":
        self.tables |= {table.key: table for table in tables}
        return self
