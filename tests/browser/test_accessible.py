"""Every page of the console keeps the rules of accessibility in light and dark, and fits a phone.

The pages are those that `make screens` pictures: a route without a thing to show ends there, so that none is left out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.screens.__main__ import Album, Visitors, harbour, is_page
from tests.services import Cloud

from .accessible import complaints

pytestmark = pytest.mark.browser
Harbour = tuple[Cloud, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    """A product with a realm that has one of everything, and where its pages are."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("DATABASE_URL", "REDIS_URL"):  # its own: other tests have theirs
            patched.delenv(name, raising=False)
        with harbour(tmp_path_factory.mktemp("harbour")) as (cloud, told):
            yield cloud, [each for each in told["pages"] if is_ours(each)]


def is_ours(page: dict[str, Any]) -> bool:
    """Not the player's, which has tests of its own, nor what Django draws for staff."""
    return page["origin"] == "console" and not page["route"].startswith("admin:")


def test_every_page_of_the_console(browser: Browser, pictured: Harbour, tmp_path: Path) -> None:
    cloud, pages = pictured
    album = Album(tmp_path, "en", {})
    visitors = Visitors(browser, cloud, album)
    found: dict[str, list[str]] = {}

    for each in pages:
        page, address = visitors.page(each["who"]), cloud.console + each["path"]
        if not each["route"] or is_page(page, address, each["route"], album):
            page.goto(address)
            found[each["name"]] = complaints(page)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(found) > 90
    assert album.problems == []
