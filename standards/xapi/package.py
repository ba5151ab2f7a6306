"""Tin Can packages: tincan.xml to a CourseStructure.

The format is Rustici's, of before xAPI had its name: a list of activities, each with texts by language and, where it
can be opened, the page to launch. There is no tree in it; `_tree` says how one is made.
"""

from dataclasses import dataclass, replace

from lxml import etree

from ..errors import PackageError
from ..hrefs import Hrefs
from ..package import Package
from ..structure import Activity, CourseStructure, Finding, Metadata, Organization, Severity
from ..xmlfile import XML_SIZE_LIMIT, Element, Findings, attribute, child, children, line_of, local_name, read_xml, tag
from .errors import StatementError
from .values import check_iri, is_language_tag

MANIFEST = "tincan.xml"
COURSE = "http://adlnet.gov/expapi/activities/course"
ROOT = "tincan"  # the root of a list of activities that names no course; no IRI, so no activity is called so
CLAUSE = "tincan.xsd"
_LONGEST_EXTENSION = 10_000  # characters of one extension that are kept


def accepts(package: Package) -> bool:
    return bool(_manifests(package))


def _manifests(package: Package) -> list[str]:
    """Every tincan.xml, in any folder and case, the nearest to the top first."""
    found = [path for path in package.members if path.rpartition("/")[2].lower() == MANIFEST]
    return sorted(found, key=lambda path: (path.count("/"), path))


def parse(package: Package) -> CourseStructure:
    """The course with its findings. Raises PackageError where nothing in it can be launched."""
    return Parser(package).parse()


@dataclass(frozen=True)
class _Entry:
    """An activity of the list; without `href` it is known to statements only."""

    activity: Activity
    error: PackageError | None = None  # why its page cannot be launched


