"""What operations answer, by the shared description: every name is in it, with a value of the type it has there."""

import json
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from content.models import ImportJob
from player.stating import hand_over
from tests import make
from tests.api.calling import Api, api, course, management
from tests.api.test_document import SHARED, of_document, with_shared
from tests.packages import package_names

pytestmark = [pytest.mark.django_db, with_shared]
DEEP = "includeChildResults=true&includeInteractionsAndObjectives=true&includeRuntime=true"
LEAVING = {"redirectOnExitUrl": ""}
REPORTED = {
    "scorm12": {
        "lesson_status": "passed",
        "score__raw": "80",
        "session_time": "00:01:00",
        "cmi__comments": "Too short",
        "cmi__student_preference__audio": "1",
        "cmi__interactions__0__id": "q1",
        "cmi__interactions__0__type": "choice",
        "cmi__interactions__0__time": "10:00:00",
        "cmi__interactions__0__student_response": "a",
        "cmi__objectives__0__id": "o1",
        "cmi__objectives__0__status": "not attempted",
    },
    "scorm2004": {
        "cmi__completion_status": "completed",
        "cmi__success_status": "passed",
        "cmi__score__scaled": "0.8",
        "cmi__session_time": "PT1M",
        "cmi__comments_from_learner__0__comment": "Too short",
        "cmi__learner_preference__audio_level": "1",
        "cmi__interactions__0__id": "q1",
        "cmi__interactions__0__type": "choice",
        "cmi__interactions__0__timestamp": "2024-01-01T10:00:00",
        "cmi__interactions__0__learner_response": "a",
        "cmi__objectives__0__id": "o1",
        "cmi__objectives__0__success_status": "passed",
    },
}
ASKED = [
    ("getCourse", "/courses/golf?includeCourseMetadata=true&includeRegistrationCount=true"),
    ("getCourses", "/courses?includeCourseMetadata=true&includeRegistrationCount=true"),
    ("getCourseVersions", "/courses/golf/versions?includeCourseMetadata=true"),
    ("getCourseVersionInfo", "/courses/golf/versions/0"),
    ("getCourseFileList", "/courses/golf/asset/list"),
    ("getCourseConfiguration", "/courses/golf/configuration?includeMetadata=true"),
    ("getCourseStatements", "/courses/golf/xAPIStatements"),
    ("getCourseTags", "/courses/golf/tags"),
    ("getRegistrationProgress", f"/registrations/r1?{DEEP}"),
    ("getRegistrations", f"/registrations?{DEEP}"),
    ("getRegistrationInstances", f"/registrations/r1/instances?{DEEP}"),
    ("getRegistrationInstanceProgress", f"/registrations/r1/instances/0?{DEEP}"),
    ("getRegistrationLaunchHistory", "/registrations/r1/launchHistory?includeHistoryLog=true"),
    ("getRegistrationConfiguration", "/registrations/r1/configuration?includeMetadata=true"),
    ("getRegistrationStatements", "/registrations/r1/xAPIStatements"),
    ("getLearnerTags", "/learner/ada/tags"),
    ("getApplicationConfiguration", "/appManagement/configuration?includeMetadata=true"),
    ("getAccountInfo", "/reporting/accountInfo"),
    ("getXapiCredentials", "/xapi/credentials"),
    ("pingAppId", "/ping"),
    ("getAbout", "/about"),
]


@cache
def described() -> dict[str, Any]:
    """The shared description, in which no schema allows what it does not name."""
    found = json.loads(SHARED.read_text())
    for schema in found["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return found


def complaints(name: str, answer: Any) -> list[str]:
    operation = next(each for each in of_document(described()).values() if each["operationId"] == name)
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    validator = jsonschema_rs.Draft202012Validator(
        {"components": described()["components"], **schema}, validate_formats=True
    )
    return [
        f"{name} {'/'.join(map(str, each.instance_path))}: {each.message}" for each in validator.iter_errors(answer)
    ]


def told(caller: Api, asked: list[tuple[str, str]]) -> list[str]:
    """What is wrong with each answer."""
    found = []
    for name, path in asked:
        answer = caller.get(path)
        assert answer.status_code == 200, (path, answer.content)
        found += complaints(name, answer.json())
    return found


@pytest.mark.parametrize("package", package_names())
def test_answers_about_courses_and_registrations(package: str):
    mine = api()
    course(mine, "golf", package, tags=("a",))
    job = ImportJob.objects.get(application=mine.application).pk
    body = {"registrationId": "r1", "courseId": "golf", "learner": {"id": "ada"}, "registrationTags": ["b"]}
    assert mine.post("/registrations", body).status_code == 204
    before = told(mine, [("getImportJobStatus", f"/courses/importJobs/{job}"), *ASKED])

    one = mine.application.registrations.get()
    make.launch(one).report(finished=True, **REPORTED[package.partition("_")[0]])
    hand_over(one.instances.get())
    assert mine.get("/registrations/r1/xAPIStatements").json()["statements"]

    assert before + told(mine, ASKED) == []
    link = mine.post("/registrations/r1/launchLink", LEAVING).json()
    assert complaints("buildRegistrationLaunchLink", link) == []


def test_answers_about_applications():
    manager = management()
    made = manager.post("/appManagement/applications", {"name": "LMS"}).json()
    key = manager.post(f"/appManagement/{made['id']}/credentials", {"name": "LMS"}).json()
    counts = "includeCourseCount=true&includeRegistrationCount=true"

    assert complaints("createApplication", made) + complaints("createCredential", key) == []
    asked = [
        ("getApplications", f"/appManagement/applicationList?{counts}"),
        ("getApplicationInfo", f"/appManagement/applications/{made['id']}?{counts}"),
        ("getApplicationList", "/appManagement/applications"),
        ("getCredentials", f"/appManagement/{made['id']}/credentials"),
    ]
    assert told(manager, asked) == []
