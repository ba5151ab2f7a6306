"""The table of settings and how the more specific value wins: default, then application, then course.

Ids and values are those of the public API: all values are strings. Only what the product honours is in the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass

YES_NO = (("YES", "Yes"), ("NO", "No"))
SCORM_12 = ("SCORM11", "SCORM12")
SCORM_2004 = ("SCORM20042NDEDITION", "SCORM20043RDEDITION", "SCORM20044THEDITION")
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Setting:
    """One setting: `choices` where it takes one of a few values, else a whole number from 0 to `maximum`."""

    id: str
    group: str
    label: str
    default: str
    choices: Choices = ()
    maximum: int = 0
    standards: tuple[str, ...] = ()  # empty: all
    help: str = ""

    def accepts(self, value: str) -> bool:
        """Whether the value is one the setting can have."""
        if self.choices:
            return value in dict(self.choices)
        return value.isascii() and value.isdigit() and int(value) <= self.maximum


SETTINGS: Mapping[str, Setting] = {
    setting.id: setting
    for setting in (
        Setting(
            "PlayerScoLaunchType",
            "Launch",
            "Content opens",
            "FRAMESET",
            (("FRAMESET", "In the player's page"), ("NEW_WINDOW", "In a window of its own")),
        ),
        Setting(
            "PlayerDesiredWidth", "Launch", "Wanted width in pixels", "0", maximum=10_000, help="0 fills the page."
        ),
        Setting(
            "PlayerDesiredHeight", "Launch", "Wanted height in pixels", "0", maximum=10_000, help="0 fills the page."
        ),
        Setting(
            "PlayerCommCommitFrequency",
            "Saving",
            "Milliseconds between two reports",
            "10000",
            maximum=600_000,
            help="What the content sets is also sent when it commits, terminates, and when the page goes away.",
        ),
        Setting(
            "PlayerCommitWaitsForServer",
            "Saving",
            "Commit waits for the server",
            "NO",
            YES_NO,
            help="Otherwise Commit answers true once the values are safe in the browser, and they are sent at once.",
        ),
        Setting(
            "PlayerValidateInteractionResponses",
            "Compatibility",
            "Refuse interaction responses in the wrong format",
            "YES",
            YES_NO,
            standards=SCORM_2004,
        ),
        Setting(
            "PlayerLaunchCompletedRegsAsNoCredit",
            "Compatibility",
            "A completed course is launched as a review",
            "YES",
            YES_NO,
            standards=SCORM_12,
            help="What was earned stays as it is: the content is told no-credit.",
        ),
        Setting(
            "PlayerAllowCompleteStatusChange",
            "Compatibility",
            "A completed course may become incomplete again",
            "NO",
            YES_NO,
            standards=SCORM_2004,
        ),
        Setting(
            "PlayerCompletionStatOfFailedSuccessStat",
            "Rollup",
            "Completion of an item that is failed",
            "unknown",
            (("unknown", "Unknown"), ("completed", "Completed"), ("incomplete", "Incomplete")),
            standards=SCORM_12,
        ),
        Setting(
            "PlayerStatusRollupModeValue",
            "Rollup",
            "A course of several items is completed",
            "COMPLETE_WHEN_ALL_UNITS_COMPLETE_AND_NOT_FAILED",
            (
                ("STATUS_PROVIDED_BY_COURSE", "When its first item says so"),
                ("COMPLETE_WHEN_ALL_UNITS_COMPLETE", "When all items are completed"),
                ("COMPLETE_WHEN_ALL_UNITS_COMPLETE_AND_NOT_FAILED", "When all items are completed and none is failed"),
                ("COMPLETE_WHEN_THRESHOLD_SCORE_IS_MET", "When the threshold score is met"),
                (
                    "COMPLETE_WHEN_ALL_UNITS_COMPLETE_AND_THRESHOLD_SCORE_IS_MET",
                    "When all items are completed and the threshold score is met",
                ),
                ("COMPLETE_WHEN_ALL_UNITS_ARE_PASSED", "When all items are passed"),
            ),
            standards=SCORM_12,
        ),
        Setting(
            "PlayerStatusRollupModeThresholdScore",
            "Rollup",
            "Threshold score",
            "0",
            maximum=100,
            standards=SCORM_12,
            help="0 to 100.",
        ),
        Setting(
            "PlayerScoreRollupModeValue",
            "Rollup",
            "The score of a course of several items is",
            "AVERAGE_SCORE_OF_ALL_UNITS_WITH_SCORES",
            (
                ("SCORE_PROVIDED_BY_COURSE", "That of its first item"),
                ("AVERAGE_SCORE_OF_ALL_UNITS", "The average over all items"),
                ("AVERAGE_SCORE_OF_ALL_UNITS_WITH_SCORES", "The average over items with a score"),
                ("AVERAGE_SCORE_OF_ALL_UNITS_WITH_NONZERO_SCORES", "The average over items with a score above zero"),
                ("FIXED_AVERAGE", "The sum divided by a fixed number"),
                ("LAST_SCO_SCORE", "That of its last item"),
            ),
            standards=SCORM_12,
        ),
        Setting(
            "PlayerScoreRollupModeNumberOfScoringObjects",
            "Rollup",
            "The fixed number to divide by",
            "0",
            maximum=10_000,
            standards=SCORM_12,
            help="0 divides by the number of items.",
        ),
    )
}


def effective(*levels: Mapping[str, str]) -> dict[str, str]:
    """Every setting with the value that counts; of the explicit values given, later levels win."""
    values = {setting.id: setting.default for setting in SETTINGS.values()}
    for level in levels:
        values |= {name: value for name, value in level.items() if name in SETTINGS}
    return values


def settings_for(standard: str) -> list[Setting]:
    """The settings that mean something for a course of the standard, in the table's order."""
    return [setting for setting in SETTINGS.values() if not setting.standards or standard in setting.standards]
