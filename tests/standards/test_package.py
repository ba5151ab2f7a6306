"""What an archive may be: read in place where it keeps the rules, refused by name and rule where it does not."""

import gzip
import io
import json
import random
import struct
import time
import tracemalloc
import unicodedata
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.errors import PackageError
from standards.package import Limits, Member, Package, find_base, gzip_wrapper
from tests.standards import zips
from tests.standards.zips import File, build

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
TIGHT = Limits(max_members=3, max_total=3_000_000, max_ratio=100, ratio_floor=100_000, max_path=40)


def opened(data: bytes, limits: Limits | None = None) -> Package:
    return Package.open(io.BytesIO(data), limits)


def verified(data: bytes, limits: Limits | None = None) -> Package:
    package = opened(data, limits)
    package.verify()
    return package


def whole(package: Package) -> dict[str, bytes]:
    return {path: package.read(path) for path in package.members}


def refusal(data: bytes, limits: Limits | None = None) -> tuple[str, str, str]:
    """Code, file and message of the refusal."""
    with pytest.raises(PackageError) as caught:
        verified(data, limits)
    finding = caught.value.finding
    assert (finding.message, finding.severity) == (str(caught.value), "error")
    return finding.code, finding.file, finding.message


# --- refusals ---------------------------------------------------------------------------------------------------------

PLAIN = build(File("imsmanifest.xml", b"<manifest/>"), File("a/index.html", b"<p>hello</p>" * 50))
NOISE = random.Random(1).randbytes(2_000)
ZEROS = bytes(200_000)
PACKED, PACKED_90 = len(zips.deflate(ZEROS)), len(zips.deflate(ZEROS[:90_000]))
MEMBERS, DIRECTORY = zips.body(File("a.html"))
FOUR = zips.body(*(File(name) for name in "abcd"))
AGAIN = "Make the zip file anew"
CUT_OFF = "The zip file is cut off: its end is missing. Upload it again, or make it anew."

