"""The console pages about webhooks: endpoints made, changed, tested; what was sent and answered, and sent again."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from realms.models import AuditEntry
from tests import make
from tests.receiver import Receiver, receiver
from webhooks import events, services, worker
from webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def system(settings) -> Iterator[Receiver]:
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    with receiver() as running:
        yield running


class Desk:
    """An owner signed in, and the realm's application."""

    def __init__(self) -> None:
        self.owner = make.user()
        self.realm = make.realm(self.owner)
        self.application = make.internal_application(self.realm)
        self.client = Client(headers={"host": "localhost"})
        self.client.force_login(self.owner)

    def url(self, path: str = "") -> str:
        return f"/r/{self.realm.slug}/webhooks/{path}"

    def see(self, path: str = "", **headers: str) -> str:
        page = self.client.get(self.url(path), headers=headers)
        assert page.status_code == 200
        return page.content.decode()

    def do(self, path: str, **said: Any) -> HttpResponse:
        return self.client.post(self.url(path), said)

    def endpoint(self, url: str = "https://example.com/hook", *chosen: str) -> Endpoint:
        return services.add_endpoint(self.application, "Warehouse", url, chosen or tuple(events.EVENTS))

    def done(self) -> list[str]:
        return list(AuditEntry.objects.filter(realm=self.realm).order_by("pk").values_list("action", flat=True))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def wish(desk: Desk, **more: Any) -> dict[str, Any]:
    made = {"name": "LMS", "application": desk.application.app_id, "url": "https://example.com/hook"}
    return made | {"events": ["course.imported", "registration.passed"]} | more


def test_an_endpoint_is_made_and_its_secret_shown_once(desk: Desk):
    empty = desk.see()
    page = desk.do("add/", **wish(desk))
    made = Endpoint.objects.get()

    shown = page.content.decode()
    assert "No endpoints yet" in empty
    assert re.search(r'id="signing-secret"[^>]*value="([^"]+)"', shown)[1] == made.secret
    assert "no-store" in page.headers["Cache-Control"]
    for later in (desk.see(), desk.see(f"{made.pk}/"), desk.see(f"{made.pk}/change/")):
        assert "LMS" in later
        assert made.secret not in later
    assert (made.application, made.events) == (desk.application, ["course.imported", "registration.passed"])
    entry = AuditEntry.objects.get()
    assert entry.action == "webhook.create"
    assert made.secret not in str(entry.details)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"url": "ftp://example.com/"}, "http:// or https://"),
        ({"url": "https://me:pw@example.com/"}, "user name or password"),
        ({"url": ""}, "This field is required"),
        ({"events": []}, "This field is required"),
        ({"events": ["course.eaten"]}, "is not one of the available choices"),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"application": "NOTMINE"}, "is not one of the available choices"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_and_the_rest_of_the_form_stays(desk: Desk, changed, words):
    page = desk.do("add/", **wish(desk, **changed))

    shown = page.content.decode()
    assert (page.status_code, words in shown) == (422, True)
    assert changed.get("name", "LMS") in shown
    assert not Endpoint.objects.exists()


def test_the_application_of_another_realm_or_the_management_one_cannot_be_chosen(desk: Desk):
    other = make.application()
    manager = make.application(desk.realm, is_management=True)

    for application in (other, manager):
        assert desk.do("add/", **wish(desk, application=application.app_id)).status_code == 422
    assert not Endpoint.objects.exists()


