"""check_package: its words, JSON, JUnit XML and exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from standards.check import CLEAN, FOUND, UNUSABLE, main
from tests.standards.manifests import manifest, resource
from tests.standards.test_repair import zipped

GOOD = zipped(manifest())
WARNS = zipped(manifest(resources=resource(href="A.HTML")))
FAILS = zipped(manifest(resources=resource(href="gone.html")))


@pytest.fixture
def files(tmp_path):
    for name, data in (("good.zip", GOOD), ("warns.zip", WARNS), ("fails.zip", FAILS), ("text.zip", b"no zip")):
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.mark.parametrize(
    ("names", "options", "code"),
    [
        (["good.zip"], [], CLEAN),
        (["warns.zip"], [], CLEAN),
        (["warns.zip"], ["--strict"], FOUND),
        (["fails.zip"], [], FOUND),
        (["text.zip"], [], FOUND),
        (["good.zip", "fails.zip"], [], FOUND),
        (["absent.zip"], [], UNUSABLE),
        (["good.zip"], ["--json", "--junit", "-"], UNUSABLE),
        (["good.zip"], ["--junit", "/nowhere/at/all.xml"], UNUSABLE),
    ],
)
def test_exit_codes(files, names, options, code):
    assert main([*(str(files / name) for name in names), *options]) == code


def test_words_name_place_code_rule_and_remedy(files, capsys):
    main([str(files / "fails.zip")])

    assert capsys.readouterr().out.splitlines() == [
        "imsmanifest.xml:7: error launch-file-missing: Item I1 launches gone.html, which is not in the package.",
        "    Rule: SCORM 1.2 CAM 2.3.2",
        "    How to fix: Add the file, or correct the href of resource R1.",
        f"{files}/fails.zip: cannot be imported: 1 error, 0 warnings, 0 hints",
    ]


def test_json_has_every_key_always(files, capsys):
    main([str(files / "good.zip"), str(files / "warns.zip"), "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert (answer["format"], answer["passed"], len(answer["packages"])) == (1, True, 2)
    assert answer["packages"][0] == {
        "file": str(files / "good.zip"),
        "passed": True,
        "imports": True,
        "standard": "SCORM12",
        "title": "Course",
        "launchable": 1,
        "errors": 0,
        "warnings": 0,
        "hints": 0,
        "findings": [],
    }
    assert {frozenset(finding) for finding in answer["packages"][1]["findings"]} == {
        frozenset(
            ("code", "severity", "message", "file", "line", "count", "rule", "learners")
            + ("strictSystems", "howToFix", "canBeFixed")
        )
    }


def test_junit_counts_and_names_failures(files):
    report = files / "report.xml"

    main([str(files / "good.zip"), str(files / "fails.zip"), "--junit", str(report)])

    good, fails = etree.parse(report).getroot()
    assert (good.get("tests"), good.get("failures"), len(good)) == ("1", "0", 1)
    assert (fails.get("tests"), fails.get("failures")) == ("1", "1")
    assert fails.find("testcase/failure").get("type") == "launch-file-missing"


def test_names_that_no_xml_can_hold_are_written(tmp_path, capsys):
    path = tmp_path / "a\x01\udcff.zip"
    path.write_bytes(b"no zip")

    assert main([str(path), "--junit", "-"]) == FOUND

    etree.fromstring(capsys.readouterr().out.encode())


def test_the_command_needs_no_site(files, tmp_path):
    environment = {"PATH": "", "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "DATA_DIR": str(tmp_path / "data")}
    root = Path(__file__).resolve().parents[2]

    done = subprocess.run(
        [sys.executable, "manage.py", "check_package", files / "good.zip"],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("SCORM12, Course: 0 errors, 0 warnings, 0 hints\n")
