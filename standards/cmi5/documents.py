"""The rules of the documents an AU reads and writes (cmi5 10.1, 10.2.1, 11, 8.1.3, 8.1.4)."""

import json
from collections.abc import Mapping
from typing import Any

from ..xapi.values import is_language_tag
from .errors import Cmi5Violation
from .rules import is_same_agent
from .vocabulary import LAUNCH_DATA, PREFERENCES

READ = ("GET", "HEAD")
_LEARNERS = ("activities/state", "agents/profile", "agents")  # resources that name an agent


def check(
    resource: str, method: str, parameters: Mapping[str, str], actor: Mapping[str, Any], registration: str
) -> None:
    """Raises Cmi5Violation where a request names another learner or registration, or would change the launch data."""
    if resource in _LEARNERS or "agent" in parameters:
        requirement = "11.0.0.0-1" if resource == "agents/profile" else "8.1.3.0-3"
        if not is_same_agent(_read(parameters.get("agent", "")), actor):
            status = 403 if "agent" in parameters else 400
            raise Cmi5Violation(requirement, "The agent is not the actor of the launch", status=status)
    given = parameters.get("registration")
    if given is not None and given.lower() != registration.lower():
        raise Cmi5Violation("8.1.4.0-3", "The registration is not the one of the launch")
    if resource == "activities/state":
        _check_launch_data(method, parameters)


def _check_launch_data(method: str, parameters: Mapping[str, str]) -> None:
    document = parameters.get("stateId")
    if method not in READ and (document == LAUNCH_DATA or (document is None and method == "DELETE")):
        raise Cmi5Violation("10.2.1.0-5", f"An AU may not change or delete {LAUNCH_DATA}")
    if document == LAUNCH_DATA and "registration" not in parameters:
        raise Cmi5Violation("8.1.4.0-3", f"{LAUNCH_DATA} is asked for with its registration")


def is_preferences(resource: str, parameters: Mapping[str, str]) -> bool:
    return resource == "agents/profile" and parameters.get("profileId") == PREFERENCES


def check_preferences(document: object) -> None:
    """Raises Cmi5Violation where it is no document of learner preferences (11)."""
    if not isinstance(document, Mapping):
        raise Cmi5Violation("11.0.0.0-5", "The learner preferences must be a JSON object")
    for name in ("languagePreference", "audioPreference"):
        if not isinstance(document.get(name), str):
            raise Cmi5Violation("11.0.0.0-5", f"The learner preferences must have {name} as a string")
    languages = [tag.strip() for tag in document["languagePreference"].split(",")]
    if not all(map(is_language_tag, languages)):
        raise Cmi5Violation("11.1.0.0-1", "languagePreference must be a list of language tags with commas between them")
    if document["audioPreference"] not in ("on", "off", ""):
        raise Cmi5Violation("11.2.0.0-1", 'audioPreference must be "on" or "off"')


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
