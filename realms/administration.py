"""Site administration for staff: Django's admin at /site/, behind the console's own sign-in."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _


class SiteAdministration(admin.AdminSite):
    """Whoever is no staff finds nothing here; who is not signed in does so as everyone, second factor and all."""

    site_header = site_title = _("Site administration")
    index_title = _("SCORM Cloud")
    enable_nav_sidebar = True

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
            wanted = reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(wanted)
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(wanted)

    def password_change(  # type: ignore[override]  # a redirect in place of a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As everyone does."""
        return redirect("account_change_password")


site = SiteAdministration()


class ReadOnly(admin.ModelAdmin):
    """Rows to look at: what changes them is a service, called by an action or by the console."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_acting_permission(self, request: HttpRequest) -> bool:
        """Actions ask for the right to change, though the form has nothing to change."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")
