"""cmi5 course packages: what they are read as and in which words those are refused that break a rule (13, 14)."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from standards import registry
from standards.cmi5.package import parse
from standards.errors import PackageError
from standards.package import Package
from standards.structure import CourseStructure
from tests.standards.cmi5.build import (
    FOLDER,
    alone,
    au,
    block,
    course_zip,
    in_zip,
    objective,
    structure,
    zipped,
)
from tests.standards.cmi5.requirements import SHOWN, requirement

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"


def read(package: Package) -> CourseStructure:
    package.verify()
    return registry.read(package)


@requirement("6.1.0.0-3", "13.1.4.0-3")
@pytest.mark.parametrize("name", ["course", "odd"])
def test_our_package_reads_as_its_golden_structure(name):
    course = read(Package.open(io.BytesIO(course_zip(name))))

    assert json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) == json.loads(json.dumps(course.to_json()))
    assert CourseStructure.from_json(course.to_json()) == course


REFUSED: list[tuple[str, str, str, Any]] = [  # requirement, code, what is wrong, package
    (
        "3.0.0.0-1",
        "cmi5-iri",
        "course id without scheme",
        lambda: alone(structure(au()).replace('course id="https://', 'course id="')),
    ),
    (
        "3.0.0.0-1",
        "cmi5-iri",
        "block id",
        lambda: alone(structure(block("b", au()).replace(' id="https://tests.example/b"', ' id="b"'))),
    ),
    ("3.0.0.0-1", "cmi5-iri", "au id", lambda: alone(structure(au().replace("https://tests.example/au", "/au")))),
    (
        "3.0.0.0-1",
        "cmi5-iri",
        "au id of a fragment",
        lambda: alone(structure(au().replace("https://tests.example/au", "#au"))),
    ),
    ("3.0.0.0-1", "cmi5-iri", "au id with a blank", lambda: alone(structure(au("a b")))),
    (
        "3.0.0.0-1",
        "cmi5-iri",
        "au id without host",
        lambda: alone(structure(au().replace("https://tests.example/au", "https:au"))),
    ),
    (
        "3.0.0.0-1",
        "cmi5-iri",
        "au id of a network path",
        lambda: alone(structure(au().replace("https://tests.example/au", "//tests.example/au"))),
    ),
    (
        "3.0.0.0-1",
        "cmi5-iri",
        "objective id",
        lambda: alone(
            structure(
                au(), objectives="<objectives>" + objective("o").replace("https://tests.example/", "") + "</objectives>"
            )
        ),
    ),
    ("3.0.0.0-1", "cmi5-iri", "activityType", lambda: alone(structure(au(attributes='activityType="lesson"')))),
    ("8.1.0.0-6", "cmi5-url-reserved", "endpoint", lambda: alone(structure(au(url="https://c.example/?endpoint=1")))),
    ("8.1.0.0-6", "cmi5-url-reserved", "fetch", lambda: alone(structure(au(url="https://c.example/?a=b&amp;fetch=1")))),
    ("8.1.0.0-6", "cmi5-url-reserved", "actor", lambda: alone(structure(au(url="https://c.example/?actor")))),
    (
        "8.1.0.0-6",
        "cmi5-url-reserved",
        "registration",
        lambda: in_zip(structure(au(url="a.html?registration=1#x")), "a.html"),
    ),
    (
        "8.1.0.0-6",
        "cmi5-url-reserved",
        "activityId, escaped",
        lambda: alone(structure(au(url="https://c.example/?activity%49d=1"))),
    ),
    (
        "13.1.2.0-1",
        "cmi5-id-duplicate",
        "two blocks",
        lambda: alone(structure(block("b", au("1")), block("b", au("2")))),
    ),
    (
        "13.1.2.0-1",
        "cmi5-id-duplicate",
        "a block inside of itself",
        lambda: alone(structure(block("b", block("b", au("2"))))),
    ),
    (
        "13.1.3.0-1",
        "cmi5-id-duplicate",
        "two objectives",
        lambda: alone(structure(au(), objectives=f"<objectives>{objective('o') * 2}</objectives>")),
    ),
    ("13.1.4.0-1", "cmi5-id-duplicate", "two AUs", lambda: alone(structure(au("1"), block("b", au("1"))))),
    ("13.1.4.0-1", "cmi5-id-duplicate", "an AU and its block", lambda: alone(structure(block("1", au("1"))))),
    ("13.1.4.0-1", "cmi5-id-duplicate", "told apart by blanks alone", lambda: alone(structure(au("1"), au("1 ")))),
    ("13.1.4.0-2", "cmi5-url", "a blank", lambda: alone(structure(au(url="http://example.com index.html")))),
    ("13.1.4.0-2", "cmi5-url", "no host", lambda: alone(structure(au(url="https:///index.html")))),
    ("13.1.4.0-2", "cmi5-url", "no scheme", lambda: alone(structure(au(url="//example.com/index.html")))),
    ("13.1.4.0-2", "cmi5-url", "a script", lambda: alone(structure(au(url="javascript:alert(1)")))),
    ("13.1.4.0-2", "cmi5-url", "a script with slashes", lambda: alone(structure(au(url="javascript://%0aalert(1)")))),
    ("13.2.0.0-1", "cmi5-schema", "a bad escape", lambda: alone(structure(au(url="https://example.com/%zz")))),
    (
        "13.1.5.0-2",
        "cmi5-schema",
        "an extension in the middle",
        lambda: alone(structure(au().replace("<url>", '<x:a xmlns:x="urn:x"/><url>'))),
    ),
    ("13.2.0.0-1", "cmi5-schema", "moveOn", lambda: alone(structure(au(attributes='moveOn="Done"')))),
    ("13.2.0.0-1", "cmi5-schema", "launchMethod", lambda: alone(structure(au(attributes='launchMethod="Popup"')))),
    ("13.2.0.0-1", "cmi5-schema", "masteryScore above 1", lambda: alone(structure(au(attributes='masteryScore="80"')))),
    (
        "13.2.0.0-1",
        "cmi5-schema",
        "masteryScore no decimal",
        lambda: alone(structure(au(attributes='masteryScore="1e-1"'))),
    ),
    ("13.2.0.0-1", "cmi5-schema", "no AU", lambda: alone(structure())),
    ("13.2.0.0-1", "cmi5-schema", "an empty block", lambda: alone(structure(block("b")))),
    (
        "13.2.0.0-1",
        "cmi5-schema",
        "no title",
        lambda: alone(structure(au()).replace("<title>", "<tilte>").replace("</title>", "</tilte>")),
    ),
    (
        "13.2.0.0-1",
        "cmi5-schema",
        "no course",
        lambda: alone(structure(au()).replace("course id", "curse id").replace("</course>", "</curse>")),
    ),
    ("13.2.0.0-1", "cmi5-schema", "an empty url", lambda: alone(structure(au(url=" ")))),
    (
        "13.2.0.0-1",
        "cmi5-schema",
        "another namespace",
        lambda: alone(structure(au()).replace("/v1/CourseStructure", "/v0/CourseStructure")),
    ),
    ("13.2.0.0-1", "cmi5-schema", "a moveOn of its own", lambda: alone(structure(au(attributes='moveOn="Sometimes"')))),
    ("14.1.0.0-1", "not-a-zip", "a text", lambda: alone("no zip at all")),
    ("14.1.0.0-2", "cmi5-not-at-top", "in a folder", lambda: in_zip(structure(au()), name="course/cmi5.xml")),
    ("14.1.0.0-2", "no-manifest", "nowhere", lambda: in_zip(structure(au()), name="structure.xml")),
    ("14.1.0.0-4", "launch-file-missing", "no such file", lambda: in_zip(structure(au(url="b.html")), "a.html")),
    ("14.1.0.0-4", "launch-file-missing", "out of the zip", lambda: in_zip(structure(au(url="../a.html")), "a.html")),
    ("14.2.0.0-1", "cmi5-url-relative", "a file", lambda: alone(structure(au(url="index.html")))),
    ("14.2.0.0-1", "cmi5-url-relative", "a path", lambda: alone(structure(block("b", au(url="/a/index.html"))))),
]
for _number, *_ in REFUSED:
    SHOWN.setdefault(_number, []).append("test_a_package_is_refused_with_the_rule_it_breaks")


@requirement("4.4.0.0-1")
@pytest.mark.parametrize(
    ("number", "code", "package"), [pytest.param(n, c, p, id=f"{n} {what}") for n, c, what, p in REFUSED]
)
def test_a_package_is_refused_with_the_rule_it_breaks(number, code, package):
    with pytest.raises(PackageError) as caught:
        read(package())

    finding = caught.value.finding
    assert (finding.code, finding.severity) == (code, "error")
    if code.startswith("cmi5-") and code != "cmi5-mastery-score":
        assert finding.clause == f"cmi5 {number}"
        assert finding.line or code == "cmi5-not-at-top"


@pytest.mark.parametrize(
    ("text", "score"), [("0", 0.0), ("1.0", 1.0), (".5", 0.5), ("+0.7", 0.7), ("0.123456789", 0.123456789)]
)
def test_a_mastery_score_is_any_decimal_between_0_and_1(text, score):
    course = read(alone(structure(au(attributes=f'masteryScore="{text}"'))))

    assert course.leaves[0].scaled_mastery_score == score


@requirement("14.0.0.0-1")
def test_a_course_structure_alone_and_in_a_zip():
    course = read(alone(structure(block("b", au(attributes='moveOn="Passed" masteryScore="0.80"')))))
    zipped_one = read(in_zip(structure(au(url="a%20b/c.html?x=1#y")), "a b/c.html"))

    (leaf,) = course.leaves
    assert (course.standard, course.title, course.manifest) == ("CMI5", "Course", "cmi5.xml")
    assert (leaf.href, leaf.move_on, leaf.scaled_mastery_score) == ("https://content.example/index.html", "Passed", 0.8)
    assert (zipped_one.leaves[0].href, zipped_one.resources[0].files) == ("a b/c.html?x=1#y", ("a b/c.html",))


@requirement("13.1.0.0-1")
def test_blanks_around_values_are_removed():
    xml = structure(au(attributes='moveOn=" Passed&#10;" masteryScore=" 0.5 "', url="\n https://content.example/ \n"))

    (leaf,) = read(alone(xml.replace("https://tests.example/au", " https://tests.example/au "))).leaves

    assert (leaf.identifier, leaf.move_on, leaf.scaled_mastery_score, leaf.href) == (
        "https://tests.example/au",
        "Passed",
        0.5,
        "https://content.example/",
    )


@requirement("13.1.5.0-1")
def test_extensions_are_kept_and_their_missing_schema_is_pointed_out():
    declared = 'xmlns:x="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    rest = "<x:shelf>3</x:shelf>"

    plain = read(alone(structure(au(rest="<x:room/>"), rest=rest, declared=declared)))
    located = read(alone(structure(au(), rest=rest, declared=f'{declared} xsi:schemaLocation="urn:x x.xsd"')))

    assert [finding.code for finding in plain.findings] == ["extension-schema"]
    assert ("shelf" in plain.extensions[0], "room" in plain.leaves[0].extensions[0]) == (True, True)
    assert located.findings == ()


def test_an_unknown_objective_is_pointed_out():
    rest = '<objectives><objective idref="https://tests.example/o"/></objectives>'
    course = read(alone(structure(au().replace("<url>", f"{rest}<url>"))))

    assert [finding.code for finding in course.findings] == ["objective-unknown"]
    assert course.leaves[0].objectives == ("https://tests.example/o",)


@requirement("6.1.0.0-2")
def test_thousands_of_aus():
    course = read(alone(structure(*(block(f"b{n}", *(au(f"{n}/{m}") for m in range(50))) for n in range(60)))))

    assert len(course.leaves) == 3000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding):
    xml = '<?xml version="1.0"?>' if encoding != "utf-16" else '<?xml version="1.0" encoding="utf-16"?>'

    course = read(alone((xml + structure(au()).replace(">Course<", ">Übung 港<")).encode(encoding)))

    assert course.title == "Übung 港"


@pytest.mark.parametrize("xml", ["<courseStructure", "<courseStructure><a></courseStructure>", "<courseStructure/>"])
def test_what_is_no_course_structure_is_refused(xml):
    with pytest.raises(PackageError):
        read(alone(xml))


def test_an_entity_is_refused():
    with pytest.raises(PackageError, match="entities"):
        read(alone('<!DOCTYPE courseStructure [<!ENTITY a "b">]><courseStructure>&a;</courseStructure>'))


def test_the_name_in_other_letters_is_pointed_out():
    assert [finding.code for finding in read(in_zip(structure(au()), name="CMI5.XML")).findings] == ["manifest-name"]


# --- other people's packages ------------------------------------------------------------------------------------------

REASONS = {  # by slug of the corpus: code and clause
    "lts-201-1-iris-course-id": ("cmi5-iri", "cmi5 3.0.0.0-1"),
    "lts-201-2-iris-block-id": ("cmi5-iri", "cmi5 3.0.0.0-1"),
    "lts-202-1-relative-url-no-zip": ("cmi5-url-relative", "cmi5 14.2.0.0-1"),
    "lts-202-2-relative-url-no-zip": ("cmi5-url-relative", "cmi5 14.2.0.0-1"),
    "lts-204-query-string-conflict-endpoint": ("cmi5-url-reserved", "cmi5 8.1.0.0-6"),
    "lts-205-1-duplicated-block": ("cmi5-id-duplicate", "cmi5 13.1.2.0-1"),
    "lts-207-1-invalid-coursestructure": ("cmi5-schema", "cmi5 13.2.0.0-1"),
}


def corpus(imports: bool) -> list[Any]:
    index = CORPUS / "INDEX.json"
    entries = json.loads(index.read_text())["packages"] if index.exists() else []
    return [
        pytest.param(entry, id=entry["slug"])
        for entry in entries
        if entry["standard"] == "cmi5" and entry["expect"].startswith("imports") == imports
    ]


@pytest.mark.parametrize("entry", corpus(imports=True))
def test_a_course_of_others_is_read(entry):
    with (CORPUS / entry["file"]).open("rb") as file:
        course = read(Package.open(file))

    assert (course.title, len(course.leaves)) == (entry["title"], entry["launchable"])
    assert course.leaves[0].href == entry["launch"]
    assert sorted({leaf.move_on for leaf in course.leaves}) == sorted(entry["moveOn"])


@pytest.mark.parametrize("entry", corpus(imports=False))
def test_a_wrong_course_of_others_is_refused_as_the_index_says(entry):
    with (CORPUS / entry["file"]).open("rb") as file, pytest.raises(PackageError) as caught:
        read(Package.open(file))

    assert (caught.value.finding.code, caught.value.finding.clause) == REASONS[entry["slug"]]


def test_the_package_member_is_the_file_itself():
    package = alone(structure(au()))
    package.verify()

    (member,) = package.members.values()
    assert (member.path, member.offset, member.size == member.compressed_size) == ("cmi5.xml", 0, True)
    assert package.read("cmi5.xml") == structure(au()).encode()
    assert zipped(structure(au()))[:2] == b"PK"
    assert parse(package).leaves
