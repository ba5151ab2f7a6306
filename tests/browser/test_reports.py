"""Reports in a real browser: from the menu to a question, with what is chosen kept, and a chart's numbers as a file."""

import csv
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.services import PASSWORD, Cloud

from .accessible import complaints
from .desk import Desk
from .player import Library

pytestmark = pytest.mark.browser
OWNER = "reports@example.com"


@pytest.fixture
def page(browser: Browser, cloud: Cloud) -> Iterator[Page]:
    """A page of the signed-in owner, on which anything the browser complains of fails the test."""
    context = browser.new_context(color_scheme="light")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("console", lambda line: errors.append(line.text) if line.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


def test_an_owner_goes_from_the_realm_to_a_question(
    desk: Desk, cloud: Cloud, page: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    library = Library(desk, tmp_path_factory.mktemp("packages"), OWNER)
    course = library.course("scorm12_single")
    for learner, is_right in (("first", "yes"), ("second", "yes"), ("third", "no")):
        desk.answered(course, learner, is_right)
    page.goto(f"{cloud.console}/accounts/login/")
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()

    page.get_by_role("link", name="Reports", exact=True).click()
    expect(page.get_by_text("There is nothing to show for this time and choice.").first).to_be_visible()
    page.get_by_label("Include sandbox registrations").check()
    page.get_by_label("Period", exact=True).select_option("All time")
    page.get_by_role("button", name="Show", exact=True).click()

    tile = page.locator(".report-tile", has_text="Pass rate")
    expect(tile).to_contain_text("66.7 %")
    expect(page.locator("canvas")).to_have_count(3)  # no time was spent
    drawn = "() => Boolean(Chart.getChart(document.querySelector('#scores canvas')))"
    page.wait_for_function(drawn)
    assert complaints(page) == []

    page.locator("#courses").get_by_role("link", name="Capitals in one page").click()
    page.get_by_role("link", name="capital-of-france").click()
    expect(page.locator("#responses tbody tr").first).to_contain_text("Paris")
    with page.expect_download() as download:
        page.locator("#responses").get_by_role("link", name="CSV").click()
    rows = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert rows[1:] == [["Paris", "correct", "2", "66.67"], ["Lyon", "incorrect", "1", "33.33"]]

    page.get_by_text("Link to this report").first.click()
    link = page.locator("#report-link").input_value()
    page.goto(link)
    expect(page.locator(".report-tile", has_text="Answers")).to_contain_text("3")
