"""The administration of the site in a real browser: its pages under the policy, a safe action, acting as a person."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.packages import package_zip
from tests.services import PASSWORD, Cloud

from .accessible import PHONE, broken_rules
from .desk import Desk

pytestmark = pytest.mark.browser
STAFF, OWNER = "staff@example.com", "helped@example.com"


@pytest.fixture
def page(watched_page: Page) -> Page:
    return watched_page


@pytest.fixture
def staff(cloud: Cloud, page: Page, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Signed in as staff of the site."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    cloud.manage("createsuperuser", "--no-input", "--email", STAFF, check=False)  # one is enough for all tests
    page.goto(f"{cloud.console}/site/")
    page.get_by_label("Email").fill(STAFF)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page).to_have_title(re.compile("Site administration"))
    return page


def wrong_with(page: Page) -> list[str]:
    """Rules of accessibility that it breaks in light and dark, and what sticks out on a phone."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {broken}" for broken in broken_rules(page)]
    size = page.viewport_size
    page.set_viewport_size(PHONE)
    if (width := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
        found.append(f"{width} pixels wide on a phone")
    page.set_viewport_size(size)
    return found


def test_every_list_and_row_keeps_the_policy_and_the_rules_of_accessibility(
    cloud: Cloud, desk: Desk, staff: Page, tmp_path: Path
) -> None:
    slug = desk.realm("listed@example.com")
    package = tmp_path / "course.zip"
    package.write_bytes(package_zip("scorm12_single"))
    desk.course(slug, package)
    staff.goto(f"{cloud.console}/site/")
    lists = staff.locator("#content-main th a").evaluate_all("(links) => links.map((each) => each.href)")
    assert len(lists) >= 9

    found = {"/site/": wrong_with(staff)}
    for address in lists:
        staff.goto(address)
        found[address] = wrong_with(staff)
        rows = staff.locator("#result_list tbody th a")
        if rows.count():
            rows.first.click()
            expect(staff.locator("#content h1, #content h2").first).to_be_visible()
            found[staff.url] = wrong_with(staff)

    assert {address: broken for address, broken in found.items() if broken} == {}


def test_staff_close_and_restore_a_realm_and_make_a_plan(cloud: Cloud, desk: Desk, staff: Page) -> None:
    slug = desk.realm("closing@example.com")
    staff.goto(f"{cloud.console}/site/realms/realm/?q={slug}")
    for action, state in (("Close", 1), ("Restore", 0)):
        staff.get_by_role("checkbox", name="Select this object for an action").first.check()
        staff.get_by_role("combobox", name="Action").select_option(label=action)
        staff.get_by_role("button", name="Go", exact=True).click()
        if action == "Close":
            expect(staff.get_by_text("Owners can restore a closed realm")).to_be_visible()
            assert wrong_with(staff) == []
            staff.get_by_role("button", name="Yes, go on").click()
        expect(staff.get_by_text("Done for 1.")).to_be_visible()
        staff.goto(f"{cloud.console}/site/realms/realm/?q={slug}")
        expect(staff.locator("#result_list .field-closed", has_text=re.compile(r"\d{4}"))).to_have_count(state)

    staff.goto(f"{cloud.console}/site/realms/billingplan/add/")
    staff.get_by_label("Name").fill("Fleet")
    staff.get_by_label("Monthly cost").fill("12.50")
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_role("link", name="Fleet", exact=True).first).to_be_visible()


def test_staff_act_as_a_person_and_end_it(cloud: Cloud, desk: Desk, staff: Page) -> None:
    slug = desk.realm(OWNER)
    staff.goto(f"{cloud.console}/site/accounts/user/?q={OWNER}")
    staff.get_by_role("link", name=OWNER).click()
    staff.get_by_role("link", name="Act as this person").click()
    assert wrong_with(staff) == []
    staff.get_by_label("Reason").fill("Ticket 12: a course is missing")
    staff.get_by_role("button", name="Act as this person").click()

    expect(staff).to_have_url(re.compile(f"/r/{slug}/$"))
    banner = staff.get_by_text(f"{STAFF}, you act as")
    expect(banner).to_be_visible()
    assert wrong_with(staff) == []
    staff.get_by_role("button", name="Stop", exact=True).click()

    expect(staff).to_have_url(re.compile(r"/site/accounts/user/\d+/change/$"))
    staff.goto(f"{cloud.console}/site/accounts/impersonation/?q={OWNER}")
    expect(staff.locator("#result_list")).to_contain_text("Ticket 12: a course is missing")
