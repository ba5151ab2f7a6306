"""When a launch begins anew on the course's current version."""

from django.utils.translation import gettext_lazy as _

from .setting import Setting

GROUP = _("Versions")

SETTINGS = (
    Setting(
        "WhenToRestartRegistration",
        GROUP,
        _("A launch begins anew, on the current version"),
        "NEVER",
        (
            ("NEVER", _("Never")),
            ("WHEN_NEWER_PACKAGE_VERSION_EXISTS", _("When there is a newer version")),
            ("WHEN_EXISTING_REG_IS_COMPLETE", _("When it is completed")),
            (
                "WHEN_EXISTING_REG_IS_COMPLETE_AND_NEWER_PACKAGE_VERSION_EXISTS",
                _("When it is completed and there is a newer version"),
            ),
            ("WHEN_EXISTING_REG_IS_SATISFIED", _("When it is passed")),
            (
                "WHEN_EXISTING_REG_IS_SATISFIED_AND_NEWER_PACKAGE_VERSION_EXISTS",
                _("When it is passed and there is a newer version"),
            ),
            (
                "WHEN_EXISTING_REG_IS_INCOMPLETE_AND_NEWER_PACKAGE_VERSION_EXISTS",
                _("When it is not completed and there is a newer version"),
            ),
        ),
        levels=("course",),
        help=_("What was done before stays readable as an older instance."),
    ),
)
