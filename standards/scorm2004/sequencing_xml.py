"""IMS Simple Sequencing and ADL's extensions in a manifest (SCORM 2004 4th Ed. CAM 5.1) to a Sequencing definition."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from ..durations import duration_seconds
from ..structure import Objective, ObjectiveMap, RollupRule, RuleCondition, Sequencing, SequencingRule
from ..xmlfile import (
    Element,
    Findings,
    attribute,
    boolean,
    child,
    children,
    decimal,
    local_name,
    namespace,
    number,
    spelled,
    text_of,
    whole_number,
    word,
)
from .sequencing.tracking import moment_of

CLAUSE = "SCORM 2004 4th Ed. CAM 5.1"

ROLLUP_CONDITIONS = (
    "satisfied",
    "objectiveStatusKnown",
    "objectiveMeasureKnown",
    "completed",
    "activityProgressKnown",
    "attempted",
    "attemptLimitExceeded",
    "timeLimitExceeded",
    "outsideAvailableTimeRange",
)
RULE_CONDITIONS = (*ROLLUP_CONDITIONS, "objectiveMeasureGreaterThan", "objectiveMeasureLessThan", "always")
PRE_ACTIONS = ("skip", "disabled", "hiddenFromChoice", "stopForwardTraversal")
POST_ACTIONS = ("exitParent", "exitAll", "retry", "retryAll", "continue", "previous")
EXIT_ACTIONS = ("exit",)
ROLLUP_ACTIONS = ("satisfied", "notSatisfied", "completed", "incomplete")
CHILD_SETS = ("all", "any", "none", "atLeastCount", "atLeastPercent")
REQUIRED_FOR = ("always", "ifAttempted", "ifNotSkipped", "ifNotSuspended")
TIMINGS = ("never", "once", "onEachNewAttempt")

# the fields of ObjectiveMap that only ADL's mapInfo gives: (field, attribute, default)
_ADL_MAP = (
    ("read_raw_score", "readRawScore", True),
    ("read_min_score", "readMinScore", True),
    ("read_max_score", "readMaxScore", True),
    ("read_completion_status", "readCompletionStatus", True),
    ("read_progress_measure", "readProgressMeasure", True),
    ("write_raw_score", "writeRawScore", False),
    ("write_min_score", "writeMinScore", False),
    ("write_max_score", "writeMaxScore", False),
    ("write_completion_status", "writeCompletionStatus", False),
    ("write_progress_measure", "writeProgressMeasure", False),
)
_IMS_MAP = (
    ("read_satisfied_status", "readSatisfiedStatus", True),
    ("read_normalized_measure", "readNormalizedMeasure", True),
    ("write_satisfied_status", "writeSatisfiedStatus", False),
    ("write_normalized_measure", "writeNormalizedMeasure", False),
)


def read_sequencing(node: Element, collection: Mapping[str, Element], findings: Findings) -> Sequencing:
    """The definition of one activity; `node` may be None. What it refers to by IDRef is taken from `collection`.

    The parts are read from the activity's own element, or as a whole from the referenced one where it has no such part
    (CAM 5.1).
    """
    if node is None:
        return Sequencing()
    parts = _parts(node, collection, findings)
    fields: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in parts:
            fields |= read(parts[name], findings)
    if "adl:objectives" in parts:
        objectives = fields.get("objectives", ())
        fields["objectives"] = _with_adl_maps(objectives, parts["adl:objectives"], findings)
    return Sequencing(**fields)


def _parts(node: Element, collection: Mapping[str, Element], findings: Findings) -> dict[str, Element]:
    parts = {_part_name(part): part for part in reversed(node) if isinstance(part.tag, str)}
    reference = attribute(node, "IDRef")
    if not reference:
        return parts
    shared = collection.get(reference)
    if shared is None:
        findings.add(
            "sequencing-reference",
            f"{findings.subject} refers to the sequencing {reference}, which is not in the sequencingCollection.",
            node,
            advice="Add it, or correct the IDRef.",
            clause="SCORM 2004 4th Ed. CAM 5.1",
        )
        return parts
    return {_part_name(part): part for part in reversed(shared) if isinstance(part.tag, str)} | parts


def _part_name(part: Element) -> str:
    """<objectives> is of IMS or of ADL; where the namespace does not tell, ADL's maps give it away."""
    name = local_name(part.tag)
    if name == "objectives" and (
        "adlseq" in namespace(part.tag)
        or (
            child(part, "primaryObjective") is None
            and any(
                attribute(entry, key) is not None
                for entry in part.iter()
                if local_name(entry.tag) == "mapinfo"
                for _, key, _ in _ADL_MAP
            )
        )
    ):
        return "adl:objectives"
    return name


