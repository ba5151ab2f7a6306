"""The door of Tin Can content: the parameters of its launch, and an xAPI endpoint bound to it.

The endpoint answers what the record store answers, to the learner and the registration of the launch. Statements about
the activities of the course are rolled up, in the transaction that stores them. It never asks the browser for a
password: there is no WWW-Authenticate.
"""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt

from lrs.access import AccessError, Caller
from lrs.http import answer
from lrs.resources import Answer, Call
from lrs.services import known_ids, voided_ids
from lrs.wire import media_type_of, read_multipart, read_statements, text_of
from registrations.models import LaunchRecord
from registrations.reports.stated import keep as keep_answers
from registrations.sessions import Session, open_session, save
from standards.structure import Launch
from standards.xapi import record_statement
from standards.xapi.statements import VOIDED, check_statements
from standards.xapi.values import format_timestamp

from .actors import actor_of
from .addresses import absolute, with_query
from .exchanges import keep_exchange
from .guards import refusal_of_report
from .stating import subject_of
from .voiding import counts, without_voided

READ = ("GET", "HEAD")


# --- launching --------------------------------------------------------------------------------------------------------


def connect(session: Session, launch: Launch) -> Launch:
    """The launch with the parameters Tin Can content looks for in its address."""
    parameters = {
        "endpoint": absolute("tincan_endpoint", session.launch.key),
        "auth": authorization(session.launch.key),
        "actor": json.dumps(actor_of(session.learner), separators=(",", ":"), ensure_ascii=False),
        "registration": str(subject_of(session.instance, session.launch).registration),
        "activity_id": launch.activity,
        "activity_platform": settings.CONSOLE_ORIGIN,
    }
    # A medium is shown by a page of ours, which is told the same in its own words (media.py)
    href = absolute("media", session.launch.key) if session.course.medium else launch.href
    return replace(launch, href=with_query(href, parameters))


def authorization(key: str) -> str:
    """What the content sends as its Authorization: the launch, and a proof that we made it."""
    proof = salted_hmac("player.tincan", key, algorithm="sha256").hexdigest()
    return f"Basic {base64.b64encode(f'{key}:{proof}'.encode()).decode()}"


# --- the endpoint -----------------------------------------------------------------------------------------------------


@csrf_exempt
def xapi(request: HttpRequest, key: str, resource: str) -> HttpResponse:
    """A request of content to a resource of its launch's endpoint."""
    door = _Door(key, refusal_of_report(request, key, is_player=False))
    response = answer(request, resource.strip("/"), door.admit, around=door.around)
    if door.call is not None:
        activity = door.session.state.current if door.session else ""
        keep_exchange(key, activity, resource, door.call, response)
    return response


class _Door:
    """One request of content: of which launch it is, and what it changes there."""

    def __init__(self, key: str, refused: str = "") -> None:
        self.key, self.refused = key, refused
        self.call: Call | None = None
        self.session: Session | None = None  # as it was when the request came

    def admit(self, header: str) -> Caller:
        if not hmac.compare_digest(header.strip().encode(), authorization(self.key).encode()):
            raise AccessError("Send the auth of the launch address as Authorization")
        if self.refused:
            raise AccessError(self.refused, status=403)
        self.session = self._session(locked=False)
        return subject_of(self.session.instance, self.session.launch).caller

    def _session(self, locked: bool) -> Session:
        try:
            return open_session(self.key, locked)
        except LaunchRecord.DoesNotExist:
            raise AccessError("There is no such launch") from None

    def around(self, call: Call, resource: str, handler: Callable[[Call], Answer]) -> Answer:
        self.call = call
        if call.method in READ:
            return handler(call)
        assert self.session is not None
        if self.session.state.ended == "abandoned":
            raise AccessError("This launch was left without saving", status=403)
        if resource != "statements":
            return handler(call)
        statements = _statements(call)
        course, learner = self.session.course, self.session.learner
        about = [each for each in statements if _is_voiding(each) or counts(course, learner, each)]
        with transaction.atomic():
            stored = self._store(call, handler, about) if about else handler(call)
            keep_answers(self.session.instance, _shown(self.session), statements)
        return stored

    @transaction.atomic
    def _store(self, call: Call, handler: Callable[[Call], Answer], statements: list[dict[str, Any]]) -> Answer:
        """Store the request's statements and roll up those about the course, all or nothing.

        What is stored already was rolled up then: a request that is sent again changes nothing. Where a statement
        is voided, all that stands is rolled up anew.
        """
        session = self._session(locked=True)  # before the store, as everywhere
        is_late = session.instance is not None and session.instance.active_launch_id != session.launch.pk
        known = known_ids(call.caller.store, statements)
        stored = handler(call)
        known |= voided_ids(call.caller.store, statements)
        state = session.state
        new = [each for each in statements if str(each.get("id", "")).lower() not in known]
        for statement in new:
            state = record_statement(session.course, state, statement, is_late)
        if any(map(_is_voiding, new)):
            state = without_voided(session.course, state, subject_of(session.instance, session.launch))
        if state is not session.state:
            session.launch.last_seen = timezone.now()
            save(session, state)
        return stored


def _shown(session: Session) -> str:
    """The activity that statements come from, also those that come after it was left."""
    leaves = session.course.leaves
    return session.state.current or (leaves[0].identifier if len(leaves) == 1 else "")


def _statements(call: Call) -> list[dict[str, Any]]:
    """The statements of a request, checked, each with its id and time where they are known."""
    is_multipart = media_type_of(call.content_type) == "multipart/mixed"
    body = read_multipart(call.content_type, call.body)[0].content if is_multipart else call.body
    found = [entry.statement for entry in read_statements(text_of(body))[0]]
    try:
        check_statements(found, call.version)
    except ValueError:
        return []  # the record store says what is wrong with them
    chosen = {"id": call.parameters["statementId"]} if call.method == "PUT" and "statementId" in call.parameters else {}
    return [{"timestamp": format_timestamp(timezone.now()), **chosen, **statement} for statement in found]


def _is_voiding(statement: dict[str, Any]) -> bool:
    return bool(statement["verb"]["id"] == VOIDED)
