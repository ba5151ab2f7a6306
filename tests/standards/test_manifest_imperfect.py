"""Imperfect manifests: what is understood is imported with a finding, what cannot work is refused in words."""

import time

import pytest

from standards.errors import PackageError
from standards.manifest import DEEPEST_ITEM
from standards.recognition import no_manifest
from standards.xmlfile import LONGEST_MESSAGE, SAME_CODE_LIMIT, XML_SIZE_LIMIT
from tests.standards.manifests import FOURTH, ITEM, codes, manifest, package, parse, parse_package, resource

SECOND = '<item identifier="I2" identifierref="R2"><title>Two</title></item>'


def refusal(xml, *names, **options):
    with pytest.raises(PackageError) as caught:
        parse(xml, *names, **options)
    return caught.value.finding


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("xml", "words", "line"),
    [
        ("", "the file is empty or no XML", 1),
        ("Not a manifest", "the file does not start with a tag, so it is no XML", 1),
        ("<manifest>\n<a>\n</manifest>", "<a>, opened in line 2, is closed by </manifest>", 3),
        ("<manifest>\n<a>", "the file ends while <a> of line 2 is still open", 2),
        ("<manifest>R & D</manifest>", "an & stands alone; it is written &amp; in XML", 1),
        ("<manifest>&nbsp;</manifest>", "the entity &nbsp; is not known to XML; write the character itself", 1),
        ("<manifest/><manifest/>", "something follows after the end of the outermost element", 1),
        ('<manifest a="1" a="2"/>', "the attribute a is given twice on one element", 1),
        ("<a>" * 300 + "</a>" * 300, "its elements are nested too deep", 1),
    ],
)
def test_malformed_xml_is_refused_in_words(xml, words, line):
    finding = refusal(xml)

    assert (finding.code, finding.file, finding.line) == ("manifest-xml", "imsmanifest.xml", line)
    assert finding.message == f"imsmanifest.xml is not well-formed XML, line {line}: {words}."


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE manifest [<!ENTITY a "b">]>',
        '<!DOCTYPE manifest [<!ENTITY % a "b">]>',
        '<!DOCTYPE manifest [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE manifest SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY a "b">]>',
        '<!DOCTYPE manifest [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused(dtd, encoding):
    xml = f'<?xml version="1.0" encoding="{encoding}"?>' + dtd + manifest().partition("?>")[2]

    finding = refusal(xml.encode(encoding), "a.html")

    assert (finding.code, finding.message) == (
        "manifest-xml",
        "imsmanifest.xml declares entities of its own, which are not allowed in a package.",
    )


def test_named_dtd_is_not_opened(tmp_path):
    dtd = tmp_path / "course.dtd"
    dtd.write_text('<!ATTLIST item identifierref CDATA "STOLEN"><!ENTITY a "b">')
    doctype = f'<!DOCTYPE manifest SYSTEM "{dtd.as_uri()}">'
    xml = manifest('<item identifier="I0"><title>x&a;</title></item>' + ITEM).replace("?>", "?>" + doctype)

    course = parse(xml, "a.html")

    assert course.root.children[0].resource == ""
    assert "b" not in course.root.children[0].title


def test_manifest_larger_than_the_limit_is_refused():
    finding = refusal(manifest() + " " * XML_SIZE_LIMIT, "a.html")

    assert finding.code == "package-file-too-large"


@pytest.mark.parametrize(
    ("names", "code", "words"),
    [
        (["index.html"], "no-manifest", "The zip file holds index.html."),
        (["a", "b", "c", "d"], "no-manifest", "The zip file holds a, b, c and others."),
    ],
)
def test_no_manifest_says_what_was_found(names, code, words):
    opened = package("x", *names[1:], name=names[0])

    with pytest.raises(PackageError) as caught:
        parse_package(opened)

    assert (caught.value.finding.code, no_manifest(opened).finding) == (code, caught.value.finding)
    assert words in str(caught.value)


def test_manifest_in_a_folder_beside_other_files_is_used():
    opened = package(manifest(), name="course/imsmanifest.xml", contents={"readme.txt": "x", "course/a.html": "x"})

    course = parse_package(opened)

    assert (course.base, course.leaves[0].href) == ("course/", "course/a.html")
    assert [(finding.code, finding.fixable) for finding in course.findings] == [("manifest-folder", False)]


def test_two_courses_in_one_zip_are_named():
    opened = package(manifest(), name="golf/imsmanifest.xml", contents={"tennis/IMSManifest.xml": manifest()})

    with pytest.raises(PackageError) as caught:
        parse_package(opened)

    assert caught.value.finding.code == "manifest-several"
    assert "golf/imsmanifest.xml, tennis/IMSManifest.xml" in str(caught.value)


