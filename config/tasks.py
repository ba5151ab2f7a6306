"""Tasks that look into every room: fetch by id, call the worker module."""

from celery import shared_task

from . import purging


@shared_task
def purge_realms() -> None:
    for realm_id in purging.due():
        purge_realm.delay(realm_id)


@shared_task
def purge_realm(realm_id: int) -> None:
    if not purging.purge(realm_id):
        purge_realm.delay(realm_id)
