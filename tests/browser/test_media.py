"""Media in a real browser against the running product: pages read and minutes played become the result."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests import media

from .desk import Desk
from .player import Learner

pytestmark = pytest.mark.browser
FILES = {"handbook.pdf": media.pdf(3), "talk.mp3": media.mp3(3)}


@pytest.fixture(scope="module")
def courses(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    folder: Path = tmp_path_factory.mktemp("media")
    realm = desk.realm("media@example.com")
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return {name: desk.course(realm, folder / name) for name in FILES}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own; a script error on any of its pages fails the test."""
    opened = browser.new_context()
    opened.set_default_timeout(15_000)
    errors: list[str] = []
    opened.on("weberror", lambda error: errors.append(str(error.error)))
    opened.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    opened.close()
    assert errors == []


def test_a_document_is_read_to_its_end_and_opened_where_it_was_left(
    desk: Desk, courses: dict[str, int], context: BrowserContext
) -> None:
    learner = Learner(desk, courses["handbook.pdf"], "reads", context)
    player = learner.launch()
    content = player.content
    expect(content.locator(".text")).to_contain_text("This is page 1")
    expect(content.locator("#share-words")).to_have_text("33 % seen")
    content.get_by_label("Next page").click()
    expect(content.locator("#share-words")).to_have_text("66 % seen")
    expect(content.locator("body")).to_have_attribute("data-saved", "yes")
    assert learner.stored()["completion"] == "incomplete"
    player.request("suspendAll")
    player.await_session("ended")

    player = learner.launch()
    content = player.content
    expect(content.locator(".text")).to_contain_text("This is page 2")
    content.locator(".sheet").press("ArrowRight")
    expect(content.locator(".text")).to_contain_text("This is page 3")
    expect(content.locator("#share-words")).to_have_text("Completed")
    expect(content.locator("body")).to_have_attribute("data-saved", "yes")

    assert learner.stored()["completion"] == "completed"


def test_a_recording_is_completed_by_what_was_played(
    desk: Desk, courses: dict[str, int], context: BrowserContext
) -> None:
    learner = Learner(desk, courses["talk.mp3"], "listens", context)
    content = learner.launch().content
    audio = content.locator("audio")
    expect(audio).to_have_js_property("readyState", 4)

    audio.evaluate(
        "player => { player.muted = true; player.currentTime = player.duration - 0.2; return player.play(); }"
    )
    expect(audio).to_have_js_property("ended", True)
    expect(content.locator("body")).to_have_attribute("data-saved", "yes")
    assert learner.stored()["completion"] == "incomplete"  # led to its end, not listened to
    audio.evaluate("player => { player.currentTime = 0; return player.play(); }")
    expect(content.locator("#share-words")).to_have_text("Completed")
    expect(content.locator("body")).to_have_attribute("data-saved", "yes")

    assert learner.stored()["completion"] == "completed"
