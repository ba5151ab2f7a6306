"""Tasks fetch by id and call the worker module; running one twice ends as running it once."""

import uuid

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from webhooks import delivering

from . import idempotency, postbacks
from .models import ImportPostback

SOON = 60  # seconds; what is due later is left to the sweep


@shared_task
def import_ended(job_id: str) -> None:
    pk = postbacks.begin(uuid.UUID(job_id))
    if pk is not None:
        deliver.delay(pk)


@shared_task(queue=settings.NETWORK_QUEUE)
def deliver(pk: int) -> None:
    wait = postbacks.deliver(pk)
    if wait is not None and wait <= SOON:
        deliver.apply_async((pk,), countdown=wait)


@shared_task
def sweep() -> None:
    """Queue what is due and was not."""
    postbacks.begin_missed()
    for pk in delivering.due_now(ImportPostback, timezone.now()):
        deliver.delay(pk)


@shared_task
def clean_up() -> None:
    delivering.remove_old(ImportPostback, timezone.now())
    idempotency.forget_old()
