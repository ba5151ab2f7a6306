"""IMS content packaging: imsmanifest.xml to a CourseStructure, shared by SCORM 1.1, 1.2 and 2004.

What an edition adds to items and organizations is read by its `Dialect` (scorm12/package.py, scorm2004/package.py).
Packages are imperfect: what can be understood is imported with a finding; PackageError is for what cannot work.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urljoin

from .errors import PackageError
from .metadata import find_lom, preferred_text, read_metadata
from .package import Package
from .structure import Activity, CourseStructure, Kind, Metadata, Organization, Resource
from .xmlfile import (
    XML_SIZE_LIMIT,
    Element,
    Findings,
    attribute,
    boolean,
    child,
    children,
    line_of,
    local_name,
    namespace,
    read_xml,
    spelled,
    tag,
    text_of,
)

MANIFEST = "imsmanifest.xml"
DEEPEST_ITEM = 64  # levels: deeper trees are no course, and every walk over a tree costs stack
METADATA_SIZE_LIMIT = 1024 * 1024  # bytes of one external metadata file

_EDITIONS = {
    "SCORM11": "SCORM 1.1",
    "SCORM12": "SCORM 1.2",
    "SCORM20042NDEDITION": "SCORM 2004 2nd Edition",
    "SCORM20043RDEDITION": "SCORM 2004 3rd Edition",
    "SCORM20044THEDITION": "SCORM 2004 4th Edition",
}


@dataclass(frozen=True)
class Dialect:
    """What one family of editions adds to IMS content packaging."""

    clause: str  # of the rules for a manifest's elements
    scorm_type: str  # how the attribute is spelled
    clusters_launch: bool  # an item with children may have a resource
    item: Callable[[Element, "Manifest", bool], dict[str, Any]]  # fields of Activity; True for one without children
    organization: Callable[[Element, "Manifest"], tuple[dict[str, Any], dict[str, Any]]]  # of its root, of Organization


@dataclass(frozen=True)
class Manifest:
    """A manifest read as XML, and which standard it is of."""

    root: Element
    standard: str
    schema_version: str
    member: str
    folder: str  # that holds the manifest, "" or ending in "/": what hrefs are relative to
    findings: Findings = field(compare=False)


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


# --- recognition ------------------------------------------------------------------------------------------------------


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
            clause="IMS CP 1.1 4.2",
        )
    if member.rpartition("/")[2] != MANIFEST:
        findings.add(
            "manifest-name",
            f"The manifest is named {member.rpartition('/')[2]}; other systems look for {MANIFEST} alone.",
            advice=f"Name it {MANIFEST}, in lower case.",
            clause="IMS CP 1.1 4.1",
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
    found = {uri for uri in root.nsmap.values() if uri}
    for node in _outside_metadata(root):
        found.add(namespace(node.tag))
        found.update(namespace(key) for key in node.attrib)
    return found - {""}


def _outside_metadata(node: Element) -> Iterator[Element]:
    """All elements but those inside <metadata>, which may be of any standard."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current.tag, str):
            yield current
            if local_name(current.tag) != "metadata":
                stack.extend(current)


def _edition(standard: str, root: Element) -> str:
    if standard != "SCORM2004":
        return standard
    return (
        "SCORM20044THEDITION"
        if any(_is_4th_edition(node) for node in _outside_metadata(root))
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
    "manifest organizations organization item resources resource file dependency prerequisites masteryscore "
    "maxtimeallowed timelimitaction datafromlms completionthreshold sequencing sequencingcollection presentation".split()
)
_OWN_NAMESPACES = re.compile(
    r"(imscp_rootv1p1|ims_cp_rootv1p1|imscp_v1p1|adl_?cp_rootv1p[12]|adlcp_v1p3|adlseq_v1p3|adlnav_v1p3|imsss)", re.I
)


