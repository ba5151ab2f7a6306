"""Whether a page keeps the rules of accessibility and fits a phone."""

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 390, "height": 844}


def broken_rules(page: Page) -> list[str]:
    """The rules that the page as it is shown breaks, with the first element that does and why (axe-core).

    Without loading its styles again, which axe does by inline styles that the policy of a page refuses, and without
    naming each element that keeps a rule, which takes most of its time on a long page."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")  # a theme switches
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")
    page.evaluate(AXE_FILE_PATH.read_text())
    result = page.evaluate(
        "(rules) => axe.run(document, { runOnly: rules, preload: false, resultTypes: ['violations'] })", RULES
    )
    return [_first(each) for each in result["violations"]]


def _first(violation: dict) -> str:
    node = violation["nodes"][0]
    return f"{violation['id']}: {node['html'][:120]} ({node['failureSummary'].splitlines()[-1].strip()})"


def complaints(page: Page) -> list[str]:
    """What is wrong with the page in light and dark, and on a phone."""
    size = page.viewport_size
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {broken}" for broken in broken_rules(page)]
    page.set_viewport_size(PHONE)
    if (width := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
        found.append(f"{width} pixels wide on a phone")
    page.set_viewport_size(size)
    return found
