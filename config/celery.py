"""The Celery application; tasks live in each app's tasks.py."""

import os
import signal
from typing import Any

from celery import Celery, bootsteps
from celery.signals import worker_process_init

from .orphans import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("scormcloud")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def end_with_worker(**_: Any) -> None:
    """In a process of a worker's pool: a worker that is killed leaves none at work."""
    end_with_parent(signal.SIGKILL)


class Heartbeat(bootsteps.StartStopStep):
    """Shows /healthz that the main loop of this worker turns, and for which queues; after each new connection too."""

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def start(self, consumer: Any) -> None:
        from .health import HEARTBEAT_SECONDS, beat  # noqa: PLC0415 -- needs the settings, which import this module

        served = list(consumer.app.amqp.queues.consume_from)
        beat(served)
        consumer.timer.call_repeatedly(HEARTBEAT_SECONDS, beat, (served,))


app.steps["consumer"].add(Heartbeat)
