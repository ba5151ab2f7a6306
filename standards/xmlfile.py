"""XML members of a package: read safely, looked up by local name, errors in words.

Packages name their namespaces wrongly so often that elements and attributes are found by local name whatever the case
of its letters; the manifest's parser says once which namespaces are not the standard's.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, TypeVar

from lxml import etree

from .errors import PackageError
from .structure import Finding, Severity

T = TypeVar("T")
Element = Any  # lxml's _Element
XML_SIZE_LIMIT = 8 * 1024 * 1024  # bytes
ATTRIBUTES_AT_MOST = 100  # of one element
SAME_CODE_LIMIT = 25  # findings of one code told one by one; what follows is counted
LONGEST_MESSAGE = 1000  # characters: messages quote identifiers and hrefs, which may be of any length

_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
_DECLARED = re.compile(rb"""\A\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:-]+)""", re.ASCII)
_ONE_BYTE = re.compile(r"(?:iso[-_]?8859[-_]?\d+|latin-?\d|windows-125\d|cp125\d|us-ascii|ascii)\Z", re.I)
_SEVERAL_BYTES = re.compile(r"(?:shift[-_]?jis|ms932|cp9\d\d|euc-?\w+|gb\w+|big5\w*|koi8.*)\Z", re.I)
_OTHER_NAMES = {"windows-31j": "cp932", "x-sjis": "cp932", "sjis": "cp932", "ks_c_5601-1987": "cp949"}
ENDS = " \t\r\n\0\x1a"  # what a writer leaves behind the end: zeros of its buffer, the end of file of old systems
_UNDECLARED = re.compile(r"Namespace prefix (\S+)")
# Whose namespace is beyond doubt once the edition is known: what recognition.NAMESPACES tells
KNOWN_PREFIXES = frozenset({"imscp", "adlcp", "adlseq", "adlnav", "imsss", "imsmd", "lom", "xsi"})
_WORDS = (
    (r"XML declaration allowed only at the start of the document", "something stands before its <?xml …?> line"),
    (r"Namespace prefix (\S+)(?: for \S+)? on (\S+) is not defined", r"the prefix \1 of \2 is not declared"),
    (r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+)", r"<\1>, opened in line \2, is closed by </\3>"),
    (r"Premature end of data in tag (\S+) line (\d+)", r"the file ends while <\1> of line \2 is still open"),
    (r"Start tag expected, '<' not found", "the file does not start with a tag, so it is no XML"),
    (r"Document is empty", "the file is empty or no XML"),
    (r"EntityRef: expecting ';'|xmlParseEntityRef: no name", "an & stands alone; it is written &amp; in XML"),
    (r"Entity '([^']+)' not defined", r"the entity &\1; is not known to XML; write the character itself"),
    (r"Excessive depth in document.*", "its elements are nested too deep"),
    (r"Extra content at the end of the document", "something follows after the end of the outermost element"),
    (
        r"(?:PCDATA|AttValue|CData section|xmlParse\w+)?:? ?[Ii]nvalid (?:xml)?[Cc]har(?:acter)? value (\d+)",
        r"it has a character that XML cannot hold (number \1)",
    ),
    (r"Unsupported encoding", "its encoding is not known; save it as UTF-8"),
    (r"Attribute (\S+) redefined", r"the attribute \1 is given twice on one element"),
    (
        r"Input is not proper UTF-8, indicate encoding.*|Invalid bytes in character encoding",
        "its bytes are not in the encoding it declares",
    ),
)


@dataclass(frozen=True)
class Mend:
    """One change of the file's text that mends what a finding tells of. `name` is an attribute's as it is written."""

    node: Element
    what: Literal["set", "rename", "remove", "insert", "declare", "encode", "text"]
    name: str = ""  # set, rename: the attribute; declare: the prefix; insert: "after" the element, else inside, first
    value: str = ""  # set: its value; rename: its name; insert: XML; text: all of the element's


class Findings:
    """Collects what is to be said of one XML file, with lines; a flood of one code is counted, not listed."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.subject = "The manifest"  # what is being read, for messages: "Item I1"
        self.clause = ""  # of the rules for plain values
        self.latest = Finding("", "")  # that `add` took
        self.mends: list[tuple[Finding, tuple[Mend, ...]]] = []  # of every finding that has some, listed or counted
        self._list: list[Finding] = []
        self._counts: dict[str, int] = {}
        self._beyond: dict[str, Finding] = {}  # code -> the first that is only counted

    def copy(self) -> "Findings":
        """These findings to go on with, so that a file read once serves several readers."""
        other = Findings(self.file)
        other.mends, other._list, other._counts = list(self.mends), list(self._list), dict(self._counts)
        other._beyond = dict(self._beyond)
        return other

    def add(
        self,
        code: str,
        message: str,
        node: Element = None,
        severity: Severity = "warning",
        advice: str = "",
        clause: str = "",
        mends: tuple[Mend, ...] = (),
    ) -> None:
        """`mends`: all that has to change in the text for the finding to be gone, none where that takes a guess."""
        line = node.sourceline if node is not None else None
        finding = Finding(code, message[:LONGEST_MESSAGE], severity, self.file, line, advice, clause, bool(mends))
        self.keep(finding)
        self.latest = finding
        if mends:
            self.mends.append((finding, mends))

    def keep(self, finding: Finding) -> None:
        self._counts[finding.code] = self._counts.get(finding.code, 0) + 1
        if self._counts[finding.code] <= SAME_CODE_LIMIT:
            self._list.append(replace(finding, message=finding.message[:LONGEST_MESSAGE]))
        else:
            self._beyond.setdefault(finding.code, finding)

    def all(self) -> tuple[Finding, ...]:
        more = (
            replace(
                first,
                message=f"{count:,} more findings like the {SAME_CODE_LIMIT} listed as {code}.",
                line=None,
                advice="",
                count=count,
            )
            for code, first in self._beyond.items()
            if (count := self._counts[code] - SAME_CODE_LIMIT)
        )
        return (*self._list, *more)


