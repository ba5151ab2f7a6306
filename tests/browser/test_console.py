"""The console in a real browser: signing up, every page of one's own, dark and light, on a phone, with a passkey."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from django.urls import get_resolver
from playwright.sync_api import Browser, Page, expect

from tests.services import PASSWORD, Cloud
from tests.test_tenancy import routes

from .accessible import broken_rules

pytestmark = pytest.mark.browser
SLUG = "<str:realm_slug>"
OWN = ["/settings/", "/accounts/email/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/"]
REALM = [route for _, route in routes(get_resolver("config.urls_console")) if re.findall("<.*?>", route) == [SLUG]]
OTHERS = ["/realms/", "/realms/new/", "/styleguide/", "/mail/"]
ENTRANCE = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which anything the browser complains of, a refused inline script or style too, fails the test."""
    context = browser.new_context(color_scheme="light")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def sign_up(page: Page, cloud: Cloud, email: str) -> str:
    """Sign up in the browser; the slug of the realm."""
    page.goto(f"{cloud.console}/accounts/signup/")
    page.get_by_label("First name").fill("Mira")
    page.get_by_label("Last name").fill("Vos")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign Up").click()
    expect(page.get_by_role("heading", name="Hello, Mira")).to_be_visible()
    return page.url.rstrip("/").rpartition("/")[2]


def everywhere(page: Page, slug: str) -> list[str]:
    """Every page of a realm that needs nothing to be about, and those of the person."""
    found = ["/" + route.replace(SLUG, slug) for route in REALM]
    return [*(path for path in found if is_page(page, path)), *OWN, *OTHERS]


def is_page(page: Page, path: str) -> bool:
    """Not a download, a part of a page, or what only takes forms."""
    answer = page.request.get(urljoin(page.url, path))
    return answer.status == 200 and answer.text().lstrip().lower().startswith("<!doctype html")


def test_every_page_keeps_the_policy_and_fits_a_phone(cloud: Cloud, page: Page) -> None:
    pages = everywhere(page, sign_up(page, cloud, "phone@example.com"))
    page.set_viewport_size({"width": 390, "height": 844})

    widths = {}
    for path in pages:
        page.goto(cloud.console + path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")

    assert widths == dict.fromkeys(pages, 390)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility(cloud: Cloud, page: Page, scheme: str) -> None:
    slug = sign_up(page, cloud, f"{scheme}@example.com")
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")

    found = {path: broken_at(page, cloud.console + path) for path in everywhere(page, slug)}
    page.context.clear_cookies()
    found |= {path: broken_at(page, cloud.console + path) for path in ENTRANCE}

    assert {path: broken for path, broken in found.items() if broken} == {}


def broken_at(page: Page, address: str) -> list[str]:
    page.goto(address)
    return broken_rules(page)


def test_the_theme_is_the_systems_until_one_is_chosen(cloud: Cloud, page: Page) -> None:
    root = page.locator("html")
    sign_up(page, cloud, "theme@example.com")

    page.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="Dark mode").click()
    expect(root).to_have_attribute("data-bs-theme", "light")
    page.reload()

    expect(root).to_have_attribute("data-bs-theme", "light")
    expect(page.get_by_role("button", name="Dark mode")).to_have_attribute("aria-pressed", "false")


def test_a_key_is_made_shown_once_and_deleted_with_a_question(cloud: Cloud, page: Page) -> None:
    slug = sign_up(page, cloud, "key@example.com")
    page.goto(f"{cloud.console}/r/{slug}/apps/")
    page.get_by_role("link", name="Initial Application for Mira Vos", exact=True).click()
    page.get_by_label("Name of a new key").fill("LMS")
    page.get_by_role("button", name="Create secret key").click()
    secret = page.get_by_label("New secret key", exact=True)
    expect(secret).to_have_value(re.compile(r"^[\w-]{43}$"))

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Applications").click()
    page.get_by_role("link", name="Initial Application for Mira Vos", exact=True).click()
    expect(secret).to_have_count(0)
    page.get_by_role("button", name="Delete LMS").click()
    dialog = page.get_by_role("dialog", name="Delete this key?")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Delete LMS").click()
    dialog.get_by_role("button", name="Delete key").click()

    expect(page.get_by_text("No secret key yet.")).to_be_visible()


def test_a_refused_form_moves_the_focus_to_what_is_wrong(cloud: Cloud, page: Page) -> None:
    page.goto(f"{cloud.console}/accounts/signup/")
    page.get_by_label("First name").fill("Mira")
    page.get_by_label("Last name").fill("Vos")
    page.get_by_label("Email").fill("mira@example.com")
    page.get_by_label("Password").fill("12345678")
    page.get_by_role("button", name="Sign Up").click()

    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.locator("[data-error-summary] a").first.click()
    expect(page.get_by_label("Password")).to_be_focused()


def test_a_passkey_is_added_and_signs_in(cloud: Cloud, page: Page) -> None:
    cloud.account("passkey@example.com")
    page.goto(f"{cloud.console}/accounts/login/")
    page.get_by_label("Email").fill("passkey@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, Olga")).to_be_visible()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key | {"isUserVerified": True}})

    page.goto(f"{cloud.console}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)  # asked again before security changes
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery Codes")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{cloud.console}/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="Hello, Olga")).to_be_visible()