def _note_foreign_namespaces(root: Element, findings: Findings) -> None:
    foreign: dict[str, Element] = {}
    for node in _outside_metadata(root):
        uri = namespace(node.tag)
        if local_name(node.tag) in _OWN_NAMES and not _OWN_NAMESPACES.search(uri):
            foreign.setdefault(uri, node)
    for uri, node in foreign.items():
        named = f'the namespace "{uri}", which is none of SCORM\'s' if uri else "no namespace"
        findings.add(
            "namespace",
            f"<{tag(node)}> is in {named}; it is read by its name.",
            node,
            advice="Declare the namespaces of the edition on <manifest>.",
            clause="IMS CP 1.1 4.2",
        )


# --- hrefs ------------------------------------------------------------------------------------------------------------

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WEB = re.compile(r"https?://[^/]", re.I)


@dataclass(frozen=True)
class Target:
    """What an href leads to: a member of the package, an address elsewhere, or nothing (`path` then says where)."""

    path: str  # in the archive, spelled as the member; or the address
    suffix: str = ""  # query and fragment
    found: bool = True

    @property
    def href(self) -> str:
        return self.path + self.suffix


class Hrefs:
    """Resolves the hrefs of one manifest and remembers which members they named."""

    def __init__(self, package: Package, folder: str, findings: Findings) -> None:
        self.package = package
        self.folder = folder
        self.findings = findings
        self.named: set[str] = set()
        self._noted: set[str] = set()

    def resolve(self, href: str, base: str, node: Element) -> Target:
        """`base` is the xml:base in force. An imperfect spelling is a finding, once for each href."""
        address = join_base(base, href)
        if address.startswith("//"):
            address = "https:" + address
        if _WEB.match(address):
            return Target(address)
        path, suffix = _split(href)
        target = Target(self.folder + join_base(base, path), suffix, found=False)
        member = self._find(path, base, node) if path and not _SCHEME.match(address) else None
        if member is None:
            return target
        self.named.add(member)
        return replace(target, path=member, found=True)

    def _find(self, path: str, base: str, node: Element) -> str | None:
        written = _normal(join_base(base, path))
        if written and (member := self.package.find(self.folder + written)):
            return member.path
        for candidate, code, why, severity in self._candidates(path, base):
            if candidate and (member := self.package.find_loosely(self.folder + candidate)):
                if path not in self._noted:
                    self._noted.add(path)
                    self.findings.add(
                        code,
                        f"{self.findings.subject}: the href {path} {why}; {member.path} is taken.",
                        node,
                        severity,
                        f"Write it as {member.path[len(self.folder) :]}.",
                        "RFC 3986 2.1" if code == "href-encoded" else "IMS CP 1.1 4.6",
                    )
                return member.path
        return None

    def _candidates(self, path: str, base: str) -> Iterator[tuple[str | None, str, str, Any]]:
        joined = join_base(base, path)
        decoded = _normal(unquote(joined))
        if decoded and "%" in joined and self.package.find(self.folder + decoded):
            yield decoded, "href-encoded", "is percent-encoded, which not every system undoes", "hint"
        if "\\" in joined:
            yield _normal(joined.replace("\\", "/")), "href-backslash", "has back-slashes instead of slashes", "warning"
        if path.startswith("/"):
            yield _normal(path), "href-absolute", "starts with a slash, which leads out of the package", "warning"
        yield _normal(joined), "href-spelling", "is spelled otherwise than the file, in upper and lower case", "warning"
        if base and not base.endswith("/"):
            yield _normal(f"{base}/{path}"), "xml-base", f'is under xml:base="{base}", which lacks a slash', "warning"
        if base:
            yield _normal(path), "xml-base", f'is not under its xml:base="{base}"', "warning"


def join_base(base: str, href: str) -> str:
    """The reference against the base (RFC 3986 5.2), where both may be paths within the package."""
    if _SCHEME.match(href) or href.startswith("//"):
        return href
    if _WEB.match(base):
        try:
            return urljoin(base, href)
        except ValueError:
            return href
    if href.startswith("/"):
        return href.lstrip("/")
    return base[: base.rfind("/") + 1] + href


def _split(href: str) -> tuple[str, str]:
    """Path, and query with fragment."""
    path = re.split(r"[?#]", href, maxsplit=1)[0]
    return path, href[len(path) :]


