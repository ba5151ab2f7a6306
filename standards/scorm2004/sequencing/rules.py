"""Sequencing rules and their conditions (SN UP.2, UP.2.1; tables 3.4.2 and 3.7.3)."""

from collections.abc import Sequence

from ...structure import RuleCondition, SequencingRule
from .trace import process
from .tracking import Node, Run, instant, moment_of

PRE = ("skip", "disabled", "hiddenFromChoice", "stopForwardTraversal")
POST = ("exitParent", "exitAll", "retry", "retryAll", "continue", "previous")


@process("UP.2", "Sequencing Rules Check Process")
def sequencing_rules_check(run: Run, node: Node, actions: Sequence[str]) -> str:
    """UP.2: the action of the first rule whose conditions hold; "" where none does."""
    for rule in _rules(node, actions):  # UP.2 steps 1 and 2
        if rule.action in actions and sequencing_rule_check(run, node, rule):
            return rule.action
    return ""


def _rules(node: Node, actions: Sequence[str]) -> tuple[SequencingRule, ...]:
    sequencing = node.sequencing
    if actions[0] in PRE:
        return sequencing.pre_conditions
    return sequencing.exit_conditions if "exit" in actions else sequencing.post_conditions


def sequencing_rule_check(run: Run, node: Node, rule: SequencingRule) -> bool:
    """UP.2.1: whether a rule applies; unknown is not true."""
    values = [evaluate_condition(run, node, condition) for condition in rule.conditions]
    result = combine(values, rule.combination) is True
    if run.trace is not None:
        run.note("UP.2.1", rule=_words(rule), values=values, result=result)
    return result


def _words(rule: SequencingRule) -> str:
    return (
        f"if {rule.combination} of {', '.join(map(condition_words, rule.conditions)) or 'nothing'} then {rule.action}"
    )


def condition_words(condition: RuleCondition) -> str:
    words = ("not " if condition.negated else "") + condition.condition
    if condition.condition.startswith("objectiveMeasure") and condition.condition.endswith("Than"):
        words += f" {condition.measure_threshold:g}"
    return words + (f" ({condition.referenced_objective})" if condition.referenced_objective else "")


def combine(values: list[bool | None], combination: str) -> bool | None:
    """Three-valued and/or: None is unknown. Nothing to combine is unknown (UP.2.1 step 3, RB.1.4.1 step 3)."""
    if not values:
        return None
    decisive = combination == "any"
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def evaluate_condition(run: Run, node: Node, condition: RuleCondition, in_rollup: bool = False) -> bool | None:
    """One condition, negation applied; None where what it asks about is not known (SN 3.4.2, 3.7.3)."""
    value = _evaluate(run, node, condition, in_rollup)
    return value if value is None or not condition.negated else not value


def _evaluate(run: Run, node: Node, condition: RuleCondition, in_rollup: bool) -> bool | None:
    name = condition.condition
    objective = node.objective(condition.referenced_objective)
    if name in ("always", "never"):
        return name == "always"
    if name == "attempted":
        return run.progress(node).attempts > 0
    if name == "attemptLimitExceeded":
        return attempt_limit_reached(run, node)
    if name == "timeLimitExceeded":
        return time_limit_reached(run, node)
    if name == "outsideAvailableTimeRange":
        return outside_time_range(run, node)
    if objective is None:
        return None
    if name == "satisfied":
        return run.is_satisfied(node, objective, in_rollup)
    if name == "objectiveStatusKnown":
        return run.is_satisfied(node, objective, in_rollup) is not None
    if name == "completed":
        return run.is_completed(node, objective, in_rollup)
    if name == "activityProgressKnown":
        return run.is_completed(node, objective, in_rollup) is not None
    measure = run.measure(node, objective, in_rollup)
    if name == "objectiveMeasureKnown":
        return measure is not None
    if measure is None:
        return None
    if name == "objectiveMeasureGreaterThan":
        return measure > condition.measure_threshold
    if name == "objectiveMeasureLessThan":
        return measure < condition.measure_threshold
    return None


def attempt_limit_reached(run: Run, node: Node) -> bool:
    limit = node.sequencing.attempt_limit
    return limit is not None and run.progress(node).attempts >= limit


def time_limit_reached(run: Run, node: Node) -> bool:
    """Whether one of the four durations has come to its limit (SN 3.5)."""
    sequencing, progress = node.sequencing, run.progress(node)
    absolute, experienced = sequencing.attempt_absolute_duration_limit, sequencing.attempt_experienced_duration_limit
    if absolute is not None and run.seconds_since(progress.attempt_began, progress.attempt_ended) >= absolute:
        return True
    if experienced is not None and progress.attempt_seconds >= experienced:
        return True
    return activity_time_limit_reached(run, node)


def activity_time_limit_reached(run: Run, node: Node) -> bool:
    """The same of the two durations of the activity over all its attempts."""
    sequencing, progress = node.sequencing, run.progress(node)
    absolute, experienced = sequencing.activity_absolute_duration_limit, sequencing.activity_experienced_duration_limit
    if absolute is not None and run.seconds_since(progress.began) >= absolute:
        return True
    return experienced is not None and progress.seconds >= experienced


def outside_time_range(run: Run, node: Node) -> bool:
    begin, end = moment_of(node.sequencing.begin_time_limit), moment_of(node.sequencing.end_time_limit)
    if not run.now or not (begin or end):
        return False
    now = instant(run.now)
    return bool(begin and now < begin) or bool(end and now > end)
