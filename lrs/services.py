"""The verbs on statements: store them, void them, keep what they say of activities and what is attached to them."""

import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from realms.models import Application
from standards.xapi.comparison import equivalent
from standards.xapi.errors import StatementError
from standards.xapi.identity import activities_of, agent_key, agents_of, definitions_of
from standards.xapi.signatures import check_signature, signature_of
from standards.xapi.statements import (
    SIGNATURE,
    VOIDED,
    attachments_of,
    check_statements,
    complete,
    with_context_lists,
)
from standards.xapi.values import read_timestamp
from standards.xapi.versions import V1_0_3, V2_0_0, Version

from .access import AccessError, Caller, Client, caller_of
from .models import (
    MICROSECOND,
    Activity,
    Attachment,
    BearerToken,
    Statement,
    Store,
    Voiding,
    key_of,
    make_token,
    stored_text,
)
from .rows import (
    ROWS_AT_ONCE,
    Mentioned,
    insert_mentions,
    insert_statements,
    known_definitions,
    mentioning,
    statements_by_stored,
    statements_by_uuid,
)
from .wire import Incoming, WireError, read_json, text_of

Json = Mapping[str, Any]
LONGEST_CHAIN = 20  # statements that refer to statements that refer ...
MARGIN = MICROSECOND  # for writers under way, where the database cannot tell whether there are any
LOCK = 0x4C5253  # "LRS": the first half of the advisory locks on stores

NEXT = """
    UPDATE lrs_store SET last_stored = %s + CASE WHEN last_stored >= %s THEN last_stored + 1 ELSE %s END
     WHERE id = %s RETURNING last_stored"""


class ConflictError(Exception):
    """Another statement has this id (1.0.3 Communication 2.1.1)."""

    def __init__(self, id: str) -> None:
        super().__init__(f"Another statement has the id {id} already")
        self.id = id


@dataclass
class _New:
    """A statement on its way into the store."""

    incoming: Incoming
    uuid: UUID
    keys: set[int]
    stored: int = 0
    attachments: dict[str, bytes] = field(default_factory=dict)

    @property
    def statement(self) -> dict[str, Any]:
        return self.incoming.statement

    @property
    def named(self) -> bool:
        """Whether the client chose its id, so that something may be there about it already."""
        return bool(self.statement.get("id"))


@dataclass(frozen=True)
class _Held:
    """A statement that is stored, or is about to be."""

    uuid: UUID
    stored: int
    statement: Json
    is_voided: bool = False
    registration: UUID | None = None  # of the launch it came by


def store(
    caller: Caller,
    statements: Sequence[Json | Incoming],
    attachments: Mapping[str, bytes] | None = None,
    version: Version = V1_0_3,
) -> list[str]:
    """Store a batch whole, or nothing of it; the ids in order. `attachments`: content by its SHA-2 hash.

    A statement that is stored already, and equivalent, is left as it is. Raises StatementError for a statement that
    breaks a rule, ConflictError where another one has the id, AccessError outside the caller's bounds.
    """
    batch = [entry if isinstance(entry, Incoming) else Incoming(entry) for entry in statements]
    _check(batch, version, caller)
    contents = _attached(batch, attachments or {}, version)
    new = [_prepared(entry, caller) for entry in batch]
    if new:
        with transaction.atomic():
            _store(caller, new, version, contents)
    return [entry.statement.get("id") or str(entry.uuid) for entry in new]


def add(application: Application, is_sandbox: bool, statements: Sequence[Json]) -> list[str]:
    """Store statements of our own, under the application's name."""
    return store(caller_of(application, is_sandbox), statements)


class LinesError(Exception):
    """A file that is not taken, with the line that is wrong."""


def import_lines(caller: Caller, file: Iterable[bytes]) -> int:
    """Store a file of statements, one in a line, whole or not at all; how many there are.

    What is stored already is left as it is, so that a file can be taken twice. Raises LinesError.
    """
    batch: list[Incoming] = []
    numbers: list[int] = []
    count = size = 0
    with transaction.atomic():
        for number, line in enumerate(file, start=1):
            size += len(line)
            if size > settings.STATEMENTS_MAX_BYTES:
                raise LinesError(f"A file may hold {settings.STATEMENTS_MAX_BYTES // 2**20} MiB: split it")
            if line.strip():
                batch.append(_line(number, line))
                numbers.append(number)
            if len(batch) == ROWS_AT_ONCE:
                count += _store_lines(caller, batch, numbers)
                batch, numbers = [], []
        return count + (_store_lines(caller, batch, numbers) if batch else 0)


