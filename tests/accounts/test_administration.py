"""Site administration: for staff alone, by services, and acting as a person with a trace."""

import html
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import impersonation
from accounts.models import Impersonation, User
from content.models import BulkJob, ImportJob
from realms.models import AuditEntry, BillingPlan, Role, SignOn
from registrations import many, personal
from registrations.models import BulkChange, Erasure, Postback
from tests import make
from webhooks import services
from webhooks.models import Delivery

EVENT = "course.deleted"
LISTS = (
    "accounts/user", "accounts/impersonation", "auth/group", "realms/realm", "realms/billingplan", "realms/invoice",
    "realms/auditentry", "content/importjob", "content/courseversion", "content/bulkjob", "registrations/bulkchange",
    "registrations/postback", "registrations/erasure", "registrations/personalexport", "webhooks/delivery",
)  # fmt: skip


@pytest.fixture
def staff(client):
    person = User.objects.create_superuser("staff@example.com", make.PASSWORD)
    client.force_login(person)
    return person


@pytest.mark.django_db
def test_createsuperuser_needs_an_address_alone_and_can_sign_in(client, monkeypatch, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", make.PASSWORD)
    call_command("createsuperuser", interactive=False, email="Root@Example.com", verbosity=0)

    client.post("/accounts/login/", {"login": "root@example.com", "password": make.PASSWORD})

    assert client.get("/site/").status_code == 200


@pytest.mark.django_db
def test_signing_in_leads_staff_to_the_page_they_asked_for_and_to_no_other_site(client):
    User.objects.create_superuser("staff@example.com", make.PASSWORD)

    asked = client.get("/site/realms/realm/?q=a", follow=True).redirect_chain[-1][0]
    arrived = client.post(asked, {"login": "staff@example.com", "password": make.PASSWORD})
    elsewhere = client.get("/site/login/?next=https://example.org/")

    assert (arrived["Location"], elsewhere["Location"]) == ("/site/realms/realm/?q=a", "/site/")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", *(f"{name}/" for name in LISTS)])
def test_nobody_but_staff_finds_it(client, path):
    asked = client.get(f"/site/{path}")
    client.force_login(make.user())
    found = client.get(f"/site/{path}", follow=True)

    assert asked["Location"].startswith(("/accounts/login/", "/site/login/"))
    assert found.status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_and_is_searched_with_the_same_questions_for_three_rows(
    client, staff, name, django_assert_max_num_queries
):
    def rows() -> None:
        realm = make.realm()
        course = make.course(of=realm)
        ImportJob.objects.create(application=course.application, file_name="a.zip", state="failed")
        Impersonation.objects.create(staff=staff, user=make.user(), reason="why")
        AuditEntry.objects.create(realm=realm, action="realm.open", actor="x")
        BulkJob.objects.create(realm=realm, kind="delete", courses=[course.pk])
        many.begin(realm, "reset", {"pks": []}, (), "a@example.com")
        Postback.objects.create(registration=make.registration(course), url="https://a.example/", due=timezone.now())
        Erasure.objects.create(
            application=course.application, learner_id="a", asked_by="a", asked=timezone.now(), due=timezone.now()
        )
        personal.begin_export(realm, "a", "a@example.com")
        services.send_test(services.add_endpoint(course.application, "A", "https://a.example/", [EVENT]))

    def questions() -> int:
        with django_assert_max_num_queries(60) as asked:
            assert client.get(f"/site/{name}/?q=a").status_code == 200
        return len(asked)

    rows()
    client.get("/site/")  # notes the session, once
    one = questions()
    rows()
    rows()

    assert questions() == one


@pytest.mark.django_db
def test_realms_are_closed_restored_and_moved_to_another_plan_by_the_services(client, staff):
    realm = make.realm()
    plan = BillingPlan.objects.create(name="100 % more", registration_limit=100)

    def act(action: str):
        form = {"action": action, "_selected_action": [realm.pk]}
        before = AuditEntry.objects.count()
        asked = client.post("/site/realms/realm/", form)
        assert action == "restore" or (asked.status_code, before) == (200, AuditEntry.objects.count()), "it is asked"
        if action != "restore":
            assert realm.slug in asked.text
            client.post("/site/realms/realm/", form | {"confirmed": "1"})
        realm.refresh_from_db()
        return realm

    assert act("close").closed is not None
    assert act("restore").closed is None
    assert act(f"plan_{plan.pk}").plan == plan
    recorded = AuditEntry.objects.filter(realm=realm, actor="staff@example.com").order_by("pk")
    assert list(recorded.values_list("action", flat=True)) == ["realm.close", "realm.restore", "account.plan"]
    assert recorded.last().details == {"plan": ["Trial", plan.name]}


@pytest.mark.django_db
def test_there_is_always_a_plan_for_who_signs_up(client, staff):
    trial = BillingPlan.objects.get(is_default=True)
    other = BillingPlan.objects.create(name="Other")

    def save(plan: BillingPlan, **more: str) -> int:
        form = {"name": plan.name, "monthly_cost": "0", "currency": "USD", **more}
        return client.post(f"/site/realms/billingplan/{plan.pk}/change/", form).status_code

    refused = save(trial)
    kept = BillingPlan.objects.get(is_default=True)
    saved = [save(other, is_default="on"), save(trial)]

    assert (refused, kept, saved) == (200, trial, [302, 302])
    assert BillingPlan.objects.get(is_default=True) == other
    assert client.post(f"/site/realms/billingplan/{other.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.django_db
def test_switching_off_who_owns_a_realm_alone_is_said(client, staff):
    alone, among = make.user(), make.user()
    left, kept = make.realm(alone), make.realm(among)
    make.member(kept, "owner")

    page = client.post(
        "/site/accounts/user/", {"action": "switch_off", "_selected_action": [alone.pk, among.pk]}, follow=True
    )

    assert f"Nobody who can sign in owns these realms: {left} ({left.slug})." in html.unescape(page.text)


@pytest.mark.django_db
def test_what_waits_or_failed_is_queued_again(client, staff, django_capture_on_commit_callbacks):
    course = make.course()
    course.registrations.all().delete()
    realm = course.application.realm
    registration = make.registration(course)
    change = many.begin(realm, "reset", {"pks": [registration.pk]}, (), "a@example.com")
    postback = Postback.objects.create(registration=registration, url="https://a.example/")
    delivery = services.send_test(services.add_endpoint(course.application, "A", "https://a.example/", [EVENT]))
    Delivery.objects.update(due=None)
    job = BulkJob.objects.create(realm=realm, kind="tag", courses=[course.pk], wish={"tags": ["sea"]})

    def act(name: str, action: str, pk: object) -> None:
        with django_capture_on_commit_callbacks(execute=name in ("content/bulkjob", "registrations/bulkchange")):
            client.post(f"/site/{name}/", {"action": action, "_selected_action": [str(pk)]})

    act("registrations/bulkchange", "queue_again", change.pk)
    act("content/bulkjob", "queue_again", job.pk)
    act("registrations/postback", "send_again", postback.pk)
    act("webhooks/delivery", "send_again", delivery.pk)

    assert BulkChange.objects.get().finished is not None
    assert list(course.tags.values_list("name", flat=True)) == ["sea"]
    assert Postback.objects.filter(due__isnull=False).count() == 1
    assert Delivery.objects.get().due is not None


@pytest.mark.django_db
def test_storage_counts_changed_files_as_limits_do(client, staff):
    version = make.course().current_version
    type(version).objects.filter(pk=version.pk).update(archive_size=2_000_000, changed_size=3_000_000)

    for name in ("realms/realm", "content/courseversion"):
        assert "4.8\xa0MB" in client.get(f"/site/{name}/").text


@pytest.mark.django_db
def test_staff_change_their_password_as_everyone_does(client, staff):
    assert client.get("/site/password_change/")["Location"] == "/accounts/password/change/"


@pytest.mark.django_db
def test_a_failed_import_is_run_again_and_one_that_cannot_be_is_told(client, staff):
    job = ImportJob.objects.create(application=make.internal_application(), file_name="a.zip", state="failed")

    page = client.post("/site/content/importjob/", {"action": "retry", "_selected_action": [job.pk]}, follow=True)

    assert "This import cannot be run again" in page.text


@pytest.mark.django_db
def test_staff_act_as_a_person_with_a_banner_a_trace_and_an_end(client, staff):
    person = make.user()
    realm = make.realm(person)
    path = f"/site/accounts/user/{person.pk}/impersonate/"

    asked = client.get(path)
    without = client.post(path, {"reason": " "})
    began = client.post(path, {"reason": "Ticket 12: cannot see a course"})
    page = client.get(f"/r/{realm.slug}/settings/")
    client.post(f"/r/{realm.slug}/settings/", {"name": "Renamed"})
    closed = [client.get("/accounts/email/").status_code, client.get("/site/login/").status_code]
    ended = client.post("/stop-acting/")

    assert (asked.status_code, without.status_code, began["Location"], page.status_code) == (200, 422, "/", 200)
    assert "staff@example.com, you act as" in page.text
    assert closed == [403, 404]
    assert ended["Location"] == f"/site/accounts/user/{person.pk}/change/"
    assert client.get("/site/").status_code == 200
    made = Impersonation.objects.get()
    assert (made.staff, made.user, made.reason, made.ended is None) == (
        staff, person, "Ticket 12: cannot see a course", False,
    )  # fmt: skip
    entries = AuditEntry.objects.filter(realm=realm).order_by("pk")
    assert [each.action for each in entries] == ["staff.impersonate", "realm.rename", "staff.stop"]
    assert all("staff@example.com" in f"{each.impersonator} {each.details}" for each in entries)
    person.refresh_from_db()
    assert person.last_login is None


@pytest.mark.django_db
def test_staff_act_as_a_person_whose_realm_lets_its_people_in_by_its_provider_alone(client, staff):
    realm = make.realm()
    SignOn.objects.create(realm=realm, protocol="oidc", issuer="https://idp.example", is_enabled=True, is_enforced=True)
    person = make.member(realm, Role.AUTHOR)

    client.post(f"/site/accounts/user/{person.pk}/impersonate/", {"reason": "why"})
    acting = client.get(f"/r/{realm.slug}/library/")
    client.logout()
    client.force_login(person)
    by_password = client.get(f"/r/{realm.slug}/library/")

    assert (acting.status_code, by_password.status_code) == (200, 302)


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_superuser": True}, {"is_active": False}])
def test_nobody_acts_as_staff_or_as_an_account_that_is_off(client, staff, fields):
    person = make.user(**fields)

    answer = client.post(f"/site/accounts/user/{person.pk}/impersonate/", {"reason": "why"})

    assert (answer.status_code, Impersonation.objects.count()) == (422, 0)


@pytest.mark.django_db
def test_acting_ends_after_an_hour_and_when_the_member_of_staff_is_none_any_more(client, staff):
    person = make.user()
    make.realm(person)
    path = f"/site/accounts/user/{person.pk}/impersonate/"
    client.post(path, {"reason": "why"})
    Impersonation.objects.update(began=timezone.now() - impersonation.LASTS - timedelta(seconds=1))
    late = client.get("/settings/")
    client.force_login(staff)
    client.post(path, {"reason": "why"})
    User.objects.filter(pk=staff.pk).update(is_staff=False)
    dismissed = client.get("/settings/")

    assert [each["Location"] for each in (late, dismissed)] == ["/accounts/login/"] * 2
    assert client.get("/settings/").status_code == 302


@pytest.mark.django_db
def test_staff_without_the_right_do_not_act_as_anyone_nor_change_what_they_may(client):
    helper = make.user(is_staff=True)
    client.force_login(helper)
    person = make.user()

    answers = [
        client.post(f"/site/accounts/user/{person.pk}/impersonate/", {"reason": "why"}).status_code,
        client.post(f"/site/accounts/user/{helper.pk}/change/", {"is_superuser": "on"}).status_code,
    ]

    helper.refresh_from_db()
    assert (answers, helper.is_superuser) == ([403, 403], False)
