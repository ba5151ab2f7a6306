"""The account of a realm: plan, use, links, invoices, handing over, closing."""

import csv
from datetime import timedelta
from decimal import Decimal
from itertools import count as numbers
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.utils import timezone

from accounts.models import User
from config import purging
from content.models import Course
from realms import billing, links, ownership, plans, usage
from realms.models import (
    Application,
    AuditEntry,
    BillingPeriod,
    BillingPlan,
    CountedRegistration,
    Invoice,
    LinkRequest,
    Membership,
    PlanRecord,
    Realm,
    Role,
)
from tests import make
from tests.at_once import all_at_once
from tests.lrs.test_at_once import on_postgresql

pytestmark = pytest.mark.django_db
_pks = numbers(5_000)


@pytest.fixture
def owner() -> User:
    return make.user("owner@example.com")


@pytest.fixture
def realm(owner) -> Realm:
    return make.realm(owner)


@pytest.fixture
def console(client, owner, realm):
    client.force_login(owner)
    return client


def plan(name: str, cost: int, **fields) -> BillingPlan:
    return BillingPlan.objects.create(name=name, monthly_cost=cost, **fields)


def fresh(realm: Realm) -> Realm:
    return Realm.objects.get(pk=realm.pk)


def count(realm: Realm, many: int = 1, name: str = "registration") -> None:
    app_id = realm.applications.get(is_internal=True).app_id
    for _ in range(many):
        pk = next(_pks)
        usage.count(usage.Counted(pk, f"{name}-{pk}", "golf", app_id, realm.pk))


def in_the_past(realm: Realm, days: int) -> None:
    """Let all that the realm's periods say have been so many days before."""
    back = timedelta(days=days)
    Realm.objects.filter(pk=realm.pk).update(plan_since=fresh(realm).plan_since - back)
    for period in BillingPeriod.objects.filter(realm=realm).order_by("start"):
        BillingPeriod.objects.filter(pk=period.pk).update(start=period.start - back, end=period.end - back)


# --- plans and invoices -----------------------------------------------------------------------------------------------


def test_the_first_paid_plan_begins_a_period_and_an_upgrade_holds_for_it(console, realm):
    little, big = plan("Little", 90, registration_limit=1), plan("Big", 200, registration_limit=5)
    began = realm.plan_since

    console.post(f"/r/{realm.slug}/account/plan/", {"plan": little.pk})
    count(fresh(realm))
    since = fresh(realm).plan_since
    page = console.post(f"/r/{realm.slug}/account/plan/", {"plan": big.pk}, follow=True)

    assert "Your plan is Big now." in page.text
    period = BillingPeriod.objects.latest("start")
    assert (period.plan, period.registrations, period.start, fresh(realm).plan_since) == (big, 1, since, since)
    assert since > began
    assert [(record.plan.name, record.ended is None) for record in PlanRecord.objects.select_related("plan")] == [
        ("Big", True),
        ("Little", False),
        ("Trial", False),
    ]
    assert not Invoice.objects.exists()


def test_a_downgrade_ends_the_period_which_is_charged_whole_with_its_overage(
    realm, owner, django_capture_on_commit_callbacks
):
    big = plan("Big", 200, registration_limit=1, overage_price="3.60")
    plans.change_plan(realm.pk, big, owner)
    plans.choose_overage(realm.pk, pays=True)
    Realm.objects.filter(pk=realm.pk).update(billing_address="1 Main Street")
    count(fresh(realm), 3)

    with django_capture_on_commit_callbacks(execute=True):
        plans.change_plan(realm.pk, BillingPlan.objects.get(is_default=True), owner)

    invoice = Invoice.objects.get()
    assert (invoice.total, invoice.registrations, invoice.plan_name, invoice.sequence) == (
        *(Decimal("207.20"), 3, "Big", 1),
    )
    assert invoice.billed_to == f"{realm.name}\n1 Main Street"
    assert [(line["quantity"], line["price"], line["amount"]) for line in invoice.lines] == [
        (1, "200.00", "200.00"),
        (2, "3.60", "7.20"),
    ]
    assert [message.subject for message in mail.outbox][-1] == f"Invoice {invoice.number}: 207.20 USD"


