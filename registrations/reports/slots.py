"""Time as reports count it: slots of a quarter of an hour since 1970 (UTC), days of a time zone, months (UTC)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

SECONDS = 900
A_DAY = 86400 // SECONDS  # slots
EPOCH = date(1970, 1, 1)


def slot_of(moment: datetime) -> int:
    return int(moment.timestamp() // SECONDS)


def moment_of(slot: int) -> datetime:
    return datetime.fromtimestamp(slot * SECONDS, UTC)


def month_of(slot: int) -> int:
    """year * 12 + month - 1 (UTC)."""
    moment = moment_of(slot)
    return moment.year * 12 + moment.month - 1


def first_slot(month: int) -> int:
    year, rest = divmod(month, 12)
    return slot_of(datetime(year, rest + 1, 1, tzinfo=UTC))


def midnight(day: date, zone: tzinfo) -> int:
    """The slot a day begins with."""
    return slot_of(datetime.combine(day, time(), zone))


def day_of(slot: int, zone: tzinfo) -> date:
    return moment_of(slot).astimezone(zone).date()


def numbered(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def day_numbered(number: int) -> date:
    return EPOCH + timedelta(days=number)


@dataclass(frozen=True)
class Piece:
    """A stretch of time, slots `start` to before `end`, in which clocks of a zone are `offset` slots before UTC."""

    start: int
    end: int
    offset: int

    def day(self, slot: int) -> int:
        """The number of the day that a slot lies in."""
        return (slot + self.offset) // A_DAY


def pieces(start: int, end: int, zone: tzinfo) -> list[Piece]:
    """The stretches of one offset that make up the time from a slot to before another."""
    found: list[Piece] = []
    for begin, stop in _changes(start, end, zone):
        found.append(Piece(begin, stop, _offset(begin, zone)))
    return found


def _changes(start: int, end: int, zone: tzinfo) -> Iterator[tuple[int, int]]:
    begin = start
    for day in range(start, end, A_DAY):
        last = min(day + A_DAY, end)
        if _offset(day, zone) == _offset(last, zone):
            continue
        change = next(slot for slot in range(day + 1, last + 1) if _offset(slot, zone) != _offset(day, zone))
        if change < end:
            yield begin, change
            begin = change
    if begin < end:
        yield begin, end


def _offset(slot: int, zone: tzinfo) -> int:
    offset = moment_of(slot).astimezone(zone).utcoffset() or timedelta()
    return round(offset.total_seconds() / SECONDS)


def whole_months(start: int, end: int) -> tuple[range, list[tuple[int, int]]]:
    """The months that lie wholly between two slots, and the stretches of slots that are left over."""
    first = month_of(start)
    if first_slot(first) < start:
        first += 1
    last = month_of(end)  # that the end lies in, or begins
    if first >= last:
        return range(0), [(start, end)] if start < end else []
    edges = [(start, first_slot(first)), (first_slot(last), end)]
    return range(first, last), [edge for edge in edges if edge[0] < edge[1]]
