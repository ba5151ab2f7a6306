"""Packages made for tests: `package(…)` is a zip of a SCORM 1.2 manifest and the given members."""

import io
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path

from content import importer, services, storage
from content.models import ImportJob
from realms.models import Application

MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="M" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="O"><organization identifier="O"><title>{title}</title>
    <item identifier="I" identifierref="R"><title>One</title></item></organization></organizations>
  <resources><resource identifier="R" type="webcontent" adlcp:scormtype="sco" href="index.html">
    <file href="index.html"/></resource></resources>
</manifest>"""


def package(
    members: Mapping[str, bytes | str] | None = None, title: str = "Sea signals", stored: tuple[str, ...] = ()
) -> bytes:
    """A working package; `stored` names the members that are not deflated."""
    return zip_of(
        {"imsmanifest.xml": MANIFEST.format(title=title), "index.html": "<p>Hello", **(members or {})}, stored
    )


def zip_of(members: Mapping[str, bytes | str], stored: tuple[str, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, method)
    return buffer.getvalue()


def waiting_job(application: Application, data: bytes, file_name: str = "course.zip", **wish) -> ImportJob:
    """An uploaded package whose import has not begun."""
    path: Path = storage.upload_folder() / uuid.uuid4().hex
    path.write_bytes(data)
    return services.start_import(application, path, file_name, services.Wish(**wish))


def imported(application: Application, data: bytes, file_name: str = "course.zip", **wish) -> ImportJob:
    """The import of the package, over."""
    job = waiting_job(application, data, file_name, **wish)
    importer.run(job.pk)
    job.refresh_from_db()
    return job
