"""Mends what can be mended in a package without guessing: what the parser noted with a finding as its `Mend`s.

The text of a manifest or of another file of the course's structure is changed at those places alone; all else in it
stays byte for byte, save where its bytes are not in the encoding it declares. Members are renamed where the archive's
names are at fault, and copied as they are packed.
"""

import codecs
import hashlib
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from .aicc import package as aicc
from .aicc.files import LARGEST as FILE_LIMIT
from .aicc.mending import FileText
from .aicc.mending import Mend as FileMend
from .cmi5 import package as cmi5
from .errors import PackageError
from .manifest import Parser
from .package import Package, SingleFile, is_junk
from .recognition import MANIFEST, namespaces_of, standard_of
from .registry import detect, read
from .rewrite import rewrite
from .scorm12.package import DIALECT as SCORM12
from .scorm2004.package import DIALECT as SCORM2004
from .structure import Finding
from .xapi import package as xapi
from .xmlfile import ENDS, XML_SIZE_LIMIT, Element, Mend, decode, other_encoding

WRITTEN_ANEW = frozenset({"zip-foreign-bytes", "zip-member-twice"})  # gone once the zip file is, with its names kept
NAMES = frozenset({"zip-backslashes", "zip-name-not-normal", "zip-name-unmarked-utf8"}) | WRITTEN_ANEW
PLACE = frozenset({"manifest-folder", "manifest-name"})
SHOWN_CHARACTERS = 300  # of a line in a difference
CHANGES_SHOWN = 200


Edit = tuple[int, int, str]  # start, end and what goes there


@dataclass(frozen=True)
class Change:
    """Lines of a file before and after; `line` is the first, 1-based."""

    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Rewritten:
    """A member whose text changes: its new bytes, and the lines that do."""

    path: str
    content: bytes
    changes: tuple[Change, ...] = ()  # the first of them
    more_changes: int = 0
    encoding: str = ""  # in which it is written anew, where that is not the one it was in


def rewritten(path: str, content: bytes, changes: Sequence[Change], encoding: str = "") -> Rewritten:
    more = max(0, len(changes) - CHANGES_SHOWN)
    return Rewritten(path, content, tuple(changes[:CHANGES_SHOWN]), more, encoding)


@dataclass(frozen=True)
class Plan:
    """What a repair changes: `names` of members, old -> new, and the `files` whose text changes, by their old names."""

    findings: tuple[Finding, ...] = ()  # that it mends
    names: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Rewritten, ...] = ()
    plain_names: bool = False
    inner: str = ""  # member that is the package itself, in a zip file that holds nothing else of worth

    @property
    def is_empty(self) -> bool:
        return not self.findings

    @property
    def data(self) -> dict[str, bytes]:
        return {file.path: file.content for file in self.files}


def key_of(finding: Finding) -> str:
    """Names one finding of a package: the same each time the package is read."""
    words = f"{finding.code}\n{finding.file}\n{finding.line}\n{finding.message}"
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def plan(package: Package, codes: Collection[str] = (), keys: Collection[str] = ()) -> Plan:
    """What mends the findings of these codes and those of these keys; all that can be mended where none is given.

    Raises PackageError where the package cannot be read, or its text cannot be followed to the places to change.
    """
    wanted = _Wanted(frozenset(codes), frozenset(keys))
    source = _read(package)
    findings = [finding for finding in source.found if finding.fixable]
    mends = [entry for entry in source.mends if entry[1] and wanted.has(entry[0])]
    in_files = [entry for entry in source.in_files if wanted.has(entry[0])]
    by_name = [
        finding for finding in findings if finding.fixable and finding.code in NAMES | PLACE and wanted.has(finding)
    ]
    codes_by_name = {finding.code for finding in by_name}
    names = _new_names(package, source, codes_by_name)
    mended = dict.fromkeys([*by_name, *(finding for finding, _ in mends), *(finding for finding, _ in in_files)])
    files = _rewritten_files(package, [mend for _, mend in in_files])
    if mends:
        text = _Text(package, source)
        content, changes = text.mended([mend for _, entry in mends for mend in entry])
        files.append(rewritten(source.member, content, changes, text.new_encoding))
    plain_names = bool(codes_by_name & (NAMES - WRITTEN_ANEW))
    return Plan(tuple(mended), names, tuple(files), plain_names)


@dataclass(frozen=True)
class _Source:
    """What a package was read from, and what was found. Without a `root` there is no text that could be mended."""

    member: str = ""
    standard: str = ""
    root: Element = None
    mends: Sequence[tuple[Finding, tuple[Mend, ...]]] = ()  # of the manifest
    in_files: Sequence[tuple[Finding, FileMend]] = ()  # of files that are no XML
    found: tuple[Finding, ...] = ()