@pytest.mark.parametrize(
    ("xml", "code", "words"),
    [
        (manifest(resources=resource(href="gone.html")), "launch-file-missing", "Item I1 launches gone.html"),
        (manifest(resources=resource(href="../a.html")), "launch-file-missing", "Item I1 launches ../a.html"),
        (
            manifest(resources=resource("X")),
            "resource-missing",
            "Item I1 refers to a resource that is not in the manifest: R1",
        ),
        (manifest(resources=resource(href="")), "resource-href-missing", "its resource R1 has no href"),
        (manifest(resources=resource(href="C:\\a.html")), "href-foreign", "C:\\a.html is no path in the package"),
        (manifest(resources=resource(href="javascript:alert(1)")), "href-foreign", "javascript:alert(1)"),
        (manifest('<item identifier="I1"><title>One</title></item>'), "nothing-to-launch", "None of the items"),
        (manifest("", ""), "nothing-to-launch", "neither items nor a resource"),
        (manifest("", resource(href="gone.html")), "launch-file-missing", "gone.html"),
        ("<package/>", "manifest-xml", "<package>, not <manifest>"),
        (manifest().replace("ADL SCORM", "IMS Common Cartridge"), "not-scorm", "IMS Common Cartridge"),
    ],
)
def test_what_cannot_work_is_refused(xml, code, words):
    finding = refusal(xml)

    assert (finding.code, finding.severity, finding.file) == (code, "error", "imsmanifest.xml")
    assert words in finding.message


def test_items_nested_deeper_than_any_course_are_refused():
    def nested(levels):
        opening = "".join(f'<item identifier="L{level}"><title>L</title>' for level in range(levels - 1))
        return manifest(opening + ITEM + "</item>" * (levels - 1))

    assert sum(1 for _ in parse(nested(DEEPEST_ITEM)).root.walk()) == DEEPEST_ITEM + 1
    assert refusal(nested(DEEPEST_ITEM + 1)).code == "items-too-deep"


# --- understood -------------------------------------------------------------------------------------------------------


def test_missing_launch_file_among_others_is_a_warning():
    course = parse(manifest(ITEM + SECOND, resource() + resource("R2", "gone.html", "", "")), "a.html")

    missing = next(finding for finding in course.findings if finding.code == "launch-file-missing")
    assert (missing.severity, missing.message) == (
        "warning",
        "Item I2 launches gone.html, which is not in the package.",
    )
    assert [leaf.href for leaf in course.leaves] == ["a.html", "gone.html"]


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ("", "resource-missing"),
        (resource("R2", ""), "resource-href-missing"),
        (resource("R2", "file:///x"), "href-foreign"),
    ],
)
def test_item_that_cannot_be_launched_among_others_becomes_a_heading(second, code):
    course = parse(manifest(ITEM + SECOND, resource() + second), "a.html")

    finding = next(finding for finding in course.findings if finding.code == code)
    assert (finding.severity, "I2" in finding.message) == ("error", True)
    assert [(entry.kind, entry.href) for entry in course.root.children] == [("sco", "a.html"), ("aggregation", "")]


def test_broken_other_organization_does_not_stop_the_default_one():
    xml = manifest().replace(
        "</organizations>",
        '<organization identifier="P"><title>P</title><item identifier="J" identifierref="gone"><title>J</title></item>'
        "</organization></organizations>",
    )

    assert codes(parse(xml)) == ["resource-missing"]


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (manifest(ITEM.replace("<title>One</title>", "")), [("title-missing", 'Item I1 has no title; "I1" is shown.')]),
        (
            manifest().replace("<title>Course</title>", ""),
            [("title-missing", 'Organization O has no title; "M" is shown.')],
        ),
        (
            manifest(ITEM + ITEM),
            [("identifier-duplicate", "The identifier I1 is used more than once; this item is called I1-2.")],
        ),
        (
            manifest(ITEM.replace('identifier="I1" ', "")),
            [("item-identifier-missing", "An item has no identifier; it is called item.")],
        ),
        (
            manifest(resources=resource() + resource()),
            [("identifier-duplicate", "Two resources have the identifier R1; items that refer to it get the first.")],
        ),
        (
            manifest(ITEM + '<item identifier="I2"><title>Two</title></item>'),
            [
                (
                    "item-without-resource",
                    "Item I2 has neither a resource nor items below it; it is a heading nobody can open.",
                )
            ],
        ),
        (
            manifest("", resource()),
            [
                (
                    "organization-missing",
                    "The manifest has no organization with items; its launchable resources (1) make the course.",
                )
            ],
        ),
        (
            manifest(after="<manifest identifier='inner'/>"),
            [("sub-manifest", "The manifest holds sub-manifests (1); only the outer one is used.")],
        ),
        (
            manifest(resources=resource(inside='<file href="gone.png"/><file href="x.xsd"/><file href="gone.gif"/>')),
            [("file-missing", "Resource R1 lists files that are not in the package: gone.png, gone.gif.")],
        ),
        (
            manifest(resources=resource().replace(' href="a.html" >', ">")),
            [("resource-href-missing", "Resource R1 has no href; its only page, a.html, is launched.")],
        ),
        (
            manifest(ITEM.replace('identifierref="R1"', 'identifierref="R1" isvisible="perhaps"')),
            [("value-invalid", 'Item I1: isvisible="perhaps" of <item> is not true or false; true is used.')],
        ),
        (
            manifest().replace('<organizations default="O">', '<organizations default="nowhere">'),
            [
                (
                    "organization-default",
                    "The default organization names nowhere, which is not in the manifest; the first, O, is used.",
                )
            ],
        ),
    ],
)
def test_imperfection_is_a_finding(xml, expected):
    course = parse(xml, "a.html")

    assert [(finding.code, finding.message) for finding in course.findings] == expected
    assert [leaf.href for leaf in course.leaves][:1] == ["a.html"]
    assert all(finding.file == "imsmanifest.xml" and finding.line and finding.clause for finding in course.findings)


