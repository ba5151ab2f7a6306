"""Finding a package's imsmanifest.xml, reading it and telling which edition of SCORM it is of."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

from .errors import PackageError
from .package import Package, is_junk
from .structure import Finding
from .xmlfile import (
    XML_SIZE_LIMIT,
    Element,
    Findings,
    Mend,
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
SNIFFED_FILES, SNIFFED_BYTES = 20, 4096  # XML files looked into, and how far, where none has a manifest's name
NAMED_AT_MOST = 5  # manifests in a message

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
    elements: tuple[Element, ...] = field(repr=False, compare=False)  # all outside metadata, in the order of the text
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

    @cached_property
    def item_identifiers(self) -> frozenset[str]:
        """What prerequisites may name: items and organizations."""
        nodes = (node for node in self.elements if local_name(node.tag) in ("item", "organization"))
        return frozenset(attribute(node, "identifier") or "" for node in nodes)


@dataclass(frozen=True)
class Dialect:
    """What one family of editions adds to IMS content packaging."""

    clause: str  # of the rules for a manifest's elements
    scorm_type: str  # how the attribute is spelled
    clusters_launch: bool  # an item with children may have a resource
    item: Callable[[Element, Manifest, bool], dict[str, Any]]  # fields of Activity; True for one without children
    organization: Callable[[Element, Manifest], tuple[dict[str, Any], dict[str, Any]]]  # of its root, of Organization


# The namespaces of an edition by the prefixes that everybody uses for them.
_ALWAYS = {"xsi": "http://www.w3.org/2001/XMLSchema-instance"}
_NAMESPACES_2004 = _ALWAYS | {
    "imscp": "http://www.imsglobal.org/xsd/imscp_v1p1",
    "adlcp": "http://www.adlnet.org/xsd/adlcp_v1p3",
    "adlseq": "http://www.adlnet.org/xsd/adlseq_v1p3",
    "adlnav": "http://www.adlnet.org/xsd/adlnav_v1p3",
    "imsss": "http://www.imsglobal.org/xsd/imsss",
    "lom": "http://ltsc.ieee.org/xsd/LOM",
}
_NAMESPACES_12 = _ALWAYS | {
    "imscp": "http://www.imsproject.org/xsd/imscp_rootv1p1p2",
    "adlcp": "http://www.adlnet.org/xsd/adlcp_rootv1p2",
    "imsmd": "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1",
}


def namespaces_of(standard: str) -> Mapping[str, str]:
    """Prefix -> namespace of an edition (SCORM 1.2 CAM 2.3.2; SCORM 2004 4th Ed. CAM 3.4.1)."""
    return _NAMESPACES_2004 if standard.startswith("SCORM2004") else _NAMESPACES_12


def has_manifest(package: Package) -> bool:
    return bool(find_manifests(package))


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
    names = list(package.members)
    found = f"The zip file holds {', '.join(names[:3])}{' and others' if len(names) > 3 else ''}."
    advice = "Export the course as SCORM from the tool that made it, and upload that zip file unopened."
    return PackageError(f"There is no {MANIFEST} in the package. {found}", "no-manifest", advice=advice)


_read: "WeakKeyDictionary[Package, Manifest]" = WeakKeyDictionary()


def read_manifest(package: Package) -> Manifest:
    """Raises PackageError where there is no manifest (`no-manifest`), there are several of equal right
    (`manifest-several`), or it cannot be read (`manifest-xml`). Read once for a package, with findings of its own."""
    manifest = _read.get(package)
    if manifest is None:
        manifest = _read[package] = _read_manifest(package)
    return replace(manifest, findings=manifest.findings.copy())


def _read_manifest(package: Package) -> Manifest:
    found = find_manifests(package)
    if not found:
        raise no_manifest(package)
    member, others = found[0], found[1:]
    beside = [path for path in others if path.count("/") == member.count("/")]
    if beside:
        raise _several([member, *beside])
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
    _note_place(package, member, others, findings)
    elements = tuple(_outside_metadata(root))
    standard, schema_version = _recognise(root, elements, findings)
    _note_foreign_namespaces(root, elements, standard, findings)
    return Manifest(root, standard, schema_version, member, elements, member[: member.rfind("/") + 1], findings)


_found: "WeakKeyDictionary[Package, tuple[str, ...]]" = WeakKeyDictionary()


def find_manifests(package: Package) -> tuple[str, ...]:
    """The members that are manifests, the one nearest to the top first: by name in any folder and case of letters, else
    by what the file says."""
    found = _found.get(package)
    if found is None:
        kept = [path for path in package.members if not is_junk(path)]
        named = [path for path in kept if path.rpartition("/")[2].lower() == MANIFEST]
        found = _found[package] = tuple(_by_depth(named) or _sniffed(package, kept))
    return found


def _by_depth(paths: list[str]) -> list[str]:
    return sorted(paths, key=lambda path: (path.count("/"), path))


def _sniffed(package: Package, paths: list[str]) -> Iterator[str]:
    files = _by_depth([path for path in paths if ".xml" in path.lower()])[:SNIFFED_FILES]
    return (path for path in files if _looks_like_manifest(package, path))


_MANIFEST_MARK = re.compile(rb"<(?:[\w.-]+:)?manifest[\s>]")
_PACKAGING_MARK = re.compile(rb"imscp_|ims_cp_|adlcp_|adl_cp_", re.I)


def _looks_like_manifest(package: Package, path: str) -> bool:
    start = b""
    try:
        for piece in package.stream(path):
            start += piece
            if len(start) >= SNIFFED_BYTES:
                break
    except PackageError:
        return False  # `verify` says what is wrong with it
    start = start[:SNIFFED_BYTES].replace(b"\0", b"")  # so that UTF-16 reads like ASCII
    return bool(_MANIFEST_MARK.search(start) and _PACKAGING_MARK.search(start))


def _listed(paths: list[str] | tuple[str, ...]) -> str:
    more = f" and {len(paths) - NAMED_AT_MOST} more" if len(paths) > NAMED_AT_MOST else ""
    return ", ".join(islice(paths, NAMED_AT_MOST)) + more


def _several(paths: list[str]) -> PackageError:
    return PackageError(
        f"The zip file holds several courses, each with a manifest of its own: {_listed(paths)}.",
        "manifest-several",
        file=paths[0],
        advice="Upload each course as a zip file of its own: the contents of its folder.",
        clause="SCORM 1.2 CAM 2.3.1",
    )


def _note_place(package: Package, member: str, others: tuple[str, ...], findings: Findings) -> None:
    """What is to be said of where the manifest lies and how it is named. What mends it renames members, no text."""
    folder, _, name = member.rpartition("/")
    if name != MANIFEST:
        findings.keep(
            Finding(
                "manifest-name",
                f"The manifest is named {name}; other systems look for {MANIFEST} alone.",
                file=member,
                advice=f"Name it {MANIFEST}, in lower case.",
                clause="SCORM 1.2 CAM 2.3.1",
                fixable=package.find(member[: member.rfind("/") + 1] + MANIFEST) is None or name.lower() == MANIFEST,
            )
        )
    if folder:
        findings.keep(
            Finding(
                "manifest-folder",
                f"The manifest lies in the folder {folder}, not at the top of the zip file.",
                file=member,
                advice=f"Zip the contents of {folder}/, not the folder itself.",
                clause="SCORM 1.2 CAM 2.3.1",
                fixable=f"{folder}/" == package.base,
            )
        )
    if others:
        findings.keep(
            Finding(
                "manifest-nested",
                f"There are more manifests below the one that is used ({len(others)}): {_listed(others)}.",
                "hint",
                file=others[0],
                advice="If they are courses of their own, upload each as a zip file of its own.",
                clause="SCORM 1.2 CAM 2.3.1",
            )
        )


def _recognise(root: Element, elements: Sequence[Element], findings: Findings) -> tuple[str, str]:
    """The standard and the schemaversion as written. The text decides before the namespaces: authors' tools fill it in
    by edition, and systems before us went by it."""
    written = line_of(child(root, "metadata", "schemaversion"))
    schema = line_of(child(root, "metadata", "schema"))
    if "common cartridge" in schema.lower():
        raise PackageError(
            f"The package is an {schema}, not SCORM.", "not-scorm", file=findings.file, advice="Export it as SCORM."
        )
    by_namespace = _by_namespace(root, elements)
    by_text = _by_text(written if "ims content" not in schema.lower() else "") or _by_text(schema)
    standard = _edition(by_text or by_namespace, elements) or "SCORM12"
    if not written:
        findings.add(
            "schemaversion-missing",
            f"The manifest does not say which SCORM it is of; it is read as {_EDITIONS[standard]}.",
            root,
            advice="Add <schema>ADL SCORM</schema> and <schemaversion> to the manifest's <metadata>.",
            clause="SCORM 2004 4th Ed. CAM 3.4.1",
            mends=_schemaversion_mends(root, schema, by_namespace, standard),
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


_SCHEMAVERSIONS = {"SCORM11": "1.1", "SCORM12": "1.2", "SCORM20044THEDITION": "2004 4th Edition"}


def _schemaversion_mends(root: Element, schema: str, by_namespace: str, standard: str) -> tuple[Mend, ...]:
    """Only where the namespaces tell the edition: those of 2004 are shared by all but what the 4th alone has."""
    words = _SCHEMAVERSIONS.get(standard)
    if not by_namespace or not words or child(root, "metadata", "schemaversion") is not None:
        return ()
    prefix = f"{root.prefix}:" if root.prefix else ""
    version = f"<{prefix}schemaversion>{words}</{prefix}schemaversion>"
    named = child(root, "metadata", "schema")
    if schema:
        # Behind <schema>, where the content model of IMS CP wants it
        return (Mend(named, "insert", "after", version),)
    if named is not None:
        return ()
    both = f"<{prefix}schema>ADL SCORM</{prefix}schema>{version}"
    metadata = child(root, "metadata")
    if metadata is not None:
        return (Mend(metadata, "insert", "", both),)
    return (Mend(root, "insert", "", f"<{prefix}metadata>{both}</{prefix}metadata>"),)


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


def _by_namespace(root: Element, elements: Sequence[Element]) -> str:
    """ADL's namespaces before IMS's: the latter are mixed up more often."""
    names = " ".join(uri.lower() for uri in _namespaces(root, elements))
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


def _namespaces(root: Element, elements: Sequence[Element]) -> set[str]:
    names: set[str] = set()
    for node in elements:
        names.add(node.tag)
        names.update(node.attrib)
    return {uri for uri in (*root.nsmap.values(), *map(namespace, names)) if uri}


def _outside_metadata(node: Element) -> Iterator[Element]:
    """All elements but those inside <metadata>, which may be of any standard."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current.tag, str):
            yield current
            if local_name(current.tag) != "metadata":
                stack.extend(reversed(current))


