"""The first days in a real browser: the sample course, the steps, and the language."""

import os

import pytest
from playwright.sync_api import Page, expect

from tests.services import Cloud

from .accessible import complaints
from .test_console import sign_up

pytestmark = pytest.mark.browser


def picture(page: Page, name: str) -> None:
    """Kept where PICTURES names a folder, to be looked at."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_the_sample_course_comes_with_a_click_and_the_steps_follow(cloud: Cloud, page: Page) -> None:
    realm = sign_up(page, cloud, "first-days@example.com")
    page.goto(f"{cloud.console}/r/{realm}/")
    steps = page.get_by_role("region", name="First steps")
    expect(steps).to_contain_text("Add the sample course")
    assert complaints(page) == []
    picture(page, "steps")

    steps.get_by_role("button", name="Add the sample course").click()
    course = page.get_by_role("link", name="Sample course: the night sky").first
    expect(course).to_be_visible(timeout=30_000)
    page.goto(f"{cloud.console}/r/{realm}/")
    expect(steps.get_by_role("listitem").first).to_contain_text("Done")
    steps.get_by_role("button", name="Hide").click()
    expect(steps).to_have_count(0)

    page.goto(f"{cloud.console}/settings/mails/")
    assert complaints(page) == []
    picture(page, "mails")


def test_a_person_changes_the_language_and_is_told_times_of_their_zone(cloud: Cloud, page: Page) -> None:
    sign_up(page, cloud, "language@example.com")
    page.goto(f"{cloud.console}/settings/language/")
    zone = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    page.reload()
    expect(page.locator("#id_time_zone")).to_have_value(zone)
    assert complaints(page) == []
    picture(page, "language")

    page.locator("#id_language").select_option("de")
    page.locator("#id_time_zone").select_option("Europe/Berlin")
    page.locator("form button[type=submit]").last.click()

    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#id_time_zone")).to_have_value("Europe/Berlin")
