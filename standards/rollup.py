"""What a course of several items or AUs comes to: SCORM 1.2 and AICC leave it to the LMS, the settings decide."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .structure import Activity, ActivityState, Completion, Outcome, Success

AVERAGE_WITH_SCORES = "AVERAGE_SCORE_OF_ALL_UNITS_WITH_SCORES"
FIRST_ITEM = "STATUS_PROVIDED_BY_COURSE"
COMPLETE_AND_NOT_FAILED = "COMPLETE_WHEN_ALL_UNITS_COMPLETE_AND_NOT_FAILED"


def roll_up(
    root: Activity, activities: Mapping[str, ActivityState], settings: Mapping[str, str]
) -> dict[str, ActivityState]:
    """The states of all activities with those of the aggregations made from what is below them."""
    rolled = dict(activities)
    if settings.get("PlayerFirstScoIsPretest") == "YES":
        rolled |= _spared(root, rolled)
    for activity in reversed(list(root.walk())):  # children come before their parents
        if activity.kind == "aggregation":
            outcome = combine(
                [rolled.get(leaf.identifier, ActivityState()).outcome for leaf in _leaves(activity)], settings
            )
            held = rolled.get(activity.identifier, ActivityState())
            rolled[activity.identifier] = replace(held, outcome=outcome)
    return rolled


def _spared(root: Activity, activities: Mapping[str, ActivityState]) -> dict[str, ActivityState]:
    """PlayerFirstScoIsPretest: whoever passes the first item has completed the others."""
    first, *others = _leaves(root) or [root]
    if activities.get(first.identifier, ActivityState()).outcome.success != "passed":
        return {}
    states = {leaf.identifier: activities.get(leaf.identifier, ActivityState()) for leaf in others}
    return {name: replace(held, outcome=replace(held.outcome, completion="completed")) for name, held in states.items()}


def _leaves(activity: Activity) -> list[Activity]:
    return [node for node in activity.walk() if node.kind != "aggregation"]


def combine(outcomes: Sequence[Outcome], settings: Mapping[str, str]) -> Outcome:
    """The outcome of several units as one."""
    if not outcomes:
        return Outcome()
    if len(outcomes) == 1:
        return outcomes[0]
    score = _score([outcome.score for outcome in outcomes], settings)
    success = _success(outcomes, settings)
    reached = _reached(outcomes, success, score, settings)
    if settings.get("PlayerApplyRollupStatusToSuccess") == "YES":
        over = all(outcome.completion == "completed" for outcome in outcomes)
        success = "passed" if reached else "failed" if over else "unknown"
    return Outcome(
        completion=_completion(outcomes, reached, settings),
        success=success,
        score=score,
        seconds=sum(outcome.seconds for outcome in outcomes),
    )


def _score(scores: Sequence[float | None], settings: Mapping[str, str]) -> float | None:
    """PlayerScoreRollupModeValue."""
    mode = settings.get("PlayerScoreRollupModeValue", AVERAGE_WITH_SCORES)
    known = [score for score in scores if score is not None]
    if mode == "AVERAGE_SCORE_OF_ALL_UNITS_WITH_NONZERO_SCORES":
        known = [score for score in known if score]
    if not known:
        return None
    if mode == "LAST_SCO_SCORE":
        return scores[-1]
    if mode == "SCORE_PROVIDED_BY_COURSE":
        return scores[0]
    if mode == "AVERAGE_SCORE_OF_ALL_UNITS":
        return sum(known) / len(scores)
    if mode == "FIXED_AVERAGE":
        return sum(known) / (int(settings.get("PlayerScoreRollupModeNumberOfScoringObjects", "0")) or len(scores))
    return sum(known) / len(known)


def _success(outcomes: Sequence[Outcome], settings: Mapping[str, str]) -> Success:
    """Failed when a unit is failed; passed when some are passed and none is left open."""
    if settings.get("PlayerStatusRollupModeValue") == FIRST_ITEM:
        return outcomes[0].success
    if any(outcome.success == "failed" for outcome in outcomes):
        return "failed"
    passed = any(outcome.success == "passed" for outcome in outcomes)
    return "passed" if passed and all(outcome.completion == "completed" for outcome in outcomes) else "unknown"


def _reached(outcomes: Sequence[Outcome], success: Success, score: float | None, settings: Mapping[str, str]) -> bool:
    """Whether the rule of PlayerStatusRollupModeValue is met."""
    mode = settings.get("PlayerStatusRollupModeValue", COMPLETE_AND_NOT_FAILED)
    if mode == FIRST_ITEM:
        return outcomes[0].completion == "completed"
    threshold = float(settings.get("PlayerStatusRollupModeThresholdScore", "0") or 0)
    threshold = threshold / 100 if threshold > 1 else threshold
    all_complete = all(outcome.completion == "completed" for outcome in outcomes)
    scored = score is not None and score >= threshold
    return {
        "COMPLETE_WHEN_ALL_UNITS_COMPLETE": all_complete,
        "COMPLETE_WHEN_THRESHOLD_SCORE_IS_MET": scored,
        "COMPLETE_WHEN_ALL_UNITS_COMPLETE_AND_THRESHOLD_SCORE_IS_MET": all_complete and scored,
        "COMPLETE_WHEN_ALL_UNITS_ARE_PASSED": all(outcome.success == "passed" for outcome in outcomes),
    }.get(mode, all_complete and success != "failed")


def _completion(outcomes: Sequence[Outcome], reached: bool, settings: Mapping[str, str]) -> Completion:
    if reached:
        return "completed"
    if settings.get("PlayerStatusRollupModeValue") == FIRST_ITEM:
        return outcomes[0].completion
    begun = any(outcome.completion != "unknown" or outcome.success != "unknown" for outcome in outcomes)
    return "incomplete" if begun or settings.get("PlayerRollupEmptySetToUnknown", "YES") != "YES" else "unknown"
