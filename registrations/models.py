"""Registrations of learners on courses: tags, instances, overrides, launches, requests, logs, what others are owed."""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models import Course, CourseVersion
from realms.models import Application, Realm
from standards.structure import ActivityState, Learner, Outcome
from webhooks.models import DeliveryColumns

from .folding import Folded
from .report_models import Answer as Answer
from .report_models import ApplicationCell as ApplicationCell
from .report_models import CourseActivity as CourseActivity
from .report_models import CourseCell as CourseCell
from .report_models import Question as Question
from .report_models import RegistrationFact as RegistrationFact
from .report_models import SummingState as SummingState


class Completion(models.TextChoices):
    UNKNOWN = "unknown", _("Unknown")
    INCOMPLETE = "incomplete", _("Incomplete")
    COMPLETED = "completed", _("Completed")


class Success(models.TextChoices):
    UNKNOWN = "unknown", _("Unknown")
    FAILED = "failed", _("Failed")
    PASSED = "passed", _("Passed")


class OutcomeColumns(models.Model):
    """What something came to, as columns for lists and reports."""

    completion = models.CharField(max_length=10, choices=Completion, default=Completion.UNKNOWN)
    success = models.CharField(max_length=10, choices=Success, default=Success.UNKNOWN)
    score = models.FloatField(null=True, blank=True)  # scaled, -1..1
    total_seconds = models.FloatField(default=0.0)

    class Meta:
        abstract = True

    def read_outcome(self) -> Outcome:
        return Outcome(self.completion, self.success, self.score, self.total_seconds)  # type: ignore[arg-type]

    def write_outcome(self, outcome: Outcome) -> None:
        self.completion = outcome.completion
        self.success = outcome.success
        self.score = outcome.score
        self.total_seconds = outcome.seconds


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def in_realm(self, realm: Realm) -> "RegistrationQuerySet":
        return self.filter(realm.within())


class Registration(OutcomeColumns):
    """A learner on a course. The learner is no object of its own."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="registrations")
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="registrations")
    registration_id = models.CharField(max_length=255)  # chosen by the integrator
    learner_id = models.CharField(max_length=255)
    learner_first_name = models.CharField(max_length=255, blank=True)
    learner_last_name = models.CharField(max_length=255, blank=True)
    learner_email = models.CharField(max_length=255, blank=True)
    is_sandbox = models.BooleanField(default=False)  # never charged
    settings = models.JSONField(default=dict, blank=True)  # explicit values of realms.configuration, id -> value
    initial_state = models.JSONField(null=True, blank=True)  # the RegistrationSchema it began with, where there was one
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    first_access = models.DateTimeField(null=True, blank=True)
    last_access = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    is_summed = models.BooleanField(default=False, editable=False)  # reports know it as it is; see `save`

    objects: ClassVar = RegistrationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "registration_id"], name="one_registration_an_id"),
            models.UniqueConstraint(
                fields=["course", "learner_id"],
                condition=models.Q(is_sandbox=True),
                name="one_sandbox_registration_a_learner",
            ),
        ]
        indexes = [
            models.Index(fields=["application", "-created"]),
            models.Index(fields=["application", "-updated"]),
            models.Index(fields=["application", "learner_id"]),
            models.Index(fields=["application", "learner_last_name"], name="registrations_by_last_name"),
            models.Index(fields=["application", "learner_first_name"], name="registrations_by_first_name"),
            models.Index(fields=["application", "completed_at"]),
            models.Index(fields=["course", "-updated"]),
            models.Index(fields=["application"], condition=models.Q(is_summed=False), name="registrations_not_summed"),
            models.Index(fields=["application"], condition=models.Q(is_sandbox=True), name="registrations_in_sandbox"),
            models.Index(fields=["course", "-created"], name="registrations_by_course"),
            models.Index(
                fields=["application", "is_sandbox", "completion", "success", "-updated"],
                name="registrations_by_status",
            ),
            # of what people look for by how it begins, and of the order of names: registrations.finding
            models.Index("application", Folded("learner_id"), name="registrations_find_learner"),
            models.Index("application", Folded("learner_last_name"), name="registrations_find_last_name"),
            models.Index("application", Folded("learner_first_name"), name="registrations_find_first_name"),
            models.Index("application", Folded("learner_email"), name="registrations_find_email"),
            models.Index("application", Folded("registration_id"), name="registrations_find_id"),
        ]

    def __str__(self) -> str:
        return self.registration_id

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Whatever changes, reports have to learn of it."""
        self.is_summed = False
        fields = None if update_fields is None else {*update_fields, "is_summed"}
        super().save(*args, update_fields=fields, **options)

    @property
    def learner(self) -> Learner:
        return Learner(self.learner_id, self.learner_first_name, self.learner_last_name)


