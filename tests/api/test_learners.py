"""Learners by the API: tags, names and addresses, deleting."""

import pytest
from django.core.files.storage import default_storage

from content.models import Course
from lrs.models import Statement
from lrs.services import add as add_statements
from player.actors import actor_of
from player.personal_data import gather
from realms.models import AuditEntry, Membership, Role
from registrations import learners, personal
from registrations.models import Erasure, LearnerTag, Registration
from standards.structure import Learner
from tests import make
from tests.api.calling import Api, api, course, message

pytestmark = pytest.mark.django_db


def registered(of: Course, learner: str, registration_id: str = "", **fields: str) -> Registration:
    return Registration.objects.create(
        application=of.application,
        course=of,
        registration_id=registration_id or learner,
        learner_id=learner,
        **fields,
    )


@pytest.fixture
def mine() -> Api:
    """An application whose learner is ada."""
    caller = api()
    registered(course(caller), "ada")
    return caller


def tags(of: Api, learner: str = "ada") -> list[str]:
    return of.get(f"/learner/{learner}/tags").json()["tags"]


# --- tags -------------------------------------------------------------------------------------------------------------


def test_tags_are_added_and_taken_away(mine):
    added = mine.put("/learner/ada/tags", {"tags": ["b", " a  a ", "b", ""]})
    again = mine.put("/learner/ada/tags", {"tags": ["c"]})
    before = tags(mine)
    taken = mine.delete("/learner/ada/tags", {"tags": ["c", "never there"]})

    assert (added.status_code, again.status_code, taken.status_code) == (204, 204, 204)
    assert (before, tags(mine)) == (["a a", "b", "c"], ["a a", "b"])


def test_a_delete_without_a_body_takes_nothing(mine):
    mine.put("/learner/ada/tags", {"tags": ["a"]})

    assert mine.delete("/learner/ada/tags").status_code == 204
    assert tags(mine) == ["a"]


def test_many_learners_get_tags_at_once_or_none_does(mine):
    registered(Course.objects.get(), "bob/ä+% ")

    assert mine.put("/learner/tags", {"ids": ["ada", "bob/ä+% "], "tags": ["x", "y"]}).status_code == 204
    refused = mine.put("/learner/tags", {"ids": ["ada", "carl"], "tags": ["z"]})

    assert message(refused) == (404, "Learner ID 'carl' does not exist in this application.")
    assert (tags(mine), tags(mine, "bob%2F%C3%A4%2B%25%20")) == (["x", "y"], ["x", "y"])


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["x" * 101], "tags: A tag has at most 100 characters"),
        ([f"tag {number}" for number in range(51)], "tags: A learner has at most 50 tags"),
    ],
)
def test_tags_that_cannot_be_are_refused_and_none_is_kept(mine, names, words):
    status, said = message(mine.put("/learner/ada/tags", {"tags": names}))

    assert (status, words in said) == (400, True)
    assert tags(mine) == []


def test_the_fifty_first_tag_is_refused_however_they_come(mine):
    mine.put("/learner/ada/tags", {"tags": [f"tag {number}" for number in range(50)]})

    refused = mine.put("/learner/ada/tags", {"tags": ["one more"]})

    assert message(refused) == (400, "tags: A learner has at most 50 tags; ada would have more.")
    assert len(tags(mine)) == 50


def test_a_learner_of_another_application_does_not_exist(mine):
    theirs = api(mine.application.realm)
    expected = (404, "Learner ID 'ada' does not exist in this application.")

    assert message(theirs.get("/learner/ada/tags")) == expected
    assert message(theirs.put("/learner/ada/tags", {"tags": ["a"]})) == expected
    assert message(theirs.delete("/learner/ada/tags", {"tags": ["a"]})) == expected
    assert message(theirs.post("/learner/ada/updateInfo", {"id": "ada"})) == expected
    assert message(theirs.post("/learner/ada/delete-information?userEmail=x")) == expected
    assert (LearnerTag.objects.count(), Erasure.objects.count()) == (0, 0)


# --- names and address ------------------------------------------------------------------------------------------------


def test_names_and_address_are_written_on_every_registration(mine):
    golf = Course.objects.get()
    registered(golf, "ada", "second", learner_email="old@example.com")
    registered(golf, "bob")

    told = mine.post(
        "/learner/ada/updateInfo",
        {"id": "ada", "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com"},
    )
    some = mine.post("/learner/ada/updateInfo", {"id": "ada", "lastName": ""})

    assert (told.status_code, some.status_code) == (204, 204)
    columns = ("learner_id", "learner_first_name", "learner_last_name", "learner_email")
    assert sorted(Registration.objects.values_list(*columns)) == [
        ("ada", "Ada", "", "ada@example.com"),
        ("ada", "Ada", "", "ada@example.com"),
        ("bob", "", "", ""),
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "id: it is missing."),
        ({"id": "bob"}, "id: it must be that of the path; the id of a learner does not change."),
        ({"id": "ada", "firstName": "x" * 256}, "firstName: it has more than 255 characters."),
        ({"id": "ada", "email": []}, "email: it must be a text."),
    ],
)
def test_names_that_cannot_be_are_refused(mine, body, words):
    assert message(mine.post("/learner/ada/updateInfo", body)) == (400, words)


