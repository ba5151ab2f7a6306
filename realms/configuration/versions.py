"""When a launch begins anew on the course's current version."""

from .setting import Setting

GROUP = "Versions"

SETTINGS = (
    Setting(
        "WhenToRestartRegistration",
        GROUP,
        "A launch begins anew, on the current version",
        "NEVER",
        (
            ("NEVER", "Never"),
            ("WHEN_NEWER_PACKAGE_VERSION_EXISTS", "When there is a newer version"),
            ("WHEN_EXISTING_REG_IS_COMPLETE", "When it is completed"),
            (
                "WHEN_EXISTING_REG_IS_COMPLETE_AND_NEWER_PACKAGE_VERSION_EXISTS",
                "When it is completed and there is a newer version",
            ),
            ("WHEN_EXISTING_REG_IS_SATISFIED", "When it is passed"),
            (
                "WHEN_EXISTING_REG_IS_SATISFIED_AND_NEWER_PACKAGE_VERSION_EXISTS",
                "When it is passed and there is a newer version",
            ),
            (
                "WHEN_EXISTING_REG_IS_INCOMPLETE_AND_NEWER_PACKAGE_VERSION_EXISTS",
                "When it is not completed and there is a newer version",
            ),
        ),
        levels=("course",),
        help="What was done before stays readable as an older instance.",
    ),
)
