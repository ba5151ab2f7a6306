"""Results posted to customers' systems: what is owed, when it is due, and one attempt at it.

A row is written in the transaction that changes the results; a worker reads the results when it sends, so that one
message tells of all that changed until then.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from realms.configuration import SETTINGS
from realms.configuration.levels import Level
from realms.configuration.postbacks import AUTH, FORMAT, IS_JSON, PASSWORD, URL, USER
from webhooks import delivering
from webhooks.delivering import Attempt, Message

from .levels import instance_levels
from .models import Instance, Postback, Registration
from .results import FORMATS, Document, moment, results

QUIET = timedelta(seconds=10)  # how long changes that alter no result are gathered
MAX_ATTEMPTS = 70
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=15)
BODY_SHOWN = 64_000  # characters
HIDDEN = "********"
TASK = "registrations.tasks.post_results"


@dataclass(frozen=True)
class Target:
    """Where results go, and how."""

    url: str
    auth: str = "form"  # form | httpbasic
    user: str = ""
    password: str = ""
    format: str = "course"  # course | activity | full
    is_json: bool = True


def target_of(levels: list[Level]) -> Target | None:
    """What the settings of these levels, general to specific, come to; None where nothing is posted."""
    if not any(level.values.get(URL) for level in levels):
        return None
    said: dict[str, str] = {}
    for level in levels:
        said |= {name: value for name, value in level.values.items() if name in SETTINGS}
    if not said.get(URL):
        return None
    auth, format = said.get(AUTH, "form"), said.get(FORMAT, "course")
    return Target(said[URL], auth, said.get(USER, ""), said.get(PASSWORD, ""), format, said.get(IS_JSON) != "False")


# --- owing ------------------------------------------------------------------------------------------------------------


def owe(instance: Instance, at_once: bool) -> None:
    """Have the results posted if they are wanted anywhere. In the transaction that changes them.

    `instance.version.course.application` and `instance.registration` are at hand. Not `at_once`: with whatever else
    changes within QUIET.
    """
    if instance.registration.is_sandbox:
        return
    target = target_of(instance_levels(instance))
    if target is not None:
        _owe(instance.registration, target, timezone.now() + (timedelta(0) if at_once else QUIET))


def _owe(registration: Registration, target: Target, due: datetime) -> None:
    """Mark the open row of the registration, or make one."""
    open_rows = Postback.objects.filter(registration=registration, due__isnull=False)
    if not open_rows.update(is_outdated=True):
        row = Postback(registration=registration, url=target.url, due=due)
        # another that changes the same registration may have made one a moment ago: that one tells of this as well
        Postback.objects.bulk_create([row], ignore_conflicts=True)
    held = open_rows.values_list("pk", "due", "attempts").first()
    if held is None:
        return
    pk, waits_until, attempts = held
    if waits_until is None:
        return
    # One that a worker has at this moment is due later than QUIET allows, and is followed by another
    is_early = attempts == 0 and due < waits_until <= due + QUIET
    if waits_until == due or (is_early and open_rows.filter(pk=pk, due=waits_until).update(due=due)):
        queue(pk, due)


def queue(pk: int, due: datetime) -> None:
    """Enqueue once the row is there for all to see; what the queue loses, `tasks.sweep` finds."""
    task = import_string(TASK)
    wait = max(0.0, (due - timezone.now()).total_seconds())
    transaction.on_commit(partial(task.apply_async, (pk,), countdown=wait), robust=True)


@transaction.atomic
def send_again(postback: Postback) -> None:
    """Post the results as they are now: one that waits is not waited for, one that is over is followed by another."""
    Registration.objects.select_for_update(no_key=True).get(pk=postback.registration_id)
    open_rows = Postback.objects.filter(registration=postback.registration_id, due__isnull=False)
    now = timezone.now()
    row = Postback(registration_id=postback.registration_id, url=postback.url, due=now)
    if not open_rows.update(due=now, is_outdated=True):
        Postback.objects.bulk_create([row], ignore_conflicts=True)
    for pk in open_rows.values_list("pk", flat=True):
        queue(pk, now)


# --- sending ----------------------------------------------------------------------------------------------------------


def deliver(pk: int) -> float | None:
    """Attempt one that is due; in how many seconds to come back, None where it is over or left to the sweep."""
    now = timezone.now()
    postback = delivering.claim(Postback, pk, now)
    if postback is None:
        return None
    Postback.objects.filter(pk=pk).update(is_outdated=False)  # before the results are read
    instance = _newest(postback.registration_id)
    target = target_of(instance_levels(instance)) if instance is not None else None
    if instance is None or target is None:
        Postback.objects.filter(pk=pk).update(due=None, is_outdated=False)  # nobody wants it any more
        return None
    message = message_of(target, results(instance, FORMATS[target.format]))
    made = delivering.attempt(message, instance.registration.application_id, now)
    if made is None:
        delivering.put_off(postback, now)
        return None
    shown = {"url": target.url, "body": readable(target, message)[:BODY_SHOWN]}
    Postback.objects.filter(pk=pk).update(**shown)
    if is_delivered(made):
        _done(postback, made)
        return None
    is_over = postback.attempts + 1 >= MAX_ATTEMPTS
    wait = None if is_over else delivering.exponential(postback.attempts + 1, FIRST_WAIT, LONGEST_WAIT)
    delivering.note_failure(postback, made, wait)
    return wait.total_seconds() if wait is not None else None


def is_delivered(made: Attempt) -> bool:
    """Anything but 4xx and 5xx counts, a redirect too, which is not followed."""
    return 100 <= made.status < 400


@transaction.atomic
def _done(postback: Postback, made: Attempt) -> None:
    """Over, unless the results changed since they were read: then another follows."""
    now = timezone.now()
    done = {"due": None, "delivered": now, "attempts": postback.attempts + 1, "log": delivering.logged(postback, made)}
    if Postback.objects.filter(pk=postback.pk, is_outdated=False).update(**done):
        return
    Postback.objects.filter(pk=postback.pk).update(is_outdated=False, **done)
    following = Postback(registration_id=postback.registration_id, url=postback.url, due=now)
    Postback.objects.bulk_create([following], ignore_conflicts=True)
    open_rows = Postback.objects.filter(registration=postback.registration_id, due__isnull=False)
    for pk in open_rows.values_list("pk", flat=True):
        queue(pk, now)


def _newest(registration_id: int) -> Instance | None:
    found = Instance.objects.select_related("registration__course", "version__course__application")
    return found.defer("version__structure").filter(registration_id=registration_id).order_by("-number").first()


def message_of(target: Target, document: Document) -> Message:
    """The results as the system at the other end takes them."""
    text = json.dumps(document, ensure_ascii=False) if target.is_json else as_xml(document, target.format)
    kind = "application/json" if target.is_json else "text/xml"
    if target.auth == "httpbasic":
        headers = {"Content-Type": f"{kind}; charset=utf-8"}
        if target.user or target.password:
            login = base64.b64encode(f"{target.user}:{target.password}".encode()).decode()
            headers["Authorization"] = f"Basic {login}"  # RFC 7617
        return Message(target.url, text.encode(), headers)
    fields = {"data": text, "userName": target.user, "password": target.password}
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return Message(target.url, urlencode(fields).encode(), headers)


def readable(target: Target, message: Message) -> str:
    """The body as the log shows it: without the password."""
    body = message.body.decode()
    if target.auth == "httpbasic":
        return body
    return f"{body.rpartition('&password=')[0]}&password={HIDDEN if target.password else ''}"


def send_test(target: Target, tenant: int) -> Attempt:
    """Post invented results once, with no other attempt; `tenant` is the application's primary key."""
    at = timezone.now()
    document = {
        "id": "test-registration",
        "instance": 0,
        "updated": moment(at),
        "registrationCompletion": "COMPLETED",
        "registrationSuccess": "PASSED",
        "score": {"scaled": 100.0},
        "totalSecondsTracked": 60.0,
        "createdDate": moment(at),
        "course": {"id": "test-course", "title": "Test course", "version": 0},
        "learner": {"id": "test-learner", "firstName": "Test", "lastName": "Learner"},
    }
    if target.format != "course":
        document["activityDetails"] = {
            "id": "test-activity",
            "title": "Test course",
            "attempts": 1,
            "activityCompletion": "COMPLETED",
            "activitySuccess": "PASSED",
            "score": {"scaled": 100.0},
            "timeTracked": "0000:01:00",
            "suspended": False,
            "children": [],
        }
    return delivering.attempt(message_of(target, document), tenant, at) or Attempt(at, error=delivering.RESTING)


