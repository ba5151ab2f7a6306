"""A realm's own pages: which realms one belongs to, its name, the settings of its applications."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from . import audit, services
from .access import RealmRequest, Right, need, realm_member
from .configuration.levels import APPLICATION, STANDARD, Level, standard_key
from .configuration.setting import SINGLE, STANDARD_NAMES
from .forms import RealmForm, SampleForm
from .models import Membership
from .settings_page import Place, settings_page


@require_GET
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """All realms the person belongs to, to go to one of them."""
    memberships = Membership.objects.filter(user=request.user).select_related("realm").order_by("realm__name", "pk")  # type: ignore[misc]
    return render(request, "realms/switch.html", {"memberships": memberships})


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.PEOPLE)
def realm_settings(request: RealmRequest) -> HttpResponse:
    """The realm's name; only owners change it."""
    is_owner = request.member.may(Right.REALM)
    if request.method == "POST":
        need(request, Right.REALM)
    before = request.realm.name
    form = RealmForm(request.POST or None, instance=request.realm)
    if request.method == "POST" and form.is_valid():
        form.save()
        about: dict[str, Any] = {"realm": request.realm, "target": request.realm}
        audit.record(request, "realm.rename", **about, details={"name": [before, request.realm.name]})
        messages.success(request, gettext("The realm's name is saved."))
        return redirect("realms:settings", request.realm.slug)
    if form.errors:
        request.realm.refresh_from_db(fields=["name"])  # the page shows the name that is kept
    page = {"form": form, "is_owner": is_owner}
    return render(request, "realms/settings.html", page, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.APPLICATIONS)
def application_properties(request: RealmRequest, app_id: str) -> HttpResponse:
    """Show and save the settings of an application, for all its courses or for those of one kind."""
    application = get_object_or_404(request.applications, app_id=app_id)
    kinds = _kinds_of_courses()
    kind = request.GET.get("standard", "")
    if kind and kind not in kinds:
        raise Http404
    standard, _, variant = kind.partition("/")
    levels = [Level(APPLICATION, application.settings)]
    if kind:
        levels.append(Level(STANDARD, application.standard_settings.get(kind, {})))
    back = reverse("realms:application", args=[request.realm.slug, application.app_id])
    place = Place(
        levels,
        standard,
        (variant == SINGLE) if kind else None,
        lambda explicit: services.configure_application(application, explicit, kind),
        heading=gettext("Properties of %(name)s") % {"name": application.name},
        about=gettext("What is set here holds for every course of the application that says nothing else itself."),
        steps=[
            (gettext("Applications"), reverse("realms:applications", args=[request.realm.slug])),
            (application.name[:60], back),
        ],
        back=back,
        action="application.settings",
        target=application,
        application=application,
    )
    return settings_page(request, place, kinds=kinds.items(), kind=kind)


def _kinds_of_courses() -> dict[str, str]:
    """standard_key -> words."""
    one, several = gettext("one activity"), gettext("several activities")
    return {
        standard_key(standard, is_single): f"{words}, {one if is_single else several}"
        for standard, words in STANDARD_NAMES.items()
        for is_single in (True, False)
    }


@require_GET
@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    wrong = SampleForm({"wrong-address": "not an address"}, prefix="wrong")
    wrong.is_valid()
    numbers = [0, 2, 1, 4, 6, 3, 7]
    sample = {
        "states": ["completed", "incomplete", "unknown", "passed", "failed", "running", "waiting", "complete", "error"]
        + ["warning", "info", "enabled", "disabled", "not attempted", "suspended", "satisfied", "not satisfied"]
        + ["Anything else"],
        "findings": [
            {
                "severity": "warning",
                "code": "href-spelling",
                "message": "The package holds a file that no resource lists.",
                "file": "imsmanifest.xml",
                "line": 31,
                "advice": "List it under the resource that uses it.",
                "clause": "CAM 3.4.1.8",
            },
            {
                "severity": "error",
                "code": "launch-file-missing",
                "message": "The launch file sco01/index.html is missing.",
            },
        ],
        "pages": [Paginator(range(rows), 10).page(number) for rows, number in ((30, 1), (400, 20), (30, 3))],
        "chart": {
            "kind": "line",
            "labels": [f"{day} May" for day in range(1, 8)],
            "series": [{"name": "Registrations", "values": numbers}, {"name": "Completions", "values": numbers[::-1]}],
        },
        "bars": {
            "kind": "bar",
            "axis": "Standard",
            "labels": ["SCORM 1.2", "SCORM 2004"],
            "series": [{"name": "Courses", "values": [12, 5]}],
        },
        "steps": [("Library", "#"), ("Golf", "#")],
        "tags": ["safety", "2026", "onboarding"],
        "kinds": ["success", "info", "warning", "danger"],
        "now": timezone.now(),
        "form": SampleForm(),
        "wrong": wrong,
    }
    return render(request, "realms/styleguide.html", sample)