def _normal(path: str) -> str | None:
    """Without "." and ".."; None where it leads out of the package."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def join_parameters(href: str, parameters: str) -> str:
    """The launch address of an item with parameters (SCORM 2004 4th Ed. CAM 3.4.1.7).

    Beyond the book, a query goes before the fragment of an href that has one: after it no content would find it.
    """
    parameters = parameters.lstrip("?&")
    if not parameters:
        return href
    if parameters.startswith("#"):
        return href if "#" in href else href + parameters
    address, mark, fragment = href.partition("#")
    if mark and "#" in parameters:
        parameters = parameters.partition("#")[0]
    return address + ("&" if "?" in address else "?") + parameters + mark + fragment


# --- resources --------------------------------------------------------------------------------------------------------

_SCHEMA_FILES = (".xsd", ".dtd")
_PAGES = (".html", ".htm")


@dataclass(frozen=True)
class _Launchable:
    """A resource with what its href leads to."""

    resource: Resource
    target: Target | None  # None where it has no href
    node: Element


class _Resources:
    def __init__(self, manifest: Manifest, hrefs: Hrefs, dialect: Dialect) -> None:
        self.findings = manifest.findings
        self.hrefs = hrefs
        self.dialect = dialect
        self.referenced = {
            attribute(node, "identifierref") for node in _outside_metadata(manifest.root) if _is_item(node)
        }
        self.by_identifier: dict[str, _Launchable] = {}
        base = attribute(manifest.root, "base") or ""
        for parent in children(manifest.root, "resources"):
            below = join_base(base, attribute(parent, "base") or "")
            for node in children(parent, "resource"):
                self._read(node, below)
        self._note_broken_dependencies()

    def _read(self, node: Element, base: str) -> None:
        identifier = attribute(node, "identifier") or ""
        if not identifier:
            self.findings.add(
                "resource-identifier-missing", "A resource has no identifier.", node, clause=self.dialect.clause
            )
        unique = _unique(identifier or "resource", self.by_identifier)
        self.findings.subject = f"Resource {unique}"
        if identifier and unique != identifier:
            self.findings.add(
                "identifier-duplicate",
                f"Two resources have the identifier {identifier}; items that refer to it get the first.",
                node,
                advice="Give each resource an identifier of its own.",
                clause=self.dialect.clause,
            )
        base = join_base(base, attribute(node, "base") or "")
        href = attribute(node, "href") or ""
        target = self.hrefs.resolve(href, base, node) if href else None
        files = self._files(node, base)
        if target is None and unique in self.referenced:
            target = self._guess_page(files, unique, node)
        resource = Resource(
            identifier=unique,
            href=target.href if target else "",
            kind=self._kind(node, unique, target),
            files=files,
            dependencies=tuple(
                ref for entry in children(node, "dependency") if (ref := attribute(entry, "identifierref"))
            ),
        )
        self.by_identifier[unique] = _Launchable(resource, target, node)

    def _files(self, node: Element, base: str) -> tuple[str, ...]:
        files: list[str] = []
        missing: list[str] = []
        for entry in children(node, "file"):
            href = attribute(entry, "href") or ""
            target = self.hrefs.resolve(href, base, entry) if href else None
            if target is None or _WEB.match(target.path):
                continue
            if target.found:
                files.append(target.path)
            elif not href.lower().endswith(_SCHEMA_FILES):
                missing.append(href)
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            self.findings.add(
                "file-missing",
                f"{self.findings.subject} lists files that are not in the package: {', '.join(missing[:5])}{more}.",
                node,
                advice="Add the files to the package, or take them off the list where nothing uses them.",
                clause=self.dialect.clause,
            )
        return tuple(dict.fromkeys(files))

    def _guess_page(self, files: tuple[str, ...], identifier: str, node: Element) -> Target | None:
        pages = [path for path in files if path.lower().endswith(_PAGES)]
        if len(pages) != 1:
            return None
        self.findings.add(
            "resource-href-missing",
            f"Resource {identifier} has no href; its only page, {pages[0]}, is launched.",
            node,
            advice="Give the resource an href.",
            clause=self.dialect.clause,
        )
        return Target(pages[0])

    def _kind(self, node: Element, identifier: str, target: Target | None) -> Kind:
        written = attribute(node, self.dialect.scorm_type)
        if written is not None and (known := spelled(written, ("sco", "asset"))):
            return "sco" if known == "sco" else "asset"
        guess: Kind = "sco" if target is not None and identifier in self.referenced else "asset"
        if identifier in self.referenced:
            said = f'has the {self.dialect.scorm_type} "{written}"' if written else f"has no {self.dialect.scorm_type}"
            self.findings.add(
                "scormtype-missing" if not written else "scormtype-unknown",
                f"Resource {identifier} {said}; it is taken for {'a SCO' if guess == 'sco' else 'an asset'}.",
                node,
                advice=f'Write adlcp:{self.dialect.scorm_type}="sco", or "asset" for what does not use the API.',
                clause=self.dialect.clause,
            )
        return guess

    def _note_broken_dependencies(self) -> None:
        for launchable in self.by_identifier.values():
            for ref in launchable.resource.dependencies:
                if ref not in self.by_identifier:
                    self.findings.add(
                        "dependency-missing",
                        f"Resource {launchable.resource.identifier} depends on {ref}, which is not in the manifest.",
                        launchable.node,
                        clause=self.dialect.clause,
                    )


def _is_item(node: Element) -> bool:
    return local_name(node.tag) == "item"


def _unique(identifier: str, taken: Mapping[str, object] | set[str]) -> str:
    unique, count = identifier, 1
    while unique in taken:
        count += 1
        unique = f"{identifier}-{count}"
    return unique


# --- organizations ----------------------------------------------------------------------------------------------------


@dataclass
class _Gaps:
    """What the items of one organization cannot launch."""

    without_resource: list[PackageError] = field(default_factory=list)
    without_file: list[PackageError] = field(default_factory=list)
    launchable: int = 0


class Parser:
    """One manifest on its way to a CourseStructure."""

    def __init__(self, package: Package, dialect: Dialect) -> None:
        self.package = package
        self.dialect = dialect
        self.manifest = read_manifest(package)
        self.findings = self.manifest.findings
        self.hrefs = Hrefs(package, self.manifest.folder, self.findings)
        self.resources = _Resources(self.manifest, self.hrefs, dialect)
        self._external: dict[str, Metadata] = {}

    def parse(self) -> CourseStructure:
        root = self.manifest.root
        self.findings.subject = "The manifest"
        self._note_sub_manifests()
        metadata = self._metadata(root)
        organizations, default = self._organizations(metadata)
        self._note_unreferenced()
        chosen = organizations[default].root
        return CourseStructure(
            standard=self.manifest.standard,
            title=chosen.title,
            organizations=organizations,
            default=default,
            identifier=attribute(root, "identifier") or "",
            version=attribute(root, "version") or "",
            schema_version=self.manifest.schema_version,
            base=self.manifest.folder,
            manifest=self.manifest.member,
            languages=_languages(root, metadata, chosen.metadata),
            metadata=metadata,
            resources=tuple(entry.resource for entry in self.resources.by_identifier.values()),
            findings=(*self.findings.all(), *self.package.findings),
        )

    def _organizations(self, metadata: Metadata) -> tuple[tuple[Organization, ...], int]:
        nodes = [
            node
            for parent in children(self.manifest.root, "organizations")
            for node in children(parent, "organization")
        ]
        filled = [index for index, node in enumerate(nodes) if child(node, "item") is not None]
        if not filled:
            return (self._organization_of_resources(metadata),), 0
        read = [self._organization(node, metadata) for node in nodes]
        default = self._default(nodes, filled)
        organizations = tuple(organization for organization, _ in read)
        for index, (_, gaps) in enumerate(read):
            self._judge(gaps, fatal=index == default)
        return organizations, default

    def _default(self, nodes: list[Element], filled: list[int]) -> int:
        parent = child(self.manifest.root, "organizations")
        wanted = attribute(parent, "default")
        identifiers = [attribute(node, "identifier") for node in nodes]
        if wanted and wanted in identifiers:
            index = identifiers.index(wanted)
            if index not in filled:
                self.findings.add(
                    "organization-empty",
                    f"The default organization {wanted} has no items; {identifiers[filled[0]]} is used instead.",
                    nodes[index],
                    clause=self.dialect.clause,
                )
        elif wanted or len(nodes) > 1:
            said = f"names {wanted}, which is not in the manifest" if wanted else "is not given"
            self.findings.add(
                "organization-default",
                f"The default organization {said}; the first, {identifiers[filled[0]]}, is used.",
                parent,
                advice="Let default on <organizations> be the identifier of an organization.",
                clause=self.dialect.clause,
            )
            return filled[0]
        else:
            index = 0
            if wanted is None:
                self.findings.add(
                    "organization-default",
                    "The default organization is not given; there is but one, which is used.",
                    parent,
                    severity="hint",
                    clause=self.dialect.clause,
                )
        return index if index in filled else filled[0]

    def _organization(self, node: Element, metadata: Metadata) -> tuple[Organization, _Gaps]:
        identifier = attribute(node, "identifier") or "organization"
        gaps = _Gaps()
        taken = {identifier}
        self.findings.subject = f"Organization {identifier}"
        own = self._metadata(node)
        title = line_of(child(node, "title"))
        if not title:
            title = (
                preferred_text(own)
                or preferred_text(metadata)
                or attribute(self.manifest.root, "identifier")
                or identifier
            )
            self._note_title(f"Organization {identifier}", title, node)
        fields, settings = self.dialect.organization(node, self.manifest)
        items = tuple(self._item(entry, taken, gaps, 1) for entry in children(node, "item"))
        root = Activity(identifier=identifier, title=title, children=items, metadata=own, **fields)
        return Organization(root=root, **settings), gaps

    def _item(self, node: Element, taken: set[str], gaps: _Gaps, depth: int) -> Activity:
        if depth > DEEPEST_ITEM:
            raise PackageError(
                f"The items are nested more than {DEEPEST_ITEM} deep.",
                "items-too-deep",
                file=self.findings.file,
                line=node.sourceline,
            )
        identifier = self._identifier(node, taken)
        subject = f"Item {identifier}"
        self.findings.subject = subject
        title = line_of(child(node, "title"))
        own = self._metadata(node)
        if not title:
            title = preferred_text(own) or identifier
            self._note_title(subject, title, node)
        is_leaf = child(node, "item") is None
        visible = boolean(node, "isvisible", True, self.findings)
        fields = self.dialect.item(node, self.manifest, is_leaf)
        launch = self._launch(node, identifier, is_leaf, gaps)
        return Activity(
            identifier=identifier,
            title=title,
            visible=visible,
            parameters=attribute(node, "parameters") or "",
            metadata=own,
            children=tuple(self._item(entry, taken, gaps, depth + 1) for entry in children(node, "item")),
            **launch,
            **fields,
        )

    def _identifier(self, node: Element, taken: set[str]) -> str:
        written = attribute(node, "identifier") or ""
        identifier = _unique(written or "item", taken)
        taken.add(identifier)
        if not written:
            self.findings.add(
                "item-identifier-missing",
                f"An item has no identifier; it is called {identifier}.",
                node,
                clause=self.dialect.clause,
            )
        elif identifier != written:
            self.findings.add(
                "identifier-duplicate",
                f"The identifier {written} is used more than once; this item is called {identifier}.",
                node,
                advice="Give each item an identifier of its own.",
                clause=self.dialect.clause,
            )
        return identifier

    def _note_title(self, subject: str, used: str, node: Element) -> None:
        self.findings.add(
            "title-missing", f'{subject} has no title; "{used}" is shown.', node, clause=self.dialect.clause
        )

    def _launch(self, node: Element, identifier: str, is_leaf: bool, gaps: _Gaps) -> dict[str, Any]:
        """kind, href and resource of an item's Activity; {} for a heading."""
        reference = attribute(node, "identifierref")
        if not reference:
            if is_leaf:
                self.findings.add(
                    "item-without-resource",
                    f"Item {identifier} has neither a resource nor items below it; it is a heading nobody can open.",
                    node,
                    clause=self.dialect.clause,
                )
            return {}
        if not is_leaf and not self.dialect.clusters_launch:
            self.findings.add(
                "cluster-with-resource",
                f"Item {identifier} has items below it, so its resource {reference} is not launched.",
                node,
                advice="Put the resource on an item of its own, the first below this one.",
                clause=self.dialect.clause,
            )
            return {}
        found = self.resources.by_identifier.get(reference)
        if found is None:
            gaps.without_resource.append(self._no_resource(node, identifier, reference))
            return {}
        if found.target is None:
            gaps.without_resource.append(self._no_href(node, identifier, reference))
            return {}
        gaps.launchable += 1
        target = found.target
        if not target.found:
            gaps.without_file.append(self._no_file(found, identifier))
        elif _WEB.match(target.path):
            self._note_address(target, identifier, node)
        href = join_parameters(target.href, attribute(node, "parameters") or "")
        return {"kind": found.resource.kind, "href": href, "resource": reference}

    def _no_resource(self, node: Element, identifier: str, reference: str) -> PackageError:
        return PackageError(
            f"Item {identifier} refers to a resource that is not in the manifest: {reference}.",
            "resource-missing",
            file=self.findings.file,
            line=node.sourceline,
            advice="Add the resource, or correct the item's identifierref.",
            clause=self.dialect.clause,
        )

    def _no_href(self, node: Element, identifier: str, reference: str) -> PackageError:
        return PackageError(
            f"Item {identifier} cannot be launched: its resource {reference} has no href.",
            "resource-href-missing",
            file=self.findings.file,
            line=node.sourceline,
            advice="Give the resource an href.",
            clause=self.dialect.clause,
        )

    def _no_file(self, launchable: _Launchable, identifier: str) -> PackageError:
        path = launchable.target.path if launchable.target else ""
        return PackageError(
            f"Item {identifier} launches {path}, which is not in the package.",
            "launch-file-missing",
            file=self.findings.file,
            line=launchable.node.sourceline,
            advice=f"Add the file, or correct the href of resource {launchable.resource.identifier}.",
            clause=self.dialect.clause,
        )

    def _note_address(self, target: Target, identifier: str, node: Element) -> None:
        self.findings.add(
            "href-external",
            f"Item {identifier} launches {target.path}, which is outside the package.",
            node,
            advice="Content on another site finds no SCORM API from there; put it into the package.",
            clause=self.dialect.clause,
        )

    def _judge(self, gaps: _Gaps, fatal: bool) -> None:
        """Raises PackageError where nothing of the organization that is played can be launched."""
        failed = gaps.without_file or gaps.without_resource
        if fatal and gaps.launchable == len(gaps.without_file):
            if failed:
                raise failed[0]
            raise PackageError(
                "None of the items has a resource, so there is nothing to launch.",
                "nothing-to-launch",
                file=self.findings.file,
                advice="Give the items an identifierref.",
                clause=self.dialect.clause,
            )
        for error in gaps.without_resource:
            self._soften(error, "error")
        for error in gaps.without_file:
            self._soften(error, "warning")

    def _soften(self, error: PackageError, severity: Any) -> None:
        self.findings.keep(replace(error.finding, severity=severity))

    def _organization_of_resources(self, metadata: Metadata) -> Organization:
        """One activity for each SCO, or else for each resource with an href, of a package that has no items."""
        all_of_them = [entry for entry in self.resources.by_identifier.values() if entry.target is not None]
        chosen = [entry for entry in all_of_them if entry.resource.kind == "sco"] or all_of_them
        if not chosen:
            raise PackageError(
                "The manifest has neither items nor a resource with an href, so there is nothing to launch.",
                "nothing-to-launch",
                file=self.findings.file,
                clause=self.dialect.clause,
            )
        self.findings.add(
            "organization-missing",
            f"The manifest has no organization with items; its {len(chosen)} launchable resources are the course.",
            self.manifest.root,
            advice="Add an organization with an item for each resource.",
            clause=self.dialect.clause,
        )
        missing = [
            self._no_file(entry, entry.resource.identifier)
            for entry in chosen
            if entry.target and not entry.target.found
        ]
        self._judge(_Gaps(without_file=missing, launchable=len(chosen)), fatal=True)
        identifier = attribute(self.manifest.root, "identifier") or "organization"
        root = Activity(
            identifier=_unique(identifier, self.resources.by_identifier),
            title=preferred_text(metadata) or identifier,
            children=tuple(
                Activity(
                    identifier=entry.resource.identifier,
                    title=preferred_text(self._metadata(entry.node)) or entry.resource.identifier,
                    kind=entry.resource.kind,
                    href=entry.resource.href,
                    resource=entry.resource.identifier,
                )
                for entry in chosen
            ),
        )
        return Organization(root=root)

    def _note_sub_manifests(self) -> None:
        inner = [node for node in _outside_metadata(self.manifest.root) if local_name(node.tag) == "manifest"][1:]
        if inner:
            self.findings.add(
                "sub-manifest",
                f"The manifest holds {len(inner)} manifests inside it; only the outer one is used.",
                inner[0],
                advice="Make one manifest of them.",
                clause=self.dialect.clause,
            )

    # --- metadata

    def _metadata(self, node: Element) -> Metadata:
        """The metadata of manifest, organization, item or resource: inline before external."""
        metadata = child(node, "metadata")
        if metadata is None:
            return Metadata()
        location = text_of(child(metadata, "location"))
        lom = find_lom(metadata)
        if lom is not None or not location:
            return read_metadata(lom, location)
        return self._external_metadata(location, metadata)

    def _external_metadata(self, location: str, node: Element) -> Metadata:
        target = self.hrefs.resolve(location, attribute(self.manifest.root, "base") or "", node)
        if _WEB.match(target.path):
            return Metadata(location=location)
        if not target.found:
            self.findings.add(
                "metadata-missing",
                f"{self.findings.subject}: the metadata file {location} is not in the package.",
                node,
                clause=self.dialect.clause,
            )
            return Metadata(location=location)
        if target.path not in self._external:
            self._external[target.path] = self._read_external(target.path)
        return self._external[target.path]

    def _read_external(self, path: str) -> Metadata:
        try:
            root = read_xml(self.package.read(path, METADATA_SIZE_LIMIT), Findings(path), "metadata-xml")
        except PackageError as error:
            self._soften(error, "warning")
            return Metadata(location=path)
        return read_metadata(find_lom(root), path)

    # --- files

    def _note_unreferenced(self) -> None:
        known = self.hrefs.named | {self.manifest.member}
        left = [
            path
            for path in self.package.members
            if path not in known and path.startswith(self.manifest.folder) and not path.lower().endswith(_SCHEMA_FILES)
        ]
        if left:
            more = f" and {len(left) - 3} more" if len(left) > 3 else ""
            self.findings.add(
                "file-unreferenced",
                f"Files in the package that no resource lists: {', '.join(left[:3])}{more} ({len(left)} in all).",
                severity="hint",
                advice="List them with <file> in the resource that uses them; some systems leave out what is not listed.",
                clause=self.dialect.clause,
            )


def _languages(root: Element, *metadata: Metadata) -> tuple[str, ...]:
    found = [attribute(root, "lang") or ""]
    for entry in metadata:
        found += [*entry.languages, *entry.title]
    return tuple(dict.fromkeys(language for language in found if language))


# --- shared by the dialects -------------------------------------------------------------------------------------------

TIME_LIMIT_ACTIONS = ("exit,message", "exit,no message", "continue,message", "continue,no message")


def read_time_limit_action(element: Element, findings: Findings, clause: str) -> str:
    text = text_of(element)
    if not text:
        return ""
    action = spelled(",".join(" ".join(part.split()) for part in text.split(",")), TIME_LIMIT_ACTIONS)
    if action is None:
        findings.add(
            "value-invalid",
            f'{findings.subject}: the time limit action "{text[:80]}" is none of the four; it is ignored.',
            element,
            advice="Write one of " + "; ".join(TIME_LIMIT_ACTIONS) + ".",
            clause=clause,
        )
    return action or ""
