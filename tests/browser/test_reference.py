"""The reference of the API, as anybody reads it."""

import pytest
from playwright.sync_api import Page, expect

from tests.services import Cloud

from .accessible import complaints

pytestmark = pytest.mark.browser


def test_operations_open_and_lead_to_their_schemas(cloud: Cloud, page: Page):
    page.goto(f"{cloud.console}/api/v2/reference")
    operation = page.locator("#getCourse")

    operation.locator("summary").click()
    expect(operation.get_by_text("/api/v2/courses/{courseId}")).to_be_visible()
    assert complaints(page) == []

    operation.get_by_role("link", name="CourseSchema").click()
    expect(page.locator("#schema-CourseSchema").get_by_role("row", name="courseLearningStandard")).to_be_in_viewport()
