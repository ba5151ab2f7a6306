"""What the settings of a launch mean for the player page."""

from collections.abc import Mapping
from typing import Any

Settings = Mapping[str, str]


def options(chosen: Settings, standard: str) -> dict[str, Any]:
    """The part of the player's configuration that settings decide, for static/player."""
    return {
        "commitMilliseconds": max(1_000, int(chosen["PlayerCommCommitFrequency"])),
        "waitForServer": chosen["PlayerCommitWaitsForServer"] == "YES",
        "triesBeforeTelling": int(chosen["PlayerCommMaxFailedSubmissions"]),
        "window": chosen["PlayerScoLaunchType"],
        "size": _size(chosen),
        "show": {
            "bar": chosen["PlayerShowNavBar"] == "YES",
            "title": chosen["PlayerShowTitleBar"] == "YES",
            "menu": chosen["PlayerShowCourseStructure"] == "YES",
            "menuOpen": chosen["PlayerCourseStructureStartsOpen"] == "YES",
            "menuWidth": int(chosen["PlayerCourseStructureWidth"]),
            "progress": chosen["PlayerShowProgressBar"] == "YES" or chosen["PlayerUseMeasureProgressBar"] == "YES",
            "status": chosen["PlayerStatusDisplayPreference"],
            "contextMenu": chosen["PlayerPreventRightClick"] == "NO",
            "callTimes": chosen["PlayerDebugIncludeTimestamps"] == "True",
        },
        "log": {
            "audit": chosen["PlayerDebugRteAudit"] == "True",
            "detailed": chosen["PlayerDebugRteDetailed"] == "True",
            "kept": chosen["PlayerCaptureHistoryDetailed"] == "YES",
        },
        "settings": {
            "standard": standard,
            "validate_interaction_responses": chosen["PlayerValidateInteractionResponses"] == "YES",
            "suspend_data_limit": int(chosen["PlayerSuspendDataMaxLength"]),
        },
    }


def _size(chosen: Settings) -> dict[str, Any]:
    return {
        "width": int(chosen["PlayerDesiredWidth"]),
        "height": int(chosen["PlayerDesiredHeight"]),
        "minWidth": int(chosen["PlayerRequiredWidth"]),
        "minHeight": int(chosen["PlayerRequiredHeight"]),
        "fullScreen": "YES" in (chosen["PlayerDesiredFullScreen"], chosen["PlayerRequiredFullScreen"]),
        "mustBeFullScreen": chosen["PlayerRequiredFullScreen"] == "YES",
        "isFixed": chosen["PlayerPreventWindowResize"] == "YES",
    }
