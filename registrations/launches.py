"""The launch history of an instance, as the public API writes it: LaunchHistorySchema."""

import json

from .models import CallLog, Instance, LaunchRecord
from .results import Document, moment, present, score_of

AT_MOST = 1_000  # launches, the newest
LOG_BYTES = 32 * 2**20  # of all the logs in one answer
CUT = {"warning": "The log goes on: there is more of it than one answer holds."}


def launch_history(instance: Instance, with_logs: bool = False) -> list[Document]:
    """Every launch of the instance, the first one first; `instance.registration` is at hand.

    With its log: a JSON object a line for each call. Of long logs the newest launches have theirs.
    """
    newest = LaunchRecord.objects.filter(instance=instance).order_by("-pk").defer("settings", "options", "preview")
    launches = list(newest[:AT_MOST])
    logs = _logs(launches) if with_logs else {}
    return [_document(each, instance, logs.get(each.pk)) for each in reversed(launches)]


def _document(launch: LaunchRecord, instance: Instance, log: str | None) -> Document:
    outcome = launch.read_outcome()
    document = present(
        id=instance.registration.registration_id,
        instance=instance.number,
        score=score_of(outcome.score),
        completionStatus=outcome.completion.upper(),
        successStatus=outcome.success.upper(),
        totalSecondsTracked=round(outcome.seconds, 2),
        launchTime=moment(launch.created),
        exitTime=moment(launch.ended),
        lastRuntimeUpdate=moment(launch.last_seen),
        launchHistoryId=str(launch.pk),
    )
    return document if log is None else document | {"historyLog": log}


def _logs(launches: list[LaunchRecord]) -> dict[int, str]:
    """By launch, newest first, as far as there is room."""
    lines: dict[int, list[str]] = {launch.pk: [] for launch in launches}
    room = LOG_BYTES
    batches = CallLog.objects.filter(launch__in=list(lines)).order_by("-launch_id", "number")
    for batch in batches.iterator(chunk_size=20):
        text = [json.dumps(entry, ensure_ascii=False) for entry in batch.entries]
        room -= sum(map(len, text))
        if room < 0:
            lines[batch.launch_id].append(json.dumps(CUT))
            break
        lines[batch.launch_id] += text
    return {pk: "\n".join(text) for pk, text in lines.items()}
