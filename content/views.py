"""Console pages about packages: Add Content, imports, and the verbs on a course."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Count, Max, QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from realms.configuration import effective

from . import services, storage, versions
from .errors import ContentError, ResultsKept
from .forms import AddressForm, ReferenceForm, TagsForm, TitleForm
from .models import Course, CourseVersion, ImportJob

JOBS_SHOWN = 20

# By the ending of what was uploaded: files that are a course by themselves are no zip files.
DOWNLOADS = {
    "zip": "application/zip",
    "pif": "application/zip",
    "xml": "application/xml",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
}


# --- adding -----------------------------------------------------------------------------------------------------------


@realm_member(needs=Right.CONTENT_CHANGE)
@require_GET
def add(request: RealmRequest) -> HttpResponse:
    return render(request, "content/add.html", _adding(request, AddressForm()))


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def add_from_url(request: RealmRequest) -> HttpResponse:
    """Begin to fetch a package. An error is shown on the Add Content page, at the field."""
    form = AddressForm(request.POST)
    if form.is_valid():
        course_id = form.cleaned_data["course"]
        wish = services.Wish(
            user_id=request.membership.user_id, course_id=course_id, may_create_version=bool(course_id)
        )
        try:
            job = services.start_fetch(request.application, form.cleaned_data["url"], wish)
        except ContentError as error:
            form.add_error("url", str(error))
        else:
            _record_import(request, job)
            return redirect("content:library", request.realm.slug)
    return render(request, "content/add.html", _adding(request, form), status=422)


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def add_reference(request: RealmRequest) -> HttpResponse:
    """Make a course of an address. An error is shown on the Add Content page, at the field."""
    form = ReferenceForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data
        wish = services.Wish(
            user_id=request.membership.user_id, course_id=words["course"], may_create_version=bool(words["course"])
        )
        try:
            made = services.add_reference(request.application, words["address"], words["title"], words["kind"], wish)
        except ContentError as error:
            form.add_error("address", str(error))
        else:
            assert made.version is not None
            _record_import(request, made)
            return redirect("registrations:course", request.realm.slug, made.version.course_id)
    return render(request, "content/add.html", _adding(request, AddressForm(), form), status=422)


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def add_sample(request: RealmRequest) -> HttpResponse:
    """Add the sample course, once however often it is asked for, and lead to where it shows."""
    try:
        found = services.add_sample(request.application, request.membership.user_id)
    except ContentError as error:
        messages.error(request, str(error))
        return redirect("content:library", request.realm.slug)
    if isinstance(found, Course):
        messages.info(request, gettext("The sample course is in your library already."))
        return redirect("registrations:course", request.realm.slug, found.pk)
    _record_import(request, found)
    return redirect("content:library", request.realm.slug)


def _record_import(request: RealmRequest, job: ImportJob) -> None:
    about: dict[str, Any] = {"realm": request.realm, "application": request.application, "target": job}
    audit.record(request, "course.import", **about, details={"course": job.course_id} if job.course_id else None)


def _adding(request: RealmRequest, form: AddressForm, reference: ReferenceForm | None = None) -> dict[str, Any]:
    """`?course=` names the course that a new version is wanted of; one that is not there is left out."""
    wanted = (request.GET.get("course") or request.POST.get("course") or "").replace("\0", "")
    course = Course.objects.filter(application=request.application, course_id=wanted).first() if wanted else None
    who = versions.affected(course, version_id=0) if course else None
    rule = effective(course.settings)[versions.RULE] if course else ""
    moving = who.moving[rule] if who else 0
    about = {"form": form, "reference": reference or ReferenceForm()}
    return about | {"course": course, "who": who, "moving": moving, **import_list(request)}


# --- imports ----------------------------------------------------------------------------------------------------------


@realm_member(needs=Right.CONTENT_SEE)
@require_GET
def jobs(request: RealmRequest) -> HttpResponse:
    """The list of imports; it asks for itself again while something runs.

    `?over=` is what it said before of the imports that are over: when it is no longer so, the page hears of it.
    """
    context = import_list(request, is_short="short" in request.GET)
    response = render(request, "content/_jobs.html", context)
    if request.GET.get("over", context["over"]) != context["over"]:
        response["HX-Trigger"] = "courses-changed"
    return response


def import_list(request: RealmRequest, is_short: bool = False) -> dict[str, Any]:
    """The newest imports; the short list leaves out those that have become courses: the library shows them below.

    `over` changes with each course that comes in. A page with courses asks for this first: what ends in between shows
    in its courses, and what ends later changes `over`.
    """
    found = ImportJob.objects.filter(application=request.application).to_show()
    over = found.filter(state=ImportJob.State.COMPLETE).aggregate(count=Count("pk"), last=Max("finished"))
    if is_short:
        found = found.exclude(state=ImportJob.State.COMPLETE)
    shown = list(found.select_related("version__course").defer("version__structure")[: JOBS_SHOWN + 1])
    return {
        "jobs": shown[:JOBS_SHOWN],
        "has_more_jobs": len(shown) > JOBS_SHOWN,
        "is_running": any(job.is_unfinished for job in shown),
        "over": f"{over['count']} {over['last'] or ''}",
        "is_short": is_short,
    }


@realm_member(needs=Right.CONTENT_SEE)
@require_GET
def job(request: RealmRequest, job_id: UUID) -> HttpResponse:
    """One import with what was found in its package."""
    found = get_object_or_404(
        _in_realm(request).select_related("version__course", "repair_of", "repair_of_import", "created_by"), pk=job_id
    )
    repair = found.latest_repair
    may_fix = found.can_fix and (repair is None or repair.state == ImportJob.State.FAILED)
    return render(request, "content/job.html", {"job": found, "repair": repair, "may_fix": may_fix})


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def job_retry(request: RealmRequest, job_id: UUID) -> HttpResponse:
    found = get_object_or_404(_in_realm(request), pk=job_id)
    try:
        services.retry_import(found)
    except ContentError as error:
        messages.error(request, str(error))
    else:
        audit.record(request, "import.retry", realm=request.realm, application=found.application, target=found)
    return _after_job(request)


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def job_forget(request: RealmRequest, job_id: UUID) -> HttpResponse:
    found = get_object_or_404(_in_realm(request), pk=job_id)
    gone = audit.Target.of(found)
    services.forget_job(found)
    audit.record(request, "import.forget", realm=request.realm, application=found.application, target=gone)
    return _after_job(request)


def _in_realm(request: RealmRequest) -> QuerySet[ImportJob]:
    return ImportJob.objects.in_realm(request.realm).select_related("application")


def _after_job(request: RealmRequest) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "content/_jobs.html", import_list(request, is_short="short" in request.GET))
    return redirect("content:library", request.realm.slug)


# --- verbs on a course ------------------------------------------------------------------------------------------------


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def course_title(request: RealmRequest, pk: int) -> HttpResponse:
    course = _course(request, pk)
    form, before = TitleForm(request.POST), course.title
    try:
        services.rename_course(course, form.data.get("title", ""))
    except ContentError as error:
        messages.error(request, str(error))
    else:
        _record(request, "course.rename", course, {"title": [before, course.title]})
    return redirect(_page_of(request, course))


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def course_tags(request: RealmRequest, pk: int) -> HttpResponse:
    course = _course(request, pk)
    form = TagsForm(request.POST)
    try:
        if not form.is_valid():
            raise ContentError(gettext("These are too many tags."))
        before = sorted(course.tags.values_list("name", flat=True))
        services.set_tags(course, form.names())
        after = sorted(course.tags.values_list("name", flat=True))
        _record(request, "course.tags", course, {"tags": [before, after]})
    except ContentError as error:
        messages.error(request, str(error))
    return redirect(_page_of(request, course))


@realm_member(needs=Right.CONTENT_CHANGE)
def course_delete(request: RealmRequest, pk: int) -> HttpResponse:
    """GET says what goes with the course and asks; POST deletes it."""
    course = _course(request, pk)
    may_take_results = request.member.may(Right.RESULTS_CHANGE, course.application_id)
    if request.method == "POST":
        gone = audit.Target.of(course)
        try:
            services.delete_course(course, with_results=may_take_results)
        except Course.DoesNotExist as error:
            raise Http404 from error
        except ResultsKept as error:
            messages.error(request, str(error))
            return redirect("content:course_delete", request.realm.slug, course.pk)
        audit.record(request, "course.delete", realm=request.realm, application=course.application, target=gone)
        messages.success(request, gettext("“%(title)s” was deleted.") % {"title": course.title})
        return redirect("content:library", request.realm.slug)
    goes = services.belongings(course)
    context = {"course": course, "goes": goes, "page_url": _page_of(request, course)}
    context["is_kept"] = goes.registrations and not may_take_results
    return render(request, "content/course_delete.html", context)


@realm_member(needs=Right.CONTENT_SEE)
@require_GET
def version_download(request: RealmRequest, pk: int) -> Any:  # FileResponse is no HttpResponse
    """The archive as it was uploaded."""
    versions = CourseVersion.objects.filter(request.realm.within("course__application")).defer("structure")
    version = get_object_or_404(versions.exclude(archive=""), pk=pk)  # a reference has nothing to download
    name = version.file_name or f"{version.title}.zip"
    content_type = DOWNLOADS.get(name.lower().rpartition(".")[2], "")
    if not content_type:
        name, content_type = f"{name}.zip", DOWNLOADS["zip"]
    return send_file(version.archive, name, content_type, version.archive_size)


def send_file(stored: str, name: str, content_type: str, size: int) -> Any:
    """A stored file as a download under the name; from a bucket the browser fetches it itself."""
    if storage.local_path(stored) is None and hasattr(default_storage, "bucket"):
        disposition = content_disposition_header(True, name)
        return redirect(default_storage.url(stored, parameters={"ResponseContentDisposition": disposition}))  # type: ignore[call-arg]
    response = FileResponse(storage.open_file(stored), as_attachment=True, filename=name, content_type=content_type)
    response["Content-Length"] = str(size)
    return response


def _course(request: RealmRequest, pk: int) -> Course:
    found = get_object_or_404(Course.objects.in_realm(request.realm).select_related("application"), pk=pk)
    request.member.look_at(found.application_id)
    return found


def _record(request: RealmRequest, action: str, course: Course, details: dict[str, Any]) -> None:
    about: dict[str, Any] = {"realm": request.realm, "application": course.application, "target": course}
    audit.record(request, action, **about, details=details)


def _page_of(request: RealmRequest, course: Course) -> str:
    return reverse("registrations:course", args=[request.realm.slug, course.pk])
