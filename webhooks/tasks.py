"""Tasks fetch by id and call the worker module; running one twice ends as running it once."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from . import delivering, worker
from .models import Delivery

SOON = 60  # seconds; what is due later is left to the sweep


@shared_task(queue=settings.NETWORK_QUEUE)
def deliver(pk: int) -> None:
    wait = worker.deliver(pk)
    if wait is not None and wait <= SOON:
        deliver.apply_async((pk,), countdown=wait)


@shared_task
def sweep() -> None:
    """Queue what is due and was not."""
    for pk in delivering.due_now(Delivery, timezone.now()):
        deliver.delay(pk)


@shared_task
def clean_up() -> None:
    delivering.remove_old(Delivery, timezone.now())
