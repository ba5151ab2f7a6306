"""The template tags of the console."""

import pytest
from django.core.paginator import Paginator
from django.template import TemplateSyntaxError

from realms.templatetags import console


@pytest.mark.parametrize(
    ("value", "look"),
    [
        ("completed", ("good", "circle-check", "Completed")),
        ("Passed", ("good", "trophy", "Passed")),
        ("not_attempted", ("quiet", "circle-dashed", "Not attempted")),
        ("", ("quiet", "circle-dashed", "Unknown")),
        (None, ("quiet", "circle-dashed", "Unknown")),
        ("browsed", ("quiet", "circle-dot", "Browsed")),
    ],
)
def test_a_state_has_a_tone_an_icon_and_a_word(value, look):
    seen = console.look(value)

    assert (seen.tone, seen.icon, seen.word) == look


def test_every_look_and_menu_entry_has_an_icon_that_is_there():
    drawn = [console.icon(each.icon) for each in (*console.LOOKS.values(), *console.MENU, *console.SETTINGS)]

    assert all('aria-hidden="true"' in each and "<path" in each for each in drawn)


def test_an_icon_that_is_not_there_is_a_mistake():
    with pytest.raises(TemplateSyntaxError, match="no icon 'nothing'"):
        console.icon("nothing")


@pytest.mark.parametrize(
    ("amount", "words"),
    [(None, "0 bytes"), (0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (999_600, "1 MB"), (100_000_000, "100 MB"),
     (5_368_709_120, "5.37 GB"), (3_000_000_000_000, "3 TB")],
)  # fmt: skip
def test_sizes_are_in_decimal_units(amount, words):
    assert console.size(amount) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "0 s"), (9.4, "9 s"), (59.6, "1 min 00 s"), (250, "4 min 10 s"), (3905, "1 h 05 min")]
)
def test_durations_read_at_a_glance(seconds, words):
    assert console.duration(seconds) == words


@pytest.mark.parametrize(("scaled", "words"), [(None, "–"), (0.835, "83.5 %"), (1.0, "100 %"), (-0.5, "-50 %")])
def test_scores_are_percentages(scaled, words):
    assert console.percent(scaled) == words


def test_long_page_lists_have_gaps():
    assert console.page_numbers(Paginator(range(400), 10).page(20)) == [1, 0, 19, 20, 21, 0, 40]


def test_a_chart_has_a_row_for_each_label():
    chart = {"labels": ["Mon", "Tue"], "series": [{"name": "a", "values": [1, 2]}, {"name": "b", "values": [3, 4]}]}

    assert console.chart_rows(chart) == [("Mon", [1, 3]), ("Tue", [2, 4])]
