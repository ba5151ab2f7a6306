"""Realms, plans, invoices and the audit log for staff of the site."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from . import audit, billing, ownership, plans
from .administration import ReadOnly, site
from .models import AuditEntry, BillingPlan, Invoice, Membership, Realm


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

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        in_use = obj is None or obj.realm_set.exists() or obj.records.exists() or obj.periods.exists()
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
        used = itself.annotate(all=Sum("applications__courses__versions__archive_size")).values("all")
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
                words = say("Change to the plan %(plan)s") % {"plan": plan.name.replace("%", "%%")}
                found[f"plan_{plan.pk}"] = (_change_to(plan), f"plan_{plan.pk}", words)
        return found

    @admin.action(description=_("Close"), permissions=["acting"])
    def close(self, request: HttpRequest, realms: QuerySet[Realm]) -> None:
        self._each(request, realms, "realm.close", lambda realm: ownership.close(realm, request.user))

    @admin.action(description=_("Restore"), permissions=["acting"])
    def restore(self, request: HttpRequest, realms: QuerySet[Realm]) -> None:
        self._each(request, realms, "realm.restore", lambda realm: ownership.restore(realm, request.user))

    def _each(self, request: HttpRequest, realms: QuerySet[Realm], action: str, verb: Any) -> None:
        """One after another, each by the service the console uses: what it refuses is said, the others go on."""
        done = 0
        for realm in realms:
            try:
                verb(realm)
            except (ownership.RealmError, plans.PlanError) as error:
                self.message_user(request, f"{realm}: {error}", messages.ERROR)
            else:
                audit.record(request, action, realm=realm)
                done += 1
        if done:
            self.message_user(request, say("Done for %(count)s.") % {"count": done}, messages.SUCCESS)


def _change_to(plan: BillingPlan) -> Any:
    def change(model_admin: RealmAdmin, request: HttpRequest, realms: QuerySet[Realm]) -> None:
        model_admin._each(
            request, realms, "account.plan", lambda realm: plans.change_plan(realm.pk, plan, request.user)
        )

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
        who = say("noted by %(who)s") % {"who": request.user}
        done = sum(billing.note_payment(invoice, who[:200]) for invoice in invoices)
        self.message_user(request, say("Noted for %(count)s.") % {"count": done}, messages.SUCCESS)


@admin.register(AuditEntry, site=site)
class AuditAdmin(ReadOnly):
    list_display = ("created", "realm", "actor", "action", "target_text", "address")
    list_filter = ("created",)
    search_fields = ("actor", "realm__name", "realm__slug")
    list_select_related = ("realm",)
