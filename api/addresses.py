"""Which addresses are operations; for whoever sends requests on."""

PREFIX, REALM_PREFIX = "/api/v2", "/api/realm/v1"
FOR_PEOPLE = (f"{PREFIX}/openapi.json", f"{PREFIX}/reference", f"{REALM_PREFIX}/openapi.json")  # these are pages


def is_operation(path: str) -> bool:
    is_below = any(path == each or path.startswith(f"{each}/") for each in (PREFIX, REALM_PREFIX))
    return is_below and path not in FOR_PEOPLE
