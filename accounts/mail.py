"""Mails to people with an account, sent by the worker."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from realms.models import Invitation
from realms.people import token_of

from .models import User


def send_invitation(invitation: Invitation) -> None:
    """Ask somebody to join a realm, in their language where they have an account, else in that of who invites."""
    who = invitation.invited_by
    speaker = User.objects.filter(email=invitation.email).first() or who
    with speaking_to(speaker) if speaker else nullcontext():
        names = {"who": (who.get_full_name() or who.email) if who else "", "realm": invitation.realm.name}
        subject = " ".join((_("Invitation to %(realm)s") % names).split())
        said = _("You are invited to the realm %(realm)s on SCORM Cloud.")
        if who:
            said = _("%(who)s invites you to the realm %(realm)s on SCORM Cloud.")
        url = on_console(reverse("accounts:invitation", args=[token_of(invitation)]))
        words = {"invitation": invitation, "url": url, "subject": subject, "said": said % names}
        text, html = (render_to_string(f"emails/invitation.{kind}", words) for kind in ("txt", "html"))
    message = EmailMultiAlternatives(subject, text, to=[invitation.email])
    message.attach_alternative(html, "text/html")
    message.send()


@contextmanager
def speaking_to(user: User) -> Iterator[None]:
    """Words, dates and times inside are for that person, whoever made the mail go out."""
    with translation.override(user.spoken_language), timezone.override(user.zone):
        yield


def on_console(path: str) -> str:
    """The address of a console page for use outside a request; never made from what a request claims as its host."""
    return f"{settings.CONSOLE_ORIGIN}{path}"
