"""Forms of the pages about a realm's account."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import BillingPlan, Membership, Realm, Role

MEANT = _("Type “{}” to show that you mean it.")


class NewRealmForm(forms.Form):
    """A further realm: its name, and whose plan it uses."""

    name = forms.CharField(max_length=200, help_text=_("Of the customer, department or project it is for."))
    payer = forms.ModelChoiceField(
        Realm.objects.none(),
        label=_("Plan"),
        required=False,
        empty_label=_("A plan of its own, the trial"),
        help_text=_("Or that of a realm you own: what the new realm uses counts against it."),
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owned = Realm.objects.filter(memberships__user=user, memberships__role=Role.OWNER, closed=None)
        choice = self.fields["payer"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = owned.filter(billing_realm=None).order_by("name", "pk")


class AddressForm(forms.ModelForm):
    """Who invoices are made out to."""

    class Meta:
        model = Realm
        fields = ("billing_address",)
        labels = {"billing_address": _("Billing address")}
        widgets = {"billing_address": forms.Textarea({"rows": 4, "autocomplete": "street-address"})}
        help_texts = {
            "billing_address": _("On invoices below the realm's name. Add your VAT number here if you have one.")
        }


class PlanForm(forms.Form):
    """One of the plans that owners may choose."""

    plan = forms.ModelChoiceField(BillingPlan.objects.filter(is_offered=True))


class AskForm(forms.Form):
    """The realm whose plan is wanted."""

    realm_id = forms.CharField(
        label=_("Realm ID"),
        max_length=20,
        help_text=_("An owner of the other realm finds it on its Account page."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class NameAgainForm(forms.Form):
    """The name of the realm, typed: nobody closes or clears one by a slip."""

    name = forms.CharField(label=_("Name of the realm"), widget=forms.TextInput({"autocomplete": "off"}))

    def __init__(self, realm: Realm, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.realm = realm
        self.fields["name"].help_text = format_html(str(MEANT), realm.name)

    def clean_name(self) -> str:
        """What was typed, if it is the realm's name but for case and blanks."""
        typed = self.cleaned_data["name"]
        if " ".join(typed.split()).casefold() != " ".join(self.realm.name.split()).casefold():
            raise forms.ValidationError(
                gettext("This is not the name of the realm. Type “%(name)s”.") % {"name": self.realm.name}
            )
        return typed


class TransferForm(NameAgainForm):
    """Who becomes the owner, and what becomes of the one who hands over."""

    to = forms.ModelChoiceField(Membership.objects.none(), label=_("New owner"))
    then = forms.ChoiceField(
        label=_("Afterwards you"),
        choices=[("stay", _("stay in the realm as administrator")), ("leave", _("leave the realm"))],
        widget=forms.RadioSelect,
        initial="stay",
    )
    field_order = ("to", "then", "name")

    def __init__(self, realm: Realm, others: QuerySet[Membership], *args: Any, **kwargs: Any) -> None:
        super().__init__(realm, *args, **kwargs)
        choice = self.fields["to"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = others
        choice.label_from_instance = lambda each: (  # type: ignore[assignment,method-assign]
            f"{each.user.get_full_name() or each.user.email} ({each.user.email}), {each.get_role_display()}"
        )
