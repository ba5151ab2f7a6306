"""The LMS side of cmi5: what an AU is told, may ask and say, and what a registration comes to by it."""

import json
import uuid
from typing import Any

import pytest

from lrs.models import Statement
from registrations.models import Outgoing, Registration
from standards.cmi5.vocabulary import VERB_NAMES
from tests import make
from tests.player.au import HOST, Au, Player
from tests.standards.cmi5.build import course_zip

pytestmark = pytest.mark.django_db
BASE = "https://tests.example/courses/harbour"
PILOT, ROPES, MAP = f"{BASE}/pilot", f"{BASE}/ropes", f"{BASE}/map"


@pytest.fixture
def registration() -> Registration:
    return make.registration(make.course_of_zip(course_zip()))


def said(of: str = "") -> list[tuple[str, str]]:
    """What the store holds, in order: verb and the name of the object or of its publisher's id."""
    bodies = [json.loads(body) for body in Statement.objects.order_by("stored").values_list("body", flat=True)]
    return [
        (
            VERB_NAMES.get(body["verb"]["id"], "?"),
            body["context"]["contextActivities"]["grouping"][0]["id"].rpartition("/")[2],
        )
        for body in bodies
        if of in ("", body["context"]["registration"])
    ]


def test_an_au_plays_from_launch_to_result(client, registration, django_capture_on_commit_callbacks):
    au = Au(Player(client, registration))

    au.say("initialized", "completed", "passed", "terminated")

    registration.refresh_from_db()
    held = registration.instances.get().activities.get(activity=PILOT)
    assert said() == [
        ("launched", "pilot"), ("initialized", "pilot"), ("completed", "pilot"), ("passed", "pilot"),
        ("terminated", "pilot"),
    ]  # fmt: skip
    assert (held.completion, held.success, held.score, held.total_seconds) == ("completed", "passed", 0.9, 10.0)
    assert (registration.completion, registration.success, registration.score) == ("incomplete", "unknown", 0.9)
    assert not Outgoing.objects.exists()
