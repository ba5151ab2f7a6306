"""Pages of reports: of the realm or an application, of courses, of one course and its questions, of learners."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from content.models import Course
from realms.access import RealmRequest, Right, realm_member
from realms.models import Application
from realms.pages import Pages
from realms.sheets import csv_response
from registrations.models import Question, Registration

from . import figures, summing, telling
from .figures import Numbers
from .forms import ReportForm
from .scope import Scope
from .tables import NUMBER, PERCENT, SECONDS, TEXT, Column, Label, Report, Table, Tile, day_cell, show

TOP = 10
PAGE = 50
MOST_REGISTRATIONS = 5_000  # of one learner
APPLICATIONS_LOOKED_AT = 10  # for who was active last
OWN = ("page", "csv", "order", "q", "learner")  # of an address, beside the filter


def _applications(request: RealmRequest) -> list[Application]:
    return list(request.applications.filter(is_management=False).order_by("-is_internal", "name", "pk"))


def _query(request: RealmRequest, *without: str, **also: str) -> str:
    """The filter as it stands in the address, to lead on to another page with it."""
    query = request.GET.copy()
    for name in (*OWN, *without):
        query.pop(name, None)
    for name, value in also.items():
        query[name] = value
    return f"?{query.urlencode()}" if query else ""


def _answer(
    request: RealmRequest, template: str, report: Report, form: ReportForm, scope: Scope, **context: Any
) -> HttpResponseBase:
    """The page, or one of its tables as CSV."""
    if wanted := request.GET.get("csv"):
        if wanted not in report.tables:
            raise Http404
        table = report.tables[wanted]
        return csv_response(f"{table.key}-{request.realm.slug}.csv", table.csv_header(), table.csv_rows())
    everywhere = [each.pk for each in form.applications.values()]
    waiting = summing.waiting(everywhere)
    page = {
        "report": report,
        "tables": report.tables,
        "form": form,
        "scope": scope,
        "query": _query(request),
        "link": request.build_absolute_uri(f"?{_own(request)}{form.link(scope)}"),
        "finished": summing.finished(),
        "waiting": waiting,
        "waiting_words": show(waiting, NUMBER) + ("+" if waiting == summing.MOST_WAITING else ""),
        **context,
    }
    return render(request, f"registrations/reports/{template}.html", page, status=422 if form.errors else 200)


def _own(request: RealmRequest) -> str:
    """What the address says beside the filter, such as whom a page is about."""
    kept = {name: request.GET[name] for name in ("learner", "q", "order") if request.GET.get(name)}
    return f"{urlencode(kept)}&" if kept else ""


def _dashboard(scope: Scope) -> Report:
    numbers, days = figures.cohort(scope), figures.by_day(scope)
    tables = (
        telling.timeline(scope, days),
        telling.outcomes(numbers),
        telling.scores(numbers),
        telling.times(numbers),
    )
    is_empty = not numbers["registrations"] and not any(map(sum, (each.values() for each in days[2].values())))
    return Report(telling.tiles(numbers, days[2]), is_empty=is_empty).add(*tables)


# --- realm and applications -------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def overview(request: RealmRequest) -> HttpResponseBase:
    """A realm, or one of its applications."""
    form = ReportForm(_applications(request), request.GET)
    scope = form.scope()
    report = _dashboard(scope)
    courses = _ordered(figures.by_course(scope), "registrations")
    report.add(telling.listing("courses", _("Busiest courses"), _("Course"), _courses(request, courses[:TOP])))
    if len(scope.applications) > 1:
        report.add(
            telling.listing("applications", _("By application"), _("Application"), _by_name(request, form, scope))
        )
    return _answer(request, "overview", report, form, scope, course_count=len(courses))


def _by_name(request: RealmRequest, form: ReportForm, scope: Scope) -> list[tuple[Label, Numbers]]:
    found = figures.by_application(scope)
    here = reverse("registrations:reports", args=[request.realm.slug])
    return [
        (Label(each.name, url=here + _query(request, application=each.app_id)), found[each.pk])
        for each in form.applications.values()
        if each.pk in found
    ]


def _ordered(found: Mapping[int, Numbers], order: str) -> list[tuple[int, Numbers]]:
    """Most first; those that have no such number last."""
    measure = telling.ORDERS[order]

    def place(each: tuple[int, Numbers]) -> tuple[Any, ...]:
        value: Any = measure(each[1])
        return (value is None, -(value or 0), -each[1]["registrations"], each[0])

    return sorted(found.items(), key=place)


def _courses(request: RealmRequest, found: Sequence[tuple[int, Numbers]]) -> list[tuple[Label, Numbers]]:
    titles: dict[int, tuple[str, str]] = {}
    for start in range(0, len(found), 5000):
        keys = [pk for pk, _numbers in found[start : start + 5000]]
        rows = Course.objects.filter(pk__in=keys).values_list("pk", "title", "course_id")
        titles.update((pk, (title, course_id)) for pk, title, course_id in rows)
    query = _query(request, "course_tags", "application")
    return [
        (Label(titles[pk][0], url=_course_url(request, pk) + query, note=titles[pk][1]), numbers)
        for pk, numbers in found
        if pk in titles  # not deleted since
    ]


def _course_url(request: RealmRequest, pk: int) -> str:
    return reverse("registrations:report_course", args=[request.realm.slug, pk])


# --- courses ----------------------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def courses(request: RealmRequest) -> HttpResponseBase:
    """Every course that somebody was registered for, with what came of it."""
    form = ReportForm(_applications(request), request.GET)
    scope = form.scope()
    order = request.GET.get("order", "")
    order = order if order in telling.ORDERS else "registrations"
    found = _ordered(figures.by_course(scope), order)
    page = Pages(found, PAGE).get_page(request.GET.get("page"))
    shown = found if request.GET.get("csv") else list(page.object_list)
    report = Report().add(telling.listing("courses", _("Courses"), _("Course"), _courses(request, shown)))
    orders = [(name, words) for name, words, *_rest in telling.LISTED]
    return _answer(request, "courses", report, form, scope, page=page, order=order, orders=orders)


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def course(request: RealmRequest, pk: int) -> HttpResponseBase:
    """One course: what came of it, how far learners came, how its questions were answered."""
    found = _course(request, pk)
    form = ReportForm([found.application], request.GET, without=("course_tags",))
    scope = form.scope(course=found.pk)
    report = _dashboard(scope)
    structure = found.current_version.read_structure() if found.current_version else None
    report.add(telling.funnel(scope, structure))
    report.add(telling.questions(_questions(request, found, scope)))
    return _answer(request, "course", report, form, scope, course=found)


def _course(request: RealmRequest, pk: int) -> Course:
    courses = Course.objects.in_realm(request.realm).select_related("application", "current_version")
    return get_object_or_404(courses.defer("current_version__structure"), pk=pk)


def _questions(
    request: RealmRequest, of: Course, scope: Scope
) -> Sequence[tuple[Question, Label, Mapping[str, Any] | None]]:
    """In the order of the activities, within one in the order they were first answered."""
    structure = of.current_version.read_structure() if of.current_version else None
    activities = structure.activities if structure else {}
    places = {identifier: place for place, identifier in enumerate(activities)}
    rows = list(Question.objects.filter(course=of))
    rows.sort(key=lambda row: (places.get(row.activity, len(places)), row.pk))
    measured = figures.by_question(scope, Question.objects.filter(course=of).values("pk"))
    found = []
    for row in rows:
        activity = activities.get(row.activity)
        url = reverse("registrations:report_question", args=[request.realm.slug, row.pk]) + _query(request)
        note = (activity.title if activity else "") or row.activity
        label = Label(row.description or row.identifier, csv=row.identifier, url=url, note=note)
        found.append((row, label, measured.get(row.pk)))
    return found


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def question(request: RealmRequest, pk: int) -> HttpResponseBase:
    """One question: how often it was answered, and with what."""
    questions = Question.objects.filter(course__application__in=request.applications)
    found = get_object_or_404(questions.select_related("course__application", "course__current_version"), pk=pk)
    form = ReportForm([found.course.application], request.GET, without=("course_tags",))
    scope = form.scope(course=found.course_id)
    measured = figures.by_question(scope, [found.pk]).get(found.pk)
    times, judged, correct, latency, discrimination = telling.measures(measured)
    tiles = [
        Tile(_("Answers"), show(times, NUMBER)),
        Tile(_("Correct"), show(correct, PERCENT), telling.of_judged(judged)),
        Tile(_("Mean latency"), show(latency, SECONDS)),
        Tile(_("Discrimination"), show(discrimination, "index")),
    ]
    answers = scope.answers().filter(question=found).values_list("response", "is_correct")
    rows = sorted(answers.annotate(many=Count("pk")), key=lambda row: (-row[2], row[0], str(row[1])))
    report = Report(tiles).add(telling.responses(rows))
    version = found.course.current_version
    activity = version.read_structure().activity(found.activity) if version else None
    return _answer(
        request, "question", report, form, scope, question=found, course=found.course,
        activity=(activity.title if activity else "") or found.activity,
        course_url=_course_url(request, found.course_id) + _query(request), patterns=found.correct.splitlines(),
    )  # fmt: skip


# --- learners ---------------------------------------------------------------------------------------------------------


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def learners(request: RealmRequest) -> HttpResponseBase:
    """Learners found by id or name; without any words, those who were active last."""
    form = ReportForm(_applications(request), request.GET)
    scope = form.scope()
    words = request.GET.get("q", "").replace("\0", "").strip()[:255]
    names = _found_learners(scope, words)
    cohort = scope.cohort().filter(learner_id__in=names)
    numbers = figures.by_learner(cohort) if names else {}
    here = reverse("registrations:report_learner", args=[request.realm.slug])
    rows = [
        (Label(name or key, csv=key, url=here + _query(request, learner=key), note=key if name else ""), numbers[key])
        for key, name in names.items()
        if key in numbers
    ]
    report = Report().add(telling.listing("learners", _("Learners"), _("Learner"), rows))
    return _answer(request, "learners", report, form, scope, q=words)


def _found_learners(scope: Scope, words: str) -> dict[str, str]:
    """Id -> name of at most PAGE learners."""
    found: dict[str, str] = {}
    for each in _latest(scope, words):
        if len(found) == PAGE:
            break
        found.setdefault(each.learner_id, each.learner.name)
    return found


def _latest(scope: Scope, words: str) -> Iterable[Registration]:
    names = ("learner_id", "learner_first_name", "learner_last_name", "updated")
    if words:
        named = Q(learner_id__istartswith=words) | Q(learner_last_name__istartswith=words)
        named |= Q(learner_first_name__istartswith=words) | Q(learner_email__iexact=words)
        rows = Registration.objects.filter(named, application__in=scope.applications, is_sandbox__in=scope.kinds)
        return rows.only(*names)[: PAGE * 10]
    latest: list[Registration] = []
    for application in scope.applications[:APPLICATIONS_LOOKED_AT]:  # one by one: there an index orders them
        rows = Registration.objects.filter(application=application, is_sandbox__in=scope.kinds)
        latest += rows.only(*names).order_by("-updated")[: PAGE * 2]
    return sorted(latest, key=lambda each: each.updated, reverse=True)


@require_GET
@realm_member(needs=Right.RESULTS_SEE)
def learner(request: RealmRequest) -> HttpResponseBase:
    """One learner, named in the address since an id may hold anything: all registrations of the id in the realm."""
    applications = _applications(request)
    key = request.GET.get("learner", "").replace("\0", "")[:255]
    if not key:
        return redirect("registrations:report_learners", request.realm.slug)
    newest = Registration.objects.filter(application__in=applications, learner_id=key).order_by("-pk").first()
    if newest is None:
        raise Http404
    form = ReportForm(applications, request.GET)
    scope = form.scope(learner=key)
    report = _dashboard(scope).add(_registrations(request, scope))
    return _answer(request, "learner", report, form, scope, learner=newest.learner, email=newest.learner_email)


def _registrations(request: RealmRequest, scope: Scope) -> Table:
    rows = Registration.objects.filter(fact__in=scope.cohort()).select_related("course")
    found = list(rows.order_by("-created", "-pk")[:MOST_REGISTRATIONS])
    return Table(
        "registrations",
        _("Registrations"),
        [
            Column(_("Course"), TEXT),
            Column(_("Created"), TEXT),
            Column(_("Completion"), TEXT),
            Column(_("Success"), TEXT),
            Column(_("Score"), PERCENT),
            Column(_("Time"), SECONDS),
        ],
        [
            (
                Label(
                    each.course.title,
                    url=reverse("registrations:registration", args=[request.realm.slug, each.pk]),
                    note=each.registration_id,
                ),
                day_cell(each.created.astimezone(scope.zone).date()),
                each.get_completion_display(),
                each.get_success_display(),
                each.score,
                each.total_seconds,
            )
            for each in found
        ],
        shown_rows=PAGE * 2,
        note=_("The newest %(shown)s are shown; the CSV has them all.") % {"shown": PAGE * 2}
        if len(found) > PAGE * 2
        else "",
    )
