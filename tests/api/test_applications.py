"""Application management, and the settings of an application."""

from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from api import tokens
from realms.models import Application, Credential
from realms.services import hash_secret
from realms.usage import span_now
from registrations.models import Registration
from registrations.registering import NewRegistration, register
from tests import make
from tests.api.calling import Api, api, basic, course, management, message

pytestmark = pytest.mark.django_db

MANAGING = [
    ("POST", "/appManagement/applications"),
    ("GET", "/appManagement/applications"),
    ("GET", "/appManagement/applicationList"),
    ("GET", "/appManagement/applications/{}"),
    ("PUT", "/appManagement/applications/{}"),
    ("DELETE", "/appManagement/applications/{}"),
    ("GET", "/appManagement/{}/credentials"),
    ("POST", "/appManagement/{}/credentials"),
]


@pytest.mark.parametrize(("method", "path"), MANAGING)
def test_only_the_management_application_manages(method: str, path: str):
    mine = api()

    found = mine.call(method, path.format(mine.application.app_id), {"name": "x"})

    assert message(found) == (403, "This operation needs the credentials of the realm's App Management application.")


def test_the_management_application_opens_nothing_else():
    found = management().get("/courses")

    assert found.status_code == 403
    assert "use those of an application" in found.json()["message"]


@pytest.mark.parametrize(("method", "path"), [each for each in MANAGING if "{}" in each[1]])
def test_applications_of_other_realms_are_not_there(method: str, path: str):
    manager, other = management(), api()
    app_id = other.application.app_id

    found = manager.call(method, path.format(app_id), {"name": "x"})

    assert message(found) == (404, f"Application ID '{app_id}' does not exist in this realm.")
    assert other.get("/ping").status_code == 200


def test_an_application_from_its_making_to_its_end():
    manager = management()
    made = manager.post("/appManagement/applications", {"name": " New  app "}).json()
    path = f"/appManagement/applications/{made['id']}"

    assert made == {"id": Application.objects.get(name="New app").app_id, "name": "New app"}
    info = manager.get(path).json()
    assert set(info) == {"id", "name", "createDate", "updateDate", "allowDelete"}
    assert manager.put(path, {"name": "Newer", "allowDelete": False}).status_code == 204
    info = manager.get(f"{path}?includeCourseCount=true&includeRegistrationCount=True").json()
    assert (info["name"], info["allowDelete"], info["courseCount"], info["registrationCount"]) == ("Newer", False, 0, 0)
    assert {"id": made["id"], "name": "Newer"} in manager.get("/appManagement/applications").json()["applications"]
    assert message(manager.delete(path)) == (403, "Delete operations are switched off in Newer.")
    assert manager.put(path, {"allowDelete": True}).status_code == 204
    assert manager.delete(path).status_code == 204
    assert manager.get(path).status_code == 404


def test_an_application_that_holds_something_stays():
    manager = management()
    held = api(manager.application.realm)
    course(held)
    path = f"/appManagement/applications/{held.application.app_id}"

    assert message(manager.delete(path)) == (
        409,
        f"{held.application.name} ({held.application.app_id}) is not empty: it has courses.",
    )
    internal = make.internal_application(manager.application.realm)
    assert manager.delete(f"/appManagement/applications/{internal.app_id}").status_code == 400
    assert manager.get(f"{path}?includeCourseCount=true").json()["courseCount"] == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 256])
def test_a_name_that_cannot_be_is_refused(name: str):
    manager = management()

    assert message(manager.post("/appManagement/applications", {"name": name})) == (
        400,
        "name: A name has from 1 to 255 characters.",
    )


def test_the_list_has_pages_filters_and_counts(django_assert_num_queries):
    manager = management()
    held = api(manager.application.realm)
    course(held)
    manager.get("/appManagement/applications")  # notes the use of the key

    with django_assert_num_queries(4):  # key, applications, courses, registrations
        found = manager.get("/appManagement/applicationList?includeCourseCount=true&includeRegistrationCount=true")

    infos = {each["id"]: each for each in found.json()["applications"]}
    assert infos[held.application.app_id]["courseCount"] == 1
    assert manager.application.app_id not in infos
    assert len(infos) == 3  # with the two of the sign-up
    some = manager.get(f"/appManagement/applicationList?filter={held.application.app_id}&includeTotalCount=true")
    assert [each["id"] for each in some.json()["applications"]] == [held.application.app_id]
    assert some.headers["X-Total-Count"] == "1"
    make_many = [Application(realm=manager.application.realm, name=f"App {number}") for number in range(120)]
    Application.objects.bulk_create(make_many)
    first = manager.get("/appManagement/applicationList?orderBy=created_desc").json()
    second = manager.get(f"/appManagement/applicationList?more={first['more']}").json()
    assert (len(first["applications"]), len(second["applications"])) == (100, 23)


