"""The real processes, as an operator starts them: web, worker, beat and broker on a free port and an empty folder.

Tests on them are marked `services` or `browser`; they arrange by manage.py and by the pages, as people do.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PASSWORD = "correct horse battery staple"
PATIENCE = 300  # seconds for what takes a few, on a machine that does ten things at once


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Cloud:
    """A running product, and what can be done to it from outside."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    @property
    def console(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def content(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _environment(self) -> dict[str, str]:
        own = {"PORT": str(self.port), "DATA_DIR": str(self.data_dir)}
        return {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **own, **self.environment}

    def start(self) -> "Cloud":
        """Come back when it is ready. Raises AssertionError with its output when it is not."""
        assert self.process is None, "already started"
        self.process = self.spawn()
        assert self.process.stdout is not None
        if not self.process.stdout.readline().startswith("SCORM Cloud is at"):
            self.stop()
            raise AssertionError(f"it did not start: {self.log()}")
        return self

    def spawn(self) -> subprocess.Popen:
        """`manage.py serve`, without waiting for anything; what its parts say goes to the log."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "serve.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def log(self) -> str:
        return (self.data_dir / "serve.log").read_text()

    def stop(self, signal_number: signal.Signals = signal.SIGINT) -> int:
        """Ends it, where it has not ended by itself, and returns its exit status."""
        assert self.process is not None
        self.process.send_signal(signal_number)
        status = self.process.wait(timeout=40)
        self.process.stdout.close()  # type: ignore[union-attr]
        self.process = None
        return status

    def processes(self) -> dict[int, str]:
        """Every process of this product: id -> command line. Found by its data directory in the environment."""
        mark = f"DATA_DIR={self.data_dir}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0") and not _is_zombie(folder):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # ended meanwhile
                continue
        return found

    def kill(self, part: str, signal_number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to every process whose command line holds the words."""
        victims = [process for process, command in self.processes().items() if part in command]
        assert victims, f"no process with {part!r} in its command"
        for victim in victims:
            os.kill(victim, signal_number)

    def manage(self, *words: str | Path, check: bool = True) -> subprocess.CompletedProcess:
        """Run a manage.py command beside it."""
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def manage_json(self, *words: str | Path) -> dict[str, Any]:
        return json.loads(self.manage(*words).stdout)

    def account(self, email: str = "olga@example.com") -> dict[str, Any]:
        """Provision an account with PASSWORD; returns its realm and applications."""
        names = ("--first-name", "Olga", "--last-name", "Owner")
        return self.manage_json("create_account", email, "--password", PASSWORD, *names)

    def get(self, url: str) -> tuple[int, str]:
        """Status and body of a page."""
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def _is_zombie(folder: Path) -> bool:
    return (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """A running product for the tests of this session that do not stop or break it."""
    with tempfile.TemporaryDirectory(prefix="scormcloud-run-", ignore_cleanup_errors=True) as folder:
        running = Cloud(Path(folder) / "data").start()
        yield running
        running.stop()


@pytest.fixture
def own_cloud(tmp_path: Path) -> Iterator[Cloud]:
    """A product of the test's own, not started yet."""
    mine = Cloud(tmp_path / "data")
    yield mine
    if mine.process is not None:
        mine.stop()
