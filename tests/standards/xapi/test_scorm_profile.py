"""The xAPI SCORM Profile: what each kind of statement holds, and how interactions are worded."""

from typing import Any

import pytest

from standards.structure import Activity, CourseStructure, Organization
from standards.xapi.scorm_profile import PROFILE, Names, statement_of
from standards.xapi.statements import check_statements
from standards.xapi.versions import V1_0_3, V2_0_0

SCO = Activity("sco 1/a", "Lesson", "sco")
COURSE = CourseStructure("SCORM12", "Course", (Organization(Activity("org", children=(SCO,))),))
ACTOR = {"objectType": "Agent", "account": {"homePage": "https://lms.example/", "name": "ada"}}
REGISTRATION = "0b7f5a0e-3a53-4bd5-9d42-0a1f3f1e0a11"
NAMES = Names("https://lms.example/courses/1", REGISTRATION, ACTOR)
LESSON = "https://lms.example/courses/1/sco%201%2Fa"


def worded(verb: str = "responded", **more: Any) -> dict[str, Any]:
    """The statement of an event, which a store takes in both versions."""
    event = {"profile": PROFILE, "number": 3, "verb": verb, "activity": SCO.identifier, "attempt": 1}
    statement = statement_of(event | {"at": "2026-01-02T03:04:05.678901+00:00"} | more, COURSE, NAMES)
    for version in (V1_0_3, V2_0_0):
        check_statements([statement], version)
    return statement


@pytest.mark.parametrize(
    "verb", ["initialized", "resumed", "suspended", "terminated", "completed", "passed", "failed", "scored"]
)
def test_statements_about_a_sco(verb: str):
    """Profile 3.2, 5.0."""
    statement = worded(verb, result={"completion": True})

    attempt = NAMES.attempt_id({"activity": SCO.identifier, "attempt": 1})
    assert statement == {
        "id": NAMES.statement_id({"number": 3}),
        "actor": ACTOR,
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}", "display": {"en-US": verb}},
        "object": {
            "objectType": "Activity",
            "id": LESSON,
            "definition": {"type": "http://adlnet.gov/expapi/activities/lesson", "name": {"und": "Lesson"}},
        },
        "context": {
            "registration": REGISTRATION,
            "contextActivities": {
                "grouping": [
                    {
                        "objectType": "Activity",
                        "id": NAMES.course,
                        "definition": {"type": "http://adlnet.gov/expapi/activities/course", "name": {"und": "Course"}},
                    },
                    {
                        "objectType": "Activity",
                        "id": attempt,
                        "definition": {
                            "type": "http://adlnet.gov/expapi/activities/attempt",
                            "name": {"und": "Attempt of Lesson"},
                        },
                    },
                ],
                "category": [{"id": PROFILE, "definition": {"type": "http://adlnet.gov/expapi/activities/profile"}}],
            },
        },
        "timestamp": "2026-01-02T03:04:05.678901Z",
        "result": {"completion": True},
    }


OLD, NEW = "student_response", "learner_response"


@pytest.mark.parametrize(
    ("element", "kind", "given", "response", "pattern", "correct"),
    [
        (OLD, "true-false", "t", "true", "0", "false"),
        (OLD, "choice", "a,b", "a[,]b", "{a, c}", "a[,]c"),
        (OLD, "fill-in", "Paris, France", "Paris, France", "Paris", "Paris"),
        (OLD, "matching", "1.a,2.b", "1[.]a[,]2[.]b", "{1.b,2.a}", "1[.]b[,]2[.]a"),
        (OLD, "sequencing", "c,a,b", "c[,]a[,]b", "a,b,c", "a[,]b[,]c"),
        (OLD, "numeric", "4.5", "4.5", "4", "4"),
        (OLD, "likert", "e", "e", "a", "a"),
        (NEW, "true-false", "true", "true", "false", "false"),
        (NEW, "choice", "a[,]b", "a[,]b", "a[,]c", "a[,]c"),
        (NEW, "matching", "1[.]a", "1[.]a", "1[.]b", "1[.]b"),
        (NEW, "numeric", "4", "4", "3[:]5", "3[:]5"),
        (NEW, "long-fill-in", "{lang=en}a, b", "{lang=en}a, b", "{case_matters=true}a", "{case_matters=true}a"),
    ],
)
def test_responses_and_patterns(element: str, kind: str, given: str, response: str, pattern: str, correct: str):
    """Profile 6.0 Interactions; xAPI 1.0.3 Data Appendix C."""
    record = {"id": "q", "type": kind, element: given, "correct_responses.0.pattern": pattern}

    statement = worded(interaction=record)

    assert statement["object"] == {
        "objectType": "Activity",
        "id": f"{LESSON}/interactions/q",
        "definition": {
            "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
            "interactionType": kind,
            "name": {"und": "q"},
            "correctResponsesPattern": [correct],
        },
    }
    assert statement["result"] == {"response": response}
    assert [each["id"] for each in statement["context"]["contextActivities"]["parent"]] == [LESSON]


@pytest.mark.parametrize(
    ("judged", "latency", "result"),
    [
        ("correct", "PT1.5S", {"success": True, "duration": "PT1.50S"}),
        ("wrong", "00:01:00", {"success": False, "duration": "PT60S"}),
        ("incorrect", "", {"success": False}),
        ("neutral", "soon", {}),
        ("0.5", "PT", {"score": {"raw": 0.5}}),
        ("nan", "-1", {}),
    ],
)
def test_results_of_interactions(judged: str, latency: str, result: dict[str, Any]):
    record = {"id": "q", "type": "choice", OLD: "a", "result": judged, "latency": latency}

    assert worded(interaction=record)["result"] == {"response": "a", **result}


def test_correct_patterns_keep_their_order_and_strange_types_are_other():
    record = {f"correct_responses.{number}.pattern": f"p{number}" for number in (10, 9, 0)}

    definition = worded(interaction={"id": "\ud800 q", "type": "unique", NEW: "x"} | record)["object"]["definition"]

    assert definition["correctResponsesPattern"] == ["p0", "p9", "p10"]
    assert definition["interactionType"] == "other"
