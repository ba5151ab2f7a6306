"""Checks packages from the command line: `python -m standards.check FILE…`, or `manage.py check_package`.

No database, no server and no settings: what an author's own CI needs. Ends with 0 where there are no errors, 1 where
there are (with --strict: or warnings), 2 where an argument cannot be used.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from lxml import etree

from .errors import PackageError
from .package import Package
from .registry import read
from .rescue import is_mendable
from .rules import explained, rule_of
from .structure import CourseStructure, Finding

CLEAN, FOUND, UNUSABLE = 0, 1, 2
FORMAT = 1  # of the JSON; counts up when a key goes or means something else


@dataclass(frozen=True)
class Checked:
    """A package with what was found; no structure where it cannot be imported."""

    file: str
    structure: CourseStructure | None
    findings: tuple[Finding, ...]

    def count(self, severity: str) -> int:
        return sum(finding.count for finding in self.findings if finding.severity == severity)

    def fails(self, strict: bool) -> bool:
        return bool(self.count("error") or (strict and self.count("warning")))


def check(path: Path) -> Checked:
    """Read the package as an import does, every member held to its CRC. Raises OSError."""
    with path.open("rb") as file:
        try:
            package = Package.open(file)
            package.verify()
            structure = read(package)
        except PackageError as error:
            fixable = is_mendable(file, error.finding)
            return Checked(str(path), None, (replace(error.finding, fixable=fixable),))
        return Checked(str(path), structure, structure.findings)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a package")
    parser.add_argument("--json", action="store_true", dest="as_json", help="write one JSON object to standard output")
    parser.add_argument("--junit", metavar="PATH", help="write JUnit XML there; - is standard output")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")


def run(files: Sequence[Path], as_json: bool, junit: str | None, strict: bool, output: TextIO, errors: TextIO) -> int:
    """Check the files, write what is wanted and give the exit code."""
    if as_json and junit == "-":
        errors.write("--json and --junit - cannot both have standard output.\n")
        return UNUSABLE
    checked: list[Checked] = []
    for path in files:
        try:
            checked.append(check(path))
        except OSError as error:
            errors.write(f"{path} cannot be read: {error.strerror or error}\n")
            return UNUSABLE
    if junit:
        document = junit_xml(checked, strict)
        try:
            output.write(document) if junit == "-" else Path(junit).write_text(document, encoding="utf-8")
        except OSError as error:
            errors.write(f"{junit} cannot be written: {error.strerror or error}\n")
            return UNUSABLE
    if as_json:
        output.write(json.dumps(to_json(checked, strict), ensure_ascii=True, indent=2) + "\n")
    elif junit != "-":
        for each in checked:
            output.write(in_words(each))
    return FOUND if any(each.fails(strict) for each in checked) else CLEAN


# --- forms ------------------------------------------------------------------------------------------------------------


def to_json(checked: Sequence[Checked], strict: bool) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "passed": not any(each.fails(strict) for each in checked),
        "packages": [_package_json(each, strict) for each in checked],
    }


def _package_json(each: Checked, strict: bool) -> dict[str, Any]:
    structure = each.structure
    return {
        "file": each.file,
        "passed": not each.fails(strict),
        "imports": structure is not None,
        "standard": structure.standard if structure else None,
        "title": structure.title if structure else None,
        "launchable": len(structure.leaves) if structure else 0,
        "errors": each.count("error"),
        "warnings": each.count("warning"),
        "hints": each.count("hint"),
        "findings": [explained(finding) for finding in each.findings],
    }


def in_words(each: Checked) -> str:
    """One finding a paragraph, `file:line: severity code message` first, as editors and CI systems know it."""
    lines = []
    for finding in each.findings:
        rule = rule_of(finding.code)
        place = finding.file + (f":{finding.line}" if finding.line else "") if finding.file else each.file
        clause = finding.clause or rule.clause
        lines.append(f"{place}: {finding.severity} {finding.code}: {finding.message}")
        lines += [f"    Rule: {clause}"] if clause else []
        lines.append(f"    How to fix: {finding.advice or rule.fix}")
    counts = ", ".join(_counted(each.count(name), name) for name in ("error", "warning", "hint"))
    what = f"{each.structure.standard}, {each.structure.title}" if each.structure else "cannot be imported"
    text = "\n".join([*lines, f"{each.file}: {what}: {counts}"]) + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def junit_xml(checked: Sequence[Checked], strict: bool) -> str:
    """A suite a package and a case a finding; a package without findings has one case that passes."""
    root = etree.Element("testsuites", name="check_package")
    for each in checked:
        suite = etree.SubElement(root, "testsuite", name=_text(each.file))
        failures = 0
        for finding in each.findings:
            place = f"{finding.file}:{finding.line}" if finding.line else finding.file or each.file
            name = f"{finding.code} {place}"
            case = etree.SubElement(suite, "testcase", classname=_text(each.file), name=_text(name))
            words = f"{finding.message}\n{finding.advice or rule_of(finding.code).fix}"
            if finding.severity == "error" or (strict and finding.severity == "warning"):
                failures += 1
                failure = etree.SubElement(case, "failure", type=finding.code, message=_text(finding.message))
                failure.text = _text(words)
            else:
                etree.SubElement(case, "system-out").text = _text(f"{finding.severity}: {words}")
        if not each.findings:
            etree.SubElement(suite, "testcase", classname=_text(each.file), name="no findings")
        suite.set("tests", str(max(1, len(each.findings))))
        suite.set("failures", str(failures))
        suite.set("errors", "0")
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return document.decode("utf-8")


def _text(text: str) -> str:
    """What XML can hold (XML 1.0 2.2)."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(one if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff") else "\ufffd" for one in plain)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="check_package", description="Check packages for what breaks the standards.")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    return run(options.files, options.as_json, options.junit, options.strict, sys.stdout, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
