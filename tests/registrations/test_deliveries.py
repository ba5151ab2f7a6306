"""The page of what was posted of a registration."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from realms.models import AuditEntry
from registrations.instances import new_instance
from registrations.models import Postback, Registration
from tests import make
from tests.receiver import Receiver, receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(settings) -> Iterator[Receiver]:
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    with receiver() as running:
        yield running


@pytest.fixture
def registration() -> Registration:
    course = make.course()
    made = Registration.objects.create(
        application=course.application, course=course, registration_id="r1", learner_id="ada"
    )
    new_instance(made, course.current_version_id)
    return made


def visitor(of: Registration) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(of.application.realm.memberships.get().user)
    return client


def page(of: Registration, query: str = "", **headers: str) -> str:
    url = f"/r/{of.application.realm.slug}/registrations/{of.pk}/postbacks/{query}"
    found = visitor(of).get(url, headers=headers)
    assert found.status_code == 200
    return found.content.decode()


def test_where_nothing_is_posted_the_page_says_where_to_change_that(registration):
    assert "Nothing is posted for this registration" in page(registration)

    registration.settings = {"ApiRollupRegistrationPostBackUrl": "https://example.com/"}
    registration.save()

    assert "Nothing was posted yet" in page(registration)


def test_what_was_posted_is_shown_without_the_password_and_posted_again(
    registration, system, django_capture_on_commit_callbacks
):
    registration.settings = {
        "ApiRollupRegistrationPostBackUrl": system.url(),
        "ApiRollupRegistrationAuthPassword": "s3cret",
    }
    registration.save()
    with django_capture_on_commit_callbacks(execute=True):
        make.launch(registration).report(finished=True, lesson_status="passed")
    first = page(registration)
    postback = Postback.objects.latest("pk")

    with django_capture_on_commit_callbacks(execute=True):
        again = visitor(registration).post(f"/r/{registration.application.realm.slug}/postbacks/{postback.pk}/again/")

    assert "200 OK" in first
    assert "heard" in first
    assert "s3cret" not in first
    assert again.status_code == 302
    assert len(system.got) == Postback.objects.count() >= 2
    assert AuditEntry.objects.get(action="postback.again").target_id == str(registration.pk)


def test_many_come_in_pages_and_alone_when_htmx_asks(registration, django_assert_num_queries):
    counts = []
    client = visitor(registration)
    url = f"/r/{registration.application.realm.slug}/registrations/{registration.pk}/postbacks/"
    client.get(url)  # the session
    for many in (1, 3, 25):
        Postback.objects.all().delete()
        for _ in range(many):
            Postback.objects.create(registration=registration, url="https://x.test/", delivered=timezone.now())
        with django_assert_num_queries(40, exact=False) as found:
            shown = client.get(url).content.decode()
        counts.append(len(found.captured_queries))
    alone = page(registration, "?page=2", **{"HX-Target": "postbacks"})

    assert counts == [counts[0]] * 3
    assert len(re.findall("<details", shown)) == 20
    assert len(re.findall("<details", alone)) == 5
    assert "<html" not in alone
