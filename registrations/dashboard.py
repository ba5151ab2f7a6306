"""The page a realm opens on: what there is, what needs attention, what happened in the last month."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, DateField, F, Func, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from content.limits import stored_bytes
from content.models import Course, ImportJob
from realms import usage
from realms.access import RealmRequest, Right, narrow, realm_member
from realms.models import Realm

from . import finding
from .models import Registration
from .seeing import seen_by

DAYS = 30
SHOWN = 5


@require_GET
@realm_member(needs=Right.BELONG)
def dashboard(request: RealmRequest) -> HttpResponse:
    """Greets, tells the next step, and shows the numbers of what the person may see; to learners, their own page."""
    if not request.member.may(Right.CONTENT_SEE):
        return redirect("registrations:mine", request.realm.slug)
    narrow(request, Right.CONTENT_SEE)
    now = timezone.now()
    realm = request.realm
    applications = [each.pk for each in request.applications]
    courses = Course.objects.filter(application__in=applications)
    registrations = Registration.objects.filter(application__in=applications)  # by id, not by join: indexes serve it
    sees_all = all(request.member.may(Right.RESULTS_SEE, pk) for pk in applications)
    if not sees_all:
        registrations = registrations.filter(seen_by(request))
    jobs = ImportJob.objects.filter(application__in=applications)
    page = {
        "import_counts": jobs.aggregate(
            running=Count("pk", filter=Q(state__in=[ImportJob.State.WAITING, ImportJob.State.RUNNING])),
            failed=Count("pk", filter=Q(state=ImportJob.State.FAILED, finished__gte=now - timedelta(days=DAYS))),
        ),
        "course_count": courses.count(),
        "sandbox_count": registrations.filter(application=request.application, is_sandbox=True).count(),
        "courses": courses.order_by("-updated", "-pk")[:SHOWN],
        "registrations": finding.find(finding.Search(tuple(applications)), size=SHOWN).rows
        if sees_all
        else registrations.select_related("course").order_by("-updated", "-pk")[:SHOWN],
        "steps": None if request.user.hides_steps else _steps(request, courses, registrations),  # type: ignore[union-attr]
        "chart": _activity(registrations, now),
        "days": DAYS,
        "plan": realm.effective_plan,
        "use": (use := _use_of_plan(realm, usage.use_of(realm))),
        "use_chart": _use_chart(use),
    }
    return render(request, "registrations/dashboard.html", page)


def _steps(
    request: RealmRequest, courses: QuerySet[Course], registrations: QuerySet[Registration]
) -> dict[str, bool] | None:
    """What of the first steps is done, as it really is; None once all are."""
    has_launched = registrations.filter(first_access__isnull=False).exists()
    has_result = has_launched and registrations.filter(~Q(completion="unknown")).exists()
    realm = request.realm
    steps = {
        "course": has_launched or courses.exists(),
        "launch": has_launched,
        "result": has_result,
        "people": realm.memberships.count() > 1 or realm.invitations.exists(),
    }
    return None if all(steps.values()) else steps


def _activity(registrations: QuerySet[Registration], now: datetime) -> dict[str, Any]:
    """Registrations made and completed on each of the last days, as a chart."""
    days = [now.date() - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return {
        "kind": "line",
        "labels": [date_format(day, "j M") for day in days],
        "series": [
            {"name": gettext("Registrations"), "values": _by_day(registrations, "created", days)},
            {"name": gettext("Completions"), "values": _by_day(registrations, "completed_at", days)},
        ],
    }


def _by_day(registrations: QuerySet[Registration], field: str, days: list[date]) -> list[int]:
    since = datetime.combine(days[0], datetime.min.time(), timezone.get_default_timezone())
    day = Func(F(field), function="DATE", output_field=DateField())  # in UTC; TruncDate calls Python in SQLite
    rows = registrations.filter(**{f"{field}__gte": since}).annotate(day=day).values("day")
    counted = {row["day"]: row["count"] for row in rows.annotate(count=Count("pk")).order_by()}
    return [counted.get(day, 0) for day in days]


def _use_of_plan(realm: Realm, use: usage.Use) -> list[dict[str, Any]]:
    """How much of its plan the realm uses, together with those that share the plan. No limit: no percentage."""
    label = gettext("Registrations this period") if use.active is None else gettext("Active registrations")
    return [
        _use(gettext("Storage"), stored_bytes(realm), use.plan.storage_limit, is_size=True),
        _use(label, use.used, use.limit, is_size=False),
    ]


def _use_chart(use: list[dict[str, Any]]) -> dict[str, Any]:
    limited = [each for each in use if each["percent"] is not None]
    return {
        "kind": "bar",
        "across": True,
        "axis": gettext("Part of the plan"),
        "maximum": 100,
        "labels": [each["label"] for each in limited],
        "series": [{"name": gettext("Used, %"), "values": [each["percent"] for each in limited]}],
    }


def _use(label: str, used: int, limit: int | None, *, is_size: bool) -> dict[str, Any]:
    percent = min(100, round(100 * used / limit)) if limit else None
    return {"label": label, "used": used, "limit": limit, "percent": percent, "is_size": is_size}
