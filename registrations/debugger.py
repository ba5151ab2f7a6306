"""The sequencing debugger: the tracked tree, one activity in full, the requests so far and how each was decided."""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from realms.configuration import effective
from realms.words import told_by_player
from standards.registry import standards
from standards.scorm2004 import explanation
from standards.structure import CourseStructure, Learner, MenuItem, State

from .controls import offered
from .history import inflate, of_session
from .models import Instance, RequestRecord
from .sessions import Session, at_present, read_state
from .tree import Line, lines

LINES = 100  # of the tree on one page
STEPS = 1_500  # of one trace on a page; all of them are in the download
FOLDED_FROM = 2  # depth from which steps are folded, save those that lead to the exception
FINDING = ("RB.1.1", "RB.1.2", "RB.1.3")  # processes whose "nothing" is a finding: unknown
YES_NO = {True: _("yes"), False: _("no"), None: _("unknown")}
REQUESTS: Mapping[str, Promise] = {
    "start": _("Start"),
    "resumeAll": _("Resume all"),
    "continue": _("Continue"),
    "previous": _("Previous"),
    "choice": _("Choice"),
    "jump": _("Jump"),
    "exit": _("Exit"),
    "exitAll": _("Exit all"),
    "suspendAll": _("Suspend all"),
    "abandon": _("Abandon"),
    "abandonAll": _("Abandon all"),
    "content": _("The content's own request"),
}
ENDS: Mapping[str, Promise] = {
    "exited": _("exited"),
    "suspended": _("suspended"),
    "abandoned": _("abandoned"),
    "blocked": _("blocked"),
}
TELLING = ("process", "name", "activity", "given", "steps", "result", "exception", "words", "step", "rule")


@dataclass(frozen=True)
class TrackedLine:
    """One activity of the tree with what is tracked of it, and why it cannot be chosen."""

    line: Line
    standing: explanation.Standing | None
    item: MenuItem | None  # None: not in the menu


@dataclass(frozen=True)
class Told:
    """One request of the history, in a line."""

    record: RequestRecord
    words: str
    is_refused: bool
    left: str = ""  # title of the activity shown before


@dataclass(frozen=True)
class Step:
    """One step of a trace, in words. `closes` is how many lists end after it."""

    number: str  # of the book
    name: str
    about: str = ""
    result: str = ""
    exception: str = ""
    opens: bool = False
    is_open: bool = False
    closes: int = 0
    place: str = ""  # "0.2.1": the same whenever the same trace is drawn

    @property
    def closing(self) -> range:
        """One for each list that ends, for a template to walk."""
        return range(self.closes)


