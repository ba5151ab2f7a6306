"""The filter of the registration list: what stands in its address, as a search."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.models import Course
from realms.models import Application

from .finding import LEARNER, Search
from .models import Completion, Success

MOST_COURSES = 500
ORDERS = ("-updated", "updated", "-created", "created", LEARNER, f"-{LEARNER}")
DATES = {"created": _("Registered"), "updated": _("Changed"), "completed_at": _("Completed")}
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SearchForm(forms.Form):
    """Narrows registrations of the realm; what it does not understand it leaves out, with a word at the field."""

    q = forms.CharField(
        required=False,
        label=_("Learner or registration"),
        max_length=255,
        widget=forms.TextInput({"type": "search", "placeholder": _("Begins with: id, name, e-mail")}),
    )
    course = forms.CharField(
        required=False,
        label=_("Course"),
        max_length=255,
        widget=forms.TextInput({"type": "search", "placeholder": _("Course title or id")}),
    )
    application = forms.ChoiceField(required=False, label=_("Application"))
    kind = forms.ChoiceField(
        required=False,
        label=_("Kind"),
        choices=[("", _("Sandbox and others")), ("sandbox", _("Sandbox")), ("real", _("Not sandbox"))],
    )
    completion = forms.ChoiceField(
        required=False, label=_("Completion"), choices=[("", _("Any completion")), *Completion.choices]
    )
    success = forms.ChoiceField(required=False, label=_("Success"), choices=[("", _("Any success")), *Success.choices])
    tag = forms.CharField(
        required=False, label=_("Tag"), max_length=100, widget=forms.TextInput({"placeholder": _("Any tag")})
    )
    dates = forms.ChoiceField(required=False, label=_("Date"), choices=list(DATES.items()))
    since = forms.DateField(required=False, label=_("From"), widget=_DAY)
    until = forms.DateField(required=False, label=_("Until"), widget=_DAY)
    order = forms.ChoiceField(
        required=False, choices=[(name, name) for name in ORDERS], widget=forms.HiddenInput, label=_("Order")
    )

    def __init__(self, applications: Sequence[Application], data: QueryDict) -> None:
        super().__init__(data)
        self.applications = {each.app_id: each for each in applications}
        choices: Any = [("", _("All applications")), *((each.app_id, each.name) for each in applications)]
        self.fields["application"].choices = choices  # type: ignore[attr-defined]

    def clean_q(self) -> str:
        return " ".join(self.cleaned_data["q"].split())

    @property
    def asked(self) -> dict[str, Any]:
        """What is understood."""
        self.is_valid()
        return self.cleaned_data

    @property
    def is_filtered(self) -> bool:
        return any(self.asked.get(name) for name in self.fields if name not in ("order", "dates", "application"))

    @property
    def has_more(self) -> bool:
        """Whether one of the filters that are folded away is in use."""
        return any(self.asked.get(name) for name in ("tag", "since", "until"))

    def told(self) -> dict[str, str]:
        """What is asked for, as the audit log keeps it: not whom."""
        asked = {name: str(value) for name, value in self.asked.items() if value and name != "order"}
        return asked | ({"q": "…"} if "q" in asked else {})

    def search(self) -> Search:
        asked = self.asked
        chosen = self.applications.get(asked.get("application", ""))
        applications = [chosen] if chosen else list(self.applications.values())
        order = asked.get("order") or "-updated"
        return Search(
            applications=tuple(each.pk for each in applications),
            words=asked.get("q", ""),
            courses=self._courses(applications),
            completion=asked.get("completion", ""),
            success=asked.get("success", ""),
            is_sandbox={"sandbox": True, "real": False}.get(asked.get("kind", "")),
            tag=asked.get("tag", ""),
            moment=asked.get("dates") or "created",
            since=_midnight(asked.get("since")),
            until=_midnight(asked.get("until"), 1),
            order=order.removeprefix("-"),
            is_descending=order.startswith("-"),
        )

    def _courses(self, applications: Sequence[Application]) -> tuple[int, ...] | None:
        """The course of exactly this id, or all whose title or id have the words; None where none are wanted."""
        words = self.asked.get("course", "")
        if not words:
            return None
        courses = Course.objects.filter(application__in=applications).order_by()
        exact = tuple(courses.filter(course_id=words).values_list("pk", flat=True))
        found = exact or tuple(courses.matching(words).values_list("pk", flat=True)[: MOST_COURSES + 1])
        if len(found) > MOST_COURSES:
            self.add_error("course", gettext("More than %d courses match: write more of the title.") % MOST_COURSES)
            return None
        return found


def _midnight(day: date | None, later: int = 0) -> datetime | None:
    """When the day begins where the person is."""
    if day is None:
        return None
    try:
        return timezone.make_aware(datetime.combine(day + timedelta(days=later), time.min))
    except (OverflowError, ValueError):
        return None
