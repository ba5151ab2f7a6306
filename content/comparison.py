"""Two versions of a course side by side: files, what is played, the manifest's text."""

import codecs
import dataclasses
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from standards.structure import Activity, CourseStructure

from .edited import held_file
from .models import CourseVersion, PackageFile, fold

TEXT_LIMIT = 1024 * 1024  # bytes of a file that is shown or compared as text
LINES_LIMIT = 4_000  # of either side of a difference, what both begin and end with left out
LONG_LINE = 2_000  # characters; a manifest in one line is broken up between its tags

ADDED, REMOVED, CHANGED, RENAMED = "added", "removed", "changed", "renamed"
_NOT_SETTINGS = ("identifier", "title", "children", "href", "parameters", "metadata")


# --- files ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FileDifference:
    """A file that is not the same in both; sizes in bytes, None where it is not there."""

    kind: str
    path: str
    old_path: str = ""  # where it was renamed
    old_size: int | None = None
    new_size: int | None = None


def compare_files(old: CourseVersion, new: CourseVersion) -> list[FileDifference]:
    """What is not the same, by path. A file that went and came back elsewhere with size and checksum is renamed."""
    before, after = _files(old), _files(new)
    gone = {key: row for key, row in before.items() if key not in after}
    by_content: dict[tuple[int, int], list[str]] = {}
    for key, (_, size, crc) in gone.items():
        if size:
            by_content.setdefault((size, crc), []).append(key)
    found = []
    for key, (path, size, crc) in after.items():
        if key in before:
            if before[key][1:] != (size, crc):
                found.append(FileDifference(CHANGED, path, old_size=before[key][1], new_size=size))
        elif same := by_content.get((size, crc)):
            old_path = gone.pop(same.pop(0))[0]
            found.append(FileDifference(RENAMED, path, old_path, size, size))
        else:
            found.append(FileDifference(ADDED, path, new_size=size))
    found += [FileDifference(REMOVED, path, old_size=size) for path, size, _ in gone.values()]
    return sorted(found, key=lambda each: each.path)


def _files(version: CourseVersion) -> dict[str, tuple[str, int, int]]:
    rows = PackageFile.objects.filter(version=version).values_list("folded", "path", "size", "crc")
    return {folded: (path, size, crc) for folded, path, size, crc in rows}


# --- what is played ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StructureDifference:
    """One thing about an activity, or about the course where `identifier` is empty."""

    what: str  # added, removed, renamed, moved, launch, setting
    identifier: str
    title: str
    detail: str = ""
    old: str = ""
    new: str = ""


def compare_structures(old: CourseStructure, new: CourseStructure) -> list[StructureDifference]:
    """How what is played differs, in the order of the trees."""
    before, after = _places(old), _places(new)
    found = list(_of_course(old, new))
    found += [
        StructureDifference(REMOVED, name, activity.title)
        for name, (activity, _) in before.items()
        if name not in after
    ]
    for name, (activity, place) in after.items():
        if name not in before:
            found.append(StructureDifference(ADDED, name, activity.title))
        else:
            found += _of_activity(*before[name], activity, place)
    return found


def _places(course: CourseStructure) -> dict[str, tuple[Activity, str]]:
    """Every activity with its parent."""
    found = {course.root.identifier: (course.root, "")}
    for activity in course.root.walk():
        found |= {child.identifier: (child, activity.identifier) for child in activity.children}
    return found


