"""Errors a standard raises, in words for the person who can act."""

from .structure import Finding


class PackageError(Exception):
    """A package that cannot work; `finding` says which member breaks which rule."""

    def __init__(self, message: str, code: str = "package-invalid", **details: object) -> None:
        super().__init__(message)
        self.finding = Finding(code=code, message=message, severity="error", **details)  # type: ignore[arg-type]


class RequestError(Exception):
    """A report or request that the state does not allow, such as one about an activity that is not in the tree."""
