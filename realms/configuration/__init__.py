"""The table of settings and how the more specific value wins (docs/decisions/0015).

Only what the product honours is in the table: docs/settings.md lists it, and what is left out with the reason.
"""

from collections.abc import Mapping

from . import compatibility, exits, launching, media, navigation, postbacks, protection, rollup, saving, versions
from .setting import Setting

SETTINGS: Mapping[str, Setting] = {
    setting.id: setting
    for group in (launching, navigation, exits, rollup, compatibility, saving, media, versions, protection, postbacks)
    for setting in group.SETTINGS
}


def effective(*levels: Mapping[str, str], standard: str = "") -> dict[str, str]:
    """Every setting with the value that counts: of the explicit values given later levels win, else the default.

    A launch keeps what differs from the defaults of the table (`differing`); with that no standard is needed.
    """
    values = {setting.id: setting.default_for(standard) for setting in SETTINGS.values()}
    for level in levels:
        values |= {name: value for name, value in level.items() if name in SETTINGS}
    return values


def settings_for(standard: str = "", is_single: bool | None = None) -> list[Setting]:
    """The settings that mean something for such courses, in the table's order."""
    return [setting for setting in SETTINGS.values() if setting.means_something(standard, is_single)]
