"""`make screens [ARGS="--only library --folder /tmp/pictures --language de"]`: pictures of every page for docs/screens.

Starts a product in a folder of its own and walks its URL configuration. Ends with an error when a route is about
something that the realm of house.py lacks, answers with neither a page nor a reason of routes.ELSEWHERE, or when a
browser complains of a page: so no page is left out unseen.
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.services import PASSWORD, ROOT, Cloud

from .scenes import SCENES

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FOLDER = ROOT / "docs" / "screens"
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PEOPLE = {
    "owner": "mira@harbour.example",
    "staff": "staff@cloud.example",
    "learner": "ada@harbour.example",
    "careful": "iko@harbour.example",
}
TAKES_FORMS = 405
# Pages that say by their status that nothing was done.
REFUSING = {"socialaccount_login_error"}
# What a browser says of an error page that is meant to be one.
EXPECTED = "Failed to load resource: the server responded with a status of"


@dataclass(frozen=True)
class Shape:
    """A window and how its picture is kept."""

    width: int
    height: int
    tallest: int  # what is shown of a long page
    scheme: Literal["light", "dark"]
    scale: float
    quality: int

    def picture(self, page: Page) -> bytes:
        size = page.viewport_size or DESKTOP
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": self.scale}
        devtools = page.context.new_cdp_session(page)
        asked = {"format": "jpeg", "quality": self.quality, "clip": clip}
        taken = devtools.send("Page.captureScreenshot", asked)
        devtools.detach()
        return base64.b64decode(taken["data"])


# All of them together stay below 13 MB.
SMALL = {
    "desktop": Shape(1440, 900, 1500, "light", 0.65, 45),
    "dark": Shape(1440, 900, 1100, "dark", 0.5, 50),
    "phone": Shape(390, 844, 1700, "light", 0.7, 42),
}
LARGE = {kind: replace(shape, scale=1.0, quality=75) for kind, shape in SMALL.items()}


@dataclass
class Album:
    """What was pictured, and what went wrong."""

    folder: Path
    language: str
    shapes: dict[str, Shape]
    shown: dict[str, list[str]] = field(default_factory=dict)  # name -> its pictures
    paths: dict[str, str] = field(default_factory=dict)  # name -> the route or scene, in words
    problems: list[str] = field(default_factory=list)


class Visitors:
    """A browser context for each person, signed in once."""

    def __init__(self, browser: Browser, cloud: Cloud, album: Album) -> None:
        self._browser, self._cloud, self._album = browser, cloud, album
        self._held: dict[str, Page] = {}

    def page(self, who: str) -> Page:
        if who not in self._held:
            self._held[who] = self._open(who)
        return self._held[who]

    def _open(self, who: str) -> Page:
        context = self._browser.new_context(
            viewport=DESKTOP,
            color_scheme="light",
            reduced_motion="reduce",
            locale=self._album.language,
            timezone_id="Europe/Berlin",
        )
        page = context.new_page()
        page.on("console", lambda line: self._complain(page, line.text) if line.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._complain(page, str(error)))
        if who in PEOPLE:
            self._sign_in(page, PEOPLE[who])
        return page

    def _complain(self, page: Page, text: str) -> None:
        if not text.startswith(EXPECTED):
            self._album.problems.append(f"{page.url}: the browser says: {text}")

    def _sign_in(self, page: Page, email: str) -> None:
        page.goto(f"{self._cloud.console}/accounts/login/")
        page.locator("[name=login]").fill(email)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/accounts/login" not in url)


# --- pictures ---------------------------------------------------------------------------------------------------------


def picture(page: Page, name: str, album: Album) -> None:
    """The page as it is: on a desktop in light and dark, on a phone in light."""
    album.shown[name] = []
    for kind, shape in album.shapes.items():
        page.emulate_media(color_scheme=shape.scheme)
        shoot(page, name, kind, album)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)


def settle(page: Page) -> None:
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")
    page.wait_for_timeout(120)


def shoot(page: Page, name: str, kind: str, album: Album) -> None:
    """The window is made as tall as the page, so that what sticks to its edges is where it belongs."""
    shape = album.shapes[kind]
    page.set_viewport_size({"width": shape.width, "height": shape.height})
    settle(page)
    whole = page.evaluate("document.documentElement.scrollHeight")
    if whole > shape.height and not name.startswith("player-"):  # a player fills the window
        page.set_viewport_size({"width": shape.width, "height": min(whole, shape.tallest)})
        settle(page)
    if kind == "phone" and (width := page.evaluate("document.documentElement.scrollWidth")) > shape.width:
        album.problems.append(f"{page.url}: {width} pixels wide on a phone")
    file = f"{name}-{kind}.jpg"
    (album.folder / file).write_bytes(shape.picture(page))
    album.shown[name].append(file)


def walk(visitors: Visitors, cloud: Cloud, pages: list[dict[str, Any]], album: Album) -> None:
    for each in pages:
        page = visitors.page(each["who"])
        origin = cloud.console if each["origin"] == "console" else cloud.content
        address = origin + each["path"]
        if not each["route"] or is_page(page, address, each["route"], album):
            page.goto(address, wait_until="load")
            if each["name"].startswith("player-"):
                page.wait_for_timeout(2500)
            album.paths[each["name"]] = each["path"] if not each["route"] else each["route"]
            if each["route"] and each["path"].startswith("/r/"):
                note_menu(page, album)
            picture(page, each["name"], album)


def note_menu(page: Page, album: Album) -> None:
    """Each page of a realm belongs to one entry of its menu."""
    if page.locator("#menu [aria-current=page]").count() != 1:
        album.problems.append(f"{page.url}: it belongs to no entry of the menu, or to several")


def is_page(page: Page, address: str, route: str, album: Album) -> bool:
    """A whole document, and not a download, a part of a page or what only takes forms."""
    answer = page.request.get(address, max_redirects=0)
    if "attachment" in answer.headers.get("content-disposition", ""):
        return False
    is_document = "text/html" in answer.headers.get("content-type", "") and answer.text()[
        :99
    ].lstrip().lower().startswith("<!doctype")
    if answer.status == 200 or is_document and route in REFUSING:
        return is_document
    if answer.status != TAKES_FORMS and not is_refused_to_staff(route, answer.status):
        album.problems.append(f"{route} answers {answer.status} at {address}: it is no page and nobody says why")
    return False


def is_refused_to_staff(route: str, status: int) -> bool:
    """Rows that can only be looked at refuse their forms."""
    return route.startswith("admin:") and status == 403


# --- the command ------------------------------------------------------------------------------------------------------


def furnish(cloud: Cloud) -> dict[str, Any]:
    """Put the realm of house.py into a product that does not run yet; where its pages are."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.screens.house"],
        cwd=ROOT,
        env=cloud._environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        sys.exit(f"{made.stderr}\nerror: the realm that is pictured could not be made")
    return json.loads(made.stdout)