def test_registrations_are_counted_that_were_made_in_the_running_billing_period():
    manager = management()
    held = api(manager.application.realm)
    golf = course(held)
    assert golf.current_version is not None
    for name in ("now", "before"):
        register(golf.current_version, NewRegistration(name, "ada"))
    began = span_now(manager.application.realm).start
    Registration.objects.filter(registration_id="before").update(created=began - timedelta(seconds=1))

    one = manager.get(f"/appManagement/applications/{held.application.app_id}?includeRegistrationCount=true").json()
    listed = manager.get("/appManagement/applicationList?includeRegistrationCount=true").json()["applications"]

    assert one["registrationCount"] == 1
    assert next(each for each in listed if each["id"] == held.application.app_id)["registrationCount"] == 1


def test_a_key_from_its_making_to_its_end():
    manager = management()
    child = make.application(manager.application.realm)
    path = f"/appManagement/{child.app_id}/credentials"

    made = manager.post(path, {"name": "LMS", "active": True}).json()
    mine = Api(child, basic(child.app_id, made["credential"]))

    assert (made["name"], made["status"]) == ("LMS", "active")
    assert Credential.objects.get(pk=made["id"]).key_hash == hash_secret(made["credential"])
    assert mine.get("/ping").status_code == 200
    listed = manager.get(path).json()["credentials"]
    assert [(each["id"], each["name"], "credential" in each) for each in listed] == [(made["id"], "LMS", False)]
    assert manager.put(f"{path}/{made['id']}", {"active": False}).status_code == 204
    assert mine.get("/ping").status_code == 401
    assert manager.put(f"{path}/{made['id']}", {"active": True, "name": "Portal"}).status_code == 204
    assert mine.get("/ping").status_code == 200
    assert manager.get(path).json()["credentials"][0]["name"] == "Portal"
    assert manager.delete(f"{path}/{made['id']}").status_code == 204
    assert mine.get("/ping").status_code == 401
    assert manager.delete(f"{path}/{made['id']}").status_code == 404
    assert manager.put(f"{path}/none", {}).status_code == 404
    assert manager.put(f"{path}/9223372036854775808", {}).status_code == 404


def test_a_key_can_be_made_disabled():
    manager = management()
    child = make.application(manager.application.realm)

    made = manager.post(f"/appManagement/{child.app_id}/credentials", {"active": False}).json()

    assert (made["name"], made["status"]) == ("Secret Key", "inactive")
    assert Api(child, basic(child.app_id, made["credential"])).get("/ping").status_code == 401


def test_keys_of_another_application_are_not_there():
    manager = management()
    one, other = (api(manager.application.realm) for _ in range(2))

    path = f"/appManagement/{one.application.app_id}/credentials/{other.credential.pk}"

    assert manager.delete(path).status_code == 404
    assert other.get("/ping").status_code == 200


# --- tokens -----------------------------------------------------------------------------------------------------------


def form(mine: Api, **fields: object):
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    kind = "application/x-www-form-urlencoded"
    return mine.call("POST", "/oauth/authenticate/application/token", body, content_type=kind)


def test_a_token_by_form():
    mine = api()

    found = form(mine, scope="read:ping+write:course", expiration=60).json()

    assert (found["expires_in"], found["token_type"]) == (60, "bearer")
    assert Api(mine.application, f"Bearer {found['access_token']}").get("/ping").status_code == 200
    assert form(mine, scope="read").json()["expires_in"] == 300


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scope": "read+fly"}, "scope: there is no scope “fly”; allowed: read, write, delete, admin,"),
        ({"scope": "+"}, "scope: at least one is needed"),
        ({}, "scope: it is missing."),
        ({"scope": "read", "expiration": "soon"}, "expiration: it must be a whole number."),
        ({"scope": "read", "expiration": "0"}, "expiration: it should be greater than or equal to 1."),
        ({"scope": "read", "expiration": "99999999999"}, "expiration: it should be less than or equal to"),
    ],
)
def test_a_form_that_asks_for_what_cannot_be(fields: dict, words: str):
    found = form(api(), **fields)

    assert found.status_code == 400
    assert found.json()["message"].startswith(words)


