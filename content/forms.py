"""What people fill in about courses."""

from datetime import MAXYEAR, date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from realms.models import Application

from .library import SORTS
from .models import Course, LearningStandard, SavedView


class LibraryForm(forms.Form):
    """The library's filters, from its address; what is not understood there is left out."""

    q = forms.CharField(required=False, max_length=200)
    application = forms.CharField(required=False, max_length=20)
    standard = forms.ChoiceField(required=False, choices=[("", _("All standards")), *LearningStandard.choices])
    tag = forms.CharField(required=False, max_length=100)
    created_from = forms.DateField(required=False)
    created_to = forms.DateField(required=False)
    updated_from = forms.DateField(required=False)
    updated_to = forms.DateField(required=False)
    registered = forms.ChoiceField(required=False, choices=[("", ""), ("yes", ""), ("no", "")])
    warnings = forms.ChoiceField(required=False, choices=[("", ""), ("yes", ""), ("no", "")])
    larger = forms.IntegerField(required=False, min_value=0, max_value=10**6)  # megabytes
    smaller = forms.IntegerField(required=False, min_value=0, max_value=10**6)
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in SORTS])

    MORE = ("created_from", "created_to", "updated_from", "updated_to", "registered", "warnings", "larger", "smaller")

    def asked(self) -> dict[str, Any]:
        """The filters that are understood, as values."""
        self.is_valid()
        dates = [name for name in self.cleaned_data if name.endswith(("_from", "_to"))]
        far = [name for name in dates if (day := self.cleaned_data[name]) and not 1 < day.year < MAXYEAR]
        return {name: value for name, value in self.cleaned_data.items() if name not in far}

    def words(self) -> dict[str, str]:
        """The same as an address writes them."""
        asked = self.asked()
        return {
            name: ""
            if (value := asked.get(name)) is None
            else value.isoformat()
            if isinstance(value, date)
            else str(value)
            for name in self.fields
        }


class ViewForm(forms.ModelForm):
    """A name for filters, order and columns of the library."""

    class Meta:
        model = SavedView
        fields = ("name", "is_shared")
        labels = {"name": _("Name of the view"), "is_shared": _("Shared with everybody in the realm")}


class BulkTagsForm(forms.Form):
    tags = forms.CharField(
        label=_("Tags, separated by commas"),
        max_length=6000,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class BulkMoveForm(forms.Form):
    """Where courses are moved to: another application of the realm."""

    application = forms.ModelChoiceField(
        Application.objects.none(), label=_("To the application"), to_field_name="app_id"
    )

    def __init__(self, applications: QuerySet[Application], data: Any = None) -> None:
        super().__init__(data)
        self.fields["application"].queryset = applications.filter(is_management=False)  # type: ignore[attr-defined]


class BulkExportForm(forms.Form):
    """What is written into the file."""

    what = forms.ChoiceField(
        label=_("What"),
        choices=[("list", _("The list, as CSV")), ("packages", _("The packages and the list, as one zip file"))],
        widget=forms.RadioSelect,
        initial="packages",
    )


class AddressForm(forms.Form):
    """Where a package is to be had."""

    url = forms.URLField(label=_("Address of the package"), max_length=2000, assume_scheme="https")
    course = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)


class ReferenceForm(forms.Form):
    """What lies on the web and stays there."""

    address = forms.CharField(max_length=2000)
    title = forms.CharField(required=False, max_length=500)
    kind = forms.ChoiceField(
        required=False,
        choices=[
            ("", _("By its address")),
            ("page", _("Web page")),
            ("pdf", "PDF"),
            ("video", _("Video (MP4)")),
            ("audio", _("Audio (MP3)")),
            ("youtube", _("YouTube video")),
        ],
    )
    course = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)


class TitleForm(forms.ModelForm):
    class Meta:
        model = Course
        fields = ("title",)


class TagsForm(forms.Form):
    """Tags, separated by commas."""

    tags = forms.CharField(required=False, max_length=6000)

    def names(self) -> list[str]:
        return self.cleaned_data["tags"].split(",")
