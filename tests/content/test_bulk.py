"""What is done to many courses at once: asked for, begun, and done by a worker, whatever happens to it."""

import csv
import io
import re
import zipfile
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from content import bulk, services
from content.courses import MoveRefused, move_course
from content.left_over import remove_what_came_in
from content.models import BulkJob, Course, CourseTag, CourseVersion, ImportJob
from realms.models import AuditEntry, Realm
from registrations import registering
from registrations.errors import CourseGone
from registrations.services import open_sandbox
from standards.structure import Learner
from tests import make
from tests.at_once import all_at_once
from tests.content.packages import imported, package
from tests.content.test_library import course

pytestmark = pytest.mark.django_db


def page(realm, name: str, *args) -> str:
    return reverse(f"content:{name}", args=[realm.slug, *args])


def begin(owner, realm, kind: str, courses, **more) -> BulkJob:
    """The job, as the two pages begin it."""
    asked = {"do": kind, "course": [each.pk for each in courses]}
    confirm = owner.post(page(realm, "bulk"), asked)
    assert confirm.status_code == 200
    answer = owner.post(page(realm, "bulk_begin"), asked | {"count": len(courses)} | more)
    assert answer.status_code == 302, answer.content.decode()
    return BulkJob.objects.latest("created")


def run(job: BulkJob) -> BulkJob:
    bulk.run(job.pk)
    job.refresh_from_db()
    return job


# --- tags -------------------------------------------------------------------------------------------------------------


def test_many_courses_are_tagged_and_untagged(owner, realm, application):
    courses = [course(application, title, tags="old") for title in ("Alpha", "Beta", "Gamma")]

    tagged = run(begin(owner, realm, "tag", courses[:2], tags="sea, Safety,sea"))
    again = run(begin(owner, realm, "tag", courses[:2], tags="sea"))
    untagged = run(begin(owner, realm, "untag", courses, tags="old"))

    assert [(job.state, job.done, job.changed) for job in (tagged, again, untagged)] == [
        ("complete", 2, 2),
        ("complete", 2, 0),
        ("complete", 3, 3),
    ]
    found = list(CourseTag.objects.order_by("course", "name").values_list("course__title", "name"))
    assert found == [("Alpha", "Safety"), ("Alpha", "sea"), ("Beta", "Safety"), ("Beta", "sea")]
    assert AuditEntry.objects.filter(action="course.tags").count() == 5


def test_a_course_with_too_many_tags_is_left_as_it_is_and_named(owner, realm, application):
    full, other = course(application, "Full"), course(application, "Other")
    services.set_tags(full, [str(number) for number in range(50)])

    job = run(begin(owner, realm, "tag", [full, other], tags="one more"))
    shown = owner.get(page(realm, "bulk_job", job.pk)).content.decode()

    assert (job.changed, job.problems) == (1, [["Full", "A course has at most 50 tags."]])
    assert "1 course was left as it is" in shown
    assert full.tags.count() == 50


@pytest.mark.parametrize("tags", ["", " , ,", "x" * 101])
def test_tags_that_cannot_be_begin_nothing(owner, realm, application, tags):
    made = course(application, "Alpha")

    answer = owner.post(page(realm, "bulk_begin"), {"do": "tag", "course": [made.pk], "count": 1, "tags": tags})

    assert (answer.status_code, BulkJob.objects.count()) == (422, 0)


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_all_that_match_are_taken_across_pages(owner, realm, application):
    for number in range(60):
        course(application, f"Sea {number:02}")
    course(application, "Land")
    asked = {"do": "tag", "all": "1", "query": urlencode({"q": "sea"})}

    confirm = owner.post(page(realm, "bulk"), asked)
    owner.post(page(realm, "bulk_begin"), asked | {"count": 60, "tags": "wet"})
    run(BulkJob.objects.get())

    assert "Tag 60 courses" in confirm.content.decode()
    assert CourseTag.objects.filter(name="wet").count() == 60
    assert not CourseTag.objects.filter(course__title="Land").exists()


