"""`manage.py create_application REALM NAME`: an application with a secret key, from the terminal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from realms.applications import ApplicationError, add_key, open_application
from realms.models import Realm


class Command(BaseCommand):
    help = "Make an application and a secret key for it; prints both as JSON. The key is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("realm", help="its id, as in the address of its pages")
        parser.add_argument("name")
        parser.add_argument(
            "--management",
            action="store_true",
            help="the App Management application: its key manages the realm's applications over the API",
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        realm = Realm.objects.filter(slug=options["realm"], closed=None).first()
        if realm is None:
            raise CommandError(f"There is no realm {options['realm']}.")
        try:
            made = open_application(realm, options["name"], is_management=options["management"])
            _, secret = add_key(made, "First Secret Key")
        except ApplicationError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps({"id": made.app_id, "name": made.name, "secret": secret}))
