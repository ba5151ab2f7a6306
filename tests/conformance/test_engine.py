"""The ADL conformance cases against the SCORM 2004 engine (SN, RTE).

`cases/` holds some of them (SOURCES.md); where the whole set lies beside the checkout, or SCORM_CASES names it, every
case runs.
"""

import os
from pathlib import Path

import pytest

from .player2004 import play

HERE = Path(__file__).parent / "cases"
BESIDE = Path(os.environ.get("SCORM_CASES") or Path(__file__).parents[3] / "shared/conformance/scorm2004")
FOLDERS = {
    script.parent.name: script.parent for root in (HERE, BESIDE) for script in sorted(root.glob("*/script.json"))
}


@pytest.mark.parametrize("case", sorted(FOLDERS))
def test_case(case: str) -> None:
    play(FOLDERS[case])
