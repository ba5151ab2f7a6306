"""What counts against a plan, its limits, and the mails about them."""

from datetime import timedelta
from itertools import count as numbers

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tasks import tell_usage, tell_usage_due
from realms import links, plans, usage
from realms.models import BillingPeriod, BillingPlan, CountedRegistration, Realm
from registrations import clearing
from tests import make
from tests.at_once import all_at_once
from tests.lrs.test_at_once import on_postgresql

_pks = numbers(1_000)


def plan(**fields) -> BillingPlan:
    return BillingPlan.objects.create(**({"name": f"Plan {next(_pks)}", "monthly_cost": 90} | fields))


def realm_on(**fields) -> Realm:
    realm = make.realm()
    return plans.change_plan(realm.pk, plan(**fields))


def one(realm: Realm, pk: int = 0) -> usage.Counted:
    pk = pk or next(_pks)
    return usage.Counted(pk, f"registration-{pk}", "golf", realm.applications.get(is_internal=True).app_id, realm.pk)


def count(realm: Realm, many: int = 1) -> None:
    for _ in range(many):
        usage.count(one(realm))


@pytest.mark.django_db
def test_a_registration_counts_once():
    realm = make.realm()
    counted = one(realm)

    assert [usage.count(counted), usage.count(counted)] == [True, False]

    row = CountedRegistration.objects.get()
    assert (row.realm, row.payer, row.registration, row.registration_id, row.course_id, row.reason, row.cleared) == (
        *(realm, realm, counted.pk, counted.registration_id, "golf", "api", None),
    )
    assert (row.period.registrations, row.period.start) == (1, realm.plan_since)
    with pytest.raises(IntegrityError), transaction.atomic():
        CountedRegistration.objects.create(
            period=row.period, payer=realm, realm=realm, registration=counted.pk, reason="api", counted=timezone.now()
        )


@pytest.mark.django_db
def test_a_strict_plan_ends_at_its_limit_until_the_next_period():
    realm = realm_on(registration_limit=2)
    count(realm, 2)

    with pytest.raises(usage.LimitReached, match=r"has 2 registrations a period and all of them are used until"):
        count(realm)
    with pytest.raises(usage.LimitReached):
        usage.refuse_more(realm)
    with pytest.raises(plans.PlanError, match="ends at its limit"):
        plans.choose_overage(realm.pk, pays=True)

    assert CountedRegistration.objects.count() == 2
    month_ago = realm.plan_since - timedelta(days=32)
    BillingPeriod.objects.filter(plan=realm.plan).update(start=month_ago, end=month_ago + timedelta(days=31))
    Realm.objects.filter(pk=realm.pk).update(plan_since=month_ago)
    count(realm)
    assert list(BillingPeriod.objects.filter(realm=realm, plan=realm.plan).values_list("registrations", flat=True)) == [
        *(1, 2)
    ]


@pytest.mark.django_db
def test_owners_choose_whether_to_pay_past_the_limit():
    realm = realm_on(registration_limit=1, overage_price="3.60")
    count(realm)
    with pytest.raises(usage.LimitReached):
        count(realm)

    plans.choose_overage(realm.pk, pays=True)
    count(realm)
    plans.choose_overage(realm.pk, pays=False)
    with pytest.raises(usage.LimitReached):
        count(realm)

    assert usage.use_of(Realm.objects.get(pk=realm.pk)).registrations == 2


@pytest.mark.django_db
def test_a_trial_has_so_many_active_registrations_whatever_the_month_until_they_are_cleared():
    realm = make.realm()
    count(realm, 10)
    with pytest.raises(usage.LimitReached, match="has 10 active registrations"):
        count(realm)
    first = CountedRegistration.objects.earliest("pk").registration

    usage.clear(CountedRegistration.objects.filter(registration=first))
    count(realm)

    use = usage.use_of(realm)
    assert (use.registrations, use.active, use.used, use.limit) == (11, 10, 10, 10)
    with pytest.raises(usage.LimitReached):
        count(realm)


@pytest.mark.django_db
def test_linked_realms_draw_on_one_plan_and_are_told_apart():
    payer, other = realm_on(registration_limit=3), make.realm()
    links.link(other, payer, by=None)
    count(payer, 1)
    count(other, 2)

    with pytest.raises(usage.LimitReached):
        count(Realm.objects.get(pk=other.pk))

    assert usage.by_realm(usage.ledger(payer)) == [(other, 2), (payer, 1)]
    assert usage.by_realm(usage.ledger(Realm.objects.get(pk=other.pk))) == [(other, 2)]
    assert {row.payer for row in CountedRegistration.objects.all()} == {payer}


