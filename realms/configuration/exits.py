"""What follows when content ends by itself: SCORM 1.2 and AICC leave it to the LMS."""

from django.utils.translation import gettext_lazy as _

from .setting import MULTI, SCORM_12, Setting

GROUP = _("When content ends")
ACTIONS = (
    ("EXIT_COURSE", _("Leave the course")),
    ("EXIT_COURSE_AFTER_CONFIRM", _("Ask whether to leave the course")),
    ("GO_TO_NEXT_SCO", _("Go on to the next activity")),
    ("DISPLAY_MESSAGE", _("Stay and say that it is finished")),
    ("DO_NOTHING", _("Stay and say nothing")),
)
PLACES = (("IntermediateSco", "An activity in the middle"), ("FinalScoCourse", "The last activity"))
STANDINGS = (("Satisfied", "is"), ("NotSatisfied", "is not"))
WHAT = {"IntermediateSco": "it {} completed or passed", "FinalScoCourse": "the course {} completed"}
EXITS = (("Normal", "ends"), ("Suspend", "suspends"), ("Timeout", "times out"), ("Logout", "logs out"))
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
        f"{place_words} {way_words}, {WHAT[place].format(standing_words)}",
        _default(place, standing, way),
        ACTIONS,
        standards=SCORM_12,
        variant=MULTI if place == "IntermediateSco" else "either",
    )
    for place, place_words in PLACES
    for way, way_words in EXITS
    for standing, standing_words in STANDINGS
)
