"""What answers tell of the menu of a large course: only what has changed since the revision the player shows."""

import json
from typing import Any

import pytest
import redis
from django.core.cache import cache

from bench.navigation import package
from player.menus import WHOLE_BELOW, shown_json
from standards.structure import Launch, MenuItem
from tests import make

pytestmark = pytest.mark.django_db

SIZE = 1_001  # activities of the package


def call(client, key: str, name: str, **body: Any) -> dict[str, Any]:
    path = f"/play/{key}/{name}"
    response = client.post(path, json.dumps(body), content_type="application/json", HTTP_HOST="127.0.0.1:8000")
    assert response.status_code == 200, response.content
    return response.json() | {"bytes": len(response.content)}


def merged(held: dict[str, Any], told: dict[str, Any]) -> tuple[list[Any], dict[str, bool]]:
    """The menu and what is possible, as the player has them after an answer."""
    change = told["change"]
    assert change["since"] == held["revision"]
    lines = {line["identifier"]: line for line in (*held["menu"], *change["lines"])}
    valid = held["valid"] | change["valid"]
    order = change.get("order", [name for name in lines if name not in change.get("left", ())])
    return [lines[name] for name in order], {name: valid[name] for name in valid if name not in change.get("gone", ())}


def go_on(client, key: str, number: int, activity: str, **more: Any) -> dict[str, Any]:
    values = {"cmi.completion_status": "completed", "cmi.success_status": "passed"}
    asked = {"number": number, "activity": activity, "values": values, "finished": True}
    return call(client, key, "navigate", **asked, request={"name": "continue"}, **more)


def test_a_navigation_in_a_course_of_a_thousand_tells_what_changed(client):
    played = make.launch(make.registration(make.course_of_zip(package())))
    first = call(client, played.key, "start")["launch"]
    assert len(first["menu"]) == SIZE - 1

    answer = go_on(client, played.key, 1, first["activity"], revision=first["revision"])

    told = answer["launch"]
    assert answer["bytes"] < 2_500
    assert told["menu"] == []
    assert told["activity"] == "I0-1"
    whole = client.get(f"/play/{played.key}/state", HTTP_HOST="127.0.0.1:8000").json()["launch"]
    assert merged(first, told) == (whole["menu"], whole["valid"])
    assert told["change"]["left"] == ["I0-1"]  # what is satisfied hides from choice, and so will what is shown


@pytest.mark.parametrize("named", [None, "", "0" * 16, "nonsense", "0" * 5_000, 7, ["a"], "\0"])
def test_who_names_no_revision_that_is_known_is_told_all(client, named):
    played = make.launch(make.registration(make.course_of_zip(package())))
    more = {} if named is None else {"revision": named}

    told = go_on(client, played.key, 1, played.activity, **more)["launch"]

    assert "change" not in told
    assert len(told["menu"]) == SIZE - 2
    assert told["revision"]


def test_where_nothing_changed_the_revision_stays(client):
    played = make.launch(make.registration(make.course_of_zip(package())))
    first = call(client, played.key, "start")["launch"]
    path = f"/play/{played.key}/state"

    again = client.get(path, {"revision": first["revision"]}, HTTP_HOST="127.0.0.1:8000").json()["launch"]

    assert again["revision"] == first["revision"]
    assert again["change"] == {"since": first["revision"], "lines": [], "valid": {}}


def test_a_revision_of_another_launch_is_unknown(client):
    course = make.course_of_zip(package())
    other = call(client, make.launch(make.registration(course, "bob")).key, "start")["launch"]
    played = make.launch(make.registration(course))

    told = go_on(client, played.key, 1, played.activity, revision=other["revision"])["launch"]

    assert "change" not in told


def test_a_cache_that_is_away_tells_all(monkeypatch):
    def gone(*_: Any, **__: Any) -> None:
        raise redis.ConnectionError

    menu = tuple(MenuItem(str(place), "An item") for place in range(WHOLE_BELOW))
    first = shown_json("key", Launch(menu=menu))
    monkeypatch.setattr(type(cache._connections[cache._alias]), "get", gone)
    monkeypatch.setattr(type(cache._connections[cache._alias]), "set", gone)

    told = shown_json("key", Launch(menu=menu), first["revision"])

    assert len(told["menu"]) == WHOLE_BELOW
    assert "change" not in told


def test_lines_that_go_are_named():
    menu = tuple(MenuItem(str(place), "An item") for place in range(WHOLE_BELOW + 2))
    first = shown_json("key", Launch(menu=menu))

    told = shown_json("key", Launch(menu=(menu[0], *menu[2:])), first["revision"])

    assert told["change"] == {"since": first["revision"], "lines": [], "valid": {}, "left": ["1"]}


def test_lines_that_come_and_go_are_told_with_their_order():
    menu = tuple(MenuItem(str(place), "An item") for place in range(WHOLE_BELOW + 2))
    first = shown_json("key", Launch(menu=menu[1:], valid={"choice.1": True, "continue": False}))

    told = shown_json("key", Launch(menu=menu[:-1], valid={"choice.0": True, "continue": False}), first["revision"])

    assert [line["identifier"] for line in told["change"]["lines"]] == ["0"]
    assert told["change"]["order"] == [item.identifier for item in menu[:-1]]
    assert (told["change"]["valid"], told["change"]["gone"]) == ({"choice.0": True}, ["choice.1"])


def test_a_short_menu_is_always_told_whole(client):
    played = make.launch(make.registration(make.course("scorm2004_multi")))

    told = call(client, played.key, "navigate", number=9, request={"name": "continue"}, revision="0" * 16)["launch"]

    assert (len(told["menu"]), told["revision"]) == (6, "")
