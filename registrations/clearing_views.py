"""Clear Existing Registrations, for owners of a realm on a trial."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from realms import audit, usage
from realms.access import RealmRequest, realm_owner
from realms.account_forms import NameAgainForm

from . import clearing


@require_http_methods(["GET", "POST"])
@realm_owner
def clear(request: RealmRequest) -> HttpResponse:
    """Says what goes and asks for the realm's name; all goes or nothing."""
    realm = request.realm
    form = NameAgainForm(realm, request.POST or None)
    protected = clearing.protected(realm)
    is_trial = realm.effective_plan.active_limit is not None
    if request.method == "POST" and is_trial and not protected and form.is_valid():
        many = clearing.registrations_of(realm)
        audit.record(request, "registration.clear", realm=realm, details={"registrations": many})
        clearing.begin(realm)
        messages.success(request, gettext("The registrations are being cleared. It may take a moment."))
        return redirect("realms:usage", realm.slug)
    page = {
        "form": form,
        "protected": protected,
        "is_trial": is_trial,
        "many": clearing.registrations_of(realm),
        "use": usage.use_of(realm),
    }
    is_refused = request.method == "POST"
    return render(request, "registrations/clear.html", page, status=422 if is_refused else 200)
