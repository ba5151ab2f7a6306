"""Fix: shows what a repair of a version would change, begins it as an import of a new version; reports as files."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from standards import repair as standards_repair
from standards.errors import PackageError
from standards.repair import Plan
from standards.rules import rule_of
from standards.structure import Finding

from . import mending, services
from .errors import ContentError
from .models import Course, CourseVersion, ImportJob
from .reports import report_json
from .sentences import in_language

RENAMES_SHOWN = 20
WORDS_AT_MOST = 200  # codes and keys in one request


def plan_repair(version: CourseVersion, codes: Sequence[str], keys: Sequence[str]) -> Plan:
    """What would change. Raises ContentError where nothing would, or the package cannot be read."""
    try:
        with mending.open_version(version) as package:
            plan = standards_repair.plan(package, codes, keys)
    except PackageError as error:
        raise ContentError(in_language(str(error))) from error
    except FileNotFoundError as error:
        raise ContentError(gettext("The archive of this version is gone.")) from error
    mending.refuse_empty(plan)
    return plan


def start_repair(version: CourseVersion, codes: Sequence[str], keys: Sequence[str], user_id: int) -> ImportJob:
    """Have a repaired package imported as a new version; the original stays. One repair of a version runs at a time:
    asked for again, the one that runs is given. Raises ContentError."""
    plan_repair(version, codes, keys)
    course = version.course
    wish = services.Wish(user_id=user_id, course_id=course.course_id, may_create_version=True)
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=course.pk)  # of two that ask at once one begins
        if running := ImportJob.objects.unfinished().filter(repair_of=version).first():
            return running
        services.refuse_over_plan(course.application.realm, version.archive_size)
        return services.make_job(
            uuid.uuid4(),
            course.application,
            wish,
            repair_of=version,
            repair={"codes": sorted(set(codes)), "keys": sorted(set(keys))},
            file_name=version.file_name or f"{course.course_id[:200]}.zip",
            size=version.archive_size,
        )


def start_repair_of_import(job: ImportJob, user_id: int) -> ImportJob:
    """Have the package of an import that failed mended and imported as what that one wanted; what was uploaded stays.
    Asked for again, the repair that runs or was a success is given. Raises ContentError."""
    with mending.opened_refused(job):
        pass  # there is something to mend
    wish = services.Wish(
        user_id=user_id,
        course_id=job.course_id,
        may_create_version=job.may_create_version,
        tags=tuple(job.tags),
        metadata=job.metadata,
    )
    with transaction.atomic():
        ImportJob.objects.select_for_update(of=("self",)).get(pk=job.pk)  # of two that ask at once one begins
        if begun := job.repairs.exclude(state=ImportJob.State.FAILED).first():
            return begun
        services.refuse_course_exists(job.application, job.course_id, job.may_create_version)
        services.refuse_more_courses(job.application, job.course_id)
        services.refuse_over_plan(job.application.realm, job.size)
        return services.make_job(
            uuid.uuid4(),
            job.application,
            wish,
            repair_of_import=job,
            replaces_unused=job.replaces_unused,
            file_name=job.file_name,
            size=job.size,
        )


# --- pages ------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.CONTENT_CHANGE)
def repair(request: RealmRequest, pk: int) -> HttpResponse:
    """GET says what will change, POST begins it. `code` and `finding` name what is to be mended; without them, all."""
    version = _version(request, pk)
    words = request.POST if request.method == "POST" else request.GET
    codes, keys = words.getlist("code")[:WORDS_AT_MOST], words.getlist("finding")[:WORDS_AT_MOST]
    context: dict[str, Any] = {"version": version, "course": version.course, "codes": codes, "keys": keys}
    try:
        if request.method == "POST":
            job = start_repair(version, codes, keys, request.membership.user_id)
            about: dict[str, Any] = {"realm": request.realm, "application": version.course.application}
            audit.record(request, "course.repair", **about, target=version, details={"codes": codes})
            return redirect("content:job", request.realm.slug, job.pk)
        plan = plan_repair(version, codes, keys)
    except ContentError as error:
        return render(request, "content/repair.html", context | {"error": str(error)}, status=422)
    return render(request, "content/repair.html", context | _shown(plan))


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.CONTENT_CHANGE)
def repair_import(request: RealmRequest, job_id: uuid.UUID) -> HttpResponse:
    """The same for an import that failed: GET says what will change, POST begins it."""
    job = get_object_or_404(ImportJob.objects.in_realm(request.realm).select_related("application__realm"), pk=job_id)
    context: dict[str, Any] = {"job": job}
    try:
        if request.method == "POST":
            begun = start_repair_of_import(job, request.membership.user_id)
            audit.record(request, "import.repair", realm=request.realm, application=job.application, target=job)
            return redirect("content:job", request.realm.slug, begun.pk)
        with mending.opened_refused(job) as (_package, plan):
            context |= _shown(plan)
    except (ContentError, PackageError) as error:
        return render(request, "content/repair_import.html", context | {"error": str(error)}, status=422)
    return render(request, "content/repair_import.html", context)


def _shown(plan: Plan) -> dict[str, Any]:
    counts = mending.counts(plan)
    return {
        "plan": plan,
        "mended": [(rule_of(code), code, count) for code, count in counts.items()],
        "renames": list(plan.names.items())[:RENAMES_SHOWN],
        "more_renames": max(0, len(plan.names) - RENAMES_SHOWN),
    }


@require_GET
@realm_member(needs=Right.CONTENT_SEE)
def version_report(request: RealmRequest, pk: int) -> HttpResponse:
    version = _version(request, pk)
    about = {"file": version.file_name, "title": version.title, "standard": version.standard, "version": version.number}
    return _file(version.read_structure().findings, f"{version.title}-{version.number}", about)


@require_GET
@realm_member(needs=Right.CONTENT_SEE)
def job_report(request: RealmRequest, job_id: uuid.UUID) -> HttpResponse:
    job = get_object_or_404(ImportJob.objects.in_realm(request.realm), pk=job_id)
    about = {"file": job.file_name, "state": job.state, "message": job.message}
    return _file(job.read_findings(), job.file_name.rpartition(".")[0], about)


def _file(findings: Sequence[Finding], name: str, about: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(report_json(findings, **about), json_dumps_params={"indent": 2})
    file_name = f"{slugify(name)[:100] or 'import'}-report.json"
    response["Content-Disposition"] = content_disposition_header(True, file_name)
    return response


def _version(request: RealmRequest, pk: int) -> CourseVersion:
    versions = CourseVersion.objects.filter(request.realm.within("course__application")).defer("structure")
    return get_object_or_404(versions.select_related("course__application__realm"), pk=pk)
