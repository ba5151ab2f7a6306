"""Packages on servers that never answer hold up nobody: other imports run, and other realms' fetches too."""

import socket
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from content import importer
from content.models import ImportJob
from tests import make
from tests.content.packages import package
from tests.content.test_versions import ON_POSTGRESQL, at_once
from tests.services import Cloud

BEGIN = """
from pathlib import Path; from content import services; from realms.models import Application
application = Application.objects.get(is_internal=True)
for number in range(6):
    services.start_fetch(application, f"http://127.0.0.1:{port}/{{number}}.zip")
services.start_import(application, Path({path!r}), "small.zip")
"""


@pytest.mark.services
def test_an_import_does_not_wait_for_servers_that_stall(own_cloud: Cloud, tmp_path: Path):
    small = tmp_path / "small.zip"
    small.write_bytes(package())
    own_cloud.environment["FETCH_ALLOWED_HOSTS"] = "127.0.0.1"
    own_cloud.start()
    own_cloud.account()
    with socket.create_server(("127.0.0.1", 0), backlog=50) as stalls:
        own_cloud.manage("shell", "-c", BEGIN.format(port=stalls.getsockname()[1], path=str(small)))
        wanted = [*["fetched running"] * importer.FETCHES_AT_ONCE, *["fetched waiting"] * 2, "small.zip complete"]
        for _ in range(100):
            if states(own_cloud) == wanted:
                break
            time.sleep(0.2)

        assert states(own_cloud) == wanted


def states(cloud: Cloud) -> list[str]:
    """Of all imports, sorted; read without starting a process, since a fetch waits a minute and no longer."""
    with closing(sqlite3.connect(cloud.data_dir / "db.sqlite3", timeout=20)) as database:
        rows = database.execute("select file_name, url, state from content_importjob").fetchall()
    return sorted(f"{'fetched' if url else name} {state}" for name, url, state in rows)


def fetches(application, count: int, **columns) -> list[ImportJob]:
    rows = {"url": "https://example.invalid/a.zip", "lease_until": timezone.now() + timedelta(minutes=1), **columns}
    return [ImportJob.objects.create(application=application, **rows) for _ in range(count)]


def test_each_realm_has_its_own_turns(application):
    running = fetches(application, importer.FETCHES_AT_ONCE, state=ImportJob.State.RUNNING)
    [mine], [theirs] = fetches(application, 1), fetches(make.application(make.realm()), 1)

    assert not importer.run_in_turn(mine.pk)
    assert importer.run_in_turn(theirs.pk)

    running[0].delete()

    assert importer.run_in_turn(mine.pk)
    assert [ImportJob.objects.get(pk=each.pk).state for each in (mine, theirs)] == ["failed", "failed"]


def test_the_fetches_of_a_dead_worker_take_no_turns(application):
    fetches(application, importer.FETCHES_AT_ONCE, state=ImportJob.State.RUNNING, lease_until=timezone.now())
    [mine] = fetches(application, 1)

    assert importer.run_in_turn(mine.pk)


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_of_many_that_begin_at_once_no_more_are_let_in_than_may(application, settings):
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    waiting_too = 2 * importer.FETCHES_AT_ONCE
    refused: list[ImportJob] = []

    with socket.create_server(("127.0.0.1", 0), backlog=50) as stalls:
        url = f"http://127.0.0.1:{stalls.getsockname()[1]}/a.zip"

        def begin(job: ImportJob) -> bool:
            let_in = importer.run_in_turn(job.pk)
            if not let_in:
                refused.append(job)
            return let_in

        def end() -> None:
            for _ in range(100):
                if len(refused) >= waiting_too:
                    break
                time.sleep(0.1)
            stalls.close()

        jobs = fetches(application, importer.FETCHES_AT_ONCE + waiting_too, url=url)
        let_in = at_once(*[lambda job=job: begin(job) for job in jobs], end)[:-1]

    assert let_in.count(True) == importer.FETCHES_AT_ONCE
    assert let_in.count(False) == waiting_too
