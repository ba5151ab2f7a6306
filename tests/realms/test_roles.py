"""What each role sees and may: a member without the right gets 403, and never sees what another application holds."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content import bulk
from content.models import BulkJob, Course, SavedView
from realms.models import Application, Role
from realms.services import add_credential
from registrations import services
from registrations.models import BulkChange, Registration
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


def test_authors_delete_no_course_or_version_that_learners_have_results_on():
    realm = make.realm()
    course = make.course(of=realm)
    older = course.current_version
    free, learners = make.course(of=realm), real(make.registration(course), "ada")
    newer = make.course(of=realm, course_id=course.course_id, may_create_version=True).current_version
    services.restart(learners)
    author, owner = browser(make.member(realm, Role.AUTHOR)), browser(make.member(realm, Role.OWNER))
    delete, drop = (f"/r/{realm.slug}/courses/{course.pk}/delete/", f"/r/{realm.slug}/versions/{older.pk}/delete/")

    asked = author.get(delete).content.decode()
    refused = [author.post(path, follow=True).content.decode() for path in (delete, drop)]
    kept = (Course.objects.filter(pk=course.pk).exists(), learners.instances.count(), newer.course_id == course.pk)
    author.post(f"/r/{realm.slug}/courses/{free.pk}/delete/")
    owner.post(drop)
    left = list(learners.instances.values_list("version", flat=True))
    owner.post(delete)

    assert "Delete the course" not in asked
    assert "ask an owner or administrator" in asked
    assert ["It has registrations of learners" in refused[0], "Learners have results on this" in refused[1]] == [
        True
    ] * 2
    assert kept == (True, 2, True)
    assert left == [newer.pk]
    assert not Course.objects.filter(pk__in=(course.pk, free.pk)).exists()


def test_many_courses_are_deleted_by_authors_but_for_those_with_results():
    realm = make.realm()
    bound, free = make.course(of=realm), make.course(of=realm)
    learners = real(make.registration(bound), "ada")
    person = make.member(realm, Role.AUTHOR)
    chosen = {"do": "delete", "course": [bound.pk, free.pk], "count": 2}

    asked = " ".join(browser(person).post(reverse("content:bulk", args=[realm.slug]), chosen).content.decode().split())
    browser(person).post(reverse("content:bulk_begin", args=[realm.slug]), chosen)
    job = BulkJob.objects.get()
    bulk.run(job.pk)
    job.refresh_from_db()

    assert "1 of them has registrations of learners and stays" in asked
    assert (job.changed, [words for _, words in job.problems][0][:34]) == (1, "It has registrations of learners, ")
    assert list(Course.objects.filter(pk__in=(bound.pk, free.pk))) == [bound]
    assert Registration.objects.filter(pk=learners.pk).exists()


def test_who_has_left_meanwhile_deletes_no_results_by_a_job_that_waits():
    realm = make.realm()
    bound = make.course(of=realm)
    real(make.registration(bound), "ada")
    person = make.colleague(realm)
    chosen = {"do": "delete", "course": [bound.pk], "count": 1}
    browser(person).post(reverse("content:bulk_begin", args=[realm.slug]), chosen)

    person.memberships.update(role=Role.AUTHOR)
    bulk.run(BulkJob.objects.get().pk)

    assert Course.objects.filter(pk=bound.pk).exists()


def test_support_changes_no_shared_view_of_others_and_authors_do():
    realm = make.realm()
    support = make.member(realm, Role.SUPPORT)
    said = {"realm": realm, "columns": [], "is_shared": True}
    others = SavedView.objects.create(name="Others", owner=make.colleague(realm), **said)
    own = SavedView.objects.create(name="Own", owner=support, **said)
    wish = {"name": "New name", "is_shared": "on"}

    def path(view: SavedView) -> str:
        return reverse("content:change_view", args=[realm.slug, view.pk])

    client = browser(support)
    library = client.get(f"{reverse('content:library', args=[realm.slug])}?view={others.pk}").content.decode()
    refused = [client.get(path(others)), client.post(path(others), wish), client.post(path(others), {"delete": "1"})]
    allowed = [client.post(path(own), wish), browser(make.member(realm, Role.AUTHOR)).post(path(others), wish)]

    assert [each.status_code for each in refused] == [403] * 3
    assert "Change this view" not in library
    assert [each.status_code for each in allowed] == [302] * 2
    assert set(SavedView.objects.values_list("name", flat=True)) == {"New name"}


def test_keys_of_the_app_management_application_are_made_by_owners_alone():
    realm = make.realm()
    management, usual = make.application(realm, is_management=True), make.application(realm)
    for each in (management, usual):
        add_credential(each, "Old", is_enabled=False)
    administrator = browser(make.colleague(realm))
    owner = browser(make.member(realm, Role.OWNER))

    def answers(client: Client, of: Application) -> list[int]:
        key = of.credentials.earliest("pk")
        posts = [
            client.post(reverse("realms:create_key", args=[realm.slug, of.app_id]), {"name": "New"}),
            client.post(reverse("realms:set_key_enabled", args=[realm.slug, key.pk]), {"enabled": "1"}),
            client.post(reverse("realms:rotate_key", args=[realm.slug, key.pk]), {"name": "Newer", "overlap": "86400"}),
            client.post(reverse("realms:keep_key", args=[realm.slug, key.pk])),
        ]
        return [each.status_code for each in posts]

    refused = answers(administrator, management)
    kept = list(management.credentials.values_list("name", "is_enabled"))
    page = administrator.get(reverse("realms:application", args=[realm.slug, management.app_id])).content.decode()

    assert refused == [403] * 4
    assert kept == [("Old", False)]
    assert ("Create secret key" in page, "Only owners make" in page) == (False, True)
    assert answers(administrator, usual) == [200, 302, 200, 302]
    assert answers(owner, management) == [200, 302, 200, 302]


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


def limited(realm, role: str):
    """A course with a learner in another application than the person's role is in, and in that one; the browser."""
    elsewhere, here = make.course(of=realm), make.course(of=realm)
    application = make.application(realm)
    learners, ours = (real(make.registration(course, "x"), "ada") for course in (elsewhere, here))
    Course.objects.filter(pk=here.pk).update(application=application)
    Registration.objects.filter(pk=ours.pk).update(application=application)
    person = make.member(realm, Role.LEARNER)
    person.memberships.get().application_roles.create(application=application, role=role)
    return elsewhere, here, learners, ours, browser(person)


