"""Questions to a store's statements (1.0.3 Communication 2.1.3)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection

from standards.xapi.identity import agent_key

from .access import Caller
from .models import Activity, Attachment, Mention, Statement, key_of

MOST = 250  # statements of one page
COUNTED = 1_000  # how far candidates are counted to begin with the rarest
SALT = "lrs.more"


@dataclass(frozen=True)
class Query:
    """What a GET of statements asks for. `since` and `until` as statements' `stored` column; `after`: where the page
    before ended."""

    agent: Mapping[str, Any] | None = None
    verb: str = ""
    activity: str = ""
    registration: str = ""
    related_agents: bool = False
    related_activities: bool = False
    since: int | None = None
    until: int | None = None
    limit: int = 0
    ascending: bool = False
    format: str = "exact"
    attachments: bool = False
    after: int | None = None

    @property
    def page(self) -> int:
        return min(self.limit, MOST) or MOST

    def keys(self) -> list[int]:
        """What the statements asked for are found by, all of them."""
        found = []
        if self.agent is not None:
            found.append(key_of("agents" if self.related_agents else "agent", agent_key(self.agent)))
        if self.verb:
            found.append(key_of("verb", self.verb))
        if self.activity:
            found.append(key_of("activities" if self.related_activities else "activity", self.activity))
        if self.registration:
            found.append(key_of("registration", self.registration.lower()))
        return found


class MoreError(ValueError):
    """A `more` address that was not made here, or for another store."""


def more_token(caller: Caller, query: Query) -> str:
    asked = {name: value for name, value in vars(query).items() if value not in (None, "", False, 0)}
    return signing.dumps({"store": caller.store, **asked}, salt=SALT, compress=True)


def read_more(caller: Caller, token: str) -> Query:
    try:
        asked = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise MoreError("This address of more statements is not one that was given out here") from None
    if asked.pop("store") != caller.store:
        raise MoreError("This address of more statements is of another store")
    return Query(**asked)


Found = tuple[int, str]  # stored, body


def find(caller: Caller, query: Query) -> tuple[list[Found], Query | None]:
    """A page of statements that are not voided, and the query of the next page."""
    keys = _bounded(caller, query.keys())
    wanted = query.page + 1
    rows: list[Found] = []
    at = query.after
    while True:  # a statement comes twice where it, and one it refers to, are both found by the same
        some = _rows(caller.store, _rarest_first(caller.store, keys), replace(query, after=at), wanted)
        rows = list(dict(rows + some).items())
        if len(rows) >= wanted or len(some) < wanted:
            break
        at = some[-1][0]
    page = rows[: query.page]
    return page, replace(query, after=page[-1][0]) if len(rows) > query.page else None


def _bounded(caller: Caller, keys: list[int]) -> list[int]:
    """With what the caller may not see beyond."""
    if caller.registration is not None:
        keys = [*keys, key_of("registration", str(caller.registration))]
    if caller.reads_own_only:
        keys = [*keys, key_of("authority", agent_key(caller.authority))]
    return keys


def _rarest_first(store_id: int, keys: list[int]) -> list[int]:
    if len(keys) < 2:
        return keys
    counts = {
        key: len(Mention.objects.filter(store_id=store_id, key=key).values_list("stored")[:COUNTED]) for key in keys
    }
    return sorted(set(keys), key=lambda key: counts[key])


def _rows(store_id: int, keys: list[int], query: Query, wanted: int) -> list[Found]:
    column = "mention.stored" if keys else "statement.stored"
    values: list[Any] = []
    if keys:
        source = """lrs_mention mention JOIN lrs_statement statement
            ON statement.store_id = mention.store_id AND statement.stored = mention.stored"""
        where = "mention.store_id = %s AND mention.key = %s"
        values += [store_id, keys[0]]
    else:
        source, where = "lrs_statement statement", "statement.store_id = %s"
        values.append(store_id)
    for operator, value in _limits(query):
        where += f" AND {column} {operator} %s"
        values.append(value)
    for key in keys[1:]:
        where += """ AND EXISTS (SELECT 1 FROM lrs_mention other WHERE other.store_id = mention.store_id
            AND other.key = %s AND other.stored = mention.stored AND other.via = mention.via)"""
        values.append(key)
    order = "ASC" if query.ascending else "DESC"
    sql = f"""SELECT statement.stored, statement.body FROM {source}
        WHERE {where} AND NOT statement.is_voided ORDER BY {column} {order} LIMIT %s"""  # noqa: S608 -- words of ours
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, wanted])
        return cursor.fetchall()


def _limits(query: Query) -> list[tuple[str, int]]:
    """Bounds of `stored`: since is exclusive, until inclusive."""
    lows = [value for value in (query.since, query.after if query.ascending else None) if value is not None]
    limits = [(">", max(lows))] if lows else []
    if query.until is not None:
        limits.append(("<=", query.until))
    if query.after is not None and not query.ascending:
        limits.append(("<", query.after))
    return limits


def get(caller: Caller, uuid: UUID, voided: bool) -> Found | None:
    """A statement by its id: one that is voided, or one that is not."""
    found = Statement.objects.filter(store_id=caller.store, uuid=uuid, is_voided=voided)
    row = found.values_list("stored", "body").first()
    if row is None:
        return None
    for key in _bounded(caller, []):
        if not Mention.objects.filter(store_id=caller.store, key=key, stored=row[0]).exists():
            return None
    return row


def definitions(store_id: int, iris: set[str]) -> dict[str, dict[str, Any]]:
    """The canonical definitions of activities by id, of those that have one."""
    keys = [key_of("activity", iri) for iri in iris]
    rows = Activity.objects.filter(store_id=store_id, key__in=keys).values_list("iri", "definition")
    return {iri: json.loads(definition) for iri, definition in rows}


def attachments(store_id: int, hashes: set[str]) -> dict[str, bytes]:
    """The content of attachments by hash, of those that are kept here."""
    rows = Attachment.objects.filter(store_id=store_id, sha2__in=hashes).values_list("sha2", "content")
    return {sha2: bytes(content) for sha2, content in rows}


def names_of(caller: Caller, agent: Mapping[str, Any], most: int = 20) -> list[str]:
    """The names that the latest statements give an agent (1.0.3 Communication 2.4)."""
    key = agent_key(agent)
    page, _ = find(caller, Query(agent=agent, limit=most))
    names: dict[str, None] = {agent["name"]: None} if agent.get("name") else {}
    for _, body in page:
        statement = json.loads(body)
        for place in (statement["actor"], statement["object"]):
            for found in (place, *place.get("member", ())):
                if found.get("name") and "id" not in found and agent_key(found) == key:
                    names[found["name"]] = None
    return list(names)
