"""The rules of an AU's statements, each broken once (cmi5 7.1, 9, 10.2)."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from standards.cmi5 import documents
from standards.cmi5.errors import Cmi5Violation
from standards.cmi5.rules import Terms, check
from standards.cmi5.vocabulary import CMI5, MASTERY_SCORE, MOVE_ON_CATEGORY, PROGRESS, SESSION_ID, VERBS, VOIDED
from standards.structure import Activity
from tests.standards.cmi5.requirements import SHOWN, requirement

AU = Activity("https://tests.example/au", kind="sco", scaled_mastery_score=0.5)
ACTOR = {"objectType": "Agent", "account": {"homePage": "https://lms.example/", "name": "ada"}}
REGISTRATION = "0d3f0a3c-0b4c-4b43-9c54-6f3d8ab7c001"
SESSION = "7a4a8d5e-2b1e-44c1-a6f5-51d1a5a2c002"
TERMS = Terms(
    au=AU,
    activity_id="urn:uuid:9e1c",
    session_id=SESSION,
    registration=REGISTRATION,
    actor=ACTOR,
    mastery_score=0.5,
    verbs={"initialized": "1"},
    initialized="2026-01-01T12:00:00Z",
    latest="2026-01-01T12:00:10Z",
)
FRESH = replace(TERMS, verbs={}, initialized="", latest="")
RESULTS: dict[str, dict[str, Any]] = {
    "completed": {"completion": True, "duration": "PT1S"},
    "passed": {"success": True, "score": {"scaled": 0.5}, "duration": "PT1S"},
    "failed": {"success": False, "score": {"scaled": 0.4}, "duration": "PT1S"},
    "terminated": {"duration": "PT1S"},
}


def statement(verb: str) -> dict[str, Any]:
    """A right one; cmi5 allowed where the verb is none of cmi5's."""
    is_defined = verb in VERBS
    result = copy.deepcopy(RESULTS.get(verb, {}))
    activities: dict[str, Any] = {"grouping": [{"id": AU.identifier}]}
    if is_defined:
        activities["category"] = [{"id": CMI5}]
    if "success" in result or "completion" in result:
        activities["category"].append({"id": MOVE_ON_CATEGORY})
    extensions: dict[str, Any] = {SESSION_ID: SESSION}
    if "score" in result:
        extensions[MASTERY_SCORE] = 0.5
    made = {
        "id": "c1f6a1a4-24a1-4be9-8e8a-3f5f5d1ec003",
        "actor": copy.deepcopy(ACTOR),
        "verb": {"id": VERBS.get(verb, f"https://tests.example/{verb}")},
        "object": {"id": TERMS.activity_id},
        "context": {"registration": REGISTRATION, "contextActivities": activities, "extensions": extensions},
        "timestamp": "2026-01-01T12:00:20.5Z",
    }
    return made | ({"result": result} if result else {})


Change = Callable[[dict[str, Any]], Any]


