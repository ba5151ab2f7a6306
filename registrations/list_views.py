"""Console pages about many registrations: the list, its CSV file, and what is done to many at once."""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from realms import audit
from realms.access import RealmRequest, Right, narrow, realm_member
from realms.sheets import clock, csv_response, timed
from realms.templatetags.console import yes_or_no

from . import finding, many
from .errors import RegistrationError
from .models import BulkChange, Registration
from .search_form import SearchForm

CHUNK = 1_000
COLUMNS: tuple[tuple[Promise, Callable[[Registration], Any]], ...] = (
    (gettext_lazy("Registration"), attrgetter("registration_id")),
    (gettext_lazy("Course id"), attrgetter("course.course_id")),
    (gettext_lazy("Course"), attrgetter("course.title")),
    (gettext_lazy("Application"), attrgetter("application.name")),
    (gettext_lazy("Learner id"), attrgetter("learner_id")),
    (gettext_lazy("First name"), attrgetter("learner_first_name")),
    (gettext_lazy("Last name"), attrgetter("learner_last_name")),
    (gettext_lazy("E-mail"), attrgetter("learner_email")),
    (gettext_lazy("Sandbox"), lambda row: str(yes_or_no(row.is_sandbox))),
    (gettext_lazy("Completion"), lambda row: row.get_completion_display()),
    (gettext_lazy("Success"), lambda row: row.get_success_display()),
    (gettext_lazy("Score (%)"), lambda row: "" if row.score is None else round(row.score * 100, 2)),
    (gettext_lazy("Time (s)"), attrgetter("total_seconds")),
)
MOMENTS = (
    (gettext_lazy("Registered"), "created"),
    (gettext_lazy("First launch"), "first_access"),
    (gettext_lazy("Last launch"), "last_access"),
    (gettext_lazy("Completed"), "completed_at"),
    (gettext_lazy("Changed"), "updated"),
)


def _form(request: RealmRequest) -> SearchForm:
    return SearchForm([each for each in request.applications if not each.is_management], request.GET)


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def registration_list(request: RealmRequest) -> HttpResponse:
    """Registrations of all applications of the realm, or of one: found by learner, course, status, date, tag."""
    form = _form(request)
    search = form.search()
    page = finding.find(search, request.GET.get("after", ""), request.GET.get("before", ""))
    asked = request.GET.copy()
    for name in ("after", "before"):
        asked.pop(name, None)
    context: dict[str, Any] = {
        "page": page,
        "form": form,
        "search": search,
        "order": form.asked.get("order") or "-updated",
        "asked": asked.urlencode(),
        "is_first": not page.before,
        "has_applications": len(form.applications) > 1 and len(search.applications) > 1,
    }
    fragment = request.headers.get("HX-Target") == "registrations"
    return render(request, f"registrations/{'_' if fragment else ''}list.html", context)


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def export(request: RealmRequest) -> StreamingHttpResponse:
    """All that the filters find as a CSV file, oldest first; read in pieces while it is sent."""
    form = _form(request)
    search = form.search()
    audit.record(request, "registration.export", realm=request.realm, details={"filter": form.told()})
    return csv_response("registrations.csv", _header(), _lines(search))


def _header() -> list[str]:
    names = [str(name) for name, _value in COLUMNS]
    return [*names, *(timed(name) for name, _field in MOMENTS), _("Tags")]


def _lines(search: finding.Search) -> Iterator[list[Any]]:
    for pks, _place in finding.chunks(search, CHUNK):
        found = Registration.objects.select_related("course", "application").prefetch_related("tags").in_bulk(pks)
        for pk in pks:
            if pk in found:
                yield _line(found[pk])


def _line(row: Registration) -> list[Any]:
    said = (value(row) for _name, value in COLUMNS)
    moments = (clock(getattr(row, field)) for _name, field in MOMENTS)
    return [*said, *moments, ", ".join(tag.name for tag in row.tags.all())]


# --- many at once -----------------------------------------------------------------------------------------------------


@require_POST
@realm_member(needs=Right.RESULTS_RESET)
def bulk(request: RealmRequest) -> HttpResponse:
    """Ask what is to be done to the chosen registrations, or to all that are found; with `confirmed`, begin.

    As many have to be found as were shown when it was asked.
    """
    verb = request.POST.get("verb", "")
    if verb in BulkChange.Verb.values and verb != BulkChange.Verb.RESET:
        narrow(request, Right.RESULTS_CHANGE)
    form = _form(request)
    chosen = _chosen(request, form)
    if verb not in BulkChange.Verb.values or not chosen:
        messages.error(request, _("Choose registrations, and what is to be done to them."))
        return redirect("registrations:list", request.realm.slug)
    total = many.count(chosen)
    context: dict[str, Any] = {
        "verb": verb,
        "total": total,
        "pks": chosen.get("pks", []),
        "is_all": "search" in chosen,
        "asked": request.GET.urlencode(),
        "tags": request.POST.get("tags", ""),
    }
    if request.POST.get("confirmed") != "1":
        return render(request, "registrations/bulk.html", context)
    if request.POST.get("count") != str(total.count):
        messages.warning(request, _("Other registrations match now. Look at the number and say again."))
        return render(request, "registrations/bulk.html", context, status=409)
    try:
        change = many.begin(request.realm, verb, chosen, context["tags"].split(","), request.user.email)  # type: ignore[union-attr]
    except RegistrationError as error:
        return render(request, "registrations/bulk.html", {**context, "problem": str(error)}, status=422)
    details = {"count": total.count, "filter": form.told()} if context["is_all"] else {"count": total.count}
    audit.record(request, f"registration.bulk_{verb}", realm=request.realm, target=change, details=details)
    return redirect("registrations:bulk_change", request.realm.slug, change.pk)


def _chosen(request: RealmRequest, form: SearchForm) -> dict[str, Any]:
    """What BulkChange.chosen holds: a search, or primary keys that are of the realm."""
    if request.POST.get("all") == "1":
        return {"search": many.to_json(form.search())}
    wanted = [
        int(pk)
        for pk in request.POST.getlist("pk")[: many.MOST_CHOSEN]
        if pk.isascii() and pk.isdigit() and len(pk) < 19
    ]
    pks = list(
        Registration.objects.in_realm(request.realm).filter(pk__in=wanted).order_by("pk").values_list("pk", flat=True)
    )
    return {"pks": pks} if pks else {}


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def bulk_change(request: RealmRequest, pk: int) -> HttpResponse:
    """How far it has come; the page asks again until it is over."""
    mine = {} if request.realm.limited_to is None else {"by": request.user.email}  # type: ignore[union-attr]
    change = get_object_or_404(BulkChange, pk=pk, realm=request.realm, **mine)
    fragment = request.headers.get("HX-Target") == "bulk"
    return render(request, f"registrations/{'_' if fragment else ''}bulk_change.html", {"change": change})
