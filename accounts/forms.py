"""The sign-up form."""

from allauth.account.forms import SignupForm
from django import forms


class SignUpForm(SignupForm):
    """Asks for the person's name beside e-mail and password."""

    first_name = forms.CharField(max_length=150)
    last_name = forms.CharField(max_length=150)
