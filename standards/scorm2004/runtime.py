"""The run-time data of one SCO: what it finds, what it comes to, and what sequencing learns of it (SCORM 2004 RTE 4).

`values` is the flat data model as the SCO has set it, with `cmi.total_time` of the learner attempt up to this session.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..durations import duration_seconds, format_duration
from ..scores import share
from ..structure import Activity, ActivityState, Completion, Learner, Objective, Outcome, Report, Success
from .sequencing.tracking import Node, Run

COMPLETION, SUCCESS = "cmi.completion_status", "cmi.success_status"
PROGRESS, SCALED = "cmi.progress_measure", "cmi.score.scaled"
MODE = "cmi.mode"
EXIT, SESSION_TIME, TOTAL_TIME = "cmi.exit", "cmi.session_time", "cmi.total_time"
NAVIGATION = "adl.nav.request"
GRADED = (COMPLETION, SUCCESS, PROGRESS, SCALED, "cmi.score.raw", "cmi.score.min", "cmi.score.max")
OF_THE_SESSION = (EXIT, SESSION_TIME, NAVIGATION)  # begin anew in each communication session (RTE 2.1.1, SN 5.6.4)

PREFERENCES = {  # RTE 4.2.13: initial values
    "cmi.learner_preference.audio_level": "1",
    "cmi.learner_preference.language": "",
    "cmi.learner_preference.delivery_speed": "1",
    "cmi.learner_preference.audio_captioning": "0",
}
NO_SETTINGS: Mapping[str, str] = {}
SATISFIED: Mapping[str, bool | None] = {"passed": True, "failed": False, "unknown": None}
COMPLETED: Mapping[str, bool | None] = {  # SN 4.2.1.4: what is "not attempted" is known not to be completed
    "completed": True,
    "incomplete": False,
    "not attempted": False,
    "unknown": None,
}
SCORES = {"score.raw": "raw", "score.min": "minimum", "score.max": "maximum"}

_OBJECTIVE_ID = re.compile(r"cmi\.objectives\.([0-9]+)\.id")


# --- what the values come to ------------------------------------------------------------------------------------------


def accept(activity: Activity, held: ActivityState, report: Report, settings: Mapping[str, str]) -> ActivityState:
    """One activity's state after a report; see `standards.registry.Standard`.

    In a review what was earned stays: credit is no-credit (RTE 4.2.7).
    """
    kept = GRADED if is_review(held.values) else ()
    values = {**held.values, **{name: value for name, value in report.values.items() if name not in kept}}
    shown = held.shown_seconds + report.seconds
    spent = session_seconds(values, shown) - session_seconds(held.values, held.shown_seconds)
    seconds = max(0.0, held.outcome.seconds + spent)
    earned = replace(held.outcome, seconds=seconds)
    outcome = earned if kept else evaluate(activity, counted(values, settings), seconds)
    return replace(held, values=values, outcome=outcome, shown_seconds=shown)


def is_review(values: Mapping[str, str]) -> bool:
    return values.get(MODE) == "review"


def counted(values: Mapping[str, str], settings: Mapping[str, str]) -> Mapping[str, str]:
    """The values with a scaled score: PlayerScaleRawScore makes one of the raw score where the SCO gave none."""
    raw = _real(values.get("cmi.score.raw", ""))
    if settings.get("PlayerScaleRawScore") != "YES" or values.get(SCALED) or raw is None:
        return values
    low, high = _real(values.get("cmi.score.min", "")), _real(values.get("cmi.score.max", ""))
    return {**values, SCALED: decimal(share(raw, low, high))}


def evaluate(activity: Activity, values: Mapping[str, str], seconds: float = 0.0) -> Outcome:
    """What the values of a SCO come to, thresholds applied."""
    return Outcome(_completion(activity, values), _success(activity, values), _scaled(activity, values), seconds)


def session_seconds(values: Mapping[str, str], shown: float) -> float:
    """The session's length: as the SCO reports it, else the seconds it was shown."""
    return _seconds(values[SESSION_TIME]) if values.get(SESSION_TIME) else shown


