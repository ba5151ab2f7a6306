"""The catalogue holds every code that the source can give, and nothing else is said of it than that."""

import ast
import re
from pathlib import Path

import pytest

from standards.rules import RULES, explained, grouped, rule_of
from standards.structure import Finding

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
ONE_WORD = {"namespace"}
GIVERS = {"PackageError", "Findings", "Finding"}
# Words of these files that look like codes and are none: encodings, HACP's words, what a repair itself may say
OTHERS = {
    *(
        "unicode-path",
        "unmarked-utf-8",
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-be",
        "utf-16-le",
        "utf-32-be",
        "utf-32-le",
        "latin-1",
        "windows-1252",
        "windows-31j",
        "x-sjis",
    ),
    *("fill-in", "time-out", "true-false", "no-credit", "ab-initio", "repair-names", "repair-text", "system-out"),
}


def words_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def gives_findings(path: Path) -> bool:
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    return bool(names & GIVERS) or "findings.add(" in path.read_text()


SOURCES = [
    path for path in sorted((ROOT / "standards").rglob("*.py")) if path.name != "rules.py" and gives_findings(path)
]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_code_is_in_the_catalogue(path):
    codes = {word for word in words_of(path) if CODE.fullmatch(word)} - OTHERS

    assert codes <= set(RULES)


def test_every_code_of_an_import_that_ends_is_in_the_catalogue():
    assert {word for word in words_of(ROOT / "content" / "errors.py") if CODE.fullmatch(word)} <= set(RULES)


def test_the_catalogue_holds_no_code_that_is_gone():
    said = {word for path in [*SOURCES, ROOT / "content" / "errors.py"] for word in words_of(path)}

    assert set(RULES) <= said | ONE_WORD


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_says_what_it_means_and_what_to_do(rule):
    assert rule.severity in ("error", "warning", "hint")
    for words in (rule.learners, rule.fix, rule.strict):
        assert re.fullmatch(r"[A-Z<].*[.)]", words), words


def test_a_finding_is_explained_whole():
    finding = Finding("file-missing", "R lists a.css.", "warning", "imsmanifest.xml", 7, clause="CAM 1")

    assert explained(finding) == {
        "code": "file-missing",
        "severity": "warning",
        "message": "R lists a.css.",
        "file": "imsmanifest.xml",
        "line": 7,
        "count": 1,
        "rule": "CAM 1",
        "learners": RULES["file-missing"].learners,
        "strictSystems": RULES["file-missing"].strict,
        "howToFix": RULES["file-missing"].fix,
        "canBeFixed": False,
    }


def test_findings_are_grouped_with_the_heaviest_first():
    hint, error = Finding("file-duplicate", "a", "hint"), Finding("resource-missing", "b", "error")
    more = Finding("file-duplicate", "475 more", "hint", count=475, fixable=True)

    groups = grouped([hint, error, more, Finding("of-another-release", "c", "warning")])

    assert [(group.findings[0].code, group.count, group.is_fixable) for group in groups] == [
        ("resource-missing", 1, False),
        ("of-another-release", 1, False),
        ("file-duplicate", 476, True),
    ]
    assert rule_of("of-another-release").code == ""
