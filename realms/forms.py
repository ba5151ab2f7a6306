"""Forms of a realm's pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Application, Credential, Realm


class RealmForm(forms.ModelForm):
    """The realm's name, which its members see in the switcher."""

    class Meta:
        model = Realm
        fields = ("name",)
        labels = {"name": _("Name")}


class ApplicationForm(forms.ModelForm):
    """What an application is called."""

    class Meta:
        model = Application
        fields = ("name",)
        labels = {"name": _("Name of the application")}
        help_texts = {"name": _("After the system or customer whose courses it holds.")}


class KeyForm(forms.ModelForm):
    """Names a new secret key after the system that will use it."""

    class Meta:
        model = Credential
        fields = ("name",)
        labels = {"name": _("Name of the key")}
        help_texts = {"name": _("After the system that will use it, so that you know which one to turn off.")}


class RotateForm(forms.Form):
    """A new key in place of an old one, and how long the old one goes on."""

    OVERLAPS = (
        ("0", _("At once")),
        ("3600", _("In an hour")),
        ("86400", _("In a day")),
        ("604800", _("In 7 days")),
        ("2592000", _("In 30 days")),
        ("at", _("At the time below")),
    )

    name = forms.CharField(
        label=_("Name of the new key"), max_length=100, help_text=_("Both keys are in the list until the old one ends.")
    )
    overlap = forms.ChoiceField(label=_("The old key ends"), choices=OVERLAPS)
    at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Only where “At the time below” is chosen."),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = timezone.get_current_timezone_name()  # in which Django reads what is written
        self.fields["at"].label = gettext("Time of the end (%(zone)s)") % {"zone": zone}

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if cleaned.get("overlap") == "at" and "at" not in self.errors:
            at = cleaned.get("at")
            if at is None:
                self.add_error("at", _("Say when the old key ends."))
            elif at.astimezone(UTC) <= datetime.now(UTC):
                self.add_error("at", _("This time is over."))
        return cleaned

    def ends(self, now: datetime) -> datetime:
        """When the old key ends."""
        overlap = self.cleaned_data["overlap"]
        return self.cleaned_data["at"] if overlap == "at" else now + timedelta(seconds=int(overlap))


class SampleForm(forms.Form):
    """A field of each kind, for the style guide."""

    title = forms.CharField(max_length=200, help_text=_("Shown to learners."))
    address = forms.EmailField(required=False)
    standard = forms.ChoiceField(choices=[("", "Any"), ("SCORM12", _("SCORM 1.2")), ("CMI5", "cmi5")], required=False)
    notes = forms.CharField(widget=forms.Textarea({"rows": 3}), required=False)
    package = forms.FileField(required=False)
    keep = forms.BooleanField(label=_("Keep older versions"), required=False)
