"""cmi5 course packages: a cmi5.xml in a zip file, or alone with absolute URLs (cmi5 13, 14)."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from lxml import etree

from ..errors import PackageError
from ..hrefs import Hrefs
from ..package import Package, SingleFile
from ..structure import Activity, CourseObjective, CourseStructure, Finding, Metadata, Organization, Resource
from ..xmlfile import (
    XML_SIZE_LIMIT,
    Element,
    Findings,
    attribute,
    child,
    children,
    decimal,
    line_of,
    local_name,
    namespace,
    read_xml,
    tag,
    text_of,
)
from .iri import is_absolute, is_iri, reserved_names, url_fault

NAMESPACE = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"
NAME = "cmi5.xml"
WORDS = {  # of the attributes of an AU whose values are a few words (13.1.4)
    "moveOn": ("NotApplicable", "Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed"),
    "launchMethod": ("AnyWindow", "OwnWindow"),
}
LONGEST_ID = 2000  # characters; an activity is found by it
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def accepts(package: Package) -> bool:
    """Whether it holds a course structure, if only in a folder, where `parse` says that it must be at the top."""
    return bool(_named(package))


def parse(package: Package) -> CourseStructure:
    """The course with its findings. Raises PackageError for what breaks a rule of cmi5 13 or 14."""
    return Parser(package).parse()


def _named(package: Package) -> list[str]:
    """The members of that name in any case, the exact one at the top first, then by depth."""
    found = [path for path in package.members if path.lower().rpartition("/")[2] == NAME]
    return sorted(found, key=lambda path: (path.count("/"), path != NAME, len(path)))


def _member(package: Package) -> str:
    nearest = _named(package)[0]
    folder = nearest.rpartition("/")[0]
    if not folder:
        return nearest
    raise PackageError(
        f"There is no {NAME} at the top of the package, but {nearest}.",
        "cmi5-not-at-top",
        file=nearest,
        advice=f"Zip the contents of {folder}/, not the folder itself.",
        clause="cmi5 14.1.0.0-2",
    )


@lru_cache(maxsize=1)
def _schema_source() -> bytes:
    return Path(__file__).with_name("CourseStructure.xsd").read_bytes()


def schema() -> etree.XMLSchema:
    """The schema of cmi5 14; a new one each time, since it keeps the errors of the document it was last shown."""
    return etree.XMLSchema(etree.fromstring(_schema_source()))


class Parser:
    """Reads one course structure."""

    root: Element  # once it is parsed

    def __init__(self, package: Package) -> None:
        self.package = package
        self.member = _member(package)
        self.findings = Findings(self.member)
        self.findings.subject = "The course structure"
        self.hrefs = Hrefs(package, "", self.findings, are_urls=True)
        self.seen: dict[str, int] = {}  # identifier -> line

    def parse(self) -> CourseStructure:
        self.root = root = self._read()
        course = child(root, "course")
        self.findings.subject = "The course"
        identifier = self._identifier(course, "course", "3.0.0.0-1")
        objectives = tuple(self._objectives(child(root, "objectives")))
        known = {objective.identifier for objective in objectives}
        tree = tuple(self._nodes(root, known))
        self._note_extensions(root)
        metadata = _metadata(course)
        title = _plain(metadata.title)
        top = Activity(identifier, title, children=tree, metadata=metadata, extensions=_foreign(course))
        leaves = [node for node in top.walk() if node.kind == "sco"]
        return CourseStructure(
            standard="CMI5",
            title=title,
            organizations=(Organization(top),),
            identifier=identifier,
            schema_version="Quartz (1st)",
            manifest=self.member,
            languages=tuple(dict.fromkeys(filter(None, (node.get("lang") for node in root.iter() if _is_text(node))))),
            metadata=metadata,
            resources=tuple(
                Resource(leaf.identifier, leaf.href, "sco", (path,) if path else ())
                for leaf in leaves
                for path in (self._path(leaf.href),)
            ),
            objectives=objectives,
            extensions=_foreign(root),
            findings=self.findings.all(),
        )

    def _path(self, href: str) -> str:
        return "" if is_absolute(href) else re.split(r"[?#]", href, maxsplit=1)[0]

    # --- the file ---------------------------------------------------------------------------------------------------

    def _read(self) -> Element:
        root = read_xml(self.package.read(self.member, XML_SIZE_LIMIT), self.findings, "cmi5-xml")
        if root.tag != f"{{{NAMESPACE}}}courseStructure":
            raise self._error(
                f"{self.member} is no cmi5 course structure: its outermost element is <{tag(root)}> of the namespace"
                f' "{namespace(root.tag)}", not <courseStructure> of "{NAMESPACE}".',
                "cmi5-schema",
                root,
                "13.2.0.0-1",
            )
        if self.member != NAME:
            self.findings.keep(
                Finding(
                    "manifest-name",
                    f"The course structure is named {self.member}; other systems look for {NAME} alone.",
                    file=self.member,
                    advice=f"Name it {NAME}, in lower case.",
                    clause="cmi5 14.0",
                    fixable=not isinstance(self.package, SingleFile),
                )
            )
        _strip(root)
        self._validate(root)
        return root

    def _validate(self, root: Element) -> None:
        rules = schema()
        if rules.validate(root):
            return
        errors = list(rules.error_log)  # type: ignore[call-overload]
        first, more = errors[0], len(errors) - 1
        words = first.message.replace(f"{{{NAMESPACE}}}", "")
        raise PackageError(
            f"{self.member} does not keep to the cmi5 course structure schema, line {first.line}: {words[:500]}"
            + (f" ({more} more)" if more else ""),
            "cmi5-schema",
            file=self.member,
            line=first.line,
            advice="Validate the file against CourseStructure.xsd in an XML editor; elements have a fixed order.",
            clause="cmi5 13.1.5.0-2" if "'{" in words else "cmi5 13.2.0.0-1",  # of another namespace
        )

    def _error(self, message: str, code: str, node: Element, requirement: str, advice: str = "") -> PackageError:
        return PackageError(
            message[:1000], code, file=self.member, line=node.sourceline, advice=advice, clause=f"cmi5 {requirement}"
        )

    # --- elements -----------------------------------------------------------------------------------------------------

    def _nodes(self, parent: Element, known: set[str]) -> Iterator[Activity]:
        for node in parent:
            name = local_name(node.tag) if namespace(node.tag) == NAMESPACE else ""
            if name == "au":
                yield self._au(node, known)
            elif name == "block":
                yield self._block(node, known)

    def _block(self, node: Element, known: set[str]) -> Activity:
        identifier = self._identifier(node, "block", "13.1.2.0-1")
        references = self._references(node, known)
        metadata = _metadata(node)
        return Activity(
            identifier,
            _plain(metadata.title),
            children=tuple(self._nodes(node, known)),
            metadata=metadata,
            objectives=references,
            extensions=_foreign(node),
        )

    def _au(self, node: Element, known: set[str]) -> Activity:
        identifier = self._identifier(node, "au", "13.1.4.0-1")
        metadata = _metadata(node)
        return Activity(
            identifier,
            _plain(metadata.title),
            "sco",
            href=self._url(child(node, "url"), identifier),
            resource=identifier,
            parameters=text_of(child(node, "launchParameters")),
            metadata=metadata,
            scaled_mastery_score=self._mastery_score(node),
            move_on=attribute(node, "moveOn") or "NotApplicable",
            launch_method=attribute(node, "launchMethod") or "AnyWindow",
            entitlement_key=text_of(child(node, "entitlementKey")),
            activity_type=self._activity_type(node),
            objectives=self._references(node, known),
            extensions=_foreign(node),
        )

    def _identifier(self, node: Element, kind: str, requirement: str) -> str:
        identifier = attribute(node, "id") or ""
        self.findings.subject = f"{kind} {identifier}"
        self._refuse_no_iri(node, "id", identifier)
        if len(identifier) > LONGEST_ID:
            raise self._error(
                f"The id of <{kind}> has {len(identifier)} characters; {LONGEST_ID} are allowed.",
                "cmi5-id-long",
                node,
                "3.0",
            )
        if identifier in self.seen:
            raise self._error(
                f"The id {identifier} of <{kind}> is that of the element in line {self.seen[identifier]} too.",
                "cmi5-id-duplicate",
                node,
                requirement,
                "Give every block, objective and au an id of its own.",
            )
        self.seen[identifier] = node.sourceline
        return identifier

    def _refuse_no_iri(self, node: Element, name: str, value: str) -> None:
        if not is_iri(value):
            raise self._error(
                f'{name}="{value[:200]}" of <{tag(node)}> is not a full IRI.',
                "cmi5-iri",
                node,
                "3.0.0.0-1",
                "Write it with its scheme, such as https://example.com/courses/1.",
            )

    def _activity_type(self, node: Element) -> str:
        value = attribute(node, "activityType") or ""
        if value:
            self._refuse_no_iri(node, "activityType", value)
        return value

    def _mastery_score(self, node: Element) -> float | None:
        value = attribute(node, "masteryScore")
        if value is None:
            return None
        score = decimal(value, 0, 1)
        if score is None:
            raise self._error(
                f'masteryScore="{value[:80]}" is no decimal between 0 and 1.',
                "cmi5-mastery-score",
                node,
                "13.1.4",
                "Write it such as 0.8 or 0.6667.",
            )
        return score + 0.0  # no -0

    def _references(self, node: Element, known: set[str]) -> tuple[str, ...]:
        references = []
        for entry in children(child(node, "objectives") if child(node, "objectives") is not None else (), "objective"):
            reference = attribute(entry, "idref")
            if reference is None:
                self.findings.add("objective-reference", f"{self.findings.subject}: <objective> names none.", entry)
                continue
            self._refuse_no_iri(entry, "idref", reference)
            if reference not in known:
                self.findings.add(
                    "objective-unknown",
                    f"{self.findings.subject} refers to the objective {reference}, which the course does not define.",
                    entry,
                    advice="Define it in <objectives> of the course structure.",
                    clause="cmi5 13.1.3",
                )
            references.append(reference)
        return tuple(dict.fromkeys(references))

    def _objectives(self, node: Element) -> Iterator[CourseObjective]:
        for entry in children(node, "objective") if node is not None else ():
            identifier = self._identifier(entry, "objective", "13.1.3.0-1")
            metadata = _metadata(entry)
            yield CourseObjective(identifier, metadata.title, metadata.description)

    # --- launch addresses ---------------------------------------------------------------------------------------------

    def _url(self, node: Element, identifier: str) -> str:
        url = text_of(node)
        if fault := url_fault(url):
            raise self._error(
                f"The url {url[:200]} of AU {identifier} {fault}.", "cmi5-url", node, "13.1.4.0-2", "Correct the url."
            )
        if names := reserved_names(url):
            raise self._error(
                f"The query of the url {url[:200]} of AU {identifier} has the name {', '.join(names)}, which the launch"
                " itself uses.",
                "cmi5-url-reserved",
                node,
                "8.1.0.0-6",
                "Rename the parameter.",
            )
        if is_absolute(url):
            self._note_scheme(url, node)
            return url
        if isinstance(self.package, SingleFile):
            raise self._error(
                f"The url {url[:200]} of AU {identifier} is relative, but there is no zip file it could lead into.",
                "cmi5-url-relative",
                node,
                "14.2.0.0-1",
                "Write the whole address, or put the course structure and the files into a zip file.",
            )
        target = self.hrefs.resolve(url, "", node)
        if not target.found or target.is_foreign:
            raise self._error(
                f"The url {url[:200]} of AU {identifier} leads to no file in the package.",
                "launch-file-missing",
                node,
                "14.1.0.0-4",
                "Add the file, or write the whole address where it lies elsewhere.",
            )
        return target.href

    def _note_scheme(self, url: str, node: Element) -> None:
        if not re.match(r"https?://", url, re.I):
            self.findings.add(
                "launch-scheme",
                f"{self.findings.subject}: {url[:200]} is for an application on the learner's device, not a browser.",
                node,
                "hint",
                clause="cmi5 13.1.4",
            )

    def _note_extensions(self, root: Element) -> None:
        """13.1.5: extensions come with a schema; the course works without, so that is a finding."""
        used = {
            space
            for node in root.iter()
            for space in (namespace(node.tag), *map(namespace, node.attrib))
            if space and space not in (NAMESPACE, _XSI, "http://www.w3.org/XML/1998/namespace")
        }
        located = {word for node in root.iter() for word in (node.get(f"{{{_XSI}}}schemaLocation") or "").split()}
        for space in sorted(used - located):
            self.findings.add(
                "extension-schema",
                f"The course structure has elements of {space}, but does not say where their schema lies; they are kept"
                " as they are.",
                root,
                "hint",
                "Name the schema in xsi:schemaLocation.",
                "cmi5 13.1.5.0-1",
            )


# --- texts ------------------------------------------------------------------------------------------------------------


def _strip(root: Element) -> None:
    """All leading and trailing blanks of every value are removed (13.1.0.0-1), before the schema looks at them."""
    for node in root.iter():
        if namespace(node.tag) != NAMESPACE:
            continue
        for name, value in node.attrib.items():
            if value != value.strip():
                node.set(name, value.strip())
        if node.text and len(node) == 0:
            node.text = node.text.strip()


def _is_text(node: Element) -> bool:
    return bool(local_name(node.tag) == "langstring")


def _metadata(node: Element) -> Metadata:
    return Metadata(title=_texts(child(node, "title")), description=_texts(child(node, "description")))


def _texts(node: Element) -> Mapping[str, str]:
    """Texts by language, on one line each; of several in a language the first."""
    texts: dict[str, str] = {}
    for entry in children(node, "langstring"):
        texts.setdefault(entry.get("lang") or "", line_of(entry))
    return texts


def _plain(texts: Mapping[str, str]) -> str:
    """One text where the language does not matter: the first that says something."""
    return next(filter(None, texts.values()), "")


def _foreign(node: Element) -> tuple[str, ...]:
    """The child elements of other namespaces, as XML."""
    return tuple(
        etree.tostring(entry, encoding="unicode", with_tail=False)
        for entry in node
        if namespace(entry.tag) not in ("", NAMESPACE)
    )