# --- reading ----------------------------------------------------------------------------------------------------------


def read_xml(data: bytes, findings: Findings, code: str) -> Element:
    """The root element. Raises PackageError with `code` for what is no XML and for declared entities.

    A file whose bytes are not in the encoding it declares, or with blanks before its declaration, is read with a
    finding, as is one that uses prefixes it does not declare.
    """
    other = other_encoding(data)
    try:
        root = _parse(data, encoding=other or None)
    except etree.XMLSyntaxError as error:
        root = _parse_imperfect(data, error, findings, code)
        if root is None:
            raise _syntax_error(error, findings.file, code) from None
    else:
        if other:
            _note_encoding(root, other, "its bytes are not in the encoding it declares", findings)
    _refuse_entities(root, findings.file, code)
    _refuse_floods(root, findings.file, code)
    return root


def _parser(**options: Any) -> etree.XMLParser:
    """A new one per file: entities stay unresolved, nothing else is loaded, size and depth are libxml's safe ones.

    Without collect_ids=False, fast as it is: with it libxml 2.14 opens the DTD a DOCTYPE names.
    """
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        **options,
    )


def _parse(data: bytes, **options: Any) -> Element:
    return etree.fromstring(data, _parser(**options))


def _parse_imperfect(data: bytes, error: etree.XMLSyntaxError, findings: Findings, code: str) -> Element:
    """The root of a file that is not quite XML but can be understood, else None."""
    text, encoding = decode(data)
    if text is None:
        return None
    plain = _DECLARATION.sub("", text).strip(ENDS).encode("utf-8", "replace")
    try:
        root = _parse(plain, encoding="utf-8")
    except etree.XMLSyntaxError:
        return _parse_undeclared_prefixes(plain, findings)
    except ValueError:
        return None
    _note_encoding(root, encoding, _words(error.msg), findings)
    return root


def _note_encoding(root: Element, encoding: str, why: str, findings: Findings) -> None:
    findings.add(
        "xml-encoding",
        f"{findings.file} could only be read as {encoding}: {why}.",
        advice="Save the file as UTF-8 with <?xml version='1.0' encoding='UTF-8'?> as its very first characters.",
        clause="XML 1.0 4.3.3",
        mends=(Mend(root, "encode"),),
    )


