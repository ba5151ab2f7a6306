"""What only owners do to a realm as a whole: open another, hand it over, close and restore it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from . import people
from .links import link
from .models import LinkRequest, Membership, Realm, Role
from .payers import lock
from .plans import PlanError, end_period, keep_record, take_up, tell_owners
from .services import open_realm

MOST_OWNED = 50  # realms a person opens; more are for the staff of the site to allow


class RealmError(Exception):
    """What was asked of a realm cannot be done, in words for the owner."""


@transaction.atomic
def open_another(user: Any, name: str, payer: Realm | None = None) -> Realm:
    """Make a further realm of the person's, on the trial plan or on that of a realm they own. Raises RealmError."""
    get_user_model()._default_manager.select_for_update().get(pk=user.pk)  # two clicks at once are counted
    if Membership.objects.filter(user=user, role=Role.OWNER, realm__closed=None).count() >= MOST_OWNED:
        raise RealmError(
            gettext("You own %(most_owned)s realms already, which is as many as a person may open.")
            % {"most_owned": MOST_OWNED}
        )
    realm = open_realm(user, name)
    if payer is not None:
        try:
            link(realm, payer, user)
        except PlanError as error:
            raise RealmError(str(error)) from error
    return realm


@transaction.atomic
def transfer(realm: Realm, to: Membership, by: Membership, *, leaves: bool) -> None:
    """Make a member the owner in place of another, who becomes administrator or leaves. Raises RealmError."""
    Realm.objects.select_for_update(no_key=True).get(pk=realm.pk)
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    found = rows.filter(realm=realm, pk__in=(to.pk, by.pk)).order_by("pk")
    held = {membership.pk: membership for membership in found}
    if to.pk not in held or to.pk == by.pk:
        raise RealmError(gettext("Choose another member of the realm."))
    if not held[to.pk].user.is_active:
        raise RealmError(gettext("This person's account is switched off. Choose somebody who can sign in."))
    if by.pk not in held or held[by.pk].role != Role.OWNER:
        raise RealmError(gettext("Only an owner can hand the realm over."))
    held[to.pk].role = Role.OWNER
    held[to.pk].save(update_fields=["role"])
    before = held[by.pk]
    before.role = "" if leaves else Role.ADMINISTRATOR
    people.withdraw_invitations(before.user, before)
    if leaves:
        before.delete()
    else:
        before.save(update_fields=["role"])
    tell_owners("transferred", realm.pk)


@transaction.atomic
def close(realm: Realm, by: Any) -> Realm:
    """Close it: nothing is launched, called or imported any more; owners can restore it for a time. Raises RealmError.

    The running period ends and is charged. Once the time is over, a task deletes everything in it.
    """
    locked = lock([realm.pk])[realm.pk]
    if locked.closed:
        raise RealmError(gettext("%(locked)s is closed already.") % {"locked": locked})
    if locked.linked.filter(purged=None).exists():
        raise RealmError(gettext("Other realms use the plan of %(locked)s. Unlink them first.") % {"locked": locked})
    now = timezone.now()
    if locked.billing_realm_id is None:
        end_period(locked, now)
    waiting = LinkRequest.objects.filter(state=LinkRequest.State.WAITING)
    for requests in (waiting.filter(realm=locked), waiting.filter(payer=locked)):
        requests.update(state=LinkRequest.State.WITHDRAWN, answered=now)
    locked.closed, locked.purge_due = now, now + timedelta(days=settings.REALM_GRACE_DAYS)
    locked.save(update_fields=["closed", "purge_due"])
    tell_owners("closed", locked.pk)
    return locked


@transaction.atomic
def restore(realm: Realm, by: Any) -> Realm:
    """Open a closed realm again with all it had; a plan that costs something begins anew. Raises RealmError."""
    locked = lock([realm.pk])[realm.pk]
    if locked.closed is None:
        raise RealmError(gettext("%(locked)s is not closed.") % {"locked": locked})
    if locked.purged or locked.purge_due is None or locked.purge_due <= timezone.now():
        raise RealmError(
            gettext("%(locked)s was closed too long ago: what was in it is being deleted.") % {"locked": locked}
        )
    now = timezone.now()
    locked.closed = locked.purge_due = None
    if locked.billing_realm_id is None:
        take_up(locked, now)
    locked.save(update_fields=["closed", "purge_due", "plan_since"])
    keep_record(locked, now, by)
    tell_owners("restored", locked.pk)
    return locked
