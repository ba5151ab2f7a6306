"""OAuth 2 tokens of the stores: who gets one, for what, and when it ends (RFC 6749 4.4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lrs import providers
from lrs.models import BearerToken, Credential, Permission
from realms.models import Credential as SecretKey
from realms.services import add_credential
from tests import make
from tests.lrs.desk import CONTENT, Lrs, basic, statement

pytestmark = pytest.mark.django_db


def ask(application, authorization: str = "", host: str = CONTENT, **form: str) -> Any:
    sent = {"grant_type": "client_credentials", **form}
    headers = {"Authorization": authorization} if authorization else {}
    body = "&".join(f"{name}={value}" for name, value in sent.items())
    kind = "application/x-www-form-urlencoded"
    return Client().post(f"/lrs/{application.app_id}/oauth/token", body, kind, headers={"Host": host, **headers})


def provider(application, permission: Permission) -> str:
    made, secret = providers.add_provider(application, "Content", permission)
    return basic(made.key, secret)


def test_a_token_opens_the_store_and_the_sandbox_as_the_key_does():
    application = make.application()
    answer = ask(application, basic(application.app_id, add_credential(application)))
    told = answer.json()

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert {name: told[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "all",
    }
    bearer = f"Bearer {told['access_token']}"
    (stored,) = Lrs(application, bearer).stored(statement())
    assert Lrs(application, bearer).one(stored)["authority"]["account"]["name"] == application.app_id
    assert Lrs(application, bearer, below="sandbox/").found() == []
    assert Lrs(make.application(), bearer).get().status_code == 401
    assert told["access_token"] not in str(BearerToken.objects.values())


def test_the_client_may_prove_itself_in_the_form():
    application = make.application()

    answer = ask(application, client_id=application.app_id, client_secret=add_credential(application), scope="read")

    assert (answer.status_code, answer.json()["scope"]) == (200, "read")


@pytest.mark.parametrize(
    ("permission", "asked", "granted", "write", "read"),
    [
        ("DEFAULT", "", "all", 200, 200),
        ("ROOT", "read", "read", 403, 200),
        ("READONLY", "", "all/read", 403, 200),
        ("READONLY", "read%20write", "read", 403, 200),
        ("WRITEONLY", "", "statements/write", 200, 403),
        ("USER", "", "statements/write statements/read/mine state profile", 200, 200),
    ],
)
def test_a_token_of_a_provider_is_good_for_no_more_than_it_may(
    permission: str, asked: str, granted: str, write: int, read: int
):
    application = make.application()
    answer = ask(application, provider(application, Permission(permission)), **({"scope": asked} if asked else {}))
    lrs = Lrs(application, f"Bearer {answer.json()['access_token']}")

    assert answer.json()["scope"] == granted
    assert (lrs.post(statement()).status_code, lrs.get().status_code) == (write, read)


def test_a_token_of_the_user_level_reads_what_its_provider_wrote_and_no_more():
    application = make.application()
    Lrs(application).stored(statement())
    header = provider(application, Permission.USER)
    lrs = Lrs(application, f"Bearer {ask(application, header).json()['access_token']}")

    (own,) = lrs.stored(statement())

    assert lrs.found() == [own] == Lrs(application, header).found()


def test_a_token_ends_with_what_it_was_given_to():
    application = make.application()
    by_key = ask(application, basic(application.app_id, add_credential(application))).json()["access_token"]
    by_provider = ask(application, provider(application, Permission.DEFAULT)).json()["access_token"]
    stores = [Lrs(application, f"Bearer {each}") for each in (by_key, by_provider)]
    assert [lrs.get().status_code for lrs in stores] == [200, 200]

    SecretKey.objects.update(is_enabled=False)
    assert [lrs.get().status_code for lrs in stores] == [401, 200]
    Credential.objects.update(permission=Permission.WRITEONLY)
    assert stores[1].get().status_code == 403
    Credential.objects.all().delete()
    assert stores[1].get().status_code == 401


def test_tokens_that_are_over_are_forgotten_at_the_next():
    application = make.application()
    key = basic(application.app_id, add_credential(application))
    old = ask(application, key).json()["access_token"]
    BearerToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert Lrs(application, f"Bearer {old}").get().status_code == 401

    ask(application, key)

    assert BearerToken.objects.count() == 1


REFUSED = {
    "another grant": ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    "no grant": ({"grant_type": ""}, 400, "invalid_request"),
    "an unknown scope": ({"scope": "everything"}, 400, "invalid_scope"),
    "NUL": ({"scope": "read%00"}, 400, "invalid_request"),
    "a parameter twice": ({"scope": "read&scope=write"}, 400, "invalid_request"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_told_in_the_words_of_oauth(case: str):
    form, status, code = REFUSED[case]
    application = make.application()

    answer = ask(application, basic(application.app_id, add_credential(application)), **form)

    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["error_description"]


def test_a_scope_beyond_the_client_is_refused():
    application = make.application()

    answer = ask(application, provider(application, Permission.READONLY), scope="write")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("authorization", ["", "Basic ***", basic("nobody", "wrong"), "Bearer x"])
def test_who_is_not_known_gets_no_token(authorization: str):
    answer = ask(make.application(), authorization)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_token_is_asked_for_with_a_form_that_is_posted():
    application = make.application()
    address = f"/lrs/{application.app_id}/oauth/token"

    read = Client().get(address, headers={"Host": CONTENT})
    as_json = Client().post(address, "{}", "application/json", headers={"Host": CONTENT})

    assert (read.status_code, as_json.status_code) == (405, 400)
