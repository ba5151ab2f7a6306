"""xAPI statements as the API lists them: `object` is named by what it is."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

import orjson
from django.http import HttpResponse
from pydantic import Field

from lrs import queries
from lrs.access import Caller
from lrs.models import stored_of

from .paging import PAGE, Asked, PageQuery
from .wire import End, Moment, Wire

Json = dict[str, Any]
Texts = dict[str, str]
OBJECTS = {
    "Activity": "objectActivity",
    "Agent": "objectAgentGroup",
    "Group": "objectAgentGroup",
    "StatementRef": "objectStatementReference",
    "SubStatement": "objectSubStatement",
}
LOOKED_AT = 10  # pages of statements in one request, where only some are wanted


class XapiAccount(Wire):
    home_page: str
    name: str


class XapiAgentGroup(Wire):
    object_type: Literal["Agent", "Group"]
    name: str | None = None
    mbox: str | None = None
    mbox_sha1sum: str | None = Field(default=None, alias="mbox_sha1sum")
    openid: str | None = None
    account: XapiAccount | None = None
    member: "list[XapiAgentGroup] | None" = None


class XapiInteractionComponent(Wire):
    id: str
    description: Texts | None = None


class XapiActivityDefinition(Wire):
    name: Texts | None = None
    description: Texts | None = None
    type: str | None = None
    more_info: str | None = None
    interaction_type: str | None = None
    correct_responses_pattern: list[str] | None = None
    choices: list[XapiInteractionComponent] | None = None
    scale: list[XapiInteractionComponent] | None = None
    source: list[XapiInteractionComponent] | None = None
    target: list[XapiInteractionComponent] | None = None
    steps: list[XapiInteractionComponent] | None = None
    extensions: Json | None = None


class XapiActivity(Wire):
    object_type: str = "Activity"
    id: str
    definition: XapiActivityDefinition | None = None


class XapiStatementReference(Wire):
    object_type: str
    id: str


class XapiVerb(Wire):
    id: str
    display: Texts | None = None


class XapiScore(Wire):
    scaled: float | None = None
    raw: float | None = None
    min: float | None = None
    max: float | None = None


class XapiResult(Wire):
    score: XapiScore | None = None
    success: bool | None = None
    completion: bool | None = None
    response: str | None = None
    duration: str | None = None
    extensions: Json | None = None


class XapiContextActivity(Wire):
    parent: list[XapiActivity] | None = None
    grouping: list[XapiActivity] | None = None
    category: list[XapiActivity] | None = None
    other: list[XapiActivity] | None = None


class XapiContext(Wire):
    registration: str | None = None
    instructor: XapiAgentGroup | None = None
    team: XapiAgentGroup | None = None
    context_activities: XapiContextActivity | None = None
    revision: str | None = None
    platform: str | None = None
    language: str | None = None
    statement: XapiStatementReference | None = None
    extensions: Json | None = None


class XapiAttachment(Wire):
    usage_type: str
    display: Texts
    description: Texts | None = None
    content_type: str
    length: int
    sha2: str
    file_url: str | None = None


class XapiStatement(Wire):
    id: str | None = None
    actor: XapiAgentGroup | None = None
    verb: XapiVerb | None = None
    object_activity: XapiActivity | None = None
    object_agent_group: XapiAgentGroup | None = None
    object_statement_reference: XapiStatementReference | None = None
    object_sub_statement: "XapiStatement | None" = None
    result: XapiResult | None = None
    context: XapiContext | None = None
    timestamp: Moment | None = None
    stored: Moment | None = None
    authority: XapiAgentGroup | None = None
    attachments: list[XapiAttachment] | None = None


class XapiStatementResult(Wire):
    statements: list[XapiStatement]
    more: str | None = None


class StatementQuery(PageQuery):
    """`since` and `until` by the time a statement was stored; both count."""

    since: Moment | None = None
    until: End | None = None


Wanted = Callable[[Iterable[str]], set[str]]  # of context.registration ids, those that belong to what is listed


def answer(asked: Asked[Any], caller: Caller, query: queries.Query, wanted: Wanted | None = None) -> HttpResponse:
    """A page of statements, newest first: XapiStatementResult.

    `query` says what they are found by; `wanted` lets some of those through. `more` may lead to a page without any.
    """
    since, until = asked.query.since, asked.query.until
    at: queries.Query | None = replace(
        query,
        since=stored_of(since) - 1 if since else None,  # there the moment itself does not count
        until=stored_of(until) if until else None,
        limit=PAGE,
        after=asked.after,
    )
    found: list[Json] = []
    for _ in range(LOOKED_AT):
        assert at is not None
        page, at = queries.find(caller, at)
        found += _through([json.loads(body) for _, body in page], wanted)
        if at is None or len(found) >= PAGE:
            break
    document: Json = {"statements": [as_listed(each) for each in found]}
    if at is not None:
        document["more"] = asked.token(at.after)
    return HttpResponse(orjson.dumps(document), content_type="application/json")


def _through(statements: list[Json], wanted: Wanted | None) -> list[Json]:
    if wanted is None:
        return statements
    known = wanted({registration for each in statements if (registration := _registration(each))})
    return [each for each in statements if _registration(each) in known]


def _registration(statement: Mapping[str, Any]) -> str:
    return str(statement.get("context", {}).get("registration", "")).lower()


def as_listed(statement: Mapping[str, Any]) -> Json:
    """XapiStatement, which has no `version`: what agents and objects are is always said."""
    made = {name: value for name, value in statement.items() if name != "version"}
    target = made.pop("object")
    kind = target.get("objectType", "Activity")
    if kind == "SubStatement":
        target = as_listed({name: value for name, value in target.items() if name != "objectType"})
    elif kind in ("Agent", "Group"):
        target = _agent(target)
    made[OBJECTS[kind]] = target
    for place in ("actor", "authority"):
        if place in made:
            made[place] = _agent(made[place])
    if "context" in made:
        agents = {name: _agent(agent) for name, agent in made["context"].items() if name in ("instructor", "team")}
        made["context"] = {**made["context"], **agents}
    return made


def _agent(agent: Mapping[str, Any]) -> Json:
    made = {"objectType": "Agent", **agent}
    if "member" in made:
        made["member"] = [_agent(each) for each in made["member"]]
    return made
