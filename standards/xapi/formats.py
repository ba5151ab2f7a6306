"""Statements as they are asked for: exact, ids or canonical (1.0.3 Communication 2.1.3; 2.0 4.1.6.1)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .statements import IDENTIFIERS

Json = Mapping[str, Any]
Ranges = Sequence[tuple[str, float]]  # language ranges with their quality, best first
FORMATS = ("exact", "ids", "canonical")
_MOST_RANGES = 50
_RANGE = re.compile(
    r"(\*|[A-Za-z]{1,8}(?:-(?:[A-Za-z0-9]{1,8}|\*)){0,12})\s*(?:;\s*[qQ]\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?"
)


def read_accept_language(header: str) -> Ranges:
    """The language ranges of an Accept-Language header, best first; what is none is passed over (RFC 9110 12.5.4)."""
    found = [match.groups() for part in header.split(",")[:_MOST_RANGES] if (match := _RANGE.fullmatch(part.strip()))]
    ranges = [(tag.lower(), float(quality) if quality else 1.0) for tag, quality in found]
    return sorted(ranges, key=lambda entry: -entry[1])


def choose_language(tags: Sequence[str], languages: Ranges) -> str | None:
    """The tag that suits best; None for no tags.

    For each range in turn: the tag itself or a more special one (RFC 4647 3.3.1), then the range cut from its end
    (3.4), then another region of its language. Where nothing suits, "und", then the first. A range of quality 0 bars
    the tags it matches as long as others are left.
    """
    barred = [language for language, quality in languages if not quality and language != "*"]
    open_tags = [tag for tag in tags if not any(_matches(language, tag) for language in barred)] or list(tags)
    for language, quality in languages:
        if quality and (tag := _best(language, open_tags)) is not None:
            return tag
    return next((tag for tag in open_tags if tag.lower() == "und"), open_tags[0] if open_tags else None)


def _best(language: str, tags: Sequence[str]) -> str | None:
    if language == "*":
        return tags[0] if tags else None
    if (found := next((tag for tag in tags if tag.lower() == language), None)) is not None:
        return found
    if (found := next((tag for tag in tags if _matches(language, tag)), None)) is not None:
        return found
    shorter = _shorter(language)
    if shorter:
        return _best(shorter, tags)
    return None


def _matches(language: str, tag: str) -> bool:
    """Basic filtering; a * inside a range stands for nothing or anything."""
    plain = language.replace("-*", "")
    return f"{tag.lower()}-".startswith(f"{plain}-")


def _shorter(language: str) -> str:
    """The range without its last subtag, and without the singleton before that (RFC 4647 3.4)."""
    parts = language.split("-")[:-1]
    while parts and len(parts[-1]) == 1:
        parts.pop()
    return "-".join(parts)


def in_format(
    statement: Json,
    format: str,
    languages: Ranges = (),
    definitions: Mapping[str, Json] | None = None,
    displays: Mapping[str, Json] | None = None,
) -> Json:
    """A stored statement in one of FORMATS.

    `definitions` are the canonical definitions of activities by id, `displays` those of verbs; what is not among them
    stays as in the statement. Where a map has texts in several languages, canonical keeps the one that suits best.
    """
    if format == "ids":
        return _Ids().statement(statement)
    if format == "canonical":
        return _Canonical(languages, definitions or {}, displays or {}).statement(statement)
    return statement


class _Format:
    """Walks a statement; each kind of object may be changed on the way. What does not change is shared."""

    def agent(self, agent: Json) -> Json:
        return agent

    def verb(self, verb: Json) -> Json:
        return verb

    def activity(self, activity: Json) -> Json:
        return activity

    def statement(self, statement: Json) -> dict[str, Any]:
        changed = {**statement, "actor": self.agent(statement["actor"]), "verb": self.verb(statement["verb"])}
        changed["object"] = self._object(statement["object"])
        if "authority" in statement:
            changed["authority"] = self.agent(statement["authority"])
        if "context" in statement:
            changed["context"] = self._context(statement["context"])
        return changed

    def _object(self, target: Json) -> Json:
        kind = target.get("objectType", "Activity")
        if kind == "Activity":
            return self.activity(target)
        if kind == "SubStatement":
            return self.statement(target)
        return self.agent(target) if kind in ("Agent", "Group") else target

    def _context(self, context: Json) -> Json:
        changed = dict(context)
        for name in ("instructor", "team"):
            if name in context:
                changed[name] = self.agent(context[name])
        for name, inner in (("contextAgents", "agent"), ("contextGroups", "group")):
            if name in context:
                changed[name] = [{**entry, inner: self.agent(entry[inner])} for entry in context[name]]
        if "contextActivities" in context:
            changed["contextActivities"] = {
                kind: [self.activity(entry) for entry in ([entries] if isinstance(entries, Mapping) else entries)]
                for kind, entries in context["contextActivities"].items()
            }
        return changed


class _Ids(_Format):
    """Only what identifies agents, groups, verbs and activities."""

    def agent(self, agent: Json) -> Json:
        kept = {name: agent[name] for name in ("objectType", *IDENTIFIERS) if name in agent}
        if "member" in agent and not any(name in agent for name in IDENTIFIERS):
            kept["member"] = [self.agent(member) for member in agent["member"]]
        return kept

    def verb(self, verb: Json) -> Json:
        return {"id": verb["id"]}

    def activity(self, activity: Json) -> Json:
        return {"id": activity["id"]}  # Activity is the type of an object that names none (Data 2.4.4)


class _Canonical(_Format):
    """Canonical definitions and displays, one language of each."""

    def __init__(self, languages: Ranges, definitions: Mapping[str, Json], displays: Mapping[str, Json]) -> None:
        self.languages = languages
        self.definitions = definitions
        self.displays = displays

    def verb(self, verb: Json) -> Json:
        display = self.displays.get(verb["id"], verb.get("display"))
        return {"id": verb["id"], "display": self._one(display)} if display is not None else verb

    def activity(self, activity: Json) -> Json:
        definition = self.definitions.get(activity["id"], activity.get("definition"))
        return {**activity, "definition": self._definition(definition)} if definition is not None else activity

    def _definition(self, definition: Json) -> Json:
        changed = dict(definition)
        for name in ("name", "description"):
            if name in definition:
                changed[name] = self._one(definition[name])
        for name in ("choices", "scale", "source", "target", "steps"):
            if name in definition:
                changed[name] = [self._component(component) for component in definition[name]]
        return changed

    def _component(self, component: Json) -> Json:
        if "description" not in component:
            return component
        return {**component, "description": self._one(component["description"])}

    def _one(self, texts: Json) -> Json:
        tag = choose_language(list(texts), self.languages) if len(texts) > 1 else None
        return {tag: texts[tag]} if tag is not None else texts
