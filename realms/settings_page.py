"""The page that shows and changes the settings of one level: of an application, course, version or registration."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from . import audit
from .access import RealmRequest
from .configuration import SETTINGS
from .configuration.levels import DEFAULT, IN_WORDS, Item, Level, items
from .configuration.setting import Setting, Words
from .models import Application

ALL = "*"


@dataclass(frozen=True)
class Row:
    """A setting as the page shows it."""

    item: Item
    field: forms.BoundField
    source: str  # in words, of what counts
    inherited: str  # in words


class SettingsForm(forms.Form):
    """One field a setting; an empty one inherits."""

    def __init__(self, found: Sequence[Item], standard: str = "", data: QueryDict | None = None) -> None:
        explicit = {item.setting.id: item.explicit for item in found if item.explicit is not None}
        super().__init__(data, initial=explicit)
        self.items = {item.setting.id: item for item in found}
        self.standard = standard
        for item in found:
            self.fields[item.setting.id] = _field(item, _inherited(item, standard))

    def groups(self) -> dict[str, list[Row]]:
        """The rows by the group they are shown in."""
        grouped: dict[str, list[Row]] = {}
        for field in self:
            item = self.items[field.name]
            row = Row(item, field, str(IN_WORDS[item.source]), _inherited(item, self.standard))
            grouped.setdefault(str(item.setting.group), []).append(row)
        return grouped

    def applied_to(self, held: Mapping[str, str], reset: str = "") -> dict[str, str]:
        """The explicit values after the form; those the page does not show stay. `reset` names one to inherit again."""
        shown = {name: str(value) for name, value in self.cleaned_data.items() if value not in ("", None)}
        hidden = {name: value for name, value in held.items() if name not in self.fields}
        return {name: value for name, value in (hidden | shown).items() if name != reset}


def _inherited(item: Item, standard: str) -> str:
    """What counts without a value here, in words."""
    if not standard and item.setting.defaults and item.inherited_source == DEFAULT:
        return _("as each standard has it")
    if item.setting.length:
        return _("set") if item.inherited and item.setting.is_secret else item.inherited or _("none")
    return item.setting.in_words(item.inherited)


def _inherited_is(value: str) -> str:
    return _("Inherited: %(value)s") % {"value": value}


def _is_allowed(setting: Setting) -> str:
    return _("%(setting)s is %(allowed)s.") % {"setting": setting.id, "allowed": setting.allowed}


def _field(item: Item, inherited: str) -> forms.Field:
    setting = item.setting
    if setting.choices:
        choices = [("", _inherited_is(inherited)), *setting.choices]
        wrong = {"invalid_choice": _is_allowed(setting)}
        return forms.ChoiceField(
            label=str(setting.label), help_text=str(setting.help), choices=choices, required=False, error_messages=wrong
        )
    if setting.length:
        return TextField(item, inherited)
    wrong = dict.fromkeys(("invalid", "min_value", "max_value"), _is_allowed(setting))
    return forms.IntegerField(
        label=str(setting.label),
        help_text=str(setting.help),
        min_value=0,
        max_value=setting.maximum,
        required=False,
        widget=forms.NumberInput({"placeholder": _inherited_is(inherited)}),
        error_messages=wrong,
    )


class TextField(forms.CharField):
    """A text; of a secret one the page shows that there is one, and an empty field keeps it."""

    def __init__(self, item: Item, inherited: str) -> None:
        setting = item.setting
        self.setting, self.kept = setting, item.explicit if setting.is_secret else None
        shown = _("Set; leave empty to keep it") if self.kept else _inherited_is(inherited)
        attributes = {"placeholder": shown, "autocomplete": "new-password" if setting.is_secret else "off"}
        kind = forms.PasswordInput if setting.is_secret else forms.TextInput
        super().__init__(
            label=str(setting.label),
            help_text=str(setting.help),
            max_length=setting.length,
            required=False,
            widget=kind(attributes),
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not self.setting.accepts(text):
            raise forms.ValidationError(_is_allowed(self.setting))
        return text or self.kept or ""


@dataclass(frozen=True)
class Place:
    """What the page is about. The last of the levels is the one that is changed."""

    levels: Sequence[Level]
    standard: str = ""
    is_single: bool | None = None
    save: Callable[[dict[str, str]], None] = lambda explicit: None
    heading: Words = ""
    about: Words = ""  # for what the settings on this page hold
    steps: Sequence[tuple[str, str]] = ()  # (label, url) of the pages above
    back: str = ""
    action: str = ""  # of realms.audit
    target: Any = None
    application: Application | None = None


def settings_page(request: RealmRequest, place: Place, **more: Any) -> HttpResponse:
    """Show the settings of a level; a POST saves them all, and `reset` lets one or all ("*") inherit again."""
    found = items(place.levels, place.standard, place.is_single)
    held = dict(place.levels[-1].values)
    reset = request.POST.get("reset", "")
    form = SettingsForm(found, place.standard, request.POST if request.method == "POST" and reset != ALL else None)
    if reset == ALL:
        place.save({})
        _record(request, place, held, {})
        messages.success(request, _("All settings here are inherited again. That holds from the next launch on."))
        return HttpResponseRedirect(request.get_full_path())
    if request.method == "POST" and form.is_valid():
        explicit = form.applied_to(held, reset)
        place.save(explicit)
        _record(request, place, held, explicit)
        words = (
            _("The setting is inherited again. That holds from the next launch on.")
            if reset
            else _("The settings are saved. That holds from the next launch on.")
        )
        messages.success(request, words)
        return HttpResponseRedirect(request.get_full_path() if reset else place.back)
    hidden = [name for name in held if name not in form.fields]
    page = {"place": place, "form": form, "total": len(found), "own": len(held) - len(hidden), "hidden": hidden}
    return render(request, "realms/configuration.html", page | more, status=422 if form.errors else 200)


def _record(request: RealmRequest, place: Place, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    secret = [name for name, setting in SETTINGS.items() if setting.is_secret]
    if changed := audit.changes(before, after, secret):
        about: dict[str, Any] = {"realm": request.realm, "application": place.application, "target": place.target}
        audit.record(request, place.action, **about, details=changed)
