"""AICC packages: the course structure files, read to a course structure (CMI001 v4.0 section 3.4 and its file binding).

`.crs` says what the course is, `.au` lists the assignable units, `.des` names every element, `.cst` puts units into
blocks, `.pre` and `.cmp` hold prerequisites and completion requirements, `.ort` relates objectives to elements.
Elements are known by their system_id, in any case of letters.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote

from ..durations import timespan_seconds
from ..errors import PackageError
from ..hrefs import PATH_SAFE, join_parameters
from ..package import Package
from ..prerequisites import TOKEN, identifiers
from ..resources import Identifiers
from ..structure import Activity, CourseObjective, CourseStructure, Metadata, Organization, Severity
from ..structure import Finding as FindingOf
from ..xmlfile import LONGEST_MESSAGE, Findings
from .files import LARGEST, Group, Row, Table, decode, odd_encoding, read_groups, read_table, read_text
from .mending import FileText, Mend

CLAUSE = "CMI001 3.4"  # the course structure data model
ROOT = "root"  # the member of .cst that is the course itself
DEEPEST_BLOCK = 50
MOST_ACTIVITIES = 20_000
MOST_RELATIONS = 100_000  # of elements to objectives
MOST_CHARACTERS = 16_000_000  # of the course structure: a block that is used often repeats what is in it
MOST_PREREQUISITES = 1_000_000  # characters of all scripts together, each of which is read at every step of the learner
LONGEST_SCRIPT = 20_000
MOST_FILES = 50  # of one kind, looked at until one is of the course
LONGEST_IDENTIFIER = 255
_WEB = re.compile(r"(https?:)?//[^/]", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
ACTIONS = {"e": "exit", "c": "continue"}
MESSAGES = {"m": "message", "n": "no message"}
# What is kept of an AU beside what has a field of its own, in this order.
DETAILS = ("type", "command_line", "max_score", "system_vendor", "core_vendor", "web_launch", "au_password")


def accepts(package: Package) -> bool:
    return bool(_courses(package))


def parse(package: Package) -> CourseStructure:
    """The course with its findings. Raises PackageError where it cannot work."""
    return Parser(package).parse()


# --- recognition ------------------------------------------------------------------------------------------------------


def _courses(package: Package) -> list[str]:
    """What begins a course: every .crs file with a [Course] group, nearest to the top first, else an .au and a .cst.

    `.au` is a kind of sound file too, so a table without its columns is none.
    """
    described = [path for path in _by_ending(package, ".crs") if "course" in _groups(package, path)]
    if described:
        return described
    units = [path for path in _by_ending(package, ".au") if _has_columns(package, path, "system_id")]
    trees = [path for path in _by_ending(package, ".cst") if _has_columns(package, path, "block")]
    return units if units and trees else []


def _by_ending(package: Package, ending: str) -> list[str]:
    found = [path for path in package.members if path.lower().endswith(ending) and not _is_left_over(path)]
    return sorted(found, key=lambda path: (path.count("/"), path))[:MOST_FILES]


def _is_left_over(path: str) -> bool:
    return path.rpartition("/")[2].startswith("._") or "__MACOSX/" in path


def _groups(package: Package, path: str) -> dict[str, Group]:
    try:
        return read_groups(read_text(package, path))
    except PackageError:
        return {}


def _has_columns(package: Package, path: str, *names: str) -> bool:
    try:
        header = read_table(read_text(package, path)[:20_000], path).header
    except PackageError:
        return False
    return all(name in header for name in names)


# --- parsing ----------------------------------------------------------------------------------------------------------


@dataclass
class _Element:
    """A course element: an assignable unit or a block, with what the tables say of it."""

    identifier: str
    unit: Row | None = None
    description: Row | None = None
    members: list[tuple[str, int]] = field(default_factory=list)  # identifier as written, line in .cst
    prerequisites: list[tuple[str, int]] = field(default_factory=list)
    scripts: tuple[str, ...] | None = None  # those of the prerequisites that can be read, once they were
    completions: list[str] = field(default_factory=list)
    objectives: list[str] = field(default_factory=list)


class Parser:
    """Reads one course, and where in its files what could be mended stands."""

    def __init__(self, package: Package) -> None:
        self.package = package
        courses = _courses(package)
        self.main = courses[0]
        self.folder = self.main[: self.main.rfind("/") + 1]
        self.findings = Findings(self.main)
        self.elements: dict[str, _Element] = {}  # by system_id, lower case
        self.objectives: dict[str, CourseObjective] = {}
        self.paths: dict[str, str] = {}  # ending -> member
        self.tables: dict[str, Table] = {}  # by member
        self.mends: list[tuple[FindingOf, Mend]] = []  # of every finding that has one, listed or counted
        self._texts: dict[str, FileText] = {}  # by member
        self.missing: list[PackageError] = []
        self.launchable = 0
        self.unique = Identifiers()
        self.used: set[str] = set()
        self.is_cut = False  # something lies too deep
        self.count = 0
        self.characters = 0
        self.scripted = 0
        self.relations = 0
        self.known: dict[str, str] = {}  # elements and objectives by lower case, as they are spelled
        if len(courses) > 1:
            self._note(
                "aicc-several-courses",
                f"There are {len(courses)} courses in this package; {self.main} is taken.",
                advice="Upload each course in a zip file of its own.",
            )

    def parse(self) -> CourseStructure:
        groups = read_groups(self._read(self.main)) if self.main.lower().endswith(".crs") else {}
        course = groups.get("course", Group())
        if not groups:
            self._note("aicc-no-crs", "There is no .crs file; the course has no title and no level of its own.")
        self._read_units()
        self._read_descriptions()
        members = self._read_tree()
        self._read_prerequisites()
        self._read_completions()
        self._read_objectives()
        self.known = {name: element.identifier for name, element in self.elements.items()}
        self.known |= {name: objective.identifier for name, objective in self.objectives.items()}
        title = self._title(course)
        root = self._root(course, title, members)
        if not self.launchable:
            raise self.missing[0] if self.missing else self._nothing()
        for error in self.missing:
            self.findings.keep(error.finding)
        self._note_counts(course, root)
        description = groups.get("course_description", Group()).text.strip()
        return CourseStructure(
            standard="AICC",
            title=title,
            organizations=(Organization(root),),
            identifier=course.get("course_id"),
            version=course.get("version"),
            schema_version=self._level(course),
            base=self.folder,
            manifest=self.main,
            metadata=Metadata(description={"": description} if description else {}),
            objectives=tuple(self.objectives.values()),
            findings=(*self.package.findings, *self.findings.all()),
        )

    # --- findings

    def _note(
        self,
        code: str,
        message: str,
        row: Row | int | None = None,
        severity: Severity = "warning",
        advice: str = "",
        file: str = "",
        mend: Mend | None = None,
    ) -> None:
        """`mend`: what has to change in the text for the finding to be gone, None where that takes a guess."""
        line = row.line if isinstance(row, Row) else row
        finding = FindingOf(code, message, severity, file or self.main, line, advice, CLAUSE, mend is not None)
        self.findings.keep(finding)
        if mend is not None:
            self.mends.append((replace(finding, message=message[:LONGEST_MESSAGE]), mend))

    def _nothing(self) -> PackageError:
        if self.is_cut:
            words = f"Every unit lies more than {DEEPEST_BLOCK} blocks deep, so there is nothing to launch."
            return PackageError(words, "items-too-deep", file=self.paths.get("cst", self.main), clause=CLAUSE)
        return PackageError(
            f"The course {self.main} has no assignable unit that can be launched.",
            code="aicc-no-au",
            file=self.paths.get("au", self.main),
            advice="List the assignable units in the .au file, each with its file_name, and put them into the .cst.",
            clause=CLAUSE,
        )

    # --- files

    def _read(self, path: str) -> str:
        """The text of a file of the course, with a finding where other systems would not read it."""
        data = self.package.read(path, LARGEST)
        self._note_encoding(path, data)
        return decode(data)

    def _note_encoding(self, path: str, data: bytes) -> None:
        if oddity := odd_encoding(data):
            words = f"{path} {oddity}, which systems that read plain text do not expect."
            advice = "Save it as UTF-8 without a byte order mark."
            self._note("aicc-encoding", words, advice=advice, file=path, mend=Mend(path))

    def _text_of(self, path: str) -> FileText:
        if path not in self._texts:
            table = self.tables.get(path)
            data = self.package.read(path, LARGEST)
            self._texts[path] = FileText(data, table.delimiter) if table else FileText(data)
        return self._texts[path]

    def _table(self, ending: str) -> Table:
        """The file of the course with that ending: the one named as the .crs file, else one beside it, else any."""
        found = [path for path in _by_ending(self.package, f".{ending}") if path.startswith(self.folder)]
        stem = self.main.rpartition(".")[0].lower()
        found.sort(key=lambda path: (path.rpartition(".")[0].lower() != stem, path.count("/"), path))
        for path in found:
            data = self.package.read(path, LARGEST)
            table = read_table(decode(data), path)
            if ending != "au" or "system_id" in table.header:
                self.paths[ending] = path
                self.tables[path] = table
                self._note_encoding(path, data)
                if table.is_cut:
                    self._note("aicc-table-long", f"{path} has more rows than are read.", severity="error", file=path)
                return table
        return Table("", (), ())

    def _element(self, identifier: str) -> _Element:
        return self.elements.setdefault(identifier.lower(), _Element(identifier[:LONGEST_IDENTIFIER]))

    def _read_units(self) -> None:
        table = self._table("au")
        if not table.path:
            raise PackageError(
                f"The AICC course {self.main} has no .au file with a column system_id, so there is nothing to launch.",
                code="aicc-no-au-file",
                file=self.main,
                advice="Add the .au file that lists the assignable units.",
                clause=CLAUSE,
            )
        for row in table.rows:
            identifier = row.get("system_id")
            if not identifier:
                self._note("aicc-no-system-id", "A row without system_id is left out.", row, file=table.path)
            elif self._element(identifier).unit is not None:
                self._note_again(identifier, row, table.path)
            else:
                self._element(identifier).unit = row

    def _note_again(self, identifier: str, row: Row, file: str) -> None:
        """A record that says the same as the first one can go; which of two that differ is meant nobody knows."""
        first = self._element(identifier).unit
        is_same = first is not None and self._meant(first) == self._meant(row)
        edit = self._text_of(file).row(row) if is_same else None
        words = f"The AU {identifier} is listed again; the first counts."
        self._note("aicc-au-twice", words, row, file=file, mend=Mend(file, edit) if edit else None)

    def _meant(self, row: Row) -> tuple[str, ...]:
        """The fields of a unit, its file spelled as the file is."""
        written = row.get("file_name", "command_line")
        path = re.split(r"[?#]", written, maxsplit=1)[0]
        found = self._find_exactly(path) or self._find_loosely(path)
        spelled = found + written[len(path) :] if found else written
        return tuple(spelled if cell == written else cell for cell in row.cells)

    def _read_descriptions(self) -> None:
        table = self._table("des")
        if not table.path:
            self._note(
                "aicc-no-des-file", "There is no .des file: elements are shown by their system_id.", severity="hint"
            )
        for row in table.rows:
            if identifier := row.get("system_id"):
                element = self._element(identifier)
                element.description = element.description or row

    def _read_tree(self) -> list[tuple[str, int]]:
        """Fills the blocks; the members of the course itself."""
        table = self._table("cst")
        course: list[tuple[str, int]] = []
        blocks: dict[str, list[tuple[str, int]]] = {}
        for row in table.rows:
            members = [(member, row.line) for member in _members(table, row)]
            name = row.cells[0] if row.cells else ""
            if name.lower() == ROOT:
                course += members
            elif name:
                blocks.setdefault(name.lower(), []).extend(members)
                self._element(name).members += members
        if not course and blocks:
            used = {member.lower() for members in blocks.values() for member, _ in members}
            course = [(self.elements[name].identifier, 0) for name in blocks if name not in used]
            self._note("aicc-no-root", "No row of the .cst file is of the block root.", file=table.path)
        if not course:
            self._note(
                "aicc-no-tree",
                "The .cst file puts nothing into the course; its units are taken in the order of the .au file.",
                file=table.path,
            )
            course = [(element.identifier, 0) for element in self.elements.values() if element.unit is not None]
        return course

    def _read_prerequisites(self) -> None:
        table = self._table("pre")
        for row in table.rows:
            name = row.get("structure_element", "pre_from") or (row.cells[0] if row.cells else "")
            script = row.get("prerequisite", "prerequisites", "post_to") or (row.cells[1] if len(row.cells) > 1 else "")
            element = self.elements.get(name.lower())
            if element is None:
                self._note("aicc-prerequisite-element", f"{name} is no element of the course.", row, file=table.path)
            elif script:
                element.prerequisites.append((script, row.line))

    def _read_completions(self) -> None:
        """Completion requirements (level 3) are kept and shown; what an element came to is what it reported."""
        table = self._table("cmp")
        for row in table.rows:
            name = row.get("structure_element") or (row.cells[0] if row.cells else "")
            element = self.elements.get(name.lower())
            if element is None:
                self._note("aicc-completion-element", f"{name} is no element of the course.", row, file=table.path)
                continue
            element.completions.append(" -> ".join(cell for cell in row.cells[1:] if cell))
        if table.rows:
            self._note(
                "aicc-completion-kept",
                "Completion requirements are shown, but not applied: an element is what it reported and rolled up.",
                severity="hint",
                file=table.path,
            )

    def _read_objectives(self) -> None:
        """.ort: which elements belong to which objective; objectives are described in .des."""
        table = self._table("ort")
        units = {name for name, element in self.elements.items() if element.unit is not None}
        for row in table.rows:
            cells = [cell for cell in row.cells if cell]
            named = [cell for cell in cells if cell.lower() in self.elements]
            is_element_first = bool(cells) and cells[0].lower() in units
            objectives = [cell for cell in cells[1:] if cell.lower() not in units] if is_element_first else cells[:1]
            if "objective_id" in table.header:
                objectives, named = [row.get("objective_id")], [row.get("au_system_id")]
            self.relations += len(objectives) * (1 + len(named))
            if self.relations > MOST_RELATIONS:
                raise self._too_large(f"more than {MOST_RELATIONS:,} relations of objectives", table.path)
            for objective in filter(None, objectives):
                self._objective(objective, row)
                for name in named:
                    element = self.elements.get(name.lower())
                    if element is not None and objective.lower() != name.lower():
                        element.objectives.append(self.objectives[objective.lower()].identifier)

    def _objective(self, identifier: str, row: Row) -> None:
        description = self.elements.get(identifier.lower(), _Element("")).description
        title = description.get("title") if description else row.get("objective_description")
        text = description.get("description") if description else ""
        self.objectives.setdefault(
            identifier.lower(),
            CourseObjective(identifier, {"": title} if title else {}, {"": text} if text else {}),
        )

    # --- the course

    def _title(self, course: Group) -> str:
        if title := course.get("course_title"):
            return title
        self._note("aicc-no-title", "The course has no Course_Title; it is called as its file.", severity="hint")
        return self.main.rpartition("/")[2].rpartition(".")[0]

    def _level(self, course: Group) -> str:
        """The complexity level; 1 where the file does not say."""
        level = course.get("level") or "1"
        if not re.fullmatch(r"[1-3][ab]?", level, re.IGNORECASE):
            self._note(
                "aicc-level", f'Level "{level[:40]}" is none of 1, 2, 3a, 3b.', course.lines.get("level"), "hint"
            )
        return level[:20]

    def _root(self, course: Group, title: str, members: list[tuple[str, int]]) -> Activity:
        behavior = {name: value for name, value in course.keywords.items() if value}
        identifier = self.unique.unique(course.get("course_id")[:LONGEST_IDENTIFIER] or ROOT)
        if identifier.lower() in self.elements:  # a unit that is called as the course
            identifier = self.unique.unique(ROOT)
        children = tuple(self._children(members, (), 1, ()))
        self._note_unused()
        return Activity(identifier, title, children=children, details=behavior)

    def _children(
        self, members: Iterable[tuple[str, int]], above: tuple[str, ...], depth: int, prerequisites: tuple[str, ...]
    ) -> Iterator[Activity]:
        file = self.paths.get("cst", self.main)
        for name, line in members:
            self.count += 1
            if self.count > MOST_ACTIVITIES:
                raise self._too_large(f"more than {MOST_ACTIVITIES:,} elements", file)
            element = self.elements.get(name.lower())
            if element is None or (element.unit is None and not element.members):
                advice = "Define it in the .au file, or as a block in the .cst file."
                self._note("aicc-member-unknown", f"{name} is neither a unit nor a block.", line, "error", advice, file)
            elif name.lower() in above:
                self._note("aicc-circle", f"The block {name} is inside itself; it is left out.", line, file=file)
            elif depth > DEEPEST_BLOCK:
                self.is_cut = True
                words = f"{name} lies more than {DEEPEST_BLOCK} blocks deep; it is left out."
                self._note("items-too-deep", words, line, "error", file=file)
            else:
                yield self._activity(element, above, depth, prerequisites)

    def _activity(self, element: _Element, above: tuple[str, ...], depth: int, inherited: tuple[str, ...]) -> Activity:
        """A unit or block; what a block demands is demanded of all that is in it."""
        self.used.add(element.identifier.lower())
        demanded = (*inherited, *self._prerequisites(element))
        prerequisites = demanded[0] if len(demanded) == 1 else " & ".join(f"({script})" for script in demanded)
        details = self._details(element)
        self._weigh(element, prerequisites, details)
        identifier = self.unique.unique(element.identifier)
        if identifier != element.identifier:
            self._note(
                "aicc-element-again", f"{element.identifier} is used more than once; each use counts for itself.",
                severity="hint", file=self.paths.get("cst", ""),
            )  # fmt: skip
        unit = self._unit(element) if element.unit is not None else {}
        return Activity(
            identifier=identifier,
            title=self._text(element, "title") or element.identifier,
            prerequisites=prerequisites,
            children=tuple(self._children(element.members, (*above, element.identifier.lower()), depth + 1, demanded)),
            metadata=_metadata(self._text(element, "description")),
            objectives=tuple(dict.fromkeys(element.objectives)),
            details=details,
            **unit,  # type: ignore[arg-type]
        )

    def _weigh(self, element: _Element, prerequisites: str, details: Mapping[str, str]) -> None:
        """Raises PackageError before a course of a few files grows beyond all memory."""
        self.scripted += len(prerequisites)
        if self.scripted > MOST_PREREQUISITES:
            raise self._too_large(f"more than {MOST_PREREQUISITES:,} characters of prerequisites", self.paths["pre"])
        texts = (*(element.description.cells if element.description else ()), *element.objectives, *details.values())
        self.characters += len(prerequisites) + sum(map(len, texts))
        if self.characters > MOST_CHARACTERS:
            raise self._too_large(f"more than {MOST_CHARACTERS:,} characters in its elements", self.main)

    def _too_large(self, what: str, file: str) -> PackageError:
        advice = "Split the course into several."
        return PackageError(f"The course has {what}.", "aicc-too-large", file=file, advice=advice, clause=CLAUSE)

    def _text(self, element: _Element, column: str) -> str:
        return element.description.get(column) if element.description else ""

    def _details(self, element: _Element) -> dict[str, str]:
        row = element.unit
        held = {name: row.get(name) for name in DETAILS} if row else {}
        held["developer_id"] = self._text(element, "developer_id")
        held["completion"] = "; ".join(element.completions)
        return {name: value for name, value in held.items() if value}

    def _unit(self, element: _Element) -> dict[str, object]:
        row = element.unit
        assert row is not None
        href, is_found = self._href(element, row)
        self.launchable += is_found
        return {
            "kind": "sco",
            "href": href,
            "parameters": row.get("web_launch"),
            "mastery_score": self._mastery_score(row, element),
            "max_time_allowed": self._max_time_allowed(row, element),
            "time_limit_action": self._time_limit_action(row, element),
            "data_from_lms": row.get("core_vendor"),
        }

    def _href(self, element: _Element, row: Row) -> tuple[str, bool]:
        """The launch address with the web launch parameters, and whether there is something at it."""
        written = row.get("file_name") or row.get("command_line")
        file = self.paths["au"]
        if not written:
            self.missing.append(
                self._unit_error(f"The AU {element.identifier} has no file_name.", "aicc-no-file-name", row)
            )
            return "", False
        path = re.split(r"[?#]", written, maxsplit=1)[0]
        suffix = written[len(path) :]
        parameters = row.get("web_launch")
        if _WEB.match(written):
            address = f"https:{written}" if written.startswith("//") else written
            if address.lower().startswith("http:"):
                advice = "Browsers refuse http content inside an https page: use https."
                self._note("href-http", f"{element.identifier} is launched at {address}.", row, "hint", advice, file)
            return join_parameters(address, parameters), True
        member = None if _SCHEME.match(path) else self._member(path, row, element)
        if member is None:
            words = f"The AU {element.identifier} is launched with {written}, which is not in the package."
            self.missing.append(self._unit_error(words, "href-missing", row))
            return join_parameters(self.folder + path.lstrip("/") + suffix, parameters), False
        return join_parameters(member + suffix, parameters), True

    def _member(self, path: str, row: Row, element: _Element) -> str | None:
        if exact := self._find_exactly(path):
            return exact
        found = self._find_loosely(path)
        if found is not None:
            words = f"{element.identifier}: the file name {path} is spelled otherwise than the file {found}."
            name = found.removeprefix(self.folder)
            file, mend = self.paths["au"], self._mend_of_name(path, found, row)
            self._note("href-spelling", words, row, advice=f"Write {name}.", file=file, mend=mend)
        return found

    def _find_exactly(self, path: str) -> str | None:
        for spelling in (path, unquote(path)):  # a file name may be a URL
            if exact := self.package.find(self.folder + spelling):
                return exact.path
        return None

    def _find_loosely(self, path: str) -> str | None:
        for start in (self.folder, ""):
            if found := self.package.find_loosely(start + path.replace("\\", "/").lstrip("/")):
                return found.path
        return None

    def _mend_of_name(self, path: str, found: str, row: Row) -> Mend | None:
        """The file's name as the file is spelled; None where a file name cannot say it."""
        name = found.removeprefix(self.folder)
        if not found.startswith(self.folder) or re.search(r"[?#]", name) or _SCHEME.match(name) or _WEB.match(name):
            return None
        column = next((each for each in ("file_name", "command_line") if row.get(each)), "")
        written = row.get(column)
        file, name = self.paths["au"], quote(name, safe=PATH_SAFE) if "%" in path else name
        edit = self._text_of(file).cell(row, row.columns[column], name + written[len(path) :])
        return Mend(file, edit) if edit else None

    def _unit_error(self, message: str, code: str, row: Row) -> PackageError:
        advice = "Add the file to the package, or correct file_name in the .au file."
        return PackageError(message, code, file=self.paths["au"], line=row.line, advice=advice, clause=CLAUSE)

    # --- values

    def _bad_value(self, name: str, value: str, wanted: str, row: Row, element: _Element) -> None:
        message = f'{element.identifier}: {name} "{value[:80]}" is not {wanted}; it is ignored.'
        self._note("value-invalid", message, row, file=self.paths["au"])

    def _mastery_score(self, row: Row, element: _Element) -> float | None:
        text = row.get("mastery_score")
        if not text:
            return None
        if re.fullmatch(r"\d{1,3}(\.\d{1,9})?", text) and 0 <= float(text) <= 100:
            return float(text)
        self._bad_value("mastery_score", text, "a number from 0 to 100", row, element)
        return None

    def _max_time_allowed(self, row: Row, element: _Element) -> float | None:
        """Seconds; 00:00:00 is how many tools say that there is no limit."""
        text = row.get("max_time_allowed")
        if not text:
            return None
        try:
            return timespan_seconds(text) or None
        except ValueError:
            self._bad_value("max_time_allowed", text, "a timespan HHHH:MM:SS.SS", row, element)
            return None

    def _time_limit_action(self, row: Row, element: _Element) -> str:
        """Two words, exit or continue and message or no message, of which the first letters count."""
        text = row.get("time_limit_action")
        if not text:
            return ""
        first, _, second = (part.strip().lower() for part in text.partition(","))
        if first[:1] in ACTIONS and second[:1] in MESSAGES:
            return f"{ACTIONS[first[:1]]},{MESSAGES[second[:1]]}"
        self._bad_value("time_limit_action", text, "exit or continue, then message or no message", row, element)
        return ""

    def _prerequisites(self, element: _Element) -> tuple[str, ...]:
        """The rows of an element in AICC script, its elements spelled as they are defined."""
        if element.scripts is not None:
            return element.scripts
        scripts = [script for script, line in element.prerequisites if self._is_readable(element, script, line)]
        element.scripts = tuple(dict.fromkeys(_spelled(script, self.known) for script in scripts))
        return element.scripts

    def _is_readable(self, element: _Element, script: str, line: int) -> bool:
        file = self.paths["pre"]
        if len(script) > LONGEST_SCRIPT:
            words = f"The prerequisites of {element.identifier} have more than {LONGEST_SCRIPT:,} characters"
            self._note("prerequisites-unreadable", f"{words}; it is open from the beginning.", line, file=file)
            return False
        try:
            named = identifiers(script)
        except ValueError as error:
            words = f"{element.identifier}: {str(error)[:200]}; it is open from the beginning."
            self._note("prerequisites-unreadable", words, line, "warning", "Write it in AICC script.", file)
            return False
        unknown = [name for name in sorted(named) if name.lower() not in self.known]
        if unknown:
            words = f"{element.identifier}: {', '.join(unknown[:5])} in its prerequisites is no element of the course."
            self._note("prerequisites-unknown", f"{words} It is open from the beginning.", line, file=file)
        return not unknown

    # --- the whole

    def _note_unused(self) -> None:
        left = [
            held.identifier for name, held in self.elements.items() if held.unit is not None and name not in self.used
        ]
        if left:
            more = f" and {len(left) - 3} more" if len(left) > 3 else ""
            words = f"Units that are in no block of the .cst file cannot be reached: {', '.join(left[:3])}{more}."
            self._note("aicc-au-unused", words, file=self.paths.get("cst", self.main))

    def _note_counts(self, course: Group, root: Activity) -> None:
        units = sum(1 for element in self.elements.values() if element.unit is not None)
        blocks = len({activity.identifier for activity in root.walk() if activity.children} - {root.identifier})
        for keyword, actual in (("total_aus", units), ("total_blocks", blocks)):
            said = course.get(keyword)
            if said and said != str(actual):
                words = f"{keyword} is {said[:40]}, but there are {actual}."
                line = course.lines.get(keyword, 0)
                # Whether the course itself is one of its blocks is read both ways: what counts it is left alone
                is_clear = keyword != "total_blocks" or said != str(actual + 1)
                edit = self._text_of(self.main).keyword(line, keyword, str(actual)) if is_clear else None
                mend = Mend(self.main, edit) if edit else None
                self._note("aicc-count", words, line, "hint", mend=mend)


def _members(table: Table, row: Row) -> Iterator[str]:
    """The fields after the first, save those under another name than member."""
    for at, cell in enumerate(row.cells[1:], start=1):
        if cell and (at >= len(table.header) or table.header[at].startswith("member") or not table.header[at]):
            yield cell


def _metadata(description: str) -> Metadata:
    return Metadata(description={"": description}) if description else Metadata()


def _spelled(script: str, known: Mapping[str, str]) -> str:
    def spell(match: re.Match[str]) -> str:
        name = match[2] or match[3]
        if not name or name.lower() not in known:
            return match[0]
        return f'{match[0][: len(match[0]) - len(match[0].lstrip())]}"{known[name.lower()]}"'

    return TOKEN.sub(spell, script)
