"""Realms, plans, invoices and the audit log for staff of the site."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import audit, billing, ownership, plans
from .administration import ReadOnly, site
from .models import AuditEntry, BillingPlan, Invoice, Membership, Realm


class BillingPlanForm(forms.ModelForm):
    def _get_validation_exclusions(self) -> set[str]:
        """`save_model` keeps to a single default, in whose place a new one comes: no constraint is to refuse that."""
        return super()._get_validation_exclusions() | {"is_default"}  # type: ignore[misc]

    def clean_is_default(self) -> bool:
        wanted: bool = self.cleaned_data["is_default"]
        if self.initial.get("is_default") and not wanted:
            raise forms.ValidationError(
                gettext(
                    "Realms that sign up need a plan. Make another one the default, which takes the place of this one."
                )
            )
        return wanted


@admin.register(BillingPlan, site=site)
class BillingPlanAdmin(admin.ModelAdmin):
    """Plans are rows that staff manage; one that is in use cannot be deleted (the database refuses)."""

    list_display = (
        "name",
        "monthly_cost",
        "currency",
        "registration_limit",
        "active_limit",
        "is_default",
        "is_offered",
    )
    search_fields = ("name",)
    form = BillingPlanForm

    def save_model(self, request: HttpRequest, obj: BillingPlan, form: Any, change: bool) -> None:
        """Within the transaction of the admin."""
        if obj.is_default:
            BillingPlan.objects.filter(is_default=True).exclude(pk=obj.pk).update(is_default=False)
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        in_use = obj is None or obj.is_default or obj.realm_set.exists() or obj.records.exists() or obj.periods.exists()
        return not in_use and super().has_delete_permission(request, obj)


class Members(admin.TabularInline):
    model = Membership
    template = "realms/admin_members.html"  # Django's own has a heading without words
    extra = 0
    fields = readonly_fields = ("user", "role", "created")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user", "realm")


@admin.register(Realm, site=site)
class RealmAdmin(ReadOnly):
    list_display = ("name", "slug", "plan_of", "member_count", "storage", "created", "closed")
    list_filter = ("plan", "closed", "created")
    search_fields = ("name", "slug", "memberships__user__email", "applications__app_id")
    list_select_related = ("plan", "billing_realm__plan")
    date_hierarchy = "created"
    inlines = (Members,)
    actions = ("close", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        itself = Realm.objects.filter(pk=OuterRef("pk")).values("pk")
        versions = "applications__courses__versions__"
        stored = Sum(F(f"{versions}archive_size") + F(f"{versions}changed_size"))  # as limits count it
        used = itself.annotate(all=stored).values("all")
        people = itself.annotate(all=Count("memberships")).values("all")
        return super().get_queryset(request).annotate(used=Subquery(used), people=Subquery(people))

    @admin.display(description=_("plan"))
    def plan_of(self, realm: Realm) -> str:
        return f"{realm.billing_realm} → {realm.effective_plan}" if realm.billing_realm else str(realm.plan)

    @admin.display(description=_("members"))
    def member_count(self, realm: Any) -> int:
        return realm.people or 0

    @admin.display(description=_("storage"))
    def storage(self, realm: Any) -> str:
        return filesizeformat(realm.used or 0)

    def get_actions(self, request: HttpRequest) -> dict:
        """Beside the fixed ones, one for each plan that realms can change to."""
        found = super().get_actions(request)
        if self.has_acting_permission(request):
            for plan in BillingPlan.objects.order_by("monthly_cost", "name"):
                words = gettext("Change to the plan %(plan)s") % {"plan": plan.name.replace("%", "%%")}
                found[f"plan_{plan.pk}"] = (_change_to(plan), f"plan_{plan.pk}", words)
        return found

    @admin.action(description=_("Close"), permissions=["acting"])
    def close(self, request: HttpRequest, realms: QuerySet[Realm]) -> HttpResponse | None:
        if request.POST.get("confirmed") != "1":
            return self.ask(request, realms, "close", gettext("Close these realms?"))
        self.each(request, realms, "realm.close", lambda realm: ownership.close(realm, request.user))
        return None

    @admin.action(description=_("Restore"), permissions=["acting"])
    def restore(self, request: HttpRequest, realms: QuerySet[Realm]) -> None:
        self.each(request, realms, "realm.restore", lambda realm: ownership.restore(realm, request.user))

    def ask(self, request: HttpRequest, realms: QuerySet[Realm], action: str, title: str) -> HttpResponse:
        """A page that names the realms and does it only when that is confirmed."""
        page = {**self.admin_site.each_context(request), "title": title, "realms": realms, "action": action}
        return render(request, "realms/admin_confirm.html", page | {"opts": self.opts})

    def each(self, request: HttpRequest, realms: QuerySet[Realm], action: str, verb: Any, to: str = "") -> None:
        """One after another, each by the service the console uses: what it refuses is said, the others go on.

        `to`: the name of the plan that each changes to.
        """
        done = 0
        for realm in realms:
            details = {"plan": [str(realm.effective_plan), to]} if to else None
            try:
                verb(realm)
            except (ownership.RealmError, plans.PlanError) as error:
                self.message_user(request, f"{realm}: {error}", messages.ERROR)
            else:
                audit.record(request, action, realm=realm, target=realm, details=details)
                done += 1
        if done:
            self.message_user(request, gettext("Done for %(count)s.") % {"count": done}, messages.SUCCESS)


def _change_to(plan: BillingPlan) -> Any:
    def change(model_admin: RealmAdmin, request: HttpRequest, realms: QuerySet[Realm]) -> HttpResponse | None:
        if request.POST.get("confirmed") != "1":
            title = gettext("Change these realms to the plan %(plan)s?") % {"plan": plan.name}
            return model_admin.ask(request, realms, f"plan_{plan.pk}", title)
        verb = lambda realm: plans.change_plan(realm.pk, plan, request.user)  # noqa: E731
        model_admin.each(request, realms, "account.plan", verb, plan.name)
        return None

    return change


@admin.register(Invoice, site=site)
class InvoiceAdmin(ReadOnly):
    list_display = ("number", "realm", "plan_name", "registrations", "total", "currency", "issued", "paid")
    list_filter = ("paid", "currency", "issued")
    search_fields = ("realm__name", "realm__slug", "sequence", "billed_to")
    list_select_related = ("realm",)
    date_hierarchy = "issued"
    actions = ("note_payment",)

    @admin.action(description=_("Note as paid"), permissions=["acting"])
    def note_payment(self, request: HttpRequest, invoices: QuerySet[Invoice]) -> None:
        who = gettext("noted by %(who)s") % {"who": request.user}
        done = sum(billing.note_payment(invoice, who[:200]) for invoice in invoices)
        self.message_user(request, gettext("Noted for %(count)s.") % {"count": done}, messages.SUCCESS)


@admin.register(AuditEntry, site=site)
class AuditAdmin(ReadOnly):
    list_display = ("created", "realm", "actor", "action", "target_text", "address")
    list_filter = ("created",)
    search_fields = ("actor", "realm__name", "realm__slug")
    list_select_related = ("realm",)
