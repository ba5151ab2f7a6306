"""Applications from the terminal."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from realms.models import Application
from realms.services import hash_secret
from tests import make

pytestmark = pytest.mark.django_db


def test_an_application_is_made_with_a_key(capsys):
    realm = make.realm()

    call_command("create_application", realm.slug, " A  portal ")

    said = json.loads(capsys.readouterr().out)
    made = Application.objects.get(realm=realm, app_id=said["id"])
    assert (made.name, said["name"], made.is_management) == ("A portal", "A portal", False)
    assert made.credentials.get().key_hash == hash_secret(said["secret"])


def test_a_realm_has_one_management_application(capsys):
    realm = make.realm()

    call_command("create_application", realm.slug, "App Management", management=True)

    assert Application.objects.get(app_id=json.loads(capsys.readouterr().out)["id"]).is_management
    with pytest.raises(CommandError, match="has an App Management application already"):
        call_command("create_application", realm.slug, "Another", management=True)
    assert not Application.objects.filter(name="Another").exists()


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_a_name_that_cannot_be_is_refused(name: str):
    with pytest.raises(CommandError, match="A name has from 1 to 255 characters"):
        call_command("create_application", make.realm().slug, name)


def test_a_realm_that_is_not_there_or_closed_is_refused():
    closed = make.realm()
    closed.closed = timezone.now()
    closed.save()

    for slug in ("nothing", closed.slug):
        with pytest.raises(CommandError, match="There is no realm"):
            call_command("create_application", slug, "Portal")
