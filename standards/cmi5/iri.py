"""Identifiers and addresses as cmi5 wants them: IRIs that are no references (3.0), URLs of RFC 1738 (13.1.4)."""

import re
from urllib.parse import unquote_plus

# RFC 3987 2.2: a scheme, then something; none of the characters that have to be escaped in any part.
_IRI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):([^\s\x00-\x1f\x7f<>\"{}|\\^`]+)")
_AUTHORITY = re.compile(r"//([^/?#]*)")
_HOST = re.compile(r"(?:[^@\[\]]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^\[\]@:%]+)(?::[0-9]*)?")
_WITH_AUTHORITY = frozenset(("http", "https", "ftp", "ws", "wss"))
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f<>\"{}|\\^`]")  # RFC 1738 2.2, that may stand in no URL as they are
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_SCRIPTED = frozenset(("javascript", "vbscript", "data", "blob", "file", "about", "filesystem", "view-source"))

RESERVED = ("endpoint", "fetch", "actor", "registration", "activityId")  # 8.1


def is_iri(text: str) -> bool:
    """Whether it is a full IRI and no reference (3.0): with a scheme, and a host where the scheme has one."""
    match = _IRI.fullmatch(text)
    if match is None or _BAD_ESCAPE.search(text):
        return False
    scheme, rest = match.groups()
    if scheme.lower() not in _WITH_AUTHORITY:
        return True
    authority = _AUTHORITY.match(rest)
    return authority is not None and _HOST.fullmatch(authority[1]) is not None


def is_absolute(url: str) -> bool:
    """Whether it has a scheme, or a host and only the scheme is left out."""
    return _SCHEME.match(url) is not None or url.startswith("//")


def url_fault(url: str) -> str:
    """Why it is no URL an AU can be launched at, in words; "" where it is one (13.1.4, RFC 1738)."""
    if unsafe := _UNSAFE.search(url):
        return f"has the character {unsafe[0]!r}, which must be written as {''.join(_escapes(unsafe[0]))}"
    if _BAD_ESCAPE.search(url):
        return "has a % that is not followed by two hexadecimal digits"
    if not is_absolute(url):
        return ""
    if url.startswith("//"):
        return "names a host without a scheme such as https:"
    scheme, _, rest = url.partition(":")
    authority = _AUTHORITY.match(rest)
    if authority is None or scheme.lower() in _SCRIPTED:
        return "is no address of content; it must be of the form scheme://place"
    if scheme.lower() in _WITH_AUTHORITY and not _HOST.fullmatch(authority[1]):
        return "names no host, or one that cannot be"
    return ""


def percent_encoded(text: str) -> str:
    """The text with what may not stand in a URL as it is percent-encoded, a % that begins no escape too (2.1)."""
    text = _BAD_ESCAPE.sub("%25", text)
    return _UNSAFE.sub(lambda found: "".join(_escapes(found[0])), text)


def _escapes(character: str) -> list[str]:
    return [f"%{byte:02X}" for byte in character.encode()]


def reserved_names(url: str) -> list[str]:
    """The names of its query that the launch itself uses (8.1)."""
    query = url.partition("#")[0].partition("?")[2]
    names = {unquote_plus(pair.partition("=")[0]) for pair in query.split("&")}
    return [name for name in RESERVED if name in names]
