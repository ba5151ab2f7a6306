"""The audit log: who changed what of a realm, when and from where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Application, AuditEntry, Realm

IMPERSONATOR = "impersonator"  # session key: the id of whoever of the staff acts as the person
SYSTEM = "System"
TEXT_LENGTH, DETAIL_LENGTH, DETAILS_AT_MOST, LIST_AT_MOST = 300, 500, 50, 100

# What is recorded, in words for the page. Whoever records something new names it here.
ACTIONS: dict[str, str | Promise] = {
    "realm.open": _("Realm opened"),
    "realm.rename": _("Realm renamed"),
    "realm.transfer": _("Realm handed over"),
    "realm.close": _("Realm closed"),
    "realm.restore": _("Realm restored"),
    "account.plan": _("Plan changed"),
    "account.overage": _("Overage chosen"),
    "account.address": _("Billing address changed"),
    "account.link_ask": _("Link to a plan asked for"),
    "account.link_accept": _("Link to the plan accepted"),
    "account.link_refuse": _("Link to the plan refused"),
    "account.link_withdraw": _("Link request withdrawn"),
    "account.unlink": _("Realm unlinked"),
    "application.create": _("Application made"),
    "application.rename": _("Application renamed"),
    "application.deleting": _("Delete operations switched"),
    "application.delete": _("Application deleted"),
    "people.invite": _("Person invited"),
    "people.resend": _("Invitation sent again"),
    "people.revoke": _("Invitation revoked"),
    "people.join": _("Person joined"),
    "people.role": _("Role changed"),
    "people.application_role": _("Role in an application changed"),
    "people.leave": _("Person left"),
    "people.remove": _("Person removed"),
    "sign_on.change": _("Single sign-on changed"),
    "sign_on.prove": _("Domain proven"),
    "sign_on.renew": _("Metadata of the identity provider renewed"),
    "audit.export": _("Audit log exported"),
    "application.settings": _("Settings of an application changed"),
    "key.create": _("Secret key made"),
    "key.enable": _("Secret key enabled"),
    "key.disable": _("Secret key disabled"),
    "key.rename": _("Secret key renamed"),
    "key.rotate": _("Secret key rotated"),
    "key.keep": _("End of a secret key taken back"),
    "key.delete": _("Secret key deleted"),
    "pens_key.create": _("PENS key made"),
    "pens_key.delete": _("PENS key deleted"),
    "provider.create": _("Activity provider made"),
    "provider.change": _("Activity provider changed"),
    "provider.enable": _("Activity provider enabled"),
    "provider.disable": _("Activity provider disabled"),
    "provider.delete": _("Activity provider deleted"),
    "statements.import": _("Statements imported"),
    "statements.export": _("Statements exported"),
    "view.share": _("View of the library shared"),
    "view.unshare": _("View of the library no longer shared"),
    "view.delete": _("Shared view of the library deleted"),
    "course.import": _("Import begun"),
    "course.repair": _("Repair begun"),
    "course.rename": _("Course renamed"),
    "course.tags": _("Tags of a course changed"),
    "course.settings": _("Settings of a course changed"),
    "course.version_rule": _("Rule for new versions changed"),
    "course.move": _("Course moved to another application"),
    "courses.export": _("Courses exported"),
    "course.delete": _("Course deleted"),
    "import.retry": _("Import repeated"),
    "import.repair": _("Import repaired"),
    "import.forget": _("Import removed from the list"),
    "version.settings": _("Settings of a version changed"),
    "version.current": _("Current version changed"),
    "version.delete": _("Version deleted"),
    "file.put": _("File added"),
    "file.replace": _("File replaced"),
    "file.delete": _("File deleted"),
    "registration.settings": _("Settings of a registration changed"),
    "registration.restart": _("New instance begun"),
    "registration.reset": _("Registration reset"),
    "registration.waive": _("Activity waived"),
    "registration.abandon": _("Session abandoned"),
    "registration.delete": _("Registration deleted"),
    "webhook.create": _("Webhook endpoint made"),
    "webhook.change": _("Webhook endpoint changed"),
    "webhook.enable": _("Webhook endpoint enabled"),
    "webhook.disable": _("Webhook endpoint disabled"),
    "webhook.secret": _("Signing secret of a webhook endpoint replaced"),
    "webhook.delete": _("Webhook endpoint deleted"),
    "webhook.again": _("Webhook message sent again"),
    "postback.again": _("Results posted again"),
    "registration.clear": _("Registrations cleared"),
    "registration.create": _("Learner registered"),
    "registration.tags": _("Tags of a registration changed"),
    "registration.override": _("Result overridden"),
    "registration.revoke_override": _("Override taken back"),
    "registration.delete_instance": _("Instance deleted"),
    "registration.reset_global_data": _("Global objectives forgotten"),
    "registration.launch_link": _("Launch link made"),
    "registration.launch_as": _("Launched as the learner"),
    "registration.export": _("Registrations exported"),
    "registration.bulk_tag": _("Several registrations tagged"),
    "registration.bulk_untag": _("Tags of several registrations removed"),
    "registration.bulk_reset": _("Several registrations reset"),
    "registration.bulk_delete": _("Several registrations deleted"),
    "registration.bulk_over": _("Change of several registrations finished"),
    "learner.export": _("Personal data gathered"),
    "learner.download": _("Personal data downloaded"),
    "staff.impersonate": _("Staff of the site began to act as a person"),
    "staff.stop": _("Staff of the site ended acting as a person"),
    "learner.tags": _("Tags of learners changed"),
    "learner.update": _("Names of a learner changed"),
    "learner.delete": _("Deletion of a learner asked for"),
}


@dataclass(frozen=True)
class Target:
    """What was changed, as it can be told when it is gone. Take it before a row is deleted."""

    kind: str = ""
    id: str = ""
    text: str = ""

    @classmethod
    def of(cls, thing: Model | str | None) -> "Target":
        if isinstance(thing, Model):
            return cls(thing._meta.model_name or "", str(thing.pk), _clean(str(thing), TEXT_LENGTH))
        return cls(text=_clean(thing or "", TEXT_LENGTH))


def record(
    source: Any,
    action: str,
    *,
    realm: Realm | None,
    application: Application | None = None,
    target: Model | Target | str | None = None,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write down that somebody changed something.

    `source` is the HttpRequest it came by (a person's or one of the API), a User, a text such as "API: Moodle", or
    None: the system itself. `details` are small JSON values without secrets; a change goes as {name: [before, after]}.
    """
    told = target if isinstance(target, Target) else Target.of(target)
    return AuditEntry.objects.create(
        realm=realm,
        app_id=application.app_id if application else "",
        action=action,
        target_kind=told.kind,
        target_id=told.id[:50],
        target_text=told.text,
        details=_plain(details or {}),
        **_actor(source),
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any], secret: Sequence[str] = ()) -> dict[str, Any]:
    """{name: [before, after]} of what is not the same; of secret ones only whether there is one."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {
        name: [_hidden(held.get(name)) if name in secret else held.get(name) for held in (before, after)]
        for name in names
    }


def forget(realm: Realm, kind: str, pk: int) -> None:
    """Let the entries about something tell no more than its number: whom it was about is to be forgotten."""
    found = AuditEntry.objects.filter(target_kind=kind, target_id=str(pk), realm=realm)
    found.update(target_text=f"deleted-{pk}", details={})


def forget_named(application: Application, actions: Sequence[str], name: str) -> None:
    """The same of somebody who is no row, whom the entries of these actions name in a text."""
    found = AuditEntry.objects.filter(realm=application.realm_id, app_id=application.app_id, action__in=actions)
    found.filter(target_text=_clean(name, TEXT_LENGTH)).update(target_text="", details={})


def _hidden(value: Any) -> str | None:
    return "…" if value else None


def _actor(source: Any) -> dict[str, Any]:
    if isinstance(source, HttpRequest):
        sent = {
            "address": visitor_address(source),
            "user_agent": _clean(source.headers.get("User-Agent", ""), TEXT_LENGTH),
        }
        caller = getattr(source, "caller", None)  # of the API: an application by one of its keys
        if caller is not None:
            return {"actor": _clean(f"API: {caller.credential.name}", 254)} | sent
        return _person(getattr(source, "user", None)) | _impersonator(source) | sent
    if isinstance(source, str):
        return {"actor": _clean(source, 254)}
    return _person(source) if source is not None else {"actor": SYSTEM}


def _person(user: Any) -> dict[str, Any]:
    if not getattr(user, "is_authenticated", False):
        return {}
    return {"user_id": user.pk, "actor": user.email, "actor_name": _clean(user.get_full_name(), TEXT_LENGTH)}


def _impersonator(request: HttpRequest) -> dict[str, Any]:
    session = getattr(request, "session", None)
    known = session.get(IMPERSONATOR) if session is not None else None
    staff: Any = get_user_model()._default_manager.filter(pk=known).first() if known else None
    return {"impersonator": staff, "impersonator_email": staff.email} if staff else {}


def visitor_address(request: HttpRequest) -> str | None:
    """The address that asks, behind as many proxies as the site has; None where it is not known."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    address = hops[-proxies] if proxies and len(hops) >= proxies else request.META.get("REMOTE_ADDR") or None
    try:
        return str(ip_address(address)) if address else None
    except ValueError:  # some proxies add a port or say "unknown", and PostgreSQL takes addresses alone
        return None


def _clean(text: str, length: int) -> str:
    return text.replace("\0", "")[:length]


def _plain(value: Any) -> Any:
    """JSON values, none of them long: the log tells what happened and keeps no copy of it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_clean(str(name), 100): _plain(each) for name, each in list(value.items())[:DETAILS_AT_MOST]}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in list(value)[:LIST_AT_MOST]]
    text = _clean(str(value), DETAIL_LENGTH + 1)
    return text if len(text) <= DETAIL_LENGTH else f"{text[:DETAIL_LENGTH]}…"