class RegistrationTag(models.Model):
    """A word that people put on a registration to find it again."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "name"], name="a_tag_once_a_registration")]
        indexes = [models.Index(fields=["name"])]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LearnerTag(models.Model):
    """A word on a learner, who is no object: it holds for all registrations of that learner in the application."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    learner_id = models.CharField(max_length=255)
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "learner_id", "name"], name="a_tag_once_a_learner")
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Erasure(models.Model):
    """That all personal data of a learner is to be deleted. The row goes last, as it names the learner itself."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    learner_id = models.CharField(max_length=255)
    emails = models.JSONField(default=list)  # the learner's, read before the registrations go
    asked_by = models.CharField(max_length=254)  # e-mail of the member of the realm
    asked = models.DateTimeField()  # registrations made later stay
    due = models.DateTimeField(db_index=True)  # a worker that takes it puts this off

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "learner_id"], name="one_erasure_a_learner")]

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class Instance(OutcomeColumns):
    """One run of a registration through one version of its course; the newest is the one that is played."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="instances")
    number = models.PositiveIntegerField(default=0)
    # What xAPI and cmi5 call the registration: the same at every launch, another once it is begun anew.
    xapi_registration = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(CourseVersion, on_delete=models.RESTRICT, related_name="instances")
    state = models.JSONField(default=dict)  # State without `activities` and `outcome`
    settings = models.JSONField(default=dict, blank=True)  # as Registration.settings, for this instance alone
    # What a person decided in place of what was reported: any of completion, success, score. The columns of the outcome
    # hold what was reported; the registration's, what is shown.
    override = models.JSONField(default=dict, blank=True)
    # The launch whose reports count; a second window takes over and the first is told so.
    active_launch = models.ForeignKey(
        "LaunchRecord", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "number"], name="one_instance_a_number")]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.registration_id} instance {self.number}"

    def shown(self, reported: Outcome) -> Outcome:
        """The outcome that counts everywhere: what a person decided in place of what was reported."""
        return replace(reported, **self.override) if self.override else reported

    @property
    def shown_outcome(self) -> Outcome:
        return self.shown(self.read_outcome())


