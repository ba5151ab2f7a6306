"""Tasks fetch by id and call the worker module; running one twice ends as running it once."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from webhooks import delivering

from . import personal, postbacks
from .models import BulkChange, Postback
from .reports import summing

CLEARING = "registrations.clearing.run"
REMOVE_OLD = "registrations.many.remove_old"
MANY = "registrations.many.run"  # by name, as services name their tasks: it calls the verbs
SOON = 60  # seconds; what is due later is left to the sweep


@shared_task(queue=settings.NETWORK_QUEUE)
def post_results(pk: int) -> None:
    wait = postbacks.deliver(pk)
    if wait is not None and wait <= SOON:
        post_results.apply_async((pk,), countdown=wait)


@shared_task
def change_many(pk: int) -> None:
    import_string(MANY)(pk)


@shared_task
def clear_realm(realm_id: int, until: str) -> None:
    if not import_string(CLEARING)(realm_id, until):
        clear_realm.delay(realm_id, until)


@shared_task
def sweep() -> None:
    """Queue what is due and was not."""
    for pk in delivering.due_now(Postback, timezone.now()):
        post_results.delay(pk)
    for pk in BulkChange.objects.filter(due__lte=timezone.now()).values_list("pk", flat=True):
        change_many.delay(pk)


@shared_task
def clean_up() -> None:
    delivering.remove_old(Postback, timezone.now())
    personal.drop_expired()
    import_string(REMOVE_OLD)()


@shared_task
def sum_up() -> None:
    if summing.run():
        sum_up.delay()
