"""Finds registrations among millions: filters, order, pages in both directions, and about how many there are.

What narrows most is asked first, by the index made for it, and at most CAP rows of that are read. If there are fewer
they are all there is, exactly. If there are more, the index of the order is walked from where the page begins, which
soon finds a page of what is frequent. Each application is walked by itself, since an index orders within one.
"""

import base64
import binascii
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, reduce
from itertools import product
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce

from .folding import Folded, begins_with
from .models import Completion, Registration, RegistrationTag, Success

CAP = 10_000
PAGE = 50
WALKS = 64  # at most, in one query; past it the database sorts by itself
LEARNER = "learner"
ORDERS = ("updated", "created", LEARNER)
MOMENTS = ("created", "updated", "completed_at")
SEARCHED = ("learner_id", "learner_last_name", "learner_first_name", "learner_email", "registration_id")
STATUS = ("completion", "success", "is_sandbox")

Key = tuple[Any, int]  # value of the order, primary key
Rows = QuerySet[Registration]


@dataclass(frozen=True)
class Search:
    """What is looked for, in applications of one realm, by primary key. `courses`: None for any."""

    applications: tuple[int, ...]
    words: str = ""
    courses: tuple[int, ...] | None = None
    completion: str = ""
    success: str = ""
    is_sandbox: bool | None = None
    tag: str = ""
    moment: str = "created"
    since: datetime | None = None
    until: datetime | None = None
    order: str = "updated"
    is_descending: bool = True

    @property
    def is_by_status(self) -> bool:
        """Whether any of completion, success and kind is wanted."""
        return bool(self.completion or self.success or self.is_sandbox is not None)

    @property
    def is_dated(self) -> bool:
        return self.since is not None or self.until is not None


@dataclass(frozen=True)
class Total:
    """How many there are; not `is_exact`: more than that."""

    count: int
    is_exact: bool = True


MANY = Total(CAP, is_exact=False)


@dataclass(frozen=True)
class Page:
    """Rows in order, and the tokens of the pages before and after; "" where there is none."""

    rows: list[Registration]
    total: Total
    before: str = ""
    after: str = ""


def find(search: Search, after: str = "", before: str = "", size: int = 0) -> Page:
    """A page of what is found: the first, the one after a token, or the one before it; `size` 0: PAGE rows."""
    size = size or PAGE
    backwards = bool(before) and not after
    place = _read(search, before if backwards else after)
    keys, total = _keys(search, place, backwards, size + 1, is_counted=True)
    has_more, keys = len(keys) > size, keys[:size]
    if backwards:
        keys.reverse()
    rows = _rows(keys)
    is_later, is_earlier = (True, has_more) if backwards and place else (has_more, bool(place))
    return Page(
        rows,
        total,
        before=_write(keys[0]) if keys and is_earlier else "",
        after=_write(keys[-1]) if keys and is_later else "",
    )


def chunks(
    search: Search, size: int, after: str = "", until: datetime | None = None
) -> Iterator[tuple[list[int], str]]:
    """Everything that is found, oldest first, as primary keys, each time with where to go on from.

    A row that changes meanwhile is neither missed nor told twice, as its `created` stays. `until`: made before that.
    """
    steady = replace(search, order="created", is_descending=False)
    while True:
        keys, _ = _keys(steady, _read(steady, after), False, size, is_counted=False)
        keys = [key for key in keys if until is None or key[0] <= until]
        if not keys:
            return
        after = _write(keys[-1])
        yield [pk for _, pk in keys], after


def count(search: Search) -> Total:
    return _keys(search, None, False, 1, is_counted=True)[1]


# --- what is found ----------------------------------------------------------------------------------------------------


def _keys(
    search: Search, place: Key | None, backwards: bool, size: int, *, is_counted: bool
) -> tuple[list[Key], Total]:
    """The next keys from a place in the order of the search, or against it."""
    descending = search.is_descending is not backwards
    found = _probe(search)
    if found is not None and len(found) <= CAP:
        beyond = [key for key in found if place is None or (key < place if descending else key > place)]
        return sorted(beyond, reverse=descending)[:size], Total(len(found))
    total = _count(search) if found is None and is_counted else MANY
    return _walk(search, place, descending, size), total


