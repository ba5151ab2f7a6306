"""When reports go to the server, and what is logged of a launch."""

from django.utils.translation import gettext_lazy as _

from .setting import SCORM, TRUE_FALSE, Setting, yes_no

COMMUNICATION = _("Communication")
LOGGING = _("Debugger and history")
STATEMENTS = _("xAPI statements")

SETTINGS = (
    Setting(
        "PlayerCommCommitFrequency",
        COMMUNICATION,
        _("Milliseconds between two reports"),
        "10000",
        maximum=600_000,
        help=_(
            "1000 at least. What the content sets is also sent when it commits, terminates, and when the page goes "
            "away."
        ),
    ),
    yes_no(
        "PlayerCommitWaitsForServer",
        COMMUNICATION,
        _("Commit waits for the server"),
        "NO",
        _("Otherwise Commit answers true once the values are safe in the browser, and they are sent at once."),
        standards=SCORM,
    ),
    Setting(
        "PlayerCommMaxFailedSubmissions",
        COMMUNICATION,
        _("Failed tries before the learner is told in words"),
        "2",
        maximum=1_000,
        help=_("Reports are kept on the device and tried again in any case. 0: only the sign in the bar tells."),
    ),
    Setting(
        "PlayerDebugRteAudit",
        LOGGING,
        _("Log how content begins, saves and ends"),
        "True",
        TRUE_FALSE,
        standards=SCORM,
        help=_("Initialize, Commit, Terminate, and every call that fails."),
    ),
    Setting(
        "PlayerDebugRteDetailed",
        LOGGING,
        _("Log every call of the content"),
        "True",
        TRUE_FALSE,
        standards=SCORM,
        help=_("Also GetValue, SetValue and the questions about errors."),
    ),
    Setting(
        "PlayerDebugIncludeTimestamps",
        LOGGING,
        _("Show the time of each call in the player's debug panel"),
        "True",
        TRUE_FALSE,
        standards=SCORM,
    ),
    yes_no(
        "PlayerCaptureHistoryDetailed",
        LOGGING,
        _("Keep the log of calls"),
        "YES",
        _("Otherwise only the launch and its result are kept, and the calls are seen in the player alone."),
        standards=SCORM,
    ),
    Setting(
        "PlayerSessionStatements",
        STATEMENTS,
        _("Sessions become xAPI statements"),
        "ALL",
        (("ALL", _("Of all registrations")), ("SANDBOX", _("Of sandbox registrations only")), ("NONE", _("Never"))),
        standards=SCORM,
        help=_("By the xAPI SCORM Profile, in the application's record store or its sandbox."),
    ),
)
