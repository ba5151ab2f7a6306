"""What people fill in about a learner."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Registration


class LearnerForm(forms.Form):
    """Names and address, as every registration of the learner is to have them."""

    first_name = forms.CharField(label=_("First name"), max_length=255, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=255, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=255, required=False)

    @classmethod
    def of(cls, row: Registration) -> "LearnerForm":
        return cls(
            initial={
                "first_name": row.learner_first_name,
                "last_name": row.learner_last_name,
                "email": row.learner_email,
            }
        )
