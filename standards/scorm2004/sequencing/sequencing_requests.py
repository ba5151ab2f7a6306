"""Sequencing Behavior (SN SB): flow, choice, and one process for each sequencing request."""

from dataclasses import dataclass

from .rules import sequencing_rules_check
from .trace import Refused, process
from .tracking import Node, Run, common_ancestor, is_within, path
from .utilities import check_activity, end_attempt, terminate_descendent_attempts

FORWARD, BACKWARD = "forward", "backward"


@dataclass(frozen=True)
class Step:
    """What SB.2.1 found: the next activity, in which direction, or why there is none."""

    node: Node | None
    direction: str = ""
    exception: str = ""
    end_session: bool = False


@dataclass(frozen=True)
class Flow:
    """What SB.2.2 and SB.2.3 found: where traversal came to, and whether that can be delivered."""

    node: Node
    deliverable: bool
    exception: str = ""
    end_session: bool = False


@dataclass(frozen=True)
class Sequenced:
    """What a sequencing request came to: an activity to deliver, the end of the session, or neither."""

    delivery: Node | None = None
    end_session: bool = False


# --- flow -------------------------------------------------------------------------------------------------------------


@process("SB.2.1", "Flow Tree Traversal Subprocess")
def flow_tree_traversal(
    run: Run, node: Node, direction: str, consider_children: bool, previous_direction: str = ""
) -> Step:
    """SB.2.1: the activity next to one in the tree, children first when they are to be considered."""
    parent = node.parent
    reversed_direction = False
    if previous_direction == BACKWARD and parent and run.available(parent)[-1:] == [node]:  # SB.2.1 step 2
        direction, node, reversed_direction = BACKWARD, run.available(parent)[0], True
    children = run.available(node)
    if direction == FORWARD:  # SB.2.1 step 3
        if (parent is None and not consider_children) or (_is_last(run, node) and not (consider_children and children)):
            _end_course(run)
            return Step(None, end_session=True)
        if node.is_leaf or not consider_children:  # SB.2.1 step 3.2
            following = _sibling(run, node, 1)
            if following is None:
                return flow_tree_traversal(run, _parent(node), FORWARD, False)
            return Step(following, direction)
        return Step(children[0], direction) if children else Step(None, exception="SB.2.1-2")
    if parent is None:  # SB.2.1 step 4.1
        return Step(None, exception="SB.2.1-3")
    if node.is_leaf or not consider_children:  # SB.2.1 step 4.2
        if not reversed_direction and parent.sequencing.forward_only:
            return Step(None, exception="SB.2.1-4")
        before = _sibling(run, node, -1)
        if before is None:
            return flow_tree_traversal(run, parent, BACKWARD, False)
        return Step(before, direction)
    if not children:
        return Step(None, exception="SB.2.1-2")
    # SB.2.1 step 4.3: a forward-only cluster is entered at its beginning, even backwards
    return Step(children[0], FORWARD) if node.sequencing.forward_only else Step(children[-1], BACKWARD)


def _parent(node: Node) -> Node:
    if node.parent is None:
        raise Refused("SB.2.1-1")
    return node.parent


def _sibling(run: Run, node: Node, offset: int) -> Node | None:
    siblings = run.available(_parent(node))
    if node not in siblings:
        return None
    place = siblings.index(node) + offset
    return siblings[place] if 0 <= place < len(siblings) else None


def _is_last(run: Run, node: Node) -> bool:
    """Whether nothing available follows the activity, its own descendants aside, in a forward walk of the tree."""
    return all(above.parent is None or run.available(above.parent)[-1:] == [above] for above in node.ancestors())


def _end_course(run: Run) -> None:
    """SB.2.1 step 3.1.1: walking off the end of the tree ends the attempt on the course."""
    if not run.tentative and run.current is not None:
        terminate_descendent_attempts(run, run.tree.root)
        if run.progress(run.tree.root).active:
            end_attempt(run, run.tree.root)


@process("SB.2.2", "Flow Activity Traversal Subprocess")
def flow_activity_traversal(run: Run, node: Node, direction: str) -> Flow:
    """SB.2.2: whether an activity, or what follows it when it is skipped or a cluster, can be delivered.

    Where the book applies the process to the next activity this goes on in a loop: a thousand may be skipped.
    """
    considered, previous_direction = node, ""
    while True:
        found = _consider(run, considered, direction, previous_direction)
        if isinstance(found, Flow):
            return found
        considered, direction, previous_direction = found


