"""The people of a realm: inviting, accepting, changing roles, leaving, removing. Each is written into the audit log."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from . import audit
from .models import Application, ApplicationRole, Invitation, Membership, Realm, Role

SALT = "realms.invitation"
MANAGERS = (Role.OWNER, Role.ADMINISTRATOR)  # who may change the people; access.RIGHTS says the same, and a test
AT_MOST_OPEN = 500  # invitations of a realm that wait for an answer
SENT_AT_MOST_EVERY = timedelta(minutes=1)  # to one address


class PeopleError(Exception):
    """What was asked cannot be done, in words for the member who asked."""


class InvitationError(Exception):
    """The link opens nothing, in words for whoever followed it."""


# --- invitations ------------------------------------------------------------------------------------------------------


def invite(
    request: Any, by: Membership, emails: Sequence[str], role: str, also: Mapping[str, Any] | None = None
) -> int:
    """Invite each address; how many mails go out. Raises PeopleError, and then nobody is invited.

    `also`: `application` and `application_role`, a further role there.
    """
    realm = by.realm
    with transaction.atomic():
        Realm.objects.select_for_update(no_key=True).get(pk=realm.pk)  # two at once are counted
        _refuse_role(_as_now(by), role)
        open_ones = Invitation.objects.open().filter(realm=realm)
        if open_ones.count() + len(emails) > AT_MOST_OPEN:
            raise PeopleError(
                _("%(count)d invitations at most wait for an answer at a time.") % {"count": AT_MOST_OPEN}
            )
        known = set(
            Membership.objects.filter(realm=realm, user__email__in=emails).values_list("user__email", flat=True)
        )
        if known:
            raise PeopleError(_("Already members: %(emails)s.") % {"emails": ", ".join(sorted(known))})
        asked = set(open_ones.filter(email__in=emails).values_list("email", flat=True))
        if asked:
            words = _("Already invited: %(emails)s. You can send the invitation again in the list below.")
            raise PeopleError(words % {"emails": ", ".join(sorted(asked))})
        # what nobody answered in time makes room for a new one
        Invitation.objects.filter(realm=realm, email__in=emails, accepted=None, revoked=None).update(
            revoked=timezone.now()
        )
        for email in emails:
            made = Invitation.objects.create(
                realm=realm,
                email=email,
                role=role,
                invited_by=by.user,
                nonce=_nonce(),
                expires=_expiry(),
                **(also or {}),
            )
            _send(made)
            _record(request, "people.invite", realm, email, {"role": role} | _of_application(made))
    return len(emails)


def resend(request: Any, by: Membership, invitation: Invitation) -> None:
    """Send it anew with a new link; the older one opens nothing any more. Raises PeopleError."""
    with transaction.atomic():
        held = Invitation.objects.select_for_update(of=("self",)).select_related("realm").get(pk=invitation.pk)
        _refuse_role(_as_now(by), held.role)
        if held.accepted or held.revoked:
            raise PeopleError(_("This invitation was answered or revoked meanwhile."))
        if held.sent > timezone.now() - SENT_AT_MOST_EVERY:
            raise PeopleError(_("It was sent a moment ago. Wait a minute before you send it again."))
        held.nonce, held.expires, held.sent = _nonce(), _expiry(), timezone.now()
        held.save(update_fields=["nonce", "expires", "sent"])
        _send(held)
        _record(request, "people.resend", held.realm, held.email)


def revoke(request: Any, by: Membership, invitation: Invitation) -> None:
    """Let its link open nothing from now on. Raises PeopleError."""
    with transaction.atomic():
        held = Invitation.objects.select_for_update(of=("self",)).select_related("realm").get(pk=invitation.pk)
        _refuse_role(_as_now(by), held.role)
        if held.accepted:
            raise PeopleError(_("%(email)s has accepted the invitation already.") % {"email": held.email})
        if held.revoked is None:
            held.revoked = timezone.now()
            held.save(update_fields=["revoked"])
            _record(request, "people.revoke", held.realm, held.email)


def token_of(invitation: Invitation) -> str:
    """What its link carries. The row alone does not give it: it is signed with the site's key."""
    return signing.dumps([invitation.pk, invitation.nonce], salt=SALT)


