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
    folder = FOLDER / name
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (2020, 1, 1, 0, 0, 0))
            member.external_attr = 0o644 << 16
            archive.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