@process("SB.2.2", "Consider One Activity")
def _consider(run: Run, node: Node, direction: str, previous_direction: str) -> "Flow | tuple[Node, str, str]":
    """One activity of SB.2.2: where the traversal ends, or what it goes on with."""
    if node.parent is not None and not node.parent.sequencing.flow:  # SB.2.2 step 1
        return Flow(node, False, "SB.2.2-1")
    if sequencing_rules_check(run, node, ("skip",)):  # SB.2.2 step 2
        step = flow_tree_traversal(run, node, direction, False, previous_direction)
        if step.node is None:
            return Flow(node, False, step.exception, step.end_session)
        if previous_direction == BACKWARD and step.direction == BACKWARD:
            return step.node, step.direction, ""
        return step.node, direction, previous_direction
    if check_activity(run, node):  # SB.2.2 steps 3 and 4
        return Flow(node, False, "SB.2.2-2")
    if node.is_leaf:  # SB.2.2 step 6
        return Flow(node, True)
    step = flow_tree_traversal(run, node, direction, True)  # SB.2.2 step 5
    if step.node is None:
        return Flow(node, False, step.exception, step.end_session)
    if direction == BACKWARD and step.direction == FORWARD:
        return step.node, FORWARD, BACKWARD
    return step.node, direction, ""


@process("SB.2.3", "Flow Subprocess")
def flow(run: Run, node: Node, direction: str, consider_children: bool) -> Flow:
    """SB.2.3: the activity that flow leads to."""
    step = flow_tree_traversal(run, node, direction, consider_children)
    if step.node is None:
        return Flow(node, False, step.exception, step.end_session)
    return flow_activity_traversal(run, step.node, direction)


def _delivered(found: Flow, exception: str) -> Sequenced:
    if found.deliverable:
        return Sequenced(found.node)
    if found.end_session:
        return Sequenced(end_session=True)
    raise Refused(found.exception or exception)


# --- start, resume, continue, previous --------------------------------------------------------------------------------


@process("SB.2.5", "Start Sequencing Request Process")
def start(run: Run) -> Sequenced:
    """SB.2.5: begin at the root."""
    if run.current is not None:  # SB.2.5 step 1
        raise Refused("SB.2.5-1")
    if run.tree.root.is_leaf:  # SB.2.5 step 2
        return Sequenced(run.tree.root)
    return _delivered(flow(run, run.tree.root, FORWARD, True), "SB.2.5-3")


@process("SB.2.6", "Resume All Sequencing Request Process")
def resume_all(run: Run) -> Sequenced:
    """SB.2.6: take up the suspended activity."""
    if run.current is not None:
        raise Refused("SB.2.6-1")
    if run.suspended is None:
        raise Refused("SB.2.6-2")
    return Sequenced(run.suspended)


@process("SB.2.7", "Continue Sequencing Request Process")
def continue_(run: Run) -> Sequenced:
    """SB.2.7: flow forward from the current activity."""
    current = run.current
    if current is None:
        raise Refused("SB.2.7-1")
    if current.parent is not None and not current.parent.sequencing.flow:
        raise Refused("SB.2.7-2")
    return _delivered(flow(run, current, FORWARD, False), "SB.2.1-1")


@process("SB.2.8", "Previous Sequencing Request Process")
def previous(run: Run) -> Sequenced:
    """SB.2.8: flow backward from the current activity."""
    current = run.current
    if current is None:
        raise Refused("SB.2.8-1")
    if current.parent is not None and not current.parent.sequencing.flow:
        raise Refused("SB.2.8-2")
    return _delivered(flow(run, current, BACKWARD, False), "SB.2.1-3")


# --- choice -----------------------------------------------------------------------------------------------------------


@process("SB.2.4", "Choice Activity Traversal Subprocess")
def choice_activity_traversal(run: Run, node: Node, direction: str) -> None:
    """SB.2.4: whether choice may pass an activity. Raises Refused."""
    if direction == FORWARD:  # SB.2.4 step 1
        if sequencing_rules_check(run, node, ("stopForwardTraversal",)):
            raise Refused("SB.2.4-1")
    elif node.parent is None:  # SB.2.4 step 2
        raise Refused("SB.2.4-3")
    elif node.parent.sequencing.forward_only:
        raise Refused("SB.2.4-2")


