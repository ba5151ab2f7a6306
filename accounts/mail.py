"""Mails to people with an account, sent by the worker."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

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
    message = EmailMultiAlternatives(
        "Welcome to SCORM Cloud", render_to_string("emails/welcome.txt", words), to=[user.email]
    )
    message.attach_alternative(render_to_string("emails/welcome.html", words), "text/html")
    message.send()


def on_console(path: str) -> str:
    """The address of a console page for use outside a request; never made from what a request claims as its host."""
    return f"{settings.CONSOLE_ORIGIN}{path}"