def test_a_token_is_asked_for_by_a_form():
    assert message(api().post("/oauth/authenticate/application/token", {"scope": "read"})) == (
        415,
        "The body must be application/x-www-form-urlencoded.",
    )


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        (["read"], "GET", "/courses", 200),
        (["read:course"], "GET", "/courses", 200),
        (["admin"], "GET", "/courses", 403),
        (["admin"], "PUT", "/courses/golf/title", 403),
        (["read:registration"], "GET", "/courses", 403),
        (["write"], "GET", "/courses", 403),
        (["read"], "DELETE", "/courses/golf", 403),
        (["admin"], "DELETE", "/courses/golf", 403),
        (["delete:course"], "DELETE", "/courses/golf", 404),
        (["write:course"], "PUT", "/courses/golf/title", 404),
        (["read"], "PUT", "/courses/golf/title", 403),
        (["read:appmgmt"], "GET", "/appManagement/configuration", 200),
        (["read:appmgmt"], "GET", "/appManagement/applications", 403),
        (["read:about"], "GET", "/ping", 403),
        (["read:ping"], "GET", "/ping", 200),
        (["read"], "POST", "/appManagement/token", 403),
    ],
)
def test_a_token_is_good_for_its_scopes(scopes: list[str], method: str, path: str, status: int):
    token = api().with_token(*scopes)

    assert token.call(method, path, {"title": "x"}).status_code == status


def test_a_token_ends():
    mine = api()
    gone = mine.post("/appManagement/token", {"permissions": {"scopes": ["read"]}, "expiry": "2020-01-01T00:00:00Z"})
    said = {"a": mine.application.pk, "c": mine.credential.pk, "s": "read", "e": int(timezone.now().timestamp()) - 1}

    over = Api(mine.application, f"Bearer {signing.dumps(said, salt=tokens.SALT)}").get("/ping")

    assert message(gone) == (400, "expiry: it has passed already.")
    assert message(over) == (401, "The bearer token has expired.")


def test_management_asks_for_tokens_of_its_applications():
    manager, stranger = management(), api()
    child = api(manager.application.realm)

    def token(name: str):
        permissions = {"scopes": ["read"], "applicationName": name}
        body = {"permissions": permissions, "expiry": "2099-01-01T00:00:00.000Z"}
        return manager.post("/appManagement/token", body)

    for name in (child.application.app_id, child.application.name):
        opened = Api(child.application, f"Bearer {token(name).json()['result']}")
        assert opened.get("/about").json()["distribution"] == child.application.name
    assert token(stranger.application.app_id).status_code == 400
    own = Api(manager.application, f"Bearer {token('').json()['result']}")
    assert own.get("/appManagement/applications").status_code == 200
    manager.credential.delete()
    assert opened.get("/about").status_code == 401


# --- settings ---------------------------------------------------------------------------------------------------------


def test_settings_of_the_application_reach_its_courses():
    mine = api()
    course(mine)

    posted = {"settings": [{"settingId": "PlayerShowNavBar", "value": "NO"}]}
    assert mine.post("/appManagement/configuration", posted).status_code == 204
    special = {"settings": [{"settingId": "PlayerShowNavBar", "value": "YES"}]}
    assert (
        mine.post("/appManagement/configuration?learningStandard=SCORM_12&singleSco=True", special).status_code == 204
    )

    def setting(path: str) -> tuple:
        items = mine.get(path).json()["settingItems"]
        found = next(each for each in items if each["id"] == "PlayerShowNavBar")
        return found["effectiveValue"], found["effectiveValueSource"], found.get("explicitValue")

    assert setting("/appManagement/configuration") == ("NO", "application", "NO")
    of_standard = "/appManagement/configuration?learningStandard=SCORM_12&singleSco=true"
    assert setting(of_standard) == ("YES", "learningStandardForApplication", "YES")
    assert setting("/courses/golf/configuration") == ("YES", "learningStandardForApplication", None)
    path = "/appManagement/configuration/PlayerShowNavBar"
    assert mine.delete(f"{path}?learningStandard=SCORM_12&singleSco=true").status_code == 204
    assert setting("/courses/golf/configuration") == ("NO", "application", None)
    assert mine.delete(path).status_code == 204
    assert setting("/courses/golf/configuration")[1] == "default"


def test_a_standard_goes_with_the_number_of_scos():
    mine = api()

    assert message(mine.get("/appManagement/configuration?learningStandard=AICC")) == (
        400,
        "singleSco: learningStandard and singleSco are given together, or neither is.",
    )
    found = mine.get("/appManagement/configuration?learningStandard=SCORM&singleSco=true")
    assert found.json()["message"].startswith("learningStandard: it must be one of SCORM_11, SCORM_12,")
