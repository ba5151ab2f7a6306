"""Console pages about postbacks: what was posted of a registration, and posting it again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member
from realms.pages import Pages

from . import postbacks
from .levels import instance_levels
from .models import Instance, Postback, Registration

PAGE = 20


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def postback_log(request: RealmRequest, pk: int) -> HttpResponse:
    """Every post of the results, with request, answer and attempts; asked by htmx, only the list."""
    rows = Registration.objects.in_realm(request.realm).select_related("course__application")
    found = get_object_or_404(rows, pk=pk)
    request.member.look_at(found.application_id)
    page = Pages(found.postbacks.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context = {"registration": found, "course": found.course, "page": page, "wanted": _is_wanted(found)}
    fragment = request.headers.get("HX-Target") == "postbacks"
    return render(request, f"registrations/{'_' if fragment else ''}postbacks.html", context)


def _is_wanted(registration: Registration) -> bool:
    """Whether results of it are posted anywhere."""
    rows = Instance.objects.select_related("registration__course", "version__course__application")
    newest = rows.filter(registration=registration).defer("version__structure").order_by("-number").first()
    if newest is None or registration.is_sandbox:
        return False
    return postbacks.target_of(instance_levels(newest)) is not None


@require_POST
@realm_member(needs=Right.RESULTS_CHANGE)
def post_again(request: RealmRequest, pk: int) -> HttpResponse:
    """Post the results as they are now."""
    rows = Postback.objects.filter(request.realm.within("registration__application"))
    found = get_object_or_404(rows.select_related("registration__application"), pk=pk)
    registration = found.registration
    postbacks.send_again(found)
    audit.record(
        request, "postback.again", realm=request.realm, application=registration.application, target=registration
    )
    messages.success(request, _("The results are posted in a moment."))
    return redirect("registrations:postbacks", request.realm.slug, registration.pk)
