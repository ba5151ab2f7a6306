"""Starting and stopping the whole product, as an operator does."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from config import health
from config.supervisor import broker_binary
from tests import postgresql
from tests.services import ROOT, Cloud, free_port

ALL_WELL = '{"web": "ok", "database": "ok", "broker": "ok", "worker": "ok"}'


def wait_for(condition: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def ask(cloud: Cloud, code: str) -> str:
    return cloud.manage("shell", "-v", "0", "-c", code).stdout.strip()


def refusal(cloud: Cloud) -> list[str]:
    """What a start that is refused says, with a status other than 0."""
    process = cloud.spawn()
    output, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert output == ""
    return cloud.log().splitlines()


# --- health -----------------------------------------------------------------------------------------------------------


def test_health_names_what_does_not_work(db, client: Client):
    answer = client.get("/healthz", headers={"host": "localhost:8000"})

    assert answer.status_code == 503
    assert answer.json() == {
        "web": "ok",
        "database": "ok",
        "broker": "is not running",
        "worker": "unknown without the broker",
    }


def test_a_worker_shows_that_it_lives(client: Client):
    health.beat(["celery"])
    assert health.worker() == "none serves the queue network"

    health.beat(["network"])
    assert health.worker() == "ok"


@pytest.mark.services
def test_both_origins_answer_that_all_is_well(cloud: Cloud):
    assert cloud.get(f"{cloud.console}/healthz") == (200, ALL_WELL)
    assert cloud.get(f"{cloud.content}/healthz") == (200, ALL_WELL)


@pytest.mark.services
def test_health_is_told_in_time_while_the_broker_hangs(own_cloud: Cloud):
    own_cloud.start()

    own_cloud.kill("valkey-server", signal.SIGSTOP)
    status, body = own_cloud.get(f"{own_cloud.console}/healthz")  # within the time that a probe has
    own_cloud.kill("valkey-server", signal.SIGCONT)

    assert (status, '"broker": "does not answer"' in body) == (503, True)
    wait_for(lambda: own_cloud.get(f"{own_cloud.console}/healthz") == (200, ALL_WELL))


# --- start and stop ---------------------------------------------------------------------------------------------------


def test_the_embedded_broker_is_a_program():
    assert os.access(broker_binary(), os.X_OK)


@pytest.mark.services
@pytest.mark.parametrize(
    "signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name
)
def test_one_signal_stops_everything_and_leaves_nothing(own_cloud: Cloud, signal_number: signal.Signals):
    own_cloud.start()
    note = own_cloud.data_dir / "broker.url"
    folder = Path(note.read_text().removeprefix("unix://")).parent

    status = own_cloud.stop(signal_number)

    assert (status, own_cloud.processes(), note.exists(), folder.exists()) == (0, {}, False, False)


@pytest.mark.services
def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_works(own_cloud: Cloud):
    own_cloud.start()

    own_cloud.stop(signal.SIGKILL)
    again = Cloud(own_cloud.data_dir, own_cloud.port)
    wait_for(lambda: own_cloud.processes() == {})

    again.start()
    answer = again.get(f"{again.console}/healthz")
    assert (again.stop(), answer) == (0, (200, ALL_WELL))


@pytest.mark.services
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_a_killed_supervisor_takes_a_worker_with_it_that_heeds_nothing(own_cloud: Cloud):
    own_cloud.start()

    own_cloud.kill("worker -Q", signal.SIGSTOP)
    own_cloud.stop(signal.SIGKILL)

    wait_for(lambda: own_cloud.processes() == {})


@pytest.mark.services
@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("valkey-server", "broker"),
        ("celery --quiet -A config worker", "worker"),
        ("beat", "beat"),
        ("granian", "web server"),
    ],
)
def test_a_part_that_ends_stops_everything_and_is_named(own_cloud: Cloud, command: str, name: str):
    own_cloud.start()
    assert own_cloud.process is not None

    own_cloud.kill(command)

    assert own_cloud.process.wait(timeout=40) == 1
    assert own_cloud.processes() == {}
    assert f"error: the {name} ended" in own_cloud.log()


@pytest.mark.services
def test_a_second_start_loses_nothing(own_cloud: Cloud):
    own_cloud.start()
    own_cloud.manage(
        "shell", "-c", "from accounts.models import User; User.objects.create_user('ada@example.com', 'x')"
    )
    key = (own_cloud.data_dir / "secret_key").read_text()
    own_cloud.stop()

    began = time.monotonic()
    own_cloud.start()
    seconds = time.monotonic() - began

    found = own_cloud.manage(
        "shell", "-v", "0", "-c", "from accounts.models import User; print(User.objects.get().email)"
    )
    assert found.stdout == "ada@example.com\n"
    assert (own_cloud.data_dir / "secret_key").read_text() == key
    assert seconds < 60  # some three on an idle machine


@pytest.mark.services
def test_several_run_side_by_side(cloud: Cloud, own_cloud: Cloud):
    own_cloud.start()

    assert own_cloud.get(f"{own_cloud.console}/healthz") == (200, ALL_WELL)
    assert cloud.get(f"{cloud.console}/healthz") == (200, ALL_WELL)


@pytest.mark.services
def test_a_command_beside_it_reaches_its_broker(cloud: Cloud):
    told = ask(cloud, "from django.conf import settings; print(settings.REDIS_URL)")

    assert told == (cloud.data_dir / "broker.url").read_text()


def test_a_command_with_no_broker_does_the_work_itself(own_cloud: Cloud):
    (own_cloud.data_dir).mkdir()
    (own_cloud.data_dir / "broker.url").write_text("unix:///nowhere/s")  # left by one that was killed

    told = own_cloud.manage(
        "shell",
        "-v",
        "0",
        "-c",
        "from django.conf import settings as s; print(repr(s.REDIS_URL), s.CELERY_TASK_ALWAYS_EAGER)",
    )

    assert told.stdout == "'' True\n"


@pytest.mark.services
@pytest.mark.skipif(not postgresql.is_available(), reason=postgresql.MISSING)
def test_given_services_replace_the_embedded_ones(cloud: Cloud, own_cloud: Cloud):
    own_cloud.environment = {
        "DATABASE_URL": postgresql.server_url(),
        "REDIS_URL": (cloud.data_dir / "broker.url").read_text() + "?db=3",
    }

    own_cloud.start()

    assert own_cloud.get(f"{own_cloud.console}/healthz") == (200, ALL_WELL)
    assert [name for name in ("db.sqlite3", "broker", "broker.url") if (own_cloud.data_dir / name).exists()] == []
    assert not any("valkey" in command for command in own_cloud.processes().values())


# --- one clear line ---------------------------------------------------------------------------------------------------


@pytest.mark.services
def test_a_second_start_on_the_same_data_is_refused(cloud: Cloud):
    (line,) = refusal_beside(cloud)

    assert line.startswith(f"error: {cloud.data_dir} is in use by another start (process ")


def refusal_beside(cloud: Cloud) -> list[str]:
    already = len(cloud.log().splitlines())
    return refusal(Cloud(cloud.data_dir))[already:]


def test_a_taken_port_is_one_clear_line(own_cloud: Cloud):
    with socket.create_server(("127.0.0.1", own_cloud.port)):
        lines = refusal(own_cloud)

    assert lines == [
        f"error: cannot listen on 127.0.0.1 port {own_cloud.port}: Address already in use; choose another PORT"
    ]


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"PORT": "many"}, "error: PORT must be a whole number from 1 to 65535, not 'many'"),
        ({"PORT": "70000"}, "error: PORT must be a whole number from 1 to 65535, not '70000'"),
        ({"DEBUG": "perhaps"}, "error: DEBUG must be True or False, not 'perhaps'"),
        ({"DATA_DIR": "/dev/null/data"}, "error: DATA_DIR cannot be used: "),
        ({"DATABASE_URL": "foo://bar"}, "error: DATABASE_URL is not understood: "),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "error: the database does not answer: "),
        ({"REDIS_URL": "foo://bar"}, "error: REDIS_URL is not understood: "),
        ({"REDIS_URL": "redis://127.0.0.1:1"}, "error: the broker does not answer: "),
        ({"CONTENT_ORIGIN": "nonsense"}, "error: CONTENT_ORIGIN must be an origin such as https://example.org"),
        ({"ENVIRONMENT": "production"}, "error: CONSOLE_ORIGIN must be an origin such as https://example.org, not ''"),
        ({"EMAIL_VERIFICATION": "no"}, "error: EMAIL_VERIFICATION must be one of optional, mandatory, not 'no'"),
        ({"SECRET_KEY_FILE": "/nowhere/key"}, "error: SECRET_KEY_FILE cannot be read: "),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_broken_setting_is_one_clear_line(own_cloud: Cloud, environment: dict[str, str], line: str):
    own_cloud.environment = environment

    (told,) = refusal(own_cloud)

    assert told.startswith(line)


# --- a fresh checkout -------------------------------------------------------------------------------------------------


@pytest.mark.services
def test_make_run_in_a_fresh_copy_needs_nothing_else(tmp_path: Path):
    copy = tmp_path / "checkout"
    for name in subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    port = free_port()
    shell = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    running = subprocess.Popen(
        ["make", "run", f"PORT={port}"], cwd=copy, env=shell, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert running.stdout is not None

    try:
        first = running.stdout.readline()
        status = Cloud(copy / "var", port).get(f"http://localhost:{port}/healthz")
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(timeout=40)
        last = running.stdout.readlines()[-1:]
        running.stdout.close()

    assert first == f"SCORM Cloud is at http://localhost:{port} (data in {copy}/var; Ctrl-C stops it)\n"
    assert last == ["Stopped.\n"]
    assert status == (200, ALL_WELL)


@pytest.mark.parametrize("target", ["help", "run", "test", "bench", "conformance", "format", "manage", "lock"])
def test_every_target_runs_something(target: str):
    planned = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True)

    assert planned.stdout.strip()


def test_help_lists_every_target():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    assert [line.split()[1] for line in listed.splitlines()] == phony.removeprefix(".PHONY:").split()
