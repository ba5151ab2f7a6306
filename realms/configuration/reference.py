"""docs/settings.md, made from the table: `python -m realms.configuration.reference > docs/settings.md`."""

import os
import sys

import django

from . import SETTINGS
from .setting import EITHER, SINGLE, STANDARD_NAMES, Setting

INTRODUCTION = """# Settings

Made from the table in `realms/configuration`; a test compares the two. All values are strings, as in the public API.

The most specific value counts: the default of the table, then the application, then the application for one learning
standard with one or several activities, the course, the version, the registration, the instance. Each level keeps only
what was set there; the Properties page of each shows where a value comes from and resets it. A launch fixes its values
when it begins: a change holds from the next launch on. Where results are posted to is no matter of a launch: a change
of that holds at once.
"""

LEFT_OUT = {
    "PlayerShowHelp": "the player has no help to open",
    "PlayerWrapScoWindowWithApi": "content in a new window finds the API in the window that opened it",
    "PlayerInternetExplorerCompatibilityMode": "no browser that can run the player reads it",
    "PlayerFinishCausesImmediateCommit": "what content reports when it finishes is always sent at once",
    "PlayerInvokeRollupAtSuspendAll": "the outcome is rolled up with every report",
    "PlayerUseQuickLookaheadSequencer": "there is one look-ahead, and it is exact",
    "PlayerOfflineSynchMode": "there is no player that works without the server for long",
    "PlayerDebugControlAudit, …ControlDetailed": "the player's own steps are not logged",
    "PlayerDebugSequencingAudit, …Detailed, …Simple, PlayerDebugLookAheadAudit, …Detailed": (
        "how each request was decided is always kept and shown on the registration's sequencing page"
    ),
    "PlayerCaptureHistory": "launches are always recorded; PlayerCaptureHistoryDetailed decides on the calls",
    "ApiRollupRegistrationThreshold": "what is posted is put together by time: at once where a result changed",
}


def markdown() -> str:
    groups: dict[str, list[Setting]] = {}
    for setting in SETTINGS.values():
        groups.setdefault(str(setting.group), []).append(setting)
    parts = [INTRODUCTION, *(_group(name, settings) for name, settings in groups.items()), _left_out()]
    return "\n".join(parts)


def _group(name: str, settings: list[Setting]) -> str:
    lines = [
        f"## {name}",
        "",
        "| Setting | What it does | Values | Default | Means something for |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{each.id}` | {each.description} | {_values(each)} | {_default(each)} | {_for(each)} |" for each in settings
    ]
    return "\n".join(lines) + "\n"


def _values(setting: Setting) -> str:
    if setting.length:
        return "a web address" if setting.is_address else f"a text of at most {setting.length} characters"
    if not setting.choices:
        return f"0 to {setting.maximum}"
    return "<br>".join(f"`{value}` {words}" for value, words in setting.choices)


def _default(setting: Setting) -> str:
    others: dict[str, list[str]] = {}
    for standard, value in setting.defaults.items():
        if value != setting.default:
            others.setdefault(value, []).append(STANDARD_NAMES[standard])
    return "<br>".join(
        [
            f"`{setting.default}`" if setting.default else "empty",
            *(f"`{value}` for {', '.join(names)}" for value, names in others.items()),
        ]
    )


def _for(setting: Setting) -> str:
    standards = ", ".join(STANDARD_NAMES[each] for each in setting.standards) or "all"
    several = (
        "" if setting.variant == EITHER else "; one activity" if setting.variant == SINGLE else "; several activities"
    )
    levels = f"; set for the {' or '.join(setting.levels)} alone" if setting.levels else ""
    return standards + several + levels


def _left_out() -> str:
    lines = ["## Left out", "", "A setting that would do nothing is not in the table:", ""]
    return "\n".join([*lines, *(f"- `{name}`: {reason}." for name, reason in LEFT_OUT.items())]) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()  # the words are looked up in the catalogues
    sys.stdout.write(markdown())