def _seconds(duration: str) -> float:
    try:
        return duration_seconds(duration)
    except ValueError:
        return 0.0


def _completion(activity: Activity, values: Mapping[str, str]) -> Completion:
    """cmi.completion_status against the completion threshold (RTE 4.2.4.1): without a measure it is unknown."""
    threshold, amount = activity.completion_threshold, _real(_value(activity, values, PROGRESS, "progress_measure"))
    if threshold is not None and threshold.by_measure:
        return "unknown" if amount is None else "completed" if amount >= threshold.minimum else "incomplete"
    completed = COMPLETED.get(_value(activity, values, COMPLETION, "completion_status"))
    return "unknown" if completed is None else "completed" if completed else "incomplete"


def _success(activity: Activity, values: Mapping[str, str]) -> Success:
    """cmi.success_status against the scaled passing score (RTE 4.2.22.1): without a score it is unknown."""
    primary = primary_objective(activity)
    if primary.satisfied_by_measure:
        scaled = _scaled(activity, values)
        return "unknown" if scaled is None else "passed" if scaled >= primary.min_normalized_measure else "failed"
    satisfied = SATISFIED.get(_success_status(activity, values))
    return "unknown" if satisfied is None else "passed" if satisfied else "failed"


def _scaled(activity: Activity, values: Mapping[str, str]) -> float | None:
    return _measure(_value(activity, values, SCALED, "score.scaled"))


def _success_status(activity: Activity, values: Mapping[str, str]) -> str:
    """Where the SCO has set both, what it said of the primary objective itself counts."""
    return _of_primary(activity, values, "success_status") or values.get(SUCCESS, "")


def _value(activity: Activity, values: Mapping[str, str], element: str, of_objective: str) -> str:
    """A value of the SCO, else the one it gave its primary objective (RTE 4.2.17)."""
    return values.get(element, "") or _of_primary(activity, values, of_objective)


def _of_primary(activity: Activity, values: Mapping[str, str], element: str) -> str:
    identifier = primary_objective(activity).identifier
    if not identifier:
        return ""
    place = next((place for place, known in objective_ids(activity, values) if known == identifier), None)
    return "" if place is None else values.get(f"cmi.objectives.{place}.{element}", "")


