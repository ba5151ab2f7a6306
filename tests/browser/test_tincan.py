"""Tin Can packages in a real browser against the running product: what their pages report by fetch is the result."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.services import ROOT
from tests.standards.xapi.packages import package_zip

from .desk import Desk
from .player import Learner, Player

pytestmark = pytest.mark.browser
CORPUS = ROOT.parent / "shared" / "corpus"
ONLY = "https://example.com/tincan/single"
SEVERAL = "https://example.com/tincan/several"


@pytest.fixture(scope="module")
def courses(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    folder = tmp_path_factory.mktemp("tincan")
    realm = desk.realm("tincan@example.com")
    archives = {name: package_zip(name) for name in ("single", "several")}
    if (golf := CORPUS / "tincan-golf.zip").exists():
        archives["golf"] = golf.read_bytes()
    return {name: _course(desk, realm, folder / f"{name}.zip", data) for name, data in archives.items()}


def _course(desk: Desk, realm: str, path: Path, data: bytes) -> int:
    path.write_bytes(data)
    return desk.course(realm, path)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own; a script error on any of its pages fails the test."""
    opened = browser.new_context()
    opened.set_default_timeout(15_000)
    errors: list[str] = []
    opened.on("weberror", lambda error: errors.append(str(error.error)))
    yield opened
    opened.close()
    assert errors == []


def say(player: Player, button: str, answer: str) -> None:
    player.press(button)
    expect(player.content.locator("#last")).to_have_text(answer)


def test_what_the_page_reports_is_the_result(desk: Desk, courses: dict[str, int], context: BrowserContext) -> None:
    learner = Learner(desk, courses["single"], "passes", context)
    player = learner.launch()
    expect(player.content.locator("#activity")).to_have_text(ONLY)
    expect(player.content.locator("#place")).to_have_text("none")

    say(player, "attempt", "attempted 200")
    say(player, "bookmark", "place 204")
    say(player, "fail", "failed 200")
    assert learner.stored()["success"] == "failed"
    say(player, "pass", "passed 200")

    stored = learner.stored()
    assert (stored["completion"], stored["success"], stored["score"]) == ("completed", "passed", 0.8)
    assert stored["activities"][ONLY] == ["completed", "passed"]
    assert [entry["method"] for entry in stored["log"]].count("POST statements") == 3
    player.request("exitAll")
    player.await_session("ended")
    assert "Passed" in player.page.locator("#panel").inner_text()
    assert learner.stored()["launches"] == ["exited"]


def test_a_later_launch_finds_its_place_and_keeps_its_result(
    desk: Desk, courses: dict[str, int], context: BrowserContext
) -> None:
    learner = Learner(desk, courses["single"], "comes back", context)
    player = learner.launch()
    say(player, "bookmark", "place 204")
    say(player, "complete", "completed 200")
    player.close_window()

    again = learner.launch()

    expect(again.content.locator("#place")).to_have_text("page 3")
    say(again, "attempt", "attempted 200")
    assert learner.stored()["completion"] == "completed"


def test_the_menu_leads_through_several_activities_and_learns_what_they_came_to(
    desk: Desk, courses: dict[str, int], context: BrowserContext
) -> None:
    learner = Learner(desk, courses["several"], "goes on", context)
    player = learner.launch()
    player.await_activity(f"{SEVERAL}/1")
    expect(player.content.locator("h1")).to_have_text("First lesson")
    say(player, "complete", "completed 200")
    assert learner.stored()["completion"] == "incomplete"
    expect(player.page.locator(f'[data-activity="{SEVERAL}/1"]')).to_contain_text("Completed")

    player.choose(f"{SEVERAL}/2")
    player.await_activity(f"{SEVERAL}/2")
    expect(player.content.locator("#activity")).to_have_text(f"{SEVERAL}/2")
    say(player, "pass", "passed 200")

    stored = learner.stored()
    assert (stored["completion"], stored["activities"][SEVERAL]) == ("completed", ["completed", "unknown"])


@pytest.mark.skipif(not (CORPUS / "tincan-golf.zip").exists(), reason="the packages of other people are not here")
def test_a_real_package_reports(desk: Desk, courses: dict[str, int], browser: Browser) -> None:
    context = browser.new_context()  # its scripts for counting visitors are not reached: no error of ours
    learner = Learner(desk, courses["golf"], "golfer", context)
    learner.launch()

    stored = learner.stored_when(lambda found: "POST statements" in {entry["method"] for entry in found["log"]})

    assert {entry["code"] for entry in stored["log"]} <= {0, 404}  # documents that are not there yet
    assert stored["completion"] == "incomplete"
    context.close()
