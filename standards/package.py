"""An uploaded archive read safely in place: its members, its limits, what is odd about it.

A package is never unpacked: what is refused here is what could not be served as it lies, or would harm whoever unpacks
the original. Use: `with Package.open(file, limits) as package: package.verify()`, then `package.members`.
"""

import os.path
import re
import stat
import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from io import SEEK_END
from itertools import pairwise
from operator import attrgetter
from typing import BinaryIO, Self
from urllib.parse import unquote

from isal.isal_zlib import crc32

from .archive import (
    DEFLATED,
    ENCRYPTED_FLAGS,
    PATCHED_FLAG,
    STORED,
    Directory,
    Entry,
    NameSource,
    Window,
    contents,
    data_offset,
    quoted,
    read_at,
    read_directory,
    shown,
)
from .errors import PackageError
from .single import HEAD, recognise
from .structure import Finding, Json, Severity

GIB = 1024**3
MIB = 1024**2


@dataclass(frozen=True)
class Limits:
    """What a package may be at most."""

    max_members: int = 50_000
    max_total: int = 20 * GIB  # bytes, uncompressed
    max_ratio: float = 200.0  # uncompressed to compressed, of a member and of the whole
    ratio_floor: int = 64 * MIB  # bytes, uncompressed, up to which the ratio does not matter: blank bitmaps reach 1,000
    max_path: int = 1024  # characters


@dataclass(frozen=True)
class Member(Json):
    """A file of the package and where its data lies in the archive."""

    path: str  # relative to the archive's root, "/" between folders, NFC
    offset: int = 0  # of the compressed data in the archive; 0 until `verify` or `read` has read the member's header
    compressed_size: int = 0
    size: int = 0
    method: int = STORED  # 0 stored, 8 deflated
    crc: int = 0
    stored_name: str = ""  # as the archive spells it, where that is not `path`


