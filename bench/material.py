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