def _line(number: int, line: bytes) -> Incoming:
    try:
        text = text_of(line).strip()
        return Incoming(read_json(text), text)
    except WireError as error:
        raise LinesError(f"Line {number}: {error.message}") from None


def _store_lines(caller: Caller, batch: list[Incoming], numbers: list[int]) -> int:
    versions = [entry.statement.get("version", "") for entry in batch if isinstance(entry.statement, dict)]
    version = V2_0_0 if any(str(each).startswith("2") for each in versions) else V1_0_3
    try:
        return len(store(caller, batch, version=version))
    except StatementError as error:
        place = re.match(r"statements\[(\d+)\]\.?(.*)", error.path)
        number, path = (numbers[int(place[1])], place[2]) if place else (numbers[0], error.path)
        raise LinesError(f"Line {number}: {path} {error.message}") from None
    except ConflictError as error:
        raise LinesError(str(error)) from None


def give_token(client: Client, scope: str, seconds: int) -> str:
    """A bearer token for what proved itself, good for that long; tokens that are over are forgotten meanwhile."""
    token, now = make_token(), timezone.now()
    BearerToken.objects.filter(application=client.application, expires__lt=now).delete()
    BearerToken.objects.create(
        application_id=client.application,
        secret_key_id=client.secret_key,
        provider_id=client.provider,
        digest=hashlib.sha256(token.encode()).hexdigest(),
        scope=scope,
        expires=now + timedelta(seconds=seconds),
    )
    return token


def surely_through() -> int:
    """A `stored` that no batch under way is before, without asking."""
    return time.time_ns() // 1000 - MARGIN


def consistent_through(store_id: int) -> int:
    """The `stored` up to which every statement can be found. Ask before the query it is told with.

    PostgreSQL knows whether a batch is under way, as each holds a lock; elsewhere a second is left for it.
    """
    now = time.time_ns() // 1000
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s, %s)", (LOCK, _lock_of(store_id)))
            if cursor.fetchone()[0]:
                return now
    last = Store.objects.filter(pk=store_id).values_list("last_stored", flat=True).first() or 0
    return max(last, now - MARGIN) if connection.vendor != "postgresql" else last


# --- before the transaction -------------------------------------------------------------------------------------------


def _check(batch: list[Incoming], version: Version, caller: Caller) -> None:
    try:
        check_statements([entry.statement for entry in batch], version)
    except StatementError as error:
        if len(batch) == 1:
            error.path = error.path.removeprefix("statements[0]").removeprefix(".")
        raise
    if caller.registration is None:
        return
    for entry in batch:
        registration = entry.statement.get("context", {}).get("registration")
        if registration is not None and UUID(registration) != caller.registration:
            raise AccessError("This launch may report on its own registration only", status=403)


def _attached(batch: list[Incoming], given: Mapping[str, bytes], version: Version) -> dict[str, bytes]:
    """The content of the batch's attachments by hash. Raises StatementError where content is missing, too much, wrong.

    1.0.3 Data 2.4.11: an attachment has its content in the request or says where it is.
    """
    contents = {sha2.lower(): content for sha2, content in given.items()}
    wanted: set[str] = set()
    for index, entry in enumerate(batch):
        path = f"statements[{index}].attachments" if len(batch) > 1 else "attachments"
        for attachment in attachments_of(entry.statement):
            sha2 = attachment["sha2"].lower()
            wanted.add(sha2)
            if sha2 not in contents and "fileUrl" not in attachment:
                raise StatementError(path, f"The content of {sha2} is not in the request", "Data 2.4.11")
        signature = signature_of(entry.statement)
        if signature and (content := contents.get(signature["sha2"].lower())) is not None:
            check_signature(entry.statement, content, version)
    for sha2, content in contents.items():
        if sha2 not in wanted:
            raise StatementError("attachments", f"No statement has the attachment {sha2[:128]}", "Data 2.4.11")
        if _sha2(content, len(sha2)) != sha2:
            raise StatementError("attachments", f"The content of {sha2} has another hash", "Data 2.4.11")
    return contents


def _sha2(content: bytes, digits: int) -> str:
    name = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}[digits]
    return hashlib.new(name, content).hexdigest()


