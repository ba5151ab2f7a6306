"""What other people's packages are read as, and in which words those are refused that cannot be courses here.

That each is imported or refused at all: tests/content/test_importer.py; standard, launchable items and launch address:
tests/standards/test_manifest_packages.py.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from standards import registry
from standards.errors import PackageError
from standards.package import Package
from standards.registry import detect
from standards.structure import CourseStructure

GOLDEN = Path(__file__).parent / "data" / "corpus"
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


def whole(path: Path) -> dict[str, Any]:
    """What the package is read as, of its lists of files the lengths alone; or what it is refused with."""
    with path.open("rb") as file:
        try:
            package = Package.open(file)
            package.verify()
            plain = registry.read(package).to_json()
        except PackageError as error:
            return {"refused": error.finding.to_json()}
    for resource in plain.get("resources", ()):
        if "files" in resource:
            resource["files"] = len(resource["files"])
    return plain


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem) for path in sorted(CORPUS.glob("*.*")) if path.suffix in (".zip", ".xml")]
)
def test_the_whole_is_as_the_golden_file_says(path: Path) -> None:
    golden, found = GOLDEN / f"{path.stem}.json", whole(path)
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")

    assert found == json.loads(golden.read_text(encoding="utf-8"))