def _probe(search: Search) -> list[Key] | None:
    """Keys of what narrows most, all other filters applied, CAP + 1 of them at most; None where nothing does."""
    driver, driven = _driven(search)
    if not driven:
        return None
    rows = [_rest(each, search, {driver}) for each in driven]
    if search.is_dated and search.moment == search.order:
        rows = [each.filter(_dates(f"plain_{search.moment}", search)) for each in rows]
    return _union([each.order_by().values_list(_order(search), "pk")[: CAP + 1] for each in rows], search)


def _driven(search: Search) -> tuple[str, list[Rows]]:
    """The filter that narrows most, and its rows: sets that an index finds, which may overlap."""
    within = _of(search.applications)
    if search.words:
        return "words", [within.filter(each) for each in _word_conditions("folded", search.words)]
    if search.courses is not None:
        return "courses", [_rows_of(Q(course__in=search.courses))]
    if search.tag:
        return "tag", [_rows_of(Q(tags__name=search.tag)).filter(Q(("plain_application_id__in", search.applications)))]
    if search.is_dated and search.moment != search.order:
        return "date", [within.filter(_dates(search.moment, search))]
    if search.is_by_status and search.order != "updated":
        return "status", [within.filter(_status(search))]
    return "", []


def _rest(rows: Rows, search: Search, but: set[str]) -> Rows:
    """Narrowed by the filters not named in `but`, by columns written so that no index of theirs is taken instead."""
    if search.words and "words" not in but:
        rows = rows.filter(reduce(or_, _word_conditions("plain", search.words)))
    if search.courses is not None and "courses" not in but:
        rows = rows.filter(Q(("plain_course_id__in", search.courses)))
    if search.tag and "tag" not in but:
        rows = rows.filter(Exists(RegistrationTag.objects.filter(registration=OuterRef("pk"), name=search.tag)))
    if search.is_dated and "date" not in but and search.moment != search.order:
        rows = rows.filter(_dates(f"plain_{search.moment}", search))
    if "status" not in but:
        wanted = {name: getattr(search, name) for name in STATUS if getattr(search, name) not in ("", None)}
        rows = rows.filter(**{f"plain_{name}": value for name, value in wanted.items()})
    return rows


def _of(applications: Sequence[int]) -> Rows:
    return _rows_of(Q(application__in=applications))


def _rows_of(condition: Q) -> Rows:
    return _all().filter(condition)


@cache
def _all() -> Rows:
    """`folded_<column>` for what is searched, and `plain_<column>`: the same values, in a way that no index serves."""
    empty = Value("", output_field=TextField())
    folded = {f"folded_{name}": Folded(name) for name in SEARCHED}
    plain = {f"plain_{name}": Coalesce(Folded(name), empty) for name in SEARCHED}
    plain |= {
        f"plain_{name}": Coalesce(F(name), F(name)) for name in (*STATUS, *MOMENTS, "course_id", "application_id")
    }
    return Registration.objects.alias(**folded, **plain).order_by()


def _word_conditions(kind: str, words: str) -> list[Q]:
    """Each is a range of one index: an id, name or address that begins so, or first and last name."""
    conditions = [begins_with(f"{kind}_{name}", words) for name in SEARCHED]
    first, _, last = words.partition(" ")
    if last.strip():
        for one, other in ((first, last.strip()), (last.strip(), first)):
            named = begins_with(f"{kind}_learner_last_name", other)
            conditions.append(begins_with("plain_learner_first_name", one) & named)
    return conditions


def _status(search: Search) -> Q:
    """With every column of the index of statuses, so that it is used for any of them."""
    return Q(**{f"{name}__in": values for name, values in _status_values(search).items()})


def _status_values(search: Search) -> dict[str, list[Any]]:
    return {
        "is_sandbox": [search.is_sandbox] if search.is_sandbox is not None else [False, True],
        "completion": [search.completion] if search.completion else Completion.values,
        "success": [search.success] if search.success else Success.values,
    }


def _dates(column: str, search: Search) -> Q:
    """From `since` until before `until`."""
    ends = {"gte": search.since, "lt": search.until}
    return Q(**{f"{column}__{end}": moment for end, moment in ends.items() if moment is not None})


