"""manage.py serve: the whole product as one command."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.supervisor import StartError, serve


class Command(BaseCommand):
    help = "Start broker, web, worker and beat, and stop them together."
    requires_system_checks: list[str] = []  # migrate runs them

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            serve()
        except StartError as error:
            sys.exit(f"error: {error}")
