"""Accounts for staff of the site, and acting as one of them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, ManyToManyField, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from realms.administration import ReadOnly, site
from realms.models import Membership, Realm, Role

from . import impersonation
from .models import Impersonation, User

OWNERLESS_NAMED = 20  # realms


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("It is kept, and owners see it in their audit log."),
        widget=AdminTextInputWidget,
    )


@admin.register(User, site=site)
class UserAdmin(admin.ModelAdmin):
    """No password is seen or set here, and none is deleted: people reset and close theirs by the console."""

    list_display = ("email", "first_name", "last_name", "date_joined", "last_login", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "date_joined")
    search_fields = ("email", "first_name", "last_name")
    date_hierarchy = "date_joined"
    ordering = ("-date_joined",)
    show_full_result_count = False
    list_per_page = 50
    fields = (
        "email", "first_name", "last_name", "language", "time_zone", "wants_tips", "is_active", "is_staff",
        "is_superuser", "groups", "date_joined", "last_login",
    )  # fmt: skip
    formfield_overrides = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    readonly_fields = ("email", "date_joined", "last_login")
    actions = ("switch_off", "switch_on")
    change_form_template = "accounts/admin_change.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who is of the staff, and what they may, is decided by superusers alone."""
        fixed = super().get_readonly_fields(request, obj)
        return (
            tuple(fixed) if request.user.is_superuser else (*fixed, "is_staff", "is_superuser", "groups", "is_active")
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or request.user.is_superuser or not (obj.is_staff or obj.is_superuser))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Their sessions end with it; staff and oneself are left out."""
        self._switch(request, users, False)

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, users: QuerySet[User]) -> None:
        self._switch(request, users, True)

    def _switch(self, request: HttpRequest, users: QuerySet[User], is_active: bool) -> None:
        done = users.filter(is_staff=False, is_superuser=False).exclude(is_active=is_active)
        for user in done:
            self.log_change(request, user, "switched on" if is_active else "switched off")
        count = users.filter(pk__in=[user.pk for user in done]).update(is_active=is_active)
        self.message_user(request, gettext("Done for %(count)s.") % {"count": count}, messages.SUCCESS)
        self._warn_of_ownerless(request)

    def _warn_of_ownerless(self, request: HttpRequest) -> None:
        """Staff may have to switch off whoever owns a realm alone, but not without knowing."""
        active = Membership.objects.filter(realm=OuterRef("pk"), role=Role.OWNER, user__is_active=True)
        left = Realm.objects.filter(~Exists(active), closed=None, purged=None).order_by("name", "pk")
        if names := [f"{realm} ({realm.slug})" for realm in left[:OWNERLESS_NAMED]]:
            words = gettext("Nobody who can sign in owns these realms: %(realms)s. Make somebody there an owner.")
            self.message_user(request, words % {"realms": ", ".join(names)}, messages.WARNING)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data:
            self._warn_of_ownerless(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.impersonate)
        return [path("<int:pk>/impersonate/", view, name="accounts_user_impersonate"), *super().get_urls()]

    def impersonate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for the reason, then goes on as the person."""
        if not request.user.has_perm(impersonation.RIGHT):
            raise PermissionDenied
        user = get_object_or_404(User, pk=pk)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                impersonation.start(request, user, form.cleaned_data["reason"])
            except impersonation.ImpersonationError as error:
                form.add_error(None, str(error))
            else:
                return redirect("accounts:home")
        page = {**self.admin_site.each_context(request), "form": form, "person": user, "opts": self.opts}
        page["title"] = gettext("Act as %(who)s") % {"who": user}
        return render(request, "accounts/admin_impersonate.html", page, status=422 if form.errors else 200)


@admin.register(Impersonation, site=site)
class ImpersonationAdmin(ReadOnly):
    list_display = ("began", "ended", "staff", "user", "reason", "address")
    list_filter = ("began",)
    search_fields = ("staff__email", "user__email", "reason")
    list_select_related = ("staff", "user")


@admin.register(Group, site=site)
class GroupAdmin(admin.ModelAdmin):
    """What groups of staff may."""

    formfield_overrides = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    search_fields = ("name",)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "permissions":
            options["queryset"] = db_field.remote_field.model.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **options)
