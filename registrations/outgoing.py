"""What a step of a standard wants stated in the learning record store, kept until it is there.

The rows are written in the transaction of the step; `settings.OUTGOING_TASK` names the task of the player that takes
them over. What it misses, its sweep finds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from standards.structure import State

from .models import Instance, LaunchRecord, Outgoing

EVENTS = "events"  # State.memory key of what has happened since the state was last saved


def without_events(state: State) -> tuple[State, Sequence[Mapping[str, Any]]]:
    """The state to keep, and the events to put out."""
    events = state.memory.get(EVENTS)
    if not events:
        return state, ()
    return replace(state, memory={name: value for name, value in state.memory.items() if name != EVENTS}), events


def put_out(events: Sequence[Mapping[str, Any]], instance: Instance | None, launch: LaunchRecord | None) -> None:
    """Keep the events, and have them taken over once the transaction is through."""
    if not events:
        return
    Outgoing.objects.bulk_create(Outgoing(instance=instance, launch=launch, event=dict(event)) for event in events)
    if instance is not None:
        take_over = import_string(settings.OUTGOING_TASK)
        transaction.on_commit(partial(take_over.delay, instance.pk), robust=True)
