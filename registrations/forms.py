"""The filter of the registration list."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from .models import Completion, Registration, Success

ORDERS = {
    "-updated": "Last changed",
    "-created": "Newest",
    "created": "Oldest",
    "learner_id": "Learner",
}


class RegistrationFilterForm(forms.Form):
    """Narrows and orders registrations; what it does not understand it leaves out."""

    q = forms.CharField(required=False, label="Search", max_length=255)
    kind = forms.ChoiceField(required=False, choices=[("", "All"), ("sandbox", "Sandbox"), ("real", "Not sandbox")])
    completion = forms.ChoiceField(required=False, choices=[("", "Any completion"), *Completion.choices])
    success = forms.ChoiceField(required=False, choices=[("", "Any success"), *Success.choices])
    order = forms.ChoiceField(required=False, choices=list(ORDERS.items()))

    def _cleaned(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data

    def is_filtered(self) -> bool:
        return any(self._cleaned().get(name) for name in ("q", "kind", "completion", "success"))

    def narrow(self, found: QuerySet[Registration]) -> QuerySet[Registration]:
        asked = self._cleaned()
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
