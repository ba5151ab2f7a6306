"""Registering a learner on a course, as customers' systems do: everything that is said of it at once, or nothing."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from content import services as content
from content.locks import hold_in_place
from content.models import Course, CourseVersion
from realms.configuration import effective
from realms.configuration.levels import REGISTRATION, check

from . import learners, tags
from .errors import CourseGone, RegistrationExists
from .happened import note_created
from .instances import new_instance
from .levels import of_launch
from .models import Instance, Registration
from .seeding import seeded
from .sessions import read_state, save_state
from .states import SYSTEM, keep_memory


@dataclass(frozen=True)
class NewRegistration:
    """What is said of a registration when it is made.

    `progress` is a RegistrationSchema, checked by its schema; the dates are of it.
    """

    registration_id: str
    learner_id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    xapi_registration: uuid.UUID | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    learner_tags: tuple[str, ...] = ()
    course_tags: tuple[str, ...] = ()
    progress: Mapping[str, Any] | None = None
    first_access: datetime | None = None
    last_access: datetime | None = None
    completed: datetime | None = None


def register(version: CourseVersion, new: NewRegistration) -> Registration:
    """The registration, on a version of a course; `version.course.application` is at hand.

    Of several at once with one id one is made. Raises RegistrationError, SettingError, ContentError.
    """
    check(new.settings, REGISTRATION)
    try:
        with transaction.atomic():
            return _register(version, new)
    except IntegrityError as error:
        raise _why_not(version, new) or error from error


def _register(version: CourseVersion, new: NewRegistration) -> Registration:
    course = version.course
    if not hold_in_place(course):
        raise _course_gone(course)
    _refuse_taken(course.application_id, new)
    registration = Registration.objects.create(
        application_id=course.application_id,
        course=course,
        registration_id=new.registration_id,
        learner_id=new.learner_id,
        learner_first_name=new.first_name,
        learner_last_name=new.last_name,
        learner_email=new.email,
        settings=dict(new.settings),
    )
    tags.add_tags([registration], new.tags)
    if new.learner_tags:
        learners.add_tags(course.application, [new.learner_id], new.learner_tags)
    if new.course_tags:
        content.add_tags(course, new.course_tags)
    instance = new_instance(registration, version.pk, xapi_registration=new.xapi_registration)
    instance.version = version
    if new.progress:
        _begin_with(instance, new)
    note_created(instance)
    return registration


def _begin_with(instance: Instance, new: NewRegistration) -> None:
    registration, before = instance.registration, read_state(instance)
    settings, now = effective(of_launch(instance.version, instance)), timezone.now()
    after = seeded(instance.version.read_structure(), before, new.progress or {}, settings, now.isoformat())
    save_state(instance, before, after)
    keep_memory(registration, before.memory.get(SYSTEM) or {}, after.memory.get(SYSTEM) or {})
    registration.initial_state = dict(new.progress or {})
    registration.write_outcome(after.outcome)
    registration.first_access, registration.last_access = new.first_access, new.last_access
    if after.outcome.completion == "completed":
        registration.completed_at = new.completed or new.last_access or now
    registration.save()


def _refuse_taken(application_id: int, new: NewRegistration) -> None:
    if Registration.objects.filter(application=application_id, registration_id=new.registration_id).exists():
        raise RegistrationExists(f"Registration ID '{new.registration_id}' exists already in this application.")
    if new.xapi_registration and Instance.objects.filter(xapi_registration=new.xapi_registration).exists():
        raise RegistrationExists(f"xapiRegistrationId: '{new.xapi_registration}' is in use already.")


def _why_not(version: CourseVersion, new: NewRegistration) -> Exception | None:
    """What came in between."""
    try:
        _refuse_taken(version.course.application_id, new)
    except RegistrationExists as error:
        return error
    if not CourseVersion.objects.filter(pk=version.pk).exists():
        return _course_gone(version.course)
    return None


def _course_gone(course: Course) -> CourseGone:
    return CourseGone(f"Course ID '{course.course_id}' does not exist in this application.")
