"""What people fill in about one registration."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from standards.cmi5.vocabulary import MODES
from standards.structure import CourseStructure

from .links import BLANK, CLOSER, MESSAGE, Options, Wish
from .models import Completion, Instance, Success
from .overriding import REASON_LENGTH

AS_REPORTED = ("", _("As reported"))
LIFETIMES = ((120, _("2 minutes")), (900, _("15 minutes")), (3600, _("1 hour")))


class OverrideForm(forms.Form):
    """What counts in place of what was reported. Left as reported: what content says goes on counting."""

    completion = forms.ChoiceField(label=_("Completion"), required=False, choices=[AS_REPORTED, *Completion.choices])
    success = forms.ChoiceField(label=_("Success"), required=False, choices=[AS_REPORTED, *Success.choices])
    percent = forms.FloatField(
        label=_("Score, in percent"),
        required=False,
        min_value=-100,
        max_value=100,
        help_text=_("Empty: as reported."),
        widget=forms.NumberInput({"step": "any"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("It is shown on the registration and in the audit log."),
    )

    @staticmethod
    def held(instance: Instance) -> dict[str, Any]:
        """The override in force, as the form shows it."""
        score = instance.override.get("score")
        return {**instance.override, "percent": None if score is None else round(score * 100, 6)}

    @property
    def decided(self) -> dict[str, Any]:
        percent = self.cleaned_data["percent"]
        score = {} if percent is None else {"score": percent / 100}
        chosen = {name: self.cleaned_data[name] for name in ("completion", "success") if self.cleaned_data[name]}
        return chosen | score


class LaunchLinkForm(forms.Form):
    """How a launch link launches."""

    seconds = forms.TypedChoiceField(label=_("The link works for"), coerce=int, choices=LIFETIMES, initial=900)
    exit = forms.ChoiceField(
        label=_("Leaving the course"),
        required=False,
        choices=[
            ("", _("as configured")),
            ("address", _("leads to the address below")),
            (CLOSER, _("closes the window")),
            (BLANK, _("shows an empty page")),
            (MESSAGE, _("shows a message")),
        ],
    )
    redirect = forms.URLField(label=_("Address"), required=False, max_length=2000, assume_scheme="https")
    activity = forms.ChoiceField(
        label=_("Begin with"), required=False, help_text=_("An activity in place of what sequencing begins with.")
    )
    mode = forms.ChoiceField(
        label=_("Mode"),
        required=False,
        choices=[("", _("Normal")), *((mode, mode) for mode in MODES if mode != "Normal")],
    )
    culture = forms.RegexField(
        label=_("Language of the player"),
        required=False,
        regex=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$",
        max_length=40,
        help_text=_("As de or pt-BR. Empty: the browser's."),
        error_messages={"invalid": _("Write a language tag such as de or pt-BR.")},
    )
    css_url = forms.URLField(
        label=_("Style sheet for the player"), required=False, max_length=2000, assume_scheme="https"
    )

    def __init__(self, structure: CourseStructure | None, data: Any = None) -> None:
        super().__init__(data)
        leaves = structure.leaves if structure else ()
        choices: Any = [("", _("as usual")), *((leaf.identifier, leaf.title or leaf.identifier) for leaf in leaves)]
        self.fields["activity"].choices = choices  # type: ignore[attr-defined]
        if len(choices) < 3:
            del self.fields["activity"]
        if structure is None or structure.standard != "CMI5":
            del self.fields["mode"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("exit") == "address" and not cleaned.get("redirect") and "redirect" not in self.errors:
            self.add_error("redirect", forms.ValidationError(_("Write where leaving leads to.")))
        return cleaned

    @property
    def address(self) -> str:
        return self.cleaned_data["redirect"] if self.cleaned_data["exit"] == "address" else ""

    @property
    def wish(self) -> Wish:
        asked = self.cleaned_data
        leaving = "" if asked["exit"] == "address" else asked["exit"]
        options = Options(exit=leaving, css_url=asked["css_url"], culture=asked["culture"], is_of_console=True)
        return Wish(
            activity=asked.get("activity", ""), mode=asked.get("mode", ""), options=options, seconds=asked["seconds"]
        )
