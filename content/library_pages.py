"""The library: the courses of an application or of all of the realm, with saved views and columns of one's own."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from realms import audit
from realms.access import RealmRequest, Right, realm_member, refuse
from realms.models import Application
from realms.pages import Pages

from .forms import LibraryForm, ViewForm
from .library import COLUMNS, EVERY, SORTED_COLUMNS, USUAL_COLUMNS, found, known_columns
from .models import Course, CourseTag, LearningStandard, LibraryColumns, SavedView
from .views import import_list

PAGE = 50
TAGS_OFFERED = 200
VIEWS_AT_MOST = 50  # of a person in a realm


@realm_member(needs=Right.CONTENT_SEE)
def library(request: RealmRequest) -> HttpResponse:
    form = LibraryForm(request.GET)
    filters = form.words()
    applications = _applications(request)
    shown = _shown(request, applications, filters["application"])
    imports = {} if request.htmx else import_list(request, is_short=True)  # type: ignore[attr-defined]
    courses = found([each.pk for each in shown], form.asked())
    page = Pages(_with_rows(courses), PAGE).get_page(request.GET.get("page"))
    views = list(SavedView.objects.seen_by(request.realm, request.membership.user_id))
    view = next((each for each in views if str(each.pk) == request.GET.get("view")), None)
    columns = known_columns(view.columns) if view else _columns(request)
    if len(shown) > 1 and "application" not in columns:
        columns = ["application", *columns]
    context = {
        "page": page,
        "filters": filters,
        "query": _query(filters),
        "library_url": reverse("content:library", args=[request.realm.slug]),
        "is_filtered": any(value for name, value in filters.items() if name not in ("application", "sort")),
        "applications": {each.pk: each for each in applications},
        "is_elsewhere": shown != [request.application],
        "columns": columns,
        "all_columns": COLUMNS.items(),
        "sorted_columns": SORTED_COLUMNS,
        "counts": _counts(page.object_list) if "registrations" in columns else {},
        "views": views,
        "view": view,
        "may_change_view": view is not None and _may_change(request, view),
        "view_form": ViewForm(),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "content/_courses.html", context)
    context |= _choices(shown) | imports
    context |= {"all_applications": applications, "more_used": any(filters[name] for name in form.MORE)}
    return render(request, "content/library.html", context)


def _applications(request: RealmRequest) -> list[Application]:
    """Those that hold content, as the filter offers them."""
    return list(request.applications.filter(is_management=False))


def _shown(request: RealmRequest, applications: Sequence[Application], wanted: str) -> list[Application]:
    """The one where the console works, another, or all of the realm."""
    if wanted == EVERY:
        return list(applications)
    return [each for each in applications if each.app_id == wanted] or [request.application]


def _with_rows(courses: QuerySet[Course]) -> QuerySet[Course]:
    return courses.select_related("current_version").defer("current_version__structure").prefetch_related("tags")


def _query(filters: dict[str, str]) -> str:
    """The filters as an address has them, without those that are empty."""
    return urlencode({name: value for name, value in filters.items() if value})


def _columns(request: RealmRequest) -> list[str]:
    """Those that the person chose."""
    chosen = LibraryColumns.objects.filter(realm=request.realm, user=request.membership.user_id).first()
    return known_columns(chosen.columns if chosen else USUAL_COLUMNS)


def _counts(courses: Any) -> dict[int, int]:
    """How many registrations of learners each course has."""
    rows = Course.objects.filter(pk__in=[each.pk for each in courses]).order_by()
    real = rows.filter(registrations__is_sandbox=False)
    return dict(real.annotate(n=Count("registrations")).values_list("pk", "n"))


def _choices(shown: Sequence[Application]) -> dict[str, Any]:
    """What can be filtered by: standards and tags that are in use."""
    ids = [each.pk for each in shown]
    in_use = set(Course.objects.filter(application__in=ids).values_list("standard", flat=True).distinct())
    tags = CourseTag.objects.filter(course__application__in=ids).values("name")
    return {
        "standards": [(value, label) for value, label in LearningStandard.choices if value in in_use],
        "tags": tags.annotate(count=Count("pk")).order_by("name")[:TAGS_OFFERED],
    }


def courses_of(request: RealmRequest, query: str) -> QuerySet[Course]:
    """What the library finds with the filters of an address."""
    form = LibraryForm(QueryDict(query))
    shown = _shown(request, _applications(request), form.words()["application"])
    return found([each.pk for each in shown], form.asked())


# --- columns ----------------------------------------------------------------------------------------------------------


@realm_member(needs=Right.CONTENT_SEE)
@require_POST
def set_columns(request: RealmRequest) -> HttpResponse:
    """Keep which columns the person wants to see in this realm; none chosen: the usual ones."""
    chosen = known_columns(request.POST.getlist("column"))
    if "usual" in request.POST:
        chosen = list(USUAL_COLUMNS)
    who: dict[str, Any] = {"realm": request.realm, "user_id": request.membership.user_id}
    LibraryColumns.objects.update_or_create(**who, defaults={"columns": chosen})
    return _back(request)


def _back(request: RealmRequest) -> HttpResponse:
    """To the library with the filters that the page was shown with."""
    query = _query(LibraryForm(QueryDict(request.POST.get("query", "")[:4000])).words())
    address = reverse("content:library", args=[request.realm.slug])
    return redirect(f"{address}?{query}" if query else address)


# --- saved views ------------------------------------------------------------------------------------------------------


@realm_member(needs=Right.CONTENT_SEE)
@require_POST
def save_view(request: RealmRequest) -> HttpResponse:
    """Keep the filters, order and columns under a name; a name that the person has already is written over."""
    form = ViewForm(request.POST)
    mine = SavedView.objects.filter(realm=request.realm, owner=request.membership.user_id)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of up to 100 characters."))
        return _back(request)
    name = form.cleaned_data["name"]
    if mine.exclude(name=name).count() >= VIEWS_AT_MOST:
        messages.error(
            request, _("You have %(most)d views. Delete one that you do not need.") % {"most": VIEWS_AT_MOST}
        )
        return _back(request)
    query = _query(LibraryForm(QueryDict(request.POST.get("query", "")[:4000])).words())
    kept = {
        "query": query,
        "columns": known_columns(request.POST.getlist("column")) or _columns(request),
        "is_shared": form.cleaned_data["is_shared"],
    }
    who = {"realm": request.realm, "owner_id": request.membership.user_id, "name": name}
    view, _is_new = SavedView.objects.update_or_create(**who, defaults=kept)
    if view.is_shared:
        audit.record(request, "view.share", realm=request.realm, target=view, details={"query": query})
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(_address(request, view))


def _address(request: RealmRequest, view: SavedView) -> str:
    query = f"{view.query}&" if view.query else ""
    return f"{reverse('content:library', args=[request.realm.slug])}?{query}view={view.pk}"


def _may_change(request: RealmRequest, view: SavedView) -> bool:
    """One's own, and where content may be changed in the whole realm those that others share."""
    is_own = view.owner_id == request.membership.user_id
    return is_own or request.member.applications_with(Right.CONTENT_CHANGE) is None


