"""The main job in a real browser on the real processes: sign up, upload packages, test them, see what they reported.

`WRITE_PICTURES=1` also takes the pictures in docs/ (with `pngquant`, where it is installed, they become small).
"""

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.packages import package_zip
from tests.services import PASSWORD, ROOT, Cloud

from .accessible import complaints
from .player import Player

pytestmark = [pytest.mark.browser, pytest.mark.services]

CORPUS = ROOT.parent / "shared" / "corpus"
OWN = {
    "scorm12_single": "Capitals in one page",
    "scorm12_two_scos": "Rivers and mountains",
    "scorm2004_multi": "Rivers, mountains, test",
}
REAL = {
    "moodle-singlescobasic": "Golf Explained - Run-time Basic Calls",
    "moodle-runtimeminimumcalls-mini": "Golf Explained - Minimum Run-time Calls",
    "golf-s2004e3-posttestrollup": "Golf Explained - Sequencing Post Test Rollup",
}
IMPORTED = 60_000  # milliseconds for all of them
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the packages of other people are not here")


@dataclass
class Console:
    """A person signed in, in a realm with the packages uploaded."""

    context: BrowserContext
    realm: str  # address of its dashboard

    def page(self, path: str = "") -> Page:
        page = self.context.new_page()
        page.goto(self.realm + path)
        return page

    def course(self, title: str) -> Page:
        """The course's page, by the library as people go."""
        page = self.page("library/")
        page.locator("#courses").get_by_role("link", name=title, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        return page


@pytest.fixture(scope="module")
def console(browser: Browser, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Signs up and uploads as people do; no page may break a script or the content security policy on the way."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    page = context.new_page()
    page.goto(f"{cloud.console}/accounts/signup/")
    page.get_by_label("First name").fill("Olga")
    page.get_by_label("Last name").fill("Owner")
    page.get_by_label(re.compile("^E-?mail")).fill("olga.owner@example.com")
    page.get_by_label(re.compile("^Password")).first.fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/r/\w+/$"))
    opened = Console(context, page.url)
    _upload(page, _packages(tmp_path_factory.mktemp("packages")))
    page.close()
    yield opened
    context.close()
    assert wrong == []


def _packages(folder: Path) -> list[Path]:
    for name in OWN:
        (folder / f"{name}.zip").write_bytes(package_zip(name))
    real = [CORPUS / f"{name}.zip" for name in REAL] if CORPUS.is_dir() else []
    return [*(folder / f"{name}.zip" for name in OWN), *real]


def _upload(page: Page, files: list[Path]) -> None:
    page.get_by_role("link", name="Add Content").first.click()
    page.wait_for_url("**/add/")
    page.locator("[data-pick]").set_input_files(files)
    expect(page.locator("#imports [data-state=complete]")).to_have_count(len(files), timeout=IMPORTED)


def launch(page: Page) -> Player:
    """Press the course page's button; come back when the player has started."""
    page.locator("#launch").click()
    page.locator('body:not([data-session="starting"])').wait_for(state="attached")
    return Player(page)


def back(player: Player) -> Page:
    """The player has ended the session and leads back to the course page by itself."""
    player.await_session("ended")
    player.page.wait_for_url(re.compile(r"/courses/\d+/$"))
    return player.page


def row(page: Page) -> str:
    """The sandbox's one registration: completion, success, score, time."""
    cells = page.locator("#sandbox tbody tr td[data-label]")
    return " ".join(" ".join(text.split()) for text in cells.all_inner_texts()[:4])


def tree(page: Page) -> dict[str, str]:
    """Activity -> completion, success, score and time on the page."""
    lines = page.locator("tr[data-activity]")
    return {
        lines.nth(number).get_attribute("data-activity") or "": " ".join(
            " ".join(text.split()) for text in lines.nth(number).locator("td").all_inner_texts()[-4:-1]
        )
        for number in range(lines.count())
    }


def picture(page: Page, name: str) -> None:
    """Take docs/<name>.png where pictures are asked for."""
    if not os.environ.get("WRITE_PICTURES"):
        return
    path = ROOT / "docs" / f"{name}.png"
    page.screenshot(path=path)
    if squeeze := shutil.which("pngquant"):
        subprocess.run([squeeze, "--force", "--ext", ".png", "--quality", "60-90", str(path)], check=True)
    assert path.stat().st_size < 200_000


def test_the_pages_of_a_course_are_accessible_and_fit_a_phone(console: Console) -> None:
    page = console.course(OWN["scorm2004_multi"])
    course = page.url
    player = launch(page)
    player.await_activity("I0")
    found = {"the player": complaints(player.page)}
    player.request("suspendAll")
    page = back(player)
    page.locator("#sandbox tbody th a").click()
    page.wait_for_url(re.compile(r"/registrations/\d+/$"))
    registration = page.url

    for address in (course, registration, f"{registration}log/", console.realm, f"{console.realm}library/"):
        page.goto(address)
        found[address] = complaints(page)
    page.goto(f"{console.realm}registrations/")
    found["registrations"] = complaints(page)

    assert {place: wrong for place, wrong in found.items() if wrong} == {}


# --- our own packages -------------------------------------------------------------------------------------------------


def test_the_uploaded_packages_are_in_the_library(console: Console) -> None:
    page = console.page("library/")

    for title in [*OWN.values(), *(REAL.values() if CORPUS.is_dir() else ())]:
        expect(page.locator("#courses").get_by_role("link", name=title, exact=True)).to_be_visible()


def test_a_scorm_12_course_is_tried_out_and_its_results_are_read(console: Console) -> None:
    page = console.course(OWN["scorm12_single"])
    course = page.url
    player = launch(page)
    assert page.url.startswith("http://127.0.0.1:"), "content never runs on the console's origin"
    for button in ("answer", "score80", "pass", "finish"):
        player.press(button)

    page = back(player)

    assert page.url == course
    expect(page.locator("#sandbox")).to_contain_text("Passed")
    assert re.fullmatch(r"Completed Passed 80 % \d+ s", row(page))
    assert tree(page)["I1"] == "Completed Passed 80 %"
    page.locator("#sandbox tbody th a").click()
    expect(page.locator("[aria-labelledby=interactions-title]")).to_contain_text("capital")
    elements = page.locator("[aria-labelledby=elements-title] tr").all_inner_texts()
    assert "cmi.core.lesson_status passed" in [" ".join(text.split()) for text in elements]
    expect(page.locator("[aria-labelledby=launches-title] tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Debug log").click()
    calls = [" ".join(text.split()) for text in page.locator(".log tbody tr").all_inner_texts()]
    assert "LMSInitialize" in calls[0]
    assert any("LMSSetValue cmi.core.score.raw 80 true" in call for call in calls)
    assert any("LMSFinish" in call for call in calls)


def test_the_debug_log_is_filtered_as_one_types(console: Console) -> None:
    page = console.course(OWN["scorm12_single"])
    if not page.locator("#sandbox tbody tr").count():
        player = launch(page)
        player.press("score80")
        player.request("suspendAll")
        page = back(player)
    page.get_by_role("link", name="Debug log").click()
    every = page.locator(".log tbody tr").count()

    page.get_by_label("Search", exact=True).fill("score.raw")
    page.wait_for_url(re.compile("q=score.raw"))

    found = page.locator(".log tbody tr").all_inner_texts()
    assert 0 < len(found) < every
    assert all("score.raw" in text for text in found)
    page.get_by_label("Call", exact=True).select_option("LMSGetErrorString")
    expect(page.locator("#log")).to_contain_text("No calls to show")


def test_a_course_of_several_activities_resumes_where_it_was_left(console: Console) -> None:
    page = console.course(OWN["scorm2004_multi"])
    player = launch(page)
    player.await_activity("I0")
    player.request("continue")
    player.await_activity("I1")
    for button in ("pass", "bookmark"):
        player.press(button)
    player.request("suspendAll")
    page = back(player)
    assert tree(page)["I1"].startswith("Completed Passed")

    expect(page.locator("#launch")).to_have_text(re.compile("Resume"))
    again = launch(page)

    again.await_activity("I1")
    expect(again.content.locator("#location")).to_have_text("page-2")
    again.choose("I3")
    again.await_activity("I3")
    for button in ("score80", "pass", "finish"):
        again.press(button)
    expect(again.page.locator('[data-activity="I3"]')).to_contain_text(re.compile("Passed"))
    again.request("exitAll")
    page = back(again)
    assert tree(page)["I3"] == "Completed Passed 80 %"


def test_a_preview_leaves_no_trace(console: Console) -> None:
    page = console.course(OWN["scorm12_two_scos"])
    page.get_by_role("button", name="Preview").click()
    page.locator('body:not([data-session="starting"])').wait_for(state="attached")
    player = Player(page)
    player.press("pass")
    player.request("exitAll")

    page = back(player)

    expect(page.locator("#sandbox")).to_contain_text("Not tested yet")


def test_restart_reset_and_delete(console: Console) -> None:
    page = console.course(OWN["scorm12_two_scos"])
    player = launch(page)
    player.press("bookmark")
    player.request("suspendAll")
    page = back(player)
    page.locator("#sandbox tbody th a").click()
    expect(page.locator("#progress")).to_contain_text("seen=1,2")

    _confirm(page, "Restart")
    expect(page.locator("#messages")).to_contain_text("What was done before is kept")
    expect(page.locator(".instances a")).to_have_text(["Instance 1 · version 0", "Instance 0 · version 0"])
    page.get_by_role("link", name="Instance 0").click()
    expect(page.locator("#progress")).to_contain_text("seen=1,2")
    _confirm(page, "Reset")
    expect(page.locator("#progress")).to_contain_text("Not launched yet")
    expect(page.locator(".instances")).to_have_count(0)
    _confirm(page, "Delete")
    page.wait_for_url(re.compile(r"/courses/\d+/$"))
    expect(page.locator("#sandbox")).to_contain_text("Not tested yet")


def _confirm(page: Page, verb: str) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name=f"{verb}…").click()
    page.get_by_role("dialog").get_by_role("button", name=verb, exact=True).click()


def _zip(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "."), text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"These are words and no archive.", "zip"), (_zip(index__html="<p>Hello</p>"), "imsmanifest.xml")],
    ids=["no zip", "no manifest"],
)
def test_a_bad_package_is_refused_in_a_sentence(
    console: Console, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "bad.zip"
    path.write_bytes(content)
    page = console.page("add/")

    page.locator("[data-pick]").set_input_files(path)

    failed = page.locator("#imports [data-state=failed]").first
    expect(failed.locator(".job-message")).to_contain_text(sentence)
    failed.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#imports [data-state=failed]")).to_have_count(0)
    expect(console.page("library/").locator("#courses")).not_to_contain_text("bad")


# --- packages of other people -----------------------------------------------------------------------------------------


def _read_to_the_end(content: FrameLocator) -> None:
    """Turn the pages of a golf lesson until the last."""
    onward = content.locator("#butNext")
    onward.wait_for()
    while onward.is_enabled():
        onward.click()


def _answer_correctly(quiz: FrameLocator) -> None:
    """Every right answer, which the page marks; the numbers stand beside their fields."""
    quiz.locator(".correctAnswer").first.wait_for()
    for answer in quiz.locator(".correctAnswer").all():
        field = answer.locator("input")
        if field.get_attribute("type") == "text":
            field.fill((answer.text_content() or "").strip(" ()"))
        else:
            field.check()
    quiz.get_by_role("button", name="Submit Answers").click()
    quiz.get_by_text("Score: 100").wait_for()


@needs_corpus
def test_a_real_scorm_2004_course_is_played_to_its_post_test(console: Console) -> None:
    page = console.course(REAL["golf-s2004e3-posttestrollup"])
    player = launch(page)
    for item in ("playing_item", "etuqiette_item", "handicapping_item", "havingfun_item"):
        player.await_activity(item)
        _read_to_the_end(player.content)
        if item == "handicapping_item":
            player.content.frame_locator("#contentFrame").locator("img").first.wait_for()
            picture(page, "player")
        player.request("continue")
    player.await_activity("assessment_item")
    _answer_correctly(player.content.frame_locator("#contentFrame"))
    player.request("exitAll")

    page = back(player)

    assert re.fullmatch(r"Completed Passed 100 % \d+ s", row(page))
    results = tree(page)
    assert results["assessment_item"] == "Completed Passed 100 %"
    lessons = [results[name] for name in ("playing_item", "etuqiette_item", "handicapping_item", "havingfun_item")]
    assert lessons == ["Completed Passed –"] * 4
    picture(page, "screenshot")
    page.get_by_role("link", name="Debug log").click()
    expect(page.locator(".log")).to_contain_text("cmi.score.scaled")
    picture(page, "debug-log")


@needs_corpus
def test_a_real_course_that_only_begins_and_ends_its_scos_is_completed_by_visiting_them(console: Console) -> None:
    page = console.course(REAL["moodle-runtimeminimumcalls-mini"])
    player = launch(page)
    onward = page.locator('[data-request="continue"]')
    visited = 1

    _await_content(page)
    while onward.is_visible() and onward.is_enabled():
        here = page.locator("body").get_attribute("data-current")
        onward.click()
        page.locator(f'body:not([data-current="{here}"]):not([data-busy])').wait_for(state="attached")
        _await_content(page)
        visited += 1
    player.request("exitAll")
    page = back(player)

    assert visited == 9
    assert row(page).startswith("Completed")
    assert all(result.startswith("Completed") for result in tree(page).values())


def _await_content(page: Page) -> None:
    page.wait_for_function(
        "() => { const at = document.querySelector('#content')?.contentDocument;"
        " return at && at.location.href !== 'about:blank' && at.readyState === 'complete'; }"
    )


@needs_corpus
def test_a_real_scorm_12_course_is_played_to_its_score(console: Console) -> None:
    page = console.course(REAL["moodle-singlescobasic"])
    player = launch(page)

    _read_to_the_end(player.content)
    _answer_correctly(player.content.frame_locator("#contentFrame"))
    player.content.locator("#butExit").click()
    page = back(player)

    assert re.fullmatch(r"Completed Passed 100 % \d+ s", row(page))


@needs_corpus
def test_the_library_and_the_dashboard_show_what_was_done(console: Console) -> None:
    library = console.page("library/")
    expect(library.locator("#courses tbody tr")).to_have_count(len(OWN) + len(REAL))
    picture(library, "library")

    dashboard = console.page()
    expect(dashboard.get_by_role("heading", level=1)).to_be_visible()
    picture(dashboard, "dashboard")
