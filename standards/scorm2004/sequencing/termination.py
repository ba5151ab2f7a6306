"""Termination Behavior (SN TB)."""

from .rollup import overall_rollup
from .rules import POST, sequencing_rules_check
from .trace import Refused, process
from .tracking import Node, Run, path
from .utilities import end_attempt, terminate_descendent_attempts


@process("TB.2.1", "Sequencing Exit Action Rules Subprocess")
def sequencing_exit_action_rules(run: Run) -> None:
    """TB.2.1: the highest ancestor whose exit rule holds ends, and becomes the current activity."""
    current = _current(run)
    for node in path(run.tree.root, current)[:-1]:  # TB.2.1 steps 1 to 3: from the root to the parent
        if sequencing_rules_check(run, node, ("exit",)):
            terminate_descendent_attempts(run, node)  # TB.2.1 step 4
            end_attempt(run, node)
            run.current = node
            return


@process("TB.2.2", "Sequencing Post Condition Rules Subprocess")
def sequencing_post_condition_rules(run: Run) -> tuple[str, str]:
    """TB.2.2: the termination request and the sequencing request the current activity's rules ask for."""
    current = _current(run)
    if run.progress(current).suspended:  # TB.2.2 step 1
        return "", ""
    action = sequencing_rules_check(run, current, POST)
    if action in ("retry", "continue", "previous"):
        return "", action
    if action in ("exitParent", "exitAll"):
        return action, ""
    if action == "retryAll":
        return "exitAll", "retry"
    return "", ""


@process("TB.2.3", "Termination Request Process")
def termination_request(run: Run, request: str) -> str:
    """TB.2.3: carry out a termination request; returns the sequencing request it leads to, "" for none.

    Raises Refused where the request cannot be carried out.
    """
    if run.current is None:  # TB.2.3 step 1
        raise Refused("TB.2.3-1")
    if request in ("exit", "abandon") and not run.progress(run.current).active:  # TB.2.3 step 2
        raise Refused("TB.2.3-2")
    if request == "exit":
        return _exit(run)
    if request == "exitAll":
        return _exit_all(run, "")
    if request == "suspendAll":
        return _suspend_all(run)
    if request == "abandon":  # TB.2.3 step 6
        run.progress(run.current).active = False
        return ""
    if request == "abandonAll":
        return _abandon_all(run)
    raise Refused("TB.2.3-7")


def _current(run: Run) -> Node:
    if run.current is None:
        raise Refused("TB.2.3-1")
    return run.current


def _exit(run: Run) -> str:
    """TB.2.3 step 3."""
    end_attempt(run, _current(run))
    sequencing_exit_action_rules(run)
    while True:  # TB.2.3 step 3.3
        termination, sequencing = sequencing_post_condition_rules(run)
        current = _current(run)
        if termination == "exitAll":
            return _exit_all(run, sequencing)
        if termination != "exitParent":
            # leaving the root is leaving the course, unless it is to be tried again
            return sequencing if current.parent is not None or sequencing == "retry" else "exit"
        if current.parent is None:
            raise Refused("TB.2.3-4")
        run.current = current.parent
        end_attempt(run, current.parent)


def _exit_all(run: Run, sequencing: str) -> str:
    """TB.2.3 step 4: the attempt on the whole course ends; only a retry survives it."""
    current = _current(run)
    if run.progress(current).active:
        end_attempt(run, current)
    terminate_descendent_attempts(run, run.tree.root)
    end_attempt(run, run.tree.root)
    run.current = run.tree.root
    return sequencing or "exit"


def _suspend_all(run: Run) -> str:
    """TB.2.3 step 5."""
    current = _current(run)
    progress = run.progress(current)
    if progress.active or progress.suspended:
        overall_rollup(run, current)
        run.suspended = current
    elif current.parent is not None:
        run.suspended = current.parent
    else:
        raise Refused("TB.2.3-3")
    suspended = run.suspended
    if suspended is None:
        raise Refused("TB.2.3-5")
    for node in suspended.ancestors():
        run.progress(node).active = False
        run.progress(node).suspended = True
    run.current = run.tree.root
    return "exit"


def _abandon_all(run: Run) -> str:
    """TB.2.3 step 7."""
    for node in _current(run).ancestors():
        run.progress(node).active = False
    run.current = run.tree.root
    return "exit"
