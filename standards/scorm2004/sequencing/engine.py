"""The Overall Sequencing Process (SN OP.1), and looking ahead with it.

`sequence` is pure: (tree, tracking, request) -> (next tracking, result, trace).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .delivery import content_delivery_environment, delivery_request
from .navigation import Requests, navigation_request
from .selection import prepare_children
from .sequencing_requests import Sequenced, check_offered, sequencing_request
from .termination import termination_request
from .trace import EXCEPTIONS, Refused, process
from .tracking import Node, Run, Tracking, Tree
from .utilities import check_activity

# requests that are valid when NB.2.1 says so: the course may end with "continue", and a rule may decide what follows
IN_ANY_CASE = ("continue", "exit", "exitAll", "suspendAll", "abandon", "abandonAll")


@dataclass(frozen=True)
class Result:
    """What a navigation request came to."""

    delivered: str = ""  # activity identifier
    resumed: bool = False  # the delivered activity's attempt was suspended before
    end_session: bool = False
    refused: bool = False  # the request was not valid: nothing has changed
    exception: str = ""  # the book's code

    @property
    def words(self) -> str:
        return EXCEPTIONS.get(self.exception, "")


def sequence(
    tree: Tree, tracking: Mapping[str, Any], request: str, target: str = "", now: str = "", seed: str = ""
) -> tuple[dict[str, Any], Result, list[dict[str, Any]]]:
    """The tracking after a navigation request, what it came to, and how that was decided."""
    run = Run(tree, Tracking.from_json(tracking), now, [])
    run.tracking.seed = run.tracking.seed or seed
    result = overall_sequencing(run, request, target)
    return run.tracking.to_json(), result, run.trace or []


@process("OP.1", "Overall Sequencing Process")
def overall_sequencing(run: Run, request: str, target: str = "") -> Result:
    """OP.1 for one navigation request; never raises."""
    begin_session(run)
    try:
        wanted = navigation_request(run, request, target)  # OP.1 step 1.1
    except Refused as refusal:
        return Result(refused=True, exception=refusal.code)
    try:
        return _carry_out(run, wanted)
    except Refused as refusal:
        return Result(exception=refusal.code)


def begin_session(run: Run) -> None:
    """Before the first attempt children are selected and put in order (SN 4.7)."""
    if run.current is None and run.suspended is None:
        for node in run.tree.nodes.values():
            if {node.sequencing.selection_timing, node.sequencing.randomization_timing} != {"never"}:
                progress = run.progress(node)
                if progress.available is None:
                    prepare_children(run, node)


def _carry_out(run: Run, wanted: Requests) -> Result:
    sequencing, target = wanted.sequencing, wanted.target
    if wanted.termination:  # OP.1 step 1.2
        # what a rule asks for on the way out takes the place of what was requested
        sequencing = termination_request(run, wanted.termination) or sequencing
        if run.current is run.tree.root and sequencing == "retry":
            end_experience(run)
    found = sequencing_request(run, sequencing, target)  # OP.1 step 1.3
    if found.end_session:
        run.current = None
        return Result(end_session=True)
    if found.delivery is None:
        return Result()
    delivery_request(run, found.delivery)  # OP.1 step 1.4
    resumed = content_delivery_environment(run, found.delivery)  # OP.1 step 1.5
    return Result(found.delivery.id, resumed)


def end_experience(run: Run) -> None:
    """What is shared for one experience of the course ends with the attempt on it (CAM 3.4.1.5).

    Whoever ends the session does so last: what activities came to is still read through what they share.
    """
    if not run.progress(run.tree.root).suspended:
        run.tracking.objectives.clear()
        run.tracking.data.clear()


# --- looking ahead ----------------------------------------------------------------------------------------------------


class LookAhead:
    """What each request would come to in a state, found by running the processes on a copy of it."""

    def __init__(self, run: Run) -> None:
        begin_session(run)
        self.run = run
        self.left = Run(
            run.tree, run.tracking.copy(), run.now, run.trace, tentative=True
        )  # after the current activity has ended
        self.instead = ""  # sequencing request that a rule puts in the place of any other
        self.trouble = ""
        current = run.current
        if current is not None and run.progress(current).active:
            try:
                self.instead = termination_request(self.left, "exit")
            except Refused as refusal:
                self.trouble = refusal.code
        self.left.offered = {}
        self.blocked: dict[Node, bool] = {}

    def refusal(self, request: str, target: str = "") -> str:
        """Why a request would not be carried out: the book's exception, "" when it would."""
        try:
            wanted = navigation_request(self.run, request, target)
            if request in IN_ANY_CASE:
                return ""
            if self.trouble:
                return self.trouble
            self._deliverable(sequencing_request(self.left, self.instead or wanted.sequencing, wanted.target))
        except Refused as refusal:
            return refusal.code
        return ""

    def _deliverable(self, found: Sequenced) -> None:
        if found.delivery is None:
            return
        if self.left.trace is not None or not found.delivery.is_leaf:
            delivery_request(self.left, found.delivery)
        elif self._is_blocked(found.delivery):
            raise Refused("DB.1.1-3")

    def _is_blocked(self, node: Node) -> bool:
        """DB.1.1 steps 2 to 4 for every activity of a tree at once: each is checked once."""
        found = self.blocked.get(node)
        if found is None:
            above = node.parent is not None and self._is_blocked(node.parent)
            found = self.blocked[node] = above or check_activity(self.left, node)
        return found

    def is_hidden(self, node: Node) -> bool:
        """Whether choice must not offer the activity at all (SB.2.9 steps 2 and 3)."""
        try:
            check_offered(self.left, node)
        except Refused:
            return True
        return False
