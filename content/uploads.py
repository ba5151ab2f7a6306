"""Resumable uploads: the tus protocol 1.0 (core, creation, termination, expiration; https://tus.io/protocols).

A file gathers in UPLOAD_DIR, which all web processes must share. What is answered as received is on the disk: a killed
server, a dropped line or a reloaded page costs at most the last `SAFE_EVERY` bytes. Each address belongs to the person
who began the upload, in the realm it was begun in; for anyone else there is nothing there.
"""

import base64
import binascii
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from typing import Any, BinaryIO
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from realms.templatetags.console import size as in_words

from . import services, storage
from .errors import ContentError, DiskFull, OverPlan
from .left_over import UPLOAD_KEPT, upload_path
from .models import ImportJob, Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
CONTENT_TYPE = "application/offset+octet-stream"
PIECE = 256 * 1024  # bytes read from the request at a time
SAFE_EVERY = 16 * 1024 * 1024  # bytes after which what has come is made safe and recorded, within one request
LOCK_SECONDS = 2.0
OPEN_AT_MOST = 100  # unfinished uploads of a person in a realm


class Refused(Exception):
    """The request is answered with this status and sentence."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


View = Callable[..., HttpResponseBase]


def tus(view: Callable[..., HttpResponse]) -> View:
    """Speak the protocol: check its version, say it in each answer, answer errors in words as plain text."""
    inside = realm_member(needs=Right.CONTENT_CHANGE)(view)

    @wraps(view)
    def speaking(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response: HttpResponseBase
        try:
            if not request.user.is_authenticated:  # a redirect to a sign-in page means nothing to an upload
                raise Refused(HTTPStatus.UNAUTHORIZED, gettext("You were signed out. Sign in again to go on."))
            if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
                raise Refused(HTTPStatus.PRECONDITION_FAILED, f"Uploads speak tus {VERSION} here.")
            response = inside(request, *args, **kwargs)
        except Refused as error:
            response = _words(error.status, str(error))
        except DiskFull as error:
            response = _words(HTTPStatus.INSUFFICIENT_STORAGE, str(error))
        except OverPlan as error:
            response = _words(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error))
        except ContentError as error:
            response = _words(HTTPStatus.CONFLICT, str(error))
        if response.status_code == HTTPStatus.PRECONDITION_FAILED:
            response["Tus-Version"] = VERSION
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    speaking.needs = inside.needs  # type: ignore[attr-defined]
    return speaking


def _words(status: HTTPStatus, message: str) -> HttpResponse:
    return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")


# --- addresses --------------------------------------------------------------------------------------------------------


@tus
def uploads(request: RealmRequest) -> HttpResponse:
    """POST begins an upload (creation); OPTIONS tells what is spoken here."""
    if request.method == "POST":
        return _create(request)
    if request.method == "OPTIONS":
        answer = HttpResponse(status=204)
        answer["Tus-Version"] = VERSION
        answer["Tus-Extension"] = EXTENSIONS
        answer["Tus-Max-Size"] = str(settings.UPLOAD_MAX_BYTES)
        return answer
    return HttpResponse(status=405, headers={"Allow": "POST, OPTIONS"})


@tus
def upload(request: RealmRequest, upload_id: UUID) -> HttpResponse:
    """HEAD: how much is here; PATCH: more of it; DELETE: away with it."""
    verbs = {"HEAD": _head, "PATCH": _patch, "DELETE": _delete}
    if request.method not in verbs:
        return HttpResponse(status=405, headers={"Allow": ", ".join(verbs)})
    found = _mine(request).filter(pk=upload_id).first()
    if found is None:
        raise Http404
    return verbs[request.method](request, found)


def _mine(request: RealmRequest) -> QuerySet[Upload]:
    return Upload.objects.filter(request.realm.within(), user_id=request.membership.user_id)


# --- verbs ------------------------------------------------------------------------------------------------------------


def _create(request: RealmRequest) -> HttpResponse:
    length = _number(request, "Upload-Length")
    metadata = _metadata(request.headers.get("Upload-Metadata", ""))
    file_name = _printable(metadata.get("filename", "").replace("\\", "/").rpartition("/")[2]) or "package.zip"
    course_id = _printable(metadata.get("course", ""))
    if length == 0:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{file_name} is empty.")
    if length > settings.UPLOAD_MAX_BYTES:
        raise Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            gettext("%(file_name)s has %(length)s; %(upload_max_bytes)s are allowed.")
            % {
                "file_name": file_name,
                "length": in_words(length),
                "upload_max_bytes": in_words(settings.UPLOAD_MAX_BYTES),
            },
        )
    _refuse_too_many(request)
    services.refuse_over_plan(request.realm, length)
    if shutil.disk_usage(storage.upload_folder()).free < length:
        raise DiskFull(
            gettext(
                "The server's disk has no room for the %(length)s of %(file_name)s. Ask the person who runs "
                "this site to make room."
            )
            % {"length": in_words(length), "file_name": file_name}
        )
    made = Upload.objects.create(
        application=request.application,
        user_id=request.membership.user_id,
        file_name=file_name,
        length=length,
        course_id=course_id,
    )
    about: dict[str, Any] = {"realm": request.realm, "application": request.application, "target": file_name}
    audit.record(request, "course.import", **about, details={"course": course_id} if course_id else None)
    answer = HttpResponse(status=201)
    answer["Location"] = reverse("content:upload", args=[request.realm.slug, made.pk])
    return _with_state(answer, made)


def _printable(text: str) -> str:
    """Without characters that end a header, turn the direction of writing, or that a database does not take."""
    return "".join(filter(str.isprintable, text)).strip()[:255]


def _refuse_too_many(request: RealmRequest) -> None:
    unfinished = _mine(request).filter(received__lt=F("length"))
    if unfinished.count() >= OPEN_AT_MOST:
        raise Refused(
            HTTPStatus.TOO_MANY_REQUESTS,
            gettext(
                "You have %(open_at_most)s unfinished uploads. Finish or cancel some; those left alone go after a day."
            )
            % {"open_at_most": OPEN_AT_MOST},
        )


def _head(request: RealmRequest, found: Upload) -> HttpResponse:
    """Also finishes what was whole when the server stopped before it could say so."""
    if found.received == found.length:
        _finish(found)
    return _with_state(HttpResponse(status=200), found)


def _patch(request: RealmRequest, found: Upload) -> HttpResponse:
    if request.content_type != CONTENT_TYPE:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The body of an upload is {CONTENT_TYPE}.")
    offset = _number(request, "Upload-Offset")
    if found.received == found.length == offset:
        _finish(found)  # a repeated last request
        return _with_state(HttpResponse(status=204), found)
    with _locked_file(found) as file:
        if offset != found.received:
            raise Refused(
                HTTPStatus.CONFLICT,
                gettext("%(received)s bytes are here, not %(offset)s.")
                % {"received": found.received, "offset": offset},
            )
        _receive(request, found, file)
        if found.received == found.length:
            _finish(found)
    return _with_state(HttpResponse(status=204), found)


def _delete(request: RealmRequest, found: Upload) -> HttpResponse:
    if found.received == found.length:
        services.remove_upload(found)
    else:
        with _locked_file(found):
            services.remove_upload(found)
    return HttpResponse(status=204)


def _finish(found: Upload) -> None:
    """Hand the whole file to the import. The job has the upload's id, so that doing this again makes no second one."""
    if ImportJob.objects.filter(pk=found.pk).exists():
        return
    wish = services.Wish(user_id=found.user_id, course_id=found.course_id, may_create_version=bool(found.course_id))
    services.start_import(found.application, upload_path(found.pk), found.file_name, wish, job_id=found.pk)


