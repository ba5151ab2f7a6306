"""The usual report, one that changes no outcome, as two statements: the hottest path there is.

Written as SQL because building the same two queries from the ORM costs more than all the rest of the request. What it
does is what `services` does with the same report, for the one row that can change.
"""

import json
from dataclasses import replace
from typing import Any

from django.db import connection

from content.models import structure_of
from realms.configuration import effective
from standards.registry import standards
from standards.structure import ActivityState, CourseStructure, Outcome, Report

from .sessions import is_too_much

FIND = """
    SELECT progress.id, progress.revision, progress.last_launch_id, progress.last_number, progress."values",
           progress.completion, progress.success, progress.score, progress.total_seconds,
           progress.attempts, progress.suspended, progress.shown_seconds,
           launch.id, launch.last_number, instance.version_id, version.revision, launch.settings
      FROM registrations_launchrecord launch
      JOIN registrations_instance instance ON instance.active_launch_id = launch.id
      JOIN registrations_activityprogress progress ON progress.instance_id = instance.id
      JOIN content_courseversion version ON version.id = instance.version_id
     WHERE launch.key = %s AND progress.activity = %s"""
COMPARE_AND_SET = """
    UPDATE registrations_activityprogress
       SET "values" = %s, total_seconds = %s, shown_seconds = %s, revision = revision + 1,
           last_launch_id = %s, last_number = %s, is_summed = FALSE
     WHERE id = %s AND revision = %s"""


def store(key: str, number: int, report: Report) -> Outcome | None:
    """Store a report that finishes nothing; the activity's outcome.

    None, and nothing done, where it is not that simple: another outcome, another window, a repeated number, a preview,
    a lost race.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIND, (key, report.activity))
        row = cursor.fetchone()
        if row is None:
            return None
        pk, revision, last_launch, last_number, *held, launch, launch_number, version, version_revision, settings = row
        if number <= launch_number or (last_launch == launch and number <= last_number):
            return None
        after = _after(structure_of(version, version_revision), _state(held), report, json.loads(settings))
        if after is None or (report.values and is_too_much(after.values)):
            return None
        values = json.dumps(after.values)
        changes = (values, after.outcome.seconds, after.shown_seconds, launch, number)
        cursor.execute(COMPARE_AND_SET, (*changes, pk, revision))
        return after.outcome if cursor.rowcount else None


def _state(columns: list[Any]) -> ActivityState:
    values, completion, success, score, seconds, attempts, suspended, shown_seconds = columns
    outcome = Outcome(completion, success, score, seconds)
    return ActivityState(json.loads(values), outcome, attempts, bool(suspended), shown_seconds)


def _after(
    course: CourseStructure, held: ActivityState, report: Report, chosen: dict[str, str]
) -> ActivityState | None:
    """The activity's next state, or None where its outcome changes and others may have to know."""
    activity = course.activity(report.activity)
    if activity is None:
        return None
    after = standards()[course.standard].accept(activity, held, report, effective(chosen))
    return after if replace(after.outcome, seconds=held.outcome.seconds) == held.outcome else None
