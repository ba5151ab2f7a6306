"""The history of navigation requests: written in the transaction of the step, bounded, read by the debugger."""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from standards.structure import ActivityState, Request, State

from .models import RequestRecord
from .sessions import Session

KEPT = 200  # requests of one instance, or of one preview
KEPT_OF_LEARNERS = 60
TRACE_BYTES = 64 * 2**10  # of one trace, deflated
DEPTHS = (24, 12, 6, 3)  # a trace that is larger loses its deepest steps
CUT = {"step": "cut", "words": "Deeper steps are left out: there are too many."}


def keep_request(session: Session, before: State, request: Request) -> None:
    """Note a request and how it was decided; forget the oldest ones. `session` holds the state after it."""
    after = session.state
    if not request.by_learner and not after.trace and after.current == before.current and not after.ended:
        return  # the content has ended and asks for nothing
    RequestRecord.objects.create(
        launch=session.launch,
        instance=session.instance,
        name=request.name,
        target=request.target,
        left=before.current,
        delivered=after.current,
        is_new=is_new(before, after),
        ended=after.ended,
        message=after.message,
        trace=deflate(after.trace),
    )
    is_test = session.registration is None or session.registration.is_sandbox
    kept = of_session(session)
    oldest = kept.order_by("-pk").values_list("pk", flat=True)[(KEPT if is_test else KEPT_OF_LEARNERS) :].first()
    if oldest is not None:
        kept.filter(pk__lte=oldest).delete()


def of_session(session: Session) -> QuerySet[RequestRecord]:
    """The requests of the instance, of a preview those of the launch."""
    if session.instance is None:
        return RequestRecord.objects.filter(launch=session.launch)
    return RequestRecord.objects.filter(instance=session.instance)


def is_new(before: State, after: State) -> bool:
    """Whether the step delivered something or ended what was delivered."""
    if after.ended or after.current != before.current:
        return True
    if before.memory.get("finished") and not after.memory.get("finished"):
        return True  # delivered again, its suspended attempt resumed
    held = (state.activities.get(after.current, ActivityState()) for state in (before, after))
    return len({activity.attempts for activity in held}) > 1


def deflate(trace: Sequence[Mapping[str, Any]]) -> bytes:
    """A trace as it is kept; nothing for none."""
    if not trace:
        return b""
    packed = _packed(trace)
    for depth in DEPTHS:
        if len(packed) <= TRACE_BYTES:
            break
        packed = _packed(cut(trace, depth))
    return packed if len(packed) <= TRACE_BYTES else _packed([CUT])


def _packed(trace: Sequence[Mapping[str, Any]]) -> bytes:
    return zlib.compress(json.dumps(trace, separators=(",", ":")).encode(), 1)


def cut(trace: Sequence[Mapping[str, Any]], depth: int) -> list[Mapping[str, Any]]:
    """A trace without the steps below a depth."""
    if depth == 0:
        return [CUT] if trace else []
    return [{**entry, "steps": cut(entry["steps"], depth - 1)} if "steps" in entry else entry for entry in trace]


def inflate(record: RequestRecord) -> list[dict[str, Any]]:
    """The trace of a record."""
    packed = bytes(record.trace)
    return json.loads(zlib.decompress(packed)) if packed else []
