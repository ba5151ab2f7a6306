"""A realm of 10,000 courses and 1,000,000 registrations of a year, made once and kept in build/.

`with large() as busy:` is how scripts work on it; `python -m bench.large 1000000 FILE` makes one.
"""

import hashlib
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.figure import note, workplace

ROOT = Path(__file__).resolve().parent.parent
COURSES, REGISTRATIONS, BATCH = 10_000, 1_000_000, 2000
BUSY = f"course-{COURSES // 2}"  # the course that every tenth registration is on
DAYS, QUESTIONS = 365, 5
TAG, TAGGED = "tagged", 50  # every so many registrations have the tag
OUTCOMES = (("incomplete", "unknown"), ("completed", "passed"), ("completed", "failed"), ("unknown", "unknown"))


@contextmanager
def large(registrations: int = REGISTRATIONS) -> Iterator[Any]:
    """Django set up on a copy of such a realm; yields the course with the most registrations."""
    kept = ROOT / "build" / f"large-{registrations}-{_fingerprint()}.sqlite3"
    if not kept.exists():
        note(f"making {kept.name} first, which takes minutes")
        kept.parent.mkdir(exist_ok=True)
        for old in kept.parent.glob(f"large-{registrations}-*"):
            old.unlink()
        subprocess.run([sys.executable, "-m", "bench.large", str(registrations), str(kept)], cwd=ROOT, check=True)
    with workplace(database=kept):
        from content.models import Course  # noqa: PLC0415 -- Django is set up only now

        yield Course.objects.get(course_id=BUSY)


def _fingerprint() -> str:
    """Of what such a database is made by."""
    files = [Path(__file__), *sorted(ROOT.glob("*/migrations/0*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def make_one(registrations: int, target: Path) -> None:
    with workplace():
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-2000000")
        add_play(fill(registrations))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("VACUUM INTO %s", [f"{target}.part"])
    Path(f"{target}.part").rename(target)


def fill(wanted: int) -> Any:
    """Copies of one imported course, and learners on them; returns the course with the most of them."""
    from tests import make  # noqa: PLC0415

    original = make.course("scorm12_two_scos", make.realm(make.user()))
    courses = copies(original)
    note("courses are there")
    from registrations.models import Instance, Registration  # noqa: PLC0415

    created = Registration._meta.get_field("created")
    created.auto_now_add = False
    for batch in batched(registered(courses, wanted)):
        rows = Registration.objects.bulk_create(batch)
        Instance.objects.bulk_create(
            [Instance(registration=row, version_id=row.course.current_version_id) for row in rows]
        )
    created.auto_now_add = True
    note("registrations are there")
    return courses[COURSES // 2]


def copies(original: Any) -> list[Any]:
    from content.models import Course, CourseVersion  # noqa: PLC0415

    version = original.current_version
    courses = Course.objects.bulk_create(
        [
            Course(
                application=original.application,
                course_id=f"course-{number}",
                title=f"Course {number}",
                standard="SCORM12",
            )
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
    return courses


def registered(courses: list[Any], wanted: int) -> Iterator[Any]:
    """Registrations, a tenth of them on one course and a twentieth in the sandbox, made in the last year."""
    from django.utils import timezone  # noqa: PLC0415

    from registrations.models import Registration  # noqa: PLC0415

    chance, now = random.Random(12), timezone.now()
    for number in range(wanted):
        course = courses[COURSES // 2] if number % 10 == 0 else chance.choice(courses)
        completion, success = chance.choice(OUTCOMES)
        created = now - timedelta(minutes=chance.randrange(DAYS * 24 * 60))
        yield Registration(
            application_id=course.application_id,
            course=course,
            registration_id=f"registration-{number}",
            learner_id=f"learner-{number}",
            learner_first_name="Ada",
            learner_last_name=f"Lovelace {number}",
            is_sandbox=number % 20 == 0,
            completion=completion,
            success=success,
            first_access=created,
            completed_at=now - timedelta(days=number % 60) if completion == "completed" else None,
            created=created,
        )


def batched(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


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
    rows = Instance.objects.values_list("pk", "version_id").iterator(chunk_size=BATCH)
    launches = (
        LaunchRecord(instance_id=pk, version_id=version, started=now - timedelta(minutes=chance.randrange(DAYS * 1440)))
        for pk, version in rows
        if pk % 5 == 0
    )
    LaunchRecord.objects.bulk_create(launches, batch_size=BATCH)
    tagged = Registration.objects.values_list("pk", flat=True)
    RegistrationTag.objects.bulk_create(
        (RegistrationTag(registration_id=pk, name=TAG) for pk in tagged if pk % TAGGED == 0), batch_size=BATCH
    )
    note("launches and answers are there")


def played(instances: Any, activities: list[str]) -> Iterator[Any]:
    """Rows of activities with answers to questions, as a quiz leaves them."""
    from registrations.models import ActivityProgress  # noqa: PLC0415

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


if __name__ == "__main__":
    make_one(int(sys.argv[1]), Path(sys.argv[2]))
