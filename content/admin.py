"""Imports and what courses take of the storage, for staff of the site."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from realms import audit
from realms.administration import ReadOnly, site

from . import services
from .errors import ContentError
from .models import CourseVersion, ImportJob


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
            self.message_user(request, say("%(count)s run again.") % {"count": done}, messages.SUCCESS)


@admin.register(CourseVersion, site=site)
class StorageAdmin(ReadOnly):
    """What each version takes, the largest first."""

    list_display = ("course", "realm", "number", "size", "file_count", "created")
    list_filter = ("created",)
    search_fields = ("course__title", "course__course_id", "course__application__realm__name")
    list_select_related = ("course__application__realm",)
    fields = ("course", "number", "file_name", "archive", "archive_size", "file_count", "created", "created_by")
    ordering = ("-archive_size", "-pk")

    @admin.display(description=_("realm"))
    def realm(self, version: CourseVersion) -> str:
        return str(version.course.application.realm)

    @admin.display(description=_("size"), ordering="archive_size")
    def size(self, version: CourseVersion) -> str:
        return filesizeformat(version.archive_size)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CourseVersion]:
        return super().get_queryset(request).defer("structure")