def _real(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _measure(text: str) -> float | None:
    """A scaled score: -1 to 1 (RTE 4.2.20)."""
    value = _real(text)
    return value if value is not None and -1.0 <= value <= 1.0 else None


# --- objectives -------------------------------------------------------------------------------------------------------


def primary_objective(activity: Activity) -> Objective:
    return next((objective for objective in activity.sequencing.objectives if objective.primary), Objective())


def defined_objectives(activity: Activity) -> list[Objective]:
    """The objectives of the sequencing definition that are in cmi.objectives: those with an ID (RTE 4.2.17.1)."""
    return [objective for objective in activity.sequencing.objectives if objective.identifier]


def objective_ids(activity: Activity, values: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Index and ID of each entry of cmi.objectives: the defined ones, then those the SCO has added."""
    defined = defined_objectives(activity)
    for place, objective in enumerate(defined):
        yield place, objective.identifier
    for element, value in values.items():
        match = _OBJECTIVE_ID.fullmatch(element)
        if match and int(match[1]) >= len(defined):
            yield int(match[1]), value


# --- what sequencing learns -------------------------------------------------------------------------------------------


def transfer(run: Run, node: Node, values: Mapping[str, str], settings: Mapping[str, str] = NO_SETTINGS) -> None:
    """Map the run-time data to the tracking model (RTE 4.1.2, 4.2; SN 4.2.1). Only what the SCO has set counts."""
    activity = node.activity
    store_data(run, node, values)
    if not node.sequencing.tracked or is_review(values):
        return
    values = counted(values, settings)
    if settings.get("PlayerForceObjCompSetByContent") == "YES":  # UP.4 step 1.1.1 then decides nothing
        run.progress(node).success_by_content = run.progress(node).completion_by_content = True
    for place, identifier in objective_ids(activity, values):
        objective = node.objective(identifier)
        if objective is not None and objective is not node.primary:
            _transfer_objective(run, node, objective, values, f"cmi.objectives.{place}.")
    _transfer_primary(run, node, values)


def _transfer_objective(run: Run, node: Node, objective: Objective, values: Mapping[str, str], at: str) -> None:
    if (success := values.get(f"{at}success_status", "")) in SATISFIED:
        run.set_satisfied(node, objective, SATISFIED[success], explicit=True)
    if (completion := values.get(f"{at}completion_status", "")) in COMPLETED:
        run.set_completed(node, objective, COMPLETED[completion], explicit=True)
    if (scaled := _measure(values.get(f"{at}score.scaled", ""))) is not None:
        run.set_measure(node, objective, scaled)
    if (amount := _real(values.get(f"{at}progress_measure", ""))) is not None:
        run.set_amount(node, objective, amount)
    for element, name in SCORES.items():
        if (score := _real(values.get(at + element, ""))) is not None:
            run.write(node, objective, name, score)


def _transfer_primary(run: Run, node: Node, values: Mapping[str, str]) -> None:
    """The SCO's own status and score are those of its primary objective."""
    activity, primary, progress = node.activity, node.primary, run.progress(node)
    success = _success_status(activity, values)
    if success in SATISFIED:
        progress.success_by_content = True
        run.set_satisfied(node, primary, SATISFIED[success], explicit=True)
    if (scaled := _scaled(activity, values)) is not None:
        run.set_measure(node, primary, scaled)
    if (amount := _real(_value(activity, values, PROGRESS, "progress_measure"))) is not None:
        run.set_amount(node, primary, amount)
    completion = _completion(activity, values)
    if completion != "unknown" or _value(activity, values, COMPLETION, "completion_status"):
        progress.completion_by_content = True
        run.set_completed(node, primary, COMPLETED[completion], explicit=True)
    for element, name in SCORES.items():
        score = _real(_of_primary(activity, values, element) or values.get(f"cmi.{element}", ""))
        if score is not None:
            run.write(node, primary, name, score)


def store_data(run: Run, node: Node, values: Mapping[str, str]) -> None:
    """Keep what the SCO wrote to the data stores it may write (RTE 4.3)."""
    for place, link in enumerate(node.activity.data_stores):
        value = values.get(f"adl.data.{place}.store")
        if link.write and value is not None:
            run.stores[link.target] = value


# --- what the SCO finds -----------------------------------------------------------------------------------------------


def open_session(
    run: Run,
    node: Node,
    held: ActivityState,
    resumed: bool,
    is_fresh: bool | None = None,
    review: bool = False,
    preferences: Mapping[str, str] | None = None,
) -> ActivityState:
    """The activity's state when it is delivered: a new learner attempt starts with no data (RTE 2.1.1).

    `is_fresh` says otherwise; a review shows what there is. `preferences` are those set in another activity.
    """
    if not resumed:
        held = replace(held, attempts=held.attempts + 1)
    if (not resumed if is_fresh is None else is_fresh) and not review:
        held = replace(held, values={})
    modes = {MODE: "review"} if review else {}
    told = {name: value for name, value in held.values.items() if name != MODE}
    held = replace(held, values={**told, **(preferences or {}), **modes})
    # what others have written to a shared objective since is what the SCO finds, and gives back, now
    shared = {name: value for name, value in objective_values(run, node).items() if name in held.values}
    values = {name: value for name, value in held.values.items() if not name.startswith("adl.data.")} | shared
    outcome = held.outcome if review else evaluate(node.activity, values, held.outcome.seconds)
    return replace(held, values=values, outcome=outcome, suspended=False, shown_seconds=0.0)


def close_session(held: ActivityState, suspended: bool) -> ActivityState:
    """The activity's state once its session is over: time added to the total, what lives in a session let go."""
    values = {name: value for name, value in held.values.items() if name not in OF_THE_SESSION}
    total = _seconds(values.get(TOTAL_TIME, "")) + session_seconds(held.values, held.shown_seconds)
    if total:
        values[TOTAL_TIME] = format_duration(total)
    return replace(held, values=values, suspended=suspended, shown_seconds=0.0)


def initial_values(run: Run, node: Node, held: ActivityState, learner: Learner, resumed: bool) -> dict[str, str]:
    """The whole data model a SCO finds (RTE 4.2, 4.3); what has no value is left out."""
    values = PREFERENCES | dict(held.values)
    values |= {
        "cmi.learner_id": learner.identifier,
        "cmi.learner_name": learner.name,
        "cmi.entry": _entry(held, resumed),
        MODE: "review" if is_review(held.values) else "normal",
        "cmi.credit": "no-credit" if is_review(held.values) else "credit",
        TOTAL_TIME: held.values.get(TOTAL_TIME, "PT0S"),
    }
    values |= _of_the_manifest(node.activity)
    values |= objective_values(run, node)
    values |= data_values(run, node)
    return values


def _entry(held: ActivityState, resumed: bool) -> str:
    """cmi.entry (RTE 4.2.9): "" where neither a new learner attempt begins nor a suspended one goes on."""
    if resumed:
        return "resume"
    return "" if is_review(held.values) else "ab-initio"


def _of_the_manifest(activity: Activity) -> dict[str, str]:
    values: dict[str, str] = {}
    primary, threshold = primary_objective(activity), activity.completion_threshold
    limit = activity.sequencing.attempt_absolute_duration_limit
    if limit is None:
        limit = activity.max_time_allowed
    if primary.satisfied_by_measure:  # RTE 4.2.18
        values["cmi.scaled_passing_score"] = decimal(primary.min_normalized_measure)
    if threshold is not None and threshold.by_measure:  # RTE 4.2.5
        values["cmi.completion_threshold"] = decimal(threshold.minimum)
    if limit is not None:
        values["cmi.max_time_allowed"] = format_duration(limit)
    if activity.time_limit_action:
        values["cmi.time_limit_action"] = activity.time_limit_action
    if activity.data_from_lms:
        values["cmi.launch_data"] = activity.data_from_lms
    return values


def objective_values(run: Run, node: Node) -> dict[str, str]:
    """cmi.objectives as the sequencing definition and what is known of the objectives give it (RTE 4.2.17.1)."""
    values: dict[str, str] = {}
    for place, objective in enumerate(defined_objectives(node.activity)):
        at = f"cmi.objectives.{place}."
        objective = node.primary if objective.primary else objective
        values[f"{at}id"] = objective.identifier
        measure, amount = run.read(node, objective, "measure"), run.read(node, objective, "progress")
        satisfied, completed = run.status(node, objective), run.read(node, objective, "completed")
        if satisfied is not None:
            values[f"{at}success_status"] = "passed" if satisfied else "failed"
        if completed is not None:
            values[f"{at}completion_status"] = "completed" if completed else "incomplete"
        numbers = {"score.scaled": measure, "progress_measure": amount}
        numbers |= {element: run.read(node, objective, name) for element, name in SCORES.items()}
        values |= {at + element: decimal(number) for element, number in numbers.items() if number is not None}
    return values


def data_values(run: Run, node: Node) -> dict[str, str]:
    """adl.data as the activity may read it (RTE 4.3)."""
    values: dict[str, str] = {}
    for place, link in enumerate(node.activity.data_stores):
        values[f"adl.data.{place}.id"] = link.target
        if link.read and link.target in run.stores:
            values[f"adl.data.{place}.store"] = run.stores[link.target]
    return values


def data_access(activity: Activity) -> dict[str, str]:
    """What the SCO may do with its data stores where that is not both: "r", "w" or ""."""
    return {
        f"adl.data.{place}.store": ("r" if link.read else "") + ("w" if link.write else "")
        for place, link in enumerate(activity.data_stores)
        if not (link.read and link.write)
    }


def decimal(number: float) -> str:
    """A real(10,7) without needless digits."""
    return f"{number:.7f}".rstrip("0").rstrip(".")