def test_an_upgrade_that_ends_at_its_limit_takes_nothing_from_what_was_agreed_to_be_paid(
    realm, owner, django_capture_on_commit_callbacks
):
    plans.change_plan(realm.pk, plan("Little", 90, registration_limit=1, overage_price="3.60"), owner)
    plans.choose_overage(realm.pk, pays=True)
    count(fresh(realm), 4)

    with django_capture_on_commit_callbacks(execute=True):
        plans.change_plan(realm.pk, plan("Big", 200, registration_limit=2), owner)

    assert Invoice.objects.get().total == Decimal("100.80")
    assert usage.use_of(fresh(realm)).registrations == 0


def test_an_upgrade_with_room_for_what_is_past_the_limit_takes_its_place(realm, owner):
    plans.change_plan(realm.pk, plan("Little", 90, registration_limit=1, overage_price="3.60"), owner)
    plans.choose_overage(realm.pk, pays=True)
    count(fresh(realm), 4)

    plans.change_plan(realm.pk, plan("Big", 200, registration_limit=4), owner)

    assert usage.use_of(fresh(realm)).registrations == 4
    assert [line.amount for line in billing.so_far(fresh(realm))] == ["200.00"]


def close_and_restore(realm: Realm, owner: User) -> None:
    ownership.close(realm, owner)
    ownership.restore(realm, owner)


def link_and_unlink(realm: Realm, owner: User) -> None:
    links.link(realm, make.realm(make.user()), owner)
    links.unlink(realm, owner)


def change_to_another_free_plan(realm: Realm, owner: User) -> None:
    plans.change_plan(realm.pk, plan("Gratis", 0, registration_limit=2), owner)


@pytest.mark.parametrize("way", [close_and_restore, link_and_unlink, change_to_another_free_plan])
def test_the_registrations_of_a_free_plan_are_not_given_out_twice(
    realm, owner, way, django_capture_on_commit_callbacks
):
    BillingPlan.objects.filter(is_default=True).update(active_limit=None, registration_limit=2)
    count(fresh(realm), 2)

    with django_capture_on_commit_callbacks(execute=True):
        way(fresh(realm), owner)

    with pytest.raises(usage.LimitReached):
        count(fresh(realm))
    in_the_past(realm, 32)
    count(fresh(realm))
    assert usage.use_of(fresh(realm)).registrations == 1


def test_a_plan_that_costs_begins_anew_when_it_is_restored(realm, owner, django_capture_on_commit_callbacks):
    plans.change_plan(realm.pk, plan("Little", 90, registration_limit=1), owner)
    count(fresh(realm))

    with django_capture_on_commit_callbacks(execute=True):
        close_and_restore(fresh(realm), owner)
    count(fresh(realm))

    assert Invoice.objects.get().total == 90
    assert usage.use_of(fresh(realm)).registrations == 1


def test_a_change_of_plan_says_that_paying_past_the_limit_is_asked_anew(console, realm, owner):
    little = plan("Little", 90, registration_limit=1, overage_price="3.60")
    big = plan("Big", 200, registration_limit=5, overage_price="1.20")
    plan("Strict", 300, registration_limit=5)
    page_url = f"/r/{realm.slug}/account/plan/"
    console.post(page_url, {"plan": little.pk})
    before = console.get(page_url)
    plans.choose_overage(realm.pk, pays=True)

    page = console.get(page_url)
    changed = console.post(page_url, {"plan": big.pk}, follow=True)

    said = {each["plan"].name: each["means"] for each in page.context["offers"]}
    assert said["Big"].endswith("Past its limit nobody new can start a course until you choose anew to pay for more.")
    assert said["Strict"].endswith("take the place of yours. Past its limit nobody new can start a course.")
    assert "anew" not in str([each["means"] for each in before.context["offers"]])
    assert "a change of plan asks you anew" in page.text
    assert "Your plan is Big now. Past its limit nobody new can start a course, unless you choose below" in changed.text
    assert not fresh(realm).pays_overage


