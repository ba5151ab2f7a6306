"""Deletes all personal data of a learner in an application: in pieces, since it may be much."""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from lrs import forgetting as statements
from realms import audit, usage
from realms.models import Realm
from registrations import personal
from registrations.learners import NAMED
from registrations.models import Erasure, LearnerMemory, LearnerTag, Registration
from registrations.services import delete_registration
from standards.xapi.identity import agent_key
from webhooks import services as webhooks

from .actors import agents_of

PIECES = 100  # of one run: registrations, transactions of statements
CLAIM = timedelta(minutes=10)  # in which no other worker takes it; a run is over long before


def left_behind() -> list[int]:
    """What the queue lost, or a worker died over."""
    return list(Erasure.objects.filter(due__lte=timezone.now()).values_list("pk", flat=True)[:PIECES])


def forget(erasure_id: int) -> bool:
    """Delete what there is of the learner; False where a further run has to go on. Twice ends as once."""
    now = timezone.now()
    if not Erasure.objects.filter(pk=erasure_id, due__lte=now).update(due=now + CLAIM):
        return True
    erasure = Erasure.objects.select_related("application__realm").get(pk=erasure_id)
    agents = {agent_key(each) for each in agents_of(erasure.application, erasure.learner_id, erasure.emails)}
    is_done = _registrations(erasure) and statements.forget(erasure.application_id, agents, PIECES)
    if not is_done:
        Erasure.objects.filter(pk=erasure_id).update(due=now)
        return False
    of = {"application": erasure.application_id, "learner_id": erasure.learner_id}
    said = json.dumps(erasure.learner_id)
    webhooks.forget(erasure.application_id, (f'"learner":{{"id":{said},', f'"learner":{{"id":{said}}}'))
    with transaction.atomic():
        LearnerMemory.objects.filter(**of).delete()
        LearnerTag.objects.filter(**of).delete()
        personal.drop_exports(erasure.application.realm, erasure.learner_id)  # what was begun meanwhile
        audit.forget_named(erasure.application, NAMED, erasure.learner_id)
        return bool(Erasure.objects.filter(pk=erasure_id, asked=erasure.asked).delete()[0]) or _again(erasure_id, now)


def _again(erasure_id: int, now: datetime) -> bool:
    """It was asked for once more meanwhile."""
    Erasure.objects.filter(pk=erasure_id).update(due=now)
    return False


def _registrations(erasure: Erasure) -> bool:
    """First, so that no content reports any more: with instances, launches, logs and postbacks."""
    rows = Registration.objects.filter(application=erasure.application_id, learner_id=erasure.learner_id)
    rows = rows.filter(created__lte=erasure.asked).order_by("pk")
    for registration in rows[:PIECES]:
        _delete(registration, erasure.application.realm)
    return not rows.exists()


@transaction.atomic
def _delete(registration: Registration, realm: Realm) -> None:
    usage.forget([registration.pk])
    audit.forget(realm, "registration", registration.pk)
    try:
        delete_registration(registration)
    except Registration.DoesNotExist:  # somebody else has deleted it
        return
