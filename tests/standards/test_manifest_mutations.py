"""Whatever is missing, doubled or garbled in a manifest: a course or a PackageError, nothing else."""

import io
import json
from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from standards.errors import PackageError
from standards.structure import CourseStructure
from tests.standards.manifests import FOURTH, ITEM, manifest, package, parse_package, resource

RICH_2004 = manifest(
    ITEM.replace(
        "</item>",
        "<metadata><adlcp:location>meta.xml</adlcp:location></metadata>"
        "<adlcp:timeLimitAction>exit,message</adlcp:timeLimitAction><adlcp:dataFromLMS>x</adlcp:dataFromLMS>"
        '<adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.5"/>'
        '<adlcp:data><adlcp:map targetID="store"/></adlcp:data>'
        '<imsss:sequencing IDRef="GENERAL"><imsss:limitConditions attemptLimit="2"'
        ' attemptAbsoluteDurationLimit="PT1H"/><imsss:sequencingRules><imsss:preConditionRule><imsss:ruleConditions>'
        '<imsss:ruleCondition condition="satisfied" measureThreshold="0.5"/></imsss:ruleConditions>'
        '<imsss:ruleAction action="skip"/></imsss:preConditionRule></imsss:sequencingRules><imsss:rollupRules>'
        '<imsss:rollupRule minimumCount="1"><imsss:rollupConditions><imsss:rollupCondition condition="completed"/>'
        '</imsss:rollupConditions><imsss:rollupAction action="completed"/></imsss:rollupRule></imsss:rollupRules>'
        '<imsss:objectives><imsss:primaryObjective objectiveID="P"><imsss:minNormalizedMeasure>0.5'
        '</imsss:minNormalizedMeasure><imsss:mapInfo targetObjectiveID="G"/></imsss:primaryObjective>'
        '<imsss:objective objectiveID="S"/></imsss:objectives><adlseq:objectives><adlseq:objective objectiveID="P">'
        '<adlseq:mapInfo targetObjectiveID="G" readRawScore="false"/></adlseq:objective></adlseq:objectives>'
        "</imsss:sequencing><adlnav:presentation><adlnav:navigationInterface><adlnav:hideLMSUI>exit"
        "</adlnav:hideLMSUI></adlnav:navigationInterface></adlnav:presentation></item>",
    )
    + f'<item identifier="M"><title>M</title>'
    f'<item identifier="I2" identifierref="R2"><title>2</title></item>{ITEM}</item>',
    resource(inside='<dependency identifierref="R2"/>', scorm_type='adlcp:scormType="sco"', attributes='xml:base="x/"')
    + resource("R2", "b.html?x=1", scorm_type='adlcp:scormType="asset"'),
    FOURTH,
    attributes='xml:base=""',
    after='<imsss:sequencingCollection><imsss:sequencing ID="GENERAL"><imsss:controlMode flow="true"/>'
    "</imsss:sequencing></imsss:sequencingCollection>",
)
RICH_12 = manifest(
    ITEM.replace(
        "</item>",
        '<adlcp:prerequisites type="aicc_script">I2</adlcp:prerequisites><adlcp:masteryscore>80</adlcp:masteryscore>'
        "<adlcp:maxtimeallowed>01:00:00</adlcp:maxtimeallowed><adlcp:timelimitaction>exit,message"
        "</adlcp:timelimitaction><adlcp:datafromlms>x</adlcp:datafromlms></item>",
    )
    + '<item identifier="I2" identifierref="R2" parameters="#x"><title>Two</title></item>',
    resource(inside='<dependency identifierref="R2"/>') + resource("R2", "b.html"),
    metadata="<imsmd:lom><imsmd:general><imsmd:title><imsmd:langstring>T</imsmd:langstring></imsmd:title>"
    "</imsmd:general></imsmd:lom>",
)
NASTY = [
    "",
    " ",
    "I1",
    "R1",
    "O",
    "-1",
    "NaN",
    "1e400",
    "..",
    "../../x",
    "//",
    "http://[",
    "a.html#?",
    "%",
    "%00",
    "\\",
    "é" * 50,
    "٣",
]
FILES = ("x/a.html", "b.html", "a.html")


def outcome(xml: bytes) -> str:
    """ "course" or the refusal's code; anything else raised is the failure looked for."""
    try:
        course = parse_package(package(xml, *FILES, contents={"meta.xml": "<lom/>"}))
    except PackageError as error:
        return error.finding.code
    assert course.leaves
    assert all(leaf.href for leaf in course.leaves)
    assert len({entry.identifier for entry in course.root.walk()}) == sum(1 for _ in course.root.walk())
    assert CourseStructure.from_json(json.loads(json.dumps(course.to_json()))) == course
    return "course"


@pytest.mark.parametrize("xml", [RICH_12, RICH_2004])
def test_without_any_one_element_or_attribute(xml):
    assert outcome(xml.encode()) == "course"
    tree = etree.parse(io.BytesIO(xml.encode()))
    for index, node in enumerate(tree.iter()):
        for key in node.attrib:
            copy = deepcopy(tree)
            del list(copy.iter())[index].attrib[key]
            outcome(etree.tostring(copy))
        if index:
            copy = deepcopy(tree)
            victim = list(copy.iter())[index]
            victim.getparent().remove(victim)
            outcome(etree.tostring(copy))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), xml=st.sampled_from([RICH_12, RICH_2004]))
def test_with_many_changes_at_once(data, xml):
    root = etree.fromstring(xml.encode())
    for _ in range(data.draw(st.integers(1, 12))):
        nodes = list(root.iter())
        node = nodes[data.draw(st.integers(0, len(nodes) - 1))]
        other = nodes[data.draw(st.integers(0, len(nodes) - 1))]
        change = data.draw(st.sampled_from(["remove", "value", "text", "double", "rename", "move"]))
        if change == "value" and node.attrib:
            node.set(data.draw(st.sampled_from(sorted(node.attrib))), data.draw(st.sampled_from(NASTY)))
        elif change == "text":
            node.text = data.draw(st.sampled_from(NASTY))
        elif change == "rename":
            node.tag = other.tag
        elif node is not root and change == "remove":
            node.getparent().remove(node)
        elif node is not root and change == "double":
            node.addnext(deepcopy(node))
        elif node is not root and change == "move" and node not in list(other.iterancestors()) and node is not other:
            other.append(node)

    outcome(etree.tostring(root))


@settings(max_examples=80, deadline=None)
@given(data=st.data(), xml=st.sampled_from([RICH_12, RICH_2004]))
def test_with_bytes_cut_out_or_changed(data, xml):
    garbled = bytearray(xml.encode(data.draw(st.sampled_from(["utf-8", "utf-16"]))))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, max(len(garbled) - 1, 0)))
        garbled[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))

    outcome(bytes(garbled))
