"""The sections of the API that there are."""

from . import applications, assets, authentication, courses, imports, system
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
)
for _section in SECTIONS:
    api.add_router("", _section.router)
