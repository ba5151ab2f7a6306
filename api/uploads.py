"""Files that come in the body of a request: written to the disk as they come, so that size costs no memory."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from content import storage
from realms.templatetags.console import size as in_words

from .errors import ApiError, BadValue
from .wire import refuse_nul

MULTIPART = "multipart/form-data"
FIELD = "file"
AROUND = 2**20  # bytes of a body beside its file


@dataclass(frozen=True)
class Received:
    """A file on the local disk, gone when the request is over unless it was taken away, and the fields beside it."""

    path: Path
    name: str
    fields: dict[str, str]


@contextmanager
def received(request: HttpRequest) -> Iterator[Received]:
    """The `file` of a multipart body. Raises ApiError."""
    _refuse(request)
    path = storage.part_path(uuid.uuid4())
    handler = _ToDisk(path)
    request.upload_handlers = [handler]
    try:
        fields = {str(name): str(value) for name, value in request.POST.items()}
        if FIELD in fields:
            raise BadValue(FIELD, "the part of this name has no filename, so that it is a text and no file.")
        for name, value in fields.items():
            refuse_nul(name, value)
        if handler.found is None:
            raise BadValue(FIELD, "it is missing: send a file in the part of this name.")
        if handler.found.size == 0:
            raise BadValue(FIELD, "it is empty.")
        yield Received(path, _printable(handler.found.name or ""), fields)
    finally:
        handler.close()
        path.unlink(missing_ok=True)


def _refuse(request: HttpRequest) -> None:
    """What need not be read to be refused."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        raise ApiError(411, "The request must say how long it is (Content-Length).")
    if int(length) > settings.UPLOAD_MAX_BYTES + AROUND:
        raise _too_large()


def announced(request: HttpRequest) -> int:
    """Bytes that the file has at least, before any of them is read."""
    length = request.headers.get("Content-Length", "")
    return max(0, int(length) - AROUND) if length.isdecimal() else 0


def _too_large() -> ApiError:
    return ApiError(413, f"The file is larger than the {in_words(settings.UPLOAD_MAX_BYTES)} that are allowed.")


def _printable(name: str) -> str:
    return "".join(filter(str.isprintable, name)).strip()[:255] or "package.zip"


class _ToDisk(FileUploadHandler):
    """Writes the one file that is wanted where the import will take it from."""

    chunk_size = 2**20

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.found: UploadedFile | None = None
        self._file: BinaryIO | None = None
        self._size = 0

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        if field_name != FIELD or self._file is not None or self.found is not None:
            raise SkipFile
        self._file = self.path.open("wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self._file is not None
        self._size += len(raw_data)
        if self._size > settings.UPLOAD_MAX_BYTES:
            raise _too_large()
        with storage.disk_full_said():
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        assert self._file is not None
        with storage.disk_full_said():
            self._file.flush()
            os.fsync(self._file.fileno())
        self.close()
        self.found = UploadedFile(None, self.file_name, self.content_type, file_size)
        return self.found

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
