"""Tasks fetch by id and call the worker module; running one twice ends as running it once."""

import uuid

from celery import shared_task
from django.conf import settings

from . import bulk, importer, left_over, pens_notices, storage
from .models import ImportJob

NEXT_TURN = 5  # seconds


@shared_task
def run_import(job_id: str) -> None:
    importer.run(uuid.UUID(job_id))
    send_notices.delay()


@shared_task(queue=settings.NETWORK_QUEUE)
def run_fetched_import(job_id: str) -> None:
    """The same for a package on someone's server, which may be slow for an hour; each realm has its turns."""
    if importer.run_in_turn(uuid.UUID(job_id)):
        send_notices.delay()
    else:
        run_fetched_import.apply_async((job_id,), countdown=NEXT_TURN)


def queue_import(job: ImportJob) -> None:
    """Enqueue the job where it holds up nobody."""
    task = run_fetched_import if job.url and not job.source else run_import
    task.delay(str(job.pk))


@shared_task
def run_bulk(job_id: str) -> None:
    bulk.run(uuid.UUID(job_id))


@shared_task(queue=settings.NETWORK_QUEUE)
def send_notices() -> None:
    pens_notices.send_due()


@shared_task
def sweep() -> None:
    """Queue again what a dead worker or a lost queue left undone."""
    for job in importer.take_stuck():
        queue_import(job)
    for job_id in bulk.take_stuck():
        run_bulk.delay(str(job_id))
    send_notices.delay()


@shared_task
def clean_up() -> None:
    left_over.remove()
    bulk.remove_expired()


@shared_task
def remove_files(names: list[str]) -> None:
    storage.delete(names)


@shared_task
def remove_changed_files(archive: str) -> None:
    storage.delete_changed(archive)
