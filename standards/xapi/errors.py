"""What is wrong with a statement, and where."""


class StatementError(ValueError):
    """A rule of the specification that a statement or a parameter breaks.

    `path` leads to the value from the outside in: "statements[3].actor.mbox"; "" is the whole. `message` says what is
    wrong with that value, `clause` which rule it breaks.
    """

    def __init__(self, path: str, message: str, clause: str = "") -> None:
        super().__init__(path, message, clause)
        self.path = path
        self.message = message
        self.clause = clause

    def __str__(self) -> str:
        rule = f" (xAPI {self.clause})" if self.clause else ""
        return f"{self.path}: {self.message}{rule}" if self.path else f"{self.message}{rule}"

    def inside(self, step: str) -> "StatementError":
        """This error, seen from the object that holds the value under `step`: a property or "[3]"."""
        self.path = step if not self.path else step + self.path if self.path[0] == "[" else f"{step}.{self.path}"
        return self
