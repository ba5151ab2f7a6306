"""adlcp:prerequisites of type aicc_script (SCORM 1.2 CAM 2.3.2.5.1; AICC CMI001 Prerequisites, appendix A).

Operators: `&` and, `|` or, `~` not, `=` equal, `<>` not equal to a status, `n*{a,b,c}` at least n of a set,
parentheses.
An identifier alone is true once its activity is completed or passed. Authors also write AND, OR and NOT, which the
book does not know: outside quotes they are read as the operators they mean.
"""

import re
from collections.abc import Callable, Iterator

DEEPEST = 100  # parentheses and negations inside each other
TOKEN = re.compile(r"\s*(?:(<>|[&|~=(){},*])|\"([^\"]*)\"|([^\s&|~=<>(){},*\"]+))")
WORDS = {"AND": "&", "OR": "|", "NOT": "~"}
STATUSES = {"p": "passed", "c": "completed", "f": "failed", "i": "incomplete", "b": "browsed", "n": "not attempted"}


def is_satisfied(expression: str, status_of: Callable[[str], str]) -> bool:
    """Whether the prerequisites hold; `status_of` gives the lesson_status of an identifier.

    Raises ValueError where the expression cannot be read.
    """
    if not expression.strip():
        return True
    parser = _Parser(expression, status_of)
    result = parser.disjunction()
    if parser.word is not None:
        raise ValueError(f"Unexpected {parser.word!r} in the prerequisites {expression!r}")
    return result


def identifiers(expression: str) -> set[str]:
    """The identifiers an expression names. Raises ValueError where it cannot be read."""
    found: set[str] = set()

    def look(identifier: str) -> str:
        found.add(identifier)
        return ""

    is_satisfied(expression, look)
    return found


class _Parser:
    """Recursive descent; every operand is evaluated, so that an expression is read to its end."""

    def __init__(self, expression: str, status_of: Callable[[str], str]) -> None:
        self.expression = expression
        self.status_of = status_of
        self.depth = 0
        self.words = self._read()
        self.word: str | None = next(self.words, None)

    def _read(self) -> Iterator[str]:
        at = 0
        text = self.expression.rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None:
                raise ValueError(f"Cannot read the prerequisites {self.expression!r} at {text[at : at + 20]!r}")
            at = match.end()
            yield match[1] or match[2] or WORDS.get(match[3] or "", match[3] or "")

    def take(self, expected: str = "") -> str:
        if self.word is None or (expected and self.word != expected):
            raise ValueError(f"Expected {expected or 'an identifier'} in the prerequisites {self.expression!r}")
        taken = self.word
        self.word = next(self.words, None)
        return taken

    def disjunction(self) -> bool:
        result = self.conjunction()
        while self.word == "|":
            self.take()
            operand = self.conjunction()
            result = result or operand
        return result

    def conjunction(self) -> bool:
        result = self.operand()
        while self.word == "&":
            self.take()
            operand = self.operand()
            result = result and operand
        return result

    def operand(self) -> bool:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError(f"Too many parentheses in the prerequisites {self.expression[:80]!r}")
        result = self.statement()
        self.depth -= 1
        return result

    def statement(self) -> bool:
        if self.word == "~":
            self.take()
            return not self.operand()
        if self.word == "(":
            self.take()
            result = self.disjunction()
            self.take(")")
            return result
        if self.word in ("&", "|", "=", "<>", ")", "{", "}", ",", "*"):
            raise ValueError(f"Unexpected {self.word!r} in the prerequisites {self.expression!r}")
        name = self.take()
        if self.word == "*":
            self.take()
            return self.set_of(name)
        if self.word in ("=", "<>"):
            equal = self.take() == "="
            wanted = self.take().lower()
            status = self.status_of(name)
            return (status == STATUSES.get(wanted[:1], wanted)) == equal
        return self.status_of(name) in ("completed", "passed")

    def set_of(self, count: str) -> bool:
        if not count.isdigit():
            raise ValueError(f"{count!r} is no count in the prerequisites {self.expression!r}")
        self.take("{")
        held = [self.disjunction()]
        while self.word == ",":
            self.take()
            held.append(self.disjunction())
        self.take("}")
        return sum(held) >= int(count)
