"""What applications do by the API is in the audit log, as it is when people do it in the console."""

from typing import Any

import pytest

from realms.audit import ACTIONS
from realms.models import AuditEntry, Realm
from tests import make
from tests.api.calling import Api, api, course, management, multipart
from tests.packages import package_zip

pytestmark = pytest.mark.django_db
NAV_BAR = {"settings": [{"settingId": "PlayerShowNavBar", "value": "NO"}]}
PASSWORD = {"settings": [{"settingId": "ApiRollupRegistrationPostBackAuthPassword", "value": "geheim"}]}


def written(of: Realm) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(realm=of).order_by("pk"))


def told(of: Realm) -> list[tuple[str, str, Any]]:
    return [(each.action, each.target_text, each.details) for each in written(of)]


def test_what_is_done_with_a_course():
    mine = api()
    first, realm = course(mine), mine.application.realm
    course(mine, may_create_version=True)
    name = str(first)

    for made in (
        mine.put("/courses/golf/title", {"title": "Golf for all"}),
        mine.put("/courses/golf/tags", {"tags": ["b", "a"]}),
        mine.delete("/courses/golf/tags", {"tags": ["a"]}),
        mine.put("/courses/tags", {"ids": ["golf"], "tags": ["c"]}),
        mine.post("/courses/golf/configuration", NAV_BAR),
        mine.post("/courses/golf/configuration", PASSWORD),
        mine.delete("/courses/golf/configuration/PlayerShowNavBar"),
        mine.post("/courses/golf/versions/1/configuration", NAV_BAR),
        mine.delete("/courses/golf/versions/1/configuration/PlayerShowNavBar"),
        mine.post("/courses/golf/asset/upload", **multipart(b"Fore!", "note.txt", destination="note.txt")),
        mine.delete("/courses/golf/asset?relativePath=note.txt"),
        mine.delete("/courses/golf/versions/1"),
        mine.delete("/courses/golf"),
    ):
        assert made.status_code in (200, 204), made.content

    assert [(action, details) for action, _, details in told(realm)] == [
        ("course.rename", {"title": [name, "Golf for all"]}),
        ("course.tags", {"added": ["b", "a"]}),
        ("course.tags", {"removed": ["a"]}),
        ("course.tags", {"added": ["c"], "courses": 1}),
        ("course.settings", {"PlayerShowNavBar": [None, "NO"]}),
        ("course.settings", {"ApiRollupRegistrationPostBackAuthPassword": [None, "…"]}),
        ("course.settings", {"PlayerShowNavBar": ["NO", None]}),
        ("version.settings", {"PlayerShowNavBar": [None, "NO"]}),
        ("version.settings", {"PlayerShowNavBar": ["NO", None]}),
        ("file.put", {"path": "note.txt", "policy": "lax"}),
        ("file.delete", {"path": "note.txt"}),
        ("version.delete", {}),
        ("course.delete", {}),
    ]
    assert {each.app_id for each in written(realm)} == {mine.application.app_id}
    assert {each.actor for each in written(realm)} == {f"API: {mine.credential.name}"}
    assert {each.action for each in written(realm)} <= set(ACTIONS)


def test_imports(django_capture_on_commit_callbacks):
    mine = api()
    upload = multipart(package_zip("scorm12_single"))

    with django_capture_on_commit_callbacks():
        for made in (
            mine.post("/courses/importJobs/upload?courseId=golf", **upload),
            mine.post("/courses/importJobs?courseId=tennis", {"url": "https://example.com/tennis.zip"}),
        ):
            assert made.status_code == 200, made.content
    assert mine.post("/courses/importJobs?courseId=x", {"url": "nowhere"}).status_code == 400

    assert [(action, details) for action, _, details in told(mine.application.realm)] == [
        ("course.import", {"course": "golf"}),
        ("course.import", {"course": "tennis"}),
    ]


def test_what_the_management_application_does():
    realm = make.realm()
    manager = management(realm)

    child = manager.post("/appManagement/applications", {"name": "LMS"}).json()["id"]
    key = manager.post(f"/appManagement/{child}/credentials", {"name": "First"}).json()
    of_key = f"/appManagement/{child}/credentials/{key['id']}"
    for made in (
        manager.put(f"/appManagement/applications/{child}", {"name": "Moodle", "allowDelete": False}),
        manager.put(f"/appManagement/applications/{child}", {"name": "Moodle", "allowDelete": True}),
        manager.put(of_key, {"name": "Old"}),
        manager.put(of_key, {"active": False}),
        manager.put(of_key, {"active": False}),
        manager.put(of_key, {"active": True}),
        manager.delete(of_key),
        manager.delete(f"/appManagement/applications/{child}"),
    ):
        assert made.status_code == 204, made.content

    assert [(each.action, each.app_id, each.details) for each in written(realm)] == [
        ("application.create", child, {}),
        ("key.create", child, {}),
        ("application.rename", child, {"name": ["LMS", "Moodle"]}),
        ("application.deleting", child, {"allow_delete": [True, False]}),
        ("application.deleting", child, {"allow_delete": [False, True]}),
        ("key.rename", child, {"name": ["First", "Old"]}),
        ("key.disable", child, {}),
        ("key.enable", child, {}),
        ("key.delete", child, {}),
        ("application.delete", child, {}),
    ]
    assert key["credential"] not in str([vars(each) for each in written(realm)])


def test_settings_of_an_application():
    mine = api()

    for made in (
        mine.post("/appManagement/configuration", NAV_BAR),
        mine.post("/appManagement/configuration?learningStandard=AICC&singleSco=true", PASSWORD),
        mine.delete("/appManagement/configuration/PlayerShowNavBar"),
    ):
        assert made.status_code == 204, made.content

    assert [(action, details) for action, _, details in told(mine.application.realm)] == [
        ("application.settings", {"PlayerShowNavBar": [None, "NO"]}),
        ("application.settings", {"ApiRollupRegistrationPostBackAuthPassword": [None, "…"]}),
        ("application.settings", {"PlayerShowNavBar": ["NO", None]}),
    ]


def test_what_is_refused_is_not_written_down():
    mine = api()
    course(mine)
    reader = mine.with_token("read")

    stranger = Api(mine.application, "Basic eA==")
    refused = [
        mine.put("/courses/golf/title", {"title": ""}).status_code,
        reader.put("/courses/golf/title", {"title": "Golf for all"}).status_code,
        stranger.put("/courses/golf/title", {"title": "Golf for all"}).status_code,
    ]

    assert refused == [400, 403, 401]
    assert told(mine.application.realm) == []
