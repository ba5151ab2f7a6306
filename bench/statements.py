"""The learning record store with 100,000 statements: storing them one by one and in batches, and finding them."""

import io
import json
import os
import subprocess
import sys
import time
import urllib.parse
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

from bench.figure import Figure, median, note, p95, tell, workplace
from bench.server import ask_all, serving
from tests import postgresql

STATEMENTS, SEEDED_AT_ONCE = 100_000, 500
AGENTS, ACTIVITIES, COURSES, SESSION = 1_000, 500, 50, 20  # a registration has SESSION statements
VERBS = ("initialized", "answered", "progressed", "completed", "passed", "failed", "scored", "terminated")
SINGLES, BATCHES, BATCH, ASKED = 300, 40, 50, 100
CLIENTS, CLIENT_EACH = 4, 50


def statement(number: int) -> dict[str, Any]:
    """What a course sends: 0.9 kB, in a registration, a part of a course."""
    session = number // SESSION
    activity = number % ACTIVITIES
    return {
        "id": str(uuid.uuid4()),
        "actor": agent(session % AGENTS),
        "verb": {"id": verb(number), "display": {"en-US": verb(number).rpartition("/")[2]}},
        "object": {
            "id": activity_id(activity),
            "definition": {
                "name": {"en-US": f"Lesson {activity}"},
                "type": "http://adlnet.gov/expapi/activities/lesson",
            },
        },
        "result": {"score": {"scaled": number % 100 / 100}, "completion": number % 2 == 0, "duration": "PT1M30.5S"},
        "context": {
            "registration": registration(session),
            "contextActivities": {"parent": [{"id": course_id(activity % COURSES)}]},
            "platform": "bench",
            "language": "en-US",
        },
        "timestamp": "2026-01-01T12:00:00.000Z",
    }


def agent(number: int) -> dict[str, str]:
    return {"objectType": "Agent", "name": f"Learner {number}", "mbox": f"mailto:learner{number}@example.com"}


def verb(number: int) -> str:
    return f"http://adlnet.gov/expapi/verbs/{VERBS[number % len(VERBS)]}"


def activity_id(number: int) -> str:
    return f"https://example.com/activities/lesson/{number}"


def course_id(number: int) -> str:
    return f"https://example.com/activities/course/{number}"


def registration(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))


