"""A zip file written anew from another: members are copied as they are packed, some under new names or with new data.

Clauses are those of PKWARE's APPNOTE.TXT 6.3.10. Nothing is inflated or packed again but what is replaced, and no more
than a piece of a member is in memory.
"""

import struct
import zlib
from collections.abc import Mapping
from typing import BinaryIO

from .archive import DEFLATED, PIECE, STORED, UTF8_FLAG, Entry, Window, data_offset
from .package import Package

_LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")  # 4.3.12
_END = struct.Struct("<4s4H2LH")  # 4.3.16
_END_64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_UNIX = 3  # 4.4.2: external attributes hold a Unix mode
_DATE = (1 << 5) | 1  # 1980-01-01, the first day there is (4.4.6)
_SATURATED, _MANY = 0xFFFFFFFF, 0xFFFF


def rewrite(
    package: Package,
    target: BinaryIO,
    names: Mapping[str, str] | None = None,
    data: Mapping[str, bytes] | None = None,
    plain_names: bool = False,
) -> None:
    """Write the package to `target`: `names` maps path -> new path, `data` path -> new content.

    A name that stays is written byte for byte as it was, and marked as UTF-8 where `plain_names` wishes it.
    Raises PackageError where a header of the package contradicts its list of members.
    """
    names, data = names or {}, data or {}
    records: list[bytes] = []
    window = Window(package.file)
    offset = 0
    for path, entry in package.entries.items():
        flags = entry.flags & UTF8_FLAG
        raw_name = entry.raw_name
        if path in names or plain_names or entry.name_source == "unicode-path":
            raw_name = names.get(path, path).encode("utf-8")
            flags = 0 if raw_name.isascii() else UTF8_FLAG
        if path in data:
            packed = _deflate(data[path])
            entry = entry._replace(
                method=DEFLATED, crc=zlib.crc32(data[path]), compressed_size=len(packed), size=len(data[path])
            )
            header = _local(raw_name, flags, entry)
            target.write(header)
            target.write(packed)
        else:
            header = _local(raw_name, flags, entry)
            target.write(header)
            for piece in window.pieces(data_offset(window, entry), entry.compressed_size):
                target.write(piece)
        records.append(_central(raw_name, flags, entry, offset))
        offset += len(header) + entry.compressed_size
    _finish(target, records, offset)


def _deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return b"".join(
        (*(compressor.compress(content[at : at + PIECE]) for at in range(0, len(content), PIECE)), compressor.flush())
    )


def _method(entry: Entry) -> int:
    return entry.method if entry.compressed_size else STORED


def _local(raw_name: bytes, flags: int, entry: Entry) -> bytes:
    extra = b""
    sizes = (entry.compressed_size, entry.size)
    if max(sizes) >= _SATURATED:
        extra = struct.pack("<2H2Q", 1, 16, entry.size, entry.compressed_size)  # 4.5.3, in this order
        sizes = (_SATURATED, _SATURATED)
    version = 45 if extra else 20
    return (
        _LOCAL.pack(
            b"PK\x03\x04", version, flags, _method(entry), 0, _DATE, entry.crc, *sizes, len(raw_name), len(extra)
        )
        + raw_name
        + extra
    )


def _central(raw_name: bytes, flags: int, entry: Entry, offset: int) -> bytes:
    numbers = [entry.size, entry.compressed_size, offset]
    saturated = [number for number in numbers if number >= _SATURATED]
    extra = struct.pack(f"<2H{len(saturated)}Q", 1, 8 * len(saturated), *saturated) if saturated else b""
    size, compressed_size, offset = (min(number, _SATURATED) for number in numbers)
    version = 45 if extra else 20
    return (
        _CENTRAL.pack(
            *(b"PK\x01\x02", version, _UNIX, version, 0, flags, _method(entry), 0, _DATE),
            *(entry.crc, compressed_size, size, len(raw_name), len(extra), 0, 0, 0, entry.attributes, offset),
        )
        + raw_name
        + extra
    )


def _finish(target: BinaryIO, records: list[bytes], start: int) -> None:
    size = 0
    for record in records:
        target.write(record)
        size += len(record)
    count = len(records)
    if count >= _MANY or size >= _SATURATED or start >= _SATURATED:
        record = _END_64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
        target.write(record + _LOCATOR.pack(b"PK\x06\x07", 0, start + size, 1))
    shown = min(count, _MANY)
    target.write(_END.pack(b"PK\x05\x06", 0, 0, shown, shown, min(size, _SATURATED), min(start, _SATURATED), 0))
