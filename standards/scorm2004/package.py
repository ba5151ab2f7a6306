"""SCORM 2004 packages, 2nd to 4th Edition: which they are, and what ADL adds to items and organizations (CAM 3.4.1)."""

from typing import Any

from ..manifest import Parser, read_time_limit_action
from ..package import Package
from ..recognition import Dialect, Manifest, standard_of
from ..structure import CompletionThreshold, CourseStructure, DataMap
from ..xmlfile import Element, Findings, attribute, boolean, child, children, decimal, number, spelled, text_of
from .sequencing_xml import read_sequencing

CLAUSE = "SCORM 2004 4th Ed. CAM 3.4.1"
CONTROLS = ("previous", "continue", "exit", "exitAll", "abandon", "abandonAll", "suspendAll")
LONGEST_DATA = 4000  # characters of dataFromLMS a system must keep


def accepts(package: Package) -> bool:
    return standard_of(package).startswith("SCORM2004")


def parse(package: Package) -> CourseStructure:
    """The course with its findings. Raises PackageError where it cannot work."""
    return Parser(package, DIALECT).parse()


def _item(node: Element, manifest: Manifest, is_leaf: bool) -> dict[str, Any]:
    findings = manifest.findings
    data = text_of(child(node, "dataFromLMS"))
    if len(data) > LONGEST_DATA:
        findings.add(
            "data-from-lms-long",
            f"{findings.subject}: dataFromLMS has {len(data)} characters; others may keep only {LONGEST_DATA}.",
            child(node, "dataFromLMS"),
            "hint",
            clause=CLAUSE,
        )
    fields = _common(node, manifest, is_leaf)
    return fields | {
        # cmi.max_time_allowed comes from the sequencing definition (4th Ed. RTE 4.2.14)
        "max_time_allowed": fields["sequencing"].attempt_absolute_duration_limit,
        "time_limit_action": read_time_limit_action(child(node, "timeLimitAction"), findings, CLAUSE),
        "data_from_lms": data,
        "hidden_controls": _hidden_controls(node, findings),
        "data_stores": _data_stores(child(node, "data"), findings),
    }


def _organization(node: Element, manifest: Manifest) -> tuple[dict[str, Any], dict[str, Any]]:
    findings = manifest.findings
    return _common(node, manifest, is_leaf=False), {
        "objectives_global_to_system": boolean(node, "objectivesGlobalToSystem", True, findings),
        "shared_data_global_to_system": boolean(node, "sharedDataGlobalToSystem", True, findings),
    }


def _common(node: Element, manifest: Manifest, is_leaf: bool) -> dict[str, Any]:
    return {
        "completion_threshold": _completion_threshold(node, manifest, is_leaf),
        "sequencing": read_sequencing(child(node, "sequencing"), manifest.sequencing_collection, manifest.findings),
    }


def _completion_threshold(node: Element, manifest: Manifest, is_leaf: bool) -> CompletionThreshold | None:
    """Attributes say it in the 4th Edition, the element's text before (4th Ed. CAM 3.4.1.15).

    An older threshold decides completion by itself wherever it stands on a SCO, so it reads as by_measure there.
    """
    element = child(node, "completionThreshold")
    if element is None:
        return None
    findings = manifest.findings
    text = text_of(element)
    if text:
        if manifest.standard == "SCORM20044THEDITION":
            findings.add(
                "completion-threshold-text",
                f"{findings.subject}: the completion threshold {text[:40]} is written as before the 4th Edition.",
                element,
                advice=f'Write completedByMeasure="true" minProgressMeasure="{text[:40]}" on the element.',
                clause="SCORM 2004 4th Ed. CAM 3.4.1.15",
            )
        minimum = decimal(text, 0, 1)
        if minimum is not None:
            return CompletionThreshold(by_measure=is_leaf, minimum=minimum)
        findings.add(
            "value-invalid",
            f'{findings.subject}: the completion threshold "{text[:80]}" is not a number from 0 to 1; it is ignored.',
            element,
            clause="SCORM 2004 4th Ed. CAM 3.4.1.15",
        )
    if not element.attrib:
        return None
    return CompletionThreshold(
        by_measure=boolean(element, "completedByMeasure", False, findings),
        minimum=number(element, "minProgressMeasure", 1.0, findings, 0, 1),
        progress_weight=number(element, "progressWeight", 1.0, findings, 0, 1),
    )


def _hidden_controls(node: Element, findings: Findings) -> tuple[str, ...]:
    interface = child(node, "presentation", "navigationInterface")
    if interface is None:
        return ()
    hidden: list[str] = []
    for entry in children(interface, "hideLMSUI"):
        control = spelled(text_of(entry), CONTROLS)
        if control is not None:
            hidden.append(control)
        else:
            findings.add(
                "value-invalid",
                f'{findings.subject}: hideLMSUI "{text_of(entry)[:80]}" is no control; it is ignored.',
                entry,
                advice=f"Use one of {', '.join(CONTROLS)}.",
                clause="SCORM 2004 4th Ed. CAM 5.2",
            )
    return tuple(dict.fromkeys(hidden))


def _data_stores(data: Element, findings: Findings) -> tuple[DataMap, ...]:
    if data is None:
        return ()
    stores: dict[str, DataMap] = {}
    for node in children(data, "map"):
        target = attribute(node, "targetID")
        if not target or target in stores:
            why = f"names {target} a second time" if target else "names no targetID"
            findings.add("data-map", f"{findings.subject}: a data map {why}; it is ignored.", node, clause=CLAUSE)
            continue
        stores[target] = DataMap(
            target=target,
            read=boolean(node, "readSharedData", True, findings),
            write=boolean(node, "writeSharedData", True, findings),
        )
    return tuple(stores.values())


DIALECT = Dialect(
    clause=CLAUSE,
    scorm_type="scormType",
    clusters_launch=False,
    item=_item,
    organization=_organization,
)
