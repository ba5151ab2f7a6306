"""Batches and documents at the same time: no deadlock, nothing lost, nothing doubled."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from django.db import connection

from lrs import documents, queries, services
from lrs.access import caller_of
from lrs.models import Document, DocumentKind, Statement
from tests import make
from tests.at_once import all_at_once
from tests.lrs.desk import LESSON, basic, new_id, refers, statement
from tests.services import Cloud


def on_postgresql(test: Callable[[], None]) -> Callable[[], None]:
    waiting = pytest.mark.skipif(
        connection.vendor == "sqlite", reason="the tests' SQLite is in memory, where writers cannot wait"
    )
    return waiting(pytest.mark.django_db(transaction=True)(test))


@on_postgresql
def test_the_same_batch_in_every_order_is_stored_once():
    caller = caller_of(make.application())
    batch = [statement(id=new_id(), object={"id": LESSON, "definition": {"type": "x:y"}}) for _ in range(20)]

    def post(step: int) -> Callable[[], None]:
        return lambda: [services.store(caller, batch[::step]) for _ in range(5)] and None

    assert all_at_once(*(post(step) for step in (1, -1, 1, -1))) == []
    assert Statement.objects.count() == len(batch)
    assert len(queries.find(caller, queries.Query(verb=batch[0]["verb"]["id"]))[0]) == len(batch)


@on_postgresql
def test_statements_are_seen_in_the_order_of_stored():
    """A reader that goes on from the latest it saw misses none, and none is before Consistent-Through."""
    caller = caller_of(make.application())
    seen: list[int] = []
    done = threading.Event()

    def write() -> None:
        for _ in range(20):
            services.store(caller, [statement(), statement()])

    def read() -> None:
        after, last = 0, False
        while not last:
            last = done.is_set()
            through = services.consistent_through(caller.store)
            page, _ = queries.find(caller, queries.Query(since=after, ascending=True))
            seen.extend(stored for stored, _ in page)
            after = max(through, page[-1][0] if page else 0)

    reader = threading.Thread(target=lambda: (read(), connection.close()))
    reader.start()
    wrong = all_at_once(write, write, write)
    done.set()
    reader.join()

    assert wrong == []
    assert seen == list(Statement.objects.order_by("stored").values_list("stored", flat=True))


@on_postgresql
def test_statements_and_what_refers_to_them_meet():
    caller = caller_of(make.application())
    ids = [new_id() for _ in range(20)]
    carl = {"mbox": "mailto:carl@example.com"}

    wrong = all_at_once(
        lambda: [services.store(caller, [statement(id=id, actor=carl)]) for id in ids] and None,
        lambda: [services.store(caller, [refers(id)]) for id in reversed(ids)] and None,
    )

    assert wrong == []
    assert len(queries.find(caller, queries.Query(agent=carl))[0]) == 2 * len(ids)


@on_postgresql
def test_a_document_is_made_once_and_loses_no_property():
    caller = caller_of(make.application())
    place = documents.Place(DocumentKind.STATE, LESSON, "mailto:ada@example.com", None, "bookmark")

    def post(name: str) -> Callable[[], None]:
        def work() -> None:
            for number in range(10):
                content = json.dumps({f"{name}{number}": number}).encode()
                documents.post(caller.store, place, content, "application/json", documents.Conditions())

        return work

    assert all_at_once(*map(post, "abcd")) == []
    assert len(json.loads(bytes(Document.objects.get().content))) == 40


@pytest.mark.services
def test_batches_at_once_over_http_on_sqlite(cloud: Cloud):
    application = cloud.account("lrs@example.com")["applications"][0]
    address = f"{cloud.content}/lrs/{application['id']}/statements"
    headers = {
        "Authorization": basic(application["id"], application["secret"]),
        "X-Experience-API-Version": "1.0.3",
        "Content-Type": "application/json",
    }
    shared = [statement(id=new_id()) for _ in range(10)]

    def post() -> None:
        for _ in range(5):
            body = json.dumps([*shared, statement()]).encode()
            with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=60) as answer:
                assert len(json.loads(answer.read())) == 11

    assert all_at_once(post, post, post, post) == []
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as answer:
        found = [each["id"] for each in json.loads(answer.read())["statements"]]
    assert len(found) == len(set(found)) == 10 + 4 * 5
