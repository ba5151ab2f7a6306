"""Mails to people with an account, sent by the worker."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from realms.models import Realm

from .models import User


def send_welcome(user: User) -> None:
    """Say where to begin: links straight to Add Content and to the dashboard of the person's realm."""
    realm = Realm.objects.get(default_of=user)
    words = {
        "user": user,
        "realm": realm,
        "add_url": on_console(reverse("content:add", args=[realm.slug])),
        "dashboard_url": on_console(reverse("registrations:dashboard", args=[realm.slug])),
    }
    with speaking_to(user):
        text, html = (render_to_string(f"emails/welcome.{kind}", words) for kind in ("txt", "html"))
        message = EmailMultiAlternatives(_("Welcome to SCORM Cloud"), text, to=[user.email])
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
