"""Which statements are the same one (1.0.3 Data 2.3.1)."""

import json

import pytest

from standards.xapi.comparison import equivalent
from standards.xapi.statements import SIGNATURE, complete
from standards.xapi.versions import V1_0_3

from .statements import ACTIVITY, AGENT, ATTACHMENT, FULL, GONE, GROUP, SMALL, SUB, UUID, changed

OTHER = {"objectType": "Agent", "openid": "http://openid.example.org/1"}
TWO = {**GROUP, "member": [AGENT, OTHER]}

SAME = {
    "assigned by the LRS": (SMALL, complete(SMALL, UUID, "2020-01-01T00:00:00Z", AGENT, V1_0_3)),
    "authority, stored and version": (
        FULL,
        changed(FULL, ("authority", OTHER), ("stored", "2020-01-01T00:00:00Z"), ("version", "1.0.3")),
    ),
    "display of the verb": (FULL, changed(FULL, ("verb.display", {"de": "fertig"}))),
    "no display": (FULL, changed(FULL, ("verb.display", GONE))),
    "definition": (FULL, changed(FULL, ("object.definition", GONE))),
    "definition in the context": (
        FULL,
        changed(FULL, ("context.contextActivities.parent.0.definition.name", {"fr": "Cours"})),
    ),
    "one context activity for a list of one": (FULL, changed(FULL, ("context.contextActivities.grouping", [ACTIVITY]))),
    "zone of the time": (FULL, changed(FULL, ("timestamp", "2015-11-18T13:17:00.123+01:00"))),
    "case of the id": (changed(FULL, ("id", "a" + UUID[1:])), changed(FULL, ("id", "A" + UUID[1:]))),
    "case of the host": (FULL, changed(FULL, ("actor.mbox", "mailto:ana@EXAMPLE.com"))),
    "case of the language": (FULL, changed(FULL, ("context.language", "EN-us"))),
    "order of members": (
        changed(FULL, ("context.team", TWO)),
        changed(FULL, ("context.team", {**TWO, "member": [OTHER, AGENT]})),
    ),
    "order of properties": (FULL, dict(reversed(FULL.items()))),
    "a signature": (
        FULL,
        changed(FULL, ("attachments", [ATTACHMENT, {**ATTACHMENT, "usageType": SIGNATURE}])),
    ),
    "1 and 1.0": (FULL, changed(FULL, ("result.score.raw", 5.0))),
    "a definition in a sub-statement": (
        changed(SMALL, ("object", SUB)),
        changed(SMALL, ("object", changed(SUB, ("object.definition", {})))),
    ),
}
DIFFERENT = {
    "id": changed(FULL, ("id", UUID[:-1] + "9")),
    "actor": changed(FULL, ("actor", OTHER)),
    "name of the actor": changed(FULL, ("actor.name", "Anna")),
    "case before the host": changed(FULL, ("actor.mbox", "mailto:Ana@example.com")),
    "verb": changed(FULL, ("verb.id", "http://adlnet.gov/expapi/verbs/passed")),
    "object": changed(FULL, ("object.id", "https://example.com/other")),
    "timestamp": changed(FULL, ("timestamp", "2015-11-18T12:17:00.124Z")),
    "written duration": changed(FULL, ("result.duration", "PT16559.14S")),
    "score": changed(FULL, ("result.score.raw", 6)),
    "no result": changed(FULL, ("result", GONE)),
    "extensions": changed(FULL, ("result.extensions", {"https://example.com/ext": {"any": [1, False]}})),
    "true for 1": changed(FULL, ("result.extensions", {"https://example.com/ext": {"any": [True, None]}})),
    "order of a list in extensions": changed(
        FULL, ("result.extensions", {"https://example.com/ext": {"any": [None, 1]}})
    ),
    "members": changed(FULL, ("context.team.member", [AGENT, AGENT])),
    "context activities": changed(FULL, ("context.contextActivities.category", [ACTIVITY])),
    "attachment": changed(FULL, ("attachments", [])),
    "registration": changed(FULL, ("context.registration", UUID[:-1] + "9")),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME.keys())
def test_differences_that_do_not_count(pair):
    before = json.dumps(pair)

    assert (equivalent(*pair), equivalent(*reversed(pair))) == (True, True)
    assert json.dumps(pair) == before


@pytest.mark.parametrize("other", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_differences_that_count(other):
    assert (equivalent(FULL, other), equivalent(other, FULL)) == (False, False)


def test_context_agents_are_agents():
    def statement(agent):
        return {**SMALL, "context": {"contextAgents": [{"objectType": "contextAgent", "agent": agent}]}}

    assert equivalent(statement(AGENT), statement({**AGENT, "mbox": "mailto:ana@Example.COM"}))
    assert not equivalent(statement(AGENT), statement(OTHER))


def test_extensions_of_any_depth_are_compared():
    def statement(inside):
        return {**SMALL, "result": {"extensions": {"a:b": json.loads("[" * 800 + inside + "]" * 800)}}}

    assert equivalent(statement("1"), statement("1.0"))
    assert not equivalent(statement("1"), statement("2"))
