"""Makes results follow when a statement that came by a launch is voided: docs/decisions/0018.

What counts of a Tin Can course is built again from the statements that stand; answers kept for reports go. What a
person decided in place of the result stays (0027), and so does what cmi5 has stated: "satisfied" is not taken back.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from lrs import services as lrs
from lrs.models import Voiding
from registrations import instances
from registrations.models import Instance
from registrations.reports.stated import forget
from standards.structure import CourseStructure, Learner, State
from standards.xapi import rebuilt
from standards.xapi.identity import activities_of, agent_key, agents_of

from .actors import actor_of
from .stating import Subject, subject_of

PATIENCE = timedelta(seconds=30)  # after which the sweep looks for what the queue lost
AT_ONCE = 500


def counts(course: CourseStructure, learner: Learner, statement: Mapping[str, Any]) -> bool:
    """Whether the learner of a launch did something with an activity of the course."""
    is_own = agent_key(actor_of(learner)) in agents_of({**statement, "object": {}}, related=False)
    return is_own and any(course.activity(iri) for iri in activities_of(statement, related=False))


def without_voided(course: CourseStructure, state: State, subject: Subject) -> State:
    """The state by the statements of the registration that stand. Its rows are locked, as for a report."""
    found = lrs.standing(subject.caller.store, subject.registration)
    return rebuilt(course, state, (each for each in found if counts(course, subject.learner, each)))


@transaction.atomic
def follow(registration: str) -> None:
    """Make the results of an xAPI registration follow; where that is done already, nothing happens."""
    waiting = Voiding.objects.filter(registration=UUID(registration))
    voided = dict(waiting.values_list("pk", "statement"))
    if not voided:
        return
    related = ("registration__course__application", "version")
    instance = Instance.objects.select_related(*related).filter(xapi_registration=registration).first()
    if instance is not None and instance.version.standard == "XAPI":
        subject = subject_of(instance, None)
        instances.change(instance.pk, lambda course, state, now: without_voided(course, state, subject))
    if instance is not None:
        forget(instance, voided.values())
    waiting.filter(pk__in=list(voided)).delete()


def left_behind() -> list[str]:
    """The registrations of which something waits longer than the queue takes."""
    late = Voiding.objects.filter(created__lt=timezone.now() - PATIENCE)
    found = late.values_list("registration", flat=True).distinct().order_by("registration")[:AT_ONCE]
    return [str(registration) for registration in found]
