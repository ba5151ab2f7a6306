"""The zip format as untrusted archives use it: the central directory, local headers and the data of members.

Clauses are those of PKWARE's APPNOTE.TXT 6.3.10. Nothing here trusts a number of the archive before it was held against
the size of the file or a limit of the caller, and no read is larger than `PIECE` or the central directory. A source is
any object with `seek`, `tell` and `read`.
"""

import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal, NamedTuple
from zlib import crc32 as zlib_crc32

from isal import igzip_lib
from isal.isal_zlib import crc32

from .errors import PackageError

PIECE = 1024 * 1024  # bytes read at a time
INFLATED_PIECE = 128 * 1024  # bytes inflated at a time; small enough for the processor's cache

STORED, DEFLATED = 0, 8
ENCRYPTED_FLAGS = 0x2041  # 4.4.4: bit 0 encrypted, bit 6 strong encryption, bit 13 masked headers
PATCHED_FLAG = 0x20  # 4.4.4: bit 5, compressed patched data
UTF8_FLAG = 0x800  # 4.4.4: bit 11

_END = struct.Struct("<4s4H2LH")  # 4.3.16
_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_END_64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")  # 4.3.12
_LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7
_LOCAL_SIGNATURE = b"PK\x03\x04"
_EMPTY_SIGNATURE = b"PK\x05\x06"
_MAX_COMMENT = 0xFFFF
_MEAN_RECORD = 1024  # bytes; a central directory larger than this for each allowed member is refused unread

_ZIP64_EXTRA = 0x0001  # 4.5.3
_UNICODE_PATH_EXTRA = 0x7075  # 4.6.9

NameSource = Literal["ascii", "utf-8", "unicode-path", "unmarked-utf-8", "cp437"]


class Entry(NamedTuple):
    """One record of the central directory (4.3.12), numbers of zip64 resolved."""

    name: str  # decoded, otherwise as written: back-slashes, "./" and all
    raw_name: bytes
    name_source: NameSource
    flags: int
    method: int
    crc: int
    compressed_size: int
    size: int
    header_offset: int  # of the local header, in the file
    attributes: int  # external: Unix mode in the upper half, DOS attributes in the lower


class Directory(NamedTuple):
    """The central directory and where it lies."""

    entries: list[Entry]
    start: int  # in the file; no member may reach beyond it
    prefix: int  # bytes before the archive begins, as self-extracting archives have
    trailing: int  # bytes after the archive ends


class _End(NamedTuple):
    """The end of central directory record, zip64 resolved."""

    entries: int
    size: int
    offset: int  # as written, so without a prefix
    position: int  # where the first record after the directory lies in the file
    trailing: int


def shown(name: str) -> str:
    """A name of a member fit for messages and databases: no control characters, none that hide others, not endless."""
    text = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in name[:300])
    return text if len(name) <= 300 else f"{text}…"


def quoted(name: str) -> str:
    return f'"{shown(name)}"'


# --- reading ----------------------------------------------------------------------------------------------------------


class Window:
    """A file seen through one piece at a time: reads that follow one another become few large ones."""

    def __init__(self, file: BinaryIO, on_read: Callable[[int], None] | None = None) -> None:
        self._file = file
        self._on_read = on_read
        self._start = 0
        self._piece = memoryview(b"")

    def read(self, offset: int, length: int) -> memoryview:
        """Exactly `length` bytes, at most `PIECE`. Raises PackageError where the file ends before."""
        begin = offset - self._start
        if begin < 0 or begin + length > len(self._piece):
            self._load(offset)
            begin = 0
        if begin + length > len(self._piece):
            raise truncated()
        return self._piece[begin : begin + length]

    def pieces(self, offset: int, length: int) -> Iterator[memoryview]:
        """`length` bytes from `offset`, in pieces of at most `PIECE`, each valid for as long as it is kept."""
        while length:
            begin = offset - self._start
            if not 0 <= begin < len(self._piece):
                self._load(offset)
                begin = 0
            piece = self._piece[begin : begin + length]
            if not piece:
                raise truncated()
            yield piece
            offset += len(piece)
            length -= len(piece)

    def _load(self, offset: int) -> None:
        self._piece = memoryview(read_at(self._file, offset, PIECE))
        self._start = offset
        if self._on_read:
            self._on_read(offset + len(self._piece))


