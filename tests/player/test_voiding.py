"""What a voided statement takes back of a Tin Can registration: the result follows the statements that stand."""

import uuid
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lrs.models import Statement, Voiding
from player.tasks import follow_voided, sweep
from player.voiding import PATIENCE
from registrations import overriding, services
from registrations.links import LaunchLink
from registrations.models import Answer
from registrations.registering import NewRegistration, register
from standards.structure import Learner
from tests import make
from tests.lrs.desk import Lrs, new_id, voids
from tests.player.test_tincan import ONLY, SEVERAL, UUID, Content, asked
from tests.standards.xapi.packages import package_zip

pytestmark = pytest.mark.django_db
EARLY, LATE = "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"


@pytest.fixture
def single(client) -> Content:
    return Content(client, make.registration(make.course_of_zip(package_zip("single"))))


@pytest.fixture
def several(client) -> Content:
    return Content(client, make.registration(make.course_of_zip(package_zip("several"))))


def voiding(content: Content, target: str, **rest: Any) -> dict[str, Any]:
    return content.statement("voided", **rest) | {"object": {"objectType": "StatementRef", "id": target}}


def void(content: Content, *targets: str) -> None:
    """As an administrator does, by the application's own store."""
    store = Lrs(content.registration.application, below="sandbox/")
    for target in targets:
        assert store.post(voids(target)).status_code == 200


def test_what_content_voids_itself_is_taken_back(single):
    (passed,) = single.say(single.statement("passed", result={"score": {"scaled": 0.8}, "duration": "PT90S"}))

    single.say(voiding(single, passed))

    assert single.outcome() == ("unknown", "unknown", None)
    assert single.registration.completed_at is None
    assert single.shown()["outcome"]["success"] == "unknown"
    assert single.registration.total_seconds == 90.0  # it was spent


def test_what_is_voided_by_the_open_store_is_taken_back(single, django_capture_on_commit_callbacks):
    first, second = single.say(
        single.statement("failed", timestamp=EARLY, result={"score": {"scaled": 0.2}}),
        single.statement("passed", timestamp=LATE, result={"score": {"scaled": 0.9}}),
    )
    assert single.outcome() == ("completed", "passed", 0.9)

    with django_capture_on_commit_callbacks(execute=True):
        void(single, second)
    assert single.outcome() == ("completed", "failed", 0.2)

    with django_capture_on_commit_callbacks(execute=True):
        void(single, first)
    assert single.outcome() == ("unknown", "unknown", None)
    assert not Voiding.objects.exists()


def test_what_the_queue_lost_is_found_by_the_sweep(single):
    (passed,) = single.say(single.statement("passed"))
    void(single, passed)
    assert single.outcome()[1] == "passed"

    waiting = Voiding.objects.get()
    waiting.created -= 2 * PATIENCE
    waiting.save()
    sweep()

    assert single.outcome() == ("unknown", "unknown", None)
    follow_voided(str(waiting.registration))  # once more, as a queue may
    assert single.outcome() == ("unknown", "unknown", None)


def test_what_is_voided_in_its_own_batch_or_before_it_comes_never_counts(single):
    before = new_id()
    single.say(voiding(single, before))
    single.say(single.statement("passed", id=before))
    single.say(single.statement("failed", id=UUID), voiding(single, UUID))

    assert single.outcome() == ("unknown", "unknown", None)
    assert Statement.objects.filter(is_voided=True).count() == 2


def test_what_others_say_stays(several):
    first, _ = several.say(
        several.statement("completed", f"{SEVERAL}/1"),
        several.statement("completed", f"{SEVERAL}/2", result={"score": {"scaled": 0.5}}),
    )
    several.say(several.statement("experienced", "https://example.com/slide/1"))
    assert several.outcome() == ("completed", "unknown", 0.5)

    several.say(voiding(several, first))

    assert several.outcome() == ("incomplete", "unknown", 0.5)
    activities = several.registration.instances.get().activities
    assert activities.get(activity=f"{SEVERAL}/1").completion == "unknown"
    assert activities.get(activity=f"{SEVERAL}/2").completion == "completed"


def test_what_the_open_store_was_told_counts_no_more_than_before(single, django_capture_on_commit_callbacks):
    (passed,) = single.say(single.statement("passed"))
    Lrs(single.registration.application, below="sandbox/").stored(single.statement("failed"))

    with django_capture_on_commit_callbacks(execute=True):
        void(single, passed)

    assert single.outcome() == ("unknown", "unknown", None)