@process("SB.2.9", "Choice Sequencing Request Process")
def choice(run: Run, target: Node | None) -> Sequenced:
    """SB.2.9: go to the activity chosen, or into the cluster chosen."""
    if target is None:  # SB.2.9 step 1
        raise Refused("SB.2.9-1")
    check_offered(run, target)
    if target.parent is not None and not target.parent.sequencing.choice:  # SB.2.9 step 4
        raise Refused("SB.2.9-4")
    current = run.current
    common = run.tree.root if current is None else common_ancestor(current, target)  # SB.2.9 steps 5 and 6
    if current is target:  # SB.2.9 step 7
        pass
    elif current is not None and current.parent is not None and current.parent is target.parent:
        _check_siblings(run, current, target)
    elif current is None or current is common:
        _check_way_down(run, common, target)
    elif target is common:
        _check_way_up(run, path(target, current)[1:])
    else:
        _check_branches(run, current, common, target)
    if target.is_leaf:  # SB.2.9 step 12
        return Sequenced(target)
    found = flow(run, target, FORWARD, True)  # SB.2.9 step 13
    if found.deliverable:
        return Sequenced(found.node)
    if not run.tentative:
        terminate_descendent_attempts(run, common)
        end_attempt(run, common)
        run.current = target
    raise Refused("SB.2.9-9")


def check_offered(run: Run, target: Node) -> None:
    """SB.2.9 steps 2 and 3: the activity and all above it are available and not hidden from choice. Raises Refused."""
    if run.offered is not None and run.trace is None:
        if refusal := _offer_refusal(run, run.offered, target):
            raise Refused(refusal)
        return
    for node in path(run.tree.root, target):
        if refusal := _own_offer_refusal(run, node):
            raise Refused(refusal)


def _offer_refusal(run: Run, known: dict[Node, str], node: Node) -> str:
    """The same for every activity of a tree at once: what is found of a parent holds for all below it."""
    found = known.get(node)
    if found is None:
        above = _offer_refusal(run, known, node.parent) if node.parent is not None else ""
        found = known[node] = above or _own_offer_refusal(run, node)
    return found


def _own_offer_refusal(run: Run, node: Node) -> str:
    if node.parent is not None and node not in run.available(node.parent):
        return "SB.2.9-2"
    if sequencing_rules_check(run, node, ("hiddenFromChoice",)):
        run.note("SB.2.9 step 3", hidden=node)
        return "SB.2.9-3"
    return ""


def _check_siblings(run: Run, current: Node, target: Node) -> None:
    """SB.2.9 step 8: everything from the current activity up to the target lets choice pass."""
    siblings = run.available(_parent(target))
    if current not in siblings:
        raise Refused("SB.2.9-5")
    here, there = siblings.index(current), siblings.index(target)
    if here < there:
        for node in siblings[here:there]:
            if node.sequencing.pre_conditions:  # else nothing can stop it, and there may be a thousand of them
                choice_activity_traversal(run, node, FORWARD)
    elif here > there:
        choice_activity_traversal(run, current, BACKWARD)  # what decides is their parent's


def _check_way_down(run: Run, common: Node, target: Node) -> None:
    """SB.2.9 step 9: from the common ancestor down to the target."""
    way = path(common, target)[:-1]
    if not way and target is not common:
        raise Refused("SB.2.9-5")
    for node in way:
        choice_activity_traversal(run, node, FORWARD)
        _check_activation(run, node, common)


def _check_activation(run: Run, node: Node, common: Node) -> None:
    if node is not common and not run.progress(node).active and node.sequencing.prevent_activation:
        run.note("SB.2.9 steps 9 and 11", prevents_activation=node)
        raise Refused("SB.2.9-6")


def _check_way_up(run: Run, way: list[Node]) -> None:
    """SB.2.9 step 10: everything that is left allows it. `way` is what lies below the target."""
    for node in way:
        if not node.sequencing.choice_exit:
            run.note("SB.2.9 steps 10 and 11", choice_exit_off=node)
            raise Refused("SB.2.9-7")