class Override(models.Model):
    """That a person decided what an instance came to, why, and whether it was taken back."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="overrides")
    decided = models.JSONField()  # as Instance.override
    reported = models.JSONField()  # {completion, success, score} as content had reported it then
    completed_at = models.DateTimeField(null=True, blank=True)  # of the registration, before
    reason = models.CharField(max_length=1000)
    by = models.CharField(max_length=254)  # e-mail address, which outlives the account
    created = models.DateTimeField(auto_now_add=True)
    revoked = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instance"], condition=models.Q(revoked__isnull=True), name="one_override_in_force"
            )
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"override of instance {self.instance_id}"

    def words(self) -> list[tuple[str, str]]:
        """What was decided, by name, for people."""
        told = (
            [(str(_("Completion")), str(Completion(self.decided["completion"]).label))]
            if self.decided.get("completion")
            else []
        )
        if self.decided.get("success"):
            told.append((str(_("Success")), str(Success(self.decided["success"]).label)))
        if self.decided.get("score") is not None:
            told.append((str(_("Score")), f"{self.decided['score'] * 100:.4g} %"))
        return told


class ActivityProgress(OutcomeColumns):
    """One activity of an instance: its run-time data and what it came to."""

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="activities")
    activity = models.CharField(max_length=4000)  # identifier in the course structure
    values = models.JSONField(default=dict)  # run-time data model, flat
    attempts = models.PositiveIntegerField(default=0)
    suspended = models.BooleanField(default=False)
    shown_seconds = models.FloatField(default=0.0)  # wall-clock, in this session
    revision = models.PositiveIntegerField(default=0)  # counts the writes: a report compares and sets it
    last_launch = models.ForeignKey(
        "LaunchRecord", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    last_number = models.PositiveIntegerField(default=0)  # of the reports of that launch
    is_summed = models.BooleanField(default=False)  # reports know its interactions; each write unsets it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "activity"], name="one_progress_an_activity")]
        indexes = [models.Index(fields=["instance"], condition=models.Q(is_summed=False), name="progress_not_summed")]

    def __str__(self) -> str:
        return self.activity

    def read_state(self) -> ActivityState:
        return ActivityState(self.values, self.read_outcome(), self.attempts, self.suspended, self.shown_seconds)


BOUND = "bound-"  # how the key of a launch begins that says from where it may be used


def make_key() -> str:
    """Opens one launch; unguessable."""
    return secrets.token_urlsafe(24)


class LaunchRecord(OutcomeColumns):
    """A launch, recorded before any content loads, and the session it began. A preview has no instance.

    The outcome is what the instance had come to when the launch was last heard of.
    """

    key = models.CharField(max_length=40, unique=True, default=make_key, editable=False)
    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, null=True, blank=True, related_name="launches")
    version = models.ForeignKey(CourseVersion, on_delete=models.CASCADE, related_name="+")
    preview = models.JSONField(null=True, blank=True)  # a preview's whole State; nothing else is kept of it
    settings = models.JSONField(default=dict, blank=True)  # what counts and is no default: levels.differing
    link = models.CharField(max_length=40, blank=True)  # id of the link that was followed
    redirect_url = models.CharField(max_length=2000, blank=True)  # where leaving leads
    activity = models.CharField(max_length=4000, blank=True)  # to begin with; "": the standard decides
    mode = models.CharField(max_length=10, blank=True)  # Normal | Browse | Review (cmi5); "": the standard decides
    session = models.CharField(max_length=36, blank=True)  # id of its first cmi5 session, where the link names it
    options = models.JSONField(default=dict, blank=True)  # what else its link asked for: links.Options.to_json
    launched_by = models.CharField(max_length=254, blank=True)  # e-mail of who launched in the learner's place
    address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=500, blank=True)
    referrer = models.CharField(max_length=500, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True, blank=True)  # content was delivered
    ended = models.DateTimeField(null=True, blank=True)
    how_ended = models.CharField(max_length=20, blank=True)  # State.ended, or "replaced"
    last_number = models.PositiveIntegerField(default=0)  # of the reports stored
    last_log_number = models.PositiveIntegerField(default=0)
    log_size = models.PositiveIntegerField(default=0)  # bytes of the debug log kept
    last_seen = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["instance", "-created"])]

    def __str__(self) -> str:
        return f"launch {self.pk}"

    @property
    def seconds(self) -> float | None:
        """How long it lasted, or has lasted until something was heard of it; None where content never loaded."""
        last = self.ended or self.last_seen
        return max(0.0, (last - self.started).total_seconds()) if self.started and last else None


class RequestRecord(models.Model):
    """A navigation request and what it came to: the history the sequencing debugger shows."""

    launch = models.ForeignKey(LaunchRecord, on_delete=models.CASCADE, related_name="requests")
    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, null=True, blank=True, related_name="requests")
    name = models.CharField(max_length=20)  # as it was made: "content" is the content's own
    target = models.CharField(max_length=4000, blank=True)
    left = models.CharField(max_length=4000, blank=True)  # activity shown before
    delivered = models.CharField(max_length=4000, blank=True)
    is_new = models.BooleanField(default=False)  # something was delivered or ended by it
    ended = models.CharField(max_length=20, blank=True)  # State.ended
    message = models.TextField(blank=True)  # what the learner was told
    trace = models.BinaryField(default=bytes)  # JSON, deflated; empty where the standard leaves none
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["instance", "id"], name="requests_of_an_instance")]

    def __str__(self) -> str:
        return f"{self.name} {self.target}".strip()


class Outgoing(models.Model):
    """What happened and has to be stated in the learning record store: written with the change, gone once it is there.

    The player takes it over (settings.OUTGOING_TASK), since registrations know nothing of the store.
    """

    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, null=True, blank=True, related_name="outgoing")
    launch = models.ForeignKey(LaunchRecord, on_delete=models.CASCADE, null=True, blank=True, related_name="outgoing")
    event = models.JSONField()  # as the standard words it
    created = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.event.get('verb', '')} of instance {self.instance_id}"


class CallLog(models.Model):
    """A batch of the debug log: API calls with arguments, answer, error code, time and activity."""

    launch = models.ForeignKey(LaunchRecord, on_delete=models.CASCADE, related_name="logs")
    number = models.PositiveIntegerField()
    entries = models.JSONField()  # [{at, activity, method, arguments, result, code, diagnostic, warning}]
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["launch", "number"], name="one_log_batch_a_number")]
        ordering = ["launch", "number"]

    def __str__(self) -> str:
        return f"log {self.number} of launch {self.launch_id}"


class BulkChange(models.Model):
    """Something that is done to many registrations, and how far it has come."""

    class Verb(models.TextChoices):
        TAG = "tag", _("Tag")
        UNTAG = "untag", _("Remove tags")
        RESET = "reset", _("Reset")
        DELETE = "delete", _("Delete")

    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(max_length=10, choices=Verb)
    chosen = models.JSONField()  # {"pks": […]}, or {"search": many.to_json()}; {} once it is done
    tags = models.JSONField(default=list)
    by = models.CharField(max_length=254)  # e-mail
    total = models.PositiveIntegerField(default=0)  # about: what is counted stops at finding.CAP
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    changed = models.JSONField(
        default=list, blank=True
    )  # numbers of the first it was done to: their ids may name learners
    place = models.CharField(max_length=200, blank=True)  # where to go on
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True, blank=True)
    due = models.DateTimeField(null=True, blank=True, db_index=True)  # a worker that takes it puts this off

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.pk}"

    @property
    def percent(self) -> int:
        return min(100, round(100 * (self.done + self.failed) / self.total)) if self.total else 0


class PersonalExport(models.Model):
    """Everything that is known of a learner in a realm, gathered in a zip file that is kept for a while."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    realm = models.ForeignKey(Realm, on_delete=models.CASCADE, related_name="+")
    learner_id = models.CharField(max_length=255)
    by = models.CharField(max_length=254)  # e-mail
    file = models.CharField(max_length=300, blank=True)  # name in storage
    size = models.PositiveBigIntegerField(default=0)  # bytes
    percent = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True, blank=True)
    expires = models.DateTimeField(db_index=True)
    due = models.DateTimeField(null=True, blank=True, db_index=True)  # a worker that takes it puts this off

    class Meta:
        indexes = [models.Index(fields=["realm", "learner_id"], name="exports_of_a_learner")]

    def __str__(self) -> str:
        return f"export {self.pk}"


