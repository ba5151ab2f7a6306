"""Course page, library and registration list with 10,000 courses and 100,000 registrations: queries and p95.

`python -m bench.pages 1000000`: with so many registrations.
"""

import random
import sys
import time
from datetime import timedelta
from functools import partial
from typing import Any

from bench.figure import Figure, note, p95, tell, workplace

COURSES, REGISTRATIONS, BATCH, PIECE = 10_000, 100_000, 2000, 50_000
TIMES = 40
OUTCOMES = (("incomplete", "unknown"), ("completed", "passed"), ("completed", "failed"), ("unknown", "unknown"))


def fill(realm: Any, registrations_wanted: int = REGISTRATIONS, days: int = 0) -> Any:
    """Copies of one imported course, and learners on them; returns the course with the most of them.

    `days`: the registrations are spread over so many of the last days; without, all are made now.
    """
    from django.utils import timezone  # noqa: PLC0415

    from content.models import Course, CourseVersion  # noqa: PLC0415 -- Django is set up only now
    from registrations.models import Instance, Registration  # noqa: PLC0415
    from tests import make  # noqa: PLC0415

    chance = random.Random(12)
    original = make.course("scorm12_two_scos", realm)
    version = original.current_version
    application = original.application
    now = timezone.now()
    courses = Course.objects.bulk_create(
        [
            Course(application=application, course_id=f"course-{number}", title=f"Course {number}", standard="SCORM12")
            for number in range(COURSES)
        ],
        batch_size=BATCH,
    )
    copied = {
        field.name: getattr(version, field.name)
        for field in CourseVersion._meta.concrete_fields
        if field.name not in ("id", "key", "course", "archive")
    }
    versions = CourseVersion.objects.bulk_create(
        [CourseVersion(**copied, course=course, archive=f"none/{course.pk}") for course in courses], batch_size=BATCH
    )
    for course, own in zip(courses, versions, strict=True):
        course.current_version = own
    Course.objects.bulk_update(courses, ["current_version"], batch_size=500)
    busy = courses[COURSES // 2]
    created = Registration._meta.get_field("created")
    created.auto_now_add = not days
    for first in range(0, registrations_wanted, PIECE):  # a million at once would take gigabytes
        registrations = []
        for number in range(first, min(first + PIECE, registrations_wanted)):
            course = busy if number % 10 == 0 else chance.choice(courses)
            completion, success = chance.choice(OUTCOMES)
            registrations.append(
                Registration(
                    application=application,
                    course=course,
                    registration_id=f"registration-{number}",
                    learner_id=f"learner-{number}",
                    learner_first_name="Ada",
                    learner_last_name=f"Lovelace {number}",
                    is_sandbox=number % 20 == 0,
                    completion=completion,
                    success=success,
                    created=now - timedelta(minutes=chance.randrange(days * 24 * 60)) if days else now,
                    first_access=now,
                    completed_at=now - timedelta(days=number % 60) if completion == "completed" else None,
                )
            )
        registrations = Registration.objects.bulk_create(registrations, batch_size=BATCH)
        Instance.objects.bulk_create(
            [Instance(registration=row, version_id=row.course.current_version_id) for row in registrations],
            batch_size=BATCH,
        )
    created.auto_now_add = True
    return busy


# of the registration list: what stands after its address; {course} is that with the most registrations
LISTS = {
    "": "",
    "far in": "?after={far}",
    "in order of names": "?order=learner",
    "by an id": "?q=learner-77777",
    "by how thousands begin": "?q=learner-7",
    "by a name that all have": "?q=ada",
    "by first and last name": "?q=ada+lovelace+4711",
    "of a course": "?course={course}",
    "failed": "?success=failed",
    "failed, oldest first": "?success=failed&order=created",
    "failed in a course": "?course={course}&success=failed",
    "completed in a week": "?dates=completed_at&since={week}",
    "failed and completed": "?success=failed&completion=completed&kind=real&q=learner-5",
    "none": "?q=nobody",
}


def measure(registrations: int = REGISTRATIONS) -> list[Figure]:
    with workplace():
        from django.db import connection  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415
        from django.urls import reverse  # noqa: PLC0415

        from tests import make  # noqa: PLC0415

        owner = make.user()
        realm = make.realm(owner)
        busy = fill(realm, registrations)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        client = Client(headers={"host": "localhost:8000"})
        client.force_login(owner)
        figures = []
        for name, address in {
            "dashboard": reverse("registrations:dashboard", args=[realm.slug]),
            "library": reverse("content:library", args=[realm.slug]),
            "library, a search": reverse("content:library", args=[realm.slug]) + "?q=course+77",
            "course page": reverse("registrations:course", args=[realm.slug, busy.pk]),
            "learner page": reverse("registrations:learners", args=[realm.slug]) + "?id=learner-4711",
            **_lists(realm, busy),
        }.items():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200, address
            asked = queries.captured_queries
            slowest = max(asked, key=lambda query: float(query["time"]))
            note(f"{name}: slowest query {slowest['time']} s: {slowest['sql'][:2000]}")
            seconds = [timed(client, address) for _ in range(TIMES)]
            figures.append(Figure(f"{name}, queries", len(asked), ""))
            figures.append(Figure(f"{name}, p95", p95(seconds) * 1e3, "ms"))
        return figures


def _lists(realm: Any, busy: Any) -> dict[str, str]:
    from django.urls import reverse  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from registrations import finding  # noqa: PLC0415
    from registrations.models import Registration  # noqa: PLC0415

    rows = Registration.objects.filter(application=busy.application).order_by("-updated", "-pk")
    far = rows.values_list("updated", "pk")[rows.count() // 2]
    week = f"{timezone.now() - timedelta(days=7):%Y-%m-%d}"
    said = {"far": finding._write(far), "course": busy.course_id, "week": week}
    base = reverse("registrations:list", args=[realm.slug])
    return {
        f"registration list{', ' if name else ''}{name}": base + query.format(**said) for name, query in LISTS.items()
    }


def timed(client: Any, address: str) -> float:
    began = time.perf_counter()
    client.get(address)
    return time.perf_counter() - began


if __name__ == "__main__":
    tell(partial(measure, int(sys.argv[1])) if len(sys.argv) > 1 else measure)
