"""The door of AICC content: one address that takes HACP messages (CMI001 v4.0 section 6).

`session_id` names a launch, one of its assignable units and the attempt on it, so that what an AU sends late is never
taken for the next one's. Content may lie on another host: any origin may send, there is no cookie to ride on. Every
exchange is kept in the debug log.
"""

from dataclasses import replace
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from registrations import services
from registrations.models import LaunchRecord
from registrations.sessions import Session
from standards.aicc import hacp
from standards.errors import RequestError
from standards.lesson_data import SESSION_TIME
from standards.structure import Activity, ActivityState, Launch, Report

from .addresses import absolute, with_query
from .exchanges import keep
from .guards import refusal_of_report

OK, INVALID_COMMAND, INVALID_PASSWORD, INVALID_SESSION = 0, 1, 2, 3  # CMI001 6.4.3
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
    "Access-Control-Max-Age": "86400",
}


class Answer(NamedTuple):
    code: int
    data: str = ""
    text: str = ""
    status: int = 200
    activity: str = ""  # the AU that spoke, where it is known

    def body(self) -> str:
        return hacp.answer(self.code, self.data, self.text)


# --- launching --------------------------------------------------------------------------------------------------------


def connect(session: Session, launch: Launch) -> Launch:
    """The launch with AICC_SID and AICC_URL in its address, spelled as the book does (CMI001 6.3)."""
    parameters = {"AICC_SID": _session_id(session, launch.activity), "AICC_URL": absolute("hacp")}
    return replace(launch, href=with_query(launch.href, parameters))


def _session_id(session: Session, identifier: str) -> str:
    held = session.state.activities.get(identifier, ActivityState())
    leaves = [leaf.identifier for leaf in session.course.leaves]
    return f"{session.launch.key}-{leaves.index(identifier)}-{held.attempts}"


def _key_of(session_id: str) -> str:
    return session_id.rsplit("-", 2)[0]


def _activity(session: Session, session_id: str) -> Activity:
    """The AU of a session id. Raises RequestError where it has another attempt by now, or there is no such AU."""
    found = next((leaf for leaf in session.course.leaves if _session_id(session, leaf.identifier) == session_id), None)
    if found is None or found.identifier not in session.state.activities:
        raise RequestError("This session of the assignable unit is over, or there is none")
    return found


# --- the address ------------------------------------------------------------------------------------------------------


def exchange(request: HttpRequest) -> HttpResponse:
    """Take a message and answer it; refusals are answers of status 200 too, since content reads nothing else."""
    if request.method == "OPTIONS":
        wanted = request.headers.get("Access-Control-Request-Headers", "Content-Type")
        return HttpResponse(status=204, headers={**CORS, "Access-Control-Allow-Headers": wanted[:500]})
    if request.method not in ("GET", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, POST, OPTIONS"})
    try:
        message = _read(request)
    except (ValueError, MultiPartParserError):
        answer = Answer(INVALID_COMMAND, text="The request cannot be read", status=400)
    except RequestDataTooBig:
        answer = Answer(INVALID_COMMAND, text=f"A request may hold {settings.REPORT_MAX_BYTES} bytes", status=413)
    else:
        refused = refusal_of_report(request, _key_of(message.session_id), is_player=False)
        answer = Answer(INVALID_SESSION, text=refused) if refused else _answer(message)
        _log(message, answer)
    return HttpResponse(
        answer.body(),
        status=answer.status,
        content_type="text/plain; charset=utf-8",
        headers={**CORS, "Cache-Control": "no-store"},
    )


def _read(request: HttpRequest) -> hacp.Message:
    """The message of the body, of whatever type it is said to be, and of the address's query."""
    if int(request.headers.get("Content-Length") or 0) > settings.REPORT_MAX_BYTES:
        raise RequestDataTooBig
    query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    if request.content_type == "multipart/form-data":
        fields = {name.lower(): hacp.clean(str(value)) for name, value in request.POST.items()}
        return hacp.read_fields(fields)
    return hacp.read_form(request.body, query)


def _answer(message: hacp.Message) -> Answer:
    if not message.is_known:
        return Answer(INVALID_COMMAND)
    try:
        return _get(message) if message.command == "GetParam" else _put(message)
    except (LaunchRecord.DoesNotExist, services.ReplacedError):
        return Answer(INVALID_SESSION)
    except services.TooMuchError as error:
        return Answer(INVALID_COMMAND, text=str(error), status=413)
    except RequestError:
        return Answer(INVALID_SESSION)
    except PasswordError:
        return Answer(INVALID_PASSWORD)
    except ValueError as error:
        return Answer(INVALID_COMMAND, text=" ".join(str(error).split())[:200])


class PasswordError(Exception):
    """The AU has a password and the message another one."""


def _check_password(activity: Activity, message: hacp.Message) -> None:
    wanted = activity.details.get("au_password", "")
    if wanted and message.au_password != wanted:
        raise PasswordError


def _get(message: hacp.Message) -> Answer:
    session = services.look(_key_of(message.session_id))
    activity = _activity(session, message.session_id)
    _check_password(activity, message)
    if session.state.current != activity.identifier or session.state.memory.get("finished"):
        raise RequestError("The assignable unit has ended")
    return Answer(OK, hacp.write_param(session.course, activity, session.show()), activity=activity.identifier)


def _put(message: hacp.Message) -> Answer:
    def read(session: Session) -> Report | None:
        """What the message reports; None where ExitAU is said again."""
        activity = _activity(session, message.session_id)
        _check_password(activity, message)
        is_shown = session.state.current == activity.identifier
        if is_shown and session.state.memory.get("finished"):
            if message.command == "ExitAU":
                return None
            raise RequestError("The assignable unit has ended")
        held = session.state.activities[activity.identifier]
        values = hacp.read_report(message, held.values)
        if not is_shown:  # the time of its session was added up when it was left
            values.pop(SESSION_TIME, None)
        return Report(activity.identifier, values, finished=message.command == "ExitAU")

    session = services.receive(_key_of(message.session_id), read)
    return Answer(OK, activity=_activity(session, message.session_id).identifier)


def _log(message: hacp.Message, answer: Answer) -> None:
    """The session id is left out of it: it opens the launch."""
    diagnostic = "" if answer.code == OK else answer.text or hacp.ERRORS[answer.code]
    keep(
        _key_of(message.session_id), answer.activity, message.command, [message.data], answer.body(), answer.code,
        diagnostic,
    )  # fmt: skip
