"""Events reach the endpoints that want them: signed, again after a failure, and not for ever."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.tasks import tell_usage
from content.services import delete_course
from realms import usage
from realms.models import Application
from tests import make
from tests.realms.test_usage import count, realm_on
from tests.receiver import Receiver, receiver
from webhooks import delivering, events, services, signatures, tasks, worker
from webhooks.models import Delivery, Endpoint, secret_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(settings) -> Iterator[Receiver]:
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    with receiver() as running:
        yield running


def endpoint(system: Receiver, of: Application | None = None, *chosen: str) -> Endpoint:
    return services.add_endpoint(of or make.application(), "Ours", system.url(), chosen or tuple(events.EVENTS))


def owed(to: Endpoint) -> Delivery:
    """An event that nobody has sent yet."""
    services.tell(events.COURSE_DELETED, to.application, lambda: {"id": "golf"})
    return Delivery.objects.filter(endpoint=to).latest("pk")


def make_due(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(due=timezone.now())


# --- signatures -------------------------------------------------------------------------------------------------------


def test_the_signature_is_that_of_the_specifications_example():
    found = signatures.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )

    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_is_rolled_both_sign_and_after_a_day_the_new_one_alone(system):
    to, now = endpoint(system), timezone.now()
    before = to.secret

    after = services.roll_secret(to)

    to.refresh_from_db()
    assert len(secret_bytes(after)) == 32
    assert to.signing_secrets(now) == [after, before]
    assert to.signing_secrets(now + timedelta(hours=25)) == [after]


# --- from the event to the endpoint -----------------------------------------------------------------------------------


def test_an_event_arrives_signed_at_those_that_chose_it(system, django_capture_on_commit_callbacks):
    to = endpoint(system, None, events.COURSE_DELETED)
    endpoint(system, to.application, events.COURSE_IMPORTED)
    endpoint(system)  # of another application
    services.set_enabled(endpoint(system, to.application), False)

    with django_capture_on_commit_callbacks(execute=True):
        assert services.tell(events.COURSE_DELETED, to.application, lambda: {"id": "Zürich"}) == 1

    (posted,) = system.got
    message, at = posted.headers["webhook-id"], posted.headers["webhook-timestamp"]
    signed = hmac.new(secret_bytes(to.secret), f"{message}.{at}.".encode() + posted.body, hashlib.sha256).digest()
    assert posted.headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"
    assert posted.headers["Content-Type"] == "application/json"
    said = json.loads(posted.body)
    assert (said["type"], said["data"]) == ("course.deleted", {"id": "Zürich"})
    assert abs(datetime.fromisoformat(said["timestamp"]) - timezone.now()) < timedelta(minutes=5)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.message_id) == ("delivered", 1, message)
    assert (delivery.last["status"], delivery.last["answer"]) == (200, "heard�")


def test_nothing_is_made_where_nobody_wants_to_know(system):
    to = endpoint(system, None, events.COURSE_DELETED)

    def payload() -> dict:
        raise AssertionError

    assert services.tell(events.COURSE_IMPORTED, to.application, payload) == 0


def test_an_event_of_a_transaction_that_fails_is_told_to_nobody(system, django_capture_on_commit_callbacks):
    to = endpoint(system)

    @transaction.atomic
    def tell_and_fail() -> None:
        services.tell(events.COURSE_DELETED, to.application, lambda: {})
        raise KeyError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(KeyError):
        tell_and_fail()

    assert (system.got, Delivery.objects.count()) == ([], 0)


def test_courses_that_come_and_go_are_told(system, django_capture_on_commit_callbacks):
    realm = make.realm()
    endpoint(system, make.internal_application(realm))

    with django_capture_on_commit_callbacks(execute=True):
        course = make.course(of=realm, course_id="golf")
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        delete_course(course)

    told = {"id": "golf", "title": "Capitals in one page", "version": 0, "standard": "SCORM12"}
    assert [(said["type"], said["data"]) for said in (json.loads(posted.body) for posted in system.got)] == [
        ("course.imported", told),
        ("course.deleted", told),
    ]


def test_use_of_the_plan_is_told_once(system, django_capture_on_commit_callbacks):
    realm = realm_on(registration_limit=2)
    endpoint(system, make.internal_application(realm))
    count(realm)
    period = usage.period_now(realm)

    with django_capture_on_commit_callbacks(execute=True):
        tell_usage(period.pk, 50)
        tell_usage(period.pk, 50)

    (said,) = [json.loads(posted.body) for posted in system.got]
    assert said["type"] == "usage.threshold"
    assert (said["data"]["percent"], said["data"]["registrations"], said["data"]["registrationLimit"]) == (50, 1, 2)


def test_a_test_goes_to_an_endpoint_whatever_it_chose(system, django_capture_on_commit_callbacks):
    to = endpoint(system, None, events.COURSE_DELETED)

    with django_capture_on_commit_callbacks(execute=True):
        services.send_test(to)

    assert json.loads(system.got[0].body)["type"] == "webhook.test"


# --- failures ---------------------------------------------------------------------------------------------------------


def test_what_failed_waits_longer_each_time_and_arrives_with_the_same_id(system):
    delivery = owed(endpoint(system))
    system.statuses = [500, 302]

    first = worker.deliver(delivery.pk)
    early = worker.deliver(delivery.pk)
    make_due(delivery)
    second = worker.deliver(delivery.pk)
    make_due(delivery)
    third = worker.deliver(delivery.pk)

    assert 2.5 <= first <= 5
    assert early is None
    assert 150 <= second <= 300
    assert third is None
    delivery.refresh_from_db()
    assert (delivery.state, [each["status"] for each in delivery.log]) == ("delivered", [500, 302, 200])
    assert len({posted.headers["webhook-id"] for posted in system.got}) == 1
    assert {posted.path for posted in system.got} == {"/hook"}  # a redirect is not followed


def test_what_waits_goes_to_a_new_address_and_says_so(system):
    to = endpoint(system)
    delivery = owed(to)
    services.change_endpoint(to, to.name, f"{system.url()}?moved", to.events)

    worker.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert (delivery.state, delivery.url) == ("delivered", to.url)
    assert len(system.got) == 1


def test_an_endpoint_that_takes_nothing_for_days_is_turned_off(system):
    to = endpoint(system)
    delivery = owed(to)
    system.statuses = [500] * 20

    while Delivery.objects.filter(pk=delivery.pk, due__isnull=False).exists():
        worker.deliver(delivery.pk)
        Delivery.objects.filter(pk=delivery.pk, due__isnull=False).update(due=timezone.now())

    to.refresh_from_db()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("failed", len(worker.WAITS) + 1)
    assert (to.is_enabled, to.turned_off) == (False, "It failed for three days.")


def test_an_endpoint_that_is_gone_is_asked_no_more(system):
    to = endpoint(system)
    delivery, waiting = owed(to), owed(to)
    system.statuses = [410]

    worker.deliver(delivery.pk)
    worker.deliver(waiting.pk)

    to.refresh_from_db()
    assert (to.is_enabled, to.turned_off, len(system.got)) == (False, "It answered 410 Gone.", 1)
    assert {each.state for each in Delivery.objects.all()} == {"failed"}


def test_a_private_address_is_never_asked(system, settings):
    delivery = owed(endpoint(system))
    settings.ALLOWED_FETCH_HOSTS = []

    worker.deliver(delivery.pk)

    delivery.refresh_from_db()
    assert (system.got, delivery.last["status"]) == ([], 0)
    assert "private network" in delivery.last["error"]


def test_the_sweep_sends_what_the_queue_lost_and_the_log_forgets_what_is_old(system):
    delivery = owed(endpoint(system))

    tasks.sweep()

    assert len(system.got) == 1
    tasks.clean_up()
    assert Delivery.objects.filter(pk=delivery.pk).exists()
    Delivery.objects.update(created=timezone.now() - delivering.KEPT - timedelta(days=1))
    tasks.clean_up()
    assert not Delivery.objects.exists()


def test_what_is_over_can_be_sent_again(system, django_capture_on_commit_callbacks):
    delivery = owed(endpoint(system))
    worker.deliver(delivery.pk)

    delivery.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        services.send_again(delivery)

    first, second = system.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


# --- endpoints --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "chosen", "words"),
    [
        ("ftp://example.org/", [events.COURSE_DELETED], "http:// or https://"),
        ("https://me:secret@example.org/", [events.COURSE_DELETED], "user name or password"),
        ("https://example.org/", [], "at least one event"),
        ("https://example.org/", ["course.eaten"], "There is no event course.eaten"),
        ("https://example.org/", [events.TEST], "There is no event webhook.test"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_in_words(url, chosen, words):
    with pytest.raises(services.WebhookError, match=words):
        services.add_endpoint(make.application(), "Ours", url, chosen)

    assert not Endpoint.objects.exists()


def test_an_application_has_so_many_endpoints(system):
    application = make.application()
    for _ in range(services.AT_MOST):
        endpoint(system, application)

    with pytest.raises(services.WebhookError, match="at most 20"):
        endpoint(system, application)