REFUSED = {
    "a text": (b"# LMS Test Package\n" * 9, "not-a-zip", "", "This is not a zip file."),
    "a RAR archive": (b"Rar!\x1a\x07" * 9, "not-a-zip", "", "This is not a zip file, but a RAR archive."),
    "a web page": (b"\n<!DOCTYPE html><p>Sign in", "not-a-zip", "", "This is not a zip file, but a web page."),
    "nothing": (b"", "not-a-zip", "", "This is not a zip file."),
    "its second half is missing": (PLAIN[: len(PLAIN) // 2], "zip-truncated", "", CUT_OFF),
    "its last byte is missing": (PLAIN[:-1], "zip-truncated", "", CUT_OFF),
    "its comment is cut off": (build(File("a"), comment=b"comment")[:-1], "zip-truncated", "", CUT_OFF),
    "bytes inside are missing": (PLAIN[:20] + PLAIN[30:], "zip-truncated", "", CUT_OFF),
    "cut off after a zip inside it": (
        build(File("inner.zip", PLAIN, 0), File("y.html", NOISE))[: 30 + 9 + len(PLAIN)],
        "zip-truncated",
        "",
        CUT_OFF,
    ),
    "no members": (build(), "zip-empty", "", "The zip file is empty: there is no file in it."),
    "folders only": (
        build(File("a/", b"", 0, attributes=zips.UNIX_FOLDER)),
        "zip-empty",
        "",
        "The zip file is empty: there is no file in it.",
    ),
    "one part of several": (
        MEMBERS + DIRECTORY + zips.end(1, len(DIRECTORY), len(MEMBERS), disk=1),
        "zip-split",
        "",
        "The zip file is one part of a split archive. Make one zip file of the whole.",
    ),
    "a member in another part": (
        build(File("a.html", disk=1)),
        "zip-damaged",
        "a.html",
        'The zip file is damaged: "a.html" lies in another part of a split archive. Make it anew.',
    ),
    "wrong CRC": (
        build(File("a.html", b"content", crc=0x12345678)),
        "zip-crc",
        "a.html",
        '"a.html" is damaged: its CRC is fec530a9, the zip file says 12345678.'
        " Upload the zip file again, or make it anew.",
    ),
    "wrong CRC of a stored member": (
        build(File("a.html", b"content", 0, crc=1)),
        "zip-crc",
        "a.html",
        '"a.html" is damaged: its CRC is fec530a9, the zip file says 00000001.'
        " Upload the zip file again, or make it anew.",
    ),
    "data that is no deflate": (
        build(File("a.html", packed=b"\xff" * 9)),
        "zip-damaged",
        "a.html",
        'The zip file is damaged: "a.html" cannot be inflated. Make it anew.',
    ),
    "deflate data that does not end": (
        build(File("a.html", NOISE, packed=zips.deflate(NOISE)[:-20], size=len(NOISE))),
        "zip-damaged",
        "a.html",
        'The zip file is damaged: the compressed data of "a.html" does not end where it should. Make it anew.',
    ),
    "deflate data with more behind": (
        build(File("a.html", packed=zips.deflate(b"content") + b"more")),
        "zip-damaged",
        "a.html",
        'The zip file is damaged: the compressed data of "a.html" does not end where it should. Make it anew.',
    ),
    "deflate data with much behind": (
        build(File("a.html", packed=zips.deflate(b"content") + bytes(1_500_000))),
        "zip-damaged",
        "a.html",
        'The zip file is damaged: the compressed data of "a.html" ends too early. Make it anew.',
    ),
    "encrypted": (
        build(File("a.html", flags=zips.ENCRYPTED)),
        "zip-encrypted",
        "a.html",
        f'"a.html" is encrypted. {AGAIN} without a password.',
    ),
    "AES": (
        build(File("a.html", method=99)),
        "zip-encrypted",
        "a.html",
        f'"a.html" is encrypted. {AGAIN} without a password.',
    ),
    "leads out": (
        build(File("a/../../b.html")),
        "zip-path-escape",
        "a/../../b.html",
        f'"a/../../b.html" leads out of the package with "..". {AGAIN} without it.',
    ),
    "leads out by back-slashes": (
        build(File("a\\..\\..\\b.html")),
        "zip-path-escape",
        "a\\..\\..\\b.html",
        f'"a\\..\\..\\b.html" leads out of the package with "..". {AGAIN} without it.',
    ),
    "a folder that leads out": (
        build(File("../", b"", 0), File("a")),
        "zip-path-escape",
        "../",
        f'"../" leads out of the package with "..". {AGAIN} without it.',
    ),
    "absolute": (
        build(File("/etc/passwd")),
        "zip-absolute-path",
        "/etc/passwd",
        f'"/etc/passwd" is an absolute path; names must be relative to the package. {AGAIN} without it.',
    ),
    "another machine": (
        build(File("\\\\host\\a")),
        "zip-absolute-path",
        "\\\\host\\a",
        f'"\\\\host\\a" is an absolute path; names must be relative to the package. {AGAIN} without it.',
    ),
    "drive letter": (
        build(File("C:\\a.html")),
        "zip-absolute-path",
        "C:\\a.html",
        f'"C:\\a.html" is an absolute path; names must be relative to the package. {AGAIN} without it.',
    ),
    "drive letter, relative": (
        build(File("c:a.html")),
        "zip-absolute-path",
        "c:a.html",
        f'"c:a.html" is an absolute path; names must be relative to the package. {AGAIN} without it.',
    ),
    "symbolic link": (
        build(File("a.html", b"/etc/passwd", attributes=zips.UNIX_LINK)),
        "zip-symlink",
        "a.html",
        '"a.html" is a symbolic link. Put the file itself in its place.',
    ),
    "pipe": (
        build(File("a.html", attributes=zips.UNIX_PIPE)),
        "zip-special-file",
        "a.html",
        '"a.html" is a device, pipe or socket and no file. Leave it out.',
    ),
    "twice": (
        build(File("a.html"), File("a.html", b"other")),
        "zip-duplicate",
        "a.html",
        '"a.html" is in the zip file twice. Make it anew with one of them.',
    ),
    "twice, spelled differently": (
        build(File("x/a.html"), File("x\\.\\a.html", b"other")),
        "zip-duplicate",
        "x/a.html",
        '"x/a.html" is in the zip file twice. Make it anew with one of them.',
    ),
    "twice, composed and decomposed": (
        build(File("\u00e9.html"), File("e\u0301.html", b"other")),
        "zip-duplicate",
        "\u00e9.html",
        '"\u00e9.html" is in the zip file twice. Make it anew with one of them.',
    ),
    "case": (
        build(File("a/Index.html"), File("A/index.html", b"other")),
        "zip-case-collision",
        "A/index.html",
        '"a/Index.html" and "A/index.html" differ in upper and lower case only. Rename one of them.',
    ),
    "case beyond ASCII": (
        build(File("\u00c4.html"), File("\u00e4.html", b"other")),
        "zip-case-collision",
        "\u00e4.html",
        '"\u00c4.html" and "\u00e4.html" differ in upper and lower case only. Rename one of them.',
    ),
    "file and folder": (
        build(File("a"), File("a/b/c.html")),
        "zip-duplicate",
        "a",
        '"a" is both a file and a folder in the zip file. Rename one of them.',
    ),
    "file and folder, another file between": (
        build(File("a"), File("a-b"), File("A/c.html")),
        "zip-duplicate",
        "a",
        '"a" is both a file and a folder in the zip file. Rename one of them.',
    ),
    "same data twice": (
        build(File("a.html"), File("b.html", offset=0)),
        "zip-overlap",
        "b.html",
        '"a.html" overlaps "b.html" in the zip file. Make it anew.',
    ),
    "a member inside another": (
        build(File("a.html", NOISE, 0), File("b.html", offset=100)),
        "zip-overlap",
        "b.html",
        '"a.html" overlaps "b.html" in the zip file. Make it anew.',
    ),
    "a local header that reaches into the next member": (
        build(File("a.html", local_extra=b"\0" * 8, packed=b"", compressed_size=12, size=7), File("b.html")),
        "zip-overlap",
        "b.html",
        '"a.html" overlaps "b.html" in the zip file. Make it anew.',
    ),
    "data that reaches into the directory": (
        build(File("a.html", NOISE, 0, compressed_size=2_100, size=2_100)),
        "zip-overlap",
        "a.html",
        '"a.html" overlaps the list of members in the zip file. Make it anew.',
    ),
    "a local header that pushes data into the directory": (
        build(File("a.html", b"1234567", 0, compressed_size=10, size=10)),
        "zip-overlap",
        "a.html",
        '"a.html" overlaps the list of members in the zip file. Make it anew.',
    ),
    "a local header elsewhere": (
        build(
            File("a.html", NOISE, 0, padding=b"padding"),
            File("b.html", NOISE, 0, offset=2_039, size=20, compressed_size=20),
        ),
        "zip-damaged",
        "b.html",
        'The zip file is damaged: "b.html" does not begin where the list of members says. Make it anew.',
    ),
    "ratio of a member": (
        build(File("a.bmp", ZEROS), File("noise", NOISE, 0)),
        "zip-bomb-ratio",
        "a.bmp",
        f'"a.bmp" unpacks to 200,000 bytes from {PACKED}, more than 100 times as many; that is taken for an attack.',
    ),
    "ratio of the whole": (
        build(File("a.bmp", ZEROS[:90_000]), File("b.bmp", ZEROS[:90_000])),
        "zip-bomb-ratio",
        "",
        f"The package unpacks to 180,000 bytes from {2 * PACKED_90}, more than 100 times as many;"
        " that is taken for an attack.",
    ),
    "inflates to more than it says": (
        build(File("a.bmp", ZEROS, size=1_000)),
        "zip-size",
        "a.bmp",
        '"a.bmp" holds more than the 1,000 bytes that the zip file says.',
    ),
    "inflates to less than it says": (
        build(File("a.html", b"content", size=8)),
        "zip-size",
        "a.html",
        '"a.html" holds less than the 8 bytes that the zip file says.',
    ),
    "stored in two sizes": (
        build(File("a.html", b"content", 0, size=9)),
        "zip-size",
        "a.html",
        '"a.html" is stored, yet has two different sizes. Make the zip file anew.',
    ),
    "total size": (
        build(*(File(f"{name}.mp4", NOISE * 600, 0) for name in "abc")),
        "zip-too-large",
        "",
        "The package holds 3,600,000 bytes unpacked; 3,000,000 are allowed.",
    ),
    "member count": (
        build(*(File(name) for name in "abcd")),
        "zip-too-many",
        "",
        "The zip file holds more than 3 members, the most that is allowed.",
    ),
    "member count, claimed less": (
        FOUR[0] + FOUR[1] + zips.end(2, len(FOUR[1]), len(FOUR[0])),
        "zip-too-many",
        "",
        "The zip file holds more than 3 members, the most that is allowed.",
    ),
    "member count that differs": (
        MEMBERS + DIRECTORY + zips.end(2, len(DIRECTORY), len(MEMBERS)),
        "zip-damaged",
        "",
        "The zip file is damaged: it says it holds 2 members but lists 1. Make it anew.",
    ),
    "a directory that is none": (
        MEMBERS + b"\0" * 60 + zips.end(1, 60, len(MEMBERS)),
        "zip-damaged",
        "",
        "The zip file is damaged: record 1 of its list of members cannot be read. Make it anew.",
    ),
    "a record longer than the directory": (
        MEMBERS + DIRECTORY[:-2] + zips.end(1, len(DIRECTORY) - 2, len(MEMBERS)),
        "zip-damaged",
        "",
        "The zip file is damaged: record 1 of its list of members reaches beyond the list. Make it anew.",
    ),
    "a directory too large for its members": (
        MEMBERS + b"\0" * 4_000 + zips.end(1, 4_000, len(MEMBERS)),
        "zip-too-large",
        "",
        "The zip file's list of members takes 4,000 bytes, more than 3 members need.",
    ),
    "four billion members": (
        MEMBERS + DIRECTORY + zips.end_64(2**32, 2**40, 0, len(MEMBERS) + len(DIRECTORY)),
        "zip-too-many",
        "",
        "The zip file holds more than 3 members, the most that is allowed.",
    ),
    "a zip64 end record that is missing": (
        MEMBERS + DIRECTORY + zips.end_64(1, len(DIRECTORY), len(MEMBERS), 0)[56:],
        "zip-damaged",
        "",
        "The zip file is damaged: its zip64 end record is missing. Make it anew.",
    ),
    "zip64 sizes that are incomplete": (
        build(File("a.html", size=0xFFFFFFFF, extra=struct.pack("<2HL", 1, 4, 7))),
        "zip-damaged",
        "a.html",
        'The zip file is damaged: the zip64 sizes of "a.html" are incomplete. Make it anew.',
    ),
    "compression method": (
        build(File("a.html", method=9)),
        "zip-method",
        "a.html",
        f'"a.html" is compressed with Deflate64. {AGAIN} with Deflate, the usual method.',
    ),
    "compression method without a name": (
        build(File("a.html", method=77)),
        "zip-method",
        "a.html",
        f'"a.html" is compressed with method 77. {AGAIN} with Deflate, the usual method.',
    ),
    "patched data": (
        build(File("a.html", flags=zips.PATCHED)),
        "zip-method",
        "a.html",
        f'"a.html" is compressed with method 8. {AGAIN} with Deflate, the usual method.',
    ),
    "another name in the local header": (
        build(File("a.html", local_name=b"b.html")),
        "zip-header-mismatch",
        "a.html",
        'The zip file contradicts itself: the header of "a.html" tells another name than the list of members.'
        " Make it anew.",
    ),
    "another method in the local header": (
        build(File("a.html", local_method=0)),
        "zip-header-mismatch",
        "a.html",
        'The zip file contradicts itself: the header of "a.html" tells another compression method than the list of'
        " members. Make it anew.",
    ),
    "encrypted by the local header": (
        build(File("a.html", local_flags=1)),
        "zip-header-mismatch",
        "a.html",
        'The zip file contradicts itself: the header of "a.html" tells another encryption than the list of members.'
        " Make it anew.",
    ),
    "a control character": (
        build(File(b"a\x00.html")),
        "zip-name-control",
        "a\\x00.html",
        f'"a\\x00.html" has a control character in its name. {AGAIN} without it.',
    ),
    "a long name": (
        build(File("a" * 41)),
        "zip-name-too-long",
        "a" * 41,
        f'"{"a" * 41}" is longer than 40 characters. {AGAIN} without it.',
    ),
    "no name": (build(File("")), "zip-name-empty", "", "The zip file holds a member without a name."),
    "a folder with data": (
        build(File("a/", b"data"), File("b")),
        "zip-folder-data",
        "a/",
        '"a/" is a folder, yet holds data. Make the zip file anew.',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_by_name_and_rule(case):
    data, *expected = REFUSED[case]

    assert refusal(data, TIGHT) == tuple(expected)


def test_a_lying_bomb_is_stopped_before_it_takes_memory():
    bomb = build(File("a.bmp", packed=zips.deflate(bytes(50_000_000)), size=1_000, crc=0))

    tracemalloc.start()
    code, file, _ = refusal(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (code, file) == ("zip-size", "a.bmp")
    assert peak < 2_000_000


@pytest.mark.parametrize("claimed", [2**32 - 1, 2**63, 2**64 - 1])
def test_huge_claims_take_no_memory(claimed):
    extra = zips.zip64_extra(claimed, claimed, claimed)
    lies = [
        build(File("a", size=0xFFFFFFFF, compressed_size=0xFFFFFFFF, offset=0xFFFFFFFF, extra=extra)),
        MEMBERS + DIRECTORY + zips.end_64(claimed, len(DIRECTORY), len(MEMBERS), len(MEMBERS) + len(DIRECTORY)),
        MEMBERS + DIRECTORY + zips.end_64(1, claimed, len(MEMBERS), len(MEMBERS) + len(DIRECTORY)),
        MEMBERS + DIRECTORY + zips.end_64(1, len(DIRECTORY), claimed, len(MEMBERS) + len(DIRECTORY)),
        MEMBERS + DIRECTORY + zips.end_64(1, len(DIRECTORY), len(MEMBERS), claimed),
    ]

    tracemalloc.start()
    codes = [refusal(lie)[0] for lie in lies[:4]]
    verified(lies[4])  # the record lies where it belongs, only its locator is wrong
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert codes == ["zip-overlap", "zip-too-many", "zip-too-large", "zip-truncated"]
    assert peak < 4_000_000


# --- reading ----------------------------------------------------------------------------------------------------------

FILES = {"imsmanifest.xml": b"<manifest/>", "a/index.html": b"<p>hello</p>" * 50}

READ = {  # what is odd, the archive, its files, codes of findings
    "nothing": (PLAIN, FILES, []),
    "a comment": (build(File("a"), comment=b"made by PK\x05\x06" + b"x" * 18), {"a": b"content"}, []),
    "folders": (
        build(
            File("f/", b"", 0), File("g", b"", attributes=0x10), File("h/", b"", attributes=zips.UNIX_FOLDER), File("a")
        ),
        {"a": b"content"},
        [],
    ),
    "a folder listed twice": (build(File("f/", b"", 0), File("f/", b"", 0), File("f/a")), {"f/a": b"content"}, []),
    "data descriptors": (
        build(File("a", NOISE, flags=zips.DESCRIPTOR), File("b", flags=zips.DESCRIPTOR)),
        {"a": NOISE, "b": b"content"},
        [],
    ),
    "padding": (build(File("a", padding=bytes(999)), File("b")), {"a": b"content", "b": b"content"}, []),
    "a local extra field": (build(File("a", local_extra=bytes(999))), {"a": b"content"}, []),
    "empty files": (
        build(File("stored", b"", 0), File("deflated", b""), File("marked deflated", b"", packed=b"")),
        {"stored": b"", "deflated": b"", "marked deflated": b""},
        [],
    ),
    "a prefix": (build(File("a"), prefix=b"MZ" * 500), {"a": b"content"}, ["zip-foreign-bytes"]),
    "a prefix that the offsets know": (
        b"MZ" * 500 + MEMBERS + File("a.html").central(1_000) + zips.end(1, len(DIRECTORY), 1_000 + len(MEMBERS)),
        {"a.html": b"content"},
        ["zip-foreign-bytes"],
    ),
    "a prefix before a zip64 archive": (
        b"MZ" * 500 + MEMBERS + DIRECTORY + zips.end_64(1, len(DIRECTORY), len(MEMBERS), len(MEMBERS) + len(DIRECTORY)),
        {"a.html": b"content"},
        ["zip-foreign-bytes"],
    ),
    "bytes after the end": (build(File("a"), trailing=b"\n\n"), {"a": b"content"}, ["zip-foreign-bytes"]),
    "bytes between directory and end": (
        MEMBERS + DIRECTORY + b"signature" + zips.end(1, len(DIRECTORY), len(MEMBERS)),
        {"a.html": b"content"},
        [],
    ),
    "a zip inside, stored last": (build(File("inner.zip", PLAIN, 0)), {"inner.zip": PLAIN}, []),
    "zip64 sizes": (
        build(File("a", size=0xFFFFFFFF, compressed_size=0xFFFFFFFF, extra=zips.zip64_extra(7, 9))),
        {"a": b"content"},
        [],
    ),
    "zip64 end": (
        MEMBERS + DIRECTORY + zips.end_64(1, len(DIRECTORY), len(MEMBERS), len(MEMBERS) + len(DIRECTORY)),
        {"a.html": b"content"},
        [],
    ),
    "back-slashes": (
        build(File("a\\b\\c.html"), File("a\\d\\", b"", 0)),
        {"a/b/c.html": b"content"},
        ["zip-backslashes"],
    ),
    "the same twice": (
        build(File("a.html"), File("a.html", method=0), File("A.HTML")),
        {"a.html": b"content"},
        ["zip-member-twice"],
    ),
    "dots and empty folders": (build(File("./a//b.html")), {"a/b.html": b"content"}, ["zip-name-not-normal"]),
    "UTF-8": (build(File("\u00fcber/\u65e5\u672c.html")), {"\u00fcber/\u65e5\u672c.html": b"content"}, []),
    "decomposed UTF-8": (build(File("u\u0308.html")), {"\u00fc.html": b"content"}, []),
    "UTF-8 without the flag": (
        build(File("\u00fc.html".encode())),
        {"\u00fc.html": b"content"},
        ["zip-name-unmarked-utf8"],
    ),
    "CP437": (build(File("\u00fc.html".encode("cp437"))), {"\u00fc.html": b"content"}, ["zip-name-cp437"]),
    "CP437 with the flag": (
        build(File("\u00fc.html".encode("cp437"), flags=zips.UTF8)),
        {"\u00fc.html": b"content"},
        ["zip-name-cp437"],
    ),
    "a Unicode path": (
        build(File(b"?.html", extra=b"\x99\x99\x01\x00x" + zips.unicode_path(b"?.html", "\u0394.html"))),
        {"\u0394.html": b"content"},
        [],
    ),
    "a Unicode path of another name": (
        build(File(b"b.html", extra=zips.unicode_path(b"?.html", "\u0394.html"))),
        {"b.html": b"content"},
        [],
    ),
    "Finder's files": (
        build(File("p/a"), File("__MACOSX/p/._a"), File(".DS_Store"), File("p/.DS_Store")),
        {"p/a": b"content", "__MACOSX/p/._a": b"content", ".DS_Store": b"content", "p/.DS_Store": b"content"},
        [],
    ),
    "a name with two dots and one with a colon": (
        build(File("a..b/..c.html"), File("12:30.html")),
        {"a..b/..c.html": b"content", "12:30.html": b"content"},
        [],
    ),
}


@pytest.mark.parametrize("case", READ)
def test_reads_what_is_odd(case):
    data, files, findings = READ[case]

    package = verified(data)

    assert (whole(package), [finding.code for finding in package.findings]) == (files, findings)
    for member in package.members.values():
        packed = data[member.offset : member.offset + member.compressed_size]
        assert (zlib.decompress(packed, -15) if member.method == 8 else packed) == files[member.path]


def test_a_member_tells_where_its_data_lies():
    package = verified(build(File("a\\b.html", NOISE, 0, local_extra=b"xx"), File("u\u0308", b"content")))

    assert list(package.members.values()) == [
        Member("a/b.html", 30 + 8 + 2, 2_000, 2_000, 0, zlib.crc32(NOISE), "a\\b.html"),
        Member("\u00fc", 40 + 2_000 + 30 + 3, 9, 7, 8, zlib.crc32(b"content"), "u\u0308"),
    ]
    for member in package.members.values():
        assert Member.from_json(json.loads(json.dumps(member.to_json()))) == member


def test_findings_are_one_of_a_kind_and_say_how_many():
    package = opened(build(File("a\\b.html"), File("a\\c.html"), File("a\\d.html")))

    assert [finding.to_json() for finding in package.findings] == [
        {
            "code": "zip-backslashes",
            "message": 'Names use back-slashes between folders; they are read as slashes: "a\\b.html" and 2 more.',
            "file": "a\\b.html",
            "advice": "Make the zip file with a tool that keeps to the format (APPNOTE 4.4.17.1).",
            "fixable": True,
        }
    ]


@pytest.mark.parametrize(
    ("paths", "base"),
    [
        (["imsmanifest.xml", "a/b.html"], ""),
        (["course/imsmanifest.xml", "course/a/b.html"], "course/"),
        (["a/b/imsmanifest.xml", "a/b/c/d.html", "a/b/c/e.html"], "a/b/"),
        (["a/x.html", "b/x.html"], ""),
        (["ab/x.html", "abc/x.html"], ""),
        (["course/a.html", "__MACOSX/course/._a.html", ".DS_Store", "Thumbs.db", "desktop.ini"], "course/"),
        (["course/a/a.html", "course/b/b.html", "course/Thumbs.db"], "course/"),
        ([".DS_Store"], ""),
    ],
)
def test_finds_the_folder_that_wraps_the_package(paths, base):
    assert find_base(dict.fromkeys(paths)) == base
    assert opened(build(*(File(path) for path in paths))).base == base


@pytest.mark.parametrize(
    ("href", "found", "loosely"),
    [
        ("Shared/My File.html", True, "Shared/My File.html"),
        ("shared/my file.HTML", False, "Shared/My File.html"),
        ("Shared/My%20File.html", False, "Shared/My File.html"),
        ("Shared\\My File.html", False, "Shared/My File.html"),
        ("./Shared/x/../My File.html", False, "Shared/My File.html"),
        ("shared%5cmy%20file.html", False, "Shared/My File.html"),
        ("100%25.html", True, "100%25.html"),
        ("100%2525.html", False, "100%25.html"),
        ("U\u0308.html", True, "\u00dc.html"),
        ("u%CC%88.html", False, "\u00dc.html"),
        ("../Shared/My File.html", False, None),
        ("absent.html", False, None),
    ],
)
def test_finds_members_exactly_and_loosely(href, found, loosely):
    package = opened(build(File("Shared/My File.html"), File("100%25.html"), File("\u00dc.html")))

    exact, member = package.find(href), package.find_loosely(href)

    assert ((exact is not None), member and member.path) == (found, loosely)


def test_reads_no_more_than_allowed():
    package = opened(PLAIN)

    with pytest.raises(PackageError) as too_large:
        package.read("imsmanifest.xml", limit=10)
    with pytest.raises(PackageError) as missing:
        package.read("nowhere.xml")

    assert package.read("imsmanifest.xml", limit=11) == b"<manifest/>"
    assert (too_large.value.finding.code, str(too_large.value)) == (
        "package-file-too-large",
        '"imsmanifest.xml" holds 11 bytes; such a file may hold 10 at most.',
    )
    assert (missing.value.finding.code, str(missing.value)) == (
        "package-file-missing",
        'There is no "nowhere.xml" in the package.',
    )


def test_a_deflated_member_becomes_a_gzip_stream_without_inflating():
    data = build(File("a.html", NOISE + ZEROS), File("b.html", NOISE, 0))
    package = verified(data)
    deflated, stored = package.members.values()

    header, trailer = gzip_wrapper(deflated)

    packed = data[deflated.offset : deflated.offset + deflated.compressed_size]
    assert gzip.decompress(header + packed + trailer) == NOISE + ZEROS
    assert gzip_wrapper(Member("big", size=2**32 + 5, method=8))[1] == bytes(4) + b"\x05\0\0\0"
    with pytest.raises(ValueError, match=r"b\.html is not deflated"):
        gzip_wrapper(stored)


def test_leaving_the_package_closes_the_file():
    file = io.BytesIO(PLAIN)

    with Package.open(file) as package:
        assert package.read("imsmanifest.xml") == b"<manifest/>"

    assert file.closed


class Source(io.RawIOBase):
    """A remote file: each read is a request, and answers in parts of at most 300,000 bytes."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.read_from: list[int] = []

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        self.read_from.append(self._file.tell())
        return self._file.read(min(size, 300_000))


def test_reads_a_remote_file_in_few_large_steps_from_front_to_back():
    data = build(*(File(f"{number}.bin", NOISE * 2, 0) for number in range(1_000)))
    source, heard = Source(data), []

    package = Package.open(source)
    opening, source.read_from = source.read_from, []
    package.verify(lambda done, total: heard.append((done, total)))

    assert len(opening) <= 4
    assert len(source.read_from) <= len(data) / 250_000 + 5
    assert source.read_from == sorted(source.read_from)
    assert heard == sorted(heard)
    assert heard[-1] == (heard[0][1], heard[0][1])
    assert 4 <= len(heard) <= 6


def test_verifies_in_bounded_memory(tmp_path):
    path = tmp_path / "large.zip"
    noise = random.Random(2).randbytes(3_500_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("deflated.bin", noise)
        archive.writestr("deflated well.bin", bytes(20_000_000))
        archive.writestr(zipfile.ZipInfo("stored.bin"), noise)

    tracemalloc.start()
    with Package.open(path.open("rb")) as package:
        package.verify()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        contents = {name: package.read(name) for name in ("deflated.bin", "stored.bin")}

    assert peak < 4_000_000
    assert contents == {"deflated.bin": noise, "stored.bin": noise}


def test_members_beyond_four_gigabytes_are_found_without_reading_what_lies_before(tmp_path):
    path, gap = tmp_path / "huge.zip", 5 * 1024**3
    file = File("a.html", offset=0xFFFFFFFF, extra=zips.zip64_extra(gap))
    members, directory = file.local(), file.central(0)
    start = gap + len(members)
    with path.open("wb") as out:
        out.seek(gap)
        out.write(members + directory + zips.end_64(1, len(directory), start, start + len(directory)))

    with Package.open(path.open("rb")) as package:
        started = time.process_time()
        package.verify()
        taken = time.process_time() - started
        contents = whole(package)

    assert (contents, package.members["a.html"].offset) == ({"a.html": b"content"}, gap + 36)
    assert taken < 0.2


def test_deep_folders_take_no_more_memory_than_their_names():
    names = [f"{number:03}/" + "a/" * 500 + "b" for number in range(100)]
    data = build(*(File(name, b"", 0) for name in names))

    tracemalloc.start()
    package = opened(data)
    base = package.base
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (list(package.members), base) == (names, "")
    assert peak < 5_000_000


def test_a_list_of_3000_members_is_read_at_once():
    data = build(*(File(f"content/{number % 50}/page{number}.html", b"", 0) for number in range(3_000)))

    started = time.process_time()
    package = opened(data)
    taken = time.process_time() - started

    assert len(package.members) == 3_000
    assert taken < 0.5  # about 0.02 s; a list read in quadratic time takes many seconds


# --- any zip file, and any damage -------------------------------------------------------------------------------------

PART = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="/\\:"), min_size=1
).filter(lambda part: part not in (".", ".."))
NAMES = st.lists(PART, min_size=1, max_size=3).map("/".join)
DATA = st.one_of(st.binary(max_size=300), st.integers(0, 300_000).map(lambda size: (NOISE * 151)[:size]))


class Streamed(io.BytesIO):
    """A file that cannot be sought in, so that zipfile writes data descriptors."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation("seek")

    tell = seek


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(NAMES, DATA, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]), st.booleans()), min_size=1
    ),
    st.booleans(),
    st.binary(max_size=50).filter(lambda comment: b"PK\5\6" not in comment),  # zipfile takes it for the end record
)
def test_reads_back_whatever_zipfile_writes(members, streamed, comment):
    file = Streamed() if streamed else io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # of names that are there twice
        for name, data, method, zip64 in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with archive.open(info, "w", force_zip64=zip64) as member:
                member.write(data)
        archive.comment = comment
    contents = file.getvalue()
    expected: dict[str, set[bytes]] = {}
    for name, data, *_ in members:
        expected.setdefault(folded(name), set()).add(data)

    if collide(expected):
        assert refusal(contents)[0] in ("zip-duplicate", "zip-case-collision")
    else:
        found = whole(verified(contents))
        assert {folded(name): {data} for name, data in found.items()} == expected


def folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.lower())


