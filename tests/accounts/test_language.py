"""In which language and by which clock the console speaks to a person."""

import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts import tasks
from accounts.mail import speaking_to
from accounts.models import User
from tests import make

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.9,en;q=0.5"}
AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def language_of(page) -> str:
    return re.search(r'<html lang="([^"]+)"', page.text)[1]


@pytest.mark.django_db
def test_a_visitor_is_answered_in_the_language_of_the_browser(client):
    pages = [client.get("/accounts/login/", **GERMAN), client.get("/accounts/login/", HTTP_ACCEPT_LANGUAGE="pl")]

    assert [(language_of(page), page["Content-Language"]) for page in pages] == [("de", "de"), ("en", "en")]
    assert "Passwort" in pages[0].text


@pytest.mark.django_db
def test_a_sign_up_keeps_the_language_it_was_made_in(client, django_capture_on_commit_callbacks):
    form = {"first_name": "Jo", "last_name": "Berg", "email": "jo@example.com", "password1": make.PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/signup/", form, **GERMAN)

    assert User.objects.get().language == "de"


@pytest.mark.django_db
def test_a_person_chooses_language_and_zone_and_is_answered_so_everywhere(client):
    user = make.user()
    client.force_login(user)

    refused = client.post("/settings/language/", {"language": "tlh", "time_zone": "Mars/Olympus"})
    saved = client.post("/settings/language/", {"language": "fr", "time_zone": "Europe/Paris"}, **GERMAN)
    page = client.get("/settings/language/", **GERMAN)

    user.refresh_from_db()
    assert (refused.status_code, saved.status_code) == (422, 302)
    assert (user.language, user.time_zone, language_of(page)) == ("fr", "Europe/Paris", "fr")


@pytest.mark.django_db
def test_the_zone_of_the_browser_is_taken_once_and_asked_for_until_then(client):
    user = make.user()
    make.realm(user)
    client.force_login(user)
    asked = ['name="time-zone-url"' in client.get("/settings/").text]

    unknown = client.post("/settings/time-zone/", {"time_zone": "Nowhere/At_All"})
    first = client.post("/settings/time-zone/", {"time_zone": "Asia/Tokyo"})
    second = client.post("/settings/time-zone/", {"time_zone": "Europe/Oslo"})
    asked.append('name="time-zone-url"' in client.get("/settings/").text)

    user.refresh_from_db()
    assert (unknown.status_code, first.status_code, second.status_code) == (422, 204, 204)
    assert (user.time_zone, asked) == ("Asia/Tokyo", [True, False])


@pytest.mark.django_db
def test_a_zone_that_the_database_of_zones_does_not_know_any_more_is_utc():
    assert User(time_zone="Old/Place").zone.key == "UTC"


def test_a_time_is_written_in_the_zone_and_language_that_are_active():
    german = User(language="de", time_zone="Asia/Tokyo")
    english = User(language="en", time_zone="America/New_York")
    found = []
    for person in (german, english):
        with speaking_to(person):
            found.append(re.search('title="(.*?)"', render_to_string("components/time.html", {"at": AT}))[1])

    assert found == ["2. März 2026 08:30 JST", "1 March 2026, 18:30 EST"]


@pytest.mark.django_db
def test_a_mail_is_in_the_language_of_who_gets_it_whoever_made_it_go_out():
    user = make.user(language="es")
    make.realm(user)

    with translation.override("de"):
        tasks.send_welcome(user.pk)

        assert translation.get_language() == "de"
    html = mail.outbox[0].alternatives[0].content
    assert '<html lang="es">' in html


@pytest.mark.django_db
def test_a_request_after_another_person_s_is_answered_as_if_alone(client):
    """Threads are used again: what one has activated must not reach the API or a visitor."""
    client.force_login(make.user(language="fr", time_zone="Asia/Tokyo"))
    client.get("/settings/")
    client.logout()

    visited = client.get("/accounts/login/")
    called = client.get("/api/v2/ping")

    assert (language_of(visited), called.status_code) == ("en", 401)
    assert (translation.get_language(), timezone.get_current_timezone_name()) == ("en", "UTC")