def _edition(standard: str, elements: Sequence[Element]) -> str:
    if standard != "SCORM2004":
        return standard
    return "SCORM20044THEDITION" if any(map(_is_4th_edition, elements)) else ("SCORM20043RDEDITION")


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


_PACKAGING_NAMES = frozenset(
    {"manifest", "organizations", "organization", "item", "resources", "resource", "file", "dependency"}
)
_FAMILIES = {
    "imscp": _PACKAGING_NAMES | {"title", "metadata"},
    "adlcp": frozenset({"prerequisites", "masteryscore", "maxtimeallowed", "timelimitaction", "datafromlms"})
    | {"completionthreshold", "location", "data", "map", "scormtype"},
}


def _first_of_each_name(elements: Sequence[Element]) -> dict[str, Element]:
    """Each name of an element, and that of the attribute scormtype, with the first element that has it."""
    found: dict[str, Element] = {}
    for node in elements:
        found.setdefault(node.tag, node)
        if local_name(node.tag) == "resource":
            for key in node.attrib:
                if local_name(key) == "scormtype" and namespace(key):
                    found.setdefault(key, node)
    return found


def _note_foreign_namespaces(root: Element, elements: Sequence[Element], standard: str, findings: Findings) -> None:
    foreign: dict[str, Element] = {}
    names: dict[str, set[str]] = {}
    for name, node in _first_of_each_name(elements).items():
        uri = namespace(name)
        names.setdefault(uri, set()).add(local_name(name))
        if (local_name(name) in _OWN_NAMES or name != node.tag) and not _OWN_NAMESPACES.search(uri):
            foreign.setdefault(uri, node)
    for uri, node in foreign.items():
        named = f'the namespace "{uri}", which is none of SCORM\'s' if uri else "no namespace"
        findings.add(
            "namespace",
            f"<{tag(node)}> is in {named}; it is read by its name.",
            node,
            advice="Declare the namespaces of the edition on <manifest>.",
            clause="IMS CP 1.1",
            mends=_namespace_mends(root, uri, names[uri], standard),
        )


def _namespace_mends(root: Element, uri: str, names: set[str], standard: str) -> tuple[Mend, ...]:
    """Only where all names in the namespace belong to one of the edition's, and <manifest> declares it."""
    family = next((prefix for prefix, known in _FAMILIES.items() if names <= known), "")
    if not family:
        return ()
    wanted = namespaces_of(standard)[family]
    if not uri:
        is_free = family == "imscp" and None not in root.nsmap and not namespace(root.tag) and ":" not in root.tag
        return (Mend(root, "set", "xmlns", wanted),) if is_free else ()
    return tuple(
        Mend(root, "set", f"xmlns:{prefix}" if prefix else "xmlns", wanted)
        for prefix, bound in root.nsmap.items()
        if bound == uri
    )
