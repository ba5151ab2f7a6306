"""A request with an Idempotency-Key is done once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_save
from django.utils import timezone

from api.idempotency import forget_old
from api.models import KeyedRequest
from realms.models import Application, Credential
from tests import make
from tests.api.calling import Api, api, management, message, multipart
from tests.at_once import all_at_once
from tests.packages import package_zip

pytestmark = pytest.mark.django_db
APPLICATIONS = "/appManagement/applications"


def post(caller: Api, key: str, body: Any = None, path: str = APPLICATIONS, **more: Any):
    return caller.post(path, body if body is not None else {"name": "Once"}, headers={"Idempotency-Key": key}, **more)


def test_the_same_request_is_done_once_and_answered_alike():
    manager = management()

    first, second = post(manager, "k1"), post(manager, "k1")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    assert Application.objects.filter(name="Once").count() == 1
    assert post(manager, "k2").json() != first.json()


def test_another_request_with_the_same_key_is_refused():
    manager = management()
    post(manager, "k1")

    assert message(post(manager, "k1", {"name": "Other"})) == (
        422,
        "Idempotency-Key: another request came with this key. Take a new key for each.",
    )
    assert not Application.objects.filter(name="Other").exists()


def test_a_refused_request_leaves_its_key_for_the_corrected_one():
    manager = management()

    refused, done = post(manager, "k1", {"name": ""}), post(manager, "k1")

    assert (refused.status_code, done.status_code) == (400, 200)
    assert "Idempotent-Replayed" not in done.headers


def test_keys_are_each_application_s_own():
    one, other = management(), management()

    assert post(one, "k1").json() != post(other, "k1").json()


def test_a_request_under_way_is_not_done_beside_itself():
    manager = management()
    post(manager, "k1")
    KeyedRequest.objects.update(status=None)

    found = post(manager, "k1")
    KeyedRequest.objects.update(created=timezone.now() - timedelta(hours=2))

    assert message(found) == (409, "Idempotency-Key: the request with this key is still under way.")
    assert post(manager, "k1").status_code == 200  # whoever did it has died
    assert Application.objects.filter(name="Once").count() == 2


def test_a_request_that_took_longer_than_it_was_waited_for_is_answered():
    """Its row went to the same request, sent again: what was done is told all the same."""
    manager = management()

    def take_away(sender: Any, **words: Any) -> None:
        KeyedRequest.objects.all().delete()

    post_save.connect(take_away, sender=Application)
    try:
        found = post(manager, "k1")
    finally:
        post_save.disconnect(take_away, sender=Application)

    assert (found.status_code, found.json()["name"]) == (200, "Once")


def test_a_secret_in_an_answer_is_not_kept_in_words():
    manager = management()
    child = make.application(manager.application.realm)
    path = f"/appManagement/{child.app_id}/credentials"

    first, second = post(manager, "k1", {}, path), post(manager, "k1", {}, path)

    secret = first.json()["credential"]
    row = KeyedRequest.objects.get()
    assert second.json()["credential"] == secret
    assert secret.encode() not in bytes(row.body)
    assert "k1" not in (row.key_hash, row.fingerprint)
    assert Credential.objects.filter(application=child).count() == 1


def test_an_upload_is_taken_in_once():
    mine = api()
    body = multipart(package_zip("scorm12_single"))
    path = "/courses/importJobs/upload?courseId=golf"

    jobs = {post(mine, "k1", path=path, **body).json()["result"] for _ in range(2)}

    assert len(jobs) == 1


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_a_key_that_cannot_be_is_refused(key: str):
    assert post(management(), key).status_code == 400


def test_keys_are_forgotten_after_a_day():
    manager = management()
    first = post(manager, "k1").json()
    KeyedRequest.objects.update(created=timezone.now() - timedelta(hours=25))

    forget_old()

    assert KeyedRequest.objects.count() == 0
    assert post(manager, "k1").json() != first


def test_a_token_sees_no_answer_that_was_given_to_another():
    manager = management()
    post(manager, "k1")

    found = post(manager.with_token("read"), "k1")

    assert found.status_code == 403
    assert Application.objects.filter(name="Once").count() == 1


def test_an_answer_that_cannot_be_read_any_more_is_not_given_twice(settings):
    manager = management()
    post(manager, "k1")
    settings.SECRET_KEY = "another secret, long enough for what is signed with it"

    assert message(post(manager, "k1"))[0] == 409
    assert Application.objects.filter(name="Once").count() == 1


def test_nobody_is_let_in_by_a_key():
    manager = management()
    post(manager, "k1")

    assert post(Api(manager.application, "Basic bm86bm8="), "k1").status_code == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where writers cannot wait")
def test_of_many_at_once_one_is_done():
    manager = management()
    found: list[int] = []

    wrong = all_at_once(*[lambda: found.append(post(manager, "k1").status_code)] * 4)

    assert wrong == []
    assert set(found) <= {200, 409}
    assert Application.objects.filter(name="Once").count() == 1
