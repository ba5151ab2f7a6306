"""What the command palette finds: courses, registrations and applications of the realm, as far as the person may."""

import pytest
from django.test import Client

from realms.models import Role
from tests import make

pytestmark = pytest.mark.django_db


def found(client: Client, realm, words: str) -> list[tuple[str, str]]:
    answer = client.get(f"/r/{realm.slug}/find/", {"q": words})
    assert answer.status_code == 200
    return [(item["group"], item["title"]) for item in answer.json()["found"]]


@pytest.fixture
def realm():
    return make.realm()


@pytest.fixture
def console(client, realm):
    client.force_login(realm.memberships.get().user)
    return client


def test_courses_registrations_and_applications_are_found_across_the_realm(console, realm):
    course = make.course(of=realm, course_id="safety")
    make.registration(course, "ada@example.com")
    make.application(realm, name="Safety portal")
    foreign = make.realm()
    make.registration(make.course(of=foreign, course_id="safety"), "ada@example.com")
    make.application(foreign, name="Safety of others")

    assert found(console, realm, "safety") == [("Courses", course.title), ("Applications", "Safety portal")]
    assert found(console, realm, "ADA@ex") == found(console, realm, "lovel") == [("Registrations", "Ada Lovelace")]
    assert (
        found(console, realm, "s") == found(console, realm, "nothing like that") == found(console, realm, "\0%") == []
    )


def test_nobody_finds_what_their_role_does_not_show(realm):
    course = make.course(of=realm, course_id="safety")
    make.registration(course, "ada@example.com")
    seen = {}
    for role in (Role.AUTHOR, Role.SUPPORT, Role.LEARNER):
        client = Client()
        client.force_login(make.member(realm, role))
        seen[role] = [[group for group, _ in found(client, realm, words)] for words in ("safety", "ada@example.com")]

    assert seen == {
        Role.AUTHOR: [["Courses"], []],
        Role.SUPPORT: [["Courses"], ["Registrations"]],
        Role.LEARNER: [[], []],
    }


@pytest.mark.parametrize("many", [1, 3])
def test_finding_asks_as_much_for_many_as_for_one(console, realm, many, django_assert_num_queries):
    for number in range(many):
        make.application(realm, name=f"Safety {number}")
        make.registration(make.course(of=realm, course_id=f"safety-{number}"), "safety")
    found(console, realm, "xx")

    # session, user, membership, where it works, applications, courses, and three of registrations
    with django_assert_num_queries(9):
        assert len(found(console, realm, "safety")) == 3 * many
