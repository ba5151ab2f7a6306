"""Gathers what is known of a learner in a realm in a zip file of JSON: the answer to who asks for their own data."""

import base64
import json
import logging
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from lrs import queries
from lrs.access import caller_of
from lrs.models import Document, DocumentKind, Store, key_of
from realms.models import Application
from registrations.history import inflate
from registrations.logs import LogFilter, as_json_lines, entries
from registrations.models import Instance, LearnerMemory, LearnerTag, PersonalExport, Registration
from registrations.results import FORMATS, results
from standards.xapi.identity import agent_key

from .actors import agents_of

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=10)  # in which no other worker takes it, counted from the last step
ROWS = 500
README = """What is known here of the learner {learner}, gathered on {day}.

learner.json                          names, addresses, tags and what is kept for all courses
<application>/registrations/*.json    each registration: results, state, launches, decisions of people
<application>/registrations/*.jsonl   its debug log, a call a line
<application>/statements*.jsonl       xAPI statements about the learner, one a line
<application>/documents*.jsonl        xAPI documents about the learner, contents in Base64
"""


def left_behind() -> list[str]:
    """What the queue lost, or a worker died over."""
    return [str(pk) for pk in PersonalExport.objects.filter(due__lte=timezone.now()).values_list("pk", flat=True)]


def gather(pk: str) -> None:
    """Make the file. Running it twice makes it once."""
    now = timezone.now()
    if not PersonalExport.objects.filter(pk=pk, due__lte=now).update(due=now + CLAIM):
        return
    export = PersonalExport.objects.select_related("realm").get(pk=pk)
    name = f"personal-data/{export.pk}.zip"
    try:
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                _write(export, archive)
            size = file.tell()
            file.seek(0)
            if default_storage.exists(name):  # of a run that died
                default_storage.delete(name)
            name = default_storage.save(name, File(file))
    except OSError:
        log.exception("personal data could not be gathered")
        problem = gettext("The file could not be written. Try again later, or ask whoever runs this site.")
        PersonalExport.objects.filter(pk=pk).update(due=None, finished=timezone.now(), problem=problem)
        return
    done = {"file": name, "size": size, "percent": 100, "due": None, "finished": timezone.now()}
    if not PersonalExport.objects.filter(pk=pk).update(**done):  # the learner was deleted meanwhile
        default_storage.delete(name)


def _write(export: PersonalExport, archive: zipfile.ZipFile) -> None:
    learner_id = export.learner_id
    applications = list(Application.objects.filter(realm=export.realm).order_by("pk"))
    rows = Registration.objects.filter(application__in=applications, learner_id=learner_id).order_by("pk")
    archive.writestr("README.txt", README.format(learner=learner_id, day=f"{timezone.now():%Y-%m-%d}"))
    archive.writestr("learner.json", _json(_learner(learner_id, applications, rows)))
    steps = rows.count() + len(applications)
    done = 0
    for registration in rows.select_related("application", "course").iterator(chunk_size=100):
        _write_registration(registration, archive)
        done += 1
        _note(export, done, steps)
    emails = set(rows.exclude(learner_email="").values_list("learner_email", flat=True))
    for application in applications:
        _write_statements(application, learner_id, emails, archive)
        done += 1
        _note(export, done, steps)


def _note(export: PersonalExport, done: int, steps: int) -> None:
    percent = min(99, 100 * done // steps)
    PersonalExport.objects.filter(pk=export.pk).update(percent=percent, due=timezone.now() + CLAIM)


def _learner(learner_id: str, applications: list[Application], rows: QuerySet[Registration]) -> dict[str, Any]:
    names = rows.order_by().values_list("learner_first_name", "learner_last_name", "learner_email").distinct()
    of = {"application__in": applications, "learner_id": learner_id}
    return {
        "id": learner_id,
        "names": [{"firstName": first, "lastName": last, "email": email} for first, last, email in names],
        "tags": [
            {"application": each.application.name, "tag": each.name}
            for each in LearnerTag.objects.filter(**of).select_related("application")
        ],
        "keptForAllCourses": [
            {"application": each.application.name, "sandbox": each.is_sandbox, "memory": each.memory}
            for each in LearnerMemory.objects.filter(**of).select_related("application")
        ],
    }


# --- registrations ----------------------------------------------------------------------------------------------------


def _write_registration(registration: Registration, archive: zipfile.ZipFile) -> None:
    place = f"{registration.application.app_id}/registrations/{registration.pk}"
    instances = list(registration.instances.select_related("version", "registration__course"))
    told = {
        "registration": _columns(registration),
        "course": registration.course.title,
        "tags": list(registration.tags.values_list("name", flat=True)),
        "instances": [_instance(each) for each in instances],
        "postbacks": [_columns(each) for each in registration.postbacks.order_by("pk")],
    }
    archive.writestr(f"{place}.json", _json(told))
    for instance in instances:
        with archive.open(f"{place}-{instance.number}-log.jsonl", "w", force_zip64=True) as file:
            for line in as_json_lines(entries(instance, LogFilter())):
                file.write(line)


def _instance(instance: Instance) -> dict[str, Any]:
    return {
        "results": results(instance, FORMATS["full"]),
        "columns": _columns(instance),
        "activities": [_columns(each) for each in instance.activities.order_by("pk")],
        "launches": [_columns(each, without=("key", "link")) for each in instance.launches.order_by("pk")],
        "overrides": [_columns(each) for each in instance.overrides.order_by("pk")],
        "requests": [
            _columns(each, without=("trace",)) | {"trace": inflate(each)} for each in instance.requests.order_by("pk")
        ],
    }


def _columns(row: Model, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """A row as it is kept, without what opens something."""
    names = [field.attname for field in row._meta.concrete_fields if field.attname not in without]
    return {name: getattr(row, name) for name in names}


# --- the record store -------------------------------------------------------------------------------------------------


def _write_statements(application: Application, learner_id: str, emails: set[str], archive: zipfile.ZipFile) -> None:
    agents = agents_of(application, learner_id, emails)
    for store in Store.objects.filter(application=application).order_by("is_sandbox"):
        ending = "-sandbox.jsonl" if store.is_sandbox else ".jsonl"
        with archive.open(f"{application.app_id}/statements{ending}", "w", force_zip64=True) as file:
            seen: set[int] = set()
            for agent in agents:
                for stored, body in _statements(application, store.is_sandbox, agent):
                    if stored not in seen:
                        seen.add(stored)
                        file.write(" ".join(body.splitlines()).encode() + b"\n")
        with archive.open(f"{application.app_id}/documents{ending}", "w", force_zip64=True) as file:
            keys = [key_of("agent", agent_key(agent)) for agent in agents]
            for document in Document.objects.filter(store=store, agent__in=keys).order_by("pk").iterator(ROWS):
                file.write(_json(_document(document)).replace("\n", " ").encode() + b"\n")


def _statements(application: Application, is_sandbox: bool, agent: dict[str, Any]) -> Iterator[queries.Found]:
    caller = caller_of(application, is_sandbox)
    asked: queries.Query | None = queries.Query(agent=agent, related_agents=True, ascending=True)
    while asked is not None:
        page, asked = queries.find(caller, asked)
        yield from page


def _document(document: Document) -> dict[str, Any]:
    return {
        "kind": str(DocumentKind(document.kind).label),
        "name": document.name,
        "registration": document.registration,
        "contentType": document.content_type,
        "updated": document.updated,
        "content": base64.b64encode(bytes(document.content)).decode(),
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value)
