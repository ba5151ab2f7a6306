"""Exports of what is known of a learner: begun here, gathered by a task of the player, which knows the store too."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from realms.models import Realm

from .models import PersonalExport

KEPT = timedelta(days=7)


@transaction.atomic
def begin_export(realm: Realm, learner_id: str, by: str) -> PersonalExport:
    """Have it gathered. One that is under way already is enough."""
    Realm.objects.select_for_update().get(pk=realm.pk)  # two clicks at once make one
    now = timezone.now()
    held = PersonalExport.objects.filter(realm=realm, learner_id=learner_id, finished=None, expires__gt=now).first()
    if held is not None:
        return held
    made = PersonalExport.objects.create(realm=realm, learner_id=learner_id, by=by, due=now, expires=now + KEPT)
    transaction.on_commit(partial(import_string(settings.PERSONAL_DATA_TASK).delay, str(made.pk)), robust=True)
    return made


def drop_exports(realm: Realm, learner_id: str) -> None:
    """The learner is deleted, and the files with what was known as well."""
    _drop(PersonalExport.objects.filter(realm=realm, learner_id=learner_id))


def drop_expired() -> None:
    _drop(PersonalExport.objects.filter(expires__lte=timezone.now()))


def _drop(exports: QuerySet[PersonalExport]) -> None:
    for each in exports:
        each.delete()
        if each.file:
            transaction.on_commit(partial(default_storage.delete, each.file), robust=True)
