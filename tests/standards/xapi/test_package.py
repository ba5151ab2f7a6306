"""Tin Can packages: our own against golden files, odd and bad ones, and real ones where they are present."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.errors import PackageError
from standards.package import Package
from standards.registry import detect
from standards.structure import CourseStructure
from standards.xapi import parse

from .packages import FOLDER, opened, package_zip, tincan, zip_of

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
ACTIVITY = '<activity id="urn:a"><name>A</name><launch>index.html</launch></activity>'


@pytest.mark.parametrize("name", NAMES)
def test_own_package_is_read_as_its_golden_file_says(name):
    package = opened(package_zip(name))

    standard, module = detect(package)
    course = module.parse(package)

    golden = FOLDER / f"{name}.json"
    written = json.dumps(course.to_json(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(written, encoding="utf-8")
    assert (standard, course.standard) == ("XAPI", "XAPI")
    assert json.loads(written) == json.loads(golden.read_text(encoding="utf-8"))
    assert CourseStructure.from_json(json.loads(written)) == course


def corpus():
    index = CORPUS / "INDEX.json"
    entries = json.loads(index.read_text())["packages"] if index.exists() else []
    return [pytest.param(entry, id=entry["slug"]) for entry in entries if entry["standard"].startswith("xAPI")]


@pytest.mark.parametrize("entry", corpus())
def test_real_package_is_read_as_its_index_says(entry):
    with (CORPUS / entry["file"]).open("rb") as file:
        package = Package.open(file)
        course = detect(package)[1].parse(package)

    read = (course.title, len(course.activities), len(course.leaves), course.leaves[0].href)
    assert read == (entry["title"], entry["items"], entry["launchable"], entry["launch"])
    assert course.findings == ()


# --- the tree ---------------------------------------------------------------------------------------------------------


def activity(identifier, launch="", kind=""):
    page = f"<launch>{launch}</launch>" if launch else ""
    return f'<activity id="urn:{identifier}" type="{kind}"><name>{identifier}</name>{page}</activity>'


COURSE = "http://adlnet.gov/expapi/activities/course"


@pytest.mark.parametrize(
    ("activities", "root", "leaves"),
    [
        ([activity("a", "index.html")], "urn:a", ["urn:a"]),
        ([activity("a"), activity("b", "index.html")], "urn:b", ["urn:b"]),
        ([activity("a", "index.html"), activity("b", "index.html")], "tincan", ["urn:a", "urn:b"]),
        ([activity("a", "index.html"), activity("b", "index.html", COURSE)], "urn:b", ["urn:b", "urn:a"]),
        ([activity("a", "index.html"), activity("b", kind=COURSE)], "urn:b", ["urn:a"]),
        ([activity(name, "index.html", COURSE) for name in "ab"], "tincan", ["urn:a", "urn:b"]),
    ],
)
def test_one_activity_is_the_root_of_all(activities, root, leaves):
    course = parse(tincan("".join(activities)))

    assert (course.root.identifier, [leaf.identifier for leaf in course.leaves]) == (root, leaves)
    assert {entry.identifier for entry in course.root.walk()} == {root} | {
        f"urn:{name}" for name in "ab"[: len(activities)]
    }


# --- findings and refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activities", "code", "severity"),
    [
        ("<activity><launch>index.html</launch></activity>" + ACTIVITY, "activity-id-missing", "error"),
        (ACTIVITY.replace("urn:a", "a"), "activity-id-not-iri", "warning"),
        (ACTIVITY.replace("<name>A</name>", ""), "title-missing", "warning"),
        (ACTIVITY + ACTIVITY, "identifier-duplicate", "warning"),
        (ACTIVITY.replace("<name>", '<name lang="e_n">'), "language-invalid", "warning"),
        (ACTIVITY.replace("</launch>", "</launch><launch>other.html</launch>"), "launch-several", "hint"),
        (ACTIVITY.replace("index.html", "http://example.com/a"), "href-unencrypted", "warning"),
        (ACTIVITY + activity("b", "gone.html"), "launch-file-missing", "warning"),
        (ACTIVITY + activity("b", "C:\\a.html"), "href-foreign", "error"),
        (ACTIVITY.replace("index.html", "/index.html"), "href-absolute", "warning"),
    ],
)
def test_what_is_odd_is_told(activities, code, severity):
    findings = parse(tincan(activities)).findings

    assert [(finding.code, finding.severity) for finding in findings] == [(code, severity)]
    assert (findings[0].file, findings[0].line, bool(findings[0].message)) == ("tincan.xml", 1, True)


def test_several_manifests_are_told():
    course = parse(tincan(ACTIVITY, **{"other/tincan.xml": "<tincan/>"}))

    assert [finding.code for finding in course.findings] == ["manifest-several"]


@pytest.mark.parametrize(
    ("package", "code", "words"),
    [
        (tincan(""), "nothing-to-launch", "no activity with an id"),
        (tincan(activity("a")), "nothing-to-launch", "no activity with a <launch>"),
        (tincan("<activity><launch>index.html</launch></activity>"), "nothing-to-launch", "with an id"),
        (tincan(activity("a", "gone.html")), "launch-file-missing", "launches gone.html"),
        (tincan(activity("a", "ftp://a/b")), "href-foreign", "ftp://a/b is no path"),
        (opened(zip_of({"tincan.xml": "<manifest/>"})), "tincan-xml", "<manifest>, not <tincan>"),
        (opened(zip_of({"a/b/Tincan.xml": "<tincan>"})), "tincan-xml", "a/b/Tincan.xml is not well-formed"),
        (opened(zip_of({"tincan.xml": ""})), "tincan-xml", "tincan.xml"),
        (
            opened(zip_of({"tincan.xml": '<!DOCTYPE t [<!ENTITY e "x">]><tincan>&e;</tincan>'})),
            "tincan-xml",
            "entities",
        ),
    ],
)
def test_what_cannot_be_launched_is_refused(package, code, words):
    with pytest.raises(PackageError) as caught:
        parse(package)

    assert (caught.value.finding.code, caught.value.finding.severity) == (code, "error")
    assert words in str(caught.value)


def test_many_activities_are_read():
    course = parse(tincan(ACTIVITY + "".join(activity(f"s{number}") for number in range(5000))))

    assert (len(course.activities), len(course.leaves), course.findings) == (5001, 1, ())


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_raise_anything_else(data):
    manifest = f"<tincan><activities>{ACTIVITY}</activities></tincan>".encode()
    at = len(data) % len(manifest)

    for content in (data, manifest[:at] + data + manifest[at:]):
        try:
            parse(opened(zip_of({"tincan.xml": content, "index.html": "page"})))
        except PackageError as error:
            assert error.finding.code  # noqa: PT017 -- either is right, nothing else may come
