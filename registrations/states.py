"""Reads the whole state of an instance from its rows."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from standards.structure import State

from .models import ActivityProgress, Instance, LearnerMemory, Registration

SYSTEM = "system"  # State.memory key of what is global to the system and outlives the registration


def read_state(instance: Instance, activities: QuerySet[ActivityProgress] | None = None) -> State:
    """The whole state of an instance, with that of its activities and what is global to the system.

    Whoever writes it back gives the activities locked: `quick.store` writes to one of them at any time.
    """
    rows = instance.activities.all() if activities is None else activities
    state = State.from_json(instance.state)
    system = LearnerMemory.objects.filter(**memory_of(instance.registration)).values_list("memory", flat=True).first()
    return replace(
        state,
        activities={row.activity: row.read_state() for row in rows},
        outcome=instance.read_outcome(),
        memory={**state.memory, SYSTEM: system} if system else state.memory,
    )


def memory_of(registration: Registration) -> dict[str, Any]:
    return {
        "application_id": registration.application_id,
        "learner_id": registration.learner_id,
        "is_sandbox": registration.is_sandbox,
    }
