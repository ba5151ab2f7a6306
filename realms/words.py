"""The words of browser scripts, from their own catalogs: `djangojs` for the console's, `player` for the player's."""

import gettext
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, to_locale


@cache
def words_of(domain: str, language: str) -> dict[str, Any]:
    """`texts`: by the English one the text in that language, or its forms for one and for more."""
    texts: dict[str, Any] = {}
    for folder in settings.LOCALE_PATHS:
        found = gettext.translation(domain, folder, [to_locale(language)], fallback=True)
        for key, text in getattr(found, "_catalog", {}).items():
            if isinstance(key, tuple):
                texts.setdefault(key[0], []).append(text)  # they come in their order
            elif key:
                texts[key] = text
    return {"language": language, "texts": texts}


def told_by_player(text: str) -> str:
    """What the player says to learners, in the language of the page."""
    found = words_of("player", get_language() or settings.LANGUAGE_CODE)["texts"].get(text, text)
    return str(found)
