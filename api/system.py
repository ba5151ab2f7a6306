"""Ping and about."""

from django.utils import timezone

from .access import ApiRequest
from .sections import Section, api
from .wire import Wire, moment_text

ping = Section("Ping", "ping")
about = Section("About", "about")


class PingSchema(Wire):
    api_message: str
    current_time: str


class AboutSchema(Wire):
    version: str
    distribution: str


@ping.get("/ping", "pingAppId", PingSchema)
def ping_app_id(request: ApiRequest) -> PingSchema:
    """Tell that the credentials are right."""
    message = f"Hello {request.application.name} ({request.application.app_id})"
    return PingSchema(api_message=message, current_time=moment_text(timezone.now()))


@about.get("/about", "getAbout", AboutSchema)
def get_about(request: ApiRequest) -> AboutSchema:
    """The version of the API, and the name of the application that asks."""
    return AboutSchema(version=api.version, distribution=request.application.name)
