"""Hands what happened (registrations.Outgoing) over to the learning record store, each event once.

The rows go in the transaction that stores the statements, under the lock of the instance: whoever comes second finds
nothing left to do.
"""

import json
import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from content.models import Course, CourseVersion
from lrs import documents
from lrs import services as lrs
from lrs.access import Caller, caller_of
from lrs.documents import Conditions, MustState, Place
from lrs.models import DocumentKind
from realms.configuration.setting import SCORM
from registrations.models import Instance, LaunchRecord, Outgoing
from standards.cmi5.statements import Names, launch_data, statement_of
from standards.cmi5.vocabulary import LAUNCH_DATA
from standards.structure import CourseStructure, Learner
from standards.xapi import scorm_profile
from standards.xapi.errors import StatementError
from standards.xapi.identity import agent_key

from .actors import actor_of
from .addresses import absolute, address_of

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=30)  # after which the sweep looks for what the queue lost
AT_ONCE = 500


@dataclass(frozen=True)
class Subject:
    """A registration, or a preview, as the record store knows it; a preview's statements are in the sandbox's."""

    course: Course
    is_sandbox: bool
    learner: Learner
    registration: uuid.UUID

    @property
    def names(self) -> Names:
        return Names(f"{self.course.application_id}/{self.course.pk}", str(self.registration), actor_of(self.learner))

    @property
    def profile_names(self) -> scorm_profile.Names:
        """The course has an IRI on this site: the same for all registrations and versions."""
        iri = f"{settings.CONSOLE_ORIGIN}/courses/{self.course.application.app_id}/{self.course.pk}"
        return scorm_profile.Names(iri, str(self.registration), actor_of(self.learner))

    @property
    def caller(self) -> Caller:
        """A caller that has the documents and statements of this registration, and no others."""
        return caller_of(
            self.course.application,
            self.is_sandbox,
            registration=self.registration,
            actor=actor_of(self.learner),
        )


def subject_of(instance: Instance | None, launch: LaunchRecord | None) -> Subject:
    if instance is not None:
        registration = instance.registration
        return Subject(registration.course, registration.is_sandbox, registration.learner, instance.xapi_registration)
    assert launch is not None
    learner = Learner.from_json((launch.preview or {}).get("learner", {"identifier": "preview"}))
    return Subject(launch.version.course, True, learner, uuid.uuid5(uuid.NAMESPACE_OID, launch.key))


def hand_over(instance: Instance | None, launch: LaunchRecord | None = None) -> int:
    """Store what is still to be stated of an instance, or of a preview's launch; how many statements."""
    waiting = _waiting(instance, launch)
    if not waiting.exists():
        return 0
    with transaction.atomic():
        locked: Any = Instance.objects if instance is not None else LaunchRecord.objects
        owner = instance or launch
        assert owner is not None
        list(locked.select_for_update().filter(pk=owner.pk).values_list("pk"))  # as a report locks: owner, then store
        rows = list(waiting.select_related("launch")[:AT_ONCE])
        if rows:
            _state(subject_of(instance, launch), rows, (instance or launch).version)  # type: ignore[union-attr]
            Outgoing.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _waiting(instance: Instance | None, launch: LaunchRecord | None) -> Any:
    owner = {"instance": instance} if instance is not None else {"instance": None, "launch": launch}
    return Outgoing.objects.filter(**owner).order_by("pk")


def _state(subject: Subject, rows: list[Outgoing], version: CourseVersion) -> None:
    course = version.read_structure()
    if course.standard in SCORM:
        told = [_marked(scorm_profile.statement_of(row.event, course, subject.profile_names), row) for row in rows]
        _add(subject, told)
        return
    names = subject.names
    statements = []
    for row in rows:
        launch_url = ""
        if row.event["verb"] == "launched":
            launch_url = _launch_url(course, version, row.event["activity"])
            _put_launch_data(subject, names, course, row)
        statements.append(_marked(statement_of(row.event, course, names, launch_url), row))
    lrs.add(subject.course.application, subject.is_sandbox, statements)


def _marked(statement: dict[str, Any], row: Outgoing) -> dict[str, Any]:
    """The statement, which tells where somebody launched in the learner's place."""
    return statement | {"context": _with_launcher(statement.get("context", {}), row.launch)}


def _with_launcher(context: dict[str, Any], launch: LaunchRecord | None) -> dict[str, Any]:
    if launch is None or not launch.launched_by:
        return context
    by = {f"{settings.CONSOLE_ORIGIN}/xapi/extensions/launched-by": launch.launched_by}
    return context | {"extensions": {**context.get("extensions", {}), **by}}


def _add(subject: Subject, told: list[dict[str, Any]]) -> None:
    """Store them; one that the store refuses, made of what odd content reported, is logged and holds up no other."""
    application, is_sandbox = subject.course.application, subject.is_sandbox
    try:
        lrs.add(application, is_sandbox, told)
    except StatementError as error:
        if len(told) == 1:
            log.warning("a statement of registration %s is left out: %s", subject.registration, error)
            return
        for statement in told:
            _add(subject, [statement])


def _launch_url(course: CourseStructure, version: CourseVersion, identifier: str) -> str:
    """The address of an AU, without what the launch adds (cmi5 9.6.3.4)."""
    au = course.activity(identifier)
    return address_of(version, au.href) if au else ""


def _put_launch_data(subject: Subject, names: Names, course: CourseStructure, row: Outgoing) -> None:
    """LMS.LaunchData, before the AU is launched (cmi5 10.1)."""
    au = course.activity(row.event["activity"])
    if au is None or row.launch is None:
        return
    session = {"id": row.event["session"], "mode": row.event["mode"]}
    document = launch_data(au, session, absolute("return", row.launch.key))
    document["contextTemplate"] = _with_launcher(document["contextTemplate"], row.launch)
    place = Place(
        DocumentKind.STATE,
        names.activity_id(au.identifier),
        agent_key(dict(names.actor)),
        subject.registration,
        LAUNCH_DATA,
    )
    content = json.dumps(document, ensure_ascii=False).encode()
    documents.put(subject.caller.store, place, content, "application/json", Conditions(), MustState.NEVER)


# --- the queue --------------------------------------------------------------------------------------------------------


def deliver(instance_id: int) -> None:
    instances = Instance.objects.select_related("registration__course__application", "version")
    instance = instances.filter(pk=instance_id).first()
    while instance is not None and hand_over(instance) == AT_ONCE:
        pass


def left_behind() -> list[int]:
    """The instances of which something waits longer than the queue takes."""
    late = Outgoing.objects.filter(created__lt=timezone.now() - PATIENCE, instance__isnull=False)
    return list(late.values_list("instance_id", flat=True).distinct().order_by("instance_id")[:AT_ONCE])