# --- deleting ---------------------------------------------------------------------------------------------------------


def member(of: Api, role: Role = Role.OWNER) -> str:
    return of.application.realm.memberships.filter(role=role).get().user.email


def test_everything_of_a_learner_is_deleted_in_the_background(mine, django_capture_on_commit_callbacks):
    mine.put("/learner/ada/tags", {"tags": ["a"]})
    export = personal.begin_export(mine.application.realm, "ada", "olga@example.com")
    gather(str(export.pk))
    export.refresh_from_db()
    assert default_storage.exists(export.file)

    with django_capture_on_commit_callbacks(execute=True):
        asked = mine.post(f"/learner/ada/delete-information?userEmail={member(mine).upper()}")

    assert asked.status_code == 204
    assert [model.objects.count() for model in (Registration, LearnerTag, Erasure)] == [0, 0, 0]
    assert mine.get("/learner/ada/tags").status_code == 404
    assert not default_storage.exists(export.file)
    assert "ada" not in AuditEntry.objects.values_list("target_text", flat=True)


def test_a_learner_of_statements_alone_is_deleted_too(mine, django_capture_on_commit_callbacks):
    told = {"verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"}, "object": {"id": "https://example.com/golf"}}
    add_statements(mine.application, False, [{"actor": actor_of(Learner("eve")), **told}])

    with django_capture_on_commit_callbacks(execute=True):
        asked = mine.post(f"/learner/eve/delete-information?userEmail={member(mine)}")

    assert (asked.status_code, Statement.objects.count()) == (204, 0)


def test_it_takes_an_owner_or_administrator_of_the_realm(mine):
    stranger = make.user()
    make.realm(stranger)

    author = make.user()
    Membership.objects.create(realm=mine.application.realm, user=author, role=Role.AUTHOR)

    for email in (author.email, stranger.email, "nobody@example.com", ""):
        refused = mine.post(f"/learner/ada/delete-information?userEmail={email}")
        assert message(refused) == (403, "userEmail: no owner or administrator of the realm has this address.")
    assert message(mine.post("/learner/ada/delete-information")) == (400, "userEmail: it is missing.")
    assert not Erasure.objects.exists()


def test_an_administrator_will_do_and_asking_twice_is_asking_once(mine):
    make.colleague(mine.application.realm)

    for _ in range(2):
        url = f"/learner/ada/delete-information?userEmail={member(mine, Role.ADMINISTRATOR)}"
        assert mine.post(url).status_code == 204

    assert Erasure.objects.get().asked_by == member(mine, Role.ADMINISTRATOR)
    (entry, _) = AuditEntry.objects.all()
    assert (entry.action, entry.target_text, entry.app_id) == ("learner.delete", "", mine.application.app_id)


def test_where_deleting_is_not_permitted_nothing_is_deleted(mine):
    mine.application.allow_delete = False
    mine.application.save()

    refused = mine.post(f"/learner/ada/delete-information?userEmail={member(mine)}")

    assert message(refused) == (403, "Deleting is not permitted in this application (allowDelete is false).")


def test_scopes(mine):
    reads, writes, admin = mine.with_token("read:learner"), mine.with_token("write:learner"), mine.with_token("admin")
    url = f"/learner/ada/delete-information?userEmail={member(mine)}"

    assert reads.get("/learner/ada/tags").status_code == 200
    assert reads.put("/learner/ada/tags", {"tags": []}).status_code == 403
    assert writes.delete("/learner/ada/tags", {"tags": []}).status_code == 204
    assert writes.post("/learner/ada/updateInfo", {"id": "ada"}).status_code == 204
    assert writes.post(url).status_code == 403
    assert admin.post(url).status_code == 204


def test_tags_of_many_learners_take_as_many_queries_as_those_of_one(mine, django_assert_num_queries):
    golf = Course.objects.get()
    for name in ("bob", "carl"):
        registered(golf, name)
    application = mine.application

    for ids in (["ada"], ["ada", "bob", "carl"]):
        with django_assert_num_queries(6):  # two of them a savepoint
            assert learners.known(application, ids) == set(ids)
            learners.add_tags(application, ids, ["x", "y"])