def test_what_matches_by_now_is_asked_for_again_if_it_is_not_what_was_shown(owner, realm, application):
    course(application, "Sea 1")
    asked = {"do": "delete", "all": "1", "query": "q=sea"}
    owner.post(page(realm, "bulk"), asked)
    course(application, "Sea 2")

    answer = owner.post(page(realm, "bulk_begin"), asked | {"count": 1})

    assert (answer.status_code, BulkJob.objects.count(), Course.objects.count()) == (409, 0, 2)
    assert "Other courses match now" in answer.content.decode()
    assert "Delete 2 courses?" in answer.content.decode()


def test_nothing_chosen_begins_nothing(owner, realm):
    asked = {"do": "delete", "course": ["x", "-1", "9" * 30], "query": "q=a"}

    answers = [owner.post(page(realm, name), asked) for name in ("bulk", "bulk_begin")]
    unknown = owner.post(page(realm, "bulk"), {"do": "sell"})

    assert [answer["Location"] for answer in answers] == [f"{page(realm, 'library')}?q=a"] * 2
    assert (unknown.status_code, BulkJob.objects.count()) == (302, 0)


def test_nobody_touches_courses_of_others(stranger, realm, application):
    made = course(application, "Alpha")
    own = Realm.objects.exclude(pk=realm.pk).get()

    for name in ("bulk", "bulk_begin"):
        answer = stranger.post(page(own, name), {"do": "delete", "course": [made.pk], "count": 1})
        assert answer.status_code == 302
    job = run(BulkJob.objects.create(realm=own, kind="delete", courses=[made.pk]))

    assert (job.state, job.changed) == ("complete", 0)
    assert Course.objects.filter(pk=made.pk).exists()


def test_a_realm_has_a_few_jobs_under_way_and_no_more(owner, realm, application, monkeypatch):
    monkeypatch.setattr(services, "BULK_JOBS_AT_MOST", 1)
    made = course(application, "Alpha")
    begin(owner, realm, "delete", [made])

    answer = owner.post(page(realm, "bulk_begin"), {"do": "delete", "course": [made.pk], "count": 1})

    assert (answer.status_code, BulkJob.objects.count()) == (422, 1)


# --- deleting ---------------------------------------------------------------------------------------------------------


def test_many_courses_are_deleted_with_their_files(owner, realm, application, kept):
    courses = [imported(application, package(title=title)).version.course for title in ("Alpha", "Beta", "Stays")]
    make.registration(courses[0])

    confirm = owner.post(page(realm, "bulk"), {"do": "delete", "course": [each.pk for each in courses[:2]]})
    job = run(begin(owner, realm, "delete", courses[:2]))

    words = " ".join(re.sub(r"<svg.*?</svg>|<[^>]*>", "", confirm.content.decode(), flags=re.DOTALL).split())
    assert "Delete 2 courses?" in words
    assert "1 sandbox registration" in words
    assert (job.state, job.changed, [each.title for each in Course.objects.all()]) == ("complete", 2, ["Stays"])
    assert len(kept()) == 1
    assert AuditEntry.objects.filter(action="course.delete", realm=realm).count() == 2


def test_a_job_that_a_dead_worker_left_goes_on_where_it_was(owner, realm, application):
    courses = [imported(application, package(title=str(number))).version.course for number in range(5)]
    job = begin(owner, realm, "delete", courses)
    past = timezone.now() - timedelta(minutes=1)
    BulkJob.objects.filter(pk=job.pk).update(state="running", done=2, changed=2, lease_until=past)
    Course.objects.filter(pk__in=[each.pk for each in courses[:3]]).delete()  # one more than was said

    assert bulk.take_stuck() == [job.pk]
    run(job)
    bulk.run(job.pk)  # what is over is not begun again

    assert (job.state, job.done, job.changed, Course.objects.count()) == ("complete", 5, 4, 0)


# --- moving -----------------------------------------------------------------------------------------------------------


