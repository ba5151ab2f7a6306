"""The page of the audit log: filtered, page by page without counting, and as a file."""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from . import audit
from .access import RealmRequest, Right, realm_member
from .models import Application, AuditEntry, Membership
from .sheets import clock, csv_response, timed

PAGE = 50
PEOPLE_OFFERED = 200
_DATE = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
COLUMNS = (  # of the file, after the time
    gettext_noop("Who"),
    gettext_noop("Name"),
    gettext_noop("Done for them by"),
    gettext_noop("Code of the action"),
    gettext_noop("Action"),
    gettext_noop("Kind"),
    gettext_noop("ID"),
    gettext_noop("What"),
    gettext_noop("App ID"),
    gettext_noop("Application"),
    gettext_noop("Address"),
    gettext_noop("Browser"),
    gettext_noop("Details"),
)


class AuditFilterForm(forms.Form):
    """Narrows the entries of a realm. What it does not understand is said and left out."""

    actor = forms.CharField(
        label=_("Who"),
        required=False,
        max_length=254,
        widget=forms.TextInput({"list": "actors", "placeholder": _("E-mail address, “System” or “API: key”")}),
    )
    action = forms.ChoiceField(label=_("What"), required=False)
    application = forms.ChoiceField(label=_("Application"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=_DATE)
    until = forms.DateField(label=_("To"), required=False, widget=_DATE)
    kind = forms.CharField(required=False, max_length=50, widget=forms.HiddenInput)
    target = forms.CharField(required=False, max_length=50, widget=forms.HiddenInput)

    def __init__(self, applications: list[Application], data: Any) -> None:
        super().__init__(data)
        actions = sorted(((code, str(words)) for code, words in audit.ACTIONS.items()), key=lambda each: each[1])
        self._choices("action", [("", _("Anything")), *actions])
        self._choices("application", [("", _("All")), *((each.app_id, each.name) for each in applications)])

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def found(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Those that the filter lets through."""
        self.is_valid()
        words = self.cleaned_data
        names = {
            "actor": "actor",
            "action": "action",
            "application": "app_id",
            "kind": "target_kind",
            "target": "target_id",
        }
        wanted = {column: words[name] for name, column in names.items() if words.get(name)}
        entries = entries.filter(**wanted)
        if since := words.get("since"):
            entries = entries.filter(created__gte=_midnight(since))
        if until := words.get("until"):
            entries = entries.filter(created__lt=_midnight(until + timedelta(days=1)))
        return entries

    @property
    def is_filtered(self) -> bool:
        return any(self.cleaned_data.values())


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


@require_GET
@realm_member(needs=Right.AUDIT)
def audit_log(request: RealmRequest) -> HttpResponse:
    """The newest entries, or with `before` those older than one."""
    form = _form(request)
    found = _before(form.found(_entries(request)), request.GET.get("before", ""))
    shown = list(found[: PAGE + 1])
    names = dict(Application.objects.filter(realm=request.realm).values_list("app_id", "name"))
    asked = request.GET.copy()
    asked.pop("before", None)
    page = {
        "form": form,
        "rows": [_row(entry, names) for entry in shown[:PAGE]],
        "older": _cursor(shown[PAGE - 1]) if len(shown) > PAGE else "",
        "is_later": bool(request.GET.get("before")),
        "asked": asked.urlencode(),
        "actors": _actors(request),
    }
    if request.headers.get("HX-Target") == "entries":
        return render(request, "realms/_audit.html", page)
    return render(request, "realms/audit.html", page)


def _form(request: RealmRequest) -> AuditFilterForm:
    return AuditFilterForm(list(request.applications), request.GET)


def _entries(request: RealmRequest) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(realm=request.realm).order_by("-created", "-pk")


def _cursor(entry: AuditEntry) -> str:
    return f"{entry.created.isoformat()}_{entry.pk}"


def _before(entries: QuerySet[AuditEntry], cursor: str) -> QuerySet[AuditEntry]:
    """Those after the entry in the list; all where the cursor is none of ours."""
    moment, _underscore, number = cursor.rpartition("_")
    try:
        created = parse_datetime(moment)
    except ValueError:
        created = None
    if (
        created is None
        or timezone.is_naive(created)
        or not (number.isascii() and number.isdigit() and len(number) < 19)
    ):
        return entries
    same = Q(created=created, pk__lt=int(number))
    return entries.filter(Q(created__lt=created) | same, created__lte=created)  # the latter lets an index serve it


def _actors(request: RealmRequest) -> list[str]:
    members = Membership.objects.filter(realm=request.realm).order_by("user__email")
    return [*members.values_list("user__email", flat=True)[:PEOPLE_OFFERED], audit.SYSTEM]


def _row(entry: AuditEntry, names: dict[str, str]) -> dict[str, Any]:
    return {
        "entry": entry,
        "action": audit.ACTIONS.get(entry.action, entry.action),
        "application": names.get(entry.app_id, entry.app_id),
        "changes": [(name, *_change(value)) for name, value in entry.details.items()],
    }


def _change(value: Any) -> tuple[str, str, bool]:
    """(before, after, whether it is a change) of a detail, in words."""
    if isinstance(value, list) and len(value) == 2:
        return _words(value[0]), _words(value[1]), True
    return "", _words(value), False


def _words(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, list):
        return ", ".join(_words(each) for each in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | bool) else str(value)


@require_GET
@realm_member(needs=Right.AUDIT)
def audit_csv(request: RealmRequest) -> HttpResponseBase:
    """All that the filter lets through, newest first."""
    form = _form(request)
    found = form.found(_entries(request))
    asked = {name: value for name, value in request.GET.items() if value}
    audit.record(request, "audit.export", realm=request.realm, details=asked)
    names = dict(Application.objects.filter(realm=request.realm).values_list("app_id", "name"))

    def lines() -> Iterator[tuple[Any, ...]]:
        for entry in found.iterator(chunk_size=2000):
            yield (
                clock(entry.created),
                *(entry.actor, entry.actor_name, entry.impersonator_email, entry.action),
                *(str(audit.ACTIONS.get(entry.action, "")), entry.target_kind, entry.target_id, entry.target_text),
                *(entry.app_id, names.get(entry.app_id, ""), entry.address or "", entry.user_agent),
                json.dumps(entry.details, ensure_ascii=False) if entry.details else "",
            )

    return csv_response(f"audit-{request.realm.slug}.csv", [timed(gettext("When")), *map(gettext, COLUMNS)], lines())
