"""What other people's packages are read as, and in which words those are refused that cannot be courses here.

That each is imported or refused at all: tests/content/test_importer.py; standard, launchable items and launch address:
tests/standards/test_manifest_packages.py.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from standards.errors import PackageError
from standards.package import Package
from standards.registry import detect
from standards.structure import CourseStructure

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
REASONS = {
    "jp-s12-complexnested": ("launch-file-missing", "content/module1.html"),
    "jp-s12-invalidfilerefs": ("launch-file-missing", "content/nonexistent.html"),
    "jp-s12-malformedxml": ("manifest-xml", "not well-formed"),
    "jp-s2004e3-adlattributes": ("launch-file-missing", "index.html"),
    "jp-s2004e3-minimalvalid": ("launch-file-missing", "index.html"),
    "jp-s2004e4-brokendefaultorg": ("launch-file-missing", "resources/SequencingTest.htm"),
    "lts-209-1-not-a-zip": ("not-a-zip", "not a zip"),
    "moodle-badscorm": ("manifest-xml", "badscorm/imsmanifest.xml"),
    "moodle-invalid": ("no-manifest", "imsmanifest.xml"),
    "zip-empty": ("zip-empty", "empty"),
    "zip-password": ("zip-encrypted", "password"),
}


def entries(imports: bool) -> list[Any]:
    index = CORPUS / "INDEX.json"
    if not index.exists():
        return []
    listed = json.loads(index.read_text())["packages"]
    others = ("xAPI", "cmi5", "AICC")  # have tests of their own
    zips = [entry for entry in listed if entry["file"].endswith(".zip") and not entry["standard"].startswith(others)]
    return [
        pytest.param(entry, id=entry["slug"])
        for entry in zips
        if (entry["standard"] == "SCORM" and entry["expect"].startswith("imports")) == imports
    ]


def read(entry: dict[str, Any]) -> CourseStructure:
    with (CORPUS / entry["file"]).open("rb") as file:
        package = Package.open(file)
        return detect(package)[1].parse(package)


@pytest.mark.parametrize("entry", entries(imports=True))
def test_title_and_items_are_those_of_the_manifest(entry: dict[str, Any]) -> None:
    course = read(entry)

    items = list(course.root.walk())[1:]
    assert (course.title, len(items), len(course.leaves)) == (entry["title"], entry["items"], entry["launchable"])
    assert sum(leaf.kind == "sco" for leaf in course.leaves) == entry["scos"]
    absent = any("listed files missing" in oddity for oddity in entry.get("oddities", ()))
    assert ("file-missing" in {finding.code for finding in course.findings}) == absent


@pytest.mark.parametrize("entry", entries(imports=False))
def test_a_refusal_says_what_it_is(entry: dict[str, Any]) -> None:
    with pytest.raises(PackageError) as caught:
        read(entry)

    code, words = REASONS[entry["slug"]]
    assert (caught.value.finding.code, words in str(caught.value)) == (code, True), str(caught.value)
