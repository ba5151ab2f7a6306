"""The sign-up form and the form for one's name."""

from allauth.account.forms import SignupForm
from django import forms
from django.conf import settings
from django.contrib import messages
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

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """As allauth's; of two sign-ups sent at once with one address the second is answered as a later one is."""
        try:
            return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
            return super().try_save(request)  # tells nobody, and mails the owner of the address
        messages.info(request, "You have an account already: please sign in.")
        return None, redirect("account_login")

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
