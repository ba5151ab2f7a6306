"""Small working packages of our own, as folders; `package_zip` makes the upload of one.

Every SCO has the buttons #complete #pass #fail #score80 #answer #bookmark #suspend #finish and shows what it found and
did in #status, #entry, #location, #data, #query and #last.
"""

import io
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parent


def package_names() -> list[str]:
    return sorted(manifest.parent.name for manifest in FOLDER.glob("*/imsmanifest.xml"))


def package_zip(name: str) -> bytes:
    """The package as a zip, the same bytes each time: sorted members, one fixed date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in sorted(_members(name).items()):
            member = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _members(name: str) -> dict[str, bytes]:
    """The files of the package's folder, and the script and style that all of a standard share, where it wants them."""
    folder = FOLDER / name
    members = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    place = "shared/" if b"shared/" in members["imsmanifest.xml"] else ""
    members[f"{place}sco.js"] = (FOLDER / f"{name.partition('_')[0]}.js").read_bytes()
    members[f"{place}sco.css"] = (FOLDER / "sco.css").read_bytes()
    return members
