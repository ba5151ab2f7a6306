"""The sections of the API that there are."""

from . import authentication, system
from .sections import api

SECTIONS = (
    system.ping,
    system.about,
    authentication.authentication,
    authentication.tokens,
)
for _section in SECTIONS:
    api.add_router("", _section.router)
