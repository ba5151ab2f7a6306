"""The places of values in the files of a course structure, and the files with others in such places.

The reader (`files.py`) takes what a value means; here is where it stands, so that all around it stays byte for byte.
"""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass

from .files import Row, cleaned, keyword_name, utf16_codec

_LINE_END = re.compile("\r(?:[\0\x1a\ufeff]*\n)?|\n")  # as `cleaned` has it
_ROW_END = re.compile(f"[ \t]*(?:{_LINE_END.pattern}|\\Z)")
Edit = tuple[int, int, str]  # start, end and what goes there


@dataclass(frozen=True)
class Mend:
    """One change of a file's text that mends what a finding tells of; without `edit` it is written as plain UTF-8."""

    path: str
    edit: Edit | None = None


@dataclass(frozen=True)
class _Field:
    start: int
    end: int
    value: str
    is_quoted: bool


class FileText:
    """A file as text in which nothing is left out, so that the same bytes can be made of it."""

    def __init__(self, data: bytes, delimiter: str = ",") -> None:
        self.text, self.encoding = _decoded(data)
        self._delimiter = delimiter
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(self.text))]
        # Possessive, as the reader is: a quote that never closes goes on to the end of the text. What `cleaned` leaves
        # out may stand before a quote
        plain = rf"[^{delimiter}\r\n]*+"
        self._field = re.compile(rf'[ \0\x1a\ufeff]*+(?:"(?P<quoted>(?:[^"]++|"")*+)"?(?P<rest>{plain})|{plain})')

    def cell(self, row: Row, at: int, value: str) -> Edit | None:
        """Puts the value into a field of the row; None where the row is not found as it was read."""
        fields = self._fields(row.line)
        if _cells(fields) != row.cells:
            return None
        field = fields[at]
        quotes = field.is_quoted or self._delimiter in value or value[:1] in ('"', " ")
        written = '"' + value.replace('"', '""') + '"' if quotes else value
        return field.start, field.end, written

    def row(self, row: Row) -> Edit | None:
        """Takes the row out; None where it is not found as it was read."""
        fields = self._fields(row.line)
        if _cells(fields) != row.cells:
            return None
        end = fields[-1].end
        rest = _ROW_END.match(self.text, end)
        return (self._starts[row.line - 1], rest.end(), "") if rest else None

    def keyword(self, line: int, name: str, value: str) -> Edit | None:
        """Puts the value behind the keyword of an INI file; None where there is no such keyword in the line."""
        if not 1 <= line <= len(self._starts):
            return None
        start = self._starts[line - 1]
        words = re.compile(r"[^\r\n]*").match(self.text, start)
        keyword, equals, old = words[0].partition("=") if words else ("", "", "")
        if not equals or keyword_name(cleaned(keyword)) != name or '"' in old or not old.strip():
            return None
        begin = start + len(keyword) + 1 + len(old) - len(old.lstrip())
        return begin, begin + len(old.strip()), value

    def encoded(self, text: str, is_anew: bool) -> tuple[bytes, str]:
        """The text's bytes in its own encoding, and "" or the other one they had to be in."""
        if is_anew:
            return re.sub("[\0\x1a\ufeff]", "", text).encode("utf-8"), "UTF-8"
        try:
            return text.encode(self.encoding), ""
        except UnicodeEncodeError:
            return text.encode("utf-8"), "UTF-8"

    def _fields(self, line: int) -> list[_Field]:
        """The record that begins in this line."""
        fields: list[_Field] = []
        at = self._starts[line - 1] if 1 <= line <= len(self._starts) else len(self.text)
        while found := self._field.match(self.text, at):
            fields.append(_field_of(found))
            at = found.end() + 1
            if self.text[found.end() : at] != self._delimiter:
                break
        return fields


def _field_of(found: re.Match[str]) -> _Field:
    if found["quoted"] is not None:
        value = cleaned(found["quoted"].replace('""', '"') + found["rest"]).strip()
        return _Field(found.start("quoted") - 1, found.end(), value, is_quoted=True)
    written = found[0]
    start = found.start() + len(written) - len(written.lstrip())
    return _Field(start, max(start, found.start() + len(written.rstrip())), cleaned(written).strip(), is_quoted=False)


def _cells(fields: list[_Field]) -> tuple[str, ...]:
    return tuple(field.value for field in fields)


def _decoded(data: bytes) -> tuple[str, str]:
    """As `files.decode` reads it, its marks kept, and the codec that makes the same bytes of it."""
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data.decode(codec, "replace"), codec
    if codec := utf16_codec(data):
        return data.decode(codec, "replace"), codec
    for codec in ("utf-8", "cp1252"):
        with suppress(UnicodeDecodeError):
            return data.decode(codec), codec
    return data.decode("latin-1"), "latin-1"
