"""Reads the whole state of an instance from its rows."""

from collections.abc import Mapping
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


def keep_memory(registration: Registration, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Write what a step changed in what is global to the system, and only that.

    Another registration of the learner may have been played since `before` was read: what it wrote stays.
    """
    if before == after:
        return
    held, _ = LearnerMemory.objects.select_for_update().get_or_create(**memory_of(registration))
    held.memory = _merged(held.memory, before, after)
    held.save(update_fields=["memory"])


def _merged(held: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """`held` with the changes that lead from `before` to `after`; tables within are merged element by element."""
    merged = dict(held)
    for name in {*before, *after}:
        if isinstance(after.get(name, before.get(name)), Mapping):
            merged[name] = _merged(held.get(name) or {}, before.get(name) or {}, after.get(name) or {})
        elif name not in after:
            merged.pop(name, None)
        elif name not in before or before[name] != after[name]:
            merged[name] = after[name]
    return {name: value for name, value in merged.items() if value != {}}
