"""Course, CourseVersion, PackageFile, ContentChange, CourseTag, Upload, ImportJob, PensCollect, PensNotice, and what
people keep of the library: LibraryColumns, SavedView, BulkJob."""

import unicodedata
import uuid
from datetime import timedelta
from functools import lru_cache
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from realms.models import Application, Realm
from standards.structure import CourseStructure, Finding


class LearningStandard(models.TextChoices):
    """courseLearningStandard of the API."""

    SCORM11 = "SCORM11", "SCORM 1.1"
    SCORM12 = "SCORM12", "SCORM 1.2"
    SCORM20042NDEDITION = "SCORM20042NDEDITION", "SCORM 2004 2nd Edition"
    SCORM20043RDEDITION = "SCORM20043RDEDITION", "SCORM 2004 3rd Edition"
    SCORM20044THEDITION = "SCORM20044THEDITION", "SCORM 2004 4th Edition"
    AICC = "AICC", "AICC"
    XAPI = "XAPI", "xAPI (Tin Can)"
    CMI5 = "CMI5", "cmi5"


class CourseQuerySet(models.QuerySet["Course"]):
    def in_realm(self, realm: Realm) -> "CourseQuerySet":
        return self.filter(realm.within())

    def matching(self, words: str) -> "CourseQuerySet":
        """Those whose title or id has every word."""
        found = self
        for word in words.split():
            found = found.filter(Q(title__icontains=word) | Q(course_id__icontains=word))
        return found


class Course(models.Model):
    """A package in an application, in one or more versions."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="courses")
    course_id = models.CharField(max_length=255)  # chosen by the integrator, or made from the file's name
    title = models.CharField(max_length=500)
    standard = models.CharField(max_length=30, choices=LearningStandard)  # of the current version
    current_version = models.ForeignKey(
        "CourseVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    settings = models.JSONField(default=dict, blank=True)  # explicit values of realms.configuration, id -> value
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    objects: ClassVar = CourseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "course_id"], name="one_course_an_id")]
        indexes = [
            models.Index(fields=["application", "-created"]),
            models.Index(fields=["application", "-updated"]),
            models.Index(fields=["application", "title"]),
            models.Index(fields=["application", "standard"]),
        ]

    def __str__(self) -> str:
        return self.title


class CourseTag(models.Model):
    """A word that people put on a course to find it again."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "name"], name="a_tag_once_a_course")]
        indexes = [models.Index(fields=["name"])]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CourseVersion(models.Model):
    """One import of a course's package: the archive as it came, the structure read from it, and what was changed since.

    The archive stays as it came. Files that were put in its place are PackageFile rows with bytes of their own."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()  # from 0
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # names its files in addresses
    standard = models.CharField(max_length=30, choices=LearningStandard)
    title = models.CharField(max_length=500)  # as the package gives it
    structure = models.JSONField()  # CourseStructure.to_json()
    archive = models.CharField(max_length=300)  # name in storage
    archive_size = models.PositiveBigIntegerField()  # bytes
    unpacked_size = models.PositiveBigIntegerField()  # bytes
    file_count = models.PositiveIntegerField()
    warning_count = models.PositiveIntegerField(default=0)  # of its structure: warnings_in
    file_name = models.CharField(max_length=255, blank=True)  # as it was uploaded
    revision = models.PositiveIntegerField(default=0)  # counts the changes of its files
    changed_size = models.PositiveBigIntegerField(default=0)  # bytes of the files that were changed since
    anew_before = models.DateTimeField(null=True, blank=True)  # instances made before it begin anew when launched
    created = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    settings = models.JSONField(default=dict, blank=True)  # as Course.settings, for this version alone

    class Meta:
        verbose_name, verbose_name_plural = _("version of a course"), _("versions of courses")
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="one_version_a_number")]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"

    def read_structure(self) -> CourseStructure:
        """The course structure; parsed once in a process for each revision."""
        return structure_of(self.pk, self.revision)


def warnings_in(structure: CourseStructure) -> int:
    """The findings of an import that an author should look at: errors and warnings, and no hints."""
    return sum(finding.severity in ("error", "warning") for finding in structure.findings)


@lru_cache(maxsize=256)
def structure_of(version_id: int, revision: int) -> CourseStructure:
    """The course structure of a version, read once in a process.

    The revision is there so that no process goes on with what another has changed."""
    return CourseStructure.from_json(CourseVersion.objects.values_list("structure", flat=True).get(pk=version_id))


def fold(path: str) -> str:
    """A path in the form in which members are found: packages are written where neither case nor the way an accented
    letter is composed counts."""
    return unicodedata.normalize("NFC", path.casefold())


class PackageFile(models.Model):
    """A member of a version's archive and where its bytes lie."""

    version = models.ForeignKey(CourseVersion, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1024)  # as in the archive
    folded = models.CharField(max_length=1024)  # fold(path)
    offset = models.PositiveBigIntegerField()  # of the member's bytes in the archive
    compressed_size = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    method = models.PositiveSmallIntegerField()  # 0 stored, 8 deflated
    crc = models.PositiveBigIntegerField()
    # Name in storage of its bytes as they are: an inflated copy, for seeking in media, or those of a changed file
    inflated = models.CharField(max_length=300, blank=True)
    is_changed = models.BooleanField(default=False)  # put there after the import; the archive does not hold these bytes

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "folded"], name="one_file_a_path")]

    def __str__(self) -> str:
        return self.path


