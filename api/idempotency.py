"""Idempotency-Key: a POST that is sent again after a dropped line is done once and answered alike, for a day.

A refused request is forgotten, so that the same key does for the corrected one.
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .access import authenticate
from .errors import ApiError
from .models import KeyedRequest

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
LENGTH = 255
KEPT = timedelta(days=1)
LOST = timedelta(hours=1)  # a request that was not answered by then died with its process


def once(request: HttpRequest, do: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The answer of `do`, or where the same was asked with the same key before, the answer that had.

    Raises 409 while that is under way, 422 where something else was asked.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        return do(request)
    if len(key) > LENGTH or not key.isprintable():
        raise ApiError(400, f"{HEADER}: it has from 1 to {LENGTH} printable characters.")
    caller = authenticate(request)
    application = caller.application
    # a token sees no answer that was given to a secret key, or to a token that may do more
    scopes = "all" if caller.scopes is None else " ".join(sorted(caller.scopes))
    named = {"application": application, "key_hash": hashlib.sha256(f"{scopes}\0{key}".encode()).hexdigest()}
    fingerprint = _fingerprint(request)
    try:
        with transaction.atomic():
            KeyedRequest.objects.filter(**named, status=None, created__lt=timezone.now() - LOST).delete()
            KeyedRequest.objects.filter(**named, created__lt=timezone.now() - KEPT).delete()
            row = KeyedRequest.objects.create(**named, fingerprint=fingerprint)
    except IntegrityError:
        return _again(KeyedRequest.objects.filter(**named).first(), fingerprint, _cipher(application.pk, key))
    done = False
    try:
        response = do(request)
        done = response.status_code < 400
    finally:
        if not done:
            row.delete()
    if done:
        body = _cipher(application.pk, key).encrypt(response.content)
        KeyedRequest.objects.filter(pk=row.pk).update(status=response.status_code, body=body)  # may be gone: LOST
    return response


def forget_old() -> None:
    KeyedRequest.objects.filter(created__lt=timezone.now() - KEPT).delete()


def _again(row: KeyedRequest | None, fingerprint: str, cipher: Fernet) -> HttpResponse:
    if row is None or row.status is None:
        raise ApiError(409, f"{HEADER}: the request with this key is still under way.", {"Retry-After": "1"})
    if row.fingerprint != fingerprint:
        raise ApiError(422, f"{HEADER}: another request came with this key. Take a new key for each.")
    try:
        body = cipher.decrypt(bytes(row.body))
    except InvalidToken:  # the site's secret was changed since
        raise ApiError(409, f"{HEADER}: this was done, but its answer cannot be told again.") from None
    response = HttpResponse(body, status=row.status, content_type="application/json" if body else "")
    response.headers[REPLAYED] = "true"
    return response


def _fingerprint(request: HttpRequest) -> str:
    """Of the address and the body; of a file in it, which is not read here, of its length alone."""
    parts = [request.path_info.encode(), request.META.get("QUERY_STRING", "").encode()]
    is_file = request.content_type == "multipart/form-data"
    parts.append(request.headers.get("Content-Length", "").encode() if is_file else request.body)
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _cipher(application_id: int, key: str) -> Fernet:
    secret = hashlib.sha256(f"{settings.SECRET_KEY}\0{application_id}\0{key}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(secret))
