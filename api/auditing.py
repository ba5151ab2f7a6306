"""What applications change by the API is written down in the audit log of their realm."""

from collections.abc import Mapping
from typing import Any

from realms import audit
from realms.configuration import SETTINGS
from realms.models import Application

from .access import ApiRequest

SECRET = [name for name, setting in SETTINGS.items() if setting.is_secret]


def record(
    request: ApiRequest, action: str, target: Any = None, application: Application | None = None, **details: Any
) -> None:
    """Write down what the caller did; `application`: another one than its own, which it manages."""
    of = application or request.application
    audit.record(request, action, realm=request.application.realm, application=of, target=target, details=details)


def record_settings(
    request: ApiRequest, action: str, target: Any, before: Mapping[str, str], after: Mapping[str, str], **more: Any
) -> None:
    """The same of settings: those that are not as before, secret ones without their values."""
    if changed := audit.changes(before, after, SECRET):
        record(request, action, target, **more, **changed)
