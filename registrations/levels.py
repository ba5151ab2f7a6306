"""The settings of a registration and of its instances, with the levels above them, and what a launch keeps of them."""

from content.levels import version_levels
from content.models import CourseVersion
from realms.configuration.levels import INSTANCE, REGISTRATION, Level, differing

from .models import Instance


def instance_levels(instance: Instance) -> list[Level]:
    """The instance and all above; the last but one is its registration."""
    registration = instance.registration
    return [
        *version_levels(instance.version),
        Level(REGISTRATION, registration.settings),
        Level(INSTANCE, instance.settings),
    ]


def of_launch(version: CourseVersion, instance: Instance | None = None) -> dict[str, str]:
    """What a launch plays by, fixed when it is made: every setting that is not as the table has it."""
    levels = version_levels(version) if instance is None else instance_levels(instance)
    return differing(levels, version.standard, len(version.read_structure().leaves) == 1)