def read_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """Up to `length` bytes, fewer only at the end of the file: a raw or remote source may answer in parts."""
    file.seek(offset)
    data = file.read(length)
    if not data or len(data) == length:
        return data
    parts, missing = [data], length - len(data)
    while missing and (part := file.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def truncated() -> PackageError:
    return PackageError(
        "The zip file is cut off: its end is missing. Upload it again, or make it anew.", code="zip-truncated"
    )


def _damaged(what: str, name: str = "") -> PackageError:
    return PackageError(f"The zip file is damaged: {what}. Make it anew.", code="zip-damaged", file=shown(name))


# --- central directory ------------------------------------------------------------------------------------------------


def read_directory(file: BinaryIO, max_entries: int) -> Directory:
    """The central directory. Raises PackageError where there is none, it is damaged, or lists more than allowed."""
    file_size = file.seek(0, 2)
    end = _find_end(file, file_size)
    if end.entries > max_entries:
        raise _too_many(max_entries)
    if end.size > max_entries * _MEAN_RECORD:
        raise PackageError(
            f"The zip file's list of members takes {end.size:,} bytes, more than {max_entries:,} members need.",
            code="zip-too-large",
        )
    start, shift, data = _directory_bytes(file, end)
    entries = _parse(data, shift, max_entries)
    if len(entries) != end.entries:
        raise _damaged(f"it says it holds {end.entries:,} members but lists {len(entries):,}")
    prefix = min((entry.header_offset for entry in entries), default=0)
    if shift and read_at(file, 0, 4) == _LOCAL_SIGNATURE:
        # What was found is the end of an archive stored inside the one that began here
        raise truncated()
    return Directory(entries, start, prefix, end.trailing)


def _too_many(max_entries: int) -> PackageError:
    return PackageError(
        f"The zip file holds more than {max_entries:,} members, the most that is allowed.", code="zip-too-many"
    )


def _find_end(file: BinaryIO, file_size: int) -> _End:
    tail_start = max(0, file_size - _MAX_COMMENT - _END.size - _LOCATOR.size)
    tail = read_at(file, tail_start, file_size - tail_start)
    at = _end_position(tail)
    if at is None:
        if read_at(file, 0, 4) == _LOCAL_SIGNATURE or tail.rfind(_EMPTY_SIGNATURE) >= 0:
            raise truncated()
        raise _no_zip(read_at(file, 0, 512))
    _, disk, directory_disk, _, count, size, offset, comment_size = _END.unpack_from(tail, at)
    end = _End(count, size, offset, tail_start + at, len(tail) - at - _END.size - comment_size)
    if at >= _LOCATOR.size and tail.startswith(b"PK\x06\x07", at - _LOCATOR.size):
        end, disk, directory_disk = _resolve_zip64(file, tail[at - _LOCATOR.size : at], end, disk, directory_disk)
    if disk or directory_disk:
        raise PackageError(
            "The zip file is one part of a split archive. Make one zip file of the whole.", code="zip-split"
        )
    return end


_KINDS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x1f\x8b": "a gzip file",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
}


def _no_zip(start: bytes) -> PackageError:
    """A web page is what a link to a file gives to somebody who is not signed in there."""
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = next((words for mark, words in _KINDS.items() if start[: len(mark)].lower() == mark.lower()), "")
    return PackageError(f"This is not a zip file, but {kind}." if kind else "This is not a zip file.", code="not-a-zip")


def _end_position(tail: bytes) -> int | None:
    """Where the end record begins (4.3.16): the one whose comment ends with the file, else the last whole one."""
    last = None
    at = tail.rfind(_EMPTY_SIGNATURE)
    while at >= 0:
        if at + _END.size <= len(tail):
            end = at + _END.size + int.from_bytes(tail[at + 20 : at + 22], "little")
            if end == len(tail):
                return at
            if end < len(tail) and last is None:
                last = at
        at = tail.rfind(_EMPTY_SIGNATURE, 0, at)
    return last