def _parse_undeclared_prefixes(data: bytes, findings: Findings) -> Element:
    """Prefixes without a namespace are an error to XML namespaces alone: names are all that is needed of them."""
    parser = _parser(recover=True, encoding="utf-8")
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    if root is None or any(entry.domain != etree.ErrorDomains.NAMESPACE for entry in parser.error_log):
        return None
    undeclared = dict.fromkeys(found[1] for entry in parser.error_log if (found := _UNDECLARED.match(entry.message)))
    findings.add(
        "xml-namespace-prefix",
        f"{findings.file}: {_words(parser.error_log[0].message)}.",
        advice="Declare the prefix with xmlns:prefix='…' on the outermost element.",
        clause="Namespaces in XML 5",
        mends=tuple(Mend(root, "declare", prefix) for prefix in undeclared)
        if undeclared and set(undeclared) <= KNOWN_PREFIXES
        else (),
    )
    return root


def decode(data: bytes) -> tuple[str | None, str]:
    """The text in the encoding that the bytes can be in, whatever they declare, and which one that is."""
    encodings = [_UTF16[data[:2]]] if data[:2] in _UTF16 else []
    if not encodings and data[:200].count(0) > len(data[:200]) // 4:
        encodings = ["utf-16-be" if data[:1] == b"\0" else "utf-16-le"]
    declared = _declared(data)
    declared = _OTHER_NAMES.get(declared.lower(), declared)
    likely = [declared] if _SEVERAL_BYTES.match(declared) else []
    for encoding in encodings or ["utf-8-sig", *likely, "cp1252"]:
        try:
            return data.decode(encoding).removeprefix("\ufeff"), encoding.removesuffix("-sig").upper()
        except (UnicodeDecodeError, LookupError):
            continue
    return None, ""


def _declared(data: bytes) -> str:
    found = _DECLARED.match(data[:300])
    return found[1].decode("ascii") if found else ""


def other_encoding(data: bytes) -> str:
    """UTF-8 or windows-1252 where a one-byte encoding is declared and the bytes show that they are in that one; or "".

    Text that is no UTF-8 does not read as it by chance, and ISO 8859-1 has no letters at 80 to 9F, where Windows has
    its quotes and dashes (as browsers read it too: WHATWG Encoding 4.2).
    """
    declared = _declared(data)
    if not _ONE_BYTE.match(declared) or data.isascii():
        return ""
    with suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return "UTF-8"
    is_western = re.fullmatch(r"(?:iso[-_]?8859[-_]?1|latin-?1|us-ascii|ascii)", declared, re.I)
    return "windows-1252" if is_western and re.search(rb"[\x80-\x9f]", data) else ""


def _refuse_entities(root: Element, file: str, code: str) -> None:
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise PackageError(
            f"{file} declares entities of its own, which are not allowed in a package.",
            code,
            file=file,
            advice="Remove the <!DOCTYPE …> with its <!ENTITY …> lines and write the text itself.",
        )


def _refuse_floods(root: Element, file: str, code: str) -> None:
    """No manifest has so many attributes on an element; to look one up takes libxml the longer the more there are."""
    for node in root.iter():
        if len(node.attrib) > ATTRIBUTES_AT_MOST:
            raise PackageError(
                f"{file}: <{tag(node)[:60]}> has more than {ATTRIBUTES_AT_MOST} attributes.",
                code,
                file=file,
                line=node.sourceline,
                advice="Leave out what no standard knows.",
            )


def _syntax_error(error: etree.XMLSyntaxError, file: str, code: str) -> PackageError:
    line = error.lineno or None
    place = f", line {line}" if line else ""
    return PackageError(
        f"{file} is not well-formed XML{place}: {_words(error.msg)}.",
        code,
        file=file,
        line=line,
        advice="Open the file in a browser or an XML editor, correct the line and package again.",
        clause="XML 1.0 2.1",
    )


def _words(message: str | None) -> str:
    """libxml's message without its position, in plain words where we have them."""
    text = re.sub(r",? ?line \d+, column \d+.*\Z", "", message or "unknown error", flags=re.DOTALL).strip()
    for pattern, words in _WORDS:
        if re.match(pattern, text):
            return re.sub(rf"(?:{pattern}).*", words, text, flags=re.DOTALL)
    return text


