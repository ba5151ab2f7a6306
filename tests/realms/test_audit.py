"""The audit log holds each change: who, what, from where; and no secret."""

import re

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from realms import audit
from realms.models import AuditEntry, Credential
from realms.services import add_credential
from tests import make
from tests.services import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make.user("owner@example.com", first_name="Olga", last_name="Owner")


def entries() -> list[tuple]:
    rows = AuditEntry.objects.order_by("pk")
    return [(row.actor, row.action, row.target_text, row.details) for row in rows]


def test_an_entry_holds_who_what_and_from_where(owner: User):
    realm = make.realm(owner)
    client = Client(headers={"User-Agent": "Browser/1"}, REMOTE_ADDR="192.0.2.7")
    client.force_login(owner)

    client.post(reverse("realms:settings", args=[realm.slug]), {"name": "Renamed"})

    entry = AuditEntry.objects.get()
    assert (entry.user, entry.actor, entry.actor_name) == (owner, "owner@example.com", "Olga Owner")
    assert (entry.realm, entry.action, entry.target_kind, entry.target_id) == (
        *(realm, "realm.rename", "realm", str(realm.pk)),
    )
    assert (entry.address, entry.user_agent, entry.impersonator) == ("192.0.2.7", "Browser/1", None)
    assert entry.details == {"name": ["Olga's realm", "Renamed"]}


def test_whoever_acts_as_somebody_else_is_told_beside(owner: User):
    realm, staff = make.realm(owner), make.user("staff@example.com", is_staff=True)
    client = Client()
    client.force_login(owner)
    session = client.session
    session[audit.IMPERSONATOR] = staff.pk
    session.save()

    client.post(reverse("realms:settings", args=[realm.slug]), {"name": "Renamed"})

    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.impersonator, entry.impersonator_email) == (
        *("owner@example.com", staff, "staff@example.com"),
    )


def test_the_system_the_api_and_nobody_are_told_apart(owner: User):
    realm = make.realm(owner)
    application = make.application(realm)
    add_credential(application, "Moodle")
    of_the_api = RequestFactory().post("/")
    of_the_api.caller = type("Caller", (), {"credential": application.credentials.get()})()

    for source in (None, "API: Old", of_the_api, RequestFactory().post("/"), owner):
        audit.record(source, "realm.rename", realm=realm, application=application)

    actors = list(AuditEntry.objects.order_by("pk").values_list("actor", flat=True))
    assert actors == ["System", "API: Old", "API: Moodle", "", "owner@example.com"]
    assert set(AuditEntry.objects.values_list("app_id", flat=True)) == {application.app_id}


def test_details_are_cut_short_and_storable(owner: User):
    realm = make.realm(owner)

    audit.record(owner, "realm.rename", realm=realm, details={"name": "x\0" * 2000, "many": list(range(190))})

    details = AuditEntry.objects.get().details
    assert details["name"] == "x" * 500 + "…"
    assert details["many"] == list(range(100))


def test_secret_settings_are_told_without_their_value():
    before, after = {"a": "1", "password": "old", "same": "x"}, {"password": "new", "b": "2", "same": "x"}

    told = audit.changes(before, after, ["password"])

    assert told == {"a": ["1", None], "password": ["…", "…"], "b": [None, "2"]}


def test_no_secret_key_is_in_the_log(owner: User):
    realm = make.realm(owner)
    application = realm.applications.get(is_internal=False)
    client = Client()
    client.force_login(owner)

    page = client.post(reverse("realms:create_key", args=[realm.slug, application.app_id]), {"name": "Moodle"})
    key = Credential.objects.get()
    client.post(reverse("realms:set_key_enabled", args=[realm.slug, key.pk]), {"enabled": "0"})
    client.post(reverse("realms:delete_key", args=[realm.slug, key.pk]))

    secret = page.context["new_key"]
    assert entries() == [
        ("owner@example.com", "key.create", f"Moodle (…{secret[-4:]})", {}),
        ("owner@example.com", "key.disable", f"Moodle (…{secret[-4:]})", {}),
        ("owner@example.com", "key.delete", f"Moodle (…{secret[-4:]})", {}),
    ]
    assert AuditEntry.objects.first().target_id == str(key.pk)


def test_what_is_done_to_courses_is_told(owner: User):
    course = make.course("scorm12_two_scos", of=make.realm(owner))
    client = Client()
    client.force_login(owner)
    slug, title = course.application.realm.slug, course.title

    client.post(reverse("content:course_title", args=[slug, course.pk]), {"title": "Golf"})
    client.post(reverse("content:course_tags", args=[slug, course.pk]), {"tags": "a, b"})
    client.post(reverse("content:course_properties", args=[slug, course.pk]), {"PlayerEnableFlowNav": "NO"})
    client.post(reverse("content:course_delete", args=[slug, course.pk]))

    assert [entry[1:] for entry in entries()] == [
        ("course.rename", "Golf", {"title": [title, "Golf"]}),
        ("course.tags", "Golf", {"tags": [[], ["a", "b"]]}),
        ("course.settings", "Golf", {"PlayerEnableFlowNav": [None, "NO"]}),
        ("course.delete", "Golf", {}),
    ]


def test_what_is_done_to_registrations_is_told(owner: User):
    course = make.course(of=make.realm(owner))
    registration = make.registration(course, "ada")
    client = Client()
    client.force_login(owner)

    for name in ("restart", "reset", "delete"):
        client.post(reverse(f"registrations:{name}", args=[course.application.realm.slug, registration.pk]))

    told = f"{registration.registration_id} ({course.title})"
    actions = ["registration.restart", "registration.reset", "registration.delete"]
    assert [entry[1:3] for entry in entries()] == [(action, told) for action in actions]
    assert set(AuditEntry.objects.values_list("target_id", flat=True)) == {str(registration.pk)}


def test_every_action_that_is_recorded_has_words():
    called = re.compile(
        r"""(?:_?record|told)(?:\(|: Told = \(|=\()\s*(?:request|None|user)?,?\s*"([a-z_]+\.[a-z_]+)\""""
    )
    apps = ("realms", "accounts", "content", "registrations", "lrs", "api", "player", "webhooks", "config")
    found = {
        action for app in apps for path in (ROOT / app).rglob("*.py") for action in called.findall(path.read_text())
    }

    assert len(found) > 20
    assert found - set(audit.ACTIONS) == set()
