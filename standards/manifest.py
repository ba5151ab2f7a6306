"""IMS content packaging: imsmanifest.xml to a CourseStructure, shared by SCORM 1.1, 1.2 and 2004.

What an edition adds to items and organizations is read by its `Dialect` (scorm12/package.py, scorm2004/package.py).
Packages are imperfect: what can be understood is imported with a finding; PackageError is for what cannot work.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from .errors import PackageError
from .hrefs import Hrefs, Target, join_parameters
from .metadata import find_lom, read_metadata, title_of
from .package import Package
from .recognition import Dialect, read_manifest
from .resources import SCHEMA_FILES, Identifiers, Launchable, Resources
from .structure import Activity, CourseStructure, Metadata, Organization, Severity
from .xmlfile import (
    Element,
    Findings,
    Mend,
    attribute,
    boolean,
    child,
    children,
    line_of,
    local_name,
    read_xml,
    spelled,
    text_of,
)

DEEPEST_ITEM = 64  # levels: deeper trees are no course, and every walk over a tree costs stack
METADATA_SIZE_LIMIT = 1024 * 1024  # bytes of one external metadata file

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
        self.findings.clause = dialect.clause
        self.hrefs = Hrefs(package, self.manifest.folder, self.findings)
        self.resources = Resources(self.manifest, self.hrefs, dialect)
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
        identifiers = [attribute(node, "identifier") or f"number {index + 1}" for index, node in enumerate(nodes)]
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
                mends=_default_mends(parent, nodes),
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
                    mends=_default_mends(parent, nodes),
                )
        return index if index in filled else filled[0]

    def _organization(self, node: Element, metadata: Metadata) -> tuple[Organization, _Gaps]:
        identifier = attribute(node, "identifier") or "organization"
        gaps = _Gaps()
        identifiers = Identifiers(identifier)
        self.findings.subject = f"Organization {identifier}"
        own = self._metadata(node)
        title = line_of(child(node, "title"))
        if not title:
            title = title_of(own) or title_of(metadata) or attribute(self.manifest.root, "identifier") or identifier
            self._note_title(f"Organization {identifier}", title, node)
        fields, settings = self.dialect.organization(node, self.manifest)
        items = tuple(self._item(entry, identifiers, gaps, 1) for entry in children(node, "item"))
        root = Activity(identifier=identifier, title=title, children=items, metadata=own, **fields)
        return Organization(root=root, **settings), gaps

    def _item(self, node: Element, identifiers: Identifiers, gaps: _Gaps, depth: int) -> Activity:
        if depth > DEEPEST_ITEM:
            raise PackageError(
                f"The items are nested more than {DEEPEST_ITEM} deep.",
                "items-too-deep",
                file=self.findings.file,
                line=node.sourceline,
            )
        identifier = self._identifier(node, identifiers)
        subject = f"Item {identifier}"
        self.findings.subject = subject
        title = line_of(child(node, "title"))
        own = self._metadata(node)
        if not title:
            title = title_of(own) or identifier
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
            children=tuple(self._item(entry, identifiers, gaps, depth + 1) for entry in children(node, "item")),
            **launch,
            **fields,
        )

    def _identifier(self, node: Element, identifiers: Identifiers) -> str:
        written = attribute(node, "identifier") or ""
        identifier = identifiers.unique(written or "item")
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
        found = self.resources.by_identifier.get(reference) or self._in_other_case(node, identifier, reference)
        if found is None:
            gaps.without_resource.append(self._no_resource(node, identifier, reference))
            return {}
        if found.target is None:
            gaps.without_resource.append(self._no_href(node, identifier, reference))
            return {}
        if found.target.is_foreign:
            gaps.without_resource.append(self._foreign_href(found, identifier))
            return {}
        gaps.launchable += 1
        target = found.target
        if not target.found:
            gaps.without_file.append(self._no_file(found, identifier))
        elif target.is_external:
            self._note_address(target, identifier, node)
        href = join_parameters(target.href, attribute(node, "parameters") or "")
        return {"kind": found.resource.kind, "href": href, "resource": found.resource.identifier}

    def _in_other_case(self, node: Element, identifier: str, reference: str) -> Launchable | None:
        """The only resource whose identifier differs from the reference by upper and lower case alone."""
        same = self.resources.folded.get(reference.lower(), ())
        if len(same) != 1:
            return None
        self.findings.add(
            "identifierref-case",
            f"Item {identifier} refers to the resource {reference}, which is called {same[0]}.",
            node,
            clause=self.dialect.clause,
            mends=(Mend(node, "set", "identifierref", same[0]),),
        )
        return self.resources.by_identifier[same[0]]

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

    def _foreign_href(self, launchable: Launchable, identifier: str) -> PackageError:
        return PackageError(
            f"Item {identifier} cannot be launched: {attribute(launchable.node, 'href')} is no path in the package.",
            "href-foreign",
            file=self.findings.file,
            line=launchable.node.sourceline,
            advice="Write the path of the file within the package, without drive letter, scheme, ? and # in its name.",
            clause=self.dialect.clause,
        )

    def _no_file(self, launchable: Launchable, identifier: str) -> PackageError:
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

    def _soften(self, error: PackageError, severity: Severity) -> None:
        self.findings.keep(replace(error.finding, severity=severity))

    def _organization_of_resources(self, metadata: Metadata) -> Organization:
        """One activity for each SCO, or else for each resource with an href, of a package that has no items."""
        all_of_them = [
            entry
            for entry in self.resources.by_identifier.values()
            if entry.target is not None and not entry.target.is_foreign
        ]
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
            f"The manifest has no organization with items; its launchable resources ({len(chosen)}) make the course.",
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
            identifier=Identifiers(*self.resources.by_identifier).unique(identifier),
            title=title_of(metadata) or identifier,
            children=tuple(
                Activity(
                    identifier=entry.resource.identifier,
                    title=title_of(self._metadata(entry.node)) or entry.resource.identifier,
                    kind=entry.resource.kind,
                    href=entry.resource.href,
                    resource=entry.resource.identifier,
                )
                for entry in chosen
            ),
        )
        return Organization(root=root)

    def _note_sub_manifests(self) -> None:
        inner = [node for node in self.manifest.elements if local_name(node.tag) == "manifest"][1:]
        if inner:
            self.findings.add(
                "sub-manifest",
                f"The manifest holds sub-manifests ({len(inner)}); only the outer one is used.",
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
        if target.is_external:
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
            if path not in known and path.startswith(self.manifest.folder) and not _needs_no_resource(path)
        ]
        if left:
            more = f" and {len(left) - 3} more" if len(left) > 3 else ""
            self.findings.add(
                "file-unreferenced",
                f"Files in the package that no resource lists: {', '.join(left[:3])}{more} ({len(left)} in all).",
                severity="hint",
                advice="List them with <file> in the resource that uses them: some systems leave out the rest.",
                clause=self.dialect.clause,
            )


def _default_mends(parent: Element, nodes: list[Element]) -> tuple[Mend, ...]:
    """Where there is but one organization it is the one that is meant."""
    identifier = attribute(nodes[0], "identifier") if len(nodes) == 1 else None
    return (Mend(parent, "set", "default", identifier),) if identifier else ()


def _needs_no_resource(path: str) -> bool:
    """Schemas, and what file managers leave behind."""
    name = path.rpartition("/")[2]
    return name.lower().endswith(SCHEMA_FILES) or name.startswith(("._", ".DS_Store", "Thumbs.db"))


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
            advice=f"Write one of {'; '.join(TIME_LIMIT_ACTIONS)}.",
            clause=clause,
        )
    return action or ""
