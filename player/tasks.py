"""Tasks fetch by id and call the worker module; running one twice ends as running it once."""

from celery import shared_task

from . import forgetting, personal_data, stating, voiding


@shared_task
def deliver(instance_id: int) -> None:
    stating.deliver(instance_id)


@shared_task
def follow_voided(registration: str) -> None:
    voiding.follow(registration)


@shared_task
def forget(erasure_id: int) -> None:
    if not forgetting.forget(erasure_id):
        forget.delay(erasure_id)


@shared_task
def gather(export_id: str) -> None:
    personal_data.gather(export_id)


@shared_task
def sweep() -> None:
    """Take up what a lost queue or a dead worker left behind."""
    for instance_id in stating.left_behind():
        deliver.delay(instance_id)
    for registration in voiding.left_behind():
        follow_voided.delay(registration)
    for erasure_id in forgetting.left_behind():
        forget.delay(erasure_id)
    for export_id in personal_data.left_behind():
        gather.delay(export_id)