# --- parts ------------------------------------------------------------------------------------------------------------


def _control_mode(node: Element, findings: Findings) -> dict[str, Any]:
    return {
        "choice": boolean(node, "choice", True, findings),
        "choice_exit": boolean(node, "choiceExit", True, findings),
        "flow": boolean(node, "flow", False, findings),
        "forward_only": boolean(node, "forwardOnly", False, findings),
        "use_current_attempt_objective_info": boolean(node, "useCurrentAttemptObjectiveInfo", True, findings),
        "use_current_attempt_progress_info": boolean(node, "useCurrentAttemptProgressInfo", True, findings),
    }


def _constrained_choice(node: Element, findings: Findings) -> dict[str, Any]:
    return {
        "prevent_activation": boolean(node, "preventActivation", False, findings),
        "constrain_choice": boolean(node, "constrainChoice", False, findings),
    }


def _limit_conditions(node: Element, findings: Findings) -> dict[str, Any]:
    return {
        "attempt_limit": whole_number(node, "attemptLimit", None, findings),
        "attempt_absolute_duration_limit": _duration(node, "attemptAbsoluteDurationLimit", findings),
        "attempt_experienced_duration_limit": _duration(node, "attemptExperiencedDurationLimit", findings),
        "activity_absolute_duration_limit": _duration(node, "activityAbsoluteDurationLimit", findings),
        "activity_experienced_duration_limit": _duration(node, "activityExperiencedDurationLimit", findings),
        "begin_time_limit": _moment(node, "beginTimeLimit", findings),
        "end_time_limit": _moment(node, "endTimeLimit", findings),
    }


def _moment(node: Element, name: str, findings: Findings) -> str:
    """An xs:dateTime, "" where there is none that can be read."""
    text = (attribute(node, name) or "").strip()
    if text and moment_of(text) is None:
        _note(node, f'{name} "{text[:80]}" is not a time YYYY-MM-DDThh:mm:ss; it is ignored', findings)
        return ""
    return text


def _duration(node: Element, name: str, findings: Findings) -> float | None:
    text = attribute(node, name)
    if not text:
        return None
    try:
        return duration_seconds(text)
    except ValueError:
        _note(node, f'{name} "{text[:80]}" is not a duration P[yY][mM][dD][T[hH][mM][sS]]; it is ignored', findings)
        return None


def _sequencing_rules(node: Element, findings: Findings) -> dict[str, Any]:
    return {
        "pre_conditions": tuple(_rules(node, "preConditionRule", PRE_ACTIONS, findings)),
        "exit_conditions": tuple(_rules(node, "exitConditionRule", EXIT_ACTIONS, findings)),
        "post_conditions": tuple(_rules(node, "postConditionRule", POST_ACTIONS, findings)),
    }


def _rules(parent: Element, name: str, actions: tuple[str, ...], findings: Findings) -> Iterator[SequencingRule]:
    for node in children(parent, name):
        action = _action(node, "ruleAction", actions, findings)
        conditions = child(node, "ruleConditions")
        read = tuple(_conditions(conditions, "ruleCondition", RULE_CONDITIONS, findings))
        if action and read:
            combination = word(conditions, "conditionCombination", ("all", "any"), "all", findings)
            yield SequencingRule(action=action, conditions=read, combination=combination)
        elif action:
            _note(node, f"a rule to {action} has no condition that can be met; the rule is ignored", findings)


def _action(node: Element, name: str, actions: tuple[str, ...], findings: Findings) -> str:
    element = child(node, name)
    written = (attribute(element, "action") or "") if element is not None else ""
    action = spelled(written, actions)
    if action is None:
        _note(node, f'the action "{written[:80]}" is none of {", ".join(actions)}; the rule is ignored', findings)
    return action or ""