def test_statements_of_earlier_launches_and_without_registration_still_count(single):
    bare = single.statement("completed")
    del bare["context"]
    single.say(bare)
    single.played.go("exitAll")
    again = Content(single.client, single.registration)
    (failed,) = again.say(again.statement("failed"))
    assert single.outcome()[1] == "failed"

    again.say(voiding(again, failed))

    assert single.outcome() == ("completed", "unknown", None)


def test_what_was_said_before_statements_named_their_launch_counts_too(single):
    single.say(single.statement("completed"))
    single.played.go("exitAll")
    again = Content(single.client, single.registration)
    (failed,) = again.say(again.statement("failed"))
    Statement.objects.update(registration=None)
    import_module("lrs.migrations.0006_fill_the_launches_of_statements").fill(apps, None)

    again.say(voiding(again, failed))

    assert single.outcome() == ("completed", "unknown", None)


def test_an_override_stays_and_what_was_reported_follows_behind_it(single):
    (failed,) = single.say(single.statement("failed"))
    overriding.override(single.registration, {"success": "passed"}, "oral examination", "teacher@example.com")

    single.say(voiding(single, failed))

    assert single.outcome() == ("unknown", "passed", None)
    instance = single.registration.instances.get()
    assert (instance.completion, instance.success) == ("unknown", "unknown")


def test_what_a_registration_began_with_stays(client):
    version = make.course_of_zip(package_zip("single")).current_version
    progress = {"registrationCompletion": "COMPLETED", "registrationSuccess": "PASSED"}
    registration = register(version, NewRegistration("begun", "ada", progress=progress))
    content = Content(client, registration)
    (failed,) = content.say(content.statement("failed"))
    assert content.outcome()[:2] == ("completed", "failed")

    content.say(voiding(content, failed))

    assert content.outcome()[:2] == ("completed", "passed")


def test_only_the_registration_it_is_of_follows(single, client, django_capture_on_commit_callbacks):
    other = Content(client, make.registration(single.registration.course, learner="bo"))
    other.say(other.statement("passed"))
    (passed,) = single.say(single.statement("passed"))

    with django_capture_on_commit_callbacks(execute=True):
        void(single, passed)

    assert (single.outcome()[1], other.outcome()[1]) == ("unknown", "passed")


def test_content_voids_no_statement_of_another_registration(single, client):
    other = Content(client, make.registration(single.registration.course, learner="bo"))
    (passed,) = single.say(single.statement("passed"))
    later = new_id()

    refused = other.ask("POST", "statements", voiding(other, passed))
    other.say(voiding(other, later))
    single.say(single.statement("mastered", id=later))

    assert refused.status_code == 403
    assert single.outcome()[1] == "passed"
    assert not Statement.objects.filter(is_voided=True).exists()


def test_answers_of_what_the_open_store_voids_are_forgotten(single, django_capture_on_commit_callbacks):
    single.say(asked(single, "a", True, id=UUID), asked(single, "b", False))

    with django_capture_on_commit_callbacks(execute=True):
        void(single, UUID)

    assert [each.response for each in Answer.objects.all()] == ["b"]


def test_an_answer_that_is_voided_in_its_own_batch_is_not_counted(single):
    single.say(asked(single, "a", True, id=UUID), voiding(single, UUID), asked(single, "b", False))

    assert [each.response for each in Answer.objects.all()] == ["b"]


def test_a_preview_follows_too(client):
    course = make.course_of_zip(package_zip("single"))
    link = LaunchLink(version_id=course.current_version_id, learner=Learner("pat", "Pat", "Previewer"))
    preview = Content(client, None, services.begin_launch(link, services.Visitor("127.0.0.1")).key)
    (passed,) = preview.say(preview.statement("passed"))

    preview.say(voiding(preview, passed))

    assert preview.shown()["outcome"]["success"] == "unknown"


def test_it_asks_no_more_of_the_database_where_more_statements_stand(single):
    def queries(standing: int) -> int:
        many = [single.statement("experienced", id=str(uuid.uuid4())) for _ in range(standing)]
        (voided,) = single.say(*many, single.statement("passed", ONLY))[-1:]
        with CaptureQueriesContext(connection) as seen:
            single.say(voiding(single, voided))
        return len(seen)

    assert queries(1) == queries(30)
