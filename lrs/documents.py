"""The verbs on documents: state, agent profiles, activity profiles (1.0.3 Communication 2.2 to 2.7)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from .models import Document, DocumentKind, document_key, key_of
from .wire import WireError, media_type_of, read_json, text_of

JSON = "application/json"


class DocumentError(Exception):
    """A document that cannot be written so: `status` is 400, 409 or 412."""

    def __init__(self, message: str, status: int, rule: str) -> None:
        super().__init__(message)
        self.message, self.status, self.rule = message, status, rule


@dataclass(frozen=True)
class Place:
    """What names a document: activity and agent where its kind has them, agent as standards.xapi.identity.agent_key."""

    kind: DocumentKind
    activity: str = ""
    agent: str = ""
    registration: UUID | None = None
    name: str = ""

    @property
    def key(self) -> UUID:
        return document_key(self.kind, self.activity, self.agent, str(self.registration or ""), self.name)

    @property
    def scope(self) -> int:
        return key_of("scope", f"{int(self.kind)}\0{self.activity}\0{self.agent}")


class MustState(Enum):
    """When a PUT has to say which document it means to replace."""

    NEVER = "never"  # state in 1.0.3
    TO_REPLACE = "to replace"  # 2.0 4.1.4
    ALWAYS = "always"  # profiles in 1.0.3 (Communication 2.6, 2.7)


@dataclass(frozen=True)
class Conditions:
    """The preconditions of a request: If-Match and If-None-Match as they came."""

    if_match: str = ""
    if_none_match: str = ""

    def check(self, document: Document | None, must_state: "MustState") -> None:
        """Raises DocumentError 412 where one does not hold, 409 or 400 where one is missing (Communication 3.1)."""
        if self.if_match and not (document and _matches(self.if_match, document.etag)):
            raise DocumentError("The document is not the one that If-Match names", 412, "Communication 3.1")
        if self.if_none_match and document and _matches(self.if_none_match, document.etag):
            raise DocumentError(
                "The document is there already, or is the one of If-None-Match", 412, "Communication 3.1"
            )
        if self.if_match or self.if_none_match:
            return
        if document and must_state != MustState.NEVER:
            message = "There is a document already: fetch it, then send its ETag as If-Match to replace it"
            raise DocumentError(message, 409, "Communication 3.1")
        if must_state == MustState.ALWAYS:
            message = "Send If-None-Match: * to make a document, or its ETag as If-Match to replace it"
            raise DocumentError(message, 400, "Communication 3.1")


def _matches(header: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or etag in (tag.lower() for tag in tags)


def read(store_id: int, place: Place) -> Document | None:
    return Document.objects.filter(store_id=store_id, key=place.key).first()


def _of_scope(store_id: int, place: Place, within: UUID | None) -> models.QuerySet[Document]:
    """The documents of activity and agent: of one registration where the place names one, of all else, but never of
    others than `within` where that bounds the caller."""
    found = Document.objects.filter(store_id=store_id, scope=place.scope)
    if within is not None:
        found = found.filter(models.Q(registration=within) | models.Q(registration=None))
    return found if place.registration is None else found.filter(registration=place.registration)


def names(
    store_id: int, place: Place, since: datetime | None, within: UUID | None = None
) -> tuple[list[str], datetime | None]:
    """The names of the documents of a scope, stored later than `since`, and when the latest of them was."""
    found = _of_scope(store_id, place, within)
    if since is not None:
        found = found.filter(updated__gt=since)
    rows = list(found.order_by("updated", "pk").values_list("name", "updated"))
    return list(dict.fromkeys(name for name, _ in rows)), rows[-1][1] if rows else None


def put(
    store_id: int, place: Place, content: bytes, content_type: str, conditions: Conditions, must_state: MustState
) -> str:
    """Store the document, whatever was there, within the conditions; its ETag."""

    def change(document: Document | None) -> tuple[bytes, str]:
        conditions.check(document, must_state)
        return content, content_type

    return _write(store_id, place, change)


def post(store_id: int, place: Place, content: bytes, content_type: str, conditions: Conditions) -> str:
    """Merge a JSON object into the one that is there, property by property; store it where there is none. Its ETag."""
    sent = _object(content, "The document sent") if media_type_of(content_type) == JSON else None

    def change(document: Document | None) -> tuple[bytes, str]:
        conditions.check(document, MustState.NEVER)
        if document is None:
            return content, content_type
        if sent is None or media_type_of(document.content_type) != JSON:
            message = f"Only JSON objects can be merged: {JSON} into {JSON}. Use PUT to replace the document"
            raise DocumentError(message, 400, "Communication 2.2")
        merged = {**_object(bytes(document.content), "The document there"), **sent}
        return json.dumps(merged, ensure_ascii=False).encode(), JSON

    return _write(store_id, place, change)


def _object(content: bytes, which: str) -> dict[str, Any]:
    try:
        value = read_json(text_of(content))
    except WireError as error:
        raise DocumentError(f"{which} is no JSON: {error.message}", 400, "Communication 2.2") from None
    if not isinstance(value, dict):
        raise DocumentError(f"{which} is no JSON object, so nothing can be merged", 400, "Communication 2.2")
    return value


def _write(store_id: int, place: Place, change: Any) -> str:
    try:
        return _write_once(store_id, place, change)
    except IntegrityError:  # of two that make it at the same time the second finds it there
        return _write_once(store_id, place, change)


@transaction.atomic
def _write_once(store_id: int, place: Place, change: Any) -> str:
    document = Document.objects.select_for_update().filter(store_id=store_id, key=place.key).first()
    content, content_type = change(document)
    if document is None:
        document = Document(
            store_id=store_id,
            kind=place.kind,
            key=place.key,
            scope=place.scope,
            agent=key_of("agent", place.agent) if place.agent else None,
            registration=place.registration,
            name=place.name,
        )
    document.content = content
    document.content_type = content_type
    document.etag = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    document.updated = timezone.now()
    document.save()
    return document.etag


@transaction.atomic
def delete(store_id: int, place: Place, conditions: Conditions) -> None:
    """Remove the document; nothing is wrong where there is none, unless If-Match names one."""
    document = Document.objects.select_for_update().filter(store_id=store_id, key=place.key).first()
    conditions.check(document, MustState.NEVER)
    if document is not None:
        document.delete()


def delete_all(store_id: int, place: Place, within: UUID | None = None) -> None:
    """Remove the documents of a scope."""
    _of_scope(store_id, place, within).delete()
