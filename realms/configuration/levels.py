"""Levels of settings from general to specific, and what comes of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from . import SETTINGS, effective, settings_for
from .setting import MULTI, SINGLE, Setting

DEFAULT, APPLICATION, STANDARD = "default", "application", "learningStandardForApplication"
COURSE, VERSION, REGISTRATION, INSTANCE = "course", "version", "registration", "instance"
IN_WORDS = {
    DEFAULT: _("the default"),
    APPLICATION: _("the application"),
    STANDARD: _("the application, for this standard"),
    COURSE: _("the course"),
    VERSION: _("the version"),
    REGISTRATION: _("the registration"),
    INSTANCE: _("the instance"),
}
OF_THE_API = {VERSION: COURSE, INSTANCE: REGISTRATION}  # names the public API has no word for


class SettingError(ValueError):
    """A setting that does not exist, means nothing at a level, or cannot have a value; the message says which."""


@dataclass(frozen=True)
class Level:
    """The explicit values of one level."""

    source: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Item:
    """A setting as one level sees it."""

    setting: Setting
    value: str
    source: str
    explicit: str | None  # set at exactly this level
    inherited: str  # what would count without that
    inherited_source: str


def standard_key(standard: str, is_single: bool) -> str:
    """Names the settings of an application for one standard: Application.standard_settings."""
    return f"{standard}/{SINGLE if is_single else MULTI}"


def items(levels: Sequence[Level], standard: str = "", is_single: bool | None = None) -> list[Item]:
    """What counts at the last of the levels for such courses, in the table's order."""
    *above, own = levels
    found = []
    for setting in settings_for(standard, is_single):
        if setting.levels and own.source not in setting.levels:
            continue
        inherited, source = _of(setting, above, standard)
        explicit = own.values.get(setting.id)
        counts = (inherited, source) if explicit is None else (explicit, own.source)
        found.append(Item(setting, *counts, explicit, inherited, source))
    return found


def _of(setting: Setting, levels: Iterable[Level], standard: str) -> tuple[str, str]:
    value, source = setting.default_for(standard), DEFAULT
    for level in levels:
        if setting.id in level.values:
            value, source = level.values[setting.id], level.source
    return value, source


def differing(levels: Iterable[Level], standard: str, is_single: bool | None = None) -> dict[str, str]:
    """What counts where that is not the default of the table: `effective` of it gives the rest.

    What means nothing for such courses counts nowhere, whatever an application says for all; nor here what is no matter
    of a launch.
    """
    said = [
        {name: value for name, value in level.values.items() if _means(name, standard, is_single)} for level in levels
    ]
    values = effective(*said, standard=standard)
    return {name: value for name, value in values.items() if value != SETTINGS[name].default}


def _means(name: str, standard: str, is_single: bool | None) -> bool:
    setting = SETTINGS.get(name)
    return setting is not None and setting.is_of_launch and setting.means_something(standard, is_single)


def check(values: Mapping[str, str], source: str, held: Mapping[str, str] | None = None) -> None:
    """Raises SettingError for the first that cannot be set at the level. What is held already is let be."""
    for name, value in values.items():
        if held and held.get(name) == value:
            continue
        setting = SETTINGS.get(name)
        if setting is None:
            raise SettingError(f"There is no setting {str(name)[:100]}.")
        if setting.levels and OF_THE_API.get(source, source) not in setting.levels:
            raise SettingError(f"{name} cannot be set for {IN_WORDS[source]}; it can for {_places(setting)}.")
        if not isinstance(value, str) or not setting.accepts(value):
            raise SettingError(f"{name} cannot be “{str(value)[:100]}”; it is {setting.allowed}.")


def _places(setting: Setting) -> str:
    return " or ".join(str(IN_WORDS[level]) for level in setting.levels)
