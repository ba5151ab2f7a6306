"""What ADL and IMS Simple Sequencing add in SCORM 2004 (4th Ed. CAM 3.4.1 and 5)."""

import pytest

from standards.structure import (
    CompletionThreshold,
    DataMap,
    Objective,
    ObjectiveMap,
    RollupRule,
    RuleCondition,
    Sequencing,
    SequencingRule,
)
from tests.standards.manifests import FOURTH, ITEM, codes, manifest, parse

NO_ADL = {
    f"{verb}_{what}": False
    for verb in ("read", "write")
    for what in ("raw_score", "min_score", "max_score", "completion_status", "progress_measure")
}
NO_IMS = dict.fromkeys(
    ["read_satisfied_status", "read_normalized_measure", "write_satisfied_status", "write_normalized_measure"], False
)


def course_of(inside, version=FOURTH, **options):
    return parse(manifest(ITEM.replace("</item>", f"{inside}</item>"), version=version, **options))


def sequencing_of(inside, **options):
    """The item's definition and the codes of all findings."""
    course = course_of(f"<imsss:sequencing>{inside}</imsss:sequencing>", **options)
    return course.leaves[0].sequencing, codes(course)


# --- items and organizations ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "element", "threshold", "finding"),
    [
        (
            "2004 3rd Edition",
            "<adlcp:completionThreshold>0.75</adlcp:completionThreshold>",
            CompletionThreshold(True, 0.75),
            [],
        ),
        ("CAM 1.3", "<adlcp:completionThreshold> 1 </adlcp:completionThreshold>", CompletionThreshold(True, 1.0), []),
        ("2004 3rd Edition", "<adlcp:completionThreshold>7</adlcp:completionThreshold>", None, ["value-invalid"]),
        (FOURTH, "<adlcp:completionThreshold/>", None, []),
        (
            FOURTH,
            '<adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.6" progressWeight="0.25"/>',
            CompletionThreshold(True, 0.6, 0.25),
            [],
        ),
        (FOURTH, '<adlcp:completionThreshold progressWeight="0.25"/>', CompletionThreshold(False, 1.0, 0.25), []),
        (
            FOURTH,
            '<adlcp:completionThreshold completedByMeasure="yes" minProgressMeasure="2"/>',
            CompletionThreshold(),
            ["value-invalid", "value-invalid"],
        ),
        (
            FOURTH,
            "<adlcp:completionThreshold>0.5</adlcp:completionThreshold>",
            CompletionThreshold(True, 0.5),
            ["completion-threshold-text"],
        ),
    ],
)
def test_completion_threshold(version, element, threshold, finding):
    course = course_of(element, version)

    assert (course.leaves[0].completion_threshold, codes(course)) == (threshold, finding)


def test_fields_of_an_item():
    course = course_of(
        "<adlcp:timeLimitAction>continue,no message</adlcp:timeLimitAction><adlcp:dataFromLMS> x=1 </adlcp:dataFromLMS>"
        '<adlcp:data><adlcp:map targetID=" store "/><adlcp:map targetID="other" readSharedData="false"'
        ' writeSharedData="0"/><adlcp:map targetID="other"/><adlcp:map/></adlcp:data>'
        '<imsss:sequencing><imsss:limitConditions attemptAbsoluteDurationLimit="PT30M"/></imsss:sequencing>'
        "<adlnav:presentation><adlnav:navigationInterface><adlnav:hideLMSUI>continue</adlnav:hideLMSUI>"
        "<adlnav:hideLMSUI>suspendall</adlnav:hideLMSUI><adlnav:hideLMSUI>print</adlnav:hideLMSUI>"
        "</adlnav:navigationInterface></adlnav:presentation>"
    )
    (leaf,) = course.leaves

    assert (leaf.time_limit_action, leaf.data_from_lms, leaf.max_time_allowed) == ("continue,no message", "x=1", 1800.0)
    assert leaf.data_stores == (DataMap("store"), DataMap("other", read=False, write=False))
    assert leaf.hidden_controls == ("continue", "suspendAll")
    assert codes(course) == ["value-invalid", "data-map", "data-map"]


