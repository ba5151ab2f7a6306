"""moveOn, and what blocks and the course come to by it (cmi5 9.3.9, 13.1.4 moveOn)."""

from collections.abc import Iterator, Mapping

from ..structure import Activity, ActivityState, Completion, Outcome, Success

Activities = Mapping[str, ActivityState]

COMPLETED, PASSED, FAILED, WAIVED = "cmi5.completed", "cmi5.passed", "cmi5.failed", "cmi5.waived"


def is_satisfied(au: Activity, held: ActivityState | None) -> bool:
    """Whether an AU's moveOn criteria are met, by its statements or because it was waived."""
    values: Mapping[str, str] = held.values if held else {}
    if WAIVED in values:
        return True
    match au.move_on:
        case "Passed":
            return PASSED in values
        case "Completed":
            return COMPLETED in values
        case "CompletedAndPassed":
            return COMPLETED in values and PASSED in values
        case "CompletedOrPassed":
            return COMPLETED in values or PASSED in values
        case _:  # NotApplicable
            return True


def satisfied(root: Activity, activities: Activities) -> Iterator[Activity]:
    """The blocks, and at last the course, all of whose AUs are satisfied, from the innermost outwards."""
    found: list[Activity] = []
    _collect(root, activities, found)
    yield from found


def _collect(node: Activity, activities: Activities, found: list[Activity]) -> bool:
    if node.kind == "sco":
        return is_satisfied(node, activities.get(node.identifier))
    met = [_collect(child, activities, found) for child in node.children]
    if all(met):
        found.append(node)
    return all(met)


def outcome_of_au(au: Activity, held: ActivityState) -> Outcome:
    """What its statements make of an AU. Passing completes one that moves on by passing."""
    values = held.values
    done = COMPLETED in values or WAIVED in values or (au.move_on != "NotApplicable" and is_satisfied(au, held))
    completion: Completion = "completed" if done else "incomplete" if held.attempts else "unknown"
    success: Success = "passed" if PASSED in values or WAIVED in values else "failed" if FAILED in values else "unknown"
    score = values.get("cmi5.score.scaled")
    return Outcome(completion, success, float(score) if score else None, float(values.get("cmi5.seconds", "0")))


def roll_up(root: Activity, activities: Activities) -> tuple[dict[str, ActivityState], Outcome]:
    """The activities with the outcomes of blocks and course, and that of the course."""
    rolled = dict(activities)
    return rolled, _roll_up(root, rolled)


def _roll_up(node: Activity, rolled: dict[str, ActivityState]) -> Outcome:
    held = rolled.get(node.identifier, ActivityState())
    if node.kind == "sco":
        return held.outcome
    outcomes = [_roll_up(child, rolled) for child in node.children]
    outcome = _combine(node, outcomes, rolled)
    if outcome != held.outcome:
        rolled[node.identifier] = ActivityState(held.values, outcome, held.attempts)
    return outcome


def _combine(node: Activity, outcomes: list[Outcome], rolled: Activities) -> Outcome:
    """A block is completed when it is satisfied, once anything of it was begun; passed when nothing of it failed."""
    leaves = [leaf for leaf in node.walk() if leaf.kind == "sco"]
    met = all(is_satisfied(leaf, rolled.get(leaf.identifier)) for leaf in leaves)
    begun = any(outcome.completion != "unknown" or outcome.success != "unknown" for outcome in outcomes)
    completion: Completion = "completed" if met and begun else "incomplete" if begun else "unknown"
    successes = {outcome.success for outcome in outcomes}
    success: Success = "failed" if "failed" in successes else "passed" if "passed" in successes and met else "unknown"
    scores = [outcome.score for outcome in outcomes if outcome.score is not None]
    score = sum(scores) / len(scores) if scores else None
    return Outcome(completion, success, score, sum(outcome.seconds for outcome in outcomes))
