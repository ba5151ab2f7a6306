"""The mails of the first days: to whom, once each, and how one ends them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts import onboarding, tasks
from accounts.models import Tip, User
from content.models import ImportJob
from realms.models import Realm, Role
from tests import make


def person(days: float = 3, **fields) -> tuple[User, Realm]:
    """Somebody who signed up so many days ago, and their realm."""
    user = make.user(date_joined=timezone.now() - timedelta(days=days), **fields)
    return user, make.realm(user)


def subjects() -> list[tuple[str, str]]:
    return sorted((message.to[0], message.subject) for message in mail.outbox)


@pytest.mark.django_db
def test_whoever_has_no_course_after_two_days_is_told_once():
    late, realm = person(days=2.1)
    person(days=1.9)
    person(days=31)
    person(wants_tips=False)
    person(is_active=False)

    tasks.send_tips()
    tasks.send_tips()

    assert subjects() == [(late.email, "Your first course takes a minute")]
    assert f"/r/{realm.slug}/add/" in mail.outbox[0].body
    assert list(Tip.objects.values_list("user", "kind")) == [(late.pk, "no_course")]


@pytest.mark.django_db
def test_a_first_course_leads_to_its_page_until_it_was_launched():
    _user, realm = person()
    course = make.course(of=realm)
    _other, launched = person()
    make.launch(make.registration(make.course(of=launched)))
    _third, registered = person()
    make.registration(make.course(of=registered))

    tasks.send_tips()

    subject = "Your first course is here: try it out"
    assert subjects() == sorted((each.default_of.email, subject) for each in (realm, registered))
    assert any(f"/r/{realm.slug}/courses/{course.pk}/" in message.body for message in mail.outbox)


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "told"), [(Role.AUTHOR, False), (Role.LEARNER, True)])
def test_what_was_done_in_another_realm_is_done_but_not_what_was_done_for_learners(role: Role, told: bool):
    user, _realm = person()
    _owner, elsewhere = person(days=31)
    make.course(of=elsewhere)
    elsewhere.memberships.create(user=user, role=role)

    tasks.send_tips()

    assert subjects() == ([(user.email, "Your first course takes a minute")] if told else [])


@pytest.mark.django_db
def test_a_tip_that_waited_is_not_sent_once_its_step_is_done():
    user, realm = person()
    ((_pk, kind),) = onboarding.claim()
    make.course(of=realm)

    tasks.send_tip(user.pk, kind)

    assert mail.outbox == []


@pytest.mark.django_db
def test_a_first_result_leads_to_the_keys_unless_learners_come_already():
    _user, realm = person()
    registration = make.registration(make.course(of=realm))
    registration.completion, registration.first_access = "completed", timezone.now()
    registration.save()
    _other, busy = person()
    real = make.registration(make.course(of=busy))
    real.completion, real.is_sandbox, real.first_access = "completed", False, timezone.now()
    real.save()

    tasks.send_tips()

    assert [message.subject for message in mail.outbox] == ["Your first result is in: let learners in"]
    assert f"/r/{realm.slug}/apps/" in mail.outbox[0].body


@pytest.mark.django_db
def test_the_sweep_asks_as_many_questions_for_many_people(django_assert_num_queries):
    def questions() -> list[list[int]]:
        return [list(onboarding.due(kind, timezone.now()).values_list("pk", flat=True)) for kind in Tip.Kind.values]

    for count in (1, 3):
        for _ in range(count):
            person()
        with django_assert_num_queries(3):
            questions()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["welcome", "no_course"])
def test_the_mail_has_a_way_out_for_programs_and_for_people(kind: str):
    user, _realm = person(language="fr")

    if kind == "welcome":
        onboarding.send_welcome(user)
    else:
        onboarding.send(user, kind)

    message = mail.outbox[0]
    url = onboarding.unsubscribe_url(user)
    assert message.extra_headers == {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert url in message.body
    assert url in message.alternatives[0].content
    assert '<html lang="fr">' in message.alternatives[0].content


@pytest.mark.django_db
def test_a_mail_program_ends_the_mails_with_nobody_signed_in(client):
    user, _realm = person()
    path = onboarding.unsubscribe_url(user).partition("8000")[2]
    client.handler.enforce_csrf_checks = True

    looked = client.get(path)
    still = User.objects.get(pk=user.pk).wants_tips
    posted = client.post(path, {"List-Unsubscribe": "One-Click"})
    again = client.post(path, {"List-Unsubscribe": "One-Click"})

    assert (looked.status_code, still, posted.status_code, again.status_code) == (200, True, 200, 200)
    assert not User.objects.get(pk=user.pk).wants_tips
    tasks.send_tip(user.pk, "no_course")
    assert mail.outbox == []


@pytest.mark.django_db
@pytest.mark.parametrize("spoil", [lambda path: path[:-3] + "x/", lambda path: "/unsubscribe/1/"])
def test_a_forged_link_ends_nothing(client, spoil):
    user, _realm = person()

    answer = client.post(spoil(onboarding.unsubscribe_url(user).partition("8000")[2]))

    assert (answer.status_code, User.objects.get(pk=user.pk).wants_tips) == (404, True)


@pytest.mark.django_db
def test_a_person_chooses_in_the_settings(client):
    user, _realm = person()
    client.force_login(user)

    saved = client.post("/settings/mails/", {"sent": "1", "hides_steps": "on"})

    user.refresh_from_db()
    assert (saved.status_code, user.wants_tips, user.hides_steps) == (302, False, True)


@pytest.mark.django_db
def test_the_first_steps_follow_what_is_done_and_can_be_hidden(client):
    user, realm = person()
    client.force_login(user)

    def steps() -> dict | None:
        return client.get(f"/r/{realm.slug}/").context["steps"]

    found = [steps()]
    registration = make.registration(make.course(of=realm))
    found.append(steps())
    make.launch(registration)
    registration.refresh_from_db()
    found.append(steps())
    registration.completion = "completed"
    registration.save()
    found.append(steps())
    colleague = realm.memberships.create(user=make.user(), role=Role.ADMINISTRATOR)
    found.append(steps())
    colleague.delete()
    client.post("/settings/first-steps/hide/")
    found.append(steps())

    undone = {"course": False, "launch": False, "result": False, "people": False}
    assert found == [
        undone,
        undone | {"course": True},
        undone | {"course": True, "launch": True},
        undone | {"course": True, "launch": True, "result": True},
        None,
        None,
    ]


@pytest.mark.django_db
def test_the_sample_course_is_added_once(client, django_capture_on_commit_callbacks):
    user, realm = person()
    client.force_login(user)
    path = f"/r/{realm.slug}/add/sample/"

    with django_capture_on_commit_callbacks(execute=True):
        answers = [client.post(path)["Location"], client.post(path)["Location"]]
    course = make.internal_application(realm).courses.get()
    answers.append(client.post(path)["Location"])

    assert (course.title, course.course_id) == ("Sample course: the night sky", "sample-course")
    assert ImportJob.objects.get().findings == []
    assert answers == [f"/r/{realm.slug}/library/"] * 2 + [f"/r/{realm.slug}/courses/{course.pk}/"]

    course.delete()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path)
    assert make.internal_application(realm).courses.count() == 1
