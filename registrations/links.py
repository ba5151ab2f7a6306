"""Launch links: signed, expiring, each opens one registration or the preview of one version."""

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext, gettext_lazy

from content.models import CourseVersion
from standards.structure import Json, Learner

from .models import Registration

REDIRECT_LENGTH = 2000
CLOSER, BLANK, MESSAGE = "closer", "blank", "message"  # what leaving does where no address is given for it
SALT = "registrations.launch"
EXPIRED = gettext_lazy("This launch link has expired. Go back to where you found it and launch again.")


class LinkError(Exception):
    """A launch link that opens nothing, in words for the person who followed it."""


@dataclass(frozen=True)
class Guard(Json):
    """How the files of one launch are kept from everybody else. `kind` is "" for what settings say."""

    kind: str = ""  # address | cookies | vault
    by_address: bool | None = None  # only to the address it was launched from; None: what settings say, as below
    by_agent: bool | None = None  # only to the browser it was launched in
    seconds: int | None = None  # from the launch; 0: as long as the player can be opened
    idle_seconds: int | None = None  # from one request for a file to the next; 0: no limit

    @property
    def binds(self) -> bool:
        """Whether the link itself, not a setting, asks for the address or the browser: reports are bound as well."""
        return bool(self.by_address or self.by_agent)


@dataclass(frozen=True)
class Options(Json):
    """What else a link asks for; LaunchRecord.options keeps it."""

    exit: str = ""  # closer | blank | message; "": as configured
    css_url: str = ""  # a style sheet for the player
    culture: str = ""  # language of the player's own texts
    values: Mapping[str, str] = field(default_factory=dict)  # parameters that the content's address gets
    is_untracked: bool = False  # nothing of the launch is kept
    tags: tuple[str, ...] = ()  # that the registration gets by the launch
    learner_tags: tuple[str, ...] = ()
    course_tags: tuple[str, ...] = ()
    guard: Guard = Guard()
    is_of_console: bool = False  # the console made the link, no program by the API


@dataclass(frozen=True)
class LaunchLink:
    """What a followed link opens: a registration, or for a preview a version and who looks at it."""

    registration_id: int | None = None
    version_id: int | None = None
    learner: Learner = Learner("")
    redirect_url: str = ""
    instance_id: int | None = None  # an older one than the newest
    activity: str = ""  # to begin with
    mode: str = ""  # Normal | Browse | Review (cmi5 10.2.2)
    is_direct: bool = False  # the activity is the page, with no player around it
    session: str = ""  # id of the first session (cmi5)
    options: Options = Options()
    launched_by: str = ""  # e-mail of who launches in the learner's place


@dataclass(frozen=True)
class Wish:
    """How a registration is to be launched, where not as usual; as in LaunchLink."""

    instance_id: int | None = None
    activity: str = ""
    mode: str = ""
    is_direct: bool = False
    session: str = ""
    options: Options = Options()
    seconds: int = 0  # how long the link works; 0: an hour
    launched_by: str = ""

    def payload(self) -> dict[str, Any]:
        until = math.ceil(time.time()) + self.seconds if self.seconds else 0
        wanted: dict[str, Any] = {
            "i": self.instance_id,
            "a": self.activity,
            "m": self.mode,
            "d": self.is_direct,
            "s": self.session,
            "b": self.launched_by,
        }
        wanted |= {"o": self.options.to_json(), "t": until}
        return {name: value for name, value in wanted.items() if value}


def launch_url(registration: Registration, redirect_url: str = "", wish: Wish = Wish()) -> str:
    """An absolute link on the content origin that launches the registration."""
    return _url({"r": registration.pk, "u": redirect_url, **wish.payload()})


def preview_url(version: CourseVersion, learner: Learner, redirect_url: str = "", wish: Wish = Wish()) -> str:
    """An absolute link that shows a version without keeping anything."""
    return _url({"v": version.pk, "l": learner.to_json(), "u": redirect_url, **wish.payload()})


def leads_to(redirect: str) -> tuple[str, str]:
    """What `redirectOnExitUrl` of the API means: an address, or what leaving does; what is no address is a message."""
    if redirect in ("", CLOSER, BLANK, MESSAGE):
        return "", redirect
    is_address = len(redirect) <= REDIRECT_LENGTH and _ADDRESS.fullmatch(redirect)
    return (redirect, "") if is_address else ("", MESSAGE)


_ADDRESS = re.compile(r"https?://[^\s/][^\s]*", re.IGNORECASE)


def _url(payload: dict) -> str:
    """Raises LinkError: the player offers the redirect address as a link in an origin where scripts run."""
    address = payload["u"]
    if address and not _ADDRESS.fullmatch(address):
        raise LinkError(f"Leaving the course can lead to an http or https address only, not to {address[:100]!r}")
    if len(address) > REDIRECT_LENGTH:
        raise LinkError(f"The address that leaving leads to may have {REDIRECT_LENGTH} characters")
    return f"{settings.CONTENT_ORIGIN}/launch/{signing.dumps(payload, salt=SALT, compress=True)}/"


def read_link(token: str) -> LaunchLink:
    """What the token opens. Raises LinkError where it is forged, damaged or too old."""
    try:
        payload = signing.loads(token, salt=SALT, max_age=settings.LAUNCH_LINK_SECONDS)
    except signing.SignatureExpired as error:
        raise LinkError(EXPIRED) from error
    except signing.BadSignature as error:
        raise LinkError(
            gettext("This launch link is not complete. Go back to where you found it and launch again.")
        ) from error
    if payload.get("t") and payload["t"] < time.time():
        raise LinkError(EXPIRED)
    return LaunchLink(
        registration_id=payload.get("r"),
        version_id=payload.get("v"),
        learner=Learner.from_json(payload.get("l", {"identifier": ""})),
        redirect_url=payload["u"],
        instance_id=payload.get("i"),
        activity=payload.get("a", ""),
        mode=payload.get("m", ""),
        is_direct=payload.get("d", False),
        session=payload.get("s", ""),
        options=Options.from_json(payload.get("o", {})),
        launched_by=payload.get("b", ""),
    )
