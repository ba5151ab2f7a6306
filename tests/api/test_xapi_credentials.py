"""xAPI credentials by the API: made, changed, listed, deleted; and what they open."""

from typing import Any
from urllib.parse import quote

import pytest

from lrs.models import BearerToken, Credential
from tests.api.calling import Api, api, message
from tests.lrs.desk import Lrs, basic, statement

pytestmark = pytest.mark.django_db


def wish(permission: str = "DEFAULT", auth: str = "BASICAUTH", **more: Any) -> dict[str, Any]:
    return {
        "name": "Content",
        "secret": "s3cret: ü",
        "isEnabled": True,
        "auth": {"xapiCredentialAuthType": auth},
        "permissionsLevel": {"xapiCredentialPermissionsLevel": permission},
        **more,
    }


def made(of: Api, **more: Any) -> str:
    """The id of a new credential."""
    found = of.post("/xapi/credentials", wish(**more))
    assert found.status_code == 200, found.content
    return found.json()["result"]


def store(of: Api, key: str, secret: str = "s3cret: ü") -> Lrs:
    return Lrs(of.application, basic(key, secret))


@pytest.mark.parametrize(
    ("permission", "write", "read"), [("DEFAULT", 200, 200), ("READONLY", 403, 200), ("WRITEONLY", 200, 403)]
)
def test_a_credential_opens_the_store_as_far_as_its_level_goes(permission, write, read):
    mine = api()
    lrs = store(mine, made(mine, permission=permission))

    assert (lrs.post(statement()).status_code, lrs.get().status_code) == (write, read)


def test_it_is_told_without_its_secret():
    mine = api()
    key = made(mine, permission="USER", info="For\nthe course player")

    told = {"id": key} | wish("USER", info="For\nthe course player", secret="********")
    assert mine.get(f"/xapi/credentials/{key}").json() == told
    assert mine.get("/xapi/credentials").json() == {"xapiCredentials": [told]}


def test_what_was_read_can_be_sent_back_and_its_secret_stays():
    mine = api()
    key = made(mine)
    read = mine.get(f"/xapi/credentials/{key}").json()

    changed = mine.put(f"/xapi/credentials/{key}", read | {"name": "Renamed", "isEnabled": False})
    off = store(mine, key).get().status_code
    mine.put(f"/xapi/credentials/{key}", read)
    on = store(mine, key).get().status_code
    mine.put(f"/xapi/credentials/{key}", read | {"secret": "another"})

    assert (changed.status_code, off, on) == (204, 401, 200)
    assert (store(mine, key).get().status_code, store(mine, key, "another").get().status_code) == (401, 200)


def test_one_that_is_not_there_is_made_with_the_id_of_the_caller():
    mine, theirs = api(), api()
    key = "Zürich/player 1%"

    first = mine.put(f"/xapi/credentials/{quote(key, safe='')}", wish())
    second = theirs.put(f"/xapi/credentials/{quote(key, safe='')}", wish(secret="theirs"))

    assert (first.status_code, second.status_code) == (204, 204)
    assert (store(mine, key).get().status_code, store(theirs, key, "theirs").get().status_code) == (200, 200)
    assert (store(mine, key, "theirs").get().status_code, store(theirs, key).get().status_code) == (401, 401)


def test_one_for_tokens_gets_a_token_and_opens_nothing_itself():
    mine = api()
    key = made(mine, permission="READONLY", auth="OAUTH")
    lrs = store(mine, key)

    refused = lrs.get()
    url = f"/lrs/{mine.application.app_id}/oauth/token"
    headers = {"authorization": lrs.authorization, "host": "localhost"}
    given = mine.client.post(
        url, "grant_type=client_credentials", content_type="application/x-www-form-urlencoded", headers=headers
    )
    by_token = Lrs(mine.application, f"Bearer {given.json()['access_token']}")

    assert (refused.status_code, "bearer tokens" in refused.json()["message"]) == (401, True)
    assert (by_token.get().status_code, by_token.post(statement()).status_code) == (200, 403)
    mine.delete(f"/xapi/credentials/{key}")
    assert (by_token.get().status_code, BearerToken.objects.count()) == (401, 0)


