"""Console pages about the versions of a course: the list, two side by side, which is current, deleting one."""

from typing import Any

from django.contrib import messages
from django.db.models import F, Q
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from realms.configuration import SETTINGS, effective
from realms.pages import Pages

from . import comparison, versions
from .edited import held_files, zip_blocks, zip_size
from .errors import ContentError
from .models import Course, CourseVersion

PAGE = 50
DIFFERENCES = 100  # on a page
HISTORY = 50


def version_of(request: RealmRequest, pk: int) -> CourseVersion:
    """A version of the realm the request is in; 404 for any other."""
    found = CourseVersion.objects.filter(request.realm.within("course__application"))
    version = get_object_or_404(found.select_related("course__application").defer("structure"), pk=pk)
    request.member.look_at(version.course.application_id)
    return version


def course_of(request: RealmRequest, pk: int) -> Course:
    """A course of the realm the request is in; 404 for any other."""
    course = get_object_or_404(Course.objects.in_realm(request.realm).select_related("application"), pk=pk)
    request.member.look_at(course.application_id)
    return course


@realm_member(needs=Right.CONTENT_SEE)
@require_GET
def version_list(request: RealmRequest, pk: int) -> HttpResponse:
    """The versions, who is on which, the rule that moves learners, and what was changed."""
    course = course_of(request, pk)
    # Which is current is read with the versions: an import may make a new one current between two queries
    is_current = Q(pk=F("course__current_version"))
    found = course.versions.annotate(is_current=is_current).defer("structure").select_related("created_by")
    rule = effective(course.settings)[versions.RULE]
    who = versions.affected(course)
    context = {
        "course": course,
        "page": Pages(found, PAGE).get_page(request.GET.get("page")),
        "who": who,
        "on": versions.registrations_by_version(course),
        "rule": rule,
        "rules": [(value, words, who.moving[value]) for value, words in SETTINGS[versions.RULE].choices],
        "changes": Pages(course.changes.select_related("by"), HISTORY).get_page(request.GET.get("changes")),
        "choices": list(course.versions.values_list("pk", "number")[:500]),
    }
    return render(request, "content/versions.html", context)


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def version_rule(request: RealmRequest, pk: int) -> HttpResponse:
    course = course_of(request, pk)
    before = effective(course.settings)[versions.RULE]
    try:
        versions.set_rule(course, request.POST.get("rule", ""), request.membership.user_id)
    except ContentError as error:
        messages.error(request, str(error))
    else:
        about: dict[str, Any] = {"realm": request.realm, "application": course.application, "target": course}
        audit.record(request, "course.version_rule", **about, details={"rule": [before, request.POST.get("rule", "")]})
        messages.success(request, gettext("The rule is saved. It holds from the next launch on."))
    return redirect("content:versions", request.realm.slug, course.pk)


@realm_member(needs=Right.CONTENT_SEE)
@require_GET
def version_compare(request: RealmRequest, pk: int) -> HttpResponse:
    """Two versions side by side: `?from=&to=` are their numbers; the current one and the one before it unless told, the
    newest for want of one before."""
    course = course_of(request, pk)
    found = list(course.versions.defer("structure"))
    numbers = {version.number: version for version in found}
    if not found:
        raise Http404
    current = next((version for version in found if version.pk == course.current_version_id), found[0])
    new = _numbered(numbers, request.GET.get("to")) or current
    old = _numbered(numbers, request.GET.get("from")) or next((v for v in found if v.number < new.number), found[0])
    part = request.GET.get("part", "structure")
    context: dict[str, Any] = {"course": course, "versions": found, "old": old, "new": new, "part": part}
    if part == "files":
        context |= _files(request, old, new)
    elif part == "manifest":
        context["diff"] = comparison.compare_manifests(old, new)
    else:
        context["part"] = "structure"
        differences = comparison.compare_structures(old.read_structure(), new.read_structure())
        context["page"] = Pages(differences, DIFFERENCES).get_page(request.GET.get("page"))
    return render(request, "content/version_compare.html", context)


def _numbered(numbers: dict[int, CourseVersion], text: str | None) -> CourseVersion | None:
    if not text:
        return None
    found = numbers.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
    if found is None:
        raise Http404
    return found


def _files(request: RealmRequest, old: CourseVersion, new: CourseVersion) -> dict[str, Any]:
    differences = comparison.compare_files(old, new)
    counts = dict.fromkeys((comparison.ADDED, comparison.REMOVED, comparison.CHANGED, comparison.RENAMED), 0)
    for each in differences:
        counts[each.kind] += 1
    return {"counts": counts, "page": Pages(differences, DIFFERENCES).get_page(request.GET.get("page"))}


@realm_member(needs=Right.CONTENT_CHANGE)
@require_POST
def version_current(request: RealmRequest, pk: int) -> HttpResponse:
    version = version_of(request, pk)
    versions.make_current(version, request.membership.user_id)
    audit.record(
        request, "version.current", realm=request.realm, application=version.course.application, target=version
    )
    messages.success(
        request, gettext("Version %(number)s is current: new registrations play it.") % {"number": version.number}
    )
    return redirect("content:versions", request.realm.slug, version.course_id)


@realm_member(needs=Right.CONTENT_CHANGE)
@require_http_methods(["GET", "POST"])
def version_delete(request: RealmRequest, pk: int) -> HttpResponse:
    """GET says what goes with the version and asks; POST deletes it."""
    version = version_of(request, pk)
    if request.method == "POST":
        gone = audit.Target.of(version)
        try:
            may = request.member.may(Right.RESULTS_CHANGE, version.course.application_id)
            versions.delete_version(version, request.membership.user_id, with_results=may)
        except ContentError as error:
            messages.error(request, str(error))
        else:
            about: dict[str, Any] = {"realm": request.realm, "application": version.course.application, "target": gone}
            audit.record(request, "version.delete", **about)
            messages.success(request, gettext("Version %(number)s was deleted.") % {"number": version.number})
        return redirect("content:versions", request.realm.slug, version.course_id)
    is_current = version.course.current_version_id == version.pk
    context = {"version": version, "course": version.course, "goes": versions.going(version), "is_current": is_current}
    return render(request, "content/version_delete.html", context)


@realm_member(needs=Right.CONTENT_SEE)
@require_GET
def version_zip(request: RealmRequest, pk: int) -> StreamingHttpResponse:
    """The package as it is now, with every change."""
    version = version_of(request, pk)
    if not version.archive:
        raise Http404  # a reference has no files
    files = list(held_files(version).values())
    stem = (version.file_name or version.title).removesuffix(".zip")
    name = f"{stem}-now.zip" if version.revision else f"{stem}.zip"
    response = StreamingHttpResponse(zip_blocks(files), content_type="application/zip")
    response["Content-Length"] = str(zip_size(files))
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
