"""Builds zip files byte by byte, so that every number in them can be a lie.

`File` is one member; what is not given is computed as an honest writer would. `build` puts members, central directory
and end record together (APPNOTE.TXT 4.3.6).
"""

import struct
import zlib
from dataclasses import dataclass

ENCRYPTED, DESCRIPTOR, PATCHED, UTF8 = 0x1, 0x8, 0x20, 0x800
UNIX_FILE, UNIX_LINK, UNIX_PIPE, UNIX_FOLDER = (mode << 16 for mode in (0o100644, 0o120777, 0o010644, 0o040755))


@dataclass(frozen=True)
class File:
    """A member; a name given as text is written in UTF-8 and flagged so where it is not ASCII."""

    name: str | bytes
    data: bytes = b"content"
    method: int = 8
    flags: int = 0
    attributes: int = UNIX_FILE
    crc: int | None = None
    size: int | None = None
    compressed_size: int | None = None
    offset: int | None = None  # of the local header, as the directory tells it
    packed: bytes | None = None  # the data as it lies in the archive
    local_name: bytes | None = None
    local_method: int | None = None
    local_flags: int | None = None
    local_extra: bytes = b""
    extra: bytes = b""
    padding: bytes = b""  # after the data
    disk: int = 0

    @property
    def raw_name(self) -> bytes:
        return self.name.encode() if isinstance(self.name, str) else self.name

    @property
    def all_flags(self) -> int:
        return self.flags | (UTF8 if isinstance(self.name, str) and not self.name.isascii() else 0)

    @property
    def body(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflate(self.data) if self.method == 8 else self.data

    @property
    def numbers(self) -> tuple[int, int, int]:
        """CRC, compressed size, size."""
        return (
            zlib.crc32(self.data) if self.crc is None else self.crc,
            len(self.body) if self.compressed_size is None else self.compressed_size,
            len(self.data) if self.size is None else self.size,
        )

    def local(self) -> bytes:
        flags = self.all_flags if self.local_flags is None else self.local_flags
        name = self.raw_name if self.local_name is None else self.local_name
        method = self.method if self.local_method is None else self.local_method
        numbers = (0, 0, 0) if flags & DESCRIPTOR else self.numbers
        header = struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 0x21, *numbers, len(name), len(self.local_extra)
        )
        descriptor = struct.pack("<4s3L", b"PK\x07\x08", *self.numbers) if flags & DESCRIPTOR else b""
        return header + name + self.local_extra + self.body + descriptor + self.padding

    def central(self, offset: int) -> bytes:
        name, extra = self.raw_name, self.extra
        return (
            struct.pack("<4s4B4H", b"PK\x01\x02", 20, 3, 20, 0, self.all_flags, self.method, 0, 0x21)
            + struct.pack("<3L", *self.numbers)
            + struct.pack("<5H", len(name), len(extra), 0, self.disk, 0)
            + struct.pack("<2L", self.attributes, offset if self.offset is None else self.offset)
            + name
            + extra
        )


def deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def end(
    count: int, size: int, offset: int, comment: bytes = b"", disk: int = 0, comment_size: int | None = None
) -> bytes:
    """The end of central directory record (4.3.16)."""
    length = len(comment) if comment_size is None else comment_size
    return struct.pack("<4s4H2LH", b"PK\x05\x06", disk, disk, count, count, size, offset, length) + comment


def end_64(count: int, size: int, offset: int, position: int) -> bytes:
    """The zip64 end record, its locator, and a plain end record that refers to them (4.3.14, 4.3.15)."""
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, position, 1)
    return record + locator + end(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)


def body(*files: File) -> tuple[bytes, bytes]:
    """The members and the central directory of them."""
    members = directory = b""
    for file in files:
        directory += file.central(len(members))
        members += file.local()
    return members, directory


def build(*files: File, prefix: bytes = b"", comment: bytes = b"", trailing: bytes = b"") -> bytes:
    members, directory = body(*files)
    return prefix + members + directory + end(len(files), len(directory), len(members), comment) + trailing


def unicode_path(raw: bytes, path: str) -> bytes:
    """Info-ZIP's extra field 0x7075 (4.6.9)."""
    data = b"\x01" + struct.pack("<L", zlib.crc32(raw)) + path.encode()
    return struct.pack("<2H", 0x7075, len(data)) + data


def zip64_extra(*numbers: int) -> bytes:
    """The extra field 0x0001 (4.5.3)."""
    return struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers)
