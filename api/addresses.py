"""Which addresses are operations; for whoever sends requests on."""

PREFIX = "/api/v2"
FOR_PEOPLE = (f"{PREFIX}/openapi.json", f"{PREFIX}/reference")  # these are pages


def is_operation(path: str) -> bool:
    return (path == PREFIX or path.startswith(f"{PREFIX}/")) and path not in FOR_PEOPLE