def collide(contents: dict[str, set[bytes]]) -> bool:
    return any(len(each) > 1 for each in contents.values()) or any(
        other.startswith(f"{name}/") for name in contents for other in contents
    )


DAMAGED = [
    PLAIN,
    build(
        File("f/", b"", 0, attributes=zips.UNIX_FOLDER),
        File("\u00fc.html", NOISE + ZEROS[:9_000], flags=zips.DESCRIPTOR),
        File("z", size=0xFFFFFFFF, extra=zips.zip64_extra(7)),
        File(b"?", extra=zips.unicode_path(b"?", "\u0394")),
        File("inner.zip", PLAIN, 0),
        comment=b"comment",
    ),
    MEMBERS + DIRECTORY + zips.end_64(1, len(DIRECTORY), len(MEMBERS), len(MEMBERS) + len(DIRECTORY)),
]


@pytest.mark.parametrize("seed", range(3))
def test_damage_raises_package_errors_only_and_takes_no_memory(seed):
    chance = random.Random(seed)
    tracemalloc.start()
    codes = set()
    for _ in range(1_500):
        try:
            whole(verified(damaged(chance, DAMAGED[seed])))
        except PackageError as error:
            codes.add(error.finding.code)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert {"zip-truncated", "zip-damaged"} <= codes
    assert peak < 4_000_000


