"""What a token may be for: `read`, `write`, `delete`, `admin`, or a verb and a part of the API."""

VERBS = ("read", "write", "delete")
ADMIN = "admin"
_WHOLE = ("course", "dispatch", "invitation", "registration", "xapicredential", "xapipipe", "appmgmt")

SCOPES = (
    *VERBS,
    ADMIN,
    *(f"{verb}:{resource}" for resource in _WHOLE for verb in VERBS),
    "read:ping",
    "read:about",
    "read:reporting",
    "read:learner",
    "write:learner",
)


def any_of(verb: str, resource: str) -> tuple[str, ...]:
    """The scopes of which one is enough. `admin` is not among them: the description asks for it where nothing else will
    do, to delete a learner's data.
    """
    return verb, f"{verb}:{resource}"
