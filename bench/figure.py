"""A measured figure, and where the scripts work."""

import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """A value beside its yardstick, in the same unit. `goal`: what `value` or, with a yardstick, the ratio may be."""

    name: str
    value: float
    unit: str
    yardstick: float | None = None
    goal: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.yardstick if self.yardstick else None

    @property
    def is_met(self) -> bool | None:
        if self.goal is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.goal

    def columns(self) -> tuple[str, ...]:
        met = {None: "", True: "met", False: "MISSED"}[self.is_met]
        return (
            self.name,
            f"{self.value:.4g} {self.unit}",
            f"{self.yardstick:.4g} {self.unit}" if self.yardstick else "",
            f"{self.ratio:.2f}" if self.ratio is not None else "",
            f"{self.goal:g}" if self.goal is not None else "",
            met,
        )


def median(values: list[float]) -> float:
    return statistics.median(values)


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@contextmanager
def workplace(database_url: str = "", database: Path | None = None) -> Iterator[Path]:
    """A data directory on the disk where data would lie, and Django set up on it, or on another database.

    It is empty, or has a copy of the database file.
    """
    with tempfile.TemporaryDirectory(prefix="scormcloud-bench-") as folder:
        if database:
            shutil.copyfile(database, Path(folder) / "db.sqlite3")
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        for name in ("DATABASE_URL", "REDIS_URL", "ENVIRONMENT", "CONSOLE_ORIGIN", "CONTENT_ORIGIN"):
            os.environ.pop(name, None)
        if database_url:
            os.environ["DATABASE_URL"] = database_url
        import django  # noqa: PLC0415 -- reads the environment above

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415 -- needs the settings

        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        yield Path(folder)


def tell(measure: Callable[[], list[Figure]]) -> None:
    """The end of each script: its figures as one line of JSON, for bench.__main__ to lay out."""
    print(json.dumps([asdict(figure) for figure in measure()]))


def note(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)