def _conditions(parent: Element, name: str, known: tuple[str, ...], findings: Findings) -> Iterator[RuleCondition]:
    if parent is None:
        return
    for node in children(parent, name):
        written = attribute(node, "condition") or ""
        condition = spelled(written, known)
        if condition is None:
            findings.add(
                "sequencing-condition-unknown",
                f'{findings.subject}: the condition "{written[:80]}" is unknown; it is ignored.',
                node,
                advice=f"Use one of {', '.join(known)}.",
                clause=CLAUSE,
            )
            continue
        yield RuleCondition(
            condition=condition,
            negated=word(node, "operator", ("noOp", "not"), "noOp", findings) == "not",
            referenced_objective=uri(node, "referencedObjective"),
            measure_threshold=number(node, "measureThreshold", 0.0, findings, -1, 1),
        )


def _rollup_rules(node: Element, findings: Findings) -> dict[str, Any]:
    return {
        "rollup_rules": tuple(_each_rollup_rule(node, findings)),
        "rollup_objective_satisfied": boolean(node, "rollupObjectiveSatisfied", True, findings),
        "rollup_progress_completion": boolean(node, "rollupProgressCompletion", True, findings),
        "objective_measure_weight": number(node, "objectiveMeasureWeight", 1.0, findings, 0, 1),
    }


def _each_rollup_rule(parent: Element, findings: Findings) -> Iterator[RollupRule]:
    for node in children(parent, "rollupRule"):
        action = _action(node, "rollupAction", ROLLUP_ACTIONS, findings)
        conditions = child(node, "rollupConditions")
        read = tuple(_conditions(conditions, "rollupCondition", ROLLUP_CONDITIONS, findings))
        if action and read:
            yield RollupRule(
                action=action,
                conditions=read,
                combination=word(conditions, "conditionCombination", ("all", "any"), "any", findings),
                child_set=word(node, "childActivitySet", CHILD_SETS, "all", findings),
                minimum_count=whole_number(node, "minimumCount", 0, findings),
                minimum_percent=number(node, "minimumPercent", 0.0, findings, 0, 1),
            )
        elif action:
            _note(node, f"a rollup rule for {action} has no known condition; the rule is ignored", findings)


def _rollup_considerations(node: Element, findings: Findings) -> dict[str, Any]:
    return {
        "required_for_satisfied": word(node, "requiredForSatisfied", REQUIRED_FOR, "always", findings),
        "required_for_not_satisfied": word(node, "requiredForNotSatisfied", REQUIRED_FOR, "always", findings),
        "required_for_completed": word(node, "requiredForCompleted", REQUIRED_FOR, "always", findings),
        "required_for_incomplete": word(node, "requiredForIncomplete", REQUIRED_FOR, "always", findings),
        "measure_satisfaction_if_active": boolean(node, "measureSatisfactionIfActive", True, findings),
    }


def _randomization_controls(node: Element, findings: Findings) -> dict[str, Any]:
    return {
        "randomization_timing": word(node, "randomizationTiming", TIMINGS, "never", findings),
        "selection_timing": word(node, "selectionTiming", TIMINGS, "never", findings),
        "selection_count": whole_number(node, "selectCount", None, findings),
        "reorder_children": boolean(node, "reorderChildren", False, findings),
    }


def _delivery_controls(node: Element, findings: Findings) -> dict[str, Any]:
    return {
        "tracked": boolean(node, "tracked", True, findings),
        "completion_set_by_content": boolean(node, "completionSetByContent", False, findings),
        "objective_set_by_content": boolean(node, "objectiveSetByContent", False, findings),
    }


# --- objectives -------------------------------------------------------------------------------------------------------


def _objectives(node: Element, findings: Findings) -> dict[str, Any]:
    """The primary objective first; exactly one, made with the defaults where the manifest gives none."""
    primaries = list(children(node, "primaryObjective"))
    if len(primaries) > 1:
        _note(primaries[1], "there is more than one primary objective; the first is used", findings)
    read = [_objective(primaries[0], True, findings) if primaries else Objective(primary=True)]
    taken = {read[0].identifier}
    for entry in children(node, "objective"):
        objective = _objective(entry, False, findings)
        if not objective.identifier or objective.identifier in taken:
            why = f"{objective.identifier} is there twice" if objective.identifier else "one has no objectiveID"
            _note(entry, f"of the objectives, {why}; the later one is ignored", findings)
            continue
        taken.add(objective.identifier)
        read.append(objective)
    return {"objectives": tuple(read)}


