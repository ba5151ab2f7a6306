"""The player's ES modules, tested by node's own runner."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 20


def node_or_say_why_not() -> str:
    """The node program. Without a fit one the tests are skipped by name, and fail where CI is set."""
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout if node else ""
    if node and int(version.removeprefix("v").split(".")[0]) >= OLDEST_NODE:
        return node
    found = f"node {version.strip()} is too old" if node else "node is not installed"
    reason = f"{found}: the JavaScript of the player is NOT tested (needs node {OLDEST_NODE} or newer)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_player_modules() -> None:
    node = node_or_say_why_not()
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").glob("*.test.js"))
    assert files

    result = subprocess.run([node, "--test", *files], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
