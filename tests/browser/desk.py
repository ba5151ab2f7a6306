"""Arranges courses and launches in a running product, and reads what was stored, without a process start each time.

Run beside the product with its environment: one JSON list `[verb, argument, …]` a line in, one JSON answer a line out.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.services import ROOT, Cloud


class Desk:
    """The verbs below as methods, done in the process at the other end."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process

    def __getattr__(self, verb: str) -> Any:
        return lambda *arguments: self._ask([verb, *map(str, arguments)])

    def _ask(self, line: list[str]) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        stdin.write(json.dumps(line) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline() or '{"error": "the desk has closed"}')
        assert "error" not in answer, answer["error"]
        return answer["result"]


@contextmanager
def open_desk(cloud: Cloud) -> Iterator[Desk]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.desk"],
        cwd=ROOT,
        env=cloud._environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield Desk(process)
    assert process.stdin and process.stdout
    process.stdin.close()
    process.wait(timeout=20)
    process.stdout.close()


# --- the other end ----------------------------------------------------------------------------------------------------


def realm(email: str) -> str:
    """A realm for a new person; its slug."""
    from accounts import services as accounts

    return accounts.create_account(email, "correct horse battery staple", "Olga", "Owner").realm.slug


def course(slug: str, path: str) -> int:
    """Import the package file; the course's primary key."""
    from pathlib import Path

    from content import importer, services
    from content.models import ImportJob
    from realms.models import Application

    application = Application.objects.get(realm__slug=slug, is_internal=True)
    job = services.start_import(application, Path(path), Path(path).name, queued=False)
    importer.run(job.pk)
    job = ImportJob.objects.get(pk=job.pk)
    assert job.version is not None, job.message
    return job.version.course_id


def link(course: str, learner: str, redirect: str = "") -> str:
    """A launch link of the learner's sandbox registration, made where there is none."""
    from content.models import Course
    from registrations.links import launch_url
    from registrations.services import open_sandbox
    from standards.structure import Learner

    made = open_sandbox(Course.objects.get(pk=course), Learner(learner, "Jane", "Doe"))
    return launch_url(made, redirect)


def preview(course: str) -> str:
    from content.models import Course
    from registrations.links import preview_url
    from standards.structure import Learner

    version = Course.objects.get(pk=course).current_version
    assert version is not None
    return preview_url(version, Learner("previewer", "Pat", "Previewer"))


def stored(course: str, learner: str) -> dict[str, Any]:
    """What the product has of the learner's newest run through the course."""
    from registrations.models import CallLog, Registration

    registration = Registration.objects.get(course=course, learner_id=learner)
    instance = registration.instances.first()
    assert instance is not None
    launches = list(instance.launches.order_by("pk"))
    logs = CallLog.objects.filter(launch__in=launches).order_by("launch", "number")
    return {
        "completion": registration.completion,
        "success": registration.success,
        "score": registration.score,
        "seconds": registration.total_seconds,
        "values": {row.activity: row.values for row in instance.activities.all()},
        "activities": {row.activity: [row.completion, row.success] for row in instance.activities.all()},
        "launches": [launch.how_ended for launch in launches],
        "log": [entry for batch in logs for entry in batch.entries],
    }


def answer_lines() -> None:
    for text in sys.stdin:
        verb, *arguments = json.loads(text)
        try:
            answer = {"result": VERBS[verb](*arguments)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


VERBS: dict[str, Any] = {verb.__name__: verb for verb in (realm, course, link, preview, stored)}

if __name__ == "__main__":
    import django

    django.setup()
    answer_lines()