@pytest.mark.parametrize(
    ("attributes", "objectives", "data"),
    [
        ("", True, True),
        ('adlseq:objectivesGlobalToSystem="false"', False, True),
        ('adlcp:sharedDataGlobalToSystem="false"', True, False),
        ('objectivesGlobalToSystem="0" sharedDataGlobalToSystem="0"', False, False),
    ],
)
def test_scope_of_shared_things(attributes, objectives, data):
    organization = course_of("", organization=attributes).organization

    assert (organization.objectives_global_to_system, organization.shared_data_global_to_system) == (objectives, data)


def test_sequencing_of_the_organization():
    after = '<imsss:sequencing><imsss:controlMode flow="true" choice="false"/></imsss:sequencing>'

    course = parse(manifest(ITEM + after, version=FOURTH))

    assert course.root.sequencing == Sequencing(flow=True, choice=False)
    assert course.leaves[0].sequencing == Sequencing()


# --- sequencing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "sequencing"),
    [
        ("", Sequencing()),
        (
            '<imsss:controlMode choice="false" choiceExit="false" flow="true" forwardOnly="true"'
            ' useCurrentAttemptObjectiveInfo="false" useCurrentAttemptProgressInfo="false"/>',
            Sequencing(
                choice=False,
                choice_exit=False,
                flow=True,
                forward_only=True,
                use_current_attempt_objective_info=False,
                use_current_attempt_progress_info=False,
            ),
        ),
        (
            '<adlseq:constrainedChoiceConsiderations preventActivation="true" constrainChoice="true"/>',
            Sequencing(prevent_activation=True, constrain_choice=True),
        ),
        (
            '<imsss:limitConditions attemptLimit="2" attemptAbsoluteDurationLimit="PT1H"'
            ' attemptExperiencedDurationLimit="PT2H" activityAbsoluteDurationLimit="P1D"'
            ' activityExperiencedDurationLimit="PT1.5S" beginTimeLimit="2026-01-01T00:00:00"'
            ' endTimeLimit="2027-01-01"/>',
            Sequencing(
                attempt_limit=2,
                attempt_absolute_duration_limit=3600.0,
                attempt_experienced_duration_limit=7200.0,
                activity_absolute_duration_limit=86400.0,
                activity_experienced_duration_limit=1.5,
                begin_time_limit="2026-01-01T00:00:00",
                end_time_limit="2027-01-01",
            ),
        ),
        (
            '<imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions conditionCombination="any">'
            '<imsss:ruleCondition condition="satisfied" operator="not" referencedObjective="OBJ"/>'
            '<imsss:ruleCondition condition="objectiveMeasureGreaterThan" measureThreshold="-0.5"/>'
            '</imsss:ruleConditions><imsss:ruleAction action="skip"/></imsss:preConditionRule>'
            '<imsss:postConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="always"/>'
            '</imsss:ruleConditions><imsss:ruleAction action="retry"/></imsss:postConditionRule>'
            '<imsss:exitConditionRule><imsss:ruleConditions><imsss:ruleCondition condition="completed"/>'
            '</imsss:ruleConditions><imsss:ruleAction action="exit"/></imsss:exitConditionRule>'
            "</imsss:sequencingRules>",
            Sequencing(
                pre_conditions=(
                    SequencingRule(
                        "skip",
                        (
                            RuleCondition("satisfied", negated=True, referenced_objective="OBJ"),
                            RuleCondition("objectiveMeasureGreaterThan", measure_threshold=-0.5),
                        ),
                        "any",
                    ),
                ),
                post_conditions=(SequencingRule("retry", (RuleCondition("always"),)),),
                exit_conditions=(SequencingRule("exit", (RuleCondition("completed"),)),),
            ),
        ),
        (
            '<imsss:rollupRules rollupObjectiveSatisfied="false" rollupProgressCompletion="false"'
            ' objectiveMeasureWeight="0.5"><imsss:rollupRule childActivitySet="atLeastPercent" minimumPercent="0.6"'
            ' minimumCount="3"><imsss:rollupConditions conditionCombination="all">'
            '<imsss:rollupCondition condition="attempted" operator="not"/></imsss:rollupConditions>'
            '<imsss:rollupAction action="notSatisfied"/></imsss:rollupRule></imsss:rollupRules>',
            Sequencing(
                rollup_objective_satisfied=False,
                rollup_progress_completion=False,
                objective_measure_weight=0.5,
                rollup_rules=(
                    RollupRule(
                        "notSatisfied", (RuleCondition("attempted", negated=True),), "all", "atLeastPercent", 3, 0.6
                    ),
                ),
            ),
        ),
        (
            '<adlseq:rollupConsiderations requiredForSatisfied="ifAttempted" requiredForNotSatisfied="ifNotSkipped"'
            ' requiredForCompleted="ifNotSuspended" requiredForIncomplete="ifAttempted"'
            ' measureSatisfactionIfActive="false"/>',
            Sequencing(
                required_for_satisfied="ifAttempted",
                required_for_not_satisfied="ifNotSkipped",
                required_for_completed="ifNotSuspended",
                required_for_incomplete="ifAttempted",
                measure_satisfaction_if_active=False,
            ),
        ),
        (
            '<imsss:randomizationControls randomizationTiming="onEachNewAttempt" selectCount="2" reorderChildren="true"'
            ' selectionTiming="once"/>',
            Sequencing(
                randomization_timing="onEachNewAttempt",
                selection_count=2,
                reorder_children=True,
                selection_timing="once",
            ),
        ),
        (
            '<imsss:deliveryControls tracked="false" completionSetByContent="true" objectiveSetByContent="true"/>',
            Sequencing(tracked=False, completion_set_by_content=True, objective_set_by_content=True),
        ),
    ],
)
def test_part_of_a_sequencing_definition(inside, sequencing):
    assert sequencing_of(inside) == (sequencing, [])


