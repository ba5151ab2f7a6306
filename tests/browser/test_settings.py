"""What settings change for a learner, in a real browser against the running product."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, expect

from .desk import Desk
from .player import Library, Player

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def library(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(desk, tmp_path_factory.mktemp("packages"), "settings@example.com")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    opened.set_default_timeout(15_000)
    errors: list[str] = []
    opened.on("weberror", lambda error: errors.append(str(error.error)))
    yield opened
    opened.close()
    assert errors == []


def test_a_learner_sees_what_settings_leave_of_the_player(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm12_two_scos", context)
    learner.configure(
        PlayerShowTitleBar="NO",
        PlayerShowProgressBar="YES",
        PlayerEnableFlowNav="NO",
        PlayerCourseStructureWidth="333",
        PlayerStatusDisplayPreference="SEPARATE",
        PlayerReturnToLmsAction="SUSPEND_ALL",
        PlayerDesiredWidth="500",
        PlayerRequiredHeight="900",
        PlayerPreventRightClick="YES",
    )
    player = learner.launch()
    page = player.page
    expect(player.content.locator("#last")).to_contain_text("nitialize() = true")

    expect(page.locator(".course")).to_be_hidden()
    expect(page.locator("#progress")).to_have_attribute("value", "0")
    expect(page.locator(".flow")).to_be_hidden()
    expect(page.locator('[data-request="exitAll"]')).to_be_hidden()
    expect(page.locator('[data-request="suspendAll"]')).to_be_visible()
    assert page.locator("#menu").bounding_box()["width"] == 333
    assert page.locator("#content").bounding_box()["width"] == 500
    assert page.locator("#content").bounding_box()["height"] >= 900
    prevented = """() => {
        const event = new MouseEvent("contextmenu", { bubbles: true, cancelable: true });
        return !document.body.dispatchEvent(event);
    }"""
    assert page.evaluate(prevented) is True
    assert player.content.locator("body").evaluate(prevented) is True


def test_without_a_bar_or_a_menu_the_content_has_the_page(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm12_two_scos", context)
    learner.configure(PlayerShowNavBar="NO", PlayerShowCourseStructure="NO", PlayerEnableFlowNav="NO")
    page = learner.launch().page

    expect(page.locator("#content")).to_be_visible()
    box = page.locator("#content").bounding_box()
    assert (box["x"], box["y"]) == (0, 0)


def test_content_that_logs_out_asks_before_the_course_is_left(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm12_two_scos", context)
    learner.configure(PlayerIntermediateScoSatisfiedNormalExitAction="EXIT_COURSE_AFTER_CONFIRM")
    player = learner.launch()
    player.press("pass")
    player.press("finish")

    expect(player.page.locator("#message")).to_contain_text("Do you want to leave the course?")
    player.page.get_by_role("button", name="Leave the course").last.click()
    player.await_session("ended")
    learner.stored_when(lambda found: found["launches"] == ["exited"])


def test_the_player_opens_in_a_window_of_its_own_after_a_click(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm12_single", context)
    learner.configure(PlayerLaunchType="NEW_WINDOW_AFTER_CLICK")
    page = context.new_page()
    page.goto(library.desk.link(learner.course, learner.name, ""))

    with page.expect_popup() as popup:
        page.get_by_role("button", name="Open the course").click()
    player = Player(popup.value)
    player.await_activity("I1")
    player.press("finish")
    player.await_session("ended")
    with player.page.expect_event("close"), suppress(Error):  # the window may be gone before the click has returned
        player.page.get_by_role("button", name="Close the window").click()

    expect(page.locator("#opener-words")).to_contain_text("was closed")


def test_content_opens_in_a_window_after_a_click(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm12_single", context)
    learner.configure(PlayerScoLaunchType="NEW_WINDOW_AFTER_CLICK_WITHOUT_BROWSER_TOOLBAR")
    player = learner.launch()

    with player.page.expect_popup() as popup:
        player.page.get_by_role("button", name="Open the content").click()

    expect(popup.value.locator("#last")).to_contain_text("nitialize() = true")


def test_only_what_is_asked_for_is_logged(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm12_single", context)
    learner.configure(PlayerDebugRteDetailed="False")
    player = learner.launch()
    player.press("pass")
    player.press("finish")
    player.await_session("ended")

    stored = learner.stored_when(lambda found: any(entry["method"] == "LMSFinish" for entry in found["log"]))
    names = {entry["method"] for entry in stored["log"]}
    assert names <= {"LMSInitialize", "LMSCommit", "LMSFinish"}
    other = library.learner("scorm12_single", context)
    other.configure(PlayerCaptureHistoryDetailed="NO")
    player = other.launch()
    player.press("finish")
    player.await_session("ended")
    assert other.stored_when(lambda found: found["launches"] == ["exited"])["log"] == []


def test_content_that_needs_the_full_screen_is_covered_until_it_has_it(
    library: Library, context: BrowserContext
) -> None:
    learner = library.learner("scorm12_single", context)
    learner.configure(PlayerRequiredFullScreen="YES")
    page = learner.launch().page
    expect(page.get_by_text("This course needs the full screen.")).to_be_visible()

    page.get_by_role("button", name="Go to full screen").click()

    expect(page.locator("#full-screen-needed")).to_be_hidden()
    page.locator("#full-screen").click()
    expect(page.locator("#full-screen-needed")).to_be_visible()


def test_the_full_screen_is_only_offered_where_it_is_wanted(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm12_two_scos", context)
    learner.configure(
        PlayerDesiredFullScreen="YES", PlayerCourseStructureStartsOpen="NO", PlayerDebugIncludeTimestamps="False"
    )
    page = learner.launch().page

    expect(page.get_by_role("button", name="Full screen")).to_be_visible()
    expect(page.locator("#full-screen-needed")).to_be_hidden()
    expect(page.locator("#menu-toggle")).to_have_attribute("aria-expanded", "false")
    page.locator("#menu-toggle").click()
    expect(page.locator("#menu")).to_be_visible()
    page.locator("#debug-toggle").click()
    expect(page.locator("#debug")).to_contain_class("without-times")


def test_a_learner_is_told_after_as_many_failures_as_is_set(library: Library, context: BrowserContext) -> None:
    learner = library.learner("scorm12_single", context)
    learner.configure(PlayerCommMaxFailedSubmissions="1")
    player = learner.launch()
    expect(player.content.locator("#last")).to_contain_text("LMSInitialize")

    context.set_offline(True)
    player.press("bookmark")

    expect(player.page.locator("#message")).to_contain_text("The server has not answered")
    context.set_offline(False)
