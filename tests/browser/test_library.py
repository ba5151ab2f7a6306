"""The library in a real browser: the command palette, keys on the list, bulk jobs and saved views."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.packages import package_zip
from tests.services import PASSWORD, Cloud

from .accessible import complaints
from .desk import Desk

pytestmark = pytest.mark.browser
EMAIL = "librarian@example.com"


@pytest.fixture
def page(watched_page: Page) -> Page:
    return watched_page


def test_courses_are_found_chosen_tagged_and_kept_as_a_view_by_keyboard(
    cloud: Cloud, desk: Desk, page: Page, tmp_path: Path
) -> None:
    slug = desk.realm(EMAIL)
    for name in ("scorm12_single", "scorm12_two_scos", "scorm2004_single"):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(package_zip(name))
        desk.course(slug, path)
    page.goto(f"{cloud.console}/accounts/login/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, Olga")).to_be_visible()

    # the palette: a page by its name
    expect(page.get_by_role("button", name="Commands")).to_be_visible()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Go to a page")
    expect(field).to_be_focused()
    field.fill("libr")
    expect(page.get_by_role("option", name="Library", exact=True)).to_have_attribute("aria-selected", "true")
    assert complaints(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Library", exact=True)).to_be_visible()

    # keys on the list: nothing happens while one writes
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(3)
    page.keyboard.press("/")
    words = page.get_by_label("Title or id")
    expect(words).to_be_focused()
    page.keyboard.type("jxk")
    expect(words).to_have_value("jxk")
    page.goto(f"{cloud.console}/r/{slug}/library/")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_text("2 chosen")).to_be_visible()

    # what was chosen is tagged by a job
    page.get_by_role("group", name="With the chosen courses").get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_role("heading", name="Tag 2 courses")).to_be_visible()
    page.get_by_label("Tags, separated by commas").fill("at sea")
    page.get_by_role("button", name="Add the tags").click()
    expect(page.get_by_text("The tags of 2 courses were changed.")).to_be_visible()

    # filters and columns are kept under a name
    page.goto(f"{cloud.console}/r/{slug}/library/?tag=at+sea")
    expect(rows).to_have_count(2)
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Warnings", exact=True).check()
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader", name="Warnings")).to_be_visible()
    page.get_by_text("Save view", exact=True).click()
    page.get_by_label("Name of the view").fill("Maritime")
    page.get_by_role("button", name="Save", exact=True).click()
    views = page.get_by_role("navigation", name="Saved views")
    expect(views.get_by_role("link", name="Maritime")).to_have_attribute("aria-current", "page")
    expect(rows).to_have_count(2)
    assert complaints(page) == []
    views.get_by_role("link", name="All courses").click()
    expect(rows).to_have_count(3)

    # the keys are told and can be switched off
    expect(page.get_by_role("button", name="Commands")).to_be_visible()  # shown by the script that knows the keys
    page.keyboard.press("?")
    told = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(told).to_be_visible()
    told.get_by_label("Shortcuts of a single key are on in this browser").uncheck()
    told.get_by_role("button", name="Close").click()
    page.keyboard.press("?")
    expect(told).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("[data-row]:focus")).to_have_count(0)

    # a course by its title, which the server finds
    title = rows.nth(0).inner_text()
    page.keyboard.press("Control+k")
    field.fill(title)
    page.get_by_role("option", name=re.compile(re.escape(title))).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
