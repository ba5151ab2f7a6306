"""The rules of a statement, by clause: what is allowed, and where a refusal says it is broken."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.xapi import statements
from standards.xapi.errors import StatementError
from standards.xapi.statements import VOIDED, check_agent, check_statement, check_statements, complete
from standards.xapi.versions import V1_0_3, V2_0_0, VERSIONS, version_of

from .statements import (
    ACTIVITY,
    AGENT,
    ANONYMOUS,
    ATTACHMENT,
    FULL,
    GONE,
    GROUP,
    REFERENCE,
    SMALL,
    SUB,
    UUID,
    changed,
)

BOTH = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
CONTEXT_AGENT = {"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["https://example.com/type"]}
CONTEXT_GROUP = {"objectType": "contextGroup", "group": GROUP, "relevantTypes": ["https://example.com/type"]}


def refusal(statement, version=V1_0_3):
    """The path of what is wrong, None where nothing is."""
    try:
        check_statement(statement, version)
    except StatementError as error:
        return error.path if error.message and error.clause else "neither words nor clause"
    return None


def in_sub_statement(statement, *changes):
    return changed(SMALL, ("object", changed(statement, *changes)))


# --- allowed ----------------------------------------------------------------------------------------------------------

ALLOWED = {
    "2.2 the least": (SMALL,),
    "2.2 all at once": (FULL,),
    "2.2 any order": (dict(reversed(FULL.items())),),
    "2.4.2.1 sha1": (FULL, ("actor", {"mbox_sha1sum": "CD9b00a5611f94eaa7b1661edab976068e364975"})),
    "2.4.2.1 openid": (FULL, ("actor", {"openid": "http://openid.example.org/12345"})),
    "2.4.2.1 account": (FULL, ("actor", {"account": {"homePage": "https://example.com", "name": ""}})),
    "2.4.2.2 identified group without members": (FULL, ("actor", {"objectType": "Group", "openid": "urn:a"})),
    "2.4.2.2 identified group with an empty list": (FULL, ("actor", {**GROUP, "member": []})),
    "2.4.2.2 anonymous group": (FULL, ("actor", ANONYMOUS)),
    "2.4.2.3 address in other letters": (FULL, ("actor.mbox", "mailto:jürgen+x@bücher.example")),
    "2.4.3 no display": (FULL, ("verb.display", GONE)),
    "2.4.3 display of no language": (FULL, ("verb.display", {})),
    "2.4.3 IRI of other letters": (FULL, ("verb.id", "http://example.com/فعل/خواندن")),
    "2.4.4.1 URN": (FULL, ("object.id", "urn:uuid:12345678-1234-5678-1234-567812345678")),
    "2.4.4.1 definition of nothing": (FULL, ("object.definition", {})),
    "2.4.4.2 agent as object": (SMALL, ("object", AGENT)),
    "2.4.4.2 group as object": (SMALL, ("object", ANONYMOUS)),
    "2.4.4.3 reference": (SMALL, ("object", REFERENCE)),
    "2.4.4.3 sub-statement": (SMALL, ("object", SUB)),
    "2.4.4.3 reference in a sub-statement": (
        SMALL,
        ("object", changed(SUB, ("object", REFERENCE), ("context.revision", GONE), ("context.platform", GONE))),
    ),
    "2.3.2 voiding": (SMALL, ("verb.id", VOIDED), ("object", REFERENCE)),
    "2.4.5 empty result": (FULL, ("result", {})),
    "2.4.5.1 bounds": (FULL, ("result.score", {"scaled": -1, "raw": 0, "min": 0, "max": 0.5})),
    "2.4.5.1 nothing of it": (FULL, ("result.score", {})),
    "2.4.5.1 large numbers": (FULL, ("result.score", {"raw": 10**30, "max": 10**31})),
    "2.4.6 revision without objectType": (FULL, ("object.objectType", GONE)),
    "2.4.6.2 no activities": (FULL, ("context.contextActivities", {})),
    "2.4.9 group of two as authority": (FULL, ("authority", {"objectType": "Group", "member": [AGENT, AGENT]})),
    "2.4.10 1.0": (FULL, ("version", "1.0")),
    "2.4.10 1.0.9": (FULL, ("version", "1.0.9")),
    "2.4.11 no attachments": (FULL, ("attachments", [])),
    "2.4.11 whole length as a float": (FULL, ("attachments.0.length", 27.0)),
    "2.4.11 no URL": (FULL, ("attachments.0.fileUrl", GONE)),
    "2.4.11 sha-512": (FULL, ("attachments.0.sha2", "a" * 128)),
    "2.6 signature": (
        FULL,
        ("attachments.0.usageType", statements.SIGNATURE),
        ("attachments.0.contentType", "application/octet-stream"),
    ),
    "4.1 any values": (
        FULL,
        ("result.extensions", {"a:b": None, "http://x.y/z": [{"null": None, "NULL": {"deep": [None]}}], "c:d": ""}),
    ),
    "4.4 upper case": (FULL, ("id", "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE")),
}


@BOTH
@pytest.mark.parametrize("case", ALLOWED.values(), ids=ALLOWED.keys())
def test_statement_is_allowed(case, version):
    statement, *changes = case

    assert refusal(changed(statement, *changes), version) is None


# --- refused ----------------------------------------------------------------------------------------------------------

WRONG = {
    # 2.2
    "2.2 no actor": (FULL, ("actor", GONE), "actor"),
    "2.2 no verb": (FULL, ("verb", GONE), "verb"),
    "2.2 no object": (FULL, ("object", GONE), "object"),
    "2.2 null": (FULL, ("result", None), "result"),
    "2.2 null within": (FULL, ("actor.name", None), "actor.name"),
    "2.2 null in a language map": (FULL, ("verb.display.en-US", None), "verb.display.en-US"),
    "2.2 null as context activity": (
        FULL,
        ("context.contextActivities.parent", None),
        "context.contextActivities.parent",
    ),
    "2.2 string for number": (FULL, ("result.score.scaled", "0.5"), "result.score.scaled"),
    "2.2 string for boolean": (FULL, ("result.success", "true"), "result.success"),
    "2.2 number for boolean": (FULL, ("result.completion", 1), "result.completion"),
    "2.2 boolean for number": (FULL, ("result.score.raw", True), "result.score.raw"),
    "2.2 infinite number": (FULL, ("result.score.raw", float("inf")), "result.score.raw"),
    "2.2 a number of 400 digits": (FULL, ("result.score.raw", 10**400), "result.score.raw"),
    "2.2 no number": (FULL, ("result.score.raw", float("nan")), "result.score.raw"),
    "2.2 case of a key": (FULL, ("Result", {}), "Result"),
    "2.2 unknown key": (FULL, ("context.mood", "good"), "context.mood"),
    "2.2 case of a value": (FULL, ("actor.objectType", "agent"), "actor.objectType"),
    "2.2 IRI without scheme": (FULL, ("object.id", "example.com/course"), "object.id"),
    "2.2 IRI with a blank": (FULL, ("object.id", "http://example.com/a b"), "object.id"),
    "2.2 empty IRI": (FULL, ("verb.id", ""), "verb.id"),
    "2.2 a list for an object": (FULL, ("actor", [AGENT]), "actor"),
    # 2.4.1
    "2.4.1 too many digits": (FULL, ("id", UUID + "8"), "id"),
    "2.4.1 no hexadecimal": (FULL, ("id", "M" + UUID[1:]), "id"),
    "2.4.1 without hyphens": (FULL, ("id", UUID.replace("-", "")), "id"),
    "2.4.1 in braces": (FULL, ("id", "{" + UUID + "}"), "id"),
    "2.4.1 number": (FULL, ("id", 5), "id"),
    "2.4.1 line end": (FULL, ("id", UUID + "\n"), "id"),
    # 2.4.2
    "2.4.2.1 no identifier": (FULL, ("actor", {"name": "Ana"}), "actor"),
    "2.4.2.1 two identifiers": (FULL, ("actor", {**AGENT, "openid": "http://a.b/c"}), "actor"),
    "2.4.2.1 member of an agent": (FULL, ("actor.member", []), "actor.member"),
    "2.4.2.1 objectType": (FULL, ("actor.objectType", "Person"), "actor.objectType"),
    "2.4.2.1 objectType of another kind": (FULL, ("actor.objectType", ["Group"]), "actor.objectType"),
    "2.4.2.2 anonymous without members": (FULL, ("actor", {"objectType": "Group"}), "actor.member"),
    "2.4.2.2 anonymous with none": (FULL, ("actor", {"objectType": "Group", "member": []}), "actor.member"),
    "2.4.2.2 two identifiers": (FULL, ("actor", {**GROUP, "openid": "http://a.b/c"}), "actor"),
    "2.4.2.2 group as member": (FULL, ("actor", {**GROUP, "member": [AGENT, GROUP]}), "actor.member[1].objectType"),
    "2.4.2.2 member without identifier": (FULL, ("actor", {**GROUP, "member": [{}]}), "actor.member[0]"),
    "2.4.2.2 members no list": (FULL, ("actor", {**GROUP, "member": AGENT}), "actor.member"),
    "2.4.2.3 no mailto": (FULL, ("actor.mbox", "ana@example.com"), "actor.mbox"),
    "2.4.2.3 no address": (FULL, ("actor.mbox", "mailto:example.com"), "actor.mbox"),
    "2.4.2.3 two addresses": (FULL, ("actor.mbox", "mailto:a@b.c,d@e.f"), "actor.mbox"),
    "2.4.2.3 sha1 too short": (FULL, ("actor", {"mbox_sha1sum": "abc"}), "actor.mbox_sha1sum"),
    "2.4.2.3 openid": (FULL, ("actor", {"openid": "ab=c://should.fail.com"}), "actor.openid"),
    "2.4.2.4 no homePage": (FULL, ("actor", {"account": {"name": "a"}}), "actor.account.homePage"),
    "2.4.2.4 no name": (FULL, ("actor", {"account": {"homePage": "http://a.b"}}), "actor.account.name"),
    "2.4.2.4 homePage no IRL": (
        FULL,
        ("actor", {"account": {"homePage": "a.b", "name": "a"}}),
        "actor.account.homePage",
    ),
    # 2.4.3, 2.4.4
    "2.4.3 no id": (FULL, ("verb", {"display": {}}), "verb.id"),
    "2.4.3 display": (FULL, ("verb.display", "completed"), "verb.display"),
    "2.4.4 objectType": (FULL, ("object.objectType", "activity"), "object.objectType"),
    "2.4.4 objectType of another kind": (FULL, ("object.objectType", {}), "object.objectType"),
    "2.4.4.1 no id": (FULL, ("object.id", GONE), "object.id"),
    "2.4.4.1 type": (FULL, ("object.definition.type", "course"), "object.definition.type"),
    "2.4.4.1 moreInfo": (FULL, ("object.definition.moreInfo", "more"), "object.definition.moreInfo"),
    "2.4.4.1 interaction type": (
        FULL,
        ("object.definition.interactionType", "Choice"),
        "object.definition.interactionType",
    ),
    "2.4.4.1 pattern without type": (
        FULL,
        ("object.definition.correctResponsesPattern", ["a"]),
        "object.definition.interactionType",
    ),
    "2.4.4.1 choices without type": (FULL, ("object.definition.choices", [{"id": "a"}]), "object.definition.choices"),
    "2.4.4.3 no id": (SMALL, ("object", {"objectType": "StatementRef"}), "object.id"),
    "2.4.4.3 no UUID": (SMALL, ("object", {"objectType": "StatementRef", "id": "x"}), "object.id"),
    "2.4.4.3 sub in sub": (SMALL, ("object", changed(SUB, ("object", SUB))), "object.object.objectType"),
    **{
        f"2.4.4.3 {name} in a sub-statement": (SMALL, ("object", {**SUB, name: FULL[name]}), f"object.{name}")
        for name in ("id", "stored", "version", "authority")
    },
    "2.4.4.3 no verb in a sub-statement": (SMALL, ("object", changed(SUB, ("verb", GONE))), "object.verb"),
    "2.4.4.3 platform in a sub-statement": (
        SMALL,
        ("object", changed(SUB, ("object", AGENT), ("context.revision", GONE))),
        "object.context.platform",
    ),
    "2.3.2 voiding no reference": (FULL, ("verb.id", VOIDED), "object.objectType"),
    # 2.4.5
    "2.4.5 score": (FULL, ("result.score", 5), "result.score"),
    "2.4.5 response": (FULL, ("result.response", 5), "result.response"),
    "2.4.5.1 scaled": (FULL, ("result.score.scaled", 1.01), "result.score.scaled"),
    "2.4.5.1 scaled below": (FULL, ("result.score.scaled", -1.00001), "result.score.scaled"),
    "2.4.5.1 raw above max": (FULL, ("result.score.raw", 11), "result.score.raw"),
    "2.4.5.1 raw below min": (FULL, ("result.score.raw", -1), "result.score.raw"),
    "2.4.5.1 min not below max": (FULL, ("result.score.min", 10), "result.score.min"),
    "4.6 duration": (FULL, ("result.duration", "PA1H0M0S"), "result.duration"),
    # 2.4.6
    "2.4.6 registration": (FULL, ("context.registration", "x"), "context.registration"),
    "2.4.6 instructor": (FULL, ("context.instructor", {}), "context.instructor"),
    "2.4.6 team is no agent": (FULL, ("context.team", AGENT), "context.team.objectType"),
    "2.4.6 team without objectType": (FULL, ("context.team", {"openid": "urn:a"}), "context.team.objectType"),
    "2.4.6 language": (FULL, ("context.language", "a12345"), "context.language"),
    "2.4.6 statement": (FULL, ("context.statement", {"id": UUID}), "context.statement.objectType"),
    "2.4.6 revision of an agent": (FULL, ("object", AGENT), "context.revision"),
    "2.4.6.2 kind": (FULL, ("context.contextActivities.Parent", []), "context.contextActivities.Parent"),
    "2.4.6.2 activity": (
        FULL,
        ("context.contextActivities.other", [ACTIVITY, {}]),
        "context.contextActivities.other[1].id",
    ),
    "2.4.6.2 agent": (
        FULL,
        ("context.contextActivities.other", AGENT),
        "context.contextActivities.other.objectType",
    ),
    # 2.4.7 to 2.4.11
    "2.4.7 timestamp": (FULL, ("timestamp", "01/011/2015"), "timestamp"),
    "2.4.8 stored": (FULL, ("stored", "now"), "stored"),
    "2.4.9 group of one": (FULL, ("authority", ANONYMOUS), "authority.member"),
    "2.4.9 identified group": (FULL, ("authority", {**GROUP, "member": [AGENT, AGENT]}), "authority"),
    "2.4.10 0.9.9": (FULL, ("version", "0.9.9"), "version"),
    "2.4.10 1.1.0": (FULL, ("version", "1.1.0"), "version"),
    "2.4.10 words": (FULL, ("version", "1.0.x"), "version"),
    "2.4.10 number": (FULL, ("version", 1.0), "version"),
    "2.4.11 no list": (FULL, ("attachments", ATTACHMENT), "attachments"),
    **{
        f"2.4.11 no {name}": (FULL, (f"attachments.0.{name}", GONE), f"attachments[0].{name}")
        for name in ("usageType", "display", "contentType", "length", "sha2")
    },
    "2.4.11 length": (FULL, ("attachments.0.length", -1), "attachments[0].length"),
    "2.4.11 length in words": (FULL, ("attachments.0.length", "27"), "attachments[0].length"),
    "2.4.11 length a boolean": (FULL, ("attachments.0.length", True), "attachments[0].length"),
    "2.4.11 sha2": (FULL, ("attachments.0.sha2", "abc"), "attachments[0].sha2"),
    "2.4.11 content type": (FULL, ("attachments.0.contentType", "text"), "attachments[0].contentType"),
    "2.6 signature": (FULL, ("attachments.0.usageType", statements.SIGNATURE), "attachments[0].contentType"),
    "4.1 key": (FULL, ("context.extensions", {"should fail": 1}), "context.extensions.should fail"),
    "4.1 no object": (FULL, ("context.extensions", []), "context.extensions"),
}


@BOTH
@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_statement_is_refused_with_the_path_of_what_is_wrong(case, version):
    statement, change, path = case

    assert refusal(changed(statement, change), version) == path


@BOTH
@pytest.mark.parametrize("data", [None, [], [FULL], "statement", 1, True])
def test_what_is_no_object_is_no_statement(data, version):
    assert refusal(data, version) == ""


# --- interactions (2.4.4.1) -------------------------------------------------------------------------------------------

COMPONENTS = {
    "true-false": set(),
    "choice": {"choices"},
    "fill-in": set(),
    "long-fill-in": set(),
    "matching": {"source", "target"},
    "performance": {"steps"},
    "sequencing": {"choices"},
    "likert": {"scale"},
    "numeric": set(),
    "other": set(),
}


@pytest.mark.parametrize("kind", COMPONENTS)
def test_interaction_has_the_component_lists_of_its_type_and_no_others(kind):
    def wrong(name):
        definition = {"interactionType": kind, "correctResponsesPattern": [], name: [{"id": "a"}, {"id": "b"}]}
        return refusal(changed(FULL, ("object.definition", definition))) is not None

    assert {name for name in ("choices", "scale", "source", "target", "steps") if not wrong(name)} == COMPONENTS[kind]


@pytest.mark.parametrize(
    ("components", "path"),
    [
        ([{"id": "a", "description": {"en": "A"}}], None),
        ([], None),
        ([{"id": "a"}, {"id": "a"}], "[1].id"),
        ([{"description": {}}], "[0].id"),
        ([{"id": ""}], "[0].id"),
        ([{"id": 1}], "[0].id"),
        ([{"id": "a", "description": {"a12345678": "A"}}], "[0].description.a12345678"),
        ([{"id": "a", "extra": 1}], "[0].extra"),
        ({"id": "a"}, ""),
    ],
)
def test_interaction_components(components, path):
    definition = {"interactionType": "choice", "choices": components}

    found = refusal(changed(FULL, ("object.definition", definition)))

    assert found == (None if path is None else f"object.definition.choices{path}")


# --- 2.0 --------------------------------------------------------------------------------------------------------------


def test_context_agents_and_groups_are_of_2_0_alone():
    statement = changed(FULL, ("context.contextAgents", [CONTEXT_AGENT]), ("context.contextGroups", [CONTEXT_GROUP]))

    assert refusal(statement, V2_0_0) is None
    assert refusal(in_sub_statement({**SUB, "context": statement["context"]}), V2_0_0) is None
    assert refusal(statement, V1_0_3) == "context.contextAgents"


@pytest.mark.parametrize(
    ("name", "entry", "path"),
    [
        ("contextAgents", {**CONTEXT_AGENT, "objectType": "Agent"}, "[0].objectType"),
        ("contextAgents", changed(CONTEXT_AGENT, ("objectType", GONE)), "[0].objectType"),
        ("contextAgents", changed(CONTEXT_AGENT, ("agent", GONE)), "[0].agent"),
        ("contextAgents", {**CONTEXT_AGENT, "agent": {"name": "x"}}, "[0].agent"),
        ("contextAgents", {**CONTEXT_AGENT, "agent": GROUP}, "[0].agent.objectType"),
        ("contextAgents", {**CONTEXT_AGENT, "relevantTypes": []}, "[0].relevantTypes"),
        ("contextAgents", {**CONTEXT_AGENT, "relevantTypes": ["abc"]}, "[0].relevantTypes[0]"),
        ("contextAgents", {**CONTEXT_AGENT, "group": GROUP}, "[0].group"),
        ("contextGroups", {**CONTEXT_GROUP, "group": AGENT}, "[0].group.objectType"),
        ("contextGroups", {**CONTEXT_GROUP, "group": {"objectType": "Group"}}, "[0].group.member"),
        ("contextGroups", changed(CONTEXT_GROUP, ("relevantTypes", GONE)), None),
    ],
)
def test_context_agents_and_groups(name, entry, path):
    found = refusal(changed(FULL, (f"context.{name}", [entry])), V2_0_0)

    assert found == (None if path is None else f"context.{name}{path}")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [("1.0", V1_0_3), ("1.0.0", V1_0_3), ("1.0.3", V1_0_3), ("1.0.99", V1_0_3), ("2.0", V2_0_0), ("2.0.0", V2_0_0)]
    + [(other, None) for other in ("", "0.95", "1", "1.1.0", "2.1.0", "1.0.", "1.0.3.1", " 1.0.3", "1.0.3\n", "x")],
)
def test_version_header(written, spoken):
    assert version_of(written) is spoken


def test_2_0_takes_statements_of_both_lines_and_1_0_its_own():
    statement = changed(FULL, ("version", "2.0.0"))

    assert (refusal(statement, V2_0_0), refusal(statement, V1_0_3)) == (None, "version")


# --- batches and parameters -------------------------------------------------------------------------------------------


def test_batch_names_the_statement_that_is_wrong():
    with pytest.raises(StatementError) as caught:
        check_statements([SMALL, SMALL, SMALL, changed(FULL, ("actor.mbox", "ana"))], V1_0_3)

    assert (caught.value.path, str(caught.value)) == (
        "statements[3].actor.mbox",
        "statements[3].actor.mbox: must be of the form mailto:address@host, not 'ana' (xAPI Data 2.4.2.3)",
    )


def test_batch_with_an_id_twice_is_refused_in_any_case_of_its_letters():
    one, two = (changed(SMALL, ("id", identifier)) for identifier in ("a" + UUID[1:], "A" + UUID[1:]))

    with pytest.raises(StatementError) as caught:
        check_statements([one, SMALL, two], V1_0_3)

    assert caught.value.path == "statements[2].id"


def test_batch_of_statements_without_ids_or_of_none_is_allowed():
    check_statements([], V1_0_3)
    check_statements([SMALL, SMALL], V2_0_0)
    with pytest.raises(StatementError):
        check_statements(SMALL, V1_0_3)


@pytest.mark.parametrize(
    ("agent", "path"),
    [(ANONYMOUS, "agent"), ({"mbox": 5}, "agent.mbox"), ({}, "agent"), ("Ana", "agent"), (None, "agent")],
)
def test_agent_parameter_is_an_agent_or_an_identified_group(agent, path):
    check_agent(AGENT, V1_0_3)
    check_agent(GROUP, V2_0_0)
    with pytest.raises(StatementError) as caught:
        check_agent(agent, V1_0_3)

    assert caught.value.path == path


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (statements.check_activity_id, "urn:a", "a"),
        (statements.check_verb_id, "http://a.b/c", ""),
        (statements.check_registration, UUID, "x"),
        (statements.check_statement_id, UUID, None),
        (lambda value: statements.check_document_id(value, "stateId"), "any text", ""),
    ],
)
def test_parameters_are_checked_as_properties_are(check, good, bad):
    check(good)
    with pytest.raises(StatementError) as caught:
        check(bad)

    assert caught.value.path


# --- what the LRS fills in --------------------------------------------------------------------------------------------


def test_complete_fills_in_what_is_missing():
    authority = {"account": {"homePage": "https://lrs.example", "name": "key"}}

    whole = complete(SMALL, UUID, "2020-01-01T00:00:00.000Z", authority, V1_0_3)

    assert whole == {
        **SMALL,
        "id": UUID,
        "stored": "2020-01-01T00:00:00.000Z",
        "timestamp": "2020-01-01T00:00:00.000Z",
        "authority": authority,
        "version": "1.0.0",
    }
    assert complete(SMALL, UUID, "2020-01-01T00:00:00.000Z", authority, V2_0_0)["version"] == "2.0.0"
    assert "id" not in SMALL


def test_complete_keeps_what_is_given_but_stored_and_authority():
    statement = changed(SMALL, ("object", {**SUB, "context": FULL["context"]}), ("context", FULL["context"]))
    statement |= {name: FULL[name] for name in ("id", "timestamp", "stored", "authority", "version")}
    before = copy.deepcopy(statement)

    whole = complete(statement, "other", "2020-01-01T00:00:00.000Z", {"openid": "urn:lrs"}, V2_0_0)

    assert {name: whole[name] for name in ("id", "timestamp", "stored", "authority", "version")} == {
        "id": UUID,
        "timestamp": "2015-11-18T12:17:00.123Z",
        "stored": "2020-01-01T00:00:00.000Z",
        "authority": {"openid": "urn:lrs"},
        "version": "1.0.0",
    }
    assert whole["context"]["contextActivities"]["grouping"] == [ACTIVITY]
    assert whole["object"]["context"]["contextActivities"]["grouping"] == [ACTIVITY]
    assert statement == before


# --- any JSON ---------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FULL, *ACTIVITY, *GROUP, *FULL["context"], "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def places(node, path=()):
    yield path
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, entry in entries:
        yield from places(entry, (*path, step))


PLACES = [path for path in places(changed(FULL, ("context.contextAgents", [CONTEXT_AGENT]))) if path]


@given(JSON)
def test_no_json_raises_anything_else(data):
    for version in VERSIONS:
        refusal(data, version)


@given(st.sampled_from(PLACES), JSON, st.booleans())
def test_no_json_within_a_statement_raises_anything_else(path, value, within_sub):
    statement = changed(FULL, ("context.contextAgents", [CONTEXT_AGENT]))
    node = statement
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    if within_sub:
        statement = changed(SMALL, ("object", {**statement, "objectType": "SubStatement"}))

    for version in VERSIONS:
        refusal(statement, version)


def test_deep_json_in_extensions_is_not_walked():
    deep = json.loads("[" * 800 + "]" * 800)

    assert refusal({**FULL, "result": {"extensions": {"a:b": deep}}}) is None
