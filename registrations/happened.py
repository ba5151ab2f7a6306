"""Tells customers' systems what happened to registrations: results by postback, events by webhook.

Called in the transaction that makes it true. Sandbox registrations are nobody's business.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from standards.structure import Outcome
from webhooks import events
from webhooks.services import tell

from .models import Instance, LaunchRecord, Registration
from .postbacks import owe
from .results import FORMATS, moment, present, results

log = logging.getLogger(__name__)


def note_results(instance: Instance, before: Outcome, is_over: bool) -> None:
    """After the registration was saved: `before` is what it came to, `is_over` that the learner left.

    `instance.version.course.application` is at hand.
    """
    if not instance.registration.is_sandbox:
        _beside(lambda: _tell_results(instance, before, is_over))


def _beside(tell_others: Callable[[], object]) -> None:
    """In a savepoint of its own: what goes wrong in telling others must not cost the learner what was reported."""
    try:
        with transaction.atomic():
            tell_others()
    except Exception:
        log.exception("customers' systems could not be told")


def _tell_results(instance: Instance, before: Outcome, is_over: bool) -> None:
    registration, after = instance.registration, instance.registration.read_outcome()
    for event in _reached(before, after):
        tell(event, registration.application_id, lambda: results(instance, FORMATS["course"]))
    is_changed = (before.completion, before.success, before.score) != (after.completion, after.success, after.score)
    owe(instance, at_once=is_changed or is_over)


def _reached(before: Outcome, after: Outcome) -> list[str]:
    reached = []
    if after.completion == "completed" != before.completion:
        reached.append(events.REGISTRATION_COMPLETED)
    if after.success != before.success and after.success != "unknown":
        passed = after.success == "passed"
        reached.append(events.REGISTRATION_PASSED if passed else events.REGISTRATION_FAILED)
    return reached


def note_created(instance: Instance) -> None:
    """A registration that a customer's system made, with its first instance."""
    registration = instance.registration
    if not registration.is_sandbox:
        told = partial(results, instance, FORMATS["course"])
        _beside(lambda: tell(events.REGISTRATION_CREATED, registration.application_id, told))


def note_launched(launch: LaunchRecord, registration: Registration) -> None:
    """Each launch, before anything of it loads."""
    if not registration.is_sandbox:
        told = partial(_launched, launch)
        _beside(lambda: tell(events.REGISTRATION_LAUNCHED, registration.application_id, told))


def _launched(launch: LaunchRecord) -> dict[str, Any]:
    assert launch.instance is not None
    document = results(launch.instance, FORMATS["course"])
    return document | {"launch": present(launchHistoryId=str(launch.pk), launchTime=moment(launch.created))}
