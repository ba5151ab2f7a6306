"""The files of an AICC course structure as text, groups and tables (CMI001 v4.0, course structure file binding).

Authors write them by hand and with every kind of tool, so all is read that can mean one thing only: any encoding, any
case of names, blanks around them, columns in any order, quotes or none.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from ..errors import PackageError
from ..package import Package

LARGEST = 8 * 1024**2  # bytes of one file
LONGEST_LINE = 1_000_000  # characters of one line of a table, and of one field
MOST_ROWS = 50_000
MOST_CELLS = 500_000  # of one table, past which its rows are cut

csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))


def read_text(package: Package, path: str) -> str:
    """The member as text, its lines ending in \\n. Raises PackageError where it is too large."""
    return decode(package.read(path, LARGEST))


def decode(data: bytes) -> str:
    """Text of any encoding authors use: by its byte order mark, UTF-16 by its zeros, UTF-8, else Windows-1252.

    Without zeros and the end-of-file character that old systems wrote.
    """
    return cleaned(_decoded(data))


def cleaned(text: str) -> str:
    return re.sub("[\0\x1a\ufeff]", "", text).replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes) -> str:
    if data.startswith(_MARKS_16):
        return data.decode("utf-16", "replace")
    if codec := utf16_codec(data):
        return data.decode(codec, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def utf16_codec(data: bytes) -> str:
    """The codec of UTF-16 without a mark, told by its zeros; "" for anything else."""
    head = data[:200]
    if len(head) < 4 or head.count(0) <= len(head) // 3:
        return ""
    return "utf-16-be" if head[0] == 0 else "utf-16-le"


def odd_encoding(data: bytes) -> str:
    """How the bytes differ from the plain text that the file binding wants, in words; "" where they do not."""
    if data.startswith(_MARKS_16) or utf16_codec(data):
        return "is in UTF-16"
    return "begins with a byte order mark" if data.startswith(codecs.BOM_UTF8) else ""


# --- groups and keywords ----------------------------------------------------------------------------------------------


@dataclass
class Group:
    """A group of an INI file: its keywords, lower case without blanks, and all of its lines as they are."""

    keywords: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)  # keyword -> line
    text: str = ""

    def get(self, keyword: str) -> str:
        return self.keywords.get(keyword, "")


def read_groups(text: str) -> dict[str, Group]:
    """The groups of an INI file by their names, lower case with "_" for blanks; of a repeated keyword the first."""
    groups: dict[str, Group] = {}
    texts: dict[str, list[str]] = {}
    group: Group | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped.startswith("[") and "]" in stripped:
            name = keyword_name(stripped[1 : stripped.index("]")])
            group, held = groups.setdefault(name, Group()), texts.setdefault(name, [])
            continue
        if group is None:
            continue
        held.append(line)
        keyword, equals, value = stripped.partition("=")
        if equals and not stripped.startswith(";") and (word := keyword_name(keyword)) not in group.keywords:
            group.keywords[word] = _unquoted(value)
            group.lines[word] = number
    for name, each in groups.items():
        each.text = "\n".join(texts[name]).strip("\n")
    return groups


def keyword_name(text: str) -> str:
    return "_".join(text.lower().split())


def _unquoted(value: str) -> str:
    value = value.strip()
    is_quoted = len(value) >= 2 and value[0] == value[-1] == '"'
    return value[1:-1].replace('""', '"') if is_quoted else value


# --- tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A record of a table: its fields in order; `columns` says where each is, `line` where the record begins."""

    line: int
    cells: tuple[str, ...]
    columns: Mapping[str, int]

    def get(self, *names: str) -> str:
        """The first of these columns that holds something."""
        places = (self.columns.get(name, len(self.cells)) for name in names)
        return next((self.cells[at] for at in places if at < len(self.cells) and self.cells[at]), "")


@dataclass(frozen=True)
class Table:
    """A comma-separated file; `header` holds the names of its columns, lower case with "_" for blanks."""

    path: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    is_cut: bool = False  # more rows or fields than are read
    delimiter: str = ","


def read_table(text: str, path: str) -> Table:
    """Raises PackageError where the text is no table at all."""
    try:
        delimiter = _delimiter(text)
        records, is_cut = _cut(_records(text, delimiter))
    except csv.Error as error:
        raise PackageError(
            f"{path} is no table of comma-separated values: {error}.", "aicc-table", file=path
        ) from error
    if not records:
        return Table(path, (), (), is_cut)
    header = tuple(keyword_name(cell) for cell in records[0][1])
    columns = {name: at for at, name in reversed(list(enumerate(header)))}  # of a repeated name the first
    return Table(path, header, tuple(Row(line, cells, columns) for line, cells in records[1:]), is_cut, delimiter)


def _cut(records: Iterator[tuple[int, tuple[str, ...]]]) -> tuple[list[tuple[int, tuple[str, ...]]], bool]:
    """As many records as are read, the header among them, and whether there are more."""
    taken: list[tuple[int, tuple[str, ...]]] = []
    cells = 0
    for record in islice(records, MOST_ROWS + 1):
        cells += len(record[1])
        if cells > MOST_CELLS:
            return taken, True
        taken.append(record)
    return taken, next(records, None) is not None


def _records(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The records that are not blank, each with the line it begins at; the first is the header."""
    reader = csv.reader(_lines(text), delimiter=delimiter, skipinitialspace=True)
    begins = 1
    for record in reader:
        cells = tuple(cell.strip() for cell in record)
        if any(cells):
            yield begins, cells
        begins = reader.line_num + 1


def _lines(text: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if len(line) > LONGEST_LINE:
            raise csv.Error(f"a line of it has more than {LONGEST_LINE:,} characters")
        yield line


def _delimiter(text: str) -> str:
    """A comma; spreadsheets of some languages save semicolons or tabs under the same name."""
    header = next((line for line in text.split("\n") if line.strip()), "")
    return max(",;\t", key=lambda character: (header.count(character), character == ","))
