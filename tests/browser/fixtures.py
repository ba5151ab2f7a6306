"""Fixtures of the tests that play courses in a running product; found by tests/conftest.py's pytest_plugins."""

from collections.abc import Iterator

import pytest

from tests.services import Cloud

from .desk import Desk, open_desk


@pytest.fixture(scope="session")
def desk(cloud: Cloud) -> Iterator[Desk]:
    with open_desk(cloud) as opened:
        yield opened
