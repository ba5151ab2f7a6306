"""What the account has and uses; and the operations that are not built."""

import pytest
from django.utils import timezone

from api.description import operations
from api.parts import SECTIONS
from api.wire import moment_text
from realms.usage import Counted, count
from tests import make
from tests.api.calling import api, course, management, message
from tests.realms.test_usage import realm_on

pytestmark = pytest.mark.django_db
BUILT = {name for section in SECTIONS for _, _, name in section.declared}
LATER = [(method, path, name) for _, method, path, name in operations() if name not in BUILT]


def test_the_account_tells_of_its_owner_plan_and_use():
    realm = realm_on(registration_limit=50, name="Little")
    mine, other = api(realm), api(realm)
    for caller, name in ((mine, "golf"), (mine, "tennis"), (other, "golf")):
        course(caller, name)
    course(api())
    count(Counted(1, "first", "golf", other.application.app_id, realm.pk))
    owner = realm.memberships.get(role="owner").user

    told = mine.get("/reporting/accountInfo").json()

    start = told["usage"].pop("monthStart")
    assert start <= moment_text(timezone.now())
    assert told == {
        "email": owner.email,
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        "company": realm.name,
        "accountType": "little",
        "regLimit": 50,
        "strictLimit": True,
        "createDate": moment_text(realm.created),
        "usage": {"regCount": 1, "totalRegistrations": 1, "totalCourses": 3},
    }


def test_a_plan_without_a_limit_tells_none():
    told = api(realm_on(registration_limit=None)).get("/reporting/accountInfo").json()

    assert "regLimit" not in told


def test_it_takes_a_scope_of_its_own():
    mine = api(make.realm())

    assert mine.with_token("read:reporting").get("/reporting/accountInfo").status_code == 200
    assert mine.with_token("read:course").get("/reporting/accountInfo").status_code == 403


@pytest.mark.parametrize(("method", "path", "name"), LATER, ids=[name for _, _, name in LATER])
def test_what_is_not_built_says_so_and_only_to_who_is_known(method: str, path: str, name: str):
    mine = api()
    path = path.replace("{", "").replace("}", "")

    answers = [mine.call(method, path, {} if method in ("POST", "PUT") else None), management().call(method, path)]
    mine.authorization = "Basic eDp5"
    unknown = mine.call(method, path)

    for answer in answers:
        assert answer.status_code == 501, answer.content
        if method != "HEAD":
            assert message(answer) == (501, f"The operation {name} is part of the API but not built in this version.")
    assert unknown.status_code == 401