def _count(search: Search) -> Total:
    """Of a search that nothing drives: an index counts it."""
    rows = _of(search.applications)
    if search.is_by_status:
        rows = rows.filter(_status(search))
    if search.is_dated:
        rows = rows.filter(_dates(search.moment, search))
    counted = rows[: CAP + 1].count()
    return Total(counted) if counted <= CAP else MANY


# --- in order ---------------------------------------------------------------------------------------------------------


def _order(search: Search) -> Any:
    return Folded("learner_last_name") if search.order == LEARNER else F(search.order)


def _walk(search: Search, place: Key | None, descending: bool, size: int) -> list[Key]:
    rows = [_ordered(each, search, place, descending)[:size] for each in _walks(search)]
    return sorted(_union(rows, search), reverse=descending)[:size]


def _walks(search: Search) -> Iterator[Rows]:
    """Rows that an index orders, one set after the other, which together are all that is found."""
    applications, courses = search.applications, search.courses or ()
    if search.order == "updated" and 0 < len(courses) <= WALKS:
        return (_rest(_rows_of(Q(course=each)), search, {"courses"}) for each in courses)
    if search.order == "updated" and search.is_by_status:
        held = _status_values(search)
        split = list(itertools.islice(product(applications, *held.values()), WALKS + 1))
        if len(split) <= WALKS:
            # each as a list: `NOT is_sandbox`, as one value is written, takes no index in SQLite
            named = ({f"{name}__in": [value] for name, value in zip(held, each[1:], strict=True)} for each in split)
            places = (each[0] for each in split)
            found = (Q(application=place, **each) for place, each in zip(places, named, strict=True))
            return (_rest(_rows_of(each), search, {"status"}) for each in found)
    some = [[each] for each in applications] if len(applications) <= WALKS else [list(applications)]
    return (_rest(_of(each), search, set()) for each in some)


def _ordered(rows: Rows, search: Search, place: Key | None, descending: bool) -> Any:
    rows = rows.annotate(key=_order(search))
    if search.is_dated and search.moment == search.order:
        rows = rows.filter(_dates(search.moment, search))
    if place is not None:
        key, pk = place
        past = "lt" if descending else "gt"
        beyond = Q(**{f"key__{past}": key}) | Q(key=key, **{f"pk__{past}": pk})
        rows = rows.filter(beyond, **{f"key__{past}e": key})  # the second is what an index is used for
    sign = "-" if descending else ""
    return rows.order_by(f"{sign}key", f"{sign}pk").values_list("key", "pk")


def _union(rows: Sequence[Any], search: Search) -> list[Key]:
    """Keys of sets that are each cut off by themselves: Django cannot say this for SQLite."""
    parts: list[str] = []
    values: list[Any] = []
    for each in rows:
        try:
            sql, some = each.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT * FROM ({sql}) AS part_{len(parts)}")  # noqa: S608 - as Django wrote it
        values += some
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        found = dict.fromkeys(cursor.fetchall())
    return [(key if search.order == LEARNER else _moment(key), pk) for key, pk in found]


def _moment(value: Any) -> datetime:
    """SQLite has times in UTC, some as text, and does not say so."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _rows(keys: Sequence[Key]) -> list[Registration]:
    found = Registration.objects.select_related("course", "application").prefetch_related("tags")
    rows = found.in_bulk([pk for _, pk in keys])
    return [rows[pk] for _, pk in keys if pk in rows]


# --- tokens -----------------------------------------------------------------------------------------------------------


def _write(key: Key) -> str:
    value, pk = key
    text = json.dumps([value.isoformat() if isinstance(value, datetime) else value, pk])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(search: Search, token: str) -> Key | None:
    """The place; None where the token is of another order, or none of ours."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if search.order != LEARNER:
            value = datetime.fromisoformat(value)
            if value.tzinfo is None:
                return None
    except (ValueError, TypeError, binascii.Error):
        return None
    is_ours = isinstance(value, str if search.order == LEARNER else datetime) and isinstance(pk, int)
    return (value, pk) if is_ours and 0 < pk < 2**63 else None