# --- looking up -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def local_name(name: object) -> str:
    """The name without namespace or undeclared prefix, in lower case; "" for what is no element."""
    return name.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(name, str) else ""


@lru_cache(maxsize=1024)
def namespace(name: object) -> str:
    return name[1:].partition("}")[0] if isinstance(name, str) and name.startswith("{") else ""


def children(node: Element, name: str) -> Iterator[Element]:
    wanted = name.lower()
    return (child for child in node if local_name(child.tag) == wanted)


def child(node: Element, *path: str) -> Element:
    """The first child of that name, or along that path of names; None where there is none."""
    for name in path:
        node = next(children(node, name), None)
        if node is None:
            return None
    return node


def attribute(node: Element, name: str) -> str | None:
    """The attribute's value without the blanks around it; None where it is not given."""
    value = node.get(name)
    if value is None:
        wanted = name.lower()
        key = next((key for key in node.attrib if local_name(key) == wanted), None)  # `items` takes their square
        if key is not None and (value := node.get(key)) is None:  # of an odd namespace
            value = dict(node.attrib.items())[key]
    return value.strip() if value is not None else None


def text_of(node: Element) -> str:
    """All text inside, blanks around it stripped; "" for None."""
    return "".join(node.itertext()).strip() if node is not None else ""


def line_of(node: Element) -> str:
    """The text inside on one line."""
    return " ".join(text_of(node).split())


# --- values -----------------------------------------------------------------------------------------------------------


def boolean(node: Element, name: str, default: bool, findings: Findings) -> bool:
    """An xs:boolean attribute in any case; the default, with a finding, for anything else."""
    value = attribute(node, name)
    if value is None:
        return default
    if value.lower() in ("true", "1"):
        return True
    if value.lower() in ("false", "0"):
        return False
    _bad_value(node, name, value, "true or false", str(default).lower(), findings)
    return default


def number(
    node: Element, name: str, default: T, findings: Findings, lowest: float, highest: float = float("inf")
) -> float | T:
    """A decimal attribute within its range; the default, with a finding, for anything else."""
    value = attribute(node, name)
    if value is None:
        return default
    result = decimal(value, lowest, highest)
    if result is None:
        _bad_value(node, name, value, _range_words(lowest, highest), str(default), findings)
        return default
    return result


def whole_number(node: Element, name: str, default: T, findings: Findings) -> int | T:
    """An xs:nonNegativeInteger attribute; the default, with a finding, for anything else."""
    value = attribute(node, name)
    if value is None:
        return default
    if not re.fullmatch(r"\+?[0-9]{1,9}", value, re.ASCII):
        _bad_value(node, name, value, "a whole number of 0 or more", str(default), findings)
        return default
    return int(value)


def word(node: Element, name: str, words: tuple[str, ...], default: str, findings: Findings) -> str:
    """An attribute that is one of the words, in their own spelling; the default, with a finding, for anything else."""
    value = attribute(node, name)
    if value is None:
        return default
    known = spelled(value, words)
    if known is None:
        _bad_value(node, name, value, f"one of {', '.join(words)}", default, findings)
        return default
    return known


def spelled(value: str, words: tuple[str, ...]) -> str | None:
    """The one of the words that is meant, whatever the case of its letters."""
    return next((known for known in words if known.lower() == value.strip().lower()), None)


def decimal(text: str, lowest: float, highest: float) -> float | None:
    """The xs:decimal within its range, else None; a decimal comma is not one."""
    if not re.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", text.strip(), re.ASCII) or len(text) > 300:
        return None
    value = float(text)
    return value if lowest <= value <= highest else None


def _range_words(lowest: float, highest: float) -> str:
    return f"a number of {lowest:g} or more" if highest == float("inf") else f"a number from {lowest:g} to {highest:g}"


def _bad_value(node: Element, name: str, value: str, wanted: str, used: str, findings: Findings) -> None:
    findings.add(
        "value-invalid",
        f'{findings.subject}: {name}="{value[:80]}" of <{tag(node)}> is not {wanted}; {used} is used.',
        node,
        clause=findings.clause,
    )


def tag(node: Element) -> str:
    """The element's name as written, without its namespace."""
    return str(node.tag).rpartition("}")[2]
