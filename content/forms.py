"""What people fill in about courses."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Course, LearningStandard

SORTS = {
    "-updated": ("-updated", "-pk"),
    "updated": ("updated", "pk"),
    "title": ("title", "pk"),
    "-title": ("-title", "-pk"),
    "standard": ("standard", "title", "pk"),
    "-standard": ("-standard", "title", "pk"),
    "-size": ("-current_version__archive_size", "-pk"),
    "size": ("current_version__archive_size", "pk"),
}


class LibraryForm(forms.Form):
    """The library's filters, from its address; what is not understood there is left out."""

    q = forms.CharField(required=False, max_length=200)
    standard = forms.ChoiceField(required=False, choices=[("", _("All standards")), *LearningStandard.choices])
    tag = forms.CharField(required=False, max_length=100)
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in SORTS])

    def words(self) -> dict[str, str]:
        """The filters that are understood."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}


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
