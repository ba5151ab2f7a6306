"""Fix in a real browser on the real processes: a version's findings by mouse, a refused package by keyboard."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.content.packages import MANIFEST, zip_of
from tests.services import Cloud

from .test_console import sign_up
from .test_versions import shown, upload

pytestmark = [pytest.mark.browser, pytest.mark.services]

PATIENCE = 60_000  # milliseconds
TABS = 200  # presses of a key after which nobody looks for a button any more
BROKEN = MANIFEST.format(title="Knots").replace('"index.html"', '"INDEX.HTML"').replace('default="O"', 'default="P"')
REFUSED = MANIFEST.format(title="Knots & bends")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, which then can be seen."""
    expect(wanted).to_be_visible()
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            assert wanted.evaluate("(element) => element.matches(':focus-visible')")
            return
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


def open_by_key(page: Page, wanted: Locator) -> None:
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def test_the_findings_of_a_version_are_mended_by_mouse(watched_page: Page, cloud: Cloud, tmp_path: Path):
    page = watched_page
    here = f"{cloud.console}/r/{sign_up(page, cloud, 'mender@example.com')}"
    file = tmp_path / "knots.zip"
    file.write_bytes(zip_of({"imsmanifest.xml": BROKEN, "index.html": "<p>Hello"}))
    upload(page, file, f"{here}/add/")
    page.get_by_role("link", name="Knots", exact=True).first.click(timeout=PATIENCE)
    report = page.locator(".findings")
    expect(report).to_contain_text("href-spelling")

    page.get_by_role("link", name="Fix… href-spelling").click()
    expect(page.locator(".diff-new")).to_contain_text(["index.html"])
    page.get_by_role("link", name="Cancel").click()
    expect(report).to_contain_text("organization-default")
    page.get_by_role("link", name="Fix all…").click()
    expect(page.get_by_role("heading", name="Fix version 0")).to_be_visible()
    expect(page.locator(".diff-old").first).to_contain_text('default="P"')
    expect(page.locator(".diff-new").first).to_contain_text('default="O"')
    shown(page, "repair")
    page.get_by_role("button", name="Make the new version").click()

    expect(page.get_by_text("It became Knots, version 1.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("A repair of version 0")).to_be_visible()
    shown(page, "repaired")
    page.get_by_role("link", name="Knots", exact=True).click()
    expect(page.get_by_role("heading", name="Knots", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Fix all…")).to_have_count(0)
    expect(page.get_by_text("href-spelling")).to_have_count(0)


def test_a_refused_package_is_mended_by_keyboard(watched_page: Page, cloud: Cloud, tmp_path: Path):
    page = watched_page
    here = f"{cloud.console}/r/{sign_up(page, cloud, 'keyboard@example.com')}"
    file = tmp_path / "bends.zip"
    file.write_bytes(zip_of({"imsmanifest.xml": REFUSED, "index.html": "<p>Hello"}))
    upload(page, file, f"{here}/add/")
    found = page.get_by_role("link", name=re.compile(r"What was found ?: bends\.zip"))
    expect(found).to_be_visible(timeout=PATIENCE)

    open_by_key(page, found)
    expect(page.get_by_role("heading", name="bends.zip")).to_be_visible()
    shown(page, "refused")
    refused = page.url
    open_by_key(page, page.get_by_role("link", name="Fix…"))
    expect(page.locator(".diff-new")).to_contain_text("Knots &amp; bends")
    shown(page, "repair-import")
    open_by_key(page, page.get_by_role("button", name="Fix and import"))

    expect(page.get_by_text("It became Knots & bends, version 0.")).to_be_visible(timeout=PATIENCE)
    open_by_key(page, page.get_by_role("link", name="an import that failed"))
    expect(page).to_have_url(refused)
    expect(page.get_by_text("It was mended: see the repaired import.")).to_be_visible()
    expect(page.get_by_role("link", name="Fix…")).to_have_count(0)
    shown(page, "mended")
