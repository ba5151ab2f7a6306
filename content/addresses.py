"""Addresses of package files on the content origin: signed, the same for all learners of a version, good for weeks.

They hold the version's revision too: a file that was changed is asked for at another address, whatever a cache keeps of
the one before.
"""

import base64
import hmac
import time
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from .models import CourseVersion

BUCKET_SECONDS = 7 * 24 * 3600
BUCKETS_ACCEPTED = 3  # the current one and two before: an address works for two to three weeks


def files_url(version: CourseVersion) -> str:
    """Where the files of the version are on the content origin, ending in a slash; append a member's path."""
    when = f"{bucket_now():x}" + (f"-{version.revision:x}" if version.revision else "")
    return f"/files/{_sign(version.key, when)}/"


def bucket_now() -> int:
    return int(time.time()) // BUCKET_SECONDS


def _sign(key: UUID, when: str, secret: str | None = None) -> str:
    name = f"{base64.urlsafe_b64encode(key.bytes).decode().rstrip('=')}.{when}"
    digest = salted_hmac("player.files", name, secret=secret, algorithm="sha256").digest()
    return f"{name}.{base64.urlsafe_b64encode(digest[:15]).decode()}"


@lru_cache(maxsize=4096)
def key_of(access: str, now: int) -> UUID | None:
    """The version key an access opens in the bucket `now`; None where it is not ours or has expired."""
    try:
        name, when, _ = access.split(".")
        key = UUID(bytes=base64.urlsafe_b64decode(f"{name}=="))
        bucket = int(when.partition("-")[0], 16)
    except ValueError:
        return None
    if not now - BUCKETS_ACCEPTED < bucket <= now:
        return None
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    is_ours = any(hmac.compare_digest(_sign(key, when, secret).encode(), access.encode()) for secret in secrets)
    return key if is_ours else None
