"""The table of settings: what counts, and what is refused."""

from pathlib import Path

import pytest

from realms.configuration import SETTINGS, effective, settings_for
from realms.configuration.documents import listed, metadata, posted, with_posted, without
from realms.configuration.levels import APPLICATION, COURSE, VERSION, Level, SettingError, differing, items
from realms.configuration.reference import LEFT_OUT, markdown
from realms.configuration.setting import STANDARD_NAMES


def test_the_more_specific_value_wins_and_unknown_ids_are_left_out():
    values = effective(
        {"PlayerDesiredWidth": "800", "PlayerDesiredHeight": "600"}, {"PlayerDesiredWidth": "1024", "X": "1"}
    )

    changed = {name: value for name, value in values.items() if value != SETTINGS[name].default}
    assert changed == {"PlayerDesiredWidth": "1024", "PlayerDesiredHeight": "600"}


def test_every_default_is_a_value_its_setting_accepts():
    assert [setting.id for setting in SETTINGS.values() if not setting.accepts(setting.default)] == []


@pytest.mark.parametrize("value", ["", "-1", "1.5", "10001", "²", "x"])
def test_a_number_out_of_its_range_is_refused(value):
    assert not SETTINGS["PlayerDesiredWidth"].accepts(value)


def test_rollup_is_not_offered_where_the_package_decides_it():
    offered = {setting.id for setting in settings_for("SCORM20044THEDITION") if setting.group == "Rollup"}

    assert offered == {"PlayerAllowCompleteStatusChange", "PlayerForceObjCompSetByContent"}


def test_the_reference_says_what_the_table_says():
    assert (Path(__file__).parents[2] / "docs" / "settings.md").read_text() == markdown(), (
        "run: python -m realms.configuration.reference > docs/settings.md"
    )


def test_no_setting_is_both_in_the_table_and_left_out():
    assert set(LEFT_OUT).isdisjoint(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_every_default_of_a_standard_is_a_value_too_and_every_standard_has_a_name(setting):
    assert [value for value in setting.defaults.values() if not setting.accepts(value)] == []
    assert set(setting.standards) | set(setting.defaults) <= set(STANDARD_NAMES)
    assert setting.label
    assert metadata(setting)["settingDescription"].endswith(".")


def test_a_setting_is_read_somewhere_beyond_its_table():
    """Each id, or the pattern that makes it, stands in the code that honours it."""
    root = Path(__file__).parents[2]
    folders = ("standards", "player", "registrations", "content")
    code = "".join(path.read_text() for folder in folders for path in (root / folder).rglob("*.py"))
    by_name = "from realms.configuration.postbacks import AUTH, FORMAT, IS_JSON, PASSWORD, URL, USER"
    made = ("ExitAction", "PostBackUrl", *(f"PostBack{name}" for name in ("AuthType", "AuthUser", "AuthPassword")))
    made = (*made, "PostBackFormat", "PostBackIsJson")
    unread = [name for name in SETTINGS if name not in code and not name.endswith(made)]

    assert unread == []
    assert by_name in code
    assert 'f"Player{place}{standing}{way}ExitAction"' in code


# --- documents of the API ---------------------------------------------------------------------------------------------


LEVELS = [
    Level(APPLICATION, {"PlayerTimeLimit": "5", "PlayerDesiredWidth": "1"}),
    Level(VERSION, {"PlayerTimeLimit": "6"}),
]


def test_the_effective_list_gives_value_source_and_what_is_explicit():
    found = {item["id"]: item for item in listed(items(LEVELS, "SCORM12"))["settingItems"]}

    assert found["PlayerTimeLimit"] == {
        "id": "PlayerTimeLimit",
        "effectiveValue": "6",
        "effectiveValueSource": "course",
        "explicitValue": "6",
    }
    assert found["PlayerDesiredWidth"]["effectiveValueSource"] == "application"
    assert found["PlayerAlwaysFlowToFirstSco"]["effectiveValue"] == "YES"
    assert "PlayerScaleRawScore" not in found


def test_metadata_tells_type_values_and_where_it_means_something():
    [found] = [
        item["metadata"]
        for item in listed(items(LEVELS), with_metadata=True)["settingItems"]
        if item["id"] == "PlayerLookaheadSequencerMode"
    ]

    assert found["default"] == "REALTIME"
    assert found["dataType"] == "enum"
    assert found["learningStandards"] == ["SCORM20042NDEDITION", "SCORM20043RDEDITION", "SCORM20044THEDITION"]
    assert found["learningStandardVariant"] == "multiScoOnly"
    assert [each["value"] for each in found["validValues"]] == ["REALTIME", "ENABLED", "DISABLED"]


def test_metadata_is_silent_of_limits_that_a_setting_has_not():
    found = {item["id"]: item["metadata"] for item in listed(items(LEVELS), with_metadata=True)["settingItems"]}

    assert "learningStandards" not in found["PlayerShowNavBar"]  # it is of all standards
    assert "validValues" not in found["PlayerTimeLimit"]  # any number
    assert found["PlayerShowNavBar"]["level"] == "registration"  # and so at every level above it


def test_settings_that_are_posted_join_those_held_and_one_is_deleted():
    held = {"PlayerTimeLimit": "5", "Old": "1"}
    after = with_posted(held, {"settings": [{"settingId": "PlayerDesiredWidth", "value": "800"}]}, COURSE)

    assert after == {"PlayerTimeLimit": "5", "Old": "1", "PlayerDesiredWidth": "800"}
    assert without(after, "PlayerTimeLimit") == {"Old": "1", "PlayerDesiredWidth": "800"}
    assert with_posted({}, posted({"PlayerTimeLimit": "5"}), COURSE) == {"PlayerTimeLimit": "5"}


def test_one_of_a_few_values_may_be_posted_in_any_case():
    posted_so = {"PlayerShowNavBar": "no", "ApiRollupRegistrationPostBackIsJson": "false"}
    document = {"settings": [{"settingId": name, "value": value} for name, value in posted_so.items()]}

    assert with_posted({}, document, COURSE) == {
        "PlayerShowNavBar": "NO",
        "ApiRollupRegistrationPostBackIsJson": "False",
    }


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"settings": [{"settingId": "X", "value": "1"}]}, "There is no setting X"),
        ({"settings": [{"settingId": "PlayerTimeLimit", "value": "x"}]}, "PlayerTimeLimit cannot be “x”"),
        ({"settings": [{"settingId": "PlayerTimeLimit", "value": 5}]}, "PlayerTimeLimit cannot be “5”"),
        ({"settings": [{"settingId": "PlayerTimeLimit"}]}, "a whole number from 0 to 100000"),
        ({"settings": [{"settingId": "PlayerShowNavBar", "value": "\0"}]}, "it is one of YES, NO"),
        ({"settings": "PlayerTimeLimit"}, "Settings are given as"),
        ({"settings": ["PlayerTimeLimit"]}, "Settings are given as"),
        ([], "Settings are given as"),
        (None, "Settings are given as"),
    ],
)
def test_a_document_that_means_nothing_is_refused_in_words(document, words):
    with pytest.raises(SettingError, match=words):
        with_posted({}, document, COURSE)


def test_a_launch_keeps_only_what_means_something_for_it():
    levels = [
        Level(APPLICATION, {"PlayerScaleRawScore": "YES", "PlayerShowCourseStructure": "NO", "PlayerTimeLimit": "0"})
    ]

    assert differing(levels, "XAPI", is_single=True) == {}
    assert differing(levels, "SCORM20044THEDITION", is_single=False)["PlayerScaleRawScore"] == "YES"
