"""Repairs: the finding is gone, the rest of the package is as it was, byte for byte."""

import io
import zipfile

import pytest

from standards.errors import PackageError
from standards.package import Package
from standards.registry import read
from standards.repair import key_of, plan, write
from tests.standards.cmi5.build import au, structure
from tests.standards.manifests import FOURTH, ITEM, NAMESPACES_12, manifest, resource
from tests.standards.zips import File, build

TWO = ITEM + '<item identifier="I2" identifierref="R2"><title>Two</title></item>'


def zipped(xml, *names, name="imsmanifest.xml", folder=""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(folder + name, xml)
        for path in names or ("a.html",):
            archive.writestr(folder + path, f"page {path}" * 20)
    return buffer.getvalue()


def opened(data):
    return Package.open(io.BytesIO(data))


def repaired(data, codes=(), keys=()):
    """The plan and the new archive."""
    package = opened(data)
    repair = plan(package, codes, keys)
    target = io.BytesIO()
    write(package, repair, target)
    return repair, target.getvalue()


def found(data):
    package = opened(data)
    package.verify()
    return {finding.code for finding in read(package).findings} - {"file-unreferenced"}


def manifest_of(data):
    package = opened(data)
    return package.read(read(package).manifest)


def _no(text, *parts):
    for part in parts:
        assert part in text
        text = text.replace(part, "")
    return text


XML = manifest()
NO_VERSION = _no(XML, "<schemaversion>1.2</schemaversion>")

GREAT = XML.replace("Course", "Größe")

CASES = {  # code, and which case of it: the broken manifest, what is found in the mended one
    "href-spelling": (manifest(resources=resource(href="A.HTML")), 'href="a.html"'),
    "href-backslash": (manifest(resources=resource(href=".\\a.html")), 'href="a.html"'),
    "href-encoded": (manifest(resources=resource(href="%61.html")), 'href="a.html"'),
    "href-absolute": (manifest(resources=resource(href="/a.html")), 'href="a.html"'),
    "scormtype-spelling": (
        manifest(resources=resource(scorm_type='adlcp:scormType="SCO"')),
        'adlcp:scormtype="sco"',
    ),
    "organization-default": (XML.replace('default="O"', 'default="gone"'), 'default="O"'),
    "file-duplicate": (manifest(resources=resource(inside='\n<file href="a.html"/>\n')), ""),
    "schemaversion-missing": (NO_VERSION, "<schema>ADL SCORM</schema><schemaversion>1.2</schemaversion>"),
    "namespace": (XML.replace("imscp_rootv1p1p2", "elsewhere"), NAMESPACES_12.split(" ")[0]),
    "xml-namespace-prefix": (
        _no(XML, 'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"'),
        'xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"',
    ),
    "xml-encoding": (GREAT.encode("cp1252"), "<title>Größe</title>"),
    "xml-encoding, UTF-8": (GREAT.replace("UTF-8", "ISO-8859-1").encode(), "<title>Größe</title>"),
    "xml-encoding, more": (XML.encode() + b"\0\x1a", "</manifest>"),
    "prerequisites-type": (
        manifest(
            TWO.replace("<title>Two</title>", "<title>Two</title><adlcp:prerequisites>I1</adlcp:prerequisites>"),
            resource() + resource("R2"),
        ),
        '<adlcp:prerequisites type="aicc_script">',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_finding_that_is_mended_is_gone(case):
    xml, expected = CASES[case]
    code = case.partition(",")[0]
    data = zipped(xml)
    assert code in found(data)

    repair, mended = repaired(data, [code])

    assert code not in found(mended)
    assert {finding.code for finding in repair.findings} == {code}
    assert expected in manifest_of(mended).decode()
    assert found(mended) <= found(data)
    assert repair.files[0].changes


@pytest.mark.parametrize("case", CASES)
def test_what_else_the_package_holds_stays_as_it_is(case):
    data = zipped(CASES[case][0], "a.html", "pictures/größe.png")

    _, mended = repaired(data, [case.partition(",")[0]])

    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(io.BytesIO(mended)) as after:
        assert after.testzip() is None
        assert after.namelist() == before.namelist()
        for name in before.namelist()[1:]:
            assert (after.read(name), after.getinfo(name).compress_size) == (
                before.read(name),
                before.getinfo(name).compress_size,
            )


def test_only_the_places_in_question_change():
    xml = manifest(resources="\r\n<!-- <file href='A.HTML'/> -->" + resource(href="A.HTML") + "\t\r\n")

    _, mended = repaired(zipped(xml), ["href-spelling"])

    assert manifest_of(mended).decode() == xml.replace('"A.HTML"', '"a.html"')


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_the_encoding_of_a_sound_manifest_stays(encoding):
    declared = {"cp1252": "windows-1252", "utf-8-sig": "UTF-8"}.get(encoding, encoding)
    xml = manifest(resources=resource(href="A.HTML")).replace("UTF-8", declared).replace("Course", "Größe")

    _, mended = repaired(zipped(xml.encode(encoding)), ["href-spelling"])

    assert manifest_of(mended) == xml.replace('"A.HTML"', '"a.html"').encode(encoding)


def test_all_that_can_be_mended_is_mended_at_once():
    xml = manifest(resources=resource(href="A.HTML", scorm_type='adlcp:scormType="SCO"'))
    data = zipped(xml.replace('default="O"', 'default="gone"'), name="IMSMANIFEST.XML", folder="course/")

    repair, mended = repaired(data)

    assert found(mended) == set()
    assert {finding.code for finding in repair.findings} == {
        *("href-spelling", "scormtype-spelling", "organization-default", "manifest-name", "manifest-folder")
    }
    with zipfile.ZipFile(io.BytesIO(mended)) as archive:
        assert archive.namelist() == ["imsmanifest.xml", "a.html"]


def test_one_finding_of_several_is_mended_by_its_key():
    resources = resource(href="A.HTML") + resource("R2", href="B.HTML")
    data = zipped(manifest(TWO, resources), "a.html", "b.html")
    findings = [finding for finding in read(opened(data)).findings if finding.code == "href-spelling"]

    _, mended = repaired(data, keys=[key_of(findings[0])])

    assert b'"a.html"' in manifest_of(mended)
    assert b'"B.HTML"' in manifest_of(mended)
    assert len(findings) == 2


def test_a_flood_is_mended_to_the_last():
    items = "".join(f'<item identifier="I{n}" identifierref="R{n}"><title>T</title></item>' for n in range(500))
    resources = "".join(resource(f"R{n}", href=f"P{n}.HTML") for n in range(500))
    data = zipped(manifest(items, resources), *(f"p{n}.html" for n in range(500)))
    findings = [finding for finding in read(opened(data)).findings if finding.code == "href-spelling"]

    repair, mended = repaired(data, ["href-spelling"])

    assert (len(findings), sum(finding.count for finding in findings)) == (26, 500)
    assert found(mended) == set()
    assert len(repair.files[0].changes) <= 200


@pytest.mark.parametrize(("name", "code"), [("a\\b.html", "zip-backslashes"), ("./a.html", "zip-name-not-normal")])
def test_names_of_members_are_mended(name, code):
    href = name.replace("\\", "/").removeprefix("./")
    data = build(File("imsmanifest.xml", manifest(resources=resource(href=href)).encode()), File(name))

    repair, mended = repaired(data, [code])

    assert {finding.code for finding in repair.findings} == {code}
    assert code not in found(mended)


def test_of_members_that_are_there_twice_one_stays():
    members = (File("imsmanifest.xml", XML.encode()), File("a.html"))

    _, mended = repaired(build(*members, members[1], File("A.html")), ["zip-member-twice"])

    assert mended == repaired(build(*members, trailing=b"junk"))[1]
    assert found(mended) == set()


def test_bytes_that_belong_to_no_member_are_left_out():
    members = (File("imsmanifest.xml", XML.encode()), File("a.html"))

    _, mended = repaired(build(*members, prefix=b"#!/bin/sh\n", trailing=b"junk"))

    assert mended == repaired(build(*members))[1]
    assert found(mended) == set()


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (manifest(version=FOURTH).replace(f"<schemaversion>{FOURTH}</schemaversion>", ""), "schemaversion-missing"),
        (manifest(resources=resource(scorm_type='adlcp:scormtype="lesson"')), "scormtype-unknown"),
        (manifest().replace("adlcp:scormtype", "other:scormtype"), "xml-namespace-prefix"),
        (manifest(resources=resource(href="50%25.html")), "href-encoded"),  # decoded it would read as encoded
    ],
)
def test_what_would_be_a_guess_is_left_alone(xml, code):
    data = zipped(xml, "a.html", "50%.html")
    finding = next(finding for finding in read(opened(data)).findings if finding.code == code)

    assert not finding.fixable
    assert plan(opened(data), [code]).is_empty


def test_what_a_file_manager_left_is_no_obstacle():
    data = zipped(XML, "a.html", ".DS_Store", folder="course/")
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(".DS_Store", "x")

    _, mended = repaired(buffer.getvalue())

    assert "manifest-folder" not in found(mended)
    with zipfile.ZipFile(io.BytesIO(mended)) as archive:
        assert archive.namelist() == ["imsmanifest.xml", "a.html", "course/.DS_Store", ".DS_Store"]


def test_a_package_that_cannot_be_read_is_not_mended():
    with pytest.raises(PackageError):
        repaired(zipped("<manifest>"))


CMI5 = structure(au(url="a.html")).replace(">au<", ">Äußeres<")
TINCAN = (
    '<?xml version="1.0" encoding="utf-8"?><tincan xmlns="http://projecttincan.com/tincan.xsd"><activities>'
    '<activity id="http://tests.example/a" type="http://adlnet.gov/expapi/activities/course"><name>Äußeres</name>'
    '<launch lang="en">a.html</launch></activity></activities></tincan>'
)


@pytest.mark.parametrize(
    ("xml", "wrong", "right"), [(CMI5, "CMI5.XML", "cmi5.xml"), (TINCAN, "TinCan.xml", "tincan.xml")]
)
def test_other_standards_files_are_mended_too(xml, wrong, right):
    data = zipped(xml.encode("cp1252"), name=wrong)
    assert found(data) == {"manifest-name", "xml-encoding"}

    repair, new = repaired(data)

    assert found(new) == set()
    assert (sorted(repair.names.items()), repair.files[0].encoding) == ([(wrong, right)], "UTF-8")
    assert "Äußeres" in manifest_of(new).decode()


@pytest.mark.parametrize(
    ("file", "url", "code", "expected"),
    [
        ("a.html", "A.html?x=1#y", "href-spelling", "<url>a.html?x=1#y</url>"),
        ("a.html", "\n  <![CDATA[/a.html]]>\n", "href-absolute", "<url>\n  a.html\n</url>"),
        ("Seite 1/Öl & Gas.html", "seite%201/Öl%20&amp;%20gas.html", "href-spelling", ">Seite%201/%C3%96l%20&amp;%20G"),
        ("50%.html", "50%25.HTML", "href-spelling", "<url>50%25.html</url>"),
    ],
)
def test_an_address_of_cmi5_is_mended_and_still_one(file, url, code, expected):
    data = zipped(structure(au(url=url), au("other", url=url)), file, name="cmi5.xml")
    assert found(data) == {code}

    repair, mended = repaired(data, [code])

    assert found(mended) == set()
    assert [leaf.href for leaf in read(opened(mended)).leaves] == [leaf.href for leaf in read(opened(data)).leaves]
    assert manifest_of(mended).decode().count(expected) == 2
    assert len(repair.findings) == 1


def test_an_address_of_cmi5_is_percent_encoded_as_it_has_to_be():
    data = zipped(structure(au(url="a%20b.html")), "a b.html", name="cmi5.xml")

    assert found(data) == set()


@pytest.mark.parametrize(
    ("launch", "code"), [("A.HTML?x=1", "href-spelling"), ("%61.html", "href-encoded"), (".\\a.html", "href-backslash")]
)
def test_a_page_of_tin_can_is_mended(launch, code):
    data = zipped(TINCAN.replace(">a.html<", f"> {launch} <"), name="tincan.xml")
    assert found(data) == {code}

    _, mended = repaired(data, [code])

    assert found(mended) == set()
    rest = "?x=1" if "?" in launch else ""
    assert manifest_of(mended).decode() == TINCAN.replace(">a.html<", f"> a.html{rest} <")


def test_a_name_the_encoding_cannot_say_is_written_as_a_reference():
    xml = manifest(resources=resource(href="&#1046;.HTML")).replace("UTF-8", "iso-8859-1")
    data = zipped(xml.encode("iso-8859-1"), "Ж.html")

    _, mended = repaired(data, ["href-spelling"])

    assert found(mended) == set()
    assert b'href="&#1046;.html"' in manifest_of(mended)
