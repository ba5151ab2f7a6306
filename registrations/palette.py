"""What the command palette finds in a realm beside its pages: courses, learners and registrations, applications."""

from collections.abc import Iterator, Sequence

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from content.models import Course
from realms.access import RealmRequest, Right, realm_member
from realms.models import Application

from . import finding

SHOWN = 6  # of each kind
SHORTEST, LONGEST = 2, 200  # letters


@require_GET
@never_cache
@realm_member(needs=Right.BELONG)
def find(request: RealmRequest) -> HttpResponse:
    """`{"found": [{group, title, note, url}]}` for `?q=`; a constant number of queries, each of a few rows."""
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
    if len(words) < SHORTEST:
        return JsonResponse({"found": []})
    applications = {each.pk: each for each in request.realm.applications.all()}

    def within(right: Right) -> dict[int, Application]:
        """The applications in which the person has the right."""
        limit = request.member.applications_with(right)
        return {pk: each for pk, each in applications.items() if limit is None or pk in limit}

    found = [
        *_courses(request, within(Right.CONTENT_SEE), words),
        *_registrations(request, list(within(Right.RESULTS_SEE)), words),
        *_applications(request, list(within(Right.APPLICATIONS).values()), words),
    ]
    return JsonResponse({"found": found})


def _item(group: str, title: str, note: str, url: str) -> dict[str, str]:
    return {"group": group, "title": title[:200], "note": note[:100], "url": url}


def _courses(request: RealmRequest, applications: dict[int, Application], words: str) -> Iterator[dict[str, str]]:
    rows = Course.objects.filter(application__in=list(applications)).matching(words).order_by("-updated", "-pk")
    for course in rows[:SHOWN]:
        name = applications[course.application_id].name
        yield _item(
            _("Courses"), course.title, name, reverse("registrations:course", args=[request.realm.slug, course.pk])
        )


def _registrations(request: RealmRequest, applications: Sequence[int], words: str) -> Iterator[dict[str, str]]:
    """By how an id, name or e-mail address begins: an index has them among a million."""
    if not applications:
        return
    for row in finding.find(finding.Search(tuple(applications), words), size=SHOWN).rows:
        name = f"{row.learner_first_name} {row.learner_last_name}".strip() or row.learner_id
        address = reverse("registrations:registration", args=[request.realm.slug, row.pk])
        yield _item(_("Registrations"), name, row.course.title, address)


def _applications(request: RealmRequest, applications: Sequence[Application], words: str) -> Iterator[dict[str, str]]:
    matching = [each for each in applications if words.lower() in each.name.lower() or words.upper() == each.app_id]
    for each in matching[:SHOWN]:
        yield _item(
            _("Applications"),
            each.name,
            each.app_id,
            reverse("realms:application", args=[request.realm.slug, each.app_id]),
        )
