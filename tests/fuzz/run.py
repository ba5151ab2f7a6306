"""Reads broken packages by the thousand: `make fuzz`, or `python -m tests.fuzz --cases 1000`.

Whatever the bytes, the outcome is a course or a PackageError, within the memory and seconds allowed, and no file is
written. A case that ends otherwise is named with its number and kept in build/fuzz; `--only NUMBER` runs it again.
"""

import argparse
import io
import json
import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from standards import repair, rescue
from standards.errors import PackageError
from standards.package import MIB, Limits, Package
from standards.registry import read
from standards.rules import RULES
from standards.structure import CourseStructure, Finding

from .mutations import case, seeds

KEPT = Path(__file__).resolve().parents[2] / "build" / "fuzz"
MEMORY = 200 * MIB  # over what the process takes before the first case
SECONDS = 20  # for one case
LIMITS = Limits(max_members=2000, max_total=64 * MIB)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Wrong(Exception):
    """What must not be, said in words."""


def examine(data: bytes) -> str:
    """The outcome: a standard, or the code of the refusal. Raises Wrong, or whatever escapes."""
    try:
        with Package.open(io.BytesIO(data), LIMITS) as package:
            package.verify()
            structure = read(package)
            _examine_structure(structure)
            if any(finding.fixable for finding in structure.findings):
                _examine_repair(package)
    except PackageError as error:
        if error.finding.code not in RULES:
            raise Wrong(f"{error.finding.code} is in no catalogue") from error
        _examine_text(error.finding.to_json())
        _examine_rescue(data, error.finding)
        return error.finding.code
    return structure.standard


def _examine_structure(structure: CourseStructure) -> None:
    plain = structure.to_json()
    _examine_text(plain)
    if CourseStructure.from_json(json.loads(json.dumps(plain))) != structure:
        raise Wrong("the structure is another one after JSON")
    if unknown := {finding.code for finding in structure.findings} - set(RULES):
        raise Wrong(f"{unknown} are in no catalogue")
    if not structure.leaves:
        raise Wrong("a course without anything to launch")


def _examine_text(plain: dict[str, Any]) -> None:
    """What a database can keep: neither NUL nor half of a pair of surrogates."""
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False)
    if "\\u0000" in text:
        raise Wrong("NUL in a text")
    text.encode("utf-8")


def _examine_repair(package: Package) -> None:
    """Mended, the package is still one, and what was mended is gone."""
    plan = repair.plan(package)
    offered = {finding.code for finding in read(package).findings if finding.fixable}
    if offered - {finding.code for finding in plan.findings}:
        raise Wrong(f"of {offered} not all is mended")
    target = io.BytesIO()
    repair.write(package, plan, target)
    with Package.open(target, LIMITS) as mended:
        mended.verify()
        left = {finding.code for finding in read(mended).findings if finding.fixable}
    if left & {finding.code for finding in plan.findings}:
        raise Wrong(f"{left} are still there after the repair")


def _examine_rescue(data: bytes, finding: Finding) -> None:
    """What is said to be mendable is mended: the package is refused for it no more."""
    file = io.BytesIO(data)
    if not rescue.is_mendable(file, finding, LIMITS):
        return
    package = rescue.open_refused(file, finding, LIMITS)
    plan = rescue.plan(package, finding, LIMITS)
    if plan is None:
        raise Wrong("mendable and not mended")
    target = io.BytesIO()
    try:
        repair.write(package, plan, target)
        with Package.open(target, LIMITS) as mended:
            read(mended)
    except PackageError as error:
        if error.finding.code == finding.code and not plan.inner:
            raise Wrong(f"{error.finding.code} is still there after its mending") from error


# --- runs -------------------------------------------------------------------------------------------------------------


def _guard() -> None:
    """Limit this process: its memory, and no file opened for writing from here on."""
    seeds()
    examine(case(0))
    taken = (
        int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if os.path.exists("/proc") else 0
    )
    if taken:
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, resource.RLIM_INFINITY))
    sys.addaudithook(_refuse_writing)
    signal.signal(signal.SIGALRM, _too_slow)


def _refuse_writing(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING and not _is_keeping:
        raise Wrong(f"{arguments[0]!r} is opened for writing")


_is_keeping = False


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise Wrong(f"takes longer than {SECONDS} seconds")


def _run(numbers: range) -> tuple[dict[str, int], list[str], int]:
    """Outcomes, what went wrong, and the most memory this process had, in KiB."""
    _guard()
    outcomes: dict[str, int] = {}
    wrong: list[str] = []
    for number in numbers:
        data = case(number)
        signal.alarm(SECONDS)
        try:
            outcome = examine(data)
        except BaseException as error:  # whatever it is, it is what we look for
            signal.alarm(0)
            wrong.append(f"case {number}: {type(error).__name__}: {error}\n{''.join(traceback.format_exc()[-1500:])}")
            _keep(number, data)
            outcome = "WRONG"
        signal.alarm(0)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return outcomes, wrong, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _keep(number: int, data: bytes) -> None:
    global _is_keeping
    _is_keeping = True
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{number}.zip").write_bytes(data)
    _is_keeping = False


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzz")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", type=int, help="run this case alone")
    options = parser.parse_args()
    first, count = (options.only, 1) if options.only is not None else (options.first, options.cases)
    begun = time.monotonic()
    size = max(1, min(2000, -(-count // options.processes)))
    parts = [range(start, min(start + size, first + count)) for start in range(first, first + count, size)]
    outcomes: dict[str, int] = {}
    wrong: list[str] = []
    peak = 0
    # A new process for each part, so that the limit of memory holds for it from the beginning
    with multiprocessing.get_context("spawn").Pool(options.processes, maxtasksperchild=1) as pool:
        for some, of_them, taken in pool.imap_unordered(_run, parts):
            wrong += of_them
            peak = max(peak, taken)
            for outcome, times in some.items():
                outcomes[outcome] = outcomes.get(outcome, 0) + times
    for words in wrong[:20]:
        print(words, file=sys.stderr)
    for outcome, times in sorted(outcomes.items(), key=lambda entry: -entry[1]):
        print(f"{times:8} {outcome}")
    print(f"{count:,} cases of {len(seeds())} packages in {time.monotonic() - begun:.0f} s, {len(wrong)} wrong")
    print(f"{peak / 1024:.0f} MiB at most in one process")
    return 1 if wrong else 0
