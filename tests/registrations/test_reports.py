"""Reports: what is summed up of registrations, and what the pages tell of it."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from content.models import CourseTag
from registrations import services
from registrations.models import (
    Answer,
    ApplicationCell,
    CourseCell,
    LaunchRecord,
    LearnerTag,
    Question,
    Registration,
    RegistrationFact,
    RegistrationTag,
)
from registrations.reports import summing
from registrations.reports.slots import first_slot, pieces, slot_of, whole_months
from tests import make
from tests.at_once import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def realm():
    return make.realm()


@pytest.fixture
def console(client, realm):
    client.force_login(realm.default_of)
    return client


@pytest.fixture
def course(realm):
    return make.course("scorm12_two_scos", realm)


def registered(of, number: int, created: str = "2026-03-10 12:00", done: str = "", **fields) -> Registration:
    """A registration of the course with these outcomes, as if it were long ago; times are UTC."""
    row = Registration.objects.create(
        application=of.application, course=of, registration_id=f"r{number}", learner_id=f"l{number}",
        completed_at=datetime.fromisoformat(f"{done}+00:00") if done else None, **fields,
    )  # fmt: skip
    Registration.objects.filter(pk=row.pk).update(created=datetime.fromisoformat(f"{created}+00:00"))
    return row


def interaction(number: int, name: str, response: str, result: str, latency: str = "", **more: str) -> dict[str, str]:
    place = f"cmi__interactions__{number}__"
    told = {"id": name, "type": "choice", "student_response": response, "result": result, "latency": latency} | more
    return {f"{place}{key}": value for key, value in told.items() if value}


def table(console, path: str, name: str) -> list[list[str]]:
    """A table of a page as its CSV tells it."""
    answer = console.get(f"{path}{'&' if '?' in path else '?'}csv={name}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def tiles(page) -> dict[str, str]:
    return {str(tile.label): tile.value for tile in page.context["report"].tiles}


def cells(model) -> list[dict]:
    """The rows of a table of cells without their keys, in order; those that hold nothing are left out."""
    rows = [{k: v for k, v in row.items() if v and k != "id"} for row in model.objects.order_by("pk").values()]
    return sorted((row for row in rows if "registrations" in row or "launches" in row or "completions" in row), key=str)


# --- summing up -------------------------------------------------------------------------------------------------------


def test_what_a_learner_does_is_summed_up_once_however_often_it_is_reported(course):
    played = make.launch(make.registration(course))
    played.report(lesson_status="incomplete", **interaction(0, "Q1", "a", "wrong", "00:00:04.50"))
    assert summing.run() is False
    first = cells(ApplicationCell), cells(CourseCell), list(Answer.objects.values_list("response", "is_correct"))

    assert summing.run() is False

    assert (
        cells(ApplicationCell),
        cells(CourseCell),
        list(Answer.objects.values_list("response", "is_correct")),
    ) == first
    assert first[2] == [("a", False)]
    assert [row["registrations"] for row in first[1]] == [1, 1]  # of the month, and of ever

    played.report(seconds=30, **interaction(0, "Q1", "b", "correct", "00:00:09"))
    played.report(finished=True, lesson_status="passed", score__raw="80", session_time="00:02:00")
    summing.run()

    assert list(Answer.objects.values_list("response", "is_correct", "latency", "score")) == [("b", True, 9.0, 0.8)]
    assert Question.objects.get().identifier == "Q1"
    fact = RegistrationFact.objects.get()
    assert (fact.completion, fact.success, fact.seconds, fact.is_launched) == ("incomplete", "unknown", 12000, True)
    assert ApplicationCell.objects.get().launches == 1


def test_a_report_that_stores_values_alone_is_seen_too(course):
    played = make.launch(make.registration(course))
    played.report(lesson_status="incomplete")
    summing.run()

    played.report(**interaction(0, "Q1", "a", "correct"))  # by registrations.quick
    summing.run()

    assert Answer.objects.get().response == "a"


def test_what_is_deleted_or_reset_leaves_the_numbers(course):
    gone, again, stays = (make.registration(course, learner) for learner in ("gone", "again", "stays"))
    for each in (gone, again, stays):
        make.launch(each).report(lesson_status="incomplete", **interaction(0, "Q1", "a", "correct"))
    summing.run()
    services.delete_registration(gone)
    services.reset(again)

    summing.run()

    total = CourseCell.objects.get(month=0)
    assert (total.registrations, total.launched, total.incomplete) == (2, 1, 1)
    assert sum(ApplicationCell.objects.values_list("launches", flat=True)) == 1
    assert list(Answer.objects.values_list("registration", flat=True)) == [stays.pk]
    assert set(RegistrationFact.objects.values_list("registration", flat=True)) == {again.pk, stays.pk}


def test_a_rebuild_comes_to_the_same(course, capsys):
    for number in range(3):
        played = make.launch(make.registration(course, f"learner {number}"))
        played.report(lesson_status="passed", score__raw="70", **interaction(0, "Q1", "a", "correct"))
        played.go("continue")
    registered(course, 1, done="2026-03-11 12:00", completion="completed", success="passed", score=0.333)
    summing.run()
    before = cells(ApplicationCell), cells(CourseCell), Answer.objects.count()

    call_command("sum_up", rebuild=True)

    assert (cells(ApplicationCell), cells(CourseCell), Answer.objects.count()) == before
    assert "All is summed up" in capsys.readouterr().out


def test_a_change_between_reading_and_counting_is_not_lost(course, monkeypatch):
    registration = registered(course, 1)
    changed = []
    facts = summing._facts

    def and_meanwhile(rows):
        yield from facts(rows)
        if not changed:
            changed.append(registration)
            registration.completion = "completed"
            registration.save()

    monkeypatch.setattr(summing, "_facts", and_meanwhile)
    summing.run()
    summing.run()

    assert RegistrationFact.objects.get().completion == "completed"
    assert CourseCell.objects.get(month=0).completed == 1


on_postgresql = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where writers cannot wait"
)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_learners_report_while_what_they_do_is_summed_up():
    course = make.course("scorm12_single")
    played = [make.launch(make.registration(course, f"learner {number}")) for number in range(3)]

    def report(each: make.Played) -> None:
        for number in range(15):
            each.report(**interaction(0, "Q1", str(number), "correct"))
            each.report(lesson_status="incomplete", score__raw=str(number))

    wrong = all_at_once(*[lambda each=each: report(each) for each in played], *[summing.run] * 3)
    summing.run()

    assert wrong == []
    assert list(Answer.objects.values_list("response", "score")) == [("14", 0.14)] * 3
    total = CourseCell.objects.get(month=0)
    assert (total.registrations, total.incomplete, total.scored, total.score_sum) == (3, 3, 3, 4200)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_count_nothing_twice():
    course = make.course("scorm12_two_scos")
    for number in range(40):
        registered(course, number)
    played = make.launch(make.registration(course))
    played.report(lesson_status="incomplete", **interaction(0, "Q1", "a", "correct"))

    assert all_at_once(*[summing.run] * 4) == []

    summing.run()
    assert sum(CourseCell.objects.filter(month=0).values_list("registrations", flat=True)) == 41
    assert Answer.objects.count() == 1


def test_rubbish_in_interactions_is_kept_as_far_as_it_is_understood(course):
    played = make.launch(make.registration(course))
    played.report(
        lesson_status="incomplete",
        **interaction(0, "Q" * 255, "x" * 9000, "neutral", latency="soon", weighting="heavy"),
        **interaction(1, "", "a", "correct"),
        **interaction(2, "asked, not answered", "", ""),
    )

    summing.run()

    answer = Answer.objects.get()
    assert (answer.response, answer.is_correct, answer.latency, answer.weighting) == ("x" * 500, None, None, None)


# --- time -------------------------------------------------------------------------------------------------------------


def test_days_of_a_zone_change_their_offset_where_its_clocks_do():
    berlin = ZoneInfo("Europe/Berlin")
    start, end = slot_of(datetime(2026, 3, 28, tzinfo=berlin)), slot_of(datetime(2026, 3, 31, tzinfo=berlin))

    winter, summer = pieces(start, end, berlin)

    assert (winter.offset, summer.offset) == (4, 8)
    assert winter.end == summer.start == slot_of(datetime(2026, 3, 29, 1, tzinfo=UTC))
    assert end - start == 3 * 96 - 4


def test_whole_months_and_what_is_left_over_are_the_time_again():
    start, end = slot_of(datetime(2026, 1, 31, tzinfo=UTC)), slot_of(datetime(2026, 4, 2, tzinfo=UTC))

    months, edges = whole_months(start, end)

    february, april = 2026 * 12 + 1, 2026 * 12 + 3
    assert months == range(february, april)
    assert edges == [(start, first_slot(february)), (first_slot(april), end)]
    assert whole_months(start, start + 10) == (range(0), [(start, start + 10)])


# --- pages ------------------------------------------------------------------------------------------------------------

MARCH = "start=2026-03-01&end=2026-03-31"


@pytest.fixture
def march(course):
    """Five registrations of March, one of February and one of the sandbox."""
    common = {"first_access": timezone.now()}
    rows = [
        registered(course, 1, "2026-03-01 00:10", "2026-03-02 23:30", completion="completed", success="passed",
                   score=1.0, total_seconds=59, **common),
        registered(course, 2, "2026-03-02 12:00", "2026-03-05 12:00", completion="completed", success="failed",
                   score=0.35, total_seconds=600, **common),
        registered(course, 3, "2026-03-02 23:45", completion="incomplete", total_seconds=60, **common),
        registered(course, 4, "2026-03-31 23:59", "2026-04-01 00:01", completion="completed", success="passed",
                   score=0.65, total_seconds=7300, **common),
        registered(course, 5, "2026-03-20 08:00"),
        registered(course, 6, "2026-02-28 23:59", "2026-03-01 01:00", completion="completed", success="passed",
                   score=-0.5, **common),
        registered(course, 7, "2026-03-20 08:00", is_sandbox=True, completion="completed", **common),
    ]  # fmt: skip
    summing.run()
    return rows


def test_a_dashboard_tells_of_a_time(console, realm, march):
    page = console.get(f"/r/{realm.slug}/reports/?{MARCH}&zone=UTC")

    assert tiles(page) == {
        "Registrations": "5", "Launches": "0", "Completions": "3", "Completion rate": "60 %", "Pass rate": "66.7 %",
        "Mean score": "66.7 %", "Mean time": "33 min",
    }  # fmt: skip
    path = f"/r/{realm.slug}/reports/?{MARCH}&zone=UTC"
    days = {row[0]: row[1:] for row in table(console, path, "timeline")}
    assert days["Day"] == ["Registrations", "Launches", "Completions"]
    assert len(days) == 32
    busy = {day: numbers for day, numbers in days.items() if numbers != ["0", "0", "0"] and day != "Day"}
    assert busy == {
        "2026-03-01": ["1", "0", "1"], "2026-03-02": ["2", "0", "1"], "2026-03-05": ["0", "0", "1"],
        "2026-03-20": ["1", "0", "0"], "2026-03-31": ["1", "0", "0"],
    }  # fmt: skip
    assert table(console, path, "outcomes") == [
        ["Outcome", "Registrations", "Share (%)"],
        ["Completed", "3", "60.0"], ["Incomplete", "1", "20.0"], ["Completion unknown", "0", "0.0"],
        ["Never launched", "1", "20.0"], ["Passed", "2", "40.0"], ["Failed", "1", "20.0"],
        ["Neither passed nor failed", "2", "40.0"],
    ]  # fmt: skip
    assert [row[:2] for row in table(console, path, "scores") if row[1] == "1"] == [
        ["30 to 40 %", "1"], ["60 to 70 %", "1"], ["90 to 100 %", "1"]
    ]  # fmt: skip
    assert [row[:2] for row in table(console, path, "times") if row[1] == "1"] == [
        ["under 1 min", "1"], ["1 to 5 min", "1"], ["5 to 15 min", "1"], ["2 to 4 h", "1"]
    ]  # fmt: skip


def test_days_are_those_of_the_viewer(console, realm, march):
    path = f"/r/{realm.slug}/reports/?{MARCH}&zone=Asia/Kathmandu"  # 5:45 before UTC

    busy = [row for row in table(console, path, "timeline")[1:] if row[1:] != ["0", "0", "0"]]

    assert busy == [
        ["2026-03-01", "2", "0", "1"], ["2026-03-02", "1", "0", "0"], ["2026-03-03", "1", "0", "1"],
        ["2026-03-05", "0", "0", "1"], ["2026-03-20", "1", "0", "0"],
    ]  # fmt: skip


@pytest.mark.parametrize("narrowed", ["tags=new", "learner_tags=vip", "course_tags=safety"])
def test_facts_and_cells_tell_the_same(console, realm, course, march, narrowed):
    """All are tagged alike, so that what a tag lets through is all there is."""
    CourseTag.objects.create(course=course, name="safety")
    RegistrationTag.objects.bulk_create(RegistrationTag(registration=row, name="new") for row in march)
    for row in march:
        LearnerTag.objects.create(application=row.application, learner_id=row.learner_id, name="vip")
    for query in ("range=all", MARCH, "start=2026-02-10&end=2026-04-20", f"{MARCH}&sandbox=on"):
        plain, tagged = (f"/r/{realm.slug}/reports/?{query}&{more}&zone=UTC" for more in ("", narrowed))

        assert tiles(console.get(tagged)) == tiles(console.get(plain))
        for name in ("timeline", "outcomes", "scores", "times", "courses", "applications"):
            assert table(console, tagged, name) == table(console, plain, name), (query, name)
    assert tiles(console.get(f"/r/{realm.slug}/reports/?{MARCH}&tags=old"))["Registrations"] == "0"


def test_where_there_is_nothing_the_page_says_what_to_do(console, realm, march):
    page = console.get(f"/r/{realm.slug}/reports/?start=2020-01-01&end=2020-01-02")

    assert "Choose a longer time, other tags, or include sandbox registrations." in page.text
    assert "<canvas" not in page.text
    assert len(table(console, f"/r/{realm.slug}/reports/?start=2020-01-01&end=2020-01-02", "timeline")) == 3


def test_sandbox_registrations_count_where_they_are_asked_for(console, realm, march):
    assert tiles(console.get(f"/r/{realm.slug}/reports/?{MARCH}&sandbox=on"))["Registrations"] == "6"


def test_courses_are_listed_with_what_came_of_them(console, realm, course, march):
    other = make.course("scorm12_single", realm)
    registered(other, 20, "2026-03-15 10:00", completion="incomplete")
    summing.run()
    path = f"/r/{realm.slug}/reports/courses/?{MARCH}&zone=UTC"

    rows = table(console, path, "courses")
    by_time = table(console, f"{path}&order=time", "courses")

    head = ["Course", "Registrations", "Launched", "Completed", "Completion rate (%)", "Passed", "Failed"]
    assert rows == [
        [*head, "Pass rate (%)", "Mean score (%)", "Mean time (s)"],
        [course.title, "5", "4", "3", "60.0", "2", "1", "66.67", "66.67", "2004.75"],
        [other.title, "1", "0", "0", "0.0", "0", "0", "", "", ""],
    ]
    assert [row[0] for row in by_time[1:]] == [course.title, other.title]
    assert f"/reports/courses/{course.pk}/?start=2026-03-01" in console.get(path).text


def test_a_course_shows_where_its_learners_stop(console, realm, course):
    first, second = (make.launch(make.registration(course, learner)) for learner in ("first", "second"))
    first.report(finished=True, lesson_status="passed")
    first.go("continue")
    second.report(lesson_status="incomplete")
    third = make.launch(make.registration(course, "third"))
    third.report(finished=True, lesson_status="passed")
    third.go("continue")
    third.report(finished=True, lesson_status="passed")
    summing.run()

    rows = table(console, f"/r/{realm.slug}/reports/courses/{course.pk}/?sandbox=on", "funnel")

    titles = [leaf.title for leaf in course.current_version.read_structure().leaves]
    assert rows == [
        ["Activity", "Begun", "Completed", "Passed", "Failed", "Stopped here"],
        [course.title, "3", "1", "1", "0", "0"],
        [titles[0], "3", "2", "2", "0", "1"],
        [titles[1], "2", "1", "1", "0", "1"],
    ]


def test_questions_are_analysed(console, realm):
    course = make.course("scorm12_single", realm)
    for number in range(10):
        is_right = number >= 4
        make.launch(make.registration(course, f"learner {number}")).report(
            lesson_status="passed", score__raw=str(number * 10), score__max="100", score__min="0",
            **interaction(0, "Q1", "a" if is_right else "b", "correct" if is_right else "wrong", f"00:00:{number:02}"),
            **interaction(1, "Q2", "t", "neutral"),
            cmi__interactions__0__correct_responses__0__pattern="a",
        )  # fmt: skip
    summing.run()
    path = f"/r/{realm.slug}/reports/courses/{course.pk}/?sandbox=on"

    rows = table(console, path, "questions")

    head = ["Question", "Type", "Answers", "Judged", "Correct (%)", "Mean latency (s)", "Discrimination"]
    # r of 0,0,0,0,1,1,1,1,1,1 with 0, 0.1 … 0.9
    assert rows == [
        head,
        ["Q1", "choice", "10", "10", "60.0", "4.5", "0.8528"],
        ["Q2", "choice", "10", "0", "", "", ""],
    ]
    question = Question.objects.get(identifier="Q1")
    answers = f"/r/{realm.slug}/reports/questions/{question.pk}/?sandbox=on"
    assert table(console, answers, "responses") == [
        ["Response", "Judged as", "Answers", "Share (%)"],
        ["a", "correct", "6", "60.0"], ["b", "incorrect", "4", "40.0"],
    ]  # fmt: skip
    assert tiles(console.get(answers)) == {
        "Answers": "10", "Correct": "60 %", "Mean latency": "4.5 s", "Discrimination": "0.85"
    }  # fmt: skip
    assert table(console, f"{path}&start=2026-01-01&end=2026-01-31", "questions")[1][2] == "0"


def test_a_learner_has_a_report_of_all_registrations(console, realm, course, march):
    page = console.get(f"/r/{realm.slug}/reports/learner/?learner=l2&{MARCH}")
    found = table(console, f"/r/{realm.slug}/reports/learners/?q=l&{MARCH}", "learners")

    assert tiles(page)["Pass rate"] == "0 %"
    assert table(console, f"/r/{realm.slug}/reports/learner/?learner=l2&{MARCH}&zone=UTC", "registrations")[1] == [
        course.title, "2026-03-02", "Completed", "Failed", "35.0", "600.0"
    ]  # fmt: skip
    assert sorted(row[0] for row in found[1:]) == ["l1", "l2", "l3", "l4", "l5"]
    assert console.get(f"/r/{realm.slug}/reports/learner/?learner=nobody").status_code == 404
    assert console.get(f"/r/{realm.slug}/reports/learner/").url == f"/r/{realm.slug}/reports/learners/"


def test_launches_count_on_their_day(console, realm, course):
    registration = make.registration(course)
    make.launch(registration), make.launch(registration)
    services.begin_launch(services.LaunchLink(registration_id=registration.pk), services.Visitor())  # delivers nothing
    first = LaunchRecord.objects.order_by("pk").first()
    LaunchRecord.objects.filter(pk=first.pk).update(started=datetime(2026, 3, 5, 12, tzinfo=UTC))
    summing.run()
    RegistrationTag.objects.create(registration=registration, name="x")

    for more in ("", "&tags=x"):
        rows = table(console, f"/r/{realm.slug}/reports/?{MARCH}&sandbox=on{more}", "timeline")
        assert [row for row in rows[1:] if row[2] != "0"] == [["2026-03-05", "0", "1", "0"]]
        assert tiles(console.get(f"/r/{realm.slug}/reports/?sandbox=on{more}"))["Launches"] == "1"


@pytest.mark.parametrize(
    "query",
    ["start=2026-03-05&end=2026-03-01", "start=yesterday", "zone=Moon/Base", "range=99", "start=0001-01-01",
     "end=9999-12-31", "tags=" + ",".join(map(str, range(30))), "application=nothing"],
)  # fmt: skip
def test_a_filter_that_is_not_understood_is_told_and_the_usual_time_shown(console, realm, march, query):
    page = console.get(f"/r/{realm.slug}/reports/?{query}")

    assert page.status_code == (422 if "application" not in query else page.status_code)
    if page.status_code == 422:
        assert "Something is not right" in page.text
        assert page.context["scope"].last - page.context["scope"].first == timedelta(days=29)


def test_dates_count_whatever_time_is_chosen_beside_them_until_another_is_chosen_instead(console, realm, march):
    first = console.get(f"/r/{realm.slug}/reports/?range=30&{MARCH}")
    again = console.get(f"/r/{realm.slug}/reports/?range=dates&dated=1&{MARCH}")
    left = console.get(f"/r/{realm.slug}/reports/?range=7&dated=1&{MARCH}")

    for page in (first, again):
        assert [page.context["scope"].first, page.context["scope"].last] == [date(2026, 3, 1), date(2026, 3, 31)]
        assert page.context["form"]["dated"].value() == "1"
    assert left.context["scope"].last - left.context["scope"].first == timedelta(days=6)
    assert (left.context["form"]["start"].value(), left.context["form"]["range"].value()) == ("", "7")


def test_a_link_shows_the_same_to_colleagues_and_nothing_to_strangers(console, client, realm, march):
    page = console.get(f"/r/{realm.slug}/reports/?range=all&sandbox=on&tags=a,%20b")
    colleague, stranger = make.colleague(realm), make.user()
    link = page.context["link"].removeprefix("http://localhost:8000").removeprefix("http://testserver")

    client.force_login(colleague)
    same = client.get(link)
    client.force_login(stranger)

    assert (same.context["scope"].tags, same.context["scope"].with_sandbox) == (("a", "b"), True)
    assert tiles(same) == tiles(page)
    assert client.get(link).status_code == 404


def test_nobody_sees_what_is_not_of_their_realm(console, realm, march):
    theirs = make.course("scorm12_single", make.realm())
    registered(theirs, 90, score=0.5)
    RegistrationTag.objects.create(registration=Registration.objects.get(registration_id="r90"), name="secret")
    make.launch(make.registration(theirs)).report(lesson_status="passed", **interaction(0, "Q", "a", "correct"))
    summing.run()
    app_id = theirs.application.app_id
    reports = f"/r/{realm.slug}/reports"

    assert tiles(console.get(f"{reports}/?range=all"))["Registrations"] == "6"
    assert tiles(console.get(f"{reports}/?range=all&tags=secret"))["Registrations"] == "0"
    assert console.get(f"{reports}/?range=all&application={app_id}").status_code == 422
    assert console.get(f"{reports}/courses/{theirs.pk}/").status_code == 404
    assert console.get(f"{reports}/questions/{Question.objects.get().pk}/").status_code == 404
    assert console.get(f"{reports}/learner/?learner=l90").status_code == 404
    assert table(console, f"{reports}/learners/?q=l90&range=all", "learners")[1:] == []
    assert console.get(f"{reports}/?csv=secrets").status_code == 404


def test_cells_that_look_like_formulas_are_text(console, realm):
    course = make.course("scorm12_single", realm)
    type(course).objects.filter(pk=course.pk).update(title="=1+1")
    registered(course, 1)
    summing.run()

    assert table(console, f"/r/{realm.slug}/reports/courses/?range=all", "courses")[1][0] == "'=1+1"


def test_the_number_of_queries_does_not_grow(console, realm, course):
    other = make.course("scorm12_single", realm)
    console.get(f"/r/{realm.slug}/reports/")  # notes in the session where the person is
    counted = []
    for number in (1, 2, 3):
        for each in (course, other):
            registered(each, number * 10 + each.pk, "2026-03-05 12:00", completion="incomplete")
            make.launch(make.registration(each, f"learner {number}")).report(
                lesson_status="passed", **interaction(0, f"Q{number}", "a", "correct")
            )
        summing.run()
        question = Question.objects.filter(course=course).first()
        counts = []
        for path in (
            *("?range=all", f"?{MARCH}", "?range=all&tags=x", "courses/?range=all", "learners/", "learners/?q=l"),
            f"courses/{course.pk}/?range=all&sandbox=on",
            f"questions/{question.pk}/?sandbox=on",
            "learner/?learner=learner+1&sandbox=on",
        ):
            with CaptureQueriesContext(connection) as queries:
                assert console.get(f"/r/{realm.slug}/reports/{path}").status_code == 200
            counts.append((path, len(queries)))
        counted.append(counts)

    assert counted[0][0][1] < 16
    assert counted[1] == counted[2] == counted[0]


def test_the_application_that_manages_others_has_no_report(client):
    realm = make.realm()
    make.application(realm, name="App Management", is_management=True)
    client.force_login(realm.default_of)

    page = client.get(reverse("registrations:reports", args=[realm.slug]))

    assert page.status_code == 200
    assert "App Management" not in page.text
