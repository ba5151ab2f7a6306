"""Statements as exact, ids and canonical; the choice of a language (1.0.3 Communication 2.1.3; RFC 4647)."""

import copy

import pytest

from standards.xapi.formats import choose_language, in_format, read_accept_language
from standards.xapi.statements import check_statement
from standards.xapi.versions import V2_0_0

from .statements import ACTIVITY, AGENT, ANONYMOUS, ATTACHMENT, FULL, GROUP, REFERENCE, SMALL, SUB, UUID, changed

ID = ACTIVITY["id"]


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        ("", []),
        ("de", [("de", 1.0)]),
        ("de-DE, en;q=0.5, *;q=0.1", [("de-de", 1.0), ("en", 0.5), ("*", 0.1)]),
        ("en;q=0.5,de", [("de", 1.0), ("en", 0.5)]),
        ("en ; q=0.50 , de;Q=1.000", [("de", 1.0), ("en", 0.5)]),
        ("en;q=0, de", [("de", 1.0), ("en", 0.0)]),
        ("en;q=2, d\u00e9, x=1, ;;, fr", [("fr", 1.0)]),
    ],
)
def test_accept_language(header, ranges):
    assert list(read_accept_language(header)) == ranges


def test_a_header_of_any_length_is_read_in_no_time():
    assert len(read_accept_language("en," * 100_000)) <= 50
    assert read_accept_language("e" * 1_000_000) == []


@pytest.mark.parametrize(
    ("tags", "header", "chosen"),
    [
        ([], "en", None),
        (["de", "en-US"], "", "de"),
        (["de", "en-US"], "en-US", "en-US"),
        (["de", "en-US"], "EN-us", "en-US"),
        (["de", "en-US"], "en", "en-US"),
        (["de", "en"], "en-GB", "en"),
        (["de", "en-US"], "en-GB", "en-US"),
        (["de", "en-US", "fr"], "it, fr;q=0.8, en;q=0.9", "en-US"),
        (["de", "en-US"], "fr", "de"),
        (["fr", "und"], "it", "und"),
        (["de", "en-US"], "*", "de"),
        (["de", "en-US"], "de;q=0", "en-US"),
        (["de", "en-US"], "de;q=0, *", "en-US"),
        (["de"], "de;q=0", "de"),
        (["zh-Hans", "zh-Hant"], "zh-Hant-TW", "zh-Hant"),
        (["de-Latn-AT", "de-DE"], "de-*-DE", "de-DE"),
        (["de", "eng"], "en", "de"),
    ],
)
def test_choice_of_a_language(tags, header, chosen):
    assert choose_language(tags, read_accept_language(header)) == chosen


def test_exact_is_as_it_was_stored():
    assert in_format(FULL, "exact", read_accept_language("de")) is FULL


def test_ids_are_the_least_that_identifies():
    statement = changed(
        FULL,
        ("actor", ANONYMOUS),
        ("context.contextAgents", [{"objectType": "contextAgent", "agent": AGENT}]),
        ("context.contextGroups", [{"objectType": "contextGroup", "group": GROUP}]),
    )
    before = copy.deepcopy(statement)

    ids = in_format(statement, "ids")

    agent = {"objectType": "Agent", "mbox": "mailto:ana@example.com"}
    group = {"objectType": "Group", "mbox": "mailto:team@example.com"}
    activity = {"id": ID}
    assert ids == {
        **FULL,
        "actor": {"objectType": "Group", "member": [agent]},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": activity,
        "authority": agent,
        "context": {
            **FULL["context"],
            "instructor": group,
            "team": group,
            "contextActivities": {"parent": [activity], "grouping": [activity], "category": [], "other": [activity]},
            "contextAgents": [{"objectType": "contextAgent", "agent": agent}],
            "contextGroups": [{"objectType": "contextGroup", "group": group}],
        },
    }
    assert statement == before


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (REFERENCE, REFERENCE),
        (AGENT, {"objectType": "Agent", "mbox": "mailto:ana@example.com"}),
        ({"id": ID}, {"id": ID}),
    ],
)
def test_ids_of_other_objects(target, shown):
    assert in_format(changed(SMALL, ("object", target)), "ids")["object"] == shown


def test_ids_and_canonical_reach_into_sub_statements():
    statement = changed(SMALL, ("object", SUB))

    ids = in_format(statement, "ids")["object"]
    canonical = in_format(statement, "canonical", read_accept_language("de"))["object"]

    assert (ids["object"], "display" in ids["verb"]) == ({"id": ID}, False)
    assert ids["objectType"] == canonical["objectType"] == "SubStatement"
    assert ids["attachments"] == [ATTACHMENT]
    assert canonical["object"]["definition"]["name"] == {"de": "Kurs"}


def test_canonical_has_definitions_and_displays_of_the_lrs_in_one_language():
    definition = {
        "name": {"en": "Known", "de": "Bekannt"},
        "interactionType": "matching",
        "source": [{"id": "a", "description": {"en": "A", "de": "Ah"}}, {"id": "b"}],
        "target": [{"id": "c", "description": {"fr": "C"}}],
    }
    display = {"http://adlnet.gov/expapi/verbs/completed": {"en": "completed", "de": "abgeschlossen"}}

    shown = in_format(FULL, "canonical", read_accept_language("de-AT"), {ID: definition}, display)

    assert shown["verb"]["display"] == {"de": "abgeschlossen"}
    assert shown["object"] == {
        "objectType": "Activity",
        "id": ID,
        "definition": {
            "name": {"de": "Bekannt"},
            "interactionType": "matching",
            "source": [{"id": "a", "description": {"de": "Ah"}}, {"id": "b"}],
            "target": [{"id": "c", "description": {"fr": "C"}}],
        },
    }
    assert shown["context"]["contextActivities"]["grouping"] == [shown["object"]]
    assert (shown["actor"], shown["authority"]) == (AGENT, AGENT)
    check_statement(shown, V2_0_0)


def test_canonical_of_what_the_lrs_does_not_know_is_the_statements_own():
    shown = in_format(FULL, "canonical")

    assert shown["verb"] == FULL["verb"]
    assert shown["object"]["definition"]["name"] == {"en-US": "Course"}
    assert in_format(SMALL, "canonical")["object"] == SMALL["object"]
    assert (shown["id"], shown["context"]["team"]) == (UUID, GROUP)
