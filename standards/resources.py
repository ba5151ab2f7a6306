"""The resources of a manifest: what each launches, lists and depends on (IMS CP 1.1)."""

from dataclasses import dataclass

from .hrefs import Hrefs, Target, join_base
from .recognition import Dialect, Manifest
from .structure import Kind, Resource
from .xmlfile import Element, Mend, attribute, children, local_name, namespace, spelled

SCHEMA_FILES = (".xsd", ".dtd")
_PAGES = (".html", ".htm")


@dataclass(frozen=True)
class Launchable:
    """A resource with what its href leads to."""

    resource: Resource
    target: Target | None  # None where it has no href
    node: Element


class Resources:
    def __init__(self, manifest: Manifest, hrefs: Hrefs, dialect: Dialect) -> None:
        self.findings = manifest.findings
        self.hrefs = hrefs
        self.dialect = dialect
        self.referenced = {
            (attribute(node, "identifierref") or "").lower() for node in manifest.elements if _is_item(node)
        }
        self.by_identifier: dict[str, Launchable] = {}
        self._identifiers = Identifiers()
        base = attribute(manifest.root, "base") or ""
        for parent in children(manifest.root, "resources"):
            below = join_base(base, attribute(parent, "base") or "")
            for node in children(parent, "resource"):
                self._read(node, below)
        self.folded: dict[str, list[str]] = {}  # identifier in lower case -> as it is written
        for identifier in self.by_identifier:
            self.folded.setdefault(identifier.lower(), []).append(identifier)
        self._note_broken_dependencies()

    def _read(self, node: Element, base: str) -> None:
        identifier = attribute(node, "identifier") or ""
        if not identifier:
            self.findings.add(
                "resource-identifier-missing", "A resource has no identifier.", node, clause=self.dialect.clause
            )
        unique = self._identifiers.unique(identifier or "resource")
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
        if target is None and unique.lower() in self.referenced:
            target = self._guess_page(files, unique, node)
        resource = Resource(
            identifier=unique,
            href=target.href if target and not target.is_foreign else "",
            kind=self._kind(node, unique, target),
            files=files,
            dependencies=tuple(
                ref for entry in children(node, "dependency") if (ref := attribute(entry, "identifierref"))
            ),
        )
        self.by_identifier[unique] = Launchable(resource, target, node)

    def _files(self, node: Element, base: str) -> tuple[str, ...]:
        files: list[str] = []
        listed: set[str] = set()
        missing: list[str] = []
        repeated: list[Element] = []
        for entry in children(node, "file"):
            href = attribute(entry, "href") or ""
            target = self.hrefs.resolve(href, base, entry) if href else None
            if target is None or target.is_external:
                continue
            if target.found and target.path in listed:
                repeated.append(entry)
            elif target.found:
                listed.add(target.path)
                files.append(target.path)
            elif not href.lower().endswith(SCHEMA_FILES):
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
        if repeated:
            again = attribute(repeated[0], "href")
            self.findings.add(
                "file-duplicate",
                f"{self.findings.subject} lists files more than once ({len(repeated)}), such as {again}.",
                repeated[0],
                "hint",
                "Leave out the second entry.",
                self.dialect.clause,
                tuple(Mend(entry, "remove") for entry in repeated),
            )
        return tuple(files)

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
            self._note_spelling(node, identifier, known)
            return "sco" if known == "sco" else "asset"
        guess: Kind = "sco" if target is not None and identifier.lower() in self.referenced else "asset"
        if identifier.lower() in self.referenced:
            said = f'has the {self.dialect.scorm_type} "{written}"' if written else f"has no {self.dialect.scorm_type}"
            self.findings.add(
                "scormtype-missing" if not written else "scormtype-unknown",
                f"Resource {identifier} {said}; it is taken for {'a SCO' if guess == 'sco' else 'an asset'}.",
                node,
                advice=f'Write adlcp:{self.dialect.scorm_type}="sco", or "asset" for what does not use the API.',
                clause=self.dialect.clause,
            )
        return guess

    def _note_spelling(self, node: Element, identifier: str, known: str) -> None:
        """XML tells upper from lower case, and ADL's attribute is in ADL's namespace."""
        named = ((key, text) for key, text in node.attrib.items() if local_name(key) == "scormtype")
        key, written = next(named)  # looked up by key it is not found where the namespace is odd
        name = key.rpartition("}")[2].rpartition(":")[2]
        expected = self.dialect.scorm_type
        if uri := namespace(key):  # of the other edition, maybe: the mismatch of editions is told elsewhere
            expected = "scormType" if "v1p3" in uri else "scormtype" if "rootv1p" in uri else expected
        if name == expected and written == known and key != name:
            return
        prefix = next((each for each, uri in node.nsmap.items() if each and "adlcp" in uri.lower()), "")
        wanted = f"{prefix}:{expected}"
        mends = [Mend(node, "set", name, known)] if written != known else []
        if name != expected or not (namespace(key) or ":" in key):
            mends.append(Mend(node, "rename", name, wanted))
        self.findings.add(
            "scormtype-spelling",
            f'Resource {identifier}: {name}="{written}" is meant as {wanted.lstrip(":")}="{known}".',
            node,
            advice=f'Write adlcp:{expected}="{known}", in this case of letters.',
            clause=self.dialect.clause,
            mends=tuple(mends) if prefix else (),
        )

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


class Identifiers:
    """Hands out each identifier once; a repeated one gets a number."""

    def __init__(self, *taken: str) -> None:
        self._counts = dict.fromkeys(taken, 1)

    def unique(self, identifier: str) -> str:
        unique = identifier
        while unique in self._counts:
            self._counts[identifier] += 1
            unique = f"{identifier}-{self._counts[identifier]}"
        self._counts[unique] = 1
        return unique
