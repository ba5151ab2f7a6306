"""Mends a package that was refused, where what refuses it can be put right without guessing.

`standards/repair.py` mends what a package is imported with; here is what stands before any import: what is packed or
placed wrongly, XML that shows what was meant, a course structure that misses its schema by the case of a word. Each
step mends one code. What the package is refused for after that is another step's, or nobody's.
"""

import html
import html.entities
import io
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import BinaryIO
from urllib.parse import quote

from .cmi5 import package as cmi5
from .cmi5.iri import is_absolute, percent_encoded, url_fault
from .errors import PackageError
from .hrefs import PATH_SAFE
from .package import Limits, Package, SingleFile, is_junk
from .registry import read
from .repair import ATTRIBUTE, TOKEN, Edit, Plan, applied, decoded, refuse_collisions, rewritten
from .structure import Finding
from .xmlfile import XML_SIZE_LIMIT, Findings, namespace, read_xml, spelled

EDITS_AT_MOST = 20_000  # of one file: each takes some memory
Step = Callable[[Package, Finding], Plan | None]


def open_refused(file: BinaryIO, finding: Finding, limits: Limits | None = None) -> Package:
    """The package that was refused with the finding, opened as far as its mending takes. Raises PackageError."""
    return Package.open(file, limits, makes_relative=finding.code == "zip-absolute-path")


def plan(package: Package, finding: Finding, limits: Limits | None = None) -> Plan | None:
    """What mends the finding; None where that takes a guess, or the package would be refused for the same again."""
    step = STEPS.get(finding.code)
    try:
        found = step(package, finding) if step else None
    except PackageError:
        return None
    return found if found and (found.inner or _gets_on(package, found, finding, limits)) else None


def is_mendable(file: BinaryIO, finding: Finding, limits: Limits | None = None) -> bool:
    """Whether a package that was refused with the finding can be mended without guessing. Leaves the file open."""
    if finding.code not in STEPS:
        return False
    try:
        return plan(open_refused(file, finding, limits), finding, limits) is not None
    except PackageError:
        return False


def _gets_on(package: Package, found: Plan, finding: Finding, limits: Limits | None) -> bool:
    """Whether reading the mended package gets past what it was refused for."""
    try:
        if isinstance(package, SingleFile):
            read(Package.open(io.BytesIO(found.files[0].content), limits))
        else:
            read(package.with_changes(found.names, found.data))
    except PackageError as error:
        return error.finding.code != finding.code
    return True


# --- packing and places -----------------------------------------------------------------------------------------------


def _inner(package: Package, finding: Finding) -> Plan | None:
    """The only zip file within one that holds no course."""
    archives = [path for path in package.members if path.lower().endswith(".zip") and not is_junk(path)]
    if len(archives) != 1:
        return None
    start = next(package.stream(archives[0]), b"")
    return Plan((finding,), inner=archives[0]) if bytes(start[:4]) == b"PK\x03\x04" else None


def _relative(package: Package, finding: Finding) -> Plan:
    """Names without the drive and the slash they begin with (APPNOTE 4.4.17.1)."""
    names = {entry.name: path for path, entry in package.entries.items() if entry.name != path}
    return Plan((finding,), names=names, plain_names=True)


def _to_top(package: Package, finding: Finding) -> Plan | None:
    """A cmi5.xml in a folder goes to the top (cmi5 14.1): with its folder's files where its urls lead to those, alone
    where they lead to what is at the top already."""
    folder = finding.file[: finding.file.rfind("/") + 1]
    text, _ = decoded(package.read(finding.file, XML_SIZE_LIMIT))  # as text: its XML is another step's
    urls = [html.unescape(found["url"]).strip() for found in _URL.finditer(text)]
    paths = [re.split(r"[?#]", url, maxsplit=1)[0] for url in urls if not is_absolute(url)]
    if all(package.find_loosely(folder + path) for path in paths):
        moved = [path for path in package.members if path.startswith(folder) and not is_junk(path)]
        names = {path: path.removeprefix(folder) for path in moved}
    elif all(package.find_loosely(path) for path in paths):
        names = {finding.file: ""}
    else:
        return None
    names[finding.file] = cmi5.NAME
    refuse_collisions(package, names)
    return Plan((finding,), names=names)


# --- XML --------------------------------------------------------------------------------------------------------------

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 2.2
_MARKUP = re.compile(
    # What does not end goes on to the end of the text: looked for once, not from each beginning
    r"<!--(?:.*?-->|.*\Z)|<!\[CDATA\[(?:.*?\]\]>|.*\Z)|<\?(?:.*?\?>|.*\Z)"
    r"|&(?P<name>\w{1,40});|&\#0*(?P<decimal>[0-9]{1,8});|&\#[xX]0*(?P<hex>[0-9A-Fa-f]{1,8});|(?P<bare>&)"
    r"|(?P<less><)(?=[\s0-9=])",
    re.DOTALL,
)
_OWN = ("amp", "lt", "gt", "quot", "apos")


def _xml(package: Package, finding: Finding) -> Plan | None:
    """& and < that stand for themselves, entities of HTML, characters XML cannot hold (XML 1.0 2.2, 2.4, 4.1)."""
    return _with_text(package, finding, lambda text: _xml_edits(text) if "<!ENTITY" not in text else ())


def _xml_edits(text: str) -> Iterator[Edit]:
    for found in _FORBIDDEN.finditer(text):
        yield (*found.span(), "")
    for found in _MARKUP.finditer(text):
        words = _written(found)
        if words is not None:
            yield (*found.span(), words)


