"""The learner page: all registrations of an id, names, tags, what is known as a file, and the end of it."""

import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from lrs.models import Statement
from lrs.services import add as add_statements
from player.actors import actor_of
from player.forgetting import forget
from player.personal_data import gather
from realms.models import AuditEntry, Membership, Realm, Role
from registrations import many, services
from registrations.models import BulkChange, Erasure, LearnerTag, PersonalExport, Registration
from registrations.overriding import override
from registrations.personal import drop_expired
from standards.structure import Learner
from tests import make

pytestmark = pytest.mark.django_db
ID = "ada/1 ü"


@pytest.fixture
def owner() -> User:
    return make.user("olga@example.com")


@pytest.fixture
def realm(owner: User) -> Realm:
    return make.realm(owner)


@pytest.fixture
def ada(realm: Realm) -> list[Registration]:
    """Two registrations of Ada, and one of somebody else."""
    golf, chess = make.course(of=realm), make.course("scorm12_two_scos", of=realm)
    rows = [make.registration(golf, ID), make.registration(chess, ID)]
    played = make.launch(rows[0])
    played.report(lesson_status="passed", score__raw="80", session_time="0000:01:30")
    services.store_log(played.key, 1, [{"at": "2026-05-04T10:00:00.1Z", "method": "Initialize", "arguments": [""]}])
    make.registration(golf, "bob")
    return rows


