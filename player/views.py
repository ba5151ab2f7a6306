"""Launching and playing: the page a learner sees and the four calls it makes. Rules live in registrations.services."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from realms.audit import visitor_address
from realms.configuration import effective
from registrations import services
from registrations.controls import seconds_left
from registrations.links import BLANK, CLOSER, LinkError, Options, read_link
from registrations.models import LaunchRecord
from registrations.sessions import Session
from standards.errors import RequestError
from standards.structure import Launch

from .addresses import address_of
from .connections import connect
from .exchanges import keep
from .guards import begin, files_of, guarded_of, refusal, refusal_of_report
from .languages import language_of
from .menus import shown_json
from .options import options
from .wire import BadCallError, queue_name, read_entries, read_number, read_report, read_request

LAUNCH_HOURS = 24  # a player page can be opened again this long; reports are taken for as long as the launch is known


@require_GET
def launch(request: HttpRequest, token: str) -> HttpResponse:
    """Follow a launch link: record the launch, then open the player under a path of its own."""
    try:
        link = read_link(token)
        record = services.begin_launch(link, _visitor(request))
        response = _to_activity(request, record) if link.is_direct else redirect("player:play", record.key)
        begin(request, record, response)
    except (LinkError, services.NotAllowedError) as error:
        return render(request, "player/problem.html", {"message": str(error)}, status=403)
    response.headers["Cache-Control"] = "no-store"
    return response


def _to_activity(request: HttpRequest, record: LaunchRecord) -> HttpResponse:
    """Straight to the activity, which talks to the server itself, with no player around it."""
    session, shown = services.start(record.key)
    told = connect(session, shown)
    if not told.activity:
        context = {"message": told.message or _("There is nothing to launch."), "back": record.redirect_url}
        return render(request, "player/problem.html", context, status=409)
    # No HttpResponseRedirect: cmi5 13.1.4 allows addresses of applications, which it refuses.
    return HttpResponse(status=302, headers={"Location": _address(session.launch, told.href)})


def _address(launch: LaunchRecord, href: str) -> str:
    return address_of(launch.version, href, files_of(launch))


def _visitor(request: HttpRequest) -> services.Visitor:
    return services.Visitor(
        visitor_address(request), request.headers.get("User-Agent", ""), request.headers.get("Referer", "")
    )


@require_GET
def play(request: HttpRequest, key: str) -> HttpResponse:
    """The player page."""
    record = get_object_or_404(
        LaunchRecord.objects.select_related("version__course", "instance__registration"), key=key
    )
    with translation.override(language_of(record)):
        return _play(request, record)


def _play(request: HttpRequest, record: LaunchRecord) -> HttpResponse:
    if record.created < timezone.now() - timedelta(hours=LAUNCH_HOURS):
        message = _("This launch is too old. Go back to the course and launch again.")
        return render(request, "player/problem.html", {"message": message, "back": record.redirect_url}, status=410)
    if (guarded := guarded_of(record)) and (refused := refusal(guarded, request, is_file=False)):
        return render(request, "player/problem.html", {"message": refused, "back": record.redirect_url}, status=403)
    if effective(record.settings)["PlayerLaunchType"] != "FRAMESET" and request.GET.get("window") != "1":
        return _opener(request, record)
    response = render(request, "player/play.html", {"config": _config(record), "title": record.version.title})
    response.headers["Cache-Control"] = "no-store"
    return response


def _opener(request: HttpRequest, record: LaunchRecord) -> HttpResponse:
    """The page that opens the player in a window of its own (PlayerLaunchType)."""
    chosen = effective(record.settings)
    config = {
        "url": f"{request.path}?window=1",
        "type": chosen["PlayerLaunchType"],
        "size": options(chosen, record.version.standard)["size"],
        "title": record.version.course.title,
        "exitUrl": record.redirect_url,
    }
    response = render(request, "player/opener.html", {"config": config})
    response.headers["Cache-Control"] = "no-store"
    return response


def _config(record: LaunchRecord) -> dict[str, Any]:
    urls = {
        f"{name}Url": reverse(f"player:{name}", args=[record.key])
        for name in ("start", "report", "navigate", "log", "state", "sequencing")
    }
    registration = record.instance.registration if record.instance else None
    asked = Options.from_json(record.options)
    return {
        **urls,
        "key": record.key,
        "filesUrl": files_of(record),
        "preview": record.instance is None and not asked.is_untracked,
        "untracked": asked.is_untracked,
        "debug": not asked.is_untracked and (registration is None or registration.is_sandbox),
        "title": record.version.course.title,
        "queue": queue_name(record),
        "exitUrl": record.redirect_url or ("about:blank" if asked.exit == BLANK else ""),
        "closes": asked.exit == CLOSER,
        "cssUrl": asked.css_url,
        **options(effective(record.settings), record.version.standard),
        "standard": record.version.standard,
    }


# --- errors -----------------------------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, _("This request cannot be understood."), 400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, _("There is nothing here. Go back to the course and launch again."), 404)


def failed(request: HttpRequest) -> HttpResponse:
    return _problem(request, _("Something went wrong, and it has been written to the log. Please try again."), 500)


def _problem(request: HttpRequest, message: str, status: int) -> HttpResponse:
    return render(request, "player/problem.html", {"message": message}, status=status)


# --- calls ------------------------------------------------------------------------------------------------------------


Call = Callable[[str, dict[str, Any]], dict[str, Any]]
FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
logger = logging.getLogger(__name__)


def json_call(call: Call) -> Callable[[HttpRequest, str], JsonResponse]:
    """One of the player's calls: JSON in and out, domain errors as statuses the player understands."""

    @require_POST
    @wraps(call)
    def view(request: HttpRequest, key: str) -> JsonResponse:
        return _bound(request, key) or _json(lambda: _kept_if_unworkable(call, key, _body(request)))

    return view


