"""xAPI statements of courses, named as the API names their parts."""

from urllib.parse import quote

import pytest

from api.statements import as_listed
from content.models import Course
from lrs.services import add
from player.stating import hand_over
from registrations.instances import new_instance
from registrations.models import Instance, Registration
from tests import make
from tests.api.calling import Api, api, course

pytestmark = pytest.mark.django_db
VERB = {"id": "http://adlnet.gov/expapi/verbs/experienced"}
ADA = {"account": {"homePage": "http://example.com", "name": "ada"}}


def played(of: Course, learner: str) -> Instance:
    """A registration that counts, played to its end, its statements stored."""
    registration = Registration.objects.create(
        application=of.application, course=of, registration_id=f"{of.course_id}-{learner}", learner_id=learner
    )
    new_instance(registration, of.current_version_id)
    make.launch(registration).report(finished=True, lesson_status="passed")
    instance = registration.instances.get()
    hand_over(instance)
    return instance


def listed(mine: Api, path: str) -> list[dict]:
    found = mine.get(path)
    assert found.status_code == 200, found.content
    return found.json()["statements"]


def test_statements_of_a_course_of_a_learner_and_of_a_version():
    mine = api()
    golf = course(mine)
    course(mine, "tennis")
    first = played(golf, "ada")
    golf = course(mine, may_create_version=True)
    second = played(golf, "bob")
    played(Course.objects.get(course_id="tennis"), "ada")

    whole = listed(mine, "/courses/golf/xAPIStatements")
    of_ada = listed(mine, "/courses/golf/xAPIStatements?learnerId=ada")
    of_version = listed(mine, "/courses/golf/versions/1/xAPIStatements")

    def registrations(statements: list[dict]) -> set[str]:
        return {each["context"]["registration"] for each in statements}

    assert registrations(whole) == {str(first.xapi_registration), str(second.xapi_registration)}
    assert registrations(of_ada) == {str(first.xapi_registration)}
    assert registrations(of_version) == {str(second.xapi_registration)}
    assert len(whole) == len(of_ada) + len(of_version)
    assert {"objectActivity", "actor", "verb"} <= set(whole[0])
    assert "object" not in whole[0]
    assert whole[0]["actor"]["objectType"] == "Agent"
    assert mine.get("/courses/golf").json()["xapiActivityId"] in str(whole)
    assert [each["stored"] for each in whole] == sorted((each["stored"] for each in whole), reverse=True)


def test_both_ends_of_a_time_count_and_pages_go_on():
    mine = api()
    golf = course(mine)
    iri = mine.get("/courses/golf").json()["xapiActivityId"]
    statement = {"actor": ADA, "verb": VERB, "object": {"id": iri}}
    add(golf.application, False, [{**statement, "result": {"duration": f"PT{number}S"}} for number in range(250)])

    first = mine.get("/courses/golf/xAPIStatements").json()
    second = mine.get(f"/courses/golf/xAPIStatements?more={quote(first['more'])}").json()
    third = mine.get(f"/courses/golf/xAPIStatements?more={quote(second['more'])}").json()
    newest = first["statements"][0]["stored"]

    numbers = [each["result"]["duration"] for page in (first, second, third) for each in page["statements"]]
    assert numbers == [f"PT{number}S" for number in reversed(range(250))]
    assert "more" not in third
    assert len(listed(mine, f"/courses/golf/xAPIStatements?since={newest}")) == 1
    assert len(listed(mine, f"/courses/golf/xAPIStatements?until={newest}")) == 100
    assert mine.get(f"/courses/golf/versions/0/xAPIStatements?more={quote(first['more'])}").status_code == 400


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ({"id": "http://a"}, {"objectActivity": {"id": "http://a"}}),
        ({"objectType": "Agent", **ADA}, {"objectAgentGroup": {"objectType": "Agent", **ADA}}),
        (
            {"objectType": "Group", "member": [ADA]},
            {"objectAgentGroup": {"objectType": "Group", "member": [{"objectType": "Agent", **ADA}]}},
        ),
        (
            {"objectType": "StatementRef", "id": "x"},
            {"objectStatementReference": {"objectType": "StatementRef", "id": "x"}},
        ),
        (
            {"objectType": "SubStatement", "actor": ADA, "verb": VERB, "object": {"id": "http://a"}},
            {
                "objectSubStatement": {
                    "actor": {"objectType": "Agent", **ADA},
                    "verb": VERB,
                    "objectActivity": {"id": "http://a"},
                }
            },
        ),
    ],
)
def test_an_object_is_named_by_what_it_is(target: dict, named: dict):
    statement = {"actor": ADA, "verb": VERB, "object": target, "context": {"instructor": ADA, "language": "en"}}

    agent = {"objectType": "Agent", **ADA}
    assert as_listed(statement) == {
        "actor": agent,
        "verb": VERB,
        "context": {"instructor": agent, "language": "en"},
        **named,
    }
