"""Navigation Behavior (SN NB)."""

from dataclasses import dataclass

from .trace import Refused, process
from .tracking import Node, Run, common_ancestor, path

UNSUPPORTED = ("forward", "backward")


@dataclass(frozen=True)
class Requests:
    """What a navigation request means: the termination and sequencing requests it leads to, "" for none."""

    termination: str
    sequencing: str
    target: Node | None = None


@process("NB.2.1", "Navigation Request Process")
def navigation_request(run: Run, request: str, target: str = "") -> Requests:
    """NB.2.1: translate a navigation request. Raises Refused where it is not valid now."""
    if request == "start":  # NB.2.1 step 1
        return _start(run)
    if request == "resumeAll":  # NB.2.1 step 2
        return _resume_all(run)
    if request in ("continue", "previous"):  # NB.2.1 steps 3 and 4
        return _flow(run, request)
    if request in UNSUPPORTED:  # NB.2.1 steps 5 and 6
        raise Refused("NB.2.1-7")
    if request == "choice":  # NB.2.1 step 7
        return _choice(run, run.tree.nodes.get(target))
    if request in ("exit", "abandon"):  # NB.2.1 steps 8 and 10
        if not run.progress(_current(run)).active:
            raise Refused("NB.2.1-12")
        return Requests(request, "exit")
    if request in ("exitAll", "abandonAll", "suspendAll"):  # NB.2.1 steps 9, 11 and 12
        _current(run)
        return Requests(request, "exit")
    if request == "jump":
        return _jump(run, run.tree.nodes.get(target))
    raise Refused("NB.2.1-13")


def _current(run: Run) -> Node:
    if run.current is None:
        raise Refused("NB.2.1-2")
    return run.current


def _leaving(run: Run) -> str:
    """The termination request that leaving the current activity takes."""
    return "exit" if run.current is not None and run.progress(run.current).active else ""


def _start(run: Run) -> Requests:
    if run.current is not None:
        raise Refused("NB.2.1-1")
    return Requests("", "start")


def _resume_all(run: Run) -> Requests:
    if run.current is not None:
        raise Refused("NB.2.1-1")
    if run.suspended is None:
        raise Refused("NB.2.1-3")
    return Requests("", "resumeAll")


def _flow(run: Run, request: str) -> Requests:
    current = _current(run)
    if current.parent is None:
        raise Refused("NB.2.1-4" if request == "continue" else "NB.2.1-6")
    mode = current.parent.sequencing
    if request == "continue" and not mode.flow:
        raise Refused("NB.2.1-4")
    if request == "previous" and (not mode.flow or mode.forward_only):
        raise Refused("NB.2.1-5")
    return Requests(_leaving(run), request)


def _choice(run: Run, target: Node | None) -> Requests:
    if target is None:
        raise Refused("NB.2.1-11")
    if target.parent is not None and not target.parent.sequencing.choice:
        raise Refused("NB.2.1-10")
    current = run.current
    if current is None:
        return Requests("", "choice", target)
    _check_choice_exit(run, current, target)
    return Requests(_leaving(run), "choice", target)


def _check_choice_exit(run: Run, current: Node, target: Node) -> None:
    """Every active activity that choosing would leave must allow it."""
    common = current.parent if current is target else common_ancestor(current, target)
    for node in path(common or current, current)[1:]:
        if run.progress(node).active and not node.sequencing.choice_exit:
            run.note("NB.2.1 step 7", choice_exit_off=node)
            raise Refused("NB.2.1-8")


def _jump(run: Run, target: Node | None) -> Requests:
    _current(run)
    if target is None or (target.parent is not None and target not in run.available(target.parent)):
        raise Refused("NB.2.1-11")
    return Requests(_leaving(run), "jump", target)
