"""Where archives lie: Django's default storage, the local disk or an S3 bucket.

An archive is written once under a name that its import job decides, and never changed. Serving reads slices of it; on
the local disk that is one `pread`, on S3 one ranged GET. Files are not kept open between reads: opening takes a few
microseconds, and a deleted archive gives its room back at once.
"""

import errno
import io
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from .errors import DiskFull

BLOCK = 1024 * 1024  # bytes copied at a time
REMOTE_BLOCK = 8 * 1024 * 1024  # bytes a sequential reader of S3 asks for at a time: fewer, larger requests

Progress = Callable[[int, int], None]  # bytes done, bytes in all


# --- names ------------------------------------------------------------------------------------------------------------


def archive_name(job_id: uuid.UUID) -> str:
    """Where a job's archive lies: the same name however often the job is run."""
    return f"{_folder(job_id)}/package.zip"


def inflated_name(job_id: uuid.UUID, index: int) -> str:
    """Where the inflated copy of the archive's member number `index` lies."""
    return f"{_folder(job_id)}/inflated/{index}"


def changed_name(archive: str) -> str:
    """A new place for the bytes of a file that is changed in the version with this archive."""
    return f"{changed_folder(archive)}/{uuid.uuid4().hex}"


def changed_folder(archive: str) -> str:
    return f"{archive.rpartition('/')[0]}/changed"


def _folder(job_id: uuid.UUID) -> str:
    return f"{job_id.hex[:2]}/{job_id}"


def part_path(job_id: uuid.UUID) -> Path:
    """A new place on the local disk to write a file of this job before it is stored."""
    return upload_folder() / f"{job_id}.{uuid.uuid4().hex}.part"


def remove_parts(job_id: uuid.UUID) -> None:
    """Remove what an interrupted run of the job left on the local disk."""
    for path in upload_folder().glob(f"{job_id}.*.part"):
        path.unlink(missing_ok=True)


def upload_folder() -> Path:
    folder = Path(settings.UPLOAD_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# --- writing ----------------------------------------------------------------------------------------------------------


def put_file(name: str, path: Path) -> None:
    """Store the file under the name and take it away from where it was. What had the name is replaced, atomically on
    the local disk."""
    target = local_path(name)
    if target is None:
        default_storage.delete(name)
        with path.open("rb") as file:
            default_storage.save(name, File(file))
        path.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_over(path, target)  # uploads and packages lie on two disks
    _sync_folder(target.parent)


def _copy_over(path: Path, target: Path) -> None:
    beside = target.with_name(f".{uuid.uuid4().hex}")
    try:
        with disk_full_said():
            shutil.copyfile(path, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    path.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_blocks(job_id: uuid.UUID, name: str, blocks: Iterable[bytes | memoryview]) -> None:
    """Store the bytes under the name; nothing is there until they are whole."""
    path = part_path(job_id)
    try:
        with disk_full_said(), path.open("wb") as file:
            for block in blocks:
                file.write(block)
        put_file(name, path)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def disk_full_said() -> Iterator[None]:
    """Turns "no space left on device" into words for a person."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(
            "The server's disk is full. Nothing is lost: ask the person who runs this site to make room, then go on."
        ) from error


def delete(names: Iterable[str]) -> None:
    """Remove files from the storage; those that are gone already do not matter. Empty folders go too."""
    for name in names:
        default_storage.delete(name)
        if path := local_path(name):
            _remove_empty_folders(path.parent)


def _remove_empty_folders(folder: Path) -> None:
    root = Path(default_storage.path(""))
    with suppress(OSError):  # not empty, or gone
        while folder != root:
            folder.rmdir()
            folder = folder.parent


def delete_changed(archive: str) -> None:
    """Remove every changed file of the version with this archive, those too that no row came to speak of."""
    folder = changed_folder(archive)
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return
    delete([f"{folder}/{name}" for name in names])


def delete_job_files(job_id: uuid.UUID) -> None:
    """Remove all that the job has stored."""
    folder = _folder(job_id)
    try:
        copies = default_storage.listdir(f"{folder}/inflated")[1]
    except FileNotFoundError:
        copies = []
    delete([archive_name(job_id), *(f"{folder}/inflated/{copy}" for copy in copies)])


# --- reading ----------------------------------------------------------------------------------------------------------


def local_path(name: str) -> Path | None:
    """The file on the local disk, or None where the storage is elsewhere."""
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None


def exists(name: str) -> bool:
    return default_storage.exists(name)


def size(name: str) -> int:
    return default_storage.size(name)


def read_range(name: str, offset: int, length: int) -> bytes:
    """The slice of the file, shorter only where the file ends. Raises FileNotFoundError."""
    if length <= 0:
        return b""
    if (path := local_path(name)) is not None:
        return _read_local(path, offset, length)
    if hasattr(default_storage, "bucket"):
        return _read_s3(name, offset, length)
    with default_storage.open(name) as file:
        file.seek(offset)
        return file.read(length)


def _read_local(path: Path, offset: int, length: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        data = os.pread(descriptor, length, offset)
        while len(data) < length and (more := os.pread(descriptor, length - len(data), offset + len(data))):
            data += more  # a single pread gives at most 2 GiB
        return data
    finally:
        os.close(descriptor)


def _read_s3(name: str, offset: int, length: int) -> bytes:
    key = default_storage._normalize_name(name)  # type: ignore[attr-defined]
    client = default_storage.bucket.meta.client  # type: ignore[attr-defined]
    try:
        answer = client.get_object(
            Bucket=default_storage.bucket.name,  # type: ignore[attr-defined]
            Key=key,
            Range=f"bytes={offset}-{offset + length - 1}",
        )
    except client.exceptions.NoSuchKey as error:
        raise FileNotFoundError(name) from error
    with answer["Body"] as body:
        return body.read()


def open_file(name: str) -> BinaryIO:
    """The stored file for reading and seeking; nothing of it is copied to the local disk."""
    if (path := local_path(name)) is not None:
        return path.open("rb")
    return io.BufferedReader(RangedFile(name), REMOTE_BLOCK)


class RangedFile(io.RawIOBase):
    """A stored file read by ranged requests."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._size = size(name)
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        length = min(len(buffer), self._size - self._position)
        if length <= 0:
            return 0
        data = read_range(self.name, self._position, length)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