def test_the_task_begins_periods_and_makes_each_invoice_once(realm, django_capture_on_commit_callbacks):
    plans.change_plan(realm.pk, plan("Little", 90, registration_limit=50))
    count(fresh(realm), 2)
    in_the_past(realm, 70)

    with django_capture_on_commit_callbacks(execute=True):
        for realm_id in billing.due():
            billing.settle(realm_id)
        billing.settle(realm.pk)

    assert list(Invoice.objects.order_by("sequence").values_list("sequence", "registrations", "total")) == [
        (1, 2, 90),
        (2, 0, 90),
    ]
    assert billing.due() == []
    assert BillingPeriod.objects.filter(realm=realm, end__gt=timezone.now()).count() == 1


def test_an_invoice_stays_as_it_was_and_payment_is_noted_once(realm):
    little = plan("Little", 90)
    plans.change_plan(realm.pk, little)
    in_the_past(realm, 40)
    billing.settle(realm.pk)
    BillingPlan.objects.filter(pk=little.pk).update(name="Other", monthly_cost=1)

    invoice = Invoice.objects.get()

    assert (invoice.plan_name, invoice.total) == ("Little", 90)
    assert [billing.note_payment(invoice, "bank"), billing.note_payment(invoice, "again")] == [True, False]


def test_the_account_names_owners_and_administrators_alone(console, realm):
    make.member(realm, Role.ADMINISTRATOR, email="admin@example.com")
    make.member(realm, Role.LEARNER, email="learner@example.com")

    page = console.get(f"/r/{realm.slug}/account/").text

    assert [email in page for email in ("owner@example.com", "admin@example.com", "learner@example.com")] == [
        True, True, False,
    ]  # fmt: skip


def test_plans_that_are_not_offered_cannot_be_chosen(console, realm):
    hidden = plan("Hidden", 0, is_offered=False)

    console.post(f"/r/{realm.slug}/account/plan/", {"plan": hidden.pk})

    assert fresh(realm).plan.name == "Trial"


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_usage_page_and_its_file_show_what_was_counted(console, realm):
    count(realm, 2)
    count(realm, 1, name="=HYPERLINK(1)")
    count(make.realm(), 1, name="foreign")

    page = console.get(f"/r/{realm.slug}/account/usage/")
    answer = console.get(f"/r/{realm.slug}/account/usage.csv?period=all")
    rows = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))

    assert page.context["counted"] == 3
    assert [each for each in page.context["chart"]["series"][0]["values"] if each is not None][-1] == 3
    assert page.context["by_application"] == [("SCORM Cloud", realm.applications.get(is_internal=True).app_id, 3)]
    assert "foreign" not in page.text
    assert len(rows) == 4
    assert rows[1][1].startswith("'=HYPERLINK(1)-")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("wanted", ["x", "999999", "٣", "9" * 30, "-1"])
def test_a_period_of_nobody_is_not_found(console, realm, wanted):
    assert console.get(f"/r/{realm.slug}/account/usage/?period={wanted}").status_code == 404


def test_the_period_of_another_realm_is_not_found(console, realm):
    other = make.realm()
    count(other)

    period = BillingPeriod.objects.get(realm=other)

    assert console.get(f"/r/{realm.slug}/account/usage/?period={period.pk}").status_code == 404


