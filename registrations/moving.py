"""When a launch begins anew on the course's current version: the setting WhenToRestartRegistration, in one place."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext

from content.models import CourseVersion
from realms.configuration import SETTINGS, effective

from .models import Instance

RULE = "WhenToRestartRegistration"
RULES: Mapping[str, Callable[[Instance, bool], bool]] = {
    "NEVER": lambda instance, newer: False,
    "WHEN_NEWER_PACKAGE_VERSION_EXISTS": lambda instance, newer: newer,
    "WHEN_EXISTING_REG_IS_COMPLETE": lambda instance, newer: instance.shown_outcome.completion == "completed",
    "WHEN_EXISTING_REG_IS_COMPLETE_AND_NEWER_PACKAGE_VERSION_EXISTS": lambda instance, newer: (
        newer and instance.shown_outcome.completion == "completed"
    ),
    "WHEN_EXISTING_REG_IS_SATISFIED": lambda instance, newer: instance.shown_outcome.success == "passed",
    "WHEN_EXISTING_REG_IS_SATISFIED_AND_NEWER_PACKAGE_VERSION_EXISTS": lambda instance, newer: (
        newer and instance.shown_outcome.success == "passed"
    ),
    "WHEN_EXISTING_REG_IS_INCOMPLETE_AND_NEWER_PACKAGE_VERSION_EXISTS": lambda instance, newer: (
        newer and instance.shown_outcome.completion != "completed"
    ),
}


def is_outdated(version: CourseVersion, instance: Instance) -> bool:
    """Whether a file of the version was changed so that what was done before cannot go on."""
    return version.anew_before is not None and instance.created < version.anew_before


def begins_anew(instance: Instance) -> bool:
    """Whether the next launch of the registration makes a new instance; this one is its newest.

    "Newer" is another version than the instance's being current: one that was made current again counts as well, since
    the one it took the place of was found wanting. A course without a current version has nothing to begin on.
    """
    course = instance.version.course
    if course.current_version_id is None:
        return False
    is_newer = course.current_version_id != instance.version_id
    return is_outdated(instance.version, instance) or RULES[_rule(instance)](instance, is_newer)


def _rule(instance: Instance) -> str:
    return effective(instance.version.course.settings)[RULE]


def what_comes(instance: Instance) -> str:
    """What the next launch does, in words for the registration page; "" where it goes on as it is."""
    course = instance.version.course
    if not begins_anew(instance):
        return ""
    current = course.current_version
    assert current is not None
    if current.pk != instance.version_id:
        where = gettext("The next launch begins anew on version %(number)d") % {"number": current.number}
    else:
        where = gettext("The next launch begins anew")
    if is_outdated(instance.version, instance):
        why = gettext("a file that it played was changed since")
    else:
        rule = SETTINGS[RULE].in_words(_rule(instance)).lower()
        why = gettext("by the rule of this course: %(rule)s") % {"rule": rule}
    kept = gettext("What was done so far stays readable.")
    return f"{where}, {why}. {kept}"
