"""A file of PDF, MP4 or MP3 to a CourseStructure, alone or zipped with its captions."""

import re
import uuid
from hashlib import sha256

from ..errors import PackageError
from ..package import Member, Package, is_junk
from ..single import HEAD, MP3, MP4, PDF, recognise
from ..structure import CourseStructure
from .structure import MEDIA, course_of

_KINDS = {PDF: "pdf", MP4: "video", MP3: "audio"}
_ENDINGS = (".pdf", ".mp4", ".mp3")
CAPTIONS = ".vtt"


def accepts(package: Package) -> bool:
    return _medium(package) is not None


def _medium(package: Package) -> Member | None:
    """The one medium, where there is nothing else in the package but captions of it."""
    members = [member for path, member in package.members.items() if not is_junk(path)]
    media = [member for member in members if not member.path.lower().endswith(CAPTIONS)]
    return media[0] if len(media) == 1 and media[0].path.lower().endswith(_ENDINGS) else None


def parse(package: Package) -> CourseStructure:
    """The course; its title is the file's own, "" where it has none. Raises PackageError for what only has the name."""
    member = _medium(package)
    if member is None:
        raise PackageError("There is no PDF, MP4 or MP3 in the package.", code="no-manifest")
    head = _head(package, member.path)
    kind = _KINDS.get(recognise(head))
    if kind is None:
        raise PackageError(
            f"{member.path} is no PDF, MP4 or MP3, whatever its name says.", code="media-unknown", file=member.path
        )
    digest = sha256(head + member.size.to_bytes(8, "big")).hexdigest()
    identifier = uuid.uuid5(MEDIA, digest).urn  # the same file is the same activity, wherever it is taken in
    return course_of(kind, _TITLES[kind](head), identifier, member.path)


def _head(package: Package, path: str) -> bytes:
    head = b""
    for piece in package.stream(path):
        head += bytes(piece[: HEAD - len(head)])
        if len(head) >= HEAD:
            break
    return head


# --- titles -----------------------------------------------------------------------------------------------------------

_PDF_TITLE = re.compile(rb"<dc:title>.*?<rdf:li[^>]*>([^<]{1,1000})</rdf:li>", re.DOTALL)
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")


def _pdf_title(head: bytes) -> str:
    """The title of its XMP metadata (ISO 32000-1 14.3.2), where they are at the beginning and not packed."""
    match = _PDF_TITLE.search(head)
    text = match[1].decode("utf-8", "replace") if match else ""
    for name, character in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("amp", "&")):
        text = text.replace(f"&{name};", character)
    return _clean(text)


def _mp3_title(head: bytes) -> str:
    """The frame TIT2 of an ID3v2.3 or 2.4 tag (ID3v2.4 structure 4, frames 4.2.1)."""
    if not head.startswith(b"ID3") or head[3] not in (3, 4) or head[5] & 0x40:
        return ""
    at, end = 10, min(len(head), 10 + _synchsafe(head[6:10]))
    while at + 10 < end and head[at]:
        size = _synchsafe(head[at + 4 : at + 8]) if head[3] == 4 else int.from_bytes(head[at + 4 : at + 8], "big")
        body = head[at + 10 : min(end, at + 10 + size)]
        if head[at : at + 4] == b"TIT2" and len(body) > 1 and body[0] < len(_ENCODINGS):
            return _clean(body[1:].decode(_ENCODINGS[body[0]], "replace").partition("\0")[0])
        at += 10 + size
    return ""


def _synchsafe(data: bytes) -> int:
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(data)))


def _clean(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:500]


_TITLES = {"pdf": _pdf_title, "audio": _mp3_title, "video": lambda head: ""}
