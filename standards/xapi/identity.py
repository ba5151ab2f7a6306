"""Who and what a statement is about, as keys to find it by (1.0.3 Communication 2.1.3)."""

from collections.abc import Iterator, Mapping
from typing import Any

from .statements import CONTEXT_ACTIVITIES

Json = Mapping[str, Any]


def agent_key(agent: Json) -> str:
    """One key for all spellings of an agent's or a group's identifier; "" for a group that has none.

    Agents and groups with the same identifier are equal (Communication 2.1.3). Case counts, but for the domain of an
    address and the digits of a hash (Data 2.4.2.3).
    """
    if mbox := agent.get("mbox"):
        name, _, host = mbox.rpartition("@")
        return f"{name}@{host.lower()}"
    if digest := agent.get("mbox_sha1sum"):
        return f"sha1:{digest.lower()}"
    if openid := agent.get("openid"):
        return f"openid:{openid}"
    if account := agent.get("account"):
        return f"account:{account['homePage']} {account['name']}"  # an IRL has no blank: the two cannot be mixed up
    return ""


def agents_of(statement: Json, related: bool) -> set[str]:
    """The keys of the agents and groups a statement is found by, members of groups too.

    Actor and object; where `related` also authority, instructor, team, contextAgents, contextGroups, and all of these
    in a SubStatement.
    """
    keys: set[str] = set()
    for agent in _agents(statement, related):
        keys.add(agent_key(agent))
        keys.update(map(agent_key, agent.get("member", ())))
    keys.discard("")
    return keys


def _agents(statement: Json, related: bool) -> Iterator[Json]:
    target = statement["object"]
    yield statement["actor"]
    if target.get("objectType") in ("Agent", "Group"):
        yield target
    if not related:
        return
    context = statement.get("context", {})
    yield from (
        agent for agent in (statement.get("authority"), context.get("instructor"), context.get("team")) if agent
    )
    yield from (entry["agent"] for entry in context.get("contextAgents", ()))
    yield from (entry["group"] for entry in context.get("contextGroups", ()))
    if target.get("objectType") == "SubStatement":
        yield from _agents(target, True)


def activities_of(statement: Json, related: bool) -> set[str]:
    """The ids of the activities a statement is found by: its object; where `related` also those of its context, and
    both in a SubStatement."""
    return {activity["id"] for activity in _activities(statement, related)}


def _activities(statement: Json, related: bool) -> Iterator[Json]:
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        yield target
    if not related:
        return
    context = statement.get("context", {}).get("contextActivities", {})
    for name in CONTEXT_ACTIVITIES:
        entries = context.get(name, ())
        yield from (entries,) if isinstance(entries, Mapping) else entries
    if kind == "SubStatement":
        yield from _activities(target, True)


def definitions_of(statement: Json) -> dict[str, Json]:
    """What a statement says of activities, by their ids: those without a definition are left out."""
    return {
        activity["id"]: activity["definition"]
        for activity in _activities(statement, related=True)
        if activity.get("definition")
    }
