"""Console pages about a learner, who is no object: all registrations of an id in the realm, and what holds for all."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import Avg, Count, Max, Min, Q, Sum
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member, refuse
from realms.models import Application

from . import finding
from . import learners as verbs
from .learner_forms import LearnerForm
from .models import Erasure, LearnerTag, PersonalExport, Registration
from .personal import begin_export

SHOWN = 200  # registrations on the page
FOUND = 50  # learners that a search shows
LOOKED_AT = 500  # registrations of them


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def learners(request: RealmRequest) -> HttpResponse:
    """A learner by `?id=`, or a search for one by `?q=`."""
    learner_id = _asked_id(request.GET)
    if not learner_id:
        return _search(request)
    applications = _applications(request)
    rows = Registration.objects.filter(application__in=applications, learner_id=learner_id)
    newest = list(rows.select_related("course").order_by("-updated", "-pk")[: SHOWN + 1])
    erasures = list(Erasure.objects.filter(application__in=applications, learner_id=learner_id))
    if not newest and not erasures and not any(verbs.known(each, [learner_id]) for each in applications):
        return _search(request, learner_id)
    tags: dict[int, list[str]] = {}
    for tag in LearnerTag.objects.filter(application__in=applications, learner_id=learner_id):
        tags.setdefault(tag.application_id, []).append(tag.name)
    shown = newest[:SHOWN]
    context: dict[str, Any] = {
        "learner_id": learner_id,
        "learner": shown[0].learner if shown else None,
        "email": next((each.learner_email for each in shown if each.learner_email), ""),
        "groups": [
            {"application": each, "rows": mine, "tags": tags.get(each.pk, [])}
            for each in applications
            if (mine := [row for row in shown if row.application_id == each.pk]) or each.pk in tags
        ],
        "has_more": len(newest) > SHOWN,
        "totals": rows.aggregate(
            registrations=Count("pk"),
            completed=Count("pk", filter=Q(completion="completed")),
            passed=Count("pk", filter=Q(success="passed")),
            failed=Count("pk", filter=Q(success="failed")),
            seconds=Sum("total_seconds"),
            score=Avg("score"),
            first=Min("created"),
            last_seen=Max("last_access"),
        ),
        "exports": _exports(request, learner_id) if request.realm.limited_to is None else [],
        "may_export": request.realm.limited_to is None,
        "is_erased": bool(erasures),
        "may_change": request.member.may(Right.RESULTS_CHANGE),
        "form": LearnerForm.of(shown[0]) if shown else None,
    }
    fragment = request.headers.get("HX-Target") == "exports"
    return render(request, f"registrations/{'_exports' if fragment else 'learner'}.html", context)


def _asked_id(asked: Any) -> str:
    return asked.get("id", "").replace("\0", "")[:255]


def _applications(request: RealmRequest) -> list[Application]:
    return [each for each in request.applications if not each.is_management]


def _exports(request: RealmRequest, learner_id: str) -> list[PersonalExport]:
    found = PersonalExport.objects.filter(realm=request.realm, learner_id=learner_id, expires__gt=timezone.now())
    return list(found.order_by("-created")[:5])


def _search(request: RealmRequest, missing: str = "") -> HttpResponse:
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:255]
    found: list[dict[str, Any]] = []
    if words:
        search = finding.Search(tuple(each.pk for each in _applications(request)), words=words, order="updated")
        by_learner: dict[str, dict[str, Any]] = {}
        for row in finding.find(search, size=LOOKED_AT).rows:
            held = by_learner.setdefault(row.learner_id, {"id": row.learner_id, "row": row, "count": 0})
            held["count"] += 1
        found = list(by_learner.values())
    context = {"words": words, "found": found[:FOUND], "has_more": len(found) > FOUND, "missing": missing}
    fragment = request.headers.get("HX-Target") == "found"
    return render(
        request, f"registrations/{'_' if fragment else ''}learners.html", context, status=404 if missing else 200
    )


def _page(request: RealmRequest, learner_id: str) -> str:
    return f"{reverse('registrations:learners', args=[request.realm.slug])}?{urlencode({'id': learner_id})}"


def _known(request: RealmRequest, asked: Any) -> tuple[str, list[Application]]:
    """The id, and the applications of the realm that know it; 404 where none does."""
    learner_id = _asked_id(asked)
    if not learner_id:
        return "", []
    found = [each for each in _applications(request) if verbs.known(each, [learner_id])]
    if not found:
        raise Http404
    return learner_id, found


def _record(
    request: RealmRequest, action: str, applications: Iterable[Application], learner_id: str | None, **details: Any
) -> None:
    """Without an id where it is to be forgotten; the others of learners.NAMED go with the learner."""
    for each in applications:
        audit.record(request, action, realm=request.realm, application=each, target=learner_id, details=details)


# --- changes ----------------------------------------------------------------------------------------------------------


@require_POST
@realm_member(needs=Right.RESULTS_CHANGE)
def learner_rename(request: RealmRequest) -> HttpResponse:
    """Write names and address on every registration of the learner in the realm."""
    learner_id, applications = _known(request, request.POST)
    form = LearnerForm(request.POST)
    if not learner_id:
        return redirect("registrations:learners", request.realm.slug)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(_page(request, learner_id))
    said = form.cleaned_data
    changed = sum(
        verbs.update(each, learner_id, said["first_name"], said["last_name"], said["email"]) for each in applications
    )
    _record(request, "learner.update", applications, learner_id, registrations=changed)
    messages.success(request, _("The names are changed on all registrations of this learner."))
    return redirect(_page(request, learner_id))


@require_POST
@realm_member(needs=Right.RESULTS_CHANGE)
def learner_tags(request: RealmRequest) -> HttpResponse:
    """Let the learner have these tags and no others in one application."""
    learner_id, applications = _known(request, request.POST)
    if not learner_id:
        return redirect("registrations:learners", request.realm.slug)
    application = next((each for each in applications if each.app_id == request.POST.get("application")), None)
    if application is None:
        raise Http404
    wanted = [" ".join(name.split()) for name in request.POST.get("tags", "")[:6000].split(",") if name.strip()]
    before = verbs.tags_of(application, learner_id)
    try:
        verbs.remove_tags(application, learner_id, [name for name in before if name not in wanted])
        verbs.add_tags(application, [learner_id], wanted)
    except verbs.LearnerError as error:
        messages.error(request, str(error))
    else:
        _record(
            request, "learner.tags", [application], learner_id, tags=[before, verbs.tags_of(application, learner_id)]
        )
    return redirect(_page(request, learner_id))


def _need_realm(request: RealmRequest) -> None:
    """What is gathered is of all applications. Raises PermissionDenied for who may look into some of them."""
    if request.realm.limited_to is not None:
        refuse(request.member)


# --- personal data ----------------------------------------------------------------------------------------------------


@require_POST
@realm_member(needs=Right.RESULTS_CHANGE)
def learner_export(request: RealmRequest) -> HttpResponse:
    """Have everything that is known of the learner in the realm gathered in a zip file."""
    learner_id, applications = _known(request, request.POST)
    if not learner_id:
        return redirect("registrations:learners", request.realm.slug)
    _need_realm(request)
    begin_export(request.realm, learner_id, request.user.email)  # type: ignore[union-attr]
    _record(request, "learner.export", applications, learner_id)
    return redirect(f"{_page(request, learner_id)}#exports-title")


@require_GET
@realm_member(needs=Right.RESULTS_CHANGE)
def learner_download(request: RealmRequest, pk: Any) -> Any:  # FileResponse is no HttpResponse
    """The zip file of an export, for as long as it is kept."""
    if request.realm.limited_to is not None:
        raise Http404
    held = get_object_or_404(PersonalExport, pk=pk, realm=request.realm, expires__gt=timezone.now())
    if not held.file or not default_storage.exists(held.file):
        raise Http404
    _learner_id, applications = _known(request, {"id": held.learner_id})
    _record(request, "learner.download", applications, held.learner_id)
    response = FileResponse(
        default_storage.open(held.file),
        as_attachment=True,
        filename="personal-data.zip",
        content_type="application/zip",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.RESULTS_CHANGE)
def learner_erase(request: RealmRequest) -> HttpResponse:
    """Say what goes with the learner and ask for the id again; POST has everything deleted."""
    learner_id, applications = _known(request, request.POST if request.method == "POST" else request.GET)
    if not learner_id:
        return redirect("registrations:learners", request.realm.slug)
    rows = Registration.objects.filter(application__in=applications, learner_id=learner_id)
    context: dict[str, Any] = {
        "learner_id": learner_id,
        "applications": applications,
        "count": rows.count(),
        "page_url": _page(request, learner_id),
    }
    if request.method == "GET":
        return render(request, "registrations/learner_erase.html", context)
    if request.POST.get("typed", "") != learner_id:
        context["problem"] = _("Write the id of the learner exactly as it is, to be sure that nobody else is meant.")
        return render(request, "registrations/learner_erase.html", context, status=422)
    _record(request, "learner.delete", applications, None, registrations=context["count"])
    for each in applications:
        verbs.ask_to_forget(each, learner_id, request.user.email)  # type: ignore[union-attr]
    messages.success(request, _("Everything that is known of this learner is being deleted."))
    return redirect("registrations:learners", request.realm.slug)
