"""A statement as a person reads it: who did what, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from realms.templatetags.console import duration, percent
from standards.durations import duration_seconds
from standards.xapi.formats import choose_language

from .models import moment_of
from .queries import Found

Json = Mapping[str, Any]
ENGLISH = (("en", 1.0), ("*", 0.1))


@dataclass(frozen=True)
class Line:
    """A statement in words, what filters by its parts, and its JSON."""

    id: str
    stored: datetime
    actor: str
    actor_filter: str  # the agent as JSON
    verb: str
    verb_id: str
    object: str
    activity_id: str  # "" where the object is no activity
    result: str
    registration: str
    json: str


def line(found: Found) -> Line:
    stored, body = found
    statement = json.loads(body)
    actor, verb, target = statement["actor"], statement["verb"], statement["object"]
    kept = {name: actor[name] for name in ("mbox", "mbox_sha1sum", "openid", "account") if name in actor}
    return Line(
        id=statement["id"],
        stored=moment_of(stored),
        actor=agent_words(actor),
        actor_filter=json.dumps(kept) if kept else "",
        verb=verb_words(verb),
        verb_id=verb["id"],
        object=object_words(target),
        activity_id=target["id"] if target.get("objectType", "Activity") == "Activity" else "",
        result=result_words(statement.get("result", {})),
        registration=statement.get("context", {}).get("registration", ""),
        json=json.dumps(statement, ensure_ascii=False, indent=2),
    )


def agent_words(agent: Json) -> str:
    """The name, or what identifies the agent; for a group without either its members."""
    if agent.get("name"):
        return agent["name"]
    if account := agent.get("account"):
        return account["name"]
    found = agent.get("mbox", "").removeprefix("mailto:") or agent.get("openid") or agent.get("mbox_sha1sum")
    members = ", ".join(map(agent_words, agent.get("member", ())))
    return found or _("a group of %(members)s") % {"members": members}


def verb_words(verb: Json) -> str:
    return _text(verb.get("display", {})) or verb["id"].rstrip("/").rpartition("/")[2]


def object_words(target: Json) -> str:
    match target.get("objectType", "Activity"):
        case "Agent" | "Group":
            return agent_words(target)
        case "StatementRef":
            return _("statement %(id)s") % {"id": target["id"]}
        case "SubStatement":
            return f"“{agent_words(target['actor'])} {verb_words(target['verb'])} {object_words(target['object'])}”"
    return _text(target.get("definition", {}).get("name", {})) or target["id"]


def result_words(result: Json) -> str:
    """Score, success, completion, response and duration, those that are there."""
    score = result.get("score", {})
    words = []
    if "scaled" in score:
        words.append(_("score %(score)s") % {"score": percent(score["scaled"])})
    elif "raw" in score:
        words.append(_score_words(score))
    for name, yes, no in (("success", _("passed"), _("failed")), ("completion", _("completed"), _("not completed"))):
        if name in result:
            words.append(yes if result[name] else no)
    if result.get("response"):
        words.append(_("answer “%(answer)s”") % {"answer": result["response"][:80]})
    if "duration" in result:
        words.append(_("in %(time)s") % {"time": _time(result["duration"])})
    return ", ".join(words)


def _score_words(score: Json) -> str:
    if "max" in score:
        return _("score %(score)s of %(most)s") % {"score": _number(score["raw"]), "most": _number(score["max"])}
    return _("score %(score)s") % {"score": _number(score["raw"])}


def _time(text: str) -> str:
    """A duration in hours, minutes and seconds; as it stands where it is none of ISO 8601."""
    try:
        return duration(duration_seconds(text))
    except ValueError:
        return text


def _number(value: float) -> str:
    return number_format(f"{value:g}") if abs(value) < 10**15 else f"{str(value)[:15]}…"


def _text(texts: Json) -> str:
    tag = choose_language(list(texts), ENGLISH)
    return texts[tag] if tag is not None else ""
