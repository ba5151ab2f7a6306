"""The applications of a realm and their secret keys, as people of the realm see and change them."""

import re
from contextlib import suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from content.models import Course
from realms import applications
from realms.models import Application, AuditEntry, Credential, Membership
from realms.services import add_credential, hash_secret
from tests import make
from tests.api.calling import Api, basic
from tests.at_once import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def realm():
    return make.realm(make.user(first_name="Olga"))


@pytest.fixture
def console(client, realm):
    """The owner's browser."""
    client.force_login(realm.memberships.get().user)
    return client


@pytest.fixture
def initial(realm):
    return realm.applications.get(is_internal=False)


def root(realm) -> str:
    return f"/r/{realm.slug}/apps/"


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_each_holds_and_marks_the_internal_one(console, realm, initial):
    make.registration(make.course(of=realm))
    add_credential(initial)
    Credential.objects.update(last_used=timezone.now() - timedelta(hours=3))

    page = console.get(root(realm)).text

    internal = make.internal_application(realm)
    rows = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)[1:]
    texts = [" ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", row, flags=re.DOTALL).split()) for row in rows]
    assert [internal.app_id in rows[0], initial.app_id in rows[1]] == [True, True]
    assert ("Internal" in texts[0], "Internal" in texts[1]) == (True, False)
    assert re.search(r"Courses 1 Registrations 1 Storage [\d.]+ kB Keys 0 Last API use never", texts[0])
    assert re.search(r"Courses 0 Registrations 0 Storage 0 bytes Keys 1 Last API use 3.hours ago", texts[1])


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_as_much_for_many_applications_as_for_one(console, realm, many, django_assert_num_queries):
    console.get(root(realm))
    for _ in range(many):
        add_credential(make.application(realm))

    # session, user, membership, where it works, count, applications, four of what they hold, management, my realms
    with django_assert_num_queries(12):
        console.get(root(realm))


def test_applications_are_found_by_name_and_by_id(console, realm):
    for number in range(60):
        make.application(realm, name=f"Customer {number:02}")
    wanted = Application.objects.get(name="Customer 42")

    names = [
        re.findall(r'apps-name"><a [^>]*>([^<]*)<', console.get(f"{root(realm)}?{query}").text)
        for query in ("q=customer+42", f"q={wanted.app_id.lower()}", "q=none", "q=%25", "page=2")
    ]

    assert names[:4] == [["Customer 42"], ["Customer 42"], [], []]
    assert len(names[4]) == 12


def test_an_application_is_made_renamed_and_deleted(console, realm):
    made = console.post(f"{root(realm)}new/", {"name": "  Acme   LMS "})
    application = Application.objects.get(name="Acme LMS")
    path = f"{root(realm)}{application.app_id}/"
    assert (made.status_code, made["Location"]) == (302, path)

    renamed = console.post(f"{path}name/", {"name": "Acme"})
    empty = console.post(f"{path}name/", {"name": " "})
    asked = console.get(f"{path}delete/").text
    deleted = console.post(f"{path}delete/")

    assert (renamed.status_code, empty.status_code, deleted.status_code) == (302, 422, 302)
    assert "It is empty." in asked
    assert not Application.objects.filter(pk=application.pk).exists()
    assert actions() == ["application.create", "application.rename", "application.delete"]


@pytest.mark.parametrize("name", ["", " ", "x" * 256])
def test_a_name_that_cannot_be_makes_nothing(console, realm, name):
    answer = console.post(f"{root(realm)}new/", {"name": name})

    assert (answer.status_code, realm.applications.count()) == (422, 2)


