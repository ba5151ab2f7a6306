"""How often an application may ask: so many requests a minute, counted for all processes together."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

from realms.models import Application

from .errors import ApiError

log = logging.getLogger(__name__)
MINUTE = 60


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


def _counted(key: str) -> int:
    try:
        cache.add(key, 0, timeout=2 * MINUTE)
        return cache.incr(key)
    except ValueError:  # it went between the two
        return 1
    except Exception:  # a cache that is away stops nobody
        log.warning("requests are not counted: the cache is away", exc_info=True)
        return 0
