"""Package files, served in place from the archive on the content origin.

`/files/<access>/<path>`: the access is a signed name of a course version that expires after some weeks, so the address
is the same for all learners of a version, caches keep what it holds, and nobody can make one up. A deflated member goes
out as it lies in the archive, inside a gzip wrapper; a stored one, or the inflated copy of a medium, by HTTP ranges.

A body is one bytes object wherever possible: the web server then takes it over at once and a client that reads slowly
holds no thread. Types come from names. `nosniff` is left off here, because packages name scripts and style sheets in
odd ways and the content origin has nothing that must be kept from a package; a name without a known type gets none, so
that the browser looks.
"""

import mimetypes
import re
import threading
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from isal import isal_zlib

from content import storage
from content.addresses import BUCKET_SECONDS, bucket_now, key_of
from content.addresses import files_url as files_url
from content.models import CourseVersion, PackageFile, fold
from standards.archive import DEFLATED
from standards.package import Member, gzip_wrapper

from .guards import opened, refusal

MAX_AGE = BUCKET_SECONDS

SLICE = 4 * 1024 * 1024  # bytes of a 206 at most
WHOLE = 32 * 1024 * 1024  # bytes of a body that is sent as one object at most
BLOCK = 1024 * 1024  # bytes of a streamed body read at a time
STREAMS = threading.BoundedSemaphore(16)  # a streamed body holds a thread: never more than half of a process's

TYPES = {
    "avif": "image/avif",
    "css": "text/css",
    "eot": "application/vnd.ms-fontobject",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/x-icon",
    "js": "text/javascript",
    "json": "application/json",
    "m4a": "audio/mp4",
    "m4v": "video/mp4",
    "map": "application/json",
    "mjs": "text/javascript",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpd": "application/dash+xml",
    "m3u8": "application/vnd.apple.mpegurl",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "shtml": "text/html",
    "srt": "text/plain",
    "svg": "image/svg+xml",
    "swf": "application/x-shockwave-flash",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "vtt": "text/vtt",
    "wasm": "application/wasm",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "xhtml": "application/xhtml+xml",
    "xml": "text/xml",
}
INDEXES = ("index.html", "index.htm", "default.html", "default.htm")


class Found(NamedTuple):
    """A member and the archive that holds it."""

    path: str
    offset: int
    compressed_size: int
    size: int
    method: int
    crc: int
    inflated: str
    archive: str

    @property
    def is_plain(self) -> bool:
        """Whether its bytes lie somewhere as the browser wants them."""
        return self.method != DEFLATED or bool(self.inflated)

    def read_plain(self, start: int, length: int) -> bytes:
        if self.inflated:
            return storage.read_range(self.inflated, start, length)
        return storage.read_range(self.archive, self.offset + start, length)


@lru_cache(maxsize=4096)
def _version_of(key: UUID) -> tuple[int, str]:
    """Primary key and archive of a version; they never change. Raises CourseVersion.DoesNotExist."""
    return CourseVersion.objects.values_list("pk", "archive").get(key=key)


# --- the view ---------------------------------------------------------------------------------------------------------


def package_file(request: HttpRequest, access: str, path: str) -> HttpResponseBase:
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    key = key_of(access, bucket_now())
    if key is None:
        return _not_found(
            "This address is not valid any more. Go back to where you started the course, and start again."
        )
    try:
        version, archive = _version_of(key)
        return _answer_path(request, version, archive, path)
    except (CourseVersion.DoesNotExist, FileNotFoundError):
        return _not_found("This course is no longer there.")


