"""The courses a plan has room for, and two imports at its last free place."""

import pytest

from content.errors import OverPlan, TooManyCourses
from content.limits import hold_to_plan, refuse_more_courses
from content.models import Course, CourseVersion, ImportJob
from content.services import Wish, add_reference, start_fetch
from realms import links
from realms.models import BillingPlan, Realm
from tests import make
from tests.at_once import all_at_once
from tests.lrs.test_at_once import on_postgresql


def allow(realm: Realm, **limits: int) -> Realm:
    BillingPlan.objects.filter(pk=realm.plan_id).update(**limits)
    return Realm.objects.get(pk=realm.pk)


@pytest.mark.django_db
def test_a_plan_has_room_for_so_many_courses_and_any_number_of_versions():
    realm = make.realm()
    allow(realm, course_limit=1)
    first = make.course(of=realm, course_id="golf")
    application = make.internal_application(Realm.objects.get(pk=realm.pk))

    make.course(of=realm, course_id="golf", may_create_version=True)
    with pytest.raises(AssertionError, match=r"allows 1 courses and all of them are there"):
        make.course(of=realm)  # the message is on its job
    with pytest.raises(TooManyCourses):
        add_reference(application, "https://example.com/a.mp4")
    with pytest.raises(TooManyCourses):
        start_fetch(application, "https://example.com/a.zip")
    first.delete()

    make.course(of=realm)
    assert Course.objects.count() == 1


@pytest.mark.django_db
def test_linked_realms_share_the_courses_of_a_plan():
    payer, other = make.realm(), make.realm()
    links.link(other, payer, by=None)
    allow(payer, course_limit=1)
    make.course(of=payer)

    with pytest.raises(TooManyCourses):
        refuse_more_courses(make.internal_application(Realm.objects.get(pk=other.pk)))


@pytest.mark.django_db
def test_what_is_too_much_once_it_is_stored_is_rolled_back():
    realm = make.realm()
    course = make.course(of=realm)
    allow(realm, storage_limit=course.current_version.archive_size - 1)

    with pytest.raises(OverPlan, match="another import has taken the last of it"):
        hold_to_plan(make.internal_application(Realm.objects.get(pk=realm.pk)), is_new=False)


@on_postgresql
def test_of_two_imports_at_the_last_free_place_one_wins():
    realm = allow(make.realm(), course_limit=2)
    applications = [make.internal_application(realm), make.application(realm)]
    add_reference(applications[0], "https://example.com/first.mp4")

    def add(number: int) -> None:
        add_reference(applications[number % 2], f"https://example.com/{number}.mp4", wish=Wish())

    wrong = all_at_once(*[lambda number=number: add(number) for number in range(4)])

    assert [each.partition(":")[0] for each in wrong] == ["TooManyCourses"] * 3
    assert (Course.objects.count(), CourseVersion.objects.count(), ImportJob.objects.count()) == (2, 2, 2)