def test_a_realm_has_so_many_applications_and_no_more(console, realm, monkeypatch):
    monkeypatch.setattr(applications, "AT_MOST", 3)

    answers = [console.post(f"{root(realm)}new/", {"name": "One more"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 422]
    assert "at most 3 applications" in answers[1].text


def test_an_application_that_holds_something_says_what_is_in_the_way(console, realm):
    application = make.application(realm, allow_delete=False)
    course = make.course(of=realm)
    course.application = application
    course.save()
    path = f"{root(realm)}{application.app_id}/delete/"

    asked = console.get(path).text
    refused = console.post(path, follow=True).text

    assert "1 course." in asked
    assert "Delete operations are switched off." in asked
    assert f"{application.name} ({application.app_id}) is not empty: it has courses." in refused
    assert Application.objects.filter(pk=application.pk).exists()
    assert actions() == []


def test_an_empty_application_goes_only_with_delete_operations_on(console, realm):
    application = make.application(realm)
    path = f"{root(realm)}{application.app_id}/"

    console.post(f"{path}deleting/", {"enabled": "0"})
    refused = console.post(f"{path}delete/", follow=True).text
    console.post(f"{path}deleting/", {"enabled": "1"})
    console.post(f"{path}delete/")

    assert f"Delete operations are switched off in {application.name}." in refused
    assert not Application.objects.filter(pk=application.pk).exists()
    assert actions() == ["application.deleting", "application.deleting", "application.delete"]


def test_the_sites_own_application_stays(console, realm):
    internal = make.internal_application(realm)

    console.post(f"{root(realm)}{internal.app_id}/delete/")

    assert "cannot be deleted alone" in console.get(f"{root(realm)}{internal.app_id}/delete/").text
    assert Application.objects.filter(pk=internal.pk).exists()


def test_an_owner_makes_the_one_that_manages_and_a_colleague_finds_it(console, realm):
    colleague = Client()
    colleague.force_login(make.colleague(realm))

    asked = colleague.post(f"{root(realm)}new/", {"kind": "management"})
    made = console.post(f"{root(realm)}new/", {"kind": "management"})
    again = console.post(f"{root(realm)}new/", {"kind": "management"})

    management = realm.applications.get(is_management=True)
    assert (asked.status_code, made.status_code, again.status_code) == (404, 302, 422)
    assert "has an App Management application already" in again.text
    assert f"{root(realm)}{management.app_id}/" in colleague.get(root(realm)).text
    assert "PENS" not in console.get(f"{root(realm)}{management.app_id}/").text


# --- where the console works ------------------------------------------------------------------------------------------


def test_the_console_works_where_the_person_chose_and_a_colleague_elsewhere(console, realm, initial):
    other = Client()
    other.force_login(make.colleague(realm))
    library = f"/r/{realm.slug}/library/"

    answer = console.post(f"{root(realm)}choose/", {"application": initial.app_id, "next": f"{library}?q=x"})

    assert answer["Location"] == f"{library}?q=x"
    assert f'<span class="text-truncate">{initial.name}</span>' in console.get(library).text
    assert '<span class="text-truncate">SCORM Cloud</span>' in other.get(library).text
    initial.delete()
    assert '<span class="text-truncate">SCORM Cloud</span>' in console.get(library).text


def test_the_console_works_in_no_application_of_others_and_in_none_that_manages(console, realm):
    foreign = make.application()
    management = make.application(realm, is_management=True)

    answers = [
        console.post(f"{root(realm)}choose/", {"application": each.app_id, "next": "https://elsewhere.example/"})
        for each in (foreign, management)
    ]

    assert [answer.status_code for answer in answers] == [404, 302]
    assert answers[1]["Location"] == f"/r/{realm.slug}/library/"
    assert Membership.objects.get(realm=realm).console_application is None
    assert management.name not in console.get(f"{root(realm)}choose/").text


# --- secret keys ------------------------------------------------------------------------------------------------------


def test_a_new_key_is_shown_once_and_kept_as_a_hash(console, realm, initial):
    path = f"{root(realm)}{initial.app_id}/"

    shown = console.post(f"{path}keys/", {"name": "LMS"})
    later = console.get(path)

    secret = new_secret(shown)
    key = Credential.objects.get()
    assert (key.application, key.name, key.key_hash, key.ending) == (initial, "LMS", hash_secret(secret), secret[-4:])
    assert secret not in later.text
    assert "no-store" in shown["Cache-Control"]
    assert secret not in str(list(console.session.items()))
    assert secret not in str(list(AuditEntry.objects.values()))


def new_secret(answer) -> str:
    return re.search(r'id="new-key"[^>]*value="([^"]+)"', answer.text)[1]


def test_a_key_without_a_name_is_refused(console, realm, initial):
    page = console.post(f"{root(realm)}{initial.app_id}/keys/", {"name": " "})

    assert (page.status_code, Credential.objects.count()) == (422, 0)
    assert page.text.count("This field is required.") == 1


def test_a_key_is_renamed_disabled_enabled_and_deleted(console, realm, initial):
    add_credential(initial, "LMS")
    key = Credential.objects.get()
    path = f"{root(realm)}keys/{key.pk}/"
    states = []

    console.post(f"{path}name/", {"name": "Portal"})
    for enabled in ("0", "1"):
        console.post(f"{path}enabled/", {"enabled": enabled})
        key.refresh_from_db()
        states.append((key.name, key.state))
    console.post(f"{path}delete/")

    assert (states, Credential.objects.count()) == ([("Portal", "disabled"), ("Portal", "enabled")], 0)
    assert actions() == ["key.rename", "key.disable", "key.enable", "key.delete"]


def test_a_rotated_key_goes_on_until_it_ends_and_then_opens_nothing(console, realm, initial):
    old = Api(initial, basic(initial.app_id, add_credential(initial, "LMS")))
    key = Credential.objects.get()
    store = f"/lrs/{initial.app_id}/statements"
    xapi = {"X-Experience-API-Version": "1.0.3"}

    shown = console.post(f"{root(realm)}keys/{key.pk}/rotate/", {"name": "LMS, new", "overlap": "3600"})
    new = Api(initial, basic(initial.app_id, new_secret(shown)))
    both = (old.get("/ping").status_code, new.get("/ping").status_code)
    Credential.objects.filter(pk=key.pk).update(expires=timezone.now() - timedelta(seconds=1))

    assert both == (200, 200)
    assert (old.get("/ping").status_code, new.get("/ping").status_code) == (401, 200)
    asked = [Client().get(store, headers=xapi | {"Authorization": each.authorization}) for each in (old, new)]
    assert [answer.status_code for answer in asked] == [401, 200]
    page = console.get(f"{root(realm)}{initial.app_id}/").text
    assert (page.count("<span>Ended</span>"), page.count("<span>Enabled</span>")) == (1, 2)  # a key, deleting
    assert actions() == ["key.rotate"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"name": "New", "overlap": "0"}, 200),
        ({"name": "New", "overlap": "at", "at": "2999-01-01T10:00"}, 422),
        ({"name": "New", "overlap": "at", "at": "2001-01-01T10:00"}, 422),
        ({"name": "New", "overlap": "at"}, 422),
        ({"name": "New", "overlap": "at", "at": "soon"}, 422),
        ({"name": "New", "overlap": "-5"}, 422),
        ({"name": " ", "overlap": "0"}, 422),
    ],
)
def test_when_a_rotated_key_ends(console, realm, initial, asked, status):
    add_credential(initial, "LMS")
    key = Credential.objects.get()

    answer = console.post(f"{root(realm)}keys/{key.pk}/rotate/", asked)

    key.refresh_from_db()
    made = Credential.objects.count() - 1
    assert (answer.status_code, made, key.has_ended) == (status, int(status == 200), status == 200)


