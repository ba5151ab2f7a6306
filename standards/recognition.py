"""Finding a package's imsmanifest.xml, reading it and telling which edition of SCORM it is of."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .errors import PackageError
from .package import Package
from .xmlfile import (
    XML_SIZE_LIMIT,
    Element,
    Findings,
    attribute,
    child,
    children,
    line_of,
    local_name,
    namespace,
    read_xml,
    tag,
)

MANIFEST = "imsmanifest.xml"

_EDITIONS = {
    "SCORM11": "SCORM 1.1",
    "SCORM12": "SCORM 1.2",
    "SCORM20042NDEDITION": "SCORM 2004 2nd Edition",
    "SCORM20043RDEDITION": "SCORM 2004 3rd Edition",
    "SCORM20044THEDITION": "SCORM 2004 4th Edition",
}


@dataclass(frozen=True)
class Manifest:
    """A manifest read as XML, and which standard it is of."""

    root: Element
    standard: str
    schema_version: str
    member: str
    folder: str  # that holds the manifest, "" or ending in "/": what hrefs are relative to
    findings: Findings = field(compare=False)

    @cached_property
    def sequencing_collection(self) -> Mapping[str, Element]:
        """The sequencing definitions items may refer to, by ID (SCORM 2004 4th Ed. CAM 5.1)."""
        return {
            identifier: node
            for collection in children(self.root, "sequencingCollection")
            for node in children(collection, "sequencing")
            if (identifier := attribute(node, "ID"))
        }


@dataclass(frozen=True)
class Dialect:
    """What one family of editions adds to IMS content packaging."""

    clause: str  # of the rules for a manifest's elements
    scorm_type: str  # how the attribute is spelled
    clusters_launch: bool  # an item with children may have a resource
    item: Callable[[Element, Manifest, bool], dict[str, Any]]  # fields of Activity; True for one without children
    organization: Callable[[Element, Manifest], tuple[dict[str, Any], dict[str, Any]]]  # of its root, of Organization


def has_manifest(package: Package) -> bool:
    return _manifest_member(package) is not None


def standard_of(package: Package) -> str:
    """SCORM11 … SCORM20044THEDITION, "" where there is no manifest. One that cannot be read counts as SCORM12, whose
    parser then says why."""
    if not has_manifest(package):
        return ""
    try:
        return read_manifest(package).standard
    except PackageError:
        return "SCORM12"


def no_manifest(package: Package) -> PackageError:
    """The error for a package without a manifest where one must be, saying what was found instead."""
    deeper = [path for path in package.members if path.lower().endswith("/" + MANIFEST)]
    if deeper:
        found = f"There is one deeper, {deeper[0]}, but other files lie beside its folder."
        advice = f"Zip the contents of {deeper[0].rpartition('/')[0]}/, not the folder with other things."
    else:
        names = list(package.members)
        found = f"The zip file holds {', '.join(names[:3])}{' and others' if len(names) > 3 else ''}."
        advice = "Export the course as SCORM from the tool that made it, and upload that zip file unopened."
    return PackageError(f"There is no {MANIFEST} at the top of the package. {found}", "no-manifest", advice=advice)


def read_manifest(package: Package) -> Manifest:
    """Raises PackageError where there is no manifest (`no-manifest`) or it cannot be read (`manifest-xml`)."""
    member = _manifest_member(package)
    if member is None:
        raise no_manifest(package)
    findings = Findings(member)
    root = read_xml(package.read(member, XML_SIZE_LIMIT), findings, "manifest-xml")
    if local_name(root.tag) != "manifest":
        raise PackageError(
            f"{member} is no manifest: its outermost element is <{tag(root)}>, not <manifest>.",
            "manifest-xml",
            file=member,
            line=root.sourceline,
            clause="IMS CP 1.1",
        )
    if member.rpartition("/")[2] != MANIFEST:
        findings.add(
            "manifest-name",
            f"The manifest is named {member.rpartition('/')[2]}; other systems look for {MANIFEST} alone.",
            advice=f"Name it {MANIFEST}, in lower case.",
            clause="IMS CP 1.1",
        )
    standard, schema_version = _recognise(root, findings)
    _note_foreign_namespaces(root, findings)
    return Manifest(root, standard, schema_version, member, member[: member.rfind("/") + 1], findings)


def _manifest_member(package: Package) -> str | None:
    for folder in dict.fromkeys(("", package.base)):
        found = package.find(folder + MANIFEST) or package.find_loosely(folder + MANIFEST)
        if found is not None:
            return found.path
    return None


def _recognise(root: Element, findings: Findings) -> tuple[str, str]:
    """The standard and the schemaversion as written. The text decides before the namespaces: authors' tools fill it in
    by edition, and systems before us went by it."""
    written = line_of(child(root, "metadata", "schemaversion"))
    schema = line_of(child(root, "metadata", "schema"))
    if "common cartridge" in schema.lower():
        raise PackageError(
            f"The package is an {schema}, not SCORM.", "not-scorm", file=findings.file, advice="Export it as SCORM."
        )
    by_namespace = _by_namespace(root)
    by_text = _by_text(written if "ims content" not in schema.lower() else "") or _by_text(schema)
    standard = _edition(by_text or by_namespace, root) or "SCORM12"
    if not written:
        findings.add(
            "schemaversion-missing",
            f"The manifest does not say which SCORM it is of; it is read as {_EDITIONS[standard]}.",
            root,
            advice="Add <schema>ADL SCORM</schema> and <schemaversion> to the manifest's <metadata>.",
            clause="SCORM 2004 4th Ed. CAM 3.4.1",
        )
    elif not by_text:
        findings.add(
            "schemaversion-unknown",
            f'The schemaversion "{written[:80]}" is none of SCORM\'s; the package is read as {_EDITIONS[standard]}.',
            child(root, "metadata", "schemaversion"),
            advice='Write "1.2", "2004 3rd Edition" or "2004 4th Edition".',
        )
    if (
        by_text
        and by_namespace
        and by_text[:8] != by_namespace[:8]
        and {by_text, by_namespace} != {"SCORM11", "SCORM12"}
    ):
        findings.add(
            "schemaversion-mismatch",
            f'The schemaversion "{written or schema}" and the namespaces, which are those of '
            f"{_EDITIONS.get(by_namespace, 'SCORM 2004')}, do not agree; the package is read as {_EDITIONS[standard]}.",
            root,
            advice="Let schemaversion and namespaces name the same edition.",
        )
    return standard, written


def _by_text(text: str) -> str:
    """A standard, "SCORM2004" where the edition is not told, or ""."""
    text = text.lower()
    for pattern, standard in (
        (r"\b4th\b|\b2004 4\b", "SCORM20044THEDITION"),
        (r"\b3rd\b|\b2004 3\b", "SCORM20043RDEDITION"),
        (r"\b2nd\b|\b1st\b|\bcam 1\.3\b|^1\.3\b|\b2004 [12]\b", "SCORM20042NDEDITION"),
        (r"\b2004\b", "SCORM2004"),
        (r"\b1\.2\b", "SCORM12"),
        (r"^(adl scorm |scorm )?(cam )?1\.[01]\b", "SCORM11"),
    ):
        if re.search(pattern, text):
            return standard
    return ""


def _by_namespace(root: Element) -> str:
    """ADL's namespaces before IMS's: the latter are mixed up more often."""
    names = " ".join(uri.lower() for uri in _namespaces(root))
    for mark, standard in (
        ("adlcp_v1p3", "SCORM2004"),
        ("adlcp_rootv1p2", "SCORM12"),
        ("adlcp_rootv1p1", "SCORM11"),
        ("adl_cp_rootv1p1", "SCORM11"),
        ("imsss", "SCORM2004"),
        ("imscp_rootv1p1p2", "SCORM12"),
        ("imscp_v1p1", "SCORM2004"),
        ("ims_cp_rootv1p1", "SCORM11"),
    ):
        if mark in names:
            return standard
    return ""


def _namespaces(root: Element) -> set[str]:
    names: set[str] = set()
    for node in outside_metadata(root):
        names.add(node.tag)
        names.update(node.attrib)
    return {uri for uri in (*root.nsmap.values(), *map(namespace, names)) if uri}


def outside_metadata(node: Element) -> Iterator[Element]:
    """All elements but those inside <metadata>, which may be of any standard."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current.tag, str):
            yield current
            if local_name(current.tag) != "metadata":
                stack.extend(reversed(current))


