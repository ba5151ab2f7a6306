"""The filter of the registration list."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from realms.models import Application

from .models import Completion, Registration, Success

ORDERS = {
    "-updated": "Last changed",
    "-created": "Newest",
    "created": "Oldest",
    "learner_id": "Learner",
}


class RegistrationFilterForm(forms.Form):
    """Narrows and orders registrations; what it does not understand it leaves out."""

    q = forms.CharField(
        required=False, label="Search", max_length=255, widget=forms.TextInput({"placeholder": "Learner, course or id"})
    )
    kind = forms.ChoiceField(
        required=False, choices=[("", "Sandbox and others"), ("sandbox", "Sandbox"), ("real", "Not sandbox")]
    )
    completion = forms.ChoiceField(required=False, choices=[("", "Any completion"), *Completion.choices])
    success = forms.ChoiceField(required=False, choices=[("", "Any success"), *Success.choices])
    order = forms.ChoiceField(required=False, choices=list(ORDERS.items()))

    def __init__(self, applications: Sequence[Application], data: QueryDict) -> None:
        super().__init__(data)
        self.applications = {each.app_id: each for each in applications}
        self.default = applications[0]  # the internal one, where the person may there
        choices = [(each.app_id, each.name) for each in applications]
        self.fields["application"] = forms.ChoiceField(required=False, choices=choices, label="Application")

    def _cleaned(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data

    def is_filtered(self) -> bool:
        return any(self._cleaned().get(name) for name in ("q", "kind", "completion", "success"))

    def found(self) -> QuerySet[Registration]:
        """Those of one application, since an index orders them there; the realm's internal one unless asked."""
        asked = self._cleaned()
        application = self.applications.get(asked.get("application", ""), self.default)
        found = Registration.objects.filter(application=application).select_related("course")
        if words := asked.get("q"):
            found = found.filter(
                Q(learner_id__istartswith=words)
                | Q(learner_last_name__istartswith=words)
                | Q(learner_first_name__istartswith=words)
                | Q(registration_id__startswith=words)
                | Q(course__title__icontains=words)
            )
        if kind := asked.get("kind"):
            found = found.filter(is_sandbox=kind == "sandbox")
        for name in ("completion", "success"):
            if value := asked.get(name):
                found = found.filter(**{name: value})
        return found.order_by(asked.get("order") or "-updated", "-pk")
