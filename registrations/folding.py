"""Text without case, as an index keeps it, so that words are found by how they begin."""

from typing import Any

from django.db.models import Func, Q, TextField

LAST = "\U0010ffff"  # no text goes on with anything greater


class Folded(Func):
    """The text in small letters, in the order of its bytes whatever the collation is. SQLite folds ASCII alone."""

    function = "LOWER"
    arity = 1
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='(%(function)s(%(expressions)s) COLLATE "C")', **context)


def ways_folded(text: str) -> set[str]:
    """What a Folded column of this text may hold, in databases that fold all letters or ASCII alone."""
    return {text.lower(), *map(_ascii_lower, (text, text.lower(), text.upper()))}


def begins_with(alias: str, words: str) -> Q:
    """That the Folded column under this alias begins with the words, as a range that an index serves.

    Where the database folds ASCII letters alone, the ways in which people write a name are tried.
    """
    ways = {words, words.lower(), words.upper(), words.title()}
    told = Q()
    for text in {words.lower(), *map(_ascii_lower, ways)}:
        told |= Q(**{f"{alias}__gte": text, f"{alias}__lte": text + LAST})
    return told


def _ascii_lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
