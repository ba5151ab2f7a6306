"""Versions: who moves to which and when, which is current, what a deleted one takes along, two side by side."""

import threading

import pytest
from django.db import connection, connections
from django.urls import reverse

from content import comparison, services, versions
from content.models import ContentChange, Course, CourseVersion
from content.versions import Change
from registrations import services as play
from registrations.links import LaunchLink, LinkError
from registrations.models import Instance, Registration
from tests import make
from tests.content.packages import MANIFEST, imported, package

RULE = versions.RULE
ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")


@pytest.fixture
def course(application) -> Course:
    """A course with two versions; the second is current."""
    imported(application, package({"old.txt": "old", "same.txt": "same", "a.txt": "moved here"}), course_id="c")
    imported(
        application,
        package({"new.txt": "new", "same.txt": "same", "b.txt": "moved here", "index.html": "<p>Bye"}, "Sea signs"),
        course_id="c",
        may_create_version=True,
    )
    return Course.objects.get(course_id="c")


def on_version(course: Course, number: int, learner: str = "ada", **outcome: str) -> Registration:
    """A registration whose one instance is on the version and has come to this."""
    registration = make.registration(course, learner)
    version = course.versions.get(number=number)
    registration.instances.update(version=version, **outcome)
    Registration.objects.filter(pk=registration.pk).update(**outcome)
    return registration


def launch_number(registration: Registration) -> tuple[int, int]:
    """Launch it: number of the instance and of the version that are played."""
    record = play.begin_launch(LaunchLink(registration_id=registration.pk), play.Visitor())
    return record.instance.number, record.version.number


COMPLETED, PASSED, OPEN = {"completion": "completed"}, {"success": "passed"}, {"completion": "incomplete"}
NEWER, DONE, GOOD = (
    "WHEN_NEWER_PACKAGE_VERSION_EXISTS",
    "WHEN_EXISTING_REG_IS_COMPLETE",
    "WHEN_EXISTING_REG_IS_SATISFIED",
)
AND_NEWER = "_AND_NEWER_PACKAGE_VERSION_EXISTS"


@pytest.mark.parametrize(
    ("rule", "outcome", "on", "anew"),
    [
        ("NEVER", COMPLETED, 0, False),
        (NEWER, OPEN, 0, True),
        (NEWER, COMPLETED, 1, False),
        (DONE, COMPLETED, 0, True),
        (DONE, COMPLETED, 1, True),
        (DONE, OPEN, 0, False),
        (DONE + AND_NEWER, COMPLETED, 0, True),
        (DONE + AND_NEWER, COMPLETED, 1, False),
        (DONE + AND_NEWER, OPEN, 0, False),
        (GOOD, PASSED, 1, True),
        (GOOD, {"success": "failed"}, 1, False),
        (GOOD + AND_NEWER, PASSED, 0, True),
        (GOOD + AND_NEWER, PASSED, 1, False),
        ("WHEN_EXISTING_REG_IS_INCOMPLETE" + AND_NEWER, OPEN, 0, True),
        ("WHEN_EXISTING_REG_IS_INCOMPLETE" + AND_NEWER, COMPLETED, 0, False),
        ("WHEN_EXISTING_REG_IS_INCOMPLETE" + AND_NEWER, OPEN, 1, False),
    ],
)
def test_a_launch_begins_anew_as_the_rule_says(course, rule, outcome, on, anew):
    versions.set_rule(course, rule, None)
    registration = on_version(course, on, **outcome)
    expected = versions.affected(course).moving[rule]

    assert expected == anew
    assert launch_number(registration) == ((1, 1) if anew else (0, on))
    registration.refresh_from_db()
    old = registration.instances.get(number=0)
    assert (old.completion, old.success) == (outcome.get("completion", "unknown"), outcome.get("success", "unknown"))
    assert registration.completion == ("unknown" if anew else outcome.get("completion", "unknown"))


def test_a_second_launch_goes_on_where_the_first_began(course):
    versions.set_rule(course, DONE, None)
    registration = on_version(course, 0, **COMPLETED)

    assert [launch_number(registration) for _ in range(3)] == [(1, 1)] * 3