def read_token(token: str) -> Invitation:
    """The invitation of a link. Raises InvitationError for a link that is not, or not any more, one of ours."""
    try:
        pk, nonce = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise InvitationError(_("This invitation link is not complete. Copy the whole link from the mail.")) from error
    related = ("realm", "invited_by", "application")
    found = Invitation.objects.select_related(*related).filter(pk=pk).first()
    if found is None or found.realm.closed:
        raise InvitationError(_("This invitation does not exist any more."))
    if found.nonce != nonce:
        raise InvitationError(_("A newer invitation was sent to you. Use the link in the newest mail."))
    return found


def refuse_unless_open(invitation: Invitation) -> None:
    """Raises InvitationError where it cannot be accepted any more."""
    if invitation.revoked:
        raise InvitationError(_("This invitation was revoked. Ask for a new one."))
    if invitation.accepted:
        raise InvitationError(_("This invitation has been accepted already."))
    if invitation.expires <= timezone.now():
        raise InvitationError(_("This invitation has expired. Ask for a new one."))


@transaction.atomic
def accept(request: Any, invitation: Invitation, user: Any) -> Membership:
    """Make the person a member as the invitation says. Raises InvitationError.

    Whoever is a member already keeps the role they have: an invitation takes nothing away.
    """
    held = Invitation.objects.select_for_update(of=("self",)).select_related("realm").get(pk=invitation.pk)
    if held.nonce != invitation.nonce:
        raise InvitationError(_("A newer invitation was sent to you. Use the link in the newest mail."))
    refuse_unless_open(held)
    if held.realm.closed:
        raise InvitationError(_("This invitation does not exist any more."))
    membership, is_new = join(held.realm, user, held.role)
    if held.application_id and is_new:
        ApplicationRole.objects.create(
            membership=membership, application_id=held.application_id, role=held.application_role
        )
    held.accepted, held.accepted_by = timezone.now(), user
    held.save(update_fields=["accepted", "accepted_by"])
    _record(request, "people.join", held.realm, user.email, {"role": membership.role} | _of_application(held), user)
    return membership


def join(realm: Realm, user: Any, role: str) -> tuple[Membership, bool]:
    """The person's membership, made with the role where there is none; whether it was made."""
    try:
        with transaction.atomic():
            return Membership.objects.get_or_create(realm=realm, user=user, defaults={"role": role})
    except IntegrityError:
        return Membership.objects.get(realm=realm, user=user), False


def _nonce() -> str:
    return secrets.token_urlsafe(12)


def _expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)


def _send(invitation: Invitation) -> None:
    """Have the mail sent once the transaction is through. The task is above this app."""
    task = import_string(settings.INVITATION_TASK)
    transaction.on_commit(partial(task.delay, invitation.pk), robust=True)


# --- members ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_role(request: Any, by: Membership, member: Membership, role: str) -> None:
    """Raises PeopleError, also for the last owner."""
    held = _locked(by, member)
    _refuse_role(by, role)
    if held.role == role:
        return
    _refuse_last_owner(held, role)
    before, held.role = held.role, role
    held.save(update_fields=["role"])
    _record(request, "people.role", held.realm, held.user.email, {"role": [before, role]})
    withdraw_invitations(request, held)


@transaction.atomic
def set_application_role(request: Any, by: Membership, member: Membership, application: Application, role: str) -> None:
    """Give the member a further role in the application, "" takes it away. Raises PeopleError."""
    held = _locked(by, member)
    if role and role not in ApplicationRole.ROLES:
        raise PeopleError(_("This is no role in an application."))
    if application.realm_id != held.realm_id or application.is_management:
        raise PeopleError(_("No further role can be given in this application."))
    rows = ApplicationRole.objects.filter(membership=held, application=application)
    before = rows.values_list("role", flat=True).first() or ""
    if before == role:
        return
    rows.delete()
    if role:
        ApplicationRole.objects.create(membership=held, application=application, role=role)
    details = {"application": application.name, "role": [before, role]}
    audit.record(
        *(request, "people.application_role"),
        realm=held.realm,
        application=application,
        target=held.user.email,
        details=details,
    )