class ContentChange(models.Model):
    """What somebody changed about a course's versions or the files of one: kept for as long as the course."""

    class Action(models.TextChoices):
        ADDED = "added", _("File added")
        REPLACED = "replaced", _("File replaced")
        DELETED = "deleted", _("File deleted")
        MADE_CURRENT = "made-current", _("Version made current")
        VERSION_DELETED = "version-deleted", _("Version deleted")
        RULE = "rule", _("Rule for learners changed")

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="changes")
    version = models.ForeignKey(CourseVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="changes")
    version_number = models.PositiveIntegerField(null=True, blank=True)
    action = models.CharField(max_length=20, choices=Action)
    path = models.CharField(max_length=1024, blank=True)
    note = models.CharField(max_length=500, blank=True)
    old_size = models.PositiveBigIntegerField(null=True, blank=True)  # bytes
    old_crc = models.PositiveBigIntegerField(null=True, blank=True)
    new_size = models.PositiveBigIntegerField(null=True, blank=True)
    new_crc = models.PositiveBigIntegerField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["course", "-id"], name="changes_of_a_course")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.path}".strip()


class Upload(models.Model):
    """Bytes on their way in by the tus protocol; the import takes them over when they are whole."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="uploads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    file_name = models.CharField(max_length=255)
    length = models.PositiveBigIntegerField()  # bytes announced
    received = models.PositiveBigIntegerField(default=0)  # bytes safe on disk
    course_id = models.CharField(max_length=255, blank=True)  # of an existing course: a new version of it
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True, db_index=True)

    def __str__(self) -> str:
        return self.file_name


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    def in_realm(self, realm: Realm) -> "ImportJobQuerySet":
        return self.filter(realm.within())

    def unfinished(self) -> "ImportJobQuerySet":
        return self.filter(state__in=(ImportJob.State.WAITING, ImportJob.State.RUNNING))

    def to_show(self) -> "ImportJobQuerySet":
        """What a person wants to see above the library: what runs, what failed, what has just become a course."""
        just_now = timezone.now() - timedelta(minutes=10)
        return self.exclude(state=ImportJob.State.COMPLETE, finished__lt=just_now).order_by("-created")


class ImportJob(models.Model):
    """An import and how far it is. Running its task twice ends as running it once."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        COMPLETE = "complete", _("Complete")
        FAILED = "failed", pgettext_lazy("of a job", "Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="import_jobs")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    course_id = models.CharField(max_length=255, blank=True)  # wanted id; empty: made from the title
    may_create_version = models.BooleanField(default=False)  # whether an existing course gets a new version
    file_name = models.CharField(max_length=255)
    url = models.URLField(max_length=2000, blank=True)  # fetched from here first, when not uploaded
    # The version of which this is a repair, and what: {"codes": [], "keys": []} as wished for, "mended": {code: count}
    repair_of = models.ForeignKey(
        "CourseVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="repairs"
    )
    # The import that failed of which this is a repair; `repair` then names the codes that were mended alone
    repair_of_import = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="repairs"
    )
    repair = models.JSONField(default=dict, blank=True)
    replaces_unused = models.BooleanField(default=False)  # the version it follows goes where nobody is registered
    tags = models.JSONField(default=list, blank=True)  # words put on the course when it is there
    # What the API says of a medium: title, description, contentLanguage, estimatedDuration (seconds)
    metadata = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=300, blank=True)  # the archive's name in storage
    size = models.PositiveBigIntegerField(default=0)  # bytes
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    stage = models.CharField(max_length=40, blank=True)  # what it does now, in words
    percent = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)  # why it failed
    findings = models.JSONField(default=list)  # [Finding.to_json()], also when it failed
    version = models.ForeignKey(CourseVersion, on_delete=models.SET_NULL, null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Of a running job: past it another worker may take the job up. Of a waiting one: past it the job is queued again.
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports")
        indexes = [
            models.Index(fields=["application", "-created"]),
            models.Index(fields=["state", "lease_until"]),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"

    @property
    def is_unfinished(self) -> bool:
        return self.state in (ImportJob.State.WAITING, ImportJob.State.RUNNING)

    @property
    def can_retry(self) -> bool:
        """Whether it failed for a reason that may pass, with its file still there or to be fetched again."""
        is_kept = bool(self.url or self.repair_of_id or (self.source and not self.can_fix))
        return self.state == ImportJob.State.FAILED and is_kept

    @property
    def can_fix(self) -> bool:
        """Whether its package was refused for what can be mended without guessing, and is still there."""
        is_fixable = any(finding.get("fixable") for finding in self.findings)
        return self.state == ImportJob.State.FAILED and bool(self.source) and is_fixable

    @property
    def latest_repair(self) -> "ImportJob | None":
        """The repair of this import that runs or was a success; where all failed, the last of them."""
        begun = self.repairs.order_by("-created")
        return begun.exclude(state=ImportJob.State.FAILED).first() or begun.first()

    def read_findings(self) -> tuple[Finding, ...]:
        return tuple(Finding.from_json(finding) for finding in self.findings)


class LibraryColumns(models.Model):
    """The columns of the library that a person chose in a realm."""

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    columns = models.JSONField()  # names of content.library.COLUMNS

    class Meta:
        constraints = [models.UniqueConstraint(fields=["realm", "user"], name="one_choice_of_columns")]

    def __str__(self) -> str:
        return f"{self.user_id}: {', '.join(self.columns)}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def seen_by(self, realm: Realm, user_id: int) -> "SavedViewQuerySet":
        """The person's own, and for whoever may see every application those that are shared in the realm."""
        seen = Q(owner=user_id)
        if realm.limited_to is None:
            seen |= Q(is_shared=True)
        return self.filter(seen, realm=realm)


class SavedView(models.Model):
    """Filters, order and columns of the library under a name."""

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=4000, blank=True)  # as the library's address has it
    columns = models.JSONField()
    is_shared = models.BooleanField(default=False)  # everybody in the realm sees it
    created = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["realm", "owner", "name"], name="one_view_a_name")]
        indexes = [models.Index(fields=["realm", "is_shared"], name="shared_views_of_realm")]
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class BulkJob(models.Model):
    """Something done to many courses, and how far it is. Running its task twice ends as running it once."""

    class Kind(models.TextChoices):
        TAG = "tag", _("Tag")
        UNTAG = "untag", _("Remove tags")
        MOVE = "move", _("Move")
        DELETE = "delete", _("Delete")
        EXPORT = "export", _("Export")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="bulk_jobs")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    courses = models.JSONField()  # primary keys, in the order they are taken
    wish = models.JSONField(default=dict, blank=True)  # {"tags": []}, {"application": pk}, {"packages": true}
    state = models.CharField(max_length=10, choices=ImportJob.State, default=ImportJob.State.WAITING)
    stage = models.CharField(max_length=40, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)  # courses that were taken, in the order of `courses`
    changed = models.PositiveIntegerField(default=0)  # of those, how many it was done to
    problems = models.JSONField(default=list, blank=True)  # [[title, why not]]
    message = models.TextField(blank=True)  # why it failed as a whole
    file = models.CharField(max_length=300, blank=True)  # of an export: its name in storage
    file_name = models.CharField(max_length=255, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes of the file
    expires = models.DateTimeField(null=True, blank=True, db_index=True)  # the file goes then
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)  # as of an ImportJob
    lease_token = models.UUIDField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["realm", "-created"], name="bulk_jobs_of_realm"),
            models.Index(fields=["state", "lease_until"], name="bulk_jobs_by_lease"),
            models.Index(fields=["finished"], name="bulk_jobs_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {len(self.courses)} courses ({self.state})"

    @property
    def is_unfinished(self) -> bool:
        return self.state in (ImportJob.State.WAITING, ImportJob.State.RUNNING)


class PensCollect(models.Model):
    """What an authoring tool said when it announced a package by PENS."""

    job = models.OneToOneField(ImportJob, on_delete=models.CASCADE, related_name="pens")
    message = models.JSONField()  # parameter -> value, without passwords
    user_id = models.CharField(max_length=255, blank=True)  # for the package's address
    password = models.CharField(max_length=255, blank=True)  # the same; forgotten when the package is here
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.message.get('package-id')} from {self.message.get('client')}"


class PensNotice(models.Model):
    """A receipt or alert that the authoring tool is owed, until it is sent or given up."""

    collect = models.ForeignKey(PensCollect, on_delete=models.CASCADE, related_name="notices")
    command = models.CharField(max_length=10)  # receipt, alert
    error = models.PositiveIntegerField()  # of PENS; 0: none
    text = models.CharField(max_length=500)
    data = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField(null=True, blank=True, db_index=True)  # the next attempt; none when sent or given up
    sent = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=500, blank=True)  # why the last attempt failed

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collect", "command", "error"], name="a_notice_once")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.command} {self.error}"
