"""A learner at the player, for tests: opens launches, uses the player's controls, looks into the content."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, FrameLocator, Page

from tests.packages import package_zip

from .desk import Desk

PATIENCE = 15  # seconds
_numbers = count(1)


class Library:
    """The test packages as courses of one realm, each imported when it is first asked for."""

    def __init__(self, desk: Desk, folder: Path, owner: str = "library@example.com") -> None:
        self.desk, self.folder = desk, folder
        self.realm = desk.realm(owner)
        self._courses: dict[str, int] = {}

    def course(self, name: str) -> int:
        if name not in self._courses:
            path = self.folder / f"{name}.zip"
            path.write_bytes(package_zip(name))
            self._courses[name] = self.desk.course(self.realm, path)
        return self._courses[name]

    def learner(self, name: str, context: BrowserContext) -> "Learner":
        """Somebody new on the course with that package."""
        return Learner(self.desk, self.course(name), f"learner {next(_numbers)}", context)


@dataclass
class Learner:
    desk: Desk
    course: int
    name: str
    context: BrowserContext

    def launch(self, page: Page | None = None, context: BrowserContext | None = None, back: str = "") -> "Player":
        """Follow a launch link; come back when the player has started."""
        page = page or (context or self.context).new_page()
        page.goto(self.desk.link(self.course, self.name, back))
        page.locator('body:not([data-session="starting"])').wait_for(state="attached")
        return Player(page)

    def configure(self, **settings: str) -> None:
        """Set these for the learner's registration alone."""
        self.desk.configure(self.course, self.name, *(f"{name}={value}" for name, value in settings.items()))

    def stored(self) -> dict[str, Any]:
        return self.desk.stored(self.course, self.name)

    def stored_when(self, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """What is stored once that holds; fails with what is stored instead."""
        until = time.monotonic() + PATIENCE
        while not holds(found := self.stored()):
            assert time.monotonic() < until, found
            time.sleep(0.1)
        return found


@dataclass
class Player:
    page: Page

    @property
    def content(self) -> FrameLocator:
        return self.page.frame_locator("#content")

    @property
    def session(self) -> str:
        return self.page.locator("body").get_attribute("data-session") or ""

    def press(self, button: str) -> None:
        """A button of the content."""
        self.content.locator(f"#{button}").click()

    def request(self, name: str) -> None:
        self.page.locator(f'[data-request="{name}"]').click()

    def choose(self, activity: str) -> None:
        self.page.locator(f'[data-activity="{activity}"]').click()

    def await_session(self, state: str) -> None:
        self.page.locator(f'body[data-session="{state}"]').wait_for(state="attached")

    def await_activity(self, identifier: str) -> None:
        self.page.locator(f'body[data-current="{identifier}"]:not([data-busy])').wait_for(state="attached")

    def close_window(self) -> None:
        """As a learner closes it: what listens for unload runs."""
        with self.page.expect_event("close"):
            self.page.close(run_before_unload=True)
