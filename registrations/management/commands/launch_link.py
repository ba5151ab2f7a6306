"""manage.py launch_link: a link that launches a course in the sandbox."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.models import Course
from registrations import services
from registrations.links import LinkError, launch_url
from standards.structure import Learner


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

    def handle(self, *args: Any, **options: Any) -> None:
        found = Course.objects.filter(course_id=options["course"])
        if options["application"]:
            found = found.filter(application__app_id=options["application"])
        courses = list(found[:2])
        if not courses:
            raise CommandError(f"There is no course {options['course']}")
        if len(courses) > 1:
            raise CommandError(f"Several applications have a course {options['course']}: name one with --application")
        learner = Learner(options["learner"], options["first_name"], options["last_name"])
        try:
            registration = services.open_sandbox(courses[0], learner)
            self.stdout.write(launch_url(registration, options["redirect"]))
        except LinkError as error:
            raise CommandError(str(error)) from error
