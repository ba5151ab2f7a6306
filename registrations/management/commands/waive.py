"""manage.py waive: an activity of a cmi5 registration counts as satisfied by other means."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registrations import instances
from standards.cmi5.vocabulary import REASONS
from standards.errors import RequestError


class Command(BaseCommand):
    """State that the learner need not do an activity, with what follows for its blocks and the course."""

    help = "Waive an activity of a cmi5 registration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("registration", help="the registration's UUID, as launch_link --json prints it, or its id")
        parser.add_argument("activity", help="the activity's id in the course structure")
        parser.add_argument("--reason", required=True, help=f"such as {', '.join(REASONS)}")

    def handle(self, *args: Any, **options: Any) -> None:
        instance = instances.instance_named(options["registration"])
        if instance is None:
            raise CommandError(f"There is no registration {options['registration']}")
        try:
            instances.waive(instance, options["activity"], options["reason"])
        except RequestError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Waived {options['activity']}")
