"""Celery tasks of accounts: fetch by id, call the worker module."""

from celery import shared_task

from . import mail
from .models import User


@shared_task(autoretry_for=(OSError,), retry_backoff=30, max_retries=8)
def send_welcome(user_id: int) -> None:
    if (user := User.objects.filter(pk=user_id).first()) is not None:
        mail.send_welcome(user)