@pytest.mark.django_db
def test_what_is_deleted_stays_counted(django_capture_on_commit_callbacks):
    registration = make.registration()
    registration.is_sandbox = False
    registration.save()
    make.launch(registration)

    registration.delete()

    row = CountedRegistration.objects.get()
    assert row.period.registrations == 1


@pytest.mark.django_db
def test_mails_go_out_once_at_half_four_fifths_and_all(django_capture_on_commit_callbacks):
    owner = make.user("owner@example.com")
    realm = make.realm(owner)
    make.colleague(realm)
    subjects = []
    for number in range(1, 11):
        with django_capture_on_commit_callbacks(execute=True):
            count(realm)
        subjects += [(number, message.subject, message.to) for message in mail.outbox]
        mail.outbox.clear()
    period = BillingPeriod.objects.get(registrations=10)
    tell_usage(period.pk, 80)
    tell_usage(period.pk, 100)
    tell_usage_due()

    assert subjects == [
        (number, f"{percent} % of the plan of {realm} is used", ["owner@example.com"])
        for number, percent in ((5, 50), (8, 80), (10, 100))
    ]
    assert mail.outbox == []


def told(callbacks, realm: Realm, many: int) -> list[str]:
    """Subjects of the mails that counting so many brings, each without the realm."""
    mail.outbox.clear()
    for _ in range(many):
        with callbacks(execute=True):
            count(realm)
    return [message.subject.partition(" of")[0] for message in mail.outbox]


@pytest.mark.django_db
def test_owners_are_told_again_of_the_larger_plan(django_capture_on_commit_callbacks):
    realm = realm_on(registration_limit=2)
    before = told(django_capture_on_commit_callbacks, realm, 2)

    plans.change_plan(realm.pk, plan(monthly_cost=200, registration_limit=10))
    after = told(django_capture_on_commit_callbacks, realm, 8)

    assert (before, after) == (["50 %", "100 %"], ["50 %", "80 %", "100 %"])


@pytest.mark.django_db
def test_owners_are_told_again_once_a_trial_is_cleared(django_capture_on_commit_callbacks):
    realm = make.realm()
    before = told(django_capture_on_commit_callbacks, realm, 10)

    clearing.run(realm.pk, timezone.now().isoformat())
    after = told(django_capture_on_commit_callbacks, realm, 10)

    assert before == after == ["50 %", "80 %", "100 %"]


@pytest.mark.django_db
def test_a_mail_that_was_lost_is_sent_by_the_sweep():
    realm = realm_on(registration_limit=4)
    count(realm, 2)  # no callback after a commit runs here

    tell_usage_due()
    tell_usage_due()

    assert [message.subject for message in mail.outbox] == [f"50 % of the plan of {realm} is used"]
    assert "2 of 4 registrations" in mail.outbox[0].body
    assert "nobody new can start a course" in mail.outbox[0].body


@on_postgresql
def test_two_at_the_last_free_place_one_wins():
    realm = realm_on(registration_limit=3)
    count(realm, 2)
    last = [one(realm) for _ in range(4)]

    wrong = all_at_once(*[lambda each=each: usage.count(each) for each in last])

    assert [each.partition(":")[0] for each in wrong] == ["LimitReached"] * 3
    assert CountedRegistration.objects.count() == 3
    assert BillingPeriod.objects.latest("start").registrations == 3


@on_postgresql
def test_one_registration_launched_many_times_at_once_counts_once():
    realm = make.realm()
    same = one(realm)

    wrong = all_at_once(*[lambda: usage.count(same)] * 5)

    assert wrong == []
    assert (CountedRegistration.objects.count(), BillingPeriod.objects.get().registrations) == (1, 1)


@pytest.mark.django_db
def test_account_info_tells_plan_and_use():
    owner = make.user("olga@example.com", last_name="Owner")
    realm = make.realm(owner)
    count(realm, 3)

    info = usage.account_info(realm)

    assert (info.owner_email, info.company, info.account_type, info.limit, info.is_strict) == (
        *("olga@example.com", realm.name, "trial", 10, True),
    )
    assert (info.period_start, info.counted, info.counted_ever) == (realm.plan_since, 3, 3)


@pytest.mark.django_db
def test_counting_asks_as_much_for_many_rows_as_for_one():
    realm = make.realm()
    count(realm)
    with CaptureQueriesContext(connection) as first:
        count(realm)
    count(realm, 5)

    with CaptureQueriesContext(connection) as later:
        count(realm)

    assert len(first) == len(later) <= 14