# --- bytes ------------------------------------------------------------------------------------------------------------


@contextmanager
def _locked_file(found: Upload) -> Iterator[BinaryIO]:
    """The upload's file, for this request alone, with the row read anew.

    The lock is the file's: no transaction is held open while bytes come. A request that was given up may take a moment
    to notice, so this waits a little before it refuses.
    """
    flags = os.O_RDWR if found.received else os.O_RDWR | os.O_CREAT
    try:
        descriptor = os.open(upload_path(found.pk), flags, 0o600)
    except FileNotFoundError as error:
        raise Http404 from error
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        _lock(descriptor)
        try:
            found.refresh_from_db()
        except Upload.DoesNotExist as error:
            raise Http404 from error
        yield file


def _lock(descriptor: int) -> None:
    give_up = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > give_up:
                raise Refused(HTTPStatus.LOCKED, gettext("Another window is sending this file.")) from error
            time.sleep(0.05)


def _receive(request: RealmRequest, found: Upload, file: BinaryIO) -> None:
    """Append what the request brings; what has come when the line drops is kept."""
    file.truncate(found.received)  # what was written after the last record may not be whole
    file.seek(found.received)
    unsafe = 0
    try:
        with storage.disk_full_said():
            for piece in _pieces(request):
                if found.received + unsafe + len(piece) > found.length:
                    raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, gettext("More bytes came than were announced."))
                _write_all(file, piece)
                unsafe += len(piece)
                if unsafe >= SAFE_EVERY:
                    _make_safe(found, file, unsafe)
                    unsafe = 0
    finally:
        _make_safe(found, file, unsafe)


def _pieces(request: RealmRequest) -> Iterator[bytes]:
    try:
        while piece := request.read(PIECE):
            yield piece
    except UnreadablePostError:  # the line dropped
        return


def _write_all(file: BinaryIO, piece: bytes) -> None:
    left = memoryview(piece)
    while left:
        left = left[file.write(left) :]


def _make_safe(found: Upload, file: BinaryIO, more: int) -> None:
    """Only what the disk has is recorded as received."""
    if not more:
        return
    with storage.disk_full_said():
        os.fsync(file.fileno())
    found.received += more
    found.save(update_fields=["received", "updated"])


# --- headers ----------------------------------------------------------------------------------------------------------


def _with_state(answer: HttpResponse, found: Upload) -> HttpResponse:
    answer["Upload-Offset"] = str(found.received)
    answer["Upload-Length"] = str(found.length)
    if found.received < found.length:
        answer["Upload-Expires"] = http_date((timezone.now() + UPLOAD_KEPT).timestamp())
    return answer


def _number(request: HttpRequest, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise Refused(HTTPStatus.BAD_REQUEST, gettext("%(header)s must be a number of bytes.") % {"header": header})
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """Upload-Metadata: comma-separated pairs of a key and a base64 value."""
    pairs = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            pairs[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Refused(HTTPStatus.BAD_REQUEST, "Upload-Metadata cannot be read.") from error
    return pairs
