"""Files of a launch at an address of its own, for launches that ask for it: `/files/of/<access>/<path>`.

The access names the launch and proves that we named it, without telling the key that reports are taken by. On asking it
is bound to a cookie, to the network address and the browser of the launch, and to time. What it opens is kept by no
shared cache and is asked for again each time.

Where the link itself asks for the address or the browser, reports are bound to them as well; where only a setting does,
they are not: a telephone that changes its network then loses files and no results.
"""

import hmac
import logging
import re
import time
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from content.addresses import files_url
from realms.audit import visitor_address
from realms.configuration import effective
from registrations.links import Guard, Options
from registrations.models import BOUND, LaunchRecord

log = logging.getLogger(__name__)

DAY = 24 * 3600
COOKIE = "launch-"  # and the launch
MEDIA_AGENTS = ("AppleCoreMedia/", "stagefright/")  # how the media players of browsers name themselves


@dataclass(frozen=True)
class Guarded:
    """What is known of a guarded launch; it never changes."""

    launch: int
    key: str
    version: int
    archive: str
    address: str
    agent: str
    created: float
    guard: Guard

    @property
    def kind(self) -> str:
        return self.guard.kind

    @property
    def cookie(self) -> str:
        return f"{COOKIE}{self.launch:x}"

    @property
    def proof(self) -> str:
        """The value of the cookie."""
        return salted_hmac("player.guard.cookie", self.key, algorithm="sha256").hexdigest()

    @property
    def path(self) -> str:
        """Where its files are, ending in a slash."""
        access = f"{self.launch:x}.{_digest(self.launch, self.key)}"
        return reverse("player:guarded", args=[access, "x"], urlconf=settings.CONTENT_URLCONF)[:-1]


def files_of(launch: LaunchRecord) -> str:
    """Where the files of the launch are on the content origin, ending in a slash."""
    return guarded.path if (guarded := guarded_of(launch)) else files_url(launch.version)


def guarded_of(launch: LaunchRecord) -> Guarded | None:
    """None where the launch has no address of its own; `launch.version` is at hand."""
    guard = _guard(launch)
    if guard.kind == "address":
        return None
    return Guarded(
        launch.pk,
        launch.key,
        launch.version_id,
        launch.version.archive,
        launch.address or "",
        launch.user_agent,
        launch.created.timestamp(),
        guard,
    )


def _guard(launch: LaunchRecord) -> Guard:
    """What its link asks for, and for the rest what its settings say."""
    asked, chosen = Options.from_json(launch.options).guard, effective(launch.settings)
    return Guard(
        asked.kind or chosen["LaunchAuthType"],
        chosen["LaunchAuthOptionsIpAddress"] == "True" if asked.by_address is None else asked.by_address,
        chosen["LaunchAuthOptionsFingerprint"] == "True" if asked.by_agent is None else asked.by_agent,
        int(chosen["LaunchAuthOptionsExpiry"]) if asked.seconds is None else asked.seconds,
        int(chosen["LaunchAuthOptionsSlidingExpiry"]) if asked.idle_seconds is None else asked.idle_seconds,
    )


def _digest(launch: int, key: str) -> str:
    return salted_hmac("player.guard", f"{launch}\0{key}", algorithm="sha256").hexdigest()[:40]


def opened(access: str) -> Guarded | None:
    """The launch that an access names; None where it is not ours, or the launch is gone."""
    try:
        return _opened(access)
    except LookupError:
        return None


@lru_cache(maxsize=4096)
def _opened(access: str) -> Guarded:
    """Found once in a process. Raises LookupError, which is not remembered: the number may be given out later."""
    name, _dot, digest = access.partition(".")
    if not re.fullmatch("[0-9a-f]{1,15}", name):
        raise LookupError(name)
    rows = LaunchRecord.objects.select_related("version").defer("version__structure", "preview")
    launch = rows.filter(pk=int(name, 16)).first()
    found = guarded_of(launch) if launch is not None else None
    if found is None or not hmac.compare_digest(_digest(found.launch, found.key).encode(), digest.encode()):
        raise LookupError(name)
    return found


