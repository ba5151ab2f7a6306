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


# cmi5 14: a course structure is a package by itself, named cmi5.xml.
SINGLE_FILES: dict[str, Callable[[bytes], bool]] = {"cmi5.xml": _is_course_structure}
