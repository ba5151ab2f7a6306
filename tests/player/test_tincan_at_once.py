"""Statements, reports of the player and exits of one registration at the same time: nothing lost, nothing doubled."""

from typing import Any

from django.test import Client

from lrs.models import Statement, Voiding
from tests import make
from tests.lrs.desk import Lrs, voids
from tests.lrs.test_at_once import all_at_once, on_postgresql
from tests.player.test_tincan import Content
from tests.standards.xapi.packages import package_zip

FIRST, SECOND = (f"https://example.com/tincan/several/{number}" for number in (1, 2))


@on_postgresql
def test_a_registration_gets_the_result_of_all_that_comes_at_once():
    content = Content(Client(), make.registration(make.course_of_zip(package_zip("several"))))
    same = content.statement("passed", FIRST, id="12345678-1234-5678-1234-567812345678")
    refused: list[tuple[int, Any]] = []

    def post(*statements: dict[str, Any]) -> None:
        other = Content.__new__(Content)
        other.__dict__ = {**content.__dict__, "client": Client()}
        for _ in range(5):
            answer = other.ask("POST", "statements", list(statements))
            if answer.status_code != 200:
                refused.append((answer.status_code, answer.content))

    wrong = all_at_once(
        lambda: post(same, content.statement("experienced", "https://example.com/slide")),
        lambda: post(content.statement("experienced", "https://example.com/slide"), same),
        lambda: post(content.statement("completed", SECOND)),
        lambda: post(content.statement("scored", SECOND, result={"score": {"scaled": 0.5}})),
        lambda: [content.played.report(seconds=1.0) for _ in range(5)] and None,
    )

    assert (wrong, refused) == ([], [])
    assert content.outcome() == ("completed", "unknown", 0.5)
    outcomes = {
        row.activity: (row.completion, row.success) for row in content.registration.instances.get().activities.all()
    }
    assert (outcomes[FIRST], outcomes[SECOND]) == (("completed", "passed"), ("completed", "unknown"))
    assert Statement.objects.count() == 1 + 2 * 5 + 5 + 5


@on_postgresql
def test_what_is_voided_while_more_is_said_counts_no_more():
    content = Content(Client(), make.registration(make.course_of_zip(package_zip("single"))))
    said = content.say(*[content.statement("failed", result={"score": {"scaled": n / 10}}) for n in range(6)])
    store = Lrs(content.registration.application, below="sandbox/")
    answers: list[int] = []

    def speak(*statements: dict[str, Any]) -> None:
        other = Content.__new__(Content)
        other.__dict__ = {**content.__dict__, "client": Client()}
        for statement in statements:
            answers.append(other.ask("POST", "statements", statement).status_code)

    by_content = [content.statement("voided") | {"object": voids(each)["object"]} for each in said[:3]]
    wrong = all_at_once(
        lambda: speak(*by_content),
        lambda: [answers.append(store.post(voids(each)).status_code) for each in said[3:]] and None,
        lambda: speak(*[content.statement("completed") for _ in range(4)]),
        lambda: [content.played.report(seconds=1.0) for _ in range(4)] and None,
    )

    assert (wrong, set(answers)) == ([], {200})
    assert content.outcome() == ("completed", "unknown", None)
    assert not Voiding.objects.exists()
