"""The properties page of a registration: its settings, each with where its value comes from."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from content.levels import course_levels, is_single, version_levels
from realms.access import RealmRequest, Right, realm_member
from realms.configuration.levels import REGISTRATION, Level
from realms.settings_page import Place, settings_page

from .auditing import told
from .models import Registration
from .seeing import need_of, seen_by
from .services import configure_registration


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.CONTENT_SEE)
def registration_properties(request: RealmRequest, pk: int) -> HttpResponse:
    """Show the settings of a registration and save them."""
    found = Registration.objects.filter(seen_by(request)).select_related("course__application")
    registration = get_object_or_404(found, pk=pk)
    need_of(request, registration, Right.RESULTS_CHANGE)
    course, slug = registration.course, request.realm.slug
    instances = registration.instances.select_related("version__course__application").defer("version__structure")
    newest = instances.first()
    above = version_levels(newest.version) if newest else course_levels(course)
    back = reverse("registrations:registration", args=[slug, pk])
    place = Place(
        [*above, Level(REGISTRATION, registration.settings)],
        newest.version.standard if newest else course.standard,
        is_single(newest.version_id if newest else course.current_version_id),
        lambda explicit: configure_registration(registration, explicit),
        heading=_("Properties of %(learner)s") % {"learner": registration.learner.name or registration.learner_id},
        about=_("What is set here holds for this registration alone."),
        steps=[
            (_("Library"), reverse("content:library", args=[slug])),
            (course.title[:60], reverse("registrations:course", args=[slug, course.pk])),
            (registration.learner_id[:40], back),
        ],
        back=back,
        action="registration.settings",
        target=told(registration),
        application=course.application,
    )
    return settings_page(request, place)
