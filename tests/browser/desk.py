"""Arranges courses and launches in a running product, and reads what was stored, without a process start each time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.services import ROOT, Cloud


class Desk:
    """The verbs as methods, done by `desk_end` in a process beside the product."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process

    def __getattr__(self, verb: str) -> Any:
        return lambda *arguments: self._ask([verb, *map(str, arguments)])

    def _ask(self, line: list[str]) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(line) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline() or '{"error": "the desk has closed"}')
        assert "error" not in answer, answer["error"]
        return answer["result"]


@contextmanager
def open_desk(cloud: Cloud) -> Iterator[Desk]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.desk_end"],
        cwd=ROOT,
        env=cloud._environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield Desk(process)
    process.communicate(timeout=20)  # closes its input, which ends it
