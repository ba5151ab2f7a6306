"""Lists: filters, order, pages. A query class says what its list may be narrowed and ordered by:

class CourseQuery(ListQuery):
    columns = {"created": "created", "updated": "updated", "title": "title", "course_id": "course_id"}
    order_by: Literal["created_asc", "created_desc", …] = "created_desc"

asked = resume("getCourses", request.caller, query)        # what `more` carries, or the query itself
page = asked.page(Course.objects.filter(application=…))    # .rows, .more, .total
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar

from django.core import signing
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.http import HttpResponse
from pydantic import ValidationError

from .access import Caller
from .errors import ApiError
from .wire import End, Flag, Moment, Wire, Words

PAGE = 100  # rows
SALT = "api.more"


class PageQuery(Wire):
    """Of a list that is only paged."""

    more: str | None = None


class ListQuery(PageQuery):
    """What most lists take. `columns`: word of filterBy, datetimeFilter, orderBy and `tags` -> column."""

    columns: ClassVar[Mapping[str, str]] = {}

    since: Moment | None = None
    until: End | None = None
    datetime_filter: Literal["created", "updated"] = "updated"
    filter: str | None = None
    filter_by: str
    order_by: str
    include_total_count: Flag = False

    def narrow(self, rows: QuerySet) -> QuerySet:
        """Those that the filters let through. Both ends count."""
        moment = self.columns.get(self.datetime_filter, self.datetime_filter)
        if self.since is not None:
            rows = rows.filter(**{f"{moment}__gte": self.since})
        if self.until is not None:
            rows = rows.filter(**{f"{moment}__lte": self.until})
        if self.filter:
            column = self.columns[self.filter_by]
            rows = _with(rows, column, _contains(column, self.filter))
        if tags := getattr(self, "tags", None):
            rows = _with(rows, self.columns["tags"], Q(**{f"{self.columns['tags']}__in": tags}))
        return rows


class TaggedQuery(ListQuery):
    """A list whose rows have tags: any of those given."""

    tags: Words = []


def _contains(column: str, words: str) -> Q:
    """That the column has the words in it, whatever their case. SQLite folds ASCII letters alone, so that others are
    looked for in the ways in which people write them."""
    ways = {words} if words.isascii() else {words, words.lower(), words.upper(), words.title()}
    told = Q()
    for way in sorted(ways):
        told |= Q(**{f"{column}__icontains": way})
    return told


def _with(rows: QuerySet, column: str, condition: Q) -> QuerySet:
    """Rows of which the column, or that of any row related to them, is so."""
    if "__" not in column or rows.model._meta.get_field(column.partition("__")[0]).many_to_one:
        return rows.filter(condition)
    same = rows.model._default_manager.filter(condition, pk=OuterRef("pk"))
    return rows.filter(Exists(same))


Q_ = TypeVar("Q_", bound=PageQuery)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows, the token of the next page ("" on the last), and on a first page how many there are, where asked."""

    rows: list[M]
    more: str | None
    total: int | None

    def count_in(self, response: HttpResponse) -> None:
        if self.total is not None:
            response.headers["X-Total-Count"] = str(self.total)


@dataclass(frozen=True)
class Asked(Generic[Q_]):
    """A query and how far its pages have gone: `after` is what the last row was found by."""

    operation: str
    caller: Caller
    query: Q_
    after: Any = None

    def page(self, rows: QuerySet[M]) -> Page[M]:
        """The next page of the rows, which are not narrowed or ordered yet."""
        query = self.query
        assert isinstance(query, ListQuery)
        rows = query.narrow(rows)
        wants_total = query.include_total_count and self.after is None
        total = rows.count() if wants_total else None
        word, _, direction = query.order_by.rpartition("_")
        found = list(_ordered(rows, query.columns[word], direction == "desc", self.after)[: PAGE + 1])
        more = None
        if len(found) > PAGE:
            last: Any = found[PAGE - 1]
            more = self.token([_plain(last.order_key), last.pk])
        return Page(found[:PAGE], more, total)

    def token(self, after: Any) -> str:
        """What the next page is asked for with: all of the query, and where to go on."""
        said = self.query.model_dump(mode="json", by_alias=True, exclude={"more"}, exclude_none=True)
        return _sealed(self.operation, self.caller, {"q": said, "k": after})


def resume(operation: str, caller: Caller, query: Q_) -> Asked[Q_]:
    """The query, or in its place the one that its `more` carries. Raises 400 for a token of another list or caller."""
    if not query.more:
        return Asked(operation, caller, query)
    said = _opened(operation, caller, query.more)
    try:
        return Asked(operation, caller, type(query).model_validate(said["q"]), said["k"])
    except ValidationError:
        raise _no_token() from None


def _sealed(operation: str, caller: Caller, said: Mapping[str, Any]) -> str:
    return signing.dumps(dict(said), salt=f"{SALT}:{operation}:{caller.application.pk}", compress=True)


def _opened(operation: str, caller: Caller, token: str) -> dict[str, Any]:
    try:
        return signing.loads(token, salt=f"{SALT}:{operation}:{caller.application.pk}")
    except signing.BadSignature:
        raise _no_token() from None


def _no_token() -> ApiError:
    return ApiError(400, "more: it is not a token that this list gave out. Begin anew without it.")


def _ordered(rows: QuerySet, column: str, is_descending: bool, after: Any) -> QuerySet:
    rows = rows.annotate(order_key=F(column))
    if after is not None:
        key, pk = after
        past = "lt" if is_descending else "gt"
        beyond = Q(**{f"{column}__{past}": key}) | Q(**{column: key, f"pk__{past}": pk})
        rows = rows.filter(beyond, **{f"{column}__{past}e": key})  # the second is what an index is used for
    sign = "-" if is_descending else ""
    return rows.order_by(f"{sign}{column}", f"{sign}pk")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
