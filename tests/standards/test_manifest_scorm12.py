"""What ADL adds to an item in SCORM 1.1 and 1.2 (SCORM 1.2 CAM 2.3.2.1)."""

import pytest

from tests.standards.manifests import ITEM, codes, manifest, parse


def item(inside):
    return ITEM.replace("</item>", f"{inside}</item>")


def test_all_fields_of_an_item():
    inside = (
        '<adlcp:prerequisites type="aicc_script">  I1&amp;~O|3*{I1,O,I1}</adlcp:prerequisites>'
        "<adlcp:maxtimeallowed>0001:30:00.50</adlcp:maxtimeallowed>"
        "<adlcp:timelimitaction> Exit, Message </adlcp:timelimitaction>"
        "<adlcp:datafromlms>  level=1;two words </adlcp:datafromlms>"
        "<adlcp:masteryscore>80</adlcp:masteryscore>"
    )
    course = parse(manifest(item(inside)))

    (leaf,) = course.leaves
    assert (
        leaf.prerequisites,
        leaf.max_time_allowed,
        leaf.time_limit_action,
        leaf.data_from_lms,
        leaf.mastery_score,
    ) == (
        "I1&~O|3*{I1,O,I1}",
        5400.5,
        "exit,message",
        "level=1;two words",
        80.0,
    )
    assert codes(course) == []


@pytest.mark.parametrize(
    ("inside", "field", "value", "finding"),
    [
        ("<adlcp:masteryscore>0</adlcp:masteryscore>", "mastery_score", 0.0, []),
        ("<adlcp:masteryscore>66.6</adlcp:masteryscore>", "mastery_score", 66.6, []),
        ("<adlcp:masteryscore></adlcp:masteryscore>", "mastery_score", None, []),
        ("<adlcp:masteryscore>101</adlcp:masteryscore>", "mastery_score", None, ["value-invalid"]),
        ("<adlcp:masteryscore>eighty</adlcp:masteryscore>", "mastery_score", None, ["value-invalid"]),
        ("<adlcp:masteryscore>nan</adlcp:masteryscore>", "mastery_score", None, ["value-invalid"]),
        ("<adlcp:maxtimeallowed>00:30:00</adlcp:maxtimeallowed>", "max_time_allowed", 1800.0, []),
        ("<adlcp:maxtimeallowed>PT30M</adlcp:maxtimeallowed>", "max_time_allowed", 1800.0, ["value-format"]),
        ("<adlcp:maxtimeallowed>30</adlcp:maxtimeallowed>", "max_time_allowed", None, ["value-invalid"]),
        (
            "<adlcp:timelimitaction>continue,no message</adlcp:timelimitaction>",
            "time_limit_action",
            "continue,no message",
            [],
        ),
        ("<adlcp:timelimitaction>stop</adlcp:timelimitaction>", "time_limit_action", "", ["value-invalid"]),
        ("<adlcp:prerequisites>I1</adlcp:prerequisites>", "prerequisites", "I1", ["prerequisites-type"]),
        ('<adlcp:prerequisites type="AICC_script"/>', "prerequisites", "", []),
        ('<adlcp:prerequisites type="aicc_script">I1 AND O</adlcp:prerequisites>', "prerequisites", "I1 AND O", []),
        (
            '<adlcp:prerequisites type="aicc_script">I1 &amp; I9</adlcp:prerequisites>',
            "prerequisites",
            "I1 & I9",
            ["prerequisites-unknown"],
        ),
        (
            '<adlcp:prerequisites type="aicc_script">A B</adlcp:prerequisites>',
            "prerequisites",
            "A B",
            ["prerequisites-unreadable"],
        ),
        (
            f'<adlcp:prerequisites type="aicc_script">{"(" * 9999}A</adlcp:prerequisites>',
            "prerequisites",
            "(" * 9999 + "A",
            ["prerequisites-unreadable"],
        ),
        ("<datafromlms>x</datafromlms>", "data_from_lms", "x", []),
        (f"<adlcp:datafromlms>{'x' * 256}</adlcp:datafromlms>", "data_from_lms", "x" * 256, ["data-from-lms-long"]),
    ],
)
def test_field_of_an_item(inside, field, value, finding):
    course = parse(manifest(item(inside)))

    assert (getattr(course.leaves[0], field), codes(course)) == (value, finding)
