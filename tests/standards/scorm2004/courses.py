"""Small activity trees to test SCORM 2004 with: each function makes one thing, with the given fields."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from standards import scorm2004
from standards.structure import (
    Activity,
    CourseStructure,
    Launch,
    Learner,
    Objective,
    ObjectiveMap,
    Organization,
    Report,
    Request,
    RollupRule,
    RuleCondition,
    Sequencing,
    SequencingRule,
    State,
)

NOW = "2026-01-05T10:00:00+00:00"
LEARNER = Learner("learner-1", "Jane", "Doe")


def sco(identifier: str, **sequencing: Any) -> Activity:
    return Activity(identifier, identifier.upper(), "sco", "sco.html", sequencing=Sequencing(**sequencing))


def cluster(identifier: str, *children: Activity, **sequencing: Any) -> Activity:
    return Activity(identifier, identifier.upper(), children=children, sequencing=Sequencing(**sequencing))


def course(*children: Activity, to_system: bool = True, **sequencing: Any) -> CourseStructure:
    """A course that flows, unless told otherwise."""
    root = cluster("root", *children, **{"flow": True} | sequencing)
    organization = Organization(root, to_system, to_system)
    return CourseStructure("SCORM20044THEDITION", "Course", (organization,))


def rule(action: str, *conditions: str, combination: str = "all", **details: Any) -> SequencingRule:
    """Conditions are words; "not …" negates one."""
    return SequencingRule(action, tuple(condition(words, **details) for words in conditions), combination)


def rollup_rule(action: str, *conditions: str, **details: Any) -> RollupRule:
    return RollupRule(action, tuple(condition(words) for words in conditions), **details)


def condition(words: str, **details: Any) -> RuleCondition:
    return RuleCondition(words.removeprefix("not "), words.startswith("not "), **details)


def primary(identifier: str = "", **fields: Any) -> Objective:
    return Objective(identifier, primary=True, **fields)


def link(target: str, **fields: Any) -> ObjectiveMap:
    return ObjectiveMap(target, **fields)


class Playing:
    """One registration being played, its state kept as JSON between the steps as the server keeps it."""

    def __init__(self, played: CourseStructure, settings: Mapping[str, str] | None = None) -> None:
        self.course = played
        self.state = State()
        self.settings = settings or {}

    def request(self, name: str, target: str = "", by_learner: bool = True, now: str = NOW) -> str:
        """Make a request; what is shown then: the activity, else why there is none."""
        request = Request(name, target, by_learner)
        self._keep(scorm2004.navigate(self.course, self.state, request, now, self.settings))
        return self.state.current or self.state.ended or "nothing"

    def report(self, finished: bool = True, seconds: float = 0.0, **values: str) -> State:
        """Report values of the current activity; in their names __ stands for a dot."""
        named = {name.replace("__", "."): value for name, value in values.items()}
        report = Report(self.state.current, named, finished, seconds)
        return self._keep(scorm2004.record(self.course, self.state, report, self.settings))

    def shown(self) -> Launch:
        return scorm2004.launch(self.course, self.state, LEARNER, self.settings)

    def enabled(self) -> set[str]:
        """What the menu lets choose."""
        return {item.identifier for item in self.shown().menu if item.enabled}

    def values(self) -> Mapping[str, str]:
        return self.shown().values

    def _keep(self, state: State) -> State:
        self.state = State.from_json(json.loads(json.dumps(state.to_json())))
        return self.state


def without_trace(state: State) -> State:
    return replace(state, trace=())
