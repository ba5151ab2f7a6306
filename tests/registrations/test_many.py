"""What is done to many registrations: chosen by hand or all that match, confirmed, done in pieces; and the CSV file."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from content.models import Course
from realms.models import AuditEntry, Membership, Realm, Role
from registrations import many
from registrations.models import BulkChange, Registration, RegistrationTag
from registrations.tasks import clean_up
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return make.user("olga@example.com")


@pytest.fixture
def realm(owner: User) -> Realm:
    return make.realm(owner)


@pytest.fixture
def rows(realm: Realm) -> list[Registration]:
    course = make.course(of=realm)
    return [make.registration(course, f"learner-{number}") for number in range(5)]


@pytest.fixture
def console(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def url(name: str, realm: Realm, *ids: Any) -> str:
    return reverse(f"registrations:{name}", args=[realm.slug, *ids])


def done(console: Client, realm: Realm, asked: str = "", **form: Any) -> BulkChange:
    """Asked for, confirmed and done."""
    page = console.post(url("bulk", realm) + asked, form)
    assert page.status_code == 200
    assert 'name="confirmed" value="1"' in page.content.decode()
    assert not BulkChange.objects.exists(), "nothing is done before it is confirmed"
    answer = console.post(url("bulk", realm) + asked, form | {"confirmed": "1", "count": page.context["total"].count})
    change = BulkChange.objects.get()
    assert answer.headers["Location"] == url("bulk_change", realm, change.pk)
    many.run(change.pk)
    change.refresh_from_db()
    assert change.finished is not None
    return change


def test_the_chosen_ones_are_tagged(console: Client, realm: Realm, rows: list[Registration]):
    change = done(console, realm, verb="tag", pk=[rows[0].pk, rows[2].pk], tags="spring, 2026")

    tagged = set(RegistrationTag.objects.values_list("registration__learner_id", "name"))
    assert tagged == {(f"learner-{number}", name) for number in (0, 2) for name in ("spring", "2026")}
    assert (change.done, change.failed, change.total) == (2, 0, 2)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        *("registration.bulk_tag", "registration.bulk_over"),
    ]
    assert "2 registrations were changed." in " ".join(
        console.get(url("bulk_change", realm, change.pk)).content.decode().split()
    )


def test_all_that_match_are_deleted_and_no_others(console: Client, realm: Realm, rows: list[Registration]):
    make.registration(make.course("scorm12_two_scos", of=realm), "learner-9")

    change = done(console, realm, f"?course={rows[0].course.course_id}", verb="delete", all="1")

    assert list(Registration.objects.values_list("learner_id", flat=True)) == ["learner-9"]
    assert (change.done, change.total) == (5, 5)
    begun, over = AuditEntry.objects.order_by("pk")
    assert begun.details == {"count": 5, "filter": {"course": rows[0].course.course_id}}
    assert sorted(over.details.pop("registrations")) == [row.pk for row in rows]  # their ids may name learners
    assert over.details == {"done": "delete", "count": 5, "failed": 0}
    assert (over.actor, over.target_id) == (begun.actor, begun.target_id)


def test_all_that_match_is_what_was_shown_when_it_was_asked(console: Client, realm: Realm, rows: list[Registration]):
    form = {"verb": "delete", "all": "1"}
    shown = console.post(url("bulk", realm), form).context["total"].count
    make.registration(rows[0].course, "learner-9")

    answer = console.post(url("bulk", realm), form | {"confirmed": "1", "count": shown})

    assert (answer.status_code, answer.context["total"].count) == (409, 6)
    assert not BulkChange.objects.exists()


def test_the_audit_log_names_the_first_hundred(realm: Realm, rows: list[Registration], monkeypatch: Any):
    monkeypatch.setattr(many, "NAMED", 2)
    change = many.begin(realm, "reset", {"pks": [row.pk for row in rows]}, (), "olga@example.com")

    many.run(change.pk)

    over = AuditEntry.objects.get(action="registration.bulk_over")
    assert over.details["registrations"] == [row.pk for row in rows[:2]]
    assert over.details["count"] == 5


def test_progress_of_several_is_reset(console: Client, realm: Realm, rows: list[Registration]):
    make.launch(rows[0]).report(lesson_status="passed")

    done(console, realm, verb="reset", pk=[rows[0].pk])

    rows[0].refresh_from_db()
    assert (rows[0].completion, rows[0].first_access) == ("unknown", None)


def test_what_is_gone_meanwhile_is_counted_and_holds_up_no_other(
    console: Client, realm: Realm, rows: list[Registration]
):
    console.post(url("bulk", realm), {"verb": "reset", "pk": [row.pk for row in rows], "confirmed": "1", "count": 5})
    change = BulkChange.objects.get()
    rows[1].delete()

    many.run(change.pk)
    many.run(change.pk)  # twice ends as once

    change.refresh_from_db()
    assert (change.done, change.failed) == (4, 1)


def test_a_run_that_died_goes_on_where_it_was(
    console: Client, realm: Realm, rows: list[Registration], monkeypatch: Any
):
    monkeypatch.setattr(many, "PIECE", 2)
    console.post(url("bulk", realm), {"verb": "delete", "all": "1", "confirmed": "1", "count": 5})
    change = BulkChange.objects.get()
    real, seen = many._done, []

    def dies(change: BulkChange, pk: int) -> str | None:
        seen.append(pk)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return real(change, pk)

    monkeypatch.setattr(many, "_done", dies)
    with pytest.raises(KeyboardInterrupt):
        many.run(change.pk)
    monkeypatch.setattr(many, "_done", real)
    many.run(change.pk)
    assert Registration.objects.count() == 2, "another worker leaves it alone while the claim holds"

    BulkChange.objects.update(due=timezone.now())
    many.run(change.pk)

    assert Registration.objects.count() == 0


@pytest.mark.parametrize("form", [{"verb": "explode", "pk": "{pk}"}, {"verb": "delete"}, {"verb": "delete", "pk": "x"}])
def test_what_is_not_understood_changes_nothing(
    console: Client, realm: Realm, rows: list[Registration], form: dict[str, str]
):
    filled = {name: value.replace("{pk}", str(rows[0].pk)) for name, value in form.items()}

    answer = console.post(url("bulk", realm), filled | {"confirmed": "1"}, follow=True)

    assert "Choose registrations, and what is to be done to them." in answer.content.decode()
    assert (BulkChange.objects.count(), Registration.objects.count()) == (0, 5)


def test_tags_that_are_none_are_refused(console: Client, realm: Realm, rows: list[Registration]):
    for tags in ("", " , ", "x" * 101):
        form = {"verb": "tag", "pk": rows[0].pk, "tags": tags, "confirmed": "1", "count": 1}
        assert console.post(url("bulk", realm), form).status_code == 422
    assert not BulkChange.objects.exists()


def test_registrations_of_others_cannot_be_chosen(console: Client, realm: Realm):
    foreign = make.registration()

    console.post(url("bulk", realm), {"verb": "delete", "pk": [foreign.pk], "confirmed": "1"})

    assert Registration.objects.filter(pk=foreign.pk).exists()
    assert not BulkChange.objects.exists()


def test_support_resets_and_does_not_delete(client: Client, realm: Realm, rows: list[Registration]):
    person = make.user("sam@example.com")
    Membership.objects.create(realm=realm, user=person, role=Role.SUPPORT)
    client.force_login(person)

    page = client.get(url("list", realm)).content.decode()
    refused = client.post(url("bulk", realm), {"verb": "delete", "pk": [rows[0].pk], "confirmed": "1"})
    allowed = client.post(url("bulk", realm), {"verb": "reset", "pk": [rows[0].pk], "confirmed": "1", "count": 1})

    assert 'value="reset"' in page
    assert 'value="delete"' not in page
    assert (refused.status_code, allowed.status_code) == (403, 302)


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_the_csv_file_has_what_the_filters_find_in_pieces(
    console: Client, realm: Realm, rows: list[Registration], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("registrations.list_views.CHUNK", 2)
    RegistrationTag.objects.create(registration=rows[1], name="spring")
    Registration.objects.filter(pk=rows[1].pk).update(learner_last_name="=1+1")

    answer = console.get(url("export", realm), {"q": "learner-"})

    table = list(csv.DictReader(io.StringIO(answer.getvalue().decode().removeprefix("\ufeff"))))
    assert [row["Learner id"] for row in table] == [f"learner-{number}" for number in range(5)]
    assert (table[1]["Tags"], table[1]["Last name"]) == ("spring", "'=1+1")
    assert table[0]["Course"] == rows[0].course.title
    assert AuditEntry.objects.get().action == "registration.export"


def test_the_list_asks_as_often_for_three_rows_as_for_one(console: Client, realm: Realm):
    course = make.course(of=realm)
    counts = []
    for wanted in (1, 3):
        while Registration.objects.count() < wanted:
            row = make.registration(course, f"learner-{Registration.objects.count()}")
            RegistrationTag.objects.create(registration=row, name="spring")
        console.get(url("list", realm))  # what is read once
        with CaptureQueriesContext(connection) as queries:
            console.get(url("list", realm))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_course_that_matches_too_many_is_said(console: Client, realm: Realm, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("registrations.search_form.MOST_COURSES", 1)
    application = make.internal_application(realm)
    for number in range(2):
        Course.objects.create(application=application, course_id=f"golf-{number}", title="Golf", standard="SCORM12")

    assert "More than 1 courses match" in console.get(url("list", realm), {"course": "golf"}).content.decode()


def test_a_change_that_is_over_keeps_no_search_and_goes_after_a_week(
    console: Client, realm: Realm, rows: list[Registration]
):
    change = done(console, realm, "?q=learner-1", verb="tag", tags="a", all="1")
    assert (change.chosen, change.done) == ({}, 1)
    assert AuditEntry.objects.get(action="registration.bulk_tag").details == {"count": 1, "filter": {"q": "…"}}

    many.remove_old()
    assert BulkChange.objects.exists()
    BulkChange.objects.update(finished=timezone.now() - timedelta(days=8))
    clean_up()

    assert not BulkChange.objects.exists()
