"""The account of a realm in a real browser: a further realm on one's own plan, its link ended, closed and restored."""

import pytest
from playwright.sync_api import Page, expect

from tests.services import Cloud

from .accessible import complaints
from .test_console import sign_up

pytestmark = pytest.mark.browser


def test_a_further_realm_is_made_linked_closed_and_restored(cloud: Cloud, page: Page) -> None:
    first = sign_up(page, cloud, "realms@example.com")
    page.get_by_role("button", name="Mira's realm").click()
    page.get_by_role("link", name="Create New Realm").click()
    page.get_by_label("Name").fill("Harbour school")
    page.get_by_label("Plan").select_option(label="Mira's realm")
    page.get_by_role("button", name="Create the realm").click()
    expect(page.get_by_role("button", name="Harbour school")).to_be_visible()
    second = page.url.split("/r/")[1].split("/")[0]

    page.goto(f"{cloud.console}/r/{first}/account/linked/")
    expect(page.get_by_role("row", name="Harbour school")).to_be_visible()
    assert complaints(page) == []
    page.goto(f"{cloud.console}/r/{second}/account/linked/")
    page.get_by_role("button", name="End the link").click()
    dialog = page.get_by_role("dialog", name="End the link?")
    assert complaints(page) == []
    dialog.get_by_role("button", name="End the link").click()
    expect(page.get_by_text("No other realm uses this plan")).to_be_visible()

    page.goto(f"{cloud.console}/r/{second}/account/close/")
    name = page.get_by_label("Name of the realm")
    name.fill("Harbour")
    page.get_by_role("button", name="Close the realm").click()
    expect(page.get_by_role("link", name="This is not the name of the realm.")).to_be_visible()
    assert complaints(page) == []
    name.fill("harbour school")
    page.get_by_role("button", name="Close the realm").click()
    expect(page.get_by_role("heading", name="Harbour school is closed")).to_be_visible()
    assert complaints(page) == []
    page.goto(f"{cloud.console}/r/{second}/library/")
    page.get_by_role("button", name="Restore the realm").click()

    page.goto(f"{cloud.console}/r/{second}/account/")
    expect(page.get_by_role("heading", name="Plan: Trial")).to_be_visible()