class LearnerMemory(models.Model):
    """What outlives a registration for a learner in an application: objectives and data global to the system.

    SCORM 2004 4th Ed. SN 3.10.1 objectivesGlobalToSystem, CAM 3.4.1.4 sharedDataGlobalToSystem.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    learner_id = models.CharField(max_length=255)
    is_sandbox = models.BooleanField(default=False)  # tests do not touch what learners earned
    memory = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "learner_id", "is_sandbox"], name="one_memory_a_learner")
        ]

    def __str__(self) -> str:
        return self.learner_id


class Postback(DeliveryColumns):
    """Results of a registration on their way to a customer's system; they are read when they are sent.

    At most one of a registration is open: what changes meanwhile is sent with it, or after it.
    """

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="postbacks")
    is_outdated = models.BooleanField(default=False)  # the results changed since they were read
    body = models.TextField(blank=True)  # the beginning of what was sent last

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=models.Q(due__isnull=False), name="one_open_postback"
            )
        ]
        indexes = [
            models.Index(fields=["due"], condition=models.Q(due__isnull=False), name="postbacks_due"),
            models.Index(fields=["registration", "-id"], name="postbacks_of_registration"),
            models.Index(fields=["created"], name="postbacks_by_age"),
        ]

    def __str__(self) -> str:
        return f"postback {self.pk} of registration {self.registration_id}"
