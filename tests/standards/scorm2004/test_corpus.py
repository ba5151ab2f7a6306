"""Real packages play through as their authors meant; where the corpus is not there, nothing is tested here."""

from pathlib import Path

import pytest

from standards import scorm2004
from standards.package import Package
from standards.structure import CourseStructure

from .courses import Playing

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
GOLF = ["playing_item", "etuqiette_item", "handicapping_item", "havingfun_item", "assessment_item"]
DONE = {
    "cmi__completion_status": "completed",
    "cmi__success_status": "passed",
    "cmi__score__scaled": "0.9",
    "cmi__progress_measure": "1",
    "cmi__exit": "normal",
}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")


def read(name: str) -> CourseStructure:
    with (CORPUS / f"{name}.zip").open("rb") as file, Package.open(file) as package:
        return scorm2004.parse(package)


@pytest.mark.parametrize(
    "name", ["golf-s2004e3-forcedsequential", "golf-s2004e3-posttestrollup", "golf-s2004e4-posttestrollup"]
)
def test_each_part_of_the_golf_course_opens_the_next(name: str) -> None:
    playing = Playing(read(name))
    shown, open_to_choice = [playing.request("start")], []
    while playing.state.current:
        open_to_choice.append([leaf for leaf in GOLF if leaf in playing.enabled()])
        playing.report(**DONE)
        shown.append(playing.request("continue"))

    assert shown == [*GOLF, "exited"]
    assert open_to_choice == [GOLF[: number + 1] for number in range(len(GOLF))]
    assert (playing.state.outcome.completion, playing.state.outcome.success) == ("completed", "passed")


@pytest.mark.parametrize("name", ["golf-s2004e3-posttestrollup", "golf-s2004e4-posttestrollup"])
def test_the_post_test_alone_gives_the_score(name: str) -> None:
    playing = Playing(read(name))
    playing.request("start")
    for leaf in GOLF:
        assert playing.state.current == leaf
        playing.report(**{**DONE, "cmi__score__scaled": "0.75" if leaf == "assessment_item" else "0.1"})
        playing.request("continue")

    assert playing.state.outcome.score == 0.75


@pytest.mark.parametrize("name", ["golf-s2004e3-forcedsequential", "golf-s2004e4-posttestrollup"])
def test_what_is_not_done_keeps_the_next_part_closed(name: str) -> None:
    playing = Playing(read(name))
    playing.request("start")
    playing.report(cmi__completion_status="incomplete", cmi__exit="normal")

    assert GOLF[1] not in playing.enabled()
    assert playing.request("choice", GOLF[1]) != GOLF[1]


@pytest.mark.parametrize(
    ("name", "leaves"),
    [
        ("golf-s2004e2-singlesco", 1),
        ("golf-s2004e3-singlesco", 1),
        ("template-s2004e4-starter", 3),
        ("adl-cts-cm-05", 7),
        ("adl-cts-ct-02", 5),
    ],
)
def test_a_course_without_rules_is_flowed_through(name: str, leaves: int) -> None:
    course = read(name)
    playing = Playing(course)
    shown = [playing.request("start")]
    while playing.state.current:
        playing.report(**DONE)
        shown.append(playing.request("continue"))

    assert len(course.leaves) == leaves
    assert shown == [*(leaf.identifier for leaf in course.leaves), "exited"]
    assert playing.state.outcome.completion == "completed"


# --- ADL's test packages: what their SCOs do is in the properties file beside each ------------------------------------


def test_a_measure_shared_satisfies_each_reader_by_its_own_minimum() -> None:
    """OB-05a: 0.85 is short of the writer's 1.0, which skips the third; it is enough for the 0.4 of the second."""
    playing = Playing(read("adl-cts-ob-05a"))
    shown = [playing.request("start")]
    asked = {"adl__nav__request": "continue", "cmi__exit": "normal"}

    playing.report(cmi__score__scaled="0.85", cmi__success_status="passed", **asked)
    shown.append(playing.request("content", by_learner=False))

    assert shown == ["activity_1", "activity_4"]


def test_a_cluster_that_is_not_satisfied_is_passed_without_its_rules() -> None:
    """RU-01aa: one failed child keeps the exit and the post-condition rule of the cluster from acting."""
    playing = Playing(read("adl-cts-ru-01aa"))
    shown = [playing.request("start")]
    for success in ("", "passed", "failed", "passed"):
        values = {"cmi__success_status": success} if success else {}
        playing.report(adl__nav__request="continue", cmi__exit="normal", **values)
        shown.append(playing.request("content", by_learner=False))

    assert shown == [f"activity_{number}" for number in (1, 3, 4, 5, 6)]


def test_thresholds_complete_a_cluster_which_that_satisfies_and_leads_back() -> None:
    """SX-02: progress of 0.5 and 0.9 completes two SCOs, the third is completed by leaving it."""
    playing = Playing(read("adl-cts-sx-02"))
    shown = [playing.request("start")]
    assert [playing.shown().valid[name] for name in ("continue", "previous", "choice.activity_3")] == [
        True,
        False,
        False,
    ]
    did = (
        {},
        {"cmi__completion_status": "incomplete", "cmi__progress_measure": "0.5"},
        {"cmi__success_status": "failed"},
        {"cmi__progress_measure": "0.9"},
    )
    for values in did:
        playing.report(cmi__exit="normal", **values)
        shown.append(playing.request("continue"))

    assert shown == [f"activity_{number}" for number in (1, 3, 4, 5, 1)]
