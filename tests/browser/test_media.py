"""Media in a real browser against the running product: pages read and minutes played become the result.

What lies elsewhere on the web is answered by the browser itself: no test leaves the machine.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, Route, expect

from tests import media
from tests.services import PASSWORD, Cloud

from .accessible import complaints
from .desk import Desk
from .player import Learner, Player

pytestmark = pytest.mark.browser
OWNER = "media@example.com"
FILES = {"handbook.pdf": media.pdf(4), "talk.mp3": media.mp3(3), "film.mp4": media.mp4(3)}
ELSEWHERE = "https://elsewhere.example"
VIDEO = "https://youtu.be/abcdefghijk"
EMBEDDED = "https://www.youtube-nocookie.com"
CORS = {"Access-Control-Allow-Origin": "*"}
NOBODY = {"Access-Control-Allow-Origin": "https://nobody.example"}
KINDS = {"pdf": "application/pdf", "mp3": "audio/mpeg", "mp4": "video/mp4"}
# Speaks as the player of YouTube does to the page around it: nothing until it is listened to, then what changes.
# "Half" plays to the middle and pauses there.
YOUTUBE_PLAYER = """<!doctype html><title>Video</title><button id="half">Half</button><button id="play">Play</button>
<script>
  let state = -1, at = Number(new URLSearchParams(location.search).get("start") || 0), timer = null;
  const LENGTH = 4;
  document.title = `from ${at}`;
  const tell = () => parent.postMessage(JSON.stringify({ event: "infoDelivery",
    info: { duration: LENGTH, currentTime: at, playerState: state, playbackRate: 1 } }), "*");
  addEventListener("message", ({ data }) => JSON.parse(data).event === "listening" && tell());
  function change(next) { state = next; clearInterval(timer); tell(); }
  function play(end) {
    change(1);
    timer = setInterval(() => { at += 0.25; tell(); if (at >= end) change(end === LENGTH ? 0 : 2); }, 250);
  }
  document.getElementById("half").onclick = () => play(LENGTH / 2);
  document.getElementById("play").onclick = () => play(LENGTH);
