"""One navigation request on a tree of 1,000 activities: the engine alone, and over HTTP beside a plain report."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

from bench.figure import Figure, median, note, p95, tell, workplace
from bench.server import Client, post, serving

CLUSTERS, EACH = 50, 19  # with the clusters and the course itself 1,001 activities
ROUNDS = 60
NOW = "2026-01-05T10:00:00+00:00"

MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<manifest identifier="M" version="1" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"
 xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
 <metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
 <organizations default="O"><organization identifier="O"><title>A thousand activities</title>{items}
  <imsss:sequencing><imsss:controlMode choice="true" flow="true"/></imsss:sequencing></organization></organizations>
 <resources><resource identifier="R" type="webcontent" adlcp:scormType="sco" href="a.html"><file href="a.html"/>
 </resource></resources></manifest>"""
CLUSTER = """<item identifier="C{c}"><title>Chapter {c}</title>{items}
 <imsss:sequencing><imsss:controlMode choice="true" flow="true"/></imsss:sequencing></item>"""
ITEM = """<item identifier="I{c}-{n}" identifierref="R"><title>Item {c}.{n}</title><imsss:sequencing>
 <imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="satisfied"/>
 </imsss:ruleConditions><imsss:ruleAction action="hiddenFromChoice"/></imsss:preConditionRule></imsss:sequencingRules>
 <imsss:objectives><imsss:primaryObjective objectiveID="o"/></imsss:objectives></imsss:sequencing></item>"""


def package() -> bytes:
    """A package whose every item has a rule and an objective."""
    clusters = (CLUSTER.format(c=c, items="".join(ITEM.format(c=c, n=n) for n in range(EACH))) for c in range(CLUSTERS))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("imsmanifest.xml", MANIFEST.format(items="".join(clusters)))
        archive.writestr("a.html", "<p>a</p>")
    return held.getvalue()


def measure() -> list[Figure]:
    with workplace():
        from tests import make  # noqa: PLC0415 -- Django is set up only now

        course = make.course_of_zip(package())
        played = make.launch(make.registration(course))
        played.report(cmi__completion_status="incomplete")
        engine = engine_alone(course.current_version.read_structure())
        with serving() as server:
            commits, commit_bytes = asked(server.port, played, report)
            moves, move_bytes = asked(server.port, played, go_on)
    note(f"answers: report {commit_bytes / 1024:.1f} kB, navigation {move_bytes / 1024:.1f} kB")
    return [
        *engine,
        Figure("navigation over HTTP, median", median(moves) * 1e3, "ms", median(commits) * 1e3),
        Figure("navigation over HTTP, p95", p95(moves) * 1e3, "ms", p95(commits) * 1e3),
    ]


# --- the engine -------------------------------------------------------------------------------------------------------


def engine_alone(course: Any) -> list[Figure]:
    """CPU time of each verb, while a learner goes on through the tree."""
    from standards import scorm2004  # noqa: PLC0415
    from standards.structure import Learner, Report, Request, State  # noqa: PLC0415

    times: dict[str, list[float]] = {"record": [], "navigate": [], "launch": []}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        found = work()
        times[name].append(time.process_time() - began)
        return found

    state = scorm2004.navigate(course, State(), Request("start"), NOW, {})
    values = {"cmi.completion_status": "completed", "cmi.success_status": "passed", "cmi.score.scaled": "0.9"}
    for _ in range(ROUNDS):
        told = Report(state.current, values, finished=True)
        state = timed("record", lambda state=state, told=told: scorm2004.record(course, state, told, {}))
        state = timed("navigate", lambda state=state: scorm2004.navigate(course, state, Request("continue"), NOW, {}))
        timed("launch", lambda state=state: scorm2004.launch(course, state, Learner("ada"), {}))
    return [
        Figure("engine: navigate", median(times["navigate"]) * 1e3, "ms"),
        Figure("engine: record with rollup", median(times["record"]) * 1e3, "ms"),
        Figure("engine: look ahead for menu and controls", median(times["launch"]) * 1e3, "ms"),
    ]


# --- over HTTP --------------------------------------------------------------------------------------------------------


def report(played: Any) -> bytes:
    """A commit that changes no outcome."""
    told = {"number": played.number, "activity": played.activity, "values": {"cmi.location": str(played.number)}}
    return post(8000, f"/play/{played.key}/report", json.dumps(told).encode())


def go_on(played: Any) -> bytes:
    told = {
        "number": played.number,
        "activity": played.activity,
        "values": {"cmi.completion_status": "completed"},
        "finished": True,
        "request": {"name": "continue"},
        "revision": getattr(played, "revision", ""),
    }
    return post(8000, f"/play/{played.key}/navigate", json.dumps(told).encode())


def asked(port: int, played: Any, request: Callable[[Any], bytes]) -> tuple[list[float], float]:
    """Seconds each request took, and the bytes of an answer."""
    seconds, size = [], 0
    with Client(port) as client:
        for _ in range(ROUNDS):
            played.number += 1
            wire = request(played).replace(b"127.0.0.1:8000", f"127.0.0.1:{port}".encode())
            began = time.perf_counter()
            answer = client.answer(wire)
            seconds.append(time.perf_counter() - began)
            size = len(answer)
            held = json.loads(answer)
            assert held["stored"] == played.number, held
            if "delivered" in held:
                assert held["delivered"], held["launch"]["message"]
                played.activity, played.revision = held["launch"]["activity"], held["launch"]["revision"]
    return seconds, size


if __name__ == "__main__":
    tell(measure)