# --- who may ----------------------------------------------------------------------------------------------------------


def begin(request: HttpRequest, launch: LaunchRecord, response: HttpResponseBase) -> None:
    """What a launch is let in by from here on goes out with the answer to its link."""
    guarded = guarded_of(launch)
    if guarded is None:
        return
    _touch(guarded, is_first=True)
    if guarded.kind == "cookies":
        secure = settings.CONTENT_ORIGIN.startswith("https://")
        response.set_cookie(
            guarded.cookie,
            guarded.proof,
            path=guarded.path,
            max_age=guarded.guard.seconds or DAY,
            httponly=True,
            secure=secure,
            samesite="None" if secure else "Lax",  # systems frame the player in pages of their own
        )


def refusal(guarded: Guarded, request: HttpRequest, is_file: bool = True) -> str:
    """Why the request is not let in, in words; "" where it is."""
    guard = guarded.guard
    if time.time() > guarded.created + (guard.seconds or DAY):
        return _("The time for this launch is over. Go back to the course and launch again.")
    if refused := _refusal_of_visitor(guard, guarded.address, guarded.agent, request):
        return refused
    if is_file and guard.kind == "cookies" and not _has_cookie(guarded, request):
        return _("The cookie of this launch is missing. Allow cookies, or go back to the course and launch again.")
    if not _touch(guarded):
        return _("Nothing was asked for too long. Go back to the course and launch again.")
    return ""


def _refusal_of_visitor(guard: Guard, address: str, agent: str, request: HttpRequest) -> str:
    if guard.by_address and (visitor_address(request) or "") != address:
        return _("This launch is bound to the network that it was made from. Go back to the course and launch again.")
    if guard.by_agent and not _is_agent(agent, request.headers.get("User-Agent", "")):
        return _("This launch is bound to the browser that it was made in. Go back to the course and launch again.")
    return ""


def refusal_of_report(request: HttpRequest, key: str, is_player: bool = True) -> str:
    """Why what the player of a launch asks or reports is not taken, in words; "" where it is, or there is no launch.

    Not `is_player`: content that talks to the server by a standard of its own, which may lie on another server.
    """
    if not key.startswith(BOUND):
        return ""
    try:
        bound = _bound(key)
    except LookupError:
        return ""
    if bound.is_elsewhere and not is_player:
        return ""
    return _refusal_of_visitor(bound.guard, bound.address, bound.agent, request)


@dataclass(frozen=True)
class _Bound:
    """What a link bound its launch to; it never changes."""

    guard: Guard
    address: str
    agent: str
    is_elsewhere: bool  # content of the course lies on another server


@lru_cache(maxsize=4096)
def _bound(key: str) -> _Bound:
    """Found once in a process. Raises LookupError."""
    launch = LaunchRecord.objects.select_related("version").defer("preview").filter(key=key).first()
    if launch is None:
        raise LookupError(key)
    leaves = launch.version.read_structure().leaves
    guard = Options.from_json(launch.options).guard
    return _Bound(guard, launch.address or "", launch.user_agent, any("://" in leaf.href for leaf in leaves))


def _is_agent(launched: str, asking: str) -> bool:
    asking = asking[:500]  # as it is kept
    return asking == launched or ("Mozilla/" in launched and asking.startswith(MEDIA_AGENTS))


def _has_cookie(guarded: Guarded, request: HttpRequest) -> bool:
    return hmac.compare_digest(request.COOKIES.get(guarded.cookie, "").encode(), guarded.proof.encode())


def _touch(guarded: Guarded, is_first: bool = False) -> bool:
    """Whether the last request was not too long ago; this is the last one now."""
    seconds = guarded.guard.idle_seconds
    if not seconds:
        return True
    place = f"guard:{guarded.launch}"
    try:
        if is_first:
            cache.set(place, 1, seconds)
            return True
        return bool(cache.touch(place, seconds))
    except (redis.RedisError, OSError):  # a cache that is away keeps nobody from learning
        log.warning("requests for files are not timed: the cache is away", exc_info=True)
        return True
