"""Reports with 10,000 courses and 1,000,000 registrations of a year: queries and p95; and what summing up costs."""

import random
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bench.figure import Figure, note, p95, tell, workplace
from bench.pages import BATCH, fill, timed

REGISTRATIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
DAYS, TIMES, QUESTIONS = 365, 20, 5
TAG, TAGGED = "tagged", 50  # every so many registrations have the tag


def played(instances: Any, activities: list[str]) -> Iterator[Any]:
    """Rows of activities with answers to questions, as a quiz leaves them."""
    from registrations.models import ActivityProgress  # noqa: PLC0415 -- Django is set up only now

    chance = random.Random(5)
    for instance in instances:
        for activity in activities[: chance.randint(1, len(activities))]:
            values = {}
            for question in range(QUESTIONS):
                place = f"cmi.interactions.{question}"
                values |= {
                    f"{place}.id": f"question-{question}",
                    f"{place}.type": "choice",
                    f"{place}.student_response": chance.choice("abcd"),
                    f"{place}.result": chance.choice(("correct", "wrong")),
                    f"{place}.latency": f"00:00:{chance.randint(1, 59):02}",
                }
            yield ActivityProgress(
                instance=instance, activity=activity, values=values, attempts=1, completion="completed",
                score=chance.random(),
            )  # fmt: skip


def add_play(busy: Any) -> None:
    """The busiest course was played; every fifth registration was launched, every fiftieth has a tag."""
    from django.utils import timezone  # noqa: PLC0415

    from registrations.models import (  # noqa: PLC0415
        ActivityProgress,
        Instance,
        LaunchRecord,
        Registration,
        RegistrationTag,
    )

    activities = [leaf.identifier for leaf in busy.current_version.read_structure().leaves]
    instances = Instance.objects.filter(registration__course=busy).iterator(chunk_size=BATCH)
    ActivityProgress.objects.bulk_create(played(instances, activities), batch_size=BATCH)
    chance, now = random.Random(6), timezone.now()
    rows = Instance.objects.values_list("pk", "version_id", "registration_id").iterator(chunk_size=BATCH)
    launches = (
        LaunchRecord(instance_id=pk, version_id=version, started=now - timedelta(minutes=chance.randrange(DAYS * 1440)))
        for pk, version, _ in rows
        if pk % 5 == 0
    )
    LaunchRecord.objects.bulk_create(launches, batch_size=BATCH)
    tagged = Registration.objects.values_list("pk", flat=True)
    RegistrationTag.objects.bulk_create(
        (RegistrationTag(registration_id=pk, name=TAG) for pk in tagged if pk % TAGGED == 0), batch_size=BATCH
    )


def sum_up() -> Figure:
    """How long it takes to sum all up from nothing, for 1,000 registrations."""
    from registrations.reports import summing  # noqa: PLC0415

    summing.LONGEST_PAUSE = 0
    began = time.perf_counter()
    while summing.run(seconds=60):
        note(f"summing up for {time.perf_counter() - began:.0f} s")
    return Figure(
        "summing up from nothing, 1,000 registrations", (time.perf_counter() - began) / REGISTRATIONS * 1e6, "ms"
    )


def measure() -> list[Figure]:
    with workplace():
        from django.db import connection  # noqa: PLC0415
        from django.test import Client  # noqa: PLC0415
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

        from registrations.models import Question, Registration  # noqa: PLC0415
        from tests import make  # noqa: PLC0415

        owner = make.user()
        realm = make.realm(owner)
        busy = fill(realm, REGISTRATIONS, DAYS)
        add_play(busy)
        figures = [sum_up()]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        client = Client(headers={"host": "localhost:8000"})
        client.force_login(owner)
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
    tell(measure)
