"""The player speaks the language of the launch link, else of the browser."""

import re

import pytest
from django.test import Client

from registrations import services
from registrations.links import LaunchLink, Options
from tests import make

ON_CONTENT = {"HTTP_HOST": "127.0.0.1:8000"}


def shown(culture: str, asked: str) -> str:
    """The language of the player page."""
    registration = make.registration()
    link = LaunchLink(registration_id=registration.pk, options=Options(culture=culture))
    key = services.begin_launch(link, services.Visitor("127.0.0.1")).key
    page = Client().get(f"/play/{key}/", HTTP_ACCEPT_LANGUAGE=asked, **ON_CONTENT)
    return re.search(r'<html lang="([^"]+)"', page.text)[1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("culture", "asked", "language"),
    [
        ("", "de-AT,de;q=0.9", "de"),
        ("fr-CA", "de", "fr"),
        ("es_MX", "de", "es"),
        ("tlh", "de", "de"),
        ("", "pl", "en"),
        ("not a language at all", "", "en"),
    ],
)
def test_the_page_is_in_the_language_asked_for(culture, asked, language):
    assert shown(culture, asked) == language


@pytest.mark.django_db
def test_a_link_that_opens_nothing_says_so_in_the_language_of_the_browser():
    page = Client().get("/launch/forged/", HTTP_ACCEPT_LANGUAGE="fr", **ON_CONTENT)

    assert (page.status_code, '<html lang="fr">' in page.text) == (403, True)
    assert page.cookies == {}