@pytest.mark.parametrize("name", ["", "usage/", "plan/", "invoices/", "linked/", "transfer/", "close/"])
def test_pages_ask_as_much_for_many_rows_as_for_one(console, realm, name, django_assert_max_num_queries):
    address = f"/r/{realm.slug}/account/{name}"
    plan("Plan 0", 1)
    links.link(make.realm(), realm, by=None)
    make.colleague(realm)
    count(realm)
    console.get(address)
    with django_assert_max_num_queries(25) as first:
        console.get(address)
    for number in range(1, 4):
        plan(f"Plan {number}", number)
        links.link(make.realm(), realm, by=None)
        make.colleague(realm)
        count(realm)

    with django_assert_max_num_queries(len(first)):
        console.get(address)


# --- links ------------------------------------------------------------------------------------------------------------


def test_a_realm_asks_another_which_accepts(client, console, realm, owner, django_capture_on_commit_callbacks):
    payer_owner = make.user("payer@example.com")
    payer = make.realm(payer_owner)

    with django_capture_on_commit_callbacks(execute=True):
        console.post(f"/r/{realm.slug}/account/linked/ask/", {"realm_id": f" {payer.slug.upper()} "})
    asked = LinkRequest.objects.get()
    client.force_login(payer_owner)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/r/{payer.slug}/account/requests/{asked.pk}/answer/", {"accept": "1"})

    linked = fresh(realm)
    assert (linked.plan, linked.billing_realm, linked.effective_plan.name) == (None, payer, "Trial")
    assert [(message.to, message.subject) for message in mail.outbox] == [
        (["payer@example.com"], f"{realm} asks to use your plan"),
        (["owner@example.com"], f"{payer} accepts your request"),
    ]
    assert PlanRecord.objects.get(realm=realm, ended=None).payer == payer


def test_both_realms_write_down_that_they_were_linked_and_unlinked(client, console, realm, owner):
    payer_owner = make.user("payer@example.com")
    payer = make.realm(payer_owner)
    request = links.ask(realm, payer, owner)
    client.force_login(payer_owner)
    client.post(f"/r/{payer.slug}/account/requests/{request.pk}/answer/", {"accept": "1"})
    client.post(f"/r/{payer.slug}/account/linked/unlink/", {"realm": realm.slug})
    links.link(fresh(realm), payer, owner)
    client.force_login(owner)
    client.post(f"/r/{realm.slug}/account/linked/unlink/")

    def told(of: Realm) -> list[tuple[str, str, str]]:
        return list(AuditEntry.objects.filter(realm=of).order_by("pk").values_list("action", "target_id", "actor"))

    low, high = str(realm.pk), str(payer.pk)
    assert told(payer) == [
        ("account.link_accept", low, "payer@example.com"),
        ("account.unlink", low, "payer@example.com"),
        ("account.unlink", low, "owner@example.com"),
    ]
    assert told(realm) == [
        ("account.link_accept", high, "payer@example.com"),
        ("account.unlink", high, "payer@example.com"),
        ("account.unlink", high, "owner@example.com"),
    ]


def test_a_linked_realm_that_is_closed_counts_nothing_though_the_other_is_open(realm, owner):
    payer = make.realm()
    links.link(realm, payer, owner)
    ownership.close(fresh(realm), owner)

    with pytest.raises(usage.RealmClosed):
        count(fresh(realm))

    assert not CountedRegistration.objects.exists()


def test_paying_past_the_limit_is_asked_anew_on_another_plan(realm, owner):
    plans.change_plan(realm.pk, plan("Little", 90, registration_limit=1, overage_price="1.00"))
    plans.choose_overage(realm.pk, pays=True)

    plans.change_plan(realm.pk, plan("Big", 200, registration_limit=1, overage_price="9.00"))

    count(fresh(realm))
    with pytest.raises(usage.LimitReached):
        count(fresh(realm))


def test_a_refused_or_withdrawn_request_links_nothing_and_is_answered_once(realm, owner):
    payer = make.realm()
    refused = links.ask(realm, payer, owner)
    links.answer(refused, accept=False, by=None)
    withdrawn = links.ask(realm, payer, owner)
    links.withdraw(withdrawn)

    for request in (refused, withdrawn):
        with pytest.raises(plans.PlanError, match="not waiting for an answer"):
            links.answer(request, accept=True, by=None)

    assert fresh(realm).billing_realm is None


