"""AICC packages for tests: those of tests/data/aicc, and any others from their files' text."""

import io
import zipfile
from pathlib import Path

from standards.package import Package

FOLDER = Path(__file__).parents[2] / "data" / "aicc"
CRS = (
    "[Course]\nCourse_ID=C\nCourse_Title=Course\nLevel=1\nTotal_AUs=1\nTotal_Blocks=0\nVersion=4.0\n[Course_Behavior]\n"
)
AU = '"system_id","file_name"\n"A1","a.html"\n'
CST = '"block","member"\n"root","A1"\n'
DES = '"system_id","title"\n"A1","Unit"\n'


def zip_of(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def course_zip(name: str = "two_units") -> bytes:
    folder = FOLDER / name
    return zip_of({path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))})


def package(**files: str | bytes | None) -> Package:
    """A course of one unit; `crs`, `au`, `cst`, `des`, `pre` … replace its files, None leaves one out."""
    texts: dict[str, str | bytes | None] = {"crs": CRS, "au": AU, "cst": CST, "des": DES} | files
    named = {f"course.{ending}": text for ending, text in texts.items() if text is not None}
    return opened({"a.html": "<p>", "b.html": "<p>", **named})


def opened(files: dict[str, str | bytes]) -> Package:
    return Package.open(io.BytesIO(zip_of(files)))