def _check_branches(run: Run, current: Node, common: Node, target: Node) -> None:
    """SB.2.9 step 11: up from the current activity, then down another branch."""
    constrained: Node | None = None
    for node in path(common, current)[:0:-1]:  # SB.2.9 steps 11.1 to 11.3: without the common ancestor
        if not node.sequencing.choice_exit:
            run.note("SB.2.9 steps 10 and 11", choice_exit_off=node)
            raise Refused("SB.2.9-7")
        if constrained is None and node.sequencing.constrain_choice and not node.is_leaf:
            constrained = node
    forward = _is_after(run, target, current)
    if constrained is not None:  # SB.2.9 step 11.4
        considered = choice_flow(run, constrained, FORWARD if _is_after(run, target, constrained) else BACKWARD)
        if not is_within(target, considered) and target is not constrained:
            run.note("SB.2.9 step 11.5", constrained=constrained, offers_only=considered)
            raise Refused("SB.2.9-8")
    for node in path(common, target)[:-1]:  # SB.2.9 steps 11.5 to 11.7
        if forward:
            choice_activity_traversal(run, node, FORWARD)
        _check_activation(run, node, common)


def _is_after(run: Run, target: Node, node: Node) -> bool:
    """Whether an activity on another branch comes later in the tree."""
    common = common_ancestor(target, node)
    branches = run.available(common)
    places = [branches.index(branch) if branch in branches else -1 for branch in _branches(common, target, node)]
    return places[0] > places[1]


def _branches(common: Node, *nodes: Node) -> list[Node]:
    """The children of an ancestor that lead to each of the activities."""
    return [path(common, node)[1] for node in nodes]


@process("SB.2.9.1", "Choice Flow Subprocess")
def choice_flow(run: Run, node: Node, direction: str) -> Node:
    """SB.2.9.1: the activity logically next to a constrained one."""
    return choice_flow_tree_traversal(run, node, direction) or node


@process("SB.2.9.2", "Choice Flow Tree Traversal Subprocess")
def choice_flow_tree_traversal(run: Run, node: Node, direction: str) -> Node | None:
    """SB.2.9.2: the sibling in that direction, else the parent's, and so on."""
    if node.parent is None or (direction == FORWARD and _is_last(run, node)):
        return None
    return _sibling(run, node, 1 if direction == FORWARD else -1) or choice_flow_tree_traversal(
        run, node.parent, direction
    )


# --- retry, exit, jump ------------------------------------------------------------------------------------------------


@process("SB.2.10", "Retry Sequencing Request Process")
def retry(run: Run) -> Sequenced:
    """SB.2.10: another attempt on the current activity."""
    current = run.current
    if current is None:
        raise Refused("SB.2.10-1")
    if run.progress(current).active or run.progress(current).suspended:
        raise Refused("SB.2.10-2")
    if current.is_leaf:
        return Sequenced(current)
    found = flow(run, current, FORWARD, True)
    if not found.deliverable:
        raise Refused("SB.2.10-3")
    return Sequenced(found.node)


@process("SB.2.11", "Exit Sequencing Request Process")
def exit_(run: Run) -> Sequenced:
    """SB.2.11: the session ends when it is the root that was left."""
    current = run.current
    if current is None:
        raise Refused("SB.2.11-1")
    if run.progress(current).active:
        raise Refused("SB.2.11-2")
    return Sequenced(end_session=current.parent is None)


@process("SB.2.13", "Jump Sequencing Request Process")
def jump(run: Run, target: Node | None) -> Sequenced:
    """SB.2.13: go to the activity, whatever the control modes say (4th Ed.)."""
    if run.current is None:
        raise Refused("SB.2.13-1")
    if target is None:
        raise Refused("SB.2.13-2")
    return Sequenced(target)


@process("SB.2.12", "Sequencing Request Process")
def sequencing_request(run: Run, request: str, target: Node | None = None) -> Sequenced:
    """SB.2.12: dispatch. Raises Refused where the request leads nowhere."""
    if request == "choice":
        return choice(run, target)
    if request == "jump":
        return jump(run, target)
    handlers = {
        "start": start,
        "resumeAll": resume_all,
        "continue": continue_,
        "previous": previous,
        "retry": retry,
        "exit": exit_,
    }
    if request not in handlers:
        raise Refused("SB.2.12-1")
    return handlers[request](run)
