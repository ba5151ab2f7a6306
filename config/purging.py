"""Deleting what was in a realm that was closed and not restored: in pieces, since it may be millions of rows."""

from contextlib import suppress

from django.db import models, transaction
from django.utils import timezone

from content.left_over import remove_what_came_in
from content.models import Course
from content.services import delete_course
from lrs.models import Attachment, Document, Mention, Statement
from realms import usage
from realms.models import (
    Application,
    AuditEntry,
    CountedRegistration,
    Invitation,
    LinkRequest,
    Membership,
    Realm,
    SignOn,
)
from registrations.models import BulkChange, LearnerMemory, Registration

PIECE = 200  # rows deleted in one transaction
MOST_PIECES = 200  # in one run of the task


def due() -> list[int]:
    """The closed realms whose time to be restored is over."""
    rows = Realm.objects.filter(purge_due__lte=timezone.now(), closed__isnull=False, purged=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def purge(realm_id: int) -> bool:
    """Delete what is in the realm; False where a further run has to go on. The realm's name and bills stay.

    The usage ledger stays too: what was counted is charged, but takes no place of a trial any more. Running it twice
    ends as running it once.
    """
    if realm_id not in due():
        return True
    applications = Application.objects.filter(realm=realm_id)
    left = MOST_PIECES
    for rows in (
        Registration.objects.filter(application__in=applications),
        LearnerMemory.objects.filter(application__in=applications),
        *(model.objects.filter(store__application__in=applications) for model in (Mention, Attachment, Statement)),
        Document.objects.filter(store__application__in=applications),
        AuditEntry.objects.filter(realm=realm_id),
        BulkChange.objects.filter(realm=realm_id),
    ):
        left = _delete(rows, left)
        if not left:
            return False
    for course in Course.objects.filter(application__in=applications)[:left]:
        with suppress(Course.DoesNotExist), transaction.atomic():
            delete_course(course)
    if Course.objects.filter(application__in=applications).exists():
        return False
    remove_what_came_in(applications)
    with transaction.atomic():
        usage.clear(CountedRegistration.objects.filter(realm=realm_id))
        applications.delete()
        for model in (Membership, Invitation, SignOn):
            model.objects.filter(realm=realm_id).delete()
        LinkRequest.objects.filter(models.Q(realm=realm_id) | models.Q(payer=realm_id)).delete()
        Realm.objects.filter(pk=realm_id).update(purged=timezone.now(), default_of=None, billing_address="")
    return True


def _delete(rows: models.QuerySet, left: int) -> int:
    """Delete them in pieces; how many pieces may still be deleted in this run."""
    while left and (piece := list(rows.order_by("pk").values_list("pk", flat=True)[:PIECE])):
        with transaction.atomic():
            rows.model._default_manager.filter(pk__in=piece).delete()
        left -= 1
    return left