def test_there_are_no_chains_and_no_circles(realm, owner):
    payer, third = make.realm(), make.realm()
    links.link(realm, payer, owner)

    for low, high, words in (
        (third, realm, "uses the plan of another realm itself"),
        (payer, third, "Other realms use the plan"),
        (payer, realm, "uses the plan of another realm itself"),
        (third, third, "cannot be linked to itself"),
        (realm, third, "is linked to another realm already"),
    ):
        with pytest.raises(plans.PlanError, match=words):
            links.link(fresh(low), fresh(high), owner)


def test_unlinking_gives_a_trial_of_its_own_and_leaves_what_was_counted(realm, owner):
    payer = make.realm()
    links.link(realm, payer, owner)
    count(fresh(realm), 3)

    links.unlink(fresh(realm), owner)

    assert (fresh(realm).plan.name, fresh(realm).billing_realm) == ("Trial", None)
    use = usage.use_of(payer)
    assert (usage.use_of(fresh(realm)).used, use.registrations, use.active) == (0, 3, 0)
    assert CountedRegistration.objects.filter(realm=realm, payer=payer).count() == 3


def test_a_linked_realm_that_is_purged_gives_its_places_of_the_trial_back(realm, owner):
    payer = make.realm()
    links.link(realm, payer, owner)
    count(fresh(realm), 3)
    ownership.close(fresh(realm), owner)
    Realm.objects.filter(pk=realm.pk).update(purge_due=timezone.now())

    assert purging.purge(realm.pk)

    use = usage.use_of(fresh(payer))
    assert (use.registrations, use.active) == (3, 0)


@on_postgresql
def test_two_realms_that_link_to_each_other_at_once_make_no_circle():
    one, two = make.realm(), make.realm()

    all_at_once(
        lambda: links.link(fresh(one), fresh(two), None) and None,
        lambda: links.link(fresh(two), fresh(one), None) and None,
    )

    assert sorted([fresh(one).billing_realm_id is None, fresh(two).billing_realm_id is None]) == [False, True]


# --- opening, handing over, closing -----------------------------------------------------------------------------------


def test_a_further_realm_has_a_trial_or_the_plan_of_another_of_ones_own(console, realm, owner):
    foreign = make.realm()

    console.post("/realms/new/", {"name": "Customer A", "payer": ""})
    console.post("/realms/new/", {"name": "Customer B", "payer": realm.pk})
    refused = console.post("/realms/new/", {"name": "Customer C", "payer": foreign.pk})

    made = {each.name: each.billing_realm for each in Realm.objects.filter(name__startswith="Customer")}
    assert made == {"Customer A": None, "Customer B": realm}
    assert refused.status_code == 422
    assert Application.objects.filter(realm__name="Customer B").count() == 2


@pytest.mark.parametrize(("then", "role"), [("stay", Role.ADMINISTRATOR), ("leave", None)])
def test_a_realm_is_handed_over_to_another_member(console, realm, owner, then, role):
    person = make.colleague(realm)
    to = Membership.objects.get(realm=realm, user=person)

    slip = console.post(f"/r/{realm.slug}/account/transfer/", {"to": to.pk, "then": then, "name": "yes"})
    console.post(f"/r/{realm.slug}/account/transfer/", {"to": to.pk, "then": then, "name": realm.name})

    assert slip.status_code == 422
    assert Membership.objects.get(realm=realm, user=person).role == Role.OWNER
    assert Membership.objects.filter(realm=realm, user=owner).values_list("role", flat=True).first() == role


