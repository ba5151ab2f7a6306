"""By which agents and activities a statement is found (1.0.3 Communication 2.1.3)."""

import pytest

from standards.xapi.identity import activities_of, agent_key, agents_of, definitions_of

from .statements import ACTIVITY, AGENT, GROUP, REFERENCE, SMALL, SUB, changed


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ({"mbox": "mailto:a@b.c"}, {"mbox": "mailto:a@B.C", "name": "x", "objectType": "Group"}, True),
        ({"mbox": "mailto:a@b.c"}, {"mbox": "mailto:A@b.c"}, False),
        ({"mbox_sha1sum": "AB" * 20}, {"mbox_sha1sum": "ab" * 20}, True),
        ({"openid": "http://a.b/C"}, {"openid": "http://a.b/c"}, False),
        ({"openid": "urn:a"}, {"mbox": "mailto:a@b.c"}, False),
        (
            {"account": {"homePage": "http://a", "name": "b c"}},
            {"account": {"name": "b c", "homePage": "http://a"}},
            True,
        ),
        ({"account": {"homePage": "http://a", "name": "b"}}, {"account": {"homePage": "http://a", "name": "B"}}, False),
        (
            {"account": {"homePage": "http://a", "name": "b c"}},
            {"account": {"homePage": "http://a b", "name": "c"}},
            True,
        ),
    ],
)
def test_agents_are_equal_by_their_identifiers(a, b, same):
    assert (agent_key(a) == agent_key(b)) == same


def who(name):
    return {"openid": f"urn:{name}"}


def team(name, *members):
    identified = who(name) if name else {}
    return {"objectType": "Group", **identified, "member": [who(member) for member in members]}


def what(name):
    return {"id": f"urn:{name}", "definition": {"name": {"en": name}}}


CONTEXT = {
    "instructor": team("instructor", "i1"),
    "team": team("", "t1", "t2"),
    "contextAgents": [{"objectType": "contextAgent", "agent": who("ca")}],
    "contextGroups": [{"objectType": "contextGroup", "group": team("cg", "cg1")}],
    "contextActivities": {"parent": what("parent"), "other": [what("other"), {"id": "urn:plain"}]},
}
STATEMENT = {
    "actor": team("actor", "a1"),
    "verb": {"id": "urn:v"},
    "object": what("object"),
    "authority": team("", "key", "user"),
    "context": CONTEXT,
}
NESTED = {
    "actor": who("outer"),
    "verb": {"id": "urn:v"},
    "object": {
        "objectType": "SubStatement",
        **{name: STATEMENT[name] for name in ("actor", "verb", "object", "context")},
    },
}


def keys(*names):
    return {f"openid:urn:{name}" for name in names}


def test_agents():
    related = keys("actor", "a1", "instructor", "i1", "t1", "t2", "ca", "cg", "cg1")

    assert agents_of(STATEMENT, related=False) == keys("actor", "a1")
    assert agents_of(STATEMENT, related=True) == related | keys("key", "user")
    assert agents_of({**STATEMENT, "object": {**who("o"), "objectType": "Agent"}}, related=False) == keys(
        "actor", "a1", "o"
    )
    assert agents_of(NESTED, related=False) == keys("outer")
    assert agents_of(NESTED, related=True) == related | keys("outer")


def test_activities():
    related = {"urn:object", "urn:parent", "urn:other", "urn:plain"}

    assert activities_of(STATEMENT, related=False) == {"urn:object"}
    assert activities_of(STATEMENT, related=True) == related
    assert activities_of(NESTED, related=False) == set()
    assert activities_of(NESTED, related=True) == related
    assert activities_of(changed(SMALL, ("object", REFERENCE)), related=True) == set()
    assert activities_of(changed(SMALL, ("object", AGENT)), related=True) == set()


def test_definitions_are_gathered_from_everywhere():
    assert definitions_of(NESTED) == {f"urn:{name}": {"name": {"en": name}} for name in ("object", "parent", "other")}


def test_the_full_statement_is_found_by_what_it_names():
    statement = changed(SMALL, ("object", SUB), ("actor", GROUP))

    assert agents_of(statement, related=False) == {"mailto:team@example.com", "mailto:ana@example.com"}
    assert activities_of(statement, related=True) == {ACTIVITY["id"]}
