"""The resources of an LRS, each a function from a call to an answer (1.0.3 Communication 2)."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.http import http_date

from standards.xapi import formats, statements
from standards.xapi.errors import StatementError
from standards.xapi.identity import activities_of, agent_key
from standards.xapi.values import read_timestamp
from standards.xapi.versions import V1_0_3, Version

from . import documents, queries, services
from .access import AccessError, Caller
from .documents import Conditions, MustState, Place
from .models import Document, DocumentKind, moment_of, stored_of, stored_text
from .queries import Query
from .wire import (
    Incoming,
    WireError,
    media_type_of,
    read_json,
    read_multipart,
    read_statements,
    text_of,
    write_multipart,
)

JSON = "application/json"
READ, WRITE = ("GET", "HEAD"), ("PUT", "POST", "DELETE")


class ParameterError(Exception):
    """A parameter that is missing, not known, or not what it must be."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


class MissingError(Exception):
    """What is asked for is not there."""


class MethodError(Exception):
    """The resource has no such method."""

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{method[:20]} is no method of this resource; {', '.join(allowed)} are")
        self.allowed = allowed


@dataclass(frozen=True)
class Call:
    """A request to a resource, with everything checked that is the same for all."""

    method: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    version: Version
    path: str  # where the resource is, for addresses of more
    caller: Caller

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")

    @property
    def conditions(self) -> Conditions:
        return Conditions(self.headers.get("If-Match", ""), self.headers.get("If-None-Match", ""))


@dataclass(frozen=True)
class Answer:
    """What goes back. `through`: X-Experience-API-Consistent-Through, where it was asked for before a query."""

    content: bytes | str = b""
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    through: str = ""


def _json(value: Any, **rest: Any) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False), **rest)


NOTHING = Answer(status=204)


# --- parameters -------------------------------------------------------------------------------------------------------


