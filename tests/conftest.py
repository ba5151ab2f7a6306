"""Fixtures every test shares; the real processes are in services.py."""

import os
import shutil

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from content.models import structure_of
from realms.models import BillingPlan
from tests import postgresql

pytest_plugins = ["tests.services", "tests.browser.fixtures"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_configure(config: pytest.Config) -> None:
    # Playwright keeps an event loop in the main thread, which Django would take for an asynchronous caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # What `make` a test runs is on its own, also when the tests run under `make test`.
    for name in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS"):
        os.environ.pop(name, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only the tests that use the database are of interest."""
    if os.environ.get("TEST_DATABASE") != "postgresql":
        return
    on_database = [item for item in items if _uses_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(on_database)])
    items[:] = on_database


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or "db" in fixtures or "transactional_db" in fixtures


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not postgresql.is_available():
        terminalreporter.section(postgresql.MISSING, red=True, bold=True)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rate limits, and what a process keeps by the ids of rows that a rolled back test gives out again."""
    cache.clear()
    structure_of.cache_clear()


@pytest.fixture(autouse=True)
def _english() -> None:
    """A request leaves the language and zone of whoever asked; the next one sets its own, a test does not."""
    translation.activate("en")
    timezone.deactivate()


@pytest.fixture(autouse=True)
def _trial_plan(request: pytest.FixtureRequest) -> None:
    """The plan that a migration makes; a transactional test before this one has emptied every table."""
    if not _uses_database(request.node):
        return
    request.getfixturevalue("django_db_setup")
    with request.getfixturevalue("django_db_blocker").unblock():
        limits = {"active_limit": 10, "storage_limit": 100 * 10**6}
        BillingPlan.objects.get_or_create(is_default=True, defaults={"name": "Trial", **limits})


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """The machine's own Chromium where there is one; no sandbox, because tests also run as root in containers."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync"]
    return browser_type_launch_args | {"args": quiet} | ({"executable_path": CHROMIUM} if CHROMIUM else {})