def _prepared(entry: Incoming, caller: Caller) -> _New:
    chosen = entry.statement.get("id")
    return _New(entry, UUID(chosen) if chosen else uuid4(), keys_of(entry.statement, caller.authority))


def keys_of(statement: Json, authority: Json) -> set[int]:
    """Everything a statement of the authority is found by."""
    whole = {**statement, "authority": authority}
    keys = {key_of("verb", statement["verb"]["id"]), key_of("authority", agent_key(authority))}
    keys.update(key_of("agent", agent) for agent in agents_of(whole, related=False))
    keys.update(key_of("agents", agent) for agent in agents_of(whole, related=True))
    keys.update(key_of("activity", iri) for iri in activities_of(whole, related=False))
    keys.update(key_of("activities", iri) for iri in activities_of(whole, related=True))
    if registration := statement.get("context", {}).get("registration"):
        keys.add(key_of("registration", registration.lower()))
    return keys


# --- in the transaction -----------------------------------------------------------------------------------------------


def _store(caller: Caller, new: list[_New], version: Version, contents: dict[str, bytes]) -> None:
    """One batch at a time in a store: no two wait for each other, and `stored` goes up in the order of commits."""
    first = take_turn(caller.store, len(new))
    held = _held(caller.store, {uuid for entry in new for uuid in _asked(entry)})
    missing = []
    for entry in new:
        if (there := held.get(entry.uuid)) is None:
            missing.append(entry)
        elif not equivalent(there.statement, {**entry.statement, "id": str(entry.uuid)}):
            raise ConflictError(str(entry.uuid))
    for stored, entry in enumerate(missing, start=first):
        entry.stored = stored
        held[entry.uuid] = _Held(entry.uuid, stored, entry.statement, registration=caller.registration)
    if not missing:
        return
    waiting = _waiting(caller.store, missing)
    voided = _voided(caller, missing, held, waiting)
    authority = json.dumps(caller.authority, ensure_ascii=False)
    insert_statements(
        caller.store,
        [
            (
                entry.uuid,
                entry.stored,
                _body(entry, caller.authority, authority, version),
                entry.uuid in voided,
                caller.registration,
            )
            for entry in missing
        ],
    )
    insert_mentions(caller.store, _mentions(caller, missing, held, waiting))
    _define(caller.store, missing)
    _keep(caller.store, contents)


def take_turn(store_id: int, count: int) -> int:
    """Wait for the batches before, and take `count` numbers; the first."""
    now = time.time_ns() // 1000
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCK, _lock_of(store_id)))
            now = time.time_ns() // 1000
        cursor.execute(NEXT, (count - 1, now, now, store_id))
        (last,) = cursor.fetchone()
    return last - count + 1


def _lock_of(store_id: int) -> int:
    return store_id % 2**31


def _target(statement: Json) -> UUID | None:
    """The statement that it refers to as its object."""
    target = statement["object"]
    return UUID(target["id"]) if target.get("objectType") == "StatementRef" else None


def _is_voiding(statement: Json) -> bool:
    return statement["verb"]["id"] == VOIDED


def _asked(entry: _New) -> Iterator[UUID]:
    if entry.named:
        yield entry.uuid
    if (target := _target(entry.statement)) is not None:
        yield target


def _held(store_id: int, uuids: Iterable[UUID]) -> dict[UUID, _Held]:
    return {row[0]: _read_held(*row) for row in statements_by_uuid(store_id, uuids)}


def _read_held(uuid: UUID, stored: int, body: str, is_voided: bool, registration: UUID | None) -> _Held:
    return _Held(uuid, stored, json.loads(body), is_voided, registration)


def _waiting(store_id: int, missing: list[_New]) -> dict[UUID, list[_Held]]:
    """The stored statements that refer to the new ones, which came before them."""
    by_key = {key_of("reference", str(entry.uuid)): entry.uuid for entry in missing if entry.named}
    mentions = mentioning(store_id, by_key)
    found = {row[1]: _read_held(*row) for row in statements_by_stored(store_id, {stored for _, stored in mentions})}
    waiting: dict[UUID, list[_Held]] = {}
    for key, stored in mentions:
        waiting.setdefault(by_key[key], []).append(found[stored])
    return waiting


