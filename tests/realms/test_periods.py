"""Billing periods: months from the moment a plan began."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realms.periods import Period, forecast, months_later, next_period, period_of

moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "now", "start", "end"),
    [
        ((2026, 1, 10), (2026, 1, 10), (2026, 1, 10), (2026, 2, 10)),
        ((2026, 1, 10), (2026, 3, 9), (2026, 2, 10), (2026, 3, 10)),
        ((2026, 1, 10, 12), (2026, 2, 10, 11, 59), (2026, 1, 10, 12), (2026, 2, 10, 12)),
        ((2026, 1, 10, 12), (2026, 2, 10, 12), (2026, 2, 10, 12), (2026, 3, 10, 12)),
        ((2026, 1, 31), (2026, 2, 27), (2026, 1, 31), (2026, 2, 28)),
        ((2026, 1, 31), (2026, 3, 1), (2026, 2, 28), (2026, 3, 31)),
        ((2026, 1, 31), (2026, 3, 31), (2026, 3, 31), (2026, 4, 30)),
        ((2024, 1, 31), (2024, 2, 29), (2024, 2, 29), (2024, 3, 31)),
        ((2024, 2, 29), (2025, 2, 28), (2025, 2, 28), (2025, 3, 29)),
        ((2026, 1, 30), (2026, 2, 28), (2026, 2, 28), (2026, 3, 30)),
        ((2025, 12, 15), (2026, 1, 14), (2025, 12, 15), (2026, 1, 15)),
        ((2026, 5, 1), (2026, 4, 1), (2026, 5, 1), (2026, 6, 1)),  # before it began: the first
    ],
)
def test_a_period_lasts_a_month_from_the_day_the_plan_began(since, now, start, end):
    assert period_of(at(*since), at(*now)) == Period(at(*start), at(*end))


@given(moments, moments)
def test_every_moment_lies_in_its_period(since, later):
    now = max(since, later)

    period = period_of(since, now)

    assert period.start <= now < period.end
    assert timedelta(days=28) <= period.end - period.start <= timedelta(days=31)


@given(moments, st.integers(0, 240))
def test_periods_follow_one_another_without_gap_and_keep_the_day_where_there_is_one(since, number):
    period = period_of(since, months_later(since, number))

    after = next_period(since, period.end)

    assert (after.start, after.end) == (period.end, months_later(since, number + 2))
    assert after.start.time() == since.time()
    assert after.start.day == since.day or (after.start + timedelta(days=1)).day == 1


def test_the_days_of_a_period_are_all_dates_it_touches():
    assert Period(at(2026, 1, 31, 12), at(2026, 2, 2, 12)).days == [
        date(2026, 1, 31),
        date(2026, 2, 1),
        date(2026, 2, 2),
    ]
    assert Period(at(2026, 1, 31), at(2026, 2, 1)).days == [date(2026, 1, 31)]
    assert Period(at(2026, 1, 31), at(2026, 1, 31)).days == [date(2026, 1, 31)]


@pytest.mark.parametrize(
    ("counted", "now", "expected"),
    [
        (0, (2026, 1, 15), 0),
        (5, (2026, 1, 1, 1), 155),  # the first day counts whole
        (15, (2026, 1, 16), 31),
        (31, (2026, 2, 1), 31),
        (31, (2026, 3, 1), 31),
    ],
)
def test_a_forecast_goes_by_the_pace_so_far(counted, now, expected):
    assert forecast(counted, Period(at(2026, 1, 1), at(2026, 2, 1)), at(*now)) == expected


@given(st.integers(0, 10**6), moments, moments)
def test_a_forecast_is_never_below_what_is_counted(counted, since, now):
    assert forecast(counted, period_of(since, now), now) >= counted
