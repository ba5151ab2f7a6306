"""The pictures of docs/screens and what `make screens` knows of the URL configurations."""

import re
from pathlib import Path

import pytest

from tests.screens.__main__ import furnish
from tests.screens.routes import ELSEWHERE, routes
from tests.services import ROOT, Cloud

FOLDER = ROOT / "docs" / "screens"
MOST_BYTES = 13 * 10**6


def test_what_is_said_to_be_no_page_is_a_route():
    named = {each.name for each in routes("config.urls_console")}

    assert set(ELSEWHERE) - named == set()


def test_the_index_names_every_picture_and_no_other():
    named = set(re.findall(r"\]\(([\w.-]+\.jpg)\)", (FOLDER / "README.md").read_text()))

    assert named == {file.name for file in FOLDER.glob("*.jpg")}
    assert len(named) > 500


def test_the_pictures_stay_small():
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MOST_BYTES


def test_every_pictured_route_is_one():
    named = {each.name for each in routes("config.urls_console")}
    told = set(re.findall(r"\| `([a-z_]+(?::\w+)?)` \|", (FOLDER / "README.md").read_text()))

    assert len(told) > 100
    assert told - named == set()


@pytest.mark.services
def test_the_pictured_realm_holds_something_for_every_route(tmp_path: Path):
    told = furnish(Cloud(tmp_path / "data"))

    pictured = {each["route"] for each in told["pages"]}
    assert {"registrations:dashboard", "content:library", "admin:realms_realm_change"} <= pictured
    assert pictured & set(ELSEWHERE) == set()
