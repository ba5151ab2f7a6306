"""Opening instances, and changing one without a launch: what the console does to a registration."""

import uuid
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from standards.cmi5 import session as cmi5
from standards.errors import RequestError
from standards.registry import at_registration
from standards.structure import CourseStructure, Outcome, State

from .happened import note_results
from .models import Instance, Registration
from .sessions import OUTCOME, read_state, save_state

Change = Callable[[CourseStructure, State, str], State]  # course, state, now -> state


def new_instance(
    registration: Registration, version_id: int, number: int = 0, xapi_registration: uuid.UUID | None = None
) -> Instance:
    """A new instance, with what its standard decides at registration."""
    chosen = {"xapi_registration": xapi_registration} if xapi_registration else {}
    instance = Instance.objects.create(registration=registration, number=number, version_id=version_id, **chosen)
    decide = at_registration().get(instance.version.standard)
    if decide is not None:
        _save(instance, State(), decide(instance.version.read_structure(), State(), _now()))
    return instance


@transaction.atomic
def change(instance_id: int, by: Change) -> Instance:
    """Change an instance's state under its locks; the registration shows what it comes to. Raises RequestError."""
    related = ("registration", "version__course__application")
    instances = Instance.objects.select_for_update(of=("self",)).select_related(*related)
    instance = instances.get(pk=instance_id)
    before = read_state(instance, instance.activities.select_for_update())
    _save(instance, before, by(instance.version.read_structure(), before, _now()))
    return instance


def waive(instance: Instance, activity: str, reason: str) -> Instance:
    """Let an AU count as satisfied by other means (cmi5 9.3.7). Raises RequestError."""
    _refuse_others(instance)
    return change(instance.pk, lambda course, state, now: cmi5.waive(course, state, activity, reason, now))


def abandon(instance: Instance, session_id: str = "") -> Instance:
    """End the open session, which must be the one named where one is (cmi5 9.3.6). Raises RequestError."""
    _refuse_others(instance)

    def end(course: CourseStructure, state: State, now: str) -> State:
        session = cmi5.open_session_of(state)
        if session is None or session_id not in ("", session["id"]):
            raise RequestError(gettext("This session is over already"))
        return cmi5.abandon(course, state, now)

    return change(instance.pk, end)


def instance_of_session(session_id: str) -> Instance | None:
    """The instance whose newest session this is."""
    return Instance.objects.filter(state__memory__session__id=session_id).first()


def instance_named(name: str) -> Instance | None:
    """The instance of an xAPI registration, or the newest one of the registration with this id."""
    found = Instance.objects.select_related("version")
    try:
        return found.filter(xapi_registration=uuid.UUID(name)).first()
    except ValueError:
        return found.filter(registration__registration_id=name).order_by("-number").first()


def _refuse_others(instance: Instance) -> None:
    if instance.version.standard != "CMI5":
        raise RequestError(gettext("Only activities of cmi5 courses can be waived, and only their sessions abandoned"))


def _save(instance: Instance, before: State, after: State) -> None:
    save_state(instance, before, after)
    registration = instance.registration
    newest = registration.instances.order_by("-number").values_list("pk", flat=True).first()
    if newest == instance.pk:
        show_outcome(instance, instance.shown(after.outcome))


def show_outcome(instance: Instance, outcome: Outcome, completed_at: datetime | None = None) -> None:
    """Let the registration of this newest instance show the outcome, and customers' systems hear of it.

    `completed_at`: where it is known better than by now. `instance.version.course.application` is at hand.
    """
    registration = instance.registration
    held = registration.read_outcome()
    if held == outcome:
        return
    registration.write_outcome(outcome)
    known = registration.completed_at or completed_at or timezone.now()
    registration.completed_at = known if outcome.completion == "completed" else None
    registration.save(update_fields=[*OUTCOME, "completed_at", "updated"])
    note_results(instance, held, is_over=True)


def _now() -> str:
    return timezone.now().isoformat()
