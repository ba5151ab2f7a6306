"""What follows when content ends by itself: SCORM 1.2 and AICC leave it to the LMS."""

from collections.abc import Mapping

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .setting import MULTI, SCORM_12, Setting, Words

GROUP = _("When content ends")
ACTIONS = (
    ("EXIT_COURSE", _("Leave the course")),
    ("EXIT_COURSE_AFTER_CONFIRM", _("Ask whether to leave the course")),
    ("GO_TO_NEXT_SCO", _("Go on to the next activity")),
    ("DISPLAY_MESSAGE", _("Stay and say that it is finished")),
    ("DO_NOTHING", _("Stay and say nothing")),
)
STANDINGS: Mapping[str, Mapping[str, Words]] = {
    "IntermediateSco": {
        "Satisfied": _("it is completed or passed"),
        "NotSatisfied": _("it is not completed or passed"),
    },
    "FinalScoCourse": {"Satisfied": _("the course is completed"), "NotSatisfied": _("the course is not completed")},
}
EXITS: Mapping[str, Mapping[str, Words]] = {
    "IntermediateSco": {
        "Normal": _("An activity in the middle ends"),
        "Suspend": _("An activity in the middle suspends"),
        "Timeout": _("An activity in the middle times out"),
        "Logout": _("An activity in the middle logs out"),
    },
    "FinalScoCourse": {
        "Normal": _("The last activity ends"),
        "Suspend": _("The last activity suspends"),
        "Timeout": _("The last activity times out"),
        "Logout": _("The last activity logs out"),
    },
}
STAYS = "DISPLAY_MESSAGE"


def exit_setting(place: str, standing: str, way: str) -> str:
    """The id: PlayerIntermediateScoSatisfiedNormalExitAction …"""
    return f"Player{place}{standing}{way}ExitAction"


def _default(place: str, standing: str, way: str) -> str:
    if place == "FinalScoCourse":
        return "EXIT_COURSE"
    if way == "Logout":
        return "EXIT_COURSE_AFTER_CONFIRM"
    return "GO_TO_NEXT_SCO" if (standing, way) == ("Satisfied", "Normal") else STAYS


SETTINGS = tuple(
    Setting(
        exit_setting(place, standing, way),
        GROUP,
        format_lazy("{}, {}", way_words, standing_words),
        _default(place, standing, way),
        ACTIONS,
        standards=SCORM_12,
        variant=MULTI if place == "IntermediateSco" else "either",
    )
    for place, ways in EXITS.items()
    for way, way_words in ways.items()
    for standing, standing_words in STANDINGS[place].items()
)
