"""Checks packages as an import would, without importing them: for authors and their CI."""

import sys
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandParser

from standards import check


class Command(BaseCommand):
    help = "Check packages: exit code 0 without errors, 1 with errors, 2 where an argument cannot be used."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        check.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        code = check.run(
            options["files"],
            options["as_json"],
            options["junit"],
            options["strict"],
            cast(TextIO, self.stdout),
            cast(TextIO, self.stderr),
        )
        if code:
            sys.exit(code)
