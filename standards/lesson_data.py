"""The run-time data of one item or AU: what the content finds, and what it comes to (SCORM 1.2 RTE 3.4).

SCORM 1.1 and 1.2 have the data model of AICC's API (CMI001), so all three share this: one lesson_status, a raw score.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from .durations import format_timespan, timespan_seconds
from .scores import share
from .structure import Activity, ActivityState, Completion, Learner, Outcome, Report, Success

STATUS = "cmi.core.lesson_status"
EXIT = "cmi.core.exit"
SESSION_TIME = "cmi.core.session_time"
TOTAL_TIME = "cmi.core.total_time"
RAW, MIN, MAX = "cmi.core.score.raw", "cmi.core.score.min", "cmi.core.score.max"
GRADED = (STATUS, RAW, MIN, MAX)
MODE = "cmi.core.lesson_mode"
DONE = ("completed", "passed")


def accept(activity: Activity, held: ActivityState, report: Report, settings: Mapping[str, str]) -> ActivityState:
    """An item's state after a report; see `standards.registry.Standard`.

    In a review the status and score already earned stay: credit is no-credit (RTE 3.4.4).
    """
    kept = GRADED if is_review(held) else (STATUS,) if _falls_back(held, report, settings) else ()
    values = {**held.values, **{name: value for name, value in report.values.items() if name not in kept}}
    return replace(
        held,
        values=values,
        outcome=evaluate(values, settings),
        shown_seconds=held.shown_seconds + report.seconds,
    )


def _falls_back(held: ActivityState, report: Report, settings: Mapping[str, str]) -> bool:
    """Whether a completed item would become incomplete again, which PlayerAllowCompleteStatusChange must allow."""
    if settings.get("PlayerAllowCompleteStatusChange") == "YES" or held.values.get(STATUS) not in DONE:
        return False
    return report.values.get(STATUS) in ("incomplete", "browsed", "not attempted")


def is_review(held: ActivityState) -> bool:
    return held.values.get(MODE) == "review"


def evaluate(values: Mapping[str, str], settings: Mapping[str, str]) -> Outcome:
    """What the values of an item's data model come to; seconds are those of earlier sessions and of this one so far."""
    status = values.get(STATUS, "not attempted")
    return Outcome(_completion(status, settings), _success(status), score(values), seconds(values))


def _completion(status: str, settings: Mapping[str, str]) -> Completion:
    """SCORM 1.2 has one status for completion and success; what a failed item is, a setting says."""
    if status in DONE:
        return "completed"
    if status == "failed":
        wanted = settings.get("PlayerCompletionStatOfFailedSuccessStat", "unknown")
        return wanted if wanted in ("completed", "incomplete") else "unknown"  # type: ignore[return-value]
    return "incomplete" if status in ("incomplete", "browsed") else "unknown"


def _success(status: str) -> Success:
    return status if status in ("passed", "failed") else "unknown"  # type: ignore[return-value]


def score(values: Mapping[str, str]) -> float | None:
    """The score as a share of the range reported, 0..1; without a range, of 100 (RTE 3.4.4 cmi.core.score.raw)."""
    raw, low, high = (number(values.get(name, "")) for name in (RAW, MIN, MAX))
    return None if raw is None else share(raw, low, high)


def number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def seconds(values: Mapping[str, str]) -> float:
    """The time of earlier sessions and of this one; what is no timespan counts nothing."""
    return sum(_timespan(values.get(name, "")) for name in (TOTAL_TIME, SESSION_TIME))


def _timespan(text: str) -> float:
    try:
        return timespan_seconds(text)
    except ValueError:
        return 0.0


def close_session(activity: Activity, held: ActivityState, settings: Mapping[str, str], decide: bool) -> ActivityState:
    """The item's state once its session is over: time added up, status decided where the book asks the LMS to.

    cmi.core.session_time is the length of the whole session: it is added once, here (RTE 3.4.4). Content that reports
    none is credited the seconds it was shown. An item that ended without a status is completed, and a mastery score
    decides where the content gave a score (RTE 3.4.4 cmi.core.lesson_status); not yet of one that is suspended as
    incomplete, which nobody has failed.
    """
    values = dict(held.values)
    if not values.get(SESSION_TIME) and held.shown_seconds:
        values[SESSION_TIME] = format_timespan(held.shown_seconds)
    values[TOTAL_TIME] = format_timespan(seconds(values))
    values.pop(SESSION_TIME, None)
    if decide and not is_review(held):
        if values.get(STATUS, "not attempted") == "not attempted":
            values[STATUS] = "incomplete" if values.get(EXIT) == "suspend" else "completed"
        raw = number(values.get(RAW, "")) if settings.get("PlayerScoreOverridesStatus", "YES") == "YES" else None
        under_way = values.get(EXIT) == "suspend" and values[STATUS] == "incomplete"
        if activity.mastery_score is not None and raw is not None and values[STATUS] != "browsed" and not under_way:
            values[STATUS] = "passed" if raw >= activity.mastery_score else "failed"
    return replace(
        held,
        values=values,
        outcome=evaluate(values, settings),
        suspended=values.get(EXIT) == "suspend",
        shown_seconds=0.0,
    )


def initial_values(activity: Activity, held: ActivityState, learner: Learner) -> dict[str, str]:
    """The whole data model the content finds (RTE 3.4.4)."""
    first = held.attempts <= 1 and not held.values.get(TOTAL_TIME)
    values = {name: value for name, value in held.values.items() if name not in (EXIT, SESSION_TIME)}
    values |= {
        "cmi.core.student_id": learner.identifier,
        "cmi.core.student_name": learner.name,
        "cmi.core.credit": "no-credit" if is_review(held) else "credit",
        MODE: held.values.get(MODE, "normal"),
        "cmi.core.entry": "resume" if held.suspended else "ab-initio" if first else "",
        "cmi.launch_data": activity.data_from_lms,
        TOTAL_TIME: held.values.get(TOTAL_TIME, "0000:00:00.00"),
    }
    values.setdefault(STATUS, "not attempted")
    if activity.mastery_score is not None:
        values["cmi.student_data.mastery_score"] = f"{activity.mastery_score:g}"
    if activity.max_time_allowed is not None:
        values["cmi.student_data.max_time_allowed"] = format_timespan(activity.max_time_allowed)
    if activity.time_limit_action:
        values["cmi.student_data.time_limit_action"] = activity.time_limit_action
    return values
