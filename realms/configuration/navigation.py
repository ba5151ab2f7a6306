"""What of the player's own controls a learner sees."""

from .setting import MULTI, SCORM, SCORM_12, SCORM_2004, Setting, yes_no

GROUP = "Navigation controls"

SETTINGS = (
    yes_no(
        "PlayerShowNavBar",
        GROUP,
        "Show the bar",
        "YES",
        "The line at the top with the ways to leave, the title and whether all is saved. Without it a course is left "
        "by closing the window, or by the content itself.",
    ),
    yes_no("PlayerShowFinishButton", GROUP, "Show the buttons that leave the course", "YES", "They are in the bar."),
    yes_no(
        "PlayerShowCloseItem",
        GROUP,
        "Offer to leave the activity without leaving the course",
        "YES",
        "In the bar; in SCORM 2004 where the activity can be left on its own.",
        standards=SCORM,
        variant=MULTI,
        defaults=dict.fromkeys(SCORM_12, "NO"),
    ),
    yes_no("PlayerShowTitleBar", GROUP, "Show the course's title", "YES", "It is in the bar."),
    yes_no(
        "PlayerShowProgressBar",
        GROUP,
        "Show a progress bar",
        "NO",
        "How many of the activities are completed.",
        variant=MULTI,
    ),
    yes_no(
        "PlayerUseMeasureProgressBar",
        GROUP,
        "The progress bar shows the progress measure",
        "NO",
        "What the course reports as cmi.progress_measure, rolled up, instead of a count of activities.",
        standards=("SCORM20044THEDITION",),
    ),
    yes_no("PlayerShowCourseStructure", GROUP, "Show the course menu", "YES", variant=MULTI),
    yes_no(
        "PlayerCourseStructureStartsOpen",
        GROUP,
        "The course menu is open at the start",
        "YES",
        "On a phone it always starts closed.",
        variant=MULTI,
    ),
    Setting(
        "PlayerCourseStructureWidth",
        GROUP,
        "Width of the course menu in pixels",
        "0",
        maximum=2_000,
        variant=MULTI,
        help="0: as wide as the player finds right.",
    ),
    yes_no("PlayerEnableFlowNav", GROUP, "Previous and Continue can be used", "YES", variant=MULTI),
    yes_no("PlayerEnableChoiceNav", GROUP, "Activities can be chosen in the course menu", "YES", variant=MULTI),
    Setting(
        "PlayerStatusDisplayPreference",
        GROUP,
        "Signs in the course menu tell",
        "COMBINED",
        (
            ("COMBINED", "Success where it is known, else completion"),
            ("SUCCESS_ONLY", "Success only"),
            ("COMPLETION_ONLY", "Completion only"),
            ("SEPARATE", "Completion and success, each with a sign"),
            ("NONE", "Nothing"),
        ),
        variant=MULTI,
    ),
    Setting(
        "PlayerInvalidMenuItemAction",
        GROUP,
        "Activities that cannot be chosen now are",
        "DISABLE",
        (
            ("SHOW", "Shown like the others; choosing one says why not"),
            ("HIDE", "Not shown"),
            ("DISABLE", "Shown but not clickable"),
        ),
        variant=MULTI,
    ),
    yes_no(
        "PlayerForceDisableRootChoice",
        GROUP,
        "The course itself cannot be chosen in the menu",
        "NO",
        "Choosing it begins the course anew where its sequencing flows.",
        standards=SCORM_2004,
        variant=MULTI,
    ),
    yes_no(
        "PlayerPreventRightClick",
        GROUP,
        "Suppress the context menu",
        "NO",
        "In the player and in content of the package; no protection, only a hindrance.",
    ),
)
