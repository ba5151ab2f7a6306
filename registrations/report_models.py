"""What reports are read from: written by `reports.summing` alone, from the rows it sums up; all of it can be made anew.

Times are slots: quarters of an hour since 1970 (UTC), since every time zone is a multiple of that away from it.
"""

from django.db import models

SCORE_BINS = 11  # below 0, then tenths of the way to 1
TIME_BOUNDS = (60, 300, 900, 1800, 3600, 7200, 14400)  # seconds; between them lie the bins of the time distribution
TIME_BINS = len(TIME_BOUNDS) + 1
SCORE_NAMES = tuple(f"score_{number}" for number in range(SCORE_BINS))
TIME_NAMES = tuple(f"time_{number}" for number in range(TIME_BINS))
# Of the registrations that were created in a cell's time, and what became of them
COHORT = (
    *("registrations", "launched", "completed", "incomplete", "passed", "failed"),
    *("scored", "score_sum", "timed", "seconds_sum"),
    *SCORE_NAMES,
    *TIME_NAMES,
)
EVENTS = ("launches", "completions")  # that happened in a cell's time
COUNTS = (*COHORT, *EVENTS)
SCORE_UNITS = 10_000  # score_sum counts these, since sums of whole numbers come out even
SECOND_UNITS = 100  # the same of seconds_sum
EVER = 0  # the month of a course's cell that holds them all


class Counts(models.Model):
    """The numbers of a cell."""

    registrations = models.IntegerField(default=0)
    launched = models.IntegerField(default=0)
    completed = models.IntegerField(default=0)
    incomplete = models.IntegerField(default=0)
    passed = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    scored = models.IntegerField(default=0)  # have a score
    score_sum = models.BigIntegerField(default=0)  # in SCORE_UNITS
    timed = models.IntegerField(default=0)  # took any time
    seconds_sum = models.BigIntegerField(default=0)  # in SECOND_UNITS
    score_0 = models.IntegerField(default=0)
    score_1 = models.IntegerField(default=0)
    score_2 = models.IntegerField(default=0)
    score_3 = models.IntegerField(default=0)
    score_4 = models.IntegerField(default=0)
    score_5 = models.IntegerField(default=0)
    score_6 = models.IntegerField(default=0)
    score_7 = models.IntegerField(default=0)
    score_8 = models.IntegerField(default=0)
    score_9 = models.IntegerField(default=0)
    score_10 = models.IntegerField(default=0)
    time_0 = models.IntegerField(default=0)
    time_1 = models.IntegerField(default=0)
    time_2 = models.IntegerField(default=0)
    time_3 = models.IntegerField(default=0)
    time_4 = models.IntegerField(default=0)
    time_5 = models.IntegerField(default=0)
    time_6 = models.IntegerField(default=0)
    time_7 = models.IntegerField(default=0)
    launches = models.IntegerField(default=0)
    completions = models.IntegerField(default=0)

    class Meta:
        abstract = True


class ApplicationCell(Counts):
    """An application in a quarter of an hour."""

    application = models.ForeignKey("realms.Application", on_delete=models.CASCADE, related_name="+", db_index=False)
    is_sandbox = models.BooleanField()
    slot = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "is_sandbox", "slot"], name="one_cell_an_application_slot")
        ]

    def __str__(self) -> str:
        return f"application {self.application_id} at {self.slot}"


class CourseCell(Counts):
    """A course in a month (UTC), or ever; its registrations alone, no events."""

    application = models.ForeignKey("realms.Application", on_delete=models.CASCADE, related_name="+", db_index=False)
    course = models.ForeignKey("content.Course", on_delete=models.CASCADE, related_name="+", db_index=False)
    is_sandbox = models.BooleanField()
    month = models.IntegerField()  # year * 12 + month - 1, or EVER

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "is_sandbox", "month"], name="one_cell_a_course_month")
        ]
        indexes = [models.Index(fields=["application", "month", "is_sandbox"], name="course_cells_by_month")]

    def __str__(self) -> str:
        return f"course {self.course_id} in {self.month}"


