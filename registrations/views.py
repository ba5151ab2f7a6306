"""Console pages: the course info page with its sandbox, registrations, their run-time data and debug log."""

import itertools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from content.models import Course
from realms import audit
from realms.access import RealmRequest, Right, realm_member
from standards.errors import RequestError
from standards.structure import Learner

from . import debugger, instances, logs, reading, services
from .auditing import record, told
from .history import inflate
from .links import LinkError, launch_url, preview_url
from .models import Instance, LaunchRecord, Registration
from .moving import what_comes
from .satisfaction import satisfaction
from .seeing import may_of, registration_of
from .sessions import read_state
from .tree import lines

SANDBOX_SHOWN = 10
LAUNCHES_SHOWN = 100
LOG_PAGE = 200


def _course(request: RealmRequest, pk: int) -> Course:
    """A course of the realm the request is in; 404 for any other."""
    courses = Course.objects.in_realm(request.realm).select_related("application", "current_version")
    found = get_object_or_404(courses, pk=pk)
    request.member.look_at(found.application_id)
    return found


def _learner(request: RealmRequest) -> Learner:
    """The signed-in person as a learner of the sandbox."""
    user: Any = request.user
    return Learner(user.email, user.first_name, user.last_name)


# --- course -----------------------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.CONTENT_SEE)
def course(request: RealmRequest, pk: int) -> HttpResponse:
    """The course info page; asked by htmx, only the sandbox with its live results."""
    found = _course(request, pk)
    context: dict[str, Any] = {"course": found, "sandbox": _sandbox(found)[:SANDBOX_SHOWN]}
    if request.headers.get("HX-Target") == "sandbox":
        return render(request, "registrations/_sandbox.html", context)
    version = found.current_version
    structure = version.read_structure() if version else None
    mine = Registration.objects.filter(course=found, learner_id=_learner(request).identifier, is_sandbox=True).first()
    newest = mine.instances.select_related("version").first() if mine else None
    states = read_state(newest).activities if newest and newest.version_id == found.current_version_id else {}
    context |= {
        "version": version,
        "structure": structure,
        "lines": lines(structure, states) if structure else [],
        "findings": [finding.to_json() for finding in structure.findings] if structure else [],
        "versions": found.versions.defer("structure").select_related("created_by"),
        "learners": _learners_of(found),
        "mine": mine,
        "older": newest is not None and newest.version_id != found.current_version_id,
        "sandbox_count": (of_sandbox := found.registrations.filter(is_sandbox=True).count()),
        "others": found.registrations.count() - of_sandbox,  # two counts that an index answers by itself
    }
    return render(request, "registrations/course.html", context)


def _learners_of(course: Course) -> dict[int, int]:
    """Version -> how often it is played: counted apart, for a join would carry each version once an instance."""
    played = Instance.objects.filter(version__course=course).order_by()
    return dict(played.values_list("version").annotate(count=Count("pk")))


def _sandbox(course: Course) -> QuerySet[Registration]:
    return course.registrations.filter(is_sandbox=True).order_by("-updated")


@require_POST
@realm_member(needs=Right.CONTENT_TEST)
def launch(request: RealmRequest, pk: int) -> HttpResponse:
    """Make or resume the person's sandbox registration and go to the player."""
    found = _course(request, pk)
    try:
        registration = services.open_sandbox(found, _learner(request))
    except LinkError as error:
        messages.error(request, str(error))
        return redirect("registrations:course", request.realm.slug, found.pk)
    return _to_player(launch_url(registration, _back(found, request)))


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def preview(request: RealmRequest, pk: int) -> HttpResponse:
    """Go to the player without keeping anything."""
    found = _course(request, pk)
    if found.current_version is None:
        messages.error(request, gettext("This course has no content yet."))
        return redirect("registrations:course", request.realm.slug, found.pk)
    return _to_player(preview_url(found.current_version, _learner(request), _back(found, request)))


def _back(course: Course, request: RealmRequest) -> str:
    return settings.CONSOLE_ORIGIN + reverse("registrations:course", args=[request.realm.slug, course.pk])


