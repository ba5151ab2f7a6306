"""The mails of the first days: each once, to people who have not done the step it is about, until they want none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from realms.models import Membership, Realm, Role

from .mail import on_console, speaking_to
from .models import Tip, User

FIRST_DAYS = timedelta(days=30)  # whoever has been here longer is left alone
PATIENCE = timedelta(days=2)  # without a course
SALT = "accounts.tips"
BATCH = 500  # people of a sweep and kind; the next sweep takes the rest


@dataclass(frozen=True)
class Words:
    """What a mail says, and the page where the next step is done."""

    subject: str
    paragraphs: Sequence[str]
    action: str
    url: str


def due(kind: str, now: datetime) -> QuerySet[User]:
    """Whoever is to get that mail now."""
    people = in_need_of(kind).filter(date_joined__gte=now - FIRST_DAYS)
    if kind == Tip.Kind.NO_COURSE:
        people = people.filter(date_joined__lte=now - PATIENCE)
    return people.filter(~Exists(Tip.objects.filter(user=OuterRef("pk"), kind=kind)))


def in_need_of(kind: str) -> QuerySet[User]:
    """Whoever wants tips and has not done the step that the mail is about, in any realm where they work."""
    people = User.objects.filter(is_active=True, wants_tips=True)
    people = people.filter(default_realm__isnull=False, default_realm__closed=None)
    has_course = Q(applications__courses__isnull=False)
    if kind == Tip.Kind.NO_COURSE:
        is_importing = Q(applications__import_jobs__state__in=("waiting", "running"))
        return people.filter(~_works_where(has_course), ~_works_where(is_importing))
    if kind == Tip.Kind.FIRST_IMPORT:
        has_launched = Q(applications__registrations__first_access__isnull=False)
        return people.filter(_owns_where(has_course), ~_works_where(has_launched))
    has_result = _owns_where(
        Q(applications__registrations__completion="completed")
        | Q(applications__registrations__success__in=("passed", "failed"))
    )
    return people.filter(has_result, ~_works_where(Q(applications__registrations__is_sandbox=False)))


def _owns_where(condition: Q) -> Exists:
    """In the person's default realm, to which the mails lead."""
    return Exists(Realm.objects.filter(condition, default_of=OuterRef("pk")))


def _works_where(condition: Q) -> Exists:
    """In any realm of theirs but those where they only learn."""
    mine = Membership.objects.filter(user=OuterRef(OuterRef("pk"))).exclude(role=Role.LEARNER)
    return Exists(Realm.objects.filter(condition, pk__in=mine.values("realm")))


def claim(now: datetime | None = None) -> list[tuple[int, str]]:
    """Note the mails that are due as sent, and return whom to send which: two sweeps at once claim each but once."""
    claimed = []
    for kind in Tip.Kind.values:
        for user_id in due(kind, now or timezone.now()).order_by("pk").values_list("pk", flat=True)[:BATCH]:
            _tip, is_new = Tip.objects.get_or_create(user_id=user_id, kind=kind)
            if is_new:
                claimed.append((user_id, kind))
    return claimed


def send_welcome(user: User) -> None:
    """Say where to begin: links straight to Add Content and to the dashboard of the person's realm."""
    realm = Realm.objects.get(default_of=user)
    words = {
        "user": user,
        "realm": realm,
        "add_url": on_console(reverse("content:add", args=[realm.slug])),
        "dashboard_url": on_console(reverse("registrations:dashboard", args=[realm.slug])),
        "unsubscribe_url": unsubscribe_url(user),
    }
    with speaking_to(user):
        subject = _("Welcome to SCORM Cloud")
        text, html = (render_to_string(f"emails/welcome.{form}", words) for form in ("txt", "html"))
    _send(user, subject, text, html)


def send(user: User, kind: str) -> None:
    """Send it, with a way out that mail programs offer as a button (RFC 8058) and people find at the end."""
    realm = Realm.objects.get(default_of=user)
    with speaking_to(user):
        notice = _words(kind, realm)
        off_url = unsubscribe_url(user)
        words = {"user": user, "notice": notice, "url": notice.url, "unsubscribe_url": off_url}
        text, html = (render_to_string(f"emails/notice.{form}", words) for form in ("txt", "html"))
    _send(user, notice.subject, text, html)


def _send(user: User, subject: str, text: str, html: str) -> None:
    message = EmailMultiAlternatives(subject, text, to=[user.email], headers=unsubscribe_headers(user))
    message.attach_alternative(html, "text/html")
    message.send()


def _words(kind: str, realm: Realm) -> Words:
    if kind == Tip.Kind.NO_COURSE:
        return Words(
            _("Your first course takes a minute"),
            (
                _("Your realm has no course yet. Upload a package as your authoring tool exports it."),
                _("Nothing at hand? The dashboard adds a sample course with one click."),
            ),
            _("Add Content"),
            on_console(reverse("content:add", args=[realm.slug])),
        )
    if kind == Tip.Kind.FIRST_IMPORT:
        course = realm.applications.filter(courses__isnull=False).values_list("courses__pk", flat=True)
        return Words(
            _("Your first course is here: try it out"),
            (
                _("Launch it in the sandbox to see it as a learner does, and every call it makes."),
                _("Sandbox registrations are never charged, and you can launch as often as you like."),
            ),
            _("Open the course"),
            on_console(reverse("registrations:course", args=[realm.slug, course.order_by("courses__pk")[0]])),
        )
    return Words(
        _("Your first result is in: let learners in"),
        (
            _("A course has reported a result. Everything it told is on the registration's page."),
            _("Next, let your own system register learners: make a secret key for it on the Applications page."),
        ),
        _("Open the applications"),
        on_console(reverse("realms:applications", args=[realm.slug])),
    )


# --- wanting none -----------------------------------------------------------------------------------------------------


def unsubscribe_url(user: User) -> str:
    """Never expires: a mail may be read years later."""
    return on_console(reverse("accounts:unsubscribe", args=[signing.dumps(user.pk, salt=SALT)]))


def unsubscribe_headers(user: User) -> dict[str, str]:
    """RFC 8058: mail programs post to the address without asking anything more."""
    return {
        "List-Unsubscribe": f"<{unsubscribe_url(user)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def reader_of(token: str) -> User | None:
    """Whom a link to unsubscribe was made for; None where it is forged or the account is gone."""
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()
