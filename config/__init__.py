"""The project: settings, the two URL configurations, Celery and WSGI."""

from .celery import app as celery_app

__all__ = ["celery_app"]