# --- the XML of the first version of the API --------------------------------------------------------------------------

XML_COMPLETION = {"COMPLETED": "complete", "INCOMPLETE": "incomplete"}


def as_xml(document: Document, format: str) -> str:
    """<registrationreport> as systems made for version 1 read it; the element names are theirs."""
    attributes = {"format": format, "regid": document["id"], "instanceid": str(document["instance"])}
    report = ElementTree.Element("registrationreport", attributes)
    top: Mapping[str, Any] = document.get("activityDetails") or {}
    if top:
        _activity_xml(report, top)
    else:
        _text(report, "complete", XML_COMPLETION.get(document["registrationCompletion"], "unknown"))
        _text(report, "success", document["registrationSuccess"].lower())
        _text(report, "totaltime", f"{document['totalSecondsTracked']:g}")
        _text(report, "score", _xml_score(document))
    return ElementTree.tostring(report, encoding="unicode")


def _activity_xml(parent: ElementTree.Element, activity: Mapping[str, Any]) -> None:
    element = ElementTree.SubElement(parent, "activity", {"id": activity["id"]})
    _text(element, "title", activity.get("title", ""))
    _text(element, "attempts", str(activity["attempts"]))
    _text(element, "complete", XML_COMPLETION.get(activity["activityCompletion"], "unknown"))
    _text(element, "success", activity["activitySuccess"].lower())
    _text(element, "time", activity["timeTracked"])
    _text(element, "score", _xml_score(activity))
    children = ElementTree.SubElement(element, "children")
    for child in activity.get("children", ()):
        _activity_xml(children, child)


def _xml_score(document: Mapping[str, Any]) -> str:
    return f"{document['score']['scaled']:g}" if "score" in document else "unknown"


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    element = ElementTree.SubElement(parent, name)
    element.text = "".join(character for character in text if character.isprintable() or character in "\t\n")
