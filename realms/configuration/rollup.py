"""What a course comes to where its package does not say: not SCORM 2004."""

from django.utils.translation import gettext_lazy as _

from .setting import MULTI, SCORM, SCORM_12, SCORM_2004, Setting, yes_no

GROUP = _("Rollup")

SETTINGS = (
    Setting(
        "PlayerStatusRollupModeValue",
        GROUP,
        _("A course of several items is completed"),
        "COMPLETE_WHEN_ALL_UNITS_COMPLETE_AND_NOT_FAILED",
        (
            ("STATUS_PROVIDED_BY_COURSE", _("When its first item says so")),
            ("COMPLETE_WHEN_ALL_UNITS_COMPLETE", _("When all items are completed")),
            ("COMPLETE_WHEN_ALL_UNITS_COMPLETE_AND_NOT_FAILED", _("When all items are completed and none is failed")),
            ("COMPLETE_WHEN_THRESHOLD_SCORE_IS_MET", _("When the threshold score is met")),
            (
                "COMPLETE_WHEN_ALL_UNITS_COMPLETE_AND_THRESHOLD_SCORE_IS_MET",
                _("When all items are completed and the threshold score is met"),
            ),
            ("COMPLETE_WHEN_ALL_UNITS_ARE_PASSED", _("When all items are passed")),
        ),
        standards=SCORM_12,
        variant=MULTI,
    ),
    Setting(
        "PlayerStatusRollupModeThresholdScore",
        GROUP,
        _("Threshold score"),
        "0",
        maximum=100,
        standards=SCORM_12,
        variant=MULTI,
        help=_("0 to 100."),
    ),
    yes_no(
        "PlayerApplyRollupStatusToSuccess",
        GROUP,
        _("The same rule decides whether the course is passed"),
        "NO",
        _("Passed when the rule above is met; failed when all items are done and it is not."),
        standards=SCORM_12,
        variant=MULTI,
    ),
    yes_no(
        "PlayerFirstScoIsPretest",
        GROUP,
        _("The first item is a pretest"),
        "NO",
        _("Whoever passes it has completed all the others."),
        standards=SCORM_12,
        variant=MULTI,
    ),
    yes_no(
        "PlayerRollupEmptySetToUnknown",
        GROUP,
        _("A course of which nothing was begun is unknown"),
        "YES",
        _("Otherwise it is incomplete from the first report on."),
        standards=SCORM_12,
        variant=MULTI,
    ),
    Setting(
        "PlayerScoreRollupModeValue",
        GROUP,
        _("The score of a course of several items is"),
        "AVERAGE_SCORE_OF_ALL_UNITS_WITH_SCORES",
        (
            ("SCORE_PROVIDED_BY_COURSE", _("That of its first item")),
            ("AVERAGE_SCORE_OF_ALL_UNITS", _("The average over all items")),
            ("AVERAGE_SCORE_OF_ALL_UNITS_WITH_SCORES", _("The average over items with a score")),
            ("AVERAGE_SCORE_OF_ALL_UNITS_WITH_NONZERO_SCORES", _("The average over items with a score above zero")),
            ("FIXED_AVERAGE", _("The sum divided by a fixed number")),
            ("LAST_SCO_SCORE", _("That of its last item")),
        ),
        standards=SCORM_12,
        variant=MULTI,
    ),
    Setting(
        "PlayerScoreRollupModeNumberOfScoringObjects",
        GROUP,
        _("The fixed number to divide by"),
        "0",
        maximum=10_000,
        standards=SCORM_12,
        variant=MULTI,
        help=_("0 divides by the number of items."),
    ),
    yes_no(
        "PlayerScoreOverridesStatus",
        GROUP,
        _("The mastery score decides"),
        "YES",
        _(
            "Where the package gives a mastery score and the content a score, that decides on passed and failed "
            "whatever status the content set (SCORM 1.2 RTE 3.4.4). Otherwise the content's own status stands."
        ),
        standards=SCORM_12,
    ),
    Setting(
        "PlayerCompletionStatOfFailedSuccessStat",
        GROUP,
        _("Completion of an item that is failed"),
        "unknown",
        (("unknown", _("Unknown")), ("completed", _("Completed")), ("incomplete", _("Incomplete"))),
        standards=SCORM_12,
    ),
    yes_no(
        "PlayerAllowCompleteStatusChange",
        GROUP,
        _("What is completed may become incomplete again"),
        "NO",
        _("In SCORM 1.2 an item, in SCORM 2004 the course."),
        standards=SCORM,
    ),
    yes_no(
        "PlayerRollupRuntimeAtScoUnload",
        GROUP,
        _("Content that goes away without a word has ended"),
        "NO",
        _("Its status is decided as if it had called LMSFinish. Otherwise it stays as the content left it."),
        standards=SCORM_12,
    ),
    yes_no(
        "PlayerForceObjCompSetByContent",
        GROUP,
        _("Only content decides on its completion and success"),
        "NO",
        _(
            "An activity that reports neither is not completed and satisfied by itself (SCORM 2004 SN UP.4), as if the "
            "package had said completionSetByContent and objectiveSetByContent."
        ),
        standards=SCORM_2004,
    ),
)