class Debugger:
    """What is shown of one instance, or of one preview."""

    def __init__(
        self,
        course: CourseStructure,
        state: State,
        learner: Learner,
        settings: Mapping[str, str],
        requests: QuerySet[RequestRecord],
    ) -> None:
        self.course = course
        self.state = state
        self.requests = requests
        self.is_sequenced = course.standard.startswith("SCORM2004")
        self.tracked = explanation.Tracked(course, state) if self.is_sequenced else None
        shown = standards()[course.standard].launch(course, at_present(state), learner, settings)
        menu = (
            *shown.menu,
            *offered(shown, settings, course.root.identifier).menu,
        )  # with those that settings take away
        self.menu: Mapping[str, MenuItem] = {item.identifier: item for item in menu}

    @classmethod
    def of_instance(cls, instance: Instance) -> "Debugger":
        settings = effective(instance.active_launch.settings if instance.active_launch else {})
        learner = instance.registration.learner
        return cls(instance.version.read_structure(), read_state(instance), learner, settings, instance.requests.all())

    @classmethod
    def of_session(cls, session: Session) -> "Debugger":
        return cls(session.course, session.state, session.learner, session.settings, of_session(session))

    def title(self, identifier: str) -> str:
        """The title of an activity, as the pages call it."""
        activity = self.course.activity(identifier)
        return (activity.title if activity else "") or identifier

    # --- the tree ---

    def page(self, number: str, chosen: str) -> Page:
        """A page of the tree: the one asked for, else the one with the chosen activity."""
        pages = Paginator(lines(self.course, self.state.activities), LINES)
        if not number:
            places = {line.activity.identifier: place for place, line in enumerate(pages.object_list)}
            number = str(places.get(chosen, 0) // LINES + 1)
        return pages.get_page(number)

    def tracked_lines(self, page: Page) -> list[TrackedLine]:
        """The lines of that page with what is tracked of each."""
        return [self._tracked(line) for line in page.object_list]

    def _tracked(self, line: Line) -> TrackedLine:
        identifier = line.activity.identifier
        standing = self.tracked.standing(identifier) if self.tracked else None
        return TrackedLine(line, standing, self.menu.get(identifier))

    def details(self, identifier: str) -> dict[str, Any]:
        """Everything about one activity."""
        activity = self.course.activity(identifier) or self.course.root
        item = self.menu.get(activity.identifier)
        found: dict[str, Any] = {
            "chosen": activity,
            "item": item,
            "is_ended": bool(self.state.ended),
            "prerequisites": activity.prerequisites,
        }
        if self.tracked is not None:
            code, trace = explanation.why_not(self.course, self.state, activity.identifier, timezone.now().isoformat())
            found |= {
                "tracking": [(name, self._words(name, value)) for name, value in self._values(activity.identifier)],
                "objectives": [_objective_words(entry) for entry in self.tracked.objectives(activity.identifier)],
                "definition": explanation.definition(activity),
                "why_not": code,
                "why_not_words": _meaning(code),
                "why_not_steps": self.steps(trace) if code else [],
            }
        return found

    def _values(self, identifier: str) -> Iterator[tuple[str, Any]]:
        assert self.tracked is not None
        return iter(self.tracked.values(identifier).items())

    def _words(self, name: str, value: Any) -> str:
        if value is None and name.endswith("began"):
            return "–"
        if isinstance(value, list):
            return ", ".join(map(self.title, value)) or "–"
        return _value_words(value)

    def shared(self) -> dict[str, Any]:
        """Global objectives and data stores."""
        if self.tracked is None:
            return {}
        objectives = [
            {**entry, "values": _set(entry["values"])} for entry in self.tracked.shared_objectives() if entry["used"]
        ]
        return {
            "shared_objectives": objectives,
            "data_stores": [entry for entry in self.tracked.data_stores() if entry["used"]],
        }

    # --- the history ---

    def history(self) -> list[Told]:
        """The requests, newest first."""
        return [self.told(record) for record in self.requests.order_by("-pk")]

    def told(self, record: RequestRecord) -> Told:
        """A request in one line."""
        decided = explanation.decision(inflate(record))
        name, target = decided.name or record.name, decided.target or record.target
        words = {"request": _request(record.name), "other": _request(name), "target": self.title(target)}
        if record.name == "content" and decided.name:
            asked = gettext("The content asks for: %(other)s") % words
        elif name != record.name:
            asked = gettext("%(request)s (%(other)s)") % words
        else:
            asked = words["request"]
        if target:
            asked = gettext("%(asked)s of %(target)s") % {"asked": asked, "target": self.title(target)}
        if decided.by_rule and decided.by_rule != name:
            asked = gettext("%(asked)s, a rule makes it %(rule)s") % {"asked": asked, "rule": decided.by_rule}
        came_to, is_refused = self._came_to(record, decided)
        return Told(record, f"{asked} {came_to}", is_refused, self.title(record.left))

    def _came_to(self, record: RequestRecord, decided: explanation.Decision) -> tuple[str, bool]:
        why = f": {decided.exception}, {_inside(told_by_player(decided.words))}" if decided.exception else ""
        words = {"ended": _ended(record.ended), "title": self.title(record.delivered), "why": why}
        if record.ended:
            return gettext("→ session %(ended)s%(why)s") % words, bool(why) and record.ended == "blocked"
        if record.delivered and record.is_new:
            return gettext("→ delivered %(title)s") % words, False
        if not why and record.message and record.delivered:
            return gettext("refused: %(why)s") % {"why": _inside(told_by_player(record.message))}, True
        if not record.delivered:
            return gettext("→ nothing delivered%(why)s") % words, bool(why) and record.name != "start"
        if why:
            return gettext("refused%(why)s") % words, True
        return gettext("→ still %(title)s") % words, False

    # --- traces ---

    def steps(self, trace: Sequence[Mapping[str, Any]]) -> list[Step]:
        """A trace as a list of lines with what opens and closes, so that it can be drawn without recursion."""
        found: list[Step] = []
        for number, entry in enumerate(trace):
            self._add(found, entry, 0, str(number))
        return found

    def _add(self, found: list[Step], entry: Mapping[str, Any], depth: int, at: str) -> None:
        if len(found) >= STEPS:
            return
        below = entry.get("steps") or ()
        place = len(found)
        found.append(replace(self._step(entry, bool(below), depth), place=at))
        for number, step in enumerate(below):
            self._add(found, step, depth + 1, f"{at}.{number}")
        if below and len(found) == place + 1:  # the page is full: nothing to unfold
            found[place] = replace(self._step({**entry, "steps": ()}, False, depth), place=at)
        elif below:
            found[-1] = replace(found[-1], closes=found[-1].closes + 1)

    def _step(self, entry: Mapping[str, Any], opens: bool, depth: int) -> Step:
        result = entry.get("result")
        failed = entry.get("exception") or (result.get("exception", "") if isinstance(result, Mapping) else "")
        is_open = opens and (depth < FOLDED_FROM or bool(failed))
        about = [self.title(entry["activity"])] if "activity" in entry else []
        about += [self._given(value) for value in entry.get("given", ())]
        number, name = entry.get("process") or entry.get("step", ""), entry.get("name") or entry.get("rule", "")
        about += [f"{_label(key)} {self._told(value)}" for key, value in entry.items() if key not in TELLING]
        if failed:
            return Step(number, name, " · ".join(about), "", f"{failed}: {_meaning(failed)}", opens, is_open)
        if entry.get("step") == "cut":
            told = entry["words"]
        else:
            is_told = "result" in entry and (result is not None or str(number).startswith(FINDING))
            told = self._told(result) if is_told else ""
        return Step(number, name, " · ".join(about), told, "", opens, is_open)

    def _given(self, value: Any) -> str:
        return self.title(value) if isinstance(value, str) and self.course.activity(value) else self._told(value)

    def _told(self, value: Any) -> str:
        """A value of a trace in words; activities by title."""
        if isinstance(value, Mapping):
            known = {key: part for key, part in value.items() if part not in ("", None, False)}
            return ", ".join(f"{_label(key)} {self._told(part)}" for key, part in known.items()) or "nothing"
        if isinstance(value, list):
            return ", ".join(map(self._told, value)) or "none"
        if isinstance(value, str):
            return (self.title(value) if self.course.activity(value) else value) or "none"
        return _value_words(value)


def marker(instance: Instance) -> str:
    """Changes with everything the page shows."""
    newest = instance.requests.order_by("-pk").values_list("pk", flat=True).first()
    rows = instance.activities.order_by("pk").values_list("activity", "completion", "success", "score", "attempts")
    return f"{newest or 0}-{zlib.crc32(repr(list(rows)).encode()):x}"


def as_json_lines(instance: Instance) -> Iterator[bytes]:
    """One JSON document, written in pieces: what is tracked, then every request with its whole trace."""
    debugger = Debugger.of_instance(instance)
    course, state = debugger.course, debugger.state
    head = {
        "registration": instance.registration.registration_id,
        "instance": instance.number,
        "course": course.title,
        "standard": course.standard,
        "state": explanation.as_json(course, state) if debugger.is_sequenced else state.to_json(),
        "menu": [item.to_json() for item in debugger.menu.values()],
    }
    yield json.dumps(head, ensure_ascii=False, indent=1)[:-2].encode() + b',\n "requests": ['
    for number, record in enumerate(instance.requests.order_by("pk").iterator(chunk_size=50)):
        told = {
            "at": record.created.isoformat(),
            "request": record.name,
            "target": record.target,
            "left": record.left,
            "delivered": record.delivered,
            "ended": record.ended,
            "message": record.message,
            "summary": debugger.told(record).words,
            "trace": inflate(record),
        }
        yield (b",\n" if number else b"\n") + json.dumps(told, ensure_ascii=False).encode()
    yield b"\n]}\n"


# --- words ------------------------------------------------------------------------------------------------------------


def _value_words(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return str(YES_NO[value])
    return f"{value:g}" if isinstance(value, float) else str(value)


def _request(name: str) -> str:
    return str(REQUESTS.get(name, name))


def _ended(how: str) -> str:
    return str(ENDS.get(how, how))


def _inside(sentence: str) -> str:
    """A sentence as part of another."""
    return (sentence[:1].lower() + sentence[1:]).rstrip(".")


def _meaning(code: str) -> str:
    return told_by_player(explanation.EXCEPTIONS.get(code, ""))


def _label(key: str) -> str:
    return key.replace("_", " ")


def _set(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The elements that are known."""
    return [(name, _value_words(value)) for name, value in values.items() if value is not None]


def _objective_words(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **entry,
        "counts": _set(entry["counts"]),
        "local": _set(entry["local"]),
    }
