"""What is measured on: a large package, and a full library."""

import random
import zipfile
from pathlib import Path

from tests.packages import FOLDER

PICTURES, PICTURE_BYTES = 2000, 130_000  # as a camera's: nothing left to press out of them
PAGES, PAGE_BYTES = 1000, 120_000  # as an authoring tool's: deflated to about a third
LARGE = "media/large.bin"  # 10 MB, stored
PAGE = "pages/0001.html"


def words(chance: random.Random, size: int) -> bytes:
    vocabulary = [bytes(chance.choices(b"abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 11))) for _ in range(4000)]
    text = b"<!doctype html><title>Page</title><p>" + b" ".join(chance.choices(vocabulary, k=size // 7))
    return text[:size]


def large_package(path: Path) -> None:
    """A working SCORM 1.2 package of some 3,000 files and 300 MB; the same bytes each time."""
    chance = random.Random(12)
    small = FOLDER / "scorm12_single"
    with zipfile.ZipFile(path, "w") as archive:
        for member in sorted(small.iterdir()):
            archive.write(member, member.name, zipfile.ZIP_DEFLATED)
        for number in range(PICTURES):
            archive.writestr(f"pictures/{number:04}.jpg", chance.randbytes(PICTURE_BYTES), zipfile.ZIP_STORED)
        for number in range(PAGES):
            archive.writestr(f"pages/{number:04}.html", words(chance, PAGE_BYTES), zipfile.ZIP_DEFLATED)


def served_package(path: Path) -> None:
    """A package with a page of 58 kB and a file of 10 MB."""
    chance = random.Random(12)
    with zipfile.ZipFile(path, "w") as archive:
        for member in sorted((FOLDER / "scorm12_single").iterdir()):
            archive.write(member, member.name, zipfile.ZIP_DEFLATED)
        archive.writestr(PAGE, words(chance, 58_000), zipfile.ZIP_DEFLATED)
        archive.writestr(LARGE, chance.randbytes(10 * 2**20), zipfile.ZIP_STORED)


def large_manifest(folder: Path) -> Path:
    """A SCORM 1.2 package whose manifest has 5 MB: 4,000 items, their resources, 40,000 files."""
    items, resources = [], []
    for number in range(4_000):
        identifier, page = f"ITEM-{number:05}", f"lesson-{number:05}/index.html"
        title = f"<title>Lesson {number}</title>"
        items.append(f'<item identifier="{identifier}" identifierref="R{number}">{title}</item>')
        files = "".join(
            f'<file href="lesson-{number:05}/a-file-with-a-name-as-authoring-tools-make-{each}-of-{number:05}.js"/>\n'
            for each in range(10)
        )
        resources.append(
            f'<resource identifier="R{number}" type="webcontent" adlcp:scormtype="sco" href="{page}">'
            f'<file href="{page}"/>{files}</resource>'
        )
    manifest = (
        '<manifest identifier="M" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"'
        ' xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><metadata><schema>ADL SCORM</schema>'
        '<schemaversion>1.2</schemaversion></metadata><organizations default="O"><organization identifier="O">'
        f"<title>Large</title>{''.join(items)}</organization></organizations>"
        f"<resources>{''.join(resources)}</resources></manifest>"
    )
    path = folder / "large-manifest.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imsmanifest.xml", manifest)
        for number in range(4_000):
            archive.writestr(f"lesson-{number:05}/index.html", "x")
    return path


def many_aus(folder: Path) -> Path:
    """A cmi5 course of 1,000 AUs in 20 blocks, each AU with its page."""

    def text(words: str) -> str:
        one = f'<langstring lang="en">{words}</langstring>'
        return f"<title>{one}</title><description>{one}</description>"

    blocks = []
    for block in range(20):
        aus = "".join(
            f'<au id="https://example.com/au/{number}" moveOn="Passed" masteryScore="0.8">{text(f"Unit {number}")}'
            f"<url>au/{number}.html</url></au>"
            for number in range(block * 50, block * 50 + 50)
        )
        blocks.append(f'<block id="https://example.com/block/{block}">{text(f"Block {block}")}{aus}</block>')
    structure = (
        '<?xml version="1.0" encoding="UTF-8"?><courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">'
        f'<course id="https://example.com/course">{text("Many")}</course>{"".join(blocks)}</courseStructure>'
    )
    path = folder / "many-aus.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cmi5.xml", structure)
        for number in range(1_000):
            archive.writestr(f"au/{number}.html", "x")
    return path
