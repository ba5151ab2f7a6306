"""Single sign-on in a real browser: a page of another site leads in, with the cookies that a browser then sends."""

import html
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.identity import CLIENT_ID, SECRET, SamlProvider, open_id_provider
from tests.services import Cloud

from .accessible import complaints
from .desk import Desk, open_desk
from .test_people import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.services]


@pytest.fixture
def trusting(own_cloud: Cloud) -> Cloud:
    """A product whose operator vouches for the domain, and lets it ask a provider on this machine."""
    own_cloud.environment |= {"FETCH_ALLOWED_HOSTS": "127.0.0.1", "SSO_TRUSTED_DOMAINS": "corp.example"}
    return own_cloud.start()


@pytest.fixture
def own_desk(trusting: Cloud) -> Iterator[Desk]:
    with open_desk(trusting) as opened:
        yield opened


def by_address(page: Page, cloud: Cloud, email: str) -> None:
    """From the page of passwords to the identity provider."""
    page.context.clear_cookies()
    page.goto(f"{cloud.console}/accounts/login/")
    page.get_by_role("link", name="Single sign-on").click()
    page.get_by_label("E-mail address at work").fill(email)
    page.get_by_role("main").get_by_role("button").click()
    page.get_by_role("link", name="Go on to sign in").click()


def posting_back(provider: SamlProvider, email: str, route: Route) -> None:
    """The provider's page, which posts its answer from its own site."""
    location = route.request.url
    acs = provider.asked(location).get("AssertionConsumerServiceURL")
    answer = provider.response(location, email, name_id="2")
    fields = "".join(f'<input name="{name}" value="{html.escape(value)}">' for name, value in answer.items())
    form = f'<form method="post" action="{acs}">{fields}</form>'
    route.fulfill(content_type="text/html", body=f"<!doctype html>{form}<script>document.forms[0].submit()</script>")


def test_people_come_in_by_openid_connect_and_then_by_saml(watched_page: Page, trusting: Cloud, own_desk: Desk) -> None:
    page = watched_page
    slug = own_desk.realm("owner@corp.example")
    settings = f"{trusting.console}/r/{slug}/sign-on/"
    sign_in(page, trusting, "owner@corp.example")
    page.goto(settings)
    metadata = page.get_by_label("Metadata of the identity provider")
    expect(page.get_by_label("Issuer")).to_be_visible()
    expect(metadata).to_be_hidden()
    with open_id_provider() as provider:
        page.get_by_label("Issuer").fill(provider.issuer)
        page.get_by_label("Client ID").fill(CLIENT_ID)
        page.get_by_label("Client secret").fill(SECRET)
        page.get_by_label("E-mail domains").fill("corp.example")
        page.get_by_label("People may sign in by it").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("main")).to_contain_text("Proven")
        assert complaints(page) == []

        by_address(page, trusting, "ada@corp.example")
        expect(page.get_by_role("main")).to_contain_text("registers ada@corp.example for a course")

    sign_in(page, trusting, "owner@corp.example")
    page.goto(settings)
    page.get_by_label("SAML 2.0").check()
    expect(page.get_by_label("Issuer")).to_be_hidden()
    saml = SamlProvider()
    metadata.fill(saml.metadata())
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Certificates of the provider")).to_be_visible()
    assert complaints(page) == []

    page.route(f"{saml.sign_in_url}**", lambda route: posting_back(saml, "bob@corp.example", route))
    by_address(page, trusting, "bob@corp.example")
    expect(page.get_by_role("main")).to_contain_text("registers bob@corp.example for a course")