def _kept_if_unworkable(call: Call, key: str, body: dict[str, Any]) -> dict[str, Any]:
    """The call's answer. Raises BadCallError for a body that meets a fault of ours: to an answer that the server failed
    the player sends it again and again, and the learner could never go on. What was sent stays in the debug log.
    """
    try:
        return call(key, body)
    except FAULTS as error:
        logger.exception("launch %s sent what the server cannot work with", key[:8])
        sent = json.dumps(body, ensure_ascii=False)
        keep(key, str(body.get("activity", "")), call.__name__, [sent], code=500, diagnostic=repr(error))
        message = _("The server could not work with what was reported. It was written down for the administrator.")
        raise BadCallError(message, status=422) from error


def _bound(request: HttpRequest, key: str) -> JsonResponse | None:
    """The refusal of a call from elsewhere than its link bound the launch to; what the player keeps then waits."""
    refused = refusal_of_report(request, key)
    return JsonResponse({"bound": True, "message": refused}, status=403) if refused else None


def _json(work: Callable[[], dict[str, Any]]) -> JsonResponse:
    try:
        return JsonResponse(work())
    except LaunchRecord.DoesNotExist:
        return JsonResponse({"message": _("This launch does not exist.")}, status=404)
    except services.ReplacedError:
        return JsonResponse({"replaced": True, "message": _("Another window took over.")}, status=409)
    except (BadCallError, RequestError) as error:
        return JsonResponse({"message": str(error)}, status=getattr(error, "status", 400))


def _body(request: HttpRequest) -> dict[str, Any]:
    if int(request.headers.get("Content-Length") or 0) > settings.REPORT_MAX_BYTES:
        raise BadCallError(f"A report may hold {settings.REPORT_MAX_BYTES} bytes", status=413)
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadCallError("The body must be JSON") from error
    if not isinstance(body, dict):
        raise BadCallError("The body must be a JSON object")
    return body


@json_call
def start(key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Begin or take over; what the player shows first."""
    session, shown = services.start(key)
    return _shown(session, shown, "")


@require_GET
def state(request: HttpRequest, key: str) -> JsonResponse:
    """What the player shows now: asked again and again while content reports to the server itself."""
    return _bound(request, key) or _json(lambda: _looked_at(key, request.GET.get("revision", "")))


def _looked_at(key: str, revision: str) -> dict[str, Any]:
    session = services.look(key)
    return _shown(session, session.show(), revision) | {"finished": bool(session.state.memory.get("finished"))}


def _shown(session: Session, shown: Launch, revision: str) -> dict[str, Any]:
    return {
        "launch": shown_json(session.launch.key, connect(session, shown), revision),
        "secondsLeft": seconds_left(session.state, session.settings),
        "number": services.last_number(session),
        "logNumber": session.launch.last_log_number,
    }


@json_call
def report(key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Store what content reported."""
    stored = services.record_progress(key, read_number(body), read_report(body), bool(body.get("leaving")))
    answer: dict[str, Any] = {"stored": stored.number, "outcome": stored.outcome.to_json()}
    if stored.launch is not None and stored.session is not None:  # something else may have become possible
        answer["launch"] = shown_json(key, connect(stored.session, stored.launch), body.get("revision"))
    return answer


@json_call
def navigate(key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Store the last report of an activity and go where the learner or the content wants."""
    shown = read_report(body) if body.get("activity") else None
    moved = services.navigate(key, read_number(body), shown, read_request(body))
    return {
        "stored": moved.number,
        "launch": shown_json(key, connect(moved.session, moved.launch), body.get("revision")),
        "delivered": moved.is_new,
    }


@require_GET
def returned(request: HttpRequest, key: str) -> HttpResponse:
    """Where content leads its window when it is done: tells the player, in the page around it or the opener."""
    leads_to = LaunchRecord.objects.filter(key=key).values_list("redirect_url", flat=True).first()
    return render(request, "player/return.html", {"back": leads_to})


@json_call
def log(key: str, body: dict[str, Any]) -> dict[str, Any]:
    """Keep a batch of the debug log."""
    return {"stored": services.store_log(key, read_number(body), read_entries(body))}
