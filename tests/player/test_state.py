"""What a player is told that asks what to show now (GET /play/<key>/state)."""

from typing import Any

import pytest

from player.addresses import with_query
from registrations.models import LaunchRecord
from tests import make

pytestmark = pytest.mark.django_db


def look(client, key: str) -> tuple[int, dict[str, Any]]:
    response = client.get(f"/play/{key}/state", HTTP_HOST="127.0.0.1:8000")
    return response.status_code, response.json()


def test_the_state_is_what_start_answered_and_changes_nothing(client):
    played = make.launch(make.registration(make.course("scorm12_two_scos")))
    played.report(lesson_status="incomplete")
    seen = LaunchRecord.objects.get(key=played.key).last_seen

    status, state = look(client, played.key)

    assert (status, state["launch"]["activity"], state["number"], state["finished"]) == (200, "I1", 1, False)
    assert LaunchRecord.objects.get(key=played.key).last_seen == seen


def test_the_state_says_that_the_activity_is_finished_and_that_the_session_is_over(client):
    played = make.launch(make.registration(make.course("scorm12_two_scos")))
    played.report(finished=True, lesson_status="completed")
    assert look(client, played.key)[1]["finished"] is True

    played.go("exitAll")

    assert look(client, played.key)[1]["launch"]["ended"] == "exited"


def test_a_replaced_launch_is_told_and_an_unknown_one_is_not_there(client):
    registration = make.registration()
    first = make.launch(registration)
    make.launch(registration)

    assert look(client, first.key)[0] == 409
    assert look(client, "nobody")[0] == 404


def test_a_poll_costs_few_queries(client, django_assert_num_queries):
    played = make.launch(make.registration())
    look(client, played.key)

    with django_assert_num_queries(8):  # two of them the savepoint of a test
        look(client, played.key)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("a.html", "a.html?x=1%2F2&y=%20"),
        ("a.html?q=1", "a.html?q=1&x=1%2F2&y=%20"),
        ("a.html?", "a.html?x=1%2F2&y=%20"),
        ("a.html?q=1&#top?", "a.html?q=1&x=1%2F2&y=%20#top?"),
        ("https://example.com/#/page", "https://example.com/?x=1%2F2&y=%20#/page"),
    ],
)
def test_parameters_come_before_the_fragment(href, expected):
    assert with_query(href, {"x": "1/2", "y": " "}) == expected


def test_the_return_page_is_there(client):
    response = client.get("/play/any/return", HTTP_HOST="127.0.0.1:8000")

    assert (response.status_code, b"player/return.js" in response.content) == (200, True)
