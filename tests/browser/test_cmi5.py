"""cmi5 courses in a real browser against the running product: a package of our own, and those of others."""

import shutil
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from standards.cmi5.vocabulary import VERB_NAMES
from tests.standards.cmi5.build import course_zip

from .desk import Desk
from .player import PATIENCE, Learner

pytestmark = pytest.mark.browser
BASE = "https://tests.example/courses/harbour"
PILOT, ROPES, MAP = f"{BASE}/pilot", f"{BASE}/ropes", f"{BASE}/map"
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
PAGES = [
    "Introduction to Geology", "Geologic Materials", "Whole-Earth Structure", "Geological Time", "Dating Methods",
    "Geological Development of an Area", "Applied Geology", "How many major types of rock are there?",
]  # fmt: skip
_numbers = count(1)


@pytest.fixture(scope="module")
def realm(desk: Desk) -> str:
    return desk.realm("cmi5@example.com")


@pytest.fixture(scope="module")
def harbour(desk: Desk, realm: str, tmp_path_factory: pytest.TempPathFactory) -> int:
    path = tmp_path_factory.mktemp("cmi5") / "harbour.zip"
    path.write_bytes(course_zip())
    return desk.course(realm, path)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    opened.set_default_timeout(20_000)
    yield opened
    opened.close()


def somebody(desk: Desk, course: int, context: BrowserContext) -> Learner:
    return Learner(desk, course, f"mariner {next(_numbers)}", context)


def press(au: FrameLocator | Page, button: str, status: str) -> None:
    au.locator(f"#{button}").click()
    expect(au.locator("#status")).to_have_text(status)


def test_an_au_plays_in_the_player_and_its_result_is_kept(desk: Desk, harbour: int, context: BrowserContext) -> None:
    learner = somebody(desk, harbour, context)
    player = learner.launch()
    player.await_activity(PILOT)
    expect(player.content.locator("#status")).to_have_text("initialized")
    found = [player.content.locator(f"#{name}").inner_text() for name in ("mode", "mastery", "parameters", "page")]

    press(player.content, "complete", "completed")
    press(player.content, "pass", "passed")
    player.content.locator("#exit").click()

    player.await_activity(ROPES)  # the next one, by itself: its moveOn is met
    stored = learner.stored_when(lambda found: found["activities"].get(PILOT) == ["completed", "passed"])
    assert found == ["Normal", "0.75", "tide=high,wind=calm", "pilot"]
    assert stored["score"] == 0.8


def test_an_au_of_its_own_window_opens_in_one_and_leads_back(desk: Desk, harbour: int, context: BrowserContext) -> None:
    learner = somebody(desk, harbour, context)
    player = learner.launch()
    player.await_activity(PILOT)
    with context.expect_page() as opened:
        player.choose(ROPES)
    au = opened.value
    expect(au.locator("#status")).to_have_text("initialized")

    press(au, "complete", "completed")
    au.locator("#exit").click()

    player.await_activity(MAP)
    stored = learner.stored_when(lambda found: found["activities"].get(ROPES) == ["completed", "unknown"])
    assert stored["completion"] == "incomplete"


def test_an_au_as_the_page_itself_browses_without_results(desk: Desk, harbour: int, context: BrowserContext) -> None:
    learner = somebody(desk, harbour, context)
    page = context.new_page()
    page.goto(desk.direct(harbour, learner.name, PILOT, "Browse"))

    expect(page.locator("#status")).to_have_text("initialized")
    expect(page.locator("#mode")).to_have_text("Browse")
    press(page, "complete", "completed refused: cmi5 10.2.2.0-2")
    page.locator("#exit").click()

    expect(page.locator("h1")).to_have_text("You have left this activity")
    assert learner.stored()["activities"][PILOT] == ["incomplete", "unknown"]


# --- other people's courses -------------------------------------------------------------------------------------------


def copy_of(slug: str, folder: Path) -> Path:
    """A copy of a real package: an import takes its file away."""
    path = CORPUS / f"{slug}.zip"
    if not path.exists():
        pytest.skip("the corpus is not here")
    return Path(shutil.copy(path, folder))


def name_of(verb: str) -> str:
    """The name of a verb of cmi5; other profiles have verbs of the same last word."""
    return VERB_NAMES.get(verb, verb)


def said_when(learner: Learner, holds: Callable[[list[str]], bool]) -> list[str]:
    """The verbs stated, once that holds."""
    until = time.monotonic() + PATIENCE
    while not holds(verbs := [name_of(verb) for verb, _ in learner.desk.said(learner.course, learner.name)]):
        assert time.monotonic() < until, verbs
        time.sleep(0.2)
    return verbs


def next_page(au: FrameLocator, title: str) -> None:
    au.locator("#next").click()
    expect(au.locator("#content")).to_contain_text(title)


def pass_the_quiz(au: FrameLocator) -> None:
    au.get_by_role("button", name="Select correct answers").click()
    au.get_by_role("button", name="Submit Answers").click()
    expect(au.locator("#score-passed")).to_be_visible()


def test_a_course_of_one_au_plays_to_its_end(desk: Desk, realm: str, context: BrowserContext, tmp_path: Path) -> None:
    course = desk.course(realm, copy_of("catapult-single-au-basic-framed", tmp_path))
    learner = somebody(desk, course, context)
    player = learner.launch()
    expect(player.content.locator("#content")).to_contain_text(PAGES[0])
    said_when(learner, lambda verbs: "http://adlnet.gov/expapi/verbs/experienced" in verbs)
    for title in PAGES[1:]:
        next_page(player.content, title)

    pass_the_quiz(player.content)
    player.content.locator("#score-panel .exit-button").click()

    player.await_session("ended")
    verbs = said_when(learner, lambda verbs: "satisfied" in verbs)
    stored = learner.stored()
    assert verbs[:2] == ["launched", "initialized"]
    assert {"passed", "completed", "terminated"} <= set(verbs)
    assert [stored[name] for name in ("completion", "success", "score")] == ["completed", "passed", 1.0]


def test_a_course_of_several_aus_plays_until_it_is_satisfied(
    desk: Desk, realm: str, context: BrowserContext, tmp_path: Path
) -> None:
    course = desk.course(realm, copy_of("catapult-multi-au-framed", tmp_path))
    learner = somebody(desk, course, context)
    player = learner.launch()

    for number, title in enumerate(PAGES[:-1], start=1):
        expect(player.content.locator("#content")).to_contain_text(title)
        said_when(learner, lambda verbs, wanted=number: verbs.count("completed") == wanted)
        assert learner.stored()["completion"] == "incomplete"
        player.request("continue")
    pass_the_quiz(player.content)
    player.content.locator("#score-panel .exit-button").click()

    player.await_session("ended")
    verbs = said_when(learner, lambda verbs: "satisfied" in verbs)
    stored = learner.stored()
    assert [verbs.count(verb) for verb in ("launched", "completed", "satisfied")] == [8, 8, 1]
    assert [stored[name] for name in ("completion", "success")] == ["completed", "passed"]
