"""The sequencing debugger in a real browser: live beside the sandbox player, and as a page of the console."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bench.navigation import package
from tests.packages import package_zip
from tests.services import Cloud

from .accessible import complaints
from .desk import Desk
from .desk_end import PASSWORD
from .player import Learner

pytestmark = pytest.mark.browser

OWNER = "sequencing@example.com"
LOCKED = (  # the test opens once the lessons are done, which they say through a shared objective
    '<imsss:objective objectiveID="done"><imsss:mapInfo targetObjectiveID="org.example.done"/></imsss:objective>'
)
RULE = (
    '<imsss:sequencing><imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions conditionCombination="any">'
    '<imsss:ruleCondition referencedObjective="done" operator="not" condition="satisfied"/>'
    '<imsss:ruleCondition referencedObjective="done" operator="not" condition="objectiveStatusKnown"/>'
    '</imsss:ruleConditions><imsss:ruleAction action="disabled"/></imsss:preConditionRule></imsss:sequencingRules>'
)
WRITES = (
    "<title>Rivers</title><imsss:sequencing><imsss:objectives><imsss:primaryObjective><imsss:mapInfo "
    'targetObjectiveID="org.example.done" writeSatisfiedStatus="true"/></imsss:primaryObjective></imsss:objectives>'
    "</imsss:sequencing>"
)
STORE = '<adlcp:data><adlcp:map targetID="org.example.notes"/></adlcp:data>'  # of adl.data


def locked_package() -> bytes:
    """scorm2004_multi with its test locked until the first lesson is passed."""
    held, made = zipfile.ZipFile(io.BytesIO(package_zip("scorm2004_multi"))), io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for name in held.namelist():
            text = held.read(name)
            out.writestr(name, locked(text.decode()).encode() if name == "imsmanifest.xml" else text)
    return made.getvalue()


def locked(manifest: str) -> str:
    before, after = manifest.split("<title>Test</title>")
    end = "</imsss:primaryObjective>"
    after = after.replace("<imsss:sequencing>", RULE, 1).replace(end, end + LOCKED, 1)
    before = before.replace("<title>Rivers</title>", WRITES)
    before = before.replace("<title>Mountains</title>", f"<title>Mountains</title>{STORE}")
    return f"{before}<title>Test</title>{after}"


@pytest.fixture(scope="module")
def course(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int]:
    """The realm and the course."""
    path: Path = tmp_path_factory.mktemp("packages") / "locked.zip"
    path.write_bytes(locked_package())
    realm = desk.realm(OWNER)
    return realm, desk.course(realm, path)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(15_000)
    errors: list[str] = []
    opened.on("weberror", lambda error: errors.append(str(error.error)))
    yield opened
    opened.close()
    assert errors == []


@pytest.fixture
def console(cloud: Cloud, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(f"{cloud.console}/accounts/login/")
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, Olga")).to_be_visible()
    return page


# --- beside the player ------------------------------------------------------------------------------------------------


def test_the_drawer_follows_the_player(desk: Desk, course: tuple[str, int], context: BrowserContext) -> None:
    player = Learner(desk, course[1], "drawer", context).launch()
    page, drawer = player.page, player.page.locator("#sequencing")
    page.locator("#sequencing-toggle").click()

    expect(drawer.locator("[data-fold='part decided'] > p").first).to_have_text("Start → delivered Before you start")
    expect(drawer.locator(".trace").first).to_contain_text("NB.2.1 Navigation Request Process")
    expect(drawer.locator("[data-fold='part objectives']")).to_contain_text("org.example.done")
    expect(drawer.locator("[data-fold='part stores']")).to_contain_text("org.example.notes")

    player.request("continue")

    expect(drawer.locator(".requests li")).to_have_count(2)
    expect(drawer.locator(".requests li").first).to_contain_text("Continue → delivered Rivers")
    expect(drawer.locator("tr", has=page.locator("[data-look=I1]")).locator(".badge")).to_have_text("current")
    assert complaints(page) == []


def test_steps_unfolded_beside_the_player_survive_what_comes(
    desk: Desk, course: tuple[str, int], context: BrowserContext
) -> None:
    player = Learner(desk, course[1], "folds", context).launch()
    page = player.page
    page.locator("#sequencing-toggle").click()
    first = page.locator("#sequencing .requests li").last.locator("button")
    first.click()
    folded = page.locator("#sequencing .trace details:not([open])").first
    name = folded.get_attribute("data-fold")
    folded.locator("summary").first.click()
    step = page.locator(f'#sequencing [data-fold="{name}"]')
    expect(step).to_have_attribute("open", "")
    page.locator('#sequencing [data-fold="part stores"] > summary').click()

    player.request("continue")

    expect(page.locator("#sequencing .requests li")).to_have_count(2)
    expect(step).to_have_attribute("open", "")
    expect(page.locator('#sequencing [data-fold="part stores"]')).not_to_have_attribute("open", "")


def test_an_item_that_cannot_be_chosen_explains_itself(
    desk: Desk, course: tuple[str, int], context: BrowserContext
) -> None:
    player = Learner(desk, course[1], "why", context).launch()
    page = player.page

    page.locator('#menu [data-activity="I3"]').click(force=True)

    part = page.locator('#sequencing [data-fold="part activity"]')
    expect(part.locator("summary").first).to_contain_text("Test")
    expect(part.locator("p.is-refused").first).to_contain_text("DB.1.1-3: The activity is disabled")
    expect(part.locator(".trace")).to_contain_text("not objectiveStatusKnown (done)")

    page.locator('#sequencing button[data-look="I1"]').click()
    expect(part).to_contain_text("It can be chosen now.")
    page.get_by_role("button", name="Why can't I choose Test?").click()
    expect(part.locator("p.is-refused").first).to_contain_text("DB.1.1-3")
    page.keyboard.press("Escape")
    expect(page.locator("#sequencing")).to_be_hidden()
    expect(page.locator("#sequencing-toggle")).to_be_focused()


def test_the_drawer_fits_a_phone(desk: Desk, course: tuple[str, int], context: BrowserContext) -> None:
    player = Learner(desk, course[1], "phone", context).launch()
    page = player.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#sequencing-toggle").click()

    expect(page.locator("#sequencing .trace").first).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator("#sequencing").bounding_box()["width"] == 390
    page.locator("#sequencing-close").click()
    expect(page.locator("#sequencing")).to_be_hidden()


# --- in the console ---------------------------------------------------------------------------------------------------


def test_steps_unfolded_on_the_page_survive_its_live_refresh(
    desk: Desk, course: tuple[str, int], context: BrowserContext, console: Page, cloud: Cloud
) -> None:
    realm, pk = course
    player = Learner(desk, pk, "page", context).launch()
    registration = desk.registration(pk, "page")
    console.goto(f"{cloud.console}/r/{realm}/registrations/{registration}/sequencing/")
    console.locator(".requests a").last.click()
    folded = console.locator(".trace details:not([open])").first
    name = folded.get_attribute("data-fold")
    folded.locator("summary").first.focus()
    console.keyboard.press("Enter")
    step = console.locator(f'[data-fold="{name}"]')
    expect(step).to_have_attribute("open", "")

    player.request("continue")

    expect(console.locator(".requests li")).to_have_count(2)
    expect(step).to_have_attribute("open", "")
    expect(step.locator("summary").first).to_be_focused()


def test_the_page_explains_a_closed_item_and_gives_all_as_json(
    desk: Desk, course: tuple[str, int], context: BrowserContext, console: Page, cloud: Cloud
) -> None:
    realm, pk = course
    Learner(desk, pk, "json", context).launch()
    console.goto(f"{cloud.console}/r/{realm}/registrations/{desk.registration(pk, 'json')}/sequencing/")

    console.get_by_role("link", name="Why can't I choose Test?").click()
    expect(console.locator("#activity .is-refused").first).to_contain_text("DB.1.1-3: The activity is disabled")

    with console.expect_download() as downloading:
        console.get_by_role("link", name="Download").click()
    told = json.loads(Path(downloading.value.path()).read_text())
    assert [each["request"] for each in told["requests"]] == ["start"]
    assert told["requests"][0]["trace"][0]["process"] == "OP.1"
    assert {item["identifier"]: bool(item.get("why_not")) for item in told["menu"]}["I3"] is True


# --- a large course ---------------------------------------------------------------------------------------------------


def test_the_menu_of_a_thousand_follows_what_each_answer_changes(
    desk: Desk, course: tuple[str, int], context: BrowserContext, tmp_path: Path
) -> None:
    path = tmp_path / "thousand.zip"
    path.write_bytes(package())
    player = Learner(desk, desk.course(course[0], path), "large", context).launch()
    items = player.page.locator("#menu [data-activity]")
    expect(items).to_have_count(1_000)  # what is shown will be satisfied, and what is satisfied hides from choice

    with player.page.expect_response("**/navigate") as answered:
        player.request("continue")

    told = answered.value.json()["launch"]
    assert (told["menu"], told["change"]["left"]) == ([], ["I0-1"])
    expect(items).to_have_count(999)
    with player.page.expect_response("**/navigate") as answered:
        items.nth(500).click()
    assert answered.value.json()["launch"]["menu"] == []
    expect(player.page.locator("body")).to_have_attribute("data-current", answered.value.json()["launch"]["activity"])
