"""The sections of the API that there are."""

from . import (
    account,
    applications,
    assets,
    authentication,
    courses,
    imports,
    instances,
    launching,
    learners,
    registrations,
    system,
    xapi_credentials,
)
from .sections import api

SECTIONS = (
    system.ping,
    system.about,
    authentication.authentication,
    authentication.tokens,
    applications.applications,
    courses.courses,
    imports.imports,
    assets.assets,
    launching.launching,
    launching.launches,
    learners.learners,
    registrations.registrations,
    instances.instances,
    xapi_credentials.credentials,
    account.account,
)
for _section in SECTIONS:
    api.add_router("", _section.router)
