"""A person's own registrations in a realm: all that learners see of the console.

Learners are no users. Whoever's verified e-mail address is the learner id of a registration is its learner.
"""

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from realms.access import RealmRequest, Right, realm_member
from realms.pages import Pages

from .folding import Folded, ways_folded
from .links import Options, Wish, launch_url
from .models import Registration
from .sessions import read_state
from .tree import lines

PAGE = 50


def _addresses(request: RealmRequest) -> list[str]:
    """The person's verified addresses."""
    rows = request.user.emailaddress_set.filter(verified=True)  # type: ignore[union-attr]
    return sorted(rows.values_list("email", flat=True))


def _own(request: RealmRequest) -> QuerySet[Registration]:
    applications = list(request.realm.applications.values_list("pk", flat=True))  # by id: an index serves it
    spelt = {way for email in _addresses(request) for way in ways_folded(email)}  # ids as they came, in any case
    found = Registration.objects.alias(folded=Folded("learner_id")).filter(
        application__in=applications, folded__in=spelt
    )
    return found.filter(is_sandbox=False).select_related("course")


@require_GET
@realm_member(needs=Right.BELONG)
def mine(request: RealmRequest) -> HttpResponse:
    """The courses the person is registered for, with what was reached in each."""
    found = _own(request).order_by("-updated", "-pk")
    page = {"page": Pages(found, PAGE).get_page(request.GET.get("page")), "addresses": _addresses(request)}
    return render(request, "registrations/mine.html", page)


@require_GET
@realm_member(needs=Right.BELONG)
def my_results(request: RealmRequest, pk: int) -> HttpResponse:
    """What was reached in each activity of one of them."""
    registration = get_object_or_404(_own(request), pk=pk)
    instance = registration.instances.select_related("version").first()
    structure = instance.version.read_structure() if instance else None
    tree = lines(structure, read_state(instance).activities) if structure and instance else []
    page = {"registration": registration, "structure": structure, "lines": tree}
    return render(request, "registrations/my_results.html", page)


@require_POST
@realm_member(needs=Right.BELONG)
def launch_mine(request: RealmRequest, pk: int) -> HttpResponse:
    """Go to the player."""
    registration = get_object_or_404(_own(request), pk=pk)
    back = settings.CONSOLE_ORIGIN + reverse("registrations:mine", args=[request.realm.slug])
    response = HttpResponseRedirect(launch_url(registration, back, Wish(options=Options(is_of_console=True))))
    response.headers["Cache-Control"] = "no-store"
    return response