def _voided(
    caller: Caller, missing: list[_New], held: Mapping[UUID, _Held], waiting: Mapping[UUID, list[_Held]]
) -> set[UUID]:
    """The new statements that are voided; stored ones are marked here (1.0.3 Data 2.3.2).

    Whichever comes first. What voids cannot be voided: a batch that tries is refused, and what came before its target
    has no effect.
    """
    targets = {}
    for index, entry in enumerate(missing):
        if _is_voiding(entry.statement) and (target := _target(entry.statement)) is not None:
            path = f"statements[{index}].object.id" if len(missing) > 1 else "object.id"
            if target in held and _is_voiding(held[target].statement):
                raise StatementError(path, "A statement that voids another cannot be voided", "Data 2.3.2")
            if caller.reads_own_only and target in held and not _is_own(caller, held[target].statement):
                raise AccessError("This credential may void its own statements only", status=403)
            if target in held and not _is_within(caller.registration, held[target].registration):
                raise AccessError("This launch may void statements of its own registration only", status=403)
            targets[target] = path
    new = {entry.uuid for entry in missing}
    there = [held[target] for target in targets if target in held and target not in new]
    _void(caller.store, [each for each in there if not each.is_voided])
    before = {
        entry.uuid
        for entry in missing
        if not _is_voiding(entry.statement)
        and any(
            _is_voiding(referring.statement) and _is_within(referring.registration, caller.registration)
            for referring in waiting.get(entry.uuid, ())
        )
    }
    return before | (targets.keys() & new)


def _is_within(voiding: UUID | None, voided: UUID | None) -> bool:
    """Whether what came by a launch, or by none, may void what came by another: content reaches no other's results."""
    return voiding is None or voiding == voided


def _void(store_id: int, there: list[_Held]) -> None:
    """Mark stored statements, and let what was made of those that came by launches follow."""
    if not there:
        return
    Statement.objects.filter(store_id=store_id, stored__in=sorted(each.stored for each in there)).update(is_voided=True)
    rows = [
        Voiding(store_id=store_id, registration=each.registration, statement=each.uuid)
        for each in there
        if each.registration is not None
    ]
    Voiding.objects.bulk_create(rows)
    for registration in sorted({str(row.registration) for row in rows}):
        transaction.on_commit(partial(import_string(settings.VOIDED_TASK).delay, registration), robust=True)


def _is_own(caller: Caller, statement: Json) -> bool:
    return agent_key(statement.get("authority", caller.authority)) == agent_key(caller.authority)


def _body(entry: _New, authority: Json, authority_text: str, version: Version) -> str:
    """The statement's JSON as it came, with what we add at its end; written anew only where something must change."""
    statement, stored = entry.statement, stored_text(entry.stored)
    timestamp = statement.get("timestamp")
    as_utc = _in_utc(timestamp, version) if timestamp else stored
    anew = "stored" in statement or "authority" in statement or (timestamp and as_utc != timestamp)
    if anew or not entry.incoming.raw or with_context_lists(statement) is not statement:
        whole = {**complete(statement, str(entry.uuid), stored, dict(authority), version), "timestamp": as_utc}
        return json.dumps(with_context_lists(whole), ensure_ascii=False)
    added = [f'"stored":"{stored}","authority":{authority_text}']
    if not entry.named:
        added.append(f'"id":"{entry.uuid}"')
    if not timestamp:
        added.append(f'"timestamp":"{stored}"')
    if "version" not in statement:
        added.append(f'"version":"{version.statement_version}"')
    return f"{entry.incoming.raw.rstrip()[:-1]},{','.join(added)}}}"


def _in_utc(timestamp: str, version: Version) -> str:
    """2.0 4.2.4.2: times are converted to UTC; 1.0.3 keeps them as they came."""
    if not version.zone_required or timestamp[-1] in "Zz":
        return timestamp
    return read_timestamp(timestamp, version).isoformat().replace("+00:00", "Z")


# --- what they are found by -------------------------------------------------------------------------------------------


def _mentions(
    caller: Caller, missing: list[_New], held: dict[UUID, _Held], waiting: Mapping[UUID, list[_Held]]
) -> list[Mentioned]:
    """Rows for the new statements, what they refer to, and what refers to them."""
    found: list[Mentioned] = []
    keys = {entry.stored: entry.keys for entry in missing}
    for entry in missing:
        found += [(key, entry.stored, entry.stored) for key in entry.keys]
        target = _target(entry.statement)
        if target is None:
            continue
        found.append((key_of("reference", str(target)), entry.stored, entry.stored))
        for other in _chain(caller.store, target, held):
            found += _through(entry.stored, other, keys, caller)
    for uuid, referring in waiting.items():
        for each in _all_referring(caller.store, referring, waiting):
            for other in _chain(caller.store, uuid, held):
                found += _through(each.stored, other, keys, caller)
    return found


