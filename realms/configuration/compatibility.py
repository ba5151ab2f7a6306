"""How the player and the data model meet content that expects it otherwise."""

from django.utils.translation import gettext_lazy as _

from .setting import MULTI, SCORM, SCORM_2004, Setting, yes_no

GROUP = _("Compatibility")

SETTINGS = (
    yes_no(
        "PlayerLaunchCompletedRegsAsNoCredit",
        GROUP,
        _("A completed course is launched as a review"),
        "YES",
        _("What was earned stays as it is: the content is told no-credit."),
        standards=SCORM,
        defaults=dict.fromkeys(SCORM_2004, "NO"),
    ),
    yes_no(
        "PlayerLogoutCausesPlayerExit",
        GROUP,
        _("Content that logs out leaves the course"),
        "YES",
        _('Otherwise the exit "logout" is taken as a normal one.'),
        standards=SCORM,
    ),
    Setting(
        "PlayerResetRunTimeData",
        GROUP,
        _("An activity's run-time data begins anew"),
        "NEVER",
        (
            ("NEVER", _("Never")),
            ("WHEN_EXIT_IS_NOT_SUSPEND", _("When it is opened again and was not suspended")),
            ("ON_EACH_NEW_SEQUENCING_ATTEMPT", _("With each new attempt on it")),
        ),
        standards=SCORM,
        defaults=dict.fromkeys(SCORM_2004, "ON_EACH_NEW_SEQUENCING_ATTEMPT"),
        help=_("In SCORM 1.2 the time spent in all stays. SCORM 2004 wants it with each new attempt (RTE 2.1.1)."),
    ),
    yes_no(
        "PlayerValidateInteractionResponses",
        GROUP,
        _("Refuse interaction responses in the wrong format"),
        "YES",
        standards=SCORM_2004,
    ),
    yes_no(
        "PlayerScaleRawScore",
        GROUP,
        _("The raw score counts where the scaled one is missing"),
        "NO",
        _("As a share of cmi.score.min to cmi.score.max, else of 0 to 100."),
        standards=SCORM_2004,
    ),
    Setting(
        "PlayerLookaheadSequencerMode",
        GROUP,
        _("What can be chosen is worked out"),
        "REALTIME",
        (
            ("REALTIME", _("After each report")),
            ("ENABLED", _("Each time an activity opens")),
            ("DISABLED", _("Not at all: everything is offered, and may be refused")),
        ),
        standards=SCORM_2004,
        variant=MULTI,
    ),
    Setting(
        "PlayerReturnToLmsAction",
        GROUP,
        _("Ways to leave the course"),
        "SELECTABLE",
        (
            ("SELECTABLE", _("The learner chooses: leave for good, or save and come back")),
            ("SUSPEND_ALL", _("Always save to come back")),
            ("EXIT_ALL", _("Always leave for good")),
            ("LEGACY", _("As the content last said in its exit: save if suspend, else for good")),
        ),
        standards=SCORM,
    ),
    Setting(
        "PlayerSuspendDataMaxLength",
        GROUP,
        _("Characters of suspend data before the log warns"),
        "4096",
        maximum=10_000_000,
        standards=SCORM,
        defaults=dict.fromkeys(SCORM_2004, "64000") | {"SCORM20042NDEDITION": "4000"},
        help=_("Longer data is kept whole; another LMS may cut it."),
    ),
    yes_no(
        "PlayerStudentPrefsGlobalToCourse",
        GROUP,
        _("Learner preferences hold for the whole course"),
        "NO",
        _("Audio, language, speed and captions set in one activity are found in the others."),
        standards=SCORM,
        variant=MULTI,
    ),
)
