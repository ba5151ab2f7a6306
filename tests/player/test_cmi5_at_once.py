"""Statements and fetches of one session at the same moment: each rule holds, nothing is lost, nothing doubled."""

import json
from functools import partial
from typing import Any

from django.test import Client

from lrs.models import Statement
from standards.cmi5.vocabulary import VERB_NAMES
from tests import make
from tests.at_once import all_at_once
from tests.lrs.test_at_once import on_postgresql
from tests.player.au import Au, Player
from tests.standards.cmi5.build import course_zip


def speaker(of: Au) -> Au:
    """The same AU over a connection of its own."""
    other = Au.__new__(Au)
    other.__dict__ = {**of.__dict__, "client": Client()}
    return other


def stated() -> list[str]:
    bodies = [json.loads(body) for body in Statement.objects.values_list("body", flat=True)]
    return sorted(VERB_NAMES.get(body["verb"]["id"], "other") for body in bodies)


@on_postgresql
def test_of_results_said_at_once_one_is_taken_and_the_same_one_twice_is_one():
    au = Au(Player(Client(), make.registration(make.course_of_zip(course_zip())))).say("initialized")
    completed, passed, failed = (au.statement(verb) for verb in ("completed", "passed", "failed"))
    answers: dict[str, list[int]] = {"completed": [], "passed": [], "failed": [], "other": []}

    def post(name: str, statement: dict[str, Any]) -> None:
        answers[name].append(speaker(au).send(statement).status_code)

    wrong = all_at_once(
        lambda: post("completed", completed),
        lambda: post("completed", completed),
        lambda: post("passed", passed),
        lambda: post("failed", failed),
        *[partial(post, "other", au.statement("seen")) for _ in range(3)],
    )

    assert wrong == []
    assert answers["completed"] == [200, 200]
    assert answers["other"] == [200, 200, 200]
    assert sorted(answers["passed"] + answers["failed"]) == [200, 403]
    result = "passed" if answers["passed"] == [200] else "failed"
    assert stated() == sorted(["launched", "initialized", "completed", result, "other", "other", "other"])


@on_postgresql
def test_a_token_fetched_at_once_is_given_once():
    au = Au(Player(Client(), make.registration(make.course_of_zip(course_zip()))), fetched=False)
    told: list[dict[str, str]] = []

    wrong = all_at_once(*[lambda: told.append(speaker(au).fetch())] * 5)

    assert wrong == []
    assert sorted(list(answer) for answer in told) == [["auth-token"]] + [["error-code", "error-text"]] * 4
    assert {answer.get("error-code") for answer in told} == {None, "1"}