def test_files_nobody_lists_are_one_hint():
    course = parse(manifest(), "a.html", "b.html", "c.html", "d.html", "e.html", "x.xsd", "._a.html", "sub/Thumbs.db")

    (finding,) = course.findings
    assert (finding.code, finding.severity) == ("file-unreferenced", "hint")
    assert finding.message.endswith("b.html, c.html, d.html and 1 more (4 in all).")


def test_findings_of_the_archive_come_after_those_of_the_manifest():
    opened = package(manifest(ITEM.replace("<title>One</title>", "")), "a.html")
    opened.findings.append(parse(manifest(version="")).findings[0])

    assert codes(parse_package(opened)) == ["title-missing", "schemaversion-missing"]


def test_flood_of_one_finding_is_counted():
    items = "".join(f'<item identifier="I{count}" identifierref="R1"/>' for count in range(SAME_CODE_LIMIT + 40))

    course = parse(manifest(items), "a.html")

    assert len(course.findings) == SAME_CODE_LIMIT + 1
    assert course.findings[-1].message.startswith("40 more findings")


def test_message_stays_short_however_long_what_it_quotes():
    course = parse(manifest(ITEM.replace("<title>One</title>", "").replace("I1", "I" * 5000)), "a.html")

    assert [len(finding.message) for finding in course.findings] == [LONGEST_MESSAGE]


def test_sub_manifest_does_not_lend_its_items():
    inner = manifest(SECOND, resource("R2")).partition("?>")[2].replace('identifier="M"', 'identifier="inner"')

    course = parse(manifest(after=inner, version="1.2"), "a.html")

    assert [leaf.identifier for leaf in course.leaves] == ["I1"]


def test_repeated_identifiers_cost_no_more_than_others():
    items = ITEM * 5000

    course = parse(manifest(items), "a.html")

    assert course.leaves[-1].identifier == "I1-5000"


def test_large_manifest_is_read_in_seconds_not_minutes():
    items = "".join(f'<item identifier="I{n}" identifierref="R{n}"><title>T</title></item>' for n in range(5000))
    resources = "".join(resource(f"R{n}", "a.html", scorm_type='adlcp:scormType="sco"') for n in range(5000))

    course = parse(manifest(items, resources, version=FOURTH), "a.html")

    assert len(course.leaves) == 5000


def test_an_identifierref_in_other_letters_is_understood_and_can_be_mended():
    course = parse(manifest(ITEM.replace('"R1"', '"r1"')), "a.html")

    assert [(leaf.href, leaf.kind, leaf.resource) for leaf in course.leaves] == [("a.html", "sco", "R1")]
    assert [(finding.code, finding.fixable) for finding in course.findings] == [("identifierref-case", True)]


def test_an_identifierref_that_may_be_either_of_two_is_refused():
    xml = manifest(ITEM.replace('"R1"', '"RES"'), resource("res") + resource("Res"))

    assert refusal(xml, "a.html").code == "resource-missing"


def test_an_element_of_thousands_of_attributes_takes_no_time():
    many = " ".join(f'a{number}="1"' for number in range(20_000))
    begun = time.process_time()

    finding = refusal(manifest(ITEM.replace("<item ", f"<item {many} ")))

    assert (finding.code, "more than 100 attributes" in finding.message) == ("manifest-xml", True)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (b"<manifest>\x0b</manifest>", "it has a character that XML cannot hold (number 11)"),
        (manifest().replace("UTF-8", "cp037").encode("cp037"), "its encoding is not known; save it as UTF-8"),
    ],
)
def test_what_libxml_says_is_put_in_plain_words(xml, words):
    assert refusal(xml).message.endswith(f": {words}.")