def damaged(chance: random.Random, data: bytes) -> bytes:
    """Bytes flipped, most often in the directory at the end; a piece cut out or off; a number set to its extreme."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = (
            chance.randrange(max(0, len(result) - 300), len(result))
            if chance.random() < 0.7
            else chance.randrange(len(result))
        )
        match chance.randrange(8):
            case 0:
                del result[at:]
            case 1:
                del result[at : at + chance.randint(1, 40)]
            case 2:
                result[at : at + 4] = chance.choice([b"\xff" * 4, bytes(4), b"\xff\xff\xff\x7f"])
            case 3:
                result[at:at] = chance.randbytes(chance.randint(1, 40))
            case _:
                result[at] ^= 1 << chance.randrange(8)
        if not result:
            break
    return bytes(result)


# --- real packages ----------------------------------------------------------------------------------------------------


def corpus_zips() -> list[dict]:
    index = CORPUS / "INDEX.json"
    if not index.exists():
        return []
    return [package for package in json.loads(index.read_text())["packages"] if package["file"].endswith(".zip")]


CORPUS_REFUSED = {
    "lts-209-1-not-a-zip.zip": "not-a-zip",
    "zip-empty.zip": "zip-empty",
    "zip-password.zip": "zip-encrypted",
}


@pytest.mark.parametrize("entry", corpus_zips(), ids=lambda entry: entry["slug"])
def test_real_packages_read_as_zipfile_reads_them(entry):
    data = (CORPUS / entry["file"]).read_bytes()
    if code := CORPUS_REFUSED.get(entry["file"]):
        assert refusal(data)[0] == code
        return

    package = verified(data)

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        expected = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    assert (whole(package), package.findings) == (expected, [])
    assert package.base == ("badscorm/" if entry["file"] == "moodle-badscorm.zip" else "")
