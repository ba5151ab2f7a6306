"""A worker that is killed in the middle of an import: the job is taken up again and ends as if nothing had been."""

import random
import sqlite3
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.content.packages import MANIFEST
from tests.services import Cloud

QUEUE = """
from datetime import timedelta; from pathlib import Path
from django.utils import timezone
from content import services; from content.models import ImportJob; from realms.models import Application, BillingPlan
BillingPlan.objects.update(storage_limit=None)
application = Application.objects.get(is_internal=True)
job = services.start_import(application, Path({path!r}), "large.zip", queued=False)
ImportJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
"""


def _large_package(path: Path) -> None:
    """It takes about a second to check and another to keep its media inflated."""
    noise = random.Random(1).randbytes(32_000_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("imsmanifest.xml", MANIFEST.format(title="Large"))
        archive.writestr("index.html", "<p>Hello")
        for number in range(5):
            archive.writestr(f"film{number}.mp4", noise)


def _wait(question: Callable[[], bool], seconds: float, what: str) -> None:
    give_up = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < give_up, f"not within {seconds} seconds: {what}"
        time.sleep(0.01)


@pytest.mark.services
def test_a_killed_worker_costs_time_and_nothing_else(own_cloud: Cloud, tmp_path: Path):
    own_cloud.environment["IMPORT_LEASE_SECONDS"] = "5"
    own_cloud.start()
    own_cloud.account()
    package = tmp_path / "large.zip"
    _large_package(package)
    size = package.stat().st_size

    def rows(question: str) -> list[tuple]:
        database = sqlite3.connect(own_cloud.data_dir / "db.sqlite3", timeout=20)
        try:
            return database.execute(question).fetchall()
        finally:
            database.close()

    def job() -> tuple:
        return rows("select state, stage, attempts from content_importjob")[0]

    own_cloud.manage("shell", "-c", QUEUE.format(path=str(package)))
    _wait(lambda: job()[:2] == ("running", "Saving"), 60, "the import runs")
    own_cloud.kill("worker")
    assert own_cloud.process is not None
    own_cloud.process.wait(30)
    assert job()[0] == "running"
    own_cloud.process.stdout.close()  # type: ignore[union-attr]
    own_cloud.process = None
    own_cloud.start()

    _wait(lambda: job()[0] not in ("waiting", "running"), 90, "the import ends")

    assert job() == ("complete", "", 2)
    assert rows("select count(*) from content_course") == rows("select count(*) from content_courseversion") == [(1,)]
    assert rows("select count(*) from content_packagefile") == [(7,)]
    folder = own_cloud.data_dir
    left = [path for part in ("packages", "uploads") for path in (folder / part).rglob("*") if path.is_file()]
    assert sorted(path.stat().st_size for path in left) == sorted([size, *[32_000_000] * 5])
    assert not package.exists()
