"""Imports and what courses take of the storage, for staff of the site."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from realms import audit
from realms.administration import ReadOnly, site

from . import services
from .errors import ContentError
from .models import BulkJob, CourseVersion, ImportJob
from .tasks import run_bulk


@admin.register(ImportJob, site=site)
class ImportJobAdmin(ReadOnly):
    list_display = ("file_name", "realm", "state", "stage", "percent", "attempts", "created", "finished")
    list_filter = ("state", "created")
    search_fields = ("file_name", "course_id", "application__realm__name", "application__app_id")
    list_select_related = ("application__realm",)
    actions = ("retry",)

    @admin.display(description=_("realm"))
    def realm(self, job: ImportJob) -> str:
        return str(job.application.realm)

    @admin.action(description=_("Run again"), permissions=["acting"])
    def retry(self, request: HttpRequest, jobs: QuerySet[ImportJob]) -> None:
        done = 0
        for job in jobs.select_related("application__realm"):
            try:
                services.retry_import(job)
            except ContentError as error:
                self.message_user(request, f"{job.file_name}: {error}", messages.ERROR)
            else:
                about: dict[str, Any] = {"realm": job.application.realm, "application": job.application, "target": job}
                audit.record(request, "import.retry", **about)
                done += 1
        if done:
            self.message_user(request, gettext("%(count)s run again.") % {"count": done}, messages.SUCCESS)


@admin.register(BulkJob, site=site)
class BulkJobAdmin(ReadOnly):
    list_display = (
        "kind",
        "realm",
        "created_by",
        "state",
        "percent",
        "done",
        "changed",
        "attempts",
        "created",
        "finished",
    )
    list_filter = ("kind", "state", "created")
    search_fields = ("realm__name", "realm__slug", "created_by__email")
    list_select_related = ("realm", "created_by")
    fields = (*list_display, "wish", "problems", "message", "size", "expires", "lease_until")
    ordering = ("-created", "-pk")
    actions = ("queue_again",)

    @admin.action(description=_("Queue again"), permissions=["acting"])
    def queue_again(self, request: HttpRequest, jobs: QuerySet[BulkJob]) -> None:
        """Those that are not over; one that a worker has is left to it."""
        unfinished = jobs.filter(finished=None)
        for pk in unfinished.values_list("pk", flat=True):
            run_bulk.delay(str(pk))
        self.message_user(request, gettext("Done for %(count)s.") % {"count": unfinished.count()}, messages.SUCCESS)


@admin.register(CourseVersion, site=site)
class StorageAdmin(ReadOnly):
    """What each version takes, the largest first."""

    list_display = ("course", "realm", "number", "size", "file_count", "created")
    list_filter = ("created",)
    search_fields = ("course__title", "course__course_id", "course__application__realm__name")
    list_select_related = ("course__application__realm",)
    fields = (
        *("course", "number", "file_name", "archive", "archive_size", "changed_size", "file_count"),
        *("created", "created_by"),
    )
    ordering = ((F("archive_size") + F("changed_size")).desc(), "-pk")

    @admin.display(description=_("realm"))
    def realm(self, version: CourseVersion) -> str:
        return str(version.course.application.realm)

    @admin.display(description=_("size"), ordering=F("archive_size") + F("changed_size"))
    def size(self, version: CourseVersion) -> str:
        """As limits count it: the package as it came and what was changed in it."""
        return filesizeformat(version.archive_size + version.changed_size)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CourseVersion]:
        return super().get_queryset(request).defer("structure")