def _edition(standard: str, root: Element) -> str:
    if standard != "SCORM2004":
        return standard
    return (
        "SCORM20044THEDITION"
        if any(_is_4th_edition(node) for node in outside_metadata(root))
        else ("SCORM20043RDEDITION")
    )


def _is_4th_edition(node: Element) -> bool:
    """What the 3rd Edition did not have."""
    name = local_name(node.tag)
    if name == "completionthreshold":
        return attribute(node, "completedByMeasure") is not None or attribute(node, "minProgressMeasure") is not None
    return (name == "map" and attribute(node, "targetID") is not None) or (
        name == "objectives" and "adlseq" in namespace(node.tag)
    )


_OWN_NAMES = frozenset(
    {"manifest", "organizations", "organization", "item", "resources", "resource", "file", "dependency"}
    | {"prerequisites", "masteryscore", "maxtimeallowed", "timelimitaction", "datafromlms", "completionthreshold"}
    | {"sequencing", "sequencingcollection", "presentation"}
)
_OWN_NAMESPACES = re.compile(
    r"(imscp_rootv1p1|ims_cp_rootv1p1|imscp_v1p1|adl_?cp_rootv1p[12]|adlcp_v1p3|adlseq_v1p3|adlnav_v1p3|imsss)", re.I
)


def _first_of_each_name(root: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for node in outside_metadata(root):
        found.setdefault(node.tag, node)
    return found


def _note_foreign_namespaces(root: Element, findings: Findings) -> None:
    foreign: dict[str, Element] = {}
    for name, node in _first_of_each_name(root).items():
        uri = namespace(name)
        if local_name(name) in _OWN_NAMES and not _OWN_NAMESPACES.search(uri):
            foreign.setdefault(uri, node)
    for uri, node in foreign.items():
        named = f'the namespace "{uri}", which is none of SCORM\'s' if uri else "no namespace"
        findings.add(
            "namespace",
            f"<{tag(node)}> is in {named}; it is read by its name.",
            node,
            advice="Declare the namespaces of the edition on <manifest>.",
            clause="IMS CP 1.1",
        )