class Package:
    """A zip file whose list of members keeps the rules; `verify` holds its data to them too."""

    def __init__(
        self, file: BinaryIO, directory: Directory, entries: Mapping[str, Entry], findings: list[Finding]
    ) -> None:
        self._file = file
        self._directory = directory
        self._entries = entries
        self._changed: Mapping[str, bytes] = {}
        self._directory_start = directory.start
        self._names_by_start = {entry.header_offset: entry.name for entry in directory.entries}
        self._boundaries = [*sorted(self._names_by_start), directory.start]
        self._by_loose_path: dict[str, str] | None = None
        self._members = {path: _member(path, entry) for path, entry in entries.items()}
        self.findings = findings

    @classmethod
    def open(cls, file: BinaryIO, limits: Limits | None = None, *, makes_relative: bool = False) -> "Package":
        """The package, its list of members read and checked; a file that is a course by itself is a `SingleFile`.

        `makes_relative`: the drive and the slash that absolute names begin with are left out. Raises PackageError.
        Closing it closes `file`.
        """
        limits = limits or Limits()
        if single := recognise(read_at(file, 0, HEAD)):
            return SingleFile(file, single, limits)
        directory = read_directory(file, limits.max_members)
        entries, findings = _named(directory.entries, limits, makes_relative)
        for entry in directory.entries:
            _refuse_kind(entry)
        _refuse_overlaps(directory.entries, directory.start)
        _refuse_bombs(entries, limits)
        if not entries:
            raise PackageError("The zip file is empty: there is no file in it.", code="zip-empty")
        if directory.prefix or directory.trailing:
            findings.append(_foreign_bytes(directory.prefix, directory.trailing))
        return cls(file, directory, entries, findings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    @property
    def file(self) -> BinaryIO:
        return self._file

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Path -> record of the central directory, for those who copy the archive."""
        return self._entries

    @property
    def members(self) -> Mapping[str, Member]:
        """Path -> member, folders left out, in the archive's order. `verify` fills in the offsets."""
        return self._members

    def with_changes(self, names: Mapping[str, str], data: Mapping[str, bytes]) -> "Package":
        """The package as it would be with members under other names, old -> new, and with other data, by old name."""
        entries = {names.get(path, path): entry for path, entry in self._entries.items()}
        changed = Package(self._file, self._directory, entries, [])
        changed._changed = {names.get(path, path): content for path, content in data.items()}
        for path, content in changed._changed.items():
            changed._members[path] = replace(changed._members[path], size=len(content))
        return changed

    @cached_property
    def base(self) -> str:
        """The folder that all else is in: "", "name/", or "a/b/" where each of several holds only the next."""
        return find_base(self._members)

    def find(self, path: str) -> Member | None:
        return self._members.get(unicodedata.normalize("NFC", path))

    def find_loosely(self, path: str) -> Member | None:
        """The member an imperfect href means: without regard to case, percent-encoding, back-slashes and "./"."""
        for candidate in dict.fromkeys((path, unquote(path))) if "%" in path else (path,):
            resolved = _resolve(candidate)
            if resolved is not None and (member := self.find(resolved) or self._find_folded(resolved)):
                return member
        return None

    def _find_folded(self, path: str) -> Member | None:
        if self._by_loose_path is None:
            self._by_loose_path = {_folded(known): known for known in self._members}
        known = self._by_loose_path.get(_folded(path))
        return None if known is None else self._members[known]

    def read(self, path: str, limit: int = 8 * MIB) -> bytes:
        """A member's data, inflated, size and CRC checked. Raises PackageError where it is more than `limit` bytes."""
        member = self.find(path)
        if member is None:
            raise PackageError(f"There is no {quoted(path)} in the package.", code="package-file-missing", file=path)
        if member.size > limit:
            raise PackageError(
                f"{quoted(path)} holds {member.size:,} bytes; such a file may hold {limit:,} at most.",
                code="package-file-too-large",
                file=path,
            )
        return b"".join(self.stream(member.path))

    def stream(self, path: str) -> Iterator[bytes | memoryview]:
        """A member's data, inflated, in pieces of up to 1 MiB; what came before a PackageError is not to be kept."""
        return self._stream(Window(self._file), self._members[path])

    def verify(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Reads the archive once, front to back, and holds every member to its header, size and CRC.

        `progress` hears bytes done and bytes in all about once per MiB. Raises PackageError at the first fault.
        """
        in_order = sorted(self._members.values(), key=lambda member: self._entries[member.path].header_offset)
        total = self._directory_start
        window = Window(self._file, (lambda read: progress(min(read, total), total)) if progress else None)
        for member in in_order:
            for _ in self._stream(window, member):
                pass
        if progress:
            progress(total, total)

    def _stream(self, window: Window, member: Member) -> Iterator[bytes | memoryview]:
        if member.path in self._changed:
            yield self._changed[member.path]
            return
        entry = self._entries[member.path]
        offset = data_offset(window, entry)
        boundary = self._boundaries[bisect_right(self._boundaries, entry.header_offset)]
        if offset + entry.compressed_size > boundary:
            raise _overlap(entry.name, self._names_by_start.get(boundary, ""))
        self._members[member.path] = replace(member, offset=offset)
        yield from contents(window.pieces(offset, entry.compressed_size), entry)


class SingleFile(Package):
    """A package of one file that is no archive: its only member is the whole of it."""

    def __init__(self, file: BinaryIO, path: str, limits: Limits) -> None:
        size = file.seek(0, SEEK_END)
        if size > limits.max_total:
            raise PackageError(
                f"The file holds {size:,} bytes; {limits.max_total:,} are allowed.", code="package-file-too-large"
            )
        super().__init__(file, Directory([], size, 0, 0), {}, [])
        self._members = {path: Member(path, compressed_size=size, size=size)}

    def verify(self, progress: Callable[[int, int], None] | None = None) -> None:
        (member,) = self._members.values()
        window = Window(self._file, (lambda read: progress(read, member.size)) if progress else None)
        checksum = 0
        for piece in window.pieces(0, member.size):
            checksum = crc32(piece, checksum)
        self._members[member.path] = replace(member, crc=checksum)
        if progress:
            progress(member.size, member.size)

    def _stream(self, window: Window, member: Member) -> Iterator[bytes | memoryview]:
        return window.pieces(0, member.size)


def gzip_wrapper(member: Member) -> tuple[bytes, bytes]:
    """What goes before and after a deflated member's data as it lies to make it a gzip stream (RFC 1952 2.3)."""
    if member.method != DEFLATED:
        raise ValueError(f"{member.path} is not deflated")
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", struct.pack("<2L", member.crc, member.size & 0xFFFFFFFF)


def _member(path: str, entry: Entry) -> Member:
    return Member(
        path=path,
        compressed_size=entry.compressed_size,
        size=entry.size,
        # Some tools mark an empty file deflated and write no data at all, which is no deflate stream
        method=entry.method if entry.compressed_size else STORED,
        crc=entry.crc,
        stored_name="" if entry.name == path else entry.name,
    )


# --- names ------------------------------------------------------------------------------------------------------------

_JUNK = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_JUNK_FOLDER = "__MACOSX"
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def find_base(paths: Mapping[str, object]) -> str:
    """The longest folder all paths are in, "" or ending in "/", without regard to what Finder and Explorer leave."""
    kept = [path for path in paths if not is_junk(path)]
    shared = os.path.commonprefix([min(kept), max(kept)]) if kept else ""
    return shared[: shared.rfind("/") + 1]


def is_junk(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name in _JUNK or f"/{_JUNK_FOLDER}/" in f"/{folder}/"


def _named(
    entries: list[Entry], limits: Limits, makes_relative: bool = False
) -> tuple[dict[str, Entry], list[Finding]]:
    """The files by their paths, and what is odd about the names. Raises PackageError for names that collide."""
    files: dict[str, Entry] = {}
    folded: dict[str, str] = {}
    odd: dict[str, list[str]] = {}
    for entry in entries:
        path = _path(entry, limits.max_path, makes_relative)
        for code in _oddities(entry):
            odd.setdefault(code, []).append(entry.name)
        if _is_folder(entry):
            continue
        known = folded.setdefault(_folded(path), path)
        if known in files and _is_same(files[known], entry):
            odd.setdefault("zip-member-twice", []).append(entry.name)
            continue
        if path in files:
            raise PackageError(
                f"{quoted(path)} is in the zip file twice. Make it anew with one of them.",
                code="zip-duplicate",
                file=path,
            )
        if known != path:
            raise PackageError(
                f"{quoted(known)} and {quoted(path)} differ in upper and lower case only. Rename one of them.",
                code="zip-case-collision",
                file=path,
            )
        files[path] = entry
    _refuse_files_as_folders(folded)
    return files, [_odd_names(code, names) for code, names in odd.items()]


def _is_same(one: Entry, other: Entry) -> bool:
    """Whether it does not matter which of the two is read."""
    return (one.size, one.crc) == (other.size, other.crc)


def _path(entry: Entry, max_path: int, makes_relative: bool = False) -> str:
    """The path a name stands for. Raises PackageError where it leads out of the package or cannot be a path."""
    name = entry.name
    path = name.replace("\\", "/")
    if makes_relative:
        path = _DRIVE.sub("", path, count=1).lstrip("/")
    if path.startswith("/") or _DRIVE.match(path):
        raise _name_error(name, "is an absolute path; names must be relative to the package", "zip-absolute-path")
    if len(path) > max_path:
        raise _name_error(name, f"is longer than {max_path:,} characters", "zip-name-too-long")
    if _CONTROL.search(path):
        raise _name_error(name, "has a control character in its name", "zip-name-control")
    parts = path.split("/")
    if ".." in parts:
        raise _name_error(name, 'leads out of the package with ".."', "zip-path-escape")
    if "." in parts or "" in parts[:-1]:
        parts = [part for part in parts if part not in ("", ".")]
        path = "/".join(parts)
    if not path and not _is_folder(entry):
        raise PackageError("The zip file holds a member without a name.", code="zip-name-empty")
    return path if path.isascii() else unicodedata.normalize("NFC", path)


def _name_error(name: str, rule: str, code: str) -> PackageError:
    return PackageError(f"{quoted(name)} {rule}. Make the zip file anew without it.", code=code, file=shown(name))


def _refuse_files_as_folders(folded: Mapping[str, str]) -> None:
    # With a separator smaller than any character of a name, what is in a folder comes right after a file of its name
    paths = sorted(path.replace("/", "\0") for path in folded)
    for path, following in pairwise(paths):
        if following.startswith(f"{path}\0"):
            both = folded[path.replace("\0", "/")]
            raise PackageError(
                f"{quoted(both)} is both a file and a folder in the zip file. Rename one of them.",
                code="zip-duplicate",
                file=both,
            )


def _folded(path: str) -> str:
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path.lower())


def _resolve(href: str) -> str | None:
    """A relative path without back-slashes, "." and ".."; None where it leads out of the package."""
    parts: list[str] = []
    for part in href.replace("\\", "/").split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


_GUESSED: Mapping[NameSource, str] = {"unmarked-utf-8": "zip-name-unmarked-utf8", "cp437": "zip-name-cp437"}

_ODD: Mapping[str, tuple[Severity, str, str]] = {
    "zip-backslashes": (
        "warning",
        "Names use back-slashes between folders; they are read as slashes",
        "Make the zip file with a tool that keeps to the format (APPNOTE 4.4.17.1).",
    ),
    "zip-name-unmarked-utf8": (
        "hint",
        "Names are in UTF-8 without saying so; they are read as UTF-8",
        "Nothing, if the names look right; else make the zip file with a newer tool.",
    ),
    "zip-name-cp437": (
        "warning",
        "Names are in an old encoding without saying which; they are read as CP437",
        "If the names look wrong, make the zip file with a tool that writes UTF-8 names.",
    ),
    "zip-member-twice": (
        "hint",
        "Files are in the zip file twice with the same content; one of each is read",
        "Make the zip file anew with one of them.",
    ),
    "zip-name-not-normal": (
        "hint",
        'Names hold empty or "." folders; these are left out',
        "Make the zip file with a tool that keeps to the format (APPNOTE 4.4.17.1).",
    ),
}


def _oddities(entry: Entry) -> Iterator[str]:
    name = entry.name
    if "\\" in name:
        yield "zip-backslashes"
    if entry.name_source in _GUESSED:
        yield _GUESSED[entry.name_source]
    if "//" in name or name.startswith("./") or "/./" in name:
        yield "zip-name-not-normal"


def _odd_names(code: str, names: list[str]) -> Finding:
    severity, what, advice = _ODD[code]
    which = f"{quoted(names[0])} and {len(names) - 1:,} more" if len(names) > 1 else quoted(names[0])
    fixable = code != "zip-name-cp437"  # which encoding is meant nobody knows
    message = f"{what}: {which}."
    return Finding(code=code, message=message, severity=severity, file=names[0], advice=advice, fixable=fixable)


def _foreign_bytes(prefix: int, trailing: int) -> Finding:
    return Finding(
        code="zip-foreign-bytes",
        message=f"The zip file has {prefix:,} bytes before its first member and {trailing:,} after its end that are"
        " no part of it; they are ignored.",
        severity="hint",
        advice="A self-extracting archive has such bytes; a plain zip file should not.",
        fixable=True,
    )


# --- rules of members -------------------------------------------------------------------------------------------------

_DOS_FOLDER = 0x10
_AES = 99  # APPNOTE 4.4.5: the method of a member with AES encryption
_METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 12: "BZIP2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}


def _is_folder(entry: Entry) -> bool:
    mode = entry.attributes >> 16
    marked = bool(entry.attributes & _DOS_FOLDER) and not entry.size
    return marked or stat.S_ISDIR(mode) or entry.name.endswith(("/", "\\"))


def _refuse_kind(entry: Entry) -> None:
    """What a member must not be: encrypted, a link or a device, packed in a way browsers cannot unpack."""
    file_type = stat.S_IFMT(entry.attributes >> 16)
    if entry.flags & ENCRYPTED_FLAGS or entry.method == _AES:
        raise _kind_error(entry, "is encrypted. Make the zip file anew without a password", "zip-encrypted")
    if file_type == stat.S_IFLNK:
        raise _kind_error(entry, "is a symbolic link. Put the file itself in its place", "zip-symlink")
    if file_type in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK):
        raise _kind_error(entry, "is a device, pipe or socket and no file. Leave it out", "zip-special-file")
    if entry.method not in (STORED, DEFLATED) or entry.flags & PATCHED_FLAG:
        method = _METHODS.get(entry.method, f"method {entry.method}")
        raise _kind_error(
            entry, f"is compressed with {method}. Make the zip file anew with Deflate, the usual method", "zip-method"
        )
    if entry.method == STORED and entry.size != entry.compressed_size:
        raise _kind_error(entry, "is stored, yet has two different sizes. Make the zip file anew", "zip-size")
    if entry.size and _is_folder(entry):
        raise _kind_error(entry, "is a folder, yet holds data. Make the zip file anew", "zip-folder-data")


def _kind_error(entry: Entry, rule: str, code: str) -> PackageError:
    return PackageError(f"{quoted(entry.name)} {rule}.", code=code, file=entry.name)


def _refuse_overlaps(entries: list[Entry], directory_start: int) -> None:
    """By the least room each member needs; its local header tells the exact room once it is read."""
    end, previous = 0, ""
    for entry in sorted(entries, key=attrgetter("header_offset")):
        if entry.header_offset < end:
            raise _overlap(previous, entry.name)
        end, previous = entry.header_offset + 30 + entry.compressed_size, entry.name
    if end > directory_start:
        raise _overlap(previous, "")


def _overlap(name: str, other: str) -> PackageError:
    return PackageError(
        f"{quoted(name)} overlaps {quoted(other) if other else 'the list of members'} in the zip file. Make it anew.",
        code="zip-overlap",
        file=other or name,
    )


def _refuse_bombs(entries: Mapping[str, Entry], limits: Limits) -> None:
    total = sum(entry.size for entry in entries.values())
    packed = sum(entry.compressed_size for entry in entries.values())
    if total > limits.max_total:
        raise PackageError(
            f"The package holds {total:,} bytes unpacked; {limits.max_total:,} are allowed.", code="zip-too-large"
        )
    for path, entry in entries.items():
        if _is_bomb(entry.size, entry.compressed_size, limits):
            raise PackageError(
                f"{quoted(path)} unpacks to {entry.size:,} bytes from {entry.compressed_size:,}, more than"
                f" {limits.max_ratio:g} times as many; that is taken for an attack.",
                code="zip-bomb-ratio",
                file=path,
            )
    if _is_bomb(total, packed, limits):
        raise PackageError(
            f"The package unpacks to {total:,} bytes from {packed:,}, more than {limits.max_ratio:g} times as many;"
            " that is taken for an attack.",
            code="zip-bomb-ratio",
        )


def _is_bomb(size: int, packed: int, limits: Limits) -> bool:
    return size > limits.ratio_floor and size > packed * limits.max_ratio
