"""Tells customers' systems what happened to registrations: results by postback, events by webhook.

Called in the transaction that makes it true. Sandbox registrations are nobody's business.
"""

from typing import Any

from standards.structure import Outcome
from webhooks import events
from webhooks.services import tell

from .models import Instance, LaunchRecord, Registration
from .postbacks import owe
from .results import FORMATS, moment, present, results


def note_results(instance: Instance, before: Outcome, is_over: bool) -> None:
    """After the registration was saved: `before` is what it came to, `is_over` that the learner left.

    `instance.version.course.application` is at hand.
    """
    registration = instance.registration
    if registration.is_sandbox:
        return
    after = registration.read_outcome()
    for event in _reached(before, after):
        tell(event, registration.application_id, lambda: results(instance, FORMATS["course"]))
    results_changed = (before.completion, before.success, before.score) != (
        after.completion,
        after.success,
        after.score,
    )
    owe(instance, at_once=results_changed or is_over)


def _reached(before: Outcome, after: Outcome) -> list[str]:
    reached = []
    if after.completion == "completed" != before.completion:
        reached.append(events.REGISTRATION_COMPLETED)
    if after.success != before.success and after.success != "unknown":
        passed = after.success == "passed"
        reached.append(events.REGISTRATION_PASSED if passed else events.REGISTRATION_FAILED)
    return reached


def note_created(instance: Instance) -> None:
    registration = instance.registration
    if not registration.is_sandbox:
        tell(events.REGISTRATION_CREATED, registration.application_id, lambda: results(instance, FORMATS["course"]))


def note_launched(launch: LaunchRecord, registration: Registration) -> None:
    """Each launch, before anything of it loads."""
    if not registration.is_sandbox:
        tell(events.REGISTRATION_LAUNCHED, registration.application_id, lambda: _launched(launch, registration))


def _launched(launch: LaunchRecord, registration: Registration) -> dict[str, Any]:
    assert launch.instance is not None
    document = results(launch.instance, FORMATS["course"])
    return document | {"launch": present(launchHistoryId=str(launch.pk), launchTime=moment(launch.created))}