@pytest.fixture
def console(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def url(name: str, realm: Realm, *ids: Any) -> str:
    return reverse(f"registrations:{name}", args=[realm.slug, *ids])


def words(response: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def test_all_registrations_of_an_id_are_on_one_page_with_totals(console: Client, realm: Realm, ada: list[Registration]):
    LearnerTag.objects.create(application=ada[0].application, learner_id=ID, name="team a")

    page = words(console.get(url("learners", realm), {"id": ID}))

    assert "Registrations 2 Completed 1 Passed 1 Failed 0 Average score 80 % Time 1 min 30 s" in page
    assert all(row.course.title in page for row in ada)
    assert "team a" in page
    assert "bob" not in page


def test_learners_are_found_by_how_names_begin(console: Client, realm: Realm, ada: list[Registration]):
    page = words(console.get(url("learners", realm), {"q": "lovel"}))

    assert ID in page
    assert "bob" in page  # of the same name
    assert "No learner matches" in words(console.get(url("learners", realm), {"q": "nobody"}))
    missing = console.get(url("learners", realm), {"id": "nobody"})
    assert (missing.status_code, "No registration is of the learner “nobody”." in words(missing)) == (404, True)


def test_a_learner_of_another_realm_is_not_there(console: Client, realm: Realm):
    make.registration(make.course(), "eve")

    assert console.get(url("learners", realm), {"id": "eve"}).status_code == 404
    assert "No learner matches" in words(console.get(url("learners", realm), {"q": "eve"}))
    for verb in ("rename", "tags", "export", "erase"):
        assert console.post(url(f"learner_{verb}", realm), {"id": "eve"}).status_code == 404


def test_the_page_asks_as_often_for_three_registrations_as_for_one(console: Client, realm: Realm):
    counts = []
    for wanted in (1, 3):
        while Registration.objects.count() < wanted:
            make.registration(make.course(of=realm), "eve")
        console.get(url("learners", realm), {"id": "eve"})
        with CaptureQueriesContext(connection) as queries:
            console.get(url("learners", realm), {"id": "eve"})
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_names_change_on_all_registrations(console: Client, realm: Realm, ada: list[Registration]):
    form = {"id": ID, "first_name": "Augusta", "last_name": "King", "email": "king@example.com"}
    console.post(url("learner_rename", realm), form)
    page = words(console.post(url("learner_rename", realm), form | {"email": "no address"}, follow=True))

    assert "valid email" in page
    names = set(Registration.objects.filter(learner_id=ID).values_list("learner_first_name", "learner_email"))
    assert names == {("Augusta", "king@example.com")}
    assert Registration.objects.get(learner_id="bob").learner_first_name == "Ada"
    assert AuditEntry.objects.get().details == {"registrations": 2}


def test_tags_of_the_learner_are_set(console: Client, realm: Realm, ada: list[Registration]):
    form = {"id": ID, "application": ada[0].application.app_id}
    console.post(url("learner_tags", realm), form | {"tags": "a, b"})
    console.post(url("learner_tags", realm), form | {"tags": "b,c"})

    assert list(LearnerTag.objects.values_list("name", flat=True)) == ["b", "c"]
    assert console.post(url("learner_tags", realm), {"id": ID, "application": "OTHER"}).status_code == 404


# --- personal data ----------------------------------------------------------------------------------------------------


def gathered(console: Client, realm: Realm) -> tuple[PersonalExport, zipfile.ZipFile]:
    console.post(url("learner_export", realm), {"id": ID})
    export = PersonalExport.objects.get()
    gather(str(export.pk))
    answer = console.get(url("learner_download", realm, export.pk))
    return export, zipfile.ZipFile(io.BytesIO(answer.getvalue()))


def test_what_is_known_is_gathered_in_a_zip_of_json(console: Client, realm: Realm, ada: list[Registration]):
    statement = {
        "actor": actor_of(Learner(ID)),
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": "https://example.com/golf"},
    }
    add_statements(ada[0].application, True, [statement])
    override(ada[0], {"success": "failed"}, "Cheated", "olga@example.com")

    export, archive = gathered(console, realm)

    app_id = ada[0].application.app_id
    assert archive.testzip() is None
    learner = json.loads(archive.read("learner.json"))
    assert learner["names"] == [{"firstName": "Ada", "lastName": "Lovelace", "email": ""}]
    held = json.loads(archive.read(f"{app_id}/registrations/{ada[0].pk}.json"))
    (instance,) = held["instances"]
    assert instance["results"]["registrationSuccess"] == "FAILED"
    assert instance["overrides"][0]["reason"] == "Cheated"
    assert instance["launches"][0]["address"] == "127.0.0.1"
    assert "key" not in instance["launches"][0]
    assert instance["activities"][0]["values"]["cmi.core.lesson_status"] == "passed"
    log = archive.read(f"{app_id}/registrations/{ada[0].pk}-0-log.jsonl").decode().splitlines()
    assert [json.loads(line)["method"] for line in log] == ["Initialize"]
    statements = archive.read(f"{app_id}/statements-sandbox.jsonl").decode().splitlines()
    assert "https://example.com/golf" in {json.loads(line)["object"]["id"] for line in statements}
    assert "bob" not in "".join(archive.read(name).decode() for name in archive.namelist())
    export.refresh_from_db()
    assert (export.percent, export.due, export.size > 0) == (100, None, True)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "learner.export",
        "learner.download",
    ]


def test_statements_are_handed_over_by_the_rule_by_which_they_would_be_deleted(
    console: Client, realm: Realm, ada: list[Registration]
):
    bob = Registration.objects.get(learner_id="bob")
    Registration.objects.filter(learner_id=ID).update(learner_email="Ada@example.com")
    Registration.objects.filter(pk=ada[0].pk).update(learner_email="family@example.com")
    Registration.objects.filter(pk=bob.pk).update(learner_email="Family@example.com")
    digest = hashlib.sha1(b"mailto:ada@example.com").hexdigest()
    agents = [{"mbox": "mailto:family@example.com"}, {"mbox": "mailto:ada@example.com"}, {"mbox_sha1sum": digest}]
    told = {"verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"}, "object": {"id": "https://example.com/golf"}}
    add_statements(ada[0].application, True, [{"actor": agent, **told} for agent in agents])

    _export, archive = gathered(console, realm)

    name = f"{ada[0].application.app_id}/statements-sandbox.jsonl"
    actors = [json.loads(line)["actor"] for line in archive.read(name).decode().splitlines()]
    found = [actor for actor in actors if "account" not in actor]
    assert [{name: each[name] for name in each if name != "objectType"} for each in found] == agents[1:]


@pytest.mark.parametrize("by", ["account", "mbox"])
def test_whoever_is_known_by_statements_alone_has_their_data_and_is_deleted(console: Client, realm: Realm, by: str):
    known, stranger = "eve@example.com", "mallory@example.com"
    actor = actor_of(Learner(known)) if by == "account" else {"mbox": f"mailto:{known}"}
    told = {"verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"}, "object": {"id": "https://example.com/golf"}}
    application = make.internal_application(realm)
    add_statements(application, False, [{"actor": actor, **told}])

    page = console.get(url("learners", realm), {"id": known})
    console.post(url("learner_export", realm), {"id": known})
    gather(str(PersonalExport.objects.get().pk))
    with default_storage.open(PersonalExport.objects.get().file) as file:
        said = zipfile.ZipFile(file).read(f"{application.app_id}/statements.jsonl").splitlines()
    console.post(url("learner_erase", realm), {"id": known, "typed": known})
    assert forget(Erasure.objects.get().pk)

    assert (page.status_code, "Delete this learner" in words(page)) == (200, True)
    assert len(said) == 1
    assert not Statement.objects.exists()
    gone = [console.get(url("learners", realm), {"id": each}).status_code for each in (known, stranger)]
    assert gone == [404, 404]


