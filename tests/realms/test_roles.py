"""What each role sees and may: a member without the right gets 403, and never sees what another application holds."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content.models import Course
from realms.models import Role
from registrations.models import Registration
from tests import make

pytestmark = pytest.mark.django_db
EVERYBODY = {"owner", "administrator", "author", "support", "learner"}
STAFF = EVERYBODY - {"learner"}
CONTENT = {"owner", "administrator", "author"}
RESULTS = {"owner", "administrator", "support"}
MANAGERS = {"owner", "administrator"}
WHO_OPENS = {
    "registrations:mine": EVERYBODY,
    "content:library": STAFF,
    "content:add": CONTENT,
    "registrations:list": RESULTS,
    "lrs:statements": RESULTS,
    "lrs:providers": MANAGERS,
    "realms:applications": MANAGERS,
    "realms:settings": MANAGERS,
    "realms:people": MANAGERS,
    "realms:audit": MANAGERS,
    "realms:sign_on": {"owner"},
    "registrations:reports": RESULTS,
    "realms:account": {"owner"},
    "realms:plan": {"owner"},
    "realms:invoices": {"owner"},
    "realms:close": {"owner"},
}


def browser(of) -> Client:
    client = Client()
    client.force_login(of)
    return client


def real(registration: Registration, learner_id: str) -> Registration:
    """The registration as one of a learner, outside the sandbox."""
    Registration.objects.filter(pk=registration.pk).update(is_sandbox=False, learner_id=learner_id)
    registration.refresh_from_db()
    return registration


@pytest.mark.parametrize("role", Role.values)
def test_pages_and_menu_are_those_of_the_role(role: str):
    realm = make.realm()
    client = browser(make.member(realm, role))

    statuses = {name: client.get(reverse(name, args=[realm.slug])).status_code for name in WHO_OPENS}
    menu = client.get(reverse("registrations:mine", args=[realm.slug])).context["entries"]

    assert statuses == {name: 200 if role in roles else 403 for name, roles in WHO_OPENS.items()}
    leads_to = {each["url"] for each in menu}
    closed = {reverse(name, args=[realm.slug]) for name, roles in WHO_OPENS.items() if role not in roles}
    assert leads_to & closed == set()
    assert {client.get(url).status_code for url in leads_to} == {200}


def test_the_refusal_says_the_role_and_who_can_change_it():
    realm = make.realm()

    page = browser(make.member(realm, Role.SUPPORT)).get(reverse("content:add", args=[realm.slug]))

    words = page.content.decode()
    assert page.status_code == 403
    assert "“Support”" in words
    assert realm.name.replace("'", "&#x27;") in words


def test_support_resets_and_deletes_nothing():
    realm = make.realm()
    registration = real(make.registration(make.course(of=realm)), "ada")
    client = browser(make.member(realm, Role.SUPPORT))

    def answer(name: str) -> int:
        return client.post(reverse(f"registrations:{name}", args=[realm.slug, registration.pk])).status_code

    answers = {name: answer(name) for name in ("restart", "reset", "delete", "waive")}
    page = client.get(reverse("registrations:registration", args=[realm.slug, registration.pk])).content.decode()

    assert answers == {"restart": 302, "reset": 302, "delete": 403, "waive": 403}
    assert ('data-opens="reset"' in page, 'data-opens="delete"' in page) == (True, False)
    assert Registration.objects.filter(pk=registration.pk).exists()


def test_authors_test_in_the_sandbox_and_see_no_learner():
    realm = make.realm()
    course = make.course(of=realm)
    test, learners = make.registration(course, "author"), real(make.registration(course, "x"), "ada")
    client = browser(make.member(realm, Role.AUTHOR))

    def page(name: str, pk: int) -> int:
        return client.get(reverse(f"registrations:{name}", args=[realm.slug, pk])).status_code

    seen = [page(name, test.pk) for name in ("registration", "log", "sequencing")]
    hidden = [page(name, learners.pk) for name in ("registration", "log", "sequencing")]
    launched = client.post(reverse("registrations:launch", args=[realm.slug, course.pk]))
    deleted = client.post(reverse("registrations:delete", args=[realm.slug, test.pk]))
    dashboard = client.get(reverse("registrations:dashboard", args=[realm.slug])).context

    assert (seen, hidden) == ([200] * 3, [404] * 3)
    assert (launched.status_code, deleted.status_code) == (302, 302)
    assert learners not in dashboard["registrations"]
    assert Registration.objects.filter(pk=learners.pk).exists()


def test_a_role_in_one_application_opens_what_is_in_that_one():
    realm = make.realm()
    here, elsewhere = make.course(of=realm), make.course(of=realm)
    application = make.application(realm)
    Course.objects.filter(pk=here.pk).update(application=application)
    person = make.member(realm, Role.LEARNER)
    person.memberships.get().application_roles.create(application=application, role=Role.AUTHOR)
    client = browser(person)

    listed = client.get(reverse("content:library", args=[realm.slug])).context["page"].object_list
    answers = [
        client.post(reverse("content:course_title", args=[realm.slug, course.pk]), {"title": "New"}).status_code
        for course in (here, elsewhere)
    ]

    assert [course.pk for course in listed] == [here.pk]
    assert answers == [302, 404]
    assert client.get(reverse("realms:applications", args=[realm.slug])).status_code == 403


def test_learners_land_on_their_own_courses_and_launch_them():
    realm = make.realm()
    course = make.course(of=realm)
    person = make.member(realm, Role.LEARNER, email="ada@example.com")
    mine = real(make.registration(course, "a"), "ada@example.com")
    other = real(make.registration(course, "b"), "bob@example.com")
    client = browser(person)

    landed = client.get(reverse("registrations:dashboard", args=[realm.slug]), follow=True)
    results = [
        client.get(reverse("registrations:my_results", args=[realm.slug, pk])).status_code for pk in (mine.pk, other.pk)
    ]
    launched = [client.post(reverse("registrations:launch_mine", args=[realm.slug, pk])) for pk in (mine.pk, other.pk)]

    assert landed.redirect_chain[-1][0] == reverse("registrations:mine", args=[realm.slug])
    assert list(landed.context["page"].object_list) == [mine]
    assert results == [200, 404]
    assert re.match(r"http://127\.0\.0\.1:\d+/launch/", launched[0]["Location"])
    assert (launched[0]["Cache-Control"], launched[1].status_code) == ("no-store", 404)


@pytest.mark.parametrize(("address", "learner"), [("Ada@x.com", "ada@X.COM"), ("ada@x.com", "Ada@X.com")])
def test_own_courses_are_found_in_whatever_case_their_ids_came(address: str, learner: str):
    realm = make.realm()
    mine = real(make.registration(make.course(of=realm), "a"), learner)
    person = make.member(realm, Role.LEARNER, email=address)

    page = browser(person).get(reverse("registrations:mine", args=[realm.slug]))

    assert list(page.context["page"].object_list) == [mine]


def test_an_address_that_is_not_verified_shows_nobodys_courses():
    realm = make.realm()
    real(make.registration(make.course(of=realm), "a"), "ada@example.com")
    person = make.member(realm, Role.LEARNER, email="ada@example.com")
    person.emailaddress_set.update(verified=False)

    page = browser(person).get(reverse("registrations:mine", args=[realm.slug]))

    assert list(page.context["page"].object_list) == []
    assert "Confirm your e-mail address" in page.content.decode()


def test_own_courses_take_the_same_queries_for_one_and_three():
    realm = make.realm()
    client = browser(make.member(realm, Role.LEARNER, email="ada@example.com"))
    address = reverse("registrations:mine", args=[realm.slug])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    real(make.registration(make.course(of=realm), "a"), "ada@example.com")
    client.get(address)
    one = queries()
    for _ in range(2):
        real(make.registration(make.course(of=realm), "a"), "ada@example.com")

    assert queries() == one