@pytest.mark.parametrize(
    ("objectives", "expected", "finding"),
    [
        (
            '<imsss:objectives><imsss:primaryObjective objectiveID="P" satisfiedByMeasure="true">'
            "<imsss:minNormalizedMeasure> 0.6 </imsss:minNormalizedMeasure>"
            '<imsss:mapInfo targetObjectiveID="G" readSatisfiedStatus="false" writeNormalizedMeasure="true"/>'
            '</imsss:primaryObjective><imsss:objective objectiveID="S"/></imsss:objectives>',
            (
                Objective(
                    "P",
                    primary=True,
                    satisfied_by_measure=True,
                    min_normalized_measure=0.6,
                    maps=(ObjectiveMap("G", read_satisfied_status=False, write_normalized_measure=True, **NO_ADL),),
                ),
                Objective("S"),
            ),
            [],
        ),
        (
            '<imsss:objectives><imsss:primaryObjective objectiveID="P"><imsss:mapInfo targetObjectiveID="G"/>'
            "</imsss:primaryObjective></imsss:objectives>"
            '<adlseq:objectives><adlseq:objective objectiveID="P">'
            '<adlseq:mapInfo targetObjectiveID="G" readRawScore="false" writeProgressMeasure="true"/>'
            '<adlseq:mapInfo targetObjectiveID="H"/></adlseq:objective></adlseq:objectives>',
            (
                Objective(
                    "P",
                    primary=True,
                    maps=(
                        ObjectiveMap("G", read_raw_score=False, write_progress_measure=True),
                        ObjectiveMap("H", **NO_IMS),
                    ),
                ),
            ),
            [],
        ),
        (
            '<imsss:objectives><imsss:objective objectiveID="S"/></imsss:objectives>',
            (Objective(primary=True), Objective("S")),
            [],
        ),
        (
            '<imsss:objectives><imsss:primaryObjective objectiveID="P"/><imsss:primaryObjective objectiveID="Q"/>'
            '<imsss:objective objectiveID="P"/><imsss:objective/></imsss:objectives>',
            (Objective("P", primary=True),),
            ["sequencing-invalid"] * 3,
        ),
        (
            '<imsss:objectives><imsss:primaryObjective objectiveID="P"><imsss:mapInfo targetObjectiveID="G"/>'
            '<imsss:mapInfo targetObjectiveID="G" writeSatisfiedStatus="true"/><imsss:mapInfo/>'
            "</imsss:primaryObjective></imsss:objectives>"
            '<adlseq:objectives><adlseq:objective objectiveID="X"/></adlseq:objectives>',
            (Objective("P", primary=True, maps=(ObjectiveMap("G", **NO_ADL),)),),
            ["sequencing-invalid"] * 3,
        ),
        (
            "<imsss:objectives><imsss:primaryObjective><imsss:minNormalizedMeasure>2</imsss:minNormalizedMeasure>"
            "</imsss:primaryObjective></imsss:objectives>",
            (Objective(primary=True),),
            ["sequencing-invalid"],
        ),
    ],
)
def test_objectives(objectives, expected, finding):
    sequencing, found = sequencing_of(objectives)

    assert (sequencing.objectives, found) == (expected, finding)


