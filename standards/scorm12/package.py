"""SCORM 1.1 and 1.2 packages: which they are, and what ADL adds to an item (SCORM 1.2 CAM 2.3.2.1)."""

from typing import Any

from ..durations import duration_seconds, timespan_seconds
from ..manifest import Parser, read_time_limit_action
from ..package import Package
from ..prerequisites import identifiers
from ..recognition import Dialect, Manifest, standard_of
from ..structure import CourseStructure
from ..xmlfile import Element, Findings, Mend, attribute, child, decimal, text_of

CLAUSE = "SCORM 1.2 CAM 2.3.2.1"
LONGEST_DATA = 255  # characters of datafromlms a system must keep


def accepts(package: Package) -> bool:
    return standard_of(package) in ("SCORM11", "SCORM12")


def parse(package: Package) -> CourseStructure:
    """The course with its findings. Raises PackageError where it cannot work."""
    return Parser(package, DIALECT).parse()


def _item(node: Element, manifest: Manifest, is_leaf: bool) -> dict[str, Any]:
    findings = manifest.findings
    data = text_of(child(node, "datafromlms"))
    if len(data) > LONGEST_DATA:
        findings.add(
            "data-from-lms-long",
            f"{findings.subject}: datafromlms has {len(data)} characters; others may keep only {LONGEST_DATA}.",
            child(node, "datafromlms"),
            "hint",
            clause=CLAUSE,
        )
    return {
        "prerequisites": _prerequisites(node, manifest),
        "mastery_score": _mastery_score(child(node, "masteryscore"), findings),
        "max_time_allowed": _max_time_allowed(child(node, "maxtimeallowed"), findings),
        "time_limit_action": read_time_limit_action(child(node, "timelimitaction"), findings, CLAUSE),
        "data_from_lms": data,
    }


def _organization(node: Element, manifest: Manifest) -> tuple[dict[str, Any], dict[str, Any]]:
    return {}, {}


def _prerequisites(node: Element, manifest: Manifest) -> str:
    element = child(node, "prerequisites")
    if element is None:
        return ""
    findings = manifest.findings
    script = text_of(element)
    language = attribute(element, "type")
    if script and (language or "").lower() != "aicc_script":
        findings.add(
            "prerequisites-type",
            f'{findings.subject}: the type of its prerequisites is "{language or ""}"; they are read as aicc_script.',
            element,
            advice='Write type="aicc_script".',
            clause=CLAUSE,
            mends=(Mend(element, "set", "type", "aicc_script"),) if _is_script(script) else (),
        )
    _note_open(script, element, manifest)
    return script


def _is_script(script: str) -> bool:
    try:
        identifiers(script)
    except ValueError:
        return False
    return True


def _note_open(script: str, element: Element, manifest: Manifest) -> None:
    """Says where the prerequisites block nobody: they cannot be read, or name what the course does not have."""
    findings = manifest.findings
    try:
        named = identifiers(script)
    except ValueError as error:
        findings.add(
            "prerequisites-unreadable",
            f"{findings.subject}: {str(error)[:200]}; the item is open from the beginning.",
            element,
            advice="Write it in aicc_script: identifiers with & | ~ and parentheses.",
            clause=CLAUSE,
        )
        return
    if unknown := sorted(named - manifest.item_identifiers):
        findings.add(
            "prerequisites-unknown",
            f"{findings.subject}: {', '.join(unknown[:5])} in its prerequisites is no item of the course; the item is"
            " open from the beginning.",
            element,
            advice="Name items of the course by their identifiers.",
            clause=CLAUSE,
        )


def _mastery_score(element: Element, findings: Findings) -> float | None:
    text = text_of(element)
    if not text:
        return None
    score = decimal(text, 0, 100)
    if score is None:
        _note_value("masteryscore", text, "a number from 0 to 100", element, findings)
    return score


def _max_time_allowed(element: Element, findings: Findings) -> float | None:
    text = text_of(element)
    if not text:
        return None
    try:
        return timespan_seconds(text)
    except ValueError:
        pass
    try:
        seconds = duration_seconds(text)
    except ValueError:
        _note_value("maxtimeallowed", text, "a timespan HHHH:MM:SS.SS", element, findings)
        return None
    findings.add(
        "value-format",
        f"{findings.subject}: maxtimeallowed is the ISO 8601 duration {text[:40]}; SCORM 1.2 wants HHHH:MM:SS.SS.",
        element,
        clause=CLAUSE,
    )
    return seconds


def _note_value(name: str, text: str, wanted: str, element: Element, findings: Findings) -> None:
    findings.add(
        "value-invalid",
        f'{findings.subject}: {name} "{text[:80]}" is not {wanted}; it is ignored.',
        element,
        clause=CLAUSE,
    )


DIALECT = Dialect(
    clause="SCORM 1.2 CAM 2.3.2",
    scorm_type="scormtype",
    clusters_launch=True,
    item=_item,
    organization=_organization,
)
