"""The properties pages of a course and of one of its versions: their settings, each with where its value comes from."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from realms.access import RealmRequest, Right, realm_member
from realms.settings_page import Place, settings_page

from .levels import course_levels, is_single, version_levels
from .models import Course, CourseVersion
from .services import configure_course, configure_version


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.CONTENT_CHANGE)
def course_properties(request: RealmRequest, pk: int) -> HttpResponse:
    """Show the settings of a course and save them."""
    courses = Course.objects.in_realm(request.realm).select_related("application")
    course = get_object_or_404(courses, pk=pk)
    back, steps = _above(request, course)
    place = Place(
        course_levels(course),
        course.standard,
        is_single(course.current_version_id),
        lambda explicit: configure_course(course, explicit),
        heading=_("Course properties"),
        about=_("%(standard)s: only what means something for such a course is shown.")
        % {"standard": course.get_standard_display()},
        steps=steps,
        back=back,
        action="course.settings",
        target=course,
        application=course.application,
    )
    return settings_page(request, place)


@require_http_methods(["GET", "POST"])
@realm_member(needs=Right.CONTENT_CHANGE)
def version_properties(request: RealmRequest, pk: int) -> HttpResponse:
    """Show the settings of one version and save them."""
    versions = CourseVersion.objects.filter(request.realm.within("course__application")).defer("structure")
    version = get_object_or_404(versions.select_related("course__application"), pk=pk)
    back, steps = _above(request, version.course)
    place = Place(
        version_levels(version),
        version.standard,
        is_single(version.pk),
        lambda explicit: configure_version(version, explicit),
        heading=_("Properties of version %(number)d") % {"number": version.number},
        about=_("What is set here holds for this version alone and goes before the course's own settings."),
        steps=steps,
        back=back,
        action="version.settings",
        target=version,
        application=version.course.application,
    )
    return settings_page(request, place)


def _above(request: RealmRequest, course: Course) -> tuple[str, list[tuple[str, str]]]:
    """Where leaving the page leads, and the pages above it."""
    back = reverse("registrations:course", args=[request.realm.slug, course.pk])
    return back, [(_("Library"), reverse("content:library", args=[request.realm.slug])), (course.title[:60], back)]