def test_one_export_at_a_time_and_a_task_that_runs_twice_makes_it_once(
    console: Client, realm: Realm, ada: list[Registration]
):
    for _ in range(2):
        console.post(url("learner_export", realm), {"id": ID})
    export = PersonalExport.objects.get()

    gather(str(export.pk))
    finished = PersonalExport.objects.get().finished
    gather(str(export.pk))

    assert PersonalExport.objects.get().finished == finished
    assert "Download" in words(console.get(url("learners", realm), {"id": ID}))


def test_the_file_goes_when_its_time_is_over(
    console: Client, realm: Realm, ada: list[Registration], django_capture_on_commit_callbacks
):
    export, _ = gathered(console, realm)
    export.refresh_from_db()
    PersonalExport.objects.update(expires=timezone.now() - timedelta(seconds=1))

    assert console.get(url("learner_download", realm, export.pk)).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        drop_expired()

    assert not default_storage.exists(export.file)
    assert not PersonalExport.objects.exists()


def test_a_learner_is_deleted_once_the_id_is_written(
    console: Client, realm: Realm, ada: list[Registration], django_capture_on_commit_callbacks
):
    export, _ = gathered(console, realm)
    export.refresh_from_db()
    page = words(console.get(url("learner_erase", realm), {"id": ID}))
    assert f"2 registrations of {ID} are deleted" in page

    refused = console.post(url("learner_erase", realm), {"id": ID, "typed": "ada"})
    assert (refused.status_code, Erasure.objects.count()) == (422, 0)
    with django_capture_on_commit_callbacks(execute=True):
        page = words(console.post(url("learner_erase", realm), {"id": ID, "typed": ID}, follow=True))

    assert "is being deleted" in page
    assert (Registration.objects.get().learner_id, Erasure.objects.exists()) == ("bob", False)
    assert not default_storage.exists(export.file)
    assert AuditEntry.objects.filter(action="learner.delete").get().details == {"registrations": 2}


def test_the_audit_log_forgets_whom_it_was_about(console: Client, realm: Realm, ada: list[Registration]):
    export, _ = gathered(console, realm)
    form = {"id": ID, "first_name": "Augusta", "last_name": "King", "email": "king@example.com"}
    console.post(url("learner_rename", realm), form)
    console.post(url("learner_tags", realm), {"id": ID, "application": ada[0].application.app_id, "tags": "secret"})
    console.post(url("tags", realm, ada[0].pk), {"tags": "secret"})
    console.post(url("restart", realm, ada[1].pk))
    console.get(url("export", realm), {"q": "king@example.com"})
    bulk, chosen = f"{url('bulk', realm)}?q=king", {"verb": "tag", "tags": "a", "all": "1"}
    asked = console.post(bulk, chosen)
    console.post(bulk, chosen | {"confirmed": "1", "count": asked.context["total"].count})
    many.run(BulkChange.objects.get().pk)
    console.post(url("restart", realm, Registration.objects.get(learner_id="bob").pk))

    console.post(url("learner_erase", realm), {"id": ID, "typed": ID})
    assert forget(Erasure.objects.get().pk)

    rows = [*AuditEntry.objects.values(), *BulkChange.objects.values()]
    told = json.dumps(rows, default=str, ensure_ascii=False)
    assert [word for word in (ID, "king", "King", "secret", ada[0].registration_id) if word in told] == []
    actions = AuditEntry.objects.values_list("action", "target_text")
    assert {("learner.delete", ""), ("learner.update", ""), ("registration.tags", f"deleted-{ada[0].pk}")} <= {*actions}
    (bob,) = Registration.objects.all()
    assert ("registration.restart", f"{bob.registration_id} ({bob.course.title})") in actions


def test_support_sees_a_learner_and_changes_nothing(client: Client, realm: Realm, ada: list[Registration]):
    person = make.user("sam@example.com")
    Membership.objects.create(realm=realm, user=person, role=Role.SUPPORT)
    client.force_login(person)

    page = words(client.get(url("learners", realm), {"id": ID}))
    refused = {client.post(url(f"learner_{verb}", realm), {"id": ID}).status_code for verb in ("rename", "erase")}

    assert "Registrations 2" in page
    assert "Delete this learner" not in page
    assert refused == {403}
