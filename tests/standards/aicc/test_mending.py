"""Repairs of AICC packages: the finding is gone, the course is the same, all else stays byte for byte."""

import io
import zipfile

import pytest

from standards.package import Package
from standards.registry import read
from standards.repair import plan, write
from standards.rules import RULES

from .packages import AU, CRS, CST, DES, course_zip, opened, zip_of

TEXTS = {"course.crs": CRS, "course.au": AU, "course.cst": CST, "course.des": DES}
FILES = {**TEXTS, "a.html": "<p>", "b/Ж 1.html": "<p>"}


def repaired(data, codes=()):
    package = Package.open(io.BytesIO(data))
    repair, target = plan(package, codes), io.BytesIO()
    write(package, repair, target)
    return repair, target.getvalue()


def course(data):
    package = Package.open(io.BytesIO(data))
    package.verify()
    return read(package)


def found(data):
    return {finding.code for finding in course(data).findings}


def member(data, name):
    return zipfile.ZipFile(io.BytesIO(data)).read(name)


def units(*rows):
    return "\r\n".join(['"system_id","file_name","core_vendor"', *rows, ""])


NAMES = {  # the row of the .au as it is, and as it has to be
    "case": ('"A1","A.HTML","x, ""y"""', '"A1","a.html","x, ""y"""'),
    "without quotes": ("A1,  A.HTML ,x", "A1,  a.html ,x"),
    "a query": ('"A1","A.HTML?x=""1""#top",""', '"A1","a.html?x=""1""#top",""'),
    "back-slashes": ('"A1",".\\a.html",""', '"A1","a.html",""'),
    "a slash first": ('"A1","/a.html",""', '"A1","a.html",""'),
    "a field of two lines": ('"A1","A.HTML","one\r\ntwo"', '"A1","a.html","one\r\ntwo"'),
    "a short row": ("A1,A.HTML", "A1,a.html"),
}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_is_spelled_as_the_file(name, encoding):
    wrong, right = NAMES[name]
    before = units('"A0","a.html","Ärger"', wrong, '"A2","a.html",""').encode(encoding)
    cst = "block,member,member,member\nroot,A0,A1,A2\n"
    data = zip_of({**FILES, "course.crs": CRS.replace("AUs=1", "AUs=3"), "course.au": before, "course.cst": cst})
    assert found(data) == {"href-spelling"}

    repair, mended = repaired(data, ["href-spelling"])

    assert found(mended) == set()
    assert member(mended, "course.au") == before.replace(wrong.encode(), right.encode())
    assert course(mended).leaves == course(data).leaves
    assert [(file.path, len(file.changes), file.encoding) for file in repair.files] == [("course.au", 1, "")]
    assert repair.files[0].changes[0].line == 3


def test_a_file_name_that_is_a_url_stays_one():
    files = {**FILES, "course.au": units("A1,B/%D0%96%201.HTML")}
    assert found(zip_of({**FILES, "course.au": units("A1,b/%D0%96%201.html")})) == set()

    _, mended = repaired(zip_of(files))

    assert found(mended) == set()
    assert b"A1,b/%D0%96%201.html" in member(mended, "course.au")


def test_a_name_is_written_in_the_encoding_of_the_file():
    files = {**FILES, "course.au": units('"A1","B/Ж 1.html","Ärger"').encode("utf-16")}

    _, mended = repaired(zip_of(files), ["href-spelling"])

    assert found(mended) == {"aicc-encoding"}
    assert member(mended, "course.au") == units('"A1","b/Ж 1.html","Ärger"').encode("utf-16")


def test_the_command_line_is_mended_where_it_names_the_file():
    au = "system_id,file_name,command_line\nA1,,A.HTML\n"

    _, mended = repaired(zip_of({**FILES, "course.au": au}))

    assert member(mended, "course.au").decode() == au.replace("A.HTML", "a.html")


def test_totals_are_counted():
    crs = CRS.replace("Total_AUs=1", " total_aus = 09 ").replace("Blocks=0", "Blocks=4").replace("\n", "\r")

    _, mended = repaired(zip_of({**FILES, "course.crs": crs}), ["aicc-count"])

    assert found(mended) == set()
    assert member(mended, "course.crs").decode() == crs.replace("09", "1").replace("Blocks=4", "Blocks=0")


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", ""])
def test_a_unit_that_is_listed_twice_alike_is_listed_once(end):
    au = f'system_id,file_name\nA1,a.html\nA1,.\\\\A.html\n"a1x",a.html\n"A1" , "a.html" {end}'
    crs, cst = CRS.replace("AUs=1", "AUs=2"), "block,member,member\nroot,A1,A1x\n"

    _, mended = repaired(zip_of({**FILES, "course.au": au, "course.crs": crs, "course.cst": cst}))

    assert found(mended) == set()
    assert member(mended, "course.au").decode() == 'system_id,file_name\nA1,a.html\n"a1x",a.html\n'


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_the_files_become_plain_text(encoding):
    texts = {name: text.replace("Unit", "Ж").replace("=Course\n", "=Käse\n") for name, text in TEXTS.items()}
    data = zip_of({**FILES, **{name: text.encode(encoding) for name, text in texts.items()}})
    assert found(data) == {"aicc-encoding"}

    repair, mended = repaired(data)

    assert found(mended) == set()
    assert {name: member(mended, name).decode() for name in texts} == texts
    assert [file.encoding for file in repair.files] == ["UTF-8"] * 4


def test_all_that_can_be_mended_of_an_odd_course():
    data = course_zip("odd")

    repair, mended = repaired(data)

    assert {finding.code for finding in repair.findings} == {"aicc-count", "aicc-encoding", "href-spelling"}
    assert not [finding for finding in course(mended).findings if finding.fixable]
    assert course(mended).leaves == course(data).leaves


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"course.au": units("A1,a.html", "A1,b.html")}, "aicc-au-twice"),  # which of the two is meant
        ({"course.cst": "block,member\nroot,A1,A9\n"}, "aicc-member-unknown"),
        ({"course.crs": CRS.replace("Blocks=0", "Blocks=1")}, "aicc-count"),  # the course itself may be counted
        ({"x/course.crs": CRS, "x/course.au": units("A1,/A.HTML"), "x/course.cst": CST}, "href-spelling"),
    ],
)
def test_what_would_be_a_guess_is_left_alone(files, code):
    kept = FILES if "x/course.crs" not in files else {"a.html": "<p>"}
    structure = read(opened({**kept, **files}))
    findings = [finding for finding in structure.findings if finding.code == code]

    assert not [finding for finding in findings if finding.fixable]
    assert plan(opened({**kept, **files}), [code]).is_empty


def test_the_catalogue_says_what_can_be_fixed():
    assert all(RULES[code].can_be_fixed for code in ("aicc-au-twice", "aicc-count", "aicc-encoding", "href-spelling"))