def _written(found: re.Match[str]) -> str | None:
    """What is written in the place of a reference or mark; None where it may stay."""
    if found["less"]:
        return "&lt;"
    if found["bare"]:
        return "&amp;"
    if found["decimal"] or found["hex"]:
        number = int(found["decimal"]) if found["decimal"] else int(found["hex"], 16)
        return "" if number > 0x10FFFF or _FORBIDDEN.match(chr(number)) else None
    if found["name"] is None or found["name"] in _OWN:
        return None
    characters = html.entities.html5.get(f"{found['name']};")
    if characters is None:
        return f"&amp;{found['name']};"
    return "".join(f"&#{ord(each)};" for each in characters)  # right in every encoding


def _with_text(package: Package, finding: Finding, edits: Callable[[str], Iterator[Edit] | tuple[()]]) -> Plan | None:
    """The file that the finding is about with its text changed."""
    text, encoding = decoded(package.read(finding.file, XML_SIZE_LIMIT))
    wanted = sorted(set(islice(edits(text), EDITS_AT_MOST + 1)))
    if not 1 <= len(wanted) <= EDITS_AT_MOST:
        return None
    new, changes = applied(text, wanted)
    return Plan((finding,), files=(rewritten(finding.file, new.encode(encoding, "xmlcharrefreplace"), changes),))


# --- cmi5 -------------------------------------------------------------------------------------------------------------


def _cmi5_schema(package: Package, finding: Finding) -> Plan | None:
    """The namespace of a courseStructure that names another or none, names and words in another case, a decimal comma
    (cmi5 13.1.4, 13.2)."""
    root = read_xml(package.read(finding.file, XML_SIZE_LIMIT), Findings(finding.file), "cmi5-xml")
    if root.tag.rpartition("}")[2] != "courseStructure":
        return None

    def edits(text: str) -> Iterator[Edit]:
        yield from _cmi5_edits(text, namespace(root.tag))
        yield from _url_edits(package, text)  # a % that begins no escape is against the schema too

    return _with_text(package, finding, edits)


_ATTRIBUTES = {  # by element (cmi5 13.1)
    "course": ("id",),
    "block": ("id",),
    "objective": ("id", "idref"),
    "langstring": ("lang",),
    "au": ("id", "moveOn", "masteryScore", "launchMethod", "activityType"),
}


def _cmi5_edits(text: str, space: str) -> Iterator[Edit]:
    is_root = True
    for tag in TOKEN.finditer(text):
        if tag["name"] is None or tag["close"]:
            continue
        if is_root and space != cmi5.NAMESPACE:
            yield from _namespace_edits(text, tag, space)
        is_root = False
        yield from _word_edits(text, tag, _ATTRIBUTES.get(tag["name"].rpartition(":")[2], ()))


def _namespace_edits(text: str, tag: re.Match[str], space: str) -> Iterator[Edit]:
    declared = [each for each in _attributes(text, tag) if re.match(r"xmlns(?::|\Z)", each["name"])]
    same = [each for each in declared if each["value"][1:-1].strip() == space]
    for each in same:
        yield (*each.span("value"), f'"{cmi5.NAMESPACE}"')
    if not space and not same and ":" not in tag["name"]:
        yield tag.end("name"), tag.end("name"), f' xmlns="{cmi5.NAMESPACE}"'


def _word_edits(text: str, tag: re.Match[str], names: tuple[str, ...]) -> Iterator[Edit]:
    """The names of attributes and their few words in another case, a decimal comma."""
    attributes = list(_attributes(text, tag))
    given = {each["name"] for each in attributes}
    for each in attributes:
        name = spelled(each["name"], names)
        if name is None or (name != each["name"] and name in given):
            continue
        if name != each["name"]:
            yield (*each.span("name"), name)
        written = each["value"][1:-1].strip()
        known = spelled(written, cmi5.WORDS.get(name, ()))
        if name == "masteryScore" and re.fullmatch(r"[01],[0-9]+", written):
            known = written.replace(",", ".")
        if known and known != written:
            yield (*each.span("value"), f'"{known}"')


def _attributes(text: str, tag: re.Match[str]) -> Iterator[re.Match[str]]:
    return ATTRIBUTE.finditer(text, tag.end("name"), tag.end())


_URL = re.compile(r"<(?:[\w.-]{1,60}:)?url\b[^<>]*>(?P<url>[^<]*)<")


def _cmi5_url(package: Package, finding: Finding) -> Plan | None:
    """Back-slashes, blanks and other characters that no URL may hold as they are (RFC 3986 2.1, 3.3)."""
    return _with_text(package, finding, lambda text: _url_edits(package, text))


def _url_edits(package: Package, text: str) -> Iterator[Edit]:
    for found in _URL.finditer(text):
        written = found["url"].strip()
        url = html.unescape(written)
        mended = _mended_url(package, url) if url_fault(url) else None
        if mended is not None:
            start = found.start("url") + found["url"].index(written)
            yield start, start + len(written), html.escape(mended, quote=False)


def _mended_url(package: Package, url: str) -> str | None:
    """As the file in the package is spelled, or as every browser reads the address (WHATWG URL 4.4)."""
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    suffix = percent_encoded(url[len(path) :])
    if is_absolute(url):
        mended = percent_encoded(path.replace("\\", "/")) + suffix
    elif member := package.find_loosely(path):
        mended = quote(member.path, safe=PATH_SAFE) + suffix
    else:
        return None
    return None if url_fault(mended) else mended


STEPS: dict[str, Step] = {
    "no-manifest": _inner,
    "zip-absolute-path": _relative,
    "cmi5-not-at-top": _to_top,
    "manifest-xml": _xml,
    "cmi5-xml": _xml,
    "tincan-xml": _xml,
    "cmi5-schema": _cmi5_schema,
    "cmi5-url": _cmi5_url,
}
