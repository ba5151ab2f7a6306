"""The debug log of an instance: read in order, filtered, downloadable."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from .models import CallLog, Instance

METHODS = (
    *("Initialize", "Terminate", "GetValue", "SetValue", "Commit", "GetLastError", "GetErrorString", "GetDiagnostic"),
    *("LMSInitialize", "LMSFinish", "LMSGetValue", "LMSSetValue", "LMSCommit"),
    *("LMSGetLastError", "LMSGetErrorString", "LMSGetDiagnostic"),
    *("GetParam", "PutParam", "PutComments", "PutObjectives", "PutInteractions", "PutPath", "PutPerformance", "ExitAU"),
)


@dataclass(frozen=True)
class LogFilter:
    """Which calls to show; empty fields let all through."""

    activity: str = ""
    method: str = ""
    text: str = ""
    errors_only: bool = False

    def lets_through(self, entry: dict[str, Any]) -> bool:
        if self.activity and entry.get("activity") != self.activity:
            return False
        if self.method and entry.get("method") != self.method:
            return False
        if self.errors_only and not (int(entry.get("code") or 0) or entry.get("warning")):
            return False
        return not self.text or self.text.casefold() in json.dumps(entry, ensure_ascii=False).casefold()


def entries(instance: Instance, wanted: LogFilter) -> Iterator[dict[str, Any]]:
    """The calls of all launches of the instance in the order they were made, each with its launch's number.

    `launched_by` where somebody launched in the learner's place.
    """
    batches = CallLog.objects.filter(launch__instance=instance).order_by("launch_id", "number")
    batches = batches.annotate(by=F("launch__launched_by"))
    launches: dict[int, int] = {}
    for batch in batches.iterator(chunk_size=100):
        launch = launches.setdefault(batch.launch_id, len(launches) + 1)
        for entry in batch.entries:
            if wanted.lets_through(entry):
                yield {**entry, "launch": launch, **({"launched_by": batch.by} if batch.by else {})}


def launched_as_learner(instance: Instance) -> list[tuple[int, str]]:
    """The launches in the learner's place that have a log: their number in it, and who launched."""
    launches = CallLog.objects.filter(launch__instance=instance).order_by("launch_id")
    found = enumerate(launches.values_list("launch_id", "launch__launched_by").distinct(), 1)
    return [(number, by) for number, (_, by) in found if by]


def as_json_lines(calls: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """One JSON object a line."""
    for call in calls:
        yield json.dumps(call, ensure_ascii=False).encode() + b"\n"
