"""What comes over the wire and goes back: JSON read strictly, multipart/mixed both ways (1.0.3 Communication 1.5)."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

MAX_DEPTH = 100  # objects and arrays inside one another
MAX_STATEMENTS = 5_000  # of one batch
MAX_PARTS = 1_000
MAX_HEAD = 16_384  # bytes of one part's headers

_BLANK = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_HALF = re.compile(r"[\ud800-\udfff]")
_RISKY = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")  # may be NUL or half of a surrogate pair, once it is decoded
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))')


class WireError(Exception):
    """A body that cannot be read; `path` and `rule` as a StatementError has them."""

    def __init__(self, message: str, rule: str = "", path: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.message, self.rule, self.path, self.status = message, rule, path, status


# --- JSON -------------------------------------------------------------------------------------------------------------


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise WireError(f"The key {_shown(twice)} stands twice in one object", "Data 2.2", _shown(twice))
    return found


def _shown(text: str) -> str:
    return _HALF.sub("\ufffd", text[:80]).replace("\0", "\ufffd")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise WireError(f"The number {text[:40]} is too large", "Data 2.2")
    return number


def _constant(text: str) -> NoReturn:
    raise WireError(f"{text} is no JSON", "Data 2.2")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)


def text_of(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise WireError(f"The body is not UTF-8: byte {error.start}", "Communication 1.4") from None


def read_json(text: str) -> Any:
    """The value of a whole JSON text. Raises WireError, also for what no database keeps."""
    value, end = _value(text, _skip(text, 0))
    if _skip(text, end) != len(text):
        raise WireError(f"Something follows the JSON, at character {end}", "Data 2.2")
    return value


@dataclass(frozen=True)
class Incoming:
    """A statement as it was sent, and its own part of the text."""

    statement: Any
    raw: str = ""


def read_statements(text: str) -> tuple[list[Incoming], bool]:
    """The statements of a body, and whether they came as a batch."""
    start = _skip(text, 0)
    if text[start : start + 1] != "[":
        value = read_json(text)
        return [Incoming(value, text.strip(" \t\r\n"))], False
    found: list[Incoming] = []
    at = _skip(text, start + 1)
    while text[at : at + 1] != "]" or found:
        if len(found) == MAX_STATEMENTS:
            raise WireError(f"A batch may hold {MAX_STATEMENTS} statements", status=413)
        value, end = _value(text, at)
        found.append(Incoming(value, text[at:end]))
        at = _skip(text, end)
        if text[at : at + 1] == "]":
            break
        if text[at : at + 1] != ",":
            raise WireError(f"This is no JSON: expecting , or ] at character {at}", "Data 2.2")
        at = _skip(text, at + 1)
    if _skip(text, at + 1) != len(text):
        raise WireError(f"Something follows the JSON, at character {at + 1}", "Data 2.2")
    return found, True


def _skip(text: str, at: int) -> int:
    return _BLANK.match(text, at).end()  # type: ignore[union-attr]


def _value(text: str, at: int) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except WireError:
        raise
    except RecursionError:
        raise WireError(f"The JSON is nested deeper than {MAX_DEPTH}", "Data 2.2") from None
    except json.JSONDecodeError as error:
        raise WireError(f"This is no JSON: {error.msg} at character {error.pos}", "Data 2.2") from None
    except ValueError:  # a number of thousands of digits
        raise WireError("This is no JSON that can be read: a number is too long", "Data 2.2") from None
    if text.count("{", at, end) + text.count("[", at, end) > MAX_DEPTH:
        _check_depth(text[at:end])
    if _RISKY.search(text, at, end):
        _check_text(value)
    return value, end


def _check_depth(text: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise WireError(f"The JSON is nested deeper than {MAX_DEPTH}", "Data 2.2")
        elif token[0] in "]}":
            depth -= 1


def _check_text(value: Any) -> None:
    """Refuse NUL and halves of surrogate pairs, which PostgreSQL or UTF-8 cannot hold."""
    decoded = json.dumps(value, ensure_ascii=False)
    if _HALF.search(decoded):
        raise WireError("A text holds half of a surrogate pair", "Communication 1.4")
    if re.search(r"(?<!\\)(?:\\\\)*\\u0000", decoded):
        raise WireError("A text holds the character NUL", "Communication 1.4")


# --- multipart/mixed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A part of a multipart body: the names of its headers in lower case."""

    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        return media_type_of(self.headers.get("content-type", ""))


def media_type_of(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def parameter_of(header: str, name: str) -> str:
    for found, quoted, plain in _PARAMETER.findall(header):
        if found.lower() == name:
            return re.sub(r"\\(.)", r"\1", quoted) or plain
    return ""


def read_multipart(content_type: str, body: bytes) -> list[Part]:
    """The parts of a body (RFC 2046 5.1). Raises WireError where a boundary is missing or not where it should be."""
    rule = "Communication 1.5.2"
    boundary = parameter_of(content_type, "boundary")
    if not _BOUNDARY.fullmatch(boundary):
        raise WireError("Content-Type multipart/mixed needs a boundary", rule)
    mark = b"--" + boundary.encode()
    lines = b"\r\n" + body  # the first boundary may begin the body
    line = re.compile(rb"\r\n" + re.escape(mark) + rb"(--)?[ \t]*(?=\r\n|\Z)")
    found = list(line.finditer(lines))
    if not found:
        raise WireError("The boundary of Content-Type is not in the body", rule)
    end = next((index for index, match in enumerate(found) if match[1]), None)
    if end is None:
        raise WireError("The body ends before its last boundary", rule)
    if end == 0:
        raise WireError("There is no part between the boundaries", rule)
    if end > MAX_PARTS:
        raise WireError(f"A body may have {MAX_PARTS} parts", rule, status=413)
    return [
        _part(lines[here.end() + 2 : after.start()], rule)
        for here, after in zip(found, found[1 : end + 1], strict=False)
    ]


def _part(block: bytes, rule: str) -> Part:
    if block.startswith(b"\r\n"):
        head, content = b"", block[2:]
    else:
        head, gap, content = block.partition(b"\r\n\r\n")
        if not gap:
            raise WireError("A part has no empty line between headers and content", rule)
    if len(head) > MAX_HEAD:
        raise WireError("The headers of a part are too long", rule)
    headers: dict[str, str] = {}
    for line in re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n") if head else ():
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            raise WireError("A header of a part is not understood", rule)
        headers[name.strip().decode("latin-1").lower()] = value.strip().decode("latin-1")
    return Part(headers, content)


def write_multipart(document: str, attachments: Iterable[tuple[str, str, bytes]]) -> tuple[str, bytes]:
    """Content-Type and body of a document and its attachments: (sha2, content type, content) each."""
    boundary = secrets.token_hex(16)
    mark = f"--{boundary}\r\n"
    pieces = [f"{mark}Content-Type: application/json\r\n\r\n".encode(), document.encode()]
    for sha2, content_type, content in attachments:
        plain = re.sub(r"[^\x20-\x7e]", "", content_type)
        head = f"Content-Type: {plain}\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {sha2}\r\n\r\n"
        pieces += [f"\r\n{mark}{head}".encode(), content]
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    return f"multipart/mixed; boundary={boundary}", b"".join(pieces)