def _resolve_zip64(file: BinaryIO, locator: bytes, end: _End, disk: int, directory_disk: int) -> tuple[_End, int, int]:
    """The numbers of the zip64 end record for those that are saturated in the plain one (4.4.1.4)."""
    _, _, offset, _ = _LOCATOR.unpack(locator)
    locator_at = end.position - _LOCATOR.size
    for at in (offset, locator_at - _END_64.size):  # the second where a prefix has moved the archive
        if 0 <= at <= locator_at - _END_64.size:
            record = read_at(file, at, _END_64.size)
            if record.startswith(b"PK\x06\x06") and len(record) == _END_64.size:
                break
    else:
        raise _damaged("its zip64 end record is missing")
    _, _, _, _, disk_64, directory_disk_64, _, count, size, offset = _END_64.unpack(record)
    resolved = _End(
        count if end.entries == 0xFFFF else end.entries,
        size if end.size == 0xFFFFFFFF else end.size,
        offset if end.offset == 0xFFFFFFFF else end.offset,
        at,
        end.trailing,
    )
    return (
        resolved,
        disk_64 if disk == 0xFFFF else disk,
        directory_disk_64 if directory_disk == 0xFFFF else directory_disk,
    )


def _directory_bytes(file: BinaryIO, end: _End) -> tuple[int, int, bytes]:
    """Where the directory starts, by how much the archive's own offsets are short of the file's, and its bytes."""
    start = end.position - end.size
    shift = start - end.offset
    if shift < 0:
        raise truncated()
    data = read_at(file, start, end.size)
    if shift and not data.startswith(b"PK\x01\x02"):
        # Something lies between the directory and its end record: the offset as written may still be right
        start, shift, data = end.offset, 0, read_at(file, end.offset, end.size)
    return start, shift, data


def _parse(data: bytes, shift: int, max_entries: int) -> list[Entry]:
    entries: list[Entry] = []
    at = 0
    while at < len(data):
        if len(entries) == max_entries:
            raise _too_many(max_entries)
        entry, at = _parse_record(data, at, shift, len(entries) + 1)
        entries.append(entry)
    return entries


def _parse_record(data: bytes, at: int, shift: int, number: int) -> tuple[Entry, int]:
    if not data.startswith(b"PK\x01\x02", at) or at + _CENTRAL.size > len(data):
        raise _damaged(f"record {number:,} of its list of members cannot be read")
    fields = _CENTRAL.unpack_from(data, at)
    flags, method, crc, compressed_size, size = fields[5], fields[6], *fields[9:12]
    name_size, extra_size, comment_size, disk, attributes, offset = *fields[12:16], *fields[17:]
    name_at = at + _CENTRAL.size
    extra_at = name_at + name_size
    after = extra_at + extra_size + comment_size
    if after > len(data):
        raise _damaged(f"record {number:,} of its list of members reaches beyond the list")
    raw_name = data[name_at:extra_at]
    extra = data[extra_at : extra_at + extra_size]
    name, source = _decode_name(raw_name, flags, extra)
    if 0xFFFFFFFF in (compressed_size, size, offset):
        size, compressed_size, offset = _zip64_numbers(extra, size, compressed_size, offset, name)
    if disk not in (0, 0xFFFF):
        raise _damaged(f"{quoted(name)} lies in another part of a split archive", name)
    entry = Entry(name, raw_name, source, flags, method, crc, compressed_size, size, offset + shift, attributes)
    return entry, after


def _zip64_numbers(extra: bytes, size: int, compressed_size: int, offset: int, name: str) -> tuple[int, int, int]:
    """The numbers that are saturated in the record, from its zip64 field, which holds them in this order (4.5.3)."""
    field = _extra_field(extra, _ZIP64_EXTRA)
    numbers = []
    for number in (size, compressed_size, offset):
        if number == 0xFFFFFFFF and field is not None:
            if len(field) < 8:
                raise _damaged(f"the zip64 sizes of {quoted(name)} are incomplete", name)
            number, field = int.from_bytes(field[:8], "little"), field[8:]
        numbers.append(number)
    size, compressed_size, offset = numbers
    return size, compressed_size, offset


def _extra_field(extra: bytes, wanted: int) -> bytes | None:
    at = 0
    while at + 4 <= len(extra):
        identifier = int.from_bytes(extra[at : at + 2], "little")
        end = at + 4 + int.from_bytes(extra[at + 2 : at + 4], "little")
        if end > len(extra):
            return None
        if identifier == wanted:
            return extra[at + 4 : end]
        at = end
    return None


