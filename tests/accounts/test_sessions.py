"""The sessions list."""

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from tests import make


@pytest.mark.django_db
def test_a_session_is_noted_and_not_written_at_every_request(client, django_assert_num_queries):
    client.force_login(make.user())
    client.get("/settings/", headers={"user-agent": "First"})

    with django_assert_num_queries(3):  # session, user, my realms
        client.get("/settings/", headers={"user-agent": "Second"})
    soon = UserSession.objects.get().user_agent
    cache.clear()  # five minutes later
    client.get("/settings/", headers={"user-agent": "Third"})

    assert (soon, UserSession.objects.get().user_agent) == ("First", "Third")


@pytest.mark.django_db
def test_other_sessions_are_signed_out(client):
    user = make.user()
    other = Client()
    for browser in (client, other):
        browser.force_login(user)
        browser.get("/settings/")
    listed = client.get("/accounts/sessions/").text.count("127.0.0.1")

    client.post("/accounts/sessions/")

    assert listed == 2
    assert (client.get("/settings/").status_code, other.get("/settings/").status_code) == (200, 302)
