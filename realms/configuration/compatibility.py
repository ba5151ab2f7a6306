"""How the player and the data model meet content that expects it otherwise."""

from .setting import MULTI, SCORM, SCORM_2004, Setting, yes_no

GROUP = "Compatibility"

SETTINGS = (
    yes_no(
        "PlayerLaunchCompletedRegsAsNoCredit",
        GROUP,
        "A completed course is launched as a review",
        "YES",
        "What was earned stays as it is: the content is told no-credit.",
        standards=SCORM,
        defaults=dict.fromkeys(SCORM_2004, "NO"),
    ),
    yes_no(
        "PlayerLogoutCausesPlayerExit",
        GROUP,
        "Content that logs out leaves the course",
        "YES",
        'Otherwise the exit "logout" is taken as a normal one.',
        standards=SCORM,
    ),
    Setting(
        "PlayerResetRunTimeData",
        GROUP,
        "An activity's run-time data begins anew",
        "NEVER",
        (
            ("NEVER", "Never"),
            ("WHEN_EXIT_IS_NOT_SUSPEND", "When it is opened again and was not suspended"),
            ("ON_EACH_NEW_SEQUENCING_ATTEMPT", "With each new attempt on it"),
        ),
        standards=SCORM,
        defaults=dict.fromkeys(SCORM_2004, "ON_EACH_NEW_SEQUENCING_ATTEMPT"),
        help="In SCORM 1.2 the time spent in all stays. SCORM 2004 wants it with each new attempt (RTE 2.1.1).",
    ),
    yes_no(
        "PlayerValidateInteractionResponses",
        GROUP,
        "Refuse interaction responses in the wrong format",
        "YES",
        standards=SCORM_2004,
    ),
    yes_no(
        "PlayerScaleRawScore",
        GROUP,
        "The raw score counts where the scaled one is missing",
        "NO",
        "As a share of cmi.score.min to cmi.score.max, else of 0 to 100.",
        standards=SCORM_2004,
    ),
    Setting(
        "PlayerLookaheadSequencerMode",
        GROUP,
        "What can be chosen is worked out",
        "REALTIME",
        (
            ("REALTIME", "After each report"),
            ("ENABLED", "Each time an activity opens"),
            ("DISABLED", "Not at all: everything is offered, and may be refused"),
        ),
        standards=SCORM_2004,
        variant=MULTI,
    ),
    Setting(
        "PlayerReturnToLmsAction",
        GROUP,
        "Ways to leave the course",
        "SELECTABLE",
        (
            ("SELECTABLE", "The learner chooses: leave for good, or save and come back"),
            ("SUSPEND_ALL", "Always save to come back"),
            ("EXIT_ALL", "Always leave for good"),
            ("LEGACY", "As the content last said in its exit: save if suspend, else for good"),
        ),
        standards=SCORM,
    ),
    Setting(
        "PlayerSuspendDataMaxLength",
        GROUP,
        "Characters of suspend data before the log warns",
        "4096",
        maximum=10_000_000,
        standards=SCORM,
        defaults=dict.fromkeys(SCORM_2004, "64000") | {"SCORM20042NDEDITION": "4000"},
        help="Longer data is kept whole; another LMS may cut it.",
    ),
    yes_no(
        "PlayerStudentPrefsGlobalToCourse",
        GROUP,
        "Learner preferences hold for the whole course",
        "NO",
        "Audio, language, speed and captions set in one activity are found in the others.",
        standards=SCORM,
        variant=MULTI,
    ),
)
