"""Where the player and the content open, and how large."""

from django.utils.translation import gettext_lazy as _

from .setting import MULTI, SCORM, SCORM_12, Setting, yes_no

GROUP = _("Launch")
OPENS = (
    ("FRAMESET", _("In the page")),
    ("NEW_WINDOW", _("In a window of its own")),
    ("NEW_WINDOW_AFTER_CLICK", _("In a window of its own, after a click")),
    ("NEW_WINDOW_WITHOUT_BROWSER_TOOLBAR", _("In a window of its own without the browser's bars")),
    (
        "NEW_WINDOW_AFTER_CLICK_WITHOUT_BROWSER_TOOLBAR",
        _("In a window of its own without the browser's bars, after a click"),
    ),
)

SETTINGS = (
    Setting(
        "PlayerLaunchType",
        GROUP,
        _("The player opens"),
        "FRAMESET",
        OPENS,
        help=_("Where the browser blocks a new window the learner opens it by a button."),
    ),
    Setting("PlayerScoLaunchType", GROUP, _("The content opens"), "FRAMESET", OPENS),
    yes_no(
        "PlayerAlwaysFlowToFirstSco",
        GROUP,
        _("The first launch opens an activity"),
        "NO",
        _("Otherwise the learner chooses one in the menu, in SCORM 2004 unless the package flows into one itself."),
        standards=SCORM,
        variant=MULTI,
        defaults=dict.fromkeys(SCORM_12, "YES"),
    ),
    yes_no(
        "PlayerDesiredFullScreen",
        GROUP,
        _("Full screen is wanted"),
        "NO",
        _("New windows fill the screen; in the page a button offers it."),
    ),
    Setting("PlayerDesiredWidth", GROUP, _("Wanted width in pixels"), "0", maximum=10_000, help=_("0 fills the page.")),
    Setting(
        "PlayerDesiredHeight", GROUP, _("Wanted height in pixels"), "0", maximum=10_000, help=_("0 fills the page.")
    ),
    yes_no(
        "PlayerRequiredFullScreen",
        GROUP,
        _("Full screen is needed"),
        "NO",
        _("Content is covered until the learner goes to full screen; where the device has none it is shown as it is."),
    ),
    Setting(
        "PlayerRequiredWidth",
        GROUP,
        _("Needed width in pixels"),
        "0",
        maximum=10_000,
        help=_("A narrower page scrolls. 0: any."),
    ),
    Setting(
        "PlayerRequiredHeight",
        GROUP,
        _("Needed height in pixels"),
        "0",
        maximum=10_000,
        help=_("A lower page scrolls. 0: any."),
    ),
    yes_no(
        "PlayerPreventWindowResize",
        GROUP,
        _("New windows keep their size"),
        "NO",
        _("A window that is resized goes back to the size it opened with."),
    ),
    Setting(
        "PlayerTimeLimit",
        GROUP,
        _("Time limit in minutes"),
        "0",
        maximum=100_000,
        help=_(
            "Over all launches of a registration. When it is used up all is saved, and nothing opens any more. 0: none."
        ),
    ),
)
