"""create_account: provisions what a sign-up would, for operators and scripts."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import services


class Command(BaseCommand):
    help = "Make an account with its realm and print the realm, its applications and their new secret keys as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--password", required=True)
        parser.add_argument("--first-name", required=True)
        parser.add_argument("--last-name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = services.create_account(
                options["email"], options["password"], options["first_name"], options["last_name"]
            )
        except services.AccountError as error:
            raise CommandError(str(error)) from error
        applications = [{"id": each.app_id, "name": each.name, "secret": key} for each, key in made.keys]
        self.stdout.write(
            json.dumps({"realm": {"id": made.realm.slug, "name": made.realm.name}, "applications": applications})
        )
