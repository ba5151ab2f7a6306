"""Utility processes (SN UP); UP.2 is in `rules`."""

from .rollup import overall_rollup
from .rules import activity_time_limit_reached, attempt_limit_reached, outside_time_range, sequencing_rules_check
from .selection import prepare_children
from .trace import process
from .tracking import Node, Run, common_ancestor, path


@process("UP.1", "Limit Conditions Check Process")
def limit_conditions_check(run: Run, node: Node) -> bool:
    """UP.1: whether a limit condition of the activity is violated."""
    progress = run.progress(node)
    if not node.sequencing.tracked:  # UP.1 step 1
        return False
    if progress.active or progress.suspended:  # UP.1 step 2: only a new attempt is limited
        return False
    if attempt_limit_reached(run, node) or outside_time_range(run, node):
        return True
    return activity_time_limit_reached(run, node)  # those of an attempt limit no attempt that has not begun


@process("UP.3", "Terminate Descendent Attempts Process")
def terminate_descendent_attempts(run: Run, node: Node) -> None:
    """UP.3: end the attempts between the current activity and what it has in common with another one."""
    current = run.current
    if current is None:
        return
    common = common_ancestor(current, node)
    for ended in path(common, current)[::-1][1:-1]:  # UP.3 steps 2 and 3: neither end of the path
        end_attempt(run, ended)


@process("UP.4", "End Attempt Process")
def end_attempt(run: Run, node: Node) -> None:
    """UP.4: the attempt ends; what the content left open is decided, a cluster learns whether it is suspended."""
    progress, sequencing = run.progress(node), node.sequencing
    if node.is_leaf:  # UP.4 step 1
        if sequencing.tracked and not progress.suspended:
            _complete(run, node)
            _satisfy(run, node)
    else:  # UP.4 step 2
        progress.suspended = any(run.progress(child).suspended for child in run.available(node))
    progress.active = False  # UP.4 step 3
    progress.attempt_ended = "" if progress.suspended else run.now
    run.settle_measure(node, node.primary)
    overall_rollup(run, node)  # UP.4 step 4
    if not node.is_leaf and not progress.suspended:
        _prepare_next_attempt(run, node)


def _complete(run: Run, node: Node) -> None:
    if node.sequencing.completion_set_by_content or run.progress(node).completion_by_content:
        return
    if run.is_completed(node, node.primary) is None:  # UP.4 step 1.1.1.1
        run.set_completed(node, node.primary, True)


def _satisfy(run: Run, node: Node) -> None:
    if node.sequencing.objective_set_by_content or run.progress(node).success_by_content:
        return
    if run.is_satisfied(node, node.primary) is None:  # UP.4 step 1.1.1.2
        run.set_satisfied(node, node.primary, True)


def _prepare_next_attempt(run: Run, node: Node) -> None:
    """Selection and randomisation on each new attempt happen when the attempt before it has ended (SN 4.7)."""
    if "onEachNewAttempt" in (node.sequencing.selection_timing, node.sequencing.randomization_timing):
        prepare_children(run, node)


@process("UP.5", "Check Activity Process")
def check_activity(run: Run, node: Node) -> bool:
    """UP.5: whether the activity is disabled or beyond a limit."""
    return bool(sequencing_rules_check(run, node, ("disabled",))) or limit_conditions_check(run, node)
