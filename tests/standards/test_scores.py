"""Raw scores as shares of ranges, sensible ones and others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards import lesson_data
from standards.scores import share
from standards.scorm2004.runtime import SCALED, counted

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("raw", "low", "high", "expected"),
    [
        (80, None, None, 0.8),
        (40, 0, 50, 0.8),
        (850, 200, 1000, 0.8125),
        (15, 10, 20, 0.5),
        (100, 100, 100, 1.0),  # no width: the usual range
        (50, 100, None, 0.5),
        (150, 120, None, 1.0),
        (5, 200, None, 0.05),
        (5, 9, 3, 0.05),
        (-50, None, None, -0.5),
        (1e308, -1e308, 1e308, 1.0),  # wider than a float can be
    ],
)
def test_shares(raw, low, high, expected):
    assert share(raw, low, high) == pytest.approx(expected)


@given(NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS)
def test_a_share_is_always_one(raw, low, high):
    assert -1.0 <= share(raw, low, high) <= 1.0


@pytest.mark.parametrize(("raw", "low", "high"), [("100", "100", "100"), ("50", "100", ""), ("5", "200", "")])
def test_every_standard_bears_a_range_of_no_width(raw, low, high):
    told = dict(zip(("raw", "min", "max"), (raw, low, high), strict=True))

    assert lesson_data.score({f"cmi.core.score.{name}": value for name, value in told.items()}) is not None
    values = {f"cmi.score.{name}": value for name, value in told.items() if value}
    assert SCALED in counted(values, {"PlayerScaleRawScore": "YES"})
