"""Plays a conformance case in the real player in a real browser, as the learner and as the content.

The player is driven by what its page promises: `data-request`, `data-activity`, `data-request-menu`, `data-session`,
`data-message`, `data-current` and the frame with the id `content`.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.desk import Desk

from .compare import matches

SCO = (Path(__file__).parent / "sco.html").read_bytes()
CP = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
PATIENCE = 6000  # milliseconds until something that should happen has not
REQUESTS = {
    "continue": ["continue"],
    "previous": ["previous"],
    "suspend_all": ["suspendAll"],
    "exit_all": ["exitAll"],
    "exit": ["exitAll", "exit"],
}
# Holds once the activity is delivered anew: the player says so and a page that was not seen before has loaded.
DELIVERED = """([activity, seen]) => {
    const shown = document.getElementById("content")?.contentWindow;
    return document.body.dataset.current === activity && !document.body.hasAttribute("data-busy")
        && shown?.document.readyState === "complete" && shown.token !== undefined && shown.token !== seen;
}"""


class CaseFailed(AssertionError):
    """What the case expects did not happen."""


def write_package(folder: Path, target: Path) -> None:
    """The case's package: its manifest, and our own page wherever it names a file."""
    manifest = (folder / "imsmanifest.xml").read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("imsmanifest.xml", manifest)
        for name in sorted(set(_files(ElementTree.fromstring(manifest)))):
            archive.writestr(name, SCO if name.endswith((".htm", ".html")) else b"left out")
    target.write_bytes(content.getvalue())


def _files(manifest: ElementTree.Element) -> Iterator[str]:
    for resources in manifest.iter(f"{CP}resources"):
        for resource in resources.iter(f"{CP}resource"):
            base = resources.get(XML_BASE, "") + resource.get(XML_BASE, "")
            names = [resource.get("href"), *(file.get("href") for file in resource.iter(f"{CP}file"))]
            yield from (base + name.strip().partition("?")[0] for name in names if name)


