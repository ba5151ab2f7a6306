"""A version's files as they are now: read as a package, and written out as a zip.

The archive stays as it came; rows that say `is_changed` have bytes of their own, and what was deleted has no row.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from standards.archive import DEFLATED, STORED
from standards.errors import PackageError
from standards.package import Member, Package
from standards.registry import read
from standards.structure import CourseStructure

from . import storage
from .models import CourseVersion, PackageFile

BLOCK = 1024 * 1024  # bytes read at a time
COLUMNS = ("path", "offset", "compressed_size", "size", "method", "crc", "inflated", "is_changed")


@dataclass(frozen=True)
class Held:
    """A file and where its bytes lie: in the archive, or under a name of their own."""

    member: Member
    archive: str
    own: str  # name in storage of its bytes as they are, ""
    is_changed: bool = False

    def blocks(self) -> Iterator[bytes]:
        """Its bytes, inflated, a block at a time."""
        if self.own:
            yield from _blocks(self.own, 0, self.member.size)
        elif self.member.method != DEFLATED:
            yield from _blocks(self.archive, self.member.offset, self.member.size)
        else:
            yield from _inflated(_blocks(self.archive, self.member.offset, self.member.compressed_size))

    def packed_blocks(self) -> Iterator[bytes]:
        """Its bytes as the zip holds them: a member of the archive as it lies there, a changed file stored."""
        if self.is_changed:
            return self.blocks()
        return _blocks(self.archive, self.member.offset, self.member.compressed_size)


def _blocks(name: str, offset: int, length: int) -> Iterator[bytes]:
    for start in range(0, length, BLOCK):
        yield storage.read_range(name, offset + start, min(BLOCK, length - start))


def _inflated(blocks: Iterable[bytes]) -> Iterator[bytes]:
    inflating = zlib.decompressobj(-15)
    for packed in blocks:
        while packed:
            yield inflating.decompress(packed, BLOCK)
            packed = inflating.unconsumed_tail
    yield inflating.flush()


def held_file(version: CourseVersion, row: PackageFile) -> Held:
    """The file that the row speaks of."""
    return _held(version.archive, *(getattr(row, name) for name in COLUMNS))


def held_files(version: CourseVersion) -> dict[str, Held]:
    """Every file of the version, by path."""
    rows = PackageFile.objects.filter(version=version).order_by("pk").values_list(*COLUMNS)
    return {row[0]: _held(version.archive, *row) for row in rows}


def _held(
    archive: str,
    path: str,
    offset: int,
    compressed_size: int,
    size: int,
    method: int,
    crc: int,
    inflated: str,
    is_changed: bool,
) -> Held:
    return Held(Member(path, offset, compressed_size, size, method, crc), archive, inflated, is_changed)


# --- as a package -----------------------------------------------------------------------------------------------------


class EditedPackage(Package):
    """The files of a version with some changed, in the shape that standards read. Nothing of it is unpacked."""

    def __init__(self, files: Mapping[str, Held]) -> None:
        self._files = files
        self._members = {path: held.member for path, held in files.items()}
        self._by_loose_path = None
        self.findings = []

    def close(self) -> None:
        """There is nothing open."""

    def stream(self, path: str) -> Iterator[bytes | memoryview]:
        yield from self._files[path].blocks()


def parse(files: Mapping[str, Held]) -> CourseStructure:
    """The course structure that these files make. Raises PackageError."""
    if not files:
        raise PackageError(gettext("No file would be left in the package."), code="zip-empty")
    return read(EditedPackage(files))


# --- as a zip ---------------------------------------------------------------------------------------------------------

LOCAL, CENTRAL = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L")
END, END64, LOCATOR64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
UTF8_FLAG, DATE = 0x800, (1980 - 1980) << 9 | 1 << 5 | 1  # no row knows a date; the earliest one a zip can hold
MOST, MOST_ENTRIES = 0xFFFFFFFF, 0xFFFF


def zip_blocks(files: Iterable[Held]) -> Iterator[bytes]:
    """A zip of the files, a block at a time (APPNOTE.TXT 4.3): what the archive holds deflated is copied as it lies.

    Sizes and checksums are known beforehand, so no data descriptors are needed; zip64 records are where sizes ask.
    """
    position = 0
    directory = []
    for held in files:
        header, record = _headers(held, position)
        directory.append(record)
        yield header
        yield from held.packed_blocks()
        position += len(header) + _packed_size(held)
    whole = b"".join(directory)
    yield whole
    yield _end(len(directory), len(whole), position)


def zip_size(files: Iterable[Held]) -> int:
    """Bytes of what `zip_blocks` gives."""
    position = entries = directory = 0
    for held in files:
        header, record = _headers(held, position)
        position += len(header) + _packed_size(held)
        directory += len(record)
        entries += 1
    return position + directory + len(_end(entries, directory, position))


def _packed_size(held: Held) -> int:
    return held.member.size if held.is_changed else held.member.compressed_size


def _headers(held: Held, position: int) -> tuple[bytes, bytes]:
    """The header before a file's bytes and its record in the central directory (APPNOTE.TXT 4.3.7, 4.3.12)."""
    name = held.member.path.encode()
    method = STORED if held.is_changed else held.member.method
    packed, size, crc = _packed_size(held), held.member.size, held.member.crc
    is_large = max(packed, size, position) >= MOST
    version = 45 if is_large else 20
    sizes = (MOST, MOST) if is_large else (packed, size)
    extra = struct.pack("<2H2Q", 1, 16, size, packed) if is_large else b""
    local = LOCAL.pack(b"PK\x03\x04", version, UTF8_FLAG, method, 0, DATE, crc, *sizes, len(name), len(extra))
    place = MOST if is_large else position
    central_extra = struct.pack("<2H3Q", 1, 24, size, packed, position) if is_large else b""
    central = CENTRAL.pack(
        *(b"PK\x01\x02", version, version, UTF8_FLAG, method, 0, DATE, crc, *sizes),
        *(len(name), len(central_extra), 0, 0, 0, 0, place),
    )
    return local + name + extra, central + name + central_extra


def _end(entries: int, size: int, start: int) -> bytes:
    """The end of the central directory, with that of zip64 where it is needed (APPNOTE.TXT 4.3.14 to 4.3.16)."""
    count, place, length = min(entries, MOST_ENTRIES), min(start, MOST), min(size, MOST)
    end = END.pack(b"PK\x05\x06", 0, 0, count, count, length, place, 0)
    if max(size, start) < MOST and entries < MOST_ENTRIES:
        return end
    end64 = END64.pack(b"PK\x06\x06", END64.size - 12, 45, 45, 0, 0, entries, entries, size, start)
    return end64 + LOCATOR64.pack(b"PK\x06\x07", 0, start + size, 1) + end