COLLECTION = (
    '<imsss:sequencingCollection><imsss:sequencing ID=" GENERAL "><imsss:controlMode flow="true" choice="false"/>'
    '<imsss:deliveryControls tracked="false"/><imsss:objectives><imsss:primaryObjective objectiveID="P"/>'
    "</imsss:objectives></imsss:sequencing></imsss:sequencingCollection>"
)


@pytest.mark.parametrize(
    ("element", "expected", "finding"),
    [
        (
            '<imsss:sequencing IDRef="GENERAL"/>',
            Sequencing(flow=True, choice=False, tracked=False, objectives=(Objective("P", primary=True),)),
            [],
        ),
        (
            '<imsss:sequencing IDRef=" GENERAL"><imsss:controlMode forwardOnly="true"/></imsss:sequencing>',
            Sequencing(forward_only=True, tracked=False, objectives=(Objective("P", primary=True),)),
            [],
        ),
        (
            '<imsss:sequencing IDRef="GENERAL"><adlseq:objectives><adlseq:objective objectiveID="P">'
            '<adlseq:mapInfo targetObjectiveID="G"/></adlseq:objective></adlseq:objectives></imsss:sequencing>',
            Sequencing(
                flow=True,
                choice=False,
                tracked=False,
                objectives=(Objective("P", primary=True, maps=(ObjectiveMap("G", **NO_IMS),)),),
            ),
            [],
        ),
        (
            '<imsss:sequencing IDRef="GONE"><imsss:controlMode flow="true"/></imsss:sequencing>',
            Sequencing(flow=True),
            ["sequencing-reference"],
        ),
    ],
)
def test_sequencing_collection(element, expected, finding):
    course = course_of(element, after=COLLECTION)

    assert (course.leaves[0].sequencing, codes(course)) == (expected, finding)


def rule(conditions, action="skip"):
    return (
        f"<imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions>{conditions}</imsss:ruleConditions>"
        f'<imsss:ruleAction action="{action}"/></imsss:preConditionRule></imsss:sequencingRules>'
    )


@pytest.mark.parametrize(
    ("inside", "expected", "finding"),
    [
        (
            rule('<imsss:ruleCondition condition="bored"/><imsss:ruleCondition condition="attempted"/>'),
            Sequencing(pre_conditions=(SequencingRule("skip", (RuleCondition("attempted"),)),)),
            ["sequencing-condition-unknown"],
        ),
        (
            rule('<imsss:ruleCondition condition="bored"/>'),
            Sequencing(),
            ["sequencing-condition-unknown", "sequencing-invalid"],
        ),
        (rule('<imsss:ruleCondition condition="always"/>', "leap"), Sequencing(), ["sequencing-invalid"]),
        (
            rule('<imsss:ruleCondition condition="ALWAYS"/>', "Skip"),
            Sequencing(pre_conditions=(SequencingRule("skip", (RuleCondition("always"),)),)),
            [],
        ),
        ('<imsss:controlMode flow="perhaps"/>', Sequencing(), ["value-invalid"]),
        ('<imsss:limitConditions attemptLimit="-1"/>', Sequencing(), ["value-invalid"]),
        ('<imsss:limitConditions attemptAbsoluteDurationLimit="1h"/>', Sequencing(), ["sequencing-invalid"]),
        ('<imsss:limitConditions beginTimeLimit="tomorrow"/>', Sequencing(), ["sequencing-invalid"]),
        (
            '<imsss:limitConditions beginTimeLimit="2026-01-05T10:00:00Z" endTimeLimit="2026-13-05T10:00:00"/>',
            Sequencing(begin_time_limit="2026-01-05T10:00:00Z"),
            ["sequencing-invalid"],
        ),
        ('<imsss:rollupRules objectiveMeasureWeight="2"/>', Sequencing(), ["value-invalid"]),
        ('<imsss:randomizationControls selectionTiming="daily"/>', Sequencing(), ["value-invalid"]),
        ("<controlMode xmlns='urn:x' flow='1'/>", Sequencing(flow=True), []),
    ],
)
def test_imperfect_sequencing(inside, expected, finding):
    assert sequencing_of(inside) == (expected, finding)
