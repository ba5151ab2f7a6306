"""Packages on servers that never answer hold up nobody: other imports run, and other realms' fetches too."""

import socket
import time
from pathlib import Path

import pytest
from django.utils import timezone

from content import importer
from content.models import ImportJob
from tests import make
from tests.content.packages import package
from tests.services import Cloud

FETCH = """
from content import services; from realms.models import Application
application = Application.objects.get(is_internal=True)
for number in range(6):
    services.start_fetch(application, f"http://127.0.0.1:{port}/{{number}}.zip")
"""
UPLOAD = """
from pathlib import Path; from content import services; from realms.models import Application
services.start_import(Application.objects.get(is_internal=True), Path({path!r}), "small.zip")
"""
STATES = """
from content.models import ImportJob
jobs = ImportJob.objects.all()
print(*(("fetched" if job.url else job.file_name) + " " + job.state for job in jobs), sep=",")
"""


@pytest.mark.services
def test_an_import_does_not_wait_for_servers_that_stall(own_cloud: Cloud, tmp_path: Path):
    small = tmp_path / "small.zip"
    small.write_bytes(package())
    own_cloud.environment["FETCH_ALLOWED_HOSTS"] = "127.0.0.1"
    own_cloud.start()
    own_cloud.account()
    with socket.create_server(("127.0.0.1", 0), backlog=50) as stalls:
        own_cloud.manage("shell", "-c", FETCH.format(port=stalls.getsockname()[1]))
        own_cloud.manage("shell", "-c", UPLOAD.format(path=str(small)))
        for _ in range(30):
            states = own_cloud.manage("shell", "-v", "0", "-c", STATES).stdout.strip().split(",")
            if "small.zip complete" in states and states.count("fetched running") == importer.FETCHES_AT_ONCE:
                break
            time.sleep(1)

        assert "small.zip complete" in states
        assert states.count("fetched running") == importer.FETCHES_AT_ONCE
        assert states.count("fetched waiting") == 6 - importer.FETCHES_AT_ONCE


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
