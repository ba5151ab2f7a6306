"""What a realm may store: its plan's limits of bytes and courses against what it has and what is on its way in."""

import uuid

from django.db.models import F, Q, Sum
from django.utils.translation import gettext

from realms.models import Application, Realm
from realms.payers import lock_payer
from realms.templatetags.console import size as in_words

from .errors import OverPlan, TooManyCourses
from .models import Course, CourseVersion, ImportJob, Upload


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
            gettext(
                "This file has %(size)s, but the plan “%(name)s” allows %(limit)s in all and %(used)s are "
                "taken or on their way. Delete courses or versions that are not needed, or change to a "
                "larger plan."
            )
            % {
                "size": in_words(size),
                "name": realm.effective_plan.name,
                "limit": in_words(limit),
                "used": in_words(used),
            }
        )


def refuse_more_courses(application: Application, course_id: str = "") -> None:
    """Raise TooManyCourses where there is no room for a new course. `course_id`: of one that may be there already."""
    realm = application.realm
    limit = realm.effective_plan.course_limit
    if limit is None or (course_id and Course.objects.filter(application=application, course_id=course_id).exists()):
        return
    if course_count(realm) >= limit:
        raise TooManyCourses(_too_many(realm))


def course_count(realm: Realm) -> int:
    """The courses of the realm and of those that share its plan."""
    return Course.objects.filter(_sharing("application__realm", realm)).count()


def hold_to_plan(application: Application, is_new: bool) -> None:
    """Raise OverPlan where what has just been stored is too much: of two at the last free place one is rolled back.

    At the end of the transaction that stores it: others of the plan wait from here on. `is_new`: a course was made.
    """
    plan = application.realm.effective_plan
    if plan.storage_limit is None and plan.course_limit is None:
        return
    realm = Realm.objects.select_related("plan", "billing_realm__plan").get(pk=application.realm_id)
    lock_payer(realm.pk)
    if is_new and plan.course_limit is not None and course_count(realm) > plan.course_limit:
        raise TooManyCourses(_too_many(realm))
    if plan.storage_limit is not None and stored_bytes(realm) > plan.storage_limit:
        raise OverPlan(
            gettext(
                "The plan “%(name)s” allows %(storage_limit)s in all, and another import has taken the last "
                "of it. Delete courses or versions that are not needed, or change to a larger plan."
            )
            % {"name": plan.name, "storage_limit": in_words(plan.storage_limit)}
        )


def _too_many(realm: Realm) -> str:
    plan = realm.effective_plan
    return gettext(
        "The plan “%(name)s” allows %(course_limit)s courses and all of them are there. Delete "
        "courses that are not needed, or change to a larger plan."
    ) % {"name": plan.name, "course_limit": plan.course_limit}


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
