"""What the player shows in a state: the activity delivered, the menu, and what each control would do."""

from collections.abc import Mapping

from ..structure import ActivityState, CourseStructure, Launch, Learner, MenuItem, Outcome, State
from . import runtime
from .sequencing.engine import LookAhead
from .sequencing.rollup import overall_rollup
from .sequencing.trace import EXCEPTIONS
from .sequencing.tracking import Node, Run
from .session import LEAVING, has_jump, open_run

REQUESTS = ("continue", "previous", *LEAVING)
NO_CHOICE = "NB.2.1-9"  # where only the course itself could be chosen the menu offers no choice
UNCONTROLLED = ("exitAll", "suspendAll")  # a session in which nothing is delivered can always be left


def launch(course: CourseStructure, state: State, learner: Learner, settings: Mapping[str, str]) -> Launch:
    """See `standards.registry.Standard`."""
    if state.ended:
        return Launch(ended=state.ended, message=state.message, outcome=state.outcome)
    run = open_run(course, state)
    run.trace = None
    node = run.tree.nodes.get(state.current)
    is_blind = settings.get("PlayerLookaheadSequencerMode") == "DISABLED"
    ahead: LookAhead | Blind
    if node is not None:
        # what would follow depends on what the SCO has reported so far
        held = state.activities.get(node.id, ActivityState())
        ahead = Blind() if is_blind else _look_ahead(course, state, node, held, settings)
    else:
        held, ahead = ActivityState(), Blind() if is_blind else LookAhead(run)
    refusals = {identifier: ahead.refusal("choice", identifier) for identifier in run.tree.nodes}
    root = run.tree.root.id
    alone = not any(not refusal for identifier, refusal in refusals.items() if identifier != root)
    shown = Launch(
        valid=_valid(run, ahead, refusals, has_jump(course)),
        menu=_menu(run, state, ahead, refusals | ({root: NO_CHOICE} if alone and not refusals[root] else {})),
        message=state.message,
        outcome=state.outcome,
        progress=_progress(course, state, settings),
    )
    return shown if node is None else _with_activity(shown, run, state, node, held, learner)


class Blind:
    """PlayerLookaheadSequencerMode DISABLED: nothing is worked out, all is offered, and may be refused when asked."""

    def refusal(self, request: str, target: str = "") -> str:
        return ""

    def is_hidden(self, node: Node) -> bool:
        return False


def _progress(course: CourseStructure, state: State, settings: Mapping[str, str]) -> float | None:
    """The progress measure of the whole, with what the current SCO has reported (SN RB.1.1 b)."""
    if settings.get("PlayerUseMeasureProgressBar") != "YES":
        return None
    run = open_run(course, state)
    run.trace = None
    node = run.tree.nodes.get(state.current)
    if node is not None:
        runtime.transfer(run, node, state.activities.get(node.id, ActivityState()).values, settings)
        overall_rollup(run, node)
    amount = run.read(run.tree.root, run.tree.root.primary, "progress")
    return None if amount is None else max(0.0, min(1.0, float(amount)))


def _look_ahead(
    course: CourseStructure, state: State, node: Node, held: ActivityState, settings: Mapping[str, str]
) -> LookAhead:
    run = open_run(course, state)
    run.trace = None
    node = run.tree.nodes[node.id]
    runtime.transfer(run, node, held.values, settings)
    run.progress(node).suspended = held.values.get(runtime.EXIT) == "suspend"
    return LookAhead(run)


def _with_activity(shown: Launch, run: Run, state: State, node: Node, held: ActivityState, learner: Learner) -> Launch:
    activity = node.activity
    resumed = bool(state.memory.get("resumed"))
    return Launch(
        activity=node.id,
        title=activity.title,
        kind=activity.kind,
        href=activity.href,
        api="scorm2004",  # for assets too: some are SCOs whose author forgot to say so
        values=runtime.initial_values(run, node, held, learner, resumed),
        valid=shown.valid,
        hidden=activity.hidden_controls,
        menu=shown.menu,
        message=shown.message,
        outcome=shown.outcome,
        progress=shown.progress,
        access=runtime.data_access(activity),
    )


def _valid(run: Run, ahead: LookAhead | Blind, refusals: Mapping[str, str], jumps: bool) -> dict[str, bool]:
    """adl.nav.request_valid and the controls (SN 5.6.5)."""
    valid = {request: not ahead.refusal(request) for request in REQUESTS}
    if run.current is None:
        valid |= dict.fromkeys(UNCONTROLLED, True)
    for identifier, refusal in refusals.items():
        valid[f"choice.{identifier}"] = not refusal
        valid[f"jump.{identifier}"] = jumps and not ahead.refusal("jump", identifier)
    return valid


def _menu(run: Run, state: State, ahead: LookAhead | Blind, refusals: Mapping[str, str]) -> tuple[MenuItem, ...]:
    """The tree as the learner sees it; what is hidden from choice is not listed at all."""
    items: list[MenuItem] = []
    for node in run.tree.nodes.values():
        if not node.activity.visible or ahead.is_hidden(node):
            continue
        outcome = state.activities[node.id].outcome if node.id in state.activities else Outcome()
        refusal = refusals[node.id]
        items.append(
            MenuItem(
                identifier=node.id,
                title=node.activity.title,
                depth=sum(1 for _ in node.ancestors()) - 1,
                enabled=not refusal,
                why_not=EXCEPTIONS[refusal] if refusal else "",
                current=node.id == state.current,
                launchable=node.is_leaf,
                completion=outcome.completion,
                success=outcome.success,
            )
        )
    return tuple(items)