def _read(package: Package) -> _Source:
    """By the standard that the package is played as. Raises PackageError."""
    standard, _ = detect(package)
    parser: Parser | cmi5.Parser | xapi.Parser
    if standard == "CMI5":
        parser = cmi5.Parser(package)
    elif xapi.accepts(package) and standard == "XAPI":
        parser = xapi.Parser(package)
    elif standard.startswith("SCORM"):
        parser = Parser(package, SCORM2004 if standard_of(package).startswith("SCORM2004") else SCORM12)
    elif standard == "AICC":
        course = aicc.Parser(package)
        return _Source(found=course.parse().findings, in_files=course.mends)
    else:
        return _Source(found=read(package).findings)
    structure = parser.parse()
    found = tuple(dict.fromkeys((*structure.findings, *package.findings)))
    if isinstance(parser, Parser):
        manifest = parser.manifest
        return _Source(manifest.member, manifest.standard, manifest.root, parser.findings.mends, found=found)
    return _Source(parser.member, standard, parser.root, parser.findings.mends, found=found)


def write(package: Package, repair: Plan, target: BinaryIO) -> None:
    """Write the repaired package. Memory is bounded by the manifest, whatever the package holds."""
    if repair.inner:
        for piece in package.stream(repair.inner):
            target.write(piece)
        return
    if isinstance(package, SingleFile):
        target.write(repair.files[0].content)
        return
    rewrite(package, target, repair.names, repair.data, repair.plain_names)


@dataclass(frozen=True)
class _Wanted:
    codes: frozenset[str]
    keys: frozenset[str]

    def has(self, finding: Finding) -> bool:
        if not self.codes and not self.keys:
            return True
        return finding.code in self.codes or (bool(self.keys) and key_of(finding) in self.keys)


# --- names ------------------------------------------------------------------------------------------------------------


_NAMES = {"CMI5": cmi5.NAME, "XAPI": xapi.MANIFEST}


def _new_names(package: Package, source: _Source, codes: Collection[str]) -> dict[str, str]:
    """Path -> new path of the members that move. Raises PackageError where two would have one name."""
    names: dict[str, str] = {}
    if not {"manifest-folder", "manifest-name"}.isdisjoint(codes):
        manifest = source.member
        folder, name = manifest[: manifest.rfind("/") + 1], _NAMES.get(source.standard, MANIFEST)
        for path in package.members:
            if is_junk(path):
                continue  # what file managers leave stays where it lies
            new = folder + name if path == manifest and "manifest-name" in codes else path
            if "manifest-folder" in codes:
                new = new.removeprefix(folder)
            if new != path:
                names[path] = new
    refuse_collisions(package, names)
    return names


def refuse_collisions(package: Package, names: Mapping[str, str]) -> None:
    """Raises PackageError where two members would have one name."""
    taken = [names.get(path, path).lower() for path in package.members]
    if len(set(taken)) < len(taken):
        raise PackageError(
            "The files cannot be moved: two of them would have the same name.", "repair-names", file=package.base
        )


# --- text -------------------------------------------------------------------------------------------------------------

