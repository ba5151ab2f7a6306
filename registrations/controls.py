"""Which of the player's controls a learner is offered, whatever the standard: navigation settings over a launch.

What content may ask for itself (`Launch.valid`) stays as the standard says.
"""

from collections.abc import Mapping
from dataclasses import replace

from standards.structure import Launch, MenuItem, Request, State
from standards.words import to_learner

Settings = Mapping[str, str]
NO_CHOICE = to_learner("Activities cannot be chosen in the menu of this course.")
NO_ROOT = to_learner("The course itself cannot be chosen in its menu.")
TIME_IS_UP = to_learner("The time allowed for this course is used up. What you did is saved.")
_OFF = {  # setting -> the controls it takes away where it is NO
    "PlayerShowFinishButton": ("exitAll", "suspendAll", "abandonAll"),
    "PlayerShowCloseItem": ("exit", "abandon"),
    "PlayerEnableFlowNav": ("continue", "previous"),
}
_LEAVING = {"SUSPEND_ALL": ("exitAll", "abandonAll"), "EXIT_ALL": ("suspendAll",), "LEGACY": ("suspendAll",)}


def offered(launch: Launch, settings: Settings, root: str = "") -> Launch:
    """The launch with the controls and the menu that settings leave; `root` is the course's own activity."""
    away = [control for name, controls in _OFF.items() if settings.get(name) == "NO" for control in controls]
    if launch.activity:
        away += _LEAVING.get(settings.get("PlayerReturnToLmsAction", ""), ())
    return replace(launch, hidden=(*launch.hidden, *away), menu=_menu(launch.menu, settings, root))


def _menu(items: tuple[MenuItem, ...], settings: Settings, root: str) -> tuple[MenuItem, ...]:
    if settings.get("PlayerEnableChoiceNav") == "NO":
        return tuple(replace(item, enabled=False, why_not=NO_CHOICE) for item in items)
    if settings.get("PlayerForceDisableRootChoice") == "YES":
        items = tuple(_without_choice(item) if item.identifier == root else item for item in items)
    action = settings.get("PlayerInvalidMenuItemAction")
    if action == "SHOW":
        return tuple(replace(item, enabled=True) if item.launchable else item for item in items)
    return _without_invalid(items) if action == "HIDE" else items


def _without_choice(item: MenuItem) -> MenuItem:
    return replace(item, enabled=False, why_not=item.why_not or NO_ROOT)


def _without_invalid(items: tuple[MenuItem, ...]) -> tuple[MenuItem, ...]:
    """What can be chosen or is shown now, and the clusters above it."""
    kept: list[MenuItem] = []
    depth_above = -1  # clusters less deep than this have something below them
    for item in reversed(items):
        is_above = item.depth < depth_above
        if item.enabled or item.current or is_above:
            kept.append(item)
            depth_above = item.depth
    return tuple(reversed(kept))


def refusal(request: Request, settings: Settings) -> str:
    """Why a learner's request is not taken, "" where it is: what is not offered cannot be asked for either."""
    if not request.by_learner:
        return ""
    if request.name == "choice" and settings.get("PlayerEnableChoiceNav") == "NO":
        return NO_CHOICE
    if request.name in ("continue", "previous") and settings.get("PlayerEnableFlowNav") == "NO":
        return to_learner("This course is gone through by its own controls.")
    return ""


def meant(request: Request, state: State, settings: Settings) -> Request:
    """The learner's way to leave as PlayerReturnToLmsAction has it."""
    action = settings.get("PlayerReturnToLmsAction")
    if not request.by_learner or request.name not in ("exitAll", "suspendAll") or not state.current:
        return request
    if action == "LEGACY":
        held = state.activities.get(state.current)
        values = held.values if held else {}
        suspends = "suspend" in (values.get("cmi.exit"), values.get("cmi.core.exit"))
        return replace(request, name="suspendAll" if suspends else "exitAll")
    wanted = {"SUSPEND_ALL": "suspendAll", "EXIT_ALL": "exitAll"}.get(action or "")
    return replace(request, name=wanted) if wanted else request


def seconds_left(state: State, settings: Settings) -> float | None:
    """What PlayerTimeLimit leaves of the whole; None where there is no limit."""
    minutes = int(settings.get("PlayerTimeLimit", "0"))
    return None if not minutes else max(0.0, minutes * 60 - state.outcome.seconds)