def test_a_deleted_one_opens_nothing_and_its_statements_stay():
    mine = api()
    key = made(mine)
    store(mine, key).post(statement())

    assert mine.delete(f"/xapi/credentials/{key}").status_code == 204
    expected = (404, f"xAPI credential ID '{key}' does not exist in this application.")
    assert message(mine.get(f"/xapi/credentials/{key}")) == expected
    assert message(mine.delete(f"/xapi/credentials/{key}")) == expected
    assert (store(mine, key).get().status_code, len(Lrs(mine.application).found())) == (401, 1)


def test_those_of_another_application_do_not_exist():
    mine, theirs = api(), api()
    key = made(theirs)

    assert mine.get("/xapi/credentials").json() == {"xapiCredentials": []}
    assert mine.get(f"/xapi/credentials/{key}").status_code == 404
    assert mine.delete(f"/xapi/credentials/{key}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": " "}, "name: it has from 1 to 255 characters."),
        ({"name": "x" * 256}, "name: it has from 1 to 255 characters."),
        ({"secret": ""}, "secret: it has from 1 to 1000 characters."),
        ({"secret": "********"}, "secret: ******** stands for the secret there is, and there is none yet."),
        ({"auth": {}}, "auth.xapiCredentialAuthType: it is missing."),
        ({"auth": {"xapiCredentialAuthType": "X"}}, "auth.xapiCredentialAuthType: it must be one of BASICAUTH, OAUTH."),
        ({"permissionsLevel": {}}, "permissionsLevel.xapiCredentialPermissionsLevel: it is missing."),
        ({"isEnabled": "perhaps"}, "isEnabled: it must be true or false."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_name_of_the_field(changed, words):
    mine = api()

    assert message(mine.post("/xapi/credentials", wish() | changed)) == (400, words)
    assert not Credential.objects.exists()


def test_ids_that_no_user_name_can_be_are_refused():
    mine = api()
    bad = "id: it is a user name, which has no colon and no control characters."

    assert message(mine.put("/xapi/credentials/a:b", wish())) == (400, bad)
    assert message(mine.put("/xapi/credentials/a%0Ab", wish())) == (400, bad)
    assert mine.put(f"/xapi/credentials/{'x' * 256}", wish()).status_code == 400
    assert message(mine.put(f"/xapi/credentials/{mine.application.app_id}", wish())) == (
        400,
        "id: it is that of the application, which has keys of its own.",
    )
    assert not Credential.objects.exists()


def test_the_list_is_filtered_ordered_and_counted():
    mine = api()
    keys = [made(mine) for _ in range(3)]
    mine.put(f"/xapi/credentials/{keys[0]}", wish(name="Changed"))

    def ids(query: str) -> list[str]:
        return [each["id"] for each in mine.get(f"/xapi/credentials?{query}").json()["xapiCredentials"]]

    assert ids("") == [keys[1], keys[2], keys[0]]
    assert ids("orderBy=created_desc") == keys[::-1]
    assert ids(f"filter={keys[1].lower()}") == [keys[1]]
    assert mine.get("/xapi/credentials?includeTotalCount=true").headers["X-Total-Count"] == "3"
    assert message(mine.get("/xapi/credentials?filterBy=name")) == (400, "filterBy: it must be one of credential_id.")


def test_a_list_takes_as_many_queries_for_one_as_for_three(django_assert_max_num_queries):
    mine = api()
    for _ in range(3):
        made(mine)
        with django_assert_max_num_queries(3):
            mine.get("/xapi/credentials")


def test_scopes():
    mine = api()
    key = made(mine)
    reads, writes = mine.with_token("read:xapicredential"), mine.with_token("write:xapicredential")

    assert (reads.get("/xapi/credentials").status_code, reads.post("/xapi/credentials", wish()).status_code) == (
        200,
        403,
    )
    assert writes.put(f"/xapi/credentials/{key}", wish()).status_code == 204
    assert writes.delete(f"/xapi/credentials/{key}").status_code == 403
