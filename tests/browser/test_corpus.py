"""Courses as other people write them, played as their authors meant: real packages, and the habits of old content."""

import io
import json
import re
import time
import zipfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, expect

from standards.package import Package
from standards.registry import standards
from standards.structure import CourseStructure
from tests.services import Cloud

from .desk import Desk
from .player import Learner, Library, Player

pytestmark = pytest.mark.browser
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
_learners = count(1)


class Shelf(Library):
    """Courses of any archive, each imported when it is first asked for."""

    def play(self, archive: bytes, context: BrowserContext) -> Learner:
        """Somebody new on the course; the import takes a copy, as it takes over the file it is given."""
        key = str(hash(archive))
        if key not in self._courses:
            path = self.folder / f"{len(self._courses)}.zip"
            path.write_bytes(archive)
            self._courses[key] = self.desk.course(self.realm, path)
        return Learner(self.desk, self._courses[key], f"guest {next(_learners)}", context)

    def real(self, slug: str, context: BrowserContext) -> Learner:
        return self.play((CORPUS / f"{slug}.zip").read_bytes(), context)


@pytest.fixture(scope="module")
def shelf(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    shelf = Shelf.__new__(Shelf)
    shelf.desk, shelf.folder, shelf._courses = desk, tmp_path_factory.mktemp("shelf"), {}
    shelf.realm = desk.realm("shelf@example.com")
    return shelf


class Watch(list[str]):
    """What a browser complained about, and how its dialogs were answered."""

    def __init__(self, context: BrowserContext) -> None:
        self.dialogs: list[str] = []
        self.agrees = True
        context.on("weberror", lambda error: self.append(str(error.error)))
        context.on("console", lambda message: self._hear(message))
        context.on("dialog", self._answer)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon.ico" not in message.location["url"]:
            self.append(message.text)

    def _answer(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.type)
        if self.agrees:
            dialog.accept()
        else:
            dialog.dismiss()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


@pytest.fixture
def watch(context: BrowserContext) -> Watch:
    return Watch(context)


# --- real packages ----------------------------------------------------------------------------------------------------

ASKED_TOO_EARLY = ["cmi.location"]  # golf examples of SCORM 2004 read the bookmark before they ever set one: 403


def real(slug: str, *more: Any) -> Any:
    absent = not (CORPUS / f"{slug}.zip").exists()
    return pytest.param(slug, *more, id=slug, marks=pytest.mark.skipif(absent, reason="no ../shared/corpus"))


def scorm_entries() -> list[Any]:
    """Those that import and run without what is not in the package."""
    index = CORPUS / "INDEX.json"
    if not index.exists():
        return []
    entries = json.loads(index.read_text())["packages"]
    runs = [entry for entry in entries if entry["standard"] == "SCORM" and entry["expect"].startswith("imports")]
    return [pytest.param(entry, id=entry["slug"]) for entry in runs if "not_runnable" not in entry["completion"]["how"]]


def read_to_the_end(player: Player) -> None:
    """Golf examples: Next until it is switched off."""
    following = player.content.locator("#butNext")
    following.wait_for()
    for _ in range(20):
        if following.is_disabled():
            return
        following.click()
    raise AssertionError("Next has no end")


def answer_right(player: Player) -> None:
    """Golf examples: the quiz marks the right answers for those who look."""
    quiz = player.content.frame_locator("#contentFrame")
    submit = quiz.get_by_role("button", name="Submit Answers")
    submit.wait_for()
    for answer in quiz.locator(".correctAnswer input").all():
        if answer.get_attribute("type") == "text":
            answer.fill(re.findall(r"\((.*)\)", answer.locator("xpath=..").inner_text())[0])
        else:
            answer.check()
    submit.click()
    expect(quiz.locator("#test")).to_contain_text("Score: 100")


def errors_of(log: list[dict[str, Any]]) -> list[str]:
    """The elements of calls that were answered with an error; what only reads the error is none."""
    return [entry["arguments"][0] for entry in log if entry["code"] and not re.search("Error|Diag", entry["method"])]


@pytest.mark.parametrize("entry", scorm_entries())
def test_a_real_course_opens_reports_and_is_left_in_peace(
    shelf: Shelf, context: BrowserContext, watch: Watch, entry: dict[str, Any]
) -> None:
    calls_api = entry["completion"]["how"] != "never"
    learner = shelf.real(entry["slug"], context)

    player = learner.launch()
    player.content.locator("body, frameset").first.wait_for()
    assert player.page.locator("#menu [data-activity]").count() >= entry["launchable"]
    if calls_api:
        _await_api(player)
    time.sleep(0.3)
    player.request("exitAll")
    player.await_session("ended")

    stored = learner.stored_when(lambda found: found["log"] or not calls_api)
    assert (stored["launches"], bool(stored["log"])) == (["exited"], calls_api)
    assert 0 <= stored["seconds"] < 20  # what content times itself may round down to none
    assert set(errors_of(stored["log"])) <= set(ASKED_TOO_EARLY)
    assert watch == []


@pytest.mark.parametrize("slug", [real("moodle-singlescobasic"), real("moodle-runtimebasiccalls-2004e3")])
def test_a_real_course_is_suspended_resumed_and_passed(
    shelf: Shelf, context: BrowserContext, watch: Watch, slug: str
) -> None:
    learner = shelf.real(slug, context)
    player = learner.launch()
    player.content.locator("#butNext").click(click_count=3)
    time.sleep(1.1)  # its clock has whole seconds
    player.request("suspendAll")
    player.await_session("ended")
    first = learner.stored()

    player = learner.launch(player.page)
    read_to_the_end(player)
    answer_right(player)
    time.sleep(1.1)
    if slug == "moodle-singlescobasic":
        player.content.locator("#butExit").click()
    else:
        player.request("exitAll")
    player.await_session("ended")

    stored = learner.stored_when(lambda found: len(found["log"]) > len(first["log"]))
    assert watch.dialogs == ["confirm"], "it asks whether to resume once there is a bookmark"
    assert (first["completion"], first["success"], first["launches"]) == ("incomplete", "unknown", ["suspended"])
    assert (stored["completion"], stored["success"], stored["score"]) == ("completed", "passed", 1)
    assert stored["launches"] == ["suspended", "exited"]
    assert first["seconds"] + 1 <= stored["seconds"] < first["seconds"] + 20
    assert set(errors_of(stored["log"])) <= set(ASKED_TOO_EARLY)
    assert watch == []


@pytest.mark.parametrize(
    ("slug", "score"), [real("golf-s2004e3-forcedsequential", None), real("golf-s2004e3-posttestrollup", 1)]
)
def test_a_real_course_in_forced_order_opens_item_by_item(
    shelf: Shelf, context: BrowserContext, watch: Watch, slug: str, score: float | None
) -> None:
    items = ["playing_item", "etuqiette_item", "handicapping_item", "havingfun_item", "assessment_item"]
    learner = shelf.real(slug, context)
    player = learner.launch()
    last = player.page.locator('[data-activity="assessment_item"]')

    for done, coming in zip(items, items[1:], strict=False):
        player.await_activity(done)
        expect(last).to_have_attribute("aria-disabled", "true")
        read_to_the_end(player)
        player.request("continue")
        player.await_activity(coming)
    answer_right(player)
    player.request("exitAll")
    player.await_session("ended")

    stored = learner.stored()
    assert (stored["completion"], stored["success"], stored["score"]) == ("completed", "passed", score)
    assert {stored["activities"][item][0] for item in items} == {"completed"}
    assert watch == []


@pytest.mark.parametrize(
    ("slug", "success"),
    [
        real("moodle-runtimeminimumcalls-mini", "unknown"),
        real("exe-default", "unknown"),
        real("template-s2004e4-starter", "passed"),
    ],
)
def test_a_real_course_that_only_has_to_be_seen_is_complete_at_its_end(
    shelf: Shelf, context: BrowserContext, watch: Watch, slug: str, success: str
) -> None:
    learner = shelf.real(slug, context)
    player = learner.launch()
    leaves = [leaf.identifier for leaf in structure_of(CORPUS / f"{slug}.zip").leaves]

    for here, coming in zip(leaves, leaves[1:], strict=False):
        player.await_activity(here)
        _await_api(player)
        player.request("continue")
        player.await_activity(coming)
    _await_api(player)
    player.request("exitAll")
    player.await_session("ended")

    stored = learner.stored()
    assert (stored["completion"], stored["success"]) == ("completed", success)
    assert stored["seconds"] > 0
    assert watch == []


def structure_of(path: Path) -> CourseStructure:
    with path.open("rb") as file:
        package = Package.open(file)
        return next(one for one in standards().values() if one.accepts(package)).parse(package)


def _await_api(player: Player) -> None:
    player.page.wait_for_function("() => (window.API ?? window.API_1484_11)?.state === 'running'")


# --- names of files ---------------------------------------------------------------------------------------------------

MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="M" version="1.0" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
          xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="O"><organization identifier="O"><title>Habits</title>
    <item identifier="I1" identifierref="R1"{parameters}><title>One</title></item>
  </organization></organizations>
  <resources><resource identifier="R1" type="webcontent" adlcp:scormtype="sco" href="{href}"/></resources>
</manifest>"""
SCRIPT = """
function findApi(win) {
    for (var hops = 0; hops < 9 && !win.API && win.parent && win.parent != win; hops++) win = win.parent;
    return win.API;
}
var api = findApi(window) || (window.opener && findApi(window.opener));
function say(text) { document.getElementById("last").innerText = text; }
function begin() { say("begun " + api.LMSInitialize("") + " " + location.search + location.hash); }
function status(word) { api.LMSSetValue("cmi.core.lesson_status", word); api.LMSCommit(""); }
function finish(exit) { api.LMSSetValue("cmi.core.exit", exit || ""); return api.LMSFinish(""); }
"""
PAGE = (
    '<html><head><script src="{script}"></script>{head}</head>'
    '<body onload="begin()"><p id="last"></p>{body}</body></html>'
)


def course(pages: dict[str, str], href: str, parameters: str = "") -> bytes:
    """A SCORM 1.2 package of one SCO."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        given = f' parameters="{parameters}"' if parameters else ""
        archive.writestr("imsmanifest.xml", MANIFEST.format(href=href, parameters=given))
        archive.writestr("api.js", SCRIPT)
        for name, text in pages.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def page(body: str = "", head: str = "", script: str = "api.js") -> str:
    return PAGE.format(body=body, head=head, script=script)


NAMES: dict[str, tuple[str, str, str, str]] = {  # member, href, parameters, what the page then finds in its address
    "spaces": ("my page.html", "my page.html", "", ""),
    "spaces, encoded": ("my page.html", "my%20page.html", "", ""),
    "an escape in the name itself": ("my%20page.html", "my%20page.html", "", ""),
    "a bare per cent": ("100% sure.html", "100% sure.html", "", ""),
    "plus and ampersand": ("a+b &amp; c.html", "a+b &amp;amp; c.html", "", ""),
    "not Latin": ("日本語 ü.html", "日本語 ü.html", "", ""),
    "not Latin, encoded": ("日本.html", "%E6%97%A5%E6%9C%AC.html", "", ""),
    "another case": ("Index.html", "index.HTML", "", ""),
    "a query and parameters": ("index.html", "index.html?a=1", "b=2&amp;c=ü", "?a=1&b=2&c=%C3%BC"),
    "a fragment and parameters": ("index.html", "index.html#top", "?b=2", "?b=2#top"),
}


@pytest.mark.parametrize(("member", "href", "parameters", "address"), NAMES.values(), ids=NAMES.keys())
def test_a_file_is_found_however_it_is_named(
    shelf: Shelf, context: BrowserContext, watch: Watch, member: str, href: str, parameters: str, address: str
) -> None:
    other = {unquote(member): "another file"} if "%20" in member else {}
    learner = shelf.play(course({member: page()} | other, href, parameters), context)

    player = learner.launch()

    expect(player.content.locator("#last")).to_have_text(f"begun true {address}".strip())
    assert watch == []


# --- habits of old content --------------------------------------------------------------------------------------------


def button(label: str, act: str) -> str:
    return f'<button id="{label}" onclick="{act}">{label}</button>'


def open_habit(shelf: Shelf, context: BrowserContext, pages: dict[str, str]) -> tuple[Learner, Player]:
    learner = shelf.play(course(pages, "index.html"), context)
    return learner, learner.launch()


def test_a_frameset_and_what_its_frames_write_find_the_api(shelf: Shelf, context: BrowserContext, watch: Watch) -> None:
    written = "document.open(); document.write(parent.text); document.close();"
    pages = {
        "index.html": '<html><frameset rows="40,*"><frame src="top.html"><frame name="main" src="main.html">'
        "</frameset></html>",
        "top.html": "<p>navigation</p>",
        "main.html": "<html><body><script>var text = '<script src=api.js><\\/script><body onload=begin()>"
        '<p id=last></p><button id=done onclick="status(&quot;completed&quot;); finish()">done</button>\';'
        "</script><iframe name='inner' src='blank.html'></iframe></body></html>",
        "blank.html": f"<script>{written}</script>",
    }
    learner, player = open_habit(shelf, context, pages)

    inner = player.content.frame_locator('frame[name="main"]').frame_locator('iframe[name="inner"]')
    expect(inner.locator("#last")).to_have_text("begun true")
    inner.locator("#done").click()

    player.await_session("ended")
    assert learner.stored()["completion"] == "completed"
    assert watch == []


def test_a_window_the_content_opens_reports_through_its_opener(
    shelf: Shelf, context: BrowserContext, watch: Watch
) -> None:
    pages = {
        "index.html": page(button("open", "window.open('lesson.html', 'lesson', 'width=600,height=400')")),
        "lesson.html": '<html><head><script src="api.js"></script></head><body>'
        + button("done", "status('passed'); window.close()")
        + "</body></html>",
    }
    learner, player = open_habit(shelf, context, pages)

    with context.expect_page() as opened:
        player.press("open")
    opened.value.locator("#done").wait_for()
    with opened.value.expect_event("close"):  # a click would wait for a page that is gone
        opened.value.evaluate("setTimeout(() => document.getElementById('done').click())")
    player.request("exitAll")
    player.await_session("ended")

    assert (learner.stored()["completion"], learner.stored()["success"]) == ("completed", "passed")
    assert watch == []


EXITS = {
    "window.close()": "finish(); window.close()",
    "top.close()": "finish(); top.close()",
    "an alert first": "alert('Goodbye'); finish()",
    "a confirm first": "if (confirm('Leave?')) finish()",
    "parent.close()": "finish(); parent.close()",
}


@pytest.mark.parametrize("act", EXITS.values(), ids=EXITS.keys())
def test_the_contents_own_exit_button_ends_the_session(
    shelf: Shelf, context: BrowserContext, watch: Watch, act: str
) -> None:
    pages = {"index.html": page(button("exit", f"status('completed'); {act}"))}
    learner, player = open_habit(shelf, context, pages)
    expect(player.content.locator("#last")).to_have_text("begun true")

    player.press("exit")

    player.await_session("ended")
    stored = learner.stored()
    assert (stored["completion"], stored["launches"]) == ("completed", ["exited"])
    assert [text for text in watch if "Scripts may close only" not in text] == []


@pytest.mark.parametrize("finished", [True, False], ids=["after LMSFinish", "without LMSFinish"])
def test_content_that_leads_the_whole_window_away_loses_nothing(
    shelf: Shelf, context: BrowserContext, watch: Watch, finished: bool
) -> None:
    act = "status('completed'); api.LMSSetValue('cmi.suspend_data', 'kept');"
    act += "finish();" if finished else ""
    pages = {
        "index.html": page(button("away", f"{act} top.location.href = location.href.replace('index', 'bye')")),
        "bye.html": "<p id=bye>Goodbye</p>",
    }
    learner, player = open_habit(shelf, context, pages)
    expect(player.content.locator("#last")).to_have_text("begun true")

    player.press("away")
    player.page.locator("#bye").wait_for()

    stored = learner.stored_when(lambda found: found["launches"] != [""])
    assert stored["launches"] == ["exited" if finished else "suspended"]
    assert stored["completion"] == "completed"
    assert stored["values"]["I1"]["cmi.suspend_data"] == "kept"


@pytest.mark.parametrize("agrees", [True, False], ids=["leave", "stay"])
def test_content_that_asks_before_it_is_left_cannot_hold_the_learner(
    shelf: Shelf, context: BrowserContext, watch: Watch, agrees: bool
) -> None:
    watch.agrees = agrees
    asks = "<script>onbeforeunload = function (event) { event.preventDefault(); return 'Sure?'; };</script>"
    pages = {"index.html": page(button("work", "status('incomplete')"), asks)}
    learner, player = open_habit(shelf, context, pages)
    expect(player.content.locator("#last")).to_have_text("begun true")
    player.press("work")

    player.request("exitAll")

    player.await_session("ended")
    assert watch.dialogs == ["beforeunload"]
    assert learner.stored()["completion"] == "incomplete"


# --- the learner's browser --------------------------------------------------------------------------------------------


def test_the_back_button_keeps_everything_and_forward_resumes(
    shelf: Shelf, cloud: Cloud, context: BrowserContext
) -> None:
    learner = shelf.learner("scorm12_single", context)
    opened = context.new_page()
    opened.goto(f"{cloud.content}/healthz")
    player = learner.launch(opened)
    expect(player.content.locator("#last")).to_contain_text("LMSInitialize")
    player.press("bookmark")

    opened.go_back()
    stored = learner.stored_when(lambda found: found["launches"] == ["suspended"])
    opened.go_forward()

    assert stored["values"]["I1"]["cmi.core.lesson_location"] == "page-2"
    expect(player.content.locator("#location")).to_have_text("page-2")
    expect(player.content.locator("#entry")).to_have_text("resume")


# --- SCORM 1.2 --------------------------------------------------------------------------------------------------------


def test_what_an_item_came_to_opens_the_next_at_once(shelf: Shelf, context: BrowserContext, watch: Watch) -> None:
    player = shelf.learner("scorm12_prerequisites", context).launch()
    player.choose("I2")
    player.await_activity("I2")
    test, forward = player.page.locator('[data-activity="I3"]'), player.page.locator('[data-request="continue"]')
    expect(test).to_have_attribute("aria-disabled", "true")
    expect(forward).to_be_disabled()

    player.press("complete")

    expect(test).not_to_have_attribute("aria-disabled", "true")
    expect(forward).to_be_enabled()
    expect(player.content.locator("#last")).to_contain_text("LMSCommit")
    player.choose("I3")
    player.await_activity("I3")
    assert watch == []


def test_the_mastery_score_decides_when_the_item_is_finished(shelf: Shelf, context: BrowserContext) -> None:
    learner = shelf.learner("scorm12_prerequisites", context)
    player = learner.launch()
    player.choose("I2")
    player.await_activity("I2")
    player.press("complete")
    player.choose("I3")
    player.await_activity("I3")

    player.press("score80")
    player.press("fail")
    player.press("finish")
    player.await_session("ended")

    assert learner.stored()["activities"]["I3"] == ["completed", "passed"]


def test_a_completed_course_is_reviewed_without_credit_and_keeps_its_result(
    shelf: Shelf, context: BrowserContext
) -> None:
    learner = shelf.learner("scorm12_single", context)
    player = learner.launch()
    for pressed in ("score80", "pass", "finish"):
        player.press(pressed)
    player.await_session("ended")
    seconds = learner.stored()["seconds"]

    again = learner.launch(player.page)
    expect(again.content.locator("#last")).to_contain_text("LMSInitialize")
    names = ("lesson_mode", "credit", "entry", "lesson_status")
    found = [again.page.evaluate(f"API.LMSGetValue('cmi.core.{name}')") for name in names]
    again.press("fail")
    again.press("finish")
    again.await_session("ended")

    stored = learner.stored()
    assert found == ["review", "no-credit", "", "passed"]
    assert (stored["completion"], stored["success"], stored["score"]) == ("completed", "passed", 0.8)
    assert stored["seconds"] >= seconds


@pytest.mark.parametrize("way", ["time-out", "logout"])
def test_a_course_left_for_time_out_or_logout_ends_and_begins_without_resuming(
    shelf: Shelf, context: BrowserContext, way: str
) -> None:
    pages = {"index.html": page(button("out", f"status('incomplete'); finish('{way}')"))}
    learner, player = open_habit(shelf, context, pages)
    expect(player.content.locator("#last")).to_have_text("begun true")
    player.press("out")
    player.await_session("ended")

    again = learner.launch(player.page)
    expect(again.content.locator("#last")).to_have_text("begun true")

    assert again.page.evaluate("API.LMSGetValue('cmi.core.entry')") == ""
    assert learner.stored()["launches"] == ["exited", ""]
