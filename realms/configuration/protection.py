"""How the files of a launch are kept from everybody else. A launch link of the API may ask for more."""

from django.utils.translation import gettext_lazy as _

from .setting import TRUE_FALSE, Setting

GROUP = _("Content protection")
MONTH = 31 * 24 * 3600

SETTINGS = (
    Setting(
        "LaunchAuthType",
        GROUP,
        _("Files are protected"),
        "address",
        (
            ("address", _("By their address, which nobody can guess and which ends after some weeks")),
            ("cookies", _("By an address of each launch, and a cookie of it")),
            ("vault", _("By an address of each launch, without a cookie")),
        ),
        help=_(
            "What has an address of each launch is kept by no shared cache. Browsers may refuse a cookie where another "
            "site frames the player."
        ),
    ),
    Setting(
        "LaunchAuthOptionsIpAddress",
        GROUP,
        _("Files go only to the network address that the launch came from"),
        "False",
        TRUE_FALSE,
        help=_("With an address of each launch. Learners whose network changes have to launch again."),
    ),
    Setting(
        "LaunchAuthOptionsFingerprint",
        GROUP,
        _("Files go only to the browser that the launch came from"),
        "False",
        TRUE_FALSE,
        help=_("With an address of each launch; browsers are told apart by how they name themselves."),
    ),
    Setting(
        "LaunchAuthOptionsExpiry",
        GROUP,
        _("Seconds after the launch in which files are given out"),
        "0",
        maximum=MONTH,
        help=_("With an address of each launch. 0: a day."),
    ),
    Setting(
        "LaunchAuthOptionsSlidingExpiry",
        GROUP,
        _("Seconds from one file to the next after which no more are given out"),
        "0",
        maximum=MONTH,
        help=_("With an address of each launch. 0: no limit."),
    ),
)
