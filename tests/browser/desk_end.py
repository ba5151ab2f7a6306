"""The end of the desk inside the product: one JSON list `[verb, argument, …]` a line in, one JSON answer a line out."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402

from accounts import services as accounts  # noqa: E402
from content import importer, services  # noqa: E402
from content.models import Course, ImportJob  # noqa: E402
from lrs.models import Statement  # noqa: E402
from realms import billing, plans  # noqa: E402
from realms.models import Application, BillingPeriod, BillingPlan, Invoice, Membership, Realm  # noqa: E402
from registrations.links import LaunchLink, Wish, launch_url, preview_url  # noqa: E402
from registrations.models import CallLog, Registration  # noqa: E402
from registrations.reports import summing  # noqa: E402
from registrations.services import (  # noqa: E402
    Visitor,
    begin_launch,
    configure_registration,
    last_number,
    open_sandbox,
    record_progress,
    start,
)
from standards.structure import Learner, Report  # noqa: E402

PASSWORD = "correct horse battery staple"


def realm(email: str) -> str:
    """A realm for a new person; its slug."""
    return accounts.create_account(email, PASSWORD, "Olga", "Owner").realm.slug


def member(slug: str, email: str, role: str) -> None:
    """A further person with that role in the realm."""
    user = accounts.create_account(email, PASSWORD, "Bob", "Builder").user
    Membership.objects.create(realm=Realm.objects.get(slug=slug), user=user, role=role)


def plan(name: str, cost: str, registrations: str, overage: str) -> None:
    """A plan that owners may choose."""
    BillingPlan.objects.create(
        name=name, monthly_cost=cost, registration_limit=int(registrations), overage_price=overage
    )


def course(slug: str, path: str) -> int:
    """Import the package file; the course's primary key."""
    application = Application.objects.get(realm__slug=slug, is_internal=True)
    job = services.start_import(application, Path(path), Path(path).name, queued=False)
    importer.run(job.pk)
    job = ImportJob.objects.get(pk=job.pk)
    assert job.version is not None, job.message
    return job.version.course_id


def reference(slug: str, url: str, title: str = "") -> int:
    """A course of what lies at the address; its primary key."""
    application = Application.objects.get(realm__slug=slug, is_internal=True)
    version = services.add_reference(application, url, title).version
    assert version is not None
    return version.course_id


def link(course: str, learner: str, redirect: str = "") -> str:
    """A launch link of the learner's sandbox registration, made where there is none."""
    made = open_sandbox(Course.objects.get(pk=course), Learner(learner, "Jane", "Doe"))
    return launch_url(made, redirect)


def direct(course: str, learner: str, activity: str = "", mode: str = "") -> str:
    """A launch link that shows an activity as the page, without the player."""
    made = open_sandbox(Course.objects.get(pk=course), Learner(learner, "Jane", "Doe"))
    return launch_url(made, "", Wish(activity=activity, mode=mode, is_direct=True))


def configure(course: str, learner: str, *chosen: str) -> None:
    """Let these settings, as id=value, be explicit for the learner's sandbox registration, made where there is none."""
    made = open_sandbox(Course.objects.get(pk=course), Learner(learner, "Jane", "Doe"))
    configure_registration(made, dict(each.split("=", 1) for each in chosen))


def preview(course: str) -> str:
    version = Course.objects.get(pk=course).current_version
    assert version is not None
    return preview_url(version, Learner("previewer", "Pat", "Previewer"))


def registration(course: str, learner: str) -> int:
    """The primary key of the learner's registration."""
    return Registration.objects.get(course=course, learner_id=learner).pk


def stored(course: str, learner: str) -> dict[str, Any]:
    """What the product has of the learner's newest run through the course."""
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


def said(course: str, learner: str) -> list[list[str]]:
    """The statements of the learner's newest run, oldest first: verb, and the id of their object."""
    instance = Registration.objects.get(course=course, learner_id=learner).instances.first()
    assert instance is not None
    found = Statement.objects.filter(body__contains=str(instance.xapi_registration)).order_by("stored")
    bodies = [json.loads(body) for body in found.values_list("body", flat=True)]
    return [[body["verb"]["id"], body["object"]["id"]] for body in bodies]


def answered(course: str, learner: str, right: str) -> None:
    """Let the learner answer a question of the course and pass or fail, and have that summed up for reports."""
    is_right = right == "yes"
    made = open_sandbox(Course.objects.get(pk=course), Learner(learner, "Jane", "Doe"))
    key = begin_launch(LaunchLink(registration_id=made.pk), Visitor()).key
    session, shown = start(key)
    values = {
        "cmi.interactions.0.id": "capital-of-france",
        "cmi.interactions.0.type": "fill-in",
        "cmi.interactions.0.student_response": "Paris" if is_right else "Lyon",
        "cmi.interactions.0.result": "correct" if is_right else "wrong",
        "cmi.core.score.raw": "100" if is_right else "20",
        "cmi.core.lesson_status": "passed" if is_right else "failed",
    }
    record_progress(key, last_number(session) + 1, Report(shown.activity, values, finished=True))
    summing.run()


def invoice(slug: str) -> int:
    """Let the realm have a plan of 90 a month and the bill of a month that is over; the bill's number in sequence."""
    held = Realm.objects.get(slug=slug)
    with transaction.atomic():  # the worker settles after a change of plan, and would see half of this
        plans.change_plan(held.pk, BillingPlan.objects.create(name="Little", monthly_cost=90, registration_limit=50))
        back = timedelta(days=40)
        Realm.objects.filter(pk=held.pk).update(plan_since=Realm.objects.get(pk=held.pk).plan_since - back)
        for period in BillingPeriod.objects.filter(realm=held):
            BillingPeriod.objects.filter(pk=period.pk).update(start=period.start - back, end=period.end - back)
        billing.settle(held.pk)
    return Invoice.objects.filter(realm=held).latest("sequence").sequence


def answer_lines() -> None:
    for text in sys.stdin:
        verb, *arguments = json.loads(text)
        try:
            answer = {"result": VERBS[verb](*arguments)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


VERBS: dict[str, Any] = {
    verb.__name__: verb
    for verb in (
        realm,
        member,
        plan,
        course,
        reference,
        link,
        direct,
        configure,
        preview,
        registration,
        stored,
        said,
        answered,
        invoice,
    )
}

if __name__ == "__main__":
    answer_lines()