def test_a_course_moves_with_its_sandbox_and_its_package_stays_when_the_old_application_goes(owner, realm, kept):
    old, new = make.application(realm), make.application(realm)
    made = imported(old, package(title="Alpha")).version.course
    registration = make.registration(made)
    make.launch(registration)
    before = kept()

    job = run(begin(owner, realm, "move", [made], application=new.app_id))
    remove_what_came_in([old])

    made.refresh_from_db()
    registration.refresh_from_db()
    assert (job.changed, made.application, registration.application) == (1, new, new)
    assert kept() == before
    assert ImportJob.objects.get().application == new
    assert AuditEntry.objects.get(action="course.move").details == {"application": [old.app_id, new.app_id]}
    assert open_sandbox(made, Learner("bob")).application == new


def test_what_cannot_be_moved_stays_and_says_why(owner, realm, application):
    new = make.application(realm)
    taken, bound, coming, free = (course(application, title) for title in ("Taken", "Bound", "Coming", "Free"))
    course(new, "Taken")
    bound.registrations.create(application=application, registration_id="1", learner_id="ada")
    ImportJob.objects.create(application=application, course_id="coming", file_name="x.zip")

    confirm = owner.post(page(realm, "bulk"), {"do": "move", "course": [taken.pk, bound.pk]}).content.decode()
    job = run(begin(owner, realm, "move", [taken, bound, coming, free], application=new.app_id))

    assert "1 of them has registrations of learners and stays." in " ".join(confirm.split())
    assert job.changed == 1
    assert job.problems == [
        ["Taken", f"The application {new.name} has a course with the id taken already."],
        ["Bound", "It has registrations of learners, which belong to their application."],
        ["Coming", "A new version of it is being imported."],
    ]
    assert sorted(new.courses.values_list("title", flat=True)) == ["Free", "Taken"]


def test_a_course_moves_to_no_application_of_others_and_to_none_that_manages(owner, realm, application):
    made = course(application, "Alpha")
    for target in (make.application(), make.application(realm, is_management=True)):
        answer = owner.post(
            page(realm, "bulk_begin"), {"do": "move", "course": [made.pk], "count": 1, "application": target.app_id}
        )
        assert (answer.status_code, BulkJob.objects.count()) == (422, 0)
        with pytest.raises(MoveRefused):
            move_course(made, target)

    assert move_course(made, application) is False


def test_a_learner_is_not_registered_in_the_application_that_a_course_has_left(realm, application):
    made = imported(application, package()).version.course
    version = CourseVersion.objects.select_related("course__application").get(course=made)
    move_course(Course.objects.get(pk=made.pk), make.application(realm))

    with pytest.raises(CourseGone):
        registering.register(version, registering.NewRegistration("1", "ada"))


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where writers cannot wait")
@pytest.mark.django_db(transaction=True)
def test_a_course_that_moves_while_learners_register_is_in_one_application_with_them(realm):
    one, other = make.application(realm), make.application(realm)
    courses = [imported(one, package(title=f"Course {number}")).version.course for number in range(6)]

    def move() -> None:
        for made in courses:
            with suppress(MoveRefused):
                move_course(Course.objects.get(pk=made.pk), other)

    def register() -> None:
        for made in courses:
            version = CourseVersion.objects.select_related("course__application").get(course=made)
            with suppress(CourseGone):
                registering.register(version, registering.NewRegistration(f"of {made.pk}", "ada"))

    def play() -> None:
        for made in courses:
            open_sandbox(Course.objects.get(pk=made.pk), Learner("bob"))

    assert all_at_once(move, register, play) == []
    for made in Course.objects.all():
        assert set(made.registrations.values_list("application", flat=True)) <= {made.application_id}


# --- exporting --------------------------------------------------------------------------------------------------------


