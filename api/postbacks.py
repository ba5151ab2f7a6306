"""Results of imports posted to where their request said (`postbackUrl`): JSON, as getImportJobStatus answers it."""

import uuid
from datetime import timedelta

import orjson
from django.utils import timezone

from content.models import ImportJob
from webhooks import delivering
from webhooks.delivering import Message

from .import_documents import job_document
from .models import ImportPostback

MAX_ATTEMPTS = 70
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=15)


def begin(job_id: uuid.UUID) -> int | None:
    """Make the postback of an import that is over due; its primary key, None where none was asked for."""
    waiting = ImportPostback.objects.filter(job=job_id, due=None, delivered=None, attempts=0)
    over = waiting.exclude(job__state__in=(ImportJob.State.WAITING, ImportJob.State.RUNNING))
    pk = over.values_list("pk", flat=True).first()
    return pk if pk is not None and waiting.filter(pk=pk).update(due=timezone.now()) else None


def begin_missed() -> None:
    """The same for those whose task the queue lost."""
    waiting = ImportPostback.objects.filter(due=None, delivered=None, attempts=0)
    over = waiting.exclude(job__state__in=(ImportJob.State.WAITING, ImportJob.State.RUNNING))
    over.update(due=timezone.now())


def deliver(pk: int) -> float | None:
    """Attempt one that is due; in how many seconds to come back, None where it is over or left to the sweep."""
    now = timezone.now()
    postback = delivering.claim(ImportPostback, pk, now)
    if postback is None:
        return None
    job = ImportJob.objects.select_related("application", "version__course__application").get(pk=postback.job_id)
    message = Message(postback.url, orjson.dumps(job_document(job)), {"Content-Type": "application/json"})
    made = delivering.attempt(message, job.application_id, now)
    if made is None:
        delivering.put_off(postback, now)
        return None
    if 100 <= made.status < 400:
        log = delivering.logged(postback, made)
        done = {"due": None, "delivered": timezone.now(), "attempts": postback.attempts + 1, "log": log}
        ImportPostback.objects.filter(pk=pk).update(**done)
        return None
    is_over = postback.attempts + 1 >= MAX_ATTEMPTS
    wait = None if is_over else delivering.exponential(postback.attempts + 1, FIRST_WAIT, LONGEST_WAIT)
    delivering.note_failure(postback, made, wait)
    return wait.total_seconds() if wait is not None else None
