"""How a decision is told: every process leaves its name, its steps and its result in a tree that a person can read."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from ...words import to_learner
from .tracking import Node, Run, describe

Given = ParamSpec("Given")
Found = TypeVar("Found")

EXCEPTIONS = {
    "NB.2.1-1": to_learner("The course has already been started."),
    "NB.2.1-2": to_learner("The course has not been started yet."),
    "NB.2.1-3": to_learner("Nothing was suspended that could be resumed."),
    "NB.2.1-4": to_learner("Moving on in order is not allowed here (flow is off)."),
    "NB.2.1-5": to_learner("Going back is not allowed here (flow is off or only forward movement is allowed)."),
    "NB.2.1-6": to_learner("Nothing comes before the beginning of the course."),
    "NB.2.1-7": to_learner("This navigation request is not supported."),
    "NB.2.1-8": to_learner("The current part of the course may not be left by choosing another one."),
    "NB.2.1-9": to_learner("There is nothing between the current activity and the one chosen."),
    "NB.2.1-10": to_learner("Choosing an activity is not allowed in this part of the course."),
    "NB.2.1-11": to_learner("The course has no such activity at present."),
    "NB.2.1-12": to_learner("The current activity has already ended."),
    "NB.2.1-13": to_learner("This is not a navigation request."),
    "TB.2.3-1": to_learner("There is no activity to end."),
    "TB.2.3-2": to_learner("The current activity has already ended."),
    "TB.2.3-3": to_learner("There is nothing to suspend."),
    "TB.2.3-4": to_learner("The beginning of the course has no part above it to exit."),
    "TB.2.3-5": to_learner("There is nothing to suspend."),
    "TB.2.3-6": to_learner("There is nothing to abandon."),
    "TB.2.3-7": to_learner("This is not a termination request."),
    "SB.2.1-1": to_learner("There are no further activities."),
    "SB.2.1-2": to_learner("This part of the course has no activity available."),
    "SB.2.1-3": to_learner("Nothing comes before the beginning of the course."),
    "SB.2.1-4": to_learner("Only forward movement is allowed here."),
    "SB.2.2-1": to_learner("Moving on in order is not allowed in that part of the course (flow is off)."),
    "SB.2.2-2": to_learner("The next activity is disabled, or its limit of attempts or time is reached."),
    "SB.2.4-1": to_learner("An activity before it must be finished first (forward movement stops there)."),
    "SB.2.4-2": to_learner("Only forward movement is allowed here."),
    "SB.2.4-3": to_learner("The beginning of the course cannot be passed backwards."),
    "SB.2.5-1": to_learner("The course has already been started."),
    "SB.2.5-2": to_learner("Nothing can be shown at the start of the course."),
    "SB.2.5-3": to_learner("Nothing can be shown at the start of the course."),
    "SB.2.6-1": to_learner("The course has already been started."),
    "SB.2.6-2": to_learner("Nothing was suspended that could be resumed."),
    "SB.2.7-1": to_learner("The course has not been started yet."),
    "SB.2.7-2": to_learner("Moving on in order is not allowed here (flow is off)."),
    "SB.2.8-1": to_learner("The course has not been started yet."),
    "SB.2.8-2": to_learner("Moving in order is not allowed here (flow is off)."),
    "SB.2.9-1": to_learner("The course has no such activity."),
    "SB.2.9-2": to_learner("The activity is not among those selected for this attempt."),
    "SB.2.9-3": to_learner("The activity is hidden from choice."),
    "SB.2.9-4": to_learner("Choosing an activity is not allowed in this part of the course."),
    "SB.2.9-5": to_learner("There is nothing between the current activity and the one chosen."),
    "SB.2.9-6": to_learner("That part of the course cannot be entered by choosing something in it."),
    "SB.2.9-7": to_learner("The current part of the course may not be left by choosing another one."),
    "SB.2.9-8": to_learner("Only the activities next to the current part of the course can be chosen."),
    "SB.2.9-9": to_learner("That part of the course has nothing to show."),
    "SB.2.10-1": to_learner("The course has not been started yet."),
    "SB.2.10-2": to_learner("The activity cannot be tried again while it is under way."),
    "SB.2.10-3": to_learner("That part of the course has nothing to show."),
    "SB.2.11-1": to_learner("The course has not been started yet."),
    "SB.2.11-2": to_learner("The current activity is still under way."),
    "SB.2.12-1": to_learner("This is not a sequencing request."),
    "SB.2.13-1": to_learner("The course has not been started yet."),
    "SB.2.13-2": to_learner("The course has no such activity at present."),
    "DB.1.1-1": to_learner("Only a single activity can be shown, not a part of the course."),
    "DB.1.1-2": to_learner("There is nothing to show."),
    "DB.1.1-3": to_learner("The activity is disabled, or its limit of attempts or time is reached."),
    "DB.2-1": to_learner("The activity is already under way."),
}


class Refused(Exception):
    """A process ended with one of the book's exceptions (SN Appendix C)."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code}: {EXCEPTIONS[code]}")
        self.code = code


def process(
    number: str, name: str
) -> Callable[[Callable[Concatenate[Run, Given], Found]], Callable[Concatenate[Run, Given], Found]]:
    """Mark a function as a process of the book, so that a traced run tells of it."""

    def mark(work: Callable[Concatenate[Run, Given], Found]) -> Callable[Concatenate[Run, Given], Found]:
        @functools.wraps(work)
        def traced(run: Run, /, *given: Given.args, **named: Given.kwargs) -> Found:
            if run.trace is None:
                return work(run, *given, **named)
            outer = run.trace
            entry: dict[str, Any] = {"process": number, "name": name, **_about(given), "steps": []}
            outer.append(entry)
            run.trace = entry["steps"]
            try:
                found = work(run, *given, **named)
            except Refused as refusal:
                entry["exception"] = refusal.code
                entry["words"] = EXCEPTIONS[refusal.code]
                raise
            else:
                entry["result"] = describe(found)
                return found
            finally:
                run.trace = outer

        return traced

    return mark


def _about(given: tuple[Any, ...]) -> dict[str, Any]:
    activity = next((value.id for value in given if isinstance(value, Node)), None)
    rest = [describe(value) for value in given if not isinstance(value, Node) and value not in ((), None)]
    return ({"activity": activity} if activity is not None else {}) | ({"given": rest} if rest else {})