def read(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_packages_and_the_list_are_exported_and_gone_after_a_day(owner, realm, application, kept):
    first = package(title="Alpha")
    made = imported(application, first, "a.zip").version.course
    second = imported(application, package(title="=cmd()"), "b.zip").version.course
    services.set_tags(made, ["sea", "b"])
    services.add_reference(application, "https://example.org/a.pdf", "Handbook")
    reference = Course.objects.get(title="Handbook")
    before = kept()

    job = run(begin(owner, realm, "export", [made, second, reference], what="packages"))
    answer = owner.get(page(realm, "bulk_download", job.pk))
    data = read(answer)

    assert (job.state, job.changed, job.problems) == ("complete", 3, [])
    assert int(answer["Content-Length"]) == len(data) == job.size
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert sorted(archive.namelist()) == sorted([f"{made.course_id}.zip", f"{second.course_id}.zip", "courses.csv"])
    assert archive.read(f"{made.course_id}.zip") == first
    rows = list(csv.reader(io.StringIO(archive.read("courses.csv").decode("utf-8-sig"))))
    assert rows[0][:3] == ["Title", "Course id", "App ID"]
    assert {row[0]: (row[9], row[-1]) for row in rows[1:]} == {
        "Alpha": ("b, sea", f"{made.course_id}.zip"),
        "'=cmd()": ("", f"{second.course_id}.zip"),
        "Handbook": ("", ""),
    }
    assert AuditEntry.objects.get(action="courses.export").details == {"courses": 3, "packages": True}

    bulk.remove_expired(timezone.now() + timedelta(hours=25))
    gone = owner.get(page(realm, "bulk_download", job.pk))
    assert (gone.status_code, "a day is over" in gone.content.decode(), kept()) == (410, True, before)
    bulk.remove_expired(timezone.now() + timedelta(days=8))
    assert BulkJob.objects.count() == 0


def test_the_list_alone_is_exported_as_csv(owner, realm, application):
    courses = [course(application, title) for title in ("Alpha", "Beta")]

    job = run(begin(owner, realm, "export", courses, what="list"))
    answer = owner.get(page(realm, "bulk_download", job.pk))

    rows = list(csv.reader(io.StringIO(read(answer).decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Title", "Alpha", "Beta"]
    assert answer["Content-Type"].startswith("text/csv")


def test_a_package_that_is_lost_is_named_and_the_others_are_exported(owner, realm, application):
    lost, made = course(application, "Lost"), imported(application, package(title="Alpha")).version.course

    job = run(begin(owner, realm, "export", [lost, made], what="packages"))
    archive = zipfile.ZipFile(io.BytesIO(read(owner.get(page(realm, "bulk_download", job.pk)))))

    assert (job.state, job.problems) == ("complete", [["Lost", "Its package is not in the storage."]])
    assert f"{made.course_id}.zip" in archive.namelist()


def test_members_have_names_that_every_system_takes_and_each_its_own(owner, realm, application):
    ids = ["../../etc/passwd", "a/b", "a_b", "A_B", "…"]
    courses = []
    for course_id in ids:
        made = imported(application, package(title="x")).version.course
        Course.objects.filter(pk=made.pk).update(course_id=course_id)
        courses.append(made)

    job = run(begin(owner, realm, "export", courses, what="packages"))
    names = zipfile.ZipFile(io.BytesIO(read(owner.get(page(realm, "bulk_download", job.pk))))).namelist()

    assert names == ["etc_passwd.zip", "a_b.zip", "a_b-2.zip", "A_B-3.zip", "course.zip", "courses.csv"]


def test_the_list_of_jobs_asks_as_much_for_three_as_for_one(owner, realm, django_assert_num_queries):
    BulkJob.objects.create(realm=realm, kind="tag", courses=[1])
    owner.get(page(realm, "bulk_jobs"))
    with django_assert_num_queries(7) as first:  # session, user, membership, where it works, count, jobs, my realms
        owner.get(page(realm, "bulk_jobs"))
    for _ in range(2):
        BulkJob.objects.create(realm=realm, kind="tag", courses=[1], created_by=realm.memberships.get().user)

    with django_assert_num_queries(len(first)):
        owner.get(page(realm, "bulk_jobs"))
