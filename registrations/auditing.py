"""What the audit log tells of registrations."""

from typing import Any

from realms import audit
from realms.access import RealmRequest

from .models import Registration


def told(registration: Registration) -> audit.Target:
    """The registration by its id and course, as it can be told when it is gone; its learner is not named."""
    text = f"{registration.registration_id} ({registration.course.title})"[: audit.TEXT_LENGTH]
    return audit.Target("registration", str(registration.pk), text)


def record(
    request: RealmRequest, action: str, registration: Registration, details: dict[str, Any] | None = None
) -> None:
    """Write down what a person did to a registration."""
    application, target = registration.course.application, told(registration)
    audit.record(request, action, realm=request.realm, application=application, target=target, details=details)
