"""Finding registrations: every filter, each order, pages in both directions, totals, and who is not to be found."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.models import Course
from realms.models import Application
from registrations import finding
from registrations.finding import LEARNER, Search, Total, find
from registrations.models import Registration, RegistrationTag
from tests import make

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 5, 1, 12, tzinfo=UTC)
OUTCOMES = (("unknown", "unknown"), ("incomplete", "unknown"), ("completed", "passed"), ("completed", "failed"))


@pytest.fixture
def application() -> Application:
    return make.application()


def course(application: Application, title: str = "Golf") -> Course:
    return Course.objects.create(application=application, course_id=title.lower(), title=title, standard="SCORM12")


def registered(of: Course, learner: str, number: int = 0, **fields: Any) -> Registration:
    row = Registration.objects.create(
        application=of.application, course=of, registration_id=f"{of.course_id}-{learner}", learner_id=learner, **fields
    )
    at = DAY + timedelta(days=number)
    Registration.objects.filter(pk=row.pk).update(created=at, updated=at)
    return row


def many(application: Application, count: int = 12) -> list[Registration]:
    """Rows of two courses with every outcome, one a day; each third has a tag, each fourth is of the sandbox."""
    courses = [course(application, "Golf"), course(application, "Chess")]
    rows = []
    for number in range(count):
        completion, success = OUTCOMES[number % 4]
        names = {"learner_last_name": f"Name {(number * 7) % count:02}", "learner_first_name": "Ada"}
        row = registered(
            courses[number % 2], f"learner-{number:02}", number, completion=completion, success=success,
            is_sandbox=number % 4 == 3, completed_at=DAY if completion == "completed" else None, **names,
        )  # fmt: skip
        if number % 3 == 0:
            RegistrationTag.objects.create(registration=row, name="spring")
        rows.append(row)
    return rows


def ids(rows: list[Registration]) -> list[str]:
    return [row.learner_id for row in rows]


def everything(search: Search, size: int) -> list[str]:
    """Page by page to the end, and back to the beginning."""
    found, page = [], find(search, size=size)
    while True:
        found += ids(page.rows)
        assert len(found) < 100, found[:20]
        if not page.after:
            break
        page = find(search, after=page.after, size=size)
    back = ids(page.rows)
    while page.before:
        page = find(search, before=page.before, size=size)
        back = ids(page.rows) + back
    assert back == found
    return found


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["u-42", "U-42", "lovelace", "LOVE", "Ada", "ada lovelace", "Lovelace Ada", "Ada@Ex", "golf-u", "ad l"],
)
def test_a_learner_is_found_by_how_id_names_address_and_registration_begin(application: Application, words: str):
    golf = course(application)
    wanted = registered(
        golf, "U-42", learner_first_name="Ada", learner_last_name="Lovelace", learner_email="ada@example.com"
    )
    registered(golf, "x", learner_first_name="Bob", learner_last_name="Unlovelace")
    registered(golf, "other-u-42", learner_first_name="Zadar")

    page = find(Search((application.pk,), words=words))

    expected = {"U-42"} if words != "golf-u" else {"U-42"}
    assert set(ids(page.rows)) == expected
    assert (page.rows[0].pk, page.total) == (wanted.pk, Total(1))


@pytest.mark.parametrize("words", ["Émile", "émile", "ÉMILE", "Ém"])
def test_accented_names_are_found_in_either_case(application: Application, words: str):
    registered(course(application), "1", learner_first_name="Émile")

    assert len(find(Search((application.pk,), words=words)).rows) == 1


@pytest.mark.parametrize("words", ["100%", "_", "%", "a\\", "'; --", "\U0010ffff", "名"])
def test_no_letter_is_special(application: Application, words: str):
    golf = course(application)
    registered(golf, f"{words} learner")
    registered(golf, "100 other")

    assert ids(find(Search((application.pk,), words=words)).rows) == [f"{words} learner"]


# --- filters and order ------------------------------------------------------------------------------------------------

SEARCHES: dict[str, dict[str, Any]] = {
    "all": {},
    "completed": {"completion": "completed"},
    "failed": {"success": "failed"},
    "completed and passed": {"completion": "completed", "success": "passed"},
    "sandbox": {"is_sandbox": True},
    "not sandbox, unknown": {"is_sandbox": False, "completion": "unknown"},
    "tagged": {"tag": "spring"},
    "tagged and incomplete": {"tag": "spring", "completion": "incomplete"},
    "since": {"since": DAY + timedelta(days=5)},
    "until": {"until": DAY + timedelta(days=5)},
    "changed between": {"moment": "updated", "since": DAY + timedelta(days=2), "until": DAY + timedelta(days=9)},
    "completed since": {"moment": "completed_at", "since": DAY},
    "words": {"words": "ada"},
    "words and more": {"words": "learner-0", "completion": "completed", "tag": "spring"},
    "words and dates": {"words": "ada", "since": DAY + timedelta(days=3)},
}


def expected(rows: list[Registration], asked: dict[str, Any], course_id: int | None) -> list[Registration]:
    """The same by looking at each row."""
    tagged = set(RegistrationTag.objects.values_list("registration_id", flat=True))
    found = []
    for row in Registration.objects.filter(pk__in=[each.pk for each in rows]):
        moment = getattr(row, asked.get("moment", "created"))
        conditions = [
            asked.get("completion", row.completion) == row.completion,
            asked.get("success", row.success) == row.success,
            asked.get("is_sandbox", row.is_sandbox) == row.is_sandbox,
            not asked.get("tag") or row.pk in tagged,
            not asked.get("since") or (moment is not None and moment >= asked["since"]),
            not asked.get("until") or (moment is not None and moment < asked["until"]),
            asked.get("words") in (None, "ada") or row.learner_id.startswith(asked["words"]),
            course_id in (None, row.course_id),
        ]
        if all(conditions):
            found.append(row)
    return found


@pytest.mark.parametrize("asked", SEARCHES.values(), ids=SEARCHES)
@pytest.mark.parametrize("cap", [finding.CAP, 1], ids=["few", "many"])
def test_every_search_in_every_order_page_by_page(
    application: Application, asked: dict[str, Any], cap: int, monkeypatch: pytest.MonkeyPatch
):
    rows = many(application)
    monkeypatch.setattr(finding, "CAP", cap)
    keys = {"updated": "updated", "created": "created", LEARNER: "learner_last_name"}

    for (order, key), descending, of in itertools.product(keys.items(), (True, False), (None, rows[0].course_id)):
        search = Search((application.pk,), order=order, is_descending=descending, courses=of and (of,), **asked)
        wanted = sorted(expected(rows, asked, of), key=lambda row: (getattr(row, key), row.pk), reverse=descending)
        assert everything(search, 3) == ids(wanted), (order, descending, of)


def test_all_applications_are_one_list(application: Application):
    other = make.application(application.realm)
    for number in range(4):
        registered(course((application, other)[number % 2], f"Course {number}"), f"learner-{number}", number)

    both = Search((application.pk, other.pk))

    assert everything(both, 1) == [f"learner-{number}" for number in (3, 2, 1, 0)]
    assert everything(replace(both, completion="unknown", order="created"), 3) == everything(both, 3)
    assert find(replace(both, applications=(other.pk,))).total == Total(2)


def test_another_application_is_not_found_by_anything(application: Application):
    foreign = make.application()
    row = registered(course(foreign), "ada", learner_email="ada@example.com")
    RegistrationTag.objects.create(registration=row, name="spring")

    for asked in SEARCHES.values():
        assert find(Search((application.pk,), **asked)).rows == []


# --- totals, tokens, queries ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [{}, {"completion": "unknown"}, {"words": "ada"}, {"tag": "spring"}, {"success": "unknown", "order": "created"}],
)
def test_the_total_is_told_as_far_as_it_is_counted(
    application: Application, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    golf = course(application)
    for number in range(4):
        row = registered(golf, f"ada-{number}", number)
        RegistrationTag.objects.create(registration=row, name="spring")
    search = Search((application.pk,), **asked)

    assert find(search, size=1).total == Total(4)
    monkeypatch.setattr(finding, "CAP", 3)
    assert find(search, size=1).total == finding.MANY


@pytest.mark.parametrize(
    "token", ["x", "é", "W10", "WzEsMV0", "WyIyMDI2LTA1LTAxIiwxXQ", "eyJhIjoxfQ", "WyJ6Iiwtal0", "=" * 50]
)
def test_a_token_that_is_not_ours_begins_anew(application: Application, token: str):
    registered(course(application), "ada")

    assert len(find(Search((application.pk,)), after=token).rows) == 1
    assert len(find(Search((application.pk,)), before=token).rows) == 1


@pytest.mark.parametrize("asked", SEARCHES.values(), ids=SEARCHES)
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(application: Application, asked: dict[str, Any]):
    counts = []
    for rows in (3, 6):
        Registration.objects.all().delete()
        Course.objects.filter(application=application).delete()
        many(application, rows * 4)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            find(Search((application.pk,), **asked))
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 4


def test_chunks_tell_each_row_once_though_they_change_meanwhile(application: Application):
    many(application)
    told: list[int] = []
    for pks, _place in finding.chunks(Search((application.pk,)), 5):
        told += pks
        for row in Registration.objects.filter(pk__in=pks):
            row.save()  # moves to the end of what is ordered by change

    assert sorted(told) == sorted(Registration.objects.values_list("pk", flat=True))
