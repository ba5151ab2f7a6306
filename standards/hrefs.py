"""From hrefs, xml:base and parameters in a manifest to members of the package, imperfect spellings included."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urljoin

from .package import Package
from .structure import Finding
from .xmlfile import Element, Findings, Mend

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WEB = re.compile(r"https?://[^/]", re.I)
PATH_SAFE = "/:@!$&'()*+,;=~"  # what a path may hold as it is beside letters and digits (RFC 3986 3.3)
_UNEVEN = re.compile(r"(?:\A|/)(?:/|\.|\Z)")  # a part of a path that is empty or begins with a dot


@dataclass(frozen=True)
class Target:
    """What an href leads to: a member of the package, an address elsewhere, or nothing (`path` then says where)."""

    path: str  # in the archive, spelled as the member; or the address
    suffix: str = ""  # query and fragment
    found: bool = True

    @property
    def href(self) -> str:
        return self.path + self.suffix

    @property
    def is_foreign(self) -> bool:
        """No address to launch: of another scheme than the web's, or a member whose name would read as a query."""
        return not self.is_external and (_SCHEME.match(self.path) is not None or "?" in self.path or "#" in self.path)

    @property
    def is_external(self) -> bool:
        return _WEB.match(self.path) is not None


class Hrefs:
    """Resolves the hrefs of one manifest and remembers which members they named.

    `are_urls`: names are percent-encoded in them, as cmi5 demands and other systems therefore undo.
    """

    def __init__(self, package: Package, folder: str, findings: Findings, are_urls: bool = False) -> None:
        self.package = package
        self.folder = folder
        self.findings = findings
        self.are_urls = are_urls
        self.named: set[str] = set()
        self._noted: dict[str, Finding] = {}

    def resolve(self, href: str, base: str, node: Element) -> Target:
        """`base` is the xml:base in force. An imperfect spelling is a finding, once for each href."""
        address = join_base(base, href)
        if address.startswith("//"):
            address = "https:" + address
        if _WEB.match(address):
            return Target(address)
        path, suffix = _split(href)
        if _SCHEME.match(address):
            return Target(address, found=False)
        joined = join_base(base, path) if suffix else address
        member = self._find(path, joined, base, node) if path else None
        if member is None:
            return Target(self.folder + joined, suffix, found=False)
        self.named.add(member)
        return Target(member, suffix)

    def _find(self, path: str, joined: str, base: str, node: Element) -> str | None:
        written = _normal(joined)
        if written and not path.startswith("/") and (member := self.package.find(self.folder + written)):
            return member.path
        for candidate, code, why, severity in self._candidates(path, joined, base):
            if candidate and (member := self.package.find_loosely(self.folder + candidate)):
                if code != "href-encoded" or not self.are_urls:
                    self._note(code, severity, why, path, base, member.path, node)
                return member.path
        return None

    def _note(self, code: str, severity: Any, why: str, path: str, base: str, member: str, node: Element) -> None:
        """Once for each href; what else has the same href is mended with it."""
        wanted = member.removeprefix(self.folder)
        mends = _mends(path, base, wanted, node, self.are_urls) if code != "xml-base" else ()
        if path in self._noted:
            self.findings.mends.append((self._noted[path], mends))
            return
        name = quote(wanted, safe=PATH_SAFE) if self.are_urls else wanted
        self.findings.add(
            code,
            f"{self.findings.subject}: the href {path} {why}; {member} is taken.",
            node,
            severity,
            f"Write it as {name}.",
            "RFC 3986 2.1" if code == "href-encoded" else "IMS CP 1.1",
            mends,
        )
        self._noted[path] = self.findings.latest

    def _candidates(self, path: str, joined: str, base: str) -> Iterator[tuple[str | None, str, str, Any]]:
        decoded = _normal(unquote(joined)) if "%" in joined else None
        if decoded and self.package.find(self.folder + decoded):
            yield decoded, "href-encoded", "is percent-encoded, which not every system undoes", "hint"
        if "\\" in joined:
            yield _normal(joined.replace("\\", "/")), "href-backslash", "has back-slashes instead of slashes", "warning"
        if path.startswith("/"):
            yield _normal(path), "href-absolute", "starts with a slash, which leads out of the package", "warning"
        yield _normal(joined), "href-spelling", "is spelled otherwise than the file, in upper and lower case", "warning"
        if base and not base.endswith("/"):
            yield _normal(f"{base}/{path}"), "xml-base", f'is under xml:base="{base}", which lacks a slash', "warning"
        if base:
            yield _normal(path), "xml-base", f'is not under its xml:base="{base}"', "warning"


def _mends(path: str, base: str, wanted: str, node: Element, are_urls: bool) -> tuple[Mend, ...]:
    """The href as the member is spelled, relative to its base; none where an href cannot say that name."""
    folder = base[: base.rfind("/") + 1]
    relative = wanted.removeprefix(folder) if wanted.startswith(folder) else posixpath.relpath(wanted, folder)
    if are_urls:
        relative = quote(relative, safe=PATH_SAFE)
    elif re.search(r"[?#%\\]", relative):
        return ()
    raw = (node.attrib["href"] if "href" in node.attrib else "".join(node.itertext())).strip()
    written, suffix = _split(raw)
    if _SCHEME.match(relative) or written != path:
        return ()
    if "href" in node.attrib:
        return (Mend(node, "set", "href", relative + suffix),)
    return (Mend(node, "text", value=relative + suffix),) if len(node) == 0 else ()


def join_base(base: str, href: str) -> str:
    """The reference against the base (RFC 3986 5.2), where both may be paths within the package."""
    if not base:  # as in nearly every package
        return href.lstrip("/") if href.startswith("/") and not href.startswith("//") else href
    if _SCHEME.match(href) or href.startswith("//"):
        return href
    if _WEB.match(base):
        try:
            return urljoin(base, href)
        except ValueError:
            return href
    if not href:
        return base
    if href.startswith("/"):
        return href.lstrip("/")
    return base[: base.rfind("/") + 1] + href


def _split(href: str) -> tuple[str, str]:
    """Path, and query with fragment."""
    if "?" not in href and "#" not in href:
        return href, ""
    path = re.split(r"[?#]", href, maxsplit=1)[0]
    return path, href[len(path) :]


def _normal(path: str) -> str | None:
    """Without "." and ".."; None where it leads out of the package."""
    if not _UNEVEN.search(path):
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def join_parameters(href: str, parameters: str) -> str:
    """The launch address of an item with parameters (SCORM 2004 4th Ed. CAM 3.4.1.7).

    Beyond the book, a query goes before the fragment of an href that has one: after it no content would find it.
    """
    parameters = parameters.lstrip("?&")
    if not parameters:
        return href
    if parameters.startswith("#"):
        return href if "#" in href else href + parameters
    address, mark, fragment = href.partition("#")
    if mark and "#" in parameters:
        parameters = parameters.partition("#")[0]
    return address + ("&" if "?" in address else "?") + parameters + mark + fragment