</script>"""
_numbers = count(1)


@dataclass
class Shelf:
    """The media as courses of one realm."""

    desk: Desk
    realm: str
    courses: dict[str, int]

    def learner(self, name: str, context: BrowserContext, **settings: str) -> Learner:
        """Somebody new on the course."""
        learner = Learner(self.desk, self.courses[name], f"learner {next(_numbers)}", context)
        if settings:
            learner.configure(**settings)
        return learner


@pytest.fixture(scope="module")
def shelf(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder: Path = tmp_path_factory.mktemp("media")
    realm = desk.realm(OWNER)
    courses = {}
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
        courses[name] = desk.course(realm, folder / name)
    for name in FILES:
        courses[f"{ELSEWHERE}/{name}"] = desk.reference(realm, f"{ELSEWHERE}/{name}")
    courses[VIDEO] = desk.reference(realm, VIDEO, "A talk on video")
    courses[f"{ELSEWHERE}/page"] = desk.reference(realm, f"{ELSEWHERE}/page", "A page")
    return Shelf(desk, realm, courses)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own; a script error on any of its pages fails the test."""
    opened = browser.new_context(viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(15_000)
    errors: list[str] = []
    opened.on("weberror", lambda error: errors.append(str(error.error)))
    opened.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    opened.route(f"{ELSEWHERE}/**", _elsewhere)
    opened.route(f"{EMBEDDED}/**", lambda route: route.fulfill(body=YOUTUBE_PLAYER, content_type="text/html"))
    yield opened
    opened.close()
    assert errors == []


def _elsewhere(route: Route) -> None:
    name = urlsplit(route.request.url).path[1:]
    if name in FILES:
        _send(route, FILES[name], KINDS[name.rpartition(".")[2]])
    else:
        route.fulfill(body="<!doctype html><title>A page</title><h1>It is elsewhere</h1>", content_type="text/html")


def _send(route: Route, data: bytes, kind: str) -> None:
    """The file, or the range of it that is asked for: without ranges no browser leads a recording anywhere."""
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", route.request.headers.get("range", ""))
    if asked is None:
        route.fulfill(body=data, headers={**CORS, "Content-Type": kind, "Accept-Ranges": "bytes"})
        return
    start, end = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
    place = f"bytes {start}-{end}/{len(data)}"
    headers = {**CORS, "Content-Type": kind, "Accept-Ranges": "bytes", "Content-Range": place}
    route.fulfill(status=206, body=data[start : end + 1], headers=headers)


# --- what a learner does ----------------------------------------------------------------------------------------------


def share(content: FrameLocator) -> Locator:
    return content.locator("#share-words")


def read(content: FrameLocator, *pages: int) -> None:
    """Go to each of the pages and stay until it counts."""
    for number in pages:
        content.get_by_label("Page, of 4").fill(str(number))
        content.get_by_label("Page, of 4").press("Enter")
        expect(content.locator(".text")).to_contain_text(f"This is page {number}")
        content.locator(f'.sheet[data-read="{number}"]').wait_for()


def play(content: FrameLocator, start: float, end: float) -> None:
    """Let the recording play from there to there, or to its end."""
    player = content.locator("video, audio")
    expect(player).to_have_js_property("readyState", 4)
    player.evaluate(
        """async (player, [start, end]) => {
            player.muted = true;
            if (start) player.currentTime = start;
            await player.play();
            await new Promise((done, failed) => {
                const look = () => (player.ended || player.currentTime >= end ? done() : setTimeout(look, 20));
                setTimeout(() => failed(new Error(`it stands at ${player.currentTime}`)), 20_000);
                look();
            });
            player.pause();
        }""",
        [start, end],
    )


def saved(content: FrameLocator) -> None:
    expect(content.locator("body")).to_have_attribute("data-saved", "yes")


def half(content: FrameLocator, name: str) -> None:
    """See at least half of it, not its end."""
    if name.endswith("pdf"):
        read(content, 1, 2)
    else:
        play(content, 0, 1.7)


def to_the_end(content: FrameLocator, name: str) -> None:
    """See its end, and little before it."""
    if name.endswith("pdf"):
        read(content, 4)
    else:
        play(content, 2.7, 99)


def nothing_more(content: FrameLocator, name: str) -> None:
    """It was opened."""


COMPLETING: dict[str, Callable[[FrameLocator, str], None]] = {
    "OPENED": nothing_more, "SEEN": half, "END": to_the_end,
}  # fmt: skip
NOT_ENOUGH: dict[str, Callable[[FrameLocator, str], None]] = {"SEEN": to_the_end, "END": half}
CASES = [
    *((name, rule) for name in FILES for rule in ("SEEN", "END")),
    *((f"{ELSEWHERE}/{name}", "SEEN") for name in FILES),
    ("film.mp4", "OPENED"),
]


@pytest.mark.parametrize(("name", "rule"), CASES)
def test_a_file_is_completed_as_the_setting_says(shelf: Shelf, context: BrowserContext, name: str, rule: str) -> None:
    learner = shelf.learner(name, context, MediaCompletion=rule, MediaCompletionPercent="50")
    content = learner.launch().content
    if rule in NOT_ENOUGH:
        NOT_ENOUGH[rule](content, name)
        saved(content)
        assert learner.stored()["completion"] == "incomplete"
        expect(share(content)).to_contain_text("% seen")

    COMPLETING[rule](content, name)

    expect(share(content)).to_have_text("Completed")
    assert learner.stored_when(lambda found: found["completion"] == "completed")["success"] == "unknown"


@pytest.mark.parametrize("name", ["talk.mp3", f"{ELSEWHERE}/film.mp4"])
def test_a_recording_goes_on_where_it_was_left(shelf: Shelf, context: BrowserContext, name: str) -> None:
    learner = shelf.learner(name, context)
    player = learner.launch()
    play(player.content, 0, 1.5)
    left = player.content.locator("video, audio").evaluate("(player) => player.currentTime")
    player.request("suspendAll")
    player.await_session("ended")

    content = learner.launch(player.page).content

    recording = content.locator("video, audio")
    expect(recording).to_have_js_property("readyState", 4)
    assert recording.evaluate("(player) => player.currentTime") == pytest.approx(left, abs=0.2)
    expect(share(content)).not_to_have_text("0 % seen")
    play(content, 0, 99)  # the rest of it, without leading it anywhere
    expect(share(content)).to_have_text("Completed")
    assert learner.stored_when(lambda found: found["completion"] == "completed")["launches"] == ["suspended", ""]


def test_a_document_is_opened_where_it_was_left(shelf: Shelf, context: BrowserContext) -> None:
    learner = shelf.learner("handbook.pdf", context)
    player = learner.launch()
    content = player.content
    read(content, 1)
    content.get_by_label("Next page").click()
    expect(share(content)).to_have_text("50 % seen")
    saved(content)
    assert learner.stored()["completion"] == "incomplete"
    player.request("suspendAll")
    player.await_session("ended")

    content = learner.launch(player.page).content

    expect(content.locator(".text")).to_contain_text("This is page 2")
    content.locator(".sheet").press("ArrowRight")
    expect(content.locator(".text")).to_contain_text("This is page 3")
    expect(share(content)).to_have_text("75 % seen")
    content.locator(".sheet").press("End")
    expect(share(content)).to_have_text("Completed")
    assert learner.stored_when(lambda found: found["completion"] == "completed")


@pytest.mark.parametrize("rule", COMPLETING)
def test_a_video_of_youtube_tells_what_was_seen_of_it(shelf: Shelf, context: BrowserContext, rule: str) -> None:
    learner = shelf.learner(VIDEO, context, MediaCompletion=rule, MediaCompletionPercent="40")
    player = learner.launch()
    content = player.content
    video = content.frame_locator("iframe")
    if rule == "SEEN":
        video.locator("#half").click()
    elif rule == "END":
        video.locator("#half").click()
        expect(share(content)).to_have_text("50 % seen")
        assert learner.stored()["completion"] == "incomplete"
        player.request("suspendAll")
        player.await_session("ended")
        content = learner.launch(player.page).content
        video = content.frame_locator("iframe")
        assert video.locator(":root").evaluate("() => document.title") == "from 2"
        video.locator("#play").click()

    expect(share(content)).to_have_text("Completed")
    assert learner.stored_when(lambda found: found["completion"] == "completed")


def test_of_a_video_that_tells_nothing_the_learner_does(shelf: Shelf, context: BrowserContext) -> None:
    context.route(f"{EMBEDDED}/**", lambda route: route.fulfill(body="Not available here", content_type="text/html"))
    context.clock.install()
    learner = shelf.learner(VIDEO, context)
    content = learner.launch().content
    expect(content.frame_locator("iframe").locator("body")).to_have_text("Not available here")
    expect(content.get_by_role("button", name="I have finished")).to_have_count(0)

    context.clock.run_for(16_000)
    content.get_by_role("button", name="I have finished").click()

    expect(share(content)).to_have_text("Completed")
    context.clock.run_for(2_000)
    assert learner.stored_when(lambda found: found["completion"] == "completed")


@pytest.mark.parametrize("rule", ["OPENED", "END"])
def test_a_page_on_the_web_is_completed_when_the_learner_says_so(
    shelf: Shelf, context: BrowserContext, rule: str
) -> None:
    learner = shelf.learner(f"{ELSEWHERE}/page", context, MediaCompletion=rule)
    content = learner.launch().content
    expect(content.frame_locator("iframe").locator("h1")).to_have_text("It is elsewhere")
    link = content.get_by_role("link", name="Open in a new window")
    assert link.get_attribute("href") == f"{ELSEWHERE}/page"

    button = content.get_by_role("button", name="I have finished")
    if rule == "OPENED":
        expect(button).to_have_count(0)
    else:
        expect(share(content)).to_have_text("Opened")
        button.click()
        expect(button).to_be_disabled()

    expect(share(content)).to_have_text("Completed")
    assert learner.stored_when(lambda found: found["completion"] == "completed")


def test_a_document_whose_site_lets_no_script_read_it_is_shown_by_the_browser(
    shelf: Shelf, context: BrowserContext
) -> None:
    context.route(
        f"{ELSEWHERE}/handbook.pdf",
        lambda route: (
            route.fulfill(body="The browser shows it", content_type="text/html")
            if route.request.is_navigation_request()
            else route.fulfill(body=FILES["handbook.pdf"], content_type="application/pdf", headers=NOBODY)
        ),
    )
    learner = shelf.learner(f"{ELSEWHERE}/handbook.pdf", context)

    content = learner.launch().content

    expect(content.frame_locator("iframe").locator("body")).to_have_text("The browser shows it")
    content.get_by_role("button", name="I have finished").click()
    assert learner.stored_when(lambda found: found["completion"] == "completed")


def test_a_file_that_is_gone_says_so(shelf: Shelf, context: BrowserContext) -> None:
    context.route(f"{ELSEWHERE}/film.mp4", lambda route: route.fulfill(status=404, body="gone"))

    content = shelf.learner(f"{ELSEWHERE}/film.mp4", context).launch().content

    expect(content.get_by_role("alert")).to_contain_text("cannot be played here")


# --- nothing is lost --------------------------------------------------------------------------------------------------


def verbs(learner: Learner) -> list[str]:
    return [verb.rpartition("/")[2] for verb, _ in learner.desk.said(learner.course, learner.name)]


def test_what_was_seen_without_a_line_is_sent_at_the_next_start(shelf: Shelf, context: BrowserContext) -> None:
    learner = shelf.learner("handbook.pdf", context)
    player = learner.launch()
    expect(player.content.locator(".text")).to_contain_text("This is page 1")
    read(player.content, 1, 2, 3)
    saved(player.content)

    context.set_offline(True)
    read(player.content, 4)
    expect(share(player.content)).to_have_text("Completed")
    expect(player.content.locator("#sign")).to_contain_text("No connection")
    player.close_window()
    context.set_offline(False)

    content = learner.launch().content

    expect(content.locator(".text")).to_contain_text("This is page 4")
    expect(share(content)).to_have_text("Completed")
    assert learner.stored()["completion"] == "completed"
    said = verbs(learner)  # in whatever order: a closing window may still send some of them by itself
    assert [said.count(verb) for verb in ("completed", "terminated", "initialized")] == [1, 1, 2]
    kept = content.locator("body").evaluate("() => Object.keys(localStorage)")
    assert [name for name in kept if "statements" in name] == []


@pytest.mark.parametrize("way", ["close", "exit"])
def test_leaving_sends_the_place_and_the_end(shelf: Shelf, context: BrowserContext, way: str) -> None:
    learner = shelf.learner("film.mp4", context)
    player = learner.launch()
    play(player.content, 0, 0.8)

    if way == "close":
        player.close_window()
    else:
        player.request("exitAll")
        player.await_session("ended")

    stored = learner.stored_when(lambda found: found["launches"] != [""] and "terminated" in verbs(learner))
    assert (stored["completion"], stored["seconds"] > 0.5) == ("incomplete", True)
    recording = learner.launch().content.locator("video")
    expect(recording).to_have_js_property("readyState", 4)
    assert recording.evaluate("(player) => player.currentTime") > 0.6


def test_without_a_line_at_the_start_nothing_that_was_seen_is_written_over(
    shelf: Shelf, context: BrowserContext
) -> None:
    learner = shelf.learner("film.mp4", context)
    player = learner.launch()
    play(player.content, 0, 1.5)
    player.request("suspendAll")
    player.await_session("ended")
    refused = "**/tincan/activities/state*"
    context.route(refused, lambda route: route.abort())

    content = learner.launch(player.page).content

    expect(content.locator("#sign")).to_contain_text("No connection")
    expect(content.locator("video")).to_have_count(0)
    context.unroute(refused)
    expect(content.locator("video")).to_have_js_property("readyState", 4)
    assert content.locator("video").evaluate("(player) => player.currentTime") > 1.2


# --- how it looks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FILES, VIDEO, f"{ELSEWHERE}/page"])
def test_the_page_of_a_medium_is_accessible_and_fits_a_phone(shelf: Shelf, context: BrowserContext, name: str) -> None:
    learner = shelf.learner(name, context)
    page = context.new_page()
    page.goto(shelf.desk.direct(learner.course, learner.name))
    expect(page.locator("#wait")).to_have_count(0)
    if name.endswith("pdf"):
        expect(page.locator(".text")).to_contain_text("This is page 1")

    assert complaints(page) == []


@pytest.fixture
def console(cloud: Cloud, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(f"{cloud.console}/accounts/login/")
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, Olga")).to_be_visible()
    return page


def test_a_reference_is_added_played_and_its_result_is_on_the_registration_page(
    shelf: Shelf, console: Page, cloud: Cloud
) -> None:
    console.goto(f"{cloud.console}/r/{shelf.realm}/add/")
    console.get_by_label("Address", exact=True).fill(f"{ELSEWHERE}/talk.mp3?new")
    console.get_by_label("Title", exact=True).fill("A talk to hear")
    console.get_by_role("button", name="Add", exact=True).click()
    expect(console.get_by_role("heading", level=1)).to_have_text("A talk to hear")
    assert complaints(console) == []

    console.locator("#launch").click()
    player = Player(console)
    play(player.content, 0, 99)
    expect(share(player.content)).to_have_text("Completed")
    player.request("exitAll")
    console.wait_for_url("**/courses/*/")
    console.locator("#sandbox").get_by_role("link").first.click()

    expect(console.locator("main")).to_contain_text("Completed")
    assert complaints(console) == []
