"""The packages of tests/data/xapi as zip files, and small ones made on the spot."""

import io
import zipfile
from pathlib import Path

from standards.package import Package

FOLDER = Path(__file__).resolve().parents[2] / "data" / "xapi"


def package_zip(name: str) -> bytes:
    """A folder as a zip, the same bytes each time."""
    folder = FOLDER / name
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return zip_of({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})


def zip_of(files: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def opened(data: bytes) -> Package:
    return Package.open(io.BytesIO(data))


def tincan(activities: str, **files: bytes | str) -> Package:
    """An open package of a tincan.xml with these activities, an index.html and other files."""
    manifest = f'<tincan xmlns="http://projecttincan.com/tincan.xsd"><activities>{activities}</activities></tincan>'
    return opened(zip_of({"tincan.xml": manifest, "index.html": "page", **files}))
