"""Settings as the public API writes them: SettingsPostSchema, SettingListSchema, SettingMetadata."""

from collections.abc import Iterable, Mapping
from typing import Any

from . import SETTINGS
from .levels import OF_THE_API, Item, SettingError, check
from .setting import Setting

LEVELS = ("application", "learningStandardForApplication", "course", "registration")


def with_posted(explicit: Mapping[str, str], document: Any, source: str) -> dict[str, str]:
    """The explicit values of a level after a POST of `{"settings": [{"settingId", "value"}]}`: those not named stay.

    Raises SettingError for what is no such document, no setting, or no value of it; then nothing of it counts.
    """
    entries = document.get("settings") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SettingError('Settings are given as {"settings": [{"settingId": "…", "value": "…"}]}.')
    named = [(str(entry.get("settingId", "")), entry.get("value", "")) for entry in entries]
    posted = {name: _as_chosen(name, value) for name, value in named}
    check(posted, source)
    return {**explicit, **posted}


def _as_chosen(name: str, value: Any) -> Any:
    """One of a few values as the table writes it, whatever its case: many a system writes `true`."""
    choices = [choice for choice, _ in SETTINGS[name].choices] if name in SETTINGS and isinstance(value, str) else []
    return next((choice for choice in choices if choice.lower() == value.lower()), value)


def without(explicit: Mapping[str, str], name: str) -> dict[str, str]:
    """The explicit values after a DELETE of one. Raises SettingError for what is no setting."""
    if name not in SETTINGS:
        raise SettingError(f"There is no setting {name[:100]}.")
    return {held: value for held, value in explicit.items() if held != name}


def posted(explicit: Mapping[str, str]) -> dict[str, Any]:
    """The explicit values of a level as a document to keep, and to POST elsewhere."""
    return {"settings": [{"settingId": name, "value": value, "explicit": True} for name, value in explicit.items()]}


def listed(items: Iterable[Item], with_metadata: bool = False) -> dict[str, Any]:
    """SettingListSchema."""
    return {"settingItems": [_item(item, with_metadata) for item in items]}


def _item(item: Item, with_metadata: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": item.setting.id,
        "effectiveValue": item.value,
        "effectiveValueSource": OF_THE_API.get(item.source, item.source),
    }
    if item.explicit is not None:
        document["explicitValue"] = item.explicit
    if with_metadata:
        document["metadata"] = metadata(item.setting)
    return document


def metadata(setting: Setting) -> dict[str, Any]:
    """SettingMetadata. `level`: the most specific one that it can be set at.

    `learningStandards` and `validValues`: where it is limited to some.
    """
    document: dict[str, Any] = {
        "default": setting.default,
        "dataType": "enum" if setting.choices else "string" if setting.length else "int",
        "settingDescription": f"{setting.description}.",
        "level": next(level for level in reversed(LEVELS) if not setting.levels or level in setting.levels),
        "learningStandardVariant": setting.variant,
    }
    if setting.standards:
        document["learningStandards"] = list(setting.standards)
    if setting.choices:
        document["validValues"] = [{"value": value, "valueDescription": str(words)} for value, words in setting.choices]
    return document
