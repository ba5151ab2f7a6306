"""The player in a real browser against the running product: what a learner does, and what is stored of it."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.services import Cloud

from .desk import Desk
from .player import Library, Player

pytestmark = pytest.mark.browser
SIGN = "#sign"
CLOSING = {"scorm12_single": "Finish", "scorm2004_single": "Terminate"}  # what the content calls last


@pytest.fixture(scope="module")
def library(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(desk, tmp_path_factory.mktemp("packages"))


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


def open_sco(library: Library, name: str, context: BrowserContext) -> Player:
    player = library.learner(name, context).launch()
    expect(player.content.locator("#last")).to_contain_text("nitialize() = true")
    return player


# --- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("package", "activity"), [("scorm12_single", "I1"), ("scorm2004_single", "I1")], ids=["SCORM 1.2", "SCORM 2004"]
)
def test_finishing_the_only_sco_ends_the_session_with_its_result(
    library: Library, context: BrowserContext, package: str, activity: str
) -> None:
    learner = library.learner(package, context)
    player = learner.launch()

    for button in ("answer", "score80", "pass", "finish"):
        player.press(button)
    if package == "scorm2004_single":  # content that asks for nothing stays, the learner decides
        expect(player.page.locator("[data-message]")).to_contain_text("finished")
        player.request("exitAll")
    player.await_session("ended")

    assert player.page.locator("#content").count() == 0
    assert "Passed" in player.page.locator("#panel").inner_text()
    stored = learner.stored_when(lambda found: found["log"] and found["log"][-1]["method"].endswith("GetLastError"))
    assert (stored["completion"], stored["success"], stored["score"]) == ("completed", "passed", 0.8)
    assert stored["activities"][activity] == ["completed", "passed"]
    assert stored["launches"] == ["exited"]
    assert [entry["method"].removeprefix("LMS") for entry in stored["log"]].count("Commit") == 3


@pytest.mark.parametrize("package", ["scorm12_single", "scorm2004_single"])
def test_a_suspended_session_resumes_where_it_was_left(library: Library, context: BrowserContext, package: str) -> None:
    learner = library.learner(package, context)
    player = learner.launch()
    player.press("bookmark")
    player.press("suspend")
    player.await_session("ended")

    again = learner.launch(player.page)

    expect(again.content.locator("#entry")).to_have_text("resume")
    expect(again.content.locator("#location")).to_have_text("page-2")
    expect(again.content.locator("#data")).to_have_text("seen=1,2")
    assert learner.stored()["launches"] == ["suspended", ""]


def test_continue_previous_and_the_menu_lead_through_a_course(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm2004_multi", context)
    player = learner.launch()

    player.await_activity("I0")
    expect(player.page.locator('[data-request="previous"]')).to_be_disabled()
    player.request("continue")
    player.await_activity("I1")
    player.press("complete")
    player.press("next")
    player.await_activity("I2")
    reported = learner.stored()["activities"]
    player.request("previous")
    player.await_activity("I1")
    player.choose("I3")
    player.await_activity("I3")
    expect(player.page.locator('[data-request="continue"]')).to_be_hidden()
    player.request("exitAll")
    player.await_session("ended")

    assert reported["I0"][0] == "completed", "an asset completes on view"
    assert reported["I1"][0] == "completed"
    assert learner.stored()["launches"] == ["exited"]


def test_terminate_inside_unload_is_stored_before_the_next_activity_comes(
    library: Library, context: BrowserContext
) -> None:
    learner = library.learner("scorm12_two_scos", context)
    player = learner.launch()
    player.press("bookmark")

    player.choose("I2")
    player.await_activity("I2")

    stored = learner.stored_when(lambda found: any(entry["activity"] == "I2" for entry in found["log"]))
    finish = [entry for entry in stored["log"] if entry["method"] == "LMSFinish"]
    assert [(entry["activity"], entry["result"]) for entry in finish] == [("I1", "true")]
    assert stored["values"]["I1"]["cmi.core.exit"] == "suspend"
    assert stored["values"]["I1"]["cmi.core.total_time"] != ""


def test_a_preview_says_so_and_the_next_one_begins_anew(library: Library, context: BrowserContext) -> None:
    page = context.new_page()
    course = library.course("scorm12_single")
    page.goto(library.desk.preview(course))
    player = Player(page)

    player.press("complete")
    player.press("finish")
    player.await_session("ended")

    expect(page.locator(".banner")).to_contain_text("Nothing is kept")
    page.goto(library.desk.preview(course))
    expect(player.content.locator("#entry")).to_have_text("ab-initio")


# --- nothing is lost --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", ["scorm12_single", "scorm2004_single"])
def test_closing_the_window_keeps_everything(library: Library, context: BrowserContext, package: str) -> None:
    learner = library.learner(package, context)
    player = learner.launch()
    player.press("bookmark")

    player.close_window()

    stored = learner.stored_when(lambda found: found["launches"] == ["suspended"] and found["log"])
    assert stored["values"]["I1"]["cmi.suspend_data"] == "seen=1,2"
    in_unload = [(entry["method"].removeprefix("LMS"), entry["result"]) for entry in stored["log"][-6:]]
    assert in_unload == [
        (name, result)
        for call in ("SetValue", "SetValue", CLOSING[package])
        for name, result in ((call, "true"), ("GetLastError", "0"))
    ]


def test_reloading_the_player_keeps_everything(library: Library, context: BrowserContext) -> None:
    player = open_sco(library, "scorm12_single", context)
    player.press("bookmark")

    player.page.reload()

    expect(player.content.locator("#location")).to_have_text("page-2")
    expect(player.content.locator("#entry")).to_have_text("resume")


def test_a_commit_without_a_line_is_kept_and_sent_when_it_is_back(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm12_single", context)
    player = learner.launch()
    expect(player.content.locator("#last")).to_contain_text("LMSInitialize")

    context.set_offline(True)
    player.press("bookmark")
    expect(player.content.locator("#last")).to_have_text("LMSCommit() = true, error 0")
    expect(player.page.locator(SIGN)).to_have_text("Offline – kept on this device")
    context.set_offline(False)

    expect(player.page.locator(SIGN)).to_have_text("Saved")
    assert learner.stored()["values"]["I1"]["cmi.suspend_data"] == "seen=1,2"


def test_what_a_window_closed_without_a_line_left_behind_is_sent_at_the_next_start(
    library: Library, context: BrowserContext
) -> None:
    learner = library.learner("scorm2004_single", context)
    player = learner.launch()
    expect(player.content.locator("#last")).to_contain_text("Initialize")
    context.set_offline(True)
    player.press("bookmark")
    player.close_window()
    context.set_offline(False)

    again = learner.launch()

    expect(again.content.locator("#location")).to_have_text("page-2")
    assert learner.stored()["values"]["I1"]["cmi.suspend_data"] == "seen=1,2"


def test_more_than_a_closing_page_may_send_is_there_at_the_next_start(
    library: Library, context: BrowserContext
) -> None:
    learner = library.learner("scorm12_single", context)
    player = learner.launch()
    expect(player.content.locator("#last")).to_contain_text("LMSInitialize")
    large = "x" * 200_000

    player.page.evaluate("(data) => { API.LMSSetValue('cmi.suspend_data', data); }", large)
    player.close_window()
    time.sleep(1)  # what it kept reaches the storage of other windows a moment later
    again = learner.launch()

    expect(again.content.locator("#data")).to_have_text(large)
    assert learner.stored()["values"]["I1"]["cmi.suspend_data"] == large


def test_a_commit_that_neither_device_nor_server_can_keep_fails(library: Library, context: BrowserContext) -> None:
    context.add_init_script("Storage.prototype.setItem = () => { throw new Error('quota'); };")
    player = open_sco(library, "scorm2004_single", context)

    player.press("complete")
    expect(player.content.locator("#last")).to_have_text("Commit() = true, error 0")
    context.set_offline(True)
    player.press("bookmark")

    expect(player.content.locator("#last")).to_have_text("Commit() = false, error 391")
    context.set_offline(False)


def test_where_a_setting_asks_for_it_a_commit_waits_for_the_server(library: Library, context: BrowserContext) -> None:
    page = context.new_page()
    page.route("**/launch/**", lambda route: configured(route, waitForServer=True))
    learner = library.learner("scorm2004_single", context)
    player = learner.launch(page)
    expect(player.content.locator("#last")).to_contain_text("Initialize")

    player.press("bookmark")
    stored = learner.stored()
    expect(player.content.locator("#last")).to_have_text("Commit() = true, error 0")
    context.set_offline(True)
    player.press("complete")
    expect(player.content.locator("#last")).to_have_text("Commit() = false, error 391")
    context.set_offline(False)
    expect(page.locator(SIGN)).to_have_text("Saved")

    assert stored["values"]["I1"]["cmi.suspend_data"] == "seen=1,2"
    assert learner.stored()["values"]["I1"]["cmi.completion_status"] == "completed"


# --- windows ----------------------------------------------------------------------------------------------------------


def test_a_second_window_of_the_browser_takes_over_with_all_that_was_done(
    library: Library, context: BrowserContext
) -> None:
    learner = library.learner("scorm12_single", context)
    first = learner.launch()
    expect(first.content.locator("#last")).to_contain_text("LMSInitialize")
    assert first.page.evaluate("API.LMSSetValue('cmi.core.lesson_location', 'uncommitted')") == "true"

    second = learner.launch()

    first.await_session("replaced")
    expect(first.page.locator("[data-message]")).to_contain_text("another window")
    assert first.page.locator("#content").count() == 0
    expect(second.content.locator("#location")).to_have_text("uncommitted")


def test_a_window_elsewhere_takes_over_and_can_be_taken_back(
    library: Library, browser: Browser, context: BrowserContext
) -> None:
    elsewhere = browser.new_context()
    learner = library.learner("scorm12_single", context)
    first = learner.launch()
    second = learner.launch(context=elsewhere)
    second.press("bookmark")
    expect(second.page.locator(SIGN)).to_have_text("Saved")

    first.press("complete")
    first.await_session("replaced")
    first.page.get_by_role("button", name="Take over here").click()

    expect(first.content.locator("#location")).to_have_text("page-2")
    second.press("complete")
    second.await_session("replaced")
    elsewhere.close()


@pytest.mark.parametrize("package", ["scorm12_single", "scorm2004_single"])
def test_content_in_a_window_of_its_own_finds_the_api(library: Library, context: BrowserContext, package: str) -> None:
    page = context.new_page()
    page.route("**/launch/**", _in_new_window)
    learner = library.learner(package, context)

    with context.expect_page() as opened:
        learner.launch(page)
    window = opened.value
    expect(window.locator("#last")).to_contain_text("nitialize() = true")
    window.locator("#score80").click()
    window.locator("#pass").click()
    window.locator("#finish").click()
    if package == "scorm2004_single":
        Player(page).request("exitAll")

    Player(page).await_session("ended")
    assert window.is_closed()
    assert learner.stored()["success"] == "passed"


def configured(route: Route, **settings: object) -> None:
    """The page of a course with other player settings."""
    answer = route.fetch()
    page = answer.text()
    before, mark, after = page.partition("}</script>")
    assert mark
    route.fulfill(response=answer, body=f"{before}, {json.dumps(settings)[1:]}</script>{after}")


def _in_new_window(route: Route) -> None:
    configured(route, window="new")


def test_closing_the_contents_window_reports_and_ends_or_offers_it_again(
    library: Library, context: BrowserContext
) -> None:
    page = context.new_page()
    page.route("**/launch/**", _in_new_window)
    learner = library.learner("scorm12_single", context)
    with context.expect_page() as opened:
        learner.launch(page)
    window = opened.value
    window.locator("#bookmark").click()

    window.close(run_before_unload=True)

    Player(page).await_session("ended")  # its LMSFinish with suspend
    assert learner.stored()["values"]["I1"]["cmi.core.lesson_location"] == "page-2"


# --- faults -----------------------------------------------------------------------------------------------------------


def test_a_start_without_a_line_is_told_and_tried_again(library: Library, context: BrowserContext) -> None:
    page = context.new_page()
    learner = library.learner("scorm12_single", context)
    page.route("**/start", lambda route: route.abort())
    page.goto(library.desk.link(learner.course, learner.name))
    expect(page.locator("#panel h1")).to_have_text("The course could not be started")

    page.unroute("**/start")

    Player(page).await_session("open")
    expect(Player(page).content.locator("#last")).to_contain_text("LMSInitialize")


def test_a_file_that_is_not_there_is_told(library: Library, context: BrowserContext) -> None:
    page = context.new_page()
    page.route("**/files/**/index.html", lambda route: route.fulfill(status=404, body="gone"))

    library.learner("scorm12_single", context).launch(page)

    expect(page.locator("[data-message]")).to_contain_text("could not be loaded (404)")


def test_a_link_that_is_damaged_says_what_to_do(cloud: Cloud, context: BrowserContext) -> None:
    page = context.new_page()

    answer = page.goto(f"{cloud.content}/launch/forged/")

    assert answer is not None
    assert answer.status == 403
    expect(page.locator("[data-message]")).to_contain_text("Go back")


def test_content_cannot_reach_the_console(library: Library, cloud: Cloud, context: BrowserContext) -> None:
    player = open_sco(library, "scorm12_single", context)
    frame = player.page.locator("#content").element_handle().content_frame()
    assert frame is not None
    reach = """async (console) => {
        const asked = fetch(`${console}/`, { credentials: "include" });
        const read = await asked.then((answer) => answer.text(), () => "refused");
        const inside = document.createElement("iframe");
        inside.src = `${console}/accounts/login/`;
        document.body.append(inside);
        await new Promise((resolve) => { inside.onload = resolve; });
        let framed = "refused";
        try { framed = inside.contentDocument ? "read" : "refused"; } catch { /* another origin */ }
        return { read, framed, cookie: document.cookie };
    }"""

    assert frame.evaluate(reach, cloud.console) == {"read": "refused", "framed": "refused", "cookie": ""}


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_debug_panel_shows_calls_as_they_happen_and_filters_errors(
    library: Library, context: BrowserContext
) -> None:
    player = open_sco(library, "scorm12_single", context)
    page = player.page

    page.get_by_role("button", name="Debug").click()
    page.evaluate("API.LMSGetValue('cmi.core.nothing')")
    rows = page.locator("#debug tbody tr")
    before = rows.count()
    page.get_by_label("Errors only").check()

    assert before > 3
    assert [row.inner_text() for row in rows.all() if row.is_visible()] == [
        page.locator("#debug tr.wrong").inner_text()
    ]
    expect(page.locator("#debug tr.wrong")).to_contain_text("cmi.core.nothing")
    expect(page.locator("#debug-count")).to_contain_text("1 with an error")


def test_exit_comes_first_by_keyboard_and_the_menu_tells_where_one_is(
    library: Library, context: BrowserContext
) -> None:
    player = library.learner("scorm12_two_scos", context).launch()
    page = player.page

    controls = [control for control in page.locator("button, a, input, iframe").all() if control.is_visible()]
    first = controls[0].get_attribute("data-request")
    current = page.locator('#menu [aria-current="true"]')

    assert first == "exitAll"
    assert current.get_attribute("data-activity") == "I1"
    assert page.locator("#menu ul ul [data-activity]").count() == 2
    expect(current).to_contain_text("Not begun")


@pytest.mark.parametrize("package", ["scorm12_single", "scorm2004_multi"])
def test_on_a_phone_the_menu_is_a_drawer_and_nothing_overflows(
    library: Library, browser: Browser, package: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    player = library.learner(package, context).launch()
    page = player.page

    wide = page.evaluate("document.documentElement.scrollWidth")
    expect(page.locator("#menu")).to_be_hidden()
    if package == "scorm2004_multi":
        page.get_by_role("button", name="Menu").click()
        expect(page.locator("#menu")).to_be_visible()
        player.choose("I1")
        player.await_activity("I1")
        expect(page.locator("#menu")).to_be_hidden()

    assert wide == 390
    context.close()


NAMELESS = """() => [...document.querySelectorAll("button, a, iframe, input, nav, section[aria-label]")]
    .filter((element) => element.checkVisibility())
    .filter((element) => !(element.getAttribute("aria-label") || element.title || element.textContent.trim()
        || element.labels?.length))
    .map((element) => element.outerHTML)"""
FAINT = """() => {
    const parse = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
        .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const color = parse(getComputedStyle(at).backgroundColor);
            if (color.length === 3 || color[3] > 0.99) return color;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll("button:not(:disabled), a, p, h1, h2, dt, dd, span, label, th, td")]
        .filter((element) => element.checkVisibility() && !element.closest(".for-ears"))
        .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
        .map((element) => {
            const [one, other] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
            return [(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), element.textContent.trim()];
        })
        .filter(([ratio]) => ratio < 4.5);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_enough_contrast(library: Library, browser: Browser, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    player = library.learner("scorm2004_multi", context).launch()
    page = player.page
    page.get_by_role("button", name="Debug").click()

    def faults() -> list:
        return [page.evaluate(NAMELESS), page.evaluate(FAINT)]

    playing = faults()
    player.request("exitAll")
    player.await_session("ended")

    assert [playing, faults()] == [[[], []], [[], []]]
    assert page.evaluate("document.activeElement.tagName") == "H1"
    context.close()


def test_the_wanted_size_of_the_content_is_honoured(library: Library, context: BrowserContext) -> None:
    page = context.new_page()
    page.route("**/launch/**", lambda route: configured(route, size={"width": 700, "height": 420}))

    library.learner("scorm12_single", context).launch(page)

    box = page.locator("#content").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (700, 420)


def test_leaving_goes_back_to_where_the_learner_came_from(
    library: Library, cloud: Cloud, context: BrowserContext
) -> None:
    learner = library.learner("scorm12_single", context)
    player = learner.launch(back=f"{cloud.console}/healthz")

    player.request("suspendAll")
    player.await_session("ended")
    expect(player.page.get_by_role("link", name="Back to the course")).to_be_visible()
    player.page.wait_for_url("**/healthz")

    assert player.page.url == f"{cloud.console}/healthz"


def test_the_page_sets_no_cookie_and_asks_nobody_else(library: Library, cloud: Cloud, context: BrowserContext) -> None:
    page: Page = context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add("/".join(request.url.split("/")[:3])))

    library.learner("scorm2004_multi", context).launch(page)
    page.wait_for_load_state("networkidle")

    assert {origin for origin in asked if origin.startswith("http")} == {cloud.content}
    assert context.cookies() == []
    assert json.loads(page.locator("#player-config").text_content() or "")["queue"].startswith("instance-")