def uri(node: Element, name: str) -> str:
    """An attribute of type xs:anyURI as what it means: escapes decoded, blanks collapsed, "" where it is not given.

    Two spellings of one objective ID are the same ID, and content finds the plain one.
    """
    return " ".join(unquote(attribute(node, name) or "").replace("\0", "\ufffd").split())  # no database keeps NUL


def _objective(node: Element, primary: bool, findings: Findings) -> Objective:
    return Objective(
        identifier=uri(node, "objectiveID"),
        primary=primary,
        satisfied_by_measure=boolean(node, "satisfiedByMeasure", False, findings),
        min_normalized_measure=_min_normalized_measure(node, findings),
        maps=tuple(_maps(node, findings)),
    )


def _min_normalized_measure(node: Element, findings: Findings) -> float:
    element = child(node, "minNormalizedMeasure")
    text = text_of(element)
    if not text:
        return 1.0
    measure = decimal(text, -1, 1)
    if measure is None:
        _note(element, f'minNormalizedMeasure "{text[:80]}" is not a number from -1 to 1; 1.0 is used', findings)
    return 1.0 if measure is None else measure


def _maps(node: Element, findings: Findings) -> Iterator[ObjectiveMap]:
    no_adl = {name: False for name, _, _ in _ADL_MAP}
    for target, entry in _targets(node, findings):
        yield ObjectiveMap(target=target, **_flags(entry, _IMS_MAP, findings), **no_adl)


def _targets(node: Element, findings: Findings) -> Iterator[tuple[str, Element]]:
    taken: set[str] = set()
    for entry in children(node, "mapInfo"):
        target = uri(entry, "targetObjectiveID")
        if not target or target in taken:
            why = f"two maps of one objective lead to {target}" if target else "a map names no targetObjectiveID"
            _note(entry, f"{why}; the later one is ignored", findings)
            continue
        taken.add(target)
        yield target, entry


def _flags(node: Element, table: tuple[tuple[str, str, bool], ...], findings: Findings) -> dict[str, bool]:
    return {name: boolean(node, key, default, findings) for name, key, default in table}


def _with_adl_maps(objectives: tuple[Objective, ...], node: Element, findings: Findings) -> tuple[Objective, ...]:
    """The objectives with ADL's maps merged into those of IMS by target (4th Ed. CAM 5.1).

    A target that only ADL's map names shares nothing of what IMS's map shares.
    """
    by_identifier = {objective.identifier: objective for objective in objectives}
    for entry in children(node, "objective"):
        identifier = uri(entry, "objectiveID")
        if identifier not in by_identifier or not identifier:
            _note(
                entry, f'adlseq:objective "{identifier}" extends no objective of this activity; it is ignored', findings
            )
            continue
        objective = by_identifier[identifier]
        maps = {known.target: known for known in objective.maps}
        for target, map_node in _targets(entry, findings):
            known = maps.get(target) or ObjectiveMap(target, **{name: False for name, _, _ in _IMS_MAP})
            maps[target] = replace(known, **_flags(map_node, _ADL_MAP, findings))  # type: ignore[arg-type]
        by_identifier[identifier] = replace(objective, maps=tuple(maps.values()))
    return tuple(by_identifier.values())


def _note(node: Element, words: str, findings: Findings) -> None:
    findings.add("sequencing-invalid", f"{findings.subject}: {words}.", node, clause=CLAUSE)


_READERS = {
    "controlmode": _control_mode,
    "constrainedchoiceconsiderations": _constrained_choice,
    "limitconditions": _limit_conditions,
    "sequencingrules": _sequencing_rules,
    "rolluprules": _rollup_rules,
    "rollupconsiderations": _rollup_considerations,
    "randomizationcontrols": _randomization_controls,
    "deliverycontrols": _delivery_controls,
    "objectives": _objectives,
}
