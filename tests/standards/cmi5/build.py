"""Course structures for tests: a small right one, changed where a test wants it wrong; packages of them."""

import io
import zipfile
from pathlib import Path

from standards.cmi5.package import parse
from standards.package import Package
from standards.structure import CourseStructure

FOLDER = Path(__file__).parents[2] / "data" / "cmi5"
NAMESPACE = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"
TEXTS = (
    '<title><langstring lang="en">{0}</langstring></title>'
    '<description><langstring lang="en">{0}</langstring></description>'
)
BASE = "https://tests.example/"


def au(name: str = "au", attributes: str = "", url: str = "https://content.example/index.html", rest: str = "") -> str:
    return f'<au id="{BASE}{name}" {attributes}>{TEXTS.format(name)}<url>{url}</url>{rest}</au>'


def block(name: str, *children: str, rest: str = "") -> str:
    return f'<block id="{BASE}{name}">{TEXTS.format(name)}{rest}{"".join(children)}</block>'


def structure(*children: str, course: str = "course", objectives: str = "", rest: str = "", declared: str = "") -> str:
    head = f'<course id="{BASE}{course}">{TEXTS.format("Course")}</course>'
    return (
        f'<courseStructure xmlns="{NAMESPACE}" {declared}>{head}{objectives}{"".join(children)}{rest}</courseStructure>'
    )


def objective(name: str) -> str:
    return f'<objective id="{BASE}{name}">{TEXTS.format(name)}</objective>'


def alone(xml: str | bytes) -> Package:
    """A course structure without a zip."""
    return Package.open(io.BytesIO(xml.encode() if isinstance(xml, str) else xml))


def zipped(xml: str | bytes, *files: str, name: str = "cmi5.xml") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, xml)
        for file in files:
            archive.writestr(file, "<!doctype html><title>AU</title>")
    return buffer.getvalue()


def in_zip(xml: str | bytes, *files: str, name: str = "cmi5.xml") -> Package:
    return Package.open(io.BytesIO(zipped(xml, *files, name=name)))


def course_of(*children: str) -> CourseStructure:
    return parse(alone(structure(*children)))


def course_zip(name: str = "course") -> bytes:
    """A folder of tests/data/cmi5 as a package: the same bytes each time."""
    folder, buffer = FOLDER / name, io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (2020, 1, 1, 0, 0, 0))
            member.external_attr = 0o644 << 16
            archive.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
