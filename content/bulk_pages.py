"""What is done to many courses at once: asked for, begun, and watched until it is over."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet, Sum
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from realms.pages import Pages

from . import services, storage
from .errors import ContentError
from .forms import BulkExportForm, BulkMoveForm, BulkTagsForm
from .library_pages import courses_of
from .models import BulkJob, Course, CourseVersion
from .views import send_file

SHOWN = 10  # titles on the page that asks
PAGE = 50


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def ask(request: RealmRequest) -> HttpResponse:
    """Say what will be done to which courses, and ask for what is needed to know."""
    kind, chosen = _kind(request), _chosen(request)
    if not kind or not chosen:
        messages.error(request, _("Choose the courses first, and then what to do with them."))
        return redirect(_library(request))
    return _asking(request, kind, chosen, _form(request, kind))


def _asking(request: RealmRequest, kind: str, chosen: list[int], form: Form | None, status: int = 200) -> HttpResponse:
    courses = Course.objects.filter(pk__in=chosen[: services.BULK_AT_MOST])
    page: dict[str, Any] = {
        "kind": kind,
        "count": len(chosen),
        "some": courses.order_by("title", "pk")[:SHOWN],
        "others": max(0, len(chosen) - SHOWN),
        "chosen": [] if request.POST.get("all") else chosen,
        "query": request.POST.get("query", "")[:4000],
        "library": _library(request),
        "form": form,
        "most": services.BULK_AT_MOST,
    }
    if kind == BulkJob.Kind.DELETE:
        page["goes"] = _goes(chosen)
        limit = request.member.applications_with(Right.RESULTS_CHANGE)
        bound = courses.filter(registrations__is_sandbox=False)
        page["kept"] = 0 if limit is None else bound.exclude(application__in=limit).distinct().count()
    if kind == BulkJob.Kind.MOVE:
        page["bound"] = courses.filter(registrations__is_sandbox=False).distinct().count()
    return render(request, "content/bulk.html", page, status=status)


def _goes(chosen: list[int]) -> dict[str, int]:
    """What goes with the courses."""
    versions = CourseVersion.objects.filter(course__in=chosen)
    stored = versions.aggregate(count=Count("pk"), bytes=Sum(F("archive_size") + F("changed_size")))
    courses: Any = Course.objects.filter(pk__in=chosen)
    learners = courses.aggregate(
        real=Count("registrations", filter=Q(registrations__is_sandbox=False)),
        sandbox=Count("registrations", filter=Q(registrations__is_sandbox=True)),
    )
    return {"versions": stored["count"], "bytes": stored["bytes"] or 0, **learners}


def _kind(request: RealmRequest) -> str:
    """What is to be done; "" where nothing is that we do."""
    kind = request.POST.get("do", "")
    return kind if kind in BulkJob.Kind.values else ""


def _chosen(request: RealmRequest) -> list[int]:
    """Primary keys of courses of this realm: those that were ticked, or all that the filters find."""
    if request.POST.get("all"):
        matching = courses_of(request, request.POST.get("query", "")[:4000]).values_list("pk", flat=True)
        return list(matching[: services.BULK_AT_MOST + 1])
    ticked = {
        int(text) for text in request.POST.getlist("course") if text.isascii() and text.isdigit() and len(text) < 19
    }
    found = Course.objects.in_realm(request.realm).filter(pk__in=list(ticked)[: services.BULK_AT_MOST + 1])
    return list(found.order_by("pk").values_list("pk", flat=True))


def _form(request: RealmRequest, kind: str, data: Any = None) -> Form | None:
    """What has to be known besides the courses."""
    if kind in (BulkJob.Kind.TAG, BulkJob.Kind.UNTAG):
        return BulkTagsForm(data)
    if kind == BulkJob.Kind.MOVE:
        return BulkMoveForm(request.applications, data)
    return BulkExportForm(data) if kind == BulkJob.Kind.EXPORT else None


def _library(request: RealmRequest) -> str:
    query = request.POST.get("query", "")[:4000]
    address = reverse("content:library", args=[request.realm.slug])
    return f"{address}?{query}" if query else address


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def begin(request: RealmRequest) -> HttpResponse:
    """Begin it, if as many courses are found as were shown when it was asked for."""
    kind, chosen = _kind(request), _chosen(request)
    form = _form(request, kind, request.POST)
    if not kind or not chosen:
        messages.error(request, _("The courses have been deleted meanwhile."))
        return redirect(_library(request))
    if request.POST.get("count") != str(len(chosen)):
        messages.warning(request, _("Other courses match now. Look at the number and say again."))
        return _asking(request, kind, chosen, _form(request, kind), status=409)
    if form is not None and not form.is_valid():
        return _asking(request, kind, chosen, form, status=422)
    try:
        job = services.start_bulk(request.realm, request.membership.user_id, kind, chosen, _wish(form))
    except ContentError as error:
        if form is None:
            messages.error(request, str(error))
        else:
            form.add_error(None, str(error))
        return _asking(request, kind, chosen, form, status=422)
    if kind == BulkJob.Kind.EXPORT:
        audit.record(request, "courses.export", realm=request.realm, details={"courses": len(chosen), **job.wish})
    return redirect("content:bulk_job", request.realm.slug, job.pk)


def _wish(form: Form | None) -> dict[str, Any]:
    """As BulkJob.wish."""
    words = form.cleaned_data if form else {}
    if "tags" in words:
        return {"tags": words["tags"].split(",")}
    if "application" in words:
        return {"application": words["application"].pk}
    return {"packages": words["what"] == "packages"} if "what" in words else {}


def _jobs(request: RealmRequest) -> QuerySet[BulkJob]:
    """Those of the realm; of one's own alone for who sees only some of its applications."""
    found = BulkJob.objects.filter(realm=request.realm).select_related("created_by")
    return found if request.realm.limited_to is None else found.filter(created_by=request.membership.user_id)


@realm_member(needs=Right.CONTENT_CHANGE)
@require_GET
def jobs(request: RealmRequest) -> HttpResponse:
    """What was done to many courses in the last days."""
    found = _jobs(request).defer("problems")
    page = Pages(found.order_by("-created", "-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "content/bulk_jobs.html", {"page": page})


@realm_member(needs=Right.CONTENT_CHANGE)
@require_GET
def job(request: RealmRequest, bulk_id: UUID) -> HttpResponse:
    """How far it is; the page asks for its middle again until it is over."""
    found = get_object_or_404(_jobs(request), pk=bulk_id)
    name = "_bulk_job" if request.headers.get("HX-Target") == "bulk-job" else "bulk_job"
    return render(request, f"content/{name}.html", {"job": found, "total": len(found.courses)})


@realm_member(needs=Right.CONTENT_CHANGE)
@require_GET
def download(request: RealmRequest, bulk_id: UUID) -> Any:
    """The file of an export, as long as it is there."""
    found = get_object_or_404(_jobs(request), pk=bulk_id)
    if not found.file or not storage.exists(found.file):
        return render(request, "content/bulk_job.html", {"job": found, "total": len(found.courses)}, status=410)
    kind = "application/zip" if found.file.endswith(".zip") else "text/csv; charset=utf-8"
    return send_file(found.file, found.file_name, kind, found.size)
