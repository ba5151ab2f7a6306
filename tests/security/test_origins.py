"""No page and no cookie of the console on any spelling of the content origin."""

import pytest
from django.conf import settings

from config import environment

CONTENT = settings.CONTENT_ORIGIN.partition("://")[2]
NAME = CONTENT.partition(":")[0]
HOSTS = [CONTENT, NAME, f"{NAME}:1", f"{NAME}:443", f"{NAME}.", f"{NAME}.:1"]


@pytest.mark.django_db
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/accounts/login/", "/", "/static/../accounts/login/", "/static/nothing.css"])
def test_no_page_of_the_console_on_the_content_origin(client, host, path):
    answer = client.get(path, headers={"host": host, "x-forwarded-host": "localhost:8000"})

    assert (answer.status_code, dict(answer.cookies)) == (404, {})
    assert "Content-Security-Policy" not in answer.headers  # an answer of the player's, not of the console's
    assert "csrf" not in answer.text.lower()


@pytest.mark.django_db
@pytest.mark.parametrize("host", [CONTENT, settings.CONSOLE_ORIGIN.partition("://")[2]])
@pytest.mark.parametrize("path", ["/r/a%00b/library/", "/play/a%00b/", "/files/x/a%00.html"])
def test_an_address_with_nul_is_refused(client, host, path):
    assert client.get(path, headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "value",
    ["https://example.org@evil.example", "https://example.org?x", "https://a b", "https://", "https://example.org."],
)
def test_an_origin_is_scheme_host_and_port(monkeypatch, value):
    monkeypatch.setenv("CONTENT_ORIGIN", value)

    with pytest.raises(environment.ImproperlyConfigured, match="CONTENT_ORIGIN must be an origin"):
        environment.origin("CONTENT_ORIGIN", "")
