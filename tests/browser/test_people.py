"""What owners do in a real browser beside courses: people, keys, the audit log, links and bills, webhooks."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.services import PASSWORD, Cloud

from .accessible import complaints
from .desk import Desk

pytestmark = pytest.mark.browser
REFUSED = re.compile("40[34]|422")  # what the browser notes of an answer that is meant to be refused


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which anything the browser complains of fails the test, but for answers that are refused."""
    context = browser.new_context(color_scheme="light")
    opened = context.new_page()
    said: list[str] = []

    def note(line: ConsoleMessage) -> None:
        if line.type == "error" and not REFUSED.search(line.text):
            said.append(line.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert said == []


def sign_in(page: Page, cloud: Cloud, email: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{cloud.console}/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, ")).to_be_visible()


def open_mail(page: Page, cloud: Cloud, subject: str, to: str) -> None:
    """The page of a mail in the mailbox of the site, once the worker has sent it."""
    row = page.get_by_role("listitem").filter(has_text=subject).filter(has_text=to)
    for _ in range(60):
        page.goto(f"{cloud.console}/mail/")
        if row.count():
            break
        page.wait_for_timeout(500)
    row.first.get_by_role("link").click()


def test_a_person_is_invited_joins_and_gets_another_role(page: Page, cloud: Cloud, desk: Desk) -> None:
    slug = desk.realm("people@example.com")
    sign_in(page, cloud, "people@example.com")
    page.goto(f"{cloud.console}/r/{slug}/people/")
    page.get_by_label("E-mail addresses").fill("grace@example.com")
    page.get_by_role("button", name="Send invitations").click()
    expect(page.get_by_role("region", name="Invitations without an answer")).to_contain_text("grace@example.com")
    assert complaints(page) == []

    page.context.clear_cookies()
    open_mail(page, cloud, "Invitation to", "grace@example.com")
    assert complaints(page) == []
    page.locator(".mail-text a[href*='invit']").first.press("Enter")
    expect(page.get_by_role("heading", name="Join Olga's realm")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("button", name="Sign Up")).to_be_visible()
    assert complaints(page) == []
    page.get_by_label("First name").fill("Grace")
    page.get_by_label("Last name").fill("Hopper")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign Up").click()
    if page.get_by_role("button", name="Join").count():
        page.get_by_role("button", name="Join").click()
    page.goto(f"{cloud.console}/r/{slug}/library/")
    expect(page.get_by_role("heading", name="Library")).to_be_visible()

    page.goto(f"{cloud.console}/r/{slug}/people/")  # authors invite nobody
    expect(page.get_by_role("heading", name="You may not do that")).to_be_visible()
    assert complaints(page) == []
    page.goto(f"{cloud.console}/r/nowhere/")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    assert complaints(page) == []

    sign_in(page, cloud, "people@example.com")
    page.goto(f"{cloud.console}/r/{slug}/people/")
    page.get_by_role("link", name="Grace Hopper").click()
    assert complaints(page) == []
    page.get_by_label("Role in the realm").select_option("support")
    page.get_by_role("region", name="Role", exact=True).get_by_role("button", name="Save").click()
    page.goto(f"{cloud.console}/r/{slug}/people/")
    expect(page.get_by_role("listitem").filter(has_text="Grace Hopper")).to_contain_text("Support")


def test_a_person_is_removed_and_the_last_owner_stays(page: Page, cloud: Cloud, desk: Desk) -> None:
    slug = desk.realm("removing@example.com")
    desk.member(slug, "bob@example.com", "author")
    sign_in(page, cloud, "removing@example.com")
    page.goto(f"{cloud.console}/r/{slug}/people/")
    page.get_by_role("link", name="Bob Builder").click()
    page.get_by_role("button", name="Remove…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Remove this person?")).to_be_visible()
    assert complaints(page) == []
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("bob@example.com is no member of Olga's realm any more.")).to_be_visible()
    expect(page.get_by_role("region", name="Members", exact=True)).not_to_contain_text("Bob Builder")

    page.get_by_role("region", name="Members", exact=True).get_by_role("link", name="Olga Owner").click()
    page.get_by_role("button", name="Leave…").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave", exact=True).click()
    expect(page.get_by_text("A realm has at least one owner. Make somebody else an owner first.")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Olga's realm")).to_be_visible()
    assert complaints(page) == []

    sign_in(page, cloud, "bob@example.com")
    page.goto(f"{cloud.console}/r/{slug}/library/")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


def test_a_change_of_plan_is_asked_and_says_what_becomes_of_what_was_agreed(
    page: Page, cloud: Cloud, desk: Desk
) -> None:
    slug = desk.realm("changing@example.com")
    desk.plan("Harbour", 40, 10, "0.50")
    desk.plan("Ocean", 80, 20, "0.25")
    sign_in(page, cloud, "changing@example.com")
    page.goto(f"{cloud.console}/r/{slug}/account/plan/")
    page.get_by_role("button", name="Change to Harbour").click()
    assert complaints(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Change the plan").click()
    expect(page.get_by_text("Your plan is Harbour now.")).to_be_visible()
    page.get_by_label("take them, and pay 0.50 USD for each").check()
    page.get_by_role("region", name="At the limit").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Registrations past the limit are paid for.")).to_be_visible()
    assert complaints(page) == []

    page.get_by_role("button", name="Change to Ocean").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("nobody new can start a course until you choose anew to pay for more")
    dialog.get_by_role("button", name="Change the plan").click()
    expect(page.get_by_text("Your plan is Ocean now.")).to_be_visible()
    expect(page.get_by_label("refuse new ones")).to_be_checked()


def test_a_key_is_made_rotated_and_disabled_and_the_audit_log_tells_it(page: Page, cloud: Cloud, desk: Desk) -> None:
    slug = desk.realm("keys@example.com")
    sign_in(page, cloud, "keys@example.com")
    page.goto(f"{cloud.console}/r/{slug}/apps/")
    page.get_by_role("main").locator("a[href*='/apps/']").first.click()
    page.get_by_label("Name of a new key").fill("Moodle")
    page.get_by_role("button", name="Create secret key").click()
    expect(page.get_by_text("Copy the key now.")).to_be_visible()
    secret = page.locator("#new-key").input_value()
    assert complaints(page) == []

    page.get_by_role("link", name="Rotate… Moodle").click()
    assert complaints(page) == []
    page.get_by_label("Name of the new key").fill("Moodle 2")
    page.get_by_label("The old key ends").select_option("3600")
    page.get_by_role("button", name="Make the new key").click()
    expect(page.get_by_text("Copy the key now.")).to_be_visible()
    assert page.locator("#new-key").input_value() != secret
    page.get_by_role("button", name="Disable Moodle 2").click()
    expect(page.get_by_role("button", name="Enable Moodle 2")).to_be_visible()

    page.goto(f"{cloud.console}/r/{slug}/audit/")
    assert complaints(page) == []
    page.get_by_label("What", exact=True).select_option("key.rotate")
    rows = page.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Secret key rotated")
    assert secret not in page.content()
    page.goto(f"{cloud.console}/r/{slug}/audit/?action=key.rotate")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 2
    assert "key.rotate" in lines[1]


def test_a_realm_asks_for_a_plan_its_payer_accepts_and_both_see_the_bill(page: Page, cloud: Cloud, desk: Desk) -> None:
    payer, asker = desk.realm("payer@example.com"), desk.realm("asker@example.com")
    sequence = desk.invoice(payer)
    sign_in(page, cloud, "asker@example.com")
    page.goto(f"{cloud.console}/r/{asker}/account/linked/")
    assert complaints(page) == []
    page.get_by_label("Realm ID").fill(payer)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Its owners have not answered yet.")).to_be_visible()
    assert complaints(page) == []

    sign_in(page, cloud, "payer@example.com")
    page.goto(f"{cloud.console}/r/{payer}/account/linked/")
    expect(page.get_by_role("heading", name="Olga's realm asks to use your plan")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("table", name="Realms that use this plan").locator("tbody tr")).to_have_count(2)

    page.goto(f"{cloud.console}/r/{payer}/account/usage/")
    expect(page.get_by_role("heading", name="Usage").first).to_be_visible()
    assert complaints(page) == []
    page.goto(f"{cloud.console}/r/{payer}/account/invoices/")
    assert complaints(page) == []
    page.get_by_role("link", name=re.compile(f"-0*{sequence}$")).click()
    expect(page.get_by_text("90.00").first).to_be_visible()
    assert complaints(page) == []


def test_an_endpoint_gets_a_test_message_which_is_looked_at_and_sent_again(
    page: Page, cloud: Cloud, desk: Desk
) -> None:
    slug = desk.realm("hooks@example.com")
    sign_in(page, cloud, "hooks@example.com")
    page.goto(f"{cloud.console}/r/{slug}/webhooks/")
    page.get_by_role("main").get_by_role("link", name="Add endpoint").first.click()
    assert complaints(page) == []
    page.get_by_label("Name").fill("Warehouse")
    page.get_by_label("Address").fill("https://hooks.invalid/events")
    page.get_by_label("A course or a new version of it was imported").check()
    page.get_by_role("button", name="Add endpoint").click()
    expect(page.get_by_text("Copy the signing secret now.")).to_be_visible()
    assert complaints(page) == []

    page.get_by_role("button", name="Send test message").click()
    page.get_by_role("link", name="webhook.test").click()
    attempts = page.get_by_role("region", name="Attempts").locator("tbody tr")
    for _ in range(60):
        if attempts.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(attempts).to_have_count(1)
    assert complaints(page) == []
    page.get_by_role("button", name=re.compile("Send (now|again)")).click()
    for _ in range(60):
        if attempts.count() > 1:
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(attempts.nth(1)).to_be_visible()
