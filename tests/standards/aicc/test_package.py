"""AICC packages: which they are, what they are read to, what is said of what is odd (CMI001 v4.0 section 3.4)."""

import io
import json
from pathlib import Path

import pytest

from standards import aicc
from standards.errors import PackageError
from standards.package import Package
from standards.registry import detect
from standards.structure import CourseStructure

from .packages import AU, CRS, CST, DES, FOLDER, course_zip, opened, package

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"


def codes(course: CourseStructure) -> list[str]:
    return [finding.code for finding in course.findings]


def tree(course: CourseStructure) -> str:
    """The course as A(B C), blocks in brackets."""

    def shown(activity) -> str:
        below = " ".join(shown(child) for child in activity.children)
        name = activity.identifier if activity.kind == "sco" else f"[{activity.identifier}]"
        return f"{name}({below})" if below else name

    return " ".join(shown(child) for child in course.root.children)


@pytest.mark.parametrize("name", ["two_units", "odd"])
def test_the_course_of_our_own_is_read_to_the_structure_kept_beside_it(name):
    course = aicc.parse(Package.open(io.BytesIO(course_zip(name))))

    golden = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert course.to_json() == golden
    assert CourseStructure.from_json(golden) == course


@pytest.mark.parametrize(
    ("slug", "title", "launchable", "launch"),
    [
        ("ispring-aicc", "Course template", 1, "index.html"),
        ("jp-aicc-complex", "Complex AICC Course", 3, "intro.html"),
        ("jp-aicc-package", "UniversitySite AICC Testing Tool", 1, "default.htm"),
    ],
)
def test_courses_of_others(slug, title, launchable, launch):
    path = CORPUS / f"{slug}.zip"
    if not path.exists():
        pytest.skip("the corpus is not here")
    with path.open("rb") as file, Package.open(file) as found:
        name, standard = detect(found)
        course = standard.parse(found)

    assert (name, course.title, len(course.leaves), course.leaves[0].href) == ("AICC", title, launchable, launch)


ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "utf-16 with a mark": lambda text: text.encode("utf-16"),
    "utf-16 without": lambda text: text.encode("utf-16-le"),
    "utf-16 big endian": lambda text: text.encode("utf-16-be"),
    "windows-1252": lambda text: text.encode("cp1252"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(encoding, line):
    as_bytes = ENCODINGS[encoding]
    files = {
        "crs": as_bytes(CRS.replace("=Course\n", "=Café “é”\n").replace("\n", line)),
        "au": as_bytes(AU.replace("\n", line)),
        "cst": as_bytes(CST.replace("\n", line)),
        "des": as_bytes(DES.replace("Unit", "Einführung").replace("\n", line)),
    }

    course = aicc.parse(package(**files))

    odd = ["aicc-encoding"] * 4 if encoding.startswith("utf-16") or "mark" in encoding else []
    assert (course.title, course.leaves[0].title, codes(course)) == ("Café “é”", "Einführung", odd)


COURSE: dict[str, str | bytes] = {"a.crs": CRS, "a.au": AU, "a.cst": CST, "a.html": ""}


@pytest.mark.parametrize(
    "files",
    [
        {"Course.Crs": CRS, "x.AU": AU, "y.Cst": CST, "A.HTML": ""},
        {f"my course/{name}": text for name, text in COURSE.items()},
        {
            **COURSE,
            "a.crs": CRS.lower(),
            "a.au": "FILE_NAME , System_ID\na.html, A1\n",
            "a.cst": "BLOCK,MEMBER\nROOT,a1",
        },
        {**COURSE, "a.crs": "; made by\n" + CRS.replace("=", " = "), "a.au": f"\n\n{AU}\n\n", "a.cst": f"{CST}\n"},
        {**COURSE, "a.au": '"file_name";"system_id"\n"a.html";"A1"', "a.cst": "block;member\nroot;A1"},
        {**COURSE, "__MACOSX/._a.crs": "junk", "sound.au": b".snd\0\0\0\x18"},
        {"a.au": AU, "a.cst": CST, "a.html": ""},
        {name: f"{text}\0\0\x1a" for name, text in COURSE.items()},
    ],
    ids=["case", "folder", "order", "blanks", "semicolons", "left over", "no crs", "end of file"],
)
def test_one_course_however_it_is_written(files):
    found = opened(files)

    course = aicc.parse(found)

    assert aicc.accepts(found)
    assert [leaf.identifier for leaf in course.leaves] == ["A1"]
    assert found.find(course.leaves[0].href) is not None


@pytest.mark.parametrize(
    "files",
    [{"a.html": ""}, {"sound.au": b".snd\0\0"}, {"course.crs": "no group"}, {"a.au": AU}, {"a.au": "x", "a.cst": "y"}],
)
def test_what_is_no_aicc_course(files):
    assert not aicc.accepts(opened(files))


TREES = {
    "members in one row": ("block,member,member\nroot,A1,A2\n", "A1 A2", []),
    "members in more columns than the header": ("block,member\nroot,A1,A2\n", "A1 A2", []),
    "members in rows": ("block,member\nroot,A1\nroot,A2\n", "A1 A2", []),
    "nested blocks": ("block,member\nroot,B1\nB1,A1,B2\nB2,A2\n", "[B1](A1 [B2](A2))", []),
    "an AU twice": ("block,member\nroot,A1,A2,A1\n", "A1 A2 A1-2", ["aicc-element-again"]),
    "an AU as a block": ("block,member\nroot,A1\nA1,A2\n", "A1(A2)", []),
    "an unknown member": ("block,member\nroot,A1,A2,A9\n", "A1 A2", ["aicc-member-unknown"]),
    "a circle": ("block,member\nroot,B1\nB1,A1,A2,B1\n", "[B1](A1 A2)", ["aicc-circle"]),
    "no root": ("block,member\nB1,A1,A2\n", "[B1](A1 A2)", ["aicc-no-root"]),
    "an unused AU": ("block,member\nroot,A1\n", "A1", ["aicc-au-unused"]),
    "empty": ("block,member\n", "A1 A2", ["aicc-no-tree"]),
    "no file": (None, "A1 A2", ["aicc-no-tree"]),
}


@pytest.mark.parametrize("name", TREES)
def test_blocks(name):
    text, expected, found = TREES[name]
    crs = CRS.replace("Total_AUs=1\n", "").replace("Total_Blocks=0\n", "")

    course = aicc.parse(package(crs=crs, au=f'{AU}"A2","b.html"\n', des=None, cst=text))

    assert tree(course) == expected
    assert [code for code in codes(course) if code != "aicc-no-des-file"] == found


def unit(columns: str, values: str):
    course = aicc.parse(package(au=f"system_id,file_name,{columns}\nA1,a.html,{values}\n"))
    return course.leaves[0], codes(course)


@pytest.mark.parametrize(
    ("column", "written", "field", "expected", "found"),
    [
        ("mastery_score", "80", "mastery_score", 80.0, []),
        ("mastery_score", "66.5", "mastery_score", 66.5, []),
        ("mastery_score", "", "mastery_score", None, []),
        ("mastery_score", "pass", "mastery_score", None, ["value-invalid"]),
        ("mastery_score", "101", "mastery_score", None, ["value-invalid"]),
        ("max_time_allowed", "00:30:00", "max_time_allowed", 1800.0, []),
        ("max_time_allowed", "00:00:00", "max_time_allowed", None, []),
        ("max_time_allowed", "an hour", "max_time_allowed", None, ["value-invalid"]),
        ("time_limit_action", '"E,M"', "time_limit_action", "exit,message", []),
        ("time_limit_action", '"continue, no message"', "time_limit_action", "continue,no message", []),
        ("time_limit_action", '"E,E"', "time_limit_action", "", ["value-invalid"]),
        ("core_vendor", '"a=1\nb=""2"""', "data_from_lms", 'a=1\nb="2"', []),
        ("web_launch", '"x=1&y=2"', "href", "a.html?x=1&y=2", []),
        ("web_launch", '"?x=1"', "href", "a.html?x=1", []),
    ],
)
def test_values_of_a_unit(column, written, field, expected, found):
    activity, codes_found = unit(column, written)

    assert (getattr(activity, field), codes_found) == (expected, found)


@pytest.mark.parametrize(
    ("written", "href", "found"),
    [
        ("a.html?q=1#top", "a.html?q=1#top", []),
        ("https://example.com/course?x=1", "https://example.com/course?x=1", []),
        ("//example.com/course", "https://example.com/course", []),
        ("http://example.com/", "http://example.com/", ["href-http"]),
        ("A.HTML", "a.html", ["href-spelling"]),
        (".\\a.html", "a.html", ["href-spelling"]),
        ("/a.html", "a.html", ["href-spelling"]),
    ],
)
def test_where_a_unit_is_launched(written, href, found):
    course = aicc.parse(package(au=f'system_id,file_name\nA1,"{written}"\n'))

    assert (course.leaves[0].href, codes(course)) == (href, found)


REFUSALS = {
    "no .au": ({"au": None}, "aicc-no-au-file"),
    "no unit": ({"au": "system_id,file_name\n"}, "aicc-no-au"),
    "no file": ({"au": "system_id,file_name\nA1,gone.html\n"}, "href-missing"),
    "no file name": ({"au": "system_id,file_name\nA1,\n"}, "aicc-no-file-name"),
    "a program": ({"au": "system_id,file_name\nA1,file:///c:/a.exe\n"}, "href-missing"),
    "out of the package": ({"au": "system_id,file_name\nA1,../../etc/passwd\n"}, "href-missing"),
    "javascript": ({"au": "system_id,file_name\nA1,javascript:alert(1)\n"}, "href-missing"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_work_is_refused_in_words(name):
    files, code = REFUSALS[name]

    with pytest.raises(PackageError) as refused:
        aicc.parse(package(**files))

    assert (refused.value.finding.code, refused.value.finding.severity) == (code, "error")


def test_one_missing_file_of_several_is_a_finding():
    course = aicc.parse(package(au=f'{AU}"A2","gone.html"\n', cst="block,member\nroot,A1,A2\n"))

    finding = next(finding for finding in course.findings if finding.code == "href-missing")
    assert (finding.severity, finding.file, finding.line) == ("error", "course.au", 3)


@pytest.mark.parametrize(
    ("table", "script", "found"),
    [
        ("structure_element,prerequisite\nA2,a1\n", '"A1"', []),
        ('structure_element,prerequisite\nA2,"A1 & ~J1"\n', '"A1" & ~ "J1"', []),
        ("structure_element,prerequisite\nA2,A1\nA2,J1\n", '("A1") & ("J1")', []),
        ("prerequisite,structure_element\nA1,A2\n", '"A1"', []),
        ("pre_from,post_to\nA2,A1\n", '"A1"', []),
        ("structure_element,prerequisite\nA2,A9\n", "", ["prerequisites-unknown"]),
        ('structure_element,prerequisite\nA2,"A1 & ("\n', "", ["prerequisites-unreadable"]),
        ("structure_element,prerequisite\nA9,A1\n", "", ["aicc-prerequisite-element"]),
    ],
)
def test_prerequisites(table, script, found):
    crs = CRS.replace("Total_AUs=1\n", "")
    files = {"au": f'{AU}"A2","b.html"\n', "cst": "block,member\nroot,A1,A2\n", "ort": "course_element,member\nJ1,A1\n"}

    course = aicc.parse(package(crs=crs, pre=table, **files))

    assert "".join(course.leaves[1].prerequisites.split()) == "".join(script.split())
    assert codes(course) == found


def test_several_courses_are_told_and_the_topmost_is_taken():
    files = {"a.crs": CRS, "a.au": AU, "a.cst": CST, "a.des": DES, "a.html": "", "b/b.crs": CRS, "b/b.au": AU}

    course = aicc.parse(opened(files))

    assert (course.manifest, codes(course)) == ("a.crs", ["aicc-several-courses"])


def test_blocks_that_multiply_are_refused_before_they_fill_the_memory():
    rows = "".join(f"B{level},{','.join([f'B{level + 1}'] * 10)}\n" for level in range(12))

    with pytest.raises(PackageError) as refused:
        aicc.parse(package(cst=f"block,member\nroot,B0\n{rows}B12,A1\n"))

    assert refused.value.finding.code == "aicc-too-large"


def outcome(found: Package) -> str:
    """Anything but a refusal in words, or a course with something to launch, is an error."""
    try:
        course = aicc.parse(found)
    except PackageError as error:
        return "refused" if error.finding.message and error.finding.code else "without words"
    return "read" if course.leaves else "empty"


@pytest.mark.parametrize("ending", ["crs", "au", "cst", "des", "pre", "cmp", "ort"])
@pytest.mark.parametrize(
    "data", [b"", b'"', b"\0" * 50, b"\xff\xfe", b'"a","b\n' * 50, b",,,\n" * 50, bytes(range(256))]
)
def test_nonsense_in_a_file_is_a_finding_or_a_refusal(ending, data):
    found = package(**{ending: data})
    if not aicc.accepts(found):
        return

    assert outcome(found) in ("refused", "read")


MANY = 100_000
BLOCKS = "".join(f"B{level},B{level + 1}\n" for level in range(60))


@pytest.mark.parametrize(
    ("name", "files", "expected"),
    [
        ("rows past the limit", {"au": AU + "".join(f"A{row},a.html\n" for row in range(2, MANY)), "cst": "block,m\n,"},
         "aicc-too-large"),
        ("a line that does not end", {"cst": "block,member\nroot," + "A1," * 700_000}, "aicc-table"),
        ("one unit all over the course", {"cst": "block,member\n" + f"root{',A1' * 1_000}\n" * 100}, "aicc-too-large"),
        ("unknown members of a block that is everywhere", {"cst": f"block,member\nroot{',B' * 9_000}\n"
         f"B{',nothing' * 9_000}\n"}, "aicc-too-large"),
        ("blocks inside each other", {"cst": f"block,member\nroot,A1,B0\n{BLOCKS}B60,A1\n"}, "read"),
        ("a block inside itself", {"cst": "block,member\nroot,A1,B\nB,C\nC,B,A1\n"}, "read"),
        ("parentheses", {"pre": f"structure_element,prerequisite\nA1,{'(' * 5_000}A1{')' * 5_000}\n"}, "read"),
        ("negations", {"pre": f"structure_element,prerequisite\nA1,{'~' * 9_000}A1\n"}, "read"),
        ("a script of half a million characters", {"pre": f"structure_element,prerequisite\nA1,{'A1&' * 160_000}A1\n"},
         "read"),
        ("as many prerequisites as rows", {"pre": "structure_element,prerequisite\n" + "A1,A1\n" * MANY}, "read"),
        ("a script demanded of all that is in a block", {"cst": f"block,member\nroot,B\nB{',A1' * 5_000}\n",
         "pre": f"structure_element,prerequisite\nB,{'A1&' * 5_000}A1\n"}, "aicc-too-large"),
        ("a long description everywhere", {"cst": f"block,member\nroot{',A1' * 9_000}\n",
         "des": f"system_id,title,description\nA1,Unit,{'x' * 9_000}\n"}, "aicc-too-large"),
        ("every objective of every block", {"cst": f"block,member\nroot,A1\n{BLOCKS}",
         "ort": "course_element,member\n" + f"A1{',B1' * 1_000}\n" * 5}, "aicc-too-large"),
        ("a keyword that goes on", {"crs": CRS + "[Course_Description]\n" + "x\n" * 1_000_000}, "read"),
    ],
)  # fmt: skip
def test_courses_that_would_fill_memory_or_time_are_cut_or_refused(name, files, expected):
    try:
        aicc.parse(package(**files))
        found = "read"
    except PackageError as error:
        found = error.finding.code

    assert found == expected


def test_a_table_that_is_longer_than_it_is_read_says_so():
    des = "system_id,title\n" + "".join(f"A{row},Unit\n" for row in range(MANY))

    course = aicc.parse(package(des=des))

    assert "aicc-table-long" in codes(course)


def test_units_that_lie_too_deep_are_told_by_the_depth():
    blocks = "".join(f"B{at},B{at + 1}\n" for at in range(60))
    kept = aicc.parse(package(cst=f"block,member\nroot,A1,B0\n{blocks}B60,A1\n"))
    with pytest.raises(PackageError) as caught:
        aicc.parse(package(cst=f"block,member\nroot,B0\n{blocks}B60,A1\n"))

    assert [finding.severity for finding in kept.findings if finding.code == "items-too-deep"] == ["error"]
    assert caught.value.finding.code == "items-too-deep"
    assert "deep" in str(caught.value)
