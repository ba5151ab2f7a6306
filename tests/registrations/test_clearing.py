"""Clearing the registrations of a trial: all of learners' go, the sandbox and the ledger stay."""

import pytest

from realms import usage
from realms.models import AuditEntry, BillingPlan, CountedRegistration
from registrations.models import Registration
from tests import make


@pytest.fixture
def owner():
    return make.user()


@pytest.fixture
def realm(owner):
    return make.realm(owner)


def learners(of, count: int = 2) -> list[Registration]:
    """Registrations that were counted."""
    made = []
    for number in range(count):
        one = Registration.objects.create(
            application=of.application, course=of, registration_id=f"r{number}", learner_id=f"l{number}"
        )
        usage.count(
            usage.Counted(one.pk, one.registration_id, of.course_id, of.application.app_id, of.application.realm_id)
        )
        made.append(one)
    return made


@pytest.mark.django_db
def test_all_registrations_of_learners_go_and_their_places_are_free(
    client, owner, realm, django_capture_on_commit_callbacks
):
    course = make.course(of=realm)
    learners(course)
    sandbox = make.registration(course)
    other = make.realm()
    kept = learners(make.course(of=other), 1)[0]
    client.force_login(owner)
    path = f"/r/{realm.slug}/account/clear/"

    asked = client.get(path)
    refused = client.post(path, {"name": "another"})
    with django_capture_on_commit_callbacks(execute=True):
        cleared = client.post(path, {"name": realm.name})

    assert "<strong>2</strong> registrations" in asked.text
    assert (refused.status_code, cleared["Location"]) == (422, f"/r/{realm.slug}/account/usage/")
    assert set(Registration.objects.values_list("pk", flat=True)) == {sandbox.pk, kept.pk}
    assert (usage.active_count(realm), usage.active_count(other)) == (0, 1)
    assert CountedRegistration.objects.filter(realm=realm).count() == 2
    assert AuditEntry.objects.filter(realm=realm, action="registration.clear").get().details == {"registrations": 2}


@pytest.mark.django_db
def test_nothing_goes_where_an_application_forbids_it_or_the_plan_is_no_trial(client, owner, realm):
    course = make.course(of=realm)
    learners(course, 1)
    client.force_login(owner)
    path = f"/r/{realm.slug}/account/clear/"
    forbidding = make.application(realm, allow_delete=False)

    forbidden = client.post(path, {"name": realm.name})
    forbidding.delete()
    realm.plan = BillingPlan.objects.create(name="Big", registration_limit=100)
    realm.save()
    no_trial = client.post(path, {"name": realm.name})

    assert [each.status_code for each in (forbidden, no_trial)] == [422, 422]
    assert forbidding.name in forbidden.text
    assert Registration.objects.count() == 1


@pytest.mark.django_db
def test_a_colleague_finds_no_such_page(client, realm):
    client.force_login(make.colleague(realm))

    assert client.get(f"/r/{realm.slug}/account/clear/").status_code == 403