def put(path: str, value: Any) -> Change:
    """Sets a value at a path such as context.registration; extensions are named by their constants."""

    def change(made: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for name in parents:
            made = made.setdefault(name, {})
        made[last] = value

    return change


def drop(path: str) -> Change:
    def change(made: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for name in parents:
            made = made[name]
        del made[last]

    return change


def extension(name: str, value: Any) -> Change:
    def change(made: dict[str, Any]) -> None:
        extensions = made["context"]["extensions"]
        extensions[name] = value
        if value is None:
            del extensions[name]

    return change


def categories(*ids: str) -> Change:
    return put("context.contextActivities.category", [{"id": iri} for iri in ids])


def nothing(made: dict[str, Any]) -> None:
    """The statement is right; the session does not allow it."""


BOTH = categories(CMI5, MOVE_ON_CATEGORY)
ANOTHER = {"objectType": "Agent", "account": {"homePage": "https://lms.example/", "name": "bob"}}
BROKEN: list[tuple[str, str, Change, Terms]] = [
    ("9.1.0.0-1", "completed", drop("id"), TERMS),
    ("9.1.0.0-1", "looked", drop("id"), TERMS),
    ("6.3.0.0-1", "looked", put("verb.id", VOIDED), TERMS),
    ("8.1.3.0-3", "completed", put("actor", ANOTHER), TERMS),
    ("8.1.3.0-3", "looked", put("actor", ANOTHER), TERMS),
    ("9.2.0.0-2", "completed", put("actor.objectType", "Group"), TERMS),
    ("9.2.0.0-3", "completed", put("actor", {"mbox": "mailto:ada@tests.example"}), TERMS),
    ("9.7.0.0-1", "completed", drop("timestamp"), TERMS),
    ("9.7.0.0-1", "looked", drop("timestamp"), TERMS),
    ("9.7.0.0-2", "completed", put("timestamp", "2026-01-01T14:00:20+02:00"), TERMS),
    ("9.7.0.0-2", "completed", put("timestamp", "2026-01-01T14:00:20"), TERMS),
    ("9.7.0.0-2", "completed", put("timestamp", "2026-01-01T25:00:20Z"), TERMS),
    ("9.3.0.0-4", "completed", put("timestamp", "0001-01-01T00:00:00Z"), TERMS),
    ("9.3.0.0-5", "terminated", nothing, replace(TERMS, latest="9999-12-31T23:59:59Z")),
    ("10.2.4.0-2", "passed", extension(MASTERY_SCORE, 10**400), TERMS),
    ("9.6.0.0-1", "completed", drop("context"), TERMS),
    ("9.6.1.0-1", "completed", drop("context.registration"), TERMS),
    ("9.6.1.0-1", "looked", put("context.registration", SESSION), TERMS),
    ("9.6.3.1-4", "completed", extension(SESSION_ID, None), TERMS),
    ("9.6.3.1-4", "looked", extension(SESSION_ID, None), TERMS),
    ("10.2.1.0-7", "completed", extension(SESSION_ID, "another"), TERMS),
    ("10.2.1.0-6", "looked", drop("context.contextActivities.grouping"), TERMS),
    ("9.6.2.0-1", "completed", put("context.contextActivities.grouping", [{"id": "https://tests.example/b"}]), TERMS),
    ("9.6.2.2-1", "completed", categories(CMI5), TERMS),
    ("9.6.2.2-1", "passed", categories(CMI5), TERMS),
    ("9.6.2.2-1", "failed", categories(CMI5), TERMS),
    ("9.6.2.2-2", "initialized", BOTH, FRESH),
    ("9.6.2.2-2", "terminated", BOTH, TERMS),
    ("9.6.2.2-2", "looked", categories(MOVE_ON_CATEGORY), TERMS),
    ("9.6.2.2-2", "looked", put("context.contextActivities.other", [{"id": MOVE_ON_CATEGORY}]), TERMS),
    ("9.3.0.0-1", "looked", categories(CMI5), TERMS),
    ("9.3.0.0-1", "satisfied", nothing, TERMS),
    ("9.3.0.0-1", "waived", nothing, TERMS),
    ("9.3.0.0-1", "launched", nothing, TERMS),
    ("9.3.0.0-1", "abandoned", nothing, TERMS),
    ("9.4.0.0-1", "completed", put("object", {"objectType": "Agent", "mbox": "mailto:a@tests.example"}), TERMS),
    ("9.4.0.0-2", "completed", put("object.id", AU.identifier), TERMS),
    ("8.1.5.0-6", "passed", put("object.id", "https://tests.example/other"), TERMS),
    ("9.5.1.0-1", "failed", put("result.score.scaled", -0.5), TERMS),
    ("9.5.1.0-2", "completed", put("result.score", {"scaled": 1}), TERMS),
    ("9.5.1.0-2", "initialized", put("result.score", {"scaled": 1}), FRESH),
    ("9.5.1.0-2", "terminated", put("result.score", {"scaled": 1}), TERMS),
    ("9.5.1.0-3", "passed", put("result.score", {"scaled": 0.9, "raw": 9, "max": 10}), TERMS),
    ("9.5.1.0-3", "passed", put("result.score", {"scaled": 0.9, "raw": 9, "min": 0}), TERMS),
    ("9.5.2.0-1", "passed", drop("result.success"), TERMS),
    ("9.5.2.0-1", "passed", put("result.success", False), TERMS),
    ("9.5.2.0-2", "failed", put("result.success", True), TERMS),
    ("9.5.2.0-2", "failed", drop("result.success"), TERMS),
    ("9.5.2.0-3", "completed", put("result.success", True), TERMS),
    ("9.5.2.0-3", "terminated", lambda made: (put("result.success", True)(made), BOTH(made)), TERMS),
    ("9.5.3.0-1", "completed", put("result.completion", False), TERMS),
    ("9.5.3.0-1", "completed", drop("result.completion"), TERMS),
    ("9.5.3.0-2", "passed", put("result.completion", True), TERMS),
    ("9.5.3.0-2", "failed", put("result.completion", False), TERMS),
    ("9.5.3.0-2", "terminated", lambda made: (put("result.completion", True)(made), BOTH(made)), TERMS),
    ("9.5.4.1-1", "terminated", drop("result.duration"), TERMS),
    ("9.5.4.1-1", "terminated", drop("result"), TERMS),
    ("9.5.4.1-2", "completed", drop("result.duration"), TERMS),
    ("9.5.4.1-3", "passed", drop("result.duration"), TERMS),
    ("9.5.4.1-4", "failed", drop("result.duration"), TERMS),
    ("9.6.3.2-2", "passed", extension(MASTERY_SCORE, None), TERMS),
    ("9.6.3.2-2", "failed", extension(MASTERY_SCORE, None), TERMS),
    ("10.2.4.0-2", "passed", extension(MASTERY_SCORE, 0.1), TERMS),
    ("10.2.4.0-2", "passed", extension(MASTERY_SCORE, True), TERMS),
    ("10.2.4.0-2", "passed", lambda made: (drop("result.score")(made), extension(MASTERY_SCORE, 0.1)(made)), TERMS),
    ("9.3.4.0-2", "passed", put("result.score.scaled", 0.49), TERMS),
    ("9.3.5.0-2", "failed", put("result.score.scaled", 0.5), TERMS),
    ("10.2.2.0-2", "completed", nothing, replace(TERMS, mode="Browse")),
    ("10.2.2.0-2", "passed", nothing, replace(TERMS, mode="Browse")),
    ("10.2.2.0-3", "failed", nothing, replace(TERMS, mode="Review")),
    ("9.3.0.0-2", "failed", nothing, replace(TERMS, verbs={"initialized": "1", "failed": "2"})),
    ("9.3.0.0-3", "passed", nothing, replace(TERMS, verbs={"initialized": "1", "failed": "2"})),
    ("9.3.0.0-6", "completed", nothing, replace(TERMS, earlier=frozenset(("completed",)))),
    ("9.3.0.0-7", "passed", nothing, replace(TERMS, earlier=frozenset(("passed",)))),
    ("9.3.0.0-8", "failed", nothing, replace(TERMS, earlier=frozenset(("passed",)))),
    ("9.3.2.0-3", "initialized", nothing, TERMS),
    ("11.0.0.0-3", "initialized", nothing, replace(FRESH, preferences_read=False)),
    ("9.3.0.0-4", "completed", nothing, FRESH),
    ("9.3.0.0-4", "terminated", nothing, FRESH),
    ("9.3.0.0-4", "looked", put("timestamp", "2026-01-01T11:59:00Z"), TERMS),
    ("7.1.3.0-1", "looked", nothing, FRESH),
    ("7.1.1.0-1", "looked", nothing, FRESH),
    ("9.3.0.0-5", "looked", nothing, replace(TERMS, verbs={"initialized": "1", "terminated": "2"})),
    ("9.3.0.0-5", "completed", nothing, replace(TERMS, verbs={"initialized": "1", "terminated": "2"})),
    ("9.3.0.0-5", "terminated", put("timestamp", "2026-01-01T12:00:05Z"), TERMS),
]
SAME = {"8.1.5.0-6": "9.4.0.0-2", "7.1.1.0-1": "7.1.3.0-1"}  # two numbers of one rule: the refusal names the second
for _number, *_ in BROKEN:
    SHOWN.setdefault(_number, []).append("test_a_broken_rule_is_named")


@pytest.mark.parametrize(
    ("number", "verb", "change", "terms"),
    [pytest.param(*case, id=f"{case[0]} {case[1]} {index}") for index, case in enumerate(BROKEN)],
)
def test_a_broken_rule_is_named(number, verb, change, terms):
    made = statement(verb)
    change(made)

    with pytest.raises(Cmi5Violation) as caught:
        check(made, terms)

    assert (caught.value.requirement, caught.value.statement_id) == (SAME.get(number, number), made.get("id", ""))
    assert caught.value.status == 403


RIGHT: list[tuple[str, Change, Terms]] = [
    ("initialized", nothing, FRESH),
    ("completed", nothing, TERMS),
    ("passed", nothing, TERMS),
    ("failed", nothing, TERMS),
    ("failed", nothing, replace(TERMS, earlier=frozenset(("completed",)))),
    ("terminated", nothing, TERMS),
    ("looked", nothing, TERMS),
    ("looked", put("object.id", "https://tests.example/anything"), TERMS),
    ("looked", put("result", {"success": True, "completion": True, "score": {"raw": 3}}), TERMS),
    ("looked", nothing, replace(TERMS, mode="Browse")),
    ("initialized", nothing, replace(FRESH, mode="Review")),
    ("terminated", nothing, replace(TERMS, mode="Review")),
    ("completed", put("context.contextActivities.grouping", {"id": AU.identifier}), TERMS),
    ("completed", put("timestamp", "2026-01-01T12:00:20+00:00"), TERMS),
    ("completed", put("timestamp", "2026-12-31T23:59:60Z"), TERMS),  # a leap second
    ("completed", nothing, replace(TERMS, initialized="0001-01-01T00:00:00Z", latest="0001-01-01T00:00:00Z")),
    ("passed", drop("result.score"), TERMS),
    ("passed", extension(MASTERY_SCORE, None), replace(TERMS, mastery_score=None)),
    ("passed", put("result.score", {"scaled": 1, "raw": 10, "min": 0, "max": 10}), TERMS),
    ("completed", put("actor.name", "Ada"), TERMS),
    ("completed", drop("actor.objectType"), TERMS),
    ("completed", put("context.registration", REGISTRATION.upper()), TERMS),
    ("looked", put("verb.id", VERBS["completed"]), replace(TERMS, earlier=frozenset(("completed",)))),
]


@requirement("9.3.0.0-9")
@pytest.mark.parametrize(("verb", "change", "terms"), RIGHT)
def test_a_right_statement_is_taken(verb, change, terms):
    made = statement(verb)
    change(made)

    check(made, terms)


@pytest.mark.parametrize("verb", ["looked", "passed", "terminated"])
@pytest.mark.parametrize("progress", [-1, 101, 50.5, "50", True, [50], 10**400])
def test_a_progress_that_is_no_percentage_is_refused(verb, progress):
    made = statement(verb)
    made.setdefault("result", {})["extensions"] = {PROGRESS: progress}

    with pytest.raises(Cmi5Violation) as caught:
        check(made, TERMS)

    assert caught.value.requirement == "9.5.5.1"


@pytest.mark.parametrize("progress", [0, 50, 50.0, 100])
def test_a_progress_is_taken(progress):
    made = statement("looked") | {"result": {"extensions": {PROGRESS: progress}}}

    check(made, TERMS)


# --- documents --------------------------------------------------------------------------------------------------------

AGENT = '{"account":{"homePage":"https://lms.example/","name":"ada"}}'
OTHER = '{"account":{"homePage":"https://lms.example/","name":"bob"}}'
STATE = {"activityId": "a", "agent": AGENT, "registration": REGISTRATION}
REFUSED = [
    ("8.1.3.0-3", "activities/state", "GET", {**STATE, "agent": OTHER, "stateId": "x"}),
    ("8.1.3.0-3", "activities/state", "PUT", {"activityId": "a", "stateId": "x"}),
    ("8.1.3.0-3", "agents", "GET", {"agent": "{"}),
    ("8.1.3.0-3", "statements", "GET", {"agent": OTHER}),
    ("8.1.4.0-3", "activities/state", "GET", {**STATE, "registration": SESSION, "stateId": "x"}),
    ("8.1.4.0-3", "statements", "GET", {"registration": SESSION}),
    ("8.1.4.0-3", "activities/state", "GET", {"activityId": "a", "agent": AGENT, "stateId": "LMS.LaunchData"}),
    ("10.2.1.0-5", "activities/state", "PUT", {**STATE, "stateId": "LMS.LaunchData"}),
    ("10.2.1.0-5", "activities/state", "POST", {**STATE, "stateId": "LMS.LaunchData"}),
    ("10.2.1.0-5", "activities/state", "DELETE", {**STATE, "stateId": "LMS.LaunchData"}),
    ("10.2.1.0-5", "activities/state", "DELETE", STATE),
    ("11.0.0.0-1", "agents/profile", "GET", {"agent": OTHER, "profileId": "cmi5LearnerPreferences"}),
]
for _number, *_ in REFUSED:
    SHOWN.setdefault(_number, []).append("test_a_request_about_others_is_refused")


@pytest.mark.parametrize(("number", "resource", "method", "parameters"), REFUSED)
def test_a_request_about_others_is_refused(number, resource, method, parameters):
    with pytest.raises(Cmi5Violation) as caught:
        documents.check(resource, method, parameters, ACTOR, REGISTRATION)

    assert (caught.value.requirement, caught.value.status) == (
        number,
        400 if resource != "statements" and "agent" not in parameters else 403,
    )


@pytest.mark.parametrize(
    ("resource", "method", "parameters"),
    [
        ("activities/state", "GET", {**STATE, "stateId": "LMS.LaunchData"}),
        ("activities/state", "PUT", {**STATE, "stateId": "bookmark"}),
        ("activities/state", "GET", STATE),
        ("agents/profile", "PUT", {"agent": AGENT, "profileId": "cmi5LearnerPreferences"}),
        ("statements", "GET", {}),
        ("activities/profile", "PUT", {"activityId": "a", "profileId": "x"}),
    ],
)
def test_a_request_about_its_own_is_let_through(resource, method, parameters):
    documents.check(resource, method, parameters, ACTOR, REGISTRATION)


PREFERENCES = [
    ("11.0.0.0-5", []),
    ("11.0.0.0-5", {"languagePreference": "en"}),
    ("11.0.0.0-5", {"languagePreference": ["en"], "audioPreference": "on"}),
    ("11.1.0.0-1", {"languagePreference": "en;de", "audioPreference": "on"}),
    ("11.1.0.0-1", {"languagePreference": "en,", "audioPreference": "on"}),
    ("11.1.0.0-1", {"languagePreference": "", "audioPreference": "on"}),
    ("11.1.0.0-1", {"languagePreference": "not comma separated", "audioPreference": "on"}),
    ("11.2.0.0-1", {"languagePreference": "en", "audioPreference": "loud"}),
]
for _number, _ in PREFERENCES:
    SHOWN.setdefault(_number, []).append("test_wrong_preferences_are_refused")


@pytest.mark.parametrize(("number", "document"), PREFERENCES)
def test_wrong_preferences_are_refused(number, document):
    with pytest.raises(Cmi5Violation) as caught:
        documents.check_preferences(document)

    assert caught.value.requirement == number


@pytest.mark.parametrize("languages", ["en-US,fr-FR,fr-BE", "de", "en, de"])
def test_right_preferences_are_taken(languages):
    documents.check_preferences({"languagePreference": languages, "audioPreference": "off"})
