"""Sentences that standards/ and workers wrote in English, for a page in another language.

What an import found is kept as it was said, and the API gives it out so: programs and their authors read English. A
page finds the sentence in the catalog `findings` again, where the places of its values are named, and puts the values
into the translation; a value may itself be such a part. Whatever is in no catalog stays English.
"""

import re
from functools import cache

from django.conf import settings
from django.utils.translation import get_language

from realms.words import words_of

PLACE = re.compile(r"\{(\w+)\}|%\((\w+)\)s")
DEEPEST = 4


def in_language(text: str) -> str:
    """The sentence, or sentences, in the language of the page."""
    return _said(str(text), get_language() or settings.LANGUAGE_CODE, 0)


def _said(text: str, language: str, depth: int) -> str:
    bare = text.strip()
    exact, patterns = _catalog(language)
    if not exact or (depth and " " not in bare) or depth > DEEPEST:
        return text
    found = exact.get(bare)
    if found is None:
        for piece, pattern, translated in patterns:
            match = piece in bare and pattern.fullmatch(bare)
            if match:
                values = {name: _said(value, language, depth + 1) for name, value in match.groupdict().items()}
                found = PLACE.sub(lambda place, values=values: values[place[1] or place[2]], translated)  # type: ignore[misc]
                break
    head, colon, rest = bare.partition(": ")
    if found is None and colon and head in exact:
        found = exact[head] + colon + _said(rest, language, depth + 1)
    return text if found is None else text.replace(bare, found, 1)


@cache
def _catalog(language: str) -> tuple[dict[str, str], list[tuple[str, re.Pattern[str], str]]]:
    """Sentences without values, and those with: the longest piece that must be there, a pattern, the translation.

    What says most of itself is tried first.
    """
    texts = words_of("findings", language)["texts"]
    exact = {text: said for text, said in texts.items() if not PLACE.search(text)}
    named = sorted(set(texts) - set(exact), key=lambda text: -len(PLACE.sub("", text)))
    return exact, [(max(PLACE.sub("\0", text).split("\0"), key=len), _pattern(text), texts[text]) for text in named]


def _pattern(text: str) -> re.Pattern[str]:
    written, end, names = "", 0, set()
    for place in PLACE.finditer(text):
        name = place[1] or place[2]
        written += re.escape(text[end : place.start()]) + (f"(?P={name})" if name in names else f"(?P<{name}>.*?)")
        names.add(name)
        end = place.end()
    return re.compile(written + re.escape(text[end:]), re.DOTALL)
