"""Who may do what: keys, activity providers, bearer tokens, launches; nobody beyond an application or its sandbox."""

import json
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from lrs import services
from lrs.access import Caller, caller_of, client_of
from lrs.http import answer
from lrs.models import Credential, Permission, digest_of
from realms.models import Credential as SecretKey
from realms.services import add_credential
from tests import make
from tests.lrs.desk import ADA, BOB, LESSON, Lrs, basic, new_id, statement, voids

pytestmark = pytest.mark.django_db


def provider(application, permission: Permission, **fields: object) -> str:
    """The Authorization header of a new activity provider."""
    made = Credential.objects.create(
        application=application, name="Content", digest=digest_of("s3cret: ü"), permission=permission, **fields
    )
    return basic(made.key, "s3cret: ü")


def token(application, scope: str, seconds: int = 60) -> str:
    """The Authorization header of a token that one of the application's keys was given."""
    client = client_of(application.app_id, add_credential(application), application.app_id)
    assert client is not None
    return f"Bearer {services.give_token(client, scope, seconds)}"


@pytest.mark.parametrize(
    ("permission", "write", "read"),
    [("DEFAULT", 200, 200), ("USER", 200, 200), ("ROOT", 200, 200), ("READONLY", 403, 200), ("WRITEONLY", 200, 403)],
)
def test_what_an_activity_provider_may_do(permission: str, write: int, read: int):
    application = make.application()
    lrs = Lrs(application, provider(application, Permission(permission)))

    assert (lrs.post(statement()).status_code, lrs.get().status_code) == (write, read)
    assert Credential.objects.get().last_used is not None


def test_a_provider_of_the_user_level_reads_and_voids_its_own_alone():
    application = make.application()
    everybody, mine = Lrs(application), Lrs(application, provider(application, Permission.USER))
    (other,) = everybody.stored(statement())

    (own,) = mine.stored(statement())

    assert (mine.found(), everybody.found()) == ([own], [own, other])
    assert (mine.get(statementId=other).status_code, mine.get(statementId=own).status_code) == (404, 200)
    assert (mine.post(voids(other)).status_code, mine.post(voids(own)).status_code) == (403, 200)
    assert mine.one(mine.found()[0])["authority"]["account"]["name"] == Credential.objects.get().key


@pytest.mark.parametrize(
    ("scope", "write", "read"),
    [
        ("read write", 200, 200),
        ("all", 200, 200),
        ("read", 403, 200),
        ("all/read", 403, 200),
        ("write", 200, 403),
        ("statements/write", 200, 403),
        ("statements/write statements/read/mine", 200, 200),
        ("statements/read/mine", 403, 200),
        ("profile", 200, 200),
        ("", 403, 403),
    ],
)
def test_what_a_bearer_token_may_do(scope: str, write: int, read: int):
    application = make.application()
    lrs = Lrs(application, token(application, scope))

    assert (lrs.post(statement()).status_code, lrs.get().status_code) == (write, read)


BAD = {
    "none": lambda app: "",
    "another scheme": lambda app: "Digest x",
    "no base64": lambda app: "Basic ***",
    "no colon": lambda app: "Basic eA==",
    "no UTF-8": lambda app: "Basic /zr/",
    "NUL": lambda app: basic("x", "a\0"),
    "a wrong secret": lambda app: basic(app.app_id, "wrong"),
    "an unknown name": lambda app: basic("nobody", "wrong"),
    "the key of another application": lambda app: Lrs().authorization,
    "the name here, a key from there": lambda app: basic(app.app_id, _key_of_another()),
    "a provider of another application": lambda app: provider(make.application(), Permission.ROOT),
    "a provider that is off": lambda app: provider(app, Permission.ROOT, is_enabled=False),
    "a token of another application": lambda app: token(make.application(), "all"),
    "a token that is over": lambda app: token(app, "all", seconds=-1),
    "an unknown token": lambda app: "Bearer x",
}


def _key_of_another() -> str:
    return add_credential(make.application())