QUERIES: dict[str, Callable[[int], dict[str, str]]] = {
    "agent": lambda number: {"agent": json.dumps(agent(number % AGENTS))},
    "verb": lambda number: {"verb": verb(number)},
    "activity": lambda number: {"activity": activity_id(number % ACTIVITIES)},
    "registration": lambda number: {"registration": registration(number % (STATEMENTS // SESSION))},
    "related_activities": lambda number: {"activity": course_id(number % COURSES), "related_activities": "true"},
    "agent and verb": lambda number: {"agent": json.dumps(agent(number % AGENTS)), "verb": verb(number)},
}
GOALS = {name: 15.0 if name == "related_activities" else 10.0 for name in QUERIES}


def measure() -> list[Figure]:
    """On SQLite here, on PostgreSQL, where this machine has it, in a process of its own."""
    found = measured("SQLite")
    if not postgresql.is_available():
        note("PostgreSQL: no server programs found here")
        return found
    environment = os.environ | {"BENCH_DATABASE_URL": postgresql.server_url()}
    command = [sys.executable, "-m", "bench.statements"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return found + [Figure(**figure) for figure in json.loads(done.stdout.splitlines()[-1])]


def measured(where: str) -> list[Figure]:
    with workplace(os.environ.get("BENCH_DATABASE_URL", "")):
        from lrs.access import caller_of  # noqa: PLC0415 -- Django is set up only now
        from realms.services import add_credential  # noqa: PLC0415
        from tests import make  # noqa: PLC0415

        application = make.application()
        head = b64encode(f"{application.app_id}:{add_credential(application)}".encode()).decode()
        door = Door(f"/lrs/{application.app_id}/statements", head)
        seed(caller_of(application))
        return [Figure(f"{where}: {figure.name}", *list(vars(figure).values())[1:]) for figure in figures(door)]


def figures(door: "Door") -> Iterator[Figure]:
    numbers = iter(range(STATEMENTS, 10 * STATEMENTS))
    costs, seconds = door.cost(door.post([next(numbers)]) for _ in range(SINGLES))
    yield Figure("POST of one statement, CPU", median(costs) * 1e3, "ms", goal=4)
    yield Figure("POST of one statement, a second by one client", len(seconds) / sum(seconds), "/s")
    batches = [door.post([next(numbers) for _ in range(BATCH)]) for _ in range(BATCHES)]
    costs, seconds = door.cost(batches)
    yield Figure(f"POST of {BATCH} statements, CPU", median(costs) * 1e3, "ms", goal=25)
    yield Figure(f"statements a second in batches of {BATCH}, one client", BATCH * len(seconds) / sum(seconds), "/s")
    for name, parameters in QUERIES.items():
        costs, seconds = door.cost(door.get(parameters(number * 37)) for number in range(ASKED))
        yield Figure(f"GET by {name}, CPU", median(costs) * 1e3, "ms", goal=GOALS[name])
        yield Figure(f"GET by {name}, p95", p95(seconds) * 1e3, "ms")
    with serving() as server:
        sent = [lambda _: door.raw(server.port, [next(numbers)]) for _ in range(CLIENTS)]
        yield Figure(f"statements a second one by one, {CLIENTS} clients", ask_all(server, sent, CLIENT_EACH)[0], "/s")
        sent = [lambda _: door.raw(server.port, [next(numbers) for _ in range(BATCH)]) for _ in range(CLIENTS)]
        rate, _ = ask_all(server, sent, CLIENT_EACH)
        yield Figure(f"statements a second in batches of {BATCH}, {CLIENTS} clients", BATCH * rate, "/s")


class Door:
    """Requests to the store through the WSGI application, and what each costs."""

    def __init__(self, path: str, head: str) -> None:
        self.path, self.head = path, head

    def _environment(self, method: str, query: str, body: bytes) -> dict[str, Any]:
        return {
            "REQUEST_METHOD": method,
            "PATH_INFO": self.path,
            "QUERY_STRING": query,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_AUTHORIZATION": f"Basic {self.head}",
            "HTTP_X_EXPERIENCE_API_VERSION": "1.0.3",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }

    def post(self, numbers: list[int]) -> dict[str, Any]:
        return self._environment("POST", "", body(numbers))

    def get(self, parameters: dict[str, str]) -> dict[str, Any]:
        return self._environment("GET", urllib.parse.urlencode(parameters), b"")

    def raw(self, port: int, numbers: list[int]) -> bytes:
        """The bytes of a POST."""
        sent = body(numbers)
        lines = (
            f"POST {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Basic {self.head}",
            "X-Experience-API-Version: 1.0.3", "Content-Type: application/json", f"Content-Length: {len(sent)}",
        )  # fmt: skip
        return "\r\n".join([*lines, "", ""]).encode() + sent

    def cost(self, requests: Any) -> tuple[list[float], list[float]]:
        """CPU seconds and seconds of each request; what is found is asked to be something."""
        from config.wsgi import application  # noqa: PLC0415 -- Django is set up only now

        costs, seconds, statuses = [], [], set()
        for request in list(requests):
            began, used = time.perf_counter(), time.process_time()
            answer = application(request, lambda status, headers: statuses.add(status))
            content = b"".join(answer)
            answer.close()
            costs.append(time.process_time() - used)
            seconds.append(time.perf_counter() - began)
            assert b'"statements":[]' not in content
        assert statuses == {"200 OK"}, statuses
        return costs, seconds


def body(numbers: list[int]) -> bytes:
    made = [statement(number) for number in numbers]
    return json.dumps(made if len(made) > 1 else made[0]).encode()


def seed(caller: Any) -> None:
    from lrs import services  # noqa: PLC0415 -- Django is set up only now
    from lrs.wire import Incoming  # noqa: PLC0415

    began = time.monotonic()
    for start in range(0, STATEMENTS, SEEDED_AT_ONCE):
        made = [statement(number) for number in range(start, start + SEEDED_AT_ONCE)]
        services.store(caller, [Incoming(one, json.dumps(one)) for one in made])
    note(f"{STATEMENTS} statements stored in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    tell((lambda: measured("PostgreSQL")) if "BENCH_DATABASE_URL" in os.environ else measure)
