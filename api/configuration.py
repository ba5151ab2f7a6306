"""Settings of any level: what `…/configuration` reads and writes."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import field_validator

from realms.configuration import documents
from realms.configuration.levels import Level, items

from .errors import BadValue
from .wire import Flag, Wire

Source = Literal[
    "default",
    "application",
    "learningStandardForApplication",
    "dispatchDestination",
    "course",
    "dispatch",
    "registration",
]


class SettingsIndividualSchema(Wire):
    setting_id: str | None = None
    value: str | None = None
    explicit: bool = False

    @field_validator("value", mode="before")
    @classmethod
    def _a_truth_is_a_word(cls, value: object) -> object:
        return str(value) if isinstance(value, bool) else value


class SettingsPostSchema(Wire):
    settings: list[SettingsIndividualSchema] = []


class SettingValidValue(Wire):
    value: str | None = None
    value_description: str | None = None


class SettingMetadata(Wire):
    default: str | None = None
    data_type: str | None = None
    setting_description: str | None = None
    level: str | None = None
    learning_standards: list[str] | None = None
    learning_standard_variant: Literal["singleScoOnly", "multiScoOnly", "either"] = "either"
    fallback: str | None = None
    valid_values: list[SettingValidValue] | None = None


class SettingItem(Wire):
    """`explicitValue` only where it is set at exactly this level."""

    id: str | None = None
    effective_value: str | None = None
    effective_value_source: Source | None = None
    explicit_value: str | None = None
    metadata: SettingMetadata | None = None


class SettingListSchema(Wire):
    setting_items: list[SettingItem]


class ConfigurationQuery(Wire):
    include_metadata: Flag = False


def listed(
    levels: Sequence[Level], query: ConfigurationQuery, standard: str = "", is_single: bool | None = None
) -> SettingListSchema:
    """The settings as the last of the levels sees them."""
    found = documents.listed(items(levels, standard, is_single), query.include_metadata)
    return SettingListSchema.model_validate(found)


def after_post(explicit: Mapping[str, str], body: SettingsPostSchema, source: str) -> dict[str, str]:
    """The explicit values of a level after a POST; those not named stay. Raises BadValue, SettingError."""
    for place, each in enumerate(body.settings):
        if not each.setting_id:
            raise BadValue(f"settings[{place}].settingId", "it is missing.")
    return documents.with_posted(explicit, body.model_dump(by_alias=True, exclude_none=True), source)