def test_who_is_affected(course):
    on_version(course, 0, "a")
    on_version(course, 0, "b", **COMPLETED)
    registration = on_version(course, 1, "c", **OPEN)
    make.launch(registration)

    who = versions.affected(course)

    assert (who.registrations, who.older, who.completed, who.passed, who.failed) == (3, 2, 1, 0, 0)
    assert who.in_progress == 1
    assert versions.registrations_by_version(course) == {
        course.versions.get(number=0).pk: 2,
        course.versions.get(number=1).pk: 1,
    }


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_two_launches_at_once_make_one_instance(course):
    versions.set_rule(course, NEWER, None)
    registration = on_version(course, 0)

    found = at_once(*[lambda: launch_number(registration)] * 4)

    assert found == [(1, 1)] * 4
    assert Instance.objects.filter(registration=registration).count() == 2


def at_once(*calls) -> list:
    """What each call gave, or the error it ended with, begun together in threads."""
    start = threading.Barrier(len(calls))
    found: list = [None] * len(calls)

    def run(number: int) -> None:
        start.wait()
        try:
            found[number] = calls[number]()
        except Exception as error:
            found[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@ON_POSTGRESQL
@pytest.mark.django_db(transaction=True)
def test_a_course_is_deleted_while_it_is_played(application):
    """Reports lock instances first and look after course and application last: two orders would wait for ever."""
    for turn in range(6):
        imported(application, package(), course_id=f"c{turn}")
        course = Course.objects.get(course_id=f"c{turn}")
        played = [make.launch(make.registration(course, f"learner {number}")) for number in range(4)]
        for each in played:
            each.report(lesson_status="incomplete")

        def report(each=None) -> None:
            for _ in range(15):
                each.report(lesson_status="incomplete", finished=True)
                each.go("continue")

        found = at_once(
            *[lambda each=each: report(each) for each in played], lambda course=course: services.delete_course(course)
        )

        assert found[-1] is None
        assert not Course.objects.filter(pk=course.pk).exists()
        assert all("deadlock" not in str(result) for result in found)
        assert {type(result).__name__ for result in found[:-1]} <= {"NoneType", "DoesNotExist", "RequestError"}


def test_an_older_version_becomes_current_again(course):
    old = course.versions.get(number=0)

    versions.make_current(old, None)

    course.refresh_from_db()
    assert (course.current_version, course.title) == (old, "Sea signals")
    assert make.registration(course).instances.get().version == old
    assert course.changes.get().action == "made-current"


def test_a_title_of_ones_own_survives_another_current_version(course):
    services.rename_course(course, "Mine")

    versions.make_current(course.versions.get(number=0), None)

    course.refresh_from_db()
    assert course.title == "Mine"


def test_the_current_version_and_one_with_learners_stay(course):
    old, current = course.versions.get(number=0), course.versions.get(number=1)
    on_version(course, 0)

    for version, words in ((current, "This is the current version."), (old, "1 registration is on this version.")):
        with pytest.raises(versions.ContentError, match=words):
            versions.delete_version(version, None)

    assert course.versions.count() == 2


def test_a_deleted_version_takes_its_files_and_what_was_done_on_it(course, kept, django_capture_on_commit_callbacks):
    versions.set_rule(course, NEWER, None)
    registration = on_version(course, 0)
    launch_number(registration)
    old = course.versions.get(number=0)
    versions.put_file(old, "more/new.txt", [b"more"])
    before = kept()
    goes = versions.going(old)

    with django_capture_on_commit_callbacks(execute=True):
        versions.delete_version(old, None)

    assert (goes.instances, goes.registrations) == (1, 0)
    assert len(before) == 3
    assert kept() == [name for name in before if course.versions.get().archive in name]
    assert registration.instances.get().version == course.versions.get()
    assert course.changes.first().action == "version-deleted"


def test_files_of_two_versions(course):
    found = comparison.compare_files(course.versions.get(number=0), course.versions.get(number=1))

    assert [(each.kind, each.path, each.old_path) for each in found] == [
        ("renamed", "b.txt", "a.txt"),
        ("changed", "imsmanifest.xml", ""),
        ("changed", "index.html", ""),
        ("added", "new.txt", ""),
        ("removed", "old.txt", ""),
    ]


def test_what_is_played_in_two_versions(application):
    one = MANIFEST.format(title="One").replace(
        "</item>", '</item><item identifier="J" identifierref="R"><title>J</title></item>'
    )
    two = MANIFEST.format(title="Two").replace(
        '<item identifier="I" identifierref="R"><title>One</title></item>',
        '<item identifier="K" identifierref="R"><title>K</title></item>'
        '<item identifier="I" identifierref="R" parameters="?a=1"><title>First</title>'
        "<adlcp:masteryscore>80</adlcp:masteryscore></item>",
    )
    old = imported(application, package({"imsmanifest.xml": one})).version
    new = imported(application, package({"imsmanifest.xml": two})).version

    found = comparison.compare_structures(old.read_structure(), new.read_structure())

    assert {(each.what, each.identifier, each.detail) for each in found} >= {
        ("setting", "", "title"),
        ("removed", "J", ""),
        ("added", "K", ""),
        ("renamed", "I", "title"),
        ("setting", "I", "mastery score"),
    }
    assert any(each.what == "launch" and each.identifier == "I" for each in found)
    assert any(line.startswith("+") and "masteryscore" in line for line in comparison.compare_manifests(old, new) or ())


def test_the_pages_show_it_and_ask_few_questions(course, owner, realm, django_assert_max_num_queries):
    page = reverse("content:versions", args=[realm.slug, course.pk])
    compare = reverse("content:compare", args=[realm.slug, course.pk])
    for number in range(5):
        on_version(course, 0, f"learner {number}")

    with django_assert_max_num_queries(23):
        shown = owner.get(page).content.decode()
    with django_assert_max_num_queries(16):
        files = owner.get(compare, {"part": "files"}).content.decode()
    manifest = owner.get(compare, {"part": "manifest"}).content.decode()
    structure = owner.get(compare).content.decode()

    assert "Version 0" in shown
    assert "5</strong> registrations on it" in shown
    assert "1 added, 1 removed, 2 changed, 1 renamed" in files
    assert "diff-new" in manifest
    assert "Sea signs" in structure
    assert owner.get(compare, {"from": "9"}).status_code == 404
    assert owner.get(compare, {"from": "\0"}).status_code == 404


def test_a_version_that_comes_while_the_page_is_made_pushes_none_off_it(course, owner, realm):
    counted = []

    def come(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if not counted and "COUNT" in sql and '"content_courseversion"."course_id"' in sql:
            counted.append(sql)
            imported(course.application, package({}, "Sea songs"), course_id="c", may_create_version=True)
        return answer

    with connection.execute_wrapper(come):
        page = owner.get(reverse("content:versions", args=[realm.slug, course.pk])).context["page"]

    assert counted
    assert [version.number for version in page] == [2, 1, 0]


def test_the_page_compares_with_the_current_version_unless_told(course, owner, realm):
    compare = reverse("content:compare", args=[realm.slug, course.pk])
    assert "Version 0 → version 1" in owner.get(compare).content.decode()

    versions.make_current(course.versions.get(number=0), None)

    assert "Version 1 → version 0" in owner.get(compare).content.decode()
    assert "Version 1 → version 0" in owner.get(compare, {"from": "1"}).content.decode()


def test_the_rule_is_chosen_on_the_page_and_nothing_else_is_taken(course, owner, realm):
    page = reverse("content:version_rule", args=[realm.slug, course.pk])

    for rule in ("SOMETIMES", "\0", NEWER):
        assert owner.post(page, {"rule": rule}).status_code == 302

    course.refresh_from_db()
    assert course.settings == {RULE: NEWER}
    assert ContentChange.objects.get().by == realm.memberships.get().user


def test_a_launch_of_what_is_gone_says_so(course):
    registration = on_version(course, 1)
    link = LaunchLink(registration_id=registration.pk)
    services.delete_course(course)

    with pytest.raises(LinkError, match="does not exist any more"):
        play.begin_launch(link, play.Visitor())


def test_a_changed_manifest_asks_what_becomes_of_progress(application):
    version = imported(application, package()).version
    registration = make.registration(version.course)
    played = make.launch(registration)
    manifest = MANIFEST.format(title="Other")
    other_item = manifest.replace('identifier="I"', 'identifier="J"')

    with pytest.raises(versions.ProgressAsked, match="1 registration has begun"):
        versions.put_file(version, "imsmanifest.xml", [manifest.encode()], Change(policy="strict"))
    with pytest.raises(versions.ProgressAsked, match="cannot be kept"):
        versions.put_file(version, "imsmanifest.xml", [other_item.encode()], Change(policy="strict", progress="keep"))
    versions.put_file(version, "imsmanifest.xml", [manifest.encode()], Change(policy="strict", progress="keep"))
    assert launch_number(registration) == (0, 0)
    versions.put_file(version, "imsmanifest.xml", [other_item.encode()], Change(policy="strict", progress="anew"))

    version = CourseVersion.objects.get(pk=version.pk)
    assert (version.revision, version.title) == (2, "Other")
    assert [leaf.identifier for leaf in version.read_structure().leaves] == ["J"]
    with pytest.raises(play.RequestError, match="changed meanwhile"):
        play.start(played.key)
    assert launch_number(registration) == (1, 0)