@realm_member(needs=Right.CONTENT_SEE)
@require_http_methods(["GET", "POST"])
def change_view(request: RealmRequest, pk: int) -> HttpResponse:
    """Rename, share or delete a view: one's own, or where the person may change content in the whole realm one that is
    shared in it."""
    view = get_object_or_404(SavedView.objects.seen_by(request.realm, request.membership.user_id), pk=pk)
    if not _may_change(request, view):
        refuse(request.member)
    was_shared = view.is_shared
    library_url = reverse("content:library", args=[request.realm.slug])
    if request.method == "POST" and "delete" in request.POST:
        gone = audit.Target.of(view)
        view.delete()
        if was_shared:
            audit.record(request, "view.delete", realm=request.realm, target=gone)
        messages.success(request, _("The view “%(name)s” is deleted.") % {"name": gone.text})
        return redirect(library_url)
    form = ViewForm(request.POST if request.method == "POST" else None, instance=view)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                form.save()
        except IntegrityError:
            form.add_error("name", _("There is a view of this name already."))
        else:
            if was_shared or view.is_shared:
                audit.record(
                    request, "view.share" if view.is_shared else "view.unshare", realm=request.realm, target=view
                )
            messages.success(request, _("The view is saved."))
            return redirect(_address(request, view))
    page = {"form": form, "view": SavedView.objects.get(pk=view.pk), "library_url": library_url}
    return render(request, "content/view.html", page, status=422 if form.errors else 200)