def _only(call: Call, allowed: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
    """Raises ParameterError for a parameter that is not known, in this spelling, and for one that is missing (3.2)."""
    for name in call.parameters:
        if name not in allowed:
            near = next((known for known in allowed if known.lower() == name.lower()), "")
            hint = f"; it is spelled {near}" if near else ""
            raise ParameterError(name[:80], f"This is no parameter of the request{hint}")
    for name in required:
        if name not in call.parameters:
            raise ParameterError(name, "This parameter is missing")


def _boolean(call: Call, name: str) -> bool:
    text = call.parameters.get(name, "false")
    if text not in ("true", "false"):
        raise ParameterError(name, "must be true or false")
    return text == "true"


def _number(call: Call, name: str) -> int:
    text = call.parameters.get(name, "0")
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise ParameterError(name, "must be a whole number of at least 0")
    return int(text)


def _moment(call: Call, name: str) -> datetime | None:
    if name not in call.parameters:
        return None
    try:
        return read_timestamp(call.parameters[name], call.version)
    except StatementError as error:
        raise error.inside(name) from None


def _agent(call: Call, name: str = "agent") -> dict[str, Any]:
    try:
        agent = read_json(call.parameters[name])
    except WireError as error:
        raise ParameterError(name, f"must be an agent as JSON. {error.message}") from None
    statements.check_agent(agent, call.version, name)
    return agent


def _registration(call: Call) -> UUID | None:
    if "registration" not in call.parameters:
        return None
    statements.check_registration(call.parameters["registration"])
    return UUID(call.parameters["registration"])


# --- statements -------------------------------------------------------------------------------------------------------

ONE = ("statementId", "voidedStatementId")
FILTERS = (
    "agent", "verb", "activity", "registration", "related_activities", "related_agents", "since", "until", "limit",
    "ascending",
)  # fmt: skip
SHAPE = ("format", "attachments")


def statements_resource(call: Call) -> Answer:
    """Communication 2.1."""
    match call.method:
        case "GET" | "HEAD":
            return _get_statements(call)
        case "PUT":
            return _put_statement(call)
        case "POST":
            _only(call, ())
            incoming, contents, _ = _read_statements(call)
            return _json(services.store(call.caller, incoming, contents, call.version))
    raise MethodError(call.method, ("GET", "HEAD", "PUT", "POST"))


def _put_statement(call: Call) -> Answer:
    _only(call, ("statementId",), required=("statementId",))
    chosen = call.parameters["statementId"]
    statements.check_statement_id(chosen)
    incoming, contents, is_batch = _read_statements(call)
    if is_batch:
        raise StatementError("", "A PUT holds one statement, not an array", "Communication 2.1.1")
    sent = incoming[0].statement
    own = sent.get("id") if isinstance(sent, dict) else None
    if own is not None and str(own).lower() != chosen.lower():
        raise StatementError("id", "is not the statementId of the address", "Communication 2.1.1")
    if isinstance(sent, dict) and own is None:
        incoming = [Incoming({**sent, "id": chosen}, _with_id(incoming[0].raw, chosen))]
    services.store(call.caller, incoming, contents, call.version)
    return NOTHING


def _with_id(raw: str, chosen: str) -> str:
    """The JSON of an object, which has properties but no id, with an id."""
    head, comma = raw.rstrip()[:-1], "" if raw[1:].lstrip().startswith("}") else ","
    return f'{head}{comma}"id":"{chosen}"}}'


def _read_statements(call: Call) -> tuple[list[Incoming], dict[str, bytes], bool]:
    """The statements of a body, the content of attachments by hash, and whether it is a batch (1.5)."""
    media_type = media_type_of(call.content_type)
    if media_type == JSON:
        return _statements_of(call.body, {})
    if media_type != "multipart/mixed":
        raise WireError(f"Content-Type must be {JSON} or multipart/mixed", "Communication 1.5")
    first, *others = read_multipart(call.content_type, call.body)
    if first.media_type != JSON:
        raise WireError(f"The first part must be {JSON}", "Communication 1.5.2")
    contents: dict[str, bytes] = {}
    for part in others:
        if part.headers.get("content-transfer-encoding", "").lower() != "binary":
            raise WireError("An attachment's part needs Content-Transfer-Encoding: binary", "Communication 1.5.2")
        sha2 = part.headers.get("x-experience-api-hash", "").lower()
        try:
            statements.check_sha2(sha2)
        except StatementError as error:
            raise error.inside("X-Experience-API-Hash") from None
        contents[sha2] = part.content
    return _statements_of(first.content, contents)


def _statements_of(body: bytes, contents: dict[str, bytes]) -> tuple[list[Incoming], dict[str, bytes], bool]:
    incoming, is_batch = read_statements(text_of(body))
    return incoming, contents, is_batch


def _get_statements(call: Call) -> Answer:
    through = stored_text(services.consistent_through(call.caller.store))
    one = [name for name in ONE if name in call.parameters]
    if one:
        return _get_one(call, one, through)
    if "more" in call.parameters:
        _only(call, ("more",))
        query = queries.read_more(call.caller, call.parameters["more"])
    else:
        query = _query(call)
    page, following = queries.find(call.caller, query)
    more = f"{call.path}?more={queries.more_token(call.caller, following)}" if following else ""
    bodies = _in_format(call, query.format, [body for _, body in page])
    document = f'{{"statements":[{",".join(bodies)}],"more":{json.dumps(more)}}}'
    latest = {"Last-Modified": http_date(moment_of(max(stored for stored, _ in page)).timestamp())} if page else {}
    return _with_attachments(call, query.attachments, document, [body for _, body in page], latest, through)


def _get_one(call: Call, one: list[str], through: str) -> Answer:
    _only(call, (one[0], *SHAPE))
    statements.check_statement_id(call.parameters[one[0]], one[0])
    found = queries.get(call.caller, UUID(call.parameters[one[0]]), voided=one[0] == "voidedStatementId")
    if found is None:
        raise MissingError("There is no such statement")
    stored, body = found
    modified = {"Last-Modified": http_date(moment_of(stored).timestamp())}
    (document,) = _in_format(call, _format(call), [body])
    return _with_attachments(call, _boolean(call, "attachments"), document, [body], modified, through)


def _query(call: Call) -> Query:
    _only(call, FILTERS + SHAPE)
    for name, check in (("verb", statements.check_verb_id), ("activity", statements.check_activity_id)):
        if name in call.parameters:
            check(call.parameters[name], name)
    since, until, registration = _moment(call, "since"), _moment(call, "until"), _registration(call)
    return Query(
        agent=_agent(call) if "agent" in call.parameters else None,
        verb=call.parameters.get("verb", ""),
        activity=call.parameters.get("activity", ""),
        registration=str(registration or ""),
        related_agents=_boolean(call, "related_agents"),
        related_activities=_boolean(call, "related_activities"),
        since=stored_of(since) if since else None,
        until=stored_of(until) if until else None,
        limit=_number(call, "limit"),
        ascending=_boolean(call, "ascending"),
        format=_format(call),
        attachments=_boolean(call, "attachments"),
    )


def _format(call: Call) -> str:
    found = call.parameters.get("format", "exact")
    if found not in formats.FORMATS:
        raise ParameterError("format", f"must be one of {', '.join(formats.FORMATS)}")
    return found


def _in_format(call: Call, format: str, bodies: list[str]) -> list[str]:
    if format == "exact":
        return bodies
    found = [json.loads(body) for body in bodies]
    languages = formats.read_accept_language(call.headers.get("Accept-Language", ""))
    known: dict[str, dict[str, Any]] = {}
    if format == "canonical":
        iris = {iri for statement in found for iri in activities_of(statement, related=True)}
        known = queries.definitions(call.caller.store, iris)
    changed = (formats.in_format(statement, format, languages, known) for statement in found)
    return [json.dumps(statement, ensure_ascii=False) for statement in changed]


def _with_attachments(
    call: Call, wanted: bool, document: str, bodies: list[str], headers: Mapping[str, str], through: str
) -> Answer:
    """The document alone, or before the content of the statements' attachments, each once (1.5.2)."""
    if not wanted:
        return Answer(document, headers=headers, through=through)
    kinds = {
        attachment["sha2"].lower(): attachment["contentType"]
        for body in bodies
        if '"attachments"' in body
        for attachment in statements.attachments_of(json.loads(body))
    }
    contents = queries.attachments(call.caller.store, set(kinds))
    parts = ((sha2, kinds[sha2], content) for sha2, content in sorted(contents.items()))
    content_type, body = write_multipart(document, parts)
    return Answer(body, content_type=content_type, headers=headers, through=through)


# --- documents --------------------------------------------------------------------------------------------------------


def state(call: Call) -> Answer:
    """Communication 2.3."""
    names = ("activityId", "agent", "registration")
    single = call.method in ("PUT", "POST") or "stateId" in call.parameters
    extra = ("stateId",) if single else ("since",) if call.method in READ else ()
    _only(call, (*names, *extra), ("activityId", "agent", *(("stateId",) if single else ())))
    agent, registration = _agent(call), _registration(call)
    statements.check_activity_id(call.parameters["activityId"])
    _check_bounds(call.caller, agent, registration)
    place = Place(
        DocumentKind.STATE, call.parameters["activityId"], agent_key(agent), registration, _name(call, "stateId")
    )
    return _document(call, place, single, MustState.NEVER if call.version is V1_0_3 else MustState.TO_REPLACE)


def agent_profile(call: Call) -> Answer:
    """Communication 2.6."""
    single = call.method in WRITE or "profileId" in call.parameters
    _only(call, ("agent", "profileId" if single else "since"), ("agent", "profileId") if single else ("agent",))
    agent = _agent(call)
    _check_bounds(call.caller, agent, None)
    place = Place(DocumentKind.AGENT_PROFILE, agent=agent_key(agent), name=_name(call, "profileId"))
    return _document(call, place, single, MustState.ALWAYS if call.version is V1_0_3 else MustState.TO_REPLACE)


def activity_profile(call: Call) -> Answer:
    """Communication 2.7."""
    single = call.method in WRITE or "profileId" in call.parameters
    required = ("activityId", "profileId") if single else ("activityId",)
    _only(call, ("activityId", "profileId" if single else "since"), required)
    statements.check_activity_id(call.parameters["activityId"])
    place = Place(DocumentKind.ACTIVITY_PROFILE, call.parameters["activityId"], name=_name(call, "profileId"))
    return _document(call, place, single, MustState.ALWAYS if call.version is V1_0_3 else MustState.TO_REPLACE)


def _name(call: Call, name: str) -> str:
    if name not in call.parameters:
        return ""
    statements.check_document_id(call.parameters[name], name)
    return call.parameters[name]


def _check_bounds(caller: Caller, agent: dict[str, Any], registration: UUID | None) -> None:
    """A launch has the documents of its own learner and registration."""
    if caller.actor is not None and agent_key(agent) != agent_key(caller.actor):
        raise AccessError("This launch has the documents of its own learner only", status=403)
    if caller.registration is not None and registration not in (None, caller.registration):
        raise AccessError("This launch has the documents of its own registration only", status=403)


def _document(call: Call, place: Place, single: bool, must_state: MustState) -> Answer:
    store = call.caller.store
    match call.method:
        case "GET" | "HEAD" if single:
            return _one_document(call, documents.read(store, place))
        case "GET" | "HEAD":
            names, latest = documents.names(store, place, _moment(call, "since"), call.caller.registration)
            return _json(names, headers={"Last-Modified": http_date(latest.timestamp())} if latest else {})
        case "PUT":
            kind = _content_type(call)
            return _written(documents.put(store, place, call.body, kind, call.conditions, must_state))
        case "POST":
            return _written(documents.post(store, place, call.body, _content_type(call), call.conditions))
        case "DELETE" if single:
            documents.delete(store, place, call.conditions)
        case "DELETE":
            documents.delete_all(store, place, call.caller.registration)
        case _:
            raise MethodError(call.method, (*READ, *WRITE))
    return NOTHING


def _written(etag: str) -> Answer:
    """With the ETag, so that who wrote it may replace it without reading it first."""
    return Answer(status=204, headers={"ETag": f'"{etag}"'})


def _content_type(call: Call) -> str:
    found = call.content_type or "application/octet-stream"
    if len(found) > 255 or not found.isprintable():
        raise WireError("Content-Type is too long or holds what is no text", "Communication 1.5")
    return found


def _one_document(call: Call, document: Document | None) -> Answer:
    if document is None:
        raise MissingError("There is no such document")
    headers = {"ETag": f'"{document.etag}"', "Last-Modified": http_date(document.updated.timestamp())}
    known = call.headers.get("If-None-Match", "")
    if known and document.etag in known:
        return Answer(status=304, headers=headers)
    return Answer(bytes(document.content), content_type=document.content_type, headers=headers)


# --- agents, activities, about ----------------------------------------------------------------------------------------


def agents(call: Call) -> Answer:
    """A Person: everything known of an agent (Communication 2.4)."""
    if call.method not in READ:
        raise MethodError(call.method, READ)
    _only(call, ("agent",), ("agent",))
    agent = _agent(call)
    person: dict[str, Any] = {"objectType": "Person"}
    if names := queries.names_of(call.caller, agent):
        person["name"] = names
    person |= {name: [agent[name]] for name in statements.IDENTIFIERS if name in agent}
    return _with_etag(_json(person))


def activities(call: Call) -> Answer:
    """What is known of an activity; its id alone where nothing is (Communication 2.5)."""
    if call.method not in READ:
        raise MethodError(call.method, READ)
    _only(call, ("activityId",), ("activityId",))
    iri = call.parameters["activityId"]
    statements.check_activity_id(iri)
    known = queries.definitions(call.caller.store, {iri}).get(iri)
    return _with_etag(_json({"objectType": "Activity", "id": iri, **({"definition": known} if known else {})}))


def _with_etag(given: Answer) -> Answer:
    content = given.content if isinstance(given.content, bytes) else given.content.encode()
    etag = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return Answer(content, headers={"ETag": f'"{etag}"'})


def about(method: str) -> Answer:
    """Communication 2.8; for everybody, in any version."""
    if method not in READ:
        raise MethodError(method, READ)
    return _json({"version": ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0"], "extensions": {}})


RESOURCES: Mapping[str, Callable[[Call], Answer]] = {
    "statements": statements_resource,
    "activities/state": state,
    "activities/profile": activity_profile,
    "agents/profile": agent_profile,
    "agents": agents,
    "activities": activities,
}