def _of_course(old: CourseStructure, new: CourseStructure) -> Iterator[StructureDifference]:
    for name in ("standard", "title", "identifier", "version", "schema_version", "manifest"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield StructureDifference("setting", "", "", name.replace("_", " "), before, after)


def _of_activity(before: Activity, old_parent: str, after: Activity, parent: str) -> Iterator[StructureDifference]:
    def differs(what: str, detail: str = "", old: Any = "", new: Any = "") -> StructureDifference:
        return StructureDifference(what, after.identifier, after.title, detail, _shown(old), _shown(new))

    if before.title != after.title:
        yield differs("renamed", "title", before.title, after.title)
    if old_parent != parent:
        yield differs("moved", "parent", old_parent, parent)
    if _order(before, after) != _order(after, before):
        yield differs("moved", "order of what is in it")
    for name in ("href", "parameters"):
        if getattr(before, name) != getattr(after, name):
            yield differs("launch", name, getattr(before, name), getattr(after, name))
    for item in dataclasses.fields(Activity):
        old, new = getattr(before, item.name), getattr(after, item.name)
        if item.name in _NOT_SETTINGS or old == new:
            continue
        if item.name == "sequencing":
            for part in dataclasses.fields(old):
                if getattr(old, part.name) != getattr(new, part.name):
                    label = f"sequencing: {part.name.replace('_', ' ')}"
                    yield differs("setting", label, getattr(old, part.name), getattr(new, part.name))
        elif item.name == "details":
            for name in dict.fromkeys((*old, *new)):
                if old.get(name, "") != new.get(name, ""):
                    hidden = name == "au_password"  # that it is another is shown, what it is nowhere
                    values = ("", "") if hidden else (old.get(name, ""), new.get(name, ""))
                    yield differs("setting", name.replace("_", " "), *values)
        else:
            yield differs("setting", item.name.replace("_", " "), old, new)


def _order(activity: Activity, other: Activity) -> list[str]:
    """Its children that the other has too."""
    shared = {child.identifier for child in other.children}
    return [child.identifier for child in activity.children if child.identifier in shared]


def _shown(value: Any) -> str:
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(_shown(entry) for entry in value)[:500]
    if dataclasses.is_dataclass(value):
        told = ((item.name, getattr(value, item.name), item.default) for item in dataclasses.fields(value))
        return ", ".join(f"{name.replace('_', ' ')} {_shown(held)}" for name, held, usual in told if held != usual)[
            :500
        ]
    return str(value)[:500]


# --- text -------------------------------------------------------------------------------------------------------------

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"""(?:encoding\s*=|charset\s*=)\s*["']?([A-Za-z0-9._-]{2,40})""")
_OF_TEXT = re.compile(  # other names may stand for codecs that are no encodings of text, or need a mark
    r"(?i)utf-?8|us-ascii|iso-?8859-\d+|(?:windows|cp)-?125\d|shift_jis|euc-(?:jp|kr)|gb(?:2312|k|18030)|big5|koi8-[ru]"
)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Text:
    """A file read as text. `encoding` was declared or guessed; `is_whole` is False where only its beginning is here."""

    lines: list[str]
    encoding: str
    is_whole: bool = True


def read_text(version: CourseVersion, row: PackageFile) -> Text | None:
    """The file as lines, TEXT_LIMIT bytes at most; None where it is no text."""
    data = b""
    for block in held_file(version, row).blocks():
        data += block
        if len(data) > TEXT_LIMIT:
            break
    whole = len(data) <= TEXT_LIMIT
    decoded = decode(data[:TEXT_LIMIT], whole)
    return None if decoded is None else Text(decoded[0].splitlines(), decoded[1], whole)


def decode(data: bytes, is_whole: bool = True) -> tuple[str, str] | None:
    """Text and the name of its encoding: by its mark, by what it declares, as UTF-8, at last as Windows-1252."""
    named = [name for mark, name in _BOMS if data.startswith(mark)]
    declared = _DECLARED.search(data[:2048])
    if not named and declared and _OF_TEXT.fullmatch(declared[1].decode("ascii")):
        named = [declared[1].decode("ascii")]
    for name in (*named, "utf-8", "cp1252"):
        try:
            # A beginning may end in the middle of a character
            text = codecs.getincrementaldecoder(name)("strict").decode(data, is_whole)
        except (LookupError, ValueError):
            continue
        return None if _BINARY.search(text) else (text, name.removesuffix("-sig"))
    text = data.decode("latin-1")
    return None if _BINARY.search(text) else (text, "latin-1")


def compare_manifests(old: CourseVersion, new: CourseVersion) -> list[str] | None:
    """A unified difference of the two manifests; None where they are too large or too different for a page."""
    before, after = _manifest_lines(old), _manifest_lines(new)
    if before is None or after is None:
        return None
    if _differing(before, after) > LINES_LIMIT:
        return None
    names = (f"version {old.number}", f"version {new.number}")
    return list(difflib.unified_diff(before, after, *names, lineterm="", n=3))


def _manifest_lines(version: CourseVersion) -> list[str] | None:
    path = version.read_structure().manifest
    row = PackageFile.objects.filter(version=version, folded=fold(path)).first()
    text = read_text(version, row) if row else None
    if text is None or not text.is_whole:
        return None
    if any(len(line) > LONG_LINE for line in text.lines):
        return re.sub(r">\s*<", ">\n<", "\n".join(text.lines)).split("\n")
    return text.lines


def _differing(before: list[str], after: list[str]) -> int:
    """Lines of the longer side that are not in the part both begin and end with."""
    same = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        same += 1
    rest, other_rest = before[same:], after[same:]
    while rest and other_rest and rest[-1] == other_rest[-1]:
        rest.pop()
        other_rest.pop()
    return max(len(rest), len(other_rest))
