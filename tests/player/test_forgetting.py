"""The personal data of a learner goes whole, and nothing of anybody else's."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from content.models import Course
from lrs.access import caller_of
from lrs.documents import Conditions, MustState, Place, put
from lrs.models import Attachment, Document, DocumentKind, Mention, Statement
from lrs.queries import Query, find
from lrs.services import store
from player.actors import actor_of
from player.forgetting import forget, left_behind
from player.stating import hand_over
from realms import usage
from realms.models import CountedRegistration
from registrations import learners
from registrations.instances import new_instance
from registrations.models import (
    ActivityProgress,
    Erasure,
    Instance,
    LaunchRecord,
    LearnerMemory,
    LearnerTag,
    Postback,
    Registration,
)
from standards.structure import Learner
from standards.xapi.identity import agent_key
from tests import make
from webhooks import events
from webhooks.models import Delivery
from webhooks.services import add_endpoint, tell

pytestmark = pytest.mark.django_db
TOLD = {"id": "http://adlnet.gov/expapi/verbs/experienced"}
LESSON = {"id": "https://example.com/lesson"}
ADA, BOB = actor_of(Learner("ada")), actor_of(Learner("bob"))


def registered(of: Course, learner: str, email: str = "") -> Registration:
    """A registration that counts."""
    made = Registration.objects.create(
        application=of.application,
        course=of,
        registration_id=f"{of.course_id} of {learner}",
        learner_id=learner,
        learner_first_name=learner.title(),
        learner_email=email or f"{learner}@example.com",
    )
    new_instance(made, of.current_version_id)
    return made


def said(of: Course, actor: dict[str, Any], **more: Any) -> str:
    return store(caller_of(of.application), [{"actor": actor, "verb": TOLD, "object": LESSON, **more}])[0]


def told_of(of: Course, agent: dict[str, Any]) -> list[dict[str, Any]]:
    page, _ = find(caller_of(of.application), Query(agent=agent, related_agents=True))
    return [json.loads(body) for _, body in page]


def all_of_it(of: Course, learner_id: str = "ada") -> None:
    """Ask for it and let the worker do it."""
    learners.ask_to_forget(of.application, learner_id, "olga@example.com")
    assert forget(Erasure.objects.get(learner_id=learner_id).pk)


def test_nothing_is_left_of_the_learner_and_all_of_others():
    golf = make.course()
    for learner in ("ada", "bob"):
        registration = registered(golf, learner)
        make.launch(registration).report(finished=True, lesson_status="passed")
        hand_over(registration.instances.get())
        Postback.objects.create(registration=registration, url="https://example.com/", body=learner)
        LearnerMemory.objects.create(application=golf.application, learner_id=learner)
        learners.add_tags(golf.application, [learner], ["team"])
        place = Place(DocumentKind.AGENT_PROFILE, agent=agent_key(actor_of(Learner(learner))), name="settings")
        put(caller_of(golf.application).store, place, b"{}", "application/json", Conditions(), MustState.NEVER)
    activity = Place(DocumentKind.ACTIVITY_PROFILE, activity=LESSON["id"], name="shared")
    put(caller_of(golf.application).store, activity, b"{}", "application/json", Conditions(), MustState.NEVER)
    assert (len(told_of(golf, ADA)), len(told_of(golf, BOB))) == (4, 4)

    all_of_it(golf)

    for model in (Registration, LearnerMemory, LearnerTag):
        assert set(model.objects.values_list("learner_id", flat=True)) == {"bob"}
    assert {model.objects.count() for model in (Instance, LaunchRecord, Postback)} == {1}
    left = ActivityProgress.objects.values_list("instance__registration__learner_id", flat=True)
    assert set(left) == {"bob"}
    assert (told_of(golf, ADA), len(told_of(golf, BOB))) == ([], 4)
    assert not any("ada" in body for body in Statement.objects.values_list("body", flat=True))
    assert sorted(Document.objects.values_list("name", flat=True)) == ["settings", "shared"]
    assert not Erasure.objects.exists()


def test_what_was_counted_stays_counted_without_the_name_it_had():
    golf = make.course()
    registration = registered(golf, "ada")
    make.launch(registration)
    (before,) = CountedRegistration.objects.all()

    all_of_it(golf)

    (after,) = CountedRegistration.objects.all()
    assert (before.registration_id, after.registration_id) == (f"{golf.course_id} of ada", f"deleted-{registration.pk}")
    assert usage.use_of(golf.application.realm).registrations == 1


def test_where_others_only_mention_the_learner_nobody_takes_the_place():
    golf = make.course()
    registered(golf, "ada")
    team = {"homePage": "https://example.com", "name": "team"}
    group = {"objectType": "Group", "account": team, "member": [ADA, BOB]}
    said(golf, ADA)
    said(golf, group)
    said(golf, BOB, object={**ADA, "objectType": "Agent"})
    kept = said(golf, BOB, context={"instructor": {**ADA, "name": "Ada"}, "extensions": {"https://x.org/a": [{**ADA}]}})
    inner = {"objectType": "SubStatement", "actor": ADA, "verb": TOLD, "object": LESSON}
    also_kept = said(golf, BOB, object=inner)

    all_of_it(golf)

    found = {each["id"]: each for each in told_of(golf, BOB)}
    assert set(found) == {kept, also_kept}
    nobody = {"objectType": "Agent", "account": {**ADA["account"], "name": "deleted-learner"}}
    assert found[kept]["context"] == {"instructor": nobody, "extensions": {"https://x.org/a": [nobody]}}
    assert found[also_kept]["object"]["actor"] == nobody
    assert told_of(golf, ADA) == []


@pytest.mark.parametrize(
    "agent",
    [
        {"mbox": "mailto:Ada@example.com"},
        {"mbox": "mailto:ada@example.com"},
        {"mbox_sha1sum": hashlib.sha1(b"mailto:ada@example.com").hexdigest()},
    ],
)
def test_statements_by_the_learners_address_go_too(agent: dict[str, str]):
    golf = make.course()
    registered(golf, "ada", "Ada@example.com")
    said(golf, {"objectType": "Agent", **agent})

    all_of_it(golf)

    assert not Statement.objects.exists()


def test_an_address_that_another_learner_has_too_is_nobodys_own():
    golf = make.course()
    registered(golf, "ada", "family@example.com")
    registered(golf, "bob", "family@example.com")
    said(golf, {"mbox": "mailto:family@example.com"})

    all_of_it(golf)

    assert Statement.objects.count() == 1


def test_what_refers_to_a_statement_that_went_is_found_by_it_no_more():
    golf = make.course()
    registered(golf, "ada")
    target = said(golf, ADA)
    about_it = said(golf, BOB, object={"objectType": "StatementRef", "id": target})
    assert [each["id"] for each in told_of(golf, ADA)] == [about_it, target]

    all_of_it(golf)

    assert (told_of(golf, ADA), [each["id"] for each in told_of(golf, BOB)]) == ([], [about_it])
    stored = Statement.objects.get().stored
    assert set(Mention.objects.values_list("stored", flat=True)) == {stored}


def test_attachments_go_where_no_other_statement_has_them():
    golf = make.course()
    registered(golf, "ada")
    contents = {hashlib.sha256(text).hexdigest(): text for text in (b"own", b"shared")}

    def attached(*texts: bytes) -> list[dict[str, Any]]:
        kind = {"usageType": "https://example.com/essay", "display": {"en": "Essay"}, "contentType": "text/plain"}
        return [{**kind, "length": len(text), "sha2": hashlib.sha256(text).hexdigest()} for text in texts]

    whole = {"actor": ADA, "verb": TOLD, "object": LESSON, "attachments": attached(b"own", b"shared")}
    store(caller_of(golf.application), [whole], contents)
    other = {"actor": BOB, "verb": TOLD, "object": LESSON, "attachments": attached(b"shared")}
    store(caller_of(golf.application), [other], {hashlib.sha256(b"shared").hexdigest(): b"shared"})

    all_of_it(golf)

    assert [bytes(each) for each in Attachment.objects.values_list("content", flat=True)] == [b"shared"]


def test_messages_about_the_learner_go_sent_or_not(settings):
    settings.ALLOWED_FETCH_HOSTS = ["127.0.0.1"]
    golf = make.course()
    registered(golf, "ada")
    add_endpoint(golf.application, "Ours", "http://127.0.0.1:9/", [events.REGISTRATION_PASSED])
    for learner in ("ada", "ada lovelace", "bob"):
        tell(events.REGISTRATION_PASSED, golf.application, lambda: {"learner": {"id": learner, "firstName": "A"}})  # noqa: B023

    all_of_it(golf)

    left = [json.loads(body)["data"]["learner"]["id"] for body in Delivery.objects.values_list("body", flat=True)]
    assert left == ["ada lovelace", "bob"]


def test_much_goes_in_several_runs_and_what_came_later_stays(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("player.forgetting.PIECES", 2)
    golf = make.course()
    tennis = make.course("scorm12_two_scos", of=golf.application.realm, course_id="tennis")
    chess = make.course("scorm12_two_scos", of=golf.application.realm, course_id="chess")
    for each in (golf, tennis, chess):
        registered(each, "ada")
    learners.ask_to_forget(golf.application, "ada", "olga@example.com")
    erasure = Erasure.objects.get()
    again = Registration.objects.create(
        application=golf.application, course=golf, registration_id="new", learner_id="ada"
    )

    assert forget(erasure.pk) is False
    assert left_behind() == [erasure.pk]
    assert forget(erasure.pk) is True
    assert forget(erasure.pk) is True

    assert list(Registration.objects.all()) == [again]
    assert left_behind() == []


def test_one_that_a_worker_has_is_left_alone_by_others_until_its_time_is_over():
    golf = make.course()
    registered(golf, "ada")
    learners.ask_to_forget(golf.application, "ada", "olga@example.com")
    pk = Erasure.objects.get().pk
    Erasure.objects.update(due=timezone.now() + timedelta(minutes=1))

    assert forget(pk) is True

    assert Registration.objects.count() == 1


def test_the_same_id_in_another_application_is_another_learner():
    golf, theirs = make.course(), make.course()
    registered(golf, "ada")
    registered(theirs, "ada")
    said(theirs, ADA)

    all_of_it(golf)

    assert Registration.objects.get().course == theirs
    assert len(told_of(theirs, ADA)) == 1
