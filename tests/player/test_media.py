"""The page of a medium at its door: what it is told, that it reports as Tin Can content does, captions, another key."""

import json
import re
from typing import Any

import pytest

from registrations.models import Registration
from standards.structure import Outcome
from tests import make, media
from tests.content.packages import zip_of

pytestmark = pytest.mark.django_db
HOST = "127.0.0.1:8000"


def page(client: Any, key: str) -> Any:
    return client.get(f"/play/{key}/media", HTTP_HOST=HOST)


def told(client: Any, key: str) -> dict[str, Any]:
    text = page(client, key).content.decode()
    return json.loads(re.search(r'<script id="media-config" type="application/json">(.*?)</script>', text)[1])


@pytest.mark.parametrize(
    ("data", "name", "medium", "kind"),
    [
        (media.pdf(), "handbook.pdf", "pdf", "application/pdf"),
        (media.mp3(title="The talk"), "talk.mp3", "audio", "audio/mpeg"),
        (media.mp4(), "film.mp4", "video", "video/mp4"),
    ],
)
def test_a_medium_is_launched_on_a_page_of_ours_that_plays_it(client, data, name, medium, kind):
    course = make.course_of_zip(data, file_name=name)
    played = make.launch(make.registration(course))

    shown = client.get(f"/play/{played.key}/state", HTTP_HOST=HOST).json()["launch"]
    config = told(client, played.key)
    file = client.get(config["source"], HTTP_HOST=HOST)

    assert shown["href"].startswith(f"http://{HOST}/play/{played.key}/media?")
    assert (config["medium"], config["rule"], config["percent"]) == (medium, "SEEN", 90)
    assert (course.standard, course.title) == ("XAPI", "The talk" if medium == "audio" else name.partition(".")[0])
    assert (file["Content-Type"], file.content) == (kind, data)


def test_what_the_page_reports_becomes_the_result(client):
    registration = make.registration(make.course_of_zip(media.pdf(), file_name="handbook.pdf"))
    played = make.launch(registration)
    config = told(client, played.key)
    statement = {
        "actor": config["actor"],
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": config["activity"]},
        "result": {"completion": True, "duration": "PT12.50S"},
        "context": {"registration": config["registration"]},
    }

    answer = client.post(
        f"{config['endpoint']}statements",
        json.dumps(statement),
        content_type="application/json",
        headers={"Authorization": config["auth"], "X-Experience-API-Version": "1.0.3"},
        HTTP_HOST=HOST,
    )

    assert answer.status_code == 200
    instance = Registration.objects.get(pk=registration.pk).instances.get()
    assert Outcome(instance.completion, instance.success, instance.score, instance.total_seconds) == Outcome(
        "completed", "unknown", None, 12.5
    )


def test_captions_zipped_with_a_recording_are_offered(client):
    archive = zip_of({"film.mp4": media.mp4(), "film.de.vtt": b"WEBVTT\n", "film.vtt": b"WEBVTT\n"})
    played = make.launch(make.registration(make.course_of_zip(archive)))

    captions = told(client, played.key)["captions"]

    assert [(each["name"], each["language"]) for each in captions] == [("film.de", "de"), ("film", "")]
    assert client.get(captions[0]["source"], HTTP_HOST=HOST)["Content-Type"] == "text/vtt"


def test_there_is_no_such_page_of_other_courses_and_launches(client):
    played = make.launch(make.registration(make.course()))

    assert [page(client, key).status_code for key in (played.key, "nothing")] == [404, 404]


def test_the_page_runs_no_script_but_ours(client):
    played = make.launch(make.registration(make.course_of_zip(media.pdf(), file_name="handbook.pdf")))

    policy = page(client, played.key)["Content-Security-Policy"]

    assert "default-src 'none'; script-src 'self' 'wasm-unsafe-eval';" in policy
