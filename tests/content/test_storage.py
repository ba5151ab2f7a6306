"""Archives on S3 are stored, read in slices and deleted as they are on the local disk."""

import os
import random
from collections.abc import Iterator

import boto3
import pytest
from django.core.files.storage import default_storage
from moto import mock_aws

from content import importer, services, storage
from content.errors import DiskFull
from content.models import Course
from player import files
from tests.content.packages import imported, package, waiting_job

BUCKET = "packages"


@pytest.fixture
def bucket(settings, monkeypatch) -> Iterator[None]:
    """An S3 bucket that stands in for a real one at the socket."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
        options = {"bucket_name": BUCKET, "region_name": "us-east-1", "file_overwrite": False}
        settings.STORAGES = settings.STORAGES | {
            "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        }
        yield


def stored() -> list[str]:
    return sorted(each.key for each in default_storage.bucket.objects.all())  # type: ignore[attr-defined]


@pytest.mark.usefixtures("bucket")
def test_a_package_lives_in_a_bucket(application, client, settings, django_capture_on_commit_callbacks):
    film = random.Random(1).randbytes(1_100_000)
    data = package({"film.mp4": film})

    version = imported(application, data).version

    inflated = version.files.exclude(inflated="").get().inflated
    assert stored() == sorted([version.archive, inflated])
    assert storage.read_range(version.archive, 0, len(data)) == data
    with storage.open_file(version.archive) as file:
        assert (file.read(2), file.seek(-4, os.SEEK_END), file.read()) == (b"PK", len(data) - 4, data[-4:])
    host = {"Host": settings.CONTENT_ORIGIN.partition("://")[2]}
    page = client.get(f"{files.files_url(version)}index.html", headers=host)
    part = client.get(f"{files.files_url(version)}film.mp4", headers=host | {"Range": "bytes=1000-1999"})
    assert (page.content, part.content) == (b"<p>Hello", film[1000:2000])

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_course(Course.objects.get())
    assert stored() == []
    assert not list(storage.upload_folder().iterdir())


@pytest.mark.usefixtures("bucket")
def test_an_import_that_is_run_again_writes_the_same_names(application):
    job = waiting_job(application, package({"film.mp4": random.Random(1).randbytes(1_100_000)}))
    storage.put_blocks(job.pk, storage.inflated_name(job.pk, 2), [b"of a run that was killed"])

    importer.run(job.pk)

    assert len(stored()) == 2
    assert Course.objects.get().current_version.files.exclude(inflated="").get().inflated in stored()


@pytest.mark.usefixtures("bucket")
def test_a_refused_package_leaves_nothing_in_the_bucket(application):
    imported(application, package()[:-9])

    assert stored() == []


@pytest.mark.usefixtures("bucket")
def test_an_object_that_is_gone_is_not_found(application, client, settings):
    version = imported(application, package()).version
    storage.delete([version.archive])

    answer = client.get(
        f"{files.files_url(version)}index.html", headers={"Host": settings.CONTENT_ORIGIN.partition("://")[2]}
    )

    assert answer.status_code == 404


# --- local disk -------------------------------------------------------------------------------------------------------


def test_uploads_and_packages_may_lie_on_two_disks(application, monkeypatch, kept):
    replace = storage.Path.replace

    def across(path, target):
        if path.parent == storage.upload_folder():
            raise OSError(18, "Invalid cross-device link")
        return replace(path, target)

    monkeypatch.setattr(storage.Path, "replace", across)

    job = imported(application, package())

    assert (job.state, kept()) == ("complete", [f"packages/{job.source}"])


def test_a_full_disk_is_told_in_words_and_leaves_no_half_file(application, kept):
    job = waiting_job(application, package())

    def blocks():
        yield b"some"
        raise OSError(28, "No space left on device")

    with pytest.raises(DiskFull, match="disk is full"):
        storage.put_blocks(job.pk, storage.inflated_name(job.pk, 0), blocks())

    assert len(kept()) == 1
