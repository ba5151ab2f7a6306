"""The table of settings: what counts, and what is refused."""

import pytest

from realms.configuration import SETTINGS, effective, settings_for


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
