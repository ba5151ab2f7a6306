"""Console pages about the files of a version: browse, look at, download, put, delete one."""

from typing import Any
from urllib.parse import quote, urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from realms.pages import Pages
from standards.errors import PackageError

from . import browse, comparison, versions
from .addresses import files_url
from .edited import held_file
from .errors import ContentError
from .models import CourseVersion, PackageFile
from .sentences import in_language
from .version_views import version_of

PAGE = 100
HISTORY = 20
Change = versions.Change


@realm_member(needs=Right.CONTENT_SEE)
@require_GET
def file_list(request: RealmRequest, pk: int) -> HttpResponse:
    """A folder of the package, or with `?q=` the files whose path has the words."""
    return _list(request, version_of(request, pk))


def _list(request: RealmRequest, version: CourseVersion, problem: str = "") -> HttpResponse:
    folder = request.GET.get("folder", "").replace("\0", "").strip("/")
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    found: Any = browse.matching(version, words) if words else browse.Listing(version, folder)
    page = Pages(found, PAGE).get_page(request.GET.get("page"))
    paths = [entry.path for entry in page if isinstance(entry, PackageFile)]
    loose = browse.unreferenced(version.read_structure(), paths)
    context = {
        "version": version,
        "course": version.course,
        "folder": folder,
        "crumbs": browse.crumbs(folder),
        "words": words,
        "page": page,
        "rows": [_row(entry, folder, bool(words), loose) for entry in page],
        "problem": problem,
        "put": request.POST,
        "registrations": versions.registrations_by_version(version.course).get(version.pk, 0),
        "changes": version.changes.select_related("by")[:HISTORY],
        "original_only": not version.revision,
    }
    return render(request, "content/files.html", context, status=422 if problem else 200)


def _row(entry: browse.Folder | PackageFile, folder: str, is_search: bool, loose: set[str]) -> dict[str, Any]:
    if isinstance(entry, browse.Folder):
        return {"folder": entry}
    shown = entry.path if is_search else entry.path[len(folder) + 1 if folder else 0 :]
    return {"file": entry, "name": shown, "kind": browse.kind(entry.path), "is_loose": entry.path in loose}


def _row_of(request: RealmRequest, pk: int, file_pk: int) -> tuple[CourseVersion, PackageFile]:
    version = version_of(request, pk)
    return version, get_object_or_404(PackageFile, version=version, pk=file_pk)


@csp_update(
    {"img-src": [settings.CONTENT_ORIGIN], "media-src": [settings.CONTENT_ORIGIN]}  # a package's own bytes: never ours
)
@realm_member(needs=Right.CONTENT_SEE)
@require_GET
def file_view(request: RealmRequest, pk: int, file_pk: int) -> HttpResponse:
    """One file: text with its lines, or a picture, sound or film from the content origin."""
    return _view(request, *_row_of(request, pk, file_pk))


def _view(request: RealmRequest, version: CourseVersion, row: PackageFile, problem: str = "") -> HttpResponse:
    known = browse.ending(row.path)
    address = settings.CONTENT_ORIGIN + files_url(version) + quote(row.path)
    medium = next(
        (name for name, endings in _MEDIA.items() if known in endings),
        "",
    )
    context = {
        "version": version,
        "course": version.course,
        "row": row,
        "name": row.path.rpartition("/")[2],
        "crumbs": browse.crumbs(row.path.rpartition("/")[0]),
        "kind": browse.kind(row.path),
        "ending": known,
        "medium": medium,
        "address": address,
        "text": None if medium and known != "svg" else comparison.read_text(version, row),
        "problem": problem,
        "is_loose": bool(browse.unreferenced(version.read_structure(), [row.path])),
        "is_manifest": row.path == version.read_structure().manifest,
        "registrations": versions.registrations_by_version(version.course).get(version.pk, 0),
        "changes": version.changes.filter(path=row.path).select_related("by")[:HISTORY],
    }
    return render(request, "content/file.html", context, status=422 if problem else 200)


_MEDIA = {"picture": browse.IMAGES, "audio": browse.AUDIO, "video": browse.VIDEO}


@realm_member(needs=Right.CONTENT_SEE)
@require_GET
def file_download(request: RealmRequest, pk: int, file_pk: int) -> StreamingHttpResponse:
    """The bytes, to be saved and never shown: this is the console's origin."""
    version, row = _row_of(request, pk, file_pk)
    held = held_file(version, row)
    response = StreamingHttpResponse(held.blocks(), content_type="application/octet-stream")
    response["Content-Length"] = str(row.size)
    response["Content-Disposition"] = content_disposition_header(True, row.path.rpartition("/")[2])
    response["X-Content-Type-Options"] = "nosniff"
    return response


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def file_put(request: RealmRequest, pk: int) -> HttpResponse:
    """Put a file into the version: `path` is where, or a folder ending in a slash; `policy` as in the API."""
    version = version_of(request, pk)
    file = request.FILES.get("file")
    if file is None:
        return _list(request, version, gettext("Choose a file first."))
    path = request.POST.get("path", "").strip()
    if not path or path.endswith("/"):
        path += file.name or ""
    change = Change(request.membership.user_id, request.POST.get("policy", "reject"), request.POST.get("progress", ""))
    try:
        row = versions.put_file(version, path, file.chunks(), change)
    except (ContentError, PackageError) as error:
        return _list(request, version, in_language(str(error)))
    _record(request, "file.put", version, row.path, change)
    messages.success(
        request, gettext("%(path)s is in version %(number)d.") % {"path": row.path, "number": version.number}
    )
    return redirect("content:file", request.realm.slug, version.pk, row.pk)


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def file_replace(request: RealmRequest, pk: int, file_pk: int) -> HttpResponse:
    """Put another file in the place of this one."""
    version, row = _row_of(request, pk, file_pk)
    file = request.FILES.get("file")
    if file is None:
        return _view(request, version, row, gettext("Choose a file first."))
    change = Change(request.membership.user_id, "strict", request.POST.get("progress", ""))
    try:
        versions.put_file(version, row.path, file.chunks(), change)
    except (ContentError, PackageError) as error:
        return _view(request, version, row, in_language(str(error)))
    _record(request, "file.replace", version, row.path, change)
    messages.success(
        request, gettext("%(path)s was replaced. Whoever launches from now on gets the new file.") % {"path": row.path}
    )
    return redirect("content:file", request.realm.slug, version.pk, row.pk)


@realm_member(needs=Right.CONTENT_CHANGE)
@require_http_methods(["GET", "POST"])
def file_delete(request: RealmRequest, pk: int, file_pk: int) -> HttpResponse:
    """GET asks; POST takes the file out of the version."""
    version, row = _row_of(request, pk, file_pk)
    registrations = versions.registrations_by_version(version.course).get(version.pk, 0)
    context = {"version": version, "course": version.course, "row": row, "registrations": registrations}
    if request.method == "POST":
        change = Change(request.membership.user_id, progress=request.POST.get("progress", ""))
        try:
            versions.delete_file(version, row, change)
        except (ContentError, PackageError) as error:
            problem = in_language(str(error))
            return render(request, "content/file_delete.html", {**context, "problem": problem}, status=422)
        _record(request, "file.delete", version, row.path, change)
        messages.success(
            request,
            gettext("%(path)s was deleted from version %(number)s.") % {"path": row.path, "number": version.number},
        )
        folder = row.path.rpartition("/")[0]
        where = reverse("content:files", args=[request.realm.slug, version.pk])
        return redirect(f"{where}?{urlencode({'folder': folder})}" if folder else where)
    return render(request, "content/file_delete.html", context)


def _record(request: RealmRequest, action: str, version: CourseVersion, path: str, change: Change) -> None:
    about: dict[str, Any] = {"realm": request.realm, "application": version.course.application, "target": version}
    audit.record(request, action, **about, details={"path": path, "policy": change.policy, "progress": change.progress})
