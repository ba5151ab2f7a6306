"""Billing periods: months counted from the moment a plan began. Plain arithmetic, without tables."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """From `start` until just before `end`, which is the start of the next."""

    start: datetime
    end: datetime

    @property
    def days(self) -> list[date]:
        """Every date that lies in it, also in part."""
        last = (self.end - timedelta(microseconds=1)).date() if self.end > self.start else self.start.date()
        return [self.start.date() + timedelta(days=number) for number in range((last - self.start.date()).days + 1)]


def months_later(moment: datetime, months: int) -> datetime:
    """The same day of a later (or earlier) month at the same time, or the month's last day where it has none such."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def period_of(since: datetime, at: datetime) -> Period:
    """The period that `at` lies in; the first one where it lies before `since`.

    Each is counted from `since`, never from the one before: the 31st leads to 28 February and to 31 March.
    """
    months = max(0, (at.year - since.year) * 12 + at.month - since.month)
    if months and months_later(since, months) > at:
        months -= 1
    return Period(months_later(since, months), months_later(since, months + 1))


def next_period(since: datetime, end: datetime) -> Period:
    """The period that begins at `end`, the end of another."""
    return period_of(since, end)


def forecast(counted: int, period: Period, now: datetime) -> int:
    """How many there will be at the end of the period at the pace so far, never fewer than there are.

    The first day counts whole: an hour with five registrations is no day with 120.
    """
    elapsed = max(min(now, period.end) - period.start, min(DAY, period.end - period.start))
    if not elapsed:
        return counted
    return max(counted, round(counted * ((period.end - period.start) / elapsed)))
