"""Forms of the statement viewer and of activity providers."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from realms.models import Application
from standards.xapi import statements
from standards.xapi.errors import StatementError
from standards.xapi.versions import V1_0_3

from .models import AuthType, Credential, stored_of
from .queries import Query

VERBS = "http://adlnet.gov/expapi/verbs/"
_TIME = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def read_agent(text: str) -> dict[str, Any]:
    """An agent from what a person writes: an e-mail address, "home page name" of an account, an OpenID, or JSON."""
    if text.startswith("{"):
        return json.loads(text)
    home_page, blank, name = text.partition(" ")
    if blank and ":" in home_page:
        return {"account": {"homePage": home_page, "name": name.strip()}}
    if re.fullmatch(r"(mailto:)?[^\s@]+@[^\s@]+", text):
        return {"mbox": f"mailto:{text.removeprefix('mailto:')}"}
    return {"openid": text}


class StatementFilterForm(forms.Form):
    """Narrows the statements of one of the realm's stores."""

    store = forms.ChoiceField(
        required=False, choices=[("", _("Statements")), ("sandbox", _("Sandbox statements"))], label=_("Store")
    )
    agent = forms.CharField(required=False, max_length=2000, label=_("Agent"))
    verb = forms.CharField(required=False, max_length=2000, label=_("Verb"))
    activity = forms.CharField(required=False, max_length=2000, label=_("Activity"))
    registration = forms.UUIDField(required=False, label=_("Registration"))
    since = forms.DateTimeField(required=False, widget=_TIME)
    until = forms.DateTimeField(required=False, widget=_TIME)
    related = forms.BooleanField(required=False, label=_("Also where agent or activity are related"))
    placeholders = {
        "agent": _("E-mail, or home page and name"),
        "verb": _("completed, or an IRI"),
        "activity": _("Activity IRI"),
    }

    def __init__(self, applications: Sequence[Application], data: QueryDict) -> None:
        super().__init__(data)
        self.applications = {each.app_id: each for each in applications}
        self.default = applications[0]  # the internal one, where the person may there
        choices = [(each.app_id, each.name) for each in applications]
        self.fields["application"] = forms.ChoiceField(required=False, choices=choices, label=_("Application"))
        zone = timezone.get_current_timezone_name()  # in which Django reads what is written
        self.fields["since"].label = gettext("Stored after (%(zone)s)") % {"zone": zone}
        self.fields["until"].label = gettext("Stored until (%(zone)s)") % {"zone": zone}
        for name, text in self.placeholders.items():
            self.fields[name].widget.attrs["placeholder"] = text
        self.order_fields(["application"])

    def clean_agent(self) -> dict[str, Any] | None:
        if not self.cleaned_data["agent"]:
            return None
        try:
            agent = read_agent(self.cleaned_data["agent"].strip())
            statements.check_agent(agent, V1_0_3)
        except (StatementError, ValueError, RecursionError):
            raise forms.ValidationError(
                gettext("Write an e-mail address, or the home page and the name of an account")
            ) from None
        return agent

    def clean_verb(self) -> str:
        verb = self.cleaned_data["verb"].strip()
        return VERBS + verb if verb and ":" not in verb else verb

    @property
    def application(self) -> Application:
        self.is_valid()
        return self.applications.get(self.cleaned_data.get("application", ""), self.default)

    @property
    def is_sandbox(self) -> bool:
        self.is_valid()
        return self.cleaned_data.get("store") == "sandbox"

    def is_filtered(self) -> bool:
        return any(
            self.cleaned_data.get(name) for name in ("agent", "verb", "activity", "registration", "since", "until")
        )

    def query(self, limit: int) -> Query:
        """What is asked for; what is not understood is left out, with the error at its field."""
        self.is_valid()
        asked = self.cleaned_data
        related = bool(asked.get("related"))
        return Query(
            agent=asked.get("agent"),
            verb=asked.get("verb") or "",
            activity=(asked.get("activity") or "").strip(),
            registration=str(asked.get("registration") or ""),
            related_agents=related and bool(asked.get("agent")),
            related_activities=related and bool(asked.get("activity")),
            since=_stored(asked.get("since")),
            until=_stored(asked.get("until")),
            limit=limit,
        )


def _stored(moment: datetime | None) -> int | None:
    return stored_of(moment.astimezone(UTC)) if moment else None


class ImportForm(forms.Form):
    """A file of statements, one in a line."""

    file = forms.FileField(label=_("File"), help_text=_("JSON lines: a statement in each line, as an export has them."))


class ProviderForm(forms.ModelForm):
    """A new activity provider of one of the realm's applications."""

    class Meta:
        model = Credential
        fields = ("name", "application", "permission", "auth")
        labels = {
            "name": _("Name"),
            "application": _("Application"),
            "permission": _("Permission"),
            "auth": _("Signs in by"),
        }
        help_texts = {"name": _("After what will use it, so that you know which one to turn off.")}

    def __init__(self, applications: Any, *values: Any, **options: Any) -> None:
        super().__init__(*values, **options)
        self.fields["auth"].required = False
        self.fields["application"].queryset = applications  # type: ignore[attr-defined]
        self.fields["application"].label_from_instance = lambda each: each.name  # type: ignore[attr-defined]

    def clean_auth(self) -> str:
        return self.cleaned_data["auth"] or AuthType.BASIC
