"""An address on the web to a CourseStructure. Nothing is fetched: the learner's browser shows what is there."""

import re
from urllib.parse import parse_qs, urlsplit, urlunsplit

from ..errors import PackageError
from ..structure import CourseStructure
from .structure import course_of

KINDS = ("pdf", "video", "audio", "youtube", "page")
_ENDINGS = {".pdf": "pdf", ".mp4": "video", ".mp3": "audio"}
_YOUTUBE = ("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "www.youtube-nocookie.com")
_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
_LONGEST = 2000  # characters


def parse_reference(url: str, title: str = "", kind: str = "") -> CourseStructure:
    """The course of what lies at the address; `kind` is one of KINDS, "" to see by the address.

    Raises PackageError for what is no https address, or no video where YouTube is meant.
    """
    url = _checked(url)
    video = _youtube_video(url)
    kind = kind or ("youtube" if video else _kind_by_name(url))
    if kind not in KINDS:
        raise PackageError(f"A reference is one of {', '.join(KINDS)}.", code="reference-kind")
    if kind == "youtube":
        if not video:
            raise PackageError("This is not the address of a YouTube video.", code="reference-youtube")
        return course_of(kind, title or "YouTube video", f"https://www.youtube.com/watch?v={video}", _embedded(video))
    return course_of(kind, title or _name_of(url), url, url)


def _checked(url: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise PackageError("This is not a web address.", code="reference-address") from None
    if parts.scheme.lower() != "https" or not parts.hostname:
        raise PackageError("A reference is an address that begins with https://.", code="reference-address")
    if parts.username is not None or parts.password is not None:
        raise PackageError("The address must not contain a user name or password.", code="reference-address")
    if len(url) > _LONGEST or port == 0 or not url.isprintable() or set(url) & set(' <>"\\^`{|}'):
        raise PackageError("This is not a web address.", code="reference-address")
    return urlunsplit(("https", parts.netloc, parts.path or "/", parts.query, parts.fragment))


def _youtube_video(url: str) -> str:
    """The video of any of the forms such addresses have, "" for all else."""
    parts = urlsplit(url)
    steps = parts.path.strip("/").split("/")
    found = ""
    if parts.hostname == "youtu.be":
        found = steps[0]
    elif parts.hostname in _YOUTUBE and steps[0] == "watch":
        found = parse_qs(parts.query).get("v", [""])[0]
    elif parts.hostname in _YOUTUBE and len(steps) > 1 and steps[0] in ("embed", "shorts", "live", "v"):
        found = steps[1]
    return found if _VIDEO.fullmatch(found) else ""


def _embedded(video: str) -> str:
    return f"https://www.youtube-nocookie.com/embed/{video}"


def _kind_by_name(url: str) -> str:
    path = urlsplit(url).path.lower()
    return next((kind for ending, kind in _ENDINGS.items() if path.endswith(ending)), "page")


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path.rstrip("/").rpartition("/")[2] or parts.hostname or url
