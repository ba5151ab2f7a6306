"""What of the player's own controls a learner sees."""

from django.utils.translation import gettext_lazy as _

from .setting import MULTI, SCORM, SCORM_12, SCORM_2004, Setting, yes_no

GROUP = _("Navigation controls")

SETTINGS = (
    yes_no(
        "PlayerShowNavBar",
        GROUP,
        _("Show the bar"),
        "YES",
        _(
            "The line at the top with the ways to leave, the title and whether all is saved. Without it a course is "
            "left by closing the window, or by the content itself."
        ),
    ),
    yes_no(
        "PlayerShowFinishButton", GROUP, _("Show the buttons that leave the course"), "YES", _("They are in the bar.")
    ),
    yes_no(
        "PlayerShowCloseItem",
        GROUP,
        _("Offer to leave the activity without leaving the course"),
        "YES",
        _("In the bar; in SCORM 2004 where the activity can be left on its own."),
        standards=SCORM,
        variant=MULTI,
        defaults=dict.fromkeys(SCORM_12, "NO"),
    ),
    yes_no("PlayerShowTitleBar", GROUP, _("Show the course's title"), "YES", _("It is in the bar.")),
    yes_no(
        "PlayerShowProgressBar",
        GROUP,
        _("Show a progress bar"),
        "NO",
        _("How many of the activities are completed."),
        variant=MULTI,
    ),
    yes_no(
        "PlayerUseMeasureProgressBar",
        GROUP,
        _("The progress bar shows the progress measure"),
        "NO",
        _("What the course reports as cmi.progress_measure, rolled up, instead of a count of activities."),
        standards=("SCORM20044THEDITION",),
    ),
    yes_no("PlayerShowCourseStructure", GROUP, _("Show the course menu"), "YES", variant=MULTI),
    yes_no(
        "PlayerCourseStructureStartsOpen",
        GROUP,
        _("The course menu is open at the start"),
        "YES",
        _("On a phone it always starts closed."),
        variant=MULTI,
    ),
    Setting(
        "PlayerCourseStructureWidth",
        GROUP,
        _("Width of the course menu in pixels"),
        "0",
        maximum=2_000,
        variant=MULTI,
        help=_("0: as wide as the player finds right."),
    ),
    yes_no("PlayerEnableFlowNav", GROUP, _("Previous and Continue can be used"), "YES", variant=MULTI),
    yes_no("PlayerEnableChoiceNav", GROUP, _("Activities can be chosen in the course menu"), "YES", variant=MULTI),
    Setting(
        "PlayerStatusDisplayPreference",
        GROUP,
        _("Signs in the course menu tell"),
        "COMBINED",
        (
            ("COMBINED", _("Success where it is known, else completion")),
            ("SUCCESS_ONLY", _("Success only")),
            ("COMPLETION_ONLY", _("Completion only")),
            ("SEPARATE", _("Completion and success, each with a sign")),
            ("NONE", _("Nothing")),
        ),
        variant=MULTI,
    ),
    Setting(
        "PlayerInvalidMenuItemAction",
        GROUP,
        _("Activities that cannot be chosen now are"),
        "DISABLE",
        (
            ("SHOW", _("Shown like the others; choosing one says why not")),
            ("HIDE", _("Not shown")),
            ("DISABLE", _("Shown but not clickable")),
        ),
        variant=MULTI,
    ),
    yes_no(
        "PlayerForceDisableRootChoice",
        GROUP,
        _("The course itself cannot be chosen in the menu"),
        "NO",
        _("Choosing it begins the course anew where its sequencing flows."),
        standards=SCORM_2004,
        variant=MULTI,
    ),
    yes_no(
        "PlayerPreventRightClick",
        GROUP,
        _("Suppress the context menu"),
        "NO",
        _("In the player and in content of the package; no protection, only a hindrance."),
    ),
)
