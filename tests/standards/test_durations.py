"""CMI timespans and times (SCORM 1.2 RTE 3.4.4), ISO 8601 durations (SCORM 2004 4th Ed. RTE 4.1.1.7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00:00", 0),
        ("0000:00:00.00", 0),
        ("0001:02:03.4", 3723.4),
        ("12:34:56.78", 45296.78),
        ("123:00:00", 442800),
        ("9999:99:99.99", durations.LONGEST_TIMESPAN),
    ],
)
def test_timespan_in_seconds(text, seconds):
    assert durations.timespan_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "1:00:00", "00:0:00", "00:00:0", "00:00", "00:00:00.", "00:00:00.123", "10000:00:00", "-00:00:01", "٠٠:٠٠:٠٠"],
)
def test_no_timespan(text):
    with pytest.raises(ValueError):
        durations.timespan_seconds(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0000:00:00"),
        (59.994, "0000:00:59.99"),
        (59.996, "0000:01:00"),
        (3723.4, "0001:02:03.40"),
        (-5, "0000:00:00"),
        (9999 * 3600 + 59, "9999:00:59"),
        (10**9, "9999:99:99.99"),
    ],
)
def test_timespan_as_text(seconds, text):
    assert durations.format_timespan(seconds) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT1.5S", 1.5),
        ("PT1,5S", 1.5),
        ("PT0.5H", 1800),
        ("P1W", 604800),
        ("P1DT2H3M4S", 93784),
        ("P2Y", 0.0),  # no session
        ("P999999999999999Y", 0.0),
        ("P" + "9" * 400 + "Y", 0.0),
        ("", 0.0),
        ("P", 0.0),
        ("PT", 0.0),
        ("an hour", 0.0),
    ],
)
def test_durations_of_statements(text, seconds):
    assert durations.session_seconds(text) == pytest.approx(seconds)


@given(st.integers(0, round(durations.LONGEST_TIMESPAN * 100)))
def test_timespan_there_and_back(hundredths):
    text = durations.format_timespan(hundredths / 100)

    assert round(durations.timespan_seconds(text) * 100) == hundredths


@pytest.mark.parametrize(("text", "seconds"), [("00:00:00", 0), ("23:59:59.99", 86399.99), ("08:05:01.5", 29101.5)])
def test_time_in_seconds(text, seconds):
    assert durations.time_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["24:00:00", "00:60:00", "00:00:60", "0:00:00", "000:00:00", "08:05", "08:05:01.555"])
def test_no_time(text):
    with pytest.raises(ValueError):
        durations.time_seconds(text)


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00:00"), (86399.99, "23:59:59.99"), (29101.5, "08:05:01.50")])
def test_time_as_text(seconds, text):
    assert durations.format_time(seconds) == text


@pytest.mark.parametrize("seconds", [-1, 86400, 86399.999])
def test_no_time_outside_a_day(seconds):
    with pytest.raises(ValueError):
        durations.format_time(seconds)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT0S", 0),
        ("PT1H2M3.45S", 3723.45),
        ("P1D", 86400),
        ("P1DT1S", 86401),
        ("P1M", durations.MONTH),
        ("PT1M", 60),
        ("P2Y1M", 25 * durations.MONTH),
        ("PT100H", 360000),
        ("PT90S", 90),
        ("PT0.123456S", 0.123456),
    ],
)
def test_duration_in_seconds(text, seconds):
    assert durations.duration_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1",
        "1S",
        "P1DT",
        "PT1.S",
        "PT1.5M",
        "P1S",
        "-PT1S",
        "P1W",
        "PT1S1M",
        "pt1s",
        "PT1H ",
        "PT" + "9" * 16 + "S",
    ],
)
def test_no_duration(text):
    with pytest.raises(ValueError):
        durations.duration_seconds(text)


def test_timeinterval_has_two_digits_after_the_point_at_most():
    assert durations.duration_seconds("PT1.25S", second_digits=2) == 1.25
    with pytest.raises(ValueError):
        durations.duration_seconds("PT1.255S", second_digits=2)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "PT0S"),
        (0.004, "PT0S"),
        (0.5, "PT0.5S"),
        (60, "PT1M"),
        (59.999, "PT1M"),
        (3723.45, "PT1H2M3.45S"),
        (90000, "PT25H"),
        (10, "PT10S"),
        (-1, "PT0S"),
    ],
)
def test_duration_as_text(seconds, text):
    assert durations.format_duration(seconds) == text


@given(st.integers(0, 10**12))
def test_duration_there_and_back(hundredths):
    text = durations.format_duration(hundredths / 100)

    assert round(durations.duration_seconds(text, second_digits=2) * 100) == hundredths
