"""Files of courses: list, read, put, delete; and the whole as a zip."""

import mimetypes
import re
import uuid
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import quote, unquote, urlsplit

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query
from pydantic import Field

from content import fetch, storage, versions
from content.edited import held_file, held_files, zip_blocks, zip_size
from content.errors import ContentError, FetchError
from content.models import CourseVersion, PackageFile, fold
from standards.errors import PackageError

from .access import ApiRequest
from .auditing import record
from .courses import version_of
from .errors import ApiError, BadValue, check_address, naming
from .rates import waiting
from .sections import Section
from .uploads import MULTIPART, received
from .wire import Moment, Number, Wire

assets = Section("Course", "course")
BLOCK = 2**20
FETCH_SECONDS = 120  # in a request; whole packages are fetched by a worker, which has an hour
VERSION = "/courses/{course_id}/versions/{version_id}"


class FileListItemSchema(Wire):
    path: str | None = None
    size: int | None = None
    modified: Moment | None = None


class FileListSchema(Wire):
    files: list[FileListItemSchema]


class AssetFileSchema(Wire):
    filename: str | None = None
    destination: str | None = None


class ImportAssetRequestSchema(Wire):
    """`destination`: the path in the package, or a folder of it ending in a slash."""

    fetch_url: Annotated[str, Field(max_length=2000)]
    destination: str


class PathQuery(Wire):
    relative_path: Annotated[str, Field(min_length=1)]


class PolicyQuery(Wire):
    """`reject`: a new file only; `strict`: in the place of one only; `lax`: either."""

    update_asset_policy: Literal["reject", "strict", "lax"] = "lax"


UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "destination": {"type": "string"},
                        "file": {"type": "string", "format": "binary"},
                    },
                    "required": ["destination", "file"],
                }
            }
        },
    }
}
FILE = {
    "responses": {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
}
ZIP = {"responses": {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}}


# --- reading ----------------------------------------------------------------------------------------------------------


@assets.get("/courses/{course_id}/asset/list", "getCourseFileList", FileListSchema)
def get_course_file_list(request: ApiRequest, course_id: str) -> FileListSchema:
    """The files of the version that is played."""
    return _list(version_of(request, course_id, None))


@assets.get(f"{VERSION}/asset/list", "getCourseVersionFileList", FileListSchema)
def get_course_version_file_list(request: ApiRequest, course_id: str, version_id: Number) -> FileListSchema:
    """The files of one version."""
    return _list(version_of(request, course_id, version_id))


def _list(version: CourseVersion) -> FileListSchema:
    changed = dict(version.changes.exclude(new_size=None).order_by("pk").values_list("path", "created"))
    rows = PackageFile.objects.filter(version=version).order_by("path").values_list("path", "size", "is_changed")
    return FileListSchema(
        files=[
            FileListItemSchema(
                path=path, size=size, modified=(changed.get(path) if is_changed else None) or version.created
            )
            for path, size, is_changed in rows
        ]
    )


@assets.get("/courses/{course_id}/asset", "getCourseAsset", bytes, extra=FILE)
def get_course_asset(request: ApiRequest, course_id: str, query: Query[PathQuery]) -> HttpResponseBase:
    """A file of the version that is played."""
    return _file(version_of(request, course_id, None), query.relative_path)


@assets.get(f"{VERSION}/asset", "getCourseVersionAsset", bytes, extra=FILE)
def get_course_version_asset(
    request: ApiRequest, course_id: str, version_id: Number, query: Query[PathQuery]
) -> HttpResponseBase:
    """A file of one version."""
    return _file(version_of(request, course_id, version_id), query.relative_path)


def _row(version: CourseVersion, path: str) -> PackageFile:
    row = PackageFile.objects.filter(version=version, folded=fold(path.replace("\\", "/").removeprefix("/"))).first()
    if row is None:
        raise ApiError(404, f"relativePath: there is no file “{path[:255]}” in the course.")
    return row


def _file(version: CourseVersion, path: str) -> HttpResponseBase:
    row = _row(version, path)
    name = row.path.rpartition("/")[2]
    blocks: Iterator[bytes] = held_file(version, row).blocks()
    response: HttpResponse | StreamingHttpResponse
    if row.size <= BLOCK:
        response = HttpResponse(b"".join(blocks))
    else:
        response = StreamingHttpResponse(blocks)
        response.headers["Content-Length"] = str(row.size)
    response.headers["Content-Type"] = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return _as_attachment(response, name)


def _as_attachment(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """Never shown: this is the console's origin.

    The official Python client looks for `filename=` and takes the name up to a space or quote: there is always one
    that it can take, beside the true name where that is another (RFC 6266).
    """
    plain = re.sub(r"[^A-Za-z0-9._()+=@-]+", "_", name)
    exact = "" if plain == name else f"; filename*=utf-8''{quote(name, safe='')}"
    response.headers["Content-Disposition"] = f'attachment; filename="{plain}"{exact}'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@assets.get("/courses/{course_id}/zip", "getCourseZip", bytes, extra=ZIP)
def get_course_zip(request: ApiRequest, course_id: str) -> HttpResponseBase:
    """The package of the version that is played, with every change."""
    return _zip(version_of(request, course_id, None))


@assets.get(f"{VERSION}/zip", "getVersionedCourseZip", bytes, extra=ZIP)
def get_versioned_course_zip(request: ApiRequest, course_id: str, version_id: Number) -> HttpResponseBase:
    """The package of one version, with every change."""
    return _zip(version_of(request, course_id, version_id))


def _zip(version: CourseVersion) -> HttpResponseBase:
    if not version.archive:
        raise ApiError(404, f"Course ID '{version.course.course_id}' refers to an address: it has no files.")
    response: StreamingHttpResponse
    if version.revision:
        files = list(held_files(version).values())
        response = StreamingHttpResponse(zip_blocks(files))
        response.headers["Content-Length"] = str(zip_size(files))
    else:
        response = StreamingHttpResponse(_archive(version))
        response.headers["Content-Length"] = str(version.archive_size)
    response.headers["Content-Type"] = "application/zip"
    stem = (version.file_name or version.title).removesuffix(".zip")
    return _as_attachment(response, f"{stem or 'course'}.zip")


def _archive(version: CourseVersion) -> Iterator[bytes]:
    for start in range(0, version.archive_size, BLOCK):
        yield storage.read_range(version.archive, start, BLOCK)


# --- changing ---------------------------------------------------------------------------------------------------------


@assets.post(
    "/courses/{course_id}/asset/upload",
    "uploadCourseAssetFile",
    AssetFileSchema,
    errors=(411,),
    extra=UPLOAD,
    accepts=MULTIPART,
)
def upload_course_asset_file(request: ApiRequest, course_id: str, query: Query[PolicyQuery]) -> AssetFileSchema:
    """Put the `file` of the body at `destination` in the version that is played."""
    return _upload(request, version_of(request, course_id, None), query)


@assets.post(
    f"{VERSION}/asset/upload",
    "uploadCourseVersionAssetFile",
    AssetFileSchema,
    errors=(411,),
    extra=UPLOAD,
    accepts=MULTIPART,
)
def upload_course_version_asset_file(
    request: ApiRequest, course_id: str, version_id: Number, query: Query[PolicyQuery]
) -> AssetFileSchema:
    """Put the `file` of the body at `destination` in one version."""
    return _upload(request, version_of(request, course_id, version_id), query)


@assets.post("/courses/{course_id}/asset", "importCourseAssetFile", AssetFileSchema)
def import_course_asset_file(
    request: ApiRequest, course_id: str, query: Query[PolicyQuery], body: ImportAssetRequestSchema
) -> AssetFileSchema:
    """Put a file from an address at `destination` in the version that is played."""
    return _import(request, version_of(request, course_id, None), query, body)


@assets.post(f"{VERSION}/asset", "importCourseVersionAssetFile", AssetFileSchema)
def import_course_version_asset_file(
    request: ApiRequest, course_id: str, version_id: Number, query: Query[PolicyQuery], body: ImportAssetRequestSchema
) -> AssetFileSchema:
    """Put a file from an address at `destination` in one version."""
    return _import(request, version_of(request, course_id, version_id), query, body)


def _upload(request: ApiRequest, version: CourseVersion, query: PolicyQuery) -> AssetFileSchema:
    with received(request) as upload:
        destination = _destination(upload.fields.get("destination", ""), upload.name)
        with upload.path.open("rb") as file:
            return _put(request, version, destination, iter(lambda: file.read(BLOCK), b""), query)


def _import(
    request: ApiRequest, version: CourseVersion, query: PolicyQuery, body: ImportAssetRequestSchema
) -> AssetFileSchema:
    check_address("fetchUrl", body.fetch_url)
    name = unquote(urlsplit(body.fetch_url).path).rpartition("/")[2]
    destination = _destination(body.destination, name)
    path = storage.part_path(uuid.uuid4())
    try:
        with (
            waiting(request.application),
            naming("fetchUrl", FetchError),
            storage.disk_full_said(),
            path.open("wb") as file,
        ):
            fetch.fetch(body.fetch_url, file, lambda done, total: None, seconds=FETCH_SECONDS)
        with path.open("rb") as file:
            return _put(request, version, destination, iter(lambda: file.read(BLOCK), b""), query)
    finally:
        path.unlink(missing_ok=True)


def _destination(path: str, name: str) -> str:
    if not path.strip():
        raise BadValue("destination", "it is missing.")
    path = path.strip().lstrip("/")
    with naming("destination", ContentError):
        return versions.clean_path(path + name if path.endswith("/") or not path else path)


def _put(
    request: ApiRequest, version: CourseVersion, path: str, blocks: Iterator[bytes], query: PolicyQuery
) -> AssetFileSchema:
    change = versions.Change(policy=query.update_asset_policy, progress=versions.KEEP)
    with naming("destination", versions.FileExists):
        row = versions.put_file(version, path, blocks, change)
    record(request, "file.put", version, path=row.path, policy=query.update_asset_policy)
    folder, _, name = row.path.rpartition("/")
    return AssetFileSchema(filename=name, destination=row.path)


@assets.delete("/courses/{course_id}/asset", "deleteCourseAsset")
def delete_course_asset(request: ApiRequest, course_id: str, query: Query[PathQuery]) -> None:
    """Take a file out of the version that is played."""
    _delete(request, version_of(request, course_id, None), query.relative_path)


@assets.delete(f"{VERSION}/asset", "deleteCourseVersionAsset")
def delete_course_version_asset(
    request: ApiRequest, course_id: str, version_id: Number, query: Query[PathQuery]
) -> None:
    """Take a file out of one version."""
    _delete(request, version_of(request, course_id, version_id), query.relative_path)


def _delete(request: ApiRequest, version: CourseVersion, path: str) -> None:
    row = _row(version, path)
    with naming("relativePath", ContentError, PackageError):
        versions.delete_file(version, row, versions.Change(progress=versions.KEEP))
    record(request, "file.delete", version, path=row.path)
