"""manage.py launch_link: a link that launches a course in the sandbox."""

import json
import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.models import Course
from registrations import services
from registrations.links import LinkError, Wish, launch_url
from registrations.models import Instance
from standards.cmi5.vocabulary import MODES
from standards.structure import Learner

DIRECT = ("AICC", "CMI5", "XAPI")  # content that needs no page of ours around it


class Command(BaseCommand):
    """Make or find the learner's sandbox registration on the course and print a link that launches it."""

    help = "Print a launch link for a learner on a course (sandbox); it works when opened within the hour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("course", help="the course's id")
        parser.add_argument("--learner", required=True, metavar="ID", help="the learner's id")
        parser.add_argument("--first-name", default="", metavar="F")
        parser.add_argument("--last-name", default="", metavar="L")
        parser.add_argument("--redirect", default="", metavar="URL", help="where leaving the course leads")
        parser.add_argument("--application", default="", metavar="ID", help="the application, where ids repeat")

        parser.add_argument("--activity", default="", metavar="ID", help="the activity to begin with")
        parser.add_argument(
            "--mode",
            choices=MODES,
            help="of a cmi5 activity; Normal unless told, completed or not",
        )
        parser.add_argument("--registration", type=_uuid, metavar="UUID", help="the registration; made where it is new")
        parser.add_argument("--direct", action="store_true", help="the activity as the top page, with no player")
        parser.add_argument("--json", action="store_true", help="print link, registration and session as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        course = _course(options["course"], options["application"])
        learner = Learner(options["learner"], options["first_name"], options["last_name"])
        try:
            instance = _instance(course, learner, options["registration"])
            wish = _wish(instance, options)
            link = launch_url(instance.registration, options["redirect"], wish)
        except LinkError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            told = {"link": link, "registration": str(instance.xapi_registration), "session": wish.session or None}
            link = json.dumps(told)
        self.stdout.write(link)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise CommandError(f"{text} is no UUID") from error


def _course(course_id: str, app_id: str) -> Course:
    found = Course.objects.filter(course_id=course_id)
    if app_id:
        found = found.filter(application__app_id=app_id)
    courses = list(found[:2])
    if not courses:
        raise CommandError(f"There is no course {course_id}")
    if len(courses) > 1:
        raise CommandError(f"Several applications have a course {course_id}: name one with --application")
    return courses[0]


def _instance(course: Course, learner: Learner, wanted: uuid.UUID | None) -> Instance:
    """The newest instance of the learner's registration, or the one whose xAPI registration is wanted."""
    instances = Instance.objects.select_related("registration", "version")
    if wanted and (known := instances.filter(xapi_registration=wanted).first()):
        if known.registration.course_id != course.pk or known.registration.learner_id != learner.identifier:
            raise CommandError(f"The registration {wanted} is of another course or learner")
        return known
    registration = services.open_sandbox(course, learner, wanted)
    newest = registration.instances.select_related("registration", "version").first()
    if newest is None or (wanted and newest.xapi_registration != wanted):
        newest = services.restart(registration, wanted)
    return newest


def _wish(instance: Instance, options: dict[str, Any]) -> Wish:
    structure = instance.version.read_structure()
    if options["activity"] and options["activity"] not in {leaf.identifier for leaf in structure.leaves}:
        raise CommandError(f"There is no activity {options['activity']} that can be launched in this course")
    if options["mode"] and structure.standard != "CMI5":
        raise CommandError("Launch modes are those of cmi5 courses")
    if options["direct"] and structure.standard not in DIRECT:
        raise CommandError(f"Only courses of {', '.join(DIRECT)} can be shown without the player")
    return Wish(
        instance_id=instance.pk if options["registration"] else None,
        activity=options["activity"],
        mode=options["mode"] or ("Normal" if structure.standard == "CMI5" else ""),
        is_direct=options["direct"],
        session=str(uuid.uuid4()) if structure.standard == "CMI5" else "",
    )
