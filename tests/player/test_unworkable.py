"""What meets a fault of the server is refused for good and written down: a bad line is tried again for ever."""

import json

from django.test import RequestFactory
from django.utils import timezone

from player.views import json_call
from registrations.models import CallLog
from tests import make


def test_a_report_that_the_server_cannot_work_with_is_refused_once_and_kept(db):
    played = make.launch(make.registration())

    def report(key: str, body: dict) -> dict:
        return {"stored": 1 / body["values"]["zero"]}

    request = RequestFactory().post("/", {"activity": "one", "values": {"zero": 0}}, content_type="application/json")
    answer = json_call(report)(request, played.key)

    assert answer.status_code == 422
    assert "could not work with what was reported" in json.loads(answer.content)["message"]
    entry = CallLog.objects.get().entries[0]
    assert (entry["method"], entry["activity"], entry["code"]) == ("report", "one", 500)
    assert '"zero": 0' in entry["arguments"][0]
    assert "ZeroDivisionError" in entry["diagnostic"]
    assert entry["at"] <= timezone.now().isoformat()


def test_a_score_in_a_range_of_no_width_is_a_score(db):
    registration = make.registration()

    make.launch(registration).report(score__raw="100", score__min="100", score__max="100")

    registration.refresh_from_db()
    assert registration.score == 1.0
