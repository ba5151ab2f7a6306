"""What a GET of statements finds (1.0.3 Communication 2.1.3)."""

import pytest

from lrs import queries
from tests.lrs.desk import ADA, BOB, COURSE, DONE, LESSON, TRIED, Lrs, new_id, refers, statement

pytestmark = pytest.mark.django_db

CLASS = {"objectType": "Group", "mbox": "mailto:class@example.com"}
CARL = {"objectType": "Agent", "openid": "https://carl.example/"}
PARENT = {"contextActivities": {"parent": [{"id": COURSE}]}}
IN_CLASS = CLASS | {"member": [BOB]}
SUB = {"objectType": "SubStatement", "actor": CARL, "verb": {"id": TRIED}, "object": {"id": COURSE}}
REGISTRATION = new_id()


@pytest.fixture
def lrs() -> Lrs:
    return Lrs()


CASES = {  # what a statement holds -> what finds it
    "the actor": (statement(), {"agent": ADA}, True),
    "the actor in other letters": (statement(), {"agent": {"mbox": "mailto:ada@EXAMPLE.com"}}, True),
    "another agent": (statement(), {"agent": BOB}, False),
    "the object": (statement(object=BOB), {"agent": BOB}, True),
    "a group": (statement(actor=CLASS), {"agent": CLASS}, True),
    "a member": (statement(actor=IN_CLASS), {"agent": BOB}, True),
    "the instructor": (statement(context={"instructor": BOB}), {"agent": BOB}, False),
    "the instructor, related": (statement(context={"instructor": BOB}), {"agent": BOB, "related_agents": True}, True),
    "the team, related": (statement(context={"team": CLASS}), {"agent": CLASS, "related_agents": True}, True),
    "inside": (statement(object=SUB), {"agent": CARL}, False),
    "inside, related": (statement(object=SUB), {"agent": CARL, "related_agents": True}, True),
    "the verb": (statement(), {"verb": DONE}, True),
    "another verb": (statement(), {"verb": TRIED}, False),
    "the activity": (statement(), {"activity": LESSON}, True),
    "the context": (statement(context=PARENT), {"activity": COURSE}, False),
    "the context, related": (statement(context=PARENT), {"activity": COURSE, "related_activities": True}, True),
    "an activity inside, related": (statement(object=SUB), {"activity": COURSE, "related_activities": True}, True),
    "the registration": (
        statement(context={"registration": REGISTRATION.upper()}),
        {"registration": REGISTRATION},
        True,
    ),
    "another registration": (
        statement(context={"registration": REGISTRATION}),
        {"registration": new_id()},
        False,
    ),
    "both": (statement(), {"agent": ADA, "verb": DONE, "activity": LESSON}, True),
    "one of two": (statement(), {"agent": ADA, "verb": TRIED}, False),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_statement_is_found_by(lrs: Lrs, case: str):
    sent, parameters, is_found = CASES[case]
    lrs.stored(statement(actor={"mbox": "mailto:else@example.com"}, verb={"id": "x:y"}, object={"id": "x:z"}))
    (id,) = lrs.stored(sent)

    assert lrs.found(**parameters) == ([id] if is_found else [])


def test_2_0_finds_by_agents_and_groups_of_the_context():
    lrs = Lrs(version="2.0.0")
    context = {
        "contextAgents": [{"objectType": "contextAgent", "agent": BOB}],
        "contextGroups": [{"objectType": "contextGroup", "group": CLASS}],
    }
    (id,) = lrs.stored(statement(context=context))

    assert lrs.found(agent=BOB, related_agents=True) == lrs.found(agent=CLASS, related_agents=True) == [id]
    assert lrs.found(agent=BOB) == []


def test_the_authority_is_a_related_agent(lrs: Lrs):
    (id,) = lrs.stored(statement())

    assert lrs.found(agent=lrs.one(id)["authority"], related_agents=True) == [id]


def test_since_is_exclusive_and_until_inclusive(lrs: Lrs):
    first, second, third = lrs.stored(statement(), statement(), statement())
    stored = lrs.one(second)["stored"]

    assert lrs.found(since=stored) == [third]
    assert lrs.found(until=stored) == [second, first]
    assert lrs.found(since=stored, until=stored) == []
    assert lrs.found(since=lrs.one(first)["stored"], ascending=True, agent=ADA) == [second, third]


# --- references: found by what their target is found by ---------------------------------------------------------------


def test_a_reference_is_found_by_its_target_whichever_comes_first(lrs: Lrs):
    late = new_id()
    (target,) = lrs.stored(statement(actor=CARL))
    (after,) = lrs.stored(refers(target, actor=BOB))
    (before,) = lrs.stored(refers(late, actor=BOB))

    lrs.stored(statement(actor=CARL, id=late))

    assert lrs.found(agent=CARL) == [late, before, after, target]


def test_a_chain_of_references_is_followed_to_its_end(lrs: Lrs):
    ids = [new_id() for _ in range(4)]
    for id, target in zip(ids[1:], ids, strict=False):  # each before its target
        lrs.stored(refers(target, actor=BOB, id=id))

    lrs.stored(statement(actor=CARL, id=ids[0]))

    assert set(lrs.found(agent=CARL)) == set(ids)


def test_statements_that_refer_to_one_another_end(lrs: Lrs):
    first, second = new_id(), new_id()

    lrs.stored(refers(first, id=second, actor=BOB), refers(second, id=first, actor=CARL))

    assert set(lrs.found(agent=BOB)) == {first, second}
    assert set(lrs.found(agent=CARL)) == {first, second}


def test_a_reference_is_found_once_and_by_all_of_one_statement(lrs: Lrs):
    (target,) = lrs.stored(statement(actor=CARL))
    (referring,) = lrs.stored(refers(target, actor=BOB))
    both = [lrs.stored(refers(lrs.stored(statement())[0]))[0] for _ in range(3)]

    assert lrs.found(agent=CARL, verb=DONE) == [referring, target]
    assert lrs.found(agent=BOB, verb=TRIED) == [referring]
    assert lrs.found(agent=BOB, verb=DONE) == []  # Bob tried, Carl completed
    assert [id for id in lrs.found(agent=ADA, limit=4) if id in both] == both[::-1][:2]
    assert len(set(lrs.found(agent=ADA))) == len(lrs.found(agent=ADA)) == 6


def test_a_page_is_never_larger_than_the_server_allows(lrs: Lrs, monkeypatch):
    monkeypatch.setattr(queries, "MOST", 2)
    lrs.stored(*(statement() for _ in range(3)))

    assert [len(lrs.found(limit=limit)) for limit in (0, 1, 2, 3)] == [2, 1, 2, 2]


@pytest.mark.parametrize("count", [1, 3])
def test_a_query_takes_the_same_few_queries(lrs: Lrs, count: int, django_assert_max_num_queries):
    lrs.stored(*(statement() for _ in range(count)))

    with django_assert_max_num_queries(5):
        lrs.found(agent=ADA)


BAD = {
    "limit": "-1",
    "since": "yesterday",
    "until": "2024-13-01T00:00:00Z",
    "agent": '{"mbox":"ada"}',
    "verb": "no iri",
    "activity": "no iri",
    "registration": "1",
    "format": "all",
    "ascending": "yes",
    "related_agents": "1",
    "statementId": "1",
    "Agent": "{}",
    "stateId": "x",
}


@pytest.mark.parametrize("name", BAD)
def test_a_parameter_that_is_wrong_is_named(lrs: Lrs, name: str):
    refused = lrs.get(**{name: BAD[name]})

    assert refused.status_code == 400
    assert refused.json()["path"].startswith(name)


@pytest.mark.parametrize("name", ["agent", "limit", "since", "voidedStatementId"])
def test_an_id_is_asked_for_alone(lrs: Lrs, name: str):
    assert lrs.get(statementId=new_id(), **{name: "{}"}).status_code == 400
