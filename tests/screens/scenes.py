"""What is pictured beside the addresses: pages that a form or a key leads to, and what somebody new sees."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.services import PASSWORD

SCENES: list[Any] = []


def scene(who: str) -> Callable[[Any], Any]:
    """`who` opens it; the function leads there, and its docstring says what it is."""

    def keep(leads: Any) -> Any:
        leads.who = who
        SCENES.append(leads)
        return leads

    return keep


R = "/r/harbour"


@scene("newcomer")
def sign_up_refused(page: Page, console: str) -> None:
    """signing up with too plain a password"""
    page.goto(f"{console}/accounts/signup/")
    page.locator("[name=first_name]").fill("Nia")
    page.locator("[name=last_name]").fill("Okafor")
    page.locator("[name=email]").fill("nia@newcomer.example")
    page.locator("[name=password1]").fill("12345678")
    page.locator("form button[type=submit]").first.click()
    page.locator("[data-error-summary]").wait_for()


@scene("newcomer")
def newcomer_dashboard(page: Page, console: str) -> None:
    """the dashboard of somebody who has just signed up"""
    page.goto(f"{console}/accounts/signup/")
    page.locator("[name=first_name]").fill("Nia")
    page.locator("[name=last_name]").fill("Okafor")
    page.locator("[name=email]").fill("nia@newcomer.example")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/r/*/")


def _empty(path: str) -> Callable[[Page, str], None]:
    def leads(page: Page, console: str) -> None:
        page.goto(f"{console}/")
        page.goto(page.url + path)

    leads.__name__ = f"newcomer_{path.strip('/').replace('/', '_')}"
    leads.__doc__ = "as it is before there is anything to show"
    return leads


for _path in (
    "library/",
    "registrations/",
    "learners/",
    "reports/",
    "webhooks/",
    "statements/",
    "audit/",
    "people/",
    "account/usage/",
    "account/invoices/",
    "library/jobs/",
):
    scene("newcomer")(_empty(_path))


@scene("owner")
def command_palette(page: Page, console: str) -> None:
    """the command palette, Ctrl-K"""
    page.goto(f"{console}{R}/")
    page.keyboard.press("Control+k")
    page.locator("dialog[open] input").fill("safe")
    page.wait_for_timeout(800)


@scene("owner")
def library_bulk_ask(page: Page, console: str) -> None:
    """what is asked before many courses are deleted"""
    page.goto(f"{console}{R}/library/")
    boxes = page.locator("input[name=course]")
    for index in range(3):
        boxes.nth(index).check()
    page.locator("[name=do][value=delete]").first.click()
    page.wait_for_url("**/library/bulk/**")


@scene("owner")
def registrations_bulk_ask(page: Page, console: str) -> None:
    """what is asked before many registrations are deleted"""
    page.goto(f"{console}{R}/registrations/")
    boxes = page.locator("input[name=pk]")
    for index in range(3):
        boxes.nth(index).check()
    page.locator(".list-bulk summary").click()
    page.locator("[name=verb][value=delete]").first.click()
    page.wait_for_url("**/registrations/bulk/**")


@scene("owner")
def secret_key_shown_once(page: Page, console: str) -> None:
    """a new secret key, shown once"""
    page.goto(f"{console}{R}/apps/PORTAL0001/")
    page.locator("#key-name").fill("Portal of partners")
    page.keyboard.press("Enter")
    page.locator(".secret").first.wait_for()


def _after_the_password(page: Page, address: str) -> None:
    page.goto(address)
    if "/reauthenticate/" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/reauthenticate/" not in url)


@scene("owner")
def mfa_activate_totp(page: Page, console: str) -> None:
    """an app for codes is set up"""
    _after_the_password(page, f"{console}/accounts/2fa/totp/activate/")


@scene("owner")
def mfa_add_webauthn(page: Page, console: str) -> None:
    """a passkey is added"""
    _after_the_password(page, f"{console}/accounts/2fa/webauthn/add/")
