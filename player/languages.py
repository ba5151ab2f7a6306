"""Which language the player speaks."""

from django.conf import settings
from django.utils import translation

from registrations.links import Options
from registrations.models import LaunchRecord


def language_of(launch: LaunchRecord) -> str:
    """The one its link asks for, where the player speaks it; else what the browser asks for."""
    asked = Options.from_json(launch.options).culture.replace("_", "-").lower()
    try:
        return translation.get_supported_language_variant(asked)
    except LookupError:
        return translation.get_language() or settings.LANGUAGE_CODE
