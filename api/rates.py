"""How much an application may ask: so many requests a minute, and so many that wait, counted for all processes."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

from realms.models import Application

from .errors import ApiError

log = logging.getLogger(__name__)
MINUTE = 60
WAITING_AT_MOST = 4  # requests of an application that wait for other servers
WAITING_SECONDS = 300  # after which one is forgotten whose process died


@dataclass(frozen=True)
class Rate:
    """Where an application stands in this minute."""

    limit: int
    used: int
    resets: int  # seconds until the next minute

    def headers(self) -> Mapping[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "X-RateLimit-Reset": str(self.resets),
        }


def count(application: Application) -> Rate | None:
    """Count one request; None where nothing is limited. Raises 429 past the limit."""
    limit = settings.API_REQUESTS_PER_MINUTE
    if not limit:
        return None
    now = time.time()
    minute, into = divmod(int(now), MINUTE)
    rate = Rate(limit, _counted(f"api-rate:{application.pk}:{minute}"), MINUTE - into)
    if rate.used > limit:
        message = f"More than {limit} requests a minute. Try again in {rate.resets} seconds."
        raise ApiError(429, message, {"Retry-After": str(rate.resets), **rate.headers()})
    return rate


@contextmanager
def waiting(application: Application) -> Iterator[None]:
    """While a request waits for somebody else's server. Raises 429 where too many of the application do already.

    They hold threads that everybody's requests need.
    """
    key = f"api-waiting:{application.pk}"
    many = _counted(key, WAITING_SECONDS)
    try:
        if many > WAITING_AT_MOST:
            message = f"At most {WAITING_AT_MOST} requests of an application wait for other servers at once."
            raise ApiError(429, message, {"Retry-After": "5"})
        yield
    finally:
        with suppress(Exception):  # a cache that is away, or that forgot the count meanwhile
            cache.decr(key)


def _counted(key: str, timeout: int = 2 * MINUTE) -> int:
    try:
        cache.add(key, 0, timeout=timeout)
        return cache.incr(key)
    except ValueError:  # it went between the two
        return 1
    except Exception:  # a cache that is away stops nobody
        log.warning("requests are not counted: the cache is away", exc_info=True)
        return 0
