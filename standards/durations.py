"""CMI timespans and times (SCORM 1.2 RTE 3.4.4), ISO 8601 durations (SCORM 2004 4th Ed. RTE 4.1.1.7) <-> seconds.

Every `_seconds` raises ValueError for what its standard does not allow.
"""

import re
from operator import mul

MINUTE, HOUR, DAY = 60, 3600, 86400
YEAR = 365.25 * DAY  # years and months have no fixed length: the mean of the Julian calendar stands for them
MONTH = YEAR / 12
LONGEST_TIMESPAN = 9999 * HOUR + 99 * MINUTE + 99.99

_TIMESPAN = re.compile(r"([0-9]{2,4}):([0-9]{2}):([0-9]{2}(?:\.[0-9]{1,2})?)")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2}(?:\.[0-9]{1,2})?)")
_DURATION = re.compile(
    r"P(?=[0-9]|T[0-9])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)
_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)"
_ANY_DURATION = re.compile(
    rf"P(?=[0-9]|T[0-9])(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=[0-9])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
LONGEST_SESSION = 366 * DAY  # what is longer is no session
_UNITS = (YEAR, MONTH, DAY, HOUR, MINUTE, 1)
_MOST_DIGITS = 15  # of one number of a duration: more cannot be told apart as seconds


def timespan_seconds(text: str) -> float:
    """Seconds of a CMITimespan, HHHH:MM:SS.SS; minutes and seconds may go to 99 (SCORM 1.2 RTE 3.4.4)."""
    match = _TIMESPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"not a timespan HHHH:MM:SS.SS: {text[:40]!r}")
    hours, minutes, seconds = match.groups()
    return int(hours) * HOUR + int(minutes) * MINUTE + float(seconds)


def format_timespan(seconds: float) -> str:
    """A CMITimespan, HHHH:MM:SS or HHHH:MM:SS.SS; never more than the longest one that can be written."""
    hundredths = round(min(max(seconds, 0.0), LONGEST_TIMESPAN) * 100)
    hours = min(hundredths // (HOUR * 100), 9999)
    minutes = min((hundredths - hours * HOUR * 100) // (MINUTE * 100), 99)
    rest = hundredths - hours * HOUR * 100 - minutes * MINUTE * 100
    return f"{hours:04d}:{minutes:02d}:{rest // 100:02d}" + (f".{rest % 100:02d}" if rest % 100 else "")


def time_seconds(text: str) -> float:
    """Seconds since midnight of a CMITime, HH:MM:SS.SS (SCORM 1.2 RTE 3.4.4)."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"not a time HH:MM:SS.SS: {text[:40]!r}")
    hours, minutes, seconds = (float(part) for part in match.groups())
    if hours > 23 or minutes > 59 or seconds >= MINUTE:
        raise ValueError(f"not a time of the day: {text!r}")
    return hours * HOUR + minutes * MINUTE + seconds


def format_time(seconds: float) -> str:
    """A CMITime, HH:MM:SS or HH:MM:SS.SS, of seconds since midnight; raises ValueError outside one day."""
    hundredths = round(seconds * 100)
    if not 0 <= hundredths < DAY * 100:
        raise ValueError(f"not within a day: {seconds}")
    hours, rest = divmod(hundredths, HOUR * 100)
    minutes, rest = divmod(rest, MINUTE * 100)
    return f"{hours:02d}:{minutes:02d}:{rest // 100:02d}" + (f".{rest % 100:02d}" if rest % 100 else "")


def duration_seconds(text: str, second_digits: int | None = None) -> float:
    """Seconds of an ISO 8601 duration P[yY][mM][dD][T[hH][mM][s[.s]S]].

    `second_digits`: most digits after the decimal point; SCORM 2004's timeinterval (second,10,2) has 2, xs:duration
    any number.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"not a duration P[yY][mM][dD][T[hH][mM][sS]]: {text[:40]!r}")
    numbers = [part or "0" for part in match.groups()]
    if any(len(number.partition(".")[0]) > _MOST_DIGITS for number in numbers):
        raise ValueError(f"a number too large in the duration {text[:40]!r}")
    if second_digits is not None and len(numbers[-1].partition(".")[2]) > second_digits:
        raise ValueError(f"more than {second_digits} digits after the point in the duration {text[:40]!r}")
    return sum(float(number) * unit for number, unit in zip(numbers, _UNITS, strict=True))


def session_seconds(text: str) -> float:
    """Seconds of any ISO 8601 duration of a statement (xAPI 1.0.3 Data 4.6), weeks and fractions of each unit among
    them; 0.0 for what is none, or longer than a session can be.
    """
    match = _ANY_DURATION.fullmatch(text)
    if match is None:
        return 0.0
    years, months, weeks, *rest = (float((part or "0").replace(",", ".")) for part in match.groups())
    seconds = weeks * 7 * DAY + sum(map(mul, (years, months, *rest), _UNITS))
    return seconds if seconds <= LONGEST_SESSION else 0.0


def format_duration(seconds: float) -> str:
    """A timeinterval (second,10,2), normalised: PT0S, PT1H2M3.45S.

    Hours are the largest unit: content that takes durations apart with a pattern of its own often knows no days.
    """
    hundredths = round(max(seconds, 0.0) * 100)
    hours, rest = divmod(hundredths, HOUR * 100)
    minutes, rest = divmod(rest, MINUTE * 100)
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{_decimal(rest)}S" if rest else ""]
    return "PT" + ("".join(parts) or "0S")


def _decimal(hundredths: int) -> str:
    whole, fraction = divmod(hundredths, 100)
    return f"{whole}.{fraction:02d}".rstrip("0").rstrip(".") if fraction else str(whole)
