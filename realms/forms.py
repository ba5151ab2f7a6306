"""Forms of a realm's pages."""

from django import forms

from .models import Credential, Realm


class RealmForm(forms.ModelForm):
    """The realm's name, which its members see in the switcher."""

    class Meta:
        model = Realm
        fields = ("name",)


class KeyForm(forms.ModelForm):
    """Names a new secret key after the system that will use it."""

    class Meta:
        model = Credential
        fields = ("name",)
        labels = {"name": "Name of the key"}
        help_texts = {"name": "After the system that will use it, so that you know which one to turn off."}


class SampleForm(forms.Form):
    """A field of each kind, for the style guide."""

    title = forms.CharField(max_length=200, help_text="Shown to learners.")
    address = forms.EmailField(required=False)
    standard = forms.ChoiceField(choices=[("", "Any"), ("SCORM12", "SCORM 1.2"), ("CMI5", "cmi5")], required=False)
    notes = forms.CharField(widget=forms.Textarea({"rows": 3}), required=False)
    package = forms.FileField(required=False)
    keep = forms.BooleanField(label="Keep older versions", required=False)
