"""What a report is about: which registrations, of which days."""

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from content.models import CourseTag
from registrations.models import Answer, LearnerTag, RegistrationFact, RegistrationTag

Words = tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """Registrations of applications of one realm, created in slots `start` to before `end`.

    A list of tags lets through what has any of them.
    """

    applications: tuple[int, ...]
    start: int
    end: int
    zone: tzinfo
    first: date | None  # day; None: from the beginning
    last: date
    with_sandbox: bool = False
    course: int | None = None
    learner: str | None = None
    course_tags: Words = ()
    tags: Words = ()
    learner_tags: Words = ()

    @property
    def kinds(self) -> list[bool]:
        """The values of is_sandbox."""
        return [False, True] if self.with_sandbox else [False]

    @property
    def is_of_courses(self) -> bool:
        """Whether it is made of whole courses, which the cells of courses answer."""
        return not (self.learner or self.tags or self.learner_tags)

    @property
    def is_of_applications(self) -> bool:
        """Whether it is made of whole applications, which their cells answer."""
        return self.is_of_courses and self.course is None and not self.course_tags

    def tagged_courses(self) -> QuerySet[Any]:
        tagged = CourseTag.objects.filter(name__in=self.course_tags, course__application__in=self.applications)
        return tagged.values("course")

    def facts(self) -> QuerySet[RegistrationFact]:
        """Of any time."""
        found = RegistrationFact.objects.filter(application__in=self.applications, is_sandbox__in=self.kinds)
        if self.course is not None:
            found = found.filter(course=self.course)
        if self.learner is not None:
            found = found.filter(learner_id=self.learner)
        if self.course_tags:
            found = found.filter(course__in=self.tagged_courses())
        if self.tags:
            found = found.filter(registration__in=self._tagged())
        if self.learner_tags:
            found = found.filter(Exists(self._tagged_learners()))
        return found.order_by()

    def _tagged(self) -> QuerySet[Any]:
        return RegistrationTag.objects.filter(name__in=self.tags).values("registration")

    def _tagged_learners(self) -> QuerySet[LearnerTag]:
        same = {"application": OuterRef("application"), "learner_id": OuterRef("learner_id")}
        return LearnerTag.objects.filter(name__in=self.learner_tags, **same)

    def cohort(self) -> QuerySet[RegistrationFact]:
        """Those created in its time."""
        return self.facts().filter(created__gte=self.start, created__lt=self.end)

    def answers(self) -> QuerySet[Answer]:
        """Given in those registrations."""
        found = Answer.objects.filter(is_sandbox__in=self.kinds, created__gte=self.start, created__lt=self.end)
        if self.tags or self.learner_tags:
            found = found.filter(registration__in=self.facts().values("registration"))
        return found.order_by()
