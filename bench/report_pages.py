"""Reports with 10,000 courses and 1,000,000 registrations of a year: queries and p95; and what summing up costs."""

import sys
import time
from functools import partial

from bench.figure import Figure, note, p95, tell
from bench.large import REGISTRATIONS, TAG, large
from bench.pages import timed

TIMES = 20


def sum_up(registrations: int) -> Figure:
    """How long it takes to sum all up from nothing, for 1,000 registrations."""
    from registrations.reports import summing  # noqa: PLC0415

    summing.LONGEST_PAUSE = 0
    began = time.perf_counter()
    while summing.run(seconds=60):
        note(f"summing up for {time.perf_counter() - began:.0f} s")
    return Figure(
        "summing up from nothing, 1,000 registrations", (time.perf_counter() - began) / registrations * 1e6, "ms"
    )


def measure(registrations: int = REGISTRATIONS) -> list[Figure]:
    with large(registrations) as busy:
        from django.db import connection  # noqa: PLC0415 -- Django is set up only now
        from django.test import Client  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        from accounts.models import User  # noqa: PLC0415
        from registrations.models import Question, Registration  # noqa: PLC0415

        realm = busy.application.realm
        figures = [sum_up(registrations)]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        client = Client(headers={"host": "localhost:8000"})
        client.force_login(User.objects.get())
        reports = f"/r/{realm.slug}/reports"
        small = Registration.objects.exclude(course=busy).filter(is_sandbox=False).first()
        question = Question.objects.filter(course=busy).first()
        for name, address in {
            "overview, 30 days": f"{reports}/",
            "overview, 365 days": f"{reports}/?range=365",
            "overview, all time": f"{reports}/?range=all",
            "overview, a tag of 20,000, all time": f"{reports}/?range=all&tags={TAG}",
            "courses, 365 days": f"{reports}/courses/?range=365",
            "courses, all time": f"{reports}/courses/?range=all",
            "courses, page 100": f"{reports}/courses/?range=all&page=100",
            "a course of 100": f"{reports}/courses/{small.course_id}/?range=all",
            "the course of 100,000, 30 days": f"{reports}/courses/{busy.pk}/",
            "the course of 100,000, all time": f"{reports}/courses/{busy.pk}/?range=all",
            "a question with 75,000 answers": f"{reports}/questions/{question.pk}/?range=all",
            "learners": f"{reports}/learners/?range=all",
            "a learner": f"{reports}/learner/?learner={small.learner_id}&range=all",
        }.items():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200, address
            asked = queries.captured_queries
            slowest = max(asked, key=lambda query: float(query["time"]))
            note(f"{name}: slowest query {slowest['time']} s: {slowest['sql'][:1500]}")
            seconds = [timed(client, address) for _ in range(TIMES)]
            figures.append(Figure(f"{name}, queries", len(asked), ""))
            figures.append(Figure(f"{name}, p95", p95(seconds) * 1e3, "ms"))
        return figures


if __name__ == "__main__":
    tell(partial(measure, int(sys.argv[1])) if len(sys.argv) > 1 else measure)
