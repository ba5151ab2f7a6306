"""Add Content in a real browser on the real processes: many files, pauses, cut lines, reloads, refusals,
new versions."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Dialog, Locator, Page, Request, Route, expect

from tests.packages import package_zip
from tests.services import PASSWORD, Cloud

from .desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.services]

PATIENCE = 20_000  # milliseconds
SLOW = 400_000  # bytes a second of a line on which there is time to do something in the middle
LARGE = 1_500_000
PIECE = 16 * 1024 * 1024  # bytes of a request
EVERY_PLACE = ["", "library/", "add/"]
SENDING = re.compile(r"[1-9]\d* kB of 1\.\d+ MB")
DROP = """([at, files]) => {
  const carried = new DataTransfer();
  for (const [name, bytes] of files) carried.items.add(new File([new Uint8Array(bytes)], name));
  for (const type of ["dragenter", "dragover", "drop"])
    document.querySelector(at).dispatchEvent(
      new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: carried}));
}"""
_numbers = count(1)


@dataclass
class Adder:
    """A person at one of the pages that take packages."""

    page: Page
    realm: str  # address of its dashboard
    folder: Path  # of the packages
    data_dir: Path  # of the product
    line: CDPSession
    sent_from: list[int] = field(default_factory=list)  # Upload-Offset of each PATCH

    def open(self, path: str = "add/") -> None:
        self.page.goto(self.realm + path)

    def package(self, size: int = 0) -> Path:
        """A course of its own title and file name, of about that many bytes."""
        title = f"Course {next(_numbers)}"
        path = self.folder / f"{title.lower().replace(' ', '-')}.zip"
        path.write_bytes(package_zip("scorm12_single"))
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        manifest = members["imsmanifest.xml"].replace(b"Capitals in one page", title.encode())
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in (members | {"imsmanifest.xml": manifest, "padding.bin": bytes(size)}).items():
                archive.writestr(name, content)
        return path

    def choose(self, *paths: Path) -> None:
        self.page.locator("[data-pick]").set_input_files(paths)

    def throttle(self, bytes_per_second: int = -1) -> None:
        """A slow line; without a number as fast as the machine."""
        wanted = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
        self.line.send("Network.emulateNetworkConditions", wanted)

    def begin(self, path: Path) -> Locator:
        """Choose the file on a slow line; its row, some of it being sent."""
        self.throttle(SLOW)
        self.choose(path)
        row = self.row(path)
        expect(row).to_contain_text(SENDING, timeout=PATIENCE)
        return row

    def row(self, path: Path) -> Locator:
        return self.page.locator(".upload").filter(has_text=path.name)

    def press(self, row: Locator, name: str) -> None:
        row.get_by_role("button", name=name).click()

    def part_files(self) -> list[str]:
        """What the server keeps of uploads that have not become imports."""
        return [path.name for path in (self.data_dir / "uploads").glob("*-*")]

    def imported(self, path: Path) -> Locator:
        """The link to the course, which comes without a reload."""
        link = self.page.get_by_role("link", name=title_of(path), exact=True).first
        expect(link).to_be_visible(timeout=PATIENCE)
        return link

    @property
    def status(self) -> Locator:
        return self.page.locator("[data-upload-status]")


def title_of(path: Path) -> str:
    return path.stem.capitalize().replace("-", " ")


@dataclass
class Account:
    realm: str
    state: dict


@pytest.fixture(scope="module")
def account(browser: Browser, cloud: Cloud, desk: Desk) -> Account:
    slug = desk.realm("adder@example.com")
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{cloud.console}/accounts/login/")
    page.get_by_label("Email").fill("adder@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    page.wait_for_url(re.compile(r"/r/\w+/$"))
    signed_in = Account(f"{cloud.console}/r/{slug}/", dict(context.storage_state()))
    context.close()
    return signed_in


@pytest.fixture
def adder(browser: Browser, cloud: Cloud, account: Account, tmp_path: Path) -> Iterator[Adder]:
    """Somebody signed in; no script may break on the way. Questions of the browser are answered with yes."""
    context = browser.new_context(storage_state=account.state)  # type: ignore[arg-type]
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", Dialog.accept)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    opened = Adder(page, account.realm, tmp_path, cloud.data_dir, line)
    page.on("request", lambda request: _note(opened, request))
    opened.open()
    yield opened
    context.close()
    assert wrong == []


def _note(adder: Adder, request: Request) -> None:
    if request.method == "PATCH":
        adder.sent_from.append(int(request.headers["upload-offset"]))


# --- taking files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", EVERY_PLACE, ids=["dashboard", "library", "add"])
def test_several_files_are_chosen_and_dropped_everywhere(adder: Adder, place: str) -> None:
    chosen, dropped = [adder.package(), adder.package()], [adder.package(), adder.package()]
    adder.open(place)

    adder.choose(*chosen)
    files = [(path.name, list(path.read_bytes())) for path in dropped]
    adder.page.evaluate(DROP, [".drop-zone", files])

    for path in [*chosen, *dropped]:
        if place == "":
            expect(adder.page.locator(f".job:has-text('{title_of(path)}') a")).to_be_visible(timeout=PATIENCE)
        adder.imported(path)
    assert len(adder.sent_from) == 4


def test_a_file_chosen_twice_is_sent_once(adder: Adder) -> None:
    path = adder.package(LARGE)
    row = adder.begin(path)

    adder.choose(path)

    expect(row).to_have_count(1)
    adder.throttle()
    adder.imported(path)
    expect(adder.page.get_by_role("link", name=title_of(path), exact=True)).to_have_count(1)


# --- stopping and going on --------------------------------------------------------------------------------------------


def test_an_upload_shows_its_bytes_pauses_and_resumes(adder: Adder) -> None:
    path = adder.package(LARGE)
    row = adder.begin(path)
    expect(adder.status).to_have_text(f"{path.name} is being sent")

    adder.press(row, "Pause")

    expect(row).to_contain_text(re.compile(r"Paused at \d+(\.\d+)? kB of 1\.\d+ MB"))
    expect(adder.status).to_have_text(f"{path.name} is paused")
    before = len(adder.sent_from)
    adder.page.wait_for_timeout(1200)
    assert len(adder.sent_from) == before
    adder.throttle()
    adder.press(row, "Resume")
    adder.imported(path)
    assert adder.sent_from[-1] > 0


def test_a_busy_server_is_said_and_tried_again(adder: Adder) -> None:
    path, answers = adder.package(), [503, 423]
    words = {423: "Another window is sending this file.", 503: "<h1>Busy</h1>"}
    adder.page.route(
        "**/uploads/*/",
        lambda route: (
            route.fulfill(status=answers[0], body=words[answers.pop(0)], content_type="text/plain")
            if route.request.method == "PATCH" and answers
            else route.continue_()
        ),
    )

    adder.choose(path)

    expect(adder.row(path)).to_contain_text("The server cannot take it just now.")
    expect(adder.row(path)).to_contain_text("Another window is sending this file. It is tried again by itself.")
    adder.imported(path)


def test_a_cut_line_is_said_and_the_rest_sent_once_it_is_back(adder: Adder) -> None:
    path, address = adder.package(PIECE + LARGE), "**/uploads/*/"

    def cut(route: Route) -> None:
        is_first = route.request.headers.get("upload-offset") == "0"
        return route.continue_() if is_first else route.abort("internetdisconnected")

    adder.page.route(address, cut)

    adder.choose(path)

    expect(adder.row(path)).to_contain_text("No connection. It goes on by itself", timeout=PATIENCE)
    expect(adder.status).to_have_text(f"{path.name} waits for the connection")
    adder.page.wait_for_timeout(1500)  # it is tried in vain meanwhile
    expect(adder.row(path)).to_contain_text("No connection.")
    adder.page.unroute(address)
    adder.imported(path)
    assert adder.sent_from[0] == 0
    assert set(adder.sent_from[1:]) == {PIECE}


def test_a_reloaded_page_names_the_upload_and_goes_on_with_the_same_file(adder: Adder) -> None:
    path, other = adder.package(LARGE), adder.package()
    adder.press(adder.begin(path), "Pause")
    adder.page.reload()
    row = adder.row(path)
    expect(row).to_contain_text(re.compile(r"[1-9]\d? % sent\. Choose the same file again to go on\."))
    begun = len(adder.sent_from)
    adder.throttle()

    adder.choose(other)
    adder.imported(other)
    expect(row).to_have_attribute("data-state", "waiting")
    with adder.page.expect_file_chooser() as asked:
        adder.press(row, "Choose the file again")
    asked.value.set_files(path)

    adder.imported(path)
    assert adder.sent_from[begun] == 0
    assert adder.sent_from[begun + 1] > 0
    expect(adder.page.get_by_role("link", name=title_of(path), exact=True)).to_have_count(1)
    adder.page.reload()
    expect(adder.page.get_by_role("link", name=title_of(path), exact=True)).to_have_count(1)
    expect(adder.row(path)).to_have_count(0)
    assert adder.part_files() == []


@pytest.mark.parametrize("way", ["sending", "paused", "waiting"])
def test_cancelling_leaves_nothing_behind(adder: Adder, way: str) -> None:
    path = adder.package(LARGE)
    row = adder.begin(path)
    assert len(adder.part_files()) == 1
    if way != "sending":
        adder.press(row, "Pause")
    if way == "waiting":
        adder.page.reload()
        expect(row).to_contain_text("Choose the same file again")
        adder.throttle()

    with adder.page.expect_response(lambda answer: answer.request.method == "DELETE" and answer.ok):
        adder.press(row, "Cancel")

    expect(row).to_have_count(0)
    assert adder.part_files() == []
    adder.page.reload()
    expect(adder.row(path)).to_have_count(0)


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_what_cannot_be_a_course_is_said(adder: Adder) -> None:
    document, broken, empty = adder.folder / "notes.txt", adder.folder / "broken.zip", adder.folder / "none.zip"
    document.write_text("no package")
    broken.write_bytes(b"PK\3\4 and then nothing a zip file has")
    empty.write_bytes(b"")

    adder.choose(document, broken, empty)

    expect(adder.row(document)).to_contain_text("This is no package.")
    expect(adder.row(empty)).to_contain_text("none.zip is empty.")
    job = adder.page.locator(".job").filter(has_text="broken.zip")
    expect(job.locator(".job-message")).to_contain_text("zip", timeout=PATIENCE)
    expect(job.get_by_role("link", name=re.compile(r"What was found.*broken\.zip"))).to_be_visible()
    assert len(adder.sent_from) == 1


def test_a_file_over_the_limit_is_refused_before_it_is_sent(adder: Adder) -> None:
    asked: list[str] = []
    adder.page.on("request", lambda request: asked.append(request.method))
    huge = adder.folder / "huge.zip"
    with huge.open("wb") as file:
        file.truncate(5 * 10**9 + 1)  # takes no room on the disk

    adder.choose(huge)

    expect(adder.row(huge)).to_contain_text("It has 5 GB; 5 GB are allowed.")
    expect(adder.status).to_contain_text("huge.zip was not sent.")
    assert {"POST", "PATCH"}.isdisjoint(asked)


# --- after it was sent ------------------------------------------------------------------------------------------------


def test_the_stages_of_an_import_are_shown_and_its_page_may_be_closed(adder: Adder) -> None:
    path = adder.package()
    adder.page.evaluate(
        """(title) => { window.seen = []; new MutationObserver(() => document.querySelectorAll("[data-job]").forEach(
          (job) => job.textContent.includes(title) && window.seen.push(job.dataset.state),
        )).observe(document.body, {childList: true, subtree: true}); }""",
        title_of(path),
    )
    with adder.page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        adder.choose(path)
    adder.imported(path)
    expect(adder.status).to_have_text(f"{title_of(path)} is imported")
    assert adder.page.evaluate("window.seen").pop() == "complete"

    left = adder.package()
    with adder.page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        adder.choose(left)
    found = adder.page.context.new_page()
    adder.page.close(run_before_unload=True)
    found.goto(adder.realm + "library/")

    link = found.locator("#courses").get_by_role("link", name=title_of(left), exact=True)
    expect(link).to_be_visible(timeout=PATIENCE)
    link.click()
    expect(found.get_by_role("heading", level=1)).to_have_text(title_of(left))


# --- by keyboard, on every screen -------------------------------------------------------------------------------------


def test_everything_is_done_by_keyboard(adder: Adder) -> None:
    path = adder.package(LARGE)
    keyboard, pick = adder.page.keyboard, adder.page.locator("[data-pick]")
    for _ in range(60):
        keyboard.press("Tab")
        if pick.evaluate("(pick) => pick === document.activeElement"):
            break
    expect(pick).to_be_focused()
    adder.throttle(SLOW)
    with adder.page.expect_file_chooser() as asked:
        keyboard.press("Space")
    asked.value.set_files(path)
    row = adder.row(path)
    expect(row).to_contain_text(SENDING, timeout=PATIENCE)

    keyboard.press("Tab")
    expect(row.get_by_role("button", name=f"Pause: {path.name}")).to_be_focused()
    keyboard.press("Enter")
    expect(row.get_by_role("button", name=f"Resume: {path.name}")).to_be_focused()
    keyboard.press("Tab")
    expect(row.get_by_role("button", name=f"Cancel: {path.name}")).to_be_focused()
    keyboard.press("Enter")

    expect(row).to_have_count(0)
    expect(pick).to_be_focused()
    expect(adder.status).to_have_text(f"{path.name} was cancelled")


@pytest.mark.parametrize("width", [1440, 390])
def test_many_rows_fit_the_screen_and_a_finger(adder: Adder, width: int) -> None:
    adder.page.set_viewport_size({"width": width, "height": 900})
    long_name = adder.folder / f"{'annual-safety-training-' * 6}.txt"
    long_name.write_text("no package")
    adder.throttle(100_000)

    adder.choose(*(adder.package(LARGE) for _ in range(5)), long_name)

    rows = adder.page.locator(".upload")
    expect(rows).to_have_count(6)
    expect(adder.page.locator(".upload[data-state=sending]")).to_have_count(3)
    expect(adder.page.locator(".upload[data-state=queued]")).to_have_count(2)
    assert adder.page.evaluate("document.documentElement.scrollWidth") == width
    boxes = [button.bounding_box() for button in rows.locator("button:visible").all()]
    assert min(box["height"] for box in boxes if box) >= (40 if width == 390 else 28)
    rows.get_by_role("button", name="Dismiss").click()
    for left in range(4, -1, -1):
        rows.get_by_role("button", name="Cancel").first.click()
        expect(rows).to_have_count(left)


def test_a_new_version_of_a_course_is_taken_at_its_page(adder: Adder) -> None:
    path, second = adder.package(), adder.package()
    adder.choose(path)
    adder.imported(path).click()
    adder.page.get_by_role("link", name="Upload a new version").click()
    expect(adder.page.get_by_role("heading", level=1)).to_have_text(f"New version of {title_of(path)}")

    adder.choose(second)

    adder.page.locator(".job").filter(has_text=title_of(second)).get_by_role("link").first.click(timeout=PATIENCE)
    expect(adder.page.get_by_role("heading", level=1)).to_have_text(title_of(second))
    expect(adder.page.get_by_role("row").filter(has_text="current").get_by_role("rowheader")).to_contain_text("1")
    adder.open(f"library/?q={path.stem}")
    expect(adder.page.locator("#courses tbody tr")).to_have_count(1)