def test_as_many_as_there_may_be_are_told_in_words(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(services, "AT_MOST", 1)
    desk.endpoint()

    page = desk.do("add/", **wish(desk))

    assert (page.status_code, "at most 1 endpoints" in page.content.decode()) == (422, True)


def test_an_endpoint_is_changed_switched_off_and_on_and_deleted(desk: Desk):
    made = desk.endpoint()
    before = made.secret

    refused = desk.do(f"{made.pk}/change/", name="New", url="nowhere", events=["course.deleted"])
    desk.do(f"{made.pk}/change/", name="New", url="https://example.org/", events=["course.deleted"])
    made.refresh_from_db()
    changed = (made.name, made.url, made.events, made.secret)
    Endpoint.objects.update(is_enabled=False, turned_off="It answered 410 Gone.")
    off = desk.see(f"{made.pk}/")
    desk.do(f"{made.pk}/enabled/", enabled="1")
    made.refresh_from_db()
    on = (made.is_enabled, made.turned_off)
    desk.do(f"{made.pk}/enabled/", enabled="0")
    desk.do(f"{made.pk}/delete/")

    assert refused.status_code == 422
    assert changed == ("New", "https://example.org/", ["course.deleted"], before)
    assert "It answered 410 Gone." in off
    assert on == (True, "")
    assert not Endpoint.objects.exists()
    assert desk.done() == ["webhook.change", "webhook.enable", "webhook.disable", "webhook.delete"]


def test_a_secret_is_replaced_and_both_sign_for_a_day(desk: Desk):
    made = desk.endpoint()
    before = made.secret

    page = desk.do(f"{made.pk}/secret/").content.decode()

    made.refresh_from_db()
    assert made.signing_secrets(timezone.now()) == [made.secret, before]
    assert made.secret in page
    assert before not in page
    assert "signs beside it until" in page


def test_a_test_message_is_sent_and_shown_with_its_answer(desk: Desk, system, django_capture_on_commit_callbacks):
    made = desk.endpoint(system.url())

    with django_capture_on_commit_callbacks(execute=True):
        desk.do(f"{made.pk}/test/")

    (delivery,) = Delivery.objects.all()
    rows, shown = desk.see(f"{made.pk}/"), desk.see(f"deliveries/{delivery.pk}/")
    for page in (rows, shown):
        assert "webhook.test" in page
        assert "delivered" in page
        assert "200 OK" in page
    assert "This is a test." in shown
    assert "heard" in shown


def test_what_failed_is_told_why_and_sent_again(desk: Desk, system, django_capture_on_commit_callbacks):
    made = desk.endpoint(system.url())
    services.send_test(made)
    (delivery,) = Delivery.objects.all()
    system.statuses = [503]
    worker.deliver(delivery.pk)

    waiting = desk.see(f"deliveries/{delivery.pk}/")
    with django_capture_on_commit_callbacks(execute=True):
        desk.do(f"deliveries/{delivery.pk}/again/")

    assert "503 Service Unavailable" in waiting
    assert "Send now" in waiting
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(system.got)) == ("delivered", 2, 2)
    assert "Send again" in desk.see(f"deliveries/{delivery.pk}/")
    assert desk.done() == ["webhook.again"]


def test_nothing_is_sent_to_an_endpoint_that_is_off(desk: Desk, system):
    made = desk.endpoint(system.url())
    delivery = services.send_test(made)
    services.set_enabled(made, False)

    for path in (f"{made.pk}/test/", f"deliveries/{delivery.pk}/again/"):
        page = desk.client.post(desk.url(path), follow=True).content.decode()
        assert "The endpoint is disabled." in page

    assert (system.got, Delivery.objects.count()) == ([], 1)


def test_deliveries_are_narrowed_by_state_and_come_alone_when_htmx_asks(desk: Desk):
    made = desk.endpoint()
    states = {"waiting": {}, "delivered": {"due": None, "delivered": timezone.now()}, "failed": {"due": None}}
    for name, columns in states.items():
        sent = services.send_test(made)
        Delivery.objects.filter(pk=sent.pk).update(message_id=f"msg_{name}", **columns)

    def ids(query: str = "") -> list[str]:
        return re.findall(r"msg_\w+", desk.see(f"{made.pk}/{query}", **{"HX-Target": "deliveries"}))

    assert ids() == ["msg_failed", "msg_delivered", "msg_waiting"]
    assert [ids(f"?state={name}") for name in states] == [[f"msg_{name}"] for name in states]
    assert len(ids("?state=eaten")) == 3
    assert "<html" not in desk.see(f"{made.pk}/", **{"HX-Target": "deliveries"})


def test_text_that_others_answered_is_text(desk: Desk):
    made = desk.endpoint()
    sent = services.send_test(made)
    bad = {"at": "2026-01-01T00:00:00+00:00", "status": 200, "seconds": 0.1, "answer": "<script>x</script>"}
    Delivery.objects.filter(pk=sent.pk).update(log=[bad])

    assert "<script>x" not in desk.see(f"deliveries/{sent.pk}/")


def test_lists_take_as_many_queries_for_one_row_as_for_three(desk: Desk, django_assert_num_queries):
    counts = []
    desk.see()  # the session
    for _ in range(3):
        made = desk.endpoint()
        services.send_test(made)
        services.send_test(made)
        for path in ("", f"{made.pk}/"):
            with django_assert_num_queries(30, exact=False) as found:
                desk.see(path)
            counts.append(len(found.captured_queries))

    assert counts[0::2] == [counts[0]] * 3
    assert counts[1::2] == [counts[1]] * 3
