"""One run-time report of 2 kB stored durably, against a bare Django view with one lookup and one 2 kB UPDATE."""

import io
import json
import time
from collections.abc import Callable
from typing import Any

from bench.figure import Figure, median, p95, tell, workplace
from bench.server import ask_all, post, serving

ROUNDS, EACH = 9, 300
CLIENTS, CLIENT_EACH = 8, 200


def values(number: int) -> dict[str, str]:
    """2 kB of run-time data that differ from the last, as a course sends them while a learner goes on."""
    answers = {
        f"cmi.interactions.{index}.{name}": f"{number} answer {index}"
        for index in range(8)
        for name in ("id", "student_response")
    }
    return {"cmi.core.lesson_location": str(number), "cmi.suspend_data": f"{number:08}" * 140, **answers}


def body(activity: str, number: int) -> bytes:
    return json.dumps({"number": number, "activity": activity, "values": values(number), "seconds": 1}).encode()


def measure() -> list[Figure]:
    with workplace():
        from tests import make  # noqa: PLC0415 -- Django is set up only now

        course = make.course("scorm12_single")
        played = [make.launch(make.registration(course, f"learner {number}")) for number in range(CLIENTS)]
        for launch in played:
            launch.report(**{"lesson_status": "incomplete"})
        cost, bare_cost = in_process(played[0])
        rate, slowest, bare_rate, bare_slowest = with_clients(played)
    return [
        Figure("report of 2 kB, CPU", cost * 1e6, "us", bare_cost * 1e6, goal=1.5),
        Figure("report, p95 with 8 clients", slowest * 1e3, "ms", bare_slowest * 1e3),
        Figure("report, time between two with 8 clients", 1e6 / rate, "us", 1e6 / bare_rate),
    ]


def row_of(launch: Any) -> int:
    from registrations.models import ActivityProgress  # noqa: PLC0415

    return ActivityProgress.objects.get(instance__active_launch__key=launch.key, activity=launch.activity).pk


def in_process(launch: Any) -> tuple[float, float]:
    """CPU seconds of one request through the WSGI application: a report, and the bare view."""
    from bench.bare import application  # noqa: PLC0415
    from registrations.models import ActivityProgress  # noqa: PLC0415

    pk = row_of(launch)
    costs: dict[str, list[float]] = {"report": [], "bare": []}
    sent = launch.number
    for _ in range(ROUNDS):
        requests = [
            environment(f"/play/{launch.key}/report", body(launch.activity, sent + n)) for n in range(1, EACH + 1)
        ]
        costs["report"].append(run(application, requests))
        sent += EACH
        # what the answers promise is in the table
        assert ActivityProgress.objects.get(pk=pk).values["cmi.core.lesson_location"] == str(sent)
        requests = [environment(f"/bare/{pk}", body(launch.activity, sent)) for _ in range(EACH)]
        costs["bare"].append(run(application, requests))
    launch.number = sent
    return median(costs["report"]), median(costs["bare"])


def environment(path: str, sent: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.input": io.BytesIO(sent),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def run(application: Callable, requests: list[dict[str, Any]]) -> float:
    statuses: list[str] = []
    began = time.process_time()
    for request in requests:
        answer = application(request, lambda status, headers: statuses.append(status))
        b"".join(answer)
        answer.close()
    seconds = (time.process_time() - began) / len(requests)
    assert set(statuses) == {"200 OK"}, set(statuses)
    return seconds


def with_clients(played: list[Any]) -> tuple[float, float, float, float]:
    """Requests a second and p95 in seconds of reports, then of the bare view."""
    rows = [row_of(launch) for launch in played]
    with serving(application="bench.bare:application") as server:
        reports = [
            lambda n, launch=launch: post(
                server.port, f"/play/{launch.key}/report", body(launch.activity, launch.number + n)
            )
            for launch in played
        ]
        bare = [
            lambda n, pk=pk, launch=launch: post(server.port, f"/bare/{pk}", body(launch.activity, n))
            for pk, launch in zip(rows, played, strict=True)
        ]
        rate, seconds = ask_all(server, reports, CLIENT_EACH)
        bare_rate, bare_seconds = ask_all(server, bare, CLIENT_EACH)
    return rate, p95(seconds), bare_rate, p95(bare_seconds)


if __name__ == "__main__":
    tell(measure)