def test_an_author_of_one_application_does_nothing_in_another():
    realm = make.realm()
    elsewhere, here, learners, ours, client = limited(realm, Role.AUTHOR)
    version, other = elsewhere.current_version, make.application(realm)
    of_course = ("content:course_delete", "content:course_tags", "content:version_rule", "registrations:launch")
    of_version = ("content:version_delete", "content:version_current", "content:file_put")

    answers = [client.post(reverse(name, args=[realm.slug, elsewhere.pk])).status_code for name in of_course]
    answers += [client.post(reverse(name, args=[realm.slug, version.pk])).status_code for name in of_version]
    moved = client.post(
        reverse("content:bulk_begin", args=[realm.slug]),
        {"do": "move", "course": [here.pk], "count": 1, "application": other.app_id},
    )
    many = {"do": "delete", "course": [elsewhere.pk], "count": 1}
    bulk_page = client.post(reverse("content:bulk_begin", args=[realm.slug]), many)
    results = [
        client.post(reverse(f"registrations:{name}", args=[realm.slug, each.pk])).status_code
        for name in ("reset", "delete", "reset_global_data", "abandon")
        for each in (learners, ours)
    ]

    assert answers == [404] * 7
    assert (moved.status_code, bulk_page.status_code, BulkJob.objects.count()) == (422, 302, 0)
    assert results == [404] * 8
    assert Course.objects.filter(pk__in=(elsewhere.pk, here.pk)).count() == 2


def test_support_of_one_application_resets_there_and_nowhere_else():
    realm = make.realm()
    elsewhere, here, learners, ours, client = limited(realm, Role.SUPPORT)

    def answers(name: str) -> list[int]:
        path = f"registrations:{name}"
        return [client.post(reverse(path, args=[realm.slug, each.pk])).status_code for each in (learners, ours)]

    def many(verb: str, each: Registration) -> int:
        form = {"verb": verb, "pk": [each.pk], "confirmed": "1", "count": 1}
        return client.post(reverse("registrations:bulk", args=[realm.slug]), form).status_code

    names = ("reset", "restart", "reset_global_data", "abandon", "delete", "launch_as", "waive")
    verbs = {name: answers(name) for name in names}
    bulk_answers = [many(verb, each) for verb in ("reset", "delete", "tag") for each in (learners, ours)]
    content = [
        client.post(reverse("content:course_delete", args=[realm.slug, each.pk])).status_code
        for each in (elsewhere, here)
    ]

    assert verbs == {
        "reset": [404, 302],
        "restart": [404, 302],
        "reset_global_data": [404, 302],
        "abandon": [404, 302],
        "delete": [404, 403],
        "launch_as": [404, 403],
        "waive": [404, 403],
    }
    assert bulk_answers == [302, 302, 403, 403, 403, 403]
    assert list(BulkChange.objects.values_list("chosen", flat=True)) == [{"pks": [ours.pk]}]
    assert content == [403, 403]


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
