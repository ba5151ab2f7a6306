"""`manage.py import_package`: JSON on standard output, a bar on standard error, the same rules as an upload."""

import json

import pytest
from django.core.management import call_command

from content.models import Course, ImportJob
from tests import make
from tests.content.packages import package


def command(capsys, *words: object) -> tuple[int, dict, str]:
    """Exit status, what was printed, and the bar."""
    status = 0
    try:
        call_command("import_package", *map(str, words))
    except SystemExit as end:
        status = int(end.code or 0)
    captured = capsys.readouterr()
    return status, json.loads(captured.out), captured.err


def test_a_package_is_imported_and_stays_where_it_was(realm, capsys, tmp_path, kept):
    file = tmp_path / "sea.zip"
    file.write_bytes(package({"loose.txt": "x"}))

    status, said, bar = command(capsys, file)

    warnings = said.pop("warnings")
    assert (status, said) == (
        0,
        {"course": "sea-signals", "version": 0, "standard": "SCORM12", "title": "Sea signals"},
    )
    assert warnings == ImportJob.objects.get().findings != []
    assert "Checking the archive" in bar
    assert "100 %" in bar
    assert file.exists()
    assert len(kept()) == 1


def test_a_course_that_is_named_gets_a_new_version(realm, capsys, tmp_path):
    file = tmp_path / "sea.zip"
    file.write_bytes(package())

    said = [command(capsys, file, "--course", "mine")[1] for _ in range(2)]

    assert [(each["course"], each["version"]) for each in said] == [("mine", 0), ("mine", 1)]


def test_an_application_is_named_where_there_are_several_realms(realm, capsys, tmp_path):
    file = tmp_path / "sea.zip"
    file.write_bytes(package())
    other = make.application(make.realm())

    unnamed = command(capsys, file)
    named = command(capsys, file, "--application", other.app_id)
    unknown = command(capsys, file, "--application", "NONE")

    assert unnamed[:2] == (1, {"error": "There are 2 realms: name the application with --application."})
    assert (named[0], Course.objects.get().application) == (0, other)
    assert unknown[:2] == (1, {"error": "There is no application with the ID NONE."})


@pytest.mark.parametrize("content", [b"no zip", None])
def test_what_cannot_be_imported_ends_with_one_and_an_error(realm, capsys, tmp_path, kept, content):
    file = tmp_path / "sea.zip"
    if content:
        file.write_bytes(content)

    status, said, _ = command(capsys, file)

    assert (status, list(said), Course.objects.count(), kept()) == (1, ["error"], 0, [])
