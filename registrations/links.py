"""Launch links: signed, expiring, each opens one registration or the preview of one version."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from content.models import CourseVersion
from standards.structure import Learner

from .models import Registration

REDIRECT_LENGTH = 2000
SALT = "registrations.launch"


class LinkError(Exception):
    """A launch link that opens nothing, in words for the person who followed it."""


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


@dataclass(frozen=True)
class Wish:
    """How a registration is to be launched, where not as usual; as in LaunchLink."""

    instance_id: int | None = None
    activity: str = ""
    mode: str = ""
    is_direct: bool = False
    session: str = ""


def launch_url(registration: Registration, redirect_url: str = "", wish: Wish = Wish()) -> str:
    """An absolute link on the content origin that launches the registration; works for an hour."""
    wanted = {"i": wish.instance_id, "a": wish.activity, "m": wish.mode, "d": wish.is_direct, "s": wish.session}
    wanted = {name: value for name, value in wanted.items() if value}
    return _url({"r": registration.pk, "u": redirect_url, **wanted})


def preview_url(version: CourseVersion, learner: Learner, redirect_url: str = "") -> str:
    """An absolute link that shows a version without keeping anything."""
    return _url({"v": version.pk, "l": learner.to_json(), "u": redirect_url})


def _url(payload: dict) -> str:
    """Raises LinkError: the player offers the redirect address as a link in an origin where scripts run."""
    leads_to = payload["u"]
    if leads_to and not re.fullmatch(r"https?://[^\s/][^\s]*", leads_to, re.IGNORECASE):
        raise LinkError(f"Leaving the course can lead to an http or https address only, not to {leads_to[:100]!r}")
    if len(leads_to) > REDIRECT_LENGTH:
        raise LinkError(f"The address that leaving leads to may have {REDIRECT_LENGTH} characters")
    return f"{settings.CONTENT_ORIGIN}/launch/{signing.dumps(payload, salt=SALT, compress=True)}/"


def read_link(token: str) -> LaunchLink:
    """What the token opens. Raises LinkError where it is forged, damaged or too old."""
    try:
        payload = signing.loads(token, salt=SALT, max_age=settings.LAUNCH_LINK_SECONDS)
    except signing.SignatureExpired as error:
        raise LinkError("This launch link has expired. Go back to where you found it and launch again.") from error
    except signing.BadSignature as error:
        raise LinkError("This launch link is not complete. Go back to where you found it and launch again.") from error
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
    )
