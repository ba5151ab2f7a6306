"""The door of cmi5 content: the launch's parameters, the token it fetches once, an xAPI endpoint of its session's own.

The endpoint answers what the record store answers, bound to the learner and the registration of the launch, after the
rules of cmi5. It never asks the browser for a password: there is no WWW-Authenticate.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt

from lrs.access import AccessError, Caller
from lrs.http import answer
from lrs.resources import Answer, Call
from lrs.services import known_ids
from lrs.wire import media_type_of, read_json, read_multipart, read_statements, text_of
from registrations.models import LaunchRecord
from registrations.moving import is_outdated
from registrations.reports.stated import keep as keep_answers
from registrations.sessions import OutdatedError, Session, open_session, save
from standards.cmi5 import documents as rules_of_documents
from standards.cmi5.errors import Cmi5Violation
from standards.cmi5.rules import read_time
from standards.cmi5.session import take, terms_of
from standards.structure import Launch, State
from standards.xapi.statements import check_statements

from .addresses import absolute, with_query
from .exchanges import keep_exchange
from .guards import refusal_of_report
from .stating import Subject, hand_over, subject_of

ALREADY_USED, SECURITY_ERROR, APPLICATION_ERROR = "1", "2", "3"  # 8.2.3.2
READ = ("GET", "HEAD")


# --- launching --------------------------------------------------------------------------------------------------------


def connect(session: Session, launch: Launch) -> Launch:
    """The launch with the parameters of cmi5 8.1; before it is told, the launched statement is in the store (9.3.1)."""
    newest = session.state.memory.get("session")
    if not newest or newest["activity"] != launch.activity:
        return launch
    subject = _subject(session)
    hand_over(session.instance, session.launch)
    names = subject.names
    parameters = {
        "endpoint": absolute("endpoint", session.launch.key),
        "fetch": absolute("fetch", session.launch.key, newest["id"]),
        "actor": json.dumps(names.actor, separators=(",", ":"), ensure_ascii=False),
        "registration": names.registration,
        "activityId": names.activity_id(launch.activity),
    }
    return replace(launch, href=with_query(launch.href, parameters))


def _subject(session: Session) -> Subject:
    return subject_of(session.instance, session.launch)


# --- the token --------------------------------------------------------------------------------------------------------


@csrf_exempt
def fetch(request: HttpRequest, key: str, session_id: str) -> HttpResponse:
    """The authorization token of a session, given once (8.2)."""
    allowed = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type, Authorization"}
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=headers | allowed)
    if request.method != "POST":  # 8.2.1: a GET might be answered from a cache
        return JsonResponse({"error-code": SECURITY_ERROR, "error-text": "Use POST."}, status=405, headers=headers)
    if refused := refusal_of_report(request, key, is_player=False):
        return JsonResponse({"error-code": SECURITY_ERROR, "error-text": refused}, headers=headers)
    return JsonResponse(_token(key, session_id), headers=headers)


@transaction.atomic
def _token(key: str, session_id: str) -> dict[str, str]:
    try:
        session = open_session(key)
    except LaunchRecord.DoesNotExist:
        return {"error-code": SECURITY_ERROR, "error-text": "There is no such launch."}
    except OutdatedError as error:
        return {"error-code": APPLICATION_ERROR, "error-text": str(error)}
    newest = session.state.memory.get("session") or {}
    if newest.get("id") != session_id:
        if session_id in session.state.memory.get("past", {}):
            return {"error-code": ALREADY_USED, "error-text": "This session is over."}
        return {"error-code": SECURITY_ERROR, "error-text": "There is no such session."}
    if newest.get("ended"):
        return {"error-code": ALREADY_USED, "error-text": "This session is over."}
    if newest.get("fetched"):
        return {"error-code": ALREADY_USED, "error-text": "The authorization token has already been returned."}
    _remember(session, fetched=True)
    return {"auth-token": make_token(key, session_id)}


def _remember(session: Session, **facts: Any) -> None:
    memory = session.state.memory
    save(session, replace(session.state, memory={**memory, "session": {**memory["session"], **facts}}))


def make_token(key: str, session_id: str) -> str:
    """As Basic authentication has it: base64 of the session and a proof that we named it (8.2.1)."""
    return base64.b64encode(f"{session_id}:{_proof(key, session_id)}".encode()).decode()


def _proof(key: str, session_id: str) -> str:
    return salted_hmac("player.cmi5", f"{key}\0{session_id}", algorithm="sha256").hexdigest()


def _session_id(key: str, header: str) -> str:
    """The session whose token the header has. Raises AccessError."""
    scheme, _, value = header.partition(" ")
    try:
        session_id, _, proof = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        session_id = proof = ""
    proven = hmac.compare_digest(proof.encode(), _proof(key, session_id).encode())
    if scheme.lower() != "basic" or not proven:
        raise AccessError("Send the auth-token of the fetch URL as Authorization: Basic (cmi5 8.1.2.0-5)")
    return session_id


# --- the endpoint -----------------------------------------------------------------------------------------------------


@csrf_exempt
def xapi(request: HttpRequest, key: str, resource: str) -> HttpResponse:
    """A request of an AU to a resource of its own endpoint (8.1.1)."""
    door = Door(key, refusal_of_report(request, key, is_player=False))
    response = answer(request, resource.strip("/"), door.admit, around=door.around)
    if door.call is not None:
        keep_exchange(key, door.activity, resource, door.call, response)
    return response


class Door:
    """One request of an AU: who it is, and whether cmi5 allows what it asks."""

    def __init__(self, key: str, refused: str = "") -> None:
        self.key, self.refused = key, refused
        self.session_id = ""
        self.activity = ""
        self.subject: Subject
        self.memory: Mapping[str, Any] = {}
        self.call: Call | None = None

    def admit(self, header: str) -> Caller:
        self.session_id = _session_id(self.key, header)
        if self.refused:
            raise AccessError(self.refused, status=403)
        launches = LaunchRecord.objects.select_related("version__course__application", "instance__registration")
        launch = launches.filter(key=self.key).first()
        if launch is None:
            raise AccessError("There is no such launch")
        if launch.instance is not None:
            launch.instance.registration.course = launch.version.course
            if is_outdated(launch.version, launch.instance):
                raise AccessError("The course was changed meanwhile", status=403)
        self.subject = subject_of(launch.instance, launch)
        self.memory = _memory(launch)
        newest = self.memory.get("session") or {}
        self.activity = newest["activity"] if newest.get("id") == self.session_id else ""
        return self.subject.caller

    def around(self, call: Call, resource: str, handler: Callable[[Call], Answer]) -> Answer:
        self.call = call
        try:
            if resource == "statements" and call.method not in READ:
                return self._store(call, handler)
            return self._pass(call, resource, handler)
        except Cmi5Violation as violation:
            return _refusal(violation)
        except LaunchRecord.DoesNotExist:
            return _refusal(Cmi5Violation("8.1.2.0-2", "There is no such launch"))
        except OutdatedError as error:  # changed since it was admitted
            return _refusal(Cmi5Violation("8.1.2.0-2", str(error)))

    def _pass(self, call: Call, resource: str, handler: Callable[[Call], Answer]) -> Answer:
        """What reads, and documents."""
        newest = self._open(self.memory)
        names = self.subject.names
        rules_of_documents.check(resource, call.method, call.parameters, names.actor, names.registration)
        if rules_of_documents.is_preferences(resource, call.parameters):
            if call.method in READ and not newest.get("preferences"):
                self._note_preferences()
            if call.method in ("PUT", "POST"):
                rules_of_documents.check_preferences(_json(call))
        return handler(call)

    def _open(self, memory: Mapping[str, Any]) -> Mapping[str, Any]:
        """The session of the token, where it is open. Raises Cmi5Violation."""
        newest = memory.get("session") or {}
        past = memory.get("past", {})
        is_newest = newest.get("id") == self.session_id
        ended = newest.get("ended", "") if is_newest else past.get(self.session_id, "abandoned")
        if ended == "abandoned":
            raise Cmi5Violation("9.3.6.0-2", "The session was abandoned")
        if ended:
            raise Cmi5Violation("8.1.2.0-2", "The session was terminated")
        if not newest.get("fetched"):
            raise Cmi5Violation("8.1.2.0-2", "The authorization token has not been fetched")
        return newest

    def _is_the_end_again(self, newest: Mapping[str, Any], batch: list[dict[str, Any]]) -> bool:
        """Whether a batch repeats the terminated statement of the session, whose answer was lost."""
        terminated = newest.get("verbs", {}).get("terminated") if newest.get("id") == self.session_id else None
        return terminated is not None and any(str(each.get("id", "")).lower() == terminated for each in batch)

    @transaction.atomic
    def _note_preferences(self) -> None:
        session = open_session(self.key)
        if (session.state.memory.get("session") or {}).get("id") == self.session_id:
            _remember(session, preferences=True)

    @transaction.atomic
    def _store(self, call: Call, handler: Callable[[Call], Answer]) -> Answer:
        """Statements: held against the session, stored, and what follows from them stated, all or nothing."""
        session = open_session(self.key)
        batch = _statements(call)
        newest = session.state.memory.get("session") or {}
        known = known_ids(self.subject.caller.store, batch)  # sent again: the store compares them
        new = [statement for statement in batch if str(statement.get("id", "")).lower() not in known]
        if new or not self._is_the_end_again(newest, batch):
            self._open(session.state.memory)
        names = self.subject.names
        activity_id = names.activity_id(newest["activity"])
        state, now = session.state, timezone.now().isoformat()
        for statement in new:
            terms = terms_of(
                session.course, state, state.memory["session"], activity_id, names.registration, names.actor
            )
            state = take(session.course, state, statement, terms, now)
        stored = handler(call)
        if state is not session.state:
            session.launch.last_seen = timezone.now()
            save(session, state)
            hand_over(session.instance, session.launch)
        keep_answers(session.instance, newest.get("activity", ""), batch)
        return stored


def _memory(launch: LaunchRecord) -> Mapping[str, Any]:
    """State.memory of a launch, without reading what all AUs have done."""
    state = launch.instance.state if launch.instance is not None else (launch.preview or {}).get("state", {})
    return State.from_json(state).memory


def _statements(call: Call) -> list[dict[str, Any]]:
    """The statements of a request in the order of their timestamps, which is the one that counts (9.3)."""
    if media_type_of(call.content_type) == "multipart/mixed":
        body = read_multipart(call.content_type, call.body)[0].content
    else:
        body = call.body
    found = [entry.statement for entry in read_statements(text_of(body))[0]]
    check_statements(found, call.version)
    if call.method == "PUT" and len(found) == 1 and "statementId" in call.parameters:
        found[0].setdefault("id", call.parameters["statementId"])
    moments = [read_time(str(statement.get("timestamp", ""))) for statement in found]
    if any(moment is None for moment in moments):
        return found
    order = sorted(range(len(found)), key=lambda index: moments[index])  # type: ignore[arg-type, return-value]
    return [found[index] for index in order]


def _json(call: Call) -> Any:
    if media_type_of(call.content_type) != "application/json":
        raise Cmi5Violation("11.0.0.0-5", "The learner preferences must be JSON")
    return read_json(text_of(call.body))


def _refusal(violation: Cmi5Violation) -> Answer:
    told = {
        "message": str(violation),
        "rule": f"cmi5 {violation.requirement}",
        "requirement": violation.requirement,
        "statement": violation.statement_id,
    }
    return Answer(json.dumps(told, ensure_ascii=False), status=violation.status)
