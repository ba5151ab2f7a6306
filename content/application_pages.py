"""Deleting an application: here, because what is on its way into it has to go first."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from realms import applications as verbs
from realms import audit
from realms.access import RealmRequest, Right, realm_member

from . import services


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.APPLICATIONS)
def application_delete(request: RealmRequest, app_id: str) -> HttpResponse:
    """GET says what is in the way, or asks; POST deletes it."""
    application = get_object_or_404(request.applications, app_id=app_id)
    if request.method == "POST":
        gone = audit.Target.of(application)
        try:
            services.delete_application(application)
        except verbs.ApplicationError as error:
            messages.error(request, str(error))
            return redirect("content:application_delete", request.realm.slug, app_id)
        audit.record(request, "application.delete", realm=request.realm, target=gone, details={"app_id": app_id})
        messages.success(request, _("The application %(name)s was deleted.") % {"name": gone.text})
        return redirect("realms:applications", request.realm.slug)
    page = {
        "shown": application,
        "obstacles": verbs.obstacles(application),
        "holding": verbs.holdings([application])[application.pk],
    }
    return render(request, "content/application_delete.html", page)
