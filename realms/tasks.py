"""Tasks fetch by id and call the worker module; running one twice ends as running it once."""

from celery import shared_task
from django.db import IntegrityError

from . import billing


@shared_task(autoretry_for=(IntegrityError,), retry_backoff=2, max_retries=5)
def settle(realm_id: int) -> None:
    billing.settle(realm_id)


@shared_task
def settle_due() -> None:
    """Begin the periods that are due and make the invoices of those that are over."""
    for realm_id in billing.due():
        settle.delay(realm_id)
