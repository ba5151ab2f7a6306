"""Forms of the pages about a realm's people."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Application, ApplicationRole, Membership, Role

AT_ONCE = 50  # addresses in one form


def roles_for(by: Membership) -> list[tuple[str, Any]]:
    """The roles the member may give."""
    return [(value, label) for value, label in Role.choices if value != Role.OWNER or by.role == Role.OWNER]


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    emails = forms.CharField(
        label=_("E-mail addresses"),
        max_length=AT_ONCE * 260,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One or more, separated by commas, blanks or lines. Each gets a link of their own."),
    )
    role = forms.ChoiceField(label=_("Role in the realm"), initial=Role.AUTHOR)
    application = forms.ModelChoiceField(
        Application.objects.none(),
        label=_("Further role in one application"),
        required=False,
        empty_label=_("None"),
        to_field_name="app_id",
    )
    application_role = forms.ChoiceField(
        label=_("Role there"), required=False, choices=[(role.value, role.label) for role in ApplicationRole.ROLES]
    )

    def __init__(self, by: Membership, applications: QuerySet[Application], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice, role = self.fields["application"], self.fields["role"]
        assert isinstance(choice, forms.ModelChoiceField)
        assert isinstance(role, forms.ChoiceField)
        choice.queryset, role.choices = applications, roles_for(by)

    def clean_emails(self) -> list[str]:
        """The addresses in small letters, each once."""
        words = [word for word in re.split(r"[\s,;]+", self.cleaned_data["emails"].lower()) if word]
        emails = list(dict.fromkeys(words))
        if wrong := [email for email in emails if not _is_address(email)]:
            shown = ", ".join(wrong[:5])
            raise ValidationError(gettext("These are no e-mail addresses: %(words)s.") % {"words": shown})
        if not emails or len(emails) > AT_ONCE:
            raise ValidationError(gettext("Give from 1 to %(count)d addresses at once.") % {"count": AT_ONCE})
        return emails

    def also(self) -> dict[str, Any]:
        """The further role, if one was chosen."""
        application = self.cleaned_data.get("application")
        if application is None:
            return {}
        chosen = self.cleaned_data.get("application_role") or ApplicationRole.ROLES[0].value
        return {"application": application, "application_role": chosen}


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


class RoleForm(forms.Form):
    """A member's role in the realm."""

    role = forms.ChoiceField(label=_("Role in the realm"))

    def __init__(self, by: Membership, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = roles_for(by)


class ApplicationRolesForm(forms.Form):
    """A member's further role in each application."""

    def __init__(self, applications: list[Application], held: dict[int, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_field = {f"in-{each.app_id}": each for each in applications}
        choices = [("", _("None beyond the role in the realm"))]
        choices += [(role.value, role.label) for role in ApplicationRole.ROLES]
        for name, each in self.by_field.items():
            self.fields[name] = forms.ChoiceField(
                label=each.name, required=False, choices=choices, initial=held.get(each.pk, "")
            )
