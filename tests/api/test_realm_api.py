"""The realm endpoints: plan, usage, members, applications, for keys of the App Management application alone."""

import json
from decimal import Decimal

import pytest
from django.test import Client

from realms.links import link
from realms.models import Membership, Role
from realms.usage import Counted, count
from tests import make
from tests.api import calling
from tests.api.calling import Api, api, basic, course, management
from tests.realms.test_usage import realm_on

pytestmark = pytest.mark.django_db
PATHS = ("/plan", "/usage", "/members", "/applications")


@pytest.fixture(autouse=True)
def base(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls go to the realm endpoints, but for those that ask for tokens."""
    monkeypatch.setattr(calling, "BASE", "/api/realm/v1")


def test_the_plan():
    realm = realm_on(
        registration_limit=50,
        course_limit=3,
        overage_price=Decimal("1.50"),
        monthly_cost=Decimal("9.00"),
        name="Little",
    )

    told = management(realm).get("/plan").json()

    assert told.pop("since")
    assert told == {
        "name": "Little",
        "monthlyCost": "9.00",
        "currency": "USD",
        "registrationLimit": 50,
        "courseLimit": 3,
        "overagePrice": "1.50",
        "paysOverage": False,
    }


def test_the_plan_and_use_of_a_realm_that_is_linked_to_another():
    payer, linked = realm_on(registration_limit=10), make.realm()
    link(linked, payer, None)
    mine = api(linked)
    count(Counted(1, "r1", "golf", mine.application.app_id, linked.pk))
    count(Counted(2, "r2", "golf", "ELSEWHERE", payer.pk))

    plan, used = management(linked).get("/plan").json(), management(linked).get("/usage").json()

    assert plan["linkedTo"] == payer.name
    names = ("registrations", "ofRealm", "ofRealmEver", "limit", "used", "isStrict", "byApplication")
    assert [used[name] for name in names] == [
        *(2, 1, 1, 10, 2, True),
        [{"id": mine.application.app_id, "registrations": 1}],
    ]
    assert used["periodStart"] < used["periodEnd"]


def test_members_by_role():
    realm = make.realm()
    author = make.user()
    Membership.objects.create(realm=realm, user=author, role=Role.AUTHOR)
    owner = realm.memberships.get(role="owner").user

    whole = management(realm).get("/members").json()["members"]
    authors = management(realm).get("/members?role=author").json()["members"]

    assert [(each["email"], each["role"]) for each in whole] == [(owner.email, "owner"), (author.email, "author")]
    assert [each["email"] for each in authors] == [author.email]


def test_a_role_that_is_none_is_refused_with_those_that_are():
    found = management().get("/members?role=boss")

    words = "role: it must be one of owner, administrator, author, support, learner."
    assert (found.status_code, found.json()["message"]) == (400, words)


def test_applications_with_what_they_hold(django_assert_num_queries):
    realm = make.realm()
    mine, manager = api(realm), management(realm)
    course(mine)
    manager.get("/plan")  # notes the use of the key

    with django_assert_num_queries(4):
        found = manager.get("/applications").json()["applications"]
    for _ in range(3):
        make.application(realm)
    with django_assert_num_queries(4):
        assert len(manager.get("/applications").json()["applications"]) == len(found) + 3

    by_id = {each["id"]: each for each in found}
    own = by_id[mine.application.app_id]
    assert (own["courseCount"], own["registrationCount"]) == (1, 0)
    manages = by_id[manager.application.app_id]
    assert (manages["isManagement"], "courseCount" in manages) == (True, False)


@pytest.mark.parametrize("path", PATHS)
def test_other_keys_and_nobody_read_nothing(path: str):
    other = api()
    nobody = Api(other.application, basic("x", "y"))

    assert other.get(path).status_code == 403
    assert nobody.get(path).status_code == 401


def test_tokens_need_a_scope(monkeypatch: pytest.MonkeyPatch):
    manager = management()
    monkeypatch.setattr(calling, "BASE", "/api/v2")
    reads, other = manager.with_token("read:appmgmt"), manager.with_token("read:course")
    monkeypatch.setattr(calling, "BASE", "/api/realm/v1")

    assert (reads.get("/plan").status_code, other.get("/plan").status_code) == (200, 403)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "", 404),
        ("POST", "/plan", 405),
        ("DELETE", "/members", 405),
        ("GET", "//plan/", 200),
    ],
)
def test_what_is_not_there_is_told_as_json(method: str, path: str, status: int):
    found = management().call(method, path)

    assert found.status_code == status
    assert status == 200 or found.json()["message"]
    assert "X-RateLimit-Limit" in found.headers


def test_it_has_a_document_of_its_own():
    client = Client(headers={"host": "localhost"})

    ours = client.get("/api/realm/v1/openapi.json").json()
    theirs = client.get("/api/v2/openapi.json").json()

    assert sorted(ours["paths"]) == sorted(PATHS)
    assert ours["servers"][0]["url"].endswith("/api/realm/v1")
    assert set(PATHS) & set(theirs["paths"]) == set()
    assert '"null"' not in json.dumps(ours)
