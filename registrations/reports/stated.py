"""Answers that content tells by xAPI statements, where they come in: Tin Can and cmi5 content keeps no interactions."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from registrations.models import ActivityProgress, Answer, Instance

from . import answers, asked
from .answers import Given
from .slots import slot_of

log = logging.getLogger(__name__)
ANSWERED = "http://adlnet.gov/expapi/verbs/answered"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def keep(instance: Instance | None, activity: str, statements: Iterable[Mapping[str, Any]]) -> None:
    """Keep what statements of an activity of the instance, stored a moment ago, tell of questions.

    A statement that comes again is kept once; one that is voided is forgotten. What goes wrong here must not cost the
    content its statements.
    """
    told = [each for each in statements if _verb(each) in (ANSWERED, VOIDED)]
    if instance is None or not told:
        return
    try:
        with transaction.atomic():
            _keep(instance, activity, told)
    except Exception:
        log.exception("answers of statements could not be kept for reports")


def _verb(statement: Mapping[str, Any]) -> str:
    verb = statement.get("verb")
    return str(verb.get("id", "")) if isinstance(verb, Mapping) else ""


def _keep(instance: Instance, activity: str, told: list[Mapping[str, Any]]) -> None:
    targets = [_uuid(each["object"].get("id")) for each in told if _verb(each) == VOIDED]
    voided = {target for target in targets if target is not None}
    forget(instance, voided)
    progress = ActivityProgress.objects.filter(instance=instance, activity=activity).only("pk", "score").first()
    answered = [each for each in told if _verb(each) == ANSWERED and _uuid(each.get("id")) not in voided]
    given = [(each, found) for each in answered if (found := answers.stated(each))]
    if progress is None or not given:
        return
    registration = instance.registration
    questions = {}
    for _, found in given:
        question = asked.question_of(registration.course_id, activity, found)
        questions[question.course_id, question.key] = question
    held = asked.made(questions)
    Answer.objects.bulk_create(
        [
            Answer(
                **answer_columns(found), statement=_uuid(each.get("id")) or uuid4(), progress=progress,
                registration=registration, is_sandbox=registration.is_sandbox, created=slot_of(registration.created),
                question=held[registration.course_id, asked.hash_of(activity, found.identifier)], score=progress.score,
            )
            for each, found in given
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def forget(instance: Instance, statements: Iterable[UUID]) -> None:
    """Take the answers back that these statements of the instance told, as they are voided."""
    Answer.objects.filter(progress__instance=instance, statement__in=list(statements)).delete()


def answer_columns(given: Given) -> dict[str, Any]:
    """The columns of Answer that an answer tells itself."""
    names = ("number", "response", "result", "is_correct", "latency", "weighting")
    return {name: getattr(given, name) for name in names}


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
