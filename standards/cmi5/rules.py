"""The rules of the statements an AU sends (cmi5 7.1, 9, 10.2). Refusals carry the requirement's number.

Statements come in as JSON that keeps the rules of xAPI already. What they are held against is the session they belong
to and what the registration has had before.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..structure import Activity
from ..xapi.errors import StatementError
from ..xapi.values import read_timestamp
from ..xapi.versions import V1_0_3
from .errors import Cmi5Violation
from .vocabulary import (
    AU_VERBS,
    CMI5,
    MASTERY_SCORE,
    MOVE_ON_CATEGORY,
    PROGRESS,
    SESSION_ID,
    VERB_NAMES,
    VOIDED,
)

Json = Mapping[str, Any]

_UTC = re.compile(r"(Z|\+00(:?00)?)$", re.IGNORECASE)
CLOCK_SLACK = timedelta(seconds=1)  # statements that are written with whole seconds look older than they are
_RESULTS = ("completed", "passed", "failed", "terminated")  # verbs whose result tells the duration (9.5.4.1)


@dataclass(frozen=True)
class Terms:
    """What the statements of one session are held against."""

    au: Activity
    activity_id: str  # made by the LMS (8.1.5)
    session_id: str
    registration: str
    actor: Json
    mode: str = "Normal"
    mastery_score: float | None = None
    preferences_read: bool = True  # 11.0.0.0-3
    verbs: Mapping[str, str] = field(default_factory=dict)  # of this session: verb -> statement id
    earlier: frozenset[str] = frozenset()  # completed and passed, where the registration has them for this AU
    initialized: str = ""  # timestamp
    latest: str = ""  # timestamp of the newest statement


def is_defined(statement: Json) -> bool:
    """Whether it is a "cmi5 defined" statement: one with the cmi5 category (7.1.3)."""
    return CMI5 in _ids(_activities(statement, "category"))


def verb_of(statement: Json) -> str:
    """The name of the cmi5 verb of a cmi5 defined statement; "" for any other."""
    return VERB_NAMES.get(_verb_id(statement), "") if is_defined(statement) else ""


def check(statement: Json, terms: Terms) -> None:
    """Raises Cmi5Violation where the statement breaks a rule of its session."""
    try:
        _check_any(statement, terms)
        if is_defined(statement):
            _check_defined(statement, terms)
        _check_order(statement, terms)
    except Cmi5Violation as violation:
        violation.statement_id = str(statement.get("id", ""))
        raise


# --- every statement --------------------------------------------------------------------------------------------------


def _check_any(statement: Json, terms: Terms) -> None:
    if not statement.get("id"):
        raise Cmi5Violation("9.1.0.0-1", "The statement has no id")
    if _verb_id(statement) == VOIDED:
        raise Cmi5Violation("6.3.0.0-1", "An AU may not void statements")
    _check_actor(statement, terms)
    _check_timestamp(statement)
    _check_context(statement, terms)
    progress = _object(_object(statement.get("result")).get("extensions")).get(PROGRESS)
    if progress is not None and not is_percentage(progress):
        raise Cmi5Violation("9.5.5.1", "The progress must be a whole number from 0 to 100")
    if not is_defined(statement):
        _refuse_move_on_category(statement)


def is_percentage(progress: object) -> bool:
    """Whether it is an integer between 0 and 100 (9.5.5.1); 50.0 is one too."""
    if not isinstance(progress, int | float) or isinstance(progress, bool):
        return False
    return 0 <= progress <= 100 and progress == int(progress)


def _refuse_move_on_category(statement: Json) -> None:
    if MOVE_ON_CATEGORY in _ids(_all_activities(statement)):
        raise Cmi5Violation(
            "9.6.2.2-2", "Only cmi5 defined statements with success or completion have the moveOn category"
        )


def _check_actor(statement: Json, terms: Terms) -> None:
    actor = _object(statement.get("actor"))
    if actor.get("objectType", "Agent") != "Agent":
        raise Cmi5Violation("9.2.0.0-2", "The actor is no Agent")
    if "account" not in actor:
        raise Cmi5Violation("9.2.0.0-3", "The actor has no account")
    if not is_same_agent(actor, terms.actor):
        raise Cmi5Violation("8.1.3.0-3", "The actor is not the one of the launch")


def is_same_agent(agent: object, actor: Json) -> bool:
    """Whether an agent is the learner of the launch: the same account, and no other identifier."""
    if not isinstance(agent, Mapping) or agent.get("objectType", "Agent") != "Agent":
        return False
    account, own = _object(agent.get("account")), _object(actor.get("account"))
    return (account.get("homePage"), account.get("name")) == (own.get("homePage"), own.get("name"))


def _check_timestamp(statement: Json) -> None:
    timestamp = statement.get("timestamp")
    if not isinstance(timestamp, str) or not timestamp:
        raise Cmi5Violation("9.7.0.0-1", "The statement has no timestamp")
    if read_time(timestamp) is None:
        raise Cmi5Violation("9.7.0.0-2", f"The timestamp {timestamp[:60]} is not in UTC")


def _check_context(statement: Json, terms: Terms) -> None:
    context = statement.get("context")
    if not isinstance(context, Mapping):
        raise Cmi5Violation("9.6.0.0-1", "The statement has no context")
    if str(context.get("registration", "")).lower() != terms.registration.lower():
        raise Cmi5Violation("9.6.1.0-1", "context.registration is not the one of the launch")
    session = _object(context.get("extensions")).get(SESSION_ID)
    if session is None:
        raise Cmi5Violation("9.6.3.1-4", "context.extensions has no session id")
    if session != terms.session_id:
        raise Cmi5Violation("10.2.1.0-7", "The session id in context.extensions is not the one of the contextTemplate")
    if terms.au.identifier not in _ids(_activities(statement, "grouping")):
        requirement = "9.6.2.0-1" if is_defined(statement) else "10.2.1.0-6"
        raise Cmi5Violation(requirement, "context.contextActivities.grouping lacks the AU's id of the contextTemplate")


# --- cmi5 defined statements ------------------------------------------------------------------------------------------


def _check_defined(statement: Json, terms: Terms) -> None:
    verb = verb_of(statement)
    if verb not in AU_VERBS:
        raise Cmi5Violation("9.3.0.0-1", "The verb of a cmi5 defined statement is none that an AU may use")
    if terms.mode != "Normal" and verb not in ("initialized", "terminated"):
        requirement = "10.2.2.0-2" if terms.mode == "Browse" else "10.2.2.0-3"
        raise Cmi5Violation(requirement, f"In mode {terms.mode} an AU may not send {verb}")
    _check_object(statement, terms)
    _check_result(verb, statement, terms)
    _check_repetition(verb, terms)


def _check_object(statement: Json, terms: Terms) -> None:
    target = _object(statement.get("object"))
    if target.get("objectType", "Activity") != "Activity" or not target.get("id"):
        raise Cmi5Violation("9.4.0.0-1", "The object of a cmi5 defined statement is the AU")
    if target["id"] != terms.activity_id:
        raise Cmi5Violation("9.4.0.0-2", "object.id is not the activityId of the launch")


def _check_result(verb: str, statement: Json, terms: Terms) -> None:
    result = _object(statement.get("result"))
    if "score" in result and verb not in ("passed", "failed"):
        raise Cmi5Violation("9.5.1.0-2", f"A {verb} statement may have no score")
    _check_success(verb, result)
    _check_completion(verb, result)
    if verb in _RESULTS and not result.get("duration"):
        part = _RESULTS.index(verb)
        raise Cmi5Violation(f"9.5.4.1-{(2, 3, 4, 1)[part]}", f"A {verb} statement must have result.duration")
    if "success" not in result and "completion" not in result:
        _refuse_move_on_category(statement)
    elif MOVE_ON_CATEGORY not in _ids(_activities(statement, "category")):
        raise Cmi5Violation("9.6.2.2-1", f"A {verb} statement must have the moveOn category")
    if verb in ("passed", "failed"):
        _check_mastery_score(statement, terms)
    if "score" in result:
        _check_score(verb, _object(result["score"]), statement, terms)


def _told_mastery_score(statement: Json) -> object:
    return _object(_object(statement.get("context")).get("extensions")).get(MASTERY_SCORE)


def _check_mastery_score(statement: Json, terms: Terms) -> None:
    """The one that is told is the one that was given, with a score or without."""
    told = _told_mastery_score(statement)
    if terms.mastery_score is None or told is None or (_is_number(told) and told == terms.mastery_score):
        return
    raise Cmi5Violation("10.2.4.0-2", f"masteryScore is {terms.mastery_score:g} in the launch data")


def _check_success(verb: str, result: Json) -> None:
    wanted = {"passed": True, "failed": False}.get(verb)
    if wanted is None and "success" in result:
        raise Cmi5Violation("9.5.2.0-3", f"A {verb} statement may have no result.success")
    if wanted is not None and result.get("success") is not wanted:
        requirement = "9.5.2.0-1" if wanted else "9.5.2.0-2"
        raise Cmi5Violation(requirement, f"result.success of a {verb} statement must be {str(wanted).lower()}")


def _check_completion(verb: str, result: Json) -> None:
    if verb == "completed" and result.get("completion") is not True:
        raise Cmi5Violation("9.5.3.0-1", "result.completion of a completed statement must be true")
    if verb != "completed" and "completion" in result:
        raise Cmi5Violation("9.5.3.0-2", f"A {verb} statement may have no result.completion")


def _check_score(verb: str, score: Json, statement: Json, terms: Terms) -> None:
    if "raw" in score and not ("min" in score and "max" in score):
        raise Cmi5Violation("9.5.1.0-3", "score.raw needs score.min and score.max")
    scaled = score.get("scaled")
    if isinstance(scaled, int | float) and scaled < 0:
        raise Cmi5Violation("9.5.1.0-1", "score.scaled must be between 0 and 1")
    if terms.mastery_score is None:
        return
    if _told_mastery_score(statement) is None:
        raise Cmi5Violation("9.6.3.2-2", f"A {verb} statement with a score must have masteryScore in its context")
    if scaled is None:
        return
    if verb == "passed" and scaled < terms.mastery_score:
        raise Cmi5Violation("9.3.4.0-2", f"score.scaled {scaled:g} is below the masteryScore")
    if verb == "failed" and scaled >= terms.mastery_score:
        raise Cmi5Violation("9.3.5.0-2", f"score.scaled {scaled:g} is not below the masteryScore")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_repetition(verb: str, terms: Terms) -> None:
    """What a session and a registration may have once (9.3)."""
    if verb == "initialized" and verb in terms.verbs:
        raise Cmi5Violation("9.3.2.0-3", "The session has an initialized statement already")
    if verb == "completed" and "completed" in terms.earlier:
        raise Cmi5Violation("9.3.0.0-6", "The registration has a completed statement of this AU")
    if verb == "passed" and "passed" in terms.earlier:
        raise Cmi5Violation("9.3.0.0-7", "The registration has a passed statement of this AU")
    if verb == "failed" and "passed" in terms.earlier:
        raise Cmi5Violation("9.3.0.0-8", "A failed statement may not follow a passed one")
    if verb in terms.verbs:
        raise Cmi5Violation("9.3.0.0-2", f"The session has a {verb} statement already")
    if verb in ("passed", "failed") and ("passed" in terms.verbs or "failed" in terms.verbs):
        raise Cmi5Violation("9.3.0.0-3", "The session has a passed or failed statement already")


# --- order ------------------------------------------------------------------------------------------------------------


def _check_order(statement: Json, terms: Terms) -> None:
    """initialized first, terminated last, by the order of arrival and of timestamps (9.3, 7.1.3)."""
    verb = verb_of(statement)
    if "terminated" in terms.verbs:
        raise Cmi5Violation("9.3.0.0-5", "The session has been terminated")
    if verb == "initialized":
        if not terms.preferences_read:
            raise Cmi5Violation("11.0.0.0-3", "The learner preferences must be read before the initialized statement")
        return
    if "initialized" not in terms.verbs:
        requirement = "9.3.0.0-4" if verb else "7.1.3.0-1"
        raise Cmi5Violation(requirement, "The first statement of a session must be initialized")
    moment, first, latest = (read_time(text) for text in (statement["timestamp"], terms.initialized, terms.latest))
    if moment and first and first - moment > CLOCK_SLACK:
        raise Cmi5Violation("9.3.0.0-4", "The timestamp is before that of the initialized statement")
    if verb == "terminated" and moment and latest and latest - moment > CLOCK_SLACK:
        raise Cmi5Violation("9.3.0.0-5", "The timestamp is before that of another statement of the session")


# --- reading ----------------------------------------------------------------------------------------------------------


def read_time(text: str) -> datetime | None:
    """The moment a timestamp in UTC names; None where it is none, or in another zone (9.7)."""
    if not _UTC.search(text):
        return None
    try:
        return read_timestamp(text, V1_0_3)
    except StatementError:
        return None


def _verb_id(statement: Json) -> str:
    return str(_object(statement.get("verb")).get("id", ""))


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _activities(statement: Json, name: str) -> list[Any]:
    """A list of context activities, where xAPI 1.0 also takes a single one."""
    found = _object(_object(statement.get("context")).get("contextActivities")).get(name)
    return found if isinstance(found, list) else [] if found is None else [found]


def _all_activities(statement: Json) -> list[Any]:
    names = _object(_object(statement.get("context")).get("contextActivities"))
    return [activity for name in names for activity in _activities(statement, name)]


def _ids(activities: Iterable[Any]) -> set[str]:
    return {str(_object(activity).get("id", "")) for activity in activities}
