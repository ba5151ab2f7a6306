"""Delivery Behavior (SN DB)."""

from .trace import Refused, process
from .tracking import Node, Run, common_ancestor, path
from .utilities import check_activity, terminate_descendent_attempts


@process("DB.1.1", "Delivery Request Process")
def delivery_request(run: Run, node: Node) -> None:
    """DB.1.1: whether the activity can be delivered. Raises Refused."""
    if not node.is_leaf:  # DB.1.1 step 1
        raise Refused("DB.1.1-1")
    for above in path(run.tree.root, node):  # DB.1.1 steps 2 to 4
        if check_activity(run, above):
            raise Refused("DB.1.1-3")


@process("DB.2.1", "Clear Suspended Activity Subprocess")
def clear_suspended_activity(run: Run, node: Node) -> None:
    """DB.2.1: what was suspended and is not taken up again is suspended no longer."""
    suspended = run.suspended
    if suspended is None:
        return
    for above in path(common_ancestor(node, suspended), suspended)[::-1]:
        if above.is_leaf or not any(run.progress(child).suspended for child in run.available(above)):
            run.progress(above).suspended = False
    run.suspended = None


@process("DB.2", "Content Delivery Environment Process")
def content_delivery_environment(run: Run, node: Node) -> bool:
    """DB.2: the activity and all above it become active; returns whether the activity's attempt is a resumed one."""
    if run.current is not None and run.progress(run.current).active:  # DB.2 step 1
        raise Refused("DB.2-1")
    if node is not run.suspended:  # DB.2 step 2
        clear_suspended_activity(run, node)
    terminate_descendent_attempts(run, node)  # DB.2 step 3
    resumed = run.progress(node).suspended
    for above in path(run.tree.root, node):  # DB.2 steps 4 and 5
        progress = run.progress(above)
        if progress.active:
            continue
        if progress.suspended:
            progress.suspended = False
        else:
            begin_attempt(run, above)
        progress.active = True
    run.current, run.suspended = node, None  # DB.2 steps 6 and 7
    return resumed


def begin_attempt(run: Run, node: Node) -> None:
    """DB.2 step 5.1.1: a new attempt begins with nothing known of it."""
    progress = run.progress(node)
    if node.sequencing.tracked:
        progress.attempts += 1
        progress.began = progress.began or run.now
        progress.attempt_began, progress.attempt_ended, progress.attempt_seconds = run.now, "", 0.0
    progress.objectives = {}
    progress.stale_objectives = progress.stale_progress = False
    progress.success_by_content = progress.completion_by_content = False
    for child in run.available(node):
        mark_stale(
            run,
            child,
            node.sequencing.use_current_attempt_objective_info,
            node.sequencing.use_current_attempt_progress_info,
        )


def mark_stale(run: Run, node: Node, objectives: bool, completion: bool) -> None:
    """What is known of an activity from before its parent's current attempt no longer counts (SN 3.3.3, 3.3.4)."""
    if not (objectives or completion):
        return
    known = run.tracking.activities.get(node.id)
    if known is not None:
        known.stale_objectives |= objectives
        known.stale_progress |= completion
    for child in run.available(node):
        mark_stale(
            run,
            child,
            objectives and node.sequencing.use_current_attempt_objective_info,
            completion and node.sequencing.use_current_attempt_progress_info,
        )