def _to_player(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    response.headers["Cache-Control"] = "no-store"
    return response


# --- registrations ----------------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.CONTENT_SEE)
def registration(request: RealmRequest, pk: int) -> HttpResponse:
    """What the content reported: outcome, activities, and all run-time data of the chosen one."""
    found = registration_of(request, pk)
    instance = _instance(found, request.GET.get("instance"))
    context: dict[str, Any] = {"registration": found, "course": found.course, "instance": instance}
    context |= {
        "may_reset": may_of(request, found, Right.RESULTS_RESET),
        "may_change": may_of(request, found, Right.RESULTS_CHANGE),
    }
    if instance is not None:
        context |= _instance_details(instance, request.GET.get("activity", ""))
        context["instances"] = found.instances.select_related("version").defer("version__structure")
        newest = _newest(found)
        context["what_comes"] = what_comes(newest)
        context["is_newest"] = newest.pk == instance.pk
    if request.headers.get("HX-Target") == "progress":
        return render(request, "registrations/_progress.html", context)
    return render(request, "registrations/registration.html", context)


def _newest(registration: Registration) -> Instance:
    """The instance that the next launch goes on with, or begins anew from."""
    instances = registration.instances.select_related("version__course__current_version")
    return instances.defer("version__structure", "version__course__current_version__structure")[0]


def _instance(registration: Registration, number: str | None) -> Instance | None:
    instances = registration.instances.select_related("version__course", "registration", "active_launch")
    wanted = _whole_number(number)
    return instances.first() if wanted is None else get_object_or_404(instances, number=wanted)


def _whole_number(text: str | None) -> int | None:
    """A number as our own links write it; None for anything else that stands in an address."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _instance_details(instance: Instance, wanted: str) -> dict[str, Any]:
    structure = instance.version.read_structure()
    state = read_state(instance)
    tree = lines(structure, state.activities)
    reported = [line for line in tree if line.state.values]
    chosen = next((line for line in tree if line.activity.identifier == wanted), None)
    chosen = chosen or next((line for line in reported if line.activity.identifier == state.current), None)
    chosen = chosen or next(iter(reported or tree), None)
    values = chosen.state.values if chosen else {}
    launches = list(LaunchRecord.objects.filter(instance=instance).order_by("-created", "-pk")[: LAUNCHES_SHOWN + 1])
    return {
        "structure": structure,
        "cmi5": satisfaction(structure, state),
        "lines": tree,
        "chosen": chosen,
        "current": state.current,
        "objectives": reading.objectives(values),
        "interactions": reading.interactions(values),
        "comments": reading.comments(values),
        "tries": reading.tries(values),
        "path": reading.path(values),
        "elements": reading.elements(values),
        "overrides": list(instance.overrides.all()),
        "launches": launches[:LAUNCHES_SHOWN],
        "more_launches": len(launches) > LAUNCHES_SHOWN,
    }


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def waive(request: RealmRequest, pk: int) -> HttpResponse:
    """Let an activity of a cmi5 course count as satisfied by other means."""
    found = registration_of(request, pk, Right.RESULTS_CHANGE)
    activity, reason = _posted(request, "activity", "reason")
    said = {"activity": activity, "reason": reason}
    return _changed(request, found, "registration.waive", lambda each: instances.waive(each, activity, reason), said)


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def abandon(request: RealmRequest, pk: int) -> HttpResponse:
    """End the open session of a cmi5 course."""
    found = registration_of(request, pk, Right.RESULTS_RESET)
    (session,) = _posted(request, "session")
    return _changed(
        request, found, "registration.abandon", lambda each: instances.abandon(each, session), {"session": session}
    )


def _posted(request: RealmRequest, *names: str) -> list[str]:
    return [request.POST.get(name, "").replace("\0", "")[:4000] for name in names]


def _changed(
    request: RealmRequest,
    found: Registration,
    action: str,
    change: Callable[[Instance], Instance],
    said: dict[str, Any],
) -> HttpResponse:
    instance = _instance(found, request.POST.get("instance"))
    if instance is None:
        raise Http404
    try:
        change(instance)
        record(request, action, found, said | {"instance": instance.number})
        messages.success(request, gettext("Done, and stated in the learning record store."))
    except RequestError as error:
        messages.error(request, str(error))
    page = reverse("registrations:registration", args=[request.realm.slug, found.pk])
    return redirect(f"{page}?instance={instance.number}")


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def restart(request: RealmRequest, pk: int) -> HttpResponse:
    """Begin a new instance on the current version; the older ones stay."""
    found = registration_of(request, pk, Right.RESULTS_RESET)
    services.restart(found)
    record(request, "registration.restart", found)
    said = gettext("The next launch begins anew on the current version. What was done before is kept.")
    messages.success(request, said)
    return redirect("registrations:registration", request.realm.slug, found.pk)


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def reset(request: RealmRequest, pk: int) -> HttpResponse:
    """Forget all progress."""
    found = registration_of(request, pk, Right.RESULTS_RESET)
    services.reset(found)
    record(request, "registration.reset", found)
    messages.success(request, gettext("All progress of this registration was removed."))
    return redirect("registrations:registration", request.realm.slug, found.pk)


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def delete(request: RealmRequest, pk: int) -> HttpResponse:
    """Delete the registration with all it holds."""
    found = registration_of(request, pk, Right.RESULTS_CHANGE)
    course_pk, gone, application = found.course_id, told(found), found.course.application
    services.delete_registration(found)
    audit.record(request, "registration.delete", realm=request.realm, application=application, target=gone)
    messages.success(request, gettext("The registration was deleted."))
    return redirect("registrations:course", request.realm.slug, course_pk)


# --- sequencing debugger ----------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.CONTENT_SEE)
def sequencing(request: RealmRequest, pk: int) -> HttpResponse:
    """How the course is sequenced: what is tracked, the requests so far and how each was decided.

    The page asks again while it is open: nothing comes back while nothing has changed.
    """
    found = registration_of(request, pk)
    instance = _instance(found, request.GET.get("instance"))
    asked: Any = request.GET.copy()
    seen = asked.pop("seen", [""])[-1]
    request.GET = asked  # links of the page lead on without it
    if instance is not None and seen == debugger.marker(instance):
        return HttpResponse(status=204)
    context: dict[str, Any] = {"registration": found, "course": found.course, "instance": instance}
    if instance is not None:
        context |= {"marker": debugger.marker(instance)}
        context |= _sequencing_details(debugger.Debugger.of_instance(instance), request)
    if request.headers.get("HX-Target") == "sequencing":
        return render(request, "registrations/_sequencing.html", context)
    return render(request, "registrations/sequencing.html", context)


def _sequencing_details(shown: debugger.Debugger, request: RealmRequest) -> dict[str, Any]:
    wanted = _whole_number(request.GET.get("request"))
    history = shown.history()
    told = next((each for each in history if each.record.pk == wanted), None) or next(iter(history), None)
    activity = request.GET.get("activity", "") or shown.state.current
    page = shown.page(request.GET.get("page", ""), activity)
    return {
        "shown": shown,
        "current": shown.title(shown.state.current),
        "suspended": shown.title(shown.tracked.suspended) if shown.tracked else "",
        "page": page,
        "lines": shown.tracked_lines(page),
        "history": history,
        "told": told,
        "is_latest": wanted is None,
        "steps": shown.steps(inflate(told.record)) if told else [],
        **shown.details(activity),
        **shown.shared(),
    }


@require_GET
@realm_member(needs=Right.CONTENT_SEE)
def download_sequencing(request: RealmRequest, pk: int) -> StreamingHttpResponse:
    """All the debugger knows of an instance, as JSON."""
    found = registration_of(request, pk)
    instance = _instance(found, request.GET.get("instance"))
    lines_of_it = debugger.as_json_lines(instance) if instance else iter((b"{}\n",))
    response = StreamingHttpResponse(lines_of_it, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="sequencing-{found.pk}.json"'
    return response


# --- debug log --------------------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.CONTENT_SEE)
def log(request: RealmRequest, pk: int) -> HttpResponse:
    """Every API call of an instance: filtered, page by page."""
    found = registration_of(request, pk)
    instance = _instance(found, request.GET.get("instance"))
    wanted = _log_filter(request)
    start = _whole_number(request.GET.get("from")) or 0
    calls = list(itertools.islice(logs.entries(instance, wanted), start, start + LOG_PAGE + 1)) if instance else []
    context = {
        "registration": found,
        "course": found.course,
        "instance": instance,
        "calls": calls[:LOG_PAGE],
        "start": start,
        "next": start + LOG_PAGE if len(calls) > LOG_PAGE else None,
        "previous": max(0, start - LOG_PAGE) if start else None,
        "wanted": wanted,
        "activities": lines(instance.version.read_structure(), {}) if instance else [],
        "methods": logs.METHODS,
        "as_learner": logs.launched_as_learner(instance) if instance else [],
    }
    template = "registrations/_log.html" if request.headers.get("HX-Target") == "log" else "registrations/log.html"
    return render(request, template, context)


@require_GET
@realm_member(needs=Right.CONTENT_SEE)
def download_log(request: RealmRequest, pk: int) -> StreamingHttpResponse:
    """The debug log as JSON lines, with the same filter as the page."""
    found = registration_of(request, pk)
    instance = _instance(found, request.GET.get("instance"))
    calls = logs.entries(instance, _log_filter(request)) if instance else iter(())
    response = StreamingHttpResponse(logs.as_json_lines(calls), content_type="application/x-ndjson")
    response.headers["Content-Disposition"] = f'attachment; filename="debug-log-{found.pk}.jsonl"'
    return response


def _log_filter(request: RealmRequest) -> logs.LogFilter:
    asked = request.GET
    return logs.LogFilter(
        activity=asked.get("activity", ""),
        method=asked.get("method", ""),
        text=asked.get("q", "").strip(),
        errors_only=asked.get("errors") == "1",
    )