TOKEN = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!DOCTYPE(?:[^\[>\"']|\"[^\"]*\"|'[^']*'|\[.*?\])*>"
    r"|<(?P<close>/)?(?P<name>[^\s<>/=\"'!?]+)(?P<attributes>(?:[^<>\"'/]|\"[^\"]*\"|'[^']*'|/(?!>))*)(?P<empty>/)?>",
    re.DOTALL,
)
ATTRIBUTE = re.compile(r"(?P<name>[^\s=\"'/<>]+)\s*=\s*(?P<value>\"[^\"]*\"|'[^']*')")
_DECLARED = re.compile(r"\A[\ufeff\s]*<\?xml\b[^>]*?\?>\s?")
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([\w.:-]+)[\"']")


@dataclass(frozen=True)
class _Tag:
    """A start tag in the text, with where its element ends."""

    start: int
    end: int
    name: str
    attributes_at: int
    after: int  # the end of the element, its end tag included
    is_empty: bool


class _Text:
    """The manifest's text, its start tags in the order of the parser's elements."""

    def __init__(self, package: Package, source: _Source) -> None:
        self.root = source.root
        self.file = source.member
        self.standard = source.standard
        self.new_encoding = ""
        data = package.read(self.file, XML_SIZE_LIMIT)
        self.text, self.encoding = decoded(data)
        if self.text.encode(self.encoding, "replace") != data and not data.startswith((codecs.BOM_UTF8, *_BOMS)):
            self.new_encoding = "UTF-8"

    def mended(self, mends: Sequence[Mend]) -> tuple[bytes, list[Change]]:
        """The new bytes and the lines that change."""
        edits = sorted(set(self._edits(mends)))
        text, changes = applied(self.text, edits)
        if any(mend.what == "encode" for mend in mends) or self.new_encoding:
            self.new_encoding = "UTF-8"
            old = _DECLARED.match(text)
            new = "<?xml version='1.0' encoding='UTF-8'?>\n"
            changes.insert(0, Change(1, _lines(old[0]) if old else (), _lines(new)))
            rest = text[old.end() :] if old else text.lstrip("\ufeff")
            return (new + rest.rstrip(ENDS) + "\n").encode("utf-8"), changes
        return text.encode(self.encoding, "xmlcharrefreplace"), changes

    def _edits(self, mends: Sequence[Mend]) -> Iterator[Edit]:
        """Start, end and what goes there."""
        places = self._places(mends)
        in_tags: dict[int, list[Mend]] = {}
        for mend in dict.fromkeys(mends):
            if mend.what in ("set", "rename", "declare"):
                in_tags.setdefault(places[mend.node].start, []).append(mend)
        tags = {tag.start: tag for tag in places.values()}
        removed = [places[mend.node] for mend in mends if mend.what == "remove"]
        gone = {tag.start for tag in removed}
        for start, wanted in in_tags.items():
            if start not in gone:
                yield from self._in_tag(tags[start], wanted)
        for tag in {tag.start: tag for tag in removed}.values():
            yield self._line_of(tag)
        for mend in mends:
            if mend.what == "insert":
                yield self._insertion(places[mend.node], mend)
            elif mend.what == "text" and places[mend.node].start not in gone:
                yield self._content(places[mend.node], mend)

    def _in_tag(self, tag: _Tag, mends: Sequence[Mend]) -> Iterator[Edit]:
        """The attributes of one start tag: several mends may be about the same one."""
        attributes = {
            found["name"]: (found.start("name"), found.end("name"), found.start("value"), found.end("value"))
            for found in ATTRIBUTE.finditer(self.text, tag.attributes_at, tag.end)
        }
        for mend in mends:
            name = f"xmlns:{mend.name}" if mend.what == "declare" else mend.name
            value = namespaces_of(self.standard)[mend.name] if mend.what == "declare" else mend.value
            written = name if name in attributes else _same_local(attributes, name)
            if mend.what == "rename":
                if written is None:
                    raise _lost(self.file)
                start, end, _, _ = attributes[written]
                yield start, end, value
            elif written is not None and (mend.what == "set" or written == name):
                _, _, start, end = attributes[written]
                yield start, end, quoteattr(value)
            elif written is None or written != name:
                at = tag.attributes_at
                yield at, at, f" {name}={quoteattr(value)}"

    def _line_of(self, tag: _Tag) -> Edit:
        """The element with the line it stands on alone, or only itself."""
        start = self.text.rfind("\n", 0, tag.start) + 1
        if self.text[start : tag.start].strip():
            return tag.start, tag.after, ""
        rest = re.compile(r"[ \t]*\r?\n").match(self.text, tag.after)
        return (start, rest.end(), "") if rest else (tag.start, tag.after, "")

    def _insertion(self, tag: _Tag, mend: Mend) -> Edit:
        if mend.name == "after":
            return tag.after, tag.after, mend.value
        if tag.is_empty:
            return tag.end - 2, tag.end, f">{mend.value}</{tag.name}>"
        return tag.end, tag.end, mend.value

    def _content(self, tag: _Tag, mend: Mend) -> Edit:
        """The text of an element that holds nothing else, without the blanks around it."""
        end = self.text.rfind("</", tag.end, tag.after)
        inner = self.text[tag.end : end]
        if tag.is_empty or end < 0 or not inner.strip():
            raise _lost(self.file)
        start = tag.end + len(inner) - len(inner.lstrip())
        return start, start + len(inner.strip()), escape(mend.value)

    def _places(self, mends: Sequence[Mend]) -> Mapping[object, _Tag]:
        """The start tag of each element: the parser and the text have them in the same order."""
        wanted = {mend.node for mend in mends}
        indexes = {index: node for index, node in enumerate(self.root.iter(etree.Element)) if node in wanted}
        tags = self._tags(frozenset(indexes))
        places = {node: tags[index] for index, node in indexes.items() if index in tags}
        if any(_local(str(node.tag)) != _local(tag.name) for node, tag in places.items()) or len(places) < len(wanted):
            raise _lost(self.file)
        return places

    def _tags(self, wanted: frozenset[int]) -> dict[int, _Tag]:
        tags: dict[int, _Tag] = {}
        open_tags: list[tuple[int, re.Match[str]]] = []
        count = -1
        for found in TOKEN.finditer(self.text):
            if found["name"] is None:
                continue
            if found["close"]:
                if not open_tags:
                    raise _lost(self.file)
                index, opened = open_tags.pop()
                if index in wanted:
                    tags[index] = _tag(opened, found.end(), is_empty=False)
                continue
            count += 1
            if not found["empty"]:
                open_tags.append((count, found))
            elif count in wanted:
                tags[count] = _tag(found, found.end(), is_empty=True)
        return tags


_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


def _tag(found: "re.Match[str]", after: int, is_empty: bool) -> _Tag:
    return _Tag(found.start(), found.end(), found["name"], found.end("name"), after, is_empty)


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and the codec that makes the same bytes of it where there is one. Line ends and marks stay."""
    marks = ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"))
    for mark, codec in (*marks, (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data.decode(codec, "replace"), codec
    if data[:200].count(0) > len(data[:200]) // 4:  # UTF-16 without a mark, whatever is declared
        width = "32" if data[:4].count(0) == 3 else "16"
        codec = f"utf-{width}-be" if data[:1] == b"\0" else f"utf-{width}-le"
        return data.decode(codec, "replace"), codec
    declared = _ENCODING.search(data[:200].decode("latin-1").partition("?>")[0])
    for codec in (other_encoding(data) or (declared[1] if declared else "utf-8"), "utf-8"):
        try:
            text = data.decode(codec)
            if text.encode(codec) == data:
                return text, codec
        except (LookupError, UnicodeError):
            continue
    plain, encoding = decode(data)
    if plain is None:
        raise PackageError("The manifest's bytes are in no encoding that can be told.", "manifest-xml")
    return plain, encoding.lower()


def _rewritten_files(package: Package, mends: Sequence[FileMend]) -> list[Rewritten]:
    """The files that are no XML, each read once more and written as its mends want it."""
    by_path: dict[str, list[FileMend]] = {}
    for mend in mends:
        by_path.setdefault(mend.path, []).append(mend)
    files = []
    for path, wanted in by_path.items():
        file = FileText(package.read(path, FILE_LIMIT))
        text, changes = applied(file.text, sorted({mend.edit for mend in wanted if mend.edit is not None}))
        content, encoding = file.encoded(text, is_anew=any(mend.edit is None for mend in wanted))
        files.append(rewritten(path, content, changes, encoding))
    return files


def applied(text: str, edits: Sequence[Edit]) -> tuple[str, list[Change]]:
    starts = [0, *(found.end() for found in re.finditer(r"\r\n?|\n", text))]
    parts: list[str] = []
    groups: list[tuple[int, int, list[Edit]]] = []  # first and last line, edits
    at = 0
    for edit in edits:
        start, end, words = edit
        if start < at:
            continue  # inside an element that goes
        parts += [text[at:start], words]
        at = end
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, max(start, end - 1)) - 1
        if groups and first <= groups[-1][1]:
            groups[-1] = (groups[-1][0], max(last, groups[-1][1]), [*groups[-1][2], edit])
        else:
            groups.append((first, last, [edit]))
    parts.append(text[at:])
    return "".join(parts), [_change(text, starts, *group) for group in groups]


def _change(text: str, starts: Sequence[int], first: int, last: int, edits: Sequence[Edit]) -> Change:
    """The lines before and after; of long ones the part around the first change."""
    begin, end = starts[first], starts[last + 1] if last + 1 < len(starts) else len(text)
    begin = max(begin, edits[0][0] - SHOWN_CHARACTERS // 3)
    end = min(end, max(edits[-1][1], begin) + SHOWN_CHARACTERS)
    before = text[begin:end]
    parts, at = [], begin
    for start, stop, words in edits:
        parts += [text[at:start], words]
        at = stop
    after = "".join((*parts, text[at:end]))
    return Change(first + 1, _lines(before), _lines(after))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line[: 4 * SHOWN_CHARACTERS] for line in text.splitlines() if line.strip())


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]


def _same_local(attributes: Collection[str], name: str) -> str | None:
    if name.startswith("xmlns"):
        return None
    return next((written for written in attributes if _local(written) == name), None)


def _lost(file: str) -> PackageError:
    return PackageError(f"The text of {file} cannot be followed to the place to change.", "repair-text", file=file)
