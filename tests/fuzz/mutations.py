"""Broken packages, made of sound ones: case number -> bytes, the same each time and on every machine."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
DESCRIBING = (".xml", ".crs", ".au", ".des", ".cst", ".ort", ".pre", ".cmp", ".csv")
LARGEST = 60_000  # bytes of a file that is taken into a seed: what is mutated matters, not what is served

Package = dict[str, bytes]


@cache
def seeds() -> tuple[Package, ...]:
    """Sound packages of every standard: folders of tests/packages, and what lies under tests/data."""
    found = [_folder(path) for path in sorted((TESTS / "packages").iterdir()) if path.is_dir()]
    for path in sorted((TESTS / "data").rglob("*")) if (TESTS / "data").exists() else []:
        if path.is_dir() and any(each.suffix.lower() in DESCRIBING for each in path.iterdir() if each.is_file()):
            found.append(_folder(path))
        elif path.suffix == ".zip":
            found.append(_zip(path))
    return tuple(package for package in found if any(name.lower().endswith(DESCRIBING) for name in package))


def _folder(folder: Path) -> Package:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size <= LARGEST]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files[:30]}


def _zip(path: Path) -> Package:
    with zipfile.ZipFile(path) as archive:
        files = [info for info in archive.infolist() if not info.is_dir() and info.file_size <= LARGEST]
        return {info.filename: archive.read(info) for info in files[:30]}


def zipped(package: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in package.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def case(number: int) -> bytes:
    """Case `number`: three in four are whole zip files of broken text, one is a broken zip file."""
    dice = random.Random(number)
    package = dict(dice.choice(seeds()))
    if number % 4 == 3:
        return _mutated(zipped(package, dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))), dice, _BYTES)
    names = [name for name in package if name.lower().endswith(DESCRIBING)]
    for _ in range(dice.choice((1, 1, 1, 2))):
        name = dice.choice(names)
        package[name] = _mutated(package[name], dice, _TEXT if dice.random() < 0.8 else _BYTES)
    if dice.random() < 0.15:
        package = _renamed(package, dice)
    if dice.random() < 0.05:
        package = _misplaced(package, dice)
    return zipped(package)


def _mutated(data: bytes, dice: random.Random, ways: "tuple[Mutation, ...]") -> bytes:
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        data = dice.choice(ways)(data, dice)
    return data


def _misplaced(package: Package, dice: random.Random) -> Package:
    """As people pack: in a zip file of its own, in a folder, under names from the top of their disk."""
    if dice.random() < 0.3:
        return {"course.zip": zipped(package)}
    above = dice.choice(("/", "C:\\course\\", "course/", "course/"))
    return {above + name: data for name, data in package.items()}


def _renamed(package: Package, dice: random.Random) -> Package:
    """The package in a folder, a file under another name, another's manifest beside its own."""
    way = dice.randrange(4)
    if way == 0:
        return {f"Kurs größe/{name}": data for name, data in package.items()}
    name = dice.choice(list(package))
    if way == 1:
        return {(one.upper() if one == name else one): data for one, data in package.items()}
    if way == 2:
        return {one: data for one, data in package.items() if one != name} or package
    return {**{f"b/{one}": data for one, data in dice.choice(seeds()).items()}, **package}


# --- ways -------------------------------------------------------------------------------------------------------------

Mutation = Callable[[bytes, random.Random], bytes]

_NASTY = (
    *(b"", b"0", b"-1", b"1e999", b"NaN", b"99999999999999999999", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"%", b"%00"),
    *(
        b"../../x",
        b"//host/x",
        b"C:\\x",
        b"http://",
        b"http://[",
        b"https://a:b/",
        b"javascript:x",
        b"?",
        b"#",
        b"a#?b",
    ),
    *(b"&", b"&amp;", b"&#0;", b"&#xD800;", b"&nbsp;", b"<", b">", b'"', b"'", b"]]>", b"<!--", b"<![CDATA[", b"<?x"),
    *(b"x" * 3000, b"(" * 2000, b"~" * 2000, b"a&" * 1000, b"P1Y", b"PT-1S", b"99:99:99", b"true", b"sco", b" "),
    *(
        "\u202e".encode(),
        "\u00e9".encode("latin-1"),
        "é".encode("utf-16"),
        b",",
        b'""',
        b'"a,b',
        b"\r",
        b"\n\n",
        b"[",
        b"=",
    ),
)


