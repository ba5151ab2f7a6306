"""/healthz: whether web, worker, broker and database work.

The worker writes a sign of life into the broker from its main loop (config/celery.py), so a worker that is busy is
well and one that hangs is not; asking it over the broker would wait for the answer.
"""

from collections.abc import Iterable

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

HEARTBEAT = "worker-heartbeat-{}"  # one for each queue
HEARTBEAT_SECONDS = 2.0
HEARTBEAT_LASTS = 15  # seconds without a sign after which no worker is there


def beat(queues: Iterable[str]) -> None:
    """Called by each worker every HEARTBEAT_SECONDS with the queues it serves."""
    cache.set_many({HEARTBEAT.format(queue): "alive" for queue in queues}, HEARTBEAT_LASTS)


def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all parts work, else 503; the body names each part with "ok" or what is wrong."""
    parts = {"web": "ok", "database": database(), "broker": broker()}
    parts["worker"] = worker() if parts["broker"] == "ok" else "unknown without the broker"
    healthy = all(answer == "ok" for answer in parts.values())
    return JsonResponse(parts, status=200 if healthy else 503, headers={"Cache-Control": "no-store"})


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def broker() -> str:
    if not settings.REDIS_URL:
        return "is not running"
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return "does not answer"
    return "ok"


def worker() -> str:
    queues = [settings.WORK_QUEUE, settings.NETWORK_QUEUE]
    try:
        alive = cache.get_many(HEARTBEAT.format(queue) for queue in queues)
    except redis.RedisError:
        return "unknown without the broker"
    unserved = [queue for queue in queues if HEARTBEAT.format(queue) not in alive]
    if len(unserved) == len(queues):
        return "gives no sign of life"
    return f"none serves the queue {unserved[0]}" if unserved else "ok"
