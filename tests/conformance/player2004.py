"""Plays an ADL conformance case against the engine: no server, no browser, a plain model of the run-time data.

A case is a folder with `imsmanifest.xml` and `script.json`, what a correct LMS does with it.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from standards import scorm2004
from standards.durations import duration_seconds
from standards.package import Package
from standards.structure import CourseStructure, Launch, Learner, Report, Request, State

LEARNER = Learner("learner-1", "Jane", "Doe")
NOW = "2026-01-05T10:00:00+00:00"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"

# what the LMS alone decides: read from the launch, compared with the script
FROM_THE_LMS = re.compile(
    r"cmi\.(learner_id|learner_name|entry|credit|mode|launch_data|scaled_passing_score|completion_threshold"
    r"|max_time_allowed|time_limit_action|total_time|success_status|completion_status|progress_measure|score\..*"
    r"|location|suspend_data|objectives\.[0-9]+\..*)|adl\.data\.[0-9]+\.(id|store)"
)
DERIVED = {"cmi.completion_status": "cmi.completion_threshold", "cmi.success_status": "cmi.scaled_passing_score"}
UNKNOWN = re.compile(r"cmi\.(objectives\.[0-9]+\.)?(success_status|completion_status)")
REQUESTS = {
    "continue": "continue",
    "previous": "previous",
    "suspend_all": "suspendAll",
    "exit_all": "exitAll",
    "exit": "exitAll",
    "choice": "choice",
}


class CaseFailed(AssertionError):
    """What the case expects did not happen."""


def read_course(folder: Path) -> CourseStructure:
    """The course of a case; the files its manifest names, which the cases leave out, are made up."""
    manifest = (folder / "imsmanifest.xml").read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("imsmanifest.xml", manifest)
        for name in sorted(set(_files(ElementTree.fromstring(manifest)))):
            archive.writestr(name, "made up")
    with Package.open(packed) as package:
        return scorm2004.parse(package)


def _files(root: ElementTree.Element) -> Iterator[str]:
    for resource in root.iter("{http://www.imsglobal.org/xsd/imscp_v1p1}resource"):
        base = resource.get(XML_BASE, "")
        if href := resource.get("href"):
            yield base + href.partition("?")[0]


@dataclass
class Player:
    """One learner with one registration per course; what is global to the system goes from one to the next."""

    courses: dict[str, CourseStructure]
    states: dict[str, State] = field(default_factory=dict)
    system: Mapping[str, Any] = field(default_factory=dict)

    def act(self, package: str, request: Request) -> State:
        state = self.states.get(package, State())
        state = State.from_json({**state.to_json(), "memory": {**state.memory, "system": self.system}})
        return self._keep(package, scorm2004.navigate(self.courses[package], state, request, NOW, {}))

    def report(self, package: str, values: Mapping[str, str], finished: bool) -> State:
        state = self.states[package]
        report = Report(state.current, values, finished, 1.0)
        return self._keep(package, scorm2004.record(self.courses[package], state, report, {}))

    def show(self, package: str) -> Launch:
        return scorm2004.launch(self.courses[package], self.states[package], LEARNER, {})

    def _keep(self, package: str, state: State) -> State:
        stored = json.loads(json.dumps(state.to_json()))  # as the server keeps it
        self.states[package] = State.from_json(stored)
        self.system = self.states[package].memory.get("system", {})
        return self.states[package]


def play(folder: Path, player: Player | None = None) -> Player:
    """Play a case, its prerequisites first. Raises CaseFailed."""
    script = json.loads((folder / "script.json").read_text())
    player = player or Player({})
    for earlier in script["prerequisites"]:
        play(folder.parent / earlier, player)
    package = folder.name
    player.courses[package] = read_course(folder)
    _start(player, package, (script["start_target"] or {}).get("identifier", ""))
    for launch in script["launches"]:
        _play_launch(player, package, launch)
    return player


def _start(player: Player, package: str, chosen: str) -> None:
    state = player.act(package, Request("start"))
    if chosen:
        _expect(not state.current, f"started with {state.current}, though {chosen} was to be chosen")
        _check_choosable(player.show(package), chosen)
        player.act(package, Request("choice", chosen))


def _play_launch(player: Player, package: str, launch: Mapping[str, Any]) -> None:
    number = launch["n"]
    state, wanted = player.states[package], launch["item"]["identifier"]
    told = f"launch {number}"
    shown = player.show(package)
    _expect(shown.activity == wanted, f"{told}: {shown.activity or shown.ended or 'nothing'} not {wanted}")
    act = re.search(r"act=(\w+)", shown.href)
    _expect(act is None or launch["activity"] == f"Act{act[1]}", f"{told}: address {shown.href}")
    for question in launch["ui_questions"]:
        _check_question(shown, question, told)
    values = _converse(shown, launch["steps"], told)
    finish = launch["finish"]
    if finish["terminate"] == "on_unload" and "unload_nav" in finish:
        values["adl.nav.request"] = finish["unload_nav"]
    state = player.report(package, values, finished=True)
    if finish.get("then") == "content_stays":
        _expect(state.current == wanted, f"{told}: the content did not stay")
    _follow(player, package, launch["after"], told)


def _follow(player: Player, package: str, after: Mapping[str, Any], told: str) -> None:
    target = _identifier(player.courses[package], after.get("target"))
    if after["kind"] == "none":
        state = player.act(package, Request("", by_learner=False))
    else:
        if after["kind"] == "choice":
            _check_choosable(player.show(package), target)
        state = player.act(package, Request(REQUESTS[after["kind"]], target))
    if after["expect"] == "session_ended":
        _expect(bool(state.ended) and not state.current, f"{told}: the session goes on with {state.current}")
    if again := after.get("relaunch"):
        _start(player, again["package"], _identifier(player.courses[package], again["choose"]))


def _identifier(course: CourseStructure, target: Any) -> str:
    if not target:
        return ""
    return course.root.identifier if target == "root" else target["identifier"]


def _expect(holds: bool, words: str) -> None:
    if not holds:
        raise CaseFailed(words)


def _check_choosable(shown: Launch, target: str) -> None:
    item = next((item for item in shown.menu if item.identifier == target), None)
    _expect(item is not None and item.enabled, f"{target} cannot be chosen: {item.why_not if item else 'not listed'}")
    _expect(shown.valid[f"choice.{target}"], f"choice of {target} is not valid")


def _check_question(shown: Launch, question: Mapping[str, Any], told: str) -> None:
    what, state, expected = question["what"], question["state"], question["expect"]
    if what == "toc":
        found = any(item.enabled for item in shown.menu)
    elif what == "toc_item":
        item = next((item for item in shown.menu if item.identifier == question["target"]["identifier"]), None)
        found = item is not None and (state == "visible" or item.enabled)
    else:
        found = shown.valid[what] and what not in shown.hidden
        found = not found if state == "disabled" else found
    _expect(found == expected, f"{told}: {what} {question.get('target', '')} {state} is {found}")


# --- the run-time data ------------------------------------------------------------------------------------------------


def _converse(shown: Launch, steps: list[Mapping[str, Any]], told: str) -> dict[str, str]:
    """Make the SCO's calls; returns what it has set."""
    values, changed = dict(shown.values), {}
    for step in steps:
        if step["method"] == "CompareObjectiveIds":
            ids = sorted(value for name, value in values.items() if re.fullmatch(r"cmi\.objectives\.\d+\.id", name))
            _expect(ids == sorted(step["expect_return"]), f"{told}: objectives {ids} not {step['expect_return']}")
            continue
        element = _resolve(step["element"] or "", values)
        if step["method"] == "SetValue" and step["expect_error"] == "0":
            values[element] = changed[element] = step["value"]
        if step["method"] == "GetValue":
            _check_value(shown, values, changed, element, step, told)
    return changed


