"""Where the results of registrations are posted to, and how. What is set holds at once, for all registrations below."""

from django.utils.translation import gettext_lazy as _

from .setting import TRUE_FALSE, Setting

GROUP = _("Postbacks")
URL, AUTH, USER, PASSWORD, FORMAT, IS_JSON = (
    f"ApiRollupRegistrationPostBack{name}"
    for name in ("Url", "AuthType", "AuthUser", "AuthPassword", "Format", "IsJson")
)

SETTINGS = (
    Setting(
        URL,
        GROUP,
        _("Post results to this address"),
        "",
        help=_("Each change of a registration's results is posted there as JSON. Empty: nowhere."),
        length=2000,
        is_address=True,
        is_of_launch=False,
    ),
    Setting(
        AUTH,
        GROUP,
        _("How the results are posted"),
        "form",
        (
            ("form", _("As the form fields data, userName and password")),
            ("httpbasic", _("As a JSON body, signed in by HTTP Basic")),
        ),
        is_of_launch=False,
    ),
    Setting(USER, GROUP, _("User name for that address"), "", length=255, is_of_launch=False),
    Setting(PASSWORD, GROUP, _("Password for that address"), "", length=255, is_secret=True, is_of_launch=False),
    Setting(
        FORMAT,
        GROUP,
        _("How much is posted"),
        "course",
        (
            ("course", _("The results of the course")),
            ("activity", _("Those of its activities as well")),
            ("full", _("Also objectives, interactions and run-time data")),
        ),
        is_of_launch=False,
    ),
    Setting(
        IS_JSON,
        GROUP,
        _("Post JSON"),
        "True",
        TRUE_FALSE,
        help=_("Otherwise the XML of the first version of the API."),
        is_of_launch=False,
    ),
)