def test_a_rotated_key_is_kept_after_all(console, realm, initial):
    add_credential(initial, "LMS")
    key = Credential.objects.get()
    path = f"{root(realm)}keys/{key.pk}/"

    console.post(f"{path}rotate/", {"name": "New", "overlap": "86400"})
    twice = console.post(f"{path}rotate/", {"name": "New", "overlap": "86400"})
    console.post(f"{path}keep/")

    key.refresh_from_db()
    assert (twice.status_code, Credential.objects.count(), key.expires) == (422, 2, None)
    assert "being rotated already" in twice.text


def test_what_has_been_deleted_meanwhile_does_not_come_back(initial):
    add_credential(initial, "LMS")
    key, gone = Credential.objects.get(), make.application()
    Credential.objects.all().delete()
    Application.objects.filter(pk=gone.pk).delete()

    for verb in (
        lambda: applications.change_key(key, is_enabled=False),
        lambda: applications.rotate_key(key, "New", timezone.now()),
        lambda: applications.add_key(gone, "New"),
        lambda: applications.change_application(gone, name="New"),
        lambda: applications.delete_application(gone),
    ):
        with pytest.raises(applications.ApplicationError, match="has been deleted"):
            verb()
    assert Credential.objects.count() == 0


@pytest.mark.parametrize("keys", [1, 3])
def test_a_page_asks_as_much_for_many_keys_as_for_one(console, realm, initial, keys, django_assert_num_queries):
    path = f"{root(realm)}{initial.app_id}/"
    console.get(path)
    for number in range(keys):
        add_credential(initial, f"Key {number}")

    # session, user, membership, where it works, this one, four of what it holds, keys, PENS key, my realms
    with django_assert_num_queries(12):
        console.get(path)


