"""What a package can send in the learner's name: refused or kept, never an error of the server's."""

import json

import pytest
from django.conf import settings

from registrations import services, sessions
from registrations.links import LaunchLink
from registrations.models import ActivityProgress, CallLog, Instance
from tests import make

HOST = {"host": settings.CONTENT_ORIGIN.partition("://")[2]}
CALL = {"at": "2026-01-01T00:00:00.000Z", "activity": "A", "method": "SetValue", "arguments": ["a", "b"], "code": "0"}

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["scorm12_single", "scorm2004_single"])
def played(request):
    return make.launch(make.registration(make.course(request.param)))


def post(client, key, call, body):
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(f"/play/{key}/{call}", data, content_type="application/json", headers=HOST)


def report(played, **fields):
    return {"number": played.number + 1, "activity": played.activity, "values": {}, "seconds": 1} | fields


def held(played):
    return ActivityProgress.objects.get(activity=played.activity, instance__launches__key=played.key)


@pytest.mark.parametrize(
    ("suspended", "kept"),
    [("a\0b", "ab"), ("a\ud800b", "a\ufffdb"), ("\udc00", "\ufffd"), ("é\U0001f600b", "é\U0001f600b")],
)
def test_text_that_no_database_takes_is_kept_without_it(client, played, suspended, kept):
    answer = post(client, played.key, "report", report(played, values={"cmi.suspend_data": suspended}))

    assert answer.status_code == 200
    assert held(played).values["cmi.suspend_data"] == kept


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize("value", ["NaN", "inf", "-Infinity", "1e999", "1" * 5000, "٣", "PT" + "9" * 5000 + "H"])
@pytest.mark.parametrize(
    "names",
    [
        ("cmi.score.scaled", "cmi.score.raw", "cmi.score.min", "cmi.score.max", "cmi.progress_measure"),
        ("cmi.core.score.raw", "cmi.core.score.min", "cmi.core.score.max"),
        ("cmi.session_time", "cmi.core.session_time", "cmi.total_time"),
    ],
)
def test_numbers_that_are_none_count_nothing(client, played, names, value, finished):
    body = report(played, values=dict.fromkeys(names, value), finished=finished)

    answer = post(client, played.key, "report", body)
    left = post(client, played.key, "navigate", report(played, number=90, values={}) | {"request": {"name": "exitAll"}})

    assert (answer.status_code, left.status_code) == (200, 200)
    outcome = held(played).read_outcome()
    assert outcome.score is None or -1 <= outcome.score <= 1
    json.dumps([Instance.objects.get().state, answer.json(), left.json()], allow_nan=False)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"number": 1e999}',
        b'{"number": ' + b"9" * 5000 + b"}",
        '{"number": 1, "activity": "A", "seconds": NaN}',
        '{"number": 1, "activity": "A", "seconds": Infinity}',
        {"number": True, "activity": "A"},
        {"number": -1, "activity": "A"},
        {"number": 2**31, "activity": "A"},
        {"number": 99, "activity": ["A"]},
        {"number": 99, "activity": "A\ud800"},
        {"number": 99, "activity": "A\0"},
        {"number": 99, "activity": "not there"},
        {"number": 99, "activity": "A", "values": {"cmi.location": 1}},
        {"number": 99, "activity": "A", "values": {"cmi." + "n" * 300: ""}},
        {"number": 99, "activity": "A", "values": {f"cmi.{n}": "" for n in range(20_001)}},
    ],
)
def test_a_report_that_no_player_makes_is_refused(client, played, body):
    answer = post(client, played.key, "report", body)

    assert answer.status_code in (400, 413), answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize("name", ["cmi.\0x", "cmi.\ud800", "cmi.objectives." + "9" * 200 + ".id", "__proto__", ""])
def test_names_that_no_data_model_has_do_no_harm(client, played, name):
    answer = post(client, played.key, "report", report(played, values={name: "x"}, finished=True))

    assert answer.status_code == 200


@pytest.mark.parametrize("target", ["\0", "\ud800", "x" * 100_000, 7, {"a": []}])
@pytest.mark.parametrize("name", ["choice", "content"])
def test_a_request_for_nothing_is_refused_or_told(client, played, name, target):
    answer = post(client, played.key, "navigate", {"number": 99, "request": {"name": name, "target": target}})

    assert answer.status_code in (200, 400), answer.text
    assert len(answer.content) < 50_000


def test_what_an_activity_holds_has_an_end(client, played, monkeypatch):
    monkeypatch.setattr(sessions, "MOST_ELEMENTS", 50)
    monkeypatch.setattr(sessions, "MOST_CHARACTERS", 5_000)
    many = [report(played, number=10 + n, values={f"cmi.interactions.{n}.id": "i"}) for n in range(60)]
    large = [report(played, number=100 + n, values={f"cmi.comments.{n}": "c" * 1000}) for n in range(9)]

    statuses = [post(client, played.key, "report", body).status_code for body in (*many, *large)]

    assert (statuses.count(200) > 40, statuses[59], statuses[-1]) == (True, 413, 413)
    assert post(client, played.key, "report", report(played, number=200)).status_code == 200  # time still counts
    assert len(held(played).values) <= 50


def test_the_preview_holds_no_more(client, monkeypatch):
    monkeypatch.setattr(sessions, "MOST_CHARACTERS", 5_000)
    version = make.course().current_version
    key = services.begin_launch(LaunchLink(version_id=version.pk), services.Visitor()).key
    activity = services.start(key)[1].activity

    answer = post(
        client, key, "report", {"number": 5, "activity": activity, "values": {"cmi.suspend_data": "s" * 6000}}
    )

    assert answer.status_code == 413


# --- debug log --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        {"code": "abc"},
        {"code": 10**400},
        {"code": [[]]},
        {"code": "²"},
        {"arguments": "text"},
        {"arguments": [None, {"a": 1}, 10**400]},
        {"arguments": {"a": 1}},
        {"at": 5, "activity": 7, "method": None, "result": {"a": []}, "diagnostic": False, "warning": [1]},
        {"result": "\ud800\0", "activity": "\ud800", "element": "\0"},
        {"launch": "x", "password": "y"},
    ],
)
def test_the_console_shows_any_log(client, played, odd):
    realm = Instance.objects.get().registration.application.realm
    client.force_login(realm.memberships.get().user)
    page = f"/r/{realm.slug}/registrations/{Instance.objects.get().registration_id}/log/"

    stored = post(client, played.key, "log", {"number": 1, "entries": [CALL | odd]})
    shown = [
        client.get(page + query, headers={"host": "localhost"}) for query in ("", "?errors=1", "?q=b", "?activity=x")
    ]

    assert [stored.status_code, *(answer.status_code for answer in shown)] == [200] * 5
    assert CallLog.objects.get().entries[0].keys() <= {*CALL, "result", "diagnostic", "warning", "element"}


def test_a_log_of_deep_things_is_refused(client, played):
    deep = '{"number": 1, "entries": [{"result": ' + "[" * 900 + "]" * 900 + "}]}"

    assert post(client, played.key, "log", deep).status_code in (200, 400)


def test_the_log_of_a_launch_has_an_end(client, played, monkeypatch):
    monkeypatch.setattr(services, "LOG_BYTES", 10_000)
    entries = [CALL | {"arguments": ["cmi.suspend_data", "s" * 2000]}]

    answers = [post(client, played.key, "log", {"number": n, "entries": entries}) for n in range(1, 21)]

    assert {answer.status_code for answer in answers} == {200}
    assert 1 <= CallLog.objects.count() <= 6
