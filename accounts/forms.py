"""The sign-up form and the forms for one's name, language and time zone."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm
from django import forms
from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from . import services
from .invitations import answered_by
from .models import User
from .zones import known_zones, zone_choices


class SignUpForm(SignupForm):
    """Asks for the person's name beside e-mail and password."""

    field_order = ("first_name", "last_name", "email", "password1")
    first_name = forms.CharField(
        label=_("First name"), max_length=150, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, widget=forms.TextInput({"autocomplete": "family-name"})
    )

    def validate_unique_email(self, value: str) -> str:
        """As allauth's, which says that an address is taken where none need be verified: `try_save` hides it."""
        try:
            return super().validate_unique_email(value)
        except forms.ValidationError:
            self.account_already_exists = True
            return value

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """As allauth's; of two sign-ups sent at once with one address the second is answered as a later one is."""
        if not self.account_already_exists:
            try:
                return super().try_save(request)
            except IntegrityError:
                self.account_already_exists = True
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
            return super().try_save(request)
        return None, self._answer_by_mail(request)

    def _answer_by_mail(self, request: HttpRequest) -> HttpResponse:
        """Tell whoever owns the address that there is an account, and nobody else."""
        get_adapter().send_account_already_exists_mail(self.cleaned_data["email"])
        return redirect("account_email_verification_sent")

    def save(self, request: HttpRequest) -> User:
        """Make the person and what belongs to a sign-up in one transaction; invited, they join that realm."""
        if (invitation := answered_by(request, self.cleaned_data["email"])) is not None:
            return services.sign_up_invited(request, lambda: super(SignUpForm, self).save(request), invitation)
        return services.sign_up(lambda: super(SignUpForm, self).save(request))


class NameForm(forms.ModelForm):
    """How the console addresses the person; sandbox launches carry the name too."""

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        labels = {"first_name": _("First name"), "last_name": _("Last name")}
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
        }


class LanguageForm(forms.ModelForm):
    """In which language the console and its mails speak to the person, and by which clock."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As my browser asks for")), *settings.LANGUAGES],
        help_text=_("Of these pages and of the mails to you."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("All dates and times are shown as they are there."))

    class Meta:
        model = User
        fields = ("language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.time_zone:
            self.initial["time_zone"] = settings.TIME_ZONE
        self.fields["time_zone"].choices = zone_choices(self.initial["time_zone"])  # type: ignore[attr-defined]


class MailsForm(forms.ModelForm):
    """Which mails the person wants, and whether the dashboard shows the first steps."""

    class Meta:
        model = User
        fields = ("wants_tips", "hides_steps")
        labels = {
            "wants_tips": _("Send me tips in my first days"),
            "hides_steps": _("Hide the first steps on the dashboard"),
        }


class GuessForm(forms.Form):
    """The time zone that a browser says it is in."""

    time_zone = forms.CharField(max_length=64)

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"]
        if name not in known_zones():
            raise forms.ValidationError(_("There is no such time zone."))
        return name
