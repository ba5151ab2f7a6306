"""What nobody came back for: half uploads, old jobs, files of runs that died."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.db.models import QuerySet
from django.utils import timezone

from realms.models import Application

from . import storage
from .models import CourseVersion, ImportJob, PensCollect, Upload

UPLOAD_KEPT = timedelta(hours=24)  # after its last byte
FILES_KEPT = timedelta(hours=48)  # local files that no row speaks of; the archive of a job that failed
REFUSED_KEPT = 20  # archives of an application that were refused and can be mended; of more the oldest go
JOB_KEPT = timedelta(days=7)  # after its end; its id can be asked for that long


def remove() -> None:
    now = timezone.now()
    for upload in Upload.objects.filter(updated__lt=now - UPLOAD_KEPT):
        remove_upload(upload)
    for path in _old_files(now.timestamp() - FILES_KEPT.total_seconds()):
        path.unlink(missing_ok=True)
    for job in _failed().filter(finished__lt=now - FILES_KEPT):
        _remove_archive(job)
    PensCollect.objects.filter(job__finished__lt=now - FILES_KEPT).exclude(password="").update(password="")
    ImportJob.objects.filter(finished__lt=now - JOB_KEPT).delete()


def remove_refused(application: Application) -> None:
    """Of the failed imports whose archive is kept, the newest keep it."""
    for job in _failed().filter(application=application).order_by("-finished")[REFUSED_KEPT:]:
        _remove_archive(job)


def _failed() -> QuerySet[ImportJob]:
    """The imports that failed and are not being mended, whose archive is kept."""
    being_mended = ImportJob.objects.unfinished().exclude(repair_of_import=None).values("repair_of_import")
    return ImportJob.objects.filter(state=ImportJob.State.FAILED).exclude(source="").exclude(pk__in=being_mended)


def _remove_archive(job: ImportJob) -> None:
    if _failed().filter(pk=job.pk).update(source=""):
        storage.delete_job_files(job.pk)


def remove_upload(upload: Upload) -> None:
    """Forget an upload and its bytes; those of one that became a job stay with the job."""
    upload_path(upload.pk).unlink(missing_ok=True)
    if not ImportJob.objects.filter(pk=upload.pk).exists():
        storage.delete_job_files(upload.pk)  # it was stored, but no job was made of it
    upload.delete()


def remove_what_came_in(applications: Iterable[Application]) -> None:
    """The uploads and import jobs of applications that go, with their files."""
    for upload in Upload.objects.filter(application__in=applications):
        remove_upload(upload)
    for job in ImportJob.objects.filter(application__in=applications):
        if not CourseVersion.objects.filter(archive=storage.archive_name(job.pk)).exists():  # of a course that is there
            storage.delete_job_files(job.pk)
        job.delete()


def upload_path(upload_id: uuid.UUID) -> Path:
    """Where an upload's bytes gather."""
    return storage.upload_folder() / str(upload_id)


def _old_files(before: float) -> Iterable[Path]:
    for path in storage.upload_folder().iterdir():
        if path.is_file() and path.stat().st_mtime < before and not _is_of_upload(path.name):
            yield path


def _is_of_upload(name: str) -> bool:
    try:
        return Upload.objects.filter(pk=uuid.UUID(name)).exists()
    except ValueError:
        return False