def _decode_name(raw: bytes, flags: int, extra: bytes) -> tuple[str, NameSource]:
    """The name by what the archive declares (4.4.4 bit 11, 4.6.9), else by what its bytes can be (appendix D)."""
    if b"up" in extra and (unicode_path := _unicode_path(raw, extra)):
        return unicode_path, "unicode-path"
    if raw.isascii():
        return raw.decode("ascii"), "ascii"
    try:
        # Many tools write UTF-8 and forget the flag; text in CP437 is hardly ever valid UTF-8
        return raw.decode("utf-8"), "utf-8" if flags & UTF8_FLAG else "unmarked-utf-8"
    except UnicodeDecodeError:
        return raw.decode("cp437"), "cp437"


def _unicode_path(raw: bytes, extra: bytes) -> str | None:
    """Info-ZIP's Unicode path (4.6.9), unless the name was changed since by a tool that knows nothing of it."""
    field = _extra_field(extra, _UNICODE_PATH_EXTRA)
    if not field or field[0] != 1 or field[1:5] != zlib_crc32(raw).to_bytes(4, "little"):
        return None
    try:
        return field[5:].decode("utf-8")
    except UnicodeDecodeError:
        return None


# --- members ----------------------------------------------------------------------------------------------------------


def data_offset(window: Window, entry: Entry) -> int:
    """Where the member's data begins. Raises PackageError where local header and directory tell different things.

    An archive whose two tables differ shows other files to other programs.
    """
    header = window.read(entry.header_offset, _LOCAL.size)
    signature, _, flags, method, _, _, _, _, _, name_size, extra_size = _LOCAL.unpack(header)
    if signature != _LOCAL_SIGNATURE:
        raise _damaged(f"{quoted(entry.name)} does not begin where the list of members says", entry.name)
    raw_name = bytes(window.read(entry.header_offset + _LOCAL.size, name_size))
    for differs, what in (
        (raw_name != entry.raw_name, "name"),
        (method != entry.method, "compression method"),
        ((flags ^ entry.flags) & ENCRYPTED_FLAGS, "encryption"),
    ):
        if differs:
            raise PackageError(
                f"The zip file contradicts itself: the header of {quoted(entry.name)} tells another {what} than the"
                " list of members. Make it anew.",
                code="zip-header-mismatch",
                file=entry.name,
            )
    return entry.header_offset + _LOCAL.size + name_size + extra_size


def contents(pieces: Iterator[memoryview], entry: Entry) -> Iterator[bytes | memoryview]:
    """The member's data, inflated, in small pieces. Raises PackageError as soon as size or CRC cannot be right.

    What was handed out before the last piece is unchecked.
    """
    size = crc = 0
    for piece in _inflate(pieces, entry) if entry.method == DEFLATED and entry.compressed_size else pieces:
        size += len(piece)
        if size > entry.size:
            raise _wrong_size(entry, "more")
        crc = crc32(piece, crc)
        yield piece
    if size < entry.size:
        raise _wrong_size(entry, "less")
    if crc != entry.crc:
        raise PackageError(
            f"{quoted(entry.name)} is damaged: its CRC is {crc:08x}, the zip file says {entry.crc:08x}."
            " Upload the zip file again, or make it anew.",
            code="zip-crc",
            file=entry.name,
        )


def _wrong_size(entry: Entry, how: str) -> PackageError:
    return PackageError(
        f"{quoted(entry.name)} holds {how} than the {entry.size:,} bytes that the zip file says.",
        code="zip-size",
        file=entry.name,
    )


def _inflate(pieces: Iterator[memoryview], entry: Entry) -> Iterator[bytes]:
    stream = igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_DEFLATE)
    for piece in pieces:
        if stream.eof:
            raise _damaged(f"the compressed data of {quoted(entry.name)} ends too early", entry.name)
        yield _inflated(stream, piece, entry)
        while not stream.needs_input and not stream.eof:
            yield _inflated(stream, b"", entry)
    if not stream.eof or stream.unused_data:
        raise _damaged(f"the compressed data of {quoted(entry.name)} does not end where it should", entry.name)


def _inflated(stream: igzip_lib.IgzipDecompressor, piece: memoryview | bytes, entry: Entry) -> bytes:
    try:
        return stream.decompress(piece, INFLATED_PIECE)
    except igzip_lib.IsalError as error:  # type: ignore[misc]  # its stub says instance for class
        raise _damaged(f"{quoted(entry.name)} cannot be inflated", entry.name) from error