class RegistrationFact(models.Model):
    """What the cells hold of a registration. One whose registration is gone is taken out of them and goes too."""

    registration = models.OneToOneField(
        "registrations.Registration", on_delete=models.SET_NULL, null=True, related_name="fact"
    )
    application = models.ForeignKey("realms.Application", on_delete=models.CASCADE, related_name="+", db_index=False)
    course = models.ForeignKey("content.Course", on_delete=models.CASCADE, related_name="+", db_index=False)
    learner_id = models.CharField(max_length=255)
    is_sandbox = models.BooleanField()
    created = models.IntegerField()  # slot
    completed = models.IntegerField(null=True)  # slot
    completion = models.CharField(max_length=10)
    success = models.CharField(max_length=10)
    score = models.IntegerField(null=True)  # in SCORE_UNITS
    score_bin = models.SmallIntegerField(null=True)
    seconds = models.BigIntegerField()  # in SECOND_UNITS
    time_bin = models.SmallIntegerField(null=True)  # none where it took no time
    is_launched = models.BooleanField()
    first_launch = models.IntegerField(null=True)  # slot
    last_launch = models.IntegerField(null=True)  # slot
    launches = models.TextField(blank=True)  # "slot:number …", each slot with the number of launches in it
    # "id:bits …" of the activities of the newest instance that were begun; bits as in `reports.paths`
    path = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["application", "is_sandbox", "created"], name="facts_by_creation"),
            models.Index(fields=["application", "is_sandbox", "completed"], name="facts_by_completion"),
            models.Index(fields=["application", "is_sandbox", "last_launch"], name="facts_by_launch"),
            models.Index(fields=["application", "learner_id"], name="facts_of_a_learner"),
            models.Index(
                fields=["course", "is_sandbox", "created", "completion", "success", "score_bin", "time_bin"],
                name="facts_of_a_course",
            ),
            models.Index(fields=["id"], condition=models.Q(registration=None), name="facts_of_nothing"),
        ]

    def __str__(self) -> str:
        return f"registration {self.registration_id}"


class CourseActivity(models.Model):
    """An activity of any version of a course, under a short number."""

    course = models.ForeignKey("content.Course", on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64)  # hash of its identifier, which may be too long for an index
    identifier = models.CharField(max_length=4000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "key"], name="an_activity_once_a_course")]

    def __str__(self) -> str:
        return self.identifier


class Question(models.Model):
    """An interaction of an activity of a course, under its id; what is told of it is what was reported last."""

    course = models.ForeignKey("content.Course", on_delete=models.CASCADE, related_name="questions", db_index=False)
    key = models.CharField(max_length=64)  # hash of activity and identifier
    activity = models.CharField(max_length=4000)
    identifier = models.CharField(max_length=4000)
    kind = models.CharField(max_length=30, blank=True)  # true-false, choice …, in the words of SCORM 2004
    description = models.TextField(blank=True)
    correct = models.TextField(blank=True)  # patterns, one a line

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "key"], name="a_question_once_a_course")]

    def __str__(self) -> str:
        return self.identifier


class Answer(models.Model):
    """One entry of cmi.interactions of an activity of an instance, which are replaced together; or of a statement."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers", db_index=False)
    progress = models.ForeignKey("registrations.ActivityProgress", on_delete=models.CASCADE, related_name="answers")
    registration = models.ForeignKey(
        "registrations.Registration", on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    number = models.IntegerField()  # its index in cmi.interactions
    statement = models.UUIDField(null=True)  # id of the xAPI statement that told it
    is_sandbox = models.BooleanField()
    created = models.IntegerField()  # slot of the registration's creation, by which reports choose
    response = models.CharField(max_length=500, blank=True)
    result = models.CharField(max_length=30, blank=True)  # as reported
    is_correct = models.BooleanField(null=True)
    latency = models.FloatField(null=True)  # seconds
    weighting = models.FloatField(null=True)
    score = models.FloatField(null=True)  # scaled, of the activity it was asked in

    class Meta:
        constraints = [models.UniqueConstraint(fields=["progress", "statement"], name="a_statement_once_an_activity")]
        indexes = [
            models.Index(
                fields=["question", "is_sandbox", "created", "is_correct", "latency", "score"],
                name="answers_by_question",
            ),
            models.Index(fields=["question", "response"], name="answers_by_response"),
            models.Index(fields=["registration"], name="answers_of_a_registration"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.response}"


class SummingState(models.Model):
    """One row: held while cells are written, so that nobody counts twice; and when all was summed up last."""

    finished = models.DateTimeField(null=True)  # nothing was left to sum up then

    def __str__(self) -> str:
        return f"all summed up at {self.finished}"