def _place(data: bytes, dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(len(data) + 1)
    return start, min(len(data), start + dice.choice((1, 2, 4, 16, 64, 512)))


def _flip(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    for _ in range(dice.choice((1, 2, 8))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _cut(data: bytes, dice: random.Random) -> bytes:
    start, end = _place(data, dice)
    return data[:start] + data[end:]


def _end_early(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _repeat(data: bytes, dice: random.Random) -> bytes:
    start, end = _place(data, dice)
    return data[:end] + data[start:end] * dice.choice((1, 2, 30)) + data[end:]


def _put(data: bytes, dice: random.Random) -> bytes:
    start, end = _place(data, dice)
    return data[:start] + dice.choice(_NASTY) + data[dice.choice((start, end)) :]


def _number(data: bytes, dice: random.Random) -> bytes:
    """A field of a zip header that says something else."""
    size = dice.choice((2, 4, 8))
    if len(data) < size:
        return data
    at = dice.choice((dice.randrange(len(data) - size + 1), max(0, len(data) - size - dice.randrange(90))))
    value = dice.choice(
        (0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63, 2**64 - 1, len(data), dice.randrange(2**16))
    )
    return data[:at] + (value % 256**size).to_bytes(size, "little") + data[at + size :]


_XML_VALUE = re.compile(rb"(?<!\?)=\s*\"([^\"]*)\"|>([^<>]+)</")
_CSV_VALUE = re.compile(rb"(?:^|[,=])([^,=\r\n]+)", re.M)
_XML_ELEMENT = re.compile(rb"<[\w:]+[^<>]*/>|<([\w:]+)[^<>]*>[^<]*</\1>")
_CSV_LINE = re.compile(rb"[^\r\n]+\r?\n")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xff]")


def _values(data: bytes) -> "re.Pattern[bytes]":
    return _XML_VALUE if b"<" in data[:200] else _CSV_VALUE


def _elements(data: bytes) -> "re.Pattern[bytes]":
    return _XML_ELEMENT if b"<" in data[:200] else _CSV_LINE


def _nasty(data: bytes, dice: random.Random) -> bytes:
    """Mostly such as keeps XML well-formed: what is not is refused before a parser has seen it."""
    words = dice.choice(_NASTY)
    if b"<" not in data[:200] or dice.random() < 0.05:
        return words
    words = _CONTROL.sub(b"", words)
    return words.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b'"', b"&quot;")


def _spans(pattern: "re.Pattern[bytes]", data: bytes, dice: random.Random, count: int) -> list[tuple[int, int]]:
    whole = pattern in (_XML_ELEMENT, _CSV_LINE)
    found = [match.span(0 if whole else match.lastindex or 0) for match in pattern.finditer(data)]
    return sorted(dice.sample(found, min(count, len(found))))


def _value(data: bytes, dice: random.Random) -> bytes:
    for start, end in _spans(_values(data), data, dice, 1):
        return data[:start] + _nasty(data, dice) + data[end:]
    return data


def _swap_values(data: bytes, dice: random.Random) -> bytes:
    spans = _spans(_values(data), data, dice, 2)
    if len(spans) < 2 or spans[0][1] > spans[1][0]:
        return data
    (a, b), (c, d) = spans
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _drop_element(data: bytes, dice: random.Random) -> bytes:
    for start, end in _spans(_elements(data), data, dice, 1):
        return data[:start] + data[end:]
    return data


def _repeat_element(data: bytes, dice: random.Random) -> bytes:
    for start, end in _spans(_elements(data), data, dice, 1):
        return data[:end] + data[start:end] * dice.choice((1, 1, 3, 200)) + data[end:]
    return data


def _other_encoding(data: bytes, dice: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(dice.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252", "utf-32")), "replace")


def _other_case(data: bytes, dice: random.Random) -> bytes:
    start, end = _place(data, dice)
    return data[:start] + data[start:end].swapcase() + data[end:]


_BYTES: tuple[Mutation, ...] = (_flip, _cut, _end_early, _repeat, _put, _number, _number)
_TEXT: tuple[Mutation, ...] = (
    *(_value,) * 8,
    *(_swap_values, _drop_element) * 3,
    *(_repeat_element, _repeat_element, _cut, _put, _end_early, _other_encoding, _other_case),
)
