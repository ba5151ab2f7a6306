"""Questions to the files of a version: what lies in a folder, what has a name, what no resource lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet, Sum, Value
from django.db.models.functions import StrIndex, Substr
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from standards.structure import CourseStructure

from .models import CourseVersion, PackageFile, fold

IMAGES = ("png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "ico", "avif")
AUDIO = ("mp3", "m4a", "wav", "ogg", "oga", "aac", "flac")
VIDEO = ("mp4", "m4v", "webm", "ogv", "mov")
KINDS = {
    **dict.fromkeys(IMAGES, _("Picture")),
    **dict.fromkeys(AUDIO, _("Audio")),
    **dict.fromkeys(VIDEO, _("Video")),
    **dict.fromkeys(("html", "htm", "xhtml"), _("Page")),
    **dict.fromkeys(("js", "mjs"), _("Script")),
    **dict.fromkeys(("woff", "woff2", "ttf", "otf", "eot"), _("Font")),
    "css": _("Style sheet"),
    "xml": "XML",
    "xsd": _("Schema"),
    "dtd": _("Schema"),
    "json": "JSON",
    "pdf": "PDF",
    "txt": _("Text"),
    "vtt": _("Captions"),
    "swf": "Flash",
}
_NEED_NO_RESOURCE = ("xsd", "dtd")


@dataclass(frozen=True)
class Folder:
    """A folder in the one that is shown, with all that is below it."""

    name: str
    path: str
    count: int
    size: int  # bytes


class Listing:
    """What is in a folder: folders, then files, each by name. A slice of it reads that slice alone."""

    def __init__(self, version: CourseVersion, folder: str) -> None:
        self._prefix = f"{folder}/" if folder else ""
        below = PackageFile.objects.filter(version=version)
        length = len(self._prefix)
        if folder:  # compared as it is written: SQLite's LIKE knows no case
            below = below.annotate(head=Substr("path", 1, length)).filter(head=self._prefix)
        below = below.annotate(rest=Substr("path", length + 1)).annotate(slash=StrIndex("rest", Value("/")))
        self._files = below.filter(slash=0).order_by("path")
        inside = below.filter(slash__gt=0).annotate(name=Substr("rest", 1, F("slash") - 1)).values("name")
        self._folders = inside.annotate(count=Count("pk"), bytes=Sum("size")).order_by("name")
        self._folder_count = self._folders.count()
        self._count = self._folder_count + self._files.count()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, wanted: slice) -> list[Folder | PackageFile]:
        start, stop = wanted.start or 0, self._count if wanted.stop is None else wanted.stop
        found: list[Folder | PackageFile] = []
        if start < self._folder_count:
            for row in self._folders[start : min(stop, self._folder_count)]:
                found.append(Folder(row["name"], self._prefix + row["name"], row["count"], row["bytes"]))
        if stop > self._folder_count:
            found += self._files[max(0, start - self._folder_count) : stop - self._folder_count]
        return found


def matching(version: CourseVersion, words: str) -> QuerySet[PackageFile]:
    """The files whose path has every word."""
    found = PackageFile.objects.filter(version=version)
    for word in words.split():
        found = found.filter(folded__contains=fold(word))
    return found.order_by("path")


def ending(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].lower() if "." in name else ""


def kind(path: str) -> str:
    """What the file is, by its name, in words."""
    known = ending(path)
    if named := KINDS.get(known):
        return str(named)
    if known and len(known) <= 8:
        return gettext("%(ending)s file") % {"ending": known.upper()}
    return gettext("File")


def unreferenced(structure: CourseStructure, paths: Iterable[str]) -> set[str]:
    """Those of the paths that no resource of the manifest lists; none where the standard has no such lists."""
    if not any(resource.files for resource in structure.resources):
        return set()
    known = {fold(path) for resource in structure.resources for path in (*resource.files, _path_of(resource.href))}
    known |= {fold(_path_of(activity.href)) for activity in structure.root.walk()}
    known |= {fold(structure.manifest), fold(structure.metadata.location)}
    return {path for path in paths if fold(path) not in known and ending(path) not in _NEED_NO_RESOURCE}


def _path_of(href: str) -> str:
    return href.partition("#")[0].partition("?")[0]


def crumbs(folder: str) -> list[dict[str, Any]]:
    """The folders on the way to this one."""
    parts = folder.split("/") if folder else []
    return [{"name": part, "path": "/".join(parts[: number + 1])} for number, part in enumerate(parts)]