def test_a_realm_is_not_handed_over_to_an_account_that_is_switched_off(console, realm, owner):
    person = make.colleague(realm, is_active=False)
    to, by = Membership.objects.get(realm=realm, user=person), Membership.objects.get(realm=realm, user=owner)

    answer = console.post(f"/r/{realm.slug}/account/transfer/", {"to": to.pk, "then": "leave", "name": realm.name})
    with pytest.raises(ownership.RealmError, match="switched off"):
        ownership.transfer(realm, to, by, leaves=True)

    assert answer.status_code == 422
    assert Membership.objects.get(realm=realm, role=Role.OWNER).user == owner


def test_a_closed_realm_leads_everywhere_to_one_page_and_is_restored_with_all_it_had(console, realm):
    course = make.course(of=realm)
    slip = console.post(f"/r/{realm.slug}/account/close/", {"name": ""})

    console.post(f"/r/{realm.slug}/account/close/", {"name": f" {realm.name.upper()}"})
    closed = console.get(f"/r/{realm.slug}/library/", follow=True)
    with pytest.raises(usage.RealmClosed):
        usage.refuse_more(fresh(realm))
    console.post(f"/r/{realm.slug}/account/restore/")

    assert slip.status_code == 422
    assert closed.redirect_chain == [(f"/r/{realm.slug}/closed/", 302)]
    assert "you can restore it" in closed.text
    assert (fresh(realm).closed, fresh(realm).purge_due) == (None, None)
    assert course.title in console.get(f"/r/{realm.slug}/library/").text


def test_a_realm_that_pays_for_others_is_not_closed(realm, owner):
    links.link(make.realm(), realm, owner)

    with pytest.raises(ownership.RealmError, match="Unlink them first"):
        ownership.close(realm, owner)


def test_what_was_in_a_closed_realm_is_deleted_after_its_time_but_for_bills_and_usage(realm, owner):
    registration = make.registration(make.course(of=realm))
    make.launch(registration)
    count(realm, 2)
    other = make.course()
    ownership.close(realm, owner)
    assert (purging.due(), purging.purge(realm.pk), Course.objects.count()) == ([], True, 2)

    Realm.objects.filter(pk=realm.pk).update(purge_due=timezone.now())
    with pytest.raises(ownership.RealmError, match="too long ago"):
        ownership.restore(realm, owner)
    ends = [purging.purge(realm.pk), purging.purge(realm.pk)]

    assert ends == [True, True]
    assert list(Course.objects.all()) == [other]
    assert not Application.objects.filter(realm=realm).exists()
    assert not Membership.objects.filter(realm=realm).exists()
    assert fresh(realm).purged is not None
    assert CountedRegistration.objects.filter(realm=realm).count() == 2


# --- mails to owners --------------------------------------------------------------------------------------------------


class RefusesOne(locmem.EmailBackend):
    """A mail server that does not know one of the addresses."""

    def send_messages(self, messages) -> int:
        if any("gone@example.com" in message.to for message in messages):
            raise SMTPRecipientsRefused({"gone@example.com": (550, b"unknown")})
        return super().send_messages(messages)


class Counting(billing.PayByInvoice):
    asked: list[str] = []

    def collect(self, invoice: Invoice) -> None:
        self.asked.append(invoice.number)


def test_an_address_that_is_refused_repeats_no_mail_and_charges_nothing_twice(
    realm, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND, settings.PAYMENT_GATEWAY = f"{__name__}.RefusesOne", f"{__name__}.Counting"
    for email in ("gone@example.com", "third@example.com"):
        make.member(realm, Role.OWNER, email=email)
    plans.change_plan(realm.pk, plan("Little", 90, registration_limit=50))
    in_the_past(realm, 40)

    with django_capture_on_commit_callbacks(execute=True):
        billing.settle(realm.pk)

    invoice = Invoice.objects.get()
    told = [message.to for message in mail.outbox if invoice.number in message.subject]
    assert (told, Counting.asked) == ([["owner@example.com"], ["third@example.com"]], [invoice.number])