at_once = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where writers cannot wait"
)


@at_once
@pytest.mark.django_db(transaction=True)
def test_of_two_that_rotate_a_key_at_once_one_does():
    application = make.application()
    add_credential(application, "LMS")
    key = Credential.objects.get()
    ends = timezone.now() + timedelta(hours=1)

    wrong = all_at_once(*[lambda: applications.rotate_key(Credential.objects.get(pk=key.pk), "New", ends)] * 4)

    assert wrong == ["ApplicationError: The secret key is being rotated already."] * 3
    assert Credential.objects.count() == 2


@at_once
@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_deleted_while_it_is_rotated_leaves_no_error_but_words():
    application = make.application()
    for _ in range(10):
        add_credential(application, "LMS")
    keys = list(Credential.objects.all())

    def rotate() -> None:
        for key in keys:
            with suppress(applications.ApplicationError):
                applications.rotate_key(key, "New", timezone.now())

    def delete() -> None:
        for key in keys:
            Credential.objects.filter(pk=key.pk).delete()

    assert all_at_once(rotate, delete) == []
    assert not Credential.objects.filter(name="LMS").exists()


@at_once
@pytest.mark.django_db(transaction=True)
def test_an_application_is_deleted_while_keys_are_made():
    application = make.application()

    def add() -> None:
        for _ in range(10):
            with suppress(applications.ApplicationError):
                applications.add_key(application, "New")

    def delete() -> None:
        applications.delete_application(Application.objects.get(pk=application.pk))

    assert all_at_once(add, delete) == []
    assert not Application.objects.filter(pk=application.pk).exists()


def test_what_is_added_goes_where_the_page_said_it_would(console, realm, initial):
    add = f"/r/{realm.slug}/add/"
    shown = console.get(add).text
    internal = make.internal_application(realm)
    console.post(f"{root(realm)}choose/", {"application": initial.app_id})  # in another window

    reference = re.search(r'action="([^"]*reference/[^"]*)"', shown)[1]
    console.post(reference, {"address": "https://example.org/a.pdf", "title": "Handbook"})
    later = console.get(add).text
    console.post(re.search(r'action="([^"]*reference/[^"]*)"', later)[1], {"address": "https://example.org/b.pdf"})

    assert [each.application for each in Course.objects.order_by("pk")] == [internal, initial]
    assert f"uploads/?into={initial.app_id}" in later
    assert console.get(f"{add}?into={make.application().app_id}").status_code == 404


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC"])
def test_the_end_of_a_key_is_asked_and_told_in_the_persons_own_time(console, realm, initial, zone):
    add_credential(initial, "LMS")
    key = Credential.objects.get()
    User.objects.update(time_zone=zone)
    wanted = (timezone.now() + timedelta(days=3)).astimezone(ZoneInfo(zone)).replace(hour=15, minute=30)
    path = f"{root(realm)}keys/{key.pk}/rotate/"

    asked = console.get(path)
    page = console.post(path, {"name": "New", "overlap": "at", "at": f"{wanted:%Y-%m-%dT%H:%M}"})

    key.refresh_from_db()
    assert f"Time of the end ({zone})" in asked.text
    assert (key.expires.astimezone(ZoneInfo(zone)).hour, key.expires.minute) == (15, 30)
    assert f"15:30 {wanted:%Z}" in page.text
