"""Celery tasks of accounts: fetch by id, call the worker module."""

from celery import shared_task
from django.conf import settings
from django.db import transaction

from realms.billing import collect
from realms.models import BillingPeriod, Invitation, Invoice
from realms.usage import note_told, periods_to_tell

from . import mail, notices, onboarding
from .models import User

waits_for_mail = shared_task(queue=settings.NETWORK_QUEUE, autoretry_for=(OSError,), retry_backoff=30, max_retries=8)


@waits_for_mail
def send_welcome(user_id: int) -> None:
    if (user := User.objects.filter(pk=user_id).first()) is not None:
        onboarding.send_welcome(user)


@waits_for_mail
def send_invitation(invitation_id: int) -> None:
    if (invitation := Invitation.objects.open().filter(pk=invitation_id).first()) is not None:
        mail.send_invitation(invitation)


@shared_task
def tell_usage(period_id: int, percent: int) -> None:
    """Tell owners once that so much of their plan is used."""
    with transaction.atomic():
        is_news = note_told(period_id, percent)
        if is_news:
            notices.tell_systems(period_id, percent)
    if is_news:
        send_usage.delay(period_id, percent)


@shared_task
def tell_usage_due() -> None:
    """Tell what a lost queue left untold."""
    for period_id, percent in periods_to_tell():
        tell_usage.delay(period_id, percent)


@shared_task
def send_usage(period_id: int, percent: int) -> None:
    if (period := BillingPeriod.objects.filter(pk=period_id).first()) is not None:
        notices.send_usage(period, percent)


@shared_task
def tell_owners(what: str, *about: int) -> None:
    notices.send(what, *about)


@waits_for_mail
def send_notice(user_id: int, subject: str, text: str, html: str) -> None:
    """One of `notices` to one of the owners."""
    if (user := User.objects.filter(pk=user_id, is_active=True).first()) is not None:
        notices.send_one(user, subject, text, html)


@waits_for_mail
def hand_over_invoice(invoice_id: int) -> None:
    """Have the invoice paid by the gateway, then send it: by another task, since money is asked for but once."""
    collect(Invoice.objects.get(pk=invoice_id))
    send_invoice.delay(invoice_id)


@shared_task
def send_invoice(invoice_id: int) -> None:
    notices.send_invoice(Invoice.objects.get(pk=invoice_id))


@shared_task
def send_tips() -> None:
    """Send the mails of the first days that are due."""
    for user_id, kind in onboarding.claim():
        send_tip.delay(user_id, kind)


@waits_for_mail
def send_tip(user_id: int, kind: str) -> None:
    if (user := onboarding.in_need_of(kind).filter(pk=user_id).first()) is not None:
        onboarding.send(user, kind)
