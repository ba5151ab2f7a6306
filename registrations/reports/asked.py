"""Questions and the activities of courses, under short numbers: found by course and hash, made where there are none."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from registrations.models import Question

TOLD = ("kind", "description", "correct")
Place = tuple[int, str]  # course, hash


def hash_of(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def rows_of(model: Any, places: Iterable[Place]) -> Any:
    """Rows of a model that is keyed by course and hash."""
    found = list(places)
    return model.objects.filter(course__in={course for course, _ in found}, key__in={key for _, key in found})


def question_of(course: int, activity: str, told: Any) -> Question:
    """What an answer tells of its question; `told`: answers.Given."""
    return Question(
        course_id=course, key=hash_of(activity, told.identifier), activity=activity, identifier=told.identifier,
        kind=told.kind, description=told.description, correct=told.correct,
    )  # fmt: skip


def made(told: Mapping[Place, Question]) -> dict[Place, Question]:
    """The rows of the questions, made where there are none yet."""
    held = {(row.course_id, row.key): row for row in rows_of(Question, told)}
    if missing := [question for place, question in told.items() if place not in held]:
        Question.objects.bulk_create(missing, batch_size=100, ignore_conflicts=True)  # others make them too
        held = {(row.course_id, row.key): row for row in rows_of(Question, told)}
    return held


def keep_told(held: Mapping[Place, Question], told: Mapping[Place, Question]) -> None:
    """What is told of the questions last is kept of them."""
    changed = []
    for place, question in told.items():
        row = held[place]
        latest = tuple(getattr(question, name) or getattr(row, name) for name in TOLD)
        if latest != tuple(getattr(row, name) for name in TOLD):
            row.kind, row.description, row.correct = latest
            changed.append(row)
    Question.objects.bulk_update(changed, TOLD, batch_size=100)