@pytest.mark.parametrize("case", BAD)
def test_who_is_not_known_gets_401_and_a_challenge(case: str):
    application = make.application()
    Lrs(application).stored(statement())
    lrs = Lrs(application, BAD[case](application))

    for refused in (lrs.get(), lrs.post(statement()), lrs.ask("GET", "agents")):
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic ")
        assert refused.json()["message"]


def test_a_key_that_is_switched_off_is_refused_at_once():
    lrs = Lrs()
    assert lrs.get().status_code == 200

    SecretKey.objects.update(is_enabled=False)

    assert lrs.get().status_code == 401


def test_a_secret_outlives_a_change_of_the_installations_key(settings):
    application = make.application()
    lrs = Lrs(application, provider(application, Permission.DEFAULT))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the installation"

    assert lrs.get().status_code == 200


def test_an_application_that_does_not_exist_is_told_from_none():
    lrs = Lrs()
    lrs.root = "/lrs/NOSUCHAPP/"

    assert lrs.get().status_code == 401


def test_the_sandbox_is_a_store_apart():
    real = Lrs()
    sandbox = Lrs(real.application, real.authorization, below="sandbox/")
    sent = statement(id=new_id())

    real.stored(sent)
    (in_sandbox,) = sandbox.stored(statement(actor=BOB))
    sandbox.stored(statement(id=sent["id"], actor=BOB))  # the same id is no conflict there

    assert (real.found(), set(sandbox.found())) == ([sent["id"]], {in_sandbox, sent["id"]})
    assert Lrs(real.application, real.authorization, below="sandbox/v2/", version="2.0.0").found() == sandbox.found()


def test_statements_of_another_application_are_not_seen():
    mine, theirs = Lrs(), Lrs()
    (id,) = theirs.stored(statement())
    place = {"activityId": LESSON, "profileId": "p"}
    theirs.ask("POST", "activities/profile", {"a": 1}, parameters=place)

    assert mine.found() == []
    assert mine.get(statementId=id).status_code == 404
    mine.stored(voids(id))
    assert theirs.get(statementId=id).status_code == 200
    assert mine.ask("GET", "activities/profile", parameters=place).status_code == 404
    assert mine.ask("GET", f"{theirs.root}statements").status_code == 401


# --- a launch's own caller --------------------------------------------------------------------------------------------

HERE = UUID(new_id())


def ask_as_launch(method: str, resource: str, body: str = "", query: str = "", *, caller: Caller) -> HttpResponse:
    request = RequestFactory().generic(
        method,
        f"/play/key/xapi/{resource}?{query}",
        body,
        content_type="application/json",
        headers={"X-Experience-API-Version": "1.0.3"},
    )
    return answer(request, resource, caller)


def test_a_launch_sees_its_own_registration_alone():
    application = make.application()
    caller = caller_of(application, registration=HERE, actor=ADA)
    own, other = ({"registration": each} for each in (str(HERE), new_id()))
    ids = services.add(application, False, [statement(context=own), statement(context=other)])

    found = json.loads(ask_as_launch("GET", "statements", caller=caller).content)["statements"]
    elsewhere = ask_as_launch("GET", "statements", query=f"statementId={ids[1]}", caller=caller)
    refused = ask_as_launch("POST", "statements", json.dumps(statement(context=other)), caller=caller)
    taken = ask_as_launch("POST", "statements", json.dumps(statement(context=own)), caller=caller)
    state = {"activityId": LESSON, "stateId": "s", "registration": str(HERE)}
    documents = [
        ask_as_launch("PUT", "activities/state", "1", urlencode(state | change), caller=caller).status_code
        for change in (
            {"agent": json.dumps(ADA)},
            {"agent": json.dumps(BOB)},
            {"agent": json.dumps(ADA), "registration": new_id()},
        )
    ]

    assert [each["id"] for each in found] == ids[:1]
    assert (elsewhere.status_code, refused.status_code, taken.status_code) == (404, 403, 200)
    assert documents == [204, 403, 403]
    assert "WWW-Authenticate" not in refused.headers
