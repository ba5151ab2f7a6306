"""What each setting of the player's look and conduct comes to in what the page is told."""

from typing import Any

import pytest

from player.options import options
from realms.configuration import effective


@pytest.mark.parametrize(
    ("setting", "value", "place", "expected"),
    [
        ("PlayerCommCommitFrequency", "2500", "commitMilliseconds", 2500),
        ("PlayerCommCommitFrequency", "1", "commitMilliseconds", 1000),
        ("PlayerCommitWaitsForServer", "YES", "waitForServer", True),
        ("PlayerCommMaxFailedSubmissions", "5", "triesBeforeTelling", 5),
        ("PlayerScoLaunchType", "NEW_WINDOW", "window", "NEW_WINDOW"),
        ("PlayerDesiredWidth", "700", "size.width", 700),
        ("PlayerDesiredHeight", "500", "size.height", 500),
        ("PlayerRequiredWidth", "300", "size.minWidth", 300),
        ("PlayerRequiredHeight", "200", "size.minHeight", 200),
        ("PlayerDesiredFullScreen", "YES", "size.fullScreen", True),
        ("PlayerDesiredFullScreen", "YES", "size.mustBeFullScreen", False),
        ("PlayerRequiredFullScreen", "YES", "size.fullScreen", True),
        ("PlayerRequiredFullScreen", "YES", "size.mustBeFullScreen", True),
        ("PlayerPreventWindowResize", "YES", "size.isFixed", True),
        ("PlayerShowNavBar", "NO", "show.bar", False),
        ("PlayerShowTitleBar", "NO", "show.title", False),
        ("PlayerShowCourseStructure", "NO", "show.menu", False),
        ("PlayerCourseStructureStartsOpen", "NO", "show.menuOpen", False),
        ("PlayerCourseStructureWidth", "280", "show.menuWidth", 280),
        ("PlayerShowProgressBar", "YES", "show.progress", True),
        ("PlayerUseMeasureProgressBar", "YES", "show.progress", True),
        ("PlayerStatusDisplayPreference", "NONE", "show.status", "NONE"),
        ("PlayerPreventRightClick", "YES", "show.contextMenu", False),
        ("PlayerDebugIncludeTimestamps", "False", "show.callTimes", False),
        ("PlayerDebugRteAudit", "False", "log.audit", False),
        ("PlayerDebugRteDetailed", "False", "log.detailed", False),
        ("PlayerCaptureHistoryDetailed", "NO", "log.kept", False),
        ("PlayerValidateInteractionResponses", "NO", "settings.validate_interaction_responses", False),
        ("PlayerSuspendDataMaxLength", "64000", "settings.suspend_data_limit", 64000),
    ],
)
def test_a_setting_comes_to_an_option_of_its_own(setting: str, value: str, place: str, expected: object) -> None:
    before, after = (options(effective(chosen), "SCORM12") for chosen in ({}, {setting: value}))

    assert _at(after, place) == expected
    assert value == effective({})[setting] or before != after


def _at(found: dict[str, Any], place: str) -> Any:
    for name in place.split("."):
        found = found[name]
    return found
