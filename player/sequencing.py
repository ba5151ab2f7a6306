"""The sequencing debugger beside the sandbox player: what the console's page of it shows, as JSON.

`?activity=`, `?request=` and `?page=` choose as they do there; an answer without a body says that nothing has changed
since the one whose `marker` is `?seen=`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.http import require_GET

from registrations.debugger import Debugger, Step, Told, TrackedLine
from registrations.history import inflate, of_session
from registrations.links import Options
from registrations.models import LaunchRecord
from registrations.sessions import Session, open_session
from standards.errors import RequestError

MOST_TOLD = 50  # requests listed beside the player; the console's page has all that are kept


@require_GET
def sequencing(request: HttpRequest, key: str) -> HttpResponse:
    """How the course is sequenced, for whoever tries it out: of a learner's own launch nothing is told."""
    try:
        session = open_session(key, locked=False)
    except LaunchRecord.DoesNotExist:
        return JsonResponse({"message": "This launch does not exist."}, status=404)
    except RequestError as error:
        return JsonResponse({"message": str(error)}, status=getattr(error, "status", 400))
    is_untracked = Options.from_json(session.launch.options).is_untracked
    if is_untracked or (session.registration is not None and not session.registration.is_sandbox):
        return JsonResponse({"message": "Sequencing is explained in the sandbox and in previews."}, status=403)
    newest = _marker(session, request.GET)
    response: HttpResponse
    if newest == request.GET.get("seen"):
        response = HttpResponse(status=204)
    else:
        response = JsonResponse({"marker": newest, **_shown(Debugger.of_session(session), request.GET)})
    response.headers["Cache-Control"] = "no-store"
    return response


def _marker(session: Session, asked: QueryDict) -> str:
    """Changes with everything that is shown, and with what was asked to be shown."""
    newest = of_session(session).order_by("-pk").values_list("pk", flat=True).first()
    wanted = [asked.get(name, "") for name in ("activity", "request", "page")]
    shown = json.dumps([newest, session.state.to_json(), wanted], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()[:32]


def _shown(debugger: Debugger, asked: QueryDict) -> dict[str, Any]:
    history = debugger.history()
    wanted = asked.get("request", "")
    told = next((each for each in history if str(each.record.pk) == wanted), None) or next(iter(history), None)
    activity = asked.get("activity", "") or debugger.state.current
    page = debugger.page(asked.get("page", ""), activity)
    return {
        "sequenced": debugger.is_sequenced,
        "current": debugger.title(debugger.state.current) if debugger.state.current else "",
        "suspended": _suspended(debugger),
        "ended": debugger.state.ended,
        "tree": [_line(each, debugger.state.current) for each in debugger.tracked_lines(page)],
        "page": page.number,
        "pages": page.paginator.num_pages,
        "activities": page.paginator.count,
        "activity": _activity(debugger.details(activity)),
        "shared_objectives": [],
        "data_stores": [],
        **debugger.shared(),
        "requests": [_told(each) for each in history[:MOST_TOLD]],
        "told": {**_told(told), "steps": _plain(debugger.steps(inflate(told.record)))} if told else None,
    }


def _suspended(debugger: Debugger) -> str:
    suspended = debugger.tracked.suspended if debugger.tracked else ""
    return debugger.title(suspended) if suspended else ""


def _line(each: TrackedLine, current: str) -> dict[str, Any]:
    activity, outcome = each.line.activity, each.line.state.outcome
    standing = asdict(each.standing) if each.standing else None
    return {
        "identifier": activity.identifier,
        "title": activity.title or activity.identifier,
        "depth": each.line.depth,
        "current": activity.identifier == current,
        "tracked": standing,  # None: a standard without a tracking model, so the outcome is all there is
        "outcome": None if standing else {**asdict(outcome), "attempts": each.line.state.attempts},
        "listed": each.item is not None,
        "why_not": "" if each.item is None or each.item.enabled else each.item.why_not,
    }


def _activity(details: dict[str, Any]) -> dict[str, Any]:
    chosen, item = details["chosen"], details["item"]
    by_settings = item.why_not if item is not None and not item.enabled else ""
    return {
        "identifier": chosen.identifier,
        "title": chosen.title or chosen.identifier,
        "open": not details["is_ended"] and item is not None and item.enabled,
        "why_not": details.get("why_not", ""),
        "why_not_words": details.get("why_not_words", "") or by_settings,
        "why_not_steps": _plain(details.get("why_not_steps", [])),
        "prerequisites": details["prerequisites"],
        "definition": details.get("definition", []),
        "objectives": details.get("objectives", []),
        "tracking": details.get("tracking", []),
    }


def _told(each: Told) -> dict[str, Any]:
    record = each.record
    at = record.created.isoformat(timespec="seconds")
    return {"number": record.pk, "at": at, "words": each.words, "refused": each.is_refused, "left": each.left}


def _plain(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [asdict(step) for step in steps]
