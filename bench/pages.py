"""Course page, library and registration list with 10,000 courses and 100,000 registrations: queries and p95.

`python -m bench.pages 1000000`: with so many registrations.
"""

import sys
import time
from datetime import timedelta
from functools import partial
from typing import Any

from bench.figure import Figure, note, p95, tell
from bench.large import large

REGISTRATIONS, TIMES = 100_000, 40

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
    with large(registrations) as busy:
        from django.db import connection  # noqa: PLC0415 -- Django is set up only now
        from django.test import Client  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415
        from django.urls import reverse  # noqa: PLC0415

        from accounts.models import User  # noqa: PLC0415

        realm = busy.application.realm
        client = Client(headers={"host": "localhost:8000"})
        client.force_login(User.objects.get())
        figures = []
        for name, address in {
            "dashboard": reverse("registrations:dashboard", args=[realm.slug]),
            "library": reverse("content:library", args=[realm.slug]),
            "library, a search": reverse("content:library", args=[realm.slug]) + "?q=course+77",
            "course page": reverse("registrations:course", args=[realm.slug, busy.pk]),
            "learner page": reverse("registrations:learners", args=[realm.slug]) + "?id=learner-711",
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
