"""The form of an endpoint."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from realms.models import Application

from .events import EVENTS
from .models import Endpoint


class EndpointForm(forms.Form):
    """What an endpoint is called, where it is and what it is told of; and of which application, where it is new."""

    name = forms.CharField(max_length=100, label=_("Name"), help_text=_("After the system that listens there."))
    url = forms.CharField(
        max_length=2000,
        label=_("Address"),
        help_text=_("Messages are posted here: JSON, signed. Redirects are not followed."),
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://", "spellcheck": "false"}),
    )
    events = forms.MultipleChoiceField(
        choices=list(EVENTS.items()), label=_("Events"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data: Any = None,
        *,
        applications: Iterable[Application] = (),
        chosen: str = "",
        endpoint: Endpoint | None = None,
    ) -> None:
        known = (
            {"name": endpoint.name, "url": endpoint.url, "events": endpoint.events}
            if endpoint
            else {"events": list(EVENTS), "application": chosen}
        )
        super().__init__(data, initial=known)
        self.applications = {each.app_id: each for each in applications}
        if endpoint is None:
            choices = [(each.app_id, each.name) for each in applications]
            self.fields["application"] = forms.ChoiceField(
                choices=choices, label=_("Application"), help_text=_("Its courses and registrations are told of.")
            )
            self.order_fields(["name", "application"])

    @property
    def application(self) -> Application:
        return self.applications[self.cleaned_data["application"]]
