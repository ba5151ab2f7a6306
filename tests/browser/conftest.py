"""What holds for all tests in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

# Five seconds are enough for a page on an idle machine, and not for one with a dozen processes beside it
expect.set_options(timeout=20_000)


@pytest.fixture
def watched_page(browser: Browser) -> Iterator[Page]:
    """A page on which anything the browser complains of, a refused inline script or style too, fails the test."""
    context = browser.new_context(color_scheme="light", reduced_motion="reduce")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []
