"""The page that plays a medium: what it is told. It reports by xAPI, at the endpoint of Tin Can content (tincan.py)."""

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET

from content.models import PackageFile
from registrations.models import LaunchRecord
from registrations.sessions import Session, open_session
from standards.media.package import CAPTIONS

from . import tincan
from .actors import actor_of
from .addresses import address_of
from .guards import files_of, refusal_of_report
from .languages import language_of
from .stating import subject_of
from .wire import queue_name

PDF_LIBRARY = "vendor/pdfjs-dist-6.5.438"
# The page runs our modules alone. A referenced medium may lie on any https host, and a page may lead its frame on.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self';"
    " img-src 'self' data: blob:; font-src 'self' data: blob:; connect-src 'self' https:; media-src 'self' https:;"
    " frame-src 'self' https:; base-uri 'none'; form-action 'none'"
)


@require_GET
def media(request: HttpRequest, key: str) -> HttpResponse:
    """The page of the one activity of a course that is a medium."""
    try:
        session = open_session(key, locked=False)
    except LaunchRecord.DoesNotExist:
        raise Http404 from None
    if not session.course.medium:
        raise Http404
    if refused := refusal_of_report(request, key):
        return render(request, "player/problem.html", {"message": refused}, status=403)
    with translation.override(language_of(session.launch)):
        response = render(request, "player/media.html", {"config": _config(session), "title": session.course.title})
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _config(session: Session) -> dict[str, Any]:
    activity, launch = session.course.root, session.launch
    source = address_of(launch.version, activity.href, files_of(launch))
    library = static(f"{PDF_LIBRARY}/pdf.min.mjs").rpartition("/")[0]
    return {
        "medium": session.course.medium,
        # On the origin of the page, whatever name that is reached by
        "source": source if "://" in activity.href else urlsplit(source).path,
        "title": activity.title,
        "captions": _captions(session),
        "key": launch.key,
        "queue": queue_name(launch),
        "endpoint": reverse("player:tincan_endpoint", args=[launch.key]),
        "auth": tincan.authorization(launch.key),
        "actor": actor_of(session.learner),
        "registration": str(subject_of(session.instance, launch).registration),
        "activity": activity.identifier,
        "rule": session.settings["MediaCompletion"],
        "percent": int(session.settings["MediaCompletionPercent"]),
        "library": {
            "main": static(f"{PDF_LIBRARY}/pdf.min.mjs"),
            "worker": static(f"{PDF_LIBRARY}/pdf.worker.min.mjs"),
            "folder": library,
        },
    }


def _captions(session: Session) -> list[dict[str, str]]:
    """Tracks beside a medium that was uploaded with them; the last word of a name may be the language: film.de.vtt."""
    if session.course.medium not in ("video", "audio"):
        return []
    version, files = session.launch.version, files_of(session.launch)
    paths = PackageFile.objects.filter(version=version, folded__endswith=CAPTIONS).order_by("path")
    return [
        {"source": urlsplit(address_of(version, path, files)).path, "name": name, "language": _language(name)}
        for path in paths.values_list("path", flat=True)[:20]
        for name in [path.rpartition("/")[2][: -len(CAPTIONS)]]
    ]


def _language(name: str) -> str:
    word = name.rpartition(".")[2]
    return word if "." in name and 2 <= len(word.partition("-")[0]) <= 3 else ""
