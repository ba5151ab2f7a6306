"""The filter of reports: all of it stands in the address, so that a link shows a colleague the same."""

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from realms.models import Application

from .scope import Scope, Words
from .slots import midnight

ALL, DATES, USUAL = "all", "dates", "30"
RANGES = (
    ("7", _("Last 7 days")),
    (USUAL, _("Last 30 days")),
    ("90", _("Last 90 days")),
    ("365", _("Last 365 days")),
    (ALL, _("All time")),
    (DATES, _("From … to …")),
)
MOST_TAGS = 20
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 1, 1)


class Tags(forms.CharField):
    """Words between commas."""

    def __init__(self, label: Any) -> None:
        placeholder = {"placeholder": _("Any")}
        super().__init__(required=False, max_length=1000, label=label, widget=forms.TextInput(placeholder))

    def clean(self, value: Any) -> Words:
        words = [word.strip() for word in super().clean(value).split(",")]
        found = tuple(dict.fromkeys(word for word in words if word))
        if len(found) > MOST_TAGS:
            raise forms.ValidationError(_("At most %(most)s tags."), params={"most": MOST_TAGS})
        return found


class ReportForm(forms.Form):
    """Which registrations a report is about. What it does not understand it says, and shows the usual time instead."""

    application = forms.ChoiceField(required=False, label=_("Application"))
    range = forms.ChoiceField(required=False, choices=RANGES, label=_("Period"))
    start = forms.DateField(required=False, label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    end = forms.DateField(required=False, label=_("To"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    course_tags = Tags(_("Course tags"))
    tags = Tags(_("Registration tags"))
    learner_tags = Tags(_("Learner tags"))
    sandbox = forms.BooleanField(required=False, label=_("Include sandbox registrations"))
    zone = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput())
    dated = forms.BooleanField(required=False, widget=forms.HiddenInput())  # the page this was sent from showed dates

    def __init__(self, applications: Sequence[Application], data: QueryDict, without: Sequence[str] = ()) -> None:
        super().__init__(data.copy())
        self.applications = {each.app_id: each for each in applications}
        everything = [("", _("All applications"))]
        self.fields["application"].choices = everything + [(each.app_id, each.name) for each in applications]  # type: ignore[attr-defined]
        for name in ("application" if len(applications) < 2 else "", *without):
            self.fields.pop(name, None)
        if not data.get("zone"):
            self.fields.pop("zone")

    def clean_range(self) -> str:
        """Dates that were put in count, whatever is chosen beside them, unless it is chosen instead of them."""
        chosen = self.cleaned_data["range"]
        has_dates = any(self.data.get(name) for name in ("start", "end"))
        is_left = bool(self.data.get("dated")) and chosen not in ("", DATES)
        return DATES if has_dates and not is_left else (chosen or USUAL)

    def clean_zone(self) -> str:
        name = self.cleaned_data["zone"]
        if name and name not in available_timezones():
            raise forms.ValidationError(_("There is no time zone of this name."))
        return name

    def clean(self) -> None:
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        for name, day in (("start", start), ("end", end)):
            if day and not EARLIEST <= day < LATEST:
                self.add_error(name, _("This day is too far away."))
        if start and end and end < start:
            self.add_error("end", _("The last day is before the first."))

    def scope(self, **of: Any) -> Scope:
        """What is asked for; `of`: the course or learner the page is about."""
        self.is_valid()
        self._show_what_counts()
        asked = self.cleaned_data
        zone = self.chosen_zone()
        first, last = self.days(zone)
        chosen = self.applications.get(asked.get("application") or "")
        return Scope(
            applications=tuple(each.pk for each in ([chosen] if chosen else self.applications.values())),
            start=0 if first is None else midnight(first, zone),
            end=midnight(last + timedelta(days=1), zone),
            zone=zone,
            first=first,
            last=last,
            with_sandbox=bool(asked.get("sandbox")),
            course_tags=asked.get("course_tags") or (),
            tags=asked.get("tags") or (),
            learner_tags=asked.get("learner_tags") or (),
            **of,
        )

    def _show_what_counts(self) -> None:
        """Let the fields of the page say what is shown, also where the address left it open."""
        data: Any = self.data
        chosen = data["range"] = self.cleaned_data.get("range") or USUAL
        data["dated"] = "1" if chosen == DATES else ""
        if chosen != DATES:
            data["start"] = data["end"] = ""

    def chosen_zone(self) -> tzinfo:
        """Of the address, else the viewer's."""
        name = self.cleaned_data.get("zone")
        return ZoneInfo(name) if name else timezone.get_current_timezone()

    def days(self, zone: tzinfo) -> tuple[date | None, date]:
        """The first day, or None for all time, and the last."""
        today = timezone.now().astimezone(zone).date()
        asked = self.cleaned_data
        chosen = USUAL if self.errors else asked["range"]
        if chosen == ALL:
            return None, today
        if chosen != DATES:
            return today - timedelta(days=int(chosen) - 1), today
        return asked.get("start"), asked.get("end") or max(today, asked.get("start") or today)

    def is_narrowed(self) -> bool:
        """Whether anything beside the time is chosen."""
        names = ("application", "course_tags", "tags", "learner_tags")
        return any(self.cleaned_data.get(name) for name in names)

    def link(self, scope: Scope) -> str:
        """The query string that shows exactly this to anybody of the realm, on any day and in any time zone."""
        query = QueryDict(mutable=True)
        asked = self.cleaned_data
        if asked.get("application"):
            query["application"] = asked["application"]
        if scope.first is None:
            query["range"] = ALL
        else:
            query["start"], query["end"] = scope.first.isoformat(), scope.last.isoformat()
        for name in ("course_tags", "tags", "learner_tags"):
            if asked.get(name):
                query[name] = ", ".join(asked[name])
        if scope.with_sandbox:
            query["sandbox"] = "on"
        query["zone"] = str(scope.zone)
        return query.urlencode()
