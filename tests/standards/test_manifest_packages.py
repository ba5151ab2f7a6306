"""Whole packages: our own, and real ones where they are present (`../shared` beside the checkout)."""

import io
import json
import re
from pathlib import Path

import pytest

from standards.errors import PackageError
from standards.package import Package
from standards.structure import CourseStructure
from tests.packages import package_names, package_zip
from tests.standards.manifests import codes, package, parse_package

SHARED = Path(__file__).resolve().parents[3] / "shared"
CORPUS = SHARED / "corpus"
CONFORMANCE = SHARED / "conformance" / "scorm2004"
EDITIONS = {
    "1.2": "SCORM12",
    "2nd Edition": "SCORM20042NDEDITION",
    "3rd Edition": "SCORM20043RDEDITION",
    "4th Edition": "SCORM20044THEDITION",
}

# --- our own ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "standard", "leaves"),
    [
        ("scorm12_single", "SCORM12", [("I1", "sco", "index.html")]),
        ("scorm12_two_scos", "SCORM12", [("I1", "sco", "first.html"), ("I2", "sco", "second.html?part=2")]),
        (
            "scorm12_prerequisites",
            "SCORM12",
            [("I1", "asset", "reading.html"), ("I2", "sco", "lesson.html"), ("I3", "sco", "test.html")],
        ),
        ("scorm2004_single", "SCORM20044THEDITION", [("I1", "sco", "index.html")]),
        (
            "scorm2004_multi",
            "SCORM20044THEDITION",
            [
                ("I0", "asset", "reading.html"),
                ("I1", "sco", "sco.html?part=1"),
                ("I2", "sco", "sco.html?part=2"),
                ("I3", "sco", "sco.html?part=3"),
            ],
        ),
    ],
)
def test_own_package_has_no_findings(name, standard, leaves):
    course = parse_package(Package.open(io.BytesIO(package_zip(name))))

    assert (course.standard, course.findings) == (standard, ())
    assert [(leaf.identifier, leaf.kind, leaf.href) for leaf in course.leaves] == leaves
    for leaf in course.leaves:
        assert any(path.endswith(".css") for path in course.files_of(leaf.resource))


def test_own_packages_are_the_same_bytes_each_time():
    assert len(package_names()) >= 5
    assert all(package_zip(name) == package_zip(name) for name in package_names())


# --- real ones --------------------------------------------------------------------------------------------------------


def scorm_packages():
    index = CORPUS / "INDEX.json"
    if not index.exists():
        return []
    entries = json.loads(index.read_text())["packages"]
    return [
        pytest.param(entry, id=entry["slug"])
        for entry in entries
        if entry["standard"].startswith(("SCORM", "none")) and entry["file"].endswith(".zip")
    ]


@pytest.mark.parametrize("entry", scorm_packages())
def test_real_package_imports_or_is_refused_as_its_index_says(entry):
    with (CORPUS / entry["file"]).open("rb") as file:
        try:
            course = parse_package(Package.open(file))
        except PackageError:
            course = None

    if course is None:
        assert "reject" in entry["expect"]
        return
    if entry["expect"] == "imports":
        assert {finding.severity for finding in course.findings} <= {"hint"}
    else:
        assert codes(course)
    assert (len(course.leaves), course.leaves[0].href) == (entry["launchable"], entry["launch"])
    assert course.standard == next(name for words, name in EDITIONS.items() if words in entry["version"])
    assert CourseStructure.from_json(json.loads(json.dumps(course.to_json()))) == course


REFUSED = {
    "jp-s12-invalidfilerefs": ("launch-file-missing", "content/nonexistent.html"),
    "jp-s12-malformedxml": ("manifest-xml", "line 27"),
    "jp-s2004e3-minimalvalid": ("launch-file-missing", "index.html"),
    "moodle-badscorm": ("manifest-xml", "badscorm/imsmanifest.xml"),
    "moodle-invalid": ("no-manifest", "test.htm"),
}


@pytest.mark.parametrize("slug", [slug for slug in REFUSED if (CORPUS / f"{slug}.zip").exists()])
def test_refusal_names_what_is_wrong(slug):
    with (CORPUS / f"{slug}.zip").open("rb") as file, pytest.raises(PackageError) as caught:
        parse_package(Package.open(file))

    code, words = REFUSED[slug]
    assert (caught.value.finding.code, words in str(caught.value)) == (code, True)


@pytest.mark.parametrize("path", sorted(CONFORMANCE.glob("*/imsmanifest.xml")), ids=lambda path: path.parent.name)
def test_conformance_manifest_has_no_findings(path):
    manifest = path.read_bytes()
    script = json.loads((path.parent / "script.json").read_text())

    course = parse_package(package(manifest, *files_named(manifest.decode())))

    assert (course.standard, codes(course)) == ("SCORM20044THEDITION", [])
    assert all(
        f"tc={path.parent.name}" in leaf.href or leaf.kind == "asset" or not leaf.parameters for leaf in course.leaves
    )
    assert course.title.split()[-1] in (path.parent.name, script["title"].split()[-1])
    assert CourseStructure.from_json(json.loads(json.dumps(course.to_json()))) == course


def files_named(manifest: str) -> list[str]:
    """The files a manifest lists, under every xml:base it uses."""
    bases = ["", *re.findall(r'xml:base\s*=\s*"([^"]*)"', manifest)]
    hrefs = re.findall(r'href\s*=\s*"([^"]*)"', manifest)
    return sorted({base + href.split("?")[0] for base in bases for href in hrefs})
