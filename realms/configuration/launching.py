"""Where the player and the content open, and how large."""

from .setting import MULTI, SCORM, SCORM_12, Setting, yes_no

GROUP = "Launch"
OPENS = (
    ("FRAMESET", "In the page"),
    ("NEW_WINDOW", "In a window of its own"),
    ("NEW_WINDOW_AFTER_CLICK", "In a window of its own, after a click"),
    ("NEW_WINDOW_WITHOUT_BROWSER_TOOLBAR", "In a window of its own without the browser's bars"),
    (
        "NEW_WINDOW_AFTER_CLICK_WITHOUT_BROWSER_TOOLBAR",
        "In a window of its own without the browser's bars, after a click",
    ),
)

SETTINGS = (
    Setting(
        "PlayerLaunchType",
        GROUP,
        "The player opens",
        "FRAMESET",
        OPENS,
        help="Where the browser blocks a new window the learner opens it by a button.",
    ),
    Setting("PlayerScoLaunchType", GROUP, "The content opens", "FRAMESET", OPENS),
    yes_no(
        "PlayerAlwaysFlowToFirstSco",
        GROUP,
        "The first launch opens an activity",
        "NO",
        "Otherwise the learner chooses one in the menu, in SCORM 2004 unless the package flows into one itself.",
        standards=SCORM,
        variant=MULTI,
        defaults=dict.fromkeys(SCORM_12, "YES"),
    ),
    yes_no(
        "PlayerDesiredFullScreen",
        GROUP,
        "Full screen is wanted",
        "NO",
        "New windows fill the screen; in the page a button offers it.",
    ),
    Setting("PlayerDesiredWidth", GROUP, "Wanted width in pixels", "0", maximum=10_000, help="0 fills the page."),
    Setting("PlayerDesiredHeight", GROUP, "Wanted height in pixels", "0", maximum=10_000, help="0 fills the page."),
    yes_no(
        "PlayerRequiredFullScreen",
        GROUP,
        "Full screen is needed",
        "NO",
        "Content is covered until the learner goes to full screen; where the device has none it is shown as it is.",
    ),
    Setting(
        "PlayerRequiredWidth",
        GROUP,
        "Needed width in pixels",
        "0",
        maximum=10_000,
        help="A narrower page scrolls. 0: any.",
    ),
    Setting(
        "PlayerRequiredHeight",
        GROUP,
        "Needed height in pixels",
        "0",
        maximum=10_000,
        help="A lower page scrolls. 0: any.",
    ),
    yes_no(
        "PlayerPreventWindowResize",
        GROUP,
        "New windows keep their size",
        "NO",
        "A window that is resized goes back to the size it opened with.",
    ),
    Setting(
        "PlayerTimeLimit",
        GROUP,
        "Time limit in minutes",
        "0",
        maximum=100_000,
        help="Over all launches of a registration. When it is used up all is saved, and nothing opens any more. "
        "0: none.",
    ),
)
