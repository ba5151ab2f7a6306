"""Operations of the API with 10,000 courses and 1,000,000 registrations: queries and p95, without the network."""

import base64
import json
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from bench.figure import Figure, note, p95, tell
from bench.large import REGISTRATIONS, large
from bench.pages import TIMES

GOAL = 100.0  # ms

LEARNER = {"id": "ada", "firstName": "Ada", "lastName": "Lovelace"}

# method, path, body; {course} is the course with the most registrations, {registration} one of them, {new} a new id
OPERATIONS: dict[str, tuple[str, str, Any]] = {
    "ping": ("GET", "/ping", None),
    "getCourses": ("GET", "/courses", None),
    "getCourses, by title with counts": (
        "GET",
        "/courses?orderBy=title_asc&includeRegistrationCount=true&includeCourseMetadata=true",
        None,
    ),
    "getCourses, filtered with the total": ("GET", "/courses?filter=77&filterBy=title&includeTotalCount=true", None),
    "getCourse": ("GET", "/courses/{course}", None),
    "getCourse, with its count": ("GET", "/courses/{course}?includeRegistrationCount=true", None),
    "getCourseVersions": ("GET", "/courses/{course}/versions", None),
    "getCourseConfiguration": ("GET", "/courses/{course}/configuration", None),
    "putCourseTags": ("PUT", "/courses/{course}/tags", {"tags": ["bench"]}),
    "buildCoursePreviewLaunchLink": ("POST", "/courses/{course}/preview", {}),
    "createRegistration": (
        "POST",
        "/registrations",
        {"registrationId": "{new}", "courseId": "{course}", "learner": LEARNER},
    ),
    "getRegistrations": ("GET", "/registrations", None),
    "getRegistrations, of a course by last name": (
        "GET",
        "/registrations?courseId={course}&orderBy=learner_last_name_asc",
        None,
    ),
    "getRegistrations, of a learner": ("GET", "/registrations?learnerId=learner-77", None),
    "getRegistrations, by course title": ("GET", "/registrations?orderBy=course_title_asc", None),
    "getRegistrations, changed since, with the total": (
        "GET",
        "/registrations?since=2020-01-01&datetimeFilter=updated&orderBy=updated_asc&includeTotalCount=true",
        None,
    ),
    "getRegistrations, with all there is": (
        "GET",
        "/registrations?includeChildResults=true&includeInteractionsAndObjectives=true&includeRuntime=true",
        None,
    ),
    "getRegistration": ("HEAD", "/registrations/{registration}", None),
    "getRegistrationProgress": ("GET", "/registrations/{registration}?includeChildResults=true", None),
    "getRegistrationLaunchHistory": ("GET", "/registrations/{registration}/launchHistory", None),
    "getRegistrationConfiguration": ("GET", "/registrations/{registration}/configuration", None),
    "putRegistrationTags": ("PUT", "/registrations/{registration}/tags", {"tags": ["bench"]}),
    "buildRegistrationLaunchLink": (
        "POST",
        "/registrations/{registration}/launchLink",
        {"redirectOnExitUrl": "https://lms.example.com/"},
    ),
}


def measure(registrations: int = REGISTRATIONS) -> list[Figure]:
    with large(registrations) as busy:
        from django.conf import settings  # noqa: PLC0415 -- Django is set up only now
        from django.db import connection  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        from realms.services import add_credential  # noqa: PLC0415

        settings.API_REQUESTS_PER_MINUTE = 0
        secret = add_credential(busy.application)
        login = base64.b64encode(f"{busy.application.app_id}:{secret}".encode()).decode()
        client = Client(headers={"host": "localhost:8000", "authorization": f"Basic {login}"})
        figures = []
        for name, (method, path, body) in OPERATIONS.items():
            named = {"course": busy.course_id, "registration": "registration-50"}
            ask = asking(client, method, f"/api/v2{path.format(**named)}", body, named)
            with CaptureQueriesContext(connection) as queries:
                ask()
            asked = queries.captured_queries
            slowest = max(asked, key=lambda query: float(query["time"]))
            note(f"{name}: slowest query {slowest['time']} s: {slowest['sql'][:500]}")
            figures.append(Figure(f"{name}, queries", len(asked), ""))
            figures.append(Figure(f"{name}, p95", p95([ask() for _ in range(TIMES)]) * 1e3, "ms", goal=GOAL))
        return figures


def asking(client: Any, method: str, path: str, body: Any, named: dict[str, str]) -> Callable[[], float]:
    """The request as a function; seconds until its answer."""
    template = json.dumps(body) if body is not None else ""
    for name, value in named.items():
        template = template.replace(f"{{{name}}}", value)

    def ask() -> float:
        data = template.replace("{new}", str(uuid.uuid4())).encode()
        began = time.perf_counter()
        answer = client.generic(method, path, data, content_type="application/json")
        seconds = time.perf_counter() - began
        assert answer.status_code < 300, answer.content
        return seconds

    return ask


if __name__ == "__main__":
    tell(partial(measure, int(sys.argv[1])) if len(sys.argv) > 1 else measure)
