"""The sign-up form and the form for one's name."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm
from django import forms
from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from . import services
from .models import User


class SignUpForm(SignupForm):
    """Asks for the person's name beside e-mail and password."""

    field_order = ("first_name", "last_name", "email", "password1")
    first_name = forms.CharField(max_length=150, widget=forms.TextInput({"autocomplete": "given-name"}))
    last_name = forms.CharField(max_length=150, widget=forms.TextInput({"autocomplete": "family-name"}))

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
        """Make the person and what belongs to a sign-up in one transaction."""
        return services.sign_up(lambda: super(SignUpForm, self).save(request))


class NameForm(forms.ModelForm):
    """How the console addresses the person; sandbox launches carry the name too."""

    class Meta:
        model = User
        fields = ("first_name", "last_name")
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
        }
