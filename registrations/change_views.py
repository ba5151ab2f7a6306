"""Console pages that change one registration: override, tags, instances, what is global, launches as the learner."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from realms.usage import UsageError
from standards.errors import RequestError

from . import overriding, services, tags
from .auditing import record
from .change_forms import LaunchLinkForm, OverrideForm
from .errors import RegistrationError
from .links import LinkError, Options, Wish, launch_url
from .models import Instance, Registration
from .seeing import registration_of


def _page(request: RealmRequest, registration: Registration) -> str:
    return reverse("registrations:registration", args=[request.realm.slug, registration.pk])


def _newest(registration: Registration) -> Instance | None:
    instances = registration.instances.select_related("version__course__application").defer("version__structure")
    instance = instances.first()
    if instance is not None:
        instance.registration = registration
    return instance


# --- override ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.CONTENT_SEE)
def override(request: RealmRequest, pk: int) -> HttpResponse:
    """Decide what the registration came to in place of what was reported."""
    registration = registration_of(request, pk, Right.RESULTS_CHANGE)
    instance = _newest(registration)
    form = OverrideForm(request.POST or None, initial=OverrideForm.held(instance) if instance else None)
    if request.method == "POST" and form.is_valid():
        before = registration.read_outcome().to_json()
        try:
            made = overriding.override(registration, form.decided, form.cleaned_data["reason"], request.user.email)  # type: ignore[union-attr]
        except RequestError as error:
            form.add_error(None, str(error))
        else:
            registration.refresh_from_db()
            changed = audit.changes(before, registration.read_outcome().to_json())
            record(request, "registration.override", registration, {**changed, "reason": made.reason})
            messages.success(request, _("The override is in force."))
            return redirect(_page(request, registration))
    context = {"registration": registration, "course": registration.course, "instance": instance, "form": form}
    return render(request, "registrations/override.html", context, status=422 if form.errors else 200)


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def revoke(request: RealmRequest, pk: int) -> HttpResponse:
    """Let what content reported count again."""
    registration = registration_of(request, pk, Right.RESULTS_CHANGE)
    before = registration.read_outcome().to_json()
    try:
        overriding.revoke(registration, request.user.email)  # type: ignore[union-attr]
    except RequestError as error:
        messages.error(request, str(error))
    else:
        registration.refresh_from_db()
        changed = audit.changes(before, registration.read_outcome().to_json())
        record(request, "registration.revoke_override", registration, changed)
        messages.success(request, _("The override is taken back: what content reported counts again."))
    return redirect(_page(request, registration))


# --- tags, instances, what is global ----------------------------------------------------------------------------------


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def registration_tags(request: RealmRequest, pk: int) -> HttpResponse:
    """Let the registration have these tags and no others."""
    registration = registration_of(request, pk, Right.RESULTS_CHANGE)
    before = sorted(registration.tags.values_list("name", flat=True))
    try:
        tags.set_tags(registration, request.POST.get("tags", "")[:6000].split(","))
    except RegistrationError as error:
        messages.error(request, str(error))
    else:
        after = sorted(registration.tags.values_list("name", flat=True))
        record(request, "registration.tags", registration, {"tags": [before, after]})
    return redirect(_page(request, registration))


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def delete_instance(request: RealmRequest, pk: int) -> HttpResponse:
    """Delete one run of a registration; its only one goes by a reset or with the registration."""
    registration = registration_of(request, pk, Right.RESULTS_CHANGE)
    if registration.instances.count() < 2:
        messages.error(request, _("This is the only instance: reset or delete the registration."))
        return redirect(_page(request, registration))
    number = request.POST.get("instance", "")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1
    instance = get_object_or_404(registration.instances.select_related("registration"), number=wanted)
    services.delete_instance(instance)
    record(request, "registration.delete_instance", registration, {"instance": wanted})
    messages.success(request, _("Instance %d was deleted.") % wanted)
    return redirect(_page(request, registration))


@require_POST
@realm_member(needs=Right.CONTENT_SEE)
def reset_global_data(request: RealmRequest, pk: int) -> HttpResponse:
    """Forget what the course knows of objectives that are global to the system."""
    registration = registration_of(request, pk, Right.RESULTS_RESET)
    services.forget_global_objectives(registration)
    record(request, "registration.reset_global_data", registration)
    messages.success(request, _("The global objectives of this course are forgotten for this learner."))
    return redirect(_page(request, registration))


# --- launching --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.CONTENT_SEE)
def launch_link(request: RealmRequest, pk: int) -> HttpResponse:
    """Make a link that launches the registration, to be given to the learner."""
    registration = registration_of(request, pk, Right.RESULTS_CHANGE)
    instance = _newest(registration)
    structure = instance.version.read_structure() if instance else None
    form = LaunchLinkForm(structure, request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        try:
            services.refuse_over_plan(registration, request.realm)
            link = launch_url(registration, form.address, form.wish)
        except LinkError as error:
            form.add_error("redirect", str(error))
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            record(request, "registration.launch_link", registration, {"seconds": form.wish.seconds})
    context = {"registration": registration, "course": registration.course, "form": form, "link": link}
    response = render(request, "registrations/launch_link.html", context, status=422 if form.errors else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.CONTENT_SEE)
def launch_as_learner(request: RealmRequest, pk: int) -> HttpResponse:
    """Say what it means to launch in the learner's place; POST does it."""
    registration = registration_of(request, pk, Right.RESULTS_CHANGE)
    if request.method == "GET":
        context = {
            "registration": registration,
            "course": registration.course,
            "page_url": _page(request, registration),
        }
        return render(request, "registrations/launch_as.html", context)
    if request.POST.get("confirmed") != "1":
        messages.error(request, _("Confirm first that the learner's own results may change."))
        return redirect("registrations:launch_as", request.realm.slug, registration.pk)
    try:
        services.refuse_over_plan(registration, request.realm)
    except UsageError as error:
        messages.error(request, str(error))
        return redirect("registrations:launch_as", request.realm.slug, registration.pk)
    back = f"{request.scheme}://{request.get_host()}{_page(request, registration)}"
    by: str = request.user.email  # type: ignore[union-attr]
    url = launch_url(registration, back, Wish(options=Options(is_of_console=True), launched_by=by, seconds=120))
    record(request, "registration.launch_as", registration)
    response = HttpResponse(status=302, headers={"Location": url})
    response.headers["Cache-Control"] = "no-store"
    return response