def _through(stored: int, other: _Held, keys: Mapping[int, set[int]], caller: Caller) -> list[Mentioned]:
    found = keys.get(other.stored)
    if found is None:
        found = keys_of(other.statement, other.statement.get("authority", caller.authority))
    return [(key, stored, other.stored) for key in found]


def _chain(store_id: int, start: UUID, held: dict[UUID, _Held]) -> list[_Held]:
    """The statement, what it refers to, what that refers to ..., as far as they are there."""
    found: list[_Held] = []
    at: UUID | None = start
    while at is not None and len(found) < LONGEST_CHAIN:
        if at not in held:
            held.update(_held(store_id, [at]))
        here = held.get(at)
        if here is None or here in found:
            break
        found.append(here)
        at = _target(here.statement)
    return found


def _all_referring(store_id: int, first: list[_Held], waiting: Mapping[UUID, list[_Held]]) -> list[_Held]:
    """These and what refers to them in turn."""
    found, layer = {entry.stored: entry for entry in first}, list(first)
    for _ in range(LONGEST_CHAIN):
        names = [_New(Incoming({"id": str(entry.uuid)}), entry.uuid, set()) for entry in layer]
        more = _waiting(store_id, names)
        layer = [entry for entries in more.values() for entry in entries if entry.stored not in found]
        if not layer:
            break
        found.update((entry.stored, entry) for entry in layer)
    return list(found.values())


# --- activities and attachments ---------------------------------------------------------------------------------------


def _define(store_id: int, missing: list[_New]) -> None:
    """Take what the statements say of activities into the canonical definitions."""
    said: dict[str, Json] = {}
    for entry in missing:
        for iri, definition in definitions_of(entry.statement).items():
            said[iri] = merged_definition(said.get(iri, {}), definition)
    if not said:
        return
    keys = {key_of("activity", iri): iri for iri in said}
    known = known_definitions(store_id, keys)
    rows = []
    for key, iri in sorted(keys.items()):
        before = json.loads(known.get(key, "{}"))
        after = merged_definition(before, said[iri])
        if after != before or key not in known:
            rows.append(Activity(store_id=store_id, key=key, iri=iri, definition=json.dumps(after, ensure_ascii=False)))
    if rows:
        Activity.objects.bulk_create(
            rows, ROWS_AT_ONCE, update_conflicts=True, unique_fields=["store", "key"], update_fields=["definition"]
        )


def merged_definition(before: Json, said: Json) -> dict[str, Any]:
    """The newer word wins; texts in other languages and other extensions stay."""
    merged = {**before, **said}
    for name in ("name", "description", "extensions"):
        if name in before and name in said:
            merged[name] = {**before[name], **said[name]}
    return merged


def _keep(store_id: int, contents: Mapping[str, bytes]) -> None:
    if contents:
        rows = [Attachment(store_id=store_id, sha2=sha2, content=contents[sha2]) for sha2 in sorted(contents)]
        Attachment.objects.bulk_create(rows, ignore_conflicts=True)


__all__ = [
    "SIGNATURE",
    "ConflictError",
    "add",
    "consistent_through",
    "keys_of",
    "merged_definition",
    "store",
    "take_turn",
]


def standing(store_id: int, registration: UUID) -> Iterator[Json]:
    """The statements that came by launches of the registration and are not voided, in the order they came."""
    rows = Statement.objects.filter(store_id=store_id, registration=registration, is_voided=False).order_by("stored")
    for body in rows.values_list("body", flat=True).iterator():
        yield json.loads(body)


def voided_ids(store_id: int, statements: list[dict[str, Any]]) -> set[str]:
    """Which ids of the statements are of voided ones, in lower case: what voids may come first."""
    ids = [UUID(statement["id"]) for statement in statements if statement.get("id")]
    rows = Statement.objects.filter(store_id=store_id, uuid__in=ids, is_voided=True)
    return set(map(str, rows.values_list("uuid", flat=True)))


def known_ids(store_id: int, statements: list[dict[str, Any]]) -> set[str]:
    """Which ids of the statements are in the store already, in lower case."""
    ids = [UUID(statement["id"]) for statement in statements if statement.get("id")]
    return set(map(str, Statement.objects.filter(store_id=store_id, uuid__in=ids).values_list("uuid", flat=True)))
