"""Deletes what the stores of an application hold of a person: statements, attachments, documents."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from standards.xapi.identity import agent_key
from standards.xapi.statements import SIGNATURE

from .models import Attachment, Document, Mention, Statement, Store, key_of
from .services import LONGEST_CHAIN, keys_of, take_turn

Json = Mapping[str, Any]
PIECE = 200  # statements of one transaction


def forget(application_id: int, agents: Collection[str], pieces: int) -> bool:
    """Delete what is held of whoever has these agent_keys; False where a further run has to go on.

    A statement goes where the person is its actor or object, or in a group that is. Where others only mention the
    person (instructor, team, SubStatement) the statement stays, and an agent without a name takes the person's place.
    """
    keys = [key_of("agents", each) for each in agents]
    for store_id in Store.objects.filter(application=application_id).order_by("pk").values_list("pk", flat=True):
        Document.objects.filter(store=store_id, agent__in=[key_of("agent", each) for each in agents]).delete()
        while found := _mentioning(store_id, keys):
            if pieces <= 0:
                return False
            _forget_some(store_id, found, frozenset(agents), keys)
            pieces -= 1
    return True


def _mentioning(store_id: int, keys: list[int]) -> list[int]:
    """Statements that name the person themselves, and do not only refer to one that does."""
    rows = Mention.objects.filter(store_id=store_id, key__in=keys, via=F("stored")).order_by("stored")
    return list(rows.values_list("stored", flat=True).distinct()[:PIECE])


@transaction.atomic
def _forget_some(store_id: int, found: list[int], agents: frozenset[str], keys: list[int]) -> None:
    take_turn(store_id, 1)  # no batch refers to a statement while it goes
    unused: set[str] = set()
    rows = list(Statement.objects.filter(store_id=store_id, stored__in=found).values_list("stored", "body"))
    for stored, body in rows:
        statement = json.loads(body)
        if _is_by_or_about(statement, agents):
            unused |= {each["sha2"].lower() for each in _attachments(statement)}
            _delete(store_id, stored, statement)
        else:
            unused |= {each["sha2"].lower() for each in _attachments(statement) if _is_signature(each)}
            text = json.dumps(_without(statement, agents), ensure_ascii=False)
            Statement.objects.filter(store_id=store_id, stored=stored).update(body=text)
    own = [*keys, *(key_of("agent", each) for each in agents)]
    Mention.objects.filter(store_id=store_id, key__in=own, via__in=found).delete()
    _delete_unused(store_id, unused)


def _is_by_or_about(statement: Json, agents: frozenset[str]) -> bool:
    named = (statement["actor"], statement["object"])
    return any(_is_one(each, agents) for place in named for each in (place, *place.get("member", ())))


def _is_one(agent: Any, agents: frozenset[str]) -> bool:
    try:
        return agent_key(agent) in agents
    except (AttributeError, KeyError, TypeError):  # something of an extension that only looks like an agent
        return False


def _delete(store_id: int, stored: int, statement: Json) -> None:
    """The statement, and everything it is found by."""
    for each in _chain(store_id, statement):
        keys = keys_of(each, each.get("authority", {}))
        if target := _target(each):
            keys.add(key_of("reference", str(target)))
        Mention.objects.filter(store_id=store_id, key__in=sorted(keys), stored=stored).delete()
    Statement.objects.filter(store_id=store_id, stored=stored).delete()


def _chain(store_id: int, statement: Json) -> Iterator[Json]:
    """The statement, the one it refers to, the one that refers to ..."""
    at: Json | None = statement
    for _ in range(LONGEST_CHAIN):
        if at is None:
            return
        yield at
        target = _target(at)
        held = Statement.objects.filter(store_id=store_id, uuid=target) if target else Statement.objects.none()
        body = held.values_list("body", flat=True).first()
        at = json.loads(body) if body else None


def _target(statement: Json) -> UUID | None:
    target = statement["object"]
    return UUID(target["id"]) if target.get("objectType") == "StatementRef" else None


def _without(part: Any, agents: frozenset[str]) -> Any:
    """The statement with the person's place taken by nobody, and without a signature, which would tell who it was."""
    if isinstance(part, list):
        return [_without(each, agents) for each in part]
    if not isinstance(part, dict):
        return part
    if _is_one(part, agents):
        account = {"homePage": f"{settings.CONSOLE_ORIGIN}/", "name": "deleted-learner"}
        return {"objectType": "Agent", "account": account}
    made = {name: value if name == "authority" else _without(value, agents) for name, value in part.items()}
    if any(_is_signature(each) for each in _attachments(made)):
        made["attachments"] = [each for each in made["attachments"] if not _is_signature(each)]
    return {name: value for name, value in made.items() if not (name == "attachments" and value == [])}


def _attachments(statement: Json) -> list[Json]:
    found = statement.get("attachments")
    return [each for each in found if isinstance(each, dict) and "sha2" in each] if isinstance(found, list) else []


def _is_signature(attachment: Json) -> bool:
    return attachment.get("usageType") == SIGNATURE


def _delete_unused(store_id: int, hashes: set[str]) -> None:
    """Contents that no statement has any more."""
    for sha2 in hashes:
        if not Statement.objects.filter(store_id=store_id, body__icontains=sha2).exists():
            Attachment.objects.filter(store_id=store_id, sha2=sha2).delete()