class Parser:
    """Reads one list of activities."""

    root: Element  # once it is parsed

    def __init__(self, package: Package) -> None:
        manifests = _manifests(package)
        if not manifests:
            raise PackageError(f"There is no {MANIFEST} in the package.", "no-manifest")
        self.package = package
        self.member = manifests[0]
        self.folder = self.member[: self.member.rfind("/") + 1]
        self.findings = Findings(self.member)
        self.findings.subject = f"The {MANIFEST}"
        self.hrefs = Hrefs(package, self.folder, self.findings)
        if len(manifests) > 1:
            self.findings.add(
                "manifest-several",
                f"The package holds {len(manifests)} {MANIFEST}: {', '.join(manifests[:3])}; the first is the course.",
                advice="Upload each course as a package of its own.",
                clause=CLAUSE,
            )

    def parse(self) -> CourseStructure:
        self.root = root = read_xml(self.package.read(self.member, XML_SIZE_LIMIT), self.findings, "tincan-xml")
        if local_name(root.tag) != "tincan":
            raise PackageError(
                f"{self.member} is none: its outermost element is <{tag(root)}>, not <tincan>.",
                "tincan-xml",
                file=self.member,
                line=root.sourceline,
                clause=CLAUSE,
            )
        self._note_name()
        entries = self._entries(root)
        self._judge(entries)
        tree = _tree([entry.activity for entry in entries])
        return CourseStructure(
            standard="XAPI",
            title=tree.title,
            organizations=(Organization(root=tree),),
            identifier=tree.identifier if tree.identifier != ROOT else "",
            schema_version=attribute(root, "version") or "",
            base=self.folder,
            manifest=self.member,
            languages=_languages(root),
            metadata=tree.metadata,
            findings=(*self.findings.all(), *self.package.findings),
        )

    def _note_name(self) -> None:
        name = self.member.rpartition("/")[2]
        if name != MANIFEST:
            self.findings.keep(
                Finding(
                    "manifest-name",
                    f"The list of activities is named {name}; other systems look for {MANIFEST} alone.",
                    file=self.member,
                    advice=f"Name it {MANIFEST}, in lower case.",
                    clause=CLAUSE,
                    fixable=True,
                )
            )
        if self.folder.rstrip("/") != self.package.base.rstrip("/"):
            self.findings.add(
                "manifest-folder",
                f"{self.member} is not at the top of the package; other systems may not find it there.",
                advice=f"Zip the contents of {self.folder or 'the folder'} alone.",
                clause=CLAUSE,
            )

    def _entries(self, root: Element) -> list[_Entry]:
        """The activities in order, each id once."""
        entries: dict[str, _Entry] = {}
        for node in root.iter():
            if local_name(node.tag) != "activity":
                continue
            entry = self._entry(node)
            if entry is None:
                continue
            identifier = entry.activity.identifier
            if identifier not in entries:
                entries[identifier] = entry
                continue
            self.findings.add(
                "identifier-duplicate",
                f"Two activities have the id {identifier}; the first is used.",
                node,
                advice="Give each activity an id of its own.",
                clause=CLAUSE,
            )
        return list(entries.values())

    def _entry(self, node: Element) -> _Entry | None:
        identifier = attribute(node, "id") or ""
        if not identifier:
            self.findings.add(
                "activity-id-missing",
                "An activity has no id, so that no statement can be about it; it is left out.",
                node,
                "error",
                "Give it an id, an IRI such as https://example.com/course.",
                CLAUSE,
            )
            return None
        self.findings.subject = f"Activity {identifier}"
        self._note_id(identifier, node)
        names, descriptions = self._texts(node, "name"), self._texts(node, "description")
        if not names:
            self.findings.add(
                "title-missing", f'Activity {identifier} has no name; "{identifier}" is shown.', node, clause=CLAUSE
            )
        activity = Activity(
            identifier=identifier,
            title=_preferred(names) or identifier,
            visible=False,
            metadata=Metadata(title=names, description=descriptions, languages=tuple(filter(None, names))),
            activity_type=attribute(node, "type") or "",
            extensions=_extensions(node),
        )
        return self._with_launch(activity, node)

    def _note_id(self, identifier: str, node: Element) -> None:
        try:
            check_iri(identifier)
        except StatementError:
            self.findings.add(
                "activity-id-not-iri",
                f"{identifier} is no IRI; statements about this activity are refused wherever xAPI is kept to.",
                node,
                advice="Let the id begin with a scheme: https://example.com/course.",
                clause="xAPI 1.0.3 Data 2.4.4.1",
            )

    def _texts(self, node: Element, name: str) -> dict[str, str]:
        """The texts of an activity by language, "" where none is said."""
        texts: dict[str, str] = {}
        for entry in children(node, name):
            language = attribute(entry, "lang") or ""
            if language and not is_language_tag(language):
                self.findings.add(
                    "language-invalid",
                    f'{self.findings.subject}: lang="{language[:40]}" of its <{name}> is no language tag.',
                    entry,
                    advice='Write a tag such as "en-US".',
                    clause="RFC 5646 2.1",
                )
                language = ""
            if text := line_of(entry):
                texts.setdefault(language, text)
        return texts

    def _with_launch(self, activity: Activity, node: Element) -> _Entry:
        launches = [entry for entry in children(node, "launch") if line_of(entry)]
        if not launches:
            return _Entry(activity)
        if len({line_of(entry) for entry in launches}) > 1:
            language = attribute(launches[0], "lang") or "none"
            self.findings.add(
                "launch-several",
                f"Activity {activity.identifier} has a page for each of {len(launches)} languages; the first, of the "
                f"language {language}, is launched for all.",
                launches[1],
                "hint",
                clause=CLAUSE,
            )
        href = line_of(launches[0])
        target = self.hrefs.resolve(href, "", launches[0])
        if target.is_foreign:
            return _Entry(activity, self._foreign(activity, href, launches[0]))
        if not target.found:
            return _Entry(activity, self._missing(activity, target.path, launches[0]))
        if target.is_external:
            self._note_external(activity, target.path, launches[0])
        return _Entry(replace(activity, kind="sco", href=target.href, visible=True))

    def _foreign(self, activity: Activity, href: str, node: Element) -> PackageError:
        return PackageError(
            f"Activity {activity.identifier} cannot be launched: {href} is no path in the package.",
            "href-foreign",
            file=self.member,
            line=node.sourceline,
            advice="Write the path of the page within the package, or an address that begins with https.",
            clause=CLAUSE,
        )

    def _missing(self, activity: Activity, path: str, node: Element) -> PackageError:
        return PackageError(
            f"Activity {activity.identifier} launches {path}, which is not in the package.",
            "launch-file-missing",
            file=self.member,
            line=node.sourceline,
            advice="Add the file, or correct <launch>.",
            clause=CLAUSE,
        )

    def _note_external(self, activity: Activity, address: str, node: Element) -> None:
        if address.lower().startswith("http:"):
            self.findings.add(
                "href-unencrypted",
                f"Activity {activity.identifier} launches {address}, which is not encrypted: browsers may block it.",
                node,
                advice="Offer the page by https.",
                clause=CLAUSE,
            )

    def _judge(self, entries: list[_Entry]) -> None:
        """Raises PackageError where nothing can be launched; what is left of errors is softened to findings."""
        errors = [entry.error for entry in entries if entry.error is not None]
        if not any(entry.activity.href for entry in entries):
            if errors:
                raise errors[0]
            words = "has no activity with an id" if not entries else "has no activity with a <launch>"
            raise PackageError(
                f"{self.member} {words}, so there is nothing to launch.",
                "nothing-to-launch",
                file=self.member,
                advice="Add <launch> with the page to open to the activity of the course.",
                clause=CLAUSE,
            )
        for error in errors:
            severity: Severity = "warning" if error.finding.code == "launch-file-missing" else "error"
            self.findings.keep(replace(error.finding, severity=severity))


def _preferred(texts: dict[str, str]) -> str:
    """The text in no language or in the one given first."""
    return texts.get("") or next(iter(texts.values()), "")


def _extensions(node: Element) -> tuple[str, ...]:
    parent = child(node, "extensions")
    found = [] if parent is None else [etree.tostring(entry, encoding="unicode", with_tail=False) for entry in parent]
    return tuple(text for text in found if len(text) <= _LONGEST_EXTENSION)


def _languages(root: Element) -> tuple[str, ...]:
    found = (
        attribute(node, "lang") for node in root.iter() if local_name(node.tag) in ("name", "description", "launch")
    )
    by_tag: dict[str, str] = {}
    for language in found:
        if language and is_language_tag(language):
            by_tag.setdefault(language.lower(), language)
    return tuple(by_tag.values())


def _tree(activities: list[Activity]) -> Activity:
    """The activities as a tree of one root.

    The root is what speaks for the whole (`results.roll_up`): the one activity of the type course; else the only one
    that can be launched; else a heading of our own. All others lie below it in the order of the file, those that cannot
    be launched without a line in the player's menu.
    """
    courses = [activity for activity in activities if activity.activity_type == COURSE]
    launchable = [activity for activity in activities if activity.href]
    root = next((found[0] for found in (courses, launchable) if len(found) == 1), None)
    if root is None:
        return Activity(identifier=ROOT, title=activities[0].title, children=tuple(activities))
    below = tuple(activity for activity in activities if activity is not root)
    return replace(root, children=below, visible=True)
