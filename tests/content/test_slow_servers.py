"""Packages on servers that never answer hold up nobody: other imports run, and other realms' fetches too."""

import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.utils import timezone

from content import importer
from content.models import ImportJob
from tests import make
from tests.content.packages import package
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


def test_each_realm_has_its_own_turns(application):
    other = make.application(make.realm())
    rows = {"url": "https://example.org/a.zip", "lease_until": timezone.now()}
    for _ in range(importer.FETCHES_AT_ONCE):
        ImportJob.objects.create(application=application, state=ImportJob.State.RUNNING, **rows)
    mine = ImportJob.objects.create(application=application, **rows)
    theirs = ImportJob.objects.create(application=other, **rows)

    assert importer.must_wait_its_turn(mine.pk)
    assert not importer.must_wait_its_turn(theirs.pk)

    ImportJob.objects.filter(state=ImportJob.State.RUNNING).first().delete()

    assert not importer.must_wait_its_turn(mine.pk)
