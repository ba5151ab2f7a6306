"""Selection and Randomization Behavior (SN SR)."""

from .trace import process
from .tracking import Node, Run


@process("SR.1", "Select Children Process")
def select_children(run: Run, node: Node) -> None:
    """SR.1: draw the children that take part; they keep their order."""
    sequencing, progress = node.sequencing, run.progress(node)
    if node.is_leaf or progress.active or progress.suspended:  # SR.1 steps 1 and 2
        return
    if not _is_due(run, node, sequencing.selection_timing) or sequencing.selection_count is None:
        return
    count = max(0, min(sequencing.selection_count, len(node.children)))
    drawn = set(run.draw().sample(range(len(node.children)), count))
    progress.available = [child.id for place, child in enumerate(node.children) if place in drawn]


@process("SR.2", "Randomize Children Process")
def randomize_children(run: Run, node: Node) -> None:
    """SR.2: put the available children in an order of chance."""
    sequencing, progress = node.sequencing, run.progress(node)
    if node.is_leaf or progress.active or progress.suspended:  # SR.2 steps 1 and 2
        return
    if not _is_due(run, node, sequencing.randomization_timing) or not sequencing.reorder_children:
        return
    order = [child.id for child in run.available(node)]
    run.draw().shuffle(order)
    progress.available = order


def _is_due(run: Run, node: Node, timing: str) -> bool:
    """`once` is before the first attempt; `onEachNewAttempt` before each one."""
    return timing == "onEachNewAttempt" or (timing == "once" and run.progress(node).attempts == 0)


def prepare_children(run: Run, node: Node) -> None:
    """Both processes, in their order."""
    select_children(run, node)
    randomize_children(run, node)
