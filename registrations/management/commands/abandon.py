"""manage.py abandon: ends the open session of a cmi5 activity."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registrations import instances
from standards.errors import RequestError


class Command(BaseCommand):
    """State that a session was abandoned; what its activity says from then on is refused."""

    help = "Abandon an open cmi5 session."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("session", help="the session's id, as launch_link --json and the statements give it")

    def handle(self, *args: Any, **options: Any) -> None:
        session = options["session"]
        instance = instances.instance_of_session(session)
        if instance is None:
            raise CommandError(f"No registration has {session} as its newest session")
        try:
            instances.abandon(instance, session)
        except RequestError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Abandoned {session}")
