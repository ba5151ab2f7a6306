"""What is done to registrations and for learners in the background, for staff of the site: no results are shown."""

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from realms.administration import ReadOnly, site
from webhooks.admin import DeliveryStateFilter

from . import many, postbacks
from .models import BulkChange, Erasure, PersonalExport, Postback


@admin.register(BulkChange, site=site)
class BulkChangeAdmin(ReadOnly):
    list_display = ("verb", "realm", "by", "total", "done", "failed", "created", "due", "finished")
    list_filter = ("verb", "created", ("finished", admin.EmptyFieldListFilter))
    search_fields = ("realm__name", "realm__slug", "by")
    list_select_related = ("realm",)
    fields = (*list_display, "tags", "changed", "place")
    ordering = ("-pk",)
    actions = ("queue_again",)

    @admin.action(description=_("Queue again"), permissions=["acting"])
    def queue_again(self, request: HttpRequest, changes: QuerySet[BulkChange]) -> None:
        """Those that are not over; one that a worker has is left to it."""
        unfinished = changes.filter(finished=None)
        for pk in unfinished.values_list("pk", flat=True):
            import_string(many.TASK).delay(pk)
        self.message_user(request, gettext("Done for %(count)s.") % {"count": unfinished.count()}, messages.SUCCESS)


@admin.register(Postback, site=site)
class PostbackAdmin(ReadOnly):
    """Without what was sent: it tells of learners, whose results are not the staff's to read."""

    list_display = ("pk", "realm", "url", "state", "attempts", "created", "due", "delivered")
    list_filter = (DeliveryStateFilter, "created")
    search_fields = ("url", "registration__registration_id", "registration__application__app_id")
    list_select_related = ("registration__application__realm",)
    fields = ("url", "state", "is_outdated", "attempts", "created", "due", "delivered")
    ordering = ("-pk",)
    actions = ("send_again",)

    @admin.display(description=_("realm"))
    def realm(self, postback: Postback) -> str:
        return str(postback.registration.application.realm)

    @admin.display(description=_("state"))
    def state(self, postback: Postback) -> str:
        return postback.state

    @admin.action(description=_("Queue again"), permissions=["acting"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Postback]) -> None:
        for postback in rows:
            postbacks.send_again(postback)
        self.message_user(request, gettext("Done for %(count)s.") % {"count": len(rows)}, messages.SUCCESS)


@admin.register(Erasure, site=site)
class ErasureAdmin(ReadOnly):
    """What is left to be deleted of learners; a sweep takes up what a lost queue left."""

    list_display = ("pk", "realm", "asked_by", "asked", "due")
    list_filter = ("asked",)
    search_fields = ("application__realm__name", "application__app_id", "asked_by", "learner_id")
    list_select_related = ("application__realm",)
    fields = ("application", "asked_by", "asked", "due")

    @admin.display(description=_("realm"))
    def realm(self, erasure: Erasure) -> str:
        return str(erasure.application.realm)


@admin.register(PersonalExport, site=site)
class PersonalExportAdmin(ReadOnly):
    list_display = ("id", "realm", "by", "percent", "size", "problem", "created", "finished", "expires")
    list_filter = ("created", ("finished", admin.EmptyFieldListFilter))
    search_fields = ("realm__name", "realm__slug", "by", "learner_id")
    list_select_related = ("realm",)
    fields = (*list_display, "due")
    ordering = ("-created", "pk")
    actions = ("queue_again",)

    @admin.action(description=_("Queue again"), permissions=["acting"])
    def queue_again(self, request: HttpRequest, exports: QuerySet[PersonalExport]) -> None:
        """Those that are not over; one that a worker has is left to it."""
        unfinished = exports.filter(finished=None)
        for pk in unfinished.values_list("pk", flat=True):
            import_string(settings.PERSONAL_DATA_TASK).delay(str(pk))
        self.message_user(request, gettext("Done for %(count)s.") % {"count": unfinished.count()}, messages.SUCCESS)
