"""manage.py sum_up: what reports are read from is brought up to date, or made anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from registrations.reports import summing


class Command(BaseCommand):
    """Do at once what a task does twice a minute; with --rebuild, from nothing."""

    help = "Sum up what changed since reports were counted last."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="forget all that was counted and count it anew")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            summing.begin_anew()
        while summing.run(seconds=60):
            self.stdout.write("There is more ...")
        self.stdout.write("All is summed up")
