"""Messages to customers' systems and how they went, for staff of the site."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from realms.administration import ReadOnly, site

from . import services
from .models import Delivery


class DeliveryStateFilter(admin.SimpleListFilter):
    """Of anything with DeliveryColumns."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        return [("waiting", _("waiting")), ("delivered", _("delivered")), ("failed", pgettext("of a job", "failed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "waiting":
            return queryset.filter(due__isnull=False)
        if self.value() in ("delivered", "failed"):
            return queryset.filter(due=None, delivered__isnull=self.value() == "failed")
        return queryset


@admin.register(Delivery, site=site)
class DeliveryAdmin(ReadOnly):
    """Without what was sent: it tells of learners, whose results are not the staff's to read."""

    list_display = ("event", "realm", "url", "state", "attempts", "created", "due", "delivered")
    list_filter = (DeliveryStateFilter, "event", "created")
    search_fields = ("message_id", "url", "endpoint__application__realm__name", "endpoint__application__app_id")
    list_select_related = ("endpoint__application__realm",)
    fields = ("endpoint", "message_id", "event", "url", "state", "attempts", "created", "due", "delivered")
    ordering = ("-pk",)
    actions = ("send_again",)

    @admin.display(description=_("realm"))
    def realm(self, delivery: Delivery) -> str:
        return str(delivery.endpoint.application.realm)

    @admin.display(description=_("state"))
    def state(self, delivery: Delivery) -> str:
        return delivery.state

    @admin.action(description=_("Queue again"), permissions=["acting"])
    def send_again(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        for delivery in deliveries:
            services.send_again(delivery)
        self.message_user(request, gettext("Done for %(count)s.") % {"count": len(deliveries)}, messages.SUCCESS)
