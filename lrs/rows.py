"""The rows that a batch reads and writes, in plain SQL: to build the queries anew would take half of each request."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

ROWS_AT_ONCE = 400

Found = tuple[UUID, int, str, bool, UUID | None]  # uuid, stored, body, is_voided, registration of the launch
Mentioned = tuple[int, int, int]  # key, stored, via

STATEMENTS = "SELECT uuid, stored, body, is_voided, registration FROM lrs_statement WHERE store_id = %s AND"
INTO_STATEMENTS = "INSERT INTO lrs_statement (store_id, uuid, stored, body, is_voided, registration) VALUES"


def statements_by_uuid(store_id: int, uuids: Iterable[UUID]) -> Iterator[Found]:
    """The statements with these ids."""
    return map(_found, _select(f"{STATEMENTS} uuid", store_id, [_kept(each) for each in sorted(uuids)]))


def statements_by_stored(store_id: int, stored: Iterable[int]) -> Iterator[Found]:
    return map(_found, _select(f"{STATEMENTS} stored", store_id, sorted(stored)))


def mentioning(store_id: int, keys: Iterable[int]) -> list[tuple[int, int]]:
    """Key and `stored` of what is found by one of the keys."""
    return list(_select("SELECT key, stored FROM lrs_mention WHERE store_id = %s AND key", store_id, sorted(keys)))


def known_definitions(store_id: int, keys: Iterable[int]) -> dict[int, str]:
    """What is known of activities: JSON by key."""
    sql = "SELECT key, definition FROM lrs_activity WHERE store_id = %s AND key"
    return dict(_select(sql, store_id, sorted(keys)))


def insert_statements(store_id: int, rows: Sequence[Found]) -> None:
    """Raises django.db.IntegrityError where one is there already."""
    with connection.cursor() as cursor:
        for some in _parts(rows):
            values = [
                value
                for id, stored, body, is_voided, registration in some
                for value in (store_id, _kept(id), stored, body, is_voided, registration and _kept(registration))
            ]
            cursor.execute(f"{INTO_STATEMENTS} {_places(6, len(some))}", values)


def insert_mentions(store_id: int, rows: Sequence[Mentioned]) -> None:
    """What is there already is left as it is."""
    with connection.cursor() as cursor:
        for some in _parts(rows):
            if connection.vendor == "postgresql":  # three values instead of thousands to put into the text
                source = "SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
                values: list[Any] = [store_id, *(list(column) for column in zip(*some, strict=True))]
            else:
                source = f"VALUES {_places(4, len(some))}"
                values = [value for row in some for value in (store_id, *row)]
            cursor.execute(
                f"INSERT INTO lrs_mention (store_id, key, stored, via) {source} ON CONFLICT DO NOTHING", values
            )


def _select(sql: str, store_id: int, wanted: Sequence[Any]) -> Iterator[Any]:
    """Rows of a query that lacks its last condition: to be one of many values."""
    for some in _parts(wanted):
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} IN {_places(len(some), 1)}", [store_id, *some])
            yield from cursor.fetchall()


def _parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


def _places(columns: int, rows: int) -> str:
    row = f"({','.join(['%s'] * columns)})"
    return ",".join([row] * rows)


def _kept(id: UUID) -> UUID | str:
    """A UUID as the database keeps it: SQLite has 32 digits."""
    return id if connection.features.has_native_uuid_field else id.hex


def _found(row: tuple[Any, int, str, Any, Any]) -> Found:
    id, stored, body, is_voided, registration = row
    return _read(id), stored, body, bool(is_voided), registration and _read(registration)


def _read(id: UUID | str) -> UUID:
    return id if isinstance(id, UUID) else UUID(id)
