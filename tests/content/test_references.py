"""Courses by reference: what lies on the web and stays there."""

import pytest
from django.urls import reverse

from content import services
from content.errors import ContentError, CourseExists
from content.limits import stored_bytes
from content.models import Course, ImportJob
from content.services import Wish, add_reference
from tests import make

pytestmark = pytest.mark.django_db
URL = "https://example.org/handbook.pdf"


def add(client, realm, **fields):
    return client.post(reverse("content:add_reference", args=[realm.slug]), fields)


def test_an_address_becomes_a_course_without_a_download(client):
    realm = make.realm(owner := make.user())
    client.force_login(owner)

    answer = add(client, realm, address=URL, title=" The  handbook ", kind="")

    course = Course.objects.get(application__realm=realm)
    version = course.current_version
    assert answer["Location"] == reverse("registrations:course", args=[realm.slug, course.pk])
    assert (course.title, course.standard, course.course_id) == ("The handbook", "XAPI", "the-handbook")
    assert (version.archive, version.archive_size, version.file_count, stored_bytes(realm)) == ("", 0, 0, 0)
    assert version.read_structure().medium == "pdf"
    assert ImportJob.objects.get().state == ImportJob.State.COMPLETE


@pytest.mark.parametrize("address", ["http://example.org/a.pdf", "ftp://example.org/a", "https://", "word", "a\0b"])
def test_what_is_no_https_address_is_refused_at_its_field(client, address):
    realm = make.realm(owner := make.user())
    client.force_login(owner)

    answer = add(client, realm, address=address)

    assert (answer.status_code, Course.objects.filter(application__realm=realm).count()) == (422, 0)
    assert b'id="reference-error"' in answer.content


def test_its_pages_show_no_download_and_no_files(client):
    realm = make.realm(owner := make.user())
    client.force_login(owner)
    application = make.internal_application(realm)
    course = add_reference(application, URL).version.course
    add_reference(application, f"{URL}?2", wish=Wish(course_id=course.course_id, may_create_version=True))
    first, second = course.versions.order_by("number")
    places = [
        reverse("registrations:course", args=[realm.slug, course.pk]),
        reverse("content:versions", args=[realm.slug, course.pk]),
        reverse("content:files", args=[realm.slug, second.pk]),
        reverse("content:compare", args=[realm.slug, course.pk]) + "?from=0&to=1",
        reverse("content:library", args=[realm.slug]),
        reverse("content:repair", args=[realm.slug, second.pk]),
        reverse("content:course_properties", args=[realm.slug, course.pk]),
        reverse("content:version_delete", args=[realm.slug, first.pk]),
        reverse("content:course_delete", args=[realm.slug, course.pk]),
    ]

    answers = [client.get(place) for place in places]
    downloads = [
        client.get(reverse(name, args=[realm.slug, second.pk]))
        for name in ("content:version_download", "content:version_zip")
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 422, 200, 200, 200]
    assert not any(b"/download/" in answer.content for answer in answers)
    assert [answer.status_code for answer in downloads] == [404, 404]


def test_a_version_and_a_course_without_files_can_be_deleted(django_capture_on_commit_callbacks):
    from content.versions import delete_version  # noqa: PLC0415 -- beside what it is compared with

    application = make.internal_application()
    course = add_reference(application, URL).version.course
    add_reference(application, URL, wish=Wish(course_id=course.course_id, may_create_version=True))
    course.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        delete_version(course.versions.get(number=0), None)
        services.delete_course(course)

    assert not Course.objects.filter(pk=course.pk).exists()


def test_a_taken_id_and_an_unknown_kind_are_refused():
    application = make.internal_application()
    course = add_reference(application, URL).version.course

    with pytest.raises(CourseExists):
        add_reference(application, URL, wish=Wish(course_id=course.course_id))
    with pytest.raises(ContentError, match="A reference is one of"):
        add_reference(application, URL, kind="word")


def test_a_referenced_course_is_played_from_its_own_address(client):
    course = add_reference(make.internal_application(), "https://youtu.be/abcdefghijk", "A talk").version.course
    played = make.launch(make.registration(course))

    page = client.get(f"/play/{played.key}/media", HTTP_HOST="127.0.0.1:8000").content.decode()

    assert '"source": "https://www.youtube-nocookie.com/embed/abcdefghijk"' in page
    assert '"activity": "https://www.youtube.com/watch?v=abcdefghijk"' in page
