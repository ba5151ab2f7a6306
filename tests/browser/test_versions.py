"""Versions and files in a real browser: compared, a picture from the content origin, a file replaced, one deleted."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.content.packages import package
from tests.services import Cloud

from .accessible import complaints
from .test_console import sign_up

pytestmark = pytest.mark.browser
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40"><rect width="80" height="40" fill="teal"/></svg>'


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(color_scheme="light", viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def upload(page: Page, path: Path, address: str) -> None:
    page.goto(address)
    page.locator("[data-pick]").set_input_files(path)
    expect(page.locator('[data-state="done"]')).to_be_visible(timeout=60_000)


def test_a_course_of_two_versions(page: Page, cloud: Cloud, tmp_path: Path):
    slug = sign_up(page, cloud, "versions@example.com")
    here = f"{cloud.console}/r/{slug}"
    first, second = tmp_path / "signals.zip", tmp_path / "signals-2.zip"
    first.write_bytes(package({"img/flag.svg": SVG, "a.txt": "old"}))
    second.write_bytes(package({"img/flag.svg": SVG, "b.txt": "new"}, "Sea signs"))
    upload(page, first, f"{here}/add/")
    expect(page.get_by_text("Sea signals").first).to_be_visible(timeout=60_000)
    page.goto(f"{here}/library/")
    page.get_by_role("link", name="Sea signals").click()
    course = page.url
    upload(page, second, f"{here}/add/?course=sea-signals")
    for _ in range(120):  # the import runs beside it
        page.goto(f"{course}versions/")
        if page.get_by_role("heading", name="Version 1").is_visible():
            break
        page.wait_for_timeout(500)
    shown(page, "versions")

    page.get_by_role("link", name="Compare (version 0)").click()
    shown(page, "structure")
    page.get_by_role("link", name="Files", exact=True).click()
    expect(page.get_by_text("1 added, 1 removed, 1 changed, 0 renamed")).to_be_visible()
    shown(page, "compared-files")
    page.get_by_role("link", name="Manifest", exact=True).click()
    expect(page.locator(".diff-new").filter(has_text="Sea signs")).to_be_visible()
    shown(page, "manifest")

    page.goto(f"{course}versions/")
    page.get_by_role("link", name="Files (version 1)").click()
    shown(page, "files")
    page.get_by_role("link", name="img", exact=True).click()
    page.get_by_role("link", name="flag.svg").click()
    picture = page.get_by_role("img", name="flag.svg")
    expect(picture).to_have_js_property("naturalWidth", 80)
    assert (picture.get_attribute("src") or "").startswith(f"{cloud.content}/files/")
    other = tmp_path / "other.svg"
    other.write_text(SVG.replace('width="80"', 'width="120"', 1))
    page.get_by_label("Another file for this path").set_input_files(other)
    page.get_by_role("button", name="Replace").click()
    expect(page.get_by_text("img/flag.svg was replaced.")).to_be_visible()
    expect(page.get_by_role("img", name="flag.svg")).to_have_js_property("naturalWidth", 120)
    shown(page, "file")

    page.goto(f"{course}versions/")
    page.get_by_role("button", name="Make current").click()
    expect(page.get_by_text("Version 0 is current")).to_be_visible()
    page.get_by_role("link", name="Delete…").click()
    shown(page, "delete")
    page.get_by_role("button", name="Delete the version").click()
    expect(page.get_by_text("Version 1 was deleted.")).to_be_visible()


def shown(page: Page, name: str) -> None:
    """Nothing is wrong with the page; where a folder for pictures is named, it is pictured."""
    if folder := os.environ.get("PICTURES"):
        for width in (1440, 390):
            for scheme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})
    assert complaints(page) == []
