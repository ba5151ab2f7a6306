"""AICC content in a browser: launched, spoken to by HACP and by the API, ended, its result on the registration page."""

import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.services import Cloud
from tests.standards.aicc.packages import AU, CRS, CST, course_zip, zip_of

from .desk import Desk
from .desk_end import PASSWORD
from .player import Learner

pytestmark = pytest.mark.browser
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
_numbers = count(1)
API = """<!doctype html><title>Unit</title><p id="status"></p><button id="pass">Pass</button><script>
const api = parent.API;
api.LMSInitialize("");
document.getElementById("status").textContent = api.LMSGetValue("cmi.student_demographics.familiar_name");
document.getElementById("pass").onclick = () => {
  api.LMSSetValue("cmi.core.lesson_status", "P");
  api.LMSSetValue("cmi.evaluation.comments.0.content", "clear");
  api.LMSFinish("");
};
</script>"""


class Hangar:
    """AICC courses in one realm, each with somebody new on it."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk, self.folder = desk, folder
        self.email = "hangar@example.com"
        self.realm = desk.realm(self.email)

    def learner(self, archive: bytes, context: BrowserContext) -> Learner:
        number = next(_numbers)
        path = self.folder / f"{number}.zip"
        path.write_bytes(archive)
        return Learner(self.desk, self.desk.course(self.realm, path), f"pilot {number}", context)


@pytest.fixture(scope="module")
def hangar(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Hangar:
    return Hangar(desk, tmp_path_factory.mktemp("hangar"))


def one_unit(page: str) -> bytes:
    return zip_of({"c.crs": CRS, "c.au": AU, "c.cst": CST, "a.html": page})


def test_two_units_are_played_and_the_result_is_on_the_registration_page(
    hangar: Hangar, context: BrowserContext, cloud: Cloud
):
    learner = hangar.learner(course_zip(), context)
    player = learner.launch()
    player.await_activity("A1")
    expect(player.content.locator("#status")).to_have_text("not attempted, ab-initio")
    expect(player.page.locator('[data-activity="a2"]')).to_be_disabled()

    player.press("complete")
    expect(player.content.locator("#last")).to_have_text("error_text=Successful")
    expect(player.page.locator('[data-activity="a2"]')).to_be_enabled(timeout=10_000)  # the page asks what has become
    player.press("finish")
    player.await_activity("a2")
    player.press("answer")
    player.press("pass")
    player.press("finish")
    player.await_session("ended")

    stored = learner.stored()
    assert (stored["completion"], stored["success"], stored["score"], stored["seconds"]) == (
        "completed",
        "passed",
        0.8,
        110,
    )
    assert stored["values"]["a2"]["cmi.interactions.0.student_response"] == "a"
    assert [entry["method"] for entry in stored["log"] if entry["method"].startswith("Exit")] == ["ExitAU", "ExitAU"]
    console = context.new_page()
    console.goto(f"{cloud.console}/accounts/login/")
    console.get_by_label("Email").fill(hangar.email)
    console.get_by_label("Password").fill(PASSWORD)
    console.get_by_role("button", name="Sign In", exact=True).click()
    expect(console.get_by_role("heading", name="Hello, Olga")).to_be_visible()
    console.goto(f"{cloud.console}/r/{hangar.realm}/courses/{learner.course}/")
    console.locator("tr[data-registration] th a").click()
    expect(console.locator("main")).to_contain_text(re.compile(r"80\s*%"))
    expect(console.locator("main")).to_contain_text("Passed")


def test_a_place_is_kept_when_the_window_is_closed(hangar: Hangar, context: BrowserContext):
    learner = hangar.learner(course_zip(), context)
    player = learner.launch()
    player.await_activity("A1")
    player.press("bookmark")
    expect(player.content.locator("#last")).to_have_text("error_text=Successful")
    player.close_window()
    learner.stored_when(lambda found: found["launches"] == ["suspended"])

    again = learner.launch()

    expect(again.content.locator("#status")).to_have_text("incomplete, resume")
    expect(again.content.locator("#location")).to_have_text("page 3")
    expect(again.content.locator("#data")).to_have_text("page=3")


def test_content_that_speaks_by_the_api(hangar: Hangar, context: BrowserContext):
    learner = hangar.learner(one_unit(API), context)
    player = learner.launch()
    expect(player.content.locator("#status")).to_have_text("Jane")

    player.press("pass")
    player.await_session("ended")

    stored = learner.stored()
    assert (stored["completion"], stored["success"]) == ("completed", "passed")
    assert stored["values"]["A1"]["cmi.evaluation.comments.0.content"] == "clear"


def test_a_second_window_stops_the_first_also_where_only_the_server_knows(
    hangar: Hangar, context: BrowserContext, browser
):
    learner = hangar.learner(course_zip(), context)
    first = learner.launch()
    first.await_activity("A1")
    elsewhere = browser.new_context()

    learner.launch(context=elsewhere)

    first.page.locator('body[data-session="replaced"]').wait_for(state="attached", timeout=15_000)
    elsewhere.close()


# Content looks for an API in the frames above. Where it lies on another host it finds none and speaks HACP.
WITHOUT_API = "if (window !== top) Object.defineProperty(window, 'parent', { value: window })"


@pytest.mark.skipif(not (CORPUS / "ispring-aicc.zip").exists(), reason="the corpus is not here")
@pytest.mark.parametrize(
    ("script", "first", "report"),
    [("", "LMSInitialize", "LMSCommit"), (WITHOUT_API, "GetParam", "PutParam")],
    ids=["by the API", "by HACP"],
)
def test_a_real_course_of_ispring(hangar: Hangar, context: BrowserContext, script: str, first: str, report: str):
    context.add_init_script(script)
    learner = hangar.learner((CORPUS / "ispring-aicc.zip").read_bytes(), context)
    player = learner.launch()
    player.await_activity("A001")

    found = learner.stored_when(lambda stored: any(entry["method"] == report for entry in stored["log"]))
    player.request("exitAll")
    player.await_session("ended")

    assert found["log"][0]["method"] == first
    assert {entry["code"] for entry in found["log"]} == {0}
    stored = learner.stored()
    assert stored["values"]["A001"]["cmi.core.lesson_status"] == "incomplete"
    assert stored["values"]["A001"]["cmi.suspend_data"]


@pytest.mark.skipif(not (CORPUS / "jp-aicc-complex.zip").exists(), reason="the corpus is not here")
@pytest.mark.parametrize("slug", ["jp-aicc-complex", "jp-aicc-package"])
def test_small_courses_of_others_open_without_a_broken_page(hangar: Hangar, context: BrowserContext, slug: str):
    broken: list[str] = []
    context.on("response", lambda answer: broken.append(answer.url) if answer.status >= 500 else None)
    learner = hangar.learner((CORPUS / f"{slug}.zip").read_bytes(), context)

    player = learner.launch()

    player.page.locator('body[data-session="open"]').wait_for(state="attached", timeout=15_000)
    player.content.locator("body").wait_for(state="attached")
    player.request("exitAll")
    player.await_session("ended")
    assert broken == []
