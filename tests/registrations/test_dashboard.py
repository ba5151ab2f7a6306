"""The page a realm opens on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from content.models import Course, CourseVersion, ImportJob
from realms import usage
from realms.models import Realm, Role
from registrations.models import Registration
from tests import make


@pytest.fixture
def realm():
    return make.realm()


@pytest.fixture
def console(client, realm):
    client.force_login(realm.default_of)
    return client


def course(realm: Realm, number: int, size: int = 0) -> Course:
    application = realm.applications.get(is_internal=True)
    made = Course.objects.create(
        application=application, course_id=f"course-{number}", title=f"Course {number}", standard="SCORM12"
    )
    CourseVersion.objects.create(
        course=made, number=0, standard="SCORM12", title=made.title, structure={}, archive=f"a{number}",
        archive_size=size, unpacked_size=size, file_count=1,
    )  # fmt: skip
    return made


def registration(of: Course, number: int, days_ago: int = 0, completed_days_ago: int | None = None, **fields):
    made = Registration.objects.create(
        application=of.application, course=of, registration_id=f"r{number}", learner_id=f"l{number}", **fields
    )
    moment = timezone.now() - timedelta(days=days_ago)
    done = None if completed_days_ago is None else timezone.now() - timedelta(days=completed_days_ago)
    Registration.objects.filter(pk=made.pk).update(created=moment, completed_at=done)
    return made


def count(one: Registration) -> None:
    named = (one.registration_id, one.course.course_id, one.application.app_id)
    usage.count(usage.Counted(one.pk, *named, one.application.realm_id))


@pytest.mark.django_db
def test_a_new_realm_is_told_the_next_step(console, realm):
    page = console.get(f"/r/{realm.slug}/")

    assert page.status_code == 200
    assert "First steps" in page.text
    assert page.text.count(f'href="/r/{realm.slug}/add/"') >= 2
    assert "No course yet" in page.text


@pytest.mark.django_db
def test_the_numbers_are_those_of_this_realm_alone(console, realm):
    first = course(realm, 1, size=80_000_000)
    registration(first, 1, days_ago=2, completed_days_ago=1, is_sandbox=True)
    count(registration(first, 2, days_ago=2))
    registration(first, 3, days_ago=40, completed_days_ago=35)
    ImportJob.objects.create(application=first.application, file_name="a.zip", state="running")
    ImportJob.objects.create(application=first.application, file_name="b.zip", state="failed", finished=timezone.now())
    foreign = course(make.realm(), 9, size=5)
    count(registration(foreign, 9))

    answer = console.get(f"/r/{realm.slug}/")
    page = answer.context

    assert b'class="job' not in answer.content  # the list of imports comes by a request of its own
    assert (page["course_count"], page["sandbox_count"], page["import_counts"]) == (1, 1, {"running": 1, "failed": 1})
    registered, completed = (series["values"] for series in page["chart"]["series"])
    assert (sum(registered), registered[-3], sum(completed), completed[-2]) == (2, 2, 1, 1)
    assert [(each["used"], each["limit"], each["percent"]) for each in page["use"]] == [
        (80_000_000, 100_000_000, 80),
        (1, 10, 10),
    ]
    assert [each.title for each in page["courses"]] == ["Course 1"]


@pytest.mark.django_db
def test_a_linked_realm_counts_against_the_plan_it_shares(console, realm):
    other = make.realm()
    Realm.objects.filter(pk=other.pk).update(plan=None, billing_realm=realm)
    count(registration(course(realm, 1, size=10), 1))
    count(registration(course(other, 2, size=20), 2))

    use = console.get(f"/r/{realm.slug}/").context["use"]

    assert [each["used"] for each in use] == [30, 2]


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_the_dashboard_asks_as_much_for_many_rows_as_for_one(console, realm, rows, django_assert_num_queries):
    console.get(f"/r/{realm.slug}/")
    for number in range(rows):
        registration(course(realm, number), number)

    with django_assert_num_queries(24):
        console.get(f"/r/{realm.slug}/")


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "leads"), [(Role.AUTHOR, False), (Role.SUPPORT, True)])
def test_the_number_of_registrations_leads_to_them_whoever_may_see_them(client, realm, role: Role, leads: bool):
    client.force_login(make.member(realm, role))

    page = client.get(f"/r/{realm.slug}/")

    assert "Sandbox registrations" in page.text
    assert (f'href="/r/{realm.slug}/registrations/"' in page.text) is leads