@contextmanager
def harbour(folder: Path) -> Iterator[tuple[Cloud, dict[str, Any]]]:
    """A running product with the realm of house.py in it, and where its pages are."""
    cloud = Cloud(folder / "data")
    told = furnish(cloud)
    cloud.start()
    try:
        yield cloud, told
    finally:
        cloud.stop()


def write_index(album: Album) -> None:
    rows = []
    for name, files in sorted(album.shown.items()):
        links = " · ".join(f"[{file.removeprefix(name + '-').removesuffix('.jpg')}]({file})" for file in files)
        rows.append(f"| {name} | `{album.paths[name]}` | {links} |")
    text = (
        "# Every page\n\nMade by `make screens`, which ends with an error where a page has no picture. Desktop is 1440"
        " pixels wide, a phone 390; long pages are cut.\n\n| Page | Route | Pictures |\n|---|---|---|\n"
    )
    (album.folder / "README.md").write_text(text + "\n".join(rows) + "\n")


def main() -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "ENVIRONMENT", "CONSOLE_ORIGIN", "CONTENT_ORIGIN", "DEBUG"):
        os.environ.pop(name, None)
    parser = argparse.ArgumentParser(prog="make screens", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only", default="", help="names of pages that hold one of these words, comma-separated")
    parser.add_argument("--language", default="en")
    parser.add_argument("--large", action="store_true", help="pixel for pixel, to look at closely")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    album = Album(wanted.folder, wanted.language, LARGE if wanted.large else SMALL)
    words = [word for word in wanted.only.split(",") if word]

    def is_wanted(name: str) -> bool:
        return not words or any(word in name for word in words)

    with (
        tempfile.TemporaryDirectory(prefix="scormcloud-screens-", ignore_cleanup_errors=True) as folder,
        harbour(Path(folder)) as (cloud, told),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        visitors = Visitors(browser, cloud, album)
        walk(visitors, cloud, [each for each in told["pages"] if is_wanted(each["name"])], album)
        for scene in SCENES:
            if is_wanted(scene.__name__.replace("_", "-")):
                name = scene.__name__.replace("_", "-")
                page = visitors.page(scene.who)
                scene(page, cloud.console)
                album.paths[name] = scene.__doc__ or ""
                picture(page, name, album)
        browser.close()
    if not words:
        for file in set(album.folder.glob("*.jpg")) - {
            album.folder / each for files in album.shown.values() for each in files
        }:
            file.unlink()
        write_index(album)
    print(f"{sum(map(len, album.shown.values()))} pictures of {len(album.shown)} pages")
    if album.problems:
        sys.exit("\n".join(["error:", *album.problems]))


if __name__ == "__main__":
    main()