def _resolve(element: str, values: Mapping[str, str]) -> str:
    """The element with `&id&` replaced by the index of that id; a new id gets the next index."""
    match = re.fullmatch(r"(cmi\.objectives|adl\.data)\.&(.*)&\.(.*)", element)
    if match is None:
        return element
    collection, identifier, rest = match.groups()
    known = {
        value: name.split(".")[2] for name, value in values.items() if re.fullmatch(rf"{collection}\.\d+\.id", name)
    }
    return f"{collection}.{known.get(identifier, len(known))}.{rest}"


def _check_value(
    shown: Launch,
    values: Mapping[str, str],
    changed: Mapping[str, str],
    element: str,
    step: Mapping[str, Any],
    told: str,
) -> None:
    expected, error = step["expect_return"], step["expect_error"]
    if element.startswith("adl.nav.request_valid."):
        return _check_valid(shown, element, expected, step["compare"], told)
    if element in changed or not FROM_THE_LMS.fullmatch(element) or DERIVED.get(element) in values:
        return None  # the browser's own business
    found = values.get(element, "unknown" if UNKNOWN.fullmatch(element) else None)
    if error == "403":
        _expect(found is None, f"{told}: {element} is {found}, not without a value")
    elif error == "0":
        _expect(_same(found, expected, step["compare"]), f"{told}: {element} is {found}, not {expected}")
    return None


def _check_valid(shown: Launch, element: str, expected: Any, compare: str, told: str) -> None:
    match = re.fullmatch(r"adl\.nav\.request_valid\.(choice|jump)\.\{target=(.*)\}", element)
    key = f"{match[1]}.{match[2]}" if match else element.removeprefix("adl.nav.request_valid.")
    if compare == "exact":
        found = str(shown.valid.get(key, False)).lower()
        _expect(found == expected, f"{told}: {element} is {found}, not {expected}")


def _same(found: str | None, expected: str, compare: str) -> bool:
    if found is None:
        return False
    if compare == "real":
        return abs(float(found) - float(expected)) < 1e-6
    if compare == "duration":
        return duration_seconds(found) == duration_seconds(expected)
    if expected.startswith("@"):
        return found == {"@learner_id": LEARNER.identifier, "@learner_name": LEARNER.name}[expected]
    return compare in ("ignore", "lang_string", "language") or found == expected