def guarded_file(request: HttpRequest, access: str, path: str) -> HttpResponseBase:
    """A file at the address of one launch."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    found = opened(access)
    if found is None:
        return _not_found("This address is not valid. Go back to where you started the course, and start again.")
    if refused := refusal(found, request):
        return _refused(refused, 403)
    try:
        answer = _answer_path(request, found.version, found.archive, path)
    except FileNotFoundError:
        return _not_found("This course is no longer there.")
    if answer.status_code < 400:
        answer["Cache-Control"] = "private, no-cache"  # kept by the browser, and given out after we were asked
    return answer


def _answer_path(request: HttpRequest, version: int, archive: str, path: str) -> HttpResponseBase:
    try:
        return _answer_found(request, _find(version, archive, path), path)
    except FileNotFoundError:  # replaced between the look-up and the read: the row speaks of its new bytes now
        return _answer_found(request, _find(version, archive, path), path)


def _answer_found(request: HttpRequest, found: Found | None, path: str) -> HttpResponseBase:
    if found is None or _is_for_the_system(found):
        return _not_found(f"There is no file {path} in this package.")
    return _answer(request, found)


def _is_for_the_system(found: Found) -> bool:
    """Whether it is an AICC table of assignable units, which may hold the passwords that they show (CMI001 6.4.2).

    A file of that name that begins so is a sound (Sun's format), which content may well play.
    """
    return found.path.lower().endswith(".au") and not _starts_with(found, b".snd")


def _starts_with(found: Found, mark: bytes) -> bool:
    if found.is_plain:
        return found.read_plain(0, min(len(mark), found.size)) == mark
    head = storage.read_range(found.archive, found.offset, min(found.compressed_size, 4096))
    return bool(isal_zlib.decompressobj(-15).decompress(head, len(mark)) == mark)


def _not_found(message: str) -> HttpResponse:
    return _refused(message, 404)


def _refused(message: str, status: int) -> HttpResponse:
    answer = HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


def _find(version: int, archive: str, path: str) -> Found | None:
    """The member, by one look-up of its plain path; only where that fails, by the other things the path may mean."""
    plain = _resolved(path)
    is_folder = not plain or path.endswith(("/", "\\"))
    if not is_folder and (found := _look_up(version, archive, [plain])):
        return found
    wanted = [f"{plain}/{index}".lstrip("/") for index in INDEXES] if is_folder else _other_readings(path, plain)
    return _look_up(version, archive, wanted)


def _look_up(version: int, archive: str, paths: list[str]) -> Found | None:
    folded = [fold(path) for path in paths]
    rows = PackageFile.objects.filter(version=version, folded__in=folded).values_list(
        "folded", "path", "offset", "compressed_size", "size", "method", "crc", "inflated"
    )
    by_folded = {row[0]: row[1:] for row in rows}
    return next((Found(*by_folded[name], archive) for name in folded if name in by_folded), None)


def _other_readings(path: str, plain: str) -> list[str]:
    """Names encoded twice, names that hold a percent sign, names in Latin-1."""
    return [_resolved(unquote(path)), quote(plain), _resolved(unquote(path, "latin-1"))]


def _resolved(path: str) -> str:
    parts: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


# --- answers ----------------------------------------------------------------------------------------------------------


def _answer(request: HttpRequest, found: Found) -> HttpResponseBase:
    as_gzip = not found.is_plain and _takes_gzip(request.headers.get("Accept-Encoding", ""))
    has_ranges = found.is_plain or found.size <= WHOLE
    etag = f'"{found.crc:08x}-{found.size:x}"'
    span = _span(request, etag, found.size) if has_ranges else None
    if as_gzip and span is None:
        etag = f'{etag[:-1]}-gz"'
    if _knows(request.headers.get("If-None-Match", ""), etag):
        return _with_headers(HttpResponseNotModified(), found, etag, has_ranges)
    answer: HttpResponseBase
    if span == ():
        answer = HttpResponse(status=416, headers={"Content-Range": f"bytes */{found.size}"})
    elif span:
        answer = _slice(request, found, *span)
    else:
        answer = _whole(request, found, as_gzip)
    if answer.status_code == 503:
        return answer
    return _with_headers(answer, found, etag, has_ranges)


def _with_headers(answer: HttpResponseBase, found: Found, etag: str, has_ranges: bool) -> HttpResponseBase:
    content_type = _content_type(found.path)
    if content_type and answer.status_code != 416:
        answer["Content-Type"] = content_type
    else:
        del answer["Content-Type"]
    answer["ETag"] = etag
    answer["Cache-Control"] = f"public, max-age={MAX_AGE}, immutable"
    if has_ranges:
        answer["Accept-Ranges"] = "bytes"
    if not found.is_plain:
        patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def _whole(request: HttpRequest, found: Found, as_gzip: bool) -> HttpResponseBase:
    head, tail = gzip_wrapper(_member(found)) if as_gzip else (b"", b"")
    length = len(head) + found.compressed_size + len(tail) if as_gzip else found.size
    headers = {"Content-Length": str(length)}
    if as_gzip:
        headers["Content-Encoding"] = "gzip"
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    if length > WHOLE:
        return _stream(_wrapped(head, found, tail) if as_gzip else _plain_blocks(found), headers)
    if as_gzip:
        body = b"".join((head, storage.read_range(found.archive, found.offset, found.compressed_size), tail))
    else:
        body = _plain(found)
    return HttpResponse(body, headers=headers)


def _slice(request: HttpRequest, found: Found, start: int, end: int) -> HttpResponse:
    """The range, cut to a size that no slow reader can make costly; players ask for the rest."""
    end = min(end, start + SLICE - 1)
    headers = {"Content-Range": f"bytes {start}-{end}/{found.size}", "Content-Length": str(end - start + 1)}
    if request.method == "HEAD":
        return HttpResponse(status=206, headers=headers)
    length = end - start + 1
    body = found.read_plain(start, length) if found.is_plain else _plain(found)[start : end + 1]
    return HttpResponse(body, status=206, headers=headers)


def _plain(found: Found) -> bytes:
    if found.is_plain:
        return found.read_plain(0, found.size)
    data = storage.read_range(found.archive, found.offset, found.compressed_size)
    return isal_zlib.decompress(data, wbits=-15, bufsize=max(found.size, 1))


# --- large bodies -----------------------------------------------------------------------------------------------------


class _Stream:
    """Blocks of a large body; gives its seat back when it is closed, at the end or with the connection."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._has_seat = True

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def close(self) -> None:
        if self._has_seat:
            self._has_seat = False
            STREAMS.release()


def _stream(blocks: Iterator[bytes], headers: dict[str, str]) -> HttpResponseBase:
    """A body too large for one object. Where all seats are taken the client is asked to come back."""
    if not STREAMS.acquire(blocking=False):
        return HttpResponse(status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    return StreamingHttpResponse(_Stream(blocks), headers=headers)


def _wrapped(head: bytes, found: Found, tail: bytes) -> Iterator[bytes]:
    yield head
    yield from _packed_blocks(found)
    yield tail


def _packed_blocks(found: Found) -> Iterator[bytes]:
    for start in range(0, found.compressed_size, BLOCK):
        length = min(BLOCK, found.compressed_size - start)
        yield storage.read_range(found.archive, found.offset + start, length)


def _plain_blocks(found: Found) -> Iterator[bytes]:
    if found.is_plain:
        for start in range(0, found.size, BLOCK):
            yield found.read_plain(start, min(BLOCK, found.size - start))
        return
    inflating = isal_zlib.decompressobj(-15)
    for packed in _packed_blocks(found):
        while packed:
            yield inflating.decompress(packed, BLOCK)
            packed = inflating.unconsumed_tail
    yield inflating.flush()


# --- headers ----------------------------------------------------------------------------------------------------------

_NO_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


def _takes_gzip(accepted: str) -> bool:
    return "gzip" in accepted and not _NO_GZIP.search(accepted)


def _knows(header: str, etag: str) -> bool:
    """If-None-Match (RFC 9110 13.1.2), by weak comparison."""
    return header.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in header.split(","))


_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)  # RFC 9110 14.1


def _span(request: HttpRequest, etag: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """First and last byte asked for; () for a range outside of the file; None for the whole (RFC 9110 14.2).

    A range of several parts, or one that holds for another state of the file (If-Range), is answered with the whole.
    """
    header = request.headers.get("Range")
    match = _RANGE.fullmatch(header) if header else None
    if not match or not any(match.groups()) or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size - 1) if int(last) and size else ()
    if last and int(last) < int(first):
        return None  # no range at all, so it is ignored
    return (int(first), min(int(last or size), size - 1)) if int(first) < size else ()


def _content_type(path: str) -> str:
    """The type by the name, without a charset: the file itself tells it. "" where the name tells nothing."""
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    if ending in TYPES:
        return TYPES[ending]
    guessed, encoding = mimetypes.guess_type(path, strict=False)
    return "" if encoding else guessed or ""


def _member(found: Found) -> Member:
    return Member(found.path, found.offset, found.compressed_size, found.size, found.method, found.crc)
