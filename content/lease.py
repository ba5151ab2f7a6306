"""A worker's claim on a job, an import or something done to many courses: held for some seconds, renewed while it
works, lost when it does not."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import F, Q
from django.utils import timezone

from .models import BulkJob, ImportJob

log = logging.getLogger(__name__)

Job = ImportJob | BulkJob
Watch = Callable[[str, int], None]  # stage, percent

SHOW_EVERY = 0.5  # seconds between two writes of the percentage


class LeaseLost(Exception):
    """Another worker has taken the job up, or the job is gone: this run must leave no trace."""


def claim(job_id: uuid.UUID, watch: Watch | None = None, model: type[Job] = ImportJob) -> "Lease | None":
    """Take the job up if it waits, or if the worker that had it is silent. None where another has it or it is over.

    Of two that claim at once the compare-and-set of the row lets one through. `watch` hears stage and percentage.
    """
    token = uuid.uuid4()
    now = timezone.now()
    claimed = model._default_manager.filter(
        Q(state=ImportJob.State.WAITING) | Q(state=ImportJob.State.RUNNING, lease_until__lt=now), pk=job_id
    ).update(
        state=ImportJob.State.RUNNING,
        lease_token=token,
        lease_until=_ahead(now),
        attempts=F("attempts") + 1,
        stage="",
        percent=0,
    )
    return Lease(job_id, token, watch, model) if claimed else None


def _ahead(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.IMPORT_LEASE_SECONDS)


class Lease:
    """The claim itself. As a context manager it renews itself from a thread of its own, so that no single long step
    (storing a large archive in a bucket, say) can lose it."""

    def __init__(
        self, job_id: uuid.UUID, token: uuid.UUID, watch: Watch | None = None, model: type[Job] = ImportJob
    ) -> None:
        self._watch, self._model = watch, model
        self.job_id = job_id
        self.token = token
        self._over = threading.Event()
        self._lost = threading.Event()
        self._shown = ("", -1, 0.0)  # stage, percent, when

    def __enter__(self) -> "Lease":
        self._thread = threading.Thread(target=self._beat, name=f"lease of {self.job_id}", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def update(self, **columns: object) -> None:
        """Write to the job's row. Raises LeaseLost unless the claim still holds."""
        if not self._update(lease_until=_ahead(timezone.now()), **columns):
            raise LeaseLost(self.job_id)

    def finish(self, **columns: object) -> bool:
        """Give the job back with these last words; False if it was no longer held."""
        return self._update(lease_until=None, lease_token=None, finished=timezone.now(), **columns)

    def give_back(self) -> None:
        """Let another worker take the job up at once; this run does not count."""
        now = timezone.now()
        self._update(
            state=ImportJob.State.WAITING, lease_until=now, lease_token=None, stage="", attempts=F("attempts") - 1
        )

    def show(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Show how far a stage is; cheap to call often. Raises LeaseLost."""
        if self._lost.is_set():
            raise LeaseLost(self.job_id)
        percent = min(100, done * 100 // total) if total else 0
        shown_stage, shown_percent, when = self._shown
        if (stage, percent) == (shown_stage, shown_percent):
            return
        if self._watch:
            self._watch(stage, percent)
        if stage == shown_stage and percent < 100 and time.monotonic() - when < SHOW_EVERY:
            return
        self.update(stage=stage, percent=percent)
        self._shown = (stage, percent, time.monotonic())

    def _update(self, **columns: object) -> bool:
        rows = self._model._default_manager
        held = rows.filter(pk=self.job_id, lease_token=self.token, state=ImportJob.State.RUNNING)
        return held.update(**columns) == 1

    def _beat(self) -> None:
        try:
            while not self._over.wait(settings.IMPORT_LEASE_SECONDS / 3):
                try:
                    if not self._update(lease_until=_ahead(timezone.now())):
                        self._lost.set()
                        return
                except Exception:  # the database may be away for a while; the claim holds or lapses by itself
                    log.warning("could not renew the lease of import %s", self.job_id, exc_info=True)
                    close_old_connections()
        finally:
            connection.close()  # this thread's own
