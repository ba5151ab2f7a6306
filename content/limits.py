"""What a realm may store: its plan's storage limit against what it has and what is on its way in."""

import uuid

from django.db.models import F, Q, Sum

from realms.models import Realm
from realms.templatetags.console import size as in_words

from .errors import OverPlan
from .models import CourseVersion, ImportJob, Upload


def stored_bytes(realm: Realm) -> int:
    """What the realm's courses take, all versions, with those of the realms that share its plan."""
    versions = CourseVersion.objects.filter(_sharing("course__application__realm", realm))
    return versions.aggregate(bytes=Sum(F("archive_size") + F("changed_size")))["bytes"] or 0


def refuse_over_plan(realm: Realm, size: int, besides: uuid.UUID | None = None) -> None:
    """Raise OverPlan where `size` more bytes do not fit. `besides`: the upload or job that the bytes belong to."""
    limit = realm.effective_plan.storage_limit
    if limit is None:
        return
    used = stored_bytes(realm) + _arriving_bytes(realm, besides)
    if used + size > limit:
        raise OverPlan(
            f"This file has {in_words(size)}, but the plan “{realm.effective_plan.name}” allows"
            f" {in_words(limit)} in all and {in_words(used)} are taken or on their way."
            " Delete courses or versions that are not needed, or change to a larger plan."
        )


def _arriving_bytes(realm: Realm, besides: uuid.UUID | None) -> int:
    uploads = Upload.objects.filter(_sharing("application__realm", realm), received__lt=F("length"))
    jobs = ImportJob.objects.filter(
        _sharing("application__realm", realm), state__in=(ImportJob.State.WAITING, ImportJob.State.RUNNING)
    )
    if besides:  # an upload and its job have one id
        uploads, jobs = uploads.exclude(pk=besides), jobs.exclude(pk=besides)
    return (uploads.aggregate(bytes=Sum("length"))["bytes"] or 0) + (jobs.aggregate(bytes=Sum("size"))["bytes"] or 0)


def _sharing(path: str, realm: Realm) -> Q:
    """Rows of every realm that uses the same plan: the one that has it and those linked to it."""
    payer = realm.billing_realm_id or realm.pk
    return Q(**{path: payer}) | Q(**{f"{path}__billing_realm": payer})
