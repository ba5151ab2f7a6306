"""Tasks fetch by id and call the worker module; running one twice ends as running it once."""

import uuid

from celery import shared_task

from . import bulk, importer, left_over, pens_notices, storage


@shared_task
def run_import(job_id: str) -> None:
    importer.run(uuid.UUID(job_id))
    send_notices.delay()


@shared_task
def run_bulk(job_id: str) -> None:
    bulk.run(uuid.UUID(job_id))


@shared_task
def send_notices() -> None:
    pens_notices.send_due()


@shared_task
def sweep() -> None:
    """Queue again what a dead worker or a lost queue left undone."""
    for job_id in importer.take_stuck():
        run_import.delay(str(job_id))
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
