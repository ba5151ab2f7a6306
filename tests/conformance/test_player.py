"""The ADL conformance cases in the real player, in a real browser.

`cases/` holds some of them (SOURCES.md); where the whole set lies beside the checkout, or SCORM_CASES names it, every
case runs.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.desk import Desk

from .playerdriver import Case, write_package
from .test_engine import FOLDERS

pytestmark = pytest.mark.browser
_learners = count(1)


class Courses:
    """The cases' packages, each imported when it is first played."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder
        self.realm = desk.realm("conformance@example.com")
        self.known: dict[str, int] = {}

    def course(self, case: str) -> int:
        if case not in self.known:
            package = self.folder / f"{case}.zip"
            write_package(FOLDERS[case], package)
            self.known[case] = self.desk.course(self.realm, package)
        return self.known[case]


@pytest.fixture(scope="module")
def courses(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Courses:
    return Courses(desk, tmp_path_factory.mktemp("cases"))


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[tuple[str, str]]]:
    """Passed and failed by category, printed at the end."""
    counted: Counter[tuple[str, str]] = Counter()
    yield counted
    for category in sorted({category for category, _ in counted}):
        passed, failed = counted[category, "passed"], counted[category, "failed"]
        print(f"{category}: {passed} passed, {failed} failed", file=sys.__stderr__)


@pytest.mark.parametrize("case", sorted(FOLDERS))
def test_case(case: str, courses: Courses, browser: Browser, tally: Counter[tuple[str, str]]) -> None:
    script = json.loads((FOLDERS[case] / "script.json").read_text())
    learner = f"learner-{next(_learners)}"
    tally[script["category"], "failed"] += 1

    for each in [*script["prerequisites"], case]:
        context = browser.new_context()
        Case(FOLDERS[each], courses.desk, courses.course(each), context, learner).play()
        context.close()

    tally[script["category"], "failed"] -= 1
    tally[script["category"], "passed"] += 1