@transaction.atomic
def remove(request: Any, by: Membership, member: Membership) -> None:
    """End the membership: every page of the realm is closed to the person from now on. Raises PeopleError."""
    held = _locked(by, member)
    if held.pk == by.pk:
        raise PeopleError(_("You cannot remove yourself. Leave the realm instead."))
    _refuse_last_owner(held)
    _record(request, "people.remove", held.realm, held.user.email, {"role": held.role})
    held.role = ""
    withdraw_invitations(request, held)
    held.delete()


@transaction.atomic
def leave(request: Any, member: Membership) -> None:
    """End one's own membership. Raises PeopleError for the last owner."""
    held = _locked(member, member)
    _refuse_last_owner(held)
    _record(request, "people.leave", held.realm, held.user.email, {"role": held.role})
    held.role = ""
    withdraw_invitations(request, held)
    held.delete()


def _locked(by: Membership, member: Membership) -> Membership:
    """The membership, held with its realm until the end of the transaction. Raises PeopleError."""
    Realm.objects.select_for_update(no_key=True).get(pk=member.realm_id)  # owners change one after the other
    fresh = Membership.objects.select_related("realm", "user")
    held, actor = fresh.filter(pk=member.pk).first(), fresh.filter(pk=by.pk).first()
    if held is None or actor is None or held.realm_id != actor.realm_id:
        raise PeopleError(_("This person is no member of the realm any more."))
    if held.pk != actor.pk and actor.role not in MANAGERS:
        raise PeopleError(_("Your role does not allow this any more."))
    if held.role == Role.OWNER and actor.role != Role.OWNER:
        raise PeopleError(_("Only an owner changes or removes an owner."))
    by.role = actor.role
    return held


def _as_now(by: Membership) -> Membership:
    """The membership of who acts as it is by now, not as it was when the request came. Raises PeopleError."""
    fresh = Membership.objects.filter(pk=by.pk).first()
    if fresh is None or fresh.role not in MANAGERS:
        raise PeopleError(_("Your role does not allow this any more."))
    return fresh


def withdraw_invitations(request: Any, held: Membership) -> None:
    """Revoke what the person has sent and could not send with the role that is left, "" for none.

    Else whoever is removed or trusted less comes back by a link to another address of theirs. The realm is locked.
    """
    sent = Invitation.objects.open().filter(realm=held.realm, invited_by=held.user)
    if held.role == Role.OWNER:
        return
    if held.role == Role.ADMINISTRATOR:
        sent = sent.filter(role=Role.OWNER)
    for invitation in sent.select_for_update(of=("self",)):
        invitation.revoked = timezone.now()
        invitation.save(update_fields=["revoked"])
        _record(request, "people.revoke", held.realm, invitation.email)


def _refuse_role(by: Membership, role: str) -> None:
    if role not in Role.values:
        raise PeopleError(_("There is no such role."))
    if role == Role.OWNER and by.role != Role.OWNER:
        raise PeopleError(_("Only an owner makes somebody an owner."))


def _refuse_last_owner(held: Membership, role: str = "") -> None:
    """Raise PeopleError where the realm would be without an owner who can sign in. The realm is locked."""
    if held.role != Role.OWNER or role == Role.OWNER:
        return
    others = Membership.objects.filter(realm=held.realm, role=Role.OWNER, user__is_active=True).exclude(pk=held.pk)
    if not others.exists():
        raise PeopleError(_("A realm has at least one owner. Make somebody else an owner first."))


def _of_application(invitation: Invitation) -> dict[str, str]:
    if invitation.application is None:
        return {}
    return {"application": invitation.application.name, "application_role": invitation.application_role}


def _record(
    request: Any, action: str, realm: Realm, target: str, details: dict[str, Any] | None = None, user: Any = None
) -> None:
    """`user`: who did it, where the request does not know them yet, as at a sign-up."""
    is_known = user is None or getattr(request, "user", None) == user
    audit.record(request if is_known else user, action, realm=realm, target=target, details=details)
