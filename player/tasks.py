"""Tasks fetch by id and call the worker module; running one twice ends as running it once."""

from celery import shared_task

from . import stating


@shared_task
def deliver(instance_id: int) -> None:
    stating.deliver(instance_id)


@shared_task
def sweep() -> None:
    """Deliver what a lost queue or a dead worker left behind."""
    for instance_id in stating.left_behind():
        deliver.delay(instance_id)
