"""Files that are a course by themselves, without an archive around them: which, by their first bytes."""

import re
from collections.abc import Callable

HEAD = 64 * 1024  # bytes that must be enough to tell

_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_BLANKS = re.compile(r"\s*")
# What may stand before the outermost element: instructions, comments, a DOCTYPE with or without declarations.
_PROLOG = tuple(
    re.compile(pattern, re.DOTALL) for pattern in (r"<\?.*?\?>", r"<!--.*?-->", r"<![^\[>]*>", r"<![^\[>]*\[.*?\]\s*>")
)
_ROOT = re.compile(r"<(?:[^\s<>/:]+:)?([^\s<>/:]+)")


def recognise(head: bytes) -> str:
    """The path of the only member such a file is read as; "" for all else, archives among it."""
    return next((path for path, is_it in SINGLE_FILES.items() if is_it(head)), "")


def root_name(head: bytes) -> str:
    """The name of the outermost element of an XML file, without its prefix; "" for what is no XML."""
    text = head.decode(_UTF16.get(head[:2], "utf-8"), "replace").lstrip("\ufeff")
    at = _after_blanks(text, 0)
    while found := next(filter(None, (pattern.match(text, at) for pattern in _PROLOG)), None):
        at = _after_blanks(text, found.end())
    match = _ROOT.match(text, at)
    return match[1] if match else ""


def _after_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _is_course_structure(head: bytes) -> bool:
    return root_name(head) == "courseStructure"


def is_pdf(head: bytes) -> bool:
    """ISO 32000-1 7.5.2 wants the mark first; readers take it within the first 1,024 bytes."""
    return head.startswith(b"%PDF-") or (not head.startswith(b"PK") and b"%PDF-" in head[:1024])


def is_mp4(head: bytes) -> bool:
    """ISO/IEC 14496-12 4.3: a file type box first. A still picture in the same boxes is none."""
    return head[4:8] == b"ftyp" and head[8:12] not in (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis")


def is_mp3(head: bytes) -> bool:
    """An ID3v2 tag, or two frames of MPEG audio layer III in a row (ISO/IEC 11172-3 2.4.1.3)."""
    if head.startswith(b"ID3"):
        return len(head) > 9 and head[3] in (2, 3, 4) and all(byte < 0x80 for byte in head[6:10])
    length = frame_length(head)
    return bool(length) and (len(head) <= length or frame_length(head[length : length + 4]) > 0)


_BIT_RATES = {  # kbit a second by the header's index
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),  # MPEG 1
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),  # MPEG 2 and 2.5
}
_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def frame_length(header: bytes) -> int:
    """Bytes of the layer III frame with that header; 0 where it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate, sampling = _BIT_RATES[version == 3][header[2] >> 4], header[2] >> 2 & 3
    if version not in _SAMPLE_RATES or layer != 1 or sampling == 3 or not rate:
        return 0
    samples = 144 if version == 3 else 72
    return samples * rate * 1000 // _SAMPLE_RATES[version][sampling] + (header[2] >> 1 & 1)


PDF, MP4, MP3 = "document.pdf", "video.mp4", "audio.mp3"

# cmi5 14: a course structure is a package by itself, named cmi5.xml. Media are courses by what we make of them.
SINGLE_FILES: dict[str, Callable[[bytes], bool]] = {
    "cmi5.xml": _is_course_structure,
    PDF: is_pdf,
    MP4: is_mp4,
    MP3: is_mp3,
}
