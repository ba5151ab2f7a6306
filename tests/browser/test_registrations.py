"""Registrations in a real browser: register, override, launch as the learner, tag several, gather and delete."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.packages import package_zip
from tests.services import PASSWORD, Cloud

from .accessible import complaints
from .desk import Desk

pytestmark = pytest.mark.browser
EMAIL = "registrar@example.com"


@pytest.fixture
def page(browser: Browser, cloud: Cloud) -> Iterator[Page]:
    """A page on which anything the browser complains of fails the test, but for the form that is refused."""
    context = browser.new_context(color_scheme="light")
    opened = context.new_page()
    said: list[str] = []
    opened.on(
        "console", lambda line: said.append(line.text) if line.type == "error" and "422" not in line.text else None
    )
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert said == []


def test_a_registration_from_its_beginning_to_its_end(page: Page, cloud: Cloud, desk: Desk, tmp_path):
    slug = desk.realm(EMAIL)
    package = tmp_path / "golf.zip"
    package.write_bytes(package_zip("scorm12_single"))
    course = desk.course(slug, package)
    page.goto(f"{cloud.console}/accounts/login/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, Olga")).to_be_visible()

    page.goto(f"{cloud.console}/r/{slug}/courses/{course}/")
    page.get_by_role("link", name="Register a learner").click()
    page.get_by_label("Learner id").fill("ada")
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Lovelace")
    page.get_by_label("Tags").fill("spring")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("The learner is registered.")).to_be_visible()
    expect(page.get_by_text("No statements yet")).to_be_visible()
    assert complaints(page) == []

    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Override the result…").click()
    page.get_by_label("Success").select_option("passed")
    page.get_by_role("button", name="Override").click()
    expect(page.get_by_role("link", name="Reason: This field is required.")).to_be_visible()
    page.get_by_label("Reason").fill("Passed on paper")
    page.get_by_role("button", name="Override").click()
    expect(page.get_by_role("heading", name="Overridden")).to_be_visible()
    expect(page.get_by_text("Passed on paper").first).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("The override is taken back")).to_be_visible()

    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Launch link…").click()
    page.get_by_role("button", name="Make a launch link").click()
    assert f"{cloud.content}/launch/" in page.locator("#launch-link").input_value()

    page.goto(f"{cloud.console}/r/{slug}/registrations/?q=ADA")
    page.get_by_role("link", name="Lovelace, Ada").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Launch as the learner…").click()
    page.get_by_role("button", name="Launch as the learner").click()
    page.wait_for_url(f"{cloud.content}/play/**")
    page.goto(f"{cloud.console}/r/{slug}/registrations/")
    page.get_by_role("link", name="Lovelace, Ada").click()
    expect(page.get_by_role("table", name="Launches, newest first").get_by_text(EMAIL)).to_be_visible()

    page.goto(f"{cloud.console}/r/{slug}/registrations/")
    page.get_by_label("Choose ada").check()
    page.get_by_text("Change several").click()
    page.get_by_role("button", name="Tag…", exact=True).click()
    page.get_by_label("Tags, separated by commas").fill("checked")
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_text("1 registration was changed.")).to_be_visible()

    page.goto(f"{cloud.console}/r/{slug}/learners/?id=ada")
    page.get_by_role("button", name="Gather personal data").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "personal-data.zip"
    page.get_by_role("link", name="Delete this learner…").click()
    page.get_by_label("Write the id of the learner to confirm").fill("ada")
    page.get_by_role("button", name="Delete the learner").click()
    expect(page.get_by_text("is being deleted")).to_be_visible()
