"""Rollup Behavior (SN RB)."""

from collections.abc import Iterable

from ...structure import RollupRule, RuleCondition
from .rules import combine, condition_words, evaluate_condition, sequencing_rules_check
from .trace import process
from .tracking import DIGITS, Node, Run

SATISFACTION = ("satisfied", "notSatisfied")
COMPLETION = ("completed", "incomplete")
MOST_ROLLUPS = 16  # of one cluster in one overall rollup: enough to settle whatever can settle
# RB.1.2.c and RB.1.3.c: the rules of an activity that defines none for satisfaction, or none for completion
DEFAULT_RULES = {
    "notSatisfied": RollupRule("notSatisfied", (RuleCondition("objectiveStatusKnown"),)),
    "satisfied": RollupRule("satisfied", (RuleCondition("satisfied"),)),
    "incomplete": RollupRule("incomplete", (RuleCondition("activityProgressKnown"),)),
    "completed": RollupRule("completed", (RuleCondition("completed"),)),
}


@process("RB.1.5", "Overall Rollup Process")
def overall_rollup(run: Run, node: Node) -> None:
    """RB.1.5: roll up from an activity to the root, and from whatever reads a shared objective that has changed."""
    pending: set[Node] = set(node.ancestors())
    times: dict[Node, int] = {}
    while pending:
        # a parent after all of its children; what rollup itself shares may concern others once more (SN 4.6.3)
        cluster = max(pending, key=lambda each: (sum(1 for _ in each.ancestors()), -each.index))
        pending.discard(cluster)
        times[cluster] = times.get(cluster, 0) + 1
        if not cluster.is_leaf and cluster.sequencing.tracked:
            rollup(run, cluster)
        written, run.written = run.written, set()
        if times[cluster] > MOST_ROLLUPS:  # two that contradict each other for ever
            continue
        for target in sorted(written):
            for reader in run.tree.readers.get(target, ()):
                pending.update(above for above in reader.ancestors() if above is not cluster)


def rollup(run: Run, node: Node) -> None:
    """One cluster of RB.1.5 step 3."""
    measure_rollup(run, node)
    completion_measure_rollup(run, node)
    objective_rollup(run, node)
    activity_progress_rollup(run, node)


@process("RB.1.1.a", "Objective Measure Rollup Process")
def measure_rollup(run: Run, node: Node) -> float | None:
    """RB.1.1.a: the mean of the children's measures by their weights; children without a measure count as zero."""
    weights, total, known = 0.0, 0.0, False
    for child in run.available(node):
        if not child.sequencing.tracked:
            continue
        weight = child.sequencing.objective_measure_weight
        weights += weight
        measure = run.measure(child, child.primary, in_rollup=True)
        run.note("RB.1.1.a step 5", child=child, weight=weight, measure=measure)
        if measure is not None:
            known = True
            total += measure * weight
    result = round(total / weights, DIGITS) if known and weights > 0 else None
    run.set_measure(node, node.primary, result)
    return result


@process("RB.1.1.b", "Completion Measure Rollup Process")
def completion_measure_rollup(run: Run, node: Node) -> float | None:
    """RB.1.1.b: the mean of the children's completion amounts by their progress weights."""
    weights, total, known = 0.0, 0.0, False
    for child in run.available(node):
        if not child.sequencing.tracked:
            continue
        weight = child.threshold.progress_weight
        weights += weight
        amount = run.amount(child, in_rollup=True)
        run.note("RB.1.1.b step 4", child=child, weight=weight, amount=amount)
        if amount is not None:
            known = True
            total += amount * weight
    result = round(total / weights, DIGITS) if known and weights > 0 else None
    run.set_amount(node, node.primary, result)
    return result


@process("RB.1.2", "Objective Rollup Process")
def objective_rollup(run: Run, node: Node) -> bool | None:
    """RB.1.2: by measure (RB.1.2.a), else by rules (RB.1.2.b), else by default (RB.1.2.c)."""
    if node.primary.satisfied_by_measure:
        run.settle_measure(node, node.primary)
    else:
        # "not satisfied" first: what makes the activity satisfied wins
        if rollup_rule_check(run, node, "notSatisfied"):
            run.set_satisfied(node, node.primary, False)
        if rollup_rule_check(run, node, "satisfied"):
            run.set_satisfied(node, node.primary, True)
    return run.is_satisfied(node, node.primary)


@process("RB.1.3", "Activity Progress Rollup Process")
def activity_progress_rollup(run: Run, node: Node) -> bool | None:
    """RB.1.3: by measure (RB.1.3.a), else by rules (RB.1.3.b), else by default (RB.1.3.c)."""
    if node.threshold.by_measure:
        run.settle_amount(node)
    else:
        if rollup_rule_check(run, node, "incomplete"):
            run.set_completed(node, node.primary, False)
        if rollup_rule_check(run, node, "completed"):
            run.set_completed(node, node.primary, True)
    return run.is_completed(node, node.primary)


@process("RB.1.4", "Rollup Rule Check Subprocess")
def rollup_rule_check(run: Run, node: Node, action: str) -> bool:
    """RB.1.4: whether any rule with that action holds over the children that count for it."""
    family = SATISFACTION if action in SATISFACTION else COMPLETION
    rules: Iterable[RollupRule] = node.sequencing.rollup_rules
    if not any(rule.action in family for rule in rules):
        rules = [DEFAULT_RULES[action]]
    for rule in rules:
        if rule.action != action:
            continue
        # RB.1.4 step 2.1: the contributing children
        bag = [
            rollup_conditions(run, child, rule)
            for child in run.available(node)
            if child.sequencing.tracked and check_child_for_rollup(run, child, action)
        ]
        result = _holds(rule, bag)
        if run.trace is not None:
            conditions = [condition_words(condition) for condition in rule.conditions]
            run.note("RB.1.4 step 2", children=rule.child_set, conditions=conditions, values=bag, result=result)
        if result:
            return True
    return False


def _holds(rule: RollupRule, bag: list[bool | None]) -> bool:
    """RB.1.4 step 2.3. Where no child counts, "all" and "none" hold: no child contradicts them."""
    if rule.child_set == "all":
        return all(value is True for value in bag)
    if rule.child_set == "any":
        return True in bag
    if rule.child_set == "none":
        return all(value is False for value in bag)
    if rule.child_set == "atLeastCount":
        return bool(bag) and bag.count(True) >= rule.minimum_count
    return bool(bag) and bag.count(True) / len(bag) >= rule.minimum_percent


def rollup_conditions(run: Run, child: Node, rule: RollupRule) -> bool | None:
    """RB.1.4.1 Evaluate Rollup Conditions Subprocess."""
    values = [evaluate_condition(run, child, condition, in_rollup=True) for condition in rule.conditions]
    return combine(values, rule.combination)


def check_child_for_rollup(run: Run, child: Node, action: str) -> bool:
    """RB.1.4.2 Check Child for Rollup Subprocess: whether the child counts for a rule with that action."""
    sequencing = child.sequencing
    if action in SATISFACTION:
        counts = sequencing.rollup_objective_satisfied
        required = sequencing.required_for_satisfied if action == "satisfied" else sequencing.required_for_not_satisfied
    else:
        counts = sequencing.rollup_progress_completion
        required = sequencing.required_for_completed if action == "completed" else sequencing.required_for_incomplete
    if not counts or required == "always":
        return counts
    progress = run.progress(child)
    if required == "ifNotSuspended":
        return progress.attempts > 0 and not progress.suspended
    if required == "ifAttempted":
        return progress.attempts > 0
    return not sequencing_rules_check(run, child, ("skip",))  # ifNotSkipped