class Case:
    """One case being played by one learner."""

    def __init__(self, folder: Path, desk: Desk, course: int, context: BrowserContext, learner: str) -> None:
        self.script: dict[str, Any] = json.loads((folder / "script.json").read_text())
        self.desk, self.course, self.learner = desk, course, learner
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.problems: list[str] = []
        self.seen: float | None = None
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))

    def play(self) -> None:
        """Raises CaseFailed with everything that was not as expected."""
        self._open(self.script["start_target"])
        try:
            for launch in self.script["launches"]:
                self._play(launch)
            if self.script["end"] == "ask_session_ended" and not self.page.locator("[data-message]").is_visible():
                self.problems.append("the learner is not told that the session is over")
        except (CaseFailed, PlaywrightTimeoutError) as error:
            self.problems.append(str(error).partition("\n")[0])
        if self.problems:
            raise CaseFailed("; ".join(self.problems[:8]))

    def _open(self, choose: dict[str, str] | None) -> None:
        self.page.goto(self.desk.link(self.course, self.learner))
        self.page.locator('body:not([data-session="starting"])').wait_for(state="attached")
        if choose:
            self._choose(choose["identifier"])

    def _play(self, launch: dict[str, Any]) -> None:
        where = f"launch {launch['n']}"
        self._await_delivery(launch, where)
        for question in launch["ui_questions"]:
            if not self._holds(question):
                self.problems.append(f"{where}: not so: {question}")
        self._make_calls(launch["steps"], where)
        self._finish(launch["finish"], where)
        self._act(launch["after"], where)
        if launch["finish"]["terminate"] == "on_unload":
            answers = self.page.evaluate("window.answeredInUnload ?? null")
            if not answers or [answer["answer"] for answer in answers] != ["true"] * len(answers):
                self.problems.append(f"{where}: Terminate inside unload answered {answers}")
        if launch["after"]["expect"] == "session_ended":
            self._await_end(where)
            if "relaunch" in launch["after"]:
                self._open(launch["after"]["relaunch"].get("choose"))

    def _await_delivery(self, launch: dict[str, Any], where: str) -> None:
        activity = launch["item"]["identifier"].strip()
        try:
            self.page.wait_for_function(DELIVERED, arg=[activity, self.seen])
        except PlaywrightTimeoutError:
            body = self.page.locator("body")
            shown, session = body.get_attribute("data-current"), body.get_attribute("data-session")
            says = self.page.locator("[data-message]").text_content()
            raise CaseFailed(f"{where}: expected {activity}, got {shown!r} ({session}, {says!r})") from None
        self.seen = self._in_content("() => window.token")
        address = self._in_content("() => location.search")
        number = launch["activity"].removeprefix("Act")
        if f"act={number}" not in address.removeprefix("?").split("&") and "act=" in address:
            self.problems.append(f"{where}: {activity} was opened as {address}")

    def _in_content(self, script: str, argument: Any = None) -> Any:
        frame = self.page.locator("#content").element_handle().content_frame()
        assert frame is not None
        return frame.evaluate(script, argument)

    def _make_calls(self, steps: list[dict[str, Any]], where: str) -> None:
        answers = self._in_content("(steps) => window.run(steps)", steps) if steps else []
        for number, (step, given) in enumerate(zip(steps, answers, strict=True), 1):
            if fault := self._fault(step, given["answer"], given["error"]):
                self.problems.append(
                    f"{where} step {number} {step['method']}({step['element']}, {step['value']}): {fault}"
                )

    def _fault(self, step: dict[str, Any], answer: Any, error: str) -> str:
        expected = step["expect_return"]
        if step["method"] == "CompareObjectiveIds":
            return "" if sorted(answer) == sorted(expected) else f"objectives {answer} instead of {expected}"
        wanted = step["expect_error"]
        if wanted is not None and error not in (wanted if isinstance(wanted, list) else [wanted]):
            return f"error {error} instead of {wanted}"
        expected = {"@learner_id": self.learner, "@learner_name": "Doe, Jane"}.get(str(expected), expected)
        if matches(step["compare"], expected, answer, step.get("may_be_cut_at")):
            return ""
        return f"answered {answer!r} instead of {expected!r}"

    def _finish(self, finish: dict[str, Any], where: str) -> None:
        if finish["terminate"] == "on_unload":
            self._in_content("(nav) => { window.onUnload = { nav }; }", finish.get("unload_nav"))
        elif finish["terminate"] == "after_steps":
            (given,) = self._in_content("(steps) => window.run(steps)", [{"method": "Terminate", "value": ""}])
            if given != {"answer": "true", "error": "0"}:
                self.problems.append(f"{where}: Terminate answered {given}")
        if finish.get("then") == "content_stays":
            self.page.wait_for_timeout(500)
            if not self.page.locator("#content").is_visible():
                self.problems.append(f"{where}: the content is gone")
        if finish.get("then") == "content_removed":
            self._await_removal()

    def _await_removal(self) -> None:
        self.page.wait_for_function(
            "(seen) => document.getElementById('content')?.contentWindow.token !== seen", arg=self.seen
        )

    def _act(self, after: dict[str, Any], where: str) -> None:
        if after.get("first") == "content_removed":
            self._await_removal()
        kind = after["kind"]
        if kind == "choice":
            target = after["target"]
            self._choose(self._root() if target == "root" else target["identifier"].strip())
        elif kind != "none":
            self._request(kind, where)

    def _root(self) -> str:
        return self.page.locator("[data-activity]").first.get_attribute("data-activity") or ""

    def _choose(self, identifier: str) -> None:
        self.page.locator(f'[data-activity="{identifier}"]').click()

    def _request(self, kind: str, where: str) -> None:
        for name in REQUESTS[kind]:
            control = self.page.locator(f'[data-request="{name}"]')
            if control.count() and control.get_attribute("hidden") is None:
                if not control.is_visible():
                    self.page.locator("[data-request-menu]").click()
                control.click()
                return
        raise CaseFailed(f"{where}: there is no control for {kind}")

    def _await_end(self, where: str) -> None:
        try:
            self.page.locator('body[data-session="ended"]').wait_for(state="attached")
        except PlaywrightTimeoutError:
            raise CaseFailed(f"{where}: the session did not end") from None
        if self.page.locator("#content").count():
            self.problems.append(f"{where}: content is left after the session ended")

    def _holds(self, question: dict[str, Any]) -> bool:
        state, what = question["state"], question["what"]
        if what == "toc":
            entries = self.page.locator("[data-activity]").all()
            return any(_usable(entry) for entry in entries) is question["expect"]
        if what == "toc_item":
            control = self.page.locator(f'[data-activity="{question["target"]["identifier"].strip()}"]')
        else:
            control = self.page.locator(f'[data-request="{what}"]')
        there = control.count() > 0
        is_so = {
            "enabled": there and _usable(control),
            "selectable": there and _usable(control),
            "visible": there and control.is_visible(),
            "disabled": not (there and _usable(control)),
        }[state]
        return is_so is question["expect"]


def _usable(control: Any) -> bool:
    disabled = control.get_attribute("disabled") is not None or control.get_attribute("aria-disabled") == "true"
    return control.is_visible() and not disabled
